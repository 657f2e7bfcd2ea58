"""How long somebody waits for a task: until its end, a deadline, or a word to stop; whichever comes first.

Not here: how the end is found out (`Client.wait` in `client/client.py`, `client/watcher.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from client.errors import WaitStopped, WaitTimeout
from client.models import Task


async def patiently(end: Awaitable[Task], task_id: str, timeout_s: float, stop: asyncio.Event | None) -> Task:
    """Await the end of a task; raises WaitTimeout after `timeout_s`, WaitStopped once `stop` is set.

    Neither touches the task: it goes on, and can be waited for again.
    """
    ending = asyncio.ensure_future(end)
    waits: list[asyncio.Future[Task] | asyncio.Task[bool]] = [ending]
    if stop is not None:
        waits.append(asyncio.create_task(stop.wait()))
    try:
        await asyncio.wait(waits, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        if ending.done():
            return ending.result()
    finally:
        for one in waits:
            one.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
    resume = "it goes on and can be waited for again by its id."
    if stop is not None and stop.is_set():
        raise WaitStopped(f"The wait was stopped before the task was finished; {resume}", task_id=task_id)
    raise WaitTimeout(f"The task was not finished after {timeout_s:g} s; {resume}", task_id=task_id)
