"""The open browser pages (and other watchers) of the local workspace: who sees what happens, as Server-Sent Events."""

import asyncio
import json
from collections.abc import Iterable

from aiohttp import web

from bot.sandbox.state import Json

_KEEP_ALIVE_S = 15.0


class Pages:
    """Tell every watcher what happens where they can see it."""

    def __init__(self) -> None:
        self._queues: list[tuple[str, asyncio.Queue[Json | None]]] = []

    def tell(self, people: Iterable[str], event: Json) -> None:
        """Send an event to the pages of these people."""
        chosen = set(people)
        for person_id, queue in self._queues:
            if person_id in chosen:
                queue.put_nowait(event)

    def tell_everyone(self, event: Json) -> None:
        """Send an event to every page."""
        for _, queue in self._queues:
            queue.put_nowait(event)

    def close(self) -> None:
        """End every stream."""
        for _, queue in self._queues:
            queue.put_nowait(None)

    async def stream(self, request: web.Request, person_id: str) -> web.StreamResponse:
        """Serve one watcher until it leaves."""
        queue: asyncio.Queue[Json | None] = asyncio.Queue()
        entry = (person_id, queue)
        self._queues.append(entry)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        try:
            await response.prepare(request)
            await response.write(b": open\n\n")
            while (line := await _next_line(queue)) is not None:
                await response.write(line)
        except ConnectionError:
            return response
        finally:
            self._queues.remove(entry)
        return response


async def _next_line(queue: asyncio.Queue[Json | None]) -> bytes | None:
    try:
        async with asyncio.timeout(_KEEP_ALIVE_S):
            event = await queue.get()
    except TimeoutError:
        return b": still here\n\n"
    return None if event is None else b"data: " + json.dumps(event).encode() + b"\n\n"
