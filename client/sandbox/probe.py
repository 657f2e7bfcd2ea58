"""Look at the media of a job as the service would: open it for real and hold it to the documented limits.

Runs in the engine's process only. Limits: https://help.aliyun.com/zh/model-studio/wan-video-editing-api-reference
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from PIL import Image, ImageOps, UnidentifiedImageError

SECONDS = (2.0, 10.0)
VIDEO_SIDES = (240, 4096)
IMAGE_SIDES = (240, 8000)
STEEPEST = 8.0  # the longer side at most eight times the shorter
VIDEO_BYTES = 100_000_000
IMAGE_BYTES = 20_000_000
_IMAGE_FORMATS = ("JPEG", "PNG", "BMP", "WEBP")
_SLACK_S = 0.05  # an AAC frame and a rounded container time are no fault of the person's


class JobError(Exception):
    """The job cannot be done; `code` and `message` go into the FAILED task."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Source:
    """A video that has been looked at. Sides are as shown: after rotation, with square pixels."""

    path: Path
    width: int
    height: int
    seconds: float
    rate: Fraction
    rotation: int
    has_sound: bool


def probe_video(path: Path) -> Source:
    """Open a video (MP4 or MOV, whatever its name says) and check it. Raises JobError."""
    if path.stat().st_size > VIDEO_BYTES:
        raise JobError("InvalidFile.Size", "The video is larger than 100 MB.")
    try:
        source = _open(path)
    except (av.FFmpegError, StopIteration, IndexError, ValueError) as error:
        raise JobError("InvalidFile.Format", "The video cannot be read as MP4 or MOV.") from error
    if _last_moment(path) < source.seconds - 0.5:
        raise JobError("InvalidFile.Content", "The video breaks off: a part of the file is missing.")
    _check_sides("video", (source.width, source.height), VIDEO_SIDES, "InvalidFile.Resolution")
    if not SECONDS[0] - _SLACK_S <= source.seconds <= SECONDS[1] + _SLACK_S:
        raise JobError(
            "InvalidFile.Duration", f"The video lasts {source.seconds:.2f} s; it must be between 2 and 10 seconds."
        )
    return source


def open_picture(path: Path, number: int) -> Image.Image:
    """Open reference image `number` (from 1), upright and RGB, and check it. Raises JobError."""
    if path.stat().st_size > IMAGE_BYTES:
        raise JobError("InvalidFile.Size", f"Reference image {number} is larger than 20 MB.")
    try:
        with Image.open(path, formats=_IMAGE_FORMATS) as raw:
            _check_sides(f"reference image {number}", raw.size, IMAGE_SIDES, "InvalidImageResolution")
            raw.draft("RGB", (2048, 2048))
            return ImageOps.exif_transpose(raw).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise JobError("InvalidImageFormat", f"Reference image {number} is not a JPEG, PNG, BMP or WEBP.") from error


def _open(path: Path) -> Source:
    # The demuxer is forced: a playlist named .mp4 would make FFmpeg open other files.
    with av.open(str(path), format="mov") as container:
        stream = container.streams.video[0]
        frame = next(container.decode(stream))
        turned = frame.rotation % 180 != 0
        ratio = stream.sample_aspect_ratio or Fraction(1)
        width, height = round(frame.width * ratio), frame.height
        length = stream.duration * stream.time_base if stream.duration and stream.time_base else Fraction(0)
        seconds = float(length) or (container.duration or 0) / av.time_base
        return Source(
            path=path,
            width=height if turned else width,
            height=width if turned else height,
            seconds=seconds,
            rate=_calm(stream.guessed_rate or stream.average_rate),
            rotation=frame.rotation,
            has_sound=bool(container.streams.audio),
        )


def _last_moment(path: Path) -> float:
    """Where the pictures really end, in seconds: the header of a file that was cut off still promises all of them."""
    with av.open(str(path), format="mov") as container:
        start, end = math.inf, 0.0
        for packet in container.demux(video=0):
            if packet.pts is not None and packet.size:
                start = min(start, float(packet.pts * packet.time_base))
                end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    return end - min(start, end)


def _calm(rate: Fraction | None) -> Fraction:
    """The output's frames a second: the source's where it is ordinary, else 30."""
    return rate if rate and 8 <= rate <= 30 else Fraction(30)


def _check_sides(what: str, size: tuple[int, int], limits: tuple[int, int], code: str) -> None:
    shape = f"{size[0]}x{size[1]}"
    if min(size) < limits[0] or max(size) > limits[1]:
        raise JobError(code, f"The {what} is {shape}; each side must have {limits[0]} to {limits[1]} pixels.")
    if max(size) > STEEPEST * min(size):
        raise JobError("InvalidFile.AspectRatio", f"The {what} is {shape}; the shape must be between 1:8 and 8:1.")
