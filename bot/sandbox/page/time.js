// How the page writes times, days and sizes. A Slack `ts` is seconds since 1970 with six digits behind the dot.

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

/** Give the moment of a message. */
export function moment(ts) {
  return new Date(Number.parseFloat(ts) * 1000);
}

/** Write the time of day of a message. */
export function clock(ts) {
  return CLOCK.format(moment(ts));
}

/** Write the time of day where there is no room for AM or PM. */
export function shortClock(ts) {
  const parts = CLOCK.formatToParts(moment(ts)).filter(({ type }) => type !== "dayPeriod");
  return parts.map(({ value }) => value).join("").trim();
}

/** Write the day of a message: Today, Yesterday, or its date. */
export function day(ts) {
  const at = moment(ts).toDateString();
  if (at === new Date().toDateString()) return "Today";
  if (at === new Date(Date.now() - 86_400_000).toDateString()) return "Yesterday";
  return DAY.format(moment(ts));
}

/** Write a file's size the way people say it. */
export function size(bytes) {
  if (!Number.isFinite(bytes)) return "";
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
