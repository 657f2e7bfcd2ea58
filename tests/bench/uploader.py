"""One upload in a process of its own, so that its memory is its own: `python -m tests.bench.uploader WHO URL FILE`.

Prints as JSON: by how many bytes the peak of the memory grew after a first small upload, and for how long the event
loop stood still at most, by the clock (`stall_s`, other work on the machine included) and by the processor time that
its thread used in between (`busy_s`, its own work only).
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

TICK_S = 0.001
Upload = Callable[[Path], Awaitable[None]]


def peak_bytes() -> int:
    """Return the most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


async def longest_stalls_s(work: Awaitable[None]) -> tuple[float, float]:
    """Await some work; return by how much a tick of the loop was late at most, and the most work between two ticks."""
    stall_s = busy_s = 0.0
    running = asyncio.ensure_future(work)
    while not running.done():
        began_s, worked_s = time.monotonic(), time.thread_time()
        await asyncio.sleep(TICK_S)
        stall_s = max(stall_s, time.monotonic() - began_s - TICK_S)
        busy_s = max(busy_s, time.thread_time() - worked_s)
    await running
    return stall_s, busy_s


async def measure(upload: Upload, path: Path, small: Path) -> dict[str, float]:
    """Upload a small file to warm up, then the real one."""
    await upload(small)
    before = peak_bytes()
    stall_s, busy_s = await longest_stalls_s(upload(path))
    return {"more_bytes": peak_bytes() - before, "stall_s": stall_s, "busy_s": busy_s}


async def ours(url: str, path: Path, small: Path) -> dict[str, float]:
    from client.client import Client

    async with Client("sk-bench", url) as client:

        async def upload(one: Path) -> None:
            await client.upload([one])

        return await measure(upload, path, small)


def media(path: Path) -> list[dict[str, str]]:
    return [{"type": "video", "url": path.as_uri()}]


async def classic(url: str, path: Path, small: Path) -> dict[str, float]:
    import dashscope
    from dashscope.aigc.video_synthesis import AioVideoSynthesis

    dashscope.base_http_api_url = url

    async def upload(one: Path) -> None:
        await AioVideoSynthesis.async_call(api_key="sk-bench", model="wan2.7-videoedit", prompt="p", media=media(one))

    try:
        return await measure(upload, path, small)
    finally:
        close: Any = dashscope.close_shared_aio_session  # annotated as if it were no coroutine
        await close()


async def second(url: str, path: Path, small: Path) -> dict[str, float]:
    from dashscope.v2 import AsyncClient

    async with AsyncClient(api_key="sk-bench", base_url=url) as client:

        async def upload(one: Path) -> None:
            await client.videos.jobs.create(model="wan2.7-videoedit", prompt="p", media=media(one))

        return await measure(upload, path, small)


WHO = {"client": ours, "dashscope-classic": classic, "dashscope-v2": second}


if __name__ == "__main__":
    who, url, name = sys.argv[1:]
    target = Path(name)
    warm = target.with_name("small.mp4")
    warm.write_bytes(b"\0" * 1000)
    print(json.dumps(asyncio.run(WHO[who](url, target, warm))))
