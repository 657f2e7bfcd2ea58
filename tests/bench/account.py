"""An account of the local Wan whose tasks take a chosen time and no work, and the counting of calls to it.

What is measured with it is the following of tasks, so their videos are never made.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from client.sandbox.job import Done, Failed
from client.sandbox.limits import Limits
from client.sandbox.server import LocalWan
from client.sandbox.tasks import LocalTask
from client.sandbox.workshop import Workshop
from client.transport import DIRECT

SEED = 7


class IdleWorkshop(Workshop):
    """Let each task run for a time between two bounds; the same ones in every run."""

    shortest_s = longest_s = 0.0
    dice = random.Random(SEED)

    async def _work(self, task: LocalTask) -> Done | Failed:
        await asyncio.sleep(self.dice.uniform(self.shortest_s, self.longest_s))
        return Done(5.0, 5.0, ())


async def _fetch_nothing(_url: str, _path: Path) -> None:
    raise AssertionError("an idle workshop reads no media")


@asynccontextmanager
async def quick_account(
    shortest_s: float, longest_s: float, *, pending_s: float = 0.0, creates_per_s: int = 1000, queries_per_s: int = 1000
) -> AsyncIterator[LocalWan]:
    """Run a local Wan whose tasks all run at once, each as long as the dice say."""
    limits = Limits(
        running=10_000, creates_per_s=creates_per_s, queries_per_s=queries_per_s, pending_s=pending_s, min_run_s=0
    )
    async with LocalWan(limits=limits) as wan:
        workshop = IdleWorkshop(Path(), limits, time.time, _fetch_nothing)
        workshop.shortest_s, workshop.longest_s, workshop.dice = shortest_s, longest_s, random.Random(SEED)
        wan._workshop = workshop
        try:
            yield wan
        finally:
            await workshop.close()


@asynccontextmanager
async def counted(calls: Counter[str]) -> AsyncIterator[httpx.AsyncClient]:
    """Give an HTTP client that counts list and get calls as they leave."""

    async def count(request: httpx.Request) -> None:
        if request.method == "GET":
            calls["list" if request.url.path.endswith("/tasks/") else "get"] += 1

    async with httpx.AsyncClient(mounts=DIRECT, event_hooks={"request": [count]}) as http:
        yield http
