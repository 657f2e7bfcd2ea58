"""A disk that is full while a file is made fit: the system's own error says so, and nobody calls the file broken."""

import errno
import shutil
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from pathlib import Path

import pytest
from PIL import Image

from bot.media.worker import answer
from tests.films import make_film

FULL = "/dev/full"
LIMITS = {"min_side_px": 240, "max_side_px": 4096, "max_ratio": 8.0, "longest_px": 1920}

pytestmark = pytest.mark.skipif(not Path(FULL).exists(), reason="this system has no disk that is always full")


@pytest.mark.parametrize("may_copy", [True, False])
def test_a_film_that_finds_no_room_is_not_called_broken(tmp_path: Path, may_copy: bool) -> None:
    film = make_film(tmp_path / "film.mp4", seconds=2.5, sound="aac")
    details = {
        "source": str(film), "out": FULL, "demuxer": "mov", "start_s": 0.0, "length_s": 9.9, "is_cut": False,
        "may_copy": may_copy, "min_s": 2, "limits": LIMITS,
    }  # fmt: skip
    assert answer({"task": "video", "details": details}, lambda _share: None) == {"full": True}


def test_a_picture_that_finds_no_room_is_not_called_broken(tmp_path: Path) -> None:
    Image.effect_noise((600, 400), 100).save(tmp_path / "photo.png")
    details = {"source": str(tmp_path / "photo.png"), "out": FULL, "format": "PNG", "takes": False, "limits": LIMITS}
    assert answer({"task": "image", "details": details}, lambda _share: None) == {"full": True}


_IN_A_SMALL_DISK = """
import asyncio, subprocess, sys
from pathlib import Path
from bot.media.fit import fit
film, folder = map(Path, sys.argv[1:])
if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", folder], stderr=subprocess.DEVNULL).returncode:
    sys.exit("no mount")
try:
    asyncio.run(fit(film, "video", folder))
except OSError as exc:
    print(exc.errno)
"""


async def test_the_bot_learns_from_its_child_that_the_disk_is_full(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.webm", codec="libvpx", seconds=2.5, sound="libopus")
    (tmp_path / "disk").mkdir()
    apart = shutil.which("unshare") or "unshare"
    process = await create_subprocess_exec(
        apart, "-Urm", sys.executable, "-c", _IN_A_SMALL_DISK, str(film), str(tmp_path / "disk"),
        stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    said, complaint = await process.communicate()
    if b"no mount" in complaint or b"unshare" in complaint:
        pytest.skip("nobody may mount a disk of their own here")
    assert said.decode().strip() == str(errno.ENOSPC), complaint.decode()
