"""Looking at a result before it is posted: what seems wrong is said, and nothing about it can cost a paid video."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from bot.edit import Edit, Looks, State
from bot.media.child import slots
from bot.media.fit import fit
from bot.messages.result import result
from bot.steps.judge import faults_of, looks_of
from client.models import Parameters
from client.sandbox.clip import make_clip
from tests.blocks import whole
from tests.bots import VIDEO_CHANNEL, result_in, settled_edit, small_clip, stage
from tests.edits import edit_in
from tests.films import make_film
from tests.stores import until


async def edit_of(source: Path, folder: Path, **asked: object) -> Edit:
    """Return an edit of this video on its way to its thread, as prepare leaves it."""
    film = await fit(source, "video", folder)
    looks = await looks_of(film, folder)
    assert looks is not None
    return edit_in(State.DELIVERING, source_s=3.0, looks=looks, parameters=Parameters.model_validate(asked))


@asynccontextmanager
async def busy_cores() -> AsyncIterator[None]:
    """Hold all places for children until the block ends."""
    async with AsyncExitStack() as held:
        for _ in range(os.cpu_count() or 1):
            await held.enter_async_context(slots())
        yield


async def test_a_result_that_is_its_source_is_found_out_and_one_that_differs_is_not(tmp_path: Path) -> None:
    source = make_clip(tmp_path / "source.mp4", seconds=3, size=(320, 240))
    other = make_clip(tmp_path / "other.mp4", seconds=3, size=(320, 240), seed=5)
    edit = await edit_of(source, tmp_path, audio_setting="origin")
    assert await faults_of(edit, source) == ("It looks just like the original.",)
    assert await faults_of(edit, other) == ()


async def test_a_change_of_colours_alone_is_a_change(tmp_path: Path) -> None:
    source = make_film(tmp_path / "source.mp4")
    grey = make_film(tmp_path / "grey.mp4", pixels="gray")
    assert await faults_of(await edit_of(source, tmp_path), grey) == ()


async def test_length_shape_and_sound_are_those_that_were_asked_for(tmp_path: Path) -> None:
    source = make_film(tmp_path / "source.mp4", sound="aac")
    other = make_film(tmp_path / "other.mp4", seconds=2, size=(240, 320), pixels="gray")
    edit = await edit_of(source, tmp_path, audio_setting="origin")
    assert await faults_of(edit, other) == (
        "It is 2.0 s long instead of 3.0 s.", "Its shape (240 × 320) is not the one asked for.", "Its sound is missing."
    )  # fmt: skip
    as_asked = edit.model_copy(update={"parameters": Parameters(ratio="3:4", duration_s=2)})
    assert await faults_of(as_asked, other) == ()


async def test_the_shape_of_a_very_long_picture_is_not_judged_unless_it_was_asked_for(tmp_path: Path) -> None:
    source = make_film(tmp_path / "source.mp4", size=(960, 240))
    other = make_film(tmp_path / "other.mp4", size=(640, 240), pixels="gray")
    edit = await edit_of(source, tmp_path)
    assert await faults_of(edit, other) == ()
    asked = edit.model_copy(update={"parameters": Parameters(ratio="9:16")})
    assert await faults_of(asked, other) == ("Its shape (640 × 240) is not the one asked for.",)


async def test_what_cannot_be_opened_is_said_and_what_cannot_be_looked_at_is_not(tmp_path: Path) -> None:
    edit = await edit_of(make_film(tmp_path / "source.mp4"), tmp_path)
    (tmp_path / "broken.mp4").write_bytes(b"no video at all")
    assert await faults_of(edit, tmp_path / "broken.mp4") == ("It cannot be opened.",)
    assert await faults_of(edit, tmp_path / "vanished.mp4") == ()
    spoilt = edit.model_copy(update={"looks": Looks(width=0, height=0, has_sound=False, samples="?")})
    assert await faults_of(spoilt, tmp_path / "source.mp4") == ()


async def test_a_look_waits_for_a_free_core_and_without_one_the_header_is_judged_all_the_same(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source = make_film(tmp_path / "source.mp4", sound="aac")
    edit = await edit_of(source, tmp_path, audio_setting="origin")
    shorter = make_film(tmp_path / "shorter.mp4", seconds=2, size=(240, 320))
    by_header = (
        "It is 2.0 s long instead of 3.0 s.", "Its shape (240 × 320) is not the one asked for.", "Its sound is missing."
    )  # fmt: skip
    async with busy_cores():
        assert await faults_of(edit, shorter, within_s=0.05) == by_header
        assert "film not looked at" in caplog.text
        waiting = asyncio.create_task(faults_of(edit, source))
        done, _ = await asyncio.wait([waiting], timeout=0.05)
        assert not done
    assert await waiting == ("It looks just like the original.",)


async def test_a_source_that_could_not_be_looked_at_still_says_length_shape_and_sound(tmp_path: Path) -> None:
    film = await fit(make_film(tmp_path / "source.mp4", sound="aac"), "video", tmp_path)
    async with busy_cores():
        looks = await looks_of(film, tmp_path, within_s=0.05)
    assert looks == Looks(width=320, height=240, has_sound=True)
    edit = edit_in(State.DELIVERING, source_s=3.0, looks=looks, parameters=Parameters(audio_setting="origin"))
    other = make_film(tmp_path / "other.mp4", size=(240, 320))
    assert await faults_of(edit, other) == (
        "Its shape (240 × 320) is not the one asked for.", "Its sound is missing."
    )  # fmt: skip


async def test_what_is_kept_of_ten_seconds_is_small(tmp_path: Path) -> None:
    source = make_clip(tmp_path / "source.mp4", seconds=10, size=(320, 240), fps=10)
    looks = (await edit_of(source, tmp_path)).looks
    assert looks is not None
    assert len(looks.samples) == 20 * (64 + 32) * 4 // 3


def test_doubts_stand_with_the_video() -> None:
    edit = edit_in(State.DELIVERING, faults=("Its sound is missing.",))
    assert "Its sound is missing. Look at it before you use it" in whole(result(edit))
    assert ":warning:" not in whole(result(edit_in(State.DELIVERING)))


@pytest.mark.parametrize("is_good", [True, False])
async def test_a_result_is_posted_with_what_seems_to_be_wrong_with_it(tmp_path: Path, is_good: bool) -> None:
    async with stage("memory", tmp_path, check_results=True) as on:
        clip = small_clip(tmp_path)
        on.wan.faults.add("result", delay_s=1)
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style", files=[clip])
        await until(lambda: any(task.result for task in on.wan.tasks.values()))
        if not is_good:
            for task in on.wan.tasks.values():
                task.result = clip
        video = await result_in(on, VIDEO_CHANNEL, ts)
        edit = await settled_edit(on, ts)
        assert edit.state is State.DONE
        assert edit.faults == (() if is_good else ("It looks just like the original.",))
        assert ("just like the original" in str(video["blocks"])) is not is_good
