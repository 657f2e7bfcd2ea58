"""The bytes of files: uploads of the app and of people, private downloads of the app, what the pages play."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from aiohttp import BodyPartReader, web

from bot.sandbox.file_methods import new_file
from bot.sandbox.payloads import MIME_TYPES
from bot.sandbox.state import Json, SlackError, StoredFile
from bot.sandbox.team import Team

_CHUNK_BYTES = 256 * 1024
_LOGIN_PAGE = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Sign in to continue.</body></html>"


@dataclass(slots=True)
class IncomingForm:
    """Hold a multipart form of the person API: its text fields, and its files by field name, already stored."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[tuple[str, StoredFile]] = field(default_factory=list)

    def text(self, name: str) -> str:
        """Return a field, empty where it is missing."""
        return self.fields.get(name, "")


async def read_form(request: web.Request, team: Team) -> IncomingForm:
    """Read a multipart, urlencoded or JSON body; files go to disk as they arrive. The caller sets their owner."""
    form = IncomingForm()
    form.fields.update(request.match_info)
    if request.content_type != "multipart/form-data":
        body = await read_json(request) if request.content_type == "application/json" else await request.post()
        form.fields |= {str(name): _as_text(value) for name, value in body.items() if value is not None}
        return form
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        if part.filename is None:
            # Browsers write line ends of text in forms as CRLF; Slack sends LF.
            form.fields[part.name or ""] = (await part.text()).replace("\r\n", "\n")
        else:
            file = new_file(team, part.filename, "", 0)
            file.size_bytes = await _store(file.path, _chunks(part))
            file.is_uploaded = True
            form.files.append((part.name or "", file))
    return form


async def read_json(request: web.Request) -> Json:
    """Read a JSON object, or raise `invalid_json`."""
    try:
        body = await request.json()
    except ValueError as wrong:
        raise SlackError("invalid_json") from wrong
    if not isinstance(body, dict):
        raise SlackError("invalid_json")
    return body


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


async def upload(request: web.Request, team: Team) -> web.Response:
    """Take the bytes of one file, raw or as the only part of a form; their number must be the announced one."""
    file = team.state.files.get(request.match_info["file_id"])
    if file is None or file.is_uploaded:
        return web.Response(status=404, text="no such upload")
    size_bytes = await _store(file.path, await _upload_chunks(request))
    if size_bytes != file.size_bytes:
        file.path.unlink()
        return web.Response(status=400, text=f"expected {file.size_bytes} bytes, got {size_bytes}")
    file.is_uploaded = True
    if team.faults.uploads_answered_408 > 0:
        team.faults.uploads_answered_408 -= 1
        return web.Response(status=408, text="Request Timeout")
    return web.Response(text=f"OK - {size_bytes}")


async def private_download(request: web.Request, team: Team, bot_token: str) -> web.StreamResponse:
    """Serve a file to the app; whoever may not have it gets the login page, not an error, as at Slack."""
    file_id = request.match_info["file"].partition("-")[2]
    has_token = request.headers.get("Authorization") == f"Bearer {bot_token}"
    if not has_token or "files:read" not in team.registration.scopes or team.faults.login_page != "off":
        return _login_page(request, as_html=team.faults.login_page == "html")
    try:
        file = team.state.file(file_id)
    except SlackError:
        return web.Response(status=404, text="file not found")
    return _content(file, is_attachment="/download/" in request.path)


def page_download(team: Team, file_id: str, person_id: str) -> web.StreamResponse:
    """Serve a file to a person's page; only what a browser shows harmlessly is shown, the rest is downloaded."""
    file = team.file(file_id, for_person=person_id)
    is_media = _mimetype(file).startswith(("video/", "image/", "audio/"))
    return _content(file, is_attachment=not is_media)


def _content(file: StoredFile, *, is_attachment: bool) -> web.FileResponse:
    disposition = "attachment" if is_attachment else "inline"
    return web.FileResponse(file.path, chunk_size=_CHUNK_BYTES, headers={
        "Content-Type": _mimetype(file), "X-Content-Type-Options": "nosniff", "Cache-Control": "private",
        "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(file.name)}",
    })


def _mimetype(file: StoredFile) -> str:
    return MIME_TYPES.get(Path(file.name).suffix.lower().removeprefix("."), "application/octet-stream")


def _login_page(request: web.Request, *, as_html: bool) -> web.Response:
    if as_html:
        return web.Response(text=_LOGIN_PAGE, content_type="text/html")
    return web.Response(status=302, headers={"Location": f"/?redir={quote(request.path)}"})


async def _upload_chunks(request: web.Request) -> AsyncIterator[bytes]:
    if request.content_type != "multipart/form-data":
        return request.content.iter_chunked(_CHUNK_BYTES)
    part = await (await request.multipart()).next()
    assert isinstance(part, BodyPartReader)
    return _chunks(part)


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while chunk := await part.read_chunk(_CHUNK_BYTES):
        yield chunk


async def _store(path: Path, chunks: AsyncIterator[bytes]) -> int:
    size_bytes = 0
    sink: BinaryIO = await asyncio.to_thread(path.open, "wb")
    try:
        async for chunk in chunks:
            size_bytes += await asyncio.to_thread(sink.write, chunk)
    finally:
        sink.close()
    return size_bytes


def discard(form: IncomingForm, team: Team) -> None:
    """Forget the files of a form that was refused."""
    for _, file in form.files:
        file.path.unlink(missing_ok=True)
        team.state.files.pop(file.id, None)


def as_json(response: Json, status: int = 200) -> web.Response:
    """Answer with JSON that nobody caches."""
    return web.json_response(response, status=status, headers={"Cache-Control": "no-store"})
