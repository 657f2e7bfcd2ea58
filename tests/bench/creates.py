"""Creates whose answers are lost: how many tasks the account has afterwards."""

from __future__ import annotations

import asyncio
from typing import Any

import dashscope
from dashscope.aigc.video_synthesis import AioVideoSynthesis
from dashscope.v2 import AsyncClient

from client.client import Client
from client.models import DEFAULT_MODEL, EditRequest
from client.sandbox.limits import Limits
from client.sandbox.server import LocalWan

STILL = Limits(pending_s=600, creates_per_s=10_000, queries_per_s=10_000)
VIDEO = "https://video.invalid/in.mp4"


async def ours(wan: LocalWan, count: int) -> None:
    async with Client(wan.api_key, wan.base_url, creates_per_s=1000) as client:
        request = EditRequest(prompt="sepia", video=VIDEO)
        await asyncio.gather(*(client.create(request) for _ in range(count)), return_exceptions=True)


async def second(wan: LocalWan, count: int) -> None:
    async with AsyncClient(api_key=wan.api_key, base_url=wan.base_url) as client:
        for _ in range(count):  # one after the other, as a drop is ordered for each first try
            wan.faults.add("create", drop="after")
            await client.videos.jobs.create(
                model=DEFAULT_MODEL, prompt="sepia", media=[{"type": "video", "url": VIDEO}]
            )


async def classic(wan: LocalWan, count: int) -> None:
    before = dashscope.base_http_api_url
    dashscope.base_http_api_url = wan.base_url
    try:
        for _ in range(count):
            wan.faults.add("create", drop="after")
            await AioVideoSynthesis.async_call(
                api_key=wan.api_key, model=DEFAULT_MODEL, prompt="sepia", media=[{"type": "video", "url": VIDEO}]
            )
    finally:
        close: Any = dashscope.close_shared_aio_session  # annotated as if it were no coroutine
        await close()
        dashscope.base_http_api_url = before


SDK = {"dashscope classic": classic, "dashscope v2": second}


async def measure(who: str, count: int) -> int:
    """Create so many, each without its first answer; return how many tasks there are."""
    async with LocalWan(limits=STILL) as wan:
        if who == "client":
            wan.faults.add("create", drop="after", times=count)
            await ours(wan, count)
        else:
            await SDK[who](wan, count)
        return wan.creates
