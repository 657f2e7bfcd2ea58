// What the page asks of the server: the person API. Each call throws an Error whose message can be shown to the person.

import { say } from "/static/language.js";
import { workspace } from "/static/workspace.js";

/** Ask who and what is there. */
export const getState = (person) => get(`/local/state?person=${person}`);

/** Ask for a channel's messages, replies included, oldest first. */
export const getHistory = async (channel, person) =>
  (await get(`/local/history?channel=${channel}&person=${person}`)).messages;

/** Post a message as the person. */
export function postMessage({ channel, text, thread, files }) {
  // Browsers write line ends in forms as CRLF; in JSON they stay as typed.
  if (files.length === 0) return post("/local/messages", { channel, text, thread_ts: thread });
  const form = new FormData();
  form.set("person", workspace.person);
  form.set("channel", channel);
  form.set("text", text);
  if (thread) form.set("thread_ts", thread);
  for (const file of files) form.append("files", file, file.name);
  return post("/local/messages", form);
}

/** Fetch the video that the workspace offers to whoever has none at hand. */
export async function getSample() {
  const response = await fetch("/local/sample");
  if (!response.ok) throw new Error(inWords(`HTTP ${response.status}`));
  return new File([await response.blob()], "sample.mp4", { type: "video/mp4" });
}

/** Delete one of the person's own messages. */
export const deleteMessage = (channel, ts) => post("/local/delete", { channel, ts });

/** Delete one of the person's own files. */
export const deleteFile = (file) => post("/local/delete_file", { file });

/** Add or remove the person's reaction. */
export const react = (channel, ts, name, remove) => post("/local/reactions", { channel, ts, name, remove });

/** Run a slash command. */
export const runCommand = (channel, command, text) => post("/local/commands", { channel, command, text });

/** Press a button, or choose in a menu, of a message or a view. */
export const act = (details) => post("/local/actions", details);

/** Run a shortcut; message shortcuts name their message. */
export const runShortcut = (callbackId, channel, ts) => post("/local/shortcuts", { callback_id: callbackId, channel, ts });

/** Tell the app that the person opened its `home` or `messages` tab; gives what it had published before. */
export const openHome = async (tab) => (await post("/local/home", { tab })).view ?? null;

/** Submit a modal: simple values by block and action, files by block. */
export function submitView(viewId, state, files) {
  const form = new FormData();
  form.set("person", workspace.person);
  form.set("state", JSON.stringify(state));
  for (const [block, list] of Object.entries(files)) for (const file of list) form.append(block, file, file.name);
  return post(`/local/views/${viewId}/submit`, form);
}

/** Close a modal without submitting it. */
export const closeView = (viewId) => post(`/local/views/${viewId}/close`, {});

/** Give the address of a file's content. */
export const fileUrl = (id) => `/local/files/${encodeURIComponent(id)}?person=${encodeURIComponent(workspace.person)}`;

async function get(path) {
  return answer(() => fetch(path, { headers: { accept: "application/json" } }));
}

async function post(path, body) {
  if (body instanceof FormData) return answer(() => fetch(path, { method: "POST", body }));
  const json = JSON.stringify({ person: workspace.person, ...body });
  return answer(() => fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: json }));
}

async function answer(send) {
  let response;
  try {
    response = await send();
  } catch {
    throw new Error(say("The local workspace does not answer. Is it still running?"));
  }
  const body = await response.json().catch(() => ({ error: `HTTP ${response.status}` }));
  if (!response.ok || body.error) throw new Error(inWords(body.error ?? `HTTP ${response.status}`));
  return body;
}

const WORDS = {
  operation_timeout: say("Video Editor did not answer within 3 seconds."),
  dispatch_failed: say("Video Editor did not take this. Is the bot running?"),
  already_in_channel: say("They are in this channel already."),
  user_not_found: say("There is nobody of that name. Try @video-editor."),
  not_in_channel: say("You are not in this channel."),
  message_not_found: say("This message is gone."),
  no_text: say("Write something first."),
  no_such_action: say("That button is gone: the message has changed in the meantime."),
};

function inWords(error) {
  return WORDS[error] ?? say("That did not work: {why}.", { why: String(error).replaceAll("_", " ") });
}
