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
from bot.steps.parts import Parts
from client.models import DEFAULT_MODEL, TaskRow

log = logging.getLogger(__name__)

CLOCKS_DIFFER = timedelta(seconds=5)
LATEST_ARRIVAL = timedelta(seconds=100)  # a claim is good for 10 s, and a create ends within 90 s
# A machine without time service may be this far off. Then nothing is adopted, but nothing is paid again either.
CLOCKS_WRONG = timedelta(minutes=15)


def candidates(
    rows: Sequence[TaskRow],
    claimed_at: datetime,
    owned: frozenset[str],
    api_key_ids: frozenset[str],
    *,
    tolerance: timedelta = CLOCKS_DIFFER,
) -> list[str]:
    """Return the tasks that the create claimed at this time may have made, by clocks that differ by the tolerance.

    `owned` are tasks that belong to other edits; `api_key_ids` are the ids under which our own tasks are listed
    (empty: not known yet, so every key's tasks count).
    """
    first, last = claimed_at - tolerance, claimed_at + LATEST_ARRIVAL + tolerance
    return [
        row.task_id
        for row in rows
        if first <= row.created_at <= last
        and row.task_id not in owned
        and (not api_key_ids or not row.api_key_id or row.api_key_id in api_key_ids)
    ]


async def adopt(parts: Parts, edit: Edit) -> None:
    """Read the list twice; adopt the one task that fits, allow one new try where there is none, else give up.

    Giving up costs the person nothing more: the edit says that it may have been billed, and a person decides.
    """
    if edit.claimed_at is None:
        return
    found: list[list[str]] = []
    doubtful: list[str] = []
    for _read in range(2):
        rows = await parts.wan.list_all(model=DEFAULT_MODEL)
        owners = {row.task_id: await parts.store.by_task(row.task_id) for row in rows}
        owned = frozenset(task_id for task_id, owner in owners.items() if owner is not None)
        keys = frozenset(row.api_key_id for row in rows if row.task_id in owned and row.api_key_id)
        found.append(candidates(rows, edit.claimed_at, owned, keys))
        doubtful = candidates(rows, edit.claimed_at, owned, keys, tolerance=CLOCKS_WRONG)
    first, second = found
    log.warning("create without an answer looked up", extra={"edit": edit.edit_id, "found": [*first, *second]})
    if len(first) == 1 and first == second:
        await parts.move_unchanged(edit, Created(task_id=first[0], adopted=True))
    elif not first and not doubtful and not edit.lost_creates:
        await parts.move_unchanged(edit, Lost())
    else:
        await give_up(parts, edit)


async def give_up(parts: Parts, edit: Edit) -> None:
    """End an edit of which nobody can say whether it was paid for."""
    why = Failure(reason=Reason.UNKNOWN_OUTCOME, message=unknown_outcome(), billed="maybe")
    await parts.move_unchanged(edit, Failed(failure=why))
