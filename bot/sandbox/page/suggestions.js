// The list over the composer: commands after “/”, people after “@”, channels after “#”. Arrow keys choose, Tab or Enter takes.

import { fill, h } from "/static/dom.js";
import { say } from "/static/language.js";
import { workspace } from "/static/workspace.js";

const MAX_SHOWN = 6;

/** The one command that is the workspace's own. */
export const INVITE = { command: "/invite", usage_hint: "@video-editor", description: say("Bring somebody into this channel") };

export class Suggestions {
  /** Watch this textarea; `take(text)` is called after a choice was put in. */
  constructor(textarea) {
    this.textarea = textarea;
    this.node = h("ul", { class: "suggestions", role: "listbox", id: `${textarea.id}-suggestions`, hidden: true });
    this.entries = [];
    this.chosen = 0;
    textarea.setAttribute("aria-controls", this.node.id);
    textarea.setAttribute("aria-autocomplete", "list");
    textarea.addEventListener("input", () => this.refresh());
    textarea.addEventListener("click", () => this.refresh());
    textarea.addEventListener("blur", () => this.close());
  }

  get isOpen() {
    return this.entries.length > 0;
  }

  /** Look at the word before the cursor and offer what fits. */
  refresh() {
    const typed = this.textarea.value.slice(0, this.textarea.selectionStart);
    this.word = /(?:^|\s)([@#][\w-]*)$|^(\/[\w-]*)$/.exec(typed)?.slice(1).find(Boolean) ?? "";
    this.entries = this.word ? candidates(this.word).slice(0, MAX_SHOWN) : [];
    this.chosen = 0;
    this.draw();
  }

  /** Handle a key; gives true when the list used it. */
  onKey(event) {
    if (!this.isOpen) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.move(step);
    else if (event.key === "Escape") this.close();
    else if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey && this.adds())) this.take(this.entries[this.chosen]);
    else return false;
    event.preventDefault();
    return true;
  }

  close() {
    this.entries = [];
    this.draw();
  }

  /** Say whether taking the entry would add anything: Enter after a fully typed word sends. */
  adds() {
    return this.entries[this.chosen].insert.trim() !== this.word;
  }

  move(step) {
    this.chosen = (this.chosen + step + this.entries.length) % this.entries.length;
    this.draw();
  }

  take({ insert }) {
    const end = this.textarea.selectionStart;
    this.textarea.setRangeText(insert, end - this.word.length, end, "end");
    this.textarea.dispatchEvent(new Event("input", { bubbles: true }));
    this.textarea.focus();
    this.close();
  }

  draw() {
    this.node.hidden = !this.isOpen;
    this.textarea.setAttribute("aria-expanded", String(this.isOpen));
    fill(this.node, this.entries.map((entry, index) => this.option(entry, index)));
  }

  option(entry, index) {
    return h("li", { role: "option", "aria-selected": String(index === this.chosen),
      onmousedown: (event) => { event.preventDefault(); this.take(entry); } }, h("b", null, entry.title), h("code", null, entry.usage), h("small", null, entry.about));
  }
}

function candidates(word) {
  const all = { "/": commands, "@": people, "#": channels }[word[0]]();
  return all.filter(({ insert }) => insert.toLowerCase().startsWith(word.toLowerCase()));
}

const commands = () => [...workspace.commands, INVITE].map(({ command, usage_hint: usage, description }) =>
  ({ insert: `${command} `, title: command, usage, about: description }));

const people = () => [
  { insert: "@video-editor ", title: "@video-editor", usage: "", about: say("{name} (app)", { name: workspace.bot.name }) },
  ...workspace.people.map(({ id, handle, name }) => ({ insert: `@${handle} `, title: `@${handle}`, usage: "", about: id === workspace.person ? say("you") : name })),
];

const channels = () => workspace.channels.filter((channel) => !channel.is_im).map(({ name }) =>
  ({ insert: `#${name} `, title: `#${name}`, usage: "", about: "" }));
