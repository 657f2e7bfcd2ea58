"""Reconcile: the one loop of a provider account. Records are the truth; every job is derived from them again.

One pass reads all unsettled edits, carries out cancels, follows the tasks through the list, chooses who goes next,
and adds every job that the records call for. Adding is free, because jobs are told apart by their keys, so a job that
was lost comes back with the next pass.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from bot import queue
from bot.edit import Edit, Failure, Reason, State
from bot.events import Canceled, CancelTooLate, Failed, Finished, Postponed, Started
from bot.messages import answers
from bot.messages.failure import task_failure
from bot.messages.status import face
from bot.steps.adopt import adopt
from bot.steps.boundary import attempt
from bot.steps.parts import Parts
from client.errors import WanError
from client.models import DEFAULT_MODEL, Task, TaskStatus
from client.watch import look

log = logging.getLogger(__name__)

AddJob = Callable[[str, str], Awaitable[None]]
LIST_PAGE = 100
UNKNOWNS = 2  # a task that is unknown twice in a row is lost: 24 hours are over, or the key or the region changed


class Reconcile:
    """One pass after another; between passes it only remembers when each task was last asked for."""

    def __init__(self, parts: Parts, add_job: AddJob) -> None:
        self._parts = parts
        self._add_job = add_job
        self._asked_at_s: dict[str, float] = {}

    async def __call__(self) -> None:
        """Do one pass. What one edit's trouble raises is logged, and the other edits go on."""
        for note in await self._parts.store.notes():
            await self._add_job("tell", note.note_id)
        edits = await self._parts.store.open_edits()
        if not edits:
            self._asked_at_s.clear()
            return
        await self._each("cancel", [edit for edit in edits if edit.cancel_requested_by], self._cancel)
        await self._each("adopt", [edit for edit in edits if self._adoptable(edit)], self._adopt)
        try:
            await self._follow([edit for edit in edits if edit.task_id and not edit.state.terminal])
        except WanError as exc:
            log.warning("task list not read", extra={"why": str(exc)})
        await self._add_jobs(await self._parts.store.open_edits())

    async def _add_jobs(self, edits: Sequence[Edit]) -> None:
        now = self._parts.now()
        places = queue.places(edits)
        chosen = queue.next_to_send(edits, now=now, running_limit=self._parts.settings.running_limit)
        if chosen is not None:
            await self._add_job("submit", chosen.edit_id)
        for edit in edits:
            if edit.not_before is None or edit.not_before <= now:
                if edit.state in {State.RECEIVED, State.PREPARING}:
                    await self._add_job("prepare", edit.edit_id)
                elif edit.state is State.DELIVERING:
                    await self._add_job("deliver", edit.edit_id)
            if face(edit, now=now, place=places.get(edit.edit_id)) != edit.shown:
                await self._add_job("show", edit.edit_id)

    async def _each(self, what: str, edits: Sequence[Edit], act: Callable[[Edit], Awaitable[None]]) -> None:
        for edit in edits:
            await attempt(self._parts, what, edit, act)

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
        after = timedelta(seconds=self._parts.settings.adopt_after_s)
        return (
            edit.state is State.SUBMITTING
            and edit.claimed_at is not None
            and self._parts.now() - edit.claimed_at >= after
        )

    async def _adopt(self, edit: Edit) -> None:
        await adopt(self._parts, edit)

    # -- tasks -----------------------------------------------------------------------------------------------------

    async def _follow(self, edits: Sequence[Edit]) -> None:
        """Read the list twice, whatever the number of edits, and ask for the tasks that are no longer on it."""
        by_task = {edit.task_id: edit for edit in edits if edit.task_id and edit.state is not State.DELIVERING}
        now_s = time.monotonic()
        self._asked_at_s = {task: self._asked_at_s.get(task, now_s) for task in by_task}
        if not by_task:
            return
        pending = await self._listed(TaskStatus.PENDING)
        running = await self._listed(TaskStatus.RUNNING)
        seen = look(self._asked_at_s, pending=pending, running=running, now_s=now_s)
        await self._each(
            "start", [by_task[task] for task in seen.running if by_task[task].state is State.PENDING], self._start
        )
        due = [by_task[task] for task in seen.ask]
        now = self._parts.now()
        await self._each("ask", [edit for edit in due if not edit.not_before or edit.not_before <= now], self._ask)

    async def _listed(self, status: TaskStatus) -> set[str]:
        page = await self._parts.wan.list(status=status, model=DEFAULT_MODEL, page_size=LIST_PAGE)
        tasks = {row.task_id for row in page.rows}
        if page.total_pages > 1:
            rows = await self._parts.wan.list_all(status=status, model=DEFAULT_MODEL)
            tasks |= {row.task_id for row in rows}
        return tasks

    async def _start(self, edit: Edit) -> None:
        await self._parts.move(edit, Started())

    async def _ask(self, edit: Edit) -> None:
        """Read one task and move its edit to where the task is."""
        if edit.task_id is None:
            return
        task = await self._parts.wan.get(edit.task_id)
        self._asked_at_s[edit.task_id] = time.monotonic()
        match task.status:
            case TaskStatus.SUCCEEDED:
                await self._finish(edit, task)
            case TaskStatus.FAILED:
                await self._parts.move(edit, Failed(failure=task_failure(task)))
            case TaskStatus.CANCELED if edit.state is State.PENDING:
                await self._parts.move(edit, Canceled())
            case TaskStatus.CANCELED:
                why = Failure(reason=Reason.ADMIN, message=answers.CANCELED_ELSEWHERE)
                await self._parts.move(edit, Failed(failure=why))
            case TaskStatus.UNKNOWN if edit.attempts + 1 >= UNKNOWNS:
                why = Failure(reason=Reason.EXPIRED, message=answers.TASK_LOST, billed="maybe")
                await self._parts.move(edit, Failed(failure=why))
            case TaskStatus.UNKNOWN:
                await self._parts.move(edit, Postponed(until=self._parts.now() + timedelta(seconds=5)))
            case TaskStatus.RUNNING if edit.state is State.PENDING:
                await self._parts.move(edit, Started())
            case _:
                return

    async def _finish(self, edit: Edit, task: Task) -> None:
        if edit.adopted and (task.orig_prompt or "").strip() != edit.instruction.strip():
            why = Failure(reason=Reason.UNKNOWN_OUTCOME, message=answers.UNKNOWN_OUTCOME, billed="maybe")
            await self._parts.move(edit, Failed(failure=why))
            return
        if task.video_url is None:
            why = Failure(reason=Reason.BUG, message=answers.NO_RESULT, request_id=task.request_id, billed="yes")
            await self._parts.move(edit, Failed(failure=why))
            return
        url = task.video_url.get_secret_value()
        await self._parts.move(edit, Finished(result_url=url, usage=task.usage))
