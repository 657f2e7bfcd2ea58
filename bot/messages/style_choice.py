"""What becomes of the instruction in the form when a kind of edit is chosen: the words of the person stay in it."""

from __future__ import annotations

from collections.abc import Mapping

from bot.language import say
from bot.messages.styles import translated
from client.presets import PRESETS, Preset

OWN_WORDS = "own"


def choices() -> Mapping[str, str]:
    """List what can be chosen, by name."""
    own = {OWN_WORDS: say("In my own words")}
    return own | {name: _title(translated(preset)) for name, preset in PRESETS.items()}


def _title(preset: Preset) -> str:
    return say("{title} (with a picture)", title=preset.title) if preset.images else preset.title


def _preset(name: str) -> Preset | None:
    return translated(PRESETS[name]) if name in PRESETS else None


def refilled(text: str, *, old: str, new: str) -> str:
    """Return the instruction for the new choice, made of the words that stand in it now.

    An example that was left as it was gives way to the next one; everything else that somebody wrote is kept.
    """
    before, after = _preset(old), _preset(new)
    words = _words(text, before)
    untouched = before is not None and words == before.example
    if after is None:
        return "" if untouched else words
    return after.template.format(after.example if untouched or not words else words.rstrip("."))


def _words(text: str, preset: Preset | None) -> str:
    """Return what stands in the blank of the preset; the whole text where its frame was changed."""
    found = text.strip()
    if preset is None:
        return found
    head, tail = preset.template.split("{}")
    if len(found) < len(head + tail) or not (found.startswith(head) and found.endswith(tail)):
        return found
    return found[len(head) : len(found) - len(tail)]
