// The question before a button with a `confirm` object does its work.

import { h } from "/static/dom.js";
import { say } from "/static/language.js";
import { textObject } from "/static/mrkdwn.js";

/** Ask; gives true only when the person agreed. */
export function confirmed({ title, text, confirm, deny, style }) {
  return new Promise((resolve) => {
    const dialog = h("dialog", { class: "confirm", "aria-label": title?.text },
      h("form", { method: "dialog" }, h("h2", null, textObject(title)), h("p", { class: "text" }, textObject(text)),
        h("footer", null, h("button", { class: "button", value: "no" }, textObject(deny ?? { text: say("Cancel") })),
          h("button", { class: `button ${style ?? "primary"}`, value: "yes" }, textObject(confirm ?? { text: say("Yes") })))));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
