"""The dialog of `/edit-video`, of the shortcuts and of "Edit again": how it looks.

What a person sends with it is read in `bot/messages/submission.py`.
https://docs.slack.dev/reference/views/modal-views
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.attachments import MAX_IMAGES
from bot.edit import Edit, Frozen, Permalink
from bot.language import say
from bot.messages.blocks import Block, context, plain
from bot.text import shorten, without_control
from client.models import Parameters
from client.options import RATIOS

CALLBACK_ID = "edit_video"

# Ids of the blocks; the element in each has the same id.
CHANNEL = "channel"
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


class Carried(Frozen):
    """What the view carries through Slack and back. `channel` is None where the person chooses it in the dialog."""

    channel: str | None
    parent_id: str | None = None
    message: Permalink | None = None  # whose video is meant


def edit_modal(
    *, channel: str | None, parent: Edit | None = None, message: Permalink | None = None, link: str = "",
    instruction: str = "",
) -> Block:  # fmt: skip
    """Make the dialog. With a parent or a message the video is theirs, and none is asked for.

    With a parent it begins with that one's instruction and options; without a channel it asks for one.
    """
    chosen = parent.parameters if parent else Parameters()
    words = parent.instruction if parent else instruction
    unwanted = (parent.negative_prompt if parent else None) or ""
    sizes = {"720P": "720P", "1080P": say("1080P (costs more)")}
    shapes: dict[str, str] = {AS_CLIP: say("As the video"), **{ratio: ratio for ratio in RATIOS}}
    carried = Carried(channel=channel, parent_id=parent.edit_id if parent else None, message=message)
    return {
        "type": "modal",
        "callback_id": CALLBACK_ID,
        "private_metadata": carried.model_dump_json(),
        "title": plain(_title(parent, message)),
        "submit": plain(say("Edit")),
        "close": plain(say("Cancel")),
        "blocks": [
            *([] if channel else [_conversation()]),
            *_video(parent, message, link),
            _text(INSTRUCTION, say("What should change?"), words, multiline=True, hint=_cut_hint(words)),
            _files(IMAGES, say("Reference pictures (up to {count})", count=MAX_IMAGES), IMAGE_TYPES, MAX_IMAGES),
            _radio(RESOLUTION, say("Resolution"), sizes, chosen.resolution),
            _select(RATIO, say("Shape"), shapes, chosen.ratio),
            _switches(chosen),
            _text(SECONDS, say("Only the first seconds (2–10)"), _seconds(parent), optional=True),
            _text(NEGATIVE, say("What must not appear"), unwanted, optional=True),
            _text(SEED, say("Seed"), "", optional=True, hint=say("The same number gives similar results.")),
        ],
    }


def _title(parent: Edit | None, message: Permalink | None) -> str:
    if parent:
        return say("Edit again")
    return say("Edit this video") if message else say("Edit a video")


def _conversation() -> Block:
    """Ask where the edited video should come: a global shortcut does not say where it was used."""
    element: Block = {
        "type": "conversations_select",
        "default_to_current_conversation": True,
        "filter": {"include": ["public", "private", "im"]},
    }
    hint = say("In a new thread of mine; in our direct messages where you or I are not in the channel.")
    return _input(CHANNEL, say("Where should the edited video come?"), element, hint=hint)


def _video(parent: Edit | None, message: Permalink | None, link: str) -> list[Block]:
    if parent:
        return [context(_which_video(parent))]
    if message:
        return [context(say("Edits the video of this message; the edited one comes in its thread."))]
    hint = say("An https link to an MP4 or MOV of 2–10 seconds, or the link of a message in Slack that carries one.")
    return [
        _text(VIDEO_LINK, say("Link of the video"), link, optional=True, hint=hint),
        _files(VIDEO_FILE, say("Or a file of at most {limit} MB", limit=FILE_INPUT_MB), ["mp4", "mov"], 1),
    ]


def _seconds(parent: Edit | None) -> str:
    """Keep the cut where the source is used again, because its seconds are billed; a result is cut already."""
    if parent is None or parent.result_file:
        return ""
    return str(parent.parameters.duration_s or "")


def _which_video(parent: Edit) -> str:
    if parent.result_file is None:
        return say("Edits the same video, with the same pictures where you choose no others.")
    return say("Changes the result of this edit further; the video that it came from stays as it is.")


def _cut_hint(words: str) -> str:
    if len(words) <= FIELD_MAX_CHARS:
        return ""
    return say("The text was longer and is cut here after {count} characters.", count=FIELD_MAX_CHARS)


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
    keep = _option(KEEP_AUDIO, say("Keep the sound as it is"))
    rewrite = _option(REWRITE, say("Let Wan rewrite the instruction, which mostly helps"))
    on = [keep] * (chosen.audio_setting == "origin") + [rewrite] * chosen.prompt_extend
    element: Block = {"type": "checkboxes", "options": [keep, rewrite]}
    if on:
        element["initial_options"] = on  # Slack refuses an empty list
    return _input(SWITCHES, say("Options"), element, optional=True)
