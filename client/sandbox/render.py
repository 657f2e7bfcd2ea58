"""Decode, filter, stamp and encode: from a source and a list of effects to a finished MP4.

H.264 (yuv420p, faststart) with the source's sound as AAC, as long as the source or cut to the seconds asked for.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av

from client.sandbox.chain import Chain, Size
from client.sandbox.effects import Effect
from client.sandbox.placed import stamp
from client.sandbox.probe import JobError, Source
from client.sandbox.variation import Variation

# https://help.aliyun.com/zh/model-studio/wan-video-editing-api-reference : sizes for a given ratio
_SIZES: dict[str, dict[str, Size]] = {
    "720P": {"16:9": (1280, 720), "9:16": (720, 1280), "1:1": (960, 960), "4:3": (1104, 832), "3:4": (832, 1104)},
    "1080P": {
        "16:9": (1920, 1080),
        "9:16": (1080, 1920),
        "1:1": (1440, 1440),
        "4:3": (1648, 1248),
        "3:4": (1248, 1648),
    },
}
_TURNS = {90: "cclock", -90: "clock", 270: "clock", -270: "cclock"}
_SAMPLE_RATE = 44_100
_AAC_FRAME_S = Fraction(1024, _SAMPLE_RATE)


@dataclass(frozen=True)
class Shape:
    """The size of the result, and the size to work at: effects cost time, so small sources are enlarged at the end."""

    result: Size
    work: Size

    @classmethod
    def of(cls, source: Source, resolution: str, ratio: str | None) -> "Shape":
        """Choose the sizes: by the table for a given ratio, else the source's shape at the same number of pixels."""
        table = _SIZES[resolution]
        budget = math.prod(table["16:9"])
        if ratio is not None:
            result = table[ratio]
        else:
            stretch = math.sqrt(budget / (source.width * source.height))
            result = (_even(source.width * stretch), _even(source.height * stretch))
        shrink = min(1.0, max(source.width / result[0], source.height / result[1]))
        return cls(result, (_even(result[0] * shrink), _even(result[1] * shrink)))


def render(
    source: Source,
    effects: Sequence[Effect],
    variation: Variation,
    shape: Shape,
    *,
    seconds: float,
    watermark: bool,
    out: Path,
) -> float:
    """Write the edited video to `out` and return its length in seconds."""
    count = max(1, round(seconds * source.rate))
    # the cap is for grain and noise, which would fill any file
    options = {"preset": "ultrafast", "crf": "22", "maxrate": "8M", "bufsize": "8M"}
    with av.open(str(out), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=source.rate, options=options)
        stream.width, stream.height, stream.pix_fmt = *shape.result, "yuv420p"
        sound = container.add_stream("aac", rate=_SAMPLE_RATE, layout="stereo") if source.has_sound else None
        frames = _edited(source, effects, variation, shape, count, watermark, out.parent)
        for number, frame in enumerate(islice(frames, count)):
            frame.pts, frame.time_base, frame.pict_type = number, 1 / source.rate, 0
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if sound is not None:
            for piece in _sound(source.path, count / source.rate):
                container.mux(sound.encode(piece))
            container.mux(sound.encode())
    return float(count / source.rate)


def _edited(
    source: Source,
    effects: Sequence[Effect],
    variation: Variation,
    shape: Shape,
    count: int,
    watermark: bool,
    folder: Path,
) -> Iterator[av.VideoFrame]:
    with av.open(str(source.path), format="mov") as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        frames = container.decode(stream)
        first = next(frames)
        chain = Chain.start(first, rate=source.rate, frames=count, folder=folder)
        _frame_up(chain, source, shape)
        for effect in effects:
            effect.apply(chain, variation)
        chain.then("lutyuv", f"y=clip(val*{variation.exposure:.4f},minval,maxval)")
        chain.resize(shape.result, chain.enlarge)
        stamp(chain, watermark=watermark)
        chain.then("format", "yuv420p")
        yield from chain.run(_whole(first, frames))


def _whole(first: av.VideoFrame, rest: Iterator[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    yield first
    try:
        yield from rest
    except av.InvalidDataError as error:
        raise JobError("InvalidFile.Content", "The video cannot be decoded to its end.") from error


def _frame_up(chain: Chain, source: Source, shape: Shape) -> None:
    """Bring every source to the same ground: upright, square pixels, even rate, the shape of the result."""
    chain.then("setpts", "PTS-STARTPTS").then("fps", f"{source.rate}")
    chain.then("tpad", "stop_mode=clone:stop_duration=2")  # the last frame must not end before the track does
    if source.rotation in _TURNS:
        chain.then("transpose", _TURNS[source.rotation])
    elif source.rotation % 360:
        chain.then("hflip").then("vflip")
    width, height = shape.work
    fill = max(width / source.width, height / source.height)
    chain.resize((max(width, _even(source.width * fill)), max(height, _even(source.height * fill))))
    chain.then("crop", f"{width}:{height}").then("setsar", "1")
    chain.size = shape.work


def _sound(path: Path, seconds: Fraction) -> Iterator[av.AudioFrame]:
    """The sound track from its start, never longer than the film once the encoder has added its own frame."""
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=_SAMPLE_RATE, frame_size=1024)
    whole = max(1, int(seconds / _AAC_FRAME_S) - 1)
    with av.open(str(path), format="mov") as container:
        pieces = (piece for frame in container.decode(audio=0) for piece in resampler.resample(frame))
        for number, piece in enumerate(islice(pieces, whole)):
            piece.pts, piece.time_base = number * 1024, Fraction(1, _SAMPLE_RATE)
            yield piece


def _even(side: float) -> int:
    return max(2, round(side / 2) * 2)
