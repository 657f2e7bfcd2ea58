"""`python -m bot.media`: the same verdicts, for people and for scripts."""

import json
import os
import subprocess
import sys
from pathlib import Path

from PIL import Image

from bot.media.fit import MODEL
from bot.media.gate import accept_video
from client.sandbox.clip import make_clip
from tests.films import make_film


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot.media", *words], capture_output=True, text=True, check=False, timeout=60
    )


def test_each_file_gets_its_verdict_as_json(tmp_path: Path) -> None:
    good = make_clip(tmp_path / "good.mp4", seconds=2, size=(320, 240))
    film = make_film(tmp_path / "film.webm", codec="libvpx")
    Image.new("RGB", (60, 40)).save(tmp_path / "photo.png")
    (tmp_path / "page.mp4").write_text("<!doctype html>")
    os.mkfifo(tmp_path / "pipe.mp4")
    odd = [tmp_path / "page.mp4", tmp_path / "pipe.mp4", tmp_path, tmp_path / "missing.mp4"]
    gif = make_film(tmp_path / "moving.gif", codec="gif", pixels="rgb8")
    done = run("--json", good, film, tmp_path / "photo.png", *odd, gif)
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["verdict"] for line in said] == ["accept", "normalise", "normalise"] + ["reject"] * 4 + ["normalise"]
    assert all(set(line) == {"file", "verdict", "reason", "actions", "facts"} for line in said)
    assert said[1]["actions"] == ["VP8 converted to H.264"]
    assert said[2]["facts"]["mime_type"] == "image/jpeg"
    assert "web page" in said[3]["reason"]
    assert ["no ordinary file" in line["reason"] for line in said[4:7]] == [True, True, False]
    assert "No such file" in said[6]["reason"]
    assert said[7]["facts"]["mime_type"] == "video/mp4"
    assert done.returncode == 1


def test_the_fitted_part_is_written_and_the_table_says_what_was_done(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.webm", codec="libvpx", seconds=5)
    done = run(film, "--fit", tmp_path / "out.mp4", "--from", "1", "--to", "3.5")
    assert done.returncode == 0
    assert "normalise" in done.stdout
    with (tmp_path / "out.mp4").open("rb") as made:
        assert accept_video(made, (tmp_path / "out.mp4").stat().st_size, MODEL).duration_s == 2.5


def test_a_gif_can_be_meant_as_a_picture(tmp_path: Path) -> None:
    film = make_film(tmp_path / "moving.gif", codec="gif", pixels="rgb8")
    assert json.loads(run("--json", "--as", "image", film).stdout)["facts"]["mime_type"] == "image/jpeg"
