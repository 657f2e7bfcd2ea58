// Pictures of people: a coloured tile with a letter, drawn by the style sheet. The bot has its own sign.

import { h } from "/static/dom.js";
import { personName, workspace } from "/static/workspace.js";

const COLOURS = 6;

/** Draw a person's picture; decoration, because the name always stands beside it. */
export function avatar(user, kind = "") {
  const name = personName(user) || "?";
  const isBot = user === workspace.bot.user_id;
  const tone = isBot ? "bot" : `tone-${[...user].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % COLOURS}`;
  return h("span", { class: `avatar ${tone} ${kind}`, "aria-hidden": "true" }, isBot ? "▶" : name[0].toUpperCase());
}
