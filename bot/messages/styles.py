"""What `/edit-video styles` says: beginnings of instructions, from the one list of presets."""

from __future__ import annotations

from dataclasses import replace

from bot.language import say
from bot.text import escape
from client.presets import PRESETS, Preset


def styles_text() -> str:
    """List each kind of edit with an instruction to copy, as mrkdwn."""
    lines = [say("*Kinds of edits. Copy an instruction and put your own words in the middle.*")]
    return "\n".join([*lines, *(_line(translated(preset)) for preset in PRESETS.values())])


def translated(preset: Preset) -> Preset:
    """Return the preset in the current language; Wan reads both."""
    return replace(
        preset,
        title=say(preset.title),
        asks=say(preset.asks),
        example=say(preset.example),
        template=say(preset.template),
        pictured=say(preset.pictured),
    )


def _line(preset: Preset) -> str:
    title = say("{title} (with a picture)", title=preset.title) if preset.images else preset.title
    instruction = preset.prompt(preset.example, preset.images)
    return say("• *{title}*: {instruction}", title=escape(title), instruction=escape(instruction))
