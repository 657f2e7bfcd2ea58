"""Many edits through the store and the jobs of memory mode, in this very process, while its memory is watched.

Each is created with its claims, moved through all states by jobs that are added as the bot adds them, answered with a
note, and deleted as the janitor deletes, with a perpetual job beside. The rest of an edit (media, Slack, Wan) leaves
nothing in the database.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from burner_redis.pubsub import PubSub  # type: ignore[import-untyped] # it comes without types

from bot.edit import State
from bot.events import (
    Began,
    Claimed,
    Completing,
    Created,
    Delivered,
    Event,
    Finished,
    Postponed,
    Prepared,
    Shown,
    Started,
)
from bot.jobs import Jobs
from bot.moves import ImpossibleMoveError
from bot.store import Store
from tests.bench.usage import memory_bytes
from tests.stores import FAR_FUTURE, NOON, new_edit, new_note, working

AT_ONCE = 100
LATER = NOON + timedelta(minutes=1)


@dataclass(frozen=True)
class Sample:
    """The state of this process and its database after so many edits."""

    edits: int
    memory_bytes: int
    keys: int
    all_keys: int

    def __str__(self) -> str:
        """Return one line of the report."""
        size = f"{self.memory_bytes / 1e6:.1f} MB"
        return f"{self.edits:6} edits: {size}, {self.keys} keys of the store, {self.all_keys} in all"


class Traffic:
    """What happens to each edit."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._store = Store(jobs)
        self._creating = asyncio.Lock()  # the account has one create in flight
        self._over: dict[str, asyncio.Event] = {}
        for name, step in (("prepare", self._prepare), ("submit", self._submit), ("deliver", self._deliver)):
            jobs.register(name, step)
        jobs.every("look", self._look, every=timedelta(seconds=0.75))

    async def edits(self, numbers: Iterator[int], heard: Sequence[PubSub]) -> None:
        """Let one edit live after the other, as long as there are numbers."""
        for number in numbers:
            await _heard_all(heard, but=1000)
            await self.edit(number)

    async def edit(self, number: int) -> None:
        """Let one edit live and be forgotten."""
        edit_id = f"e{number}"
        self._over[edit_id] = asyncio.Event()
        edit = new_edit(edit_id, user=f"U{number % 50}", request_ts=f"{number}.1", thread_ts=f"{number}.1")
        await self._store.create(edit, f"message {number}", f"event {number}", most_open=AT_ONCE)
        await self._jobs.add("prepare", edit_id)
        await self._over[edit_id].wait()
        await self._store.delete(edit_id)
        note = new_note(f"n{number}")
        await self._store.notebook.save(note, f"note {number}")
        await self._store.notebook.postpone(note)
        await self._store.notebook.delete(note.note_id)
        del self._over[edit_id]

    async def _moves(self, edit_id: str, *events: Event) -> None:
        for event in events:
            await self._store.move(edit_id, event, LATER)

    async def _prepare(self, edit_id: str) -> None:
        prepared = Prepared(video_url=f"oss://{edit_id}", source_s=4.0)
        await self._moves(edit_id, Began(), Shown(face="PREPARING", status_ts=f"{edit_id}.2"), prepared)
        await self._jobs.add("submit", edit_id)
        await self._jobs.add("submit", edit_id)

    async def _submit(self, edit_id: str) -> None:
        with suppress(ImpossibleMoveError):  # added twice
            async with self._creating:
                await self._moves(edit_id, Claimed(), Created(task_id=f"task {edit_id}"))
            postponed = Postponed(until=LATER, counts=False)
            await self._moves(edit_id, Started(), postponed, Finished(result_url="https://example.com/r.mp4"))
            await self._jobs.add("deliver", edit_id)

    async def _deliver(self, edit_id: str) -> None:
        delivered = Delivered(result_ts=f"{edit_id}.3")
        done = Shown(face=State.DONE.value, status_ts=f"{edit_id}.2")
        await self._moves(edit_id, Completing(upload_id=f"F {edit_id}"), delivered, done)
        self._over[edit_id].set()

    async def _look(self) -> None:
        await self._store.open_edits()
        await self._store.notebook.unsent()
        await self._store.expired(FAR_FUTURE, 10)
        await self._store.turns()


async def samples(edits: int, *, every: int) -> AsyncIterator[Sample]:
    """Send so many edits through, a hundred at a time, and yield a sample after each `every` of them."""
    async with Jobs.open("memory://", concurrency=AT_ONCE) as jobs:
        traffic = Traffic(jobs)
        async with working(jobs):
            await asyncio.sleep(1.0)
            heard = [thing for thing in gc.get_objects() if isinstance(thing, PubSub)]
            for first in range(0, edits, every):
                numbers = iter(range(first, first + every))
                await asyncio.gather(*(traffic.edits(numbers, heard) for _ in range(AT_ONCE)))
                await _heard_all(heard)
                yield await _sample(jobs, first + every)


async def _heard_all(heard: Sequence[PubSub], but: int = 0) -> None:
    """Wait until the backend's listeners have read the messages about jobs that it sends them.

    They read a few thousand a second, and what they have not read is kept: a flood that no bot ever sees would look
    like a leak.
    """
    while any(listener._queue.qsize() > but for listener in heard):  # noqa: ASYNC110 - a queue of threads has no event
        await asyncio.sleep(0.05)


async def _sample(jobs: Jobs, edits: int) -> Sample:
    gc.collect()
    async with jobs.redis() as redis:
        keys = await redis.keys("*")
    ours = jobs.key("").encode()
    return Sample(edits, memory_bytes(), sum(key.startswith(ours) for key in keys), len(keys))
