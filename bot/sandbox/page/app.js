// The page as a whole: where the person is (kept in the address, so that reloads and several windows work), and who draws what.

import { openHome, runShortcut } from "/static/api.js";
import { say, sayEverywhere } from "/static/language.js";
import { dropAllViews, dropView, openView, updateView } from "/static/modal.js";
import { ChannelPane, ThreadPane } from "/static/panes.js";
import { drawSidebar } from "/static/sidebar.js";
import { follow, onViewEvent } from "/static/stream.js";
import { attempt, toast } from "/static/toast.js";
import { channelById, findMessage, isBotChannel, isReply, isUnread, markRead, onChange, personName, update, workspace } from "/static/workspace.js";

const FIRST_PERSON = "U0ALICE01";
const FIRST_CHANNEL = "video";
const channelPane = new ChannelPane(go);
const threadPane = new ThreadPane(go);
let toReveal = "";
let openedTab = "";

/** Go to another person, channel, thread or tab: what is not named stays, as far as it makes sense. */
function go({ person = workspace.person, channel, thread, tab = "messages" }) {
  const target = person === workspace.person ? channel ?? workspace.channelId : channel ?? "";
  const open = thread ?? (target === workspace.channelId ? workspace.threadTs : "");
  location.hash = `#/${[person, target, open, tab === "home" ? tab : ""].join("/")}`;
}

function arrive() {
  const linked = /^#channel=(\w+)&ts=([\d.]+)$/.exec(location.hash); // where the server leads a permalink
  if (linked) {
    toReveal = linked[2];
    history.replaceState(null, "", `#/${localStorage.getItem("person") ?? FIRST_PERSON}/${linked[1]}`);
  }
  const [, person = "", channelId = "", threadTs = "", tab = ""] = location.hash.split("/");
  update({ channelId, threadTs, tab: tab || "messages" });
  if (person && person !== workspace.person) {
    localStorage.setItem("person", person);
    dropAllViews();
    follow(person);
  }
}

function draw() {
  if (workspace.loaded && !settle()) return;
  drawSidebar(document.getElementById("sidebar"), { go, run: (id) => attempt(() => runShortcut(id, workspace.channelId)) });
  channelPane.draw();
  threadPane.draw();
  drawConnection();
  if (workspace.loaded) {
    reveal();
    tellOfTab();
  }
  if (workspace.loaded && document.hasFocus()) markRead(workspace.channelId);
}

/** Make sure that the address names a person and a channel that exist; gives false while it sends us elsewhere. */
function settle() {
  const channel = channelById(workspace.channelId);
  if (channel?.members.includes(workspace.person)) return true;
  const mine = workspace.channels.filter((one) => one.members.includes(workspace.person));
  const home = mine.find((one) => one.name === FIRST_CHANNEL) ?? mine[0];
  if (!home) return true;
  history.replaceState(null, "", `#/${workspace.person}/${home.id}`);
  arrive();
  return false;
}

/** Tell the app when the person comes to one of the tabs of its direct messages. */
async function tellOfTab() {
  const { person, channelId, tab } = workspace;
  const key = isBotChannel(channelById(channelId)) ? `${person} ${tab}` : "";
  if (key === openedTab) return;
  openedTab = key;
  const view = key && (await attempt(() => openHome(tab)));
  if (view && workspace.person === person && !workspace.home) update({ home: view });
}

function drawConnection() {
  const isBehind = workspace.loaded && !workspace.connected;
  document.getElementById("connection").textContent = isBehind ? say("— connection lost, trying again…") : "";
  const isNews = workspace.channels.some(({ id, members }) => members.includes(workspace.person) && isUnread(id));
  const channel = channelById(workspace.channelId);
  document.title = `${isNews ? "● " : ""}${channel?.name && !channel.is_im ? `#${channel.name} – ` : ""}${workspace.team.name || "Local workspace"}`;
}

function reveal() {
  const message = findMessage(workspace.channelId, toReveal);
  if (!message) return;
  const thread = isReply(message) ? message.thread_ts : "";
  if (thread && thread !== workspace.threadTs) {
    go({ thread });
    return;
  }
  (thread ? threadPane : channelPane).list.reveal(toReveal);
  toReveal = "";
}

/** Follow links to messages and channels of this workspace inside the page. */
function onClick(event) {
  const anchor = event.target.closest("a[data-archive]");
  if (!anchor) return;
  event.preventDefault();
  const { pathname, searchParams } = new URL(anchor.href);
  const digits = /^p(\d{7,})$/.exec(pathname.split("/")[3] ?? "")?.[1];
  toReveal = digits ? `${digits.slice(0, -6)}.${digits.slice(-6)}` : "";
  go({ channel: anchor.dataset.archive, thread: searchParams.get("thread_ts") ?? "" });
  update();
}

function onEvent(event) {
  switch (event.type) {
    case "view_opened":
      openView(event.view);
      break;
    case "view_updated":
      updateView(event.view);
      break;
    case "view_closed":
      dropView(event.view_id ?? event.view.id);
      break;
    case "ephemeral":
      announce(event);
      break;
    default:
      break;
  }
}

/** Tell of a private answer that stands where the person does not look now. */
function announce({ channel, message }) {
  const thread = message.thread_ts ?? "";
  const isInSight = channel === workspace.channelId && (!thread || thread === workspace.threadTs);
  if (isInSight) return;
  toast(say("{name} wrote to you privately.", { name: personName(message.user) }), [say("Show"), () => go({ channel, thread })]);
}

function start() {
  sayEverywhere();
  onChange(draw);
  onViewEvent(onEvent);
  document.addEventListener("click", onClick);
  addEventListener("hashchange", arrive);
  addEventListener("focus", () => update());
  if (/^#(\/|channel=)\w+/.test(location.hash)) arrive();
  else location.replace(`#/${FIRST_PERSON}`);
}

start();
