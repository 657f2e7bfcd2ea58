"""Still views of a film, in the child process: a poster, and a sheet of nine pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import av
from PIL import Image

from bot.media.film import open_film, pictures
from bot.media.unfit import Unfit

POSTER_PX = 640
_POSTER_AT_S = 1.0  # the first pictures are often black
_COLUMNS = _ROWS = 3
_CELL_PX = 320


def poster(details: dict[str, Any], _progress: Callable[[float], None]) -> dict[str, Any]:
    """Save the key picture nearest to the first second as a JPEG."""
    with open_film(details["source"], details["demuxer"]) as container:
        film = pictures(container)
        if film.time_base:
            container.seek(int(_POSTER_AT_S / film.time_base), stream=film, backward=True)
        frame = next(container.decode(film), None)
        if frame is None:
            raise Unfit("The video has no picture that can be decoded.")
        _small(frame, POSTER_PX).save(details["out"], "JPEG", quality=85)
    return {}


def contact_sheet(details: dict[str, Any], _progress: Callable[[float], None]) -> dict[str, Any]:
    """Save nine pictures, spread evenly over the film, as one JPEG; the film is read once from end to end."""
    count = _COLUMNS * _ROWS
    with open_film(details["source"], details["demuxer"]) as container:
        film = pictures(container)
        length_s = (container.duration or 0) / av.time_base or 1.0
        cells: list[Image.Image] = []
        for frame in container.decode(film):
            if len(cells) < count and (frame.time or 0.0) >= (len(cells) + 0.5) * length_s / count:
                cells.append(_small(frame, _CELL_PX))
    if not cells:
        raise Unfit("The video has no picture that can be decoded.")
    width, height = cells[0].size
    sheet = Image.new("RGB", (width * _COLUMNS, height * _ROWS))
    for number, cell in enumerate(cells):
        sheet.paste(cell, (number % _COLUMNS * width, number // _COLUMNS * height))
    sheet.save(details["out"], "JPEG", quality=80)
    return {}


def _small(frame: av.VideoFrame, longest_px: int) -> Image.Image:
    scale = min(1.0, longest_px / max(frame.width, frame.height))
    small = frame.reformat(width=round(frame.width * scale), height=round(frame.height * scale), format="rgb24")
    image: Image.Image = small.to_image()  # type: ignore[no-untyped-call]  # PyAV left this one untyped
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image
