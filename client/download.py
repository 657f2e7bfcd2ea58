"""A result URL → a whole MP4 on disk; streamed, resumed where the body broke, and never half a file under its name.

Not here: which links may be loaded (`client/origin.py`). The link is a bearer secret, so it is in no message.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx

from client.errors import DownloadError

TRIES = 5
PAUSE_S = 0.1  # before the second try; three times as long before each further one
TIMEOUT = httpx.Timeout(connect=10, write=10, read=60, pool=60)
MAX_BYTES = 1_000_000_000  # a result has at most 10 s; this only guards the disk


class _Broken(Exception):  # noqa: N818 - internal: the body ended early, what we have of it is good
    pass


class _Part:
    """Hold the beginning of a file while it grows at `<name>.part`."""

    def __init__(self, target: Path) -> None:
        self.path = target.with_name(target.name + ".part")
        self.target = target
        self.size_bytes = 0
        self.etag: str | None = None
        self._file = self.path.open("wb")

    def restart(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self.size_bytes = 0

    def append(self, chunk: bytes) -> None:
        self._file.write(chunk)
        self.size_bytes += len(chunk)

    def finish(self) -> None:
        """Give the file its name, if it is an MP4: those begin with the size and the name of an `ftyp` box."""
        self._file.close()
        with self.path.open("rb") as file:
            if file.read(8)[4:] != b"ftyp":
                raise DownloadError("What arrived is not an MP4 video.")
        self.path.replace(self.target)

    def discard(self) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)


async def download_file(http: httpx.AsyncClient, url: str, path: Path, *, max_bytes: int = MAX_BYTES) -> int:
    """Load a video to `path` and return its size in bytes; raises DownloadError and leaves nothing behind."""
    part = await asyncio.to_thread(_Part, path)
    try:
        for attempt in range(TRIES):
            if attempt:
                await asyncio.sleep(PAUSE_S * 3 ** (attempt - 1))
            try:
                await _load(http, url, part, max_bytes)
                break
            except (httpx.HTTPError, _Broken) as exc:
                if attempt == TRIES - 1:
                    raise DownloadError(f"The video did not arrive whole in {TRIES} tries.") from exc
        await asyncio.to_thread(part.finish)
        return part.size_bytes
    finally:
        part.discard()


async def _load(http: httpx.AsyncClient, url: str, part: _Part, max_bytes: int) -> None:
    headers = {"Accept-Encoding": "identity"}  # or the range would count compressed bytes
    if part.size_bytes:
        headers["Range"] = f"bytes={part.size_bytes}-"
        if part.etag:
            headers["If-Range"] = part.etag
    async with http.stream("GET", url, headers=headers, timeout=TIMEOUT, follow_redirects=False) as response:
        total = _begin(response, part)
        if total is not None and total > max_bytes:
            raise DownloadError(f"The video has {total} bytes, at most {max_bytes} are accepted.")
        async for chunk in response.aiter_raw():
            if part.size_bytes + len(chunk) > max_bytes:
                raise DownloadError(f"The video has more than the {max_bytes} bytes that are accepted.")
            await asyncio.to_thread(part.append, chunk)
    if total is not None and part.size_bytes != total:
        part.restart()  # longer or shorter than announced: no byte of it can be trusted
        raise _Broken


def _begin(response: httpx.Response, part: _Part) -> int | None:
    """Make the part ready for a body, and return the size of the whole file where it is said."""
    match response.status_code:
        case 200:
            part.restart()
            etag = response.headers.get("etag", "")
            part.etag = etag if etag.startswith('"') else None  # a weak one promises no equal bytes
            length = response.headers.get("content-length", "")
            return int(length) if length.isascii() and length.isdigit() else None
        case 206:
            found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("content-range", ""), re.ASCII)
            if found and int(found[1]) == part.size_bytes:
                return None if found[2] == "*" else int(found[2])
        case 403 | 404:
            raise DownloadError(
                "The link to the video has expired; ask the task for a new one.", status=response.status_code
            )
        case status if status < 500 and status not in (408, 416, 429):
            raise DownloadError(f"The storage answered HTTP {status}.", status=status)
    if response.status_code in (206, 416):  # a range that does not continue ours
        part.restart()
    raise _Broken
