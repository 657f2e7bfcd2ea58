// Files as messages show them: videos that play, pictures in place, everything else as a link.

import { fileUrl } from "/static/api.js";
import { h, icon } from "/static/dom.js";
import { say } from "/static/language.js";
import { size } from "/static/time.js";

const VIDEO = ["mp4", "mov", "webm", "m4v"];
const [WIDEST_PX, NARROWEST_PX, TALLEST_PX] = [480, 160, 340];
const PICTURE = ["png", "jpg", "jpeg", "gif", "webp", "bmp"];

/** Show one file object of a message. */
export function fileNode(file) {
  if (file.mode === "tombstone") return h("div", { class: "file gone" }, say("This file was deleted."));
  const kind = kindOf(file);
  const figure = h("figure", { class: `file ${kind}`, data: { file: file.id } }, caption(file));
  if (kind === "video") figure.append(video(file, figure));
  if (kind === "picture") figure.append(picture(file));
  return figure;
}

/** Say what makes one file object differ from another on the page; thumbnails and scans change the rest. */
export function fileKey(file) {
  return `${file.id} ${file.mode ?? ""} ${kindOf(file)} ${file.title ?? ""}`;
}

/** Say how to show a file: `video`, `picture` or `other`. Its type may be unknown at first, so the name counts too. */
export function kindOf({ mimetype = "", name = "" }) {
  const suffix = name.toLowerCase().split(".").at(-1);
  if (mimetype.startsWith("video/") || VIDEO.includes(suffix)) return "video";
  return (mimetype.startsWith("image/") && mimetype !== "image/heic") || PICTURE.includes(suffix) ? "picture" : "other";
}

function caption(file) {
  const name = file.title || file.name || say("File");
  return h("figcaption", null, icon("file"), h("span", { class: "file-name", title: file.name }, name),
    h("small", null, size(file.size)),
    h("a", { class: "icon-button", href: fileUrl(file.id), download: file.name || true, "aria-label": say("Download {name}", { name }), title: say("Download") },
      icon("download")));
}

function video(file, figure) {
  const node = h("video", { controls: true, playsInline: true, preload: "metadata", src: fileUrl(file.id),
    "aria-label": file.title || file.name || say("Video"), data: { file: file.id } });
  node.addEventListener("loadedmetadata", () => fit(node));
  node.addEventListener("error", () => {
    figure.classList.add("unplayable");
    node.replaceWith(h("p", { class: "muted" }, say("This browser cannot play the video here. It can be downloaded.")));
  });
  return node;
}

/** Give a video the room that its pictures have, without black beside them. */
function fit(node) {
  const ratio = node.videoWidth / node.videoHeight;
  if (!Number.isFinite(ratio)) return;
  node.style.aspectRatio = String(ratio);
  node.style.width = `${Math.max(NARROWEST_PX, Math.min(WIDEST_PX, Math.round(TALLEST_PX * ratio)))}px`;
}

function picture(file) {
  const name = file.alt_txt || file.title || file.name || say("Picture");
  return h("a", { href: fileUrl(file.id), target: "_blank", rel: "noopener" }, h("img", { src: fileUrl(file.id), alt: name, loading: "lazy" }));
}
