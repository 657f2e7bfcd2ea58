"""Runs the tasks: five at a time for the account, each edit in an engine process that can be killed.

The order of things is the service's: PENDING for a while and until a slot is free, then RUNNING, then an end.
"""

import asyncio
import contextlib
import os
import random
import shutil
import signal
import sys
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from client.sandbox.job import Done, Failed, Job, read_answer
from client.sandbox.limits import Limits
from client.sandbox.orders import Order
from client.sandbox.tasks import LocalTask

Fetch = Callable[[str, Path], Awaitable[None]]
_ENGINE_S = 180  # ten seconds of 4K with the slowest effect stay far below
_PACKAGES = Path(__file__).resolve().parents[2]


class FetchError(Exception):
    """A media URL of a task cannot be read; the task fails with this code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Workshop:
    """All tasks of the account, and the work on them."""

    def __init__(self, folder: Path, limits: Limits, clock: Callable[[], float], fetch: Fetch) -> None:
        self.tasks: dict[str, LocalTask] = {}
        self._folder = folder
        self._limits = limits
        self._clock = clock
        self._fetch = fetch
        self._slots = asyncio.Semaphore(limits.running)
        self._engines = asyncio.Semaphore(os.cpu_count() or 1)  # more at once would only make all of them slower
        self._lives: dict[str, asyncio.Task[None]] = {}

    def submit(self, order: Order, body: dict[str, Any], request_id: str, doom: Failed | None = None) -> LocalTask:
        """Take an order; `doom` makes the task end so instead of working."""
        self._forget_old()
        task = LocalTask(str(uuid.uuid4()), request_id, order, body, self._clock())
        self.tasks[task.task_id] = task
        life = asyncio.create_task(self._live(task, doom))
        self._lives[task.task_id] = life
        life.add_done_callback(lambda _: self._lives.pop(task.task_id, None))
        return task

    def cancel(self, task: LocalTask) -> bool:
        """Cancel a task that is PENDING; say whether that was so."""
        if task.status != "PENDING":
            return False
        task.status, task.ended_at = "CANCELED", self._clock()
        self._lives[task.task_id].cancel()
        return True

    async def close(self) -> None:
        """Stop all work; engine processes are killed."""
        lives = list(self._lives.values())
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)

    def _forget_old(self) -> None:
        """Drop what the service would have dropped a day after its creation, with its files."""
        oldest = self._clock() - self._limits.keep_s
        for task in [task for task in self.tasks.values() if task.submitted_at < oldest and not task.is_open]:
            del self.tasks[task.task_id]
            shutil.rmtree(self._job_folder(task), ignore_errors=True)

    async def _live(self, task: LocalTask, doom: Failed | None) -> None:
        await asyncio.sleep(self._limits.pending_s)
        async with self._slots:
            task.status, task.scheduled_at = "RUNNING", self._clock()
            shortest = asyncio.create_task(asyncio.sleep(self._limits.min_run_s))
            try:
                answer = doom or await self._work(task)
                await shortest
            except (OSError, ValueError) as error:  # a full disk; an engine that speaks nonsense
                answer = Failed("InternalError", f"The local Wan broke: {error}")
            finally:
                shortest.cancel()
            match answer:
                case Done(input_s, output_s):
                    task.succeed(self._job_folder(task) / "out.mp4", input_s, output_s, self._clock())
                case Failed(code, message):
                    task.fail(code, message, self._clock())

    async def _work(self, task: LocalTask) -> Done | Failed:
        folder = self._job_folder(task)
        folder.mkdir(parents=True)
        order = task.order
        try:
            await self._fetch(order.video, folder / "video")
            images = [folder / f"image{number}" for number in range(1, len(order.images) + 1)]
            for url, path in zip(order.images, images, strict=True):
                await self._fetch(url, path)
        except FetchError as error:
            return Failed(error.code, error.message)
        job = Job(
            video=str(folder / "video"),
            images=tuple(str(path) for path in images),
            prompt=order.prompt,
            resolution=order.resolution,
            ratio=order.ratio,
            duration_s=order.duration_s,
            watermark=order.watermark,
            seed=random.randrange(2**31) if order.seed is None else order.seed,
            out=str(folder / "out.mp4"),
        )
        (folder / "job.json").write_text(job.write(), encoding="utf-8")
        async with self._engines:
            return await _run_engine(folder / "job.json")

    def _job_folder(self, task: LocalTask) -> Path:
        return self._folder / "jobs" / task.task_id


async def _run_engine(job: Path) -> Done | Failed:
    """Run the engine on a job file; when this is cancelled, the process and its threads are killed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "client.sandbox.engine",
        str(job),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": str(_PACKAGES), "LANG": "C.UTF-8"},  # no keys of ours in a process that reads foreign media
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(_ENGINE_S):
            out, err = await process.communicate()
    except TimeoutError:
        return Failed("InternalError.Timeout", f"The local engine was stopped after {_ENGINE_S} seconds.")
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if process.returncode != 0:
        last = err.decode(errors="replace").strip().splitlines()[-1:] or ["no word of why"]
        return Failed("InternalError.Algo", f"The local engine broke ({process.returncode}): {last[0]}")
    return read_answer(out.decode(errors="replace"))
