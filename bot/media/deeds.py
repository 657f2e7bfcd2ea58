"""What was done to a file, as short facts for the status message. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.media.gate import VideoFacts
from bot.media.magic import Kind

_LITTLE_S = 0.15  # less than this at the end is not worth a word
_QUIRKS = {
    "unusual colours": "colours converted to 8 bit",
    "stretched pixels": "pixels made square",
    "interlaced": "deinterlaced",
    "uneven frame rate": "frame rate made even",
}


def clock(seconds: float) -> str:
    """Write `0:09.9` or `1:05`."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    return f"{minutes}:{rest // 10:02}" + (f".{rest % 10}" if rest % 10 else "")


def video_deeds(
    source: VideoFacts | None, made: VideoFacts, answer: Mapping[str, Any], *, start_s: float, is_cut: bool
) -> tuple[str, ...]:
    """List what was done to a video; `answer` is the child's, `source` the gate's view where it had one."""
    did = []
    source_s = float(answer["source_s"]) or (source.duration_s if source else 0.0)
    if is_cut or source_s > start_s + made.duration_s + _LITTLE_S:
        did.append(f"used {clock(start_s)}–{clock(start_s + made.duration_s)}")
    if answer["rotation"]:
        did.append("turned upright")
    if answer["hdr"]:
        did.append("HDR converted to SDR")
    if not answer["copied"] and answer["codec"]:
        did.append(f"{answer['codec']} converted to H.264")
    if [made.width, made.height] != answer["size"]:
        did.append(f"scaled to {made.width} × {made.height}")
    did += [_QUIRKS[quirk] for quirk in (source.quirks if source else ()) if quirk in _QUIRKS]
    if answer["sound_lost"]:
        did.append("sound left out")
    return tuple(did) or ("written anew as MP4",)


def picture_deeds(kind: Kind, answer: Mapping[str, Any]) -> tuple[str, ...]:
    """List what was done to a picture."""
    if answer["as_is"]:
        return ()
    words = {Kind.HEIC: "HEIC", Kind.AVIF: "AVIF", Kind.TIFF: "TIFF", Kind.GIF: "GIF"}
    did = [f"{words[kind]} converted"] if kind in words else []
    return (*did, *answer["did"]) or ("picture saved anew without its metadata",)
