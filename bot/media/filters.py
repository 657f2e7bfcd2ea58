"""The way of decoded pictures through FFmpeg's filters: upright, even, in SDR and of the right size. Child only."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.filter import Graph
from av.video.frame import VideoFrame

from bot.media.film import Look
from bot.media.geometry import Canvas
from bot.media.tone import cube

_TURNS = {90: [("transpose", "clock")], 180: [("hflip", ""), ("vflip", "")], 270: [("transpose", "cclock")]}
_DRAINED = (av.error.BlockingIOError, av.error.EOFError)


def fitting(
    frames: Iterator[VideoFrame | AudioFrame], look: Look, canvas: Canvas, start_s: Fraction
) -> Iterator[VideoFrame | AudioFrame]:
    """Take pictures through the filters, which are joined for the first of them; sound passes by."""
    graph: Graph | None = None
    for frame in frames:
        if isinstance(frame, AudioFrame):
            yield frame
            continue
        frame.pts = (frame.pts or 0) - round(start_s / (frame.time_base or 1))
        graph = graph or joined(frame, _way(frame, look, canvas))
        graph.vpush(frame)
        del frame  # a large one counts while the next is made
        yield from pulled(graph)
    if graph:
        graph.vpush(None)
        yield from pulled(graph)


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


def pulled(graph: Graph) -> Iterator[VideoFrame]:
    """Take from the filters what they have ready."""
    while True:
        try:
            yield graph.vpull()
        except _DRAINED:
            return


def _way(frame: VideoFrame, look: Look, canvas: Canvas) -> list[tuple[str, str]]:
    """List the filters that make this source's pictures fit; they are scaled early, and turned while they lie."""
    lying = look.rotation in (90, 270)
    size = f"{canvas.height}:{canvas.width}" if lying else f"{canvas.width}:{canvas.height}"
    way = [("bwdif", "mode=send_frame")] if frame.interlaced_frame else []
    even = ("fps", f"fps={look.rate}:start_time=0")  # it holds two pictures back, which should be small ones
    if not look.is_large:
        way.append(even)
    if look.is_hdr:
        Path("hdr.cube").write_text(cube(look.transfer), encoding="ascii")
        way += [
            ("scale", f"{size}:in_color_matrix=bt2020"),
            ("format", "gbrp10le"),
            ("lut3d", "file=hdr.cube"),
            ("scale", "out_color_matrix=bt709:out_range=tv"),
            ("setparams", "color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"),
        ]
    else:
        way.append(("scale", f"{size}:out_range=tv"))
    way.append(("format", "yuv420p"))
    if look.is_large:
        way.append(even)
    way += _TURNS.get(look.rotation, [])
    if (canvas.frame_width, canvas.frame_height) != (canvas.width, canvas.height):
        way.append(("pad", f"{canvas.frame_width}:{canvas.frame_height}:-1:-1"))
    return [*way, ("setsar", "1")]
