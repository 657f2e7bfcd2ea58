// The blocks of a modal or of App Home with their input fields: reads all values for the submission, keeps what was typed
// when the view changes, and shows errors at their fields.

import { act } from "/static/api.js";
import { blockNodes } from "/static/blocks.js";
import { control } from "/static/controls.js";
import { fill, h } from "/static/dom.js";
import { fileInput } from "/static/file_input.js";
import { say } from "/static/language.js";
import { textObject } from "/static/mrkdwn.js";
import { attempt } from "/static/toast.js";

const TEXTS = ["plain_text_input", "email_text_input", "url_text_input", "number_input"];
const PAUSE_MS = 250; // Slack does not say how long it waits

export class ViewForm {
  constructor() {
    this.node = h("div", { class: "view-blocks" });
    this.fields = new Map(); // "block action" → {block, element, control}
    this.errors = new Map(); // block id → the line under its field
  }

  /** Draw a view; what was typed stays where block and action are the same. */
  show(view) {
    const typed = new Map([...this.fields].map(([key, { element, control: made }]) => [key, { type: element.type, value: made.read() }]));
    const focus = this.focused();
    this.view = view;
    this.fields.clear();
    this.errors.clear();
    fill(this.node, blockNodes(view.blocks, {
      act: (element, block, value) => this.act(element, block, value),
      input: (block) => this.input(block),
      register: (block, element, made) => this.register(block, element, made),
    }));
    for (const [key, { type, value }] of typed) {
      const field = this.fields.get(key);
      if (field?.element.type === type) field.control.write(value);
    }
    this.focus(focus);
  }

  /** Say in which field the person is, and where in its text. */
  focused() {
    const node = document.activeElement;
    const [key] = [...this.fields].find(([, field]) => field.control.node.contains(node)) ?? [];
    return key && { key, caret: node.selectionStart ?? null, value: node.value };
  }

  /** Put the person back where they were before the fields were made anew. */
  focus(where) {
    const field = where && this.fields.get(where.key);
    if (!field) return;
    const { node } = field.control;
    const inside = [...node.querySelectorAll("input")].find((input) => input.value === where.value);
    (inside ?? node).focus({ preventScroll: true });
    if (where.caret !== null) node.setSelectionRange?.(where.caret, where.caret);
  }

  /** Give {state, files} for the submission. */
  read() {
    const state = {};
    const files = {};
    for (const { block, element, control: made } of this.fields.values()) {
      const value = made.read();
      if (element.type === "file_input") files[block.block_id] = value;
      else if (value !== undefined) (state[block.block_id] ??= {})[element.action_id] = value;
    }
    return { state, files };
  }

  /** Check what Slack's own client checks before it sends; gives errors by block. */
  check() {
    const errors = {};
    for (const { block, element, control: made } of this.fields.values()) {
      if (block.type !== "input") continue;
      const value = made.read();
      const isEmpty = value === undefined || value.length === 0;
      const problem = isEmpty ? !block.optional && say("Please fill in this field.") : problemWith(element, made, value);
      if (problem) errors[block.block_id] = problem;
    }
    return errors;
  }

  /** Show errors at their fields, and nothing at the others; gives those that have no field here. */
  complain(errors) {
    for (const [id, line] of this.errors) {
      fill(line, errors[id]);
      line.hidden = !errors[id];
      line.parentElement.classList.toggle("invalid", Boolean(errors[id]));
    }
    const first = [...this.errors].find(([id]) => errors[id])?.[1].parentElement;
    first?.querySelector("input, textarea, select")?.focus();
    first?.scrollIntoView({ block: "nearest" });
    return Object.entries(errors).filter(([id]) => !this.errors.has(id)).map(([, text]) => text);
  }

  register(block, element, made) {
    this.fields.set(`${block.block_id} ${element.action_id}`, { block, element, control: made });
  }

  act(element, block, value) {
    const state = JSON.stringify(this.read().state);
    return attempt(() => act({ view_id: this.view.id, action_id: element.action_id, block_id: block.block_id, value, state }));
  }

  input(block) {
    const { element } = block;
    const isText = TEXTS.includes(element.type);
    const tell = (value) => block.dispatch_action && this.act(element, block, value);
    const made = element.type === "file_input" ? fileInput(element) : control(element, isText ? undefined : tell);
    if (!made) return h("p", { class: "muted" }, `[${element.type}]`);
    if (isText && block.dispatch_action) listenToText(element, made, tell);
    this.register(block, element, made);
    const id = `label-${made.node.id || `${block.block_id}-${element.action_id}`}`;
    const label = h("label", { class: "label", id, for: made.node.id || null }, textObject(block.label),
      block.optional && h("span", { class: "muted" }, " ", say("(optional)")));
    made.node.setAttribute("aria-labelledby", id);
    const error = h("p", { class: "field-error", role: "alert", hidden: true });
    this.errors.set(block.block_id, error);
    return h("div", { class: "block field" }, label, made.node, error, block.hint && h("p", { class: "muted" }, textObject(block.hint)));
  }
}

/** Tell of a text when Enter is pressed, or of each pause in typing, as the element asks. */
function listenToText(element, { node, read }, tell) {
  const triggers = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  let pause;
  if (triggers.includes("on_character_entered")) {
    node.addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(() => node.isConnected && tell(read()), PAUSE_MS); });
  }
  if (triggers.includes("on_enter_pressed")) {
    node.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      tell(read());
    });
  }
}

function problemWith(element, made, value) {
  if (made.problem?.()) return made.problem();
  const { validity, validationMessage } = made.node;
  if (validity && !validity.valid) return validationMessage;
  const isShort = element.min_length && value.length < element.min_length;
  return isShort ? say("Please write at least {count} characters.", { count: element.min_length }) : "";
}
