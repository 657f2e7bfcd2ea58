"""Prepare: open the thread where there is none, fetch the media, make them fit, and put them where Wan can fetch
them. Everything here may be done again; nothing costs money.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio

from bot.budget import reserved
from bot.edit import Edit, Part, Reason, State
from bot.events import Began, Canceled, Failed, Held, Opened, Posting, Prepared
from bot.media.fit import LONGEST_PX, Fitted, fit
from bot.media.gate import VideoFacts
from bot.media.magic import HEAD_BYTES, Kind, sniff
from bot.media.unfit import BadOptions
from bot.messages import answers
from bot.messages.result import root
from bot.slack import SlackError
from bot.steps.approval import ask_admins, needs_approval
from bot.steps.boundary import NoPlaceError, Step
from bot.steps.fetch import fetch
from bot.steps.judge import looks_of
from bot.steps.parts import Parts
from bot.steps.pictures import blaming_a_picture
from bot.steps.wanted import while_wanted
from client.inline import data_uri
from client.models import DEFAULT_MODEL, MAX_S
from client.oss import mime_type

log = logging.getLogger(__name__)

FILMS = frozenset({Kind.MP4, Kind.MOV, Kind.THREE_GP, Kind.MATROSKA, Kind.AVI})
LONGEST_720P_PX = 1280
SPARE_S = 0.5  # whole seconds are asked for, and films have fractions; `submit` then asks for all of it
# Small pictures go within the request, which spares their upload. Until it is sent they lie in the record, for any
# process may send it, and a record is written anew with each move and may wait in a long queue. So this is for all
# pictures of an edit together, where the service takes a megabyte of each; an upload costs nothing but a second.
INLINE_BYTES = 128_000
SUFFIXES = {
    "video/mp4": ".mp4", "video/quicktime": ".mov", "image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp",
    "image/bmp": ".bmp",
}  # fmt: skip

# The bot is not in the channel where the command was given; the thread then lives in a direct message.
ELSEWHERE = frozenset({"not_in_channel", "channel_not_found", "is_archived", "restricted_action"})


async def prepare(parts: Parts, edit: Edit) -> None:
    """Bring an edit from RECEIVED to WAITING."""
    if edit.variation > 1:
        await _follow(parts, edit)
        return
    if edit.state is State.RECEIVED:
        edit = await parts.move(edit, Began())
    if edit.thread_ts is None:
        edit = await _open_thread(parts, edit)
    with ExitStack() as kept, TemporaryDirectory(prefix="prepare-", dir=parts.settings.temp_dir) as folder:
        media = [edit.video, *edit.images]
        paths = [Path(folder) / f"medium{number}" for number in range(len(media))]
        await fetch(parts, edit, media, paths, kept)
        film, *photos = await while_wanted(parts, edit, _fit(paths, Path(folder), edit))
        duration_s = film.facts.duration_s if isinstance(film.facts, VideoFacts) else 0.0
        if edit.parameters.duration_s > duration_s + SPARE_S:
            raise BadOptions(answers.seconds_beyond_clip(edit.parameters.duration_s, duration_s))
        files = [_named(medium) for medium in (film, *photos)]
        film = replace(film, path=files[0])
        looks = await looks_of(film, Path(folder)) if parts.settings.check_results else None
        video_url, *image_urls = await _links(parts, files)
    done = tuple(action for medium in (film, *photos) for action in medium.actions)
    source_s = round(duration_s, 2)
    charge = reserved(edit, source_s, parts.settings.tariff)
    kind = Held if needs_approval(parts, edit, charge) else Prepared
    if kind is Held:
        await ask_admins(parts, edit, charge)
    await parts.move(
        edit,
        kind(
            video_url=video_url, image_urls=tuple(image_urls), source_s=source_s, fitted=done, looks=looks,
            charge=charge,
        ),
    )


async def _follow(parts: Parts, edit: Edit) -> None:
    """Take over what was prepared for the first variation, or how it ended before that; fetch nothing again."""
    first = await parts.store.get(edit.first_id)
    if first is None:
        raise LookupError("the first variation is not there")
    if edit.state is State.RECEIVED:
        edit = await parts.move(edit, Began())
    if edit.thread_ts is None and first.thread_ts is not None:
        edit = await parts.move(edit, Opened(channel=first.channel, thread_ts=first.thread_ts))
    if first.failure is not None and first.failure.reason is Reason.BUDGET:
        await parts.move(edit, Failed(failure=first.failure))
    elif first.video_url is not None and first.source_s is not None:
        charge = reserved(edit, first.source_s, parts.settings.tariff)
        kind = Held if first.state is State.APPROVING else Prepared
        prepared = kind(
            video_url=first.video_url,
            image_urls=first.image_urls,
            source_s=first.source_s,
            fitted=first.fitted,
            looks=first.looks,
            charge=charge,
        )
        await parts.move(edit, prepared)
    elif first.failure is not None:
        await parts.move(edit, Failed(failure=first.failure))
    elif first.state is State.CANCELED:
        await parts.move(edit, Canceled())


async def _fit(paths: Sequence[Path], folder: Path, edit: Edit) -> list[Fitted]:
    """Return all media in a form that Wan takes, the video first; or raise Unfit.

    Slack does not always know yet what a file is, so a video may have come in as a picture; the bytes decide.
    """
    first, *others = await asyncio.to_thread(_film_first, paths)
    film = await film_of(first, folder, edit)
    is_sure = first == paths[0]  # else it came in as a picture, and a form that drops the pictures would lose it
    with blaming_a_picture() if is_sure else nullcontext():
        return [film, *[await fit(path, "image", folder) for path in others]]


async def film_of(path: Path, folder: Path, edit: Edit) -> Fitted:
    """Return the part of a video that an edit uses, in a form that Wan takes; or raise Unfit."""
    longest_px = LONGEST_720P_PX if edit.parameters.resolution == "720P" else LONGEST_PX
    cut, first_s = _cut(edit.part, edit.parameters.duration_s or MAX_S), edit.parameters.duration_s
    return await fit(path, "video", folder, cut=cut, first_s=first_s, slow=edit.slow, longest_px=longest_px)


def _cut(part: Part | None, most_s: int) -> tuple[float, float] | None:
    if part is None:
        return None
    return part.from_s, part.from_s + most_s if part.to_s is None else part.to_s


def _film_first(paths: Sequence[Path]) -> list[Path]:
    return list(paths) if _rank(paths[0]) == 0 else sorted(paths, key=_rank)


def _rank(path: Path) -> int:
    """Say how likely a file is the video: a GIF is one where there is no film."""
    with path.open("rb") as file:
        kind = sniff(file.read(HEAD_BYTES))
    return 0 if kind in FILMS else 1 if kind is Kind.GIF else 2


async def _links(parts: Parts, files: Sequence[Path]) -> list[str]:
    """Return a link for each file, the video first: small pictures go within the request, the rest is uploaded."""
    left_bytes, found, large = INLINE_BYTES, [], [files[0]]
    for path in files[1:]:
        size_bytes = (await anyio.Path(path).stat()).st_size
        if size_bytes <= left_bytes:
            left_bytes -= size_bytes
            found.append(data_uri(mime_type(path), await anyio.Path(path).read_bytes()))
        else:
            found.append("")
            large.append(path)
    uploaded = iter(await parts.wan.upload(large, model=DEFAULT_MODEL))
    return [next(uploaded), *[link or next(uploaded) for link in found]]


def _named(medium: Fitted) -> Path:
    """Give a file the suffix of what it really is, by which the upload names its type."""
    return medium.path.rename(medium.path.with_suffix(SUFFIXES[medium.facts.mime_type]))


async def _open_thread(parts: Parts, edit: Edit) -> Edit:
    """Post the message that a slash command or a modal has not got: the root of the thread."""
    if "root" in edit.posting and (found := await _posted_root(parts, edit)):
        return await parts.move(edit, Opened(channel=edit.channel, thread_ts=found))
    where = edit.channel if await _may_ask_in(parts, edit) else await _direct(parts, edit)
    edit = await parts.move(edit, Posting(what="root"))
    message = root(edit)
    try:
        channel, ts = await parts.slack.post(where, message, thread_ts=None, edit_id=edit.edit_id, what="root")
    except SlackError as exc:
        if exc.code not in ELSEWHERE:
            raise
        where = await _direct(parts, edit)
        channel, ts = await parts.slack.post(where, message, thread_ts=None, edit_id=edit.edit_id, what="root")
    return await parts.move(edit, Opened(channel=channel, thread_ts=ts))


async def _direct(parts: Parts, edit: Edit) -> str:
    """Return the requester's id, by which Slack finds our direct messages; raise NoPlaceError where the settings allow
    other conversations only.
    """
    only_in = parts.settings.rights.only_in(edit.user)
    if only_in and (await parts.store.profiles.get(edit.team, edit.user)).direct not in only_in:
        raise NoPlaceError
    return edit.user


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
        if not exc.final:
            raise
        return False


STEP = Step("prepare", frozenset({State.RECEIVED, State.PREPARING}), prepare)
