"""A few tiny pictures of a film, in the child process, by which results are judged (`bot/media/result.py`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import av

from bot.media.film import open_film, pictures, sound

SIDE = 16
COLOURS = 4
_EVERY_S = 0.5
_MOST = 40


def sample_film(details: dict[str, Any], _progress: Callable[[float], None]) -> dict[str, Any]:
    """Return 16 × 16 greys and 4 × 4 colours, in hexadecimal, for every half second, and whether there is sound."""
    greys: list[str] = []
    colours: list[str] = []
    with open_film(details["source"], details["demuxer"]) as container:
        film = pictures(container)
        for frame in container.decode(film):
            if len(greys) >= _MOST:
                break
            if (frame.time or 0.0) >= len(greys) * _EVERY_S - 0.001:
                greys.append(_plane(frame.reformat(width=SIDE, height=SIDE, format="gray"), 0).hex())
                coarse = frame.reformat(width=COLOURS, height=COLOURS, format="yuv444p")
                colours.append((_plane(coarse, 1) + _plane(coarse, 2)).hex())
        return {"greys": greys, "colours": colours, "sound": sound(container) is not None}


def _plane(frame: av.VideoFrame, number: int) -> bytes:
    plane = frame.planes[number]
    lines = bytes(plane)
    return b"".join(lines[at : at + plane.width] for at in range(0, plane.height * plane.line_size, plane.line_size))
