"""Which files the local engine takes, by really opening them, and how it handles odd ones."""

import asyncio
import json
import sys
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image

from client.sandbox.clip import make_clip, make_picture
from client.sandbox.engine import work
from client.sandbox.frames import to_frame
from client.sandbox.job import Done, Failed, Job, read_answer
from client.sandbox.probe import JobError


def job(video: Path, *images: Path, prompt: str = "sepia", duration_s: int = 0) -> Job:
    out = str(video.with_name("out.mp4"))
    return Job(str(video), tuple(map(str, images)), prompt, "720P", None, duration_s, False, 1, out)


def refused(wanted: Job) -> str:
    with pytest.raises(JobError) as caught:
        work(wanted)
    assert not Path(wanted.out).exists()
    return caught.value.code


def facts(path: Path) -> tuple[list[str], tuple[int, int], float]:
    with av.open(str(path)) as container:
        video = container.streams.video[0].codec_context
        seconds = float(Fraction(container.duration or 0, av.time_base))
        return [stream.type for stream in container.streams], (video.width, video.height), seconds


def silent_film(path: Path, size: tuple[int, int], frames: int, *, fps: int = 10) -> Path:
    with av.open(str(path), "w", format="mov" if path.suffix == ".mov" else "mp4") as container:
        stream = container.add_stream("libx264", rate=fps, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(frames):
            shade = Image.new("RGB", size, (number * 9 % 255, 120, 90))
            container.mux(stream.encode(to_frame(shade, number=number, rate=fps)))
        container.mux(stream.encode())
    return path


@pytest.mark.parametrize(
    ("seconds", "size", "code"),
    [
        (1.5, (320, 240), "InvalidFile.Duration"),
        (10.5, (320, 240), "InvalidFile.Duration"),
        (2.0, (238, 320), "InvalidFile.Resolution"),
        (2.0, (4098, 600), "InvalidFile.Resolution"),
        (2.0, (2000, 242), "InvalidFile.AspectRatio"),
    ],
)
def test_a_film_outside_the_limits_is_refused_by_its_code(
    tmp_path: Path, seconds: float, size: tuple[int, int], code: str
) -> None:
    assert refused(job(silent_film(tmp_path / "a.mp4", size, round(seconds * 10)))) == code


@pytest.mark.parametrize("content", [b"hello", b"", b"ffconcat version 1.0\nfile a.mp4\n", b"#EXTM3U\n", b"\0" * 5000])
def test_a_file_that_is_no_film_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    assert refused(job(path)) == "InvalidFile.Format"


def test_a_film_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    whole = make_clip(tmp_path / "whole.mp4", seconds=2, size=(320, 240), fps=10).read_bytes()
    path = tmp_path / "a.mp4"
    path.write_bytes(whole[: len(whole) // 3])
    assert refused(job(path)) == "InvalidFile.Content"


def test_a_sound_file_is_no_film(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44_100, layout="mono")
        frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
        frame.planes[0].update(bytes(4096))
        frame.sample_rate = 44_100
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert refused(job(path)) == "InvalidFile.Format"


def test_pictures_are_opened_and_measured_too(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", seconds=2, size=(320, 240), fps=10)
    text, tiny = tmp_path / "b.png", tmp_path / "c.png"
    text.write_text("no picture")
    Image.new("RGB", (100, 300)).save(tiny)
    assert refused(job(clip, text)) == "InvalidImageFormat"
    assert refused(job(clip, tiny)) == "InvalidImageResolution"
    gif = tmp_path / "d.gif"
    Image.new("RGB", (300, 300)).save(gif)
    assert refused(job(clip, gif)) == "InvalidImageFormat"


def test_a_film_without_sound_stays_silent(tmp_path: Path) -> None:
    wanted = job(silent_film(tmp_path / "a.mov", (320, 240), 20))
    assert work(wanted) == Done(2.0, 2.0, ("sepia",))
    assert facts(Path(wanted.out))[0] == ["video"]


def test_duration_keeps_the_first_seconds_and_counts_only_them(tmp_path: Path) -> None:
    wanted = job(make_clip(tmp_path / "a.mp4", seconds=4, size=(320, 240), fps=10), duration_s=2)
    assert work(wanted) == Done(2.0, 2.0, ("sepia",))
    assert facts(Path(wanted.out))[2] == pytest.approx(2.0, abs=0.05)


def test_ten_seconds_stay_ten_seconds(tmp_path: Path) -> None:
    wanted = job(make_clip(tmp_path / "a.mp4", seconds=10, size=(320, 240), fps=8), prompt="mirror")
    work(wanted)
    streams, _, seconds = facts(Path(wanted.out))
    assert streams == ["video", "audio"]
    assert 9.9 <= seconds <= 10.0


def test_sixty_frames_a_second_become_thirty(tmp_path: Path) -> None:
    wanted = job(make_clip(tmp_path / "a.mp4", seconds=2, size=(320, 240), fps=60), prompt="mirror")
    work(wanted)
    with av.open(wanted.out) as container:
        assert container.streams.video[0].average_rate == 30
        assert container.streams.video[0].frames == 60


def test_odd_sides_are_brought_to_the_size_of_the_result(tmp_path: Path) -> None:
    wanted = job(make_clip(tmp_path / "a.mp4", seconds=2, size=(242, 426), fps=10))
    work(wanted)
    width, height = facts(Path(wanted.out))[1]
    assert (width % 2, height % 2) == (0, 0)
    assert width * height == pytest.approx(1280 * 720, rel=0.01)
    assert width / height == pytest.approx(242 / 426, rel=0.01)


async def run_engine(wanted: Job, folder: Path) -> Done | Failed:
    path = folder / "job.json"
    path.write_text(wanted.write())
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "client.sandbox.engine", str(path), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return read_answer(out.decode())


async def test_the_engine_runs_as_a_process_of_its_own(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", seconds=2, size=(320, 240), fps=10)
    picture = make_picture(tmp_path / "p.webp", size=(240, 240))
    done = await run_engine(job(clip, picture, prompt="use the mood of the image"), tmp_path)
    assert done == Done(2.0, 2.0, ("colours of image 1",))
    failed = await run_engine(job(clip, prompt="add a dog"), tmp_path)
    assert isinstance(failed, Failed)
    assert failed.code == "LocalEngine.Unsupported"


def test_jobs_survive_their_file() -> None:
    wanted = job(Path("a.mp4"), Path("b.png"), prompt="把视频变成像素风格")
    assert Job.read(wanted.write()) == wanted
    assert json.loads(wanted.write())["prompt"] == wanted.prompt


async def test_the_local_wan_alone_says_how_to_reach_it() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "client.sandbox", "--port", "0", "--fast", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        first = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
        example = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
        assert "http://127.0.0.1:" in first
        assert "DASHSCOPE_HTTP_BASE_URL=http://127.0.0.1:" in example
    finally:
        process.terminate()
        await process.communicate()
    assert process.returncode == 0
