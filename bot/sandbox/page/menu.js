// Pop-up menus and the palette of reactions. The browser's popover closes them on Escape and on a click elsewhere.

import { h } from "/static/dom.js";
import { emoji, PALETTE } from "/static/emoji.js";
import { say } from "/static/language.js";

/** Open a menu of [label, action] entries below or above a button. */
export function openMenu(anchor, entries) {
  const items = entries.map(([label, action, isDanger]) =>
    h("button", { type: "button", role: "menuitem", class: isDanger ? "danger" : null, onclick: () => choose(popup, action) }, label));
  const popup = h("div", { class: "menu", role: "menu", popover: "auto" }, items);
  show(anchor, popup);
}

/** Open the palette of reactions; `choice` gets the emoji's name. */
export function openPalette(anchor, choice) {
  const items = PALETTE.map((name) =>
    h("button", { type: "button", role: "menuitem", "aria-label": name.replaceAll("_", " "), title: `:${name}:`,
      data: { emoji: name }, onclick: () => choose(popup, () => choice(name)) }, emoji(name)));
  const popup = h("div", { class: "menu palette", role: "menu", "aria-label": say("Reactions"), popover: "auto" }, items);
  show(anchor, popup);
}

function choose(popup, action) {
  popup.hidePopover();
  action();
}

function show(anchor, popup) {
  document.body.append(popup);
  popup.addEventListener("toggle", (event) => {
    if (event.newState === "closed") popup.remove();
  });
  popup.addEventListener("keydown", (event) => walk(event, popup));
  popup.showPopover();
  place(anchor.getBoundingClientRect(), popup);
  popup.firstElementChild?.focus();
  popup.addEventListener("toggle", (event) => event.newState === "closed" && anchor.isConnected && anchor.focus());
}

function place(anchor, popup) {
  const gap = 4;
  const left = Math.min(anchor.left, innerWidth - popup.offsetWidth - 8);
  const below = anchor.bottom + gap + popup.offsetHeight < innerHeight;
  popup.style.left = `${Math.max(8, left)}px`;
  popup.style.top = `${below ? anchor.bottom + gap : Math.max(8, anchor.top - gap - popup.offsetHeight)}px`;
}

const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

function walk(event, popup) {
  const step = STEPS[event.key];
  if (!step) return;
  event.preventDefault();
  const items = [...popup.children];
  const next = items.indexOf(document.activeElement) + step;
  items.at(next % items.length)?.focus();
}
