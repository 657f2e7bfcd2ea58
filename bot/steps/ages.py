"""Ages: for how long something has been so in the records, by a clock that never jumps.

The record's own times come from the clocks of replicas, which differ, and jump; a claim that only looks old must not
be looked up while its request is under way. After a restart the wait begins anew.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from bot.edit import Edit
from bot.notes import Note
from bot.steps.boundary import pause

Fact = tuple[str, str, object]


def claim(edit: Edit) -> Fact:
    """Name the claim that an edit holds to send the paid request."""
    return "claim", edit.edit_id, edit.claimed_at


def unshown(edit: Edit) -> Fact:
    """Name the last failure to show an edit's status."""
    return "unshown", edit.edit_id, edit.show_attempts


def untold(note: Note) -> Fact:
    """Name the last failure to send a note."""
    return "untold", note.note_id, note.attempts


class Ages:
    """Remembers since when each fact has been seen without a break."""

    def __init__(self) -> None:
        self._first_seen_s: dict[Fact, float] = {}

    def see(self, facts: Iterable[Fact]) -> None:
        """Take down what is so now; what is not among it is forgotten."""
        now_s = time.monotonic()
        self._first_seen_s = {fact: self._first_seen_s.get(fact, now_s) for fact in facts}

    def age_s(self, fact: Fact) -> float:
        """Return for how long it has been so; 0 where it was not seen."""
        now_s = time.monotonic()
        return now_s - self._first_seen_s.get(fact, now_s)

    def rested(self, fact: Fact, attempts: int) -> bool:
        """Say whether what failed this many times may be tried again."""
        return not attempts or self.age_s(fact) >= pause(attempts).total_seconds()
