// The two panes of messages: the channel in the middle and the thread at the right, each with its composer.

import { getSample } from "/static/api.js";
import { avatar } from "/static/avatar.js";
import { Composer } from "/static/composer.js";
import { fill, h, icon, iconButton } from "/static/dom.js";
import { hint } from "/static/hint.js";
import { drawHome } from "/static/home.js";
import { say } from "/static/language.js";
import { MessageList } from "/static/message_list.js";
import { openDrawer } from "/static/sidebar.js";
import { attempt } from "/static/toast.js";
import { channelById, channelTitle, isBotChannel, repliesTo, rootsOf, threadOf, workspace } from "/static/workspace.js";

const part = (id) => document.getElementById(id);

export class ChannelPane {
  /** Take over the middle of the page; `go` changes place, as in the address. */
  constructor(go) {
    this.go = go;
    this.list = new MessageList(part("channel-messages"), { inThread: false, openThread: (ts) => go({ thread: ts }) });
    this.composer = new Composer({ id: "composer", attachId: "attach", label: say("Message"), dropZone: part("channel"),
      place: () => ({ channel: workspace.channelId }), sent: () => this.list.followEnd() });
    fill(part("channel-composer"), this.composer.node);
  }

  /** Draw the channel where the person is. */
  draw() {
    const channel = channelById(workspace.channelId);
    if (!channel || !workspace.loaded) return;
    const showsHome = isBotChannel(channel) && workspace.tab === "home";
    this.drawHeader(channel);
    part("channel-messages").hidden = showsHome;
    part("channel-composer").hidden = showsHome;
    part("channel-home").hidden = !showsHome;
    if (showsHome) {
      drawHome(part("channel-home"));
      return;
    }
    this.composer.arrive(channel.id, say("Message {name}", { name: `${channel.is_im ? "" : "#"}${channelTitle(channel)}` }));
    this.list.show(`${workspace.person} ${channel.id}`, channel.id, rootsOf(channel.id), { empty: this.hint(channel) });
  }

  hint(channel) {
    return hint(channel, { write: (text) => this.composer.write(text), attach: () => this.composer.picker.click(), take: (text) => this.takeSample(text) });
  }

  async takeSample(text) {
    const video = await attempt(getSample);
    if (!video) return;
    this.composer.attachments.add([video]);
    this.composer.write(text);
  }

  drawHeader(channel) {
    const lacksBot = !channel.is_im && !channel.bot_is_member && rootsOf(channel.id).length > 0; // the hint of an empty one says it too
    const key = JSON.stringify([channel, workspace.bot, workspace.tab, workspace.person, lacksBot]);
    if (key === this.headerKey) return;
    this.headerKey = key;
    const other = channel.is_im && channel.members.find((member) => member !== workspace.person);
    fill(part("channel-header"),
      iconButton("menu", say("Open menu"), openDrawer, { class: "icon-button drawer-only" }),
      h("h2", null, channel.is_im ? avatar(other, "small") : icon(channel.is_private ? "lock" : "hash"), channelTitle(channel)),
      isBotChannel(channel) && workspace.bot.has_home ? this.tabs() : h("small", { class: "muted" }, say("{count} members", { count: channel.members.length })),
      lacksBot && this.invitation(),
      !workspace.bot.connected && h("span", { class: "notice", role: "status" }, say("{name} is not connected", { name: workspace.bot.name })));
  }

  invitation() {
    return h("span", { class: "notice" }, say("{name} is not in this channel.", { name: workspace.bot.name }), " ",
      h("button", { type: "button", class: "link", data: { tool: "invite" }, onclick: () => this.composer.write("/invite @video-editor") }, say("Invite it")));
  }

  tabs() {
    return h("div", { class: "tabs", role: "tablist" }, ["messages", "home"].map((name) =>
      h("button", { type: "button", role: "tab", "aria-selected": String(workspace.tab === name), data: { tab: name },
        onclick: () => this.go({ tab: name }) }, name === "home" ? say("Home") : say("Messages"))));
  }
}

export class ThreadPane {
  /** Take over the right of the page. */
  constructor(go) {
    this.list = new MessageList(part("thread-messages"), { inThread: true, openThread: () => {} });
    this.composer = new Composer({ id: "thread-composer", attachId: "thread-attach", label: say("Reply…"), dropZone: part("thread"),
      place: () => ({ channel: workspace.channelId, thread: workspace.threadTs }), sent: () => this.list.followEnd() });
    this.title = h("small", { class: "muted" });
    fill(part("thread-composer-box"), this.composer.node);
    fill(part("thread-header"), h("h2", null, say("Thread")), this.title,
      iconButton("close", say("Close thread"), () => go({ thread: "" }), { data: { tool: "close-thread" } }));
  }

  /** Draw the open thread, or hide the pane. */
  draw() {
    const { channelId, threadTs } = workspace;
    const channel = channelById(channelId);
    const isOpen = Boolean(threadTs && channel && workspace.loaded);
    part("thread").hidden = !isOpen;
    document.body.classList.toggle("thread-open", isOpen);
    if (!isOpen) return;
    fill(this.title, channel.is_im ? channelTitle(channel) : `#${channel.name}`);
    this.composer.arrive(`${channelId} ${threadTs}`, say("Reply…"));
    const messages = threadOf(channelId, threadTs);
    const count = repliesTo(channelId, threadTs).length;
    part("thread-messages").dataset.replies = String(count);
    this.list.show(`${workspace.person} ${channelId} ${threadTs}`, channelId, messages);
  }
}
