"""A worker in a process of its own, for tests that kill it: `python -m tests.worker_process URL FOLDER`.

Its job `slow` notes each start in a file and never ends; its perpetual `beat` notes each round, and the very first
round never ends.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

from bot.embedded import open_store_url
from bot.jobs import Jobs


async def work(url: str, folder: Path) -> None:
    async def slow(job_id: str) -> None:
        with (folder / "starts").open("a") as starts:
            starts.write(f"{os.getpid()} {job_id}\n")
        await asyncio.Event().wait()

    async def beat() -> None:
        with (folder / "beats").open("a") as beats:
            beats.write(f"{os.getpid()}\n")
            first = beats.tell() <= len(f"{os.getpid()}\n")
        if first:
            await asyncio.Event().wait()

    async with open_store_url(url) as database, Jobs.open(database) as jobs:
        jobs.register("slow", slow)
        jobs.every("beat", beat, every=timedelta(seconds=0.1))
        print(database, flush=True)
        await jobs.run()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], Path(sys.argv[2])))
