"""Poster, contact sheet, before and after; and what is said of a result that is not what was asked for."""

from pathlib import Path

import av
import pytest
from PIL import Image

from bot.media.extras import before_after, contact_sheet, poster, sample
from bot.media.gate import VideoFacts, accept_video
from bot.media.result import Sample, result_faults
from bot.media.unfit import Unfit
from client.catalogue import MODELS
from client.models import DEFAULT_MODEL
from client.sandbox.clip import make_clip
from tests.films import make_film, pixel, turned


def facts_of(path: Path) -> VideoFacts:
    with path.open("rb") as file:
        return accept_video(file, path.stat().st_size, MODELS[DEFAULT_MODEL])


async def test_a_poster_is_a_small_upright_picture(tmp_path: Path) -> None:
    film = turned(make_film(tmp_path / "film.mp4", size=(1280, 720)), 90)
    with Image.open(await poster(film, tmp_path)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (360, 640))
        red, _, blue = picture.getpixel((180, 100))  # type: ignore[misc] # three bands
        assert red > blue + 100


async def test_a_contact_sheet_has_nine_pictures(tmp_path: Path) -> None:
    with Image.open(await contact_sheet(make_film(tmp_path / "film.mp4"), tmp_path)) as sheet:
        assert sheet.size == (960, 720)
        corners = [sheet.getpixel((column * 320 + 40, row * 240 + 230)) for row in range(3) for column in range(3)]
    assert all(red > 150 > blue for red, _, blue in corners)  # type: ignore[misc] # three bands


async def test_before_and_after_run_beside_each_other_with_the_sound_of_the_result(tmp_path: Path) -> None:
    before = make_clip(tmp_path / "before.mp4", seconds=3, size=(640, 360), audio=False)
    after = make_film(tmp_path / "after.mp4", seconds=2.5, size=(640, 360), sound="aac")
    film = await before_after(before, after, tmp_path)
    facts = facts_of(film)
    assert (facts.width, facts.height, facts.duration_s, facts.has_sound) == (1280, 360, 2.5, True)
    assert pixel(film, 0.6, 0.5)[0] > 150
    with av.open(str(film)) as container:
        assert container.streams.video[0].average_rate == 10


async def test_no_view_is_made_of_what_is_no_video(tmp_path: Path) -> None:
    (tmp_path / "x.mp4").write_text("#EXTM3U\n")
    with pytest.raises(Unfit, match="playlist"):
        await poster(tmp_path / "x.mp4", tmp_path)


async def test_a_good_result_has_no_faults_and_a_copy_of_the_source_has_one(tmp_path: Path) -> None:
    source = make_clip(tmp_path / "a.mp4", seconds=3, size=(320, 240))
    result = make_clip(tmp_path / "b.mp4", seconds=3, size=(320, 240), seed=5)
    before, after = await sample(source, tmp_path), await sample(result, tmp_path)
    facts = facts_of(result)
    assert result_faults(facts, after, length_s=3, ratio=4 / 3, wants_sound=True, source=before) == ()
    assert result_faults(facts, before, source=before) == ("It looks just like the original.",)


GREY, WHITE, BLACK = bytes([90] * 256), bytes([250] * 256), bytes([16] * 256)
FACTS = VideoFacts("video/mp4", 1, 5.0, 5.0, 640, 360, 0, "avc1", 150, has_sound=True)


@pytest.mark.parametrize(
    ("seen", "asked", "fault"),
    [
        (Sample((GREY, WHITE), True), {"length_s": 10.0}, "It is 5.0 s long instead of 10.0 s."),
        (Sample((GREY, WHITE), True), {"ratio": 9 / 16}, "Its shape (640 × 360) is not the one asked for."),
        (Sample((GREY, WHITE), False), {"wants_sound": True}, "Its sound is missing."),
        (Sample((BLACK, BLACK), True), {}, "It is black."),
        (Sample((GREY, GREY), True), {}, "Its picture stands still."),
        (Sample((), True), {}, "It is black."),
    ],
)
def test_each_fault_of_a_result_is_named(seen: Sample, asked: dict[str, float], fault: str) -> None:
    assert result_faults(FACTS, seen, **asked) == (fault,)  # type: ignore[arg-type] # its own parameters


def spotted(grey: bytes, light: int) -> bytes:
    """Return a picture of which two hundredths have another light."""
    return bytes([light]) * 5 + grey[5:]


@pytest.mark.parametrize(
    ("what", "seen", "source"),
    [
        ("a still of a still", (GREY, GREY), (WHITE, WHITE)),
        ("a calm film of one that is hardly livelier", (GREY, spotted(GREY, 99)), (WHITE, spotted(WHITE, 235))),
        ("a dark film of a dark one", (BLACK, BLACK), (BLACK, spotted(BLACK, 20))),
        ("a film in which something small was changed", (spotted(GREY, 120), WHITE), (GREY, WHITE)),
    ],
)
def test_what_may_be_right_is_no_fault(what: str, seen: tuple[bytes, ...], source: tuple[bytes, ...]) -> None:
    assert result_faults(FACTS, Sample(seen, True), source=Sample(source, True)) == (), what


def test_a_film_that_stands_still_is_found_out_by_a_source_that_moves() -> None:
    lively = Sample((GREY, spotted(GREY, 250), WHITE), True)
    assert result_faults(FACTS, Sample((GREY, GREY, GREY), True), source=lively) == ("Its picture stands still.",)
