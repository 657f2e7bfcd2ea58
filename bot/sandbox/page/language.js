// The page's own words, in the language of whoever the person is: English as it stands in the code, or Simplified Chinese.
// What the app says comes in its own words. One page speaks one language: for a person of the other one it is loaded anew.

import { CHINESE } from "/static/chinese.js";

const KEPT = "language"; // in the tab's own storage, because another tab may belong to another person
const isChinese = sessionStorage.getItem(KEPT) === "zh";

/** The language of times and dates; undefined is the browser's. */
export const localeTag = isChinese ? "zh-CN" : undefined;

/** Say a text in the page's language, with values for its `{names}`. */
export function say(text, values = {}) {
  const said = (isChinese && CHINESE[text]) || text;
  return said.replaceAll(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** Say what the page brought along as HTML. */
export function sayEverywhere() {
  document.documentElement.lang = localeTag ?? "en";
  for (const node of document.querySelectorAll("[data-say]")) node.textContent = say(node.textContent);
  for (const node of document.querySelectorAll("body [aria-label]")) node.setAttribute("aria-label", say(node.getAttribute("aria-label")));
}

/** Speak the language of this Slack locale from now on, which may mean to begin again. */
export function speakTo(locale) {
  const wanted = locale.startsWith("zh") ? "zh" : "en";
  if ((wanted === "zh") === isChinese) return;
  sessionStorage.setItem(KEPT, wanted);
  location.reload();
}
