"""The button under a private answer that says what is wrong with a request: it opens the form with what was typed.

It carries all that through Slack and back, since there is no Edit yet; like everything that a client sends, it is
checked, and whether the video may be used is found out in prepare. After a command Slack does not even say what stood
in the message whose button was pressed.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from bot.attachments import MAX_IMAGES
from bot.edit import Frozen, Permalink, SlackFile
from bot.language import say
from bot.messages.blocks import Block, button
from bot.text import Typed, shorten, without_control

OPEN_FORM = "open_form"
VALUE_MAX_CHARS = 2000  # docs.slack.dev/reference/block-kit/block-elements/button-element
WORDS_MAX_CHARS = 800  # each may be written as several in JSON, and ids need room


class Mistyped(Frozen):
    """What somebody typed, and the video that they meant: of their message, of the edit whose thread it is, or by link.

    Where there is a link, it is not among the words.
    """

    channel: str
    words: str
    link: str = ""
    message: Permalink | None = None
    parent_id: str | None = None
    images: tuple[str, ...] = ()  # ids of files in Slack


def mistyped(
    typed: Typed, *, channel: str, message: Permalink | None = None, parent_id: str | None = None,
    images: Sequence[SlackFile] = (),
) -> Mistyped:  # fmt: skip
    """Return what somebody typed; where no other video is meant, the one link in it is the video's.

    Pictures that are too many for a request are left out: which of them are meant is for the person to choose.
    """
    ids = tuple(image.file_id for image in images) if len(images) <= MAX_IMAGES else ()
    link = typed.only_link
    if link is None or message or parent_id:
        return Mistyped(channel=channel, words=typed.text, message=message, parent_id=parent_id, images=ids)
    return Mistyped(channel=channel, words=typed.without(link), link=link.url, images=ids)


def form_button(typed: Mistyped) -> Block:
    """Offer the form; a longer text is cut, and a link that is too long left out, which the person sees there."""
    short = typed.model_copy(update={"words": shorten(without_control(typed.words).strip(), WORDS_MAX_CHARS)})
    value = short.model_dump_json(exclude_defaults=True)
    for left_out in ({"link": ""}, {"link": "", "words": ""}):
        if len(value) > VALUE_MAX_CHARS:
            value = short.model_copy(update=left_out).model_dump_json(exclude_defaults=True)
    return button(say("Open the form"), OPEN_FORM, value)


def read_typed(value: str) -> Mistyped | None:
    """Return what the button carried; None where it is not ours."""
    try:
        return Mistyped.model_validate_json(value)
    except ValidationError:
        return None
