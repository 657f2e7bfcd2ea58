"""Films that do not fit: what is made of each kind, and what is left alone."""

from fractions import Fraction
from pathlib import Path

import av
import pytest

from bot.media.fit import Fitted, fit
from bot.media.gate import VideoFacts, is_plain
from bot.media.unfit import BadOptions, Unfit
from client.sandbox.clip import make_clip
from tests.films import live, make_film, pixel, turned


async def fitted(path: Path, *, cut: tuple[float, float] | None = None) -> Fitted:
    folder = path.parent / "job"
    folder.mkdir(exist_ok=True)
    done = await fit(path, "video", folder, cut=cut)
    assert isinstance(done.facts, VideoFacts)
    assert is_plain(done.facts)
    assert 2 <= done.facts.duration_s <= 9.95
    with av.open(str(done.path)) as film:
        assert sum(1 for _ in film.decode(video=0)) == done.facts.frames
    return done


def facts(done: Fitted) -> VideoFacts:
    assert isinstance(done.facts, VideoFacts)
    return done.facts


async def test_a_film_that_fits_is_left_alone(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4", seconds=2, size=(320, 240))
    before = path.read_bytes()
    done = await fitted(path)
    assert (done.path, done.actions) == (path, ())
    assert path.read_bytes() == before


async def test_the_first_seconds_of_a_long_film_are_copied_and_end_before_the_limit(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4", seconds=10.5, size=(320, 240), fps=15)
    done = await fitted(path)
    assert done.actions == (f"used 0:00–0:0{facts(done).duration_s:.1f}",)
    assert 9.4 < facts(done).duration_s <= 9.9
    assert facts(done).has_sound


@pytest.mark.parametrize(("start_s", "end_s"), [(1.5, 4.5), (0.0, 2.5)])
async def test_a_part_that_a_person_gave_is_exact_to_the_picture(tmp_path: Path, start_s: float, end_s: float) -> None:
    path = make_film(tmp_path / "film.mp4", seconds=6, options={"g": "50", "bf": "2"}, sound="aac")
    done = await fitted(path, cut=(start_s, end_s))
    assert facts(done).frames == round((end_s - start_s) * 10)
    for moment in (0, 9):
        bar = (round(start_s * 10) + moment) * 2 + 4
        assert min(pixel(done.path, 0.25, bar / 240, moment=moment)) > 180
        assert min(pixel(done.path, 0.25, (bar + 14) / 240, moment=moment)) < 120
    assert f"–0:0{end_s}" in done.actions[0]


async def test_ten_seconds_that_a_person_asked_for_are_ten_and_no_more(tmp_path: Path) -> None:
    path = make_film(tmp_path / "film.mp4", seconds=11.5, options={"g": "120", "bf": "2"}, sound="aac")
    (tmp_path / "job").mkdir()
    for settings in ({"first_s": 10}, {"cut": (1.2, 11.2)}):
        done = await fit(path, "video", tmp_path / "job", **settings)
        assert (facts(done).duration_s, facts(done).stored_s, facts(done).frames) == (10.0, 10.0, 100)
        with av.open(str(done.path)) as film:
            assert (film.duration or 0) <= 10 * av.time_base


async def test_of_a_film_that_is_written_anew_so_many_seconds_are_used_as_are_wanted(tmp_path: Path) -> None:
    whole = make_film(tmp_path / "whole.mp4", seconds=6)
    other = make_film(tmp_path / "other.mkv", seconds=6)
    (tmp_path / "job").mkdir()
    assert (await fit(whole, "video", tmp_path / "job", first_s=4)).path == whole  # Wan can leave out the rest itself
    assert (await fit(whole, "video", tmp_path / "job", cut=(0, 10))).path == whole
    assert facts(await fit(other, "video", tmp_path / "job", first_s=4)).duration_s == 4.0
    assert facts(await fit(other, "video", tmp_path / "job", first_s=10)).duration_s == 6.0


@pytest.mark.parametrize("turn", [90, 180, 270])
async def test_a_turned_film_is_turned_upright(tmp_path: Path, turn: int) -> None:
    path = turned(make_film(tmp_path / "film.mp4", size=(480, 320)), turn)
    done = await fitted(path)
    assert (facts(done).width, facts(done).height) == ((480, 320) if turn == 180 else (320, 480))
    red_at = {90: (0.5, 0.2), 180: (0.8, 0.5), 270: (0.5, 0.8)}[turn]
    assert pixel(done.path, *red_at)[0] > 150
    assert "turned upright" in done.actions


@pytest.mark.parametrize(
    ("name", "settings", "did"),
    [
        ("hevc.mp4", {"codec": "libx265"}, "H.265 converted to H.264"),
        ("deep.mp4", {"codec": "libx265", "pixels": "yuv420p10le"}, "H.265 converted to H.264 colours converted to 8"),
        ("tv.mkv", {"options": {"x264-params": "tff=1"}, "fps": 60, "seconds": 2.2}, "second made 30 deinterlaced"),
        ("ten.mp4", {"pixels": "yuv420p10le"}, "colours converted to 8 bit"),
        ("444.mp4", {"pixels": "yuv444p"}, "colours converted to 8 bit"),
        ("vp9.webm", {"codec": "libvpx-vp9", "sound": "libopus"}, "VP9 converted"),
        ("vp8.mkv", {"codec": "libvpx"}, "VP8 converted"),
        ("xvid.avi", {"codec": "mpeg4", "sound": "mp3"}, "MPEG-4 converted"),
        ("jpeg.avi", {"codec": "mjpeg", "pixels": "yuvj420p"}, "Motion JPEG converted"),
        ("odd.mov", {"codec": "prores_ks", "pixels": "yuv422p10le", "size": (321, 243)}, "ProRes converted"),
        ("moving.gif", {"codec": "gif", "pixels": "rgb8"}, "GIF converted"),
        ("tiny.mp4", {"size": (160, 120)}, "scaled to 320 × 240"),
        ("long.mp4", {"size": (4200, 600), "seconds": 2.2, "fps": 5}, "scaled to 1920 × 274"),
        ("thin.mp4", {"size": (1600, 120)}, "scaled to 1920 × 240"),
        ("phone.mkv", {"codec": "mpeg4", "fps": 31}, "31 frames a second made 30"),
    ],
)
async def test_whatever_the_form_it_becomes_a_plain_mp4(
    tmp_path: Path, name: str, settings: dict[str, object], did: str
) -> None:
    done = await fitted(make_film(tmp_path / name, **settings))  # type: ignore[arg-type] # the parameters are its own
    assert did in " ".join(done.actions)
    assert pixel(done.path, 0.25, 0.5)[0] > 120 > pixel(done.path, 0.75, 0.5)[0]
    assert facts(done).has_sound is ("sound" in settings)


@pytest.mark.parametrize("name", ["film.mkv", "film.mov"])
async def test_pictures_in_another_wrapping_are_copied(tmp_path: Path, name: str) -> None:
    movflags = "" if name.endswith("mkv") else "frag_keyframe+empty_moov"
    path = make_film(tmp_path / name, sound="aac", movflags=movflags)
    done = await fitted(path)
    assert done.is_copied
    assert facts(done).has_sound


async def test_an_uneven_rate_is_made_even(tmp_path: Path) -> None:
    times = [0.0, 0.1, 0.2, 0.9, 1.0, 1.1, 1.8, 1.9, 2.0, 2.7, 2.8, 3.0]
    done = await fitted(make_film(tmp_path / "screen.mp4", times=times))
    assert "frame rate made even" in done.actions
    assert abs(facts(done).duration_s - 3.0) < 0.35


async def test_stretched_pixels_are_made_square(tmp_path: Path) -> None:
    done = await fitted(make_film(tmp_path / "tv.mp4", size=(320, 240), shape=Fraction(4, 3)))
    assert (facts(done).width, facts(done).height) == (428, 240)


@pytest.mark.parametrize("transfer", [16, 18])
async def test_hdr_becomes_sdr_with_its_colours(tmp_path: Path, transfer: int) -> None:
    path = make_film(
        tmp_path / "hdr.mp4", codec="libx265", pixels="yuv420p10le", color_trc=transfer, color_primaries=9, colorspace=9
    )
    done = await fitted(path)
    assert "HDR converted to SDR" in done.actions
    red, _, blue = pixel(done.path, 0.25, 0.5)
    assert red > blue + 60
    with av.open(str(done.path)) as film:
        frame = next(film.decode(video=0))
    assert (int(frame.color_trc), int(frame.colorspace)) == (1, 1)


async def test_a_short_film_of_any_kind_is_refused_with_its_length(tmp_path: Path) -> None:
    for path in (make_film(tmp_path / "a.mp4", seconds=1), make_film(tmp_path / "a.webm", codec="libvpx", seconds=1)):
        with pytest.raises(Unfit, match=r"has 1 s\.|1\.00 seconds"):
            await fitted(path)


async def test_of_a_recording_that_does_not_say_its_length_the_part_that_is_used_is_told(tmp_path: Path) -> None:
    path = live(make_film(tmp_path / "live.mkv", seconds=12, fps=5, options={"g": "10"}))
    done = await fitted(path)
    assert done.actions == (f"used 0:00–0:0{facts(done).duration_s:.1f}",)
    with pytest.raises(BadOptions, match=r"is 12\.0 s long: after 20 s there are not the 2 s left"):
        await fitted(path, cut=(20, 25))


async def test_progress_is_told_on_the_way(tmp_path: Path) -> None:
    shares: list[float] = []
    path = make_film(tmp_path / "film.webm", codec="libvpx")
    (tmp_path / "job").mkdir()
    await fit(path, "video", tmp_path / "job", on_progress=shares.append)
    assert shares == sorted(shares)
    assert 0 < shares[0] < 1
