"""200 tasks under the service's own 20 queries a second: our watcher and both stacks of the vendor's SDK.

Each gets the same account anew. A task is lost when its caller never learns its end. Two delays are counted from a
task's end, by the account's clock: until the list showed our watcher that it is over, and until the caller has the
result. The result needs one query for each task, so 20 queries a second bound how soon any client can have them.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from statistics import mean, quantiles
from typing import Any

import dashscope
from dashscope.aigc.video_synthesis import AioVideoSynthesis
from dashscope.v2 import AsyncClient

from client.client import Client
from client.models import DEFAULT_MODEL, EditRequest, TaskStatus
from client.sandbox.limits import Window
from client.sandbox.orders import RefusedError
from client.sandbox.server import LocalWan
from client.watcher import Watched, Watcher
from tests.bench.account import counted, quick_account

VIDEO = "https://video.invalid/in.mp4"
SHORTEST_S, LONGEST_S = 2.0, 8.0
QUERIES_PER_S = 20
CREATE_EVERY_S = 0.22  # the SDK has no budget of its own; it is helped to keep the 5 creates a second


@dataclass
class Outcome:
    """What one run showed."""

    seen_s: dict[str, float] = field(default_factory=dict)  # until the list showed the end, by task
    delays_s: list[float] = field(default_factory=list)  # until the result was in hand
    floor_s: float = 0.0  # the least mean of the delays that the limit on queries allows
    lost: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    took_s: float = 0.0


class Counting(Window):
    """Count the queries, and those that were refused."""

    calls: Counter[str]

    def count(self) -> None:
        self.calls["queries"] += 1
        try:
            super().count()
        except RefusedError:
            self.calls["refused"] += 1
            raise


class Noting(Watcher):
    """Note when the list shows that a task is over, before its result is asked for."""

    def __init__(self, client: Client, wan: LocalWan, outcome: Outcome) -> None:
        super().__init__(client)
        self._wan, self._outcome = wan, outcome

    async def _ask(self, task_id: str, watched: Watched, *, rest_s: float) -> None:
        if (ended_at := self._wan.tasks[task_id].ended_at) is not None:
            self._outcome.seen_s.setdefault(task_id, time.time() - ended_at)
        await super()._ask(task_id, watched, rest_s=rest_s)


Run = Callable[[LocalWan, int, bool, Outcome], Awaitable[None]]


async def ours(wan: LocalWan, count: int, burst: bool, outcome: Outcome) -> None:
    """Create and follow with our client."""
    request = EditRequest(prompt="sepia", video=VIDEO)
    creates_per_s = 1000 if burst else 5

    async def one(client: Client, watcher: Watcher) -> None:
        task = await client.create(request)
        end = await watcher.wait(task.task_id, timeout_s=300)
        note(wan, task.task_id, outcome, succeeded=end.status is TaskStatus.SUCCEEDED)

    async with (
        counted(outcome.calls) as http,
        Client(wan.api_key, wan.base_url, http=http, creates_per_s=creates_per_s) as client,
        Noting(client, wan, outcome) as watcher,
    ):
        await asyncio.gather(*(one(client, watcher) for _ in range(count)), return_exceptions=True)


async def classic(wan: LocalWan, count: int, burst: bool, outcome: Outcome) -> None:
    """Create and follow with the SDK's classic async stack."""
    before = dashscope.base_http_api_url
    dashscope.base_http_api_url = wan.base_url

    async def one(number: int) -> None:
        await asyncio.sleep(0 if burst else number * CREATE_EVERY_S)
        answer = await AioVideoSynthesis.call(
            api_key=wan.api_key, model=DEFAULT_MODEL, prompt="sepia", media=[{"type": "video", "url": VIDEO}]
        )
        if answer.status_code == 200:
            note(wan, answer.output.task_id, outcome, succeeded=answer.output.task_status == "SUCCEEDED")

    try:
        await asyncio.gather(*map(one, range(count)), return_exceptions=True)
    finally:
        close: Any = dashscope.close_shared_aio_session  # annotated as if it were no coroutine
        await close()
        dashscope.base_http_api_url = before


async def second(wan: LocalWan, count: int, burst: bool, outcome: Outcome) -> None:
    """Create and follow with the SDK's new async stack."""
    async with AsyncClient(api_key=wan.api_key, base_url=wan.base_url) as client:

        async def one(number: int) -> None:
            await asyncio.sleep(0 if burst else number * CREATE_EVERY_S)
            job = await client.videos.jobs.create(
                model=DEFAULT_MODEL, prompt="sepia", media=[{"type": "video", "url": VIDEO}]
            )
            end = await client.videos.jobs.wait(job)
            note(wan, end.task_id, outcome, succeeded=end.succeeded)

        await asyncio.gather(*map(one, range(count)), return_exceptions=True)


RUNS: dict[str, Run] = {"client": ours, "dashscope classic": classic, "dashscope v2": second}


def note(wan: LocalWan, task_id: str, outcome: Outcome, *, succeeded: bool) -> None:
    """Write down when a result was known."""
    ended_at = wan.tasks[task_id].ended_at
    if succeeded and ended_at is not None:
        outcome.delays_s.append(time.time() - ended_at)


async def measure(run: Run, count: int, *, burst: bool = False) -> Outcome:
    """Run one of them on an account of its own."""
    outcome = Outcome()
    async with quick_account(SHORTEST_S, LONGEST_S, queries_per_s=QUERIES_PER_S) as wan:
        window = Counting(QUERIES_PER_S, time.monotonic)
        window.calls = outcome.calls
        wan._asking = window
        began_s = time.monotonic()
        await run(wan, count, burst, outcome)
        outcome.took_s = time.monotonic() - began_s
        outcome.floor_s = floor_s([task.ended_at for task in wan.tasks.values() if task.ended_at is not None])
    outcome.lost = count - len(outcome.delays_s)
    return outcome


def floor_s(ends_at: list[float]) -> float:
    """Return the mean delay of a client that knows every end at once and asks for each result as soon as it may."""
    answers_at: list[float] = []
    for number, ended_at in enumerate(sorted(ends_at)):
        full_until = answers_at[number - QUERIES_PER_S] + 1.0 if number >= QUERIES_PER_S else 0.0
        answers_at.append(max(ended_at, full_until))
    return mean(answers_at) - mean(ends_at)


def line(name: str, count: int, outcome: Outcome) -> str:
    """Put an outcome in a line."""
    calls, known = outcome.calls, len(outcome.delays_s)
    delays = outcome.delays_s if known > 1 else [float("nan")] * 2
    lists = calls["list"]
    return (
        f"{name:18} lost {outcome.lost:3} of {count}   "
        + (f"over by the list after mean {mean(outcome.seen_s.values()):.2f} s, " if outcome.seen_s else "")
        + f"result in hand after mean {mean(delays):.2f} s, p95 {quantiles(delays, n=20)[18]:.2f} s "
        f"(possible: {outcome.floor_s:.2f})   GETs a task {(calls['queries'] - lists) / count:.2f}, "
        f"list calls {lists / outcome.took_s:.2f}/s, refused {calls['refused']}"
    )
