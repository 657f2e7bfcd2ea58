"""Waiting for any number of tasks of an account at the price of two list calls: one loop for all of them.

Not here: what the list means for a task (`client/watch.py`), and waiting for a single task (`Client.wait`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from client.budget import SPAN_S, Budget
from client.client import WAIT_S, Client
from client.errors import Later, Throttled, WanError
from client.models import DEFAULT_MODEL, Task, TaskStatus
from client.patience import patiently
from client.watch import look

ASK_AGAIN_S = 5.0  # after a GET that found a task unfinished though it was in no list, or unknown

OnProgress = Callable[[Task], None]


@dataclass
class Watched:
    """Follow one task for all who wait for it."""

    asked_at_s: float
    done: asyncio.Future[Task]
    waiting: int = 0
    status: TaskStatus | None = None
    held_until_s: float = 0.0
    listeners: list[OnProgress] = field(default_factory=list)

    def show(self, task: Task) -> None:
        """Tell the listeners, when something changed."""
        if task.status is self.status:
            return
        self.status = task.status
        try:
            for listener in self.listeners:
                listener(task)
        except Exception as bug:  # noqa: BLE001 - a listener's own, so it concerns those who wait for this task only
            self.refuse(bug)

    def refuse(self, error: Exception) -> None:
        """Hand an error to those who wait."""
        if not self.done.done():
            self.done.set_exception(error)
            self.done.exception()  # whoever waited may be gone


class Watcher:
    """Wait for many tasks of one account and model; use it as an async context manager around the waits.

    It reads the list by status, costs `list_calls_per_s` in all, however many pages the list has, and one GET for each
    finished task, and rides through the service's faults. `model` None follows tasks of all models. `ask_again_s` is
    how long a task rests that a GET found unfinished though no list showed it.
    """

    def __init__(
        self,
        client: Client,
        *,
        model: str | None = DEFAULT_MODEL,
        list_calls_per_s: int = 3,
        ask_again_s: float = ASK_AGAIN_S,
    ) -> None:
        self._client = client
        self._model = model
        self._list_call_every_s = SPAN_S / list_calls_per_s
        self._ask_again_s = ask_again_s
        self._watched: dict[str, Watched] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._wanted = asyncio.Event()
        # Many tasks that end together must not keep the list waiting, which tells about all the others.
        self._gets = Budget(max(1, client.queries_per_s - list_calls_per_s))

    async def __aenter__(self) -> Self:
        """Begin to watch."""
        self._loop = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop watching; the tasks go on, and waits that are left are cancelled."""
        work = [self._loop, *self._asking.values()]
        for one in work:
            one.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        for watched in self._watched.values():
            watched.done.cancel()

    async def wait(
        self,
        task_id: str,
        *,
        timeout_s: float = WAIT_S,
        on_progress: OnProgress | None = None,
        stop: asyncio.Event | None = None,
    ) -> Task:
        """Return a task at its end: SUCCEEDED, FAILED, CANCELED, or UNKNOWN twice in a row.

        `on_progress` hears of each new status. WaitTimeout, and WaitStopped once `stop` is set, keep the id; waiting
        for it again is free.
        """
        watched = self._watched.get(task_id)
        if watched is None:
            now_s = asyncio.get_running_loop().time()
            watched = self._watched[task_id] = Watched(now_s, asyncio.get_running_loop().create_future())
            self._wanted.set()
        if on_progress:
            watched.listeners.append(on_progress)
        watched.waiting += 1
        try:
            return await patiently(asyncio.shield(watched.done), task_id, timeout_s, stop)
        finally:
            watched.waiting -= 1
            if on_progress:
                watched.listeners.remove(on_progress)
            if not watched.waiting:
                self._forget(task_id, watched)

    def _forget(self, task_id: str, watched: Watched) -> None:
        if self._watched.get(task_id) is watched:
            del self._watched[task_id]
        if asking := self._asking.get(task_id):
            asking.cancel()

    async def _run(self) -> None:
        now_s = asyncio.get_running_loop().time
        while True:
            if not self._watched:
                self._wanted.clear()
                await self._wanted.wait()
            began_s, calls = now_s(), 2
            try:
                calls = await self._pass()
            except Throttled as error:
                await asyncio.sleep(error.retry_after_s or 0)
            except Later:
                pass  # the next pass sees the same
            except WanError as error:  # the key, the region: no later pass can go better
                self._fail(error)
            except Exception as bug:  # noqa: BLE001 - nobody awaits this loop, so those who wait must hear of it
                self._fail(bug)
            await asyncio.sleep(began_s + calls * self._list_call_every_s - now_s())

    async def _pass(self) -> int:
        """Look once, begin to ask for what has finished, and return how many list calls it took."""
        asked_at_s = {task_id: one.asked_at_s for task_id, one in self._watched.items() if task_id not in self._asking}
        pending, calls = await self._listed(TaskStatus.PENDING)
        running, more = await self._listed(TaskStatus.RUNNING)
        seen = look(
            {task_id: at for task_id, at in asked_at_s.items() if task_id in self._watched},
            pending=pending.keys(),
            running=running.keys(),
            now_s=asyncio.get_running_loop().time(),
            held_until_s={task_id: one.held_until_s for task_id, one in self._watched.items()},
        )
        listed = pending | running
        for task_id, task in listed.items():
            if task_id in self._watched:
                self._watched[task_id].show(task)
        for task_id in seen.ask:
            asking = self._ask(task_id, self._watched[task_id], rest_s=0 if task_id in listed else self._ask_again_s)
            self._asking[task_id] = asyncio.create_task(asking)
        return calls + more

    async def _listed(self, status: TaskStatus) -> tuple[dict[str, Task], int]:
        """Read all pages of the tasks in a status, as far as rows tell; return how many pages that were.

        A row that slips from one page to another while they are read costs its task one GET too many, no more.
        """
        page = await self._client.list(status=status, model=self._model)
        rows, pages = list(page.rows), max(1, page.total_pages)
        for number in range(2, pages + 1):
            rows += (await self._client.list(status=status, model=self._model, page=number)).rows
        return {
            row.task_id: Task(task_id=row.task_id, status=row.status, submitted_at=row.created_at) for row in rows
        }, pages

    async def _ask(self, task_id: str, watched: Watched, *, rest_s: float) -> None:
        now_s = asyncio.get_running_loop().time
        try:
            async with self._gets:
                task = await self._client.get(task_id)
        except Throttled as error:
            watched.held_until_s = now_s() + (error.retry_after_s or 0)
        except Later:
            pass  # the next pass asks again
        except Exception as error:  # noqa: BLE001 - handed to those who wait for this task
            watched.refuse(error)
        else:
            lost = watched.status is task.status is TaskStatus.UNKNOWN
            watched.asked_at_s = now_s()
            watched.held_until_s = watched.asked_at_s + rest_s
            watched.show(task)
            if (task.status.finished or lost) and not watched.done.done():
                watched.done.set_result(task)
        finally:
            del self._asking[task_id]

    def _fail(self, error: Exception) -> None:
        for watched in self._watched.values():
            watched.refuse(error)
