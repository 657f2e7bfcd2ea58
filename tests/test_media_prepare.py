"""Fitting within an edit: what does not fit is made fit, Wan gets it, and the record says what was done."""

from pathlib import Path

from PIL import Image

from bot.edit import State
from bot.media.gate import accept_video
from bot.messages.status import status
from client.catalogue import MODELS
from client.models import DEFAULT_MODEL
from client.sandbox.clip import make_clip
from tests.blocks import whole
from tests.bots import VIDEO_CHANNEL, result_in, settled_edit, stage, whispered
from tests.edits import NOW, edit_in
from tests.films import make_film


def test_the_status_message_says_what_was_done() -> None:
    edit = edit_in(State.RUNNING, fitted=("used 0:00–0:09.9", "turned upright"))
    assert "used 0:00–0:09.9 · turned upright · requested by" in whole(status(edit, now=NOW, place=None, waiting=None))


async def test_a_clip_that_is_too_long_is_edited_and_the_record_says_what_was_used(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        clip = make_clip(tmp_path / "long.mp4", seconds=10.3, size=(320, 240), fps=10)
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style", files=[clip])
        assert await result_in(on, VIDEO_CHANNEL, ts)
        edit = await settled_edit(on, ts)
        assert edit.source_s is not None
        assert edit.source_s <= 9.9
        assert edit.fitted[0].startswith("used 0:00–0:09")


async def test_a_webm_with_a_phone_photo_is_edited(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        film = make_film(tmp_path / "screen.webm", codec="libvpx")
        notes = Image.Exif()
        notes[0x0112] = 6
        Image.new("RGB", (400, 300), "orange").save(tmp_path / "photo.jpg", exif=notes)
        ts = await on.alice.post(
            VIDEO_CHANNEL, "@video-editor give it the mood of the picture", files=[film, tmp_path / "photo.jpg"]
        )
        assert await result_in(on, VIDEO_CHANNEL, ts)
        assert (await settled_edit(on, ts)).fitted == ("VP8 converted to H.264", "picture turned upright")


async def test_a_film_whose_codec_is_not_taken_is_refused_privately(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        film = make_film(tmp_path / "lossless.mkv", codec="ffv1")
        await on.alice.post(VIDEO_CHANNEL, "@video-editor make it snow", files=[film])
        assert await whispered(on, VIDEO_CHANNEL, "codec is")
        assert on.wan.creates == 0


def test_what_the_sandbox_makes_itself_needs_no_fitting(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4", seconds=2, size=(320, 240))
    with path.open("rb") as file:
        assert accept_video(file, path.stat().st_size, MODELS[DEFAULT_MODEL]).quirks == ()
