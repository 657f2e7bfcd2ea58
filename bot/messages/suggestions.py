"""What one could try first: a few instructions, each behind a button that opens the form with it."""

from __future__ import annotations

from collections.abc import Mapping

from bot.language import say
from bot.messages.blocks import Block, button

SUGGEST = "suggest"  # and `suggest.pixels` …: ids of buttons differ within a row


def suggestions() -> Mapping[str, tuple[str, str]]:
    """List what is suggested: by name, the label of the button and the instruction."""
    return {
        "pixels": (say("8-bit pixels"), say("Turn the video into 8-bit pixel style.")),
        "winter": (say("Deep winter"), say("It is deep winter, and snow is falling.")),
        "watercolour": (say("Watercolour"), say("Make it look like a watercolour painting.")),
    }


def suggested(name: str) -> str:
    """Return the instruction of a suggestion; nothing for a name that is none."""
    return suggestions().get(name, ("", ""))[1]


def suggestion_buttons() -> list[Block]:
    """Make the buttons of all suggestions."""
    return [button(label, f"{SUGGEST}.{name}", name) for name, (label, _) in suggestions().items()]
