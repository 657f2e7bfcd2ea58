"""The options of a form: those of its fields and those typed into the instruction, as one.

What was typed holds where the field still says what it said when the form opened, or nothing. Where somebody chose
something else there, nobody can know which of both is meant, and the field says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from bot.command import parse_part
from bot.edit import Part
from bot.language import say
from bot.messages.form import Form
from bot.messages.modal import (
    AS_CLIP,
    KEEP_AUDIO,
    NEGATIVE,
    PART,
    RATIO,
    RESOLUTION,
    REWRITE,
    SEED,
    SWITCHES,
    VARIATIONS,
    variation_choices,
)
from bot.messages.typed_options import TypedOptions
from client.models import AudioSetting, Parameters, Ratio, Resolution
from client.options import parse_negative, parse_ratio, parse_seed

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class FormOptions:
    """What the options of a form come to."""

    parameters: Parameters
    negative_prompt: str | None
    part: Part | None
    variations: int


def read_options(form: Form, typed: TypedOptions) -> FormOptions:
    """Join the fields with what was typed; mistakes and contradictions are noted at their fields."""

    def joined(name: str, block_id: str, value: Value, *, box: str = "") -> Value:
        if name not in typed.named or typed.value(name) == value:
            return value
        is_empty = not (box or form.text(block_id) or form.chosen(block_id))
        if is_empty or form.is_untouched(block_id, box):
            return typed.value(name)  # type: ignore[no-any-return] # what the name stands for has the field's type
        said = say("The instruction says: {typed}. Choose that here, or take it out there.", typed=typed.words({name}))
        form.errors.setdefault(block_id, said)
        return value

    boxes, count = form.chosen_of(SWITCHES), form.chosen(VARIATIONS)
    audio: AudioSetting = "origin" if KEEP_AUDIO in boxes else "auto"
    return FormOptions(
        Parameters(
            resolution=joined("resolution", RESOLUTION, _resolution(form)),
            ratio=joined("ratio", RATIO, _ratio(form)),
            audio_setting=joined("audio_setting", SWITCHES, audio, box=KEEP_AUDIO),
            prompt_extend=joined("prompt_extend", SWITCHES, REWRITE in boxes, box=REWRITE),
            seed=joined("seed", SEED, form.read(SEED, parse_seed, default=None)),
        ),
        negative_prompt=joined("negative_prompt", NEGATIVE, form.read(NEGATIVE, parse_negative, default=None)),
        part=joined("part", PART, form.read(PART, parse_part, default=None)),
        variations=joined("variations", VARIATIONS, int(count) if count in variation_choices() else 1),
    )


def _resolution(form: Form) -> Resolution:
    return "1080P" if form.chosen(RESOLUTION) == "1080P" else "720P"


def _ratio(form: Form) -> Ratio | None:
    chosen = form.chosen(RATIO) or AS_CLIP
    return None if chosen == AS_CLIP else form.check(RATIO, parse_ratio, chosen, default=None)
