"""Views of a film for people: poster, contact sheet, before and after; and the samples by which a result is judged.

Each opens the film in a child of its own, see `bot/media/child.py`, and writes into `folder`.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.language import say
from bot.media import child
from bot.media.boxes import BrokenBoxesError
from bot.media.codecs import DEMUXERS, KNOWN, picture_codecs
from bot.media.magic import HEAD_BYTES, sniff
from bot.media.result import Sample
from bot.media.unfit import Unfit


async def poster(path: Path, folder: Path) -> Path:
    """Make a JPEG of at most 640 px of the picture near the first second. Raises Unfit and ChildError."""
    return await _view("poster", path, folder)


async def contact_sheet(path: Path, folder: Path) -> Path:
    """Make a JPEG of nine pictures spread over the film. Raises Unfit and ChildError."""
    return await _view("sheet", path, folder)


async def before_after(source: Path, result: Path, folder: Path) -> Path:
    """Make an MP4 with both films beside each other and the result's sound. Raises Unfit and ChildError."""
    out = folder / f"{result.stem}-compare.mp4"
    details = {
        "source": _full(source),
        "source_demuxer": await asyncio.to_thread(_demuxer, source),
        "result": _full(result),
        "result_demuxer": await asyncio.to_thread(_demuxer, result),
        "out": _full(out),
    }
    await child.run("compare", details, reads=[source, result], folder=folder)
    return out


async def sample(path: Path, folder: Path, *, limit_s: float = child.LIMIT_S) -> Sample:
    """Take the samples by which `bot/media/result.py` judges, within a time that begins when a core is free.

    Raises Unfit (TooLong where the time was not enough) and ChildError.
    """
    details = {"source": _full(path), "demuxer": await asyncio.to_thread(_demuxer, path)}
    answer = await child.run("sample", details, reads=[path], folder=folder, limit_s=limit_s)
    greys, colours = (tuple(map(bytes.fromhex, answer[plane])) for plane in ("greys", "colours"))
    return Sample(greys, bool(answer["sound"]), colours)


async def _view(task: str, path: Path, folder: Path) -> Path:
    out = folder / f"{path.stem}-{task}.jpg"
    details = {
        "source": _full(path),
        "demuxer": await asyncio.to_thread(_demuxer, path),
        "out": _full(out),
    }
    await child.run(task, details, reads=[path], folder=folder)
    return out


def _full(path: Path) -> str:
    return str(path.absolute())  # the child works in the folder


def _demuxer(path: Path) -> str:
    """Choose by the bytes how a film is opened; raise Unfit where it must not be."""
    size_bytes = path.stat().st_size
    with path.open("rb") as file:
        kind = sniff(file.read(HEAD_BYTES))
        if kind not in DEMUXERS:
            raise Unfit(say("This file is {kind}, and no video.", kind=say(kind.value)))
        try:
            codecs = picture_codecs(file, size_bytes, kind)
        except BrokenBoxesError as exc:
            raise Unfit(say("The video's index is damaged, so it cannot be read.")) from exc
    if not set(codecs) <= KNOWN.keys():
        raise Unfit(say("The video's codec is not one that we open."))
    return DEMUXERS[kind]
