"""What stands with before and after beside each other, and the private answers to whoever asks for it."""

from __future__ import annotations

from bot.edit import Edit
from bot.language import say, sentences
from bot.messages.answers import just_arriving
from bot.messages.blocks import Message, context, quote
from bot.messages.result import stem
from bot.text import escape


def comparison(edit: Edit) -> Message:
    """Write what stands with the clip; it is shared once, for everybody in the thread."""
    text = say("Before on the left, after on the right.")
    by = edit.comparison.by if edit.comparison else edit.user
    asked = say("asked for by {person}", person=f"<@{escape(by)}>")
    return Message(text, [quote(edit.instruction), context(f"{text} · {asked}")])


def titles() -> tuple[str, str]:
    """Name the clip and the still as people see them."""
    return say("Before and after"), say("Before and after, a still")


def clip_name(edit: Edit) -> str:
    """Name the clip for whoever downloads it."""
    return f"{stem(edit)}-before-after.mp4"


def still_name(edit: Edit) -> str:
    """Name the still for whoever downloads it."""
    return f"{stem(edit)}-before-after.jpg"


def answer(edit: Edit) -> str:
    """Answer a wish to compare."""
    if edit.result_file is None:
        if edit.state.terminal:  # it was deleted, or never posted
            return say("There is no edited video here to compare.")
        return just_arriving()
    if edit.comparison is not None and edit.comparison.over:
        return say("Before and after are in the thread already.")
    return say("I put before and after beside each other; the clip comes into the thread. That costs nothing.")


def not_compared(why: str) -> str:
    """Say why there is no comparison; `why` is plain text."""
    return sentences(say("I could not put before and after beside each other."), escape(why))
