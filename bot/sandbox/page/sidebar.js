// The left column: the workspace's name, who the person is, and the conversations.

import { avatar } from "/static/avatar.js";
import { fill, h, icon, iconButton } from "/static/dom.js";
import { say } from "/static/language.js";
import { channelTitle, isBotChannel, isUnread, workspace } from "/static/workspace.js";

/** Draw the column; `go` gets the person and channel that were chosen, `run` a global shortcut. */
export function drawSidebar(node, { go, run }) {
  const visible = workspace.channels.filter(isVisible);
  const focused = node.contains(document.activeElement) && focusKey(document.activeElement);
  fill(node,
    h("header", null, h("h1", null, workspace.team.name || "Local workspace"), iconButton("close", say("Close menu"), closeDrawer, { class: "icon-button drawer-only" })),
    h("div", { class: "persons", role: "group", "aria-label": say("Who you are") }, h("small", null, say("You are")),
      workspace.people.map((person) => personButton(person, go))),
    section(say("Channels"), visible.filter((channel) => !channel.is_im), go),
    section(say("Direct messages"), visible.filter((channel) => channel.is_im), go),
    shortcuts(run));
  if (focused) node.querySelector(focused)?.focus();
}

/** Open the column where the window is too narrow to show it always. */
export function openDrawer() {
  document.body.classList.add("drawer-open");
}

/** Close it again. */
export function closeDrawer() {
  document.body.classList.remove("drawer-open");
}

function isVisible(channel) {
  return channel.members.includes(workspace.person);
}

function focusKey({ dataset }) {
  if (dataset.channel) return `[data-channel="${dataset.channel}"]`;
  return dataset.person ? `[data-person="${dataset.person}"]` : "";
}

function personButton({ id, name }, go) {
  const isMe = id === workspace.person;
  return h("button", { type: "button", "aria-pressed": String(isMe), data: { person: id }, onclick: () => go({ person: id }) },
    avatar(id, "small"), name);
}

function section(title, channels, go) {
  if (channels.length === 0) return null;
  return h("section", null, h("h2", null, title), h("ul", null, channels.map((channel) => h("li", null, channelButton(channel, go)))));
}

function channelButton(channel, go) {
  const isOpen = channel.id === workspace.channelId;
  const isNew = !isOpen && isUnread(channel.id);
  return h("button", { type: "button", class: isNew ? "unread" : null, "aria-current": isOpen ? "page" : null, data: { channel: channel.id },
    onclick: () => { closeDrawer(); go({ channel: channel.id }); } },
  sign(channel), h("span", { class: "channel-name" }, channelTitle(channel)), isNew && h("span", { class: "dot", role: "img", "aria-label": say("unread") }));
}

function sign(channel) {
  if (!channel.is_im) return icon(channel.is_private ? "lock" : "hash");
  const other = channel.members.find((member) => member !== workspace.person);
  const state = isBotChannel(channel) ? (workspace.bot.connected ? "online" : "offline") : "";
  return h("span", { class: `presence ${state}`, title: { online: say("online"), offline: say("offline") }[state] }, avatar(other, "small"));
}

function shortcuts(run) {
  const global = workspace.shortcuts.filter((shortcut) => shortcut.type === "global");
  if (global.length === 0) return null;
  return h("section", null, h("h2", null, say("Shortcuts")), h("ul", null, global.map(({ name, callback_id: id }) =>
    h("li", null, h("button", { type: "button", data: { shortcut: id }, onclick: () => { closeDrawer(); run(id); } }, icon("slash"), h("span", { class: "channel-name" }, name))))));
}
