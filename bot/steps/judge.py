"""Judge: whether a result looks like what was paid for, said with the video when it is posted.

What is needed of the source is kept by prepare. Nothing here may cost an edit: after any trouble, or where the machine
has no time for it, the video is judged by its header alone and posted. The rules stand in `bot/media/result.py`.
"""

from __future__ import annotations

import asyncio
import logging
from base64 import b64decode, b64encode
from pathlib import Path

from bot.edit import Edit, Looks
from bot.language import say
from bot.media.extras import sample
from bot.media.fit import Fitted
from bot.media.gate import Unfit, VideoFacts, inspect_video
from bot.media.result import Sample, result_faults
from bot.media.unfit import Mendable, TooLong

log = logging.getLogger(__name__)

LIMIT_S = 10.0  # of one look, which takes half a second
WITHIN_S = 60.0  # a finished video waits no longer where all cores are busy
_LONG = 3
GREY_BYTES, COLOUR_BYTES = 64, 32
MOST_PICTURES = 20  # ten seconds


async def looks_of(film: Fitted, folder: Path, *, within_s: float = WITHIN_S) -> Looks | None:
    """Return what a result of this film will be compared with, without pictures where they cannot be had.

    Costs 0.3 s.
    """
    if not isinstance(film.facts, VideoFacts):
        return None
    try:
        seen = await _seen(film.path, folder, within_s, of="source")
    except Unfit as exc:
        log.warning("film not looked at", extra={"which": "source", "why": type(exc).__name__})
        seen = None
    return Looks(
        width=film.facts.width,
        height=film.facts.height,
        has_sound=(seen or film.facts).has_sound,
        samples=_packed(seen) if seen else "",
    )


async def faults_of(edit: Edit, path: Path, *, within_s: float = WITHIN_S) -> tuple[str, ...]:
    """List what seems to be wrong with a result, each a sentence; empty where nobody can tell. Never raises."""
    if edit.looks is None:
        return ()
    try:
        facts = await asyncio.to_thread(_inspect, path)
        seen = await _seen(path, path.parent, within_s, of="result")
        return result_faults(
            facts, seen, length_s=_length_s(edit), ratio=_ratio(edit, edit.looks),
            wants_sound=edit.looks.has_sound and edit.parameters.audio_setting == "origin",
            source=_sample(edit.looks) if edit.looks.samples else None,
        )  # fmt: skip
    except Mendable as exc:  # a form of MP4 that our gate does not know, and players do
        log.warning("result not judged", extra={"edit": edit.edit_id, "why": type(exc).__name__})
        return ()
    except Unfit:
        return (say("It cannot be opened."),)
    except Exception as exc:  # noqa: BLE001 - a paid result is posted, whatever is wrong with our looking at it
        log.warning("result not judged", extra={"edit": edit.edit_id, "why": type(exc).__name__})
        return ()


async def _seen(path: Path, folder: Path, within_s: float, *, of: str) -> Sample | None:
    """Take the samples of a film; None where the machine has no time for it, or the mistake is ours.

    Raises Unfit for a film that cannot be opened.
    """
    try:
        async with asyncio.timeout(within_s):
            return (await sample(path, folder, limit_s=LIMIT_S)).smaller()
    except Exception as exc:  # without it a result is judged by less
        if isinstance(exc, Unfit) and not isinstance(exc, TooLong):
            raise
        log.warning("film not looked at", extra={"which": of, "why": type(exc).__name__})
        return None


def _inspect(path: Path) -> VideoFacts:
    with path.open("rb") as file:
        return inspect_video(file, path.stat().st_size)


def _length_s(edit: Edit) -> float | None:
    if edit.source_s is None:
        return None
    return min(edit.parameters.duration_s or edit.source_s, edit.source_s)


def _ratio(edit: Edit, looks: Looks) -> float | None:
    """Return the shape that is expected; None for very long ones, which Wan keeps only roughly.

    https://help.aliyun.com/zh/model-studio/wan-video-editing-api-reference
    """
    if edit.parameters.ratio is None and max(looks.width, looks.height) > _LONG * min(looks.width, looks.height):
        return None
    width, height = (edit.parameters.ratio or f"{looks.width}:{looks.height}").split(":")
    return int(width) / int(height)


def _packed(seen: Sample) -> str:
    pictures = zip(seen.greys[:MOST_PICTURES], seen.colours, strict=False)
    return b64encode(b"".join(grey + colour for grey, colour in pictures)).decode("ascii")


def _sample(looks: Looks) -> Sample:
    data, size = b64decode(looks.samples), GREY_BYTES + COLOUR_BYTES
    pictures = [data[at : at + size] for at in range(0, len(data), size)]
    return Sample(
        greys=tuple(picture[:GREY_BYTES] for picture in pictures),
        has_sound=looks.has_sound,
        colours=tuple(picture[GREY_BYTES:] for picture in pictures),
    )
