// The live connection: loads everything, follows the server's events, and loads everything again after a break.

import { getHistory, getState } from "/static/api.js";
import { speakTo } from "/static/language.js";
import { findMessage, forgetMessages, remove, setHistory, update, upsert, workspace } from "/static/workspace.js";

const RETRY_MS = 1000;
let source = null;
let onEvent = () => {};

/** Hand every event that is not about messages (views, App Home) to this function. */
export function onViewEvent(listener) {
  onEvent = listener;
}

/** Follow the workspace as this person sees it; ends the connection of the person before. */
export function follow(person) {
  source?.close();
  forgetMessages();
  update({ person, connected: false, loaded: false, home: null });
  connect(person);
}

function connect(person) {
  const connection = new EventSource(`/local/stream?person=${encodeURIComponent(person)}`);
  source = connection;
  let waiting = []; // what happens while we load is applied after it
  const isCurrent = () => source === connection;
  const reload = async () => {
    waiting = [];
    try {
      await load(person, isCurrent);
    } catch {
      reconnect();
      return;
    }
    if (!isCurrent()) return;
    waiting.forEach(apply);
    waiting = null;
    update({ connected: true, loaded: true });
  };
  const reconnect = () => {
    if (!isCurrent()) return;
    connection.close();
    update({ connected: false });
    setTimeout(() => isCurrent() && connect(person), RETRY_MS);
  };
  connection.onopen = reload;
  connection.onerror = reconnect;
  connection.onmessage = ({ data }) => (waiting ? waiting.push(JSON.parse(data)) : apply(JSON.parse(data)));
}

async function load(person, isCurrent) {
  const state = await getState(person);
  speakTo(state.me.locale);
  const mine = state.channels.filter((channel) => channel.members.includes(person));
  const histories = await Promise.all(mine.map((channel) => getHistory(channel.id, person)));
  if (!isCurrent()) return;
  mine.forEach((channel, index) => setHistory(channel.id, histories[index]));
  const { team, channels, commands, shortcuts, bot, has_sample: hasSample } = state;
  update({ team, people: people(state), channels, commands, shortcuts, bot, hasSample });
}

function people(state) {
  const persons = state.people.filter((member) => !member.is_bot);
  return persons.map(({ id, name, real_name: full }) => ({ id, handle: name, name: full || name }));
}

function apply(event) {
  switch (event.type) {
    case "message":
    case "message_changed":
    case "reaction":
      upsert(event.channel, event.message);
      break;
    case "ephemeral":
      if (!findMessage(event.channel, event.message.ts)) onEvent(event);
      upsert(event.channel, event.message);
      break;
    case "message_deleted":
      remove(event.channel, event.ts);
      break;
    case "presence":
      update({ bot: { ...workspace.bot, connected: event.connected } });
      break;
    case "channel": // its members changed, and with them what this person may see
      follow(workspace.person);
      break;
    case "home":
      update({ home: event.view });
      break;
    default:
      onEvent(event);
  }
}
