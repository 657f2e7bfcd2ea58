// A pane's list of messages: keeps one row for each message, in order, with a line for each new day, and the newest in view.

import { h } from "/static/dom.js";
import { say } from "/static/language.js";
import { MessageRow } from "/static/message.js";
import { day } from "/static/time.js";

const NEAR_END_PX = 80;
const SAME_BREATH_S = 300;

export class MessageList {
  /** Draw into this scrolling element; `options` go to each row. */
  constructor(scroller, options) {
    this.scroller = scroller;
    this.options = options;
    this.rows = new Map();
    this.days = new Map();
    this.content = h("div", { class: "messages" });
    this.followsEnd = true;
    this.newer = h("button", { type: "button", class: "newer", hidden: true, onclick: () => this.followEnd() }, "↓ ", say("New messages"));
    scroller.replaceChildren(this.content, this.newer);
    scroller.addEventListener("scroll", () => this.onScroll(), { passive: true });
    // Videos and pictures get their height after they are drawn: stay at the end then too.
    new ResizeObserver(() => this.followsEnd && this.toEnd()).observe(this.content);
  }

  /** Show these messages; `key` names the channel and person, or the thread: when it changes, the list starts anew at its end. */
  show(key, channelId, messages, { before = null, empty = null } = {}) {
    if (key !== this.key) {
      this.key = key;
      this.rows.clear();
      this.days.clear();
      this.followsEnd = true;
      this.lastTs = "";
    }
    this.forgetAllBut(messages);
    this.greet(messages.at(-1));
    const nodes = [before];
    messages.forEach((message, index) => {
      const previous = messages[index - 1];
      const isNewDay = !previous || day(previous.ts) !== day(message.ts);
      if (isNewDay) nodes.push(this.divider(message));
      nodes.push(this.row(channelId, message, !isNewDay && continues(previous, message)));
    });
    if (messages.length === 0) nodes.push(empty);
    arrange(this.content, nodes.filter(Boolean));
    if (this.followsEnd) this.toEnd();
  }

  /** Bring one message into view and mark it for a moment. */
  reveal(ts) {
    const row = this.rows.get(ts);
    if (!row) return;
    this.followsEnd = false;
    row.node.scrollIntoView({ block: "center" });
    row.node.classList.remove("revealed");
    row.node.offsetWidth; // the browser takes note of the removal, so that the mark starts again
    row.node.classList.add("revealed");
  }

  /** Offer to go to what was just written out of sight. */
  greet(newest) {
    const isNew = newest !== undefined && newest.ts > this.lastTs;
    this.newer.hidden = this.followsEnd || (this.newer.hidden && !isNew);
    this.lastTs = newest?.ts ?? "";
  }

  onScroll() {
    this.followsEnd = this.isNearEnd();
    if (this.followsEnd) this.newer.hidden = true;
  }

  row(channelId, message, isCompact) {
    let row = this.rows.get(message.ts);
    if (!row) this.rows.set(message.ts, (row = new MessageRow(channelId, message, this.options)));
    row.show(message, isCompact);
    return row.node;
  }

  divider(message) {
    const name = day(message.ts);
    if (!this.days.has(name)) this.days.set(name, h("div", { class: "day", role: "separator" }, h("span", null, name)));
    return this.days.get(name);
  }

  forgetAllBut(messages) {
    const kept = new Set(messages.map((message) => message.ts));
    for (const ts of this.rows.keys()) if (!kept.has(ts)) this.rows.delete(ts);
  }

  isNearEnd() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < NEAR_END_PX;
  }

  /** Go to the newest message, and stay with the newest from now on. */
  followEnd() {
    this.followsEnd = true;
    this.newer.hidden = true;
    this.toEnd();
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }
}

function continues(previous, message) {
  const isClose = Number(message.ts) - Number(previous.ts) < SAME_BREATH_S;
  return isClose && previous.user === message.user && !previous.ephemeral && !message.ephemeral && !message.subtype?.includes("tombstone");
}

/** Bring a node's children into this order, and move only what is not in its place: a moved video would stop. */
function arrange(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, index) => {
    if (parent.childNodes[index] !== node) parent.insertBefore(node, parent.childNodes[index] ?? null);
  });
}
