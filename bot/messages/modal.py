"""The dialog of `/edit-video`, of the shortcuts and of "Edit again": how it looks, and how it changes with its choices.

What a person sends with it is read in `bot/messages/submission.py`. A change begins with the view that Slack sends
along, and keeps all ids of blocks but those whose content must become another: Slack keeps what was typed where block
and element keep their ids. https://docs.slack.dev/reference/views/modal-views
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from bot.attachments import MAX_IMAGES
from bot.edit import Edit, Frozen, Permalink
from bot.language import say
from bot.messages.blocks import Block, context, plain
from bot.messages.fields import (
    TEXT_MAX_CHARS,
    checks_field,
    field,
    files_field,
    radio_field,
    select_field,
    text_field,
)
from bot.messages.price import estimate
from bot.messages.style_choice import OWN_WORDS, choices, refilled
from bot.profile import Defaults
from client.models import Parameters
from client.options import RATIOS, parse_seconds
from client.regions import Region

CALLBACK_ID = "edit_video"

# Ids of the blocks; the element in each has the same id.
CHANNEL = "channel"
VIDEO_LINK = "video_link"
VIDEO_FILE = "video_file"
STYLE = "style"
INSTRUCTION = "instruction"  # and `instruction.1` …, each time that a choice of style writes another text
IMAGES = "images"
RESOLUTION = "resolution"
SECONDS = "seconds"
PRICE = "price"
RATIO = "ratio"
SWITCHES = "switches"
NEGATIVE = "negative"
SEED = "seed"
TELLING = (STYLE, RESOLUTION, SECONDS)  # what changes the dialog when it is chosen

KEEP_AUDIO = "keep_audio"
REWRITE = "rewrite"
AS_CLIP = "as_clip"
FIELD_MAX_CHARS = TEXT_MAX_CHARS
IMAGE_TYPES = ["png", "jpg", "jpeg", "webp", "bmp"]
NO_DEFAULTS = Defaults()
FILE_INPUT_MB = 10  # docs.slack.dev/reference/block-kit/block-elements/file-input-element


class Carried(Frozen):
    """What the view carries through Slack and back. `channel` is None where the person chooses it in the dialog."""

    channel: str | None
    parent_id: str | None = None
    message: Permalink | None = None  # whose video is meant
    source_s: float | None = None  # its length, where it is known
    style: str = OWN_WORDS  # that the instruction was made for


def edit_modal(
    *, channel: str | None, parent: Edit | None = None, message: Permalink | None = None, link: str = "",
    instruction: str = "", region: Region | None = None, defaults: Defaults = NO_DEFAULTS, direct: str = "",
) -> Block:  # fmt: skip
    """Make the dialog. With a parent or a message the video is theirs, and none is asked for.

    With a parent it begins with that one's instruction and options, else with the person's defaults; without a channel
    it asks for one, and suggests `direct`, or the one where the person is.
    """
    chosen = parent.parameters if parent else defaults.completing(Parameters())
    words = parent.instruction if parent else instruction
    source_s = _source_s(parent) if parent else None
    carried = Carried(
        channel=channel, parent_id=parent.edit_id if parent else None, message=message, source_s=source_s
    )
    return {
        "type": "modal",
        "callback_id": CALLBACK_ID,
        "private_metadata": carried.model_dump_json(),
        "title": plain(say("Edit again") if parent else say("Edit this video") if message else say("Edit a video")),
        "submit": plain(say("Edit")),
        "close": plain(say("Cancel")),
        "blocks": [
            *([] if channel else [_conversation(direct)]),
            *_video(parent, message, link),
            select_field(STYLE, say("Kind of edit"), choices(), OWN_WORDS, tells=True),
            _instruction(INSTRUCTION, words),
            files_field(
                IMAGES, say("Reference pictures (up to {count})", count=MAX_IMAGES), IMAGE_TYPES, MAX_IMAGES
            ),
            _resolution(chosen),
            text_field(
                SECONDS, say("Only the first seconds (2–10)"), _seconds(parent), optional=True, tells=True,
                placeholder=say("The whole video"),
            ),
            _price(estimate(chosen, region=region, source_s=source_s)),
            _ratio(chosen),
            _switches(chosen),
            text_field(
                NEGATIVE, say("What must not appear"), (parent.negative_prompt if parent else "") or "", optional=True,
                placeholder=say("For example: text, blur, additional people"),
            ),
            text_field(
                SEED, say("Seed"), optional=True, hint=say("The same number gives similar results."),
                placeholder=say("A new one each time"),
            ),
        ],
    }  # fmt: skip


def changed_modal(view: Mapping[str, Any], *, region: Region | None) -> Block | None:
    """Make the dialog anew for what is chosen in it now: the price, and the instruction where the style is another.

    Returns None where nothing changes. Everything else stays as it is, with what was typed.
    """
    carried = Carried.model_validate_json(view["private_metadata"])
    chosen = _Chosen(view)
    blocks = [dict(block) for block in view["blocks"]]
    new = [_with_price(block, estimate(chosen.parameters(), region=region, source_s=carried.source_s))
           for block in blocks]  # fmt: skip
    style = chosen.option(STYLE) or OWN_WORDS
    if style != carried.style:
        old_id = instruction_id(view)
        text = refilled(chosen.text(old_id), old=carried.style, new=style)
        made = _instruction(_next_id(old_id), text)
        new = [made if block.get("block_id") == old_id else block for block in new]
    if new == blocks:
        return None
    metadata = carried.model_copy(update={"style": style}).model_dump_json()
    kept = {name: view[name] for name in ("type", "callback_id", "title", "submit", "close")}
    return {**kept, "private_metadata": metadata, "blocks": new}


def instruction_id(view: Mapping[str, Any]) -> str:
    """Return the id of the instruction's field in a view that came back."""
    values = (view.get("state") or {}).get("values") or {}
    return next((block_id for block_id in values if block_id.partition(".")[0] == INSTRUCTION), INSTRUCTION)


def _next_id(block_id: str) -> str:
    return f"{INSTRUCTION}.{int(block_id.partition('.')[2] or 0) + 1}"


class _Chosen:
    """What stands in the fields of a view at this moment; nobody has checked it yet."""

    def __init__(self, view: Mapping[str, Any]) -> None:
        self._values = (view.get("state") or {}).get("values") or {}

    def text(self, block_id: str) -> str:
        return str(self._value(block_id).get("value") or "")

    def option(self, block_id: str) -> str:
        return str((self._value(block_id).get("selected_option") or {}).get("value") or "")

    def parameters(self) -> Parameters:
        """Return what the price hangs on."""
        resolution: Literal["720P", "1080P"] = "1080P" if self.option(RESOLUTION) == "1080P" else "720P"
        return Parameters(resolution=resolution, duration_s=self._seconds())

    def _seconds(self) -> int:
        try:
            return parse_seconds(self.text(SECONDS))
        except ValueError:  # nothing yet, or nothing that makes sense yet
            return 0

    def _value(self, block_id: str) -> Mapping[str, Any]:
        return (self._values.get(block_id) or {}).get(block_id) or {}


# -- the blocks --------------------------------------------------------------------------------------------------------


def _conversation(direct: str) -> Block:
    """Ask where the edited video should come: a global shortcut does not say where it was used."""
    element: Block = {
        "type": "conversations_select",
        "default_to_current_conversation": not direct,
        "filter": {"include": ["public", "private", "im"]},
    }
    if direct:
        element["initial_conversation"] = direct
    hint = say("In a new thread of mine; in our direct messages where you or I are not in the channel.")
    return field(CHANNEL, say("Where should the edited video come?"), element, hint=hint)


def _video(parent: Edit | None, message: Permalink | None, link: str) -> list[Block]:
    if parent:
        return [context(_which_video(parent))]
    if message:
        return [context(say("Edits the video of this message; the edited one comes in its thread."))]
    hint = say("An https link to an MP4 or MOV of 2–10 seconds, or the link of a message in Slack that carries one.")
    return [
        text_field(VIDEO_LINK, say("Link of the video"), link, optional=True, hint=hint, placeholder="https://"),
        files_field(VIDEO_FILE, say("Or a file of at most {limit} MB", limit=FILE_INPUT_MB), ["mp4", "mov"], 1),
    ]


def _which_video(parent: Edit) -> str:
    if parent.result_file is None:
        return say("Edits the same video, with the same pictures where you choose no others.")
    return say("Changes the result of this edit further; the video that it came from stays as it is.")


def _instruction(block_id: str, words: str) -> Block:
    is_cut = len(words) > FIELD_MAX_CHARS
    hint = say("The text was longer and is cut here after {count} characters.", count=FIELD_MAX_CHARS) if is_cut else ""
    examples = say("For example: “It is deep winter, and snow falls.” “The coat becomes the one of image 1.”")
    label = say("What should change?")
    return text_field(block_id, label, words, multiline=True, hint=hint, placeholder=examples)


def resolutions() -> Mapping[str, str]:
    """List the resolutions that can be chosen."""
    return {"720P": "720P", "1080P": say("1080P (costs more)")}


def ratios() -> Mapping[str, str]:
    """List the shapes that can be chosen."""
    return {AS_CLIP: say("As the video"), **dict(zip(RATIOS, RATIOS, strict=True))}


def _resolution(chosen: Parameters) -> Block:
    return radio_field(RESOLUTION, say("Resolution"), resolutions(), chosen.resolution, tells=True)


def _ratio(chosen: Parameters) -> Block:
    return select_field(RATIO, say("Shape"), ratios(), chosen.ratio or AS_CLIP)


def _switches(chosen: Parameters) -> Block:
    labels = {
        KEEP_AUDIO: say("Keep the sound as it is"),
        REWRITE: say("Let Wan rewrite the instruction, which mostly helps"),
    }
    on = {KEEP_AUDIO} if chosen.audio_setting == "origin" else set()
    return checks_field(SWITCHES, say("Options"), labels, on | ({REWRITE} if chosen.prompt_extend else set()))


def _price(said: str) -> Block:
    return {**context(_priced(said)), "block_id": PRICE}


def _with_price(block: Block, said: str) -> Block:
    """Write another price into the block of the price; ids stay, because nothing can be typed there."""
    if block.get("block_id") != PRICE or block["elements"][0]["text"] == _priced(said):
        return block
    return _price(said)


def _priced(said: str) -> str:
    return f":moneybag: {said}"


def _seconds(parent: Edit | None) -> str:
    """Keep the cut where the source is used again, because its seconds are billed; a result is cut already."""
    if parent is None or parent.result_file:
        return ""
    return str(parent.parameters.duration_s or "")


def _source_s(parent: Edit) -> float | None:
    """Say how long the video is that a parent gives, where it is known."""
    if parent.result_file and parent.usage and parent.usage.output_s:
        return parent.usage.output_s
    return parent.source_s
