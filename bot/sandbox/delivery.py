"""Getting payloads to the app: which try, when again, what comes back. The two transports have modules of their own."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, Protocol

from bot.sandbox.faults import Faults
from bot.sandbox.state import Json

Kind = Literal["events_api", "slash_commands", "interactive"]
_REORDER_HOLD_S = 1.0
_UNDELIVERABLE_AFTER_S = 360.0  # the sum of Slack's retry pauses: afterwards an event without any listener is lost


class DeliveryError(Exception):
    """Say why a try failed, in the words of `x-slack-retry-reason`; `is_final` where no retry is wanted."""

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_final = is_final


@dataclass(frozen=True, slots=True)
class Envelope:
    """Hold one try of one payload; `retry_attempt` counts from 0."""

    kind: Kind
    payload: Json
    retry_attempt: int = 0
    retry_reason: str = ""


class Transport(Protocol):
    """Bring envelopes to the app: over a socket, or as signed HTTP."""

    @property
    def is_connected(self) -> bool:
        """Tell whether somebody seems to be there."""

    async def ready(self) -> None:
        """Return as soon as there is somebody to send to."""

    async def send(self, envelope: Envelope) -> Json | None:
        """Send once and return the payload of the ack, if it has one; raise DeliveryError without an ack in time."""

    async def aclose(self) -> None:
        """Give up what is open."""


class Delivery:
    """Deliver events in the background with Slack's retries, and commands and interactions once."""

    def __init__(self, transport: Transport, faults: Faults) -> None:
        self.transport = transport
        self._faults = faults
        self._held: Json | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def event(self, payload: Json) -> None:
        """Deliver an event, now or, when so set, after the next one."""
        if self._faults.reorder_events and self._held is None:
            self._held = payload
            self.start(self._release_later())
            return
        self.start(self._deliver(payload))
        self._release()

    async def ask(self, kind: Kind, payload: Json) -> Json | None:
        """Deliver a command or an interaction and return what the ack says; raises DeliveryError. Never repeated."""
        return await self.transport.send(Envelope(kind, payload))

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Run something in the background until the workspace closes."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def aclose(self) -> None:
        """Drop everything that is not delivered."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.transport.aclose()

    async def _release_later(self) -> None:
        await asyncio.sleep(_REORDER_HOLD_S)
        self._release()

    def _release(self) -> None:
        if self._held is not None:
            held, self._held = self._held, None
            self.start(self._deliver(held))

    async def _deliver(self, payload: Json) -> None:
        reason = await self._try(payload, 0, "")
        if reason is None:
            if self._faults.duplicate_events:
                await self._try(payload, 1, "http_timeout")
            return
        for attempt, pause_s in enumerate(self._faults.retry_delays_s, start=1):
            await asyncio.sleep(pause_s)
            reason = await self._try(payload, attempt, reason)
            if reason is None:
                return

    async def _try(self, payload: Json, attempt: int, last_reason: str) -> str | None:
        try:
            async with asyncio.timeout(_UNDELIVERABLE_AFTER_S):
                await self.transport.ready()
            await self.transport.send(Envelope("events_api", payload, attempt, last_reason))
        except DeliveryError as problem:
            return None if problem.is_final else problem.reason
        except TimeoutError:
            return "connection_failed"
        return None


async def cancelled(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait until it is gone."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
