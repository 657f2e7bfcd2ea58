"""Films in the child process: open one with a forced demuxer, and look at its first picture.

Not here: how it is copied (`bot/media/remux.py`), encoded (`bot/media/transcode.py`), and which of both is done
(`bot/media/mend.py`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.codec import CodecContext
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from bot.media.geometry import Limits
from bot.media.tone import HLG, PQ
from bot.media.unfit import Unfit

CODECS = frozenset({
    "h264", "hevc", "vp8", "vp9", "av1", "libdav1d", "mpeg4", "msmpeg4v3", "h263", "prores", "mjpeg", "gif",
})  # fmt: skip
SOUNDS = frozenset({
    "aac", "mp3", "mp3float", "opus", "libopus", "vorbis", "ac3", "eac3", "flac", "alac", "amrnb", "amrwb",
    "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_f32le", "pcm_u8", "pcm_alaw", "pcm_mulaw",
    "adpcm_ms", "adpcm_ima_wav", "adpcm_ima_qt",
})  # fmt: skip
_NAMES = {
    "hevc": "H.265", "vp8": "VP8", "vp9": "VP9", "av1": "AV1", "libdav1d": "AV1", "mpeg4": "MPEG-4", "h263": "H.263",
    "msmpeg4v3": "DivX", "prores": "ProRes", "mjpeg": "Motion JPEG", "gif": "GIF",
}  # fmt: skip
MOST_PIXELS = 8192 * 4608  # of one picture; 8K
LARGE_PIXELS = 2560 * 1600
MOST_RATE = 30  # Wan makes 30 a second, whatever it is given
LEAST_RATE = 10
THREADS = min(4, (os.cpu_count() or 1) + 1)  # as FFmpeg itself would choose, but each one more needs more memory
_PATIENCE = 400  # packets that may pass before the first picture


@dataclass(frozen=True, slots=True)
class VideoOrder:
    """What is asked for: the part of the source that begins at `start_s` and has at most `length_s`."""

    source: str
    out: str
    demuxer: str
    start_s: float
    length_s: float
    is_cut: bool  # a person gave the part, so it must be exact
    may_copy: bool
    min_s: float
    limits: Limits
    slow_to_s: float = 0.0  # a film that is shorter than `min_s` is slowed down to this length; 0: it is not


@dataclass(frozen=True, slots=True)
class Look:
    """What the first picture shows; sides are upright and with square pixels."""

    codec: str  # the decoder's name
    width: int
    height: int
    rotation: int  # degrees clockwise that a player turns it
    transfer: int
    is_plain: bool  # 8 bits, 4:2:0, square pixels, whole pictures
    is_deep: bool  # more than 8 bits
    is_interlaced: bool
    rate: Fraction  # of the film that we make
    halved_rate: Fraction | None  # the source's own, where ours is less; None also where it has no steady one
    length_s: float  # of the whole source, 0 where it does not say
    has_unknown_sound: bool  # which cannot be kept

    @property
    def codec_name(self) -> str:
        """Return how people call the codec; nothing for H.264, which is what we make."""
        return _NAMES.get(self.codec, "")

    @property
    def is_large(self) -> bool:
        """Say whether a single picture takes so much memory that few must be under way at once."""
        return self.width * self.height > LARGE_PIXELS

    @property
    def is_hdr(self) -> bool:
        """Say whether the colours must be mapped to be seen on an ordinary screen."""
        return self.transfer in (PQ, HLG)


@contextmanager
def open_film(source: str, demuxer: str) -> Iterator[InputContainer]:
    """Open a film as the kind that its first bytes say, whatever else FFmpeg might see in it."""
    options = {
        "max_pixels": str(MOST_PIXELS), "protocol_whitelist": "file", "format_whitelist": demuxer,
        "enable_drefs": "0", "probesize": "5000000", "analyzeduration": "3000000",
    }  # fmt: skip
    if "mov" not in demuxer:
        del options["enable_drefs"]
    with av.open(source, format=demuxer.split(",")[0], options=options, metadata_errors="replace") as container:
        yield container


def pictures(container: InputContainer) -> VideoStream:
    """Return the film among the streams: the one with the most pictures that is no cover; raise Unfit without one.

    It is decoded by several threads, but large pictures one at a time: each under way takes 12 MB in 4K, and HDR 31.
    """
    films = [
        stream for stream in container.streams.video
        if not int(stream.disposition) & int(Disposition.attached_pic)
    ]  # fmt: skip
    if not films:
        raise Unfit("The file holds no film; please send a video.")
    film = max(films, key=lambda stream: (bool(int(stream.disposition) & int(Disposition.default)), stream.frames))
    name = codec_name(film)
    if name not in CODECS:
        raise Unfit(
            "The video's codec is {name}, which is not taken; please export it again as MP4 with H.264.", name=name
        )
    is_large = film.width * film.height > LARGE_PIXELS
    film.thread_type = "SLICE" if is_large else "AUTO"
    film.thread_count = THREADS
    if is_large and name == "libdav1d":
        film.codec_context.options = {"max_frame_delay": "1"}
    return film


def sound(container: InputContainer) -> AudioStream | None:
    """Return the first sound that can be read, where there is one."""
    return next((track for track in container.streams.audio if codec_name(track) in SOUNDS), None)


def codec_name(stream: Stream) -> str:
    """Return the decoder's name; one that nothing can decode has none, and crashes (PyAV #2344)."""
    context: object = stream.codec_context
    return context.name if isinstance(context, CodecContext) else "unknown"


def look_at(source: str, demuxer: str) -> Look:
    """Decode the first picture and tell what the film is like."""
    with open_film(source, demuxer) as container:
        film = pictures(container)
        frame = _first(container, film)
        context = film.codec_context
        shape = film.sample_aspect_ratio or Fraction(1)
        wide, high = _squared(frame.width, frame.height, shape if Fraction(1, 8) <= shape <= 8 else Fraction(1))
        rotation = -frame.rotation % 360
        if rotation in (90, 270):
            wide, high = high, wide
        plain = frame.format.name == "yuv420p" and shape == 1 and not frame.interlaced_frame
        return Look(
            codec=context.name,
            width=wide,
            height=high,
            rotation=rotation,
            transfer=int(frame.color_trc),
            is_plain=plain,
            is_deep=frame.format.components[0].bits > 8,
            is_interlaced=bool(frame.interlaced_frame),
            rate=_rate(film),
            halved_rate=_halved_rate(film),
            length_s=(container.duration or 0) / av.time_base,
            has_unknown_sound=bool(container.streams.audio) and sound(container) is None,
        )


def counted_s(source: str, demuxer: str, enough_s: float) -> float:
    """Tell how long the pictures last by reading their times, undecoded; stop where that is enough."""
    end_s = 0.0
    with open_film(source, demuxer) as container:
        film = pictures(container)
        base = film.time_base or Fraction(1)
        begin, usual = film.start_time or 0, 1 / _rate(film) / base
        with suppress(av.error.InvalidDataError):  # what comes before the damage counts
            for packet in container.demux(film):
                moment = packet.dts if packet.pts is None else packet.pts
                if packet.size == 0 or moment is None:
                    continue
                end_s = max(end_s, float((moment - begin + (packet.duration or usual)) * base))
                if end_s > enough_s:
                    break
    return end_s


def _first(container: InputContainer, film: VideoStream) -> VideoFrame:
    for number, packet in enumerate(container.demux(film)):
        try:
            for frame in packet.decode():
                return frame
        except av.error.InvalidDataError:
            pass  # a damaged beginning; the next picture may be whole
        if number > _PATIENCE:
            break
    raise Unfit("The video has no picture that can be decoded; please export it again as MP4 with H.264.")


def _squared(width: int, height: int, shape: Fraction) -> tuple[int, int]:
    """Return the size with square pixels, by stretching the side that is too short."""
    return (round(width * shape), height) if shape >= 1 else (width, round(height / shape))


def _rate(film: VideoStream) -> Fraction:
    """Choose the rate of our film: the source's own, its half where that is more than is needed, or the most."""
    rate = Fraction(film.guessed_rate or film.average_rate or MOST_RATE)
    if rate > 240:  # a clock's rate, not that of the pictures
        rate = Fraction(film.average_rate or MOST_RATE)
    if rate > 240:
        return Fraction(MOST_RATE)
    while rate > MOST_RATE:
        rate = rate / 2 if rate >= 1.5 * MOST_RATE else Fraction(MOST_RATE)  # phones write 30.02 a second
    return max(rate, Fraction(LEAST_RATE)).limit_denominator(1001)


def _halved_rate(film: VideoStream) -> Fraction | None:
    """Return the source's rate where it is too high, and the pictures really come at it."""
    rate, average = film.guessed_rate, film.average_rate
    is_steady = rate and average and abs(rate - average) * 20 < rate
    return Fraction(rate) if rate and is_steady and rate > _rate(film) else None


def remove(path: str) -> None:
    """Delete what a given-up attempt has written."""
    Path(path).unlink(missing_ok=True)
