// Files as messages show them: videos that play, pictures in place, everything else as a link.

import { fileUrl } from "/static/api.js";
import { h, icon } from "/static/dom.js";
import { size } from "/static/time.js";

const VIDEO = ["mp4", "mov", "webm", "m4v"];
const PICTURE = ["png", "jpg", "jpeg", "gif", "webp", "bmp"];

/** Show one file object of a message. */
export function fileNode(file) {
  if (file.mode === "tombstone") return h("div", { class: "file gone" }, "This file was deleted.");
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
  const name = file.title || file.name || "File";
  return h("figcaption", null, icon("file"), h("span", { class: "file-name", title: file.name }, name),
    h("small", null, size(file.size)),
    h("a", { class: "icon-button", href: fileUrl(file.id), download: file.name || true, "aria-label": `Download ${name}`, title: "Download" },
      icon("download")));
}

function video(file, figure) {
  const node = h("video", { controls: true, playsInline: true, preload: "metadata", src: fileUrl(file.id),
    "aria-label": file.title || file.name || "Video", data: { file: file.id } });
  node.addEventListener("error", () => {
    figure.classList.add("unplayable");
    node.replaceWith(h("p", { class: "muted" }, "This browser cannot play the video here. It can be downloaded."));
  });
  return node;
}

function picture(file) {
  const name = file.alt_txt || file.title || file.name || "Picture";
  return h("a", { href: fileUrl(file.id), target: "_blank", rel: "noopener" }, h("img", { src: fileUrl(file.id), alt: name, loading: "lazy" }));
}
