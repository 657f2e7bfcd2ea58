"""Slack's wire text: what a person typed, as Slack sends it, and what we say, as Slack wants it.

Slack escapes `&`, `<` and `>` and puts mentions and links between angle brackets:
https://docs.slack.dev/messaging/formatting-message-text. What the words mean is decided in `bot/command.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_TOKEN = re.compile(r"<([^<>]*)>|(https?://[^\s<>|]*[^\s<>|.,;:!?)\]}'\"”’])", re.IGNORECASE)
# Control characters, and the marks that turn the direction of writing around and could disguise what follows.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class TypedLink:
    """A link in a text. `shown` is what stands in the text; Slack makes links of bare domains too."""

    url: str
    shown: str
    start: int

    @property
    def explicit(self) -> bool:
        """Say whether the person typed a whole address, and not a name such as `acme.com` that Slack took for one."""
        return self.shown == self.url


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person typed, readable; the mention of the bot is taken out."""

    text: str
    mentions_bot: bool = False
    typed_links: tuple[TypedLink, ...] = ()

    @property
    def links(self) -> tuple[str, ...]:
        """Return the addresses of all links, in order."""
        return tuple(link.url for link in self.typed_links)

    @property
    def only_link(self) -> TypedLink | None:
        """Return the link where exactly one whole address was typed."""
        explicit = [link for link in self.typed_links if link.explicit]
        return explicit[0] if len(explicit) == 1 else None

    def after(self, end: int) -> Typed:
        """Return what stands behind a place in the text."""
        links = (replace(link, start=link.start - end) for link in self.typed_links if link.start >= end)
        return replace(self, text=self.text[end:], typed_links=tuple(links))

    def without(self, link: TypedLink) -> str:
        """Return the text without one of its links."""
        return f"{self.text[: link.start]} {self.text[link.start + len(link.shown) :]}"


def read_text(text: str, *, bot_user_id: str) -> Typed:
    """Turn Slack's wire text into what was typed: `&lt;` is `<`, `<url|label>` is the label and a link, and so on."""
    written = ""
    mentions_bot = False
    links: list[TypedLink] = []
    end = 0
    for found in _TOKEN.finditer(text):
        written += unescape(text[end : found.start()])
        end = found.end()
        inside = found[1] if found[2] is None else found[2]
        target, _, label = inside.partition("|")
        if target == f"@{bot_user_id}":
            mentions_bot = True
            continue
        shown = _readable(target, label)
        if target.lower().startswith(("http://", "https://")):
            links.append(TypedLink(url=unescape(target), shown=shown, start=len(written)))
        written += shown
    written += unescape(text[end:])
    return Typed(written, mentions_bot, tuple(links))


def _readable(target: str, label: str) -> str:
    """Write the inside of angle brackets as a person sees it: a name, or an address."""
    if target.startswith(("@", "#")):
        return target[0] + unescape(label or target[1:]).lstrip("@#")
    if target.startswith("!"):
        return unescape(label) or f"@{target[1:]}"
    return unescape(label or target)


def unescape(text: str) -> str:
    """Undo Slack's escaping of `&`, `<` and `>`."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def escape(text: str) -> str:
    """Make a text harmless in mrkdwn: no mention, no link, no markup between angle brackets can come of it.

    https://docs.slack.dev/messaging/formatting-message-text#escaping
    """
    return without_control(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def without_control(text: str) -> str:
    """Take out control characters (newline and tab stay)."""
    return _CONTROL.sub("", text.replace("\r\n", "\n"))


def shorten(text: str, max_chars: int) -> str:
    """Cut a text that is too long, with an ellipsis as its last character."""
    return text if len(text) <= max_chars else text[: max_chars - 1].rstrip() + "…"
