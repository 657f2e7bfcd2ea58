"""Reconcile: the one loop of a provider account. Records are the truth; every job is derived from them again.

One pass reads all unsettled edits, carries out cancels, follows the tasks through the list, chooses who goes next,
and adds every job that the records call for. Adding is free, because jobs are told apart by their keys, so a job that
was lost comes back with the next pass.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from bot import queue
from bot.edit import Edit, Failure, Reason, State
from bot.events import Canceled, CancelTooLate, Failed, Finished, Postponed, Started
from bot.messages import answers
from bot.messages.failure import task_failure, unknown_outcome
from bot.messages.status import face
from bot.notes import Note
from bot.steps.adopt import adopt, give_up
from bot.steps.boundary import KEPT_FOR, PATIENCE, attempt, backoff
from bot.steps.parts import Parts
from client.errors import WanError
from client.models import DEFAULT_MODEL, Task, TaskStatus
from client.watch import look

log = logging.getLogger(__name__)


Thing = TypeVar("Thing")
AddJob = Callable[[str, str], Awaitable[None]]
Fact = tuple[str, str, object]
Wanted = tuple[str, str, int | str]  # a job, its edit, and what would make it another wish: a version, or a face
LIST_PAGE = 100
ASK_UNKNOWN_AFTER = timedelta(seconds=5)
IN_A_ROW = timedelta(minutes=1)
ASK_WITHOUT_LIST_S = 15.0  # the vendor's own interval; used while the list cannot be read
FEW, ADD_AGAIN_AFTER_S = 50, 3.0  # how long a lost job may stay lost where there are more than a few
AT_ONCE = 16
ASKED_AT_ONCE = 10  # half a second of the account's 20 queries a second: nothing else waits longer for its turn
PREPARED_AT_ONCE = 8  # of a worker's 20 places: the rest is for what is short or paid for


def _claim(edit: Edit) -> Fact:
    return "claim", edit.edit_id, edit.claimed_at


def _unshown(edit: Edit) -> Fact:
    return "unshown", edit.edit_id, edit.show_attempts


def _untold(note: Note) -> Fact:
    return "untold", note.note_id, note.attempts


async def _several_at_once(things: Sequence[Thing], act: Callable[[Thing], Awaitable[None]]) -> None:
    """Do something for each, a few at a time: a server that syncs every write to its disk syncs them together."""
    for first in range(0, len(things), AT_ONCE):
        await asyncio.gather(*map(act, things[first : first + AT_ONCE]))


class Reconcile:
    """One pass after another; between passes it only remembers when it last did things, so that any replica can."""

    def __init__(self, parts: Parts, add_job: AddJob) -> None:
        self._parts = parts
        self._add_job = add_job
        self._asked_at_s: dict[str, float] = {}
        self._first_seen_s: dict[Fact, float] = {}
        self._added_s: dict[Wanted, float] = {}

    async def __call__(self) -> None:
        """Do one pass. What one edit's trouble raises is logged, and the other edits go on."""
        notes, edits = await self._parts.store.notes(), await self._parts.store.open_edits()
        self._see([*map(_untold, notes), *map(_unshown, edits), *map(_claim, edits)])
        for note in notes:
            if self._rested(_untold(note), note.attempts):
                await self._add_job("tell", note.note_id)
        if not edits:
            self._asked_at_s.clear()
            return
        await self._each("cancel", [edit for edit in edits if edit.cancel_requested_by], self._cancel)
        await self._each("adopt", [edit for edit in edits if self._adoptable(edit)], self._adopt)
        await self._follow([edit for edit in edits if edit.task_id and not edit.state.terminal])
        await self._add_jobs(await self._parts.store.open_edits())

    async def _add_jobs(self, edits: Sequence[Edit]) -> None:
        now = self._parts.now()
        turns = await self._parts.store.turns()
        places = queue.places(edits, turns)
        chosen = queue.next_to_send(edits, turns, now=now, running_limit=self._parts.settings.running_limit)
        if chosen is not None:
            await self._add_job("submit", chosen.edit_id)
        due = [edit for edit in edits if edit.not_before is None or edit.not_before <= now]
        fresh = [edit for edit in due if edit.state in {State.RECEIVED, State.PREPARING}]
        wanted: list[Wanted] = [("prepare", edit.edit_id, edit.version) for edit in fresh[:PREPARED_AT_ONCE]]
        wanted += [("deliver", edit.edit_id, edit.version) for edit in due if edit.state is State.DELIVERING]
        for edit in edits:
            shown = face(edit, now=now, place=places.get(edit.edit_id))
            if shown != edit.shown and self._rested(_unshown(edit), edit.show_attempts):
                wanted.append(("show", edit.edit_id, shown))
        await self._add_wanted(wanted)

    async def _add_wanted(self, wanted: Sequence[Wanted]) -> None:
        """Add jobs; where they are many, those that were not added just now for the same reason.

        Adding again does nothing, but it is a round trip to the server each.
        """
        now_s = time.monotonic()
        recent_s = now_s - (ADD_AGAIN_AFTER_S if len(wanted) > FEW else 0.0)
        known_s = {job: self._added_s[job] for job in wanted if self._added_s.get(job, recent_s) > recent_s}
        missing = [job for job in wanted if job not in known_s]
        await _several_at_once(missing, lambda job: self._add_job(job[0], job[1]))
        self._added_s = dict.fromkeys(missing, now_s) | known_s

    # -- for how long something has been so, by a clock that never jumps --------------------------------------------

    def _see(self, facts: Sequence[Fact]) -> None:
        """Remember since when each claim, and each failure to tell or show something, has been in the records.

        The record's own times come from the clocks of replicas, which differ, and jump; a claim that only looks old
        must not be looked up while its request is under way. After a restart the wait begins anew.
        """
        now_s = time.monotonic()
        self._first_seen_s = {fact: self._first_seen_s.get(fact, now_s) for fact in facts}

    def _age_s(self, fact: Fact) -> float:
        now_s = time.monotonic()
        return now_s - self._first_seen_s.get(fact, now_s)

    def _rested(self, fact: Fact, attempts: int) -> bool:
        """Say whether what failed this many times may be tried again."""
        return not attempts or self._age_s(fact) >= backoff(attempts).total_seconds()

    async def _each(self, what: str, edits: Sequence[Edit], act: Callable[[Edit], Awaitable[None]]) -> None:
        await _several_at_once(edits, lambda edit: attempt(self._parts, what, edit, act))

    # -- cancels ---------------------------------------------------------------------------------------------------

    async def _cancel(self, edit: Edit) -> None:
        """Carry out a cancel where it can be, and say so where it cannot."""
        match edit.state:
            case State.RECEIVED | State.PREPARING | State.WAITING:
                await self._parts.move(edit, Canceled())
            case State.PENDING if edit.task_id:
                # False: it runs already; the next look at the task says so, and the cancel is then too late.
                if await self._parts.wan.cancel(edit.task_id):
                    await self._parts.move(edit, Canceled())
                else:
                    await self._ask(edit)
            case State.RUNNING | State.DELIVERING if not edit.cancel_too_late:
                await self._parts.move(edit, CancelTooLate())

    # -- creates without an answer ---------------------------------------------------------------------------------

    def _adoptable(self, edit: Edit) -> bool:
        if edit.state is not State.SUBMITTING or (edit.not_before and self._parts.now() < edit.not_before):
            return False
        return self._age_s(_claim(edit)) >= self._parts.settings.adopt_after_s

    async def _adopt(self, edit: Edit) -> None:
        try:
            await adopt(self._parts, edit)
        except WanError:
            if self._age_s(_claim(edit)) < PATIENCE.total_seconds():
                raise
            await give_up(self._parts, edit)  # one claim keeps all other edits waiting

    # -- tasks -----------------------------------------------------------------------------------------------------

    async def _follow(self, edits: Sequence[Edit]) -> None:
        """Read the list twice, whatever the number of edits, and ask for the tasks that are no longer on it."""
        by_task = {edit.task_id: edit for edit in edits if edit.task_id and edit.state is not State.DELIVERING}
        now_s = time.monotonic()
        self._asked_at_s = {task: self._asked_at_s.get(task, now_s) for task in by_task}
        if not by_task:
            return
        try:
            pending = await self._listed(TaskStatus.PENDING)
            running = await self._listed(TaskStatus.RUNNING)
        except WanError as exc:
            log.warning("task list not read", extra={"why": str(exc)})
            asked = [task for task, at_s in self._asked_at_s.items() if now_s - at_s >= ASK_WITHOUT_LIST_S]
        else:
            seen = look(self._asked_at_s, pending=pending, running=running, now_s=now_s)
            starting = [by_task[task] for task in seen.running if by_task[task].state is State.PENDING]
            await self._each("start", starting, self._start)
            # What is finished goes first; what is still on the list is only asked for in case the list is stale.
            listed = pending | running
            asked = sorted(seen.ask, key=lambda task: (task in listed, self._asked_at_s[task]))
        now = self._parts.now()
        due = [by_task[task] for task in asked]
        due = [edit for edit in due if not edit.not_before or edit.not_before <= now]
        await self._each("ask", due[:ASKED_AT_ONCE], self._ask)

    async def _listed(self, status: TaskStatus) -> set[str]:
        """Return the tasks of one status; one that slips between two pages is asked for, which does no harm."""
        tasks: set[str] = set()
        number = last = 1
        while number <= last:
            page = await self._parts.wan.list(status=status, model=DEFAULT_MODEL, page=number, page_size=LIST_PAGE)
            tasks |= {row.task_id for row in page.rows}
            number, last = number + 1, page.total_pages
        return tasks

    async def _start(self, edit: Edit) -> None:
        await self._parts.move(edit, Started())

    async def _ask(self, edit: Edit) -> None:
        """Read one task and move its edit to where the task is."""
        if edit.task_id is None:
            return
        self._asked_at_s[edit.task_id] = time.monotonic()
        try:
            task = await self._parts.wan.get(edit.task_id)
        except WanError as exc:
            if self._parts.now() - (edit.submitted_at or edit.entered_at) < KEPT_FOR:
                raise
            log.warning("task given up", extra={"edit": edit.edit_id, "why": str(exc)})
            await self._parts.move(edit, Failed(failure=_lost()))
            return
        match task.status:
            case TaskStatus.SUCCEEDED:
                await self._finish(edit, task)
            case TaskStatus.FAILED:
                await self._parts.move(edit, Failed(failure=task_failure(task)))
            case TaskStatus.CANCELED if edit.state is State.PENDING:
                await self._parts.move(edit, Canceled())
            case TaskStatus.CANCELED:
                why = Failure(reason=Reason.ADMIN, message=answers.canceled_elsewhere())
                await self._parts.move(edit, Failed(failure=why))
            case TaskStatus.UNKNOWN if self._unknown_before(edit):
                await self._parts.move(edit, Failed(failure=_lost()))
            case TaskStatus.UNKNOWN:
                await self._parts.move(edit, Postponed(until=self._parts.now() + ASK_UNKNOWN_AFTER))
            case TaskStatus.RUNNING if edit.state is State.PENDING:
                await self._parts.move(edit, Started())
            case _:
                return

    def _unknown_before(self, edit: Edit) -> bool:
        """Say whether the task was unknown just before, too: 24 hours are over, or the key or the region changed."""
        return edit.not_before is not None and self._parts.now() - edit.not_before < IN_A_ROW

    async def _finish(self, edit: Edit, task: Task) -> None:
        if edit.adopted and (task.orig_prompt or "").strip() != edit.instruction.strip():
            why = Failure(reason=Reason.UNKNOWN_OUTCOME, message=unknown_outcome(), billed="maybe")
            await self._parts.move(edit, Failed(failure=why))
            return
        if task.video_url is None:
            why = Failure(reason=Reason.BUG, message=answers.no_result(), request_id=task.request_id, billed="yes")
            await self._parts.move(edit, Failed(failure=why))
            return
        url = task.video_url.get_secret_value()
        await self._parts.move(edit, Finished(result_url=url, usage=task.usage))


def _lost() -> Failure:
    return Failure(reason=Reason.EXPIRED, message=answers.task_lost(), billed="maybe")
