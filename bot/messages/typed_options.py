"""The options that stand in the instruction of the form, typed as in a message, and how they are told.

What becomes of them where a field says something else is decided in `bot/messages/form_options.py`.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from typing import Any

from bot.command import UsageError, part_of, said_of_option, split_options
from bot.edit import Part
from bot.language import counted, say
from bot.messages.words import option_words
from client.models import Parameters
from client.options import Chosen, OptionError, apply_options

PART = frozenset({"from_s", "to_s", "duration_s"})  # what the one field of the part comes to


@dataclass(frozen=True, slots=True)
class TypedOptions:
    """What a person typed into one field: the instruction, and the options with it. `named` says which there are."""

    instruction: str = ""
    named: frozenset[str] = frozenset()
    parameters: Parameters = field(default_factory=Parameters)
    negative_prompt: str | None = None
    part: Part | None = None
    variations: int = 1

    def value(self, name: str) -> Any:
        """Return what an option was typed with."""
        return getattr(self.parameters if name in Parameters.model_fields else self, name)

    def words(self, names: Set[str] | None = None) -> str:
        """Tell the options, or those with these names: `1080P · only 0:03–0:08 · 3 results`; plain text."""
        told = self.named if names is None else self.named & names
        parameters = Parameters.model_validate(self.parameters.model_dump(include=set(told)))
        parts = [
            self.parameters.resolution if "resolution" in told else "",
            *option_words(parameters, self.part if "part" in told else None),
            say("without {things}", things=self.negative_prompt) if "negative_prompt" in told else "",
            counted("{count} result", "{count} results", self.variations) if "variations" in told else "",
        ]
        return " · ".join(filter(None, parts))


def typed_options(text: str) -> TypedOptions:
    """Read the options in a text; raise UsageError where one is unknown, wrong, or contradicts another."""
    instruction, pairs = split_options(text)
    try:
        chosen = apply_options(pairs)
    except OptionError as exc:
        raise UsageError(said_of_option(exc)) from exc
    named = {option.field for option, _ in pairs}
    return TypedOptions(
        instruction=instruction,
        named=frozenset(named - PART | ({"part"} if named & PART else set())),
        parameters=chosen.parameters.model_copy(update={"duration_s": 0}),
        negative_prompt=chosen.negative_prompt,
        part=_part(chosen),
        variations=chosen.variations,
    )


def _part(chosen: Chosen) -> Part | None:
    """Return the part of the video, also where only its length was typed, as `--seconds 5`."""
    part, seconds = part_of(chosen), chosen.parameters.duration_s
    if not seconds:
        return part
    from_s = part.from_s if part else 0.0
    to_s = part.to_s if part and part.to_s is not None else from_s + seconds
    return Part(from_s=from_s, to_s=min(to_s, from_s + seconds))


def likely_options(text: str) -> TypedOptions:
    """Read the options in a text that may not be finished; none where something in it is wrong so far."""
    try:
        return typed_options(text)
    except UsageError:
        return TypedOptions(text)
