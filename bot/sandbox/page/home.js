// The bot's App Home, beside its direct messages.

import { fill, h } from "/static/dom.js";
import { ViewForm } from "/static/form.js";
import { say } from "/static/language.js";
import { workspace } from "/static/workspace.js";

const form = new ViewForm();
let shown = null;

/** Draw the home view that the app published for this person. */
export function drawHome(node) {
  const view = workspace.home;
  if (view && view === shown && node.contains(form.node)) return;
  shown = view;
  if (!view) {
    fill(node, h("section", { class: "hint-card" }, h("h2", null, say("There is no home page yet")),
      h("p", null, say("Apps publish it when somebody opens this tab."))));
    return;
  }
  form.show(view);
  fill(node, h("div", { class: "home", data: { viewId: view.id } }, form.node));
}
