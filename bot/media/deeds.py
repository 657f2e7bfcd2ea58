"""What was done to a file, as short facts for the status message. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.language import say
from bot.media.gate import VideoFacts
from bot.media.magic import Kind
from client.catalogue import MODELS
from client.models import DEFAULT_MODEL
from client.options import moment

MOST_BYTES = MODELS[DEFAULT_MODEL].video.max_bytes
_LITTLE_S = 0.15  # less than this at the end is not worth a word


def video_deeds(
    source: VideoFacts | None, made: VideoFacts, answer: Mapping[str, Any], *, start_s: float, is_cut: bool
) -> tuple[str, ...]:
    """List what was done to a video; `answer` is the child's, `source` the gate's view where it had one."""
    did = []
    source_s = float(answer["source_s"]) or (source.duration_s if source else 0.0)
    if start_s or source_s > made.duration_s + _LITTLE_S or (is_cut and not source_s):
        did.append(say("used {start}–{end}", start=moment(start_s), end=moment(start_s + made.duration_s)))
    if answer["slowed_from_s"]:
        lengths = {"before": f"{answer['slowed_from_s']:.1f}", "after": f"{made.duration_s:.1f}"}
        did.append(say("slowed down from {before} s to {after} s", **lengths))
    if answer["rotation"]:
        did.append(say("turned upright"))
    if answer["hdr"]:
        did.append(say("HDR converted to SDR"))
    if not answer["copied"] and answer["codec"]:
        did.append(say("{codec} converted to H.264", codec=answer["codec"]))
    if [made.width, made.height] != answer["size"]:
        did.append(say("scaled to {width} × {height}", width=made.width, height=made.height))
    if source and source.size_bytes > MOST_BYTES:
        before, after = source.size_bytes / 1e6, max(1.0, made.size_bytes / 1e6)
        did.append(say("{before} MB made {after} MB", before=f"{before:.0f}", after=f"{after:.0f}"))
    if answer["rates"] and not answer["copied"]:
        before, after = answer["rates"]
        did.append(say("{before} frames a second made {after}", before=f"{before:.4g}", after=f"{after:.4g}"))
    quirks = [*source.quirks] if source else []
    if answer["deep"] and not answer["copied"] and not answer["hdr"]:
        quirks.append("unusual colours")
    if answer["interlaced"] and not answer["copied"]:
        quirks.append("interlaced")
    did += filter(None, map(_mended, dict.fromkeys(quirks)))
    if answer["sound_lost"]:
        did.append(say("sound left out"))
    return tuple(did) or (say("written anew as MP4"),)


def picture_deeds(kind: Kind, answer: Mapping[str, Any]) -> tuple[str, ...]:
    """List what was done to a picture."""
    if answer["as_is"]:
        return ()
    words = {Kind.HEIC: "HEIC", Kind.AVIF: "AVIF", Kind.TIFF: "TIFF", Kind.GIF: "GIF"}
    did = [say("{format} converted", format=words[kind])] if kind in words else []
    if answer["turned"]:
        did.append(say("picture turned upright"))
    if answer["animated"]:
        did.append(say("first frame of the animation used"))
    if answer["transparent"]:
        did.append(say("transparency filled with white"))
    if answer["scaled"]:
        width, height = answer["scaled"]
        did.append(say("picture scaled to {width} × {height}", width=width, height=height))
    return tuple(did) or (say("picture saved anew without its metadata"),)


def _mended(quirk: str) -> str:
    match quirk:
        case "unusual colours":
            return say("colours converted to 8 bit")
        case "stretched pixels":
            return say("pixels made square")
        case "interlaced":
            return say("deinterlaced")
        case "hidden pictures":
            return say("hidden parts removed")
        case "uneven frame rate":
            return say("frame rate made even")
        case _:
            return ""
