"""Typed text → the text and the rich text block that Slack makes of it. Pure.

Slack escapes `&`, `<` and `>`, and puts mentions, channels and links between angle brackets
(https://docs.slack.dev/messaging/formatting-message-text).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

_LINK = r"https?://[^\s<>]*[^\s<>.,;:!?)\]}'\"”’]"


@dataclass(frozen=True, slots=True)
class Names:
    """Say which typed names mean whom: handles and display names → user ids, channel names → channel ids."""

    users: Mapping[str, str]
    channels: Mapping[str, str]


def escape(text: str) -> str:
    """Replace the three characters that Slack reserves."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def encode(typed: str, names: Names) -> str:
    """Return the `text` that Slack sends for what a person typed."""
    return "".join(_marked_up(piece) for piece in _pieces(typed, names))


def rich_text(typed: str, names: Names, block_id: str) -> dict[str, Any]:
    """Return the `rich_text` block that accompanies the text of a person's message."""
    section = {"type": "rich_text_section", "elements": [_element(piece) for piece in _pieces(typed, names)]}
    return {"type": "rich_text", "block_id": block_id, "elements": [section]}


@dataclass(frozen=True, slots=True)
class _Piece:
    kind: Literal["text", "link", "user", "channel"]
    typed: str
    target_id: str = ""


def _pieces(typed: str, names: Names) -> Iterator[_Piece]:
    end = 0
    for match in _pattern(names).finditer(typed):
        if match.start() > end:
            yield _Piece("text", typed[end : match.start()])
        end = match.end()
        if match["link"]:
            yield _Piece("link", match["link"])
        elif match["user"]:
            yield _Piece("user", match["user"], _lookup(names.users, match["user"]))
        else:
            yield _Piece("channel", match["channel"], _lookup(names.channels, match["channel"]))
    if end < len(typed):
        yield _Piece("text", typed[end:])


def _marked_up(piece: _Piece) -> str:
    match piece.kind:
        case "text":
            return escape(piece.typed)
        case "link":
            return f"<{escape(piece.typed)}>"
        case "user":
            return f"<@{piece.target_id}>"
        case "channel":
            return f"<#{piece.target_id}|{piece.typed}>"


def _element(piece: _Piece) -> dict[str, Any]:
    match piece.kind:
        case "text":
            return {"type": "text", "text": piece.typed}
        case "link":
            return {"type": "link", "url": piece.typed}
        case "user":
            return {"type": "user", "user_id": piece.target_id}
        case "channel":
            return {"type": "channel", "channel_id": piece.target_id}


def _pattern(names: Names) -> re.Pattern[str]:
    users = _any_of(names.users)
    channels = _any_of(names.channels)
    mention = rf"(?<!\w)@(?P<user>{users})(?!\w)|(?<!\w)#(?P<channel>{channels})(?![\w-])"
    return re.compile(rf"(?P<link>{_LINK})|{mention}", re.IGNORECASE)


def _any_of(names: Mapping[str, str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)) or r"(?!)"


def _lookup(names: Mapping[str, str], typed: str) -> str:
    return next(value for name, value in names.items() if name.casefold() == typed.casefold())
