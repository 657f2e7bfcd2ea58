"""Again: what an edit is run as once more. The person's wish is read in `bot/listeners`, and saved there.

Pure: a new seed comes in as an argument.
"""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from bot.edit import Edit, Medium, State
from client.models import SEED_MAX, Parameters


class Way(StrEnum):
    """How an edit is run again; the names are those of the buttons."""

    SAME = "retry"
    NEW_SEED = "vary"
    SLOWED = "slow"  # what was too short
    WORD_FOR_WORD = "verbatim"  # without the rewriting of the instruction, which may be what was refused


def parameters_for(way: Way, edit: Edit, *, other_seed: int) -> Parameters:
    """Return the parameters of the new run; where the edit left the seed to Wan, so does running the same again."""
    match way:
        case Way.SAME | Way.SLOWED:
            return edit.parameters
        case Way.NEW_SEED:
            return edit.parameters.model_copy(update={"seed": other_seed})
        case Way.WORD_FOR_WORD:
            return edit.parameters.model_copy(update={"prompt_extend": False})
        case _:
            assert_never(way)


def needs_video(edit: Edit) -> bool:
    """Say whether a form that begins with an edit asks for another video: this one's was not taken, and is to blame."""
    if edit.state is not State.FAILED or edit.video_url is not None:
        return False
    return edit.failure is None or edit.failure.remedy not in ("options", "picture")


def pictures_of(edit: Edit) -> tuple[Medium, ...]:
    """Return the pictures that a form uses again where no others are chosen: none where one of them was to blame."""
    return () if edit.failure is not None and edit.failure.remedy == "picture" else edit.images


def variations_of(first: Edit, *, first_seed: int) -> list[Edit]:
    """Return all edits of a set, the first one first: the same wish with seeds that follow each other.

    Only the first belongs to the person's message; what is done there is done to all.
    """
    return [
        first.model_copy(
            update={
                "edit_id": edit_id,
                "variation": number,
                "request_ts": first.request_ts if number == 1 else None,
                "parameters": first.parameters.model_copy(
                    update={"seed": (first_seed + number - 1) % (SEED_MAX + 1)}
                ),
            }
        )
        for number, edit_id in enumerate(first.set_ids, start=1)
    ]
