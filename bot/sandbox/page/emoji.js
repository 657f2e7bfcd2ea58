// The emoji names that Slack spells :name:, as characters; and the palette of reactions. Unknown names stay text.

const NAMES = {
  "+1": "👍", thumbsup: "👍", "-1": "👎", thumbsdown: "👎", alarm_clock: "⏰", arrow_down: "⬇️", arrow_forward: "▶️",
  arrow_left: "⬅️", arrow_right: "➡️", arrow_up: "⬆️", arrows_counterclockwise: "🔄", art: "🎨", bell: "🔔",
  black_square_for_stop: "⏹️", bug: "🐛", bulb: "💡", camera: "📷", chart_with_upwards_trend: "📈", clap: "👏",
  clapper: "🎬", clipboard: "📋", clock1: "🕐", confused: "😕", cry: "😢", dart: "🎯", double_vertical_bar: "⏸️",
  exclamation: "❗", eyes: "👀", film_frames: "🎞️", film_projector: "📽️", fire: "🔥", frame_with_picture: "🖼️",
  gear: "⚙️", grey_question: "❔", hammer_and_wrench: "🛠️", heart: "❤️", heavy_check_mark: "✔️",
  heavy_plus_sign: "➕", hourglass: "⌛", hourglass_flowing_sand: "⏳", information_source: "ℹ️", joy: "😂", key: "🔑",
  large_green_circle: "🟢", large_red_square: "🟥", large_yellow_circle: "🟡", red_circle: "🔴", white_circle: "⚪",
  link: "🔗", lock: "🔒", loud_sound: "🔊", mag: "🔍", memo: "📝", money_with_wings: "💸", moneybag: "💰",
  movie_camera: "🎥", mute: "🔇", no_entry: "⛔", no_entry_sign: "🚫", octagonal_sign: "🛑", ok_hand: "👌",
  outbox_tray: "📤", inbox_tray: "📥", paperclip: "📎", pencil2: "✏️", point_down: "👇", point_right: "👉",
  pray: "🙏", question: "❓", raised_hand: "✋", raised_hands: "🙌", recycle: "♻️", repeat: "🔁", rocket: "🚀", rotating_light: "🚨",
  scissors: "✂️", scream: "😱", slightly_smiling_face: "🙂", smile: "😄", sob: "😭", sparkles: "✨",
  speech_balloon: "💬", star: "⭐", stopwatch: "⏱️", tada: "🎉", thinking_face: "🤔", tv: "📺", twisted_rightwards_arrows: "🔀",
  vhs: "📼", video_camera: "📹", wastebasket: "🗑️", warning: "⚠️", wave: "👋", white_check_mark: "✅", wrench: "🔧",
  x: "❌", zap: "⚡", zzz: "💤",
};

/** Names in the reaction palette; the first ones mean something to an edit. */
export const PALETTE = ["repeat", "x", "eyes", "white_check_mark", "warning", "+1", "-1", "heart", "tada", "joy", "fire", "rocket",
  "raised_hands", "clap", "pray", "thinking_face", "sob", "scream", "movie_camera", "clapper", "sparkles", "hourglass_flowing_sand",
  "question", "wave"];

/** Give the character of an emoji name, or undefined. */
export function emojiCharacter(name) {
  return Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
}

/** Make a node for an emoji name; a name that we do not know is shown as it is written. */
export function emoji(name) {
  const character = emojiCharacter(name);
  if (character === undefined) return document.createTextNode(`:${name}:`);
  const node = document.createElement("span");
  node.className = "emoji";
  node.setAttribute("role", "img");
  node.setAttribute("aria-label", name.replaceAll("_", " "));
  node.title = `:${name}:`;
  node.textContent = character;
  return node;
}
