// What the page knows of the workspace, and where the person is in it. Changes are told to listeners once per turn; nothing here draws.

export const workspace = {
  person: "", team: {}, people: [], channels: [], commands: [], shortcuts: [], bot: {}, connected: false, loaded: false, hasSample: false,
  channelId: "", threadTs: "", tab: "messages", home: null,
};

const histories = new Map(); // channel id → Map of ts → message
const dismissed = new Set(); // ephemeral messages that were put away
const listeners = [];
let scheduled = false;

/** Call this function, once per turn of the event loop, after anything changed. */
export function onChange(listener) {
  listeners.push(listener);
}

/** Merge facts into the workspace and tell the listeners. */
export function update(facts = {}) {
  Object.assign(workspace, facts);
  if (scheduled) return;
  scheduled = true;
  queueMicrotask(() => {
    scheduled = false;
    listeners.forEach((listener) => listener());
  });
}

/** Forget the messages of all channels: another person sees others. */
export function forgetMessages() {
  histories.clear();
}

/** Take a channel's messages as the server lists them. */
export function setHistory(channelId, messages) {
  histories.set(channelId, new Map(messages.map((message) => [message.ts, message])));
}

/** Add a message, or put its newer form in its place. */
export function upsert(channelId, message) {
  if (!histories.has(channelId)) histories.set(channelId, new Map());
  histories.get(channelId).set(message.ts, message);
  update();
}

/** Remove a message. */
export function remove(channelId, ts) {
  histories.get(channelId)?.delete(ts);
  update();
}

/** Put an ephemeral message away. */
export function dismiss(ts) {
  dismissed.add(ts);
  update();
}

/** Find a message. */
export function findMessage(channelId, ts) {
  return histories.get(channelId)?.get(ts);
}

/** List the messages of the channel's main pane, oldest first. */
export function rootsOf(channelId) {
  return sorted(channelId).filter((message) => !isReply(message) || message.subtype === "thread_broadcast");
}

/** List a thread: its root, if it is known, and its replies, oldest first. */
export function threadOf(channelId, ts) {
  return sorted(channelId).filter((message) => message.ts === ts || message.thread_ts === ts);
}

/** List the replies that everybody sees. */
export function repliesTo(channelId, ts) {
  return threadOf(channelId, ts).filter((message) => message.ts !== ts && !message.ephemeral);
}

/** Say whether a message belongs into a thread and not into the channel. */
export function isReply(message) {
  return Boolean(message.thread_ts) && message.thread_ts !== message.ts;
}

function sorted(channelId) {
  const messages = [...(histories.get(channelId)?.values() ?? [])].filter((message) => !dismissed.has(message.ts));
  return messages.sort((a, b) => (a.ts < b.ts ? -1 : 1));
}

/** Say whether others wrote something in a channel since the person last looked. */
export function isUnread(channelId) {
  const read = localStorage.getItem(readKey(channelId)) ?? "0";
  return sorted(channelId).some((message) => message.ts > read && message.user !== workspace.person);
}

/** Note that the person has seen everything in a channel. */
export function markRead(channelId) {
  const newest = sorted(channelId).at(-1)?.ts;
  if (newest) localStorage.setItem(readKey(channelId), newest);
}

function readKey(channelId) {
  return `read ${workspace.person} ${channelId}`;
}

/** Find a channel that the person can see. */
export function channelById(id) {
  return workspace.channels.find((channel) => channel.id === id);
}

/** Say how a person, or the bot, is called; empty for a stranger. */
export function personName(id) {
  if (id === workspace.bot.user_id) return workspace.bot.name;
  const person = workspace.people.find((one) => one.id === id);
  return person?.name ?? (id === "USLACKBOT" ? "Slackbot" : "");
}

/** Say how a channel is called in headers; a direct message by the other's name. */
export function channelTitle(channel) {
  if (!channel.is_im) return channel.name;
  const other = channel.members.find((member) => member !== workspace.person);
  return personName(other) || channel.name;
}

/** Say whether a channel is the person's direct messages with the bot. */
export function isBotChannel(channel) {
  return Boolean(channel?.is_im) && channel.members.includes(workspace.bot.user_id);
}
