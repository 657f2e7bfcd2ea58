"""What a message brings besides its words: videos, pictures and others, and whether it is meant for the bot. Pure.

Slack fills `mimetype` late, sends stubs without a name from other workspaces, and believes file names; only the bytes
decide, in the prepare step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Literal

from bot.command import UsageError
from bot.edit import SlackFile
from bot.language import say
from bot.text import Typed, shorten
from client.catalogue import MODELS
from client.models import DEFAULT_MODEL

Kind = Literal["video", "image", "unknown", "other"]

MAX_IMAGES = MODELS[DEFAULT_MODEL].max_images
VIDEO_SUFFIXES = frozenset({"mp4", "mov", "m4v", "webm", "mkv", "avi", "3gp", "mpg", "mpeg", "wmv", "flv"})
IMAGE_SUFFIXES = frozenset({"png", "jpg", "jpeg", "webp", "bmp", "gif", "heic", "heif", "avif", "tif", "tiff"})


@dataclass(frozen=True, slots=True)
class Attachments:
    """The files of a message. `unknown` may be anything: Slack has not said yet."""

    videos: tuple[SlackFile, ...] = ()
    images: tuple[SlackFile, ...] = ()
    unknown: tuple[SlackFile, ...] = ()
    others: tuple[SlackFile, ...] = ()
    order: tuple[str, ...] = ()  # the ids of all files as they were attached: “image 1” is the first picture

    @property
    def has_media(self) -> bool:
        """Say whether there is a video or a picture, or a file that may be one."""
        return bool(self.videos or self.images or self.unknown)

    def in_order(self, files: Sequence[SlackFile]) -> tuple[SlackFile, ...]:
        """Return files in the order in which they were attached, where that is known."""
        places = {file_id: place for place, file_id in enumerate(self.order)}
        return tuple(sorted(files, key=lambda file: places.get(file.file_id, 0)))


def classify_files(files: Sequence[Mapping[str, Any]]) -> Attachments:
    """Sort Slack's file objects by their hints."""
    kinds: dict[Kind, list[SlackFile]] = {"video": [], "image": [], "unknown": [], "other": []}
    for file in files:
        kinds[kind_of(file)].append(SlackFile(file_id=str(file.get("id", "")), name=str(file.get("name") or "")))
    videos, images, unknown, others = (tuple(kinds[kind]) for kind in kinds)
    order = tuple(str(file.get("id", "")) for file in files)
    return Attachments(videos, images, unknown, others, order)


def kind_of(file: Mapping[str, Any]) -> Kind:
    """Guess what a Slack file object is: by its type, then by its name."""
    family, _, subtype = str(file.get("mimetype") or "").partition("/")
    if family in ("video", "image"):
        return "video" if family == "video" else "image"
    suffix = PurePath(str(file.get("name") or "")).suffix.lower().removeprefix(".")
    for hint in (suffix, str(file.get("filetype") or "").lower()):
        if hint in VIDEO_SUFFIXES:
            return "video"
        if hint in IMAGE_SUFFIXES:
            return "image"
    return "unknown" if not family or subtype == "octet-stream" else "other"


def check_attachments(
    attachments: Attachments, *, needs_video: bool = True
) -> tuple[SlackFile | None, tuple[SlackFile, ...]]:
    """Return the video and the pictures of a request; raise UsageError where the count or the kinds are wrong.

    Where no video is known, the first file of unknown kind stands in for it (prepare finds out), or else the first GIF.
    `needs_video` is False for a reply in the thread of an edit, whose result is edited when no video comes along.
    """
    if attachments.others:
        names = ", ".join(shorten(file.name, 60) or say("a file without a name") for file in attachments.others[:5])
        raise UsageError(
            say("I can use one video and up to {limit} pictures, but not: {names}.", limit=MAX_IMAGES, names=names)
        )
    if len(attachments.videos) > 1:
        raise UsageError(
            say(
                "Here are {count} videos, and I edit one at a time: post one of them.", count=len(attachments.videos)
            )
        )
    video = attachments.videos[0] if attachments.videos else None
    if video is None and needs_video:
        video = next(iter([*attachments.unknown, *filter(_is_gif, attachments.images)]), None)
        if video is None:
            raise UsageError(
                say("There is no video here: attach one (MP4, MOV, WebM, MKV, AVI or GIF) and say what should change.")
            )
    images = attachments.in_order([file for file in (*attachments.images, *attachments.unknown) if file is not video])
    if len(images) > MAX_IMAGES:
        raise UsageError(
            say(
                "Here are {count} pictures, and at most {limit} are possible: leave some out.",
                count=len(images),
                limit=MAX_IMAGES,
            )
        )
    return video, images


def _is_gif(file: SlackFile) -> bool:
    return PurePath(file.name).suffix.lower() == ".gif"


def addressed(typed: Typed, attachments: Attachments, *, direct: bool, in_thread_of_edit: bool) -> bool:
    """Say whether a message is a request to the bot; `direct` is a conversation with the bot alone.

    A remark such as "nice!" in a channel's thread must cost nothing.
    """
    if direct or typed.mentions_bot:
        return True
    return in_thread_of_edit and attachments.has_media and bool(typed.text.strip())
