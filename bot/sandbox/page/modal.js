// Modals: opened, changed and closed by the app; submitted or closed by the person. Pushed views lie on a stack.

import { closeView, submitView } from "/static/api.js";
import { fill, h, iconButton } from "/static/dom.js";
import { ViewForm } from "/static/form.js";
import { say } from "/static/language.js";
import { textObject } from "/static/mrkdwn.js";
import { attempt, toast } from "/static/toast.js";

const stack = []; // of Modal, the visible one last

/** Show a view that the app opened or pushed. */
export function openView(view) {
  const known = stack.find((modal) => modal.view.id === view.id);
  if (known) known.show(view);
  else stack.push(new Modal(view));
}

/** Show the new form of a view. */
export function updateView(view) {
  stack.find((modal) => modal.view.id === view.id)?.show(view);
}

/** Take a view away that ended elsewhere. */
export function dropView(id) {
  stack.find((modal) => modal.view.id === id)?.leave();
}

/** Take everything away: the page now belongs to another person. */
export function dropAllViews() {
  [...stack].forEach((modal) => modal.leave());
}

class Modal {
  constructor(view) {
    this.form = new ViewForm();
    this.title = h("h2");
    this.problem = h("p", { class: "problem", role: "alert", hidden: true });
    this.footer = h("footer");
    this.dialog = h("dialog", { class: "modal", data: { viewId: view.id } },
      h("form", { novalidate: true, onsubmit: (event) => { event.preventDefault(); this.submit(); } },
        h("header", null, this.title, iconButton("close", say("Close"), () => this.close())),
        h("div", { class: "modal-body" }, this.problem, this.form.node), this.footer));
    this.dialog.addEventListener("cancel", (event) => { event.preventDefault(); this.close(); });
    this.show(view);
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.form.node.querySelector("input, textarea, select")?.focus();
  }

  /** Draw the view, at first and again after a change. */
  show(view) {
    this.view = view;
    fill(this.title, textObject(view.title));
    this.dialog.setAttribute("aria-label", view.title?.text ?? say("Form"));
    this.form.show(view);
    this.send = view.submit && h("button", { type: "submit", class: "button primary", data: { view: "submit" } }, textObject(view.submit));
    const close = h("button", { type: "button", class: "button", data: { view: "close" }, onclick: () => this.close() },
      view.close ? textObject(view.close) : say("Cancel"));
    fill(this.footer, close, this.send);
  }

  async submit() {
    if (!this.send || this.send.disabled) return;
    const errors = this.form.check();
    this.complain(errors);
    if (Object.keys(errors).length) return;
    const { state, files } = this.form.read();
    const button = this.send;
    button.disabled = true;
    const answer = await attempt(() => submitView(this.view.id, state, files));
    button.disabled = false;
    if (answer?.errors) this.complain(answer.errors);
    else if (answer?.closed) this.leave();
  }

  complain(errors) {
    const elsewhere = this.form.complain(errors);
    fill(this.problem, elsewhere.join(" "));
    this.problem.hidden = elsewhere.length === 0;
  }

  async close() {
    this.leave();
    try {
      await closeView(this.view.id);
    } catch (error) {
      toast(error.message);
    }
  }

  leave() {
    const index = stack.indexOf(this);
    if (index >= 0) stack.splice(index, 1);
    this.dialog.close();
    this.dialog.remove();
  }
}
