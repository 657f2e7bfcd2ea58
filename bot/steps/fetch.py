"""Fetch: bring one medium to disk, after a check that the requester may use it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import assert_never

from bot.attachments import classify_files
from bot.edit import Edit, Link, Medium, Permalink, SlackFile
from bot.files import CLOSED, EXTERNAL, FOREIGN, GONE, FileError, FileInfo, may_use
from bot.media.gate import Unfit
from bot.messages import answers
from bot.slack import SlackError
from bot.steps.parts import Parts
from client.catalogue import MODELS
from client.models import DEFAULT_MODEL

MOST_BYTES = MODELS[DEFAULT_MODEL].video.max_bytes
SHARES_COME_WITHIN_S = 5  # Slack knows a fresh file's shares a little late


async def fetch(parts: Parts, edit: Edit, medium: Medium, path: Path) -> None:
    """Stream one medium to `path`; raise FileError, LinkError or Unfit with what the person reads."""
    match medium:
        case Link(url=url):
            await parts.links.fetch(url, path)
        case SlackFile(file_id=file_id):
            info = await _usable(parts, file_id, user=edit.user, channel=edit.channel)
            await parts.files.fetch(info, path, max_bytes=MOST_BYTES)
        case Permalink():
            file = await _behind(parts, edit, medium)
            info = await _usable(parts, file.file_id, user=edit.user, channel=medium.channel)
            await parts.files.fetch(info, path, max_bytes=MOST_BYTES)
        case _:
            assert_never(medium)


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
