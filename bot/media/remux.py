"""Copy the pictures and the sound of a film into a new MP4, without decoding them, where that is enough. Child only.

A copy begins at the source's beginning: any other start would keep hidden pictures behind an edit list.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import av

from bot.media.disk import is_full
from bot.media.film import Look, VideoOrder, open_film, pictures, remove, sound

_SHORTFALL_S = 0.4  # a copy ends where pictures need none of the later ones, mostly a few frames early
_MOST_BYTES = 95_000_000


@dataclass(frozen=True, slots=True)
class _Picture:
    """One coded picture by its times, in the order of decoding."""

    shown: int
    ends: int
    size_bytes: int
    is_key: bool


def copy(order: VideoOrder, look: Look) -> float | None:
    """Write the copy and return its length in seconds; None where a copy would not do."""
    if order.start_s or look.codec != "h264" or not look.is_plain or look.rotation or look.is_hdr:
        return None
    if not order.limits.allow(look.width, look.height) or look.width % 2 or look.height % 2:
        return None
    with open_film(order.source, order.demuxer) as source:
        film, track = pictures(source), sound(source)
        if (track and track.codec_context.name != "aac") or (source.streams.audio and not track):
            return None
        base = film.time_base or Fraction(1)
        read = _read(source, film, order.length_s)
        kept = _whole(read, order.length_s, base)
        if kept is None or not _is_good(read[:kept], order, base, complete=kept == len(read)):
            return None
    end_s = float(max(picture.ends for picture in read[:kept]) * base)
    try:
        _write(order, kept, end_s)
    except av.error.FFmpegError as exc:
        if is_full(exc):
            raise
        remove(order.out)  # the new file's rules may forbid what the old one did; encoding still helps
        return None
    return end_s


def _read(source: av.container.InputContainer, film: av.VideoStream, length_s: float) -> list[_Picture]:
    """List the pictures up to a little after the end, which is as far as a copy can reach."""
    found: list[_Picture] = []
    base = film.time_base or Fraction(1)
    for packet in source.demux(film):
        if packet.pts is None or packet.size == 0:
            continue
        found.append(_Picture(packet.pts, packet.pts + (packet.duration or 0), packet.size, packet.is_keyframe))
        if packet.pts * base > length_s + 2:
            break
    return found


def _whole(read: list[_Picture], length_s: float, base: Fraction) -> int | None:
    """Count the pictures, in the order of decoding, that make a film of at most `length_s` without a gap in it."""
    if not read:
        return None
    following = [2**62] * (len(read) + 1)  # the earliest moment that is shown by a later picture
    for at in range(len(read) - 1, -1, -1):
        following[at] = min(following[at + 1], read[at].shown)
    best, latest, end = None, -(2**62), -(2**62)
    for at, picture in enumerate(read):
        latest, end = max(latest, picture.shown), max(end, picture.ends)
        if end * base > length_s:
            break
        if latest < following[at + 1]:
            best = at + 1
    return best


def _is_good(kept: list[_Picture], order: VideoOrder, base: Fraction, *, complete: bool) -> bool:
    """Say whether the copy would be long enough, even, small and without hidden pictures."""
    end_s = float(max(picture.ends for picture in kept) * base)
    missing_s = 0.0 if complete else order.length_s - end_s
    spans = sorted(picture.ends - picture.shown for picture in kept)
    usual = spans[len(spans) // 2]
    odd = sum(not usual <= 2 * span <= 4 * usual for span in spans)
    return (
        kept[0].is_key
        and 0 <= min(picture.shown for picture in kept) * base < 0.1
        and missing_s <= (0.02 if order.is_cut else _SHORTFALL_S)
        and usual > 0
        and odd * 20 <= len(spans)
        and sum(picture.size_bytes for picture in kept) <= _MOST_BYTES
    )


def _write(order: VideoOrder, kept: int, end_s: float) -> None:
    with (
        open_film(order.source, order.demuxer) as source,
        av.open(order.out, "w", format="mp4", options={"movflags": "+faststart"}) as out,
    ):
        film, track = pictures(source), sound(source)
        new_film = out.add_stream_from_template(film)
        new_film.metadata.clear()  # it may say where the film was made
        new_track = out.add_stream_from_template(track) if track else None
        if new_track:
            new_track.metadata.clear()
        left = kept
        for packet in source.demux(*(stream for stream in (film, track) if stream)):
            if packet.pts is None or packet.size == 0:
                continue
            if packet.stream is film:
                left -= 1
                if left >= 0:
                    packet.stream = new_film
                    out.mux(packet)
            elif new_track and (packet.pts + (packet.duration or 0)) * packet.time_base <= end_s:
                packet.stream = new_track
                out.mux(packet)
            if left < 0 and packet.pts * packet.time_base > end_s + 2:
                break
