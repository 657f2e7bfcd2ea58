"""The dialog of `/edit-video` and of "Edit again": how it looks, and what a person sent with it.

What a view carries back (its metadata, every value) comes from a client and is checked; whether the parent may be used
is for the listener to find out. https://docs.slack.dev/reference/views/modal-views
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from bot.attachments import MAX_IMAGES, kind_of
from bot.command import UsageError, check_instruction, read_link
from bot.edit import Edit, Link, Permalink, SlackFile
from bot.messages.blocks import Block, context, plain
from bot.text import shorten, without_control
from client.models import Parameters
from client.options import RATIOS, parse_negative, parse_ratio, parse_seconds, parse_seed

Value = TypeVar("Value")

CALLBACK_ID = "edit_video"

# Ids of the blocks; the element in each has the same id.
VIDEO_LINK = "video_link"
VIDEO_FILE = "video_file"
INSTRUCTION = "instruction"
IMAGES = "images"
RESOLUTION = "resolution"
RATIO = "ratio"
SWITCHES = "switches"
SECONDS = "seconds"
NEGATIVE = "negative"
SEED = "seed"

KEEP_AUDIO = "keep_audio"
REWRITE = "rewrite"
AS_CLIP = "as_clip"
FIELD_MAX_CHARS = 3000  # of a text field of Slack's: docs.slack.dev/reference/block-kit/block-elements
IMAGE_TYPES = ["png", "jpg", "jpeg", "webp", "bmp"]
FILE_INPUT_MB = 10  # docs.slack.dev/reference/block-kit/block-elements/file-input-element


@dataclass(frozen=True, slots=True)
class Submission:
    """What a person asked for in the dialog. `video` is None where a parent is given, whose video is meant."""

    channel: str
    parent_id: str | None
    instruction: str
    video: Link | Permalink | SlackFile | None = None
    images: tuple[SlackFile, ...] = ()
    parameters: Parameters = field(default_factory=Parameters)
    negative_prompt: str | None = None


@dataclass(frozen=True, slots=True)
class ModalErrors:
    """What is wrong, by the id of the block where it is shown; plain text."""

    errors: Mapping[str, str]


# -- how it looks ------------------------------------------------------------------------------------------------------


def edit_modal(*, channel: str, parent: Edit | None = None, link: str = "", instruction: str = "") -> Block:
    """Make the dialog; with a parent it asks for no video and begins with the parent's instruction and options."""
    chosen = parent.parameters if parent else Parameters()
    words = parent.instruction if parent else instruction
    return {
        "type": "modal",
        "callback_id": CALLBACK_ID,
        "private_metadata": json.dumps({"channel": channel, "parent_id": parent.edit_id if parent else None}),
        "title": plain("Edit again" if parent else "Edit a video"),
        "submit": plain("Edit"),
        "close": plain("Cancel"),
        "blocks": [
            *(_video_inputs(link) if parent is None else [context(_which_video(parent))]),
            _text(INSTRUCTION, "What should change?", words, multiline=True, hint=_cut_hint(words)),
            _files(IMAGES, f"Reference pictures (up to {MAX_IMAGES})", IMAGE_TYPES, MAX_IMAGES),
            _radio(RESOLUTION, "Resolution", {"720P": "720P", "1080P": "1080P (costs more)"}, chosen.resolution),
            _select(RATIO, "Shape", {AS_CLIP: "As the video", **{ratio: ratio for ratio in RATIOS}}, chosen.ratio),
            _switches(chosen),
            _text(SECONDS, "Only the first seconds (2–10)", _seconds(parent), optional=True),
            _text(NEGATIVE, "What must not appear", (parent.negative_prompt if parent else "") or "", optional=True),
            _text(SEED, "Seed", "", optional=True, hint="The same number gives similar results."),
        ],
    }


def _video_inputs(link: str) -> list[Block]:
    hint = "An https link to an MP4 or MOV of 2–10 seconds, or the link of a message in Slack that carries one."
    return [
        _text(VIDEO_LINK, "Link of the video", link, optional=True, hint=hint),
        _files(VIDEO_FILE, f"Or a file of at most {FILE_INPUT_MB} MB", ["mp4", "mov"], 1),
    ]


def _seconds(parent: Edit | None) -> str:
    """Keep the cut where the source is used again, because its seconds are billed; a result is cut already."""
    if parent is None or parent.result_file:
        return ""
    return str(parent.parameters.duration_s or "")


def _which_video(parent: Edit) -> str:
    if parent.result_file is None:
        return "Edits the same video, with the same pictures where you choose no others."
    return "Changes the result of this edit further; the video that it came from stays as it is."


def _cut_hint(words: str) -> str:
    cut = len(words) > FIELD_MAX_CHARS
    return f"The text was longer and is cut here after {FIELD_MAX_CHARS} characters." if cut else ""


def _input(block_id: str, label: str, element: Block, *, optional: bool = False, hint: str = "") -> Block:
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": {**element, "action_id": block_id},
        "optional": optional,
    }
    return block | ({"hint": plain(hint)} if hint else {})


def _text(
    block_id: str, label: str, value: str, *, multiline: bool = False, optional: bool = False, hint: str = ""
) -> Block:
    element: Block = {"type": "plain_text_input", "multiline": multiline, "max_length": FIELD_MAX_CHARS}
    if value:
        element["initial_value"] = shorten(without_control(value), FIELD_MAX_CHARS)
    return _input(block_id, label, element, optional=optional, hint=hint)


def _files(block_id: str, label: str, filetypes: list[str], max_files: int) -> Block:
    element = {"type": "file_input", "filetypes": filetypes, "max_files": max_files}
    return _input(block_id, label, element, optional=True)


def _option(value: str, text: str) -> Block:
    return {"text": plain(text), "value": value}


def _radio(block_id: str, label: str, choices: Mapping[str, str], chosen: str) -> Block:
    options = {value: _option(value, text) for value, text in choices.items()}
    element = {"type": "radio_buttons", "options": list(options.values()), "initial_option": options[chosen]}
    return _input(block_id, label, element)


def _select(block_id: str, label: str, choices: Mapping[str, str], chosen: str | None) -> Block:
    options = {value: _option(value, text) for value, text in choices.items()}
    initial = options[chosen or AS_CLIP]
    element = {"type": "static_select", "options": list(options.values()), "initial_option": initial}
    return _input(block_id, label, element)


def _switches(chosen: Parameters) -> Block:
    keep = _option(KEEP_AUDIO, "Keep the sound as it is")
    rewrite = _option(REWRITE, "Let Wan rewrite the instruction, which mostly helps")
    on = [keep] * (chosen.audio_setting == "origin") + [rewrite] * chosen.prompt_extend
    element: Block = {"type": "checkboxes", "options": [keep, rewrite]}
    if on:
        element["initial_options"] = on  # Slack refuses an empty list
    return _input(SWITCHES, "Options", element, optional=True)


# -- what a person sent ------------------------------------------------------------------------------------------------


def read_submission(
    view: Mapping[str, Any], *, trusted_origins: frozenset[str] = frozenset()
) -> Submission | ModalErrors:
    """Read a submitted dialog; every mistake is named at its field, all of them at once."""
    form = _Form(view)
    channel, parent_id = _metadata(view)
    video = None if parent_id else form.video(trusted_origins)
    instruction = form.check(INSTRUCTION, check_instruction, form.text(INSTRUCTION), default="")
    images = form.images()
    negative = form.read(NEGATIVE, parse_negative, default=None)
    switches = form.chosen_of(SWITCHES)
    ratio = form.chosen(RATIO) or AS_CLIP
    parameters = Parameters(
        resolution="1080P" if form.chosen(RESOLUTION) == "1080P" else "720P",
        ratio=None if ratio == AS_CLIP else form.check(RATIO, parse_ratio, ratio, default=None),
        duration_s=form.read(SECONDS, parse_seconds, default=0),
        audio_setting="origin" if KEEP_AUDIO in switches else "auto",
        prompt_extend=REWRITE in switches,
        seed=form.read(SEED, parse_seed, default=None),
    )
    if not channel:
        form.errors[INSTRUCTION] = "This dialog is out of date: close it and open it again."
    if form.errors:
        return ModalErrors(form.errors)
    return Submission(channel, parent_id, instruction, video, images, parameters, negative)


def _metadata(view: Mapping[str, Any]) -> tuple[str, str | None]:
    """Return the channel and the parent's id; an empty channel where the metadata are not ours."""
    try:
        carried = json.loads(view.get("private_metadata") or "")
        channel, parent_id = carried["channel"], carried["parent_id"]
    except (ValueError, TypeError, KeyError):
        return "", None
    return (channel if isinstance(channel, str) else ""), (parent_id if isinstance(parent_id, str) else None)


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
        except ValueError as exc:  # of the option table, which speaks of flags
            said = str(exc).removeprefix("--")
            self.errors[block_id] = said[:1].upper() + said[1:]
        return default

    def video(self, trusted_origins: frozenset[str]) -> Link | Permalink | SlackFile | None:
        """Return the one video, by link or as a file, or note what is wrong."""
        files, link = self._files(VIDEO_FILE), self.text(VIDEO_LINK)
        if bool(files) == bool(link):
            self.errors[VIDEO_LINK] = (
                "Give a link or a file, not both." if link else "Give the video: a link here, or a file below."
            )
            return None
        if link:
            parse = partial(read_link, trusted_origins=trusted_origins)
            return self.check(VIDEO_LINK, parse, link, default=None)
        if len(files) > 1 or kind_of(files[0]) in ("image", "other"):
            self.errors[VIDEO_FILE] = "One video is needed here, MP4 or MOV."
        return _slack_file(files[0])

    def images(self) -> tuple[SlackFile, ...]:
        """Return the reference pictures, or note what is wrong."""
        files = self._files(IMAGES)
        if len(files) > MAX_IMAGES:
            self.errors[IMAGES] = f"At most {MAX_IMAGES} pictures are possible, here are {len(files)}."
        elif any(kind_of(file) in ("video", "other") for file in files):
            self.errors[IMAGES] = "Only pictures are possible here."
        return tuple(_slack_file(file) for file in files)

    def _files(self, block_id: str) -> list[Mapping[str, Any]]:
        return list(self._value(block_id).get("files") or ())


def _slack_file(file: Mapping[str, Any]) -> SlackFile:
    return SlackFile(file_id=str(file.get("id", "")), name=str(file.get("name") or ""))
