"""One's own S3 or OSS bucket instead of the service's temporary storage, which is meant for tests only.

A bucket is named by its own URL, the virtual-hosted form that OSS demands; a path is put before every name:
`https://my-bucket.oss-cn-beijing.aliyuncs.com/wan`, `https://my-bucket.s3.eu-central-1.amazonaws.com`. Objects are
never deleted here: give the bucket a lifecycle rule. Needs the extra `bucket` (obstore).
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from client.errors import AccountError, InvalidRequest, ServiceError
from client.oss import mime_type, object_name
from client.together import together

if TYPE_CHECKING:
    from obstore.store import S3Config

LINK_LIVES = timedelta(hours=48)  # as the service's own: an edit may wait for a day, and then as a task for hours
PART_BYTES = 5 * 1024**2  # the smallest that S3 takes; one in flight bounds the memory of an upload
PARTS_AT_ONCE = 1
FILES_AT_ONCE = 4
LOCAL_HOSTS = ("127.0.0.1", "localhost")


class Bucket:
    """Upload files and return presigned links to them.

    Without `access_key_id` and `secret_access_key` the usual AWS_* variables, profiles and roles are used. Links made
    with temporary credentials die with these.
    """

    def __init__(
        self,
        url: str,
        *,
        access_key_id: str | None = None,
        secret_access_key: str | None = None,
    ) -> None:
        parts = urlsplit(url)
        host = parts.hostname or ""
        local = host in LOCAL_HOSTS
        safe = parts.scheme == "https" or (local and parts.scheme == "http")
        if not host or not safe or parts.query:
            raise ValueError("A bucket must have its own https URL, like https://NAME.oss-cn-beijing.aliyuncs.com.")
        try:
            from obstore.store import S3Store  # optional: most people need no bucket
        except ImportError as exc:
            words = "A bucket of your own needs the extra `bucket`: pip install 'slack-video-editor[bucket]'."
            raise ValueError(words) from exc
        config: S3Config = {
            "endpoint": f"{parts.scheme}://{parts.netloc}",
            "region": region_of_host(host),
            "virtual_hosted_style_request": True,
        }
        if access_key_id and secret_access_key:
            config |= {"access_key_id": access_key_id, "secret_access_key": secret_access_key}
        self._store = S3Store(host.partition(".")[0], config=config, client_options={"allow_http": local})
        self._host = host
        self._folder = parts.path.strip("/")

    def __repr__(self) -> str:
        """Show which bucket it is, no credentials."""
        return f"Bucket({self._host!r})"

    async def upload(self, files: Sequence[Path]) -> list[str]:
        """Upload files and return presigned https links in the same order; a link is a secret."""
        return await together(self._upload, files, at_once=FILES_AT_ONCE)

    async def probe(self) -> None:
        """Write a few bytes and read them again, as the service will; raises what is wrong. One small object stays."""
        import obstore

        with self._told():
            key = self._key("probe")
            await obstore.put_async(self._store, key, b"probe")
            await obstore.get_async(self._store, key)

    async def _upload(self, path: Path) -> str:
        import obstore

        if not (await asyncio.to_thread(path.is_file) and (await asyncio.to_thread(path.stat)).st_size):
            raise InvalidRequest(f"{path.name} is empty or no file.")
        key = self._key(object_name(path, uuid.uuid4().hex))
        try:
            with self._told():
                await obstore.put_async(
                    self._store,
                    key,
                    _chunks(path),
                    attributes={"Content-Type": mime_type(path)},
                    chunk_size=PART_BYTES,
                    max_concurrency=PARTS_AT_ONCE,
                )
                return await obstore.sign_async(self._store, "GET", key, LINK_LIVES)
        except OSError as exc:
            raise InvalidRequest(f"{path.name} cannot be read: {exc.strerror}.") from exc

    def _key(self, name: str) -> str:
        return "/".join(filter(None, (self._folder, name)))

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what went wrong into an error of the tree."""
        from obstore.exceptions import BaseError, NotFoundError, PermissionDeniedError, UnauthenticatedError

        try:
            yield
        except (PermissionDeniedError, UnauthenticatedError, NotFoundError) as exc:
            raise AccountError(f"The bucket {self._host} refuses the upload: check its name and your keys.") from exc
        except BaseError as exc:
            raise ServiceError(f"The bucket {self._host} did not take the file.") from exc


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        while chunk := await asyncio.to_thread(file.read, 1024**2):
            yield chunk


def region_of_host(host: str) -> str:
    """Read the region out of the host of a bucket; signatures name it."""
    found = re.search(r"\.(?:s3[.-]|s3\.oss-|oss-)([a-z]{2}-[a-z0-9-]+?)(?:-internal)?\.(?:amazonaws|aliyuncs)\.", host)
    return found[1] if found else "us-east-1"
