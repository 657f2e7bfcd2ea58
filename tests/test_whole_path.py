"""The whole path over real sockets: every way in, on memory and on a real server, ends with the video in its thread."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import av
import pytest
from aiohttp import web

from bot.edit import State
from client.sandbox.clip import make_clip, make_picture
from tests.bots import EDIT_S, RANDOM_CHANNEL, VIDEO_CHANNEL, Stage, result_in, settled_edit, stage
from tests.stores import BACKENDS

pytestmark = pytest.mark.parametrize("backend", BACKENDS)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "garden.mp4", seconds=2.0, size=(320, 240), fps=15)


@pytest.fixture(scope="module")
def coat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_picture(tmp_path_factory.mktemp("picture") / "coat.png")


def buttons(message: dict[str, Any]) -> set[str]:
    return {
        element["action_id"]
        for block in message.get("blocks", ())
        for element in block.get("elements", ())
        if "action_id" in element
    }


def has_file(message: dict[str, Any]) -> bool:
    return bool(message.get("files"))


DIRECT = "D0ALICE01"


def origin_of(url: str) -> str:
    return url.removesuffix("/clip.mp4")


@asynccontextmanager
async def serving(path: Path) -> AsyncIterator[str]:
    """Serve one file on loopback, as somebody's web server would."""
    app = web.Application()

    async def send(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(path)

    app.router.add_get("/clip.mp4", send)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/clip.mp4"
    finally:
        await runner.cleanup()


def seconds(path: Path) -> float:
    with av.open(str(path)) as container:
        assert container.duration is not None
        return container.duration / 1_000_000


async def test_a_mention_with_a_video_and_pictures_comes_back_edited(
    backend: str, tmp_path: Path, clip: Path, coat: Path
) -> None:
    async with stage(backend, tmp_path) as on:
        ts = await on.alice.post(
            VIDEO_CHANNEL, "@video-editor Apply the mood of the image --seed 7", files=[clip, coat, coat]
        )
        video = await result_in(on, VIDEO_CHANNEL, ts)
        await on.alice.save_file(video["files"][0]["id"], tmp_path / "out.mp4")
        edit = await settled_edit(on, ts)

        assert video["thread_ts"] == ts
        assert abs(seconds(tmp_path / "out.mp4") - seconds(clip)) < 0.1
        assert (tmp_path / "out.mp4").read_bytes() != clip.read_bytes()
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


async def test_a_reaction_runs_it_again_once_with_a_new_seed_however_many_react(
    backend: str, tmp_path: Path, clip: Path
) -> None:
    async with stage(backend, tmp_path) as on:
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style --seed 1", files=[clip])
        video = await result_in(on, VIDEO_CHANNEL, ts)
        await settled_edit(on, ts)
        await on.alice.react(VIDEO_CHANNEL, ts, "repeat")
        await on.bob.react(VIDEO_CHANNEL, video["ts"], "repeat")
        await result_in(on, VIDEO_CHANNEL, ts, nth=2)

        retry, original = await on.store.in_thread(on.slack.team_id, VIDEO_CHANNEL, ts)
        assert retry.parent_id == original.edit_id
        assert retry.parameters.seed not in {None, 1}
        assert on.wan.creates == 2


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
