// What an empty conversation shows: what to try first.

import { h, icon } from "/static/dom.js";
import { say } from "/static/language.js";
import { channelTitle, isBotChannel, workspace } from "/static/workspace.js";

const IDEAS = [say("Change the video to an 8-bit pixel style"), say("Make it look like a watercolour painting"), say("Turn it black and white")];

/**
 * Draw the hint; `write` puts text into the composer, `attach` opens the file dialog, `take` attaches the sample and
 * writes this. A workspace with a sample is the sandbox, whose edits take seconds.
 */
export function hint(channel, { write, attach, take }) {
  const mention = isBotChannel(channel) ? "" : "@video-editor ";
  if (!channel.bot_is_member && !channel.is_im) return absent(channel, write);
  return h("section", { class: "hint-card" },
    h("p", { class: "hint-sign", "aria-hidden": "true" }, "🎬"),
    h("h2", null, channel.is_im ? say("Say hello to {name}", { name: channelTitle(channel) }) : say("Edit your first video in #{channel}", { channel: channel.name })),
    h("ol", null,
      h("li", null, h("span", null, say("Attach a short video (2–10 seconds), and up to four pictures if they help."))),
      h("li", null, h("span", null, mention ? say("Mention @video-editor and say what should change.") : say("Say what should change."))),
      h("li", null, h("span", null, workspace.hasSample ? say("The edited video comes back in the thread: here within seconds, for real in minutes.") : say("The edited video comes back in the thread.")))),
    h("p", { class: "ideas" }, h("button", { type: "button", class: "button primary", onclick: attach }, icon("attach"), say("Attach a video")), " ",
      workspace.hasSample && h("button", { type: "button", class: "button", onclick: () => take(mention + IDEAS[0]) }, say("Take a sample video"))),
    h("p", { class: "ideas" }, h("small", null, say("Write, for example:")),
      IDEAS.map((idea) => h("button", { type: "button", class: "idea", onclick: () => write(mention + idea) }, idea))));
}

function absent(channel, write) {
  return h("section", { class: "hint-card" }, h("h2", null, `#${channel.name}`),
    h("p", null, say("Video Editor is not in this channel, so it sees nothing that is written here.")),
    h("p", { class: "ideas" }, h("button", { type: "button", class: "button", onclick: () => write("/invite @video-editor") }, say("Invite it"))));
}
