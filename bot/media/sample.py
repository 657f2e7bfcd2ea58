"""A few small grey pictures of a film, in the child process, by which results are judged (`bot/media/result.py`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.media.film import open_film, pictures, sound

SIDE = 16
_EVERY_S = 0.5
_MOST = 40


def sample_film(details: dict[str, Any], _progress: Callable[[float], None]) -> dict[str, Any]:
    """Return a picture of 16 × 16 greys, in hexadecimal, for every half second, and whether there is sound."""
    greys: list[str] = []
    with open_film(details["source"], details["demuxer"]) as container:
        film = pictures(container)
        film.thread_type = "AUTO"
        for frame in container.decode(film):
            if len(greys) >= _MOST:
                break
            if (frame.time or 0.0) >= len(greys) * _EVERY_S - 0.001:
                small = frame.reformat(width=SIDE, height=SIDE, format="gray")
                plane = small.planes[0]
                lines = bytes(plane)
                greys.append(
                    b"".join(lines[y * plane.line_size : y * plane.line_size + SIDE] for y in range(SIDE)).hex()
                )
        return {"greys": greys, "sound": sound(container) is not None}
