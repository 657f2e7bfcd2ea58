"""What `/edit-video styles` says: beginnings of instructions, from the one list of presets."""

from __future__ import annotations

from bot.text import escape
from client.presets import PRESETS, Preset


def styles_text() -> str:
    """List each kind of edit with an instruction to copy, as mrkdwn."""
    lines = ["*Kinds of edits. Copy an instruction and put your own words in the middle.*"]
    return "\n".join([*lines, *(_line(preset) for preset in PRESETS.values())])


def _line(preset: Preset) -> str:
    needs = " (with a picture)" if preset.images else ""
    return f"• *{escape(preset.title)}*{needs}: {escape(preset.prompt(preset.example, preset.images))}"
