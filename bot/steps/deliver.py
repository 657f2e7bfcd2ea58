"""Deliver: put the finished video into its thread, exactly once.

The journal is the record itself. Bytes that nobody shared vanish from Slack, so everything before `Completing` may be
done again freely. From `Completing` on, Slack is asked whether the video is there (first the file, whose shares come
late, then the thread) for a minute, before it is uploaded anew; the old upload is deleted then, so that a share that
Slack carries out even later shows nothing.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.edit import Edit, State
from bot.events import Completing, Delivered, NotShared
from bot.jobs import StoppingError
from bot.messages import answers
from bot.messages.result import file_name, result, title
from bot.slack import OWN_PACE, SlackError
from bot.steps.boundary import Step
from bot.steps.judge import faults_of
from bot.steps.parts import Parts
from bot.steps.poster import keep_poster
from client.errors import DownloadError
from client.models import TaskStatus

log = logging.getLogger(__name__)

SHARE_KNOWN_WITHIN = timedelta(seconds=60)
SHARE_GOOD_FOR = timedelta(seconds=10)  # after that, whoever looks for the video must be able to rely on it
SETTLE_EVERY_S = 2.0
LOOK_EVERY_S = 0.5
LOOK_FOR_S = 8.0  # after a share that Slack confirmed; the ts is only needed for reactions on the video


async def deliver(parts: Parts, edit: Edit) -> None:
    """Upload and share the result, or find that it is shared already, and save which."""
    if edit.completing_at is not None:
        await _settle(parts, edit)
        return
    with TemporaryDirectory(prefix="deliver-", dir=parts.settings.temp_dir) as folder:
        path = Path(folder) / "result.mp4"
        await _download(parts, edit, path)
        try:
            upload_id, faults = await _put(parts, edit, path)
        except SlackError as exc:
            if not _refused(exc):
                raise
            await _send_link(parts, edit, exc)
            return
        await share(parts, edit, upload_id, faults)
        if parts.settings.posters:
            await keep_poster(parts, edit.edit_id, path)


async def _put(parts: Parts, edit: Edit, path: Path) -> tuple[str, tuple[str, ...]]:
    """Upload the result and judge it meanwhile; return the upload's id and what seems to be wrong with the video."""
    judging = asyncio.create_task(faults_of(edit, path))
    try:
        return await parts.files.put(path, file_name(edit)), await judging
    finally:
        judging.cancel()
        await asyncio.wait([judging])


async def share(parts: Parts, edit: Edit, upload_id: str, faults: tuple[str, ...] = ()) -> None:
    """Save that the upload is about to be shared, share it, and save what came of it."""
    edit = await parts.move(edit, Completing(upload_id=upload_id, faults=faults))
    if edit.completing_at is None or parts.now() - edit.completing_at > SHARE_GOOD_FOR:
        return  # this process stood still after its save; the next run looks for the video, and finds none
    try:
        await parts.files.share(
            upload_id, title(edit), result(edit), channel=edit.channel, thread_ts=edit.thread_ts
        )
    except StoppingError:
        await parts.move(edit, NotShared())  # it waited for its turn, so nothing has left
        raise
    except SlackError as exc:
        if not exc.lasting and exc.code != OWN_PACE:
            raise  # it may be there all the same: the next run asks before it uploads again
        edit = await parts.move(edit, NotShared())
        if not _refused(exc):
            raise
        await _send_link(parts, edit, exc)
        return
    await parts.move(edit, Delivered(result_ts=await _shared_ts(parts, edit, upload_id)))


def _refused(exc: SlackError) -> bool:
    """Say whether this file will never be posted there: by a rule of the workspace, in a locked or vanished thread …"""
    return exc.final


async def _download(parts: Parts, edit: Edit, path: Path) -> None:
    """Fetch the result; where its signed link has expired, ask the provider for a fresh one once."""
    limit = 2_000_000_000
    try:
        await parts.wan.download(edit.result_url or "", path, max_bytes=limit)
    except DownloadError:
        task = await parts.wan.get(edit.task_id or "")
        if task.status is not TaskStatus.SUCCEEDED or not task.video_url:
            raise
        await parts.wan.download(task.video_url.get_secret_value(), path, max_bytes=limit)


async def _shared_ts(parts: Parts, edit: Edit, upload_id: str) -> str | None:
    """Look for the message that carries the video until Slack knows it, for a few seconds at most."""
    tries = int(LOOK_FOR_S / LOOK_EVERY_S)
    for attempt in range(tries):
        try:
            ts = await parts.files.shared_ts(upload_id, edit.channel)
            if ts is None and attempt % 4 == 1:
                ts = await in_thread(parts, edit, upload_id)
        except SlackError as exc:
            log.info("share not looked up", extra={"edit": edit.edit_id, "why": str(exc)})
            ts = None
        if ts is not None:
            return ts
        await asyncio.sleep(LOOK_EVERY_S)
    return None


async def _settle(parts: Parts, edit: Edit) -> None:
    """Find out what became of a share whose answer nobody saw."""
    if edit.upload_id is None or edit.completing_at is None:
        await parts.move_unchanged(edit, NotShared())
        return
    left = min(SHARE_KNOWN_WITHIN, edit.completing_at + SHARE_KNOWN_WITHIN - parts.now())  # a clock may jump
    for _look in range(max(0, round(left.total_seconds() / SETTLE_EVERY_S))):
        ts = await parts.files.shared_ts(edit.upload_id, edit.channel)
        ts = ts or await in_thread(parts, edit, edit.upload_id)
        if ts is not None:
            await parts.move(edit, Delivered(result_ts=ts))
            return
        await parts.sleep(SETTLE_EVERY_S)
    ts = await in_thread(parts, edit, edit.upload_id)
    if ts is not None:
        await parts.move(edit, Delivered(result_ts=ts))
        return
    await parts.files.delete(edit.upload_id)
    await parts.move_unchanged(edit, NotShared())


async def in_thread(parts: Parts, edit: Edit, upload_id: str) -> str | None:
    """Return the ts of the message in the edit's thread that carries a file, or None."""
    try:
        return await parts.slack.find_file(
            edit.channel, thread_ts=edit.thread_ts, file_id=upload_id, since=edit.created_at
        )
    except SlackError as exc:
        if not _refused(exc):
            raise
        return None  # the thread is gone, or we are no longer in the channel: nothing can be found there


async def _send_link(parts: Parts, edit: Edit, why: SlackError) -> None:
    """Give the requester the provider's link privately: whoever has it can see the video, so it is never posted."""
    log.warning("file refused, link sent instead", extra={"edit": edit.edit_id, "why": str(why)})
    await parts.slack.whisper(edit.user, edit.user, answers.private_link(edit), thread_ts=None)
    await parts.move(edit, Delivered(link_sent=True))


STEP = Step("deliver", frozenset({State.DELIVERING}), deliver)
