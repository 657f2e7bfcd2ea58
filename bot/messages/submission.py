"""What a person sent with the form of `bot/messages/modal.py`: a request, or what is wrong with it at which field.

What a view carries back (its metadata, every value) comes from a client and is checked; whether the parent may be used
is for the listener to find out. The options are read in `bot/messages/form_options.py`.
https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pydantic import ValidationError

from bot.attachments import MAX_IMAGES, kind_of
from bot.command import check_instruction, read_link
from bot.edit import Link, Part, Permalink, SlackFile
from bot.language import say
from bot.messages.form import Form, instruction_id
from bot.messages.form_options import read_options
from bot.messages.modal import CHANNEL, IMAGES, STYLE, VIDEO_FILE, VIDEO_LINK, Carried
from bot.messages.typed_options import TypedOptions, typed_options
from client.models import Parameters
from client.presets import PRESETS

_CONVERSATION = re.compile(r"[CDG][A-Z0-9]+")


@dataclass(frozen=True, slots=True)
class Submission:
    """What a person asked for in the form.

    `video` is None where a parent is given, whose video is meant. `message` is the one whose video is meant, and
    `chosen` says that the person chose the channel in the form.
    """

    channel: str
    parent_id: str | None
    instruction: str
    video: Link | Permalink | SlackFile | None = None
    images: tuple[SlackFile, ...] = ()
    parameters: Parameters = field(default_factory=Parameters)
    negative_prompt: str | None = None
    message: Permalink | None = None
    chosen: bool = False
    part: Part | None = None
    variations: int = 1


@dataclass(frozen=True, slots=True)
class ModalErrors:
    """What is wrong, by the id of the block where it is shown; plain text."""

    errors: Mapping[str, str]


def read_submission(
    view: Mapping[str, Any], *, trusted_origins: frozenset[str] = frozenset()
) -> Submission | ModalErrors:
    """Read a submitted form; every mistake is named at its field, all of them at once."""
    form = Form(view)
    carried = _carried(view)
    words = instruction_id(view)
    if carried is None:
        return ModalErrors({words: say("This form is out of date: close it and open it again.")})
    channel = carried.channel or _conversation(form)
    message = None if carried.parent_id else carried.message
    video = message if carried.parent_id or message else _video(form, trusted_origins)
    given = tuple(SlackFile(file_id=file_id) for file_id in carried.images[:MAX_IMAGES])
    needed = 0 if carried.parent_id else _pictures_of(form.chosen(STYLE)) - len(given)
    images = _images(form, needed=needed) or given
    typed = form.check(words, typed_options, form.text(words), default=None)
    options = read_options(form, typed or TypedOptions())
    instruction = form.check(words, check_instruction, typed.instruction, default="") if typed else ""
    if form.errors:
        return ModalErrors(form.errors)
    return Submission(
        channel, carried.parent_id, instruction, video, images, options.parameters, options.negative_prompt, message,
        chosen=carried.channel is None, part=options.part, variations=options.variations,
    )  # fmt: skip


def _pictures_of(style: str) -> int:
    """Say how many pictures a kind of edit speaks of."""
    preset = PRESETS.get(style)
    return preset.images if preset else 0


def _carried(view: Mapping[str, Any]) -> Carried | None:
    """Return what the view carried, or None where the metadata are not ours."""
    try:
        return Carried.model_validate_json(view.get("private_metadata") or "")
    except ValidationError:
        return None


def _conversation(form: Form) -> str:
    """Return the conversation that was chosen, or note that there is none."""
    chosen = str(form.value(CHANNEL).get("selected_conversation") or "")
    if not _CONVERSATION.fullmatch(chosen):
        form.errors[CHANNEL] = say("Choose a conversation.")
    return chosen


def _video(form: Form, trusted_origins: frozenset[str]) -> Link | Permalink | SlackFile | None:
    """Return the one video, by link or as a file, or note what is wrong."""
    files, link = form.files(VIDEO_FILE), form.text(VIDEO_LINK)
    if bool(files) == bool(link):
        neither = say("Give the video: a link here, or a file below.")
        form.errors[VIDEO_LINK] = say("Give a link or a file, not both.") if link else neither
        return None
    if link:
        parse = partial(read_link, trusted_origins=trusted_origins)
        return form.check(VIDEO_LINK, parse, link, default=None)
    if len(files) > 1 or kind_of(files[0]) in ("image", "other"):
        form.errors[VIDEO_FILE] = say("One video is needed here.")
    return _slack_file(files[0])


def _images(form: Form, *, needed: int) -> tuple[SlackFile, ...]:
    """Return the reference pictures, or note what is wrong."""
    files = form.files(IMAGES)
    if len(files) < needed:
        form.errors[IMAGES] = say("This kind of edit needs a picture.")
    elif len(files) > MAX_IMAGES:
        form.errors[IMAGES] = say(
            "At most {limit} pictures are possible, here are {count}.", limit=MAX_IMAGES, count=len(files)
        )
    elif any(kind_of(file) in ("video", "other") for file in files):
        form.errors[IMAGES] = say("Only pictures are possible here.")
    return tuple(_slack_file(file) for file in files)


def _slack_file(file: Mapping[str, Any]) -> SlackFile:
    return SlackFile(file_id=str(file.get("id", "")), name=str(file.get("name") or ""))
