"""A storage and a gateway for tests of the client: what they answer is a list, what they were sent is another."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import BodyPartReader, web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Seen:
    """One request as it arrived; `fields` in the order of the form."""

    method: str
    path: str
    headers: dict[str, str]
    fields: list[tuple[str, str]] = field(default_factory=list)


@asynccontextmanager
async def serve(handler: Handler) -> AsyncIterator[tuple[str, list[Seen]]]:
    """Serve every path by one handler; give the origin and the requests, oldest first."""
    seen: list[Seen] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        seen.append(Seen(request.method, request.path, {name.lower(): text for name, text in request.headers.items()}))
        return await handler(request)

    app = web.Application(client_max_size=10_000_000)
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", seen
    finally:
        await runner.cleanup()


async def read_form(request: web.Request) -> tuple[list[tuple[str, str]], str]:
    """Read a form field by field, and the MD5 of its file; a file shows as its name."""
    fields: list[tuple[str, str]] = []
    md5 = ""
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        body = bytes(await part.read())
        if part.filename:
            md5 = hashlib.md5(body).hexdigest()
        fields.append((part.name or "", part.filename or body.decode()))
    return fields, md5


def hang_up(request: web.Request) -> web.Response:
    """Close the connection without an answer."""
    assert request.transport is not None
    request.transport.close()
    return web.Response()


def policy(upload_host: str, directory: str = "dashscope-instant/aa/2026-04-19/bb") -> dict[str, object]:
    """Make the body of a getPolicy answer."""
    data = {
        "policy": "cG9saWN5", "signature": "c2lnbmF0dXJl", "upload_dir": directory, "upload_host": upload_host,
        "expire_in_seconds": 300, "max_file_size_mb": 1024, "capacity_limit_mb": 999999999,
        "oss_access_key_id": "LTAI", "x_oss_object_acl": "private", "x_oss_forbid_overwrite": "true",
    }  # fmt: skip
    return {"request_id": "r", "data": data}
