"""What stands with the finished video, and the root message that the bot posts where no message of a person is one."""

from __future__ import annotations

import re
from pathlib import PurePath

from bot.edit import Edit, SlackFile
from bot.language import say, sentences
from bot.messages.blocks import Block, Message, actions, button, context, menu, quote, section
from bot.messages.words import (
    COMPARE,
    DETAILS,
    EDIT_AGAIN,
    FROM_ORIGINAL,
    MORE,
    REMOVE,
    RETRY,
    VARY,
    bill_and_price,
    made_fit,
    options,
    requested_by,
)
from bot.text import escape, shorten, without_control

TITLE_MAX_CHARS = 80


def result(edit: Edit) -> Message:
    """Write what stands with the video: the instruction, what was billed, and what can be done with it now."""
    text = say("Edited: {instruction}", instruction=escape(shorten(edit.instruction, 200)))
    blocks = [
        quote(edit.instruction),
        *_doubts(edit),
        context(_facts(edit)),
        *actions(_choices(edit)),
    ]
    return Message(text, blocks)


def _facts(edit: Edit) -> str:
    known = (_which(edit), _billed(edit), options(edit), escape(made_fit(edit)), requested_by(edit))
    return " · ".join(fact for fact in known if fact)


def _doubts(edit: Edit) -> list[Block]:
    """Say what seems to be wrong with the video; it is posted all the same, because it was paid for."""
    if not edit.faults:
        return []
    said = sentences(*edit.faults, say("Look at it before you use it; *Vary* makes another one, which is billed too."))
    return [section(f":warning: {said}")]


def _choices(edit: Edit) -> list[Block]:
    """Offer what is done often as buttons, the rest in a menu: on a phone buttons stand below each other."""
    rare = [(say("Details"), DETAILS)]
    if edit.chained:
        rare.append((say("Redo from the original"), FROM_ORIGINAL))
    rare.append((say("Delete …"), REMOVE))
    return [
        button(say("Retry"), RETRY, edit.edit_id),
        button(say("Vary"), VARY, edit.edit_id),
        button(say("Edit again"), EDIT_AGAIN, edit.edit_id),
        button(say("Compare"), COMPARE, edit.edit_id),
        menu(MORE, [(label, f"{action} {edit.edit_id}") for label, action in rare]),
    ]


def _which(edit: Edit) -> str:
    if edit.variations == 1:
        return ""
    return say(
        "Variation {number} of {count} (to change this one, mention me in a reply that begins with “{number}:”)",
        number=edit.variation, count=edit.variations,
    )  # fmt: skip


def _billed(edit: Edit) -> str:
    if edit.usage is None:
        return say("Billed seconds unknown")
    return say("Billed {seconds}", seconds=bill_and_price(edit, edit.usage))


def title(edit: Edit) -> str:
    """Name the file as people see it. Titles take no markup, and angle brackets are replaced all the same."""
    words = " ".join(without_control(edit.instruction).split()).replace("<", "‹").replace(">", "›")
    return shorten(say("Edited: {instruction}", instruction=words), TITLE_MAX_CHARS)


def file_name(edit: Edit) -> str:
    """Name the file for whoever downloads it: after the source where that is known, ASCII, no path."""
    return f"{stem(edit)}-edited.mp4"


def poster_name(edit: Edit) -> str:
    """Name the file of the poster."""
    return f"{stem(edit)}-poster.jpg"


def stem(edit: Edit) -> str:
    """Return what the names of an edit's files begin with."""
    name = PurePath(edit.video.name).stem if isinstance(edit.video, SlackFile) else ""
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:40].strip("-") or "video"


def root(edit: Edit) -> Message:
    """Write the message that becomes the thread of a slash command or a modal."""
    asks = say("{person} wants a video edited:", person=f"<@{escape(edit.user)}>")
    return Message(
        f"{asks} {escape(shorten(edit.instruction, 200))}",
        [section(f":movie_camera: {asks}"), quote(edit.instruction), context(options(edit))],
    )
