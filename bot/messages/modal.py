"""The form of `/edit-video`, of the shortcuts and of "Edit again": how it looks when it opens.

How it changes with its choices stands in `bot/messages/modal_change.py`; what a person sends with it is read in
`bot/messages/submission.py`. https://docs.slack.dev/reference/views/modal-views
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.again import pictures_of
from bot.attachments import MAX_IMAGES
from bot.budget import Tariff
from bot.edit import Edit, Frozen, Link, Part, Permalink, SlackFile, State
from bot.language import counted, say
from bot.messages.blocks import Block, context, plain
from bot.messages.fields import (
    TEXT_MAX_CHARS,
    checks_field,
    field,
    files_field,
    select_field,
    text_field,
)
from bot.messages.price import estimate
from bot.messages.style_choice import OWN_WORDS, choices
from bot.messages.typed_options import TypedOptions, likely_options
from bot.profile import Defaults
from bot.text import escape
from client.models import MAX_S, MIN_S, Parameters
from client.options import MOST_VARIATIONS, RATIOS, moment

CALLBACK_ID = "edit_video"

# Ids of the blocks; the element in each has the same id.
CHANNEL = "channel"
VIDEO_LINK = "video_link"
VIDEO_FILE = "video_file"
STYLE = "style"
INSTRUCTION = "instruction"  # and `instruction.1` …, each time that a choice of style writes another text
IMAGES = "images"
RESOLUTION = "resolution"
PART = "part"
VARIATIONS = "variations"
PRICE = "price"
RATIO = "ratio"
SWITCHES = "switches"
NEGATIVE = "negative"
SEED = "seed"
TELLING = (STYLE, INSTRUCTION, RESOLUTION, PART, VARIATIONS)  # what changes the form when it is chosen

KEEP_AUDIO = "keep_audio"
REWRITE = "rewrite"
AS_CLIP = "as_clip"
FIELD_MAX_CHARS = TEXT_MAX_CHARS
IMAGE_TYPES = ["png", "jpg", "jpeg", "heic", "heif", "webp", "gif", "bmp", "avif", "tif", "tiff"]
NO_DEFAULTS = Defaults()
NO_TARIFF = Tariff(None)
VIDEO_TYPES = ["mp4", "mov", "m4v", "webm", "mkv", "avi", "3gp"]
FILE_INPUT_MB = 10  # docs.slack.dev/reference/block-kit/block-elements/file-input-element


class Carried(Frozen):
    """What the view carries through Slack and back. `channel` is None where the person chooses it in the form."""

    channel: str | None
    parent_id: str | None = None
    message: Permalink | None = None  # whose video is meant
    images: tuple[str, ...] = ()  # ids of the pictures that came with the request; no field can be filled with files
    source_s: float | None = None  # its length, where it is known
    style: str = OWN_WORDS  # that the instruction was made for


def edit_modal(
    *, channel: str | None, parent: Edit | None = None, like: Edit | None = None, message: Permalink | None = None,
    link: str = "", instruction: str = "", images: Sequence[str] = (), tariff: Tariff = NO_TARIFF,
    defaults: Defaults = NO_DEFAULTS, direct: str = "",
) -> Block:  # fmt: skip
    """Make the form. With a parent or a message the video is theirs, and none is asked for.

    With a parent, or where another video is to be edited `like` one before, it begins with that one's options, and its
    instruction where none is given, else with the person's defaults; without a channel it asks for one, and suggests
    `direct`, or the one where the person is. `images` are ids of pictures in Slack, which are used where no others are
    chosen, as are those of the edit that it is `like`.
    """
    model = parent or like
    chosen = model.parameters if model else defaults.completing(Parameters())
    words = instruction or (model.instruction if model else "")
    typed = likely_options(words)
    source_s = _source_s(parent) if parent else None
    part, count = _part(model), _count(model)
    given = tuple(images) or tuple(one.file_id for one in (like.images if like else ()) if isinstance(one, SlackFile))
    carried = Carried(
        channel=channel, parent_id=parent.edit_id if parent else None, message=message, images=given,
        source_s=source_s,
    )  # fmt: skip
    return {
        "type": "modal",
        "callback_id": CALLBACK_ID,
        "private_metadata": carried.model_dump_json(),
        "title": plain(say("Edit again") if parent else say("Edit this video") if message else say("Edit a video")),
        "submit": plain(say("Edit")),
        "close": plain(say("Cancel")),
        "blocks": [
            *([] if channel else [_conversation(direct)]),
            *_video(parent, message, link or _link_of(like)),
            select_field(STYLE, say("Kind of edit"), choices(), OWN_WORDS, tells=True),
            instruction_field(INSTRUCTION, words),
            _price(typed, chosen, used_s(typed.part or part, source_s), count, tariff),
            _images(len(given)),
            _resolution(chosen),
            text_field(
                PART, say("Part of the video ({least}–{most} s)", least=MIN_S, most=MAX_S), _written(part),
                optional=True, tells=True,
                placeholder=say("For example 0:03–0:08; empty: all of it, or as much as fits"),
            ),
            _variations(count),
            _ratio(chosen),
            _switches(chosen),
            text_field(
                NEGATIVE, say("What must not appear"), (model.negative_prompt if model else "") or "", optional=True,
                placeholder=say("For example: text, blur, additional people"),
            ),
            text_field(
                SEED, say("Seed"), optional=True, hint=say("The same number gives similar results."),
                placeholder=say("A new one each time"),
            ),
        ],
    }  # fmt: skip


def _conversation(direct: str) -> Block:
    """Ask where the edited video should come: a global shortcut does not say where it was used."""
    element: Block = {
        "type": "conversations_select",
        "default_to_current_conversation": not direct,
        "filter": {"include": ["public", "private", "im"]},
    }
    if direct:
        element["initial_conversation"] = direct
    hint = say("In a new thread there; in our direct messages if you or I are not in the channel.")
    return field(CHANNEL, say("Where should the edited video be posted?"), element, hint=hint)


def _video(parent: Edit | None, message: Permalink | None, link: str) -> list[Block]:
    if parent:
        return [context(_which_video(parent))]
    if message:
        return [context(say("Edits the video of this message; the edited one comes in its thread."))]
    hint = say("An https link to a video, or the link of a message in Slack that carries one.")
    return [
        text_field(VIDEO_LINK, say("Link of the video"), link, optional=True, hint=hint, placeholder="https://"),
        files_field(VIDEO_FILE, say("Or a file of at most {limit} MB", limit=FILE_INPUT_MB), VIDEO_TYPES, 1),
    ]


def _images(given: int) -> Block:
    label = say("Reference pictures (up to {count})", count=MAX_IMAGES)
    hint = ""
    if given:
        hint = counted(
            "Leave this empty to use the picture that you posted.",
            "Leave this empty to use the {count} pictures that you posted.",
            given,
        )
    return files_field(IMAGES, label, IMAGE_TYPES, MAX_IMAGES, hint=hint)


def _link_of(like: Edit | None) -> str:
    """Return the link that an edit was asked for with: where nothing was found there, it may need a little change."""
    return like.video.url if like and isinstance(like.video, Link) else ""


def _which_video(parent: Edit) -> str:
    if parent.result_file is None:
        if parent.images and not pictures_of(parent):
            return say("Edits the same video; the pictures that came with it are left out.")
        return say("Edits the same video, with the same pictures where you choose no others.")
    return say("Changes the result of this edit further; the video that it came from stays as it is.")


def instruction_field(block_id: str, words: str) -> Block:
    """Ask for the instruction; Slack's fields hold less than Wan takes, which is said where it matters."""
    is_cut = len(words) > FIELD_MAX_CHARS
    hint = say("The text was longer and is cut here after {count} characters.", count=FIELD_MAX_CHARS) if is_cut else ""
    examples = say("For example: “It is deep winter, and snow falls.” “The coat becomes the one of image 1.”")
    label = say("What should change?")
    return text_field(block_id, label, words, multiline=True, hint=hint, placeholder=examples, tells=True)


def resolutions() -> Mapping[str, str]:
    """List the resolutions that can be chosen."""
    return {"720P": "720P", "1080P": say("1080P (costs more)")}


def ratios() -> Mapping[str, str]:
    """List the shapes that can be chosen."""
    return {AS_CLIP: say("As the video"), **dict(zip(RATIOS, RATIOS, strict=True))}


def _resolution(chosen: Parameters) -> Block:
    return select_field(RESOLUTION, say("Resolution"), resolutions(), chosen.resolution, tells=True)


def _ratio(chosen: Parameters) -> Block:
    return select_field(RATIO, say("Shape"), ratios(), chosen.ratio or AS_CLIP)


def _switches(chosen: Parameters) -> Block:
    labels = {
        KEEP_AUDIO: say("Keep the sound as it is"),
        REWRITE: say("Let Wan rewrite the instruction, which mostly helps"),
    }
    on = {KEEP_AUDIO} if chosen.audio_setting == "origin" else set()
    return checks_field(SWITCHES, say("Options"), labels, on | ({REWRITE} if chosen.prompt_extend else set()))


def _price(typed: TypedOptions, chosen: Parameters, seconds: float | None, count: int, tariff: Tariff) -> Block:
    """Show the price of what the form opens with; its fields yield to options in the text."""
    parameters = Parameters(resolution=typed.parameters.resolution) if "resolution" in typed.named else chosen
    count = typed.variations if "variations" in typed.named else count
    said = estimate(parameters, tariff=tariff, source_s=seconds, variations=count)
    return price_block(said, typed.words())


def price_block(said: str, typed: str) -> Block:
    """Show the price, and which options were read in the instruction."""
    read = [escape(say("Read in the instruction: {options}", options=typed))] if typed else []
    return {**context(f":moneybag: {said}", *read), "block_id": PRICE}


def variation_choices() -> Mapping[str, str]:
    """List how many results can be made at once."""
    return {str(n): counted("{count} result", "{count} results", n) for n in range(1, MOST_VARIATIONS + 1)}


def _variations(chosen: int) -> Block:
    label = say("How many results, each a little different")
    return select_field(VARIATIONS, label, variation_choices(), str(chosen), tells=True)


def _part(parent: Edit | None) -> Part | None:
    """Keep the part where the source is used again, because its seconds are billed; a result is cut already."""
    if parent is None or parent.result_file:
        return None
    part, seconds = parent.part, parent.parameters.duration_s
    if not seconds or (part and part.to_s is not None):
        return part
    from_s = part.from_s if part else 0.0
    return Part(from_s=from_s, to_s=from_s + seconds)


def _count(model: Edit | None) -> int:
    """Ask for as many results again where not even the first was begun; otherwise for one more."""
    unread = model is not None and model.state is State.FAILED and model.video_url is None
    return model.variations if model and unread else 1


def _written(part: Part | None) -> str:
    """Write a part as it is read again."""
    if part is None:
        return ""
    return f"{moment(part.from_s)}–{moment(part.to_s) if part.to_s is not None else ''}"


def used_s(part: Part | None, source_s: float | None) -> float | None:
    """Say how many seconds of the video are used, where that is known."""
    if part and part.to_s is not None:
        return part.to_s - part.from_s
    if source_s is None:
        return None
    return min(MAX_S, max(MIN_S, source_s - (part.from_s if part else 0.0)))


def _source_s(parent: Edit) -> float | None:
    """Say how long the video is that a parent gives, where it is known."""
    if parent.result_file and parent.usage and parent.usage.output_s:
        return parent.usage.output_s
    return parent.source_s
