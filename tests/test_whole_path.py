"""The whole path over real sockets: every way in, on memory and on a real server, ends with the video in its thread."""

import asyncio
from pathlib import Path

import av
import pytest

from bot.edit import State
from bot.messages.modal import CALLBACK_ID, IMAGES, INSTRUCTION, VIDEO_FILE
from client.sandbox.clip import make_picture
from client.sandbox.limits import Limits
from tests.bots import (
    DIRECT,
    EDIT_S,
    GENERAL_CHANNEL,
    RANDOM_CHANNEL,
    SECRET_CHANNEL,
    VIDEO_CHANNEL,
    buttons,
    has_file,
    origin_of,
    result_in,
    serving,
    settled_edit,
    small_clip,
    stage,
    whispered,
)
from tests.stores import BACKENDS, until

pytestmark = pytest.mark.parametrize("backend", BACKENDS)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_clip(tmp_path_factory.mktemp("clip"))


@pytest.fixture(scope="module")
def coat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_picture(tmp_path_factory.mktemp("picture") / "coat.png")


def seconds(path: Path) -> float:
    with av.open(str(path)) as container:
        assert container.duration is not None
        return container.duration / 1_000_000


async def test_a_mention_with_a_video_and_pictures_comes_back_edited_once_even_if_slack_tells_of_it_twice(
    backend: str, tmp_path: Path, clip: Path, coat: Path
) -> None:
    async with stage(backend, tmp_path) as on:
        on.slack.faults.duplicate_events = True
        ts = await on.alice.post(
            VIDEO_CHANNEL, "@video-editor Apply the mood of the image --seed 7", files=[clip, coat, coat]
        )
        video = await result_in(on, VIDEO_CHANNEL, ts)
        await on.alice.save_file(video["files"][0]["id"], tmp_path / "out.mp4")
        edit = await settled_edit(on, ts)

        assert video["thread_ts"] == ts
        assert abs(seconds(tmp_path / "out.mp4") - seconds(clip)) < 0.1
        assert edit.state is State.DONE
        assert edit.result_ts == video["ts"]
        assert on.wan.creates == 1
        (task,) = on.wan.tasks.values()
        assert task.order.seed == 7
        root, *replies = await on.alice.thread(VIDEO_CHANNEL, ts)
        assert {"eyes", "white_check_mark"} <= {reaction["name"] for reaction in root["reactions"]}
        assert len(replies) == 2  # one status message and one video, nothing else
        assert {"retry", "edit_again"} <= buttons(video)


async def test_a_direct_message_with_a_video_needs_no_mention(backend: str, tmp_path: Path, clip: Path) -> None:
    async with stage(backend, tmp_path) as on:
        ts = await on.alice.post(DIRECT, "8-bit pixel style", files=[clip])
        video = await result_in(on, DIRECT, ts)
        assert video["thread_ts"] == ts


async def test_a_reply_refines_the_newest_result_and_a_kind_word_costs_nothing(
    backend: str, tmp_path: Path, clip: Path
) -> None:
    async with stage(backend, tmp_path) as on:
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style", files=[clip])
        first = await result_in(on, VIDEO_CHANNEL, ts)
        await settled_edit(on, ts)
        await on.bob.post(VIDEO_CHANNEL, "nice!", thread_ts=ts)
        await on.bob.post(VIDEO_CHANNEL, "@video-editor now with a pixel art look", thread_ts=ts)
        second = await result_in(on, VIDEO_CHANNEL, ts, nth=2)

        assert second["files"][0]["id"] != first["files"][0]["id"]
        assert on.wan.creates == 2
        edits = await on.store.in_thread(on.slack.team_id, VIDEO_CHANNEL, ts)
        assert [edit.instruction for edit in edits] == ["now with a pixel art look", "8-bit pixel style"]
        assert edits[0].parent_id == edits[1].edit_id
        assert edits[0].video.file_id == first["files"][0]["id"]  # type: ignore[union-attr] # a file, as asserted


async def test_a_reaction_and_a_button_each_run_it_again_once_however_many_do_so(
    backend: str, tmp_path: Path, clip: Path
) -> None:
    async with stage(backend, tmp_path) as on:
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style --seed 1", files=[clip])
        video = await result_in(on, VIDEO_CHANNEL, ts)
        await settled_edit(on, ts)
        await on.alice.react(VIDEO_CHANNEL, ts, "repeat")
        await on.bob.react(VIDEO_CHANNEL, video["ts"], "repeat")
        await result_in(on, VIDEO_CHANNEL, ts, nth=2)
        await settled_edit(on, ts)
        await asyncio.gather(*(on.alice.click(VIDEO_CHANNEL, video["ts"], "retry") for _ in range(2)))
        await result_in(on, VIDEO_CHANNEL, ts, nth=3)
        await settled_edit(on, ts)

        by_button, by_reaction, original = await on.store.in_thread(on.slack.team_id, VIDEO_CHANNEL, ts)
        assert by_reaction.parent_id == by_button.parent_id == original.edit_id
        assert by_reaction.parameters.seed not in {None, 1}
        assert by_button.parameters.seed == 1
        assert on.wan.creates == 3


async def test_a_slash_command_edits_the_video_behind_a_link(
    backend: str, tmp_path: Path, clip: Path
) -> None:
    async with serving(clip) as url, stage(backend, tmp_path, trusted_origins=frozenset({origin_of(url)})) as on:
        await on.alice.command(VIDEO_CHANNEL, f"{url} pixel art please")
        video = await on.alice.wait_for(VIDEO_CHANNEL, has_file, EDIT_S)
        root, *_ = await on.alice.thread(VIDEO_CHANNEL, video["thread_ts"])
        assert root["user"] == on.slack.bot_user_id
        assert "pixel art please" in root["text"]


async def test_a_slash_command_where_the_bot_is_not_answers_in_a_direct_message(
    backend: str, tmp_path: Path, clip: Path
) -> None:
    async with serving(clip) as url, stage(backend, tmp_path, trusted_origins=frozenset({origin_of(url)})) as on:
        await on.alice.command(RANDOM_CHANNEL, f"{url} pixel art please")
        assert await on.alice.wait_for(DIRECT, has_file, EDIT_S)


async def test_a_link_to_a_slack_message_edits_the_video_of_that_message(
    backend: str, tmp_path: Path, clip: Path
) -> None:
    async with stage(backend, tmp_path) as on:
        ts = await on.bob.post(VIDEO_CHANNEL, "look what I filmed", files=[clip])
        permalink = f"{on.slack.origin}/archives/{VIDEO_CHANNEL}/p{ts.replace('.', '')}"
        await on.alice.command(GENERAL_CHANNEL, f"{permalink} pixel art please")
        assert await on.alice.wait_for(GENERAL_CHANNEL, has_file, EDIT_S)


async def test_a_link_to_a_message_that_the_person_may_not_see_is_refused(
    backend: str, tmp_path: Path, clip: Path
) -> None:
    async with stage(backend, tmp_path) as on:
        ts = await on.alice.post(SECRET_CHANNEL, "not for Bob", files=[clip])
        permalink = f"{on.slack.origin}/archives/{SECRET_CHANNEL}/p{ts.replace('.', '')}"
        await on.bob.command(GENERAL_CHANNEL, f"{permalink} pixel art please")
        assert await whispered(on, GENERAL_CHANNEL, "shared in this conversation", to=on.bob)
        assert on.wan.creates == 0


async def test_the_form_takes_a_short_video_and_opens_a_thread(
    backend: str, tmp_path: Path, clip: Path, coat: Path
) -> None:
    async with stage(backend, tmp_path) as on:
        await on.alice.command(VIDEO_CHANNEL, "")
        view = await on.alice.wait_for_view(lambda view: view["callback_id"] == CALLBACK_ID)
        files = {VIDEO_FILE: [clip], IMAGES: [coat]}
        answer = await on.alice.submit(view["id"], {INSTRUCTION: {INSTRUCTION: "apply the mood of the image"}}, files)
        assert answer["closed"]
        video = await on.alice.wait_for(VIDEO_CHANNEL, has_file, EDIT_S)
        root, *_ = await on.alice.thread(VIDEO_CHANNEL, video["thread_ts"])
        assert root["user"] == on.slack.bot_user_id
        edit = await settled_edit(on, video["thread_ts"])
        assert len(edit.images) == 1


async def test_edit_again_opens_the_form_with_the_instruction_and_edits_the_result(
    backend: str, tmp_path: Path, clip: Path
) -> None:
    async with stage(backend, tmp_path) as on:
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style", files=[clip])
        video = await result_in(on, VIDEO_CHANNEL, ts)
        first = await settled_edit(on, ts)
        await on.bob.click(VIDEO_CHANNEL, video["ts"], "edit_again")
        view = await on.bob.wait_for_view(lambda view: view["callback_id"] == CALLBACK_ID)
        assert "8-bit pixel style" in str(view["blocks"])
        await on.bob.submit(view["id"], {INSTRUCTION: {INSTRUCTION: "black and white"}})
        await result_in(on, VIDEO_CHANNEL, ts, nth=2)
        second = await settled_edit(on, ts)
        assert (second.parent_id, second.instruction) == (first.edit_id, "black and white")
        assert second.video.file_id == video["files"][0]["id"]  # type: ignore[union-attr] # a file, as asserted


async def test_only_the_requester_and_admins_cancel_and_nothing_is_paid(
    backend: str, tmp_path: Path, clip: Path
) -> None:
    slow = Limits(pending_s=60, min_run_s=60)
    async with stage(backend, tmp_path, limits=slow) as on:
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style", files=[clip])
        await until(lambda: on.wan.creates == 1, EDIT_S)
        await on.bob.react(VIDEO_CHANNEL, ts, "x")
        assert await whispered(on, VIDEO_CHANNEL, "can cancel it", to=on.bob)
        await on.alice.react(VIDEO_CHANNEL, ts, "x")
        edit = await settled_edit(on, ts)
        assert edit.state is State.CANCELED
        (task,) = on.wan.tasks.values()
        assert task.status == "CANCELED"


async def test_help_and_status_answer_privately(backend: str, tmp_path: Path, clip: Path) -> None:
    async with stage(backend, tmp_path, limits=Limits(pending_s=60)) as on:
        helped = await on.alice.command(VIDEO_CHANNEL, "help")
        assert helped is not None
        assert "--720p" in helped["text"]
        await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style", files=[clip])
        await until(lambda: on.wan.creates == 1)
        status = await on.alice.command(VIDEO_CHANNEL, "status")
        assert status is not None
        assert "8-bit pixel style" in status["text"]
