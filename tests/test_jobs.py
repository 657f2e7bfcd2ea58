"""Jobs: deduplicated, at least once, drained; the perpetual ones on one worker at a time."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.jobs import Jobs
from tests.stores import BACKENDS, SHORT, open_jobs, store_url, until, working

BOTH = pytest.mark.parametrize("backend", BACKENDS)
OFTEN = timedelta(seconds=0.1)
WITHIN_S = 15.0


@asynccontextmanager
async def worker_process(url: str, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a worker that is ready; it is killed at the end, if not before."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.worker_process", url, str(folder), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        assert await process.stdout.readline()
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


@BOTH
async def test_a_job_runs_with_its_id(backend: str, tmp_path: Path) -> None:
    ran: list[str] = []

    async def prepare(edit_id: str) -> None:
        ran.append(edit_id)

    async with open_jobs(backend, tmp_path) as jobs:
        jobs.register("prepare", prepare)
        await jobs.add("prepare", "e1")
        async with working(jobs):
            await jobs.add("prepare", "e2")
            await until(lambda: sorted(ran) == ["e1", "e2"])


@BOTH
async def test_a_job_that_waits_or_runs_is_not_added_again(backend: str, tmp_path: Path) -> None:
    ran: list[str] = []
    go_on = asyncio.Event()

    async def prepare(edit_id: str) -> None:
        ran.append(edit_id)
        await go_on.wait()

    async with open_jobs(backend, tmp_path) as jobs:
        jobs.register("prepare", prepare)
        jobs.register("submit", prepare)
        await asyncio.gather(*(jobs.add("prepare", "e1") for _ in range(5)))
        async with working(jobs):
            await until(lambda: ran == ["e1"])
            await jobs.add("prepare", "e1")
            await jobs.add("submit", "e1")
            await jobs.add("submit", "e2", key="prepare:e1")
            await until(lambda: len(ran) == 2)
            go_on.set()
        assert ran == ["e1", "e1"]


@BOTH
async def test_a_job_that_has_run_may_be_added_again(backend: str, tmp_path: Path) -> None:
    ran: list[str] = []

    async def prepare(edit_id: str) -> None:
        ran.append(edit_id)

    async with open_jobs(backend, tmp_path) as jobs:
        jobs.register("prepare", prepare)
        async with working(jobs), asyncio.timeout(20):
            while len(ran) < 3:
                await jobs.add("prepare", "e1")
                await asyncio.sleep(0)  # in memory, no call ever waits, so none lets the worker go on


@BOTH
async def test_stopping_lets_running_jobs_finish_and_leaves_the_others(backend: str, tmp_path: Path) -> None:
    started, finished = asyncio.Event(), asyncio.Event()
    go_on = asyncio.Event()

    async def deliver(_: str) -> None:
        started.set()
        await go_on.wait()
        finished.set()

    async def later(_: str) -> None:
        raise AssertionError("a stopping worker took a new job")

    async with open_jobs(backend, tmp_path) as jobs:
        jobs.register("deliver", deliver)
        jobs.register("later", later)
        running = asyncio.create_task(jobs.run())
        await jobs.add("deliver", "e1")
        await started.wait()
        await jobs.stop()
        await jobs.add("later", "e2")
        go_on.set()
        await running
        assert finished.is_set()


async def test_stopping_ends_waits_at_once_and_cuts_off_what_takes_too_long_but_not_what_must_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    started: list[str] = []
    saved, never = asyncio.Event(), asyncio.Event()

    async with Jobs.open("memory://drain", drain=timedelta(seconds=0.3)) as jobs:

        async def waits(job_id: str) -> None:
            started.append(job_id)
            await jobs.sleep(3600)

        async def crawls(job_id: str) -> None:
            started.append(job_id)
            await never.wait()

        async def pays(job_id: str) -> None:
            started.append(job_id)
            await asyncio.sleep(0.6)
            saved.set()

        jobs.register("show", waits)
        jobs.register("prepare", crawls)
        jobs.register("submit", pays, to_the_end=True)
        jobs.every("homes", lambda: crawls("homes"), every=OFTEN)
        for name in ("show", "prepare", "submit"):
            await jobs.add(name, name)
        with caplog.at_level(logging.INFO, "bot"):
            async with asyncio.timeout(WITHIN_S), working(jobs):
                await until(lambda: len(started) == 4)
        assert saved.is_set()
        assert caplog.messages == ["job left for the next process"] * 3


@BOTH
async def test_what_a_clock_that_was_ahead_has_put_off_is_brought_forward(backend: str, tmp_path: Path) -> None:
    ran: list[str] = []

    async def pass_once() -> None:
        ran.append("pass")

    async with open_jobs(backend, tmp_path) as jobs:
        jobs.every("reconcile", pass_once, every=OFTEN)
        jobs.every("janitor", pass_once, every=timedelta(hours=3))
        ahead = datetime.now(UTC) + timedelta(hours=1)
        for name in ("reconcile", "janitor"):
            await jobs._docket.add(name, when=ahead, key=name)()
        async with working(jobs):
            await until(lambda: len(ran) == 3)
        janitor = await jobs._docket.get_execution("janitor")
        assert janitor is not None
        assert janitor.when == ahead  # an hour is not too late for it


@BOTH
async def test_a_cancelled_worker_lets_running_jobs_finish_and_says_that_it_was_cancelled(
    backend: str, tmp_path: Path
) -> None:
    started, finished = asyncio.Event(), asyncio.Event()

    async def deliver(_: str) -> None:
        started.set()
        await asyncio.sleep(0)
        finished.set()

    async with open_jobs(backend, tmp_path) as jobs:
        jobs.register("deliver", deliver)
        running = asyncio.create_task(jobs.run())
        await jobs.add("deliver", "e1")
        await started.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert finished.is_set()


@BOTH
async def test_a_job_that_raises_does_not_hurt_the_others(backend: str, tmp_path: Path) -> None:
    ran: list[str] = []

    async def prepare(edit_id: str) -> None:
        ran.append(edit_id)
        if edit_id == "bad":
            raise ValueError("no")

    async with open_jobs(backend, tmp_path) as jobs:
        jobs.register("prepare", prepare)
        async with working(jobs):
            await jobs.add("prepare", "bad")
            await until(lambda: ran == ["bad"])
            await jobs.add("prepare", "good")
            await until(lambda: ran == ["bad", "good"])


@BOTH
async def test_a_perpetual_job_goes_on_after_an_exception(backend: str, tmp_path: Path) -> None:
    rounds: list[int] = []

    async def reconcile() -> None:
        rounds.append(len(rounds))
        if len(rounds) == 2:
            raise ValueError("no")

    async with open_jobs(backend, tmp_path) as jobs:
        jobs.every("reconcile", reconcile, every=OFTEN)
        async with working(jobs):
            await until(lambda: len(rounds) >= 4)


@BOTH
async def test_a_perpetual_job_runs_on_one_of_two_workers_at_a_time(backend: str, tmp_path: Path) -> None:
    inside, most, rounds = 0, 0, 0

    async def reconcile() -> None:
        nonlocal inside, most, rounds
        inside, rounds = inside + 1, rounds + 1
        most = max(most, inside)
        await asyncio.sleep(0.02)
        inside -= 1

    async with store_url(backend, tmp_path) as url, Jobs.open(url) as one, Jobs.open(url) as two:
        for jobs in (one, two):
            jobs.every("reconcile", reconcile, every=OFTEN)
        async with working(one), working(two):
            await until(lambda: rounds >= 8)
    assert most == 1


@BOTH
async def test_two_perpetual_jobs_do_not_wait_for_each_other(backend: str, tmp_path: Path) -> None:
    rounds: list[int] = []

    async def stuck() -> None:
        await until(lambda: len(rounds) >= 3)

    async def quick() -> None:
        rounds.append(1)

    async with open_jobs(backend, tmp_path) as jobs:
        jobs.every("stuck", stuck, every=OFTEN)
        jobs.every("quick", quick, every=OFTEN)
        async with working(jobs):
            await until(lambda: len(rounds) >= 3)


@BOTH
async def test_a_job_that_this_worker_does_not_know_is_not_lost(
    backend: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ran: list[str] = []

    async def brand_new(edit_id: str) -> None:
        ran.append(edit_id)

    async with store_url(backend, tmp_path) as url, Jobs.open(url) as old, Jobs.open(url) as new:
        new.register("brand_new", brand_new)
        await new.add("brand_new", "e1")
        async with working(old):
            await until(lambda: any("unknown job" in record.message for record in caplog.records))
        async with working(new):
            await until(lambda: ran == ["e1"])


async def test_a_killed_workers_jobs_go_on_within_15_seconds_with_the_default_settings(tmp_path: Path) -> None:
    starts, beats = tmp_path / "starts", tmp_path / "beats"
    async def elsewhere(_: str) -> None:
        raise AssertionError("this process has no worker")

    async with store_url("server", tmp_path) as url, Jobs.open(url) as jobs, worker_process(url, tmp_path) as victim:
        jobs.register("slow", elsewhere)
        await jobs.add("slow", "e1")
        await until(lambda: lines(starts) == [f"{victim.pid} e1"] and lines(beats) == [str(victim.pid)])
        async with worker_process(url, tmp_path) as survivor:
            victim.kill()
            await victim.wait()
            await until(lambda: lines(starts)[1:] == [f"{survivor.pid} e1"], WITHIN_S)
            await until(lambda: lines(beats)[1:4] == [str(survivor.pid)] * 3, WITHIN_S)


async def test_a_killed_workers_jobs_are_there_for_one_that_starts_later(tmp_path: Path) -> None:
    async with store_url("server", tmp_path) as url, Jobs.open(url, redelivery_timeout=SHORT) as jobs:
        finished: list[str] = []

        async def slow(job_id: str) -> None:
            finished.append(job_id)

        jobs.register("slow", slow)
        async with worker_process(url, tmp_path) as victim:
            await jobs.add("slow", "e1")
            await until(lambda: lines(tmp_path / "starts") == [f"{victim.pid} e1"])
        async with working(jobs):
            await until(lambda: finished == ["e1"])
