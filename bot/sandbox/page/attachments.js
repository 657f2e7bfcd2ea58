// The files that wait in a composer or a form field: a strip of previews, each of which can be taken away.

import { fill, h, icon, iconButton } from "/static/dom.js";
import { kindOf } from "/static/files.js";
import { say } from "/static/language.js";
import { size } from "/static/time.js";

export class Attachments {
  /** Make an empty strip; `changed` is called after each change. */
  constructor(changed = () => {}) {
    this.items = []; // {file, url}: the url shows the preview and is given back with the file
    this.node = h("ul", { class: "attachments", "aria-label": say("Attached files"), hidden: true });
    this.changed = changed;
  }

  get files() {
    return this.items.map(({ file }) => file);
  }

  /** Add files behind those that are there. */
  add(files) {
    this.items.push(...[...files].map((file) => ({ file, url: URL.createObjectURL(file) })));
    this.draw();
  }

  /** Take everything out. */
  clear() {
    const gone = this.items;
    this.items = [];
    this.draw();
    gone.forEach(({ url }) => URL.revokeObjectURL(url));
  }

  draw() {
    this.node.hidden = this.items.length === 0;
    this.node.querySelectorAll("video").forEach(stopLoading);
    fill(this.node, this.items.map((item) => this.preview(item)));
    this.changed();
  }

  preview(item) {
    const { file } = item;
    return h("li", { class: "attachment" }, thumbnail(item), h("div", null, h("span", { class: "file-name" }, file.name), h("small", null, size(file.size))),
      iconButton("close", say("Remove {name}", { name: file.name }), () => this.drop(item)));
  }

  drop(item) {
    this.items = this.items.filter((one) => one !== item);
    this.draw();
    URL.revokeObjectURL(item.url);
  }
}

/** Let a preview that goes away want nothing more: otherwise it complains in the console that its URL is gone. */
function stopLoading(video) {
  video.removeAttribute("src");
  video.load();
}

function thumbnail({ file, url }) {
  const kind = kindOf({ mimetype: file.type, name: file.name });
  if (kind === "picture") return h("img", { src: url, alt: "" });
  if (kind !== "video") return h("span", { class: "thumb" }, icon("file"));
  const node = h("video", { src: url, playsInline: true, preload: "metadata", "aria-hidden": "true", tabindex: "-1" });
  node.muted = true;
  return node;
}
