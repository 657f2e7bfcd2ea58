"""The gate for videos: accept a file as it is, or refuse it with one sentence for the person who sent it. Pure.

No native code runs here: a hostile file meets only `bot/media/magic.py` and `bot/media/boxes.py`, within a millisecond
for an ordinary file, and without reading more than its index. Pictures are judged in `bot/media/images.py`.

Limits: https://help.aliyun.com/zh/model-studio/wan-video-editing-api-reference
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO

from bot.language import say, sentences
from bot.media.boxes import Box, BoxReader, BrokenBoxesError
from bot.media.magic import HEAD_BYTES, Kind, sniff
from bot.media.tracks import Movie, VideoTrack, read_movie
from bot.media.unfit import Mendable
from bot.media.unfit import Unfit as Unfit  # whoever asks the gate catches it
from client.catalogue import MediaLimits, ModelFacts

_HIDDEN_S = 0.2  # more than rounding, and more than the frames that an encoder needs in advance
MIME_TYPES = {Kind.MP4: "video/mp4", Kind.MOV: "video/quicktime"}
FOREIGN = frozenset({Kind.THREE_GP, Kind.MATROSKA, Kind.AVI, Kind.GIF})  # films that can be written anew as MP4
CODECS = frozenset({"avc1", "avc3", "hvc1", "hev1"})
PLAIN_CODECS = frozenset({"avc1", "avc3"})
_CODEC_NAMES = {
    "vp08": "VP8", "vp09": "VP9", "av01": "AV1", "mp4v": "MPEG-4 Part 2", "s263": "H.263", "h263": "H.263",
    "dvh1": "Dolby Vision", "dvhe": "Dolby Vision", "dvav": "Dolby Vision", "dva1": "Dolby Vision",
    "vvc1": "H.266", "vvi1": "H.266", "jpeg": "Motion JPEG", "mjpa": "Motion JPEG", "mjpb": "Motion JPEG",
    "mjp2": "Motion JPEG 2000", "png ": "PNG", "rle ": "QuickTime Animation", "CFHD": "CineForm", "Hap1": "Hap",
    "ap4h": "ProRes", "ap4x": "ProRes", "apch": "ProRes", "apcn": "ProRes", "apcs": "ProRes", "apco": "ProRes",
    "AVdn": "DNxHD", "AVdh": "DNxHR",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What the header of an MP4 or MOV file says. Sides are upright, as a player shows them."""

    mime_type: str
    size_bytes: int
    duration_s: float  # of the whole file, as a player shows it
    stored_s: float  # of the pictures in it; longer where an edit list hides a part
    width: int
    height: int
    rotation: int  # degrees clockwise; 0 for most, 90 for a phone held upright
    codec: str  # four letters, as `avc1`
    frames: int
    has_sound: bool
    quirks: tuple[str, ...] = ()  # what some players and the model stumble over, as `10 bit`


def accept_video(file: BinaryIO, size_bytes: int, model: ModelFacts) -> VideoFacts:
    """Return the facts of a video that the model takes as it is; raise Unfit with every reason against it.

    `file` is open for binary reading and seekable; its position is left anywhere.
    """
    facts = inspect_video(file, size_bytes)
    if found := check_video(facts, model):
        raise Unfit(sentences(*found))
    return facts


def inspect_video(file: BinaryIO, size_bytes: int) -> VideoFacts:
    """Read what kind of video this is; raise Unfit where it is no whole MP4 or MOV with one film in it."""
    file.seek(0)
    kind = sniff(file.read(HEAD_BYTES))
    if kind not in MIME_TYPES:
        refusal = Mendable if kind in FOREIGN else Unfit
        text = say(
            "This file is {kind}; only MP4, MOV, 3GP, WebM, MKV, AVI and GIF videos can be edited.",
            kind=say(kind.value),
        )
        raise refusal(text)
    reader = BoxReader(file, size_bytes)
    try:
        index, media_bytes = _index(reader)
        movie = read_movie(reader, index)
    except BrokenBoxesError as exc:
        raise Unfit(export_again(say("The video's index is damaged, so it cannot be read"))) from exc
    film = _film(movie)
    if film.last_chunk_at >= size_bytes or film.picture_bytes > media_bytes:
        raise _broken_off()
    if film.rotation is None:
        raise Mendable(export_again(say("The video is turned by an angle that is no quarter turn")))
    lying = film.rotation in (90, 270)
    shown_s = movie.duration_s or film.duration_s
    return VideoFacts(
        mime_type=MIME_TYPES[kind],
        size_bytes=size_bytes,
        duration_s=shown_s,
        stored_s=film.duration_s,
        width=film.height if lying else film.width,
        height=film.width if lying else film.height,
        rotation=film.rotation,
        codec=next((codec for codec in film.codecs if codec not in CODECS), film.codecs[0]),
        frames=film.frames,
        has_sound=movie.has_sound,
        quirks=film.quirks + (("hidden pictures",) if film.duration_s > shown_s + _HIDDEN_S else ()),
    )


def is_plain(facts: VideoFacts) -> bool:
    """Say whether every player and model shows this video alike: upright H.264 with 8 bits, square pixels, no HDR."""
    return facts.codec in PLAIN_CODECS and facts.rotation == 0 and not facts.quirks


def check_video(facts: VideoFacts, model: ModelFacts) -> list[str]:
    """List everything about a video that the model does not take, each a sentence with the limit and the value."""
    found = []
    if facts.mime_type not in model.video.mime_types:
        taken = ", ".join(model.video.mime_types)
        found.append(say("The video may be {taken}, it is {found}.", taken=taken, found=facts.mime_type))
    if facts.codec not in CODECS:
        name = _codec_name(facts.codec)
        found.append(say("The video's codec is {name}, and as it is only H.264 and H.265 are taken.", name=name))
    found += length_faults(facts, model)
    return found + frame_faults(say("video"), facts.width, facts.height, facts.size_bytes, model.video)


def length_faults(facts: VideoFacts, model: ModelFacts) -> list[str]:
    """List what is wrong with a video's length."""
    found = []
    shown, stored = _seconds(facts.duration_s), _seconds(facts.stored_s)
    if not model.min_s <= facts.duration_s <= model.max_s:
        found.append(
            say(
                "The video may be {min_s}–{max_s} seconds long; this one has {found} s.",
                min_s=model.min_s,
                max_s=model.max_s,
                found=shown,
            )
        )
    elif facts.stored_s > model.max_s:
        fault = say(
            "The video shows {shown} seconds, but {stored} are still stored in the file, and {limit} is the limit",
            shown=shown,
            stored=stored,
            limit=model.max_s,
        )
        found.append(export_again(fault))
    elif facts.stored_s < model.min_s:
        found.append(
            say(
                "The video has pictures for only {seconds} seconds, and {limit} are needed.",
                seconds=stored,
                limit=model.min_s,
            )
        )
    return found


def unknown_codec(codec: str) -> str:
    """Say that a codec is none of those that can be converted."""
    return export_again(say("The video's codec is {name}, which cannot be converted", name=_codec_name(codec)))


def frame_faults(noun: str, width: int, height: int, size_bytes: int, limits: MediaLimits) -> list[str]:
    """List what is wrong with sides, shape and size, which are limited alike for videos and pictures."""
    found = []
    low, high = limits.min_side_px, limits.max_side_px
    if not (low <= width <= high and low <= height <= high):
        found.append(
            say(
                "Each side of the {noun} may have {low}–{high} pixels, it is {width} × {height}.",
                noun=noun,
                low=low,
                high=high,
                width=width,
                height=height,
            )
        )
    if width and height and not limits.min_ratio <= Fraction(width, height) <= limits.max_ratio:
        longest = max(limits.max_ratio, 1 / limits.min_ratio)
        found.append(
            say(
                "The {noun} may be at most {longest} times as long as wide, it is {width} × {height}.",
                noun=noun,
                longest=longest,
                width=width,
                height=height,
            )
        )
    if size_bytes > limits.max_bytes:
        limit = f"{limits.max_bytes / 1e6:g}"
        found.append(
            say("The {noun} may have {limit} MB, it has {found} MB.", noun=noun, limit=limit, found=_mb_up(size_bytes))
        )
    return found


def _index(reader: BoxReader) -> tuple[Box, int]:
    """Find the index among the outermost boxes, and count the bytes of pictures and sound."""
    index: Box | None = None
    media_bytes = 0
    for box in reader.top():
        if box.end > reader.size_bytes:
            if index and media_bytes and box.kind not in (b"moov", b"mdat", b"moof"):
                break  # junk that some apps append after a complete film
            raise _broken_off()
        match box.kind:
            case b"moov":
                index = index or box
            case b"mdat":
                media_bytes += box.end - box.body
            case b"moof":
                raise Mendable(export_again(say("The video is saved in fragments, as for live streaming")))
    if index is None:
        raise Unfit(
            say("The video has no index: its recording or its upload was not finished. Please upload it again.")
        )
    if not media_bytes:
        raise Unfit(export_again(say("The file holds only a video's index and no pictures")))
    return index, media_bytes


def _broken_off() -> Unfit:
    return Unfit(say("The video breaks off: the file is shorter than it says. Please upload it again."))


def _film(movie: Movie) -> VideoTrack:
    """Return the one video track that is a film; raise Unfit where there is none or a choice."""
    films = [track for track in movie.videos if track.frames > 1]
    films = [track for track in films if not track.is_slides] or films
    if len(films) == 1:
        return films[0]
    if films:
        raise Mendable(
            export_again(say("The file holds {count} videos at once, and only one can be edited", count=len(films)))
        )
    if any(track.frames for track in movie.videos):
        raise Unfit(say("The file holds a still picture and no film; please send a video."))
    if movie.videos:
        raise Unfit(export_again(say("The video has no frames")))
    if movie.has_sound:
        raise Unfit(say("The file holds only sound and no film; please send a video."))
    raise Unfit(say("The file holds no film; please send a video."))


def export_again(fault: str) -> str:
    """Say what is wrong with a video, and that exporting it again mends it."""
    return say("{fault}; please export it again as an ordinary MP4 with H.264.", fault=fault)


def _codec_name(codec: str) -> str:
    return _CODEC_NAMES.get(codec, f"“{_printable(codec)}”")


def _printable(code: str) -> str:
    return "".join(char if char.isascii() and char.isalnum() else "?" for char in code)


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}".rstrip("0").rstrip(".")


def _mb_up(size_bytes: int) -> str:
    """Say megabytes, rounded up so that a size over the limit never reads like the limit."""
    return f"{math.ceil(size_bytes / 1e5) / 10:g}"
