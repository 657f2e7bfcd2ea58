// Where a person writes: text, files by button, drag or paste, and slash commands. One for the channel, one for the thread.

import { postMessage, runCommand } from "/static/api.js";
import { Attachments } from "/static/attachments.js";
import { fill, h, icon, iconButton } from "/static/dom.js";
import { say } from "/static/language.js";
import { INVITE, Suggestions } from "/static/suggestions.js";
import { workspace } from "/static/workspace.js";

const MAX_FILES = 10; // as in Slack

export class Composer {
  /** Make a composer; `place()` says where a message goes: {channel, thread}; `sent()` is called when it went. Drafts are kept for each place. */
  constructor({ id, attachId, label, dropZone, place, sent }) {
    this.place = place;
    this.sent = sent;
    this.drafts = new Map();
    this.textarea = h("textarea", { id, rows: 1, "aria-label": label, placeholder: label, oninput: () => this.onInput(),
      onkeydown: (event) => this.onKey(event), onpaste: (event) => this.onPaste(event) });
    this.picker = h("input", { id: attachId, type: "file", multiple: true, class: "visually-hidden", "aria-label": say("Attach files"),
      onchange: () => { this.attachments.add(this.picker.files); this.picker.value = ""; } });
    this.attachments = new Attachments(() => this.refresh());
    this.suggestions = new Suggestions(this.textarea);
    this.problem = h("p", { class: "problem", role: "alert", hidden: true });
    this.send = h("button", { type: "submit", class: "send", "aria-label": say("Send"), title: say("Send (Enter)") }, icon("send"));
    this.node = h("form", { class: "composer", onsubmit: (event) => { event.preventDefault(); this.submit(); } },
      this.suggestions.node, this.problem, h("div", { class: "composer-box" }, this.textarea, this.attachments.node, this.bar()));
    this.acceptDrops(dropZone);
    this.refresh();
  }

  bar() {
    return h("div", { class: "composer-bar" },
      h("label", { class: "icon-button", title: say("Attach a video or pictures") }, icon("attach"), this.picker),
      iconButton("at", say("Mention Video Editor"), () => this.insert("@video-editor ")),
      iconButton("slash", say("Commands"), () => { if (!this.textarea.value) this.insert("/"); }),
      h("small", { class: "hint" }, say("Enter sends · Shift + Enter begins a new line")), this.send);
  }

  /** Show the draft of the place that the person went to. */
  arrive(key, label) {
    this.textarea.placeholder = label;
    this.textarea.setAttribute("aria-label", label);
    if (key === this.key) return;
    if (this.key !== undefined) this.drafts.set(this.key, this.textarea.value);
    this.key = key;
    this.textarea.value = this.drafts.get(key) ?? "";
    this.attachments.clear();
    this.complain("");
    this.onInput();
  }

  /** Put text in at the cursor. */
  insert(text) {
    this.textarea.focus();
    this.textarea.setRangeText(text, this.textarea.selectionStart, this.textarea.selectionEnd, "end");
    this.textarea.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** Replace what is written. */
  write(text) {
    this.textarea.value = "";
    this.insert(text);
    this.suggestions.close();
  }

  onInput() {
    this.textarea.style.height = "auto";
    this.textarea.style.height = `${Math.min(this.textarea.scrollHeight, 240)}px`;
    this.refresh();
  }

  onKey(event) {
    if (event.isComposing || this.suggestions.onKey(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    }
  }

  onPaste(event) {
    const { files } = event.clipboardData;
    if (files.length === 0) return;
    event.preventDefault();
    this.attachments.add(files);
  }

  acceptDrops(zone) {
    zone.dataset.drop = say("Drop files to attach them");
    zone.addEventListener("dragover", (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      zone.classList.add("dropping");
    });
    zone.addEventListener("dragleave", (event) => zone.contains(event.relatedTarget) || zone.classList.remove("dropping"));
    zone.addEventListener("drop", (event) => {
      zone.classList.remove("dropping");
      if (event.dataTransfer.files.length === 0) return;
      event.preventDefault();
      this.attachments.add(event.dataTransfer.files);
      this.textarea.focus();
    });
  }

  refresh() {
    this.send.disabled = this.busy || (!this.textarea.value.trim() && this.attachments.files.length === 0);
  }

  complain(problem) {
    this.problem.hidden = !problem;
    fill(this.problem, problem);
  }

  async submit() {
    if (this.send.disabled) return;
    this.busy = true;
    this.complain("");
    this.refresh();
    try {
      await this.dispatch(this.textarea.value, this.attachments.files);
    } catch (error) {
      this.complain(error.message);
    } finally {
      this.busy = false;
      this.refresh();
    }
  }

  async dispatch(text, files) {
    const { channel, thread } = this.place();
    const key = this.key;
    const command = /^(\/[\w-]+)(?:\s+([\s\S]*))?$/.exec(text);
    if (command) await this.command(channel, thread, command[1], command[2] ?? "");
    else if (files.length > MAX_FILES) throw new Error(say("A message carries at most {limit} files.", { limit: MAX_FILES }));
    else await postMessage({ channel, text, thread, files });
    this.drafts.delete(key);
    if (key !== this.key) return; // the person is elsewhere by now, and writes something else
    this.clear();
    this.sent();
  }

  clear() {
    this.textarea.value = "";
    this.attachments.clear();
    this.suggestions.close();
    this.onInput();
  }

  async command(channel, thread, name, text) {
    const known = [INVITE, ...workspace.commands].map(({ command }) => command);
    if (!known.includes(name)) throw new Error(say("{name} is not a command here. There is: {known}.", { name, known: known.join(", ") }));
    if (thread) throw new Error(say("Slack does not run commands in threads. Write it in the channel, or reply with plain text."));
    if (this.attachments.files.length) throw new Error(say("Commands carry no files. Send the video as a message that mentions @video-editor."));
    await runCommand(channel, name, text); // what the app answers arrives by the stream
  }
}
