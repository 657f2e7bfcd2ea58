"""What fitting costs, beside the ffmpeg command line out of a wheel.

Both encode with the same settings and are as patient (`nice`). They take turns and the best of a few runs counts, so
that whatever else the machine does meets both. Memory is read while pictures are made.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from imageio_ffmpeg import get_ffmpeg_exe

from bot.media.extras import poster
from bot.media.fit import fit
from bot.media.gate import inspect_video
from client.sandbox.clip import make_clip
from tests.films import make_film

Act = Callable[[], Awaitable[object]]
MB = 1_000_000


class Peak:
    """Remembers the largest memory of the media children that live when it is called."""

    mb = 0.0

    def __call__(self, _share: float = 0) -> None:
        """Look at the children; since their `exec`, for what they were before is not theirs."""
        for status in Path("/proc").glob("[0-9]*/status"):
            with suppress(OSError):
                words = dict(line.split(":", 1) for line in status.read_text().splitlines())
                if int(words["PPid"]) == os.getpid() and "VmHWM" in words:
                    self.mb = max(self.mb, int(words["VmHWM"].split()[0]) * 1024 / MB)


async def best_s(*acts: Act, runs: int) -> list[float]:
    """Let them take turns, and return the shortest run of each in seconds."""
    took: list[list[float]] = [[] for _ in acts]
    for _ in range(runs):
        for act, times in zip(acts, took, strict=True):
            began = time.perf_counter()
            await act()
            times.append(time.perf_counter() - began)
    return [min(times) for times in took]


async def ffmpeg(*words: str | Path) -> None:
    """Run ffmpeg's command line."""
    process = await asyncio.create_subprocess_exec(
        "nice", "-n", "5", get_ffmpeg_exe(), "-v", "error", "-y", *words, stdin=subprocess.DEVNULL
    )
    if await process.wait():
        raise RuntimeError(f"ffmpeg ended with {process.returncode}")


def scaled(film: Path, out: Path) -> Act:
    """Do with ffmpeg what fitting does: the same part, size, encoder and preset."""
    return lambda: ffmpeg(
        "-ss", "1.1", "-i", film, "-t", "9.9", "-vf", "scale=1280:720", "-c:v", "libx264", "-preset", "veryfast",
        "-crf", "20", "-maxrate", "40M", "-bufsize", "40M", "-bf", "0", "-pix_fmt", "yuv420p",
        "-c:a", "aac", "-b:a", "128k", "-movflags", "+faststart", out,
    )  # fmt: skip


async def gate(folder: Path, runs: int) -> list[str]:
    """Measure a look by the gate, and a poster."""
    film = await asyncio.to_thread(make_clip, folder / "film.mp4", seconds=10, size=(1920, 1080))
    with film.open("rb") as file:
        times = []
        for _ in range(100):
            began = time.perf_counter()
            inspect_video(file, film.stat().st_size)
            times.append(time.perf_counter() - began)
    (poster_s,) = await best_s(lambda: poster(film, folder), runs=runs)
    middle_ms = sorted(times)[50] * 1000
    return [f"gate                     {middle_ms:6.3f} ms", f"poster                   {poster_s:6.2f} s"]


async def scale(folder: Path, runs: int) -> list[str]:
    """Measure 1080p to 720p, of a film that is easily encoded and of one as busy as a phone's."""
    easy = await asyncio.to_thread(make_clip, folder / "easy.mp4", seconds=12, size=(1920, 1080))
    busy = folder / "busy.mp4"
    noise = ("-vf", "noise=alls=14:allf=t", "-c:v", "libx264", "-preset", "ultrafast", "-b:v", "16M", "-c:a", "copy")
    await ffmpeg("-i", easy, *noise, busy)
    lines = []
    for name, film in (("drawn", easy), ("busy ", busy)):
        peak = Peak()
        # A part from 1.1 s on cannot be copied, so the pictures are made anew.
        fitting = partial(fit, film, "video", folder, cut=(1.1, 11.0), longest_px=1280, on_progress=peak)
        ours_s, theirs_s = await best_s(fitting, scaled(film, folder / "theirs.mp4"), runs=runs)
        lines.append(
            f"1080p to 720p, {name}     {ours_s:6.2f} s   ffmpeg {theirs_s:.2f} s, so {ours_s / theirs_s:.2f} times"
            f"   {peak.mb:.0f} MB"
        )
    return lines


async def remux(folder: Path, runs: int) -> list[str]:
    """Measure a copy of 100 MB that only changes its wrapping."""
    large = folder / "large.mkv"
    rate = {"nal-hrd": "cbr", "b": "78M", "minrate": "78M", "maxrate": "78M", "bufsize": "78M"}
    await asyncio.to_thread(
        make_film, large, size=(1280, 720), seconds=9.8, fps=30, sound="aac", options=rate, bit_rate=78_000_000
    )
    (done_s,) = await best_s(lambda: fit(large, "video", folder), runs=runs)
    how = "copied" if (await fit(large, "video", folder)).is_copied else "ENCODED"
    return [f"remux of {large.stat().st_size / MB:3.0f} MB          {done_s:6.2f} s   {how}"]


async def memory(folder: Path, runs: int) -> list[str]:
    """Measure the memory for 4K: H.264, and HDR with 10 bits, of which a film may ask its decoder to keep many."""
    size = (3840, 2160)
    hdr: dict[str, Any] = {"pixels": "yuv420p10le", "color_trc": 18, "color_primaries": 9, "colorspace": 9}
    films: dict[str, dict[str, Any]] = {
        "H.264": {},
        "H.265 HDR": hdr | {"codec": "libx265"},
        "H.265 HDR that keeps most": hdr | {"codec": "libx265", "options": {"x265-params": "ref=5:bframes=4"}},
        "AV1 HDR that keeps most": hdr | {"codec": "libsvtav1", "options": {"preset": "12"}},
    }
    lines = []
    for name, settings in films.items():
        film = folder / f"{name}.mp4"
        await asyncio.to_thread(make_film, film, size=size, seconds=2.5, fps=30, sound="aac", **settings)
        for longest_px in (1280, 1920):
            peak = Peak()
            fitting = partial(fit, film, "video", folder, cut=(0.2, 2.4), longest_px=longest_px, on_progress=peak)
            (took_s,) = await best_s(fitting, runs=min(runs, 1))
            lines.append(f"4K to {longest_px} px, {name:25}  {took_s:6.2f} s   {peak.mb:.0f} MB")
    return lines


PARTS = {"gate": gate, "scale": scale, "remux": remux, "memory": memory}
