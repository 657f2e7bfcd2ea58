// The file field of a modal, with the checks of Slack's client: types by their ending, number of files, 10 MB for each.
// https://docs.slack.dev/reference/block-kit/block-elements/file-input-element

import { Attachments } from "/static/attachments.js";
import { freshId } from "/static/controls.js";
import { h, icon } from "/static/dom.js";
import { say } from "/static/language.js";

const MAX_BYTES = 10 * 1024 * 1024;
const DEFAULT_MAX_FILES = 10;

/** Make the control for a `file_input` element; its value is a list of files. */
export function fileInput(element) {
  const limit = element.max_files ?? DEFAULT_MAX_FILES;
  const types = (element.filetypes ?? []).map((type) => type.toLowerCase());
  const strip = new Attachments();
  const id = freshId();
  const picker = h("input", { type: "file", id: `${id}-picker`, class: "visually-hidden", multiple: limit > 1, "aria-label": say("Choose files"),
    accept: types.map((type) => `.${type}`).join(",") || null, data: { actionId: element.action_id },
    onchange: () => { add(picker.files); picker.value = ""; } });
  const add = (files) => {
    if (limit === 1) strip.clear();
    strip.add(files);
  };
  const node = h("div", { class: "file-input", id, role: "group", ondragover: (event) => event.preventDefault(),
    ondrop: (event) => { event.preventDefault(); add(event.dataTransfer.files); } },
    h("label", { class: "button" }, icon("attach"), limit > 1 ? say("Choose files") : say("Choose a file"), picker),
    h("small", { class: "muted" }, types.join(", "), h("br"), limit > 1 ? say("At most {limit}, up to 10 MB each", { limit }) : say("Up to 10 MB")),
    strip.node);
  const write = (files) => { strip.clear(); strip.add(files); };
  return { node, read: () => strip.files, write, problem: () => problemWith(strip.files, types, limit) };
}

function problemWith(files, types, limit) {
  if (files.length > limit) return say("Too many files: the limit is {limit}.", { limit });
  const large = files.find((file) => file.size > MAX_BYTES);
  if (large) return say("{name} is larger than 10 MB. Larger videos go into a message.", { name: large.name });
  const strange = files.find((file) => types.length && !types.includes(file.name.toLowerCase().split(".").at(-1)));
  return strange ? say("{name} is not of the type {types}.", { name: strange.name, types: types.join(", ") }) : "";
}
