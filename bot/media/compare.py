"""Before and after beside each other in one film, as long as the shorter, with the result's sound. Child only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import av
from av.filter import Graph
from av.video.frame import PictureType, VideoFrame

from bot.media.film import look_at, open_film, pictures, sound
from bot.media.filters import joined, pulled
from bot.media.sound import Sound
from bot.media.transcode import new_film
from bot.media.unfit import Unfit

_HEIGHT_PX = 360
_WIDEST_PX = 640
_MOST_S = 10


def beside_each_other(details: dict[str, Any], _progress: Callable[[float], None]) -> dict[str, Any]:
    """Write source and result, each at most 640 × 360, into one film; both are shown in the result's shape."""
    look = look_at(details["result"], details["result_demuxer"])
    scale = min(_HEIGHT_PX / look.height, _WIDEST_PX / look.width)
    width, height = (max(2, round(side * scale / 2) * 2) for side in (look.width, look.height))
    before = _leg(details["source"], details["source_demuxer"], look.rate, width, height)
    after = _leg(details["result"], details["result_demuxer"], look.rate, width, height)
    with av.open(details["out"], "w", format="mp4", options={"movflags": "+faststart"}) as out:
        film = new_film(out, look.rate, width * 2, height)
        with open_film(details["result"], details["result_demuxer"]) as result:
            track = sound(result)
            heard = Sound(out, track, Fraction(0)) if track else None
            count = 0
            graph: Graph | None = None
            for left, right in zip(before, after, strict=False):
                graph = graph or _stack(left)
                for leg, frame in enumerate((left, right)):
                    frame.pts, frame.time_base = count, 1 / look.rate
                    graph.push(frame, at=leg)
                made = graph.vpull()
                made.pts, made.time_base, made.pict_type = count, 1 / look.rate, PictureType.NONE
                out.mux(film.encode(made))
                count += 1
                if count >= _MOST_S * look.rate:
                    break
            if not count:
                raise Unfit("The videos have no pictures that can be decoded.")
            out.mux(film.encode())
            if track and heard:
                for frame_of_sound in result.decode(track):
                    heard.add(frame_of_sound)
                heard.close(float(count / look.rate))
    return {"frames": count}


def _leg(source: str, demuxer: str, rate: Fraction, width: int, height: int) -> Iterator[VideoFrame]:
    """Decode a film at this rate, within this size and in its own shape."""
    way = [
        ("scale", f"{width}:{height}:force_original_aspect_ratio=decrease:force_divisible_by=2"),
        ("format", "yuv420p"),
        ("fps", f"fps={rate}:start_time=0"),  # it holds two pictures back, which should be small ones
        ("pad", f"{width}:{height}:-1:-1"),
        ("setsar", "1"),
    ]
    with open_film(source, demuxer) as container:
        film = pictures(container)
        graph: Graph | None = None
        for frame in container.decode(film):
            turn = {270: [("transpose", "clock")], 180: [("hflip", ""), ("vflip", "")], 90: [("transpose", "cclock")]}
            graph = graph or joined(frame, [*turn.get(frame.rotation % 360, []), *way])
            graph.vpush(frame)
            yield from pulled(graph)
        if graph:
            graph.vpush(None)
            yield from pulled(graph)


def _stack(frame: VideoFrame) -> Graph:
    graph = Graph()
    stack = graph.add("hstack", "inputs=2")
    for leg in range(2):
        graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base, name=f"leg{leg}"
        ).link_to(stack, 0, leg)
    stack.link_to(graph.add("buffersink"))
    graph.configure()
    return graph
