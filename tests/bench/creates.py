"""Creates whose answers are lost: how many tasks the account has afterwards."""

from __future__ import annotations

import asyncio

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


async def measure(who: str, count: int) -> int:
    """Create so many, each without its first answer; return how many tasks there are."""
    async with LocalWan(limits=STILL) as wan:
        if who == "client":
            wan.faults.add("create", drop="after", times=count)
            await ours(wan, count)
        else:
            await second(wan, count)
        return wan.creates
