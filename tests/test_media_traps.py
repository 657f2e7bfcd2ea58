"""The traps of media handling, each by a small film of its own: what comes out is whole, plain and within limits."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import av
import pillow_heif
import pytest
from PIL import Image

from bot.media.fit import MODEL, fit
from bot.media.gate import VideoFacts, accept_video, is_plain
from bot.media.unfit import Unfit
from tests import traps


@dataclass(frozen=True)
class Trap:
    """A film, and what fitting must make of it."""

    make: Callable[[Path], Path]
    seconds: float
    did: str
    streams: tuple[str, ...] = ("video",)
    fps: int = 10
    is_copied: bool = False
    cut: tuple[float, float] | None = None


TRAPS = [
    Trap(traps.ten_seconds_and_a_block_of_sound, 9.8, "used 0:00–0:09.8", ("video", "audio"), fps=5, is_copied=True),
    Trap(traps.headers_that_claim_too_little, 9.8, "used 0:00–0:09.8", fps=5, is_copied=True),
    Trap(traps.sound_that_goes_on, 3.0, "used 0:00–0:03", ("video", "audio"), is_copied=True),
    Trap(traps.hidden_pictures, 3.0, "hidden parts removed"),
    Trap(traps.interlaced, 3.0, "deinterlaced"),
    Trap(traps.several_tracks, 3.0, "written anew as MP4", ("video", "audio"), is_copied=True),
    Trap(traps.over_100_mb_of_nothing, 3.0, "110 MB made 1 MB", is_copied=True),
    Trap(traps.over_100_mb_of_pictures, 2.4, "108 MB made 1 MB"),
    Trap(traps.flipped_bits, 9.0, "used 0:01–0:10", cut=(1, 10)),
    Trap(traps.place_of_recording, 3.0, "written anew as MP4", is_copied=True),
    Trap(traps.sixty_a_second, 2.2, "VP8 converted to H.264", fps=30),
]


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.make.__name__)
async def test_a_trap_becomes_a_plain_film(tmp_path: Path, trap: Trap) -> None:
    path = trap.make(tmp_path / "film")
    with path.open("rb") as file, suppress(Unfit):
        assert not is_plain(accept_video(file, path.stat().st_size, MODEL)), "the gate lets it pass as it is"
    (tmp_path / "job").mkdir()
    done = await fit(path, "video", tmp_path / "job", cut=trap.cut)
    assert isinstance(done.facts, VideoFacts)
    assert trap.did in done.actions or not trap.did
    assert done.facts.size_bytes == done.path.stat().st_size < 95_000_000
    assert abs(done.facts.duration_s - trap.seconds) <= 0.11
    assert done.facts.stored_s - 0.2 < done.facts.duration_s <= 9.9
    assert done.is_copied is trap.is_copied
    assert b"48.1351" not in done.path.read_bytes()
    with av.open(str(done.path)) as film:
        assert tuple(stream.type for stream in film.streams) == trap.streams
        frames = list(film.decode(video=0))
        assert len(frames) == done.facts.frames == round(done.facts.duration_s * trap.fps)
        assert not any(frame.interlaced_frame for frame in frames)


def a_photo(path: Path) -> Path:
    """A HEIC photo is a box file as well, and FFmpeg opens it as a film of one picture."""
    pillow_heif.from_pillow(Image.new("RGB", (320, 240))).save(path.with_suffix(".heic"))
    return path.with_suffix(".heic").rename(path.with_suffix(".mp4"))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (traps.cut_off, "breaks off"),
        (traps.cut_off_webm, "pictures for only [01].* seconds, and 2 are needed"),
        (traps.pictures_of_png, "codec is png"),
        (traps.windows_codec, "codec is “V.MS.VFW.FOURCC”, which cannot be converted"),
        (traps.magic_yuv, "codec is “M8RG”, which cannot be converted"),
        (a_photo, "a HEIC picture"),
    ],
)
async def test_what_cannot_be_mended_is_refused(tmp_path: Path, make: Callable[[Path], Path], words: str) -> None:
    with pytest.raises(Unfit, match=words):
        await fit(make(tmp_path / "film"), "video", tmp_path)
