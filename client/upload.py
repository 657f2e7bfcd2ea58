"""Files of this machine → `oss://` links that live 48 hours; streamed, never whole in memory.

Not here: the form and the meaning of its answer (`client/oss.py`), and the asking for a policy (`client/client.py`).

Rules: https://help.aliyun.com/zh/model-studio/get-temporary-file-url
"""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from client.errors import InvalidRequest, Later, NotSent, ServiceError
from client.origin import demand_safe
from client.oss import UploadPolicy, mime_type, object_key, object_name, upload_error, upload_form
from client.together import together

TRIES = 3
PAUSE_S = 0.5
AT_ONCE = 4  # files in flight; more would only share the same line
TIMEOUT = httpx.Timeout(connect=10, write=60, read=120, pool=120)

AskPolicy = Callable[[], Awaitable[UploadPolicy]]


@dataclass(frozen=True, slots=True)
class LocalFile:
    """Hold what is known of a file before it is sent."""

    path: Path
    size_bytes: int
    md5: str


async def upload_files(
    http: httpx.AsyncClient, paths: Sequence[Path], ask_policy: AskPolicy, *, base_url: str
) -> list[str]:
    """Upload a batch under one policy and return the links in the same order; a file that fails gets a fresh policy."""
    files = [await asyncio.to_thread(_measure, path) for path in paths]
    if not files:
        return []
    policy = await ask_policy()

    async def upload(file: LocalFile) -> str:
        return await _upload(http, file, policy, ask_policy, base_url)

    return await together(upload, files, at_once=AT_ONCE)


async def _upload(
    http: httpx.AsyncClient, file: LocalFile, policy: UploadPolicy, ask_policy: AskPolicy, base_url: str
) -> str:
    for attempt in range(1, TRIES):
        try:
            return await _send(http, file, policy, base_url)
        except Later:  # also an expired policy, and a lost answer: a second copy is harmless
            await asyncio.sleep(PAUSE_S * attempt)
            policy = await ask_policy()
    return await _send(http, file, policy, base_url)


async def _send(http: httpx.AsyncClient, file: LocalFile, policy: UploadPolicy, base_url: str) -> str:
    demand_safe(policy.host, base_url)
    if file.size_bytes > policy.max_bytes:
        raise InvalidRequest(f"{file.path.name} has {file.size_bytes} bytes, at most {policy.max_bytes} are possible.")
    name, mime = object_name(file.path, uuid.uuid4().hex), mime_type(file.path)
    with await asyncio.to_thread(file.path.open, "rb") as content:
        try:
            response = await http.post(
                policy.host,
                data=upload_form(policy, name, mime),
                files={"file": (name, content, mime)},
                timeout=TIMEOUT,
                follow_redirects=False,
            )
        except httpx.ConnectError as exc:
            raise NotSent("The upload host cannot be reached.") from exc
        except httpx.HTTPError as exc:
            raise ServiceError("The connection was lost during an upload.") from exc
    if error := upload_error(response.status_code, response.headers, response.content, md5=file.md5):
        raise error
    return f"oss://{object_key(policy, name)}"


def _measure(path: Path) -> LocalFile:
    try:
        size_bytes = path.stat().st_size
        with path.open("rb") as content:
            md5 = hashlib.file_digest(content, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    except OSError as exc:
        raise InvalidRequest(f"{path.name} cannot be read: {exc.strerror}.") from exc
    if size_bytes == 0:
        raise InvalidRequest(f"{path.name} is empty.")
    return LocalFile(path, size_bytes, md5)
