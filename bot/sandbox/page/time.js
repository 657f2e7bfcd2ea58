// How the page writes times, days and sizes. A Slack `ts` is seconds since 1970 with six digits behind the dot.

import { localeTag, say } from "/static/language.js";

const CLOCK = new Intl.DateTimeFormat(localeTag, { hour: "numeric", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(localeTag, { weekday: "long", day: "numeric", month: "long" });

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
  return nearDay(moment(ts)) || DAY.format(moment(ts));
}

function nearDay(at) {
  if (at.toDateString() === new Date().toDateString()) return say("Today");
  return at.toDateString() === new Date(Date.now() - 86_400_000).toDateString() ? say("Yesterday") : "";
}

const LONG = { weekday: "long", day: "numeric", month: "long", year: "numeric" };
const WAYS = {
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" }, date_slash: { year: "numeric", month: "2-digit", day: "2-digit" },
  date: { day: "numeric", month: "long", year: "numeric" }, date_short: { day: "numeric", month: "short", year: "numeric" }, date_long: LONG,
  time: { hour: "numeric", minute: "2-digit" }, time_secs: { hour: "numeric", minute: "2-digit", second: "2-digit" },
};

/** Fill a template such as `{date_short_pretty} {time}` for a moment; gives nothing for a token that is none. */
export function formatted(seconds, template) {
  const at = new Date(Number(seconds) * 1000);
  if (Number.isNaN(at.getTime())) return "";
  let isKnown = true;
  const text = template.replaceAll(/\{(\w+)\}/g, (_, token) => {
    const [name, pretty] = token.split("_pretty");
    isKnown &&= name in WAYS;
    const near = pretty === "" && nearDay(at);
    return near || (isKnown ? new Intl.DateTimeFormat(localeTag, WAYS[name]).format(at) : "");
  });
  return isKnown ? text : "";
}

/** Write a file's size the way people say it. */
export function size(bytes) {
  if (!Number.isFinite(bytes)) return "";
  if (bytes < 1000) return say("{count} bytes", { count: bytes });
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
