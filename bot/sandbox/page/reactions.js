// The reactions under a message, and adding one.

import { react } from "/static/api.js";
import { h, iconButton } from "/static/dom.js";
import { emoji } from "/static/emoji.js";
import { say } from "/static/language.js";
import { openPalette } from "/static/menu.js";
import { attempt } from "/static/toast.js";
import { personName, workspace } from "/static/workspace.js";

/** Show a message's reactions with their counts; a click adds or removes the person's own. */
export function reactionsNode(channel, message) {
  const pills = (message.reactions ?? []).map((reaction) => pill(channel, message.ts, reaction));
  if (pills.length === 0) return null;
  const more = iconButton("smile", say("Add reaction"), () => pickReaction(more, channel, message), { class: "pill add" });
  return h("div", { class: "reactions" }, pills, more);
}

/** Let the person choose a reaction and add it. */
export function pickReaction(anchor, channel, message) {
  openPalette(anchor, (name) => {
    const has = message.reactions?.find((one) => one.name === name)?.users.includes(workspace.person);
    if (!has) attempt(() => react(channel, message.ts, name, false));
  });
}

function pill(channel, ts, { name, users, count }) {
  const isMine = users.includes(workspace.person);
  const who = users.map(personName).join(", ");
  return h("button", { type: "button", class: "pill", "aria-pressed": String(isMine), title: say("{who} reacted with :{name}:", { who, name }),
    "aria-label": `${name.replaceAll("_", " ")}, ${count}: ${who}`, data: { reaction: name },
    onclick: () => attempt(() => react(channel, ts, name, isMine)) }, emoji(name), h("span", null, String(count)));
}
