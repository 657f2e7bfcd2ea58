"""The options that people type, as one table shared by the command line and the chat.

Here live the flags, what they set and the sentence for a wrong value. Not here: how a text is cut into flags and words
(the bot's `command.py`, typer), and what the service allows altogether (`client/catalogue.py`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from client.models import MAX_S, MIN_S, NEGATIVE_MAX_CHARS, SEED_MAX, Parameters, Ratio

RATIOS: tuple[Ratio, ...] = get_args(Ratio)
MOST_VARIATIONS = 4


class OptionError(ValueError):
    """Say in one sentence what is wrong with an option; `text` and `values` are kept apart for whoever translates."""

    def __init__(self, text: str, /, **values: object) -> None:
        super().__init__(text.format(**values))
        self.text = text
        self.values = values


@dataclass(frozen=True, slots=True)
class Option:
    """Describe one option: its flags, the field that it sets, and how its value is read.

    `value` is what a flag that takes nothing sets. `parse` turns what a person typed into the field's value and raises
    `OptionError` with a sentence for that person.
    """

    flags: tuple[str, ...]
    field: str
    takes: Literal["nothing", "value"]
    help: str
    value: object = None
    placeholder: str = ""
    parse: Callable[[str], object] = str
    is_wan: bool = True  # the service knows it; what is not, is done by whoever makes the requests


@dataclass(frozen=True, slots=True)
class Chosen:
    """What all options of a request come to.

    `from_s` and `to_s` bound the part of the video that is used, in seconds; None where nobody gave them. `variations`
    is how many edits are made, with different seeds.
    """

    parameters: Parameters = field(default_factory=Parameters)
    negative_prompt: str | None = None
    from_s: float | None = None
    to_s: float | None = None
    variations: int = 1


def parse_ratio(text: str) -> Ratio:
    """Read `9:16`; `9x16`, `9/16` and `9比16` mean the same."""
    found = re.sub(r"\s*[x×/:比]\s*", ":", _plain(text))
    for ratio in RATIOS:
        if ratio == found:
            return ratio
    raise OptionError("The shape must be one of {ratios}, not “{text}”.", ratios=", ".join(RATIOS), text=text)


def parse_seconds(text: str) -> int:
    """Read `5` or `5s`: how many seconds of the video are kept, from its start."""
    found = _bare_seconds(text)
    if re.fullmatch(r"[0-9]{1,4}", found) and MIN_S <= int(found) <= MAX_S:
        return int(found)
    raise OptionError(
        "The seconds must be a whole number from {low} to {high}, not “{text}”.", low=MIN_S, high=MAX_S, text=text
    )


def parse_moment(text: str) -> float:
    """Read `0:03`, `1:02.5`, `3` or `3.5s`: a moment of the video, in seconds from its start."""
    found = re.fullmatch(r"(?:(?:(\d{1,2}):)?(\d{1,2}):)?(\d{1,4}(?:\.\d{1,3})?)", _bare_seconds(text), re.ASCII)
    if not found or (found[2] and float(found[3]) >= 60):
        raise OptionError("“{text}” is no time of the video: write it as 0:03 or as 3s.", text=text)
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds


def moment(seconds: float) -> str:
    """Write `0:09.9` or `1:05`, which `parse_moment` reads."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    return f"{minutes}:{rest // 10:02}" + (f".{rest % 10}" if rest % 10 else "")


def _bare_seconds(text: str) -> str:
    return re.sub(r"\s*(?:s|secs?|seconds?|秒)$", "", _plain(text))


def _plain(text: str) -> str:
    """Write what a person typed in small letters and, where a Chinese keyboard made wide signs, with plain ones."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def parse_seed(text: str) -> int:
    """Read a seed, a whole number that makes results alike (never identical)."""
    found = _plain(text)
    if re.fullmatch(r"[0-9]{1,10}", found) and int(found) <= SEED_MAX:
        return int(found)
    raise OptionError("The seed must be a whole number from 0 to {high}, not “{text}”.", high=SEED_MAX, text=text)


def parse_variations(text: str) -> int:
    """Read `3` or `x3`: how many results are wanted, each with a seed of its own."""
    found = _plain(text).removeprefix("x").strip()
    if re.fullmatch(r"[0-9]{1,4}", found) and 1 <= int(found) <= MOST_VARIATIONS:
        return int(found)
    raise OptionError(
        "The number of results must be from 1 to {high}, not “{text}”.", high=MOST_VARIATIONS, text=text
    )


def parse_negative(text: str) -> str:
    """Read what must not appear in the video."""
    found = text.strip()
    if not found:
        raise OptionError("--negative needs a text: what must not appear in the video.")
    if len(found) > NEGATIVE_MAX_CHARS:
        raise OptionError(
            "What must not appear may have {limit} characters, this has {count}.",
            limit=NEGATIVE_MAX_CHARS, count=len(found),
        )  # fmt: skip
    return found


OPTIONS: tuple[Option, ...] = (
    Option(("--720p",), "resolution", "nothing", "720P, the default.", value="720P"),
    Option(("--1080p",), "resolution", "nothing", "1080P; costs more than 720P.", value="1080P"),
    Option(
        ("--ratio",), "ratio", "value", f"Shape of the result: {', '.join(RATIOS)}. Default: as the video.",
        placeholder="R", parse=parse_ratio,
    ),
    Option(
        ("--seconds",), "duration_s", "value", f"Keep only the first {MIN_S}-{MAX_S} seconds. Default: all.",
        placeholder="N", parse=parse_seconds,
    ),
    Option(
        ("--from",), "from_s", "value", "Use the video from this moment on. Default: its start.",
        placeholder="0:03", parse=parse_moment, is_wan=False,
    ),
    Option(
        ("--to",), "to_s", "value", f"Use the video up to this moment; {MIN_S}-{MAX_S} seconds in all.",
        placeholder="0:08", parse=parse_moment, is_wan=False,
    ),
    Option(
        ("--seed",), "seed", "value", "The same number gives similar results. Default: a new one each time.",
        placeholder="N", parse=parse_seed,
    ),
    Option(("--keep-audio",), "audio_setting", "nothing", "Keep the sound of the video as it is.", value="origin"),
    Option(("--no-rewrite",), "prompt_extend", "nothing", "Use the instruction word for word.", value=False),
    Option(
        ("--negative",), "negative_prompt", "value", "What must not appear in the video.",
        placeholder="TEXT", parse=parse_negative,
    ),
    Option(
        ("--variations",), "variations", "value",
        f"Make 1-{MOST_VARIATIONS} results with different seeds; each is billed.",
        placeholder="N", parse=parse_variations, is_wan=False,
    ),
)  # fmt: skip


def apply_options(pairs: Sequence[tuple[Option, object]]) -> Chosen:
    """Join parsed options; two that contradict each other raise OptionError.

    Saying the same twice is no contradiction.
    """
    chosen: dict[str, tuple[Option, Any]] = {}
    for option, value in pairs:
        earlier = chosen.setdefault(option.field, (option, value))
        if earlier[1] != value:
            first, second = earlier[0].flags[0], option.flags[0]
            if earlier[0] is option:
                raise OptionError("{flag} is given twice with different values: say only one.", flag=first)
            raise OptionError("{first} and {second} contradict each other: say only one.", first=first, second=second)
    values = {field: value for field, (_, value) in chosen.items()}
    others = {option.field: values.pop(option.field) for option in OPTIONS if _is_extra(option, values)}
    _check_part(others.get("from_s"), others.get("to_s"))
    return Chosen(parameters=Parameters(**values), **others)


def _is_extra(option: Option, values: Mapping[str, object]) -> bool:
    return option.field in values and option.field not in Parameters.model_fields


def _check_part(from_s: float | None, to_s: float | None) -> None:
    """Refuse a part that can be no part of any video, or that is too short or too long to be edited."""
    if to_s is None:
        return
    start_s = from_s or 0.0
    if to_s <= start_s:
        raise OptionError(
            "The part must end after {start}, where it begins, and not at {end}.",
            start=moment(start_s), end=moment(to_s),
        )  # fmt: skip
    if not MIN_S <= round(to_s - start_s, 3) <= MAX_S:
        raise OptionError(
            "A part of {low} to {high} seconds can be edited, and from {start} to {end} it is {seconds}.",
            low=MIN_S, high=MAX_S, start=moment(start_s), end=moment(to_s), seconds=f"{to_s - start_s:g}",
        )  # fmt: skip
