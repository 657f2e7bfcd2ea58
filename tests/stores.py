"""The databases that the tests run on: this process's memory, and a real server of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.edit import Edit, SlackFile
from bot.embedded import open_store_url
from bot.jobs import Jobs
from bot.notes import Note
from bot.store import Store
from bot.valkey import server_binary

BACKENDS = ["memory", "server"]
NOON = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
FAR_FUTURE = NOON + timedelta(days=36500)
SHORT = timedelta(seconds=2)  # a redelivery timeout that a test can wait for


@asynccontextmanager
async def store_url(backend: str, folder: Path) -> AsyncIterator[str]:
    """Give the URL of an empty database, gone at the end; skip the test where there is no server to run."""
    if backend == "server":
        try:
            server_binary()
        except FileNotFoundError as error:
            pytest.skip(str(error))
    async with open_store_url("memory://" if backend == "memory" else f"embedded://{folder / 'server'}") as url:
        yield url


@asynccontextmanager
async def open_jobs(backend: str, folder: Path, *, redelivery_timeout: timedelta = SHORT) -> AsyncIterator[Jobs]:
    """Give jobs on an empty database; a Store of them is `Store(jobs)`."""
    async with store_url(backend, folder) as url, Jobs.open(url, redelivery_timeout=redelivery_timeout) as jobs:
        yield jobs


@asynccontextmanager
async def open_store(backend: str, folder: Path) -> AsyncIterator[Store]:
    """Give a store on an empty database, and see at the end that nothing outlives its records."""
    async with open_jobs(backend, folder) as jobs:
        store = Store(jobs)
        yield store
        for edit_id in {edit.edit_id for edit in await store.open_edits()} | set(await store.expired(FAR_FUTURE, 1000)):
            await store.delete(edit_id)
        for note in await store.notebook.unsent():
            await store.notebook.delete(note.note_id)
        await store.notebook.forget(FAR_FUTURE)
        await store.ledger.forget(FAR_FUTURE)
        await store.durations.forget(FAR_FUTURE)
        await store.profiles.forget(FAR_FUTURE)
        assert await store.leftovers() == []


@asynccontextmanager
async def working(jobs: Jobs) -> AsyncIterator[None]:
    """Run the jobs until the block ends; they are drained then."""
    running = asyncio.create_task(jobs.run())
    try:
        yield
    finally:
        await jobs.stop()
        await running


async def until(true: Callable[[], bool], timeout_s: float = 60.0) -> None:
    """Wait for a condition; raises TimeoutError where it does not come true."""
    async with asyncio.timeout(timeout_s):
        while not true():  # noqa: ASYNC110 - conditions of other processes have no event
            await asyncio.sleep(0.02)


def new_edit(edit_id: str = "e1", *, after_s: float = 0, **fields: object) -> Edit:
    """Return an Edit as a message makes it, `after_s` after noon."""
    at = NOON + timedelta(seconds=after_s)
    plain = Edit(
        edit_id=edit_id, created_at=at, entered_at=at, team="T1", user="U1", channel="C1", thread_ts="1.1",
        request_ts="1.1", instruction="make it “pixel”\nart 🎬", video=SlackFile(file_id="F1"),
    )  # fmt: skip
    return plain.model_copy(update=fields)


def new_note(note_id: str = "n1", *, after_s: float = 0) -> Note:
    """Return a note as a listener makes it."""
    at = NOON + timedelta(seconds=after_s)
    return Note(note_id=note_id, team="T1", channel="C1", user="U1", text="Attach a video.", created_at=at)
