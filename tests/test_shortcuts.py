"""Shortcuts: a message's video is edited in its thread, and the global one asks where the video should come."""

from pathlib import Path

import pytest

from bot.edit import Permalink
from bot.messages.modal import CHANNEL, INSTRUCTION, VIDEO_FILE
from client.sandbox.clip import make_picture
from tests.bots import (
    DIRECT,
    EDIT_S,
    GENERAL_CHANNEL,
    RANDOM_CHANNEL,
    SECRET_CHANNEL,
    VIDEO_CHANNEL,
    Stage,
    has_file,
    result_in,
    settled_edit,
    small_clip,
    stage,
    whispered,
)

PIXELS = {INSTRUCTION: {INSTRUCTION: "8-bit pixel style"}}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_clip(tmp_path_factory.mktemp("clip"))


async def edit_video_of(on: Stage, channel: str, ts: str) -> None:
    """Let Bob use the shortcut on a message and ask for pixels."""
    await on.bob.shortcut("edit_this_video", channel, ts)
    view = await on.bob.wait_for_view()
    assert view["title"]["text"] == "Edit this video"
    assert (await on.bob.submit(view["id"], PIXELS))["closed"]


async def test_the_video_of_somebodys_message_comes_back_edited_in_its_thread(tmp_path: Path, clip: Path) -> None:
    async with stage("memory", tmp_path) as on:
        ts = await on.alice.post(VIDEO_CHANNEL, "look at my garden", files=[clip])
        await edit_video_of(on, VIDEO_CHANNEL, ts)
        await result_in(on, VIDEO_CHANNEL, ts)
        edit = await settled_edit(on, ts)
        assert (edit.user, edit.video) == (on.bob.user_id, Permalink(channel=VIDEO_CHANNEL, ts=ts))
        root, *_ = await on.alice.thread(VIDEO_CHANNEL, ts)
        assert {"eyes", "white_check_mark"} <= {reaction["name"] for reaction in root["reactions"]}


async def test_the_video_of_a_reply_is_edited_in_the_thread_of_the_reply(tmp_path: Path, clip: Path) -> None:
    async with stage("memory", tmp_path) as on:
        root = await on.alice.post(VIDEO_CHANNEL, "who has a video?")
        reply = await on.alice.post(VIDEO_CHANNEL, "I do", files=[clip], thread_ts=root)
        await edit_video_of(on, VIDEO_CHANNEL, reply)
        assert (await result_in(on, VIDEO_CHANNEL, root))["thread_ts"] == root


async def test_the_shortcut_on_a_result_is_edit_again(tmp_path: Path, clip: Path) -> None:
    async with stage("memory", tmp_path) as on:
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style", files=[clip])
        video = await result_in(on, VIDEO_CHANNEL, ts)
        first = await settled_edit(on, ts)
        await on.bob.shortcut("edit_this_video", VIDEO_CHANNEL, video["ts"])
        view = await on.bob.wait_for_view()
        assert view["title"]["text"] == "Edit again"
        await on.bob.submit(view["id"], {INSTRUCTION: {INSTRUCTION: "black and white"}})
        await result_in(on, VIDEO_CHANNEL, ts, nth=2)
        assert (await settled_edit(on, ts)).parent_id == first.edit_id


async def test_a_message_without_one_video_gets_a_private_sentence_and_no_dialog(tmp_path: Path, clip: Path) -> None:
    async with stage("memory", tmp_path) as on:
        other = small_clip(tmp_path, "other.mp4")
        for files, answer in (
            ([], "no video in this message"),
            ([make_picture(tmp_path / "coat.png")], "no video in this message"),
            ([clip, other], "2 videos in this message"),
        ):
            ts = await on.alice.post(VIDEO_CHANNEL, "hello", files=files)
            await on.bob.shortcut("edit_this_video", VIDEO_CHANNEL, ts)
            assert await whispered(on, VIDEO_CHANNEL, answer, to=on.bob)
        assert await on.bob.views() == []
        assert not [message for message in await on.alice.history(VIDEO_CHANNEL) if message.get("ephemeral")]


async def test_where_the_bot_is_not_the_person_is_told_to_invite_it(tmp_path: Path, clip: Path) -> None:
    async with stage("memory", tmp_path) as on:
        ts = await on.alice.post(RANDOM_CHANNEL, "look", files=[clip])
        await on.alice.shortcut("edit_this_video", RANDOM_CHANNEL, ts)
        view = await on.alice.wait_for_view()
        await on.alice.submit(view["id"], PIXELS)
        told = await on.alice.wait_for(DIRECT, lambda message: "/invite" in message["text"], EDIT_S)
        assert "It cost nothing." in told["text"]
        assert on.wan.creates == 0


async def test_the_global_shortcut_asks_where_the_video_should_come(tmp_path: Path, clip: Path) -> None:
    async with stage("memory", tmp_path) as on:
        await on.alice.shortcut("edit_a_video", GENERAL_CHANNEL)
        view = await on.alice.wait_for_view()
        await on.alice.submit(view["id"], PIXELS | {CHANNEL: {CHANNEL: VIDEO_CHANNEL}}, {VIDEO_FILE: [clip]})
        video = await on.alice.wait_for(VIDEO_CHANNEL, has_file, EDIT_S)
        root, *_ = await on.alice.thread(VIDEO_CHANNEL, video["thread_ts"])
        assert "wants a video edited" in root["text"]


async def test_the_global_shortcut_begins_with_the_conversation_that_one_looks_at(tmp_path: Path, clip: Path) -> None:
    async with stage("memory", tmp_path) as on:
        await on.alice.shortcut("edit_a_video", DIRECT)
        view = await on.alice.wait_for_view()
        await on.alice.submit(view["id"], PIXELS, {VIDEO_FILE: [clip]})
        assert await on.alice.wait_for(DIRECT, has_file, EDIT_S)


async def test_a_channel_that_the_person_is_not_in_is_never_posted_to(tmp_path: Path, clip: Path) -> None:
    async with stage("memory", tmp_path) as on:
        await on.bob.shortcut("edit_a_video", GENERAL_CHANNEL)
        view = await on.bob.wait_for_view()
        await on.bob.submit(view["id"], PIXELS | {CHANNEL: {CHANNEL: SECRET_CHANNEL}}, {VIDEO_FILE: [clip]})
        assert await on.bob.wait_for("D0BOB0001", has_file, EDIT_S)
        assert await on.alice.history(SECRET_CHANNEL) == []
