"""The dialog that asks before a delivered video is deleted, and what it carries.

A menu can ask before all its entries or before none, so the question is a dialog of its own.
"""

from __future__ import annotations

from bot.edit import Edit
from bot.language import say, sentences
from bot.messages.blocks import Block, plain, quote, section
from bot.text import escape

CALLBACK_ID = "delete_result"


def removal_modal(edit: Edit) -> Block:
    """Ask whether a video is to be deleted; the view carries the edit's id, which is checked when it comes back."""
    return {
        "type": "modal",
        "callback_id": CALLBACK_ID,
        "private_metadata": edit.edit_id,
        "title": plain(say("Delete this video?")),
        "submit": plain(say("Delete")),
        "close": plain(say("Keep it")),
        "blocks": [
            quote(edit.instruction),
            section(
                say(
                    "The edited video disappears from the thread for everybody, and nobody can bring it back. "
                    "What it cost stays counted. The video that it was made from stays where it is."
                )
            ),
        ],
    }


def not_removed(why: str) -> str:
    """Say why the video is still there; `why` is plain text."""
    return sentences(say("I could not delete the video."), escape(why))
