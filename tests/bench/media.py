"""What fitting costs, beside the ffmpeg command line: `uv run --with imageio-ffmpeg python -m tests.bench.media`.

Wall time is the best of a few runs, and the command line is as patient (`nice`) as our child; memory is read while
pictures are made.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from bot.media.extras import poster
from bot.media.fit import fit
from bot.media.gate import inspect_video
from client.sandbox.clip import make_clip
from tests.films import make_film

RUNS = 3


def ffmpeg() -> str | None:
    """Return the path of the command line's binary, where its wheel is installed."""
    try:
        return str(importlib.import_module("imageio_ffmpeg").get_ffmpeg_exe())
    except ImportError:
        return None


async def best_s(act: Callable[[], Awaitable[object]], runs: int = RUNS) -> float:
    """Return the shortest of a few runs, in seconds."""
    took = []
    for _ in range(runs):
        began = time.perf_counter()
        await act()
        took.append(time.perf_counter() - began)
    return min(took)


async def command(*words: str) -> None:
    """Run a command line and wait for it."""
    process = await asyncio.create_subprocess_exec(*words, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if await process.wait():
        raise RuntimeError(f"{words[0]} ended with {process.returncode}")


class Peak:
    """Remembers the largest memory of the media children that live when it is called."""

    mb = 0.0

    def __call__(self, _share: float = 0) -> None:
        """Look at the children; since their `exec`, for what they were before is not theirs."""
        for status in Path("/proc").glob("[0-9]*/status"):
            with suppress(OSError):
                words = dict(line.split(":", 1) for line in status.read_text().splitlines())
                if int(words["PPid"]) == os.getpid() and "VmHWM" in words:
                    self.mb = max(self.mb, int(words["VmHWM"].split()[0]) / 1024)


async def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "job").mkdir()
        film = folder / "film.mp4"
        await asyncio.to_thread(make_clip, film, seconds=12, size=(1920, 1080))
        with film.open("rb") as file:
            began = time.perf_counter()
            for _ in range(100):
                inspect_video(file, film.stat().st_size)
            print(f"gate                   {(time.perf_counter() - began) * 10:8.3f} ms")
        print(f"poster                 {await best_s(lambda: poster(film, folder / 'job')):8.2f} s")

        # A part from 1.1 s on cannot be copied, so the pictures are made anew.
        peak = Peak()
        ours_s = await best_s(
            lambda: fit(film, "video", folder / "job", cut=(1.1, 11.0), longest_px=1280, on_progress=peak)
        )
        print(f"1080p to 720p, 9.9 s   {ours_s:8.2f} s   {peak.mb:.0f} MB")
        if (binary := ffmpeg()) is not None:
            theirs_s = await best_s(
                lambda: command(
                    "nice", "-n", "5", binary, "-y", "-ss", "1.1", "-i", str(film), "-t", "9.9",
                    "-vf", "scale=1280:720", "-c:v", "libx264", "-preset", "veryfast", "-crf", "20",
                    "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "128k",
                    "-movflags", "+faststart", str(folder / "theirs.mp4"),
                )
            )  # fmt: skip
            print(f"  ffmpeg command line  {theirs_s:8.2f} s   ours takes {ours_s / theirs_s:.2f} times as long")

        large = folder / "large.mkv"
        rate = {"nal-hrd": "cbr", "b": "78M", "minrate": "78M", "maxrate": "78M", "bufsize": "78M"}
        await asyncio.to_thread(
            make_film, large, size=(1280, 720), seconds=9.8, fps=30, sound="aac", options=rate, bit_rate=78_000_000
        )
        size_mb = large.stat().st_size / 1e6
        done = await fit(large, "video", folder / "job")
        how = "copied" if "copied" in done.path.name else "encoded"
        copy_s = await best_s(lambda: fit(large, "video", folder / "job"))
        print(f"remux of {size_mb:3.0f} MB        {copy_s:8.2f} s   {how}")

        peak = Peak()
        giant = folder / "giant.mp4"
        await asyncio.to_thread(make_film, giant, size=(3840, 2160), seconds=4, fps=30, pixels="yuv420p", sound="aac")
        giant_s = await best_s(
            lambda: fit(giant, "video", folder / "job", cut=(0.5, 3.5), on_progress=peak), runs=1
        )
        print(f"4K to 1080p, 3 s       {giant_s:8.2f} s   {peak.mb:.0f} MB")


if __name__ == "__main__":
    asyncio.run(main())
