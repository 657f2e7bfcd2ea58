"""A large file sent to a storage that keeps nothing: what an upload costs in memory and in stillness of the loop."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import BodyPartReader, web

from tests.storage import policy, serve

UPLOAD_S = 120


async def take(request: web.Request) -> web.StreamResponse:
    """Give a policy, take a form and forget it, or make a task that never ends."""
    if request.method == "GET":
        return web.json_response(policy(f"http://{request.host}/oss"))
    if request.path != "/oss":
        return web.json_response({"request_id": "r", "output": {"task_id": "t", "task_status": "PENDING"}})
    md5 = hashlib.md5()
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader) and part.filename:
            while chunk := await part.read_chunk(1 << 18):
                md5.update(chunk)
        elif isinstance(part, BodyPartReader):
            await part.read()
    return web.Response(headers={"ETag": f'"{md5.hexdigest().upper()}"'})


@asynccontextmanager
async def sink() -> AsyncIterator[str]:
    """Serve the storage; give the base URL."""
    async with serve(take) as (origin, _):
        yield origin + "/api/v1"


def large_file(folder: Path, size_bytes: int = 100_000_000) -> Path:
    """Make a file full of something that is not all the same."""
    path = folder / "large.mp4"
    with path.open("wb") as file:
        for number in range(size_bytes // 1_000_000):
            file.write(hashlib.sha256(str(number).encode()).digest() * 31_250)
    return path


async def measure(who: str, path: Path) -> dict[str, float]:
    """Upload once in a process of its own and return what it says of itself."""
    async with sink() as url:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bench.uploader", who, url, str(path), stdout=asyncio.subprocess.PIPE
        )
        try:
            written, _ = await asyncio.wait_for(process.communicate(), UPLOAD_S)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    found: dict[str, float] = json.loads(written)
    return found
