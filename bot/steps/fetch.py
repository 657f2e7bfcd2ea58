"""Fetch: bring media to disk, after a check that the requester may use them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import assert_never

from bot.attachments import classify_files
from bot.edit import Edit, Link, Medium, Permalink, SlackFile
from bot.files import CLOSED, EXTERNAL, FOREIGN, GONE, FileError, FileInfo, may_use
from bot.media.gate import Unfit
from bot.messages import answers
from bot.slack import SlackError
from bot.steps.parts import Parts
from bot.steps.pictures import blaming_a_picture

PICTURE_BYTES = 100_000_000  # a photo that is larger is no photo
LIMIT_S = 600.0  # of one file
SHARES_COME_WITHIN_S = 5  # Slack knows a fresh file's shares a little late


async def fetch(parts: Parts, edit: Edit, media: Sequence[Medium], paths: Sequence[Path], kept: ExitStack) -> None:
    """Stream media to files, the video first; raise FileError, LinkError or Unfit with what the person reads,
    PictureError for a picture.

    What is promised to them of the disk is given back when `kept` closes. Raises NoRoomError where that is too much.
    """
    limits = [parts.settings.fetch_limit_mb * 10**6, *[PICTURE_BYTES] * (len(media) - 1)]
    fetches = [_fetch, *[_fetch_picture] * (len(media) - 1)]
    fetching = [
        asyncio.create_task(bring(parts, edit, medium, path, limit, kept))
        for bring, medium, path, limit in zip(fetches, media, paths, limits, strict=True)
    ]
    try:
        await asyncio.gather(*fetching)
    finally:
        for one in fetching:
            one.cancel()
        await asyncio.wait(fetching)  # none goes on once the first has failed and the folder is gone


async def _fetch_picture(
    parts: Parts, edit: Edit, medium: Medium, path: Path, max_bytes: int, kept: ExitStack
) -> None:
    with blaming_a_picture():
        await _fetch(parts, edit, medium, path, max_bytes, kept)


async def _fetch(parts: Parts, edit: Edit, medium: Medium, path: Path, max_bytes: int, kept: ExitStack) -> None:
    match medium:
        case Link(url=url):
            kept.enter_context(parts.room.promise(max_bytes))
            await parts.links.fetch(url, path)
            return
        case SlackFile(file_id=file_id):
            info = await _usable(parts, file_id, user=edit.user, channel=edit.channel)
        case Permalink():
            file = await _behind(parts, edit, medium)
            info = await _usable(parts, file.file_id, user=edit.user, channel=medium.channel)
        case _:
            assert_never(medium)
    kept.enter_context(parts.room.promise(min(info.size_bytes, max_bytes)))
    async with asyncio.timeout(LIMIT_S):
        await parts.files.fetch(info, path, max_bytes=max_bytes)


async def _usable(parts: Parts, file_id: str, *, user: str, channel: str) -> FileInfo:
    """Return what Slack says of a file that this person may use here; file ids can be named by anybody."""
    info = await parts.files.info(file_id)
    for _second in range(SHARES_COME_WITHIN_S):
        if may_use(info, user=user, channel=channel) and info.url:
            return info
        if info.channels and not may_use(info, user=user, channel=channel):
            raise FileError(FOREIGN)
        await asyncio.sleep(1)
        info = await parts.files.info(file_id)
    raise FileError(EXTERNAL if may_use(info, user=user, channel=channel) else FOREIGN)


async def _behind(parts: Parts, edit: Edit, link: Permalink) -> SlackFile:
    """Return the video of the message that a permalink names, if this person may see that message."""
    try:
        if not await _sees(parts, edit, link.channel):
            raise FileError(FOREIGN)
        message = await parts.slack.message(link.channel, link.ts, thread_ts=link.thread_ts)
    except SlackError as exc:
        if exc.code in {"channel_not_found", "not_in_channel"}:
            raise FileError(CLOSED, exc.code) from exc
        if exc.code in {"thread_not_found", "message_not_found"}:
            raise FileError(GONE, exc.code) from exc
        raise
    if message is None:
        raise FileError(GONE)
    found = classify_files(message.get("files") or ())
    videos = found.videos or found.unknown
    if len(videos) != 1:
        raise Unfit(answers.no_video_in_message())
    return videos[0]


async def _sees(parts: Parts, edit: Edit, channel: str) -> bool:
    """Say whether the requester sees a conversation: they ask in it, or are a member of it.

    Direct messages are closed to everybody who does not ask in them: we have no scope to read their members.
    """
    if channel == edit.channel:
        return True
    try:
        return await parts.slack.is_member(channel, edit.user)
    except SlackError as exc:
        if exc.code == "missing_scope":
            return False
        raise
