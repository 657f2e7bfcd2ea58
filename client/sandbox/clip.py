"""Short films and pictures that we draw ourselves: a test scene with movement and sound, and a reference picture.

They serve the demo, the tests and anybody who has no clip at hand. Nothing here knows of tasks or edits.
"""

from __future__ import annotations

import colorsys
import math
import random
from array import array
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
from PIL import Image, ImageDraw

from client.sandbox.frames import to_frame

Size = tuple[int, int]
Rgb = tuple[int, int, int]

_SAMPLE_RATE = 44_100
_AAC_FRAME_SAMPLES = 1024
_TUNE_HZ = (523.25, 659.25, 783.99, 659.25, 587.33, 698.46, 880.0, 698.46)
_NOTE_S = 0.25
_SMOOTH = 3  # everything is drawn this much larger and scaled down: Pillow's shapes have hard edges
_TURNS = 24  # pictures of the ball for one full turn


def make_clip(
    path: Path, *, seconds: float = 4.0, size: Size = (640, 360), fps: int = 30, seed: int = 0, audio: bool = True
) -> Path:
    """Write an MP4 (H.264, yuv420p, AAC) of a ball that rolls past a little house.

    The film has exactly `round(seconds * fps)` frames and its sound is never longer, so that a clip of 10 seconds
    stays within a limit of 10 seconds. The seed changes colours, places and tune. Sides must be even.
    """
    scene = _Scene.paint(size, random.Random(seed))
    frames = max(1, round(seconds * fps))
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=fps, options={"preset": "veryfast", "crf": "20"})
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        video.codec_context.time_base = Fraction(1, fps)
        sound = container.add_stream("aac", rate=_SAMPLE_RATE, layout="mono") if audio else None
        for number in range(frames):
            picture = scene.at(number / fps, number / max(1, frames - 1))
            container.mux(video.encode(to_frame(picture, number=number, rate=fps)))
        container.mux(video.encode())
        if sound is not None:
            for piece in _tune(frames / fps, seed):
                container.mux(sound.encode(piece))
            container.mux(sound.encode())
    return path


def make_picture(path: Path, *, size: Size = (480, 480), seed: int = 0) -> Path:
    """Write a reference picture (format by the suffix, no alpha): an evening sea with a sail, coloured by the seed."""
    chance = random.Random(f"picture {seed}")
    hue = (0.02 + seed * 0.27) % 1.0
    picture = _gradient(size, _hsv(hue + 0.72, 0.65, 0.42), _hsv(hue, 0.75, 1.0))
    width, height = size
    draw = ImageDraw.Draw(picture)
    horizon = round(height * 0.62)
    radius = round(min(size) * 0.14)
    middle = round(width * chance.uniform(0.35, 0.65))
    draw.ellipse(_circle(middle, horizon, radius), fill=_hsv(hue + 0.1, 0.35, 1.0))
    sea = _gradient((width, height - horizon), _hsv(hue + 0.62, 0.6, 0.5), _hsv(hue + 0.6, 0.8, 0.2))
    picture.paste(sea, (0, horizon))
    mast, foot = round(width * 0.3), round(height * 0.8)
    draw.polygon([(mast, foot), (mast, foot - height // 3), (mast + width // 5, foot)], fill=(250, 244, 232))
    draw.rectangle((mast - width // 9, foot, mast + width // 4, foot + height // 24), fill=_hsv(hue + 0.95, 0.8, 0.45))
    picture.save(path)
    return path


@dataclass(frozen=True)
class _Scene:
    """The parts of the picture, painted once; a frame is only a copy and a few pastes."""

    backdrop: Image.Image
    cloud: Image.Image
    balls: tuple[Image.Image, ...]
    ground_y: int

    @classmethod
    def paint(cls, size: Size, chance: random.Random) -> _Scene:
        hue = chance.random()
        diameter = max(8, round(min(size) * 0.2))
        return cls(
            backdrop=_landscape(size, hue, chance),
            cloud=_cloud(max(8, size[0] // 5)),
            balls=tuple(_ball(diameter, hue, turn / _TURNS) for turn in range(_TURNS)),
            ground_y=round(size[1] * 0.93),
        )

    def at(self, time_s: float, progress: float) -> Image.Image:
        """Paint the moment `time_s` of a film that has gone `progress` (0 to 1) of its way."""
        picture = self.backdrop.copy()
        width, height = picture.size
        for lane, speed in ((0.06, 0.035), (0.2, 0.06)):
            drift = (lane * 5 + time_s * speed) % 1.3 - 0.25
            picture.paste(self.cloud, (round(width * drift), round(height * lane)), self.cloud)
        side = self.balls[0].width
        x = round((width - side) * progress)
        bounce = abs(math.sin(time_s * math.pi * 1.25)) * height * 0.22
        turn = x / (math.pi * side)  # it rolls: one turn for each circumference travelled
        ball = self.balls[round(turn * _TURNS) % _TURNS]
        picture.paste(ball, (x, round(self.ground_y - side - bounce)), ball)
        return picture


def _landscape(size: Size, hue: float, chance: random.Random) -> Image.Image:
    """Sky, sun, two rows of hills, a meadow, a house and a tree."""
    width, height = size[0] * _SMOOTH, size[1] * _SMOOTH
    picture = _gradient((width, height), (88, 160, 226), (214, 236, 246))
    draw = ImageDraw.Draw(picture)
    sun_x, sun_y, sun_r = width * chance.uniform(0.72, 0.88), height * 0.2, height * 0.085
    draw.ellipse(_circle(sun_x, sun_y, sun_r), fill=(255, 221, 96))
    phase = chance.uniform(0, 6)
    for level, swing, colour in ((0.58, 0.09, (120, 168, 150)), (0.68, 0.06, (92, 158, 96))):
        bend = phase + level * 9
        ridge = [(x, height * (level + swing * math.sin(bend + x / width * 7))) for x in range(0, width + 9, 8)]
        draw.polygon([(0, height), *ridge, (width, height)], fill=colour)
    draw.rectangle((0, height * 0.84, width, height), fill=(122, 186, 92))
    draw.rectangle((0, height * 0.93, width, height), fill=(196, 170, 122))
    _house(draw, width * chance.uniform(0.12, 0.3), height * 0.84, height * 0.26, _hsv(hue + 0.45, 0.55, 0.75))
    tree_x, tree_y, crown = width * chance.uniform(0.55, 0.68), height * 0.84, height * 0.11
    draw.rectangle((tree_x - crown / 8, tree_y - crown * 1.6, tree_x + crown / 8, tree_y), fill=(110, 78, 52))
    draw.ellipse((tree_x - crown, tree_y - crown * 3, tree_x + crown, tree_y - crown), fill=(58, 124, 66))
    return picture.resize(size, Image.Resampling.BOX)


def _house(draw: ImageDraw.ImageDraw, left: float, foot: float, side: float, roof: Rgb) -> None:
    right, eaves = left + side * 1.2, foot - side * 0.65
    draw.rectangle((left, eaves, right, foot), fill=(244, 232, 208))
    ridge = ((left + right) / 2, foot - side * 1.25)
    draw.polygon([(left - side * 0.12, eaves), ridge, (right + side * 0.12, eaves)], fill=roof)
    draw.rectangle((left + side * 0.15, foot - side * 0.4, left + side * 0.4, foot), fill=(120, 82, 58))
    window = (left + side * 0.7, eaves + side * 0.15, right - side * 0.18, eaves + side * 0.42)
    draw.rectangle(window, fill=(142, 200, 232))


def _ball(diameter: int, hue: float, turn: float) -> Image.Image:
    """A beach ball, turned by `turn` of a full turn to the right."""
    side = diameter * _SMOOTH
    ball = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(ball)
    for piece in range(6):
        start = turn * 360 + piece * 60
        colour = _hsv(hue, 0.8, 0.92) if piece % 2 else (250, 246, 238)
        draw.pieslice((0, 0, side - 1, side - 1), start, start + 60, fill=colour)
    draw.ellipse((side * 0.42, side * 0.42, side * 0.58, side * 0.58), fill=_hsv(hue + 0.12, 0.7, 0.95))
    return ball.resize((diameter, diameter), Image.Resampling.BOX)


def _cloud(width: int) -> Image.Image:
    big = width * _SMOOTH
    cloud = Image.new("RGBA", (big, big // 2), (255, 255, 255, 0))
    draw = ImageDraw.Draw(cloud)
    for x, y, radius in ((0.2, 0.34, 0.13), (0.42, 0.24, 0.2), (0.66, 0.28, 0.17), (0.83, 0.36, 0.11)):
        draw.ellipse(_circle(x * big, y * big, radius * big), fill=(255, 255, 255, 235))
    return cloud.resize((width, width // 2), Image.Resampling.BOX)


def _circle(x: float, y: float, radius: float) -> tuple[float, float, float, float]:
    return x - radius, y - radius, x + radius, y + radius


def _gradient(size: Size, top: Rgb, bottom: Rgb) -> Image.Image:
    column = Image.new("RGB", (1, 2))
    column.putdata([top, bottom])
    return column.resize(size, Image.Resampling.BILINEAR, box=(0, 0.5, 1, 1.5))


def _hsv(hue: float, saturation: float, value: float) -> Rgb:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


@cache
def _note(pitch_hz: float) -> array[int]:
    """Return the samples of one struck and fading note."""
    count, turn = round(_NOTE_S * _SAMPLE_RATE), pitch_hz * math.tau / _SAMPLE_RATE
    return array("h", (round(9000 * math.exp(-4.0 * at / count) * math.sin(turn * at)) for at in range(count)))


def _tune(seconds: float, seed: int) -> list[av.AudioFrame]:
    """A music-box melody in whole AAC frames, at most as long as the film (the encoder adds one frame of its own)."""
    whole = max(1, int(seconds * _SAMPLE_RATE) // _AAC_FRAME_SAMPLES - 1)
    samples = array("h")
    number = 0
    while len(samples) < whole * _AAC_FRAME_SAMPLES:
        samples.extend(_note(_TUNE_HZ[(number * (1 + seed % 3) + seed) % len(_TUNE_HZ)]))
        number += 1
    frames = []
    for index in range(whole):
        start = index * _AAC_FRAME_SAMPLES
        frame = av.AudioFrame(format="s16", layout="mono", samples=_AAC_FRAME_SAMPLES)
        frame.planes[0].update(samples[start : start + _AAC_FRAME_SAMPLES].tobytes())
        frame.sample_rate, frame.pts, frame.time_base = _SAMPLE_RATE, start, Fraction(1, _SAMPLE_RATE)
        frames.append(frame)
    return frames
