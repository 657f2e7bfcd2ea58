// Short notes at the edge of the page: what went wrong, and what happened elsewhere.

import { h, iconButton } from "/static/dom.js";
import { say } from "/static/language.js";

const SHOWN_MS = 9000;

/** Show a note; `action`, if given, is a [label, function] that the note offers. */
export function toast(text, action) {
  const note = h("div", { class: "toast" }, h("span", null, text),
    action && h("button", { type: "button", onclick: () => { note.remove(); action[1](); } }, action[0]),
    iconButton("close", say("Dismiss"), () => note.remove()));
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), SHOWN_MS);
}

/** Run something that may fail, and show its failure as a note; gives undefined then. */
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    toast(error.message);
    return undefined;
  }
}
