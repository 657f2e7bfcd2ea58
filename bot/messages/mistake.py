"""The button under a private answer that says what is wrong with a request: it opens the form with what was typed.

It carries all that through Slack and back, since there is no Edit yet; like everything that a client sends, it is
checked, and whether the video may be used is found out in prepare.
"""

from __future__ import annotations

from pydantic import ValidationError

from bot.edit import Frozen, Permalink
from bot.language import say
from bot.messages.blocks import Block, button
from bot.text import shorten, without_control

OPEN_FORM = "open_form"
VALUE_MAX_CHARS = 2000  # docs.slack.dev/reference/block-kit/block-elements/button-element
WORDS_MAX_CHARS = 800  # each may be written as several in JSON, and ids need room


class Mistyped(Frozen):
    """What somebody typed, and the video that they meant: of their message, or of the edit whose thread it is."""

    channel: str
    words: str
    message: Permalink | None = None
    parent_id: str | None = None


def form_button(typed: Mistyped) -> Block:
    """Offer the form; a longer text is cut, which the person sees there."""
    short = typed.model_copy(update={"words": shorten(without_control(typed.words).strip(), WORDS_MAX_CHARS)})
    value = short.model_dump_json(exclude_none=True)
    if len(value) > VALUE_MAX_CHARS:
        value = short.model_copy(update={"words": ""}).model_dump_json(exclude_none=True)
    return button(say("Open the form"), OPEN_FORM, value)


def read_typed(value: str) -> Mistyped | None:
    """Return what the button carried; None where it is not ours."""
    try:
        return Mistyped.model_validate_json(value)
    except ValidationError:
        return None
