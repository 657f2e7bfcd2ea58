"""Makes what people have fit: accept a file as it is, or let the child write it anew, and tell what was done.

Decides by the pure gate only; untrusted bytes are opened in the child (`bot/media/child.py`). The child's result goes
through the same gate before anybody uses it.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from bot.language import say, sentences
from bot.media import child
from bot.media.boxes import BrokenBoxesError
from bot.media.child import ChildError, Progress
from bot.media.codecs import DEMUXERS, KNOWN, picture_codecs
from bot.media.deeds import picture_deeds, video_deeds
from bot.media.gate import (
    VideoFacts,
    accept_video,
    check_video,
    export_again,
    inspect_video,
    is_plain,
    length_faults,
    unknown_codec,
)
from bot.media.geometry import Limits
from bot.media.images import ImageFacts, check_image
from bot.media.magic import HEAD_BYTES, Kind, sniff
from bot.media.unfit import BadOptions, Mendable, TooShort, Unfit
from client.catalogue import MODELS, MediaLimits, ModelFacts
from client.models import DEFAULT_MODEL

MODEL = MODELS[DEFAULT_MODEL]
MARGIN_S = 0.1  # the first seconds that fit end so much before the limit, for whoever counts less exactly than we do
LONGEST_PX = 1920  # of a film that is written anew; Wan's own largest output
LONGEST_PICTURE_PX = 2048  # a reference needs no more, and such a JPEG stays under a megabyte
FORMATS = {
    Kind.JPEG: "JPEG", Kind.PNG: "PNG", Kind.WEBP: "WEBP", Kind.BMP: "BMP", Kind.GIF: "GIF", Kind.TIFF: "TIFF",
    Kind.HEIC: "HEIF", Kind.AVIF: "AVIF",
}  # fmt: skip
PHOTOS = frozenset(FORMATS) - {Kind.GIF}  # what is a picture where nobody says what it is meant to be

Cut = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A file that the model takes: its path (the given one where nothing was done), its facts, and what was done."""

    path: Path
    facts: VideoFacts | ImageFacts
    actions: tuple[str, ...] = ()
    is_copied: bool = False  # the pictures are those of the source, in a file of ours


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the gate says of a video before anything is done; `facts` are None where only the child can tell."""

    kind: Kind
    codecs: tuple[str, ...]
    facts: VideoFacts | None
    is_fit: bool


async def fit(
    path: Path,
    kind: Literal["video", "image"],
    folder: Path,
    *,
    cut: Cut | None = None,
    first_s: int = 0,
    slow: bool = False,
    longest_px: int = LONGEST_PX,
    model: ModelFacts = MODEL,
    on_progress: Progress | None = None,
) -> Fitted:
    """Return the file in a form that the model takes; what is written goes into `folder`.

    `cut` are the first and the last second that a person wants of a video; without it the first ones that fit are
    used, or where the video is written anew and `first_s` is given, exactly so many of them. `slow` makes a film that
    is too short long enough, without its sound. `on_progress` is given shares of 1.
    Raises Unfit (TooShort) with a sentence for the person, ChildError for a mistake of ours, and OSError where the
    disk is full. Costs nothing for a
    file that fits, a second for a copy, up to a minute for ten seconds of 4K.
    """
    if kind == "image":
        return await _fit_picture(path, folder, model)
    seen = await asyncio.to_thread(_see, path, model)
    believed = seen.facts if seen.facts and "unclear" not in seen.facts.quirks else None
    if believed and min(believed.duration_s, believed.stored_s) < model.min_s and not slow:
        raise TooShort(sentences(*length_faults(believed, model)))
    if seen.is_fit and seen.facts and (cut is None or _is_all(cut, seen.facts)):
        return Fitted(path, seen.facts)
    if cut is None and first_s:
        cut = 0.0, float(first_s)
    return await _fit_video(path, seen, folder, cut, slow, longest_px, model, on_progress)


def _is_all(cut: Cut, facts: VideoFacts) -> bool:
    return cut[0] == 0 and cut[1] >= facts.duration_s


def _see(path: Path, model: ModelFacts) -> _Seen:
    """Look at a video without native code; raise Unfit where nothing can mend it."""
    size_bytes = path.stat().st_size
    with path.open("rb") as file:
        kind = sniff(file.read(HEAD_BYTES))
        facts, is_fit = None, False
        try:
            facts = inspect_video(file, size_bytes)
            is_fit = not check_video(facts, model) and is_plain(facts)
        except Mendable:
            pass
        try:
            codecs = tuple(picture_codecs(file, size_bytes, kind))
        except BrokenBoxesError as exc:
            raise Unfit(export_again(say("The video's index is damaged, so it cannot be read"))) from exc
    if unknown := [codec for codec in codecs if codec not in KNOWN]:
        raise Unfit(unknown_codec(unknown[0]))
    return _Seen(kind, codecs, facts, is_fit)


async def _fit_video(
    path: Path, seen: _Seen, folder: Path, cut: Cut | None, slow: bool, longest_px: int, model: ModelFacts,
    on_progress: Progress | None,
) -> Fitted:  # fmt: skip
    start_s, end_s = cut or (0.0, model.max_s - MARGIN_S)
    length_s = min(end_s - start_s, model.max_s)
    if not (start_s >= 0 and length_s >= model.min_s):  # so put, it catches what is no number too
        raise BadOptions(
            say("The part must have {min_s}–{max_s} seconds, from 0 on.", min_s=model.min_s, max_s=model.max_s)
        )
    details: dict[str, object] = {
        "source": _full(path),
        "demuxer": DEMUXERS[seen.kind],
        "start_s": start_s,
        "length_s": length_s,
        "is_cut": cut is not None,
        "min_s": model.min_s,
        "slow_to_s": model.min_s + MARGIN_S if slow else 0.0,
        "limits": asdict(_limits(model.video, longest_px)),
    }
    out = folder / f"{path.stem}-fitted.mp4"
    # A copy is quick, but the gate may still find something in it that only encoding mends.
    for may_copy in (True, False):
        order = {**details, "out": _full(out), "may_copy": may_copy}
        answer = await child.run("video", order, reads=[path], folder=folder, on_progress=on_progress)
        if "ends_s" in answer:
            raise _too_late(answer["ends_s"], start_s, model)
        if "too_short_s" in answer:
            raise _too_short(answer["too_short_s"], model, slow_helps=start_s == 0 and not slow)
        try:
            facts = await asyncio.to_thread(_plain_facts, out, model)
        except Unfit as exc:
            if answer["copied"]:
                continue
            raise ChildError(f"the fitted video does not fit: {exc.reason}") from exc
        did = video_deeds(seen.facts, facts, answer, start_s=start_s, is_cut=cut is not None)
        return Fitted(out, facts, did, is_copied=answer["copied"])
    raise ChildError("the video was copied where it had to be encoded")


def _too_late(ends_s: float, start_s: float, model: ModelFacts) -> BadOptions:
    return BadOptions(
        say(
            "The video is {seconds} s long: after {start} s there are not the {limit} s left that are needed.",
            seconds=f"{ends_s:.1f}",
            start=f"{start_s:g}",
            limit=f"{model.min_s:g}",
        )
    )


def _too_short(seconds: float, model: ModelFacts, *, slow_helps: bool) -> Unfit:
    said = say(
        "The video has pictures for only {seconds} seconds, and {limit} are needed.",
        seconds=f"{seconds:.2f}",
        limit=model.min_s,
    )
    return TooShort(said) if slow_helps else Unfit(said)


def _plain_facts(path: Path, model: ModelFacts) -> VideoFacts:
    with path.open("rb") as file:
        facts = accept_video(file, path.stat().st_size, model)
    if not is_plain(facts):
        raise Unfit(f"It is {facts.codec}, turned by {facts.rotation}, with {facts.quirks}.")
    return facts


async def _fit_picture(path: Path, folder: Path, model: ModelFacts) -> Fitted:
    """Let the child see every picture: what hides behind a header that is right shows only in the pixels."""
    kind = await asyncio.to_thread(_picture_kind, path)
    takes = await asyncio.to_thread(_is_taken, path, model)
    out = folder / f"{path.stem}-fitted.jpg"
    order = {
        "source": _full(path),
        "out": _full(out),
        "format": FORMATS[kind],
        "takes": takes,
        "limits": asdict(_limits(model.image, LONGEST_PICTURE_PX)),
    }
    answer = await child.run("image", order, reads=[path], folder=folder)
    made = path if answer["as_is"] else out
    try:
        facts = await asyncio.to_thread(_picture_facts, made, model)
    except Unfit as exc:
        raise ChildError(f"the fitted picture does not fit: {exc.reason}") from exc
    return Fitted(made, facts, picture_deeds(kind, answer))


def _picture_kind(path: Path) -> Kind:
    with path.open("rb") as file:
        kind = sniff(file.read(HEAD_BYTES))
    if kind not in FORMATS:
        raise Unfit(
            say(
                "This file is {kind}; a reference picture must be JPEG, PNG, HEIC, WEBP or another photo.",
                kind=say(kind.value),
            )
        )
    return kind


def _is_taken(path: Path, model: ModelFacts) -> bool:
    try:
        _picture_facts(path, model)
    except Unfit:
        return False
    return True


def _picture_facts(path: Path, model: ModelFacts) -> ImageFacts:
    with path.open("rb") as file:
        return check_image(file, path.stat().st_size, model.image)


def _full(path: Path) -> str:
    return str(path.absolute())  # the child works in the folder


def _limits(limits: MediaLimits, longest_px: int) -> Limits:
    return Limits(limits.min_side_px, limits.max_side_px, float(limits.max_ratio), longest_px)
