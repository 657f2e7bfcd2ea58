"""A message and the blocks that ours consist of. Not here: what they say.

Limits of blocks: https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.text import escape, shorten, without_control

Block = dict[str, Any]

SECTION_MAX_CHARS = 3000
QUOTE_MAX_CHARS = 600


@dataclass(frozen=True, slots=True)
class Message:
    """What Slack is sent: `text` (mrkdwn) for notifications and screen readers, `blocks` for everybody else."""

    text: str
    blocks: list[Block]


def header(text: str) -> Block:
    """Make a heading."""
    return {"type": "header", "text": plain(shorten(text, 150))}


def section(mrkdwn: str) -> Block:
    """Make a paragraph; whatever in it is not ours must be escaped already."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": _shortened(mrkdwn, SECTION_MAX_CHARS)}}


def context(*mrkdwn: str) -> Block:
    """Make a line of small print; whatever in it is not ours must be escaped already."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": _shortened(part, 1000)} for part in mrkdwn]}


def _shortened(mrkdwn: str, max_chars: int) -> str:
    """Cut what is too long, but not within `&amp;` or `<@U1>`, of which Slack would show the pieces."""
    cut = shorten(mrkdwn, max_chars)
    return cut if cut == mrkdwn else re.sub(r"(?:&[a-z]*|<[^<>]*)…$", "…", cut)


def quote(text: str) -> Block:
    """Quote what somebody wrote, shortened; rich text knows no markup, so it needs no escaping."""
    words = shorten(without_control(text).strip(), QUOTE_MAX_CHARS) or "…"
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_quote", "elements": [{"type": "text", "text": words}]}],
    }


def actions(buttons: Sequence[Block]) -> list[Block]:
    """Make a row of buttons, or nothing where there are none (Slack refuses an empty row)."""
    return [{"type": "actions", "elements": list(buttons)}] if buttons else []


def button(
    label: str, action_id: str, value: str, *, style: Literal["primary", "danger"] | None = None,
    confirm: Block | None = None,
) -> Block:  # fmt: skip
    """Make a button; `value` is an edit's id, which is looked up and checked when it comes back."""
    made: Block = {
        "type": "button",
        "text": plain(label),
        "action_id": action_id,
        "value": value,
    }
    return made | ({"style": style} if style else {}) | ({"confirm": confirm} if confirm else {})


def picture(file_id: str, alt_text: str) -> Block:
    """Make a small picture of a file in Slack, to stand beside a text."""
    return {"type": "image", "slack_file": {"id": file_id}, "alt_text": alt_text}


def menu(action_id: str, entries: Sequence[tuple[str, str]]) -> Block:
    """Make the menu behind three dots, of labels with their values: at most five, and none of Slack's asks first.

    docs.slack.dev/reference/block-kit/block-elements/overflow-menu-element
    """
    return {
        "type": "overflow",
        "action_id": action_id,
        "options": [{"text": plain(label), "value": value} for label, value in entries],
    }


def with_buttons(text: str, buttons: Sequence[Block]) -> tuple[Block, ...]:
    """Make the blocks of a text with buttons; none where there are no buttons, because the text alone does then."""
    return (section(text), *actions(buttons)) if buttons else ()


def plain_sections(blocks: Sequence[Mapping[str, Any]]) -> list[Block]:
    """Make the plainest form of a message's blocks that still has its buttons, for where Slack refuses these."""
    return [made for block in blocks for made in _plainly(block)]


def _plainly(block: Mapping[str, Any]) -> list[Block]:
    match block["type"]:
        case "actions":
            return [dict(block)]
        case "section":
            words = block["text"]["text"]
        case "header":
            words = f"*{escape(block['text']['text'])}*"
        case "context":
            words = " ".join(part["text"] for part in block["elements"] if "text" in part)
        case "rich_text":  # a quotation: there is no other of ours
            said = "".join(part["text"] for group in block["elements"] for part in group["elements"])
            words = "\n".join(f">{line}" for line in escape(said).splitlines())
        case _:
            return []
    return [section(words)]


def confirmation(title: str, text: str, *, yes: str, no: str) -> Block:
    """Make the dialog that asks before a button does its work."""
    return {"title": plain(title), "text": plain(text), "confirm": plain(yes), "deny": plain(no), "style": "danger"}


def plain(text: str) -> Block:
    """Make a text object without markup."""
    return {"type": "plain_text", "text": text, "emoji": True}
