"""Adopt: find out what became of a create whose answer was lost. There is no idempotency key, only the task list.

One create is in flight at a time, so at most one unknown task can have been made in the window of a claim. Its row in
the list carries the time and the API key, no prompt; the prompt is compared when the task is read.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.edit import Edit, Failure, Reason
from bot.events import Created, Failed, Lost
from bot.messages.failure import unknown_outcome
from bot.settings import CREATE_ARRIVES_WITHIN_S
from bot.steps.parts import Parts
from client.models import DEFAULT_MODEL, TaskRow

log = logging.getLogger(__name__)

CLOCKS_DIFFER = timedelta(seconds=5)
LATEST_ARRIVAL = timedelta(seconds=CREATE_ARRIVES_WITHIN_S)
# The list holds the tasks of 24 hours. Some of them are left for clocks that are wrong, and for the reading.
LISTED_FOR = timedelta(hours=20)


def strays(rows: Sequence[TaskRow], owned: frozenset[str], api_key_ids: frozenset[str]) -> list[TaskRow]:
    """Return the tasks of our own that belong to no edit and that the create in question may have made.

    `owned` are those that belong to edits; `api_key_ids` are the ids under which our own tasks are listed (empty: not
    known yet, so every key's tasks count). No create of ours follows one without an answer, so all owned tasks are
    older than what that one made, whatever the clocks say. What another program made before then is none of ours.
    """
    ours = [row for row in rows if not api_key_ids or not row.api_key_id or row.api_key_id in api_key_ids]
    newest = max((row.created_at for row in rows if row.task_id in owned), default=None)
    since = newest - CLOCKS_DIFFER if newest else None
    return [row for row in ours if row.task_id not in owned and (since is None or row.created_at >= since)]


def made_by(rows: Sequence[TaskRow], claimed_at: datetime) -> list[str]:
    """Return which of these tasks the create claimed at this time may have made."""
    first, last = claimed_at - CLOCKS_DIFFER, claimed_at + LATEST_ARRIVAL + CLOCKS_DIFFER
    return [row.task_id for row in rows if first <= row.created_at <= last]


async def adopt(parts: Parts, edit: Edit) -> None:
    """Read the list twice; adopt the one task that fits, allow one new try where there is none, else give up.

    A stray of another time may be the one if our clock was wrong: then nothing is adopted, but nothing is paid again
    either. Giving up costs nothing more: the edit says that it may have been billed, and a person decides.
    """
    if edit.claimed_at is None:
        return
    if parts.now() - edit.claimed_at > LISTED_FOR:  # nobody was there to look: what the list says now proves nothing
        await give_up(parts, edit)
        return
    found: list[list[str]] = []
    possible: list[TaskRow] = []
    for _read in range(2):
        rows = await parts.wan.list_all(model=DEFAULT_MODEL)
        owners = {row.task_id: await parts.store.by_task(row.task_id) for row in rows}
        owned = frozenset(task_id for task_id, owner in owners.items() if owner is not None)
        keys = frozenset(row.api_key_id for row in rows if row.task_id in owned and row.api_key_id)
        possible = strays(rows, owned, keys)
        found.append(made_by(possible, edit.claimed_at))
    first, second = found
    log.warning("create without an answer looked up", extra={"edit": edit.edit_id, "found": [*first, *second]})
    if len(first) == 1 and first == second:
        await parts.move_unchanged(edit, Created(task_id=first[0], adopted=True))
    elif not possible and not edit.lost_creates:
        await parts.move_unchanged(edit, Lost())
    else:
        await give_up(parts, edit)


async def give_up(parts: Parts, edit: Edit) -> None:
    """End an edit of which nobody can say whether it was paid for."""
    why = Failure(reason=Reason.UNKNOWN_OUTCOME, message=unknown_outcome(), billed="maybe")
    await parts.move_unchanged(edit, Failed(failure=why))
