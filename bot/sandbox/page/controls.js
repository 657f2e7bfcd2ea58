// The elements of Block Kit that hold a value, each as a control: {node, read, write}. `read` gives the simple value that the
// server understands: a string or a list of option values; empty for what was cleared, undefined for what was never chosen. Buttons and files are elsewhere.
// https://docs.slack.dev/reference/block-kit/block-elements

import { h } from "/static/dom.js";
import { say } from "/static/language.js";
import { textObject } from "/static/mrkdwn.js";
import { channelTitle, workspace } from "/static/workspace.js";

let lastId = 0;

/** Make the control for an element, or give null where it is not one; `onchoice` hears every change that a person makes. */
export function control(element, onchoice = () => {}) {
  const make = MAKERS[element.type];
  if (!make) return null;
  const made = make(element);
  made.node.dataset.actionId = element.action_id ?? "";
  made.node.addEventListener("change", () => onchoice(made.read()));
  return made;
}

/** Give a page-wide unique id for tying labels to controls. */
export function freshId() {
  lastId += 1;
  return `control-${lastId}`;
}

const MAKERS = {
  plain_text_input: (element) => (element.multiline ? field("textarea", element, { rows: 4 }) : field("input", element, { type: "text" })),
  email_text_input: (element) => field("input", element, { type: "email" }),
  url_text_input: (element) => field("input", element, { type: "url", inputmode: "url" }),
  number_input: (element) => field("input", element, {
    type: "number", min: element.min_value, max: element.max_value, step: element.is_decimal_allowed ? "any" : "1" }),
  datepicker: (element) => field("input", { ...element, initial_value: element.initial_date }, { type: "date" }),
  timepicker: (element) => field("input", { ...element, initial_value: element.initial_time }, { type: "time" }),
  static_select: (element) => select(element, options(element), element.initial_option?.value),
  multi_static_select: (element) => multiSelect(element),
  conversations_select: (element) => select(element, conversations(), element.initial_conversation
    ?? (element.default_to_current_conversation ? workspace.channelId : undefined)),
  channels_select: (element) => select(element, conversations(({ is_im: isIm }) => !isIm), element.initial_channel),
  users_select: (element) => select(element, workspace.people.map(({ id, name }) => choice(id, name)), element.initial_user),
  radio_buttons: (element) => group(element, "radio", element.initial_option ? [element.initial_option] : []),
  checkboxes: (element) => group(element, "checkbox", element.initial_options ?? []),
};

function field(tag, element, attributes) {
  const node = h(tag, { ...attributes, id: freshId(), value: element.initial_value ?? "", placeholder: element.placeholder?.text,
    maxlength: element.max_length, minlength: element.min_length, autocomplete: "off" });
  return { node, read: () => node.value, write: (value) => { node.value = value ?? ""; } };
}

function choice(value, label) {
  return h("option", { value }, label);
}

function options({ options: flat = [], option_groups: groups = [] }) {
  const written = (list) => list.map(({ value, text }) => choice(value, text.text));
  return [...written(flat), ...groups.map(({ label, options: list }) => h("optgroup", { label: label.text }, written(list)))];
}

function conversations(isWanted = () => true) {
  const mine = workspace.channels.filter((channel) => channel.members.includes(workspace.person) && isWanted(channel));
  return mine.map((channel) => choice(channel.id, channel.is_im ? channelTitle(channel) : `#${channel.name}`));
}

function select(element, children, initial) {
  const node = h("select", { id: freshId() }, choice("", element.placeholder?.text ?? say("Choose…")), children);
  node.value = initial ?? "";
  return { node, read: () => node.value, write: (value) => { node.value = value ?? ""; } };
}

function multiSelect(element) {
  const node = h("select", { id: freshId(), multiple: true, size: 5 }, options(element));
  const write = (values = []) => [...node.options].forEach((one) => { one.selected = values.includes(one.value); });
  write((element.initial_options ?? []).map(({ value }) => value));
  return { node, read: () => [...node.selectedOptions].map(({ value }) => value), write };
}

function group(element, type, initial) {
  const name = freshId();
  const inputs = element.options.map(({ value }) =>
    h("input", { type, name, value, checked: initial.some((one) => one.value === value) }));
  const rows = element.options.map((option, index) => h("label", { class: "option" }, inputs[index],
    h("span", null, textObject(option.text), option.description && h("small", null, textObject(option.description)))));
  const chosen = () => inputs.filter((input) => input.checked).map((input) => input.value);
  return {
    node: h("div", { class: "options", role: type === "radio" ? "radiogroup" : "group" }, rows),
    read: () => (type === "radio" ? chosen()[0] : chosen()),
    write: (value) => inputs.forEach((input) => { input.checked = [value].flat().includes(input.value); }),
  };
}
