"""Bring the media of a task into a file: an upload (`oss://`), a data URI, or a link to a trusted place."""

import asyncio
import base64
import binascii
import ipaddress
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from client.sandbox.bucket import Bucket
from client.sandbox.workshop import FetchError

_MAX_BYTES = 100_000_000


class MediaReader:
    """Reads media by URL; http(s) only from loopback and from the origins that it was told to trust."""

    def __init__(self, bucket: Bucket, session: aiohttp.ClientSession, trusted_origins: frozenset[str]) -> None:
        self._bucket = bucket
        self._session = session
        self._trusted_origins = trusted_origins

    async def fetch(self, url: str, path: Path) -> None:
        """Write the media of `url` to `path`. Raises FetchError."""
        if url.startswith("data:"):
            try:
                data = base64.b64decode(url.partition(",")[2], validate=True)
            except binascii.Error as error:
                raise FetchError("InvalidImageFormat", "The data URI holds no valid base64.") from error
            await asyncio.to_thread(path.write_bytes, data)
        elif url.startswith("oss://"):
            stored = self._bucket.find(url)
            if stored is None:
                raise _unreachable()
            await asyncio.to_thread(shutil.copyfile, stored, path)
        else:
            await self._download(url, path)

    async def _download(self, url: str, path: Path) -> None:
        if not self._is_trusted(url):
            raise FetchError(
                "InvalidParameter.DataInspection",
                "Unable to download the media resource: the local Wan reads only from loopback and trusted origins.",
            )
        size = 0
        try:
            async with self._session.get(url, allow_redirects=False) as response:
                if response.status != 200:
                    raise _unreachable()
                with path.open("wb") as file:
                    async for chunk in response.content.iter_chunked(1 << 18):
                        size += len(chunk)
                        if size > _MAX_BYTES:
                            raise FetchError("InvalidFile.Size", "The media is larger than 100 MB.")
                        file.write(chunk)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise _unreachable() from error

    def _is_trusted(self, url: str) -> bool:
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}" in self._trusted_origins:
            return True
        try:
            return ipaddress.ip_address(parts.hostname or "").is_loopback
        except ValueError:
            return parts.hostname == "localhost"


def _unreachable() -> FetchError:
    return FetchError(
        "InvalidParameter.DataInspection",
        "Unable to download the media resource during the data inspection process.",
    )
