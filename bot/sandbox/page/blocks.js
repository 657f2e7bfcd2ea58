// Block Kit blocks as nodes, for messages, modals and App Home. What a button or menu does is told to `context.act`;
// input blocks are made by `context.input`, which only modals and App Home have. https://docs.slack.dev/reference/block-kit/blocks

import { fileUrl } from "/static/api.js";
import { confirmed } from "/static/confirm.js";
import { control } from "/static/controls.js";
import { h, isSafeLink } from "/static/dom.js";
import { say } from "/static/language.js";
import { openMenu } from "/static/menu.js";
import { link, mrkdwn, textObject } from "/static/mrkdwn.js";
import { richText } from "/static/rich_text.js";

/** Turn blocks into nodes; a block that we cannot draw says so instead of vanishing. */
export function blockNodes(blocks, context) {
  return blocks.map((block) => {
    const draw = BLOCKS[block.type];
    const node = draw ? draw(block, context) : h("p", { class: "muted" }, `[${block.type} block]`);
    if (node) node.dataset.blockId = block.block_id ?? "";
    return node;
  });
}

const BLOCKS = {
  section: (block, context) => h("div", { class: "block section" },
    h("div", { class: "section-text" }, block.text && h("div", { class: "text" }, textObject(block.text)),
      block.fields && h("div", { class: "fields" }, block.fields.map((field) => h("div", { class: "text" }, textObject(field))))),
    block.accessory && h("div", { class: "accessory" }, elementNode(block.accessory, block, context))),
  header: (block) => h("h3", { class: "block header" }, textObject(block.text)),
  divider: () => h("hr", { class: "block" }),
  context: (block) => h("div", { class: "block context" }, block.elements.map((element) =>
    element.type === "image" ? image(element, "context-image") : h("span", { class: "text" }, textObject(element)))),
  actions: (block, context) => h("div", { class: "block actions" }, block.elements.map((element) => elementNode(element, block, context))),
  context_actions: (block, context) => BLOCKS.actions(block, context),
  image: (block) => h("figure", { class: "block image" }, block.title && h("figcaption", null, textObject(block.title)), image(block)),
  rich_text: (block) => h("div", { class: "block" }, richText(block)),
  markdown: (block) => h("div", { class: "block text" }, block.text),
  alert: (block) => h("div", { class: `block alert ${block.level ?? "default"}`, role: "note" }, h("div", { class: "text" }, textObject(block.text))),
  plan: (block) => h("div", { class: "block plan" }, h("strong", null, words(block.title)), h("ol", null, (block.tasks ?? []).map(task))),
  task_card: (block) => h("ol", { class: "block plan single" }, task(block)),
  video: (block) => h("figure", { class: "block image" },
    h("figcaption", null, h("b", null, link(block.title_url ?? block.video_url, [words(block.title)])), " ", words(block.description)),
    image({ image_url: block.thumbnail_url, alt_text: block.alt_text })),
  file: (block) => h("p", { class: "block muted" }, `File ${block.external_id}`),
  input: (block, context) => context.input?.(block) ?? null,
};

function words(text) {
  return typeof text === "string" ? text : textObject(text);
}

function image({ image_url: url, slack_file: file, alt_text: alt }, kind) {
  if (file) return h("img", { src: fileUrl(file.id ?? file.url.match(/F[A-Z0-9]{8,}/)?.[0]), alt, class: kind, loading: "lazy" });
  if (!url || !isSafeLink(url)) return h("span", { class: "muted" }, alt);
  // The page loads nothing from other machines: a picture that lives elsewhere is named and linked instead.
  if (new URL(url).origin !== location.origin) return link(url, [alt || "picture"]);
  return h("img", { src: url, alt, class: kind, loading: "lazy" });
}

const MARKS = { pending: "○", in_progress: "◔", complete: "✓", error: "!" };

function task({ title, status = "pending", details, output }) {
  return h("li", { class: `task ${status}` },
    h("span", { class: "task-mark", role: "img", "aria-label": status.replaceAll("_", " ") }, MARKS[status]),
    h("div", null, h("span", null, words(title)), details && richText(details), output && richText(output)));
}

function elementNode(element, block, context) {
  if (element.type === "button" || element.type === "workflow_button") return button(element, block, context);
  if (element.type === "overflow") return overflow(element, block, context);
  if (element.type === "image") return image(element, "accessory-image");
  if (element.type === "mrkdwn" || element.type === "plain_text") return textObject(element);
  const made = control(element, (value) => context.act(element, block, value));
  if (!made) return h("span", { class: "muted" }, `[${element.type}]`);
  context.register?.(block, element, made);
  made.node.setAttribute("aria-label", element.accessibility_label ?? element.placeholder?.text ?? element.action_id ?? element.type);
  return made.node;
}

function button(element, block, context) {
  const node = h("button", { type: "button", class: `button ${element.style ?? ""}`, "aria-label": element.accessibility_label,
    data: { actionId: element.action_id ?? "" } }, textObject(element.text));
  node.addEventListener("click", async () => {
    if (element.confirm && !(await confirmed(element.confirm))) return;
    if (element.url && isSafeLink(element.url)) window.open(element.url, "_blank", "noopener");
    node.disabled = true;
    await context.act(element, block, element.value);
    node.disabled = false;
  });
  return node;
}

function overflow(element, block, context) {
  const chosen = async ({ value }) => {
    if (!element.confirm || (await confirmed(element.confirm))) await context.act(element, block, value);
  };
  const node = h("button", { type: "button", class: "button", "aria-label": say("More"), "aria-haspopup": "menu",
    data: { actionId: element.action_id ?? "" } }, "⋯");
  node.addEventListener("click", () => openMenu(node, element.options.map((option) => [textObject(option.text), () => chosen(option)])));
  return node;
}

/** Show a message's text without blocks. */
export function textNode(text) {
  return h("div", { class: "text" }, mrkdwn(text));
}
