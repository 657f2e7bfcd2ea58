"""Many edits in flight in one bot process, from the moment that the provider has their tasks to the posted videos.

The bot is the real one, as a process of its own on a Redis of its own, between the local Slack and the local Wan, whose
limits are off and whose tasks all run at once, for one to five minutes. The edits begin with their tasks: preparing is
another measurement. Our client keeps its own budget of 20 queries a second all the same.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, quantiles

from bot.edit import Charge, Edit, SlackFile
from bot.events import Began, Claimed, Created, Prepared
from bot.jobs import Jobs
from bot.manifest import load
from bot.moves import apply
from bot.queue import places
from bot.sandbox.person import Person
from bot.sandbox.state import ALICE
from bot.sandbox.workspace import LocalSlack
from bot.store import Store
from client.client import Client
from client.models import EditRequest
from client.sandbox.faults import Call, Fault, Faults
from client.sandbox.job import Done, Failed
from client.sandbox.limits import Limits
from client.sandbox.server import LocalWan
from client.sandbox.tasks import LocalTask
from tests.bench.account import SEED, IdleWorkshop
from tests.bench.usage import cpu_s, memory_bytes
from tests.bots import VIDEO_CHANNEL, small_clip
from tests.processes import bot_process, redis_server
from tests.stores import until

VIDEO = "https://video.invalid/in.mp4"
BILLED_S = 10.0  # of each
UNLIMITED = Limits(running=100_000, creates_per_s=100_000, queries_per_s=100_000, pending_s=1.0, min_run_s=0)
SETTINGS = {"BOT_RUNNING_LIMIT": "100000", "BOT_LOG_LEVEL": "WARNING"}
SHORTEST_S, LONGEST_S = 45.0, 285.0


@dataclass
class Outcome:
    """What one run showed; seconds from a task's end to the message with its video."""

    count: int
    delays_s: list[float] = field(default_factory=list)
    wan_calls: Counter[str] = field(default_factory=Counter)
    slack_calls: Counter[str] = field(default_factory=Counter)
    idle_bytes: int = 0
    most_bytes: int = 0
    cpu_s: float = 0.0
    took_s: float = 0.0
    look_s: float = 0.0

    def __str__(self) -> str:
        """Return the report."""
        wan, slack = self.wan_calls, self.slack_calls
        cuts = quantiles(self.delays_s, n=100) if len(self.delays_s) > 1 else [float("nan")] * 99
        return "\n".join(
            [
                f"{self.count} edits, {len(self.delays_s)} posted, in {self.took_s:.0f} s",
                f"from finish to posted: p50 {cuts[49]:.2f} s, p95 {cuts[94]:.2f} s, mean {mean(self.delays_s):.2f} s",
                f"memory: {self.idle_bytes / 1e6:.0f} MB without edits, {self.most_bytes / 1e6:.0f} MB at most: "
                f"{(self.most_bytes - self.idle_bytes) / self.count / 1e3:.1f} kB for each edit",
                f"processor: {1000 * self.cpu_s / self.count:.0f} ms for each edit",
                f"requests for each edit: Wan {(wan.total() - wan['list']) / self.count:.2f} and {wan['list']} list "
                f"calls ({wan['list'] / self.took_s:.1f}/s) in all; Slack {slack.total() / self.count:.2f}",
                f"  {', '.join(f'{name} {count / self.count:.2f}' for name, count in slack.most_common(8))}",
                f"one look at all records and their order: {1000 * self.look_s:.0f} ms",
            ]
        )


class FilmWorkshop(IdleWorkshop):
    """Hand out the same film for every task."""

    film: Path

    async def _work(self, task: LocalTask) -> Done | Failed:
        done = await super()._work(task)
        out = self._job_folder(task) / "out.mp4"
        out.parent.mkdir(parents=True)
        os.link(self.film, out)
        return done


class Counting(Faults):
    """Count the calls: every one passes here, whatever becomes of it."""

    def __init__(self, calls: Counter[str]) -> None:
        super().__init__()
        self._counted = calls

    def take(self, on: Call) -> Fault | None:
        self._counted[on] += 1
        return super().take(on)


async def _fetch_nothing(_url: str, _path: Path) -> None:
    raise AssertionError("no media are read")


@asynccontextmanager
async def film_account(folder: Path, calls: Counter[str]) -> AsyncIterator[LocalWan]:
    """Run a local Wan without limits whose tasks take a while and no work; its requests are counted."""
    async with LocalWan(limits=UNLIMITED) as wan:
        workshop = FilmWorkshop(folder, UNLIMITED, time.time, _fetch_nothing)
        workshop.shortest_s, workshop.longest_s, workshop.dice = SHORTEST_S, LONGEST_S, random.Random(SEED)
        workshop.film = small_clip(folder)
        wan._workshop = workshop
        wan.faults = Counting(calls)
        try:
            yield wan
        finally:
            await workshop.close()


async def measure(count: int, folder: Path) -> Outcome:
    """Put so many edits in flight at once and wait until all of their videos are posted."""
    outcome = Outcome(count)
    async with (
        redis_server(folder) as url,
        LocalSlack(manifest=load()) as slack,
        film_account(folder, outcome.wan_calls) as wan,
        Jobs.open(url) as jobs,
        bot_process(slack, wan, url, **SETTINGS) as process,
    ):
        alice, store = Person(slack.origin, ALICE), Store(jobs)
        roots = [await alice.post(VIDEO_CHANNEL, f"edit {number}") for number in range(count)]
        await until(lambda: any(method == "apps.connections.open" for method, _ in slack.calls))
        outcome.idle_bytes = memory_bytes(process.pid)
        threads = await _fly(wan, store, slack.team_id, roots)
        slack.calls.clear()
        outcome.wan_calls.clear()
        began_s, before_s = time.monotonic(), cpu_s(process.pid)
        looks_s = [await _look(store)]
        while await store.open_edits():
            outcome.most_bytes = max(outcome.most_bytes, memory_bytes(process.pid))
            if len(looks_s) < 5:
                looks_s.append(await _look(store))
            await asyncio.sleep(0.5)
        outcome.took_s, outcome.cpu_s = time.monotonic() - began_s, cpu_s(process.pid) - before_s
        outcome.look_s = min(looks_s)
        outcome.slack_calls = Counter(method for method, _ in slack.calls)
        for message in await alice.history(VIDEO_CHANNEL):
            ended_at = wan.tasks[threads[message["thread_ts"]]].ended_at if message.get("files") else None
            if ended_at is not None:
                outcome.delays_s.append(float(message["ts"]) - ended_at)
    return outcome


async def _fly(wan: LocalWan, store: Store, team: str, roots: list[str]) -> dict[str, str]:
    """Make a task and its edit for each message, as if they had come this far; return the task of each thread."""
    threads: dict[str, str] = {}
    crowd = asyncio.Semaphore(20)

    async def one(client: Client, number: int, root: str) -> None:
        async with crowd:
            now = datetime.now(UTC)
            edit = Edit(
                edit_id=f"edit{number}", created_at=now, entered_at=now, team=team, user=ALICE, channel=VIDEO_CHANNEL,
                thread_ts=root, request_ts=root, instruction=f"8-bit pixel style, number {number}",
                video=SlackFile(file_id="F0"),
            )  # fmt: skip
            task = await client.create(EditRequest(prompt=edit.instruction, video=VIDEO))
            threads[root] = task.task_id
            prepared = Prepared(video_url=VIDEO, source_s=2.0, charge=Charge(seconds=BILLED_S))
            for event in (Began(), prepared, Claimed(), Created(task_id=task.task_id)):
                edit = apply(edit, event, now)
            await store.create(edit, root)

    async with Client(wan.api_key, wan.base_url, creates_per_s=100_000) as client:
        await asyncio.gather(*(one(client, number, root) for number, root in enumerate(roots)))
    return threads


async def _look(store: Store) -> float:
    began_s = time.perf_counter()
    places(await store.open_edits(), await store.turns())
    return time.perf_counter() - began_s

