"""Files in Slack: fetch what people attached, and put a finished video into its thread. Streamed, both ways.

The bot token goes to Slack's own file hosts over https (or to the exact origin of `SLACK_API_URL`) and nowhere else,
and never across a redirect. A missing scope is not a 401 at Slack: it is a redirect to a login page, or the page
itself with status 200, so both are recognised here.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import httpx

from bot.language import say
from bot.slack import Sayable, Slack, SlackError

log = logging.getLogger(__name__)

FILE_HOSTS = frozenset({"files.slack.com", "files.slack-gov.com"})
CDN_SUFFIXES = (".slack-edge.com", ".slack-files.com")
CHUNK_BYTES = 256 * 1024


class FileError(Exception):
    """A file of Slack's cannot be used; `problem` is one of the names below, and the texts are in `bot/messages`."""

    def __init__(self, problem: str, detail: str = "") -> None:
        super().__init__(f"{problem}: {detail}" if detail else problem)
        self.problem = problem
        self.detail = detail


GONE = "gone"  # deleted, or never visible to us
CLOSED = "closed"  # in a message of a channel that we are not in
FOREIGN = "foreign"  # not shared in this conversation and not the requester's own
LOGIN_PAGE = "login_page"  # our token may not read files: an admin must look
TOO_BIG = "too_big"
EXTERNAL = "external"  # only a link to another service; Slack has no bytes


@dataclass(frozen=True)
class FileInfo:
    """What Slack says of a file. `mimetype` may be empty while Slack still scans it: only the bytes decide."""

    file_id: str
    name: str
    mimetype: str
    size_bytes: int
    owner: str
    url: str
    channels: frozenset[str]
    shared_ts: dict[str, str]


class Files:
    """Moves file bytes between Slack and the disk; holds no more than one chunk in memory."""

    def __init__(self, slack: Slack, http: httpx.AsyncClient, *, token: str, api_url: str) -> None:
        self._slack = slack
        self._http = http
        self._token = token
        self._origin = _origin(api_url)

    async def info(self, file_id: str, *, spare: bool = False) -> FileInfo:
        """Ask Slack about a file; raise FileError(GONE) where it is deleted or not visible to us."""
        try:
            answer = await self._slack.call("files.info", http_verb="GET", spare=spare, file=file_id)
        except SlackError as exc:
            if exc.code in {"file_not_found", "file_deleted", "access_denied"}:
                raise FileError(GONE) from exc
            if exc.code in {"missing_scope", "not_allowed_token_type", "no_permission"}:
                raise FileError(LOGIN_PAGE, exc.code) from exc
            raise
        return _read_info(answer["file"])

    async def fetch(self, info: FileInfo, path: Path, *, max_bytes: int) -> int:
        """Stream a file to disk and return its size in bytes; raise FileError or httpx.HTTPError."""
        if not info.url:
            raise FileError(EXTERNAL if info.size_bytes == 0 else GONE)
        if info.size_bytes > max_bytes:
            size, limit = f"{info.size_bytes / 1e6:.0f}", f"{max_bytes / 1e6:.0f}"
            raise FileError(TOO_BIG, say("{size} MB, and {limit} MB is the limit", size=size, limit=limit))
        url, headers = info.url, {"Accept-Encoding": "identity"}
        if self._trusts(url):
            headers["Authorization"] = f"Bearer {self._token}"
        elif not _of_slacks_cdn(url):
            raise FileError(EXTERNAL)  # an address that somebody chose: never fetched without the guard of bot/links.py
        for _hop in range(3):
            async with self._http.stream("GET", url, headers=headers, follow_redirects=False) as answer:
                if answer.is_redirect:
                    url = str(answer.url.join(answer.headers.get("location", "")))
                    headers.pop("Authorization", None)
                    if not _of_slacks_cdn(url):
                        raise FileError(LOGIN_PAGE, "redirected to a login page")
                    continue
                if answer.status_code in {403, 404, 410}:
                    raise FileError(GONE, f"HTTP {answer.status_code}")
                answer.raise_for_status()
                if answer.headers.get("content-type", "").startswith("text/html"):
                    raise FileError(LOGIN_PAGE, "an HTML page instead of the file")
                return await _save(answer, path, max_bytes)
        raise FileError(LOGIN_PAGE, "too many redirects")

    async def put(self, path: Path, name: str, *, spare: bool = False) -> str:
        """Send a file's bytes to Slack and return its id.

        Nobody sees it before `share` or `keep`; without either it vanishes.
        """
        size = (await anyio.Path(path).stat()).st_size
        target = await self._slack.call(
            "files.getUploadURLExternal", http_verb="GET", spare=spare, filename=name, length=size
        )
        url = str(target["upload_url"])
        if urlsplit(url).scheme != "https" and _origin(url) != self._origin:
            raise SlackError("files.getUploadURLExternal", "upload_url_not_https", lasting=True)
        headers = {"Content-Length": str(size), "Content-Type": "application/octet-stream"}
        try:
            answer = await self._http.post(url, content=_chunks(path), headers=headers, timeout=httpx.Timeout(60))
        except httpx.HTTPError as exc:
            raise SlackError("upload", type(exc).__name__, lasting=False) from exc
        if answer.status_code != 200:
            raise SlackError("upload", f"HTTP {answer.status_code}", lasting=False)
        return str(target["file_id"])

    async def keep(self, file_id: str, title: str) -> None:
        """Keep an uploaded file that is shared nowhere: only blocks of ours can show it. It can be spared."""
        files = [{"id": file_id, "title": title}]
        await self._slack.call("files.completeUploadExternal", spare=True, files=files)

    async def share(self, file_id: str, title: str, message: Sayable, *, channel: str, thread_ts: str | None) -> None:
        """Share an uploaded file in a thread. Not idempotent: after a lost answer ask `shared_ts` first."""
        await self.share_all({file_id: title}, message, channel=channel, thread_ts=thread_ts)

    async def share_all(
        self, titles: Mapping[str, str], message: Sayable, *, channel: str, thread_ts: str | None
    ) -> None:
        """Share uploaded files, by id with their titles, in one message with blocks; as `share` does.

        Sent as JSON, because the SDK's own method puts all arguments into the URL's query.
        """
        await self._slack.send(
            "files.completeUploadExternal",
            message.text,
            message.blocks,
            shape=_beside_files,
            files=[{"id": file_id, "title": title} for file_id, title in titles.items()],
            channel_id=channel,
            thread_ts=thread_ts,
        )

    async def delete(self, file_id: str, *, spare: bool = False) -> None:
        """Delete a file that we uploaded, wherever it is shared; idempotent. One that Slack will not delete is kept."""
        try:
            await self._slack.call("files.delete", spare=spare, file=file_id)
        except SlackError as exc:
            if not exc.lasting:
                raise
            log.info("upload not deleted", extra={"file": file_id, "why": exc.code})

    async def shared_ts(self, file_id: str, channel: str) -> str | None:
        """Return the ts of the message that carries the file, or None as long as Slack does not know it."""
        try:
            return (await self.info(file_id)).shared_ts.get(channel)
        except FileError:
            return None

    def _trusts(self, url: str) -> bool:
        parts = urlsplit(url)
        return (parts.scheme == "https" and parts.hostname in FILE_HOSTS) or _origin(url) == self._origin


def may_use(info: FileInfo, *, user: str, channel: str) -> bool:
    """Say whether a person may use this file here: it is shared in this conversation, or it is their own."""
    return channel in info.channels or info.owner == user


def _beside_files(text: str, blocks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Write a message as files are shared with it: Slack takes either blocks or a text, never both."""
    return {"blocks": json.dumps(list(blocks))} if blocks else {"initial_comment": text}


def _of_slacks_cdn(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" and (parts.hostname or "").endswith(CDN_SUFFIXES)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _read_info(file: dict[str, Any]) -> FileInfo:
    shares: dict[str, Sequence[dict[str, Any]]] = {}
    for kind in ("public", "private"):
        shares |= (file.get("shares") or {}).get(kind) or {}
    named = [channel for key in ("channels", "groups", "ims") for channel in file.get(key) or ()]
    gone = file.get("mode") in {"tombstone", "hidden_by_limit"}
    return FileInfo(
        file_id=str(file["id"]),
        name=str(file.get("name") or ""),
        mimetype=str(file.get("mimetype") or ""),
        size_bytes=int(file.get("size") or 0),
        owner=str(file.get("user") or ""),
        url="" if gone else str(file.get("url_private_download") or file.get("url_private") or ""),
        channels=frozenset([*named, *shares]),
        shared_ts={channel: str(rows[0]["ts"]) for channel, rows in shares.items() if rows},
    )


async def _save(answer: httpx.Response, path: Path, max_bytes: int) -> int:
    size = 0
    async with await anyio.open_file(path, "wb") as file:
        async for chunk in answer.aiter_bytes(CHUNK_BYTES):
            if not size and chunk.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
                raise FileError(LOGIN_PAGE, "an HTML page instead of the file")
            size += len(chunk)
            if size > max_bytes:
                raise FileError(TOO_BIG, f"more than {max_bytes / 1e6:.0f} MB")
            await file.write(chunk)
    return size


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    async with await anyio.open_file(path, "rb") as file:
        while chunk := await file.read(CHUNK_BYTES):
            yield chunk
