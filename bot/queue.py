"""Which waiting edit goes next, and at which place each stands.

Pure: what it needs to know comes in as arguments. Who is told about the place, and who sends the edit, is decided
in `bot/steps/reconcile.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from bot.edit import Edit, State


def in_turn(edits: Sequence[Edit]) -> list[Edit]:
    """Return the waiting edits in the order in which they will be sent.

    People take turns: somebody's second edit stands behind everybody's first, and an edit that is with the provider
    already counts as that person's turn. Among equals the older one goes first.
    """
    turns = Counter(edit.user for edit in edits if edit.state.at_provider)
    ranked: list[tuple[int, datetime, str, Edit]] = []
    for edit in sorted(edits, key=lambda edit: (edit.created_at, edit.edit_id)):
        if edit.state is State.WAITING:
            turns[edit.user] += 1
            ranked.append((turns[edit.user], edit.created_at, edit.edit_id, edit))
    return [row[-1] for row in sorted(ranked, key=lambda row: row[:3])]


def places(edits: Sequence[Edit]) -> dict[str, int]:
    """Return the place in the queue of every waiting edit, by its id; the next one to go has place 1."""
    return {edit.edit_id: place for place, edit in enumerate(in_turn(edits), start=1)}


def next_to_send(edits: Sequence[Edit], *, now: datetime, running_limit: int) -> Edit | None:
    """Return the edit whose paid request may be sent now, or None.

    One create is in flight at a time, and never more edits are with the provider than the account may run.
    """
    if any(edit.state is State.SUBMITTING for edit in edits):
        return None
    if sum(edit.state.at_provider for edit in edits) >= running_limit:
        return None
    ready = (edit for edit in in_turn(edits) if edit.not_before is None or edit.not_before <= now)
    return next(ready, None)
