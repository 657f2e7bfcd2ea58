"""Decode a part of a film and encode it anew: upright, even, H.264 and AAC, within the limits. Child only.

The pictures' way goes through FFmpeg's filters (`_way`); what becomes of the sound stands in `bot/media/sound.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.filter import Graph
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from bot.media.ahead import ahead
from bot.media.film import THREADS, Look, VideoOrder, open_film, pictures, sound
from bot.media.geometry import Canvas, fit_canvas
from bot.media.sound import Sound
from bot.media.tone import cube

Progress = Callable[[float], None]

_ENCODER = {"preset": "veryfast", "crf": "20", "maxrate": "40M", "bufsize": "40M"}  # ten seconds stay under 60 MB
_EARLIER_S = 0.5  # where a seek aims: an index knows the order of decoding better than that of showing
_MOST_DAMAGE = 500  # packets that may be broken before we give up
_AFTER = 600  # packets read for their sound after the last picture
_LARGE_PIXELS = 1920 * 1088
_TELL_EVERY = 10  # pictures
_BT709 = 1  # ITU-T H.273 §8
_DRAINED = (av.error.BlockingIOError, av.error.EOFError)


def encode(order: VideoOrder, look: Look, progress: Progress) -> float:
    """Write the film to `out` and return the length of its pictures in seconds."""
    with (
        open_film(order.source, order.demuxer) as source,
        av.open(order.out, "w", format="mp4", options={"movflags": "+faststart"}) as out,
    ):
        film, track = pictures(source), sound(source)
        large = look.width * look.height > _LARGE_PIXELS
        film.thread_type = "SLICE" if large else "AUTO"  # whole pictures at once would need 50 MB more for 4K
        film.thread_count = THREADS
        begins_s = Fraction(film.start_time or 0) * (film.time_base or 1)
        start_s = begins_s + Fraction(order.start_s)
        shown = Pictures(out, look, fit_canvas(look.width, look.height, order.limits), order.length_s)
        heard = Sound(out, track, start_s) if track else None
        if order.start_s:
            _seek(source, film, start_s)
        with ahead(_decoded(source, film, track, shown, heard, order.length_s)) as frames:
            for frame in frames:
                if isinstance(frame, VideoFrame):
                    frame.pts = (frame.pts or 0) - round(start_s / (frame.time_base or 1))
                    shown.add(frame)
                    if shown.count and shown.count % _TELL_EVERY == 0:
                        progress(min(1.0, shown.count / shown.most))
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


class Pictures:
    """Takes decoded pictures through the filters, which are joined for the first of them, to the encoder."""

    def __init__(self, out: OutputContainer, look: Look, canvas: Canvas, length_s: float) -> None:
        self._out, self._look, self._canvas = out, look, canvas
        self._graph: Graph | None = None
        self._stream = new_film(out, look.rate, canvas.frame_width, canvas.frame_height)
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
        """Take the next picture of the source; its time counts from the beginning of the film that we make."""
        if self._graph is None:
            self._graph = joined(frame, _way(frame, self._look, self._canvas))
        self._graph.vpush(frame)
        self._drain()

    def close(self) -> None:
        """Write what is still under way."""
        if self._graph is not None:
            self._graph.vpush(None)
            self._drain()
        if self.count:
            self._out.mux(self._stream.encode())

    def _drain(self) -> None:
        while self._graph is not None and not self.full:
            try:
                frame = self._graph.vpull()
            except _DRAINED:
                return
            if self.count == 0:
                self._tag(frame)
            frame.pts, frame.time_base = self.count, 1 / self._look.rate
            frame.pict_type = PictureType.NONE
            self._out.mux(self._stream.encode(frame))
            self.count += 1

    def _tag(self, frame: VideoFrame) -> None:
        context = self._stream.codec_context
        mapped = self._look.is_hdr
        context.colorspace = _BT709 if mapped else frame.colorspace
        context.color_primaries = _BT709 if mapped else frame.color_primaries
        context.color_trc = _BT709 if mapped else frame.color_trc


def new_film(out: OutputContainer, rate: Fraction, width: int, height: int) -> VideoStream:
    """Add a film of H.264 to a file."""
    film = out.add_stream("libx264", rate=rate, options=_ENCODER)
    film.width, film.height, film.pix_fmt = width, height, "yuv420p"
    film.codec_context.time_base = 1 / rate
    film.thread_type = "FRAME"  # PyAV's own choice, slices, takes a quarter more time and makes larger files
    film.thread_count = THREADS
    return film


def joined(frame: VideoFrame, way: list[tuple[str, str]]) -> Graph:
    """Join filters one after the other, for pictures such as this one."""
    graph = Graph()
    graph.threads = 1
    last = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
    )
    for name, args in (*way, ("buffersink", "")):
        node = graph.add(name, args or None)
        last.link_to(node)
        last = node
    graph.configure()
    return graph


def _way(frame: VideoFrame, look: Look, canvas: Canvas) -> list[tuple[str, str]]:
    """List the filters that make this source's pictures fit."""
    way = [("bwdif", "mode=send_frame")] if frame.interlaced_frame else []
    way.append(("fps", f"fps={look.rate}:start_time=0"))
    way += {90: [("transpose", "clock")], 180: [("hflip", ""), ("vflip", "")], 270: [("transpose", "cclock")]}.get(
        look.rotation, []
    )
    if look.is_hdr:
        Path("hdr.cube").write_text(cube(look.transfer), encoding="ascii")
        way += [
            ("scale", f"{canvas.width}:{canvas.height}:in_color_matrix=bt2020"),
            ("format", "gbrp10le"),
            ("lut3d", "file=hdr.cube"),
            ("scale", "out_color_matrix=bt709:out_range=tv"),
            ("format", "yuv420p"),
            ("setparams", "color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"),
        ]
    else:
        way += [("scale", f"{canvas.width}:{canvas.height}:out_range=tv"), ("format", "yuv420p")]
    if (canvas.frame_width, canvas.frame_height) != (canvas.width, canvas.height):
        way.append(("pad", f"{canvas.frame_width}:{canvas.frame_height}:-1:-1"))
    return [*way, ("setsar", "1")]
