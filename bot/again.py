"""Again: what an edit is run as once more. The person's wish is read in `bot/listeners`, and saved there.

Pure: a new seed comes in as an argument.
"""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from bot.edit import Edit
from client.models import Parameters


class Way(StrEnum):
    """How an edit is run again; the names are those of the buttons."""

    SAME = "retry"
    NEW_SEED = "vary"
    WORD_FOR_WORD = "verbatim"  # without the rewriting of the instruction, which may be what was refused


def parameters_for(way: Way, edit: Edit, *, other_seed: int) -> Parameters:
    """Return the parameters of the new run; where the edit left the seed to Wan, so does running the same again."""
    match way:
        case Way.SAME:
            return edit.parameters
        case Way.NEW_SEED:
            return edit.parameters.model_copy(update={"seed": other_seed})
        case Way.WORD_FOR_WORD:
            return edit.parameters.model_copy(update={"prompt_extend": False})
        case _:
            assert_never(way)
