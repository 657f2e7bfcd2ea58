// Small tools to build DOM nodes. Text only ever enters the page as text nodes; nothing here parses HTML.

const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "multiple", "selected", "playsInline"]);

/** Create an element: attributes by name, `on…` as listeners, `data` as data-attributes; null children are skipped. */
export function h(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) assign(node, name, value);
  node.append(...present(children));
  return node;
}

function assign(node, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name === "data") Object.assign(node.dataset, value);
  else if (PROPERTIES.has(name)) node[name] = value;
  else node.setAttribute(name, value === true ? "" : String(value));
}

/** Flatten children and drop the absent ones. */
export function present(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/** Replace everything inside a node. */
export function fill(node, ...children) {
  node.replaceChildren(...present(children));
}

const PATHS = {
  attach: "M20 11.5 12 19.5a5 5 0 0 1-7-7l8.5-8.5a3.4 3.4 0 0 1 4.8 4.8l-8.4 8.4a1.7 1.7 0 0 1-2.4-2.4l7.6-7.6",
  at: "M16 12a4 4 0 1 0-4 4 4 4 0 0 0 4-4zm0 0v1.500a2.500 2.500 0 0 0 5 0V12a9 9 0 1 0-3.600 7.200",
  slash: "M16 4 8 20M4 4h16v16H4z",
  send: "M4 12 4.800 5 20.500 12 4.800 19zM4.500 12H12",
  smile: "M12 21a9 9 0 1 0-9-9 9 9 0 0 0 9 9zM8.500 14a4 4 0 0 0 7 0M9 9.500v.5M15 9.500v.5",
  reply: "M20 12a8 7.500 0 0 1-11.500 6.700L4 20l1.300-4A7.500 7.500 0 1 1 20 12zM9 12h6",
  more: "M12 6v.01M12 12v.01M12 18v.01",
  close: "M6 6l12 12M18 6 6 18",
  menu: "M4 7h16M4 12h16M4 17h16",
  lock: "M7 11V8a5 5 0 0 1 10 0v3M6 11h12v9H6z",
  hash: "M9 4 7 20M17 4l-2 16M4 9h17M3 15h17",
  file: "M7 3h7l5 5v13H7zM14 3v5h5",
  download: "M12 4v11M7.500 11 12 15.500 16.500 11M5 20h14",
  eye: "M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12zM12 14.500a2.500 2.500 0 1 0-2.500-2.500 2.500 2.500 0 0 0 2.500 2.500z",
  back: "M14 6l-6 6 6 6",
};

/** Draw one of the page's line icons; it is decoration, so name the button that holds it. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** Make a button that shows an icon and is read aloud, and explained on hover, by its label. */
export function iconButton(name, label, onclick, attributes = {}) {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...attributes },
    icon(name));
}

/** Say whether a link may be followed from this page; anything but web and mail addresses stays text. */
export function isSafeLink(url) {
  try {
    return ["http:", "https:", "mailto:"].includes(new URL(url).protocol);
  } catch {
    return false;
  }
}
