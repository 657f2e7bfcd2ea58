"""Decode a part of a film and encode it anew: upright, even, H.264 and AAC, within the limits. Child only.

What is done to each picture stands in `bot/media/filters.py`, and what becomes of the sound in `bot/media/sound.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from fractions import Fraction

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from bot.media.ahead import ahead
from bot.media.film import THREADS, Look, VideoOrder, open_film, pictures, sound
from bot.media.filters import fitting
from bot.media.geometry import Canvas, fit_canvas
from bot.media.sound import Sound

Progress = Callable[[float], None]

_AHEAD = 3  # pictures that wait for the next worker
# Ten seconds stay under 60 MB. Without B pictures a film needs no edit list, and its index tells its length exactly.
_ENCODER = {"preset": "veryfast", "crf": "20", "maxrate": "40M", "bufsize": "40M", "bf": "0"}
_FRUGAL = {"tune": "zerolatency", "weightp": "0"}  # pictures that the encoder keeps are most of its memory
_EARLIER_S = 0.5  # where a seek aims: an index knows the order of decoding better than that of showing
_MOST_DAMAGE = 500  # packets that may be broken before we give up
_AFTER = 600  # packets read for their sound after the last picture
_TELL_EVERY = 10  # pictures
_BT709 = 1  # ITU-T H.273 §8


def encode(order: VideoOrder, look: Look, progress: Progress, slow: Fraction = Fraction(1)) -> float:
    """Write the film to `out` and return the length of its pictures in seconds.

    Decoding, filtering and encoding go on at the same time, each a few pictures ahead of the next.
    `slow` times slower it is without its sound, which nobody could listen to.
    """
    with (
        open_film(order.source, order.demuxer) as source,
        av.open(order.out, "w", format="mp4", options={"movflags": "+faststart"}) as out,
    ):
        film, track = pictures(source), sound(source)
        begins_s = Fraction(film.start_time or 0) * (film.time_base or 1)
        start_s = (begins_s + Fraction(order.start_s)) * slow
        canvas = fit_canvas(look.width, look.height, order.limits)
        shown = Pictures(out, look, canvas, order.length_s)
        heard = Sound(out, track, start_s) if track and slow == 1 else None
        if order.start_s:
            _seek(source, film, start_s)
        decoded = _slowed(_decoded(source, film, track, shown, heard, order.length_s), slow)
        with (
            nullcontext(decoded) if look.is_large else ahead(decoded, _AHEAD) as coming,
            ahead(fitting(coming, look, canvas, start_s), 1 if look.is_large else _AHEAD) as frames,
        ):
            for frame in frames:
                if isinstance(frame, VideoFrame):
                    shown.add(frame)
                    if shown.count % _TELL_EVERY == 0:
                        progress(shown.count / shown.most)
                elif heard:
                    heard.add(frame)
                if heard:
                    heard.write(shown.length_s)
        shown.close()
        if heard:
            heard.close(shown.length_s)
        return shown.length_s


def _seek(source: InputContainer, film: VideoStream, start_s: Fraction) -> None:
    at_s = max(Fraction(0), start_s - Fraction(_EARLIER_S))
    try:
        source.seek(int(at_s / (film.time_base or 1)), stream=film, backward=True)
    except av.error.FFmpegError:
        source.seek(0)  # no index: everything before the part is decoded and dropped


def _decoded(
    source: InputContainer, film: VideoStream, track: AudioStream | None, shown: Pictures, heard: Sound | None,
    length_s: float,
) -> Iterator[VideoFrame | AudioFrame]:  # fmt: skip
    """Decode what is still needed; a damaged packet is passed over, as players do."""
    damage = after = 0
    for packet in source.demux(*(stream for stream in (film, track) if stream)):
        is_picture = packet.stream is film
        if shown.full:
            after += 1
            if heard is None or heard.reached_s >= length_s or after > _AFTER:
                return
            if is_picture:
                continue
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            damage += 1
            if damage > _MOST_DAMAGE:
                return
            continue
        for frame in frames:
            if isinstance(frame, VideoFrame | AudioFrame) and frame.pts is not None:
                yield frame
        frames.clear()


def _slowed(frames: Iterator[VideoFrame | AudioFrame], slow: Fraction) -> Iterator[VideoFrame | AudioFrame]:
    for frame in frames:
        if slow != 1 and frame.time_base:
            frame.time_base *= slow
        yield frame


class Pictures:
    """Gives fit pictures to the encoder, one after the other and no more than are wanted."""

    def __init__(self, out: OutputContainer, look: Look, canvas: Canvas, length_s: float) -> None:
        self._out, self._look = out, look
        self._film = new_film(out, look.rate, canvas.frame_width, canvas.frame_height, is_frugal=look.is_large)
        self.most = int(Fraction(length_s).limit_denominator(1000) * look.rate)
        self.count = 0

    @property
    def full(self) -> bool:
        """Say whether the film is as long as it may be."""
        return self.count >= self.most

    @property
    def length_s(self) -> float:
        """Return the length so far."""
        return float(self.count / self._look.rate)

    def add(self, frame: VideoFrame) -> None:
        """Encode the next picture, if there is room for it."""
        if self.full:
            return
        if self.count == 0:
            self._tag(frame)
        frame.pts, frame.time_base = self.count, 1 / self._look.rate
        frame.pict_type = PictureType.NONE
        self._out.mux(self._film.encode(frame))
        self.count += 1

    def close(self) -> None:
        """Write what is still under way."""
        if self.count:
            self._out.mux(self._film.encode())

    def _tag(self, frame: VideoFrame) -> None:
        context = self._film.codec_context
        mapped = self._look.is_hdr
        context.colorspace = _BT709 if mapped else frame.colorspace
        context.color_primaries = _BT709 if mapped else frame.color_primaries
        context.color_trc = _BT709 if mapped else frame.color_trc


def new_film(
    out: OutputContainer, rate: Fraction, width: int, height: int, *, is_frugal: bool = False
) -> VideoStream:
    """Add a film of H.264 to a file; a frugal one needs half the memory and comes out a little larger."""
    film = out.add_stream("libx264", rate=rate, options=_ENCODER | (_FRUGAL if is_frugal else {}))
    film.width, film.height, film.pix_fmt = width, height, "yuv420p"
    film.codec_context.time_base = 1 / rate
    film.thread_type = "SLICE" if is_frugal else "FRAME"  # PyAV's own choice, slices, takes a fifth more time
    film.thread_count = 1 if is_frugal else THREADS
    return film
