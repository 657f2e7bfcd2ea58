"""Jobs: which of our functions run, when, and on which replica. The only module that knows docket.

A job is a name and one id. It runs at least once: after a crash another worker takes it over, so what it does must be
safe to repeat. Jobs are hints, the records of `bot/store.py` are the truth. Not here: what the jobs do (`bot/steps`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import NoReturn
from uuid import uuid4

from docket import CurrentExecution, Docket, Execution, ExecutionState, Perpetual, Retry, Worker
from redis.exceptions import RedisError

from bot.database import Redis

log = logging.getLogger(__name__)

Job = Callable[[str], Awaitable[None]]

# How late a job may start: small beside a person's patience, large beside what a look costs (a few commands).
TICK = timedelta(milliseconds=100)
# After the server was away. docket's own default of 5 s would add to every restart of it.
RECONNECT_AFTER = timedelta(seconds=0.5)
# redis-py holds at most 100 connections a client and refuses whoever comes next; docket needs some for itself. Hundreds
# of people asking in one moment wait their turn instead, which is a matter of milliseconds.
LENT_AT_ONCE = 50
# The search for dead workers' jobs comes round every quarter of it, half as late again at worst: 6 s make 10. A loop
# that stands still for three quarters of it is taken for dead, and its jobs run twice, which they bear.
REDELIVERY = timedelta(seconds=6)
# A replica of a newer release may add jobs that this one does not know; they wait until somebody does.
UNKNOWN_AGAIN_AFTER = timedelta(seconds=2)
# docket notes by a worker's clock when a job of `every` is due. How often that is looked at, and how late it may be.
LOOK_EVERY_S = 5.0
TOO_LATE = timedelta(seconds=5)
# How long jobs may go on once the bot is told to stop. Most hosts kill a process that has not ended within 30 s.
DRAIN = timedelta(seconds=20)


class StoppingError(Exception):
    """The bot is told to stop: who only waits gives up. The record is as it was, and the job comes back by it."""


class Jobs:
    """The jobs of one bot on one database. Also the `bot.database.Database` that the store works on."""

    def __init__(self, docket: Docket, redelivery_timeout: timedelta, concurrency: int, drain: timedelta) -> None:
        """Use an open docket; `Jobs.open` is the way to get one."""
        self._docket = docket
        self._redelivery_timeout = redelivery_timeout
        self._concurrency = concurrency
        self._drain = drain
        self._stopping = asyncio.Event()
        self._limits: set[asyncio.Timeout] = set()  # of the running jobs that may be cut off
        self._every: dict[str, timedelta] = {}
        self._lent = asyncio.Semaphore(LENT_AT_ONCE)

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        url: str,
        *,
        name: str = "editbot",
        redelivery_timeout: timedelta = REDELIVERY,
        concurrency: int = 20,
        drain: timedelta = DRAIN,
    ) -> AsyncIterator[Jobs]:
        """Connect to the database of this URL; `name` keeps several bots on it apart.

        `redelivery_timeout` is how long a dead worker's jobs wait for another one, and how long our event loop may be
        blocked before a job is taken for dead. With `memory://x`, all Jobs of one x in one event loop share one memory.
        """
        # No results and no expiring keys: the memory backend never frees keys that expired.
        async with Docket(name=name, url=url, execution_ttl=timedelta(0)) as docket:
            yield cls(docket, redelivery_timeout, concurrency, drain)

    @property
    def name(self) -> str:
        """The prefix that keeps several bots on one database apart."""
        return self._docket.prefix

    @asynccontextmanager
    async def redis(self) -> AsyncIterator[Redis]:
        """Lend the shared connections, to so many at a time as they bear; nothing is opened or closed."""
        async with self._lent, self._docket.redis() as redis:
            yield redis

    def key(self, suffix: str) -> str:
        """Return the full name of one of our keys; docket's own never begin like this."""
        return self._docket.key(f"store:{suffix}")

    def register(self, name: str, job: Job, *, to_the_end: bool = False) -> None:
        """Say what a job's name means; all of them before `run`. One that runs `to_the_end` is never cut off."""

        async def run_job(job_id: str) -> None:
            if to_the_end:
                await job(job_id)
                return
            async with self._while_draining(name):
                await job(job_id)

        self._register(name, run_job)

    def every(self, name: str, work: Callable[[], Awaitable[None]], *, every: timedelta) -> None:
        """Run `work` again and again, this long from start to start, on one worker at a time; before `run`.

        It begins with the first worker, goes on after an exception (logged), and after its worker's death on another.
        """
        perpetual = Perpetual(every=every, automatic=True)

        # docket finds what it is to inject in the defaults. There is one such job because it has one key; docket's
        # limit on concurrency would add nothing but a second time-out, after the redelivery, when its holder dies.
        async def run_forever(again: Perpetual = perpetual) -> None:
            async with self._while_draining(name):
                await work()

        self._register(name, run_forever)
        self._every[name] = every

    async def add(self, name: str, job_id: str, key: str | None = None) -> None:
        """Have a registered job run soon; nothing happens while one with this name and id (or key) waits or runs."""
        await self._docket.add(name, key=key or f"{name}:{job_id}")(job_id)

    async def run(self) -> None:
        """Work until `stop` or until cancelled; both let the running jobs finish and leave the waiting ones."""
        worker = Worker(
            self._docket,
            name=f"worker-{uuid4().hex}",
            concurrency=self._concurrency,
            redelivery_timeout=self._redelivery_timeout,
            reconnection_delay=RECONNECT_AFTER,
            minimum_check_interval=TICK,
            scheduling_resolution=TICK,
            fallback_task=_unknown,
        )
        async with asyncio.TaskGroup() as group, worker:
            working = group.create_task(worker.run_forever(), name="jobs")
            stopping = group.create_task(self._stopping.wait(), name="stop")
            watching = group.create_task(self._watch(), name="watch")
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            watching.cancel()

    async def _watch(self) -> None:
        """Bring forward what a clock has put off that was ahead: one that was set back, or that of a dead worker."""
        while True:
            for name, every in self._every.items():
                with suppress(RedisError):
                    await self._bring_forward(name, every)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _bring_forward(self, name: str, every: timedelta) -> None:
        job, now = await self._docket.get_execution(name), datetime.now(UTC)  # noqa: TID251 - as docket does
        if job and job.state is ExecutionState.SCHEDULED and job.when - now > every + TOO_LATE:
            late_s = round((job.when - now).total_seconds())
            log.warning("a clock is or was ahead, job brought forward", extra={"job": name, "late_s": late_s})
            await self._docket.replace(name, when=now, key=name)()

    async def stop(self) -> None:
        """Make `run` take no new job and return when the running ones are finished, or cut off."""
        if not self._stopping.is_set():
            self._stopping.set()
            for limit in self._limits:
                limit.reschedule(_from_now(self._drain))

    async def sleep(self, seconds: float) -> None:
        """Wait in a job; raises StoppingError as soon as the bot is told to stop."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
            raise StoppingError

    @asynccontextmanager
    async def _while_draining(self, name: str) -> AsyncIterator[None]:
        """Let a job go on until the drain is over. Cut off it is as if its process had died, which every job bears."""
        limit = asyncio.timeout_at(_from_now(self._drain) if self._stopping.is_set() else None)
        self._limits.add(limit)
        try:
            async with limit:
                yield
        except (StoppingError, TimeoutError):
            if not self._stopping.is_set():
                raise
            log.info("job left for the next process", extra={"job": name})
        finally:
            self._limits.remove(limit)

    def _register(self, name: str, function: Callable[..., Awaitable[None]]) -> None:
        function.__name__ = name
        self._docket.register(function)


def _from_now(span: timedelta) -> float:
    return asyncio.get_running_loop().time() + span.total_seconds()


_EXECUTION: Execution = CurrentExecution()
_RETRY = Retry(attempts=None)


async def _unknown(job_id: str = "", execution: Execution = _EXECUTION, retry: Retry = _RETRY) -> NoReturn:
    """Keep a job that this worker does not know for one that does."""
    log.warning("unknown job, left for a newer replica", extra={"job": execution.function_name, "job_id": job_id})
    retry.after(UNKNOWN_AGAIN_AFTER)
