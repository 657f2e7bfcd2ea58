"""Tasks: follow the provider's tasks of the edits that it has, by the task list and by single looks.

The list is read twice a pass, whatever the number of edits. A task that is no longer on it is asked for, and the list
being stale, now and then every other one too. Not here: creates without an answer (`bot/steps/adopt.py`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import timedelta

from bot.budget import covers, settled
from bot.edit import Edit, Failure, Reason, State
from bot.events import Canceled, Failed, Finished, Outage, Postponed, Started
from bot.messages import answers
from bot.messages.failure import task_failure, unknown_outcome
from bot.moves import is_due
from bot.steps.boundary import KEPT_FOR, attempt_each
from bot.steps.parts import Parts
from client.errors import Throttled, WanError
from client.models import DEFAULT_MODEL, Task, TaskStatus
from client.watch import look

log = logging.getLogger(__name__)

LIST_PAGE = 100
ASK_UNKNOWN_AFTER = timedelta(seconds=15)
# How long the service may say that it does not know a task that it took. A key or a region that was changed says so for
# ever; a service in trouble does not, and what it made is paid for.
UNKNOWN_FOR_S = 15 * 60.0
OUTAGE_AFTER_S = 60.0  # people are told then; most outages are shorter
ASK_WITHOUT_LIST_S = 15.0  # the vendor's own interval; used while the list cannot be read
LONGEST_REST_S = 60.0  # whatever the service names: a limit may be lifted before
ASKED_AT_ONCE = 10  # half a second of the account's 20 queries a second: nothing else waits longer for its turn


class Tasks:
    """The tasks of one account; it only remembers when each was asked for last, so that any replica can go on."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._asked_at_s: dict[str, float] = {}
        self._unknown_since_s: dict[str, float] = {}
        self._failing_since_s: float | None = None
        self._rest_until_s = 0.0  # where the service wants to be left alone

    async def follow(self, edits: Sequence[Edit]) -> None:
        """Read the list twice, whatever the number of edits, and ask for the tasks that are no longer on it."""
        by_task = {edit.task_id: edit for edit in edits if edit.task_id and edit.state is not State.DELIVERING}
        now_s = time.monotonic()
        self._asked_at_s = {task: self._asked_at_s.get(task, now_s) for task in by_task}
        self._unknown_since_s = {task: at_s for task, at_s in self._unknown_since_s.items() if task in by_task}
        if not by_task or now_s < self._rest_until_s:
            return
        try:
            pending = await self._listed(TaskStatus.PENDING)
            running = await self._listed(TaskStatus.RUNNING)
        except WanError as exc:
            log.warning("task list not read", extra={"why": str(exc)})
            if self._shall_rest(exc):
                return
            if self._failing_since_s is None:
                self._failing_since_s = now_s
            asked = [task for task, at_s in self._asked_at_s.items() if now_s - at_s >= ASK_WITHOUT_LIST_S]
        else:
            self._failing_since_s = None
            seen = look(self._asked_at_s, pending=pending, running=running, now_s=now_s)
            starting = [by_task[task] for task in seen.running if by_task[task].state is State.PENDING]
            await attempt_each(self._parts, "start", starting, self._start)
            # What is finished goes first; what is still on the list is only asked for in case the list is stale.
            listed = pending | running
            asked = sorted(seen.ask, key=lambda task: (task in listed, self._asked_at_s[task]))
        now = self._parts.now()
        due = [by_task[task] for task in asked if is_due(by_task[task], now)]
        await attempt_each(self._parts, "ask", due[:ASKED_AT_ONCE], self.ask)
        await self._tell_outage(list(by_task.values()), now_s)

    async def _tell_outage(self, edits: Sequence[Edit], now_s: float) -> None:
        """Note in the edits that the service has not answered for a while, or answers again."""
        failing = self._failing_since_s is not None
        if self._failing_since_s is not None and now_s - self._failing_since_s < OUTAGE_AFTER_S:
            return  # whatever an earlier process noted: a minute of our own tells

        async def note(edit: Edit) -> None:
            await self._parts.move(edit, Outage(on=failing))

        await attempt_each(self._parts, "outage", [edit for edit in edits if edit.outage is not failing], note)

    async def _listed(self, status: TaskStatus) -> set[str]:
        """Return the tasks of one status; one that slips between two pages is asked for, which does no harm."""
        tasks: set[str] = set()
        number = last = 1
        while number <= last:
            page = await self._parts.wan.list(status=status, model=DEFAULT_MODEL, page=number, page_size=LIST_PAGE)
            tasks |= {row.task_id for row in page.rows}
            number, last = number + 1, page.total_pages
        return tasks

    def _shall_rest(self, exc: WanError) -> bool:
        """Say whether the service named a time before which it does not want to be asked again, and keep it."""
        if not isinstance(exc, Throttled) or not exc.retry_after_s:
            return False
        self._rest_until_s = time.monotonic() + min(exc.retry_after_s, LONGEST_REST_S)
        return True

    async def _start(self, edit: Edit) -> None:
        await self._parts.move(edit, Started())

    async def ask(self, edit: Edit) -> None:
        """Read one task and move its edit to where the task is."""
        if edit.task_id is None:
            return
        self._asked_at_s[edit.task_id] = time.monotonic()
        try:
            task = await self._parts.wan.get(edit.task_id)
        except WanError as exc:
            self._shall_rest(exc)
            if self._parts.now() - (edit.submitted_at or edit.entered_at) < KEPT_FOR:
                raise
            log.warning("task given up", extra={"edit": edit.edit_id, "why": str(exc)})
            await self._parts.move(edit, Failed(failure=_lost()))
            return
        self._failing_since_s = None  # the list may be in trouble, the service is not
        if task.status is not TaskStatus.UNKNOWN:
            self._unknown_since_s.pop(edit.task_id, None)
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
            case TaskStatus.UNKNOWN if self._is_lost(edit, edit.task_id):
                await self._parts.move(edit, Failed(failure=_lost()))
            case TaskStatus.UNKNOWN:
                later = self._parts.now() + ASK_UNKNOWN_AFTER
                await self._parts.move(edit, Postponed(until=later, counts=False))
            case TaskStatus.RUNNING if edit.state is State.PENDING:
                await self._parts.move(edit, Started())
            case _:
                return

    def _is_lost(self, edit: Edit, task_id: str) -> bool:
        """Say whether a task that the service does not know will not come back: after 24 hours none does."""
        now_s = time.monotonic()
        since_s = self._unknown_since_s.setdefault(task_id, now_s)
        is_old = self._parts.now() - (edit.submitted_at or edit.entered_at) > KEPT_FOR
        return is_old or now_s - since_s > UNKNOWN_FOR_S

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
        charge = settled(edit, task.usage, self._parts.settings.tariff) if task.usage else None
        if charge and not covers(edit.charge, charge):
            facts = {"edit": edit.edit_id, "expected_s": edit.charge.seconds, "billed_s": charge.seconds}
            log.warning("billed more than was reserved, so a cap may be passed", extra=facts)
        await self._parts.move(edit, Finished(result_url=url, usage=task.usage, charge=charge))


def _lost() -> Failure:
    return Failure(reason=Reason.EXPIRED, message=answers.task_lost(), billed="maybe")
