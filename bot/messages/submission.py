"""What a person sent with the dialog of `bot/messages/modal.py`: a request, or what is wrong with it at which field.

What a view carries back (its metadata, every value) comes from a client and is checked; whether the parent may be used
is for the listener to find out. https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from pydantic import ValidationError

from bot.attachments import MAX_IMAGES, kind_of
from bot.command import UsageError, check_instruction, parse_part, read_link, said_of_option
from bot.edit import Link, Part, Permalink, SlackFile
from bot.language import say
from bot.messages.modal import (
    AS_CLIP,
    CHANNEL,
    IMAGES,
    KEEP_AUDIO,
    NEGATIVE,
    PART,
    RATIO,
    RESOLUTION,
    REWRITE,
    SEED,
    STYLE,
    SWITCHES,
    VARIATIONS,
    VIDEO_FILE,
    VIDEO_LINK,
    Carried,
    variation_choices,
)
from bot.messages.modal_change import instruction_id
from client.models import Parameters
from client.options import OptionError, parse_negative, parse_ratio, parse_seed
from client.presets import PRESETS

Value = TypeVar("Value")

_CONVERSATION = re.compile(r"[CDG][A-Z0-9]+")


@dataclass(frozen=True, slots=True)
class Submission:
    """What a person asked for in the dialog.

    `video` is None where a parent is given, whose video is meant. `message` is the one whose video is meant, and
    `chosen` says that the person chose the channel in the dialog.
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
    """Read a submitted dialog; every mistake is named at its field, all of them at once."""
    form = _Form(view)
    carried = _carried(view)
    words = instruction_id(view)
    if carried is None:
        return ModalErrors({words: say("This dialog is out of date: close it and open it again.")})
    channel = carried.channel or form.conversation()
    message = None if carried.parent_id else carried.message
    video = message if carried.parent_id or message else form.video(trusted_origins)
    instruction = form.check(words, check_instruction, form.text(words), default="")
    images = form.images(needed=0 if carried.parent_id else _pictures_of(form.chosen(STYLE)))
    negative = form.read(NEGATIVE, parse_negative, default=None)
    part: Part | None = form.read(PART, parse_part, default=None)
    count = form.chosen(VARIATIONS)
    switches = form.chosen_of(SWITCHES)
    ratio = form.chosen(RATIO) or AS_CLIP
    parameters = Parameters(
        resolution="1080P" if form.chosen(RESOLUTION) == "1080P" else "720P",
        ratio=None if ratio == AS_CLIP else form.check(RATIO, parse_ratio, ratio, default=None),
        audio_setting="origin" if KEEP_AUDIO in switches else "auto",
        prompt_extend=REWRITE in switches,
        seed=form.read(SEED, parse_seed, default=None),
    )
    if form.errors:
        return ModalErrors(form.errors)
    return Submission(
        channel, carried.parent_id, instruction, video, images, parameters, negative, message,
        chosen=carried.channel is None, part=part, variations=int(count) if count in variation_choices() else 1,
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


class _Form:
    """The values of a submitted view, and the mistakes found in them."""

    def __init__(self, view: Mapping[str, Any]) -> None:
        self._values = (view.get("state") or {}).get("values") or {}
        self.errors: dict[str, str] = {}

    def _value(self, block_id: str) -> Mapping[str, Any]:
        return (self._values.get(block_id) or {}).get(block_id) or {}

    def text(self, block_id: str) -> str:
        return str(self._value(block_id).get("value") or "").strip()

    def chosen(self, block_id: str) -> str:
        return str((self._value(block_id).get("selected_option") or {}).get("value") or "")

    def chosen_of(self, block_id: str) -> set[str]:
        return {str(option.get("value")) for option in self._value(block_id).get("selected_options") or ()}

    def read(self, block_id: str, parse: Callable[[str], Value], *, default: Value) -> Value:
        """Read a text field that may be left empty."""
        typed = self.text(block_id)
        return self.check(block_id, parse, typed, default=default) if typed else default

    def check(self, block_id: str, parse: Callable[[str], Value], typed: str, *, default: Value) -> Value:
        """Return the parsed value, or note the mistake at its field and return the default."""
        try:
            return parse(typed)
        except UsageError as exc:
            self.errors[block_id] = exc.plain
        except OptionError as exc:  # of the option table, which speaks of flags
            said = said_of_option(exc).removeprefix("--")
            self.errors[block_id] = said[:1].upper() + said[1:]
        return default

    def conversation(self) -> str:
        """Return the conversation that was chosen, or note that there is none."""
        chosen = str(self._value(CHANNEL).get("selected_conversation") or "")
        if not _CONVERSATION.fullmatch(chosen):
            self.errors[CHANNEL] = say("Choose a conversation.")
        return chosen

    def video(self, trusted_origins: frozenset[str]) -> Link | Permalink | SlackFile | None:
        """Return the one video, by link or as a file, or note what is wrong."""
        files, link = self._files(VIDEO_FILE), self.text(VIDEO_LINK)
        if bool(files) == bool(link):
            neither = say("Give the video: a link here, or a file below.")
            self.errors[VIDEO_LINK] = say("Give a link or a file, not both.") if link else neither
            return None
        if link:
            parse = partial(read_link, trusted_origins=trusted_origins)
            return self.check(VIDEO_LINK, parse, link, default=None)
        if len(files) > 1 or kind_of(files[0]) in ("image", "other"):
            self.errors[VIDEO_FILE] = say("One video is needed here.")
        return _slack_file(files[0])

    def images(self, *, needed: int) -> tuple[SlackFile, ...]:
        """Return the reference pictures, or note what is wrong."""
        files = self._files(IMAGES)
        if len(files) < needed:
            self.errors[IMAGES] = say("This kind of edit needs a picture.")
        elif len(files) > MAX_IMAGES:
            self.errors[IMAGES] = say(
                "At most {limit} pictures are possible, here are {count}.", limit=MAX_IMAGES, count=len(files)
            )
        elif any(kind_of(file) in ("video", "other") for file in files):
            self.errors[IMAGES] = say("Only pictures are possible here.")
        return tuple(_slack_file(file) for file in files)

    def _files(self, block_id: str) -> list[Mapping[str, Any]]:
        return list(self._value(block_id).get("files") or ())


def _slack_file(file: Mapping[str, Any]) -> SlackFile:
    return SlackFile(file_id=str(file.get("id", "")), name=str(file.get("name") or ""))
