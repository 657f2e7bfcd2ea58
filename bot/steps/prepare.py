"""Prepare: open the thread where there is none, fetch the media, let only fit ones through, and put them where Wan can
fetch them. Everything here may be done again; nothing costs money.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.edit import Edit, State
from bot.events import Began, Opened, Posting, Prepared
from bot.media.gate import MIME_TYPES, Unfit, VideoFacts, accept_video
from bot.media.images import check_image
from bot.media.magic import HEAD_BYTES, sniff
from bot.messages import answers
from bot.messages.result import root
from bot.slack import SlackError
from bot.steps.boundary import Step
from bot.steps.fetch import fetch
from bot.steps.parts import Parts
from client.models import DEFAULT_MODEL, MODELS

log = logging.getLogger(__name__)

MODEL = MODELS[DEFAULT_MODEL]
SUFFIXES = {
    "video/mp4": ".mp4", "video/quicktime": ".mov", "image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp",
    "image/bmp": ".bmp",
}  # fmt: skip

# The bot is not in the channel where the command was given; the thread then lives in a direct message.
ELSEWHERE = frozenset({"not_in_channel", "channel_not_found", "is_archived", "restricted_action"})


async def prepare(parts: Parts, edit: Edit) -> None:
    """Bring an edit from RECEIVED to WAITING."""
    if edit.state is State.RECEIVED:
        edit = await parts.move(edit, Began())
    if edit.thread_ts is None:
        edit = await _open_thread(parts, edit)
    with TemporaryDirectory(prefix="prepare-", dir=parts.settings.temp_dir) as folder:
        media = [edit.video, *edit.images]
        paths = [Path(folder) / f"medium{number}" for number in range(len(media))]
        await asyncio.gather(*(fetch(parts, edit, medium, path) for medium, path in zip(media, paths, strict=True)))
        facts, fit = await asyncio.to_thread(_judge, paths)
        if edit.parameters.duration_s > facts.duration_s + 0.05:
            raise Unfit(answers.seconds_beyond_clip(edit.parameters.duration_s, facts.duration_s))
        urls = await parts.wan.upload(fit, model=DEFAULT_MODEL)
    await parts.move(
        edit, Prepared(video_url=urls[0], image_urls=tuple(urls[1:]), source_s=round(facts.duration_s, 2))
    )


def _judge(paths: Sequence[Path]) -> tuple[VideoFacts, list[Path]]:
    """Return the facts of the video, and all files renamed by what they really are, the video first; or raise Unfit.

    Slack does not always know yet what a file is, so a video may have come in as a picture; the bytes decide.
    """
    first, *others = sorted(paths, key=lambda path: not _is_video(path)) if not _is_video(paths[0]) else paths
    with first.open("rb") as file:
        facts = accept_video(file, first.stat().st_size, MODEL)
    fit = [first.rename(first.with_suffix(SUFFIXES[facts.mime_type]))]
    for path in others:
        with path.open("rb") as file:
            image = check_image(file, path.stat().st_size, MODEL.image)
        fit.append(path.rename(path.with_suffix(SUFFIXES[image.mime_type])))
    return facts, fit


def _is_video(path: Path) -> bool:
    with path.open("rb") as file:
        return sniff(file.read(HEAD_BYTES)) in MIME_TYPES


async def _open_thread(parts: Parts, edit: Edit) -> Edit:
    """Post the message that a slash command or a modal has not got: the root of the thread."""
    if "root" in edit.posting and (found := await _posted_root(parts, edit)):
        return await parts.move(edit, Opened(channel=edit.channel, thread_ts=found))
    where = edit.channel if await _may_ask_in(parts, edit) else edit.user
    edit = await parts.move(edit, Posting(what="root"))
    message = root(edit)
    try:
        channel, ts = await parts.slack.post(where, message, thread_ts=None, edit_id=edit.edit_id, what="root")
    except SlackError as exc:
        if exc.code not in ELSEWHERE:
            raise
        channel, ts = await parts.slack.post(edit.user, message, thread_ts=None, edit_id=edit.edit_id, what="root")
    return await parts.move(edit, Opened(channel=channel, thread_ts=ts))


async def _posted_root(parts: Parts, edit: Edit) -> str | None:
    """Return the root that was posted before a crash. A direct message cannot be read by the person's id."""
    try:
        return await parts.slack.find_own(
            edit.channel, thread_ts=None, edit_id=edit.edit_id, what="root", since=edit.created_at
        )
    except SlackError as exc:
        if exc.code not in ELSEWHERE:
            raise
        return None


async def _may_ask_in(parts: Parts, edit: Edit) -> bool:
    """Say whether the requester is in the channel that a form names; a command or a message comes from where it is."""
    if not edit.channel_chosen or edit.channel == edit.user:
        return True
    try:
        return await parts.slack.is_member(edit.channel, edit.user)
    except SlackError as exc:
        if not exc.lasting:
            raise
        return False


STEP = Step("prepare", frozenset({State.RECEIVED, State.PREPARING}), prepare)
