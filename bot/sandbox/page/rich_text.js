// The rich_text block: sections, lists, quotes and preformatted text, as nodes.

import { h } from "/static/dom.js";
import { emoji } from "/static/emoji.js";
import { localeTag } from "/static/language.js";
import { channelMention, link, specialMention, userMention } from "/static/mrkdwn.js";

/** Turn a rich_text block into nodes; lists nest by their indent. */
export function richText(block) {
  return h("div", { class: "rich-text" }, (block.elements ?? []).map(part));
}

function part(element) {
  switch (element.type) {
    case "rich_text_section":
      return h("div", { class: "text" }, element.elements.map(leaf));
    case "rich_text_quote":
      return h("blockquote", null, element.elements.map(leaf));
    case "rich_text_preformatted":
      return h("pre", null, element.elements.map((each) => each.text ?? each.url ?? ""));
    case "rich_text_list":
      return list(element);
    default:
      return null;
  }
}

function list(element) {
  const items = element.elements.map((item) => h("li", null, item.elements.map(leaf)));
  const node = h(element.style === "ordered" ? "ol" : "ul", { class: `indent-${Math.min(element.indent ?? 0, 5)}` }, items);
  if (element.offset && element.style === "ordered") node.start = element.offset + 1;
  return node;
}

function leaf(element) {
  switch (element.type) {
    case "text":
      return withStyle(element.text, element.style);
    case "emoji":
      return emoji(element.name);
    case "link":
      return link(element.url, [withStyle(element.text || element.url, element.style)]);
    case "user":
      return userMention(element.user_id);
    case "channel":
      return channelMention(element.channel_id);
    case "broadcast":
      return specialMention(element.range);
    case "date":
      return h("time", null, element.fallback || new Date(element.timestamp * 1000).toLocaleString(localeTag));
    default:
      return element.text ?? "";
  }
}

const STYLES = { code: "code", strike: "s", italic: "i", bold: "b" };

function withStyle(text, style = {}) {
  let node = text;
  for (const [name, tag] of Object.entries(STYLES)) if (style[name]) node = h(tag, null, node);
  return node;
}
