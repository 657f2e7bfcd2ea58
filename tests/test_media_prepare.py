"""Fitting within an edit: what does not fit is made fit, Wan gets it, and the record says what was done."""

import io
import struct
from base64 import b64decode
from pathlib import Path

import pytest
from PIL import Image

from bot.edit import Part, State
from bot.media.gate import accept_video
from bot.messages.status import status
from bot.messages.words import options
from bot.steps.submit import request_of
from client.catalogue import MODELS
from client.models import DEFAULT_MODEL, Parameters
from client.sandbox.clip import make_clip
from tests.blocks import whole
from tests.bots import VIDEO_CHANNEL, result_in, settled_edit, stage, whispered
from tests.edits import NOW, edit_in
from tests.films import make_film, turned


def test_the_status_message_says_what_was_done() -> None:
    edit = edit_in(State.RUNNING, fitted=("used 0:00–0:09.9", "turned upright"))
    assert "used 0:00–0:09.9 · turned upright · requested by" in whole(status(edit, now=NOW, place=None, waiting=None))


async def test_ten_seconds_of_a_clip_that_is_too_long_are_edited_and_the_record_says_so(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        clip = make_clip(tmp_path / "long.mp4", seconds=10.3, size=(320, 240), fps=10)
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style --seconds 10", files=[clip])
        assert await result_in(on, VIDEO_CHANNEL, ts)
        edit = await settled_edit(on, ts)
        assert (edit.source_s, edit.fitted) == (10.0, ("used 0:00–0:10",))
        assert edit.faults == ()


@pytest.mark.parametrize(
    ("asked_s", "source_s", "sent_s"), [(5, 9.9, 5), (10, 9.9, 0), (6, 5.8, 0), (5, 5.0, 0), (0, 9.9, 0), (4, None, 4)]
)
def test_as_many_seconds_as_the_clip_has_are_asked_for_as_all_of_it(
    asked_s: int, source_s: float | None, sent_s: int
) -> None:
    edit = edit_in(State.WAITING, parameters=Parameters(duration_s=asked_s), source_s=source_s)
    assert request_of(edit).parameters.duration_s == sent_s


def test_the_part_is_shown_as_asked_until_it_is_known_which_was_used() -> None:
    part = Part(from_s=3, to_s=8)
    assert options(edit_in(State.RECEIVED, part=part)) == "720P · only 0:03–0:08"
    assert options(edit_in(State.RECEIVED, part=Part(from_s=3))) == "720P · from 0:03"
    assert options(edit_in(State.RUNNING, part=part, fitted=("used 0:03–0:08",))) == "720P"


async def test_the_part_that_was_named_of_a_film_from_a_phone_is_edited(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        film = turned(make_film(tmp_path / "IMG_1.mov", codec="libx265", seconds=12, sound="aac"), 90)
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style, from 0:03 to 0:08", files=[film])
        assert await result_in(on, VIDEO_CHANNEL, ts)
        edit = await settled_edit(on, ts)
        assert edit.source_s == pytest.approx(5, abs=0.05)
        assert edit.fitted == ("used 0:03–0:08", "turned upright", "H.265 converted to H.264")
        details = await on.alice.command(VIDEO_CHANNEL, f"show {edit.edit_id}")
        assert details is not None
        assert "used 0:03–0:08 · turned upright · H.265 converted to H.264" in details["text"]


async def test_a_film_of_more_than_100_mb_is_fetched_and_made_to_fit(tmp_path: Path) -> None:
    film = make_film(tmp_path / "large.mp4", seconds=3)
    with film.open("ab") as file:
        file.write(struct.pack(">I4s", 101_000_000, b"free"))
        file.truncate(file.tell() - 8 + 101_000_000)
    async with stage("memory", tmp_path) as on:
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style", files=[film])
        assert await result_in(on, VIDEO_CHANNEL, ts)
        assert (await settled_edit(on, ts)).fitted == ("101 MB made 1 MB",)


async def test_a_film_beyond_the_limit_of_the_settings_is_refused_with_both_sizes(tmp_path: Path) -> None:
    film = make_film(tmp_path / "large.mp4", seconds=3)
    with film.open("ab") as file:
        file.write(bytes(2_000_000))
    async with stage("memory", tmp_path, fetch_limit_mb=1) as on:
        await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style", files=[film])
        assert await whispered(on, VIDEO_CHANNEL, "2 MB, and 1 MB is the limit")


async def test_a_part_behind_the_end_is_refused_with_the_length_of_the_clip(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        film = make_film(tmp_path / "short.mp4", seconds=3)
        await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style --from 0:08", files=[film])
        assert await whispered(on, VIDEO_CHANNEL, "The video is 3.0 s long: after 8 s")


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


async def test_image_1_is_the_first_attached_picture_on_its_way_to_wan(tmp_path: Path) -> None:
    pictures = []
    for number, colour in enumerate(["red", "lime", "blue"]):
        pictures.append(tmp_path / f"{3 - number}.png")
        picture = Image.new("RGB", (800, 600), colour)
        if number == 1:
            picture.paste(Image.effect_noise((800, 400), 100).convert("RGB"), (0, 200))  # larger, once it is saved
        picture.save(pictures[-1])
    film = make_film(tmp_path / "film.mp4")
    async with stage("memory", tmp_path) as on:
        ts = await on.alice.post(
            VIDEO_CHANNEL, "@video-editor give it the mood of image 1", files=[pictures[0], film, *pictures[1:]]
        )
        assert await result_in(on, VIDEO_CHANNEL, ts)
        (task,) = on.wan.tasks.values()
        assert [url.partition(":")[0] for url in task.order.images] == ["data", "oss", "data"]  # by their size
        seen = []
        for url in task.order.images:
            sent = on.wan.uploaded(url) or io.BytesIO(b64decode(url.partition(",")[2]))
            with Image.open(sent) as picture:
                seen.append(picture.convert("RGB").getpixel((200, 150)))
        edit = await settled_edit(on, ts)
        assert len(edit.image_urls) == 1  # what was sent within the request is kept no longer
        assert [[band > 200 for band in pixel] for pixel in seen] == [  # type: ignore[union-attr] # three bands
            [True, False, False], [False, True, False], [False, False, True]
        ]  # fmt: skip


async def test_a_lone_gif_is_edited(tmp_path: Path) -> None:
    gif = make_film(tmp_path / "moving.gif", codec="gif", pixels="rgb8", seconds=2.5)
    async with stage("memory", tmp_path) as on:
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style", files=[gif])
        assert await result_in(on, VIDEO_CHANNEL, ts)
        assert "GIF converted to H.264" in (await settled_edit(on, ts)).fitted


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
