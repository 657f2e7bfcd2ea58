"""What the local engine does to the pixels: each kind of effect, measured in the finished film."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, overload

import av
import pytest
from PIL import Image, ImageChops, ImageStat

from client.sandbox.clip import make_clip, make_picture
from client.sandbox.effects import CATALOGUE
from client.sandbox.engine import work
from client.sandbox.job import Done, Job

FPS = 8
SECONDS = 2.0
Edit = Callable[..., "Film"]


class Frames(Sequence[Image.Image]):
    """The pictures of a film; most are never looked at, so each is painted when somebody does."""

    def __init__(self, frames: list[Any]) -> None:
        self._frames = frames

    def __len__(self) -> int:
        return len(self._frames)

    @overload
    def __getitem__(self, number: int) -> Image.Image: ...
    @overload
    def __getitem__(self, number: slice) -> "Frames": ...
    def __getitem__(self, number: int | slice) -> "Image.Image | Frames":
        if isinstance(number, slice):
            return Frames(self._frames[number])
        picture: Image.Image = self._frames[number].to_image()
        return picture


class Film:
    """A finished film, decoded."""

    def __init__(self, path: Path) -> None:
        with av.open(str(path)) as container:
            self.codecs = [stream.codec_context.name for stream in container.streams]
            self.seconds = float(Fraction(container.duration or 0, av.time_base))
            self.pix_fmt = container.streams.video[0].codec_context.pix_fmt
            frames: list[Any] = list(container.decode(video=0))  # PyAV left to_image() without types
            self.frames = Frames(frames)

    @property
    def size(self) -> tuple[int, int]:
        return self.frames[0].size

    def small(self, number: int = 10, side: int = 64) -> Image.Image:
        """One frame without the label in its corner, small."""
        width, height = self.size
        return self.frames[number].crop((0, height // 6, width, height)).resize((side, side), Image.Resampling.BOX)


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of two pictures, 0 to 255."""
    means = ImageStat.Stat(ImageChops.difference(one, other)).mean
    return sum(means) / len(means)


def extremes(picture: Image.Image) -> tuple[float, float]:
    """The darkest and the brightest value."""
    (span,) = ImageStat.Stat(picture.convert("L")).extrema
    return span


def means(picture: Image.Image) -> tuple[float, float, float]:
    red, green, blue = ImageStat.Stat(picture).mean
    return red, green, blue


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("engine") / "in.mp4"
    return make_clip(path, seconds=SECONDS, size=(320, 240), fps=FPS, audio=False)


@pytest.fixture(scope="module")
def source(clip: Path) -> Film:
    return Film(clip)


@pytest.fixture(scope="module")
def edit(clip: Path) -> Edit:
    """Edit the clip; what was made before is looked at again, unless it shall be `fresh`."""
    made: dict[tuple[object, ...], Path] = {}

    def run(
        prompt: str, *, images: tuple[Path, ...] = (), seed: int = 1, fresh: bool = False, **changed: object
    ) -> Film:
        key = (prompt, images, seed, *sorted(changed.items()))
        if fresh or key not in made:
            out = clip.with_name(f"out{len(list(clip.parent.iterdir()))}.mp4")
            job = {"resolution": "720P", "ratio": None, "duration_s": 0, "watermark": False} | changed
            work(Job(str(clip), tuple(map(str, images)), prompt, seed=seed, out=str(out), **job))  # type: ignore[arg-type]  # options by name
            made[key] = out
        return Film(made[key])

    return run


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.effect.name)
def test_every_effect_changes_the_picture_and_keeps_the_length(entry: object, edit: Edit, source: Film) -> None:
    name = next(known.effect.name for known in CATALOGUE if known is entry)
    film = edit(name.partition(" (")[0])
    assert len(film.frames) == len(source.frames)
    changes = [difference(film.small(number), source.small(number)) for number in (3, 10, 15)]
    assert max(changes) > 2.0, changes


def test_a_pixelated_film_consists_of_blocks_of_one_colour(edit: Edit) -> None:
    film = edit("8-bit pixel style")
    gray = film.frames[10].convert("L").crop((0, 200, *film.size))
    width, height = gray.size
    steps = ImageChops.difference(gray.crop((0, 0, width - 1, height)), gray.crop((1, 0, width, height)))
    flat = sum(steps.histogram()[:6]) / (steps.width * steps.height)
    assert flat > 0.9  # most neighbours are alike
    assert extremes(steps)[1] > 60  # and where they are not, the step is hard


def test_black_and_white_has_no_colour(edit: Edit) -> None:
    film = edit("black and white")
    red, green, blue = film.small().split()
    assert difference(red, green) < 2
    assert difference(green, blue) < 2


def test_a_mirrored_film_is_the_film_the_other_way_round(edit: Edit, source: Film) -> None:
    film = edit("mirror")
    turned = source.small().transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert difference(film.small(), turned) < 6 < difference(film.small(), source.small())


def test_warm_is_redder_and_cold_is_bluer(edit: Edit, source: Film) -> None:
    def warmth(film: Film) -> float:
        red, _, blue = means(film.small())
        return red - blue

    assert warmth(edit("warm tone")) > warmth(source) + 15
    assert warmth(edit("cold tone")) < warmth(source) - 15


def test_sunny_is_brighter_and_night_is_darker(edit: Edit, source: Film) -> None:
    assert sum(means(edit("sunny, brighter light").small())) > sum(means(source.small())) + 20
    assert sum(means(edit("darker, night-like light").small())) < sum(means(source.small())) - 60


def test_a_negative_is_the_opposite(edit: Edit, source: Film) -> None:
    assert difference(edit("negative").small(), ImageChops.invert(source.small())) < 12


def test_stop_motion_holds_its_pictures(clip: Path, tmp_path: Path) -> None:
    quick = make_clip(tmp_path / "quick.mp4", seconds=SECONDS, size=(320, 240), fps=20)
    out = tmp_path / "out.mp4"
    work(Job(str(quick), (), "stop motion", "720P", None, 0, False, 1, str(out)))
    film = Film(out)
    steps = [difference(one, other) for one, other in pairwise(frame.resize((160, 120)) for frame in film.frames)]
    assert len(film.frames) == 40
    assert sum(step < 0.3 for step in steps) >= 19


def test_snow_falls(edit: Edit) -> None:
    film = edit("falling snow")
    assert difference(film.small(5, 256), film.small(6, 256)) > 2
    white = film.frames[10].convert("L").crop((0, 150, *film.size)).histogram()
    assert sum(white[215:]) > 500


def test_a_film_takes_the_colours_of_a_picture(edit: Edit, source: Film, tmp_path: Path) -> None:
    picture = make_picture(tmp_path / "evening.png", seed=0)
    graded = means(edit("Use the colours of the image", images=(picture,)).small())
    goal = means(Image.open(picture).convert("RGB"))

    def distance(one: tuple[float, ...]) -> float:
        return sum(abs(part - other) for part, other in zip(one, goal, strict=True))

    assert distance(graded) < 0.5 * distance(means(source.small()))


def test_a_picture_is_shown_in_the_corner_that_was_named(edit: Edit, source: Film, tmp_path: Path) -> None:
    red = tmp_path / "red.png"
    Image.new("RGB", (300, 300), (230, 10, 10)).save(red)
    film = edit("put the image in the top right corner", images=(red,))
    width, height = film.size
    inside = film.frames[10].getpixel((round(width * 0.92), round(height * 0.12)))
    assert isinstance(inside, tuple)
    assert inside[0] > 180
    assert inside[1] < 60


def test_a_text_is_written_at_the_bottom(edit: Edit, source: Film) -> None:
    film = edit('add the text "Hello"')
    width, height = film.size
    band = (round(width * 0.35), round(height * 0.85), round(width * 0.65), height)
    assert extremes(film.frames[5].crop(band))[1] > 220 > extremes(source.frames[5].resize(film.size).crop(band))[1]


def test_every_frame_says_that_it_is_a_local_preview(edit: Edit, source: Film) -> None:
    film, corner = edit("warm tone"), (16, 16, 150, 45)
    for frame, before in zip(film.frames, source.frames, strict=True):
        darkest, brightest = extremes(frame.crop(corner))
        assert brightest > 215
        assert darkest < extremes(before.resize(film.size).crop(corner))[0] - 30


def test_the_watermark_is_drawn_when_asked_for(edit: Edit) -> None:
    with_mark, without = edit("warm tone", watermark=True), edit("warm tone")
    width, height = without.size
    corner = (round(width * 0.75), round(height * 0.9), width, height)
    assert difference(with_mark.frames[5].crop(corner), without.frames[5].crop(corner)) > 15


def test_the_same_seed_gives_the_same_film_to_the_eye_and_another_seed_another(edit: Edit) -> None:
    for prompt in ("mirror", "falling snow"):
        one, same, other = edit(prompt), edit(prompt, fresh=True), edit(prompt, seed=5)
        # The encoder's threads make single pixels differ by a value or two, about 0.01 in the mean.
        assert all(difference(a, b) < 0.1 for a, b in zip(one.frames, same.frames, strict=True))
        assert difference(one.small(), other.small()) > 0.3


def test_the_result_is_h264_and_aac_as_long_as_the_source(tmp_path: Path) -> None:
    loud, out = make_clip(tmp_path / "loud.mp4", seconds=SECONDS, size=(320, 240), fps=FPS), tmp_path / "out.mp4"
    done = work(Job(str(loud), (), "sepia", "720P", None, 0, False, 1, str(out)))
    film = Film(out)
    assert film.codecs == ["h264", "aac"]
    assert film.pix_fmt == "yuv420p"
    assert abs(film.seconds - Film(loud).seconds) <= 1 / FPS
    assert done == Done(2.0, 2.0, ("sepia",))


@pytest.mark.parametrize(
    ("resolution", "ratio", "size"),
    [
        ("720P", None, (1108, 832)),
        ("720P", "9:16", (720, 1280)),
        ("720P", "1:1", (960, 960)),
        ("1080P", "16:9", (1920, 1080)),
    ],
)
def test_the_size_follows_resolution_and_ratio(
    edit: Edit, resolution: str, ratio: str | None, size: tuple[int, int]
) -> None:
    assert edit("sepia", resolution=resolution, ratio=ratio).size == size
