// Slack's mrkdwn to DOM nodes. Markup comes out as elements that we create, and all else as text nodes: a message cannot bring its own HTML.
// The text arrives as Slack sends it: & < > escaped, links and mentions as <…>. https://docs.slack.dev/messaging/formatting-message-text

import { h, isSafeLink } from "/static/dom.js";
import { emoji } from "/static/emoji.js";
import { formatted } from "/static/time.js";
import { channelById, personName } from "/static/workspace.js";

const before = "(?<![\\p{L}\\p{N}])";
const after = "(?![\\p{L}\\p{N}])";
const styled = (mark) => `${before}[${mark}](?=\\S)([^${mark}\\n]+?)(?<=\\S)[${mark}]${after}`;
const INLINE = new RegExp(`\`([^\`\\n]+)\`|<([^<>\\n]+)>|${styled("*")}|${styled("_")}|${styled("~")}|:([a-z0-9_+'-]+):`, "gu");

/** Turn mrkdwn into nodes: code fences, quotes, and everything inline. */
export function mrkdwn(text) {
  const fragment = document.createDocumentFragment();
  text.replaceAll("\r\n", "\n").split(/```\n?([\s\S]+?)\n?```\n?/).forEach((part, index) => {
    if (index % 2) fragment.append(h("pre", null, unescape(part)));
    else if (part) fragment.append(...paragraphs(part));
  });
  return fragment;
}

/** Turn a Block Kit text object into nodes. */
export function textObject(text) {
  if (!text) return document.createDocumentFragment();
  return text.type === "mrkdwn" ? mrkdwn(text.text) : plainText(text.text, text.emoji !== false);
}

/** Turn plain text into nodes, with emoji names as emoji. */
export function plainText(text, withEmoji = true) {
  const fragment = document.createDocumentFragment();
  if (!withEmoji) fragment.append(text);
  else text.split(/:([a-z0-9_+'-]+):/).forEach((part, index) => fragment.append(index % 2 ? emoji(part) : part));
  return fragment;
}

/** Undo Slack's three escapes. */
export function unescape(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** Give the text that a person would read, without marks: for labels and titles. */
export function asWords(text) {
  return mrkdwn(text).textContent.trim();
}

function paragraphs(text) {
  const nodes = [];
  let quoted = null;
  const lines = text.split("\n");
  lines.forEach((line, index) => {
    const quote = /^(?:&gt;|>) ?(.*)$/.exec(line);
    if (quote) {
      if (!quoted) nodes.push((quoted = h("blockquote")));
      else quoted.append("\n");
      quoted.append(...inline(quote[1]));
    } else {
      quoted = null;
      nodes.push(...inline(line), index < lines.length - 1 ? "\n" : "");
    }
  });
  return nodes;
}

function inline(text) {
  const nodes = [];
  let position = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(unescape(text.slice(position, match.index)), inlineNode(match));
    position = match.index + match[0].length;
  }
  nodes.push(unescape(text.slice(position)));
  return nodes.filter((node) => node !== "");
}

function inlineNode([, code, control, bold, italic, strike, emojiName]) {
  if (code !== undefined) return h("code", null, unescape(code));
  if (control !== undefined) return controlNode(control);
  if (bold !== undefined) return h("b", null, inline(bold));
  if (italic !== undefined) return h("i", null, inline(italic));
  if (strike !== undefined) return h("s", null, inline(strike));
  return emoji(emojiName);
}

function controlNode(control) {
  const [target, label] = divide(control);
  if (target.startsWith("@")) return userMention(target.slice(1), label && unescape(label));
  if (target.startsWith("#")) return channelMention(target.slice(1), label && unescape(label));
  if (target.startsWith("!")) return specialMention(target.slice(1), label && unescape(label));
  return link(unescape(target), label ? inline(label) : [unescape(target)]);
}

function divide(control) {
  const bar = control.indexOf("|");
  return bar < 0 ? [control, ""] : [control.slice(0, bar), control.slice(bar + 1)];
}

/** Show a person's name as a mention. */
export function userMention(id, label) {
  return h("span", { class: "mention", data: { user: id } }, `@${personName(id) || label || id}`);
}

/** Show a channel as a mention that opens it where the person can see it. */
export function channelMention(id, label) {
  const known = channelById(id);
  const text = `#${known?.name || label || "private channel"}`;
  return known ? h("a", { class: "mention", href: `/archives/${id}`, data: { archive: id } }, text) : h("span", { class: "mention" }, text);
}

/** Show @here, a user group, or a date as the person's browser writes it. */
export function specialMention(name, label) {
  if (name.startsWith("date^")) {
    const [, seconds, template, url] = name.split("^");
    const text = formatted(seconds, template ?? "") || label || name;
    return h("time", null, url ? link(url, [text]) : text);
  }
  return h("span", { class: "mention" }, label || `@${name.split("^")[0]}`);
}

/** Make a link that opens in a new tab; links of this workspace open in the page, and unsafe ones stay text. */
export function link(url, children) {
  if (!isSafeLink(url)) return h("span", null, children);
  const target = new URL(url);
  if (target.origin === location.origin && target.pathname.startsWith("/archives/")) {
    return h("a", { href: url, data: { archive: target.pathname.split("/")[2] } }, children);
  }
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, children);
}
