// One message as a row. A row keeps its nodes while the message changes, so that a playing video goes on playing.

import { act, deleteFile, deleteMessage, runShortcut } from "/static/api.js";
import { avatar } from "/static/avatar.js";
import { blockNodes, textNode } from "/static/blocks.js";
import { confirmed } from "/static/confirm.js";
import { fill, h, icon, iconButton } from "/static/dom.js";
import { fileKey, fileNode } from "/static/files.js";
import { localeTag, say } from "/static/language.js";
import { openMenu } from "/static/menu.js";
import { pickReaction, reactionsNode } from "/static/reactions.js";
import { clock, moment, shortClock } from "/static/time.js";
import { attempt, toast } from "/static/toast.js";
import { dismiss, personName, repliesTo, workspace } from "/static/workspace.js";

export class MessageRow {
  /** Make the row of a message in the channel's pane, or in the thread's. */
  constructor(channelId, message, { inThread, openThread }) {
    this.channelId = channelId;
    this.inThread = inThread;
    this.openThread = openThread;
    this.keys = {};
    this.parts = Object.fromEntries(["gutter", "head", "body", "files", "reactions", "replies", "tools"]
      .map((name) => [name, h("div", { class: `message-${name}` })]));
    const { gutter, tools, ...column } = this.parts;
    this.node = h("article", { class: "message", data: { ts: message.ts }, tabindex: "-1" }, gutter,
      h("div", { class: "message-column" }, Object.values(column)), tools);
  }

  /** Show the newest form of the message; `isCompact` when the same person just wrote the one above. */
  show(message, isCompact) {
    this.message = message;
    this.node.classList.toggle("compact", isCompact);
    this.node.classList.toggle("ephemeral", Boolean(message.ephemeral));
    this.node.setAttribute("aria-label", `${personName(message.user)}, ${clock(message.ts)}`);
    this.part("gutter", [message.user, isCompact, personName(message.user)], () => (isCompact ? time(message.ts, shortClock) : avatar(message.user)));
    this.part("head", [message.user, personName(message.user), isCompact, message.ephemeral], () => head(message, isCompact));
    this.part("body", [message.text, message.blocks, message.edited, message.subtype, workspace.people], () => this.body(message));
    this.part("files", (message.files ?? []).map(fileKey), () => (message.files ?? []).map(fileNode));
    this.part("reactions", [message.reactions, workspace.person], () => reactionsNode(this.channelId, message));
    const replies = this.inThread || message.ephemeral ? [] : repliesTo(this.channelId, message.ts);
    this.part("replies", replies.map((reply) => [reply.ts, reply.user]), () => replies.length > 0 && this.summary(replies));
    this.part("tools", [message.ephemeral, message.subtype], () => this.tools());
  }

  part(name, key, draw) {
    const written = JSON.stringify(key);
    if (this.keys[name] === written) return;
    this.keys[name] = written;
    fill(this.parts[name], draw());
  }

  body(message) {
    if (message.subtype === "tombstone") return h("div", { class: "muted" }, say("This message was deleted."));
    const edited = message.edited && !message.blocks?.length && h("small", { class: "muted" }, say("(edited)"));
    // People's text is drawn from its mrkdwn: the rich text block that comes with it has the marks as they were typed.
    if (!message.blocks?.length || !message.bot_id) return message.text ? [textNode(message.text), edited] : [];
    return blockNodes(message.blocks, { act: (element, block, value) => this.act(element, block, value) });
  }

  act(element, block, value) {
    // Blocks get new ids when the app changes the message, as it may while a `confirm` dialog asks: then the action's id must do.
    const isThere = this.message.blocks.some(({ block_id: id }) => id === block.block_id);
    const details = { channel: this.channelId, ts: this.message.ts, action_id: element.action_id, block_id: isThere ? block.block_id : "", value };
    return attempt(() => act(details));
  }

  summary(replies) {
    const people = [...new Set(replies.map((reply) => reply.user))].slice(0, 3);
    const label = replies.length === 1 ? say("1 reply") : say("{count} replies", { count: replies.length });
    return h("button", { type: "button", class: "thread-link", onclick: () => this.openThread(this.message.ts) },
      people.map((user) => avatar(user, "small")), h("b", null, label), h("small", null, say("Last at {time}", { time: clock(replies.at(-1).ts) })));
  }

  tools() {
    const { ephemeral, subtype } = this.message;
    if (subtype === "tombstone") return null;
    if (ephemeral) return iconButton("close", say("Dismiss"), () => dismiss(this.message.ts), { data: { tool: "dismiss" } });
    const smile = iconButton("smile", say("Add reaction"), () => pickReaction(smile, this.channelId, this.message), { data: { tool: "react" } });
    const more = iconButton("more", say("More actions"), () => openMenu(more, this.menu()), { data: { tool: "more" } });
    const reply = iconButton("reply", say("Reply in thread"), () => this.openThread(this.message.thread_ts ?? this.message.ts), { data: { tool: "reply" } });
    return [smile, !this.inThread && reply, more];
  }

  menu() {
    const { ts, user, files = [] } = this.message;
    const shortcuts = workspace.shortcuts.filter((shortcut) => shortcut.type === "message").map(({ name, callback_id: id }) =>
      [name, () => attempt(() => runShortcut(id, this.channelId, ts))]);
    const entries = [...shortcuts, [say("Copy link to message"), () => this.copyLink()]];
    if (user !== workspace.person) return entries;
    for (const file of files.filter(({ mode }) => mode !== "tombstone")) {
      entries.push([say("Delete file “{name}”…", { name: file.name }), () => this.ask(say("Delete this file?"), () => deleteFile(file.id)), true]);
    }
    return [...entries, [say("Delete message…"), () => this.ask(say("Delete this message?"), () => deleteMessage(this.channelId, ts)), true]];
  }

  async ask(question, work) {
    const title = { type: "plain_text", text: question };
    const text = { type: "plain_text", text: say("This cannot be undone.") };
    if (await confirmed({ title, text, confirm: { text: say("Delete") }, style: "danger" })) await attempt(work);
  }

  async copyLink() {
    const { ts, thread_ts: root } = this.message;
    const query = root && root !== ts ? `?thread_ts=${root}&cid=${this.channelId}` : "";
    await attempt(async () => {
      await navigator.clipboard.writeText(`${location.origin}/archives/${this.channelId}/p${ts.replace(".", "")}${query}`);
      toast(say("Link copied."));
    });
  }
}

function head(message, isCompact) {
  const isApp = message.user === workspace.bot.user_id || message.bot_id;
  return [
    message.ephemeral && h("div", { class: "only-you" }, icon("eye"), say("Only visible to you")),
    !isCompact && h("div", { class: "byline" }, h("b", null, personName(message.user) || message.username || say("Someone")),
      isApp && h("span", { class: "badge" }, say("APP")), time(message.ts)),
  ];
}

function time(ts, write = clock) {
  return h("time", { datetime: moment(ts).toISOString(), title: moment(ts).toLocaleString(localeTag) }, write(ts));
}
