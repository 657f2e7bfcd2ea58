"""What can be done with a delivered video by the buttons that stand with it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.edit import State
from bot.events import Asked
from bot.jobs import Jobs
from bot.local import running, sandbox_settings
from bot.manifest import load
from bot.messages.removal import CALLBACK_ID
from bot.messages.result import result
from bot.sandbox.person import Person
from bot.sandbox.state import ALICE
from bot.sandbox.workspace import LocalSlack
from bot.store import Store
from client.sandbox.server import LocalWan
from tests.blocks import check_limits, elements
from tests.bots import (
    BRISK,
    EDIT_S,
    QUICK,
    VIDEO_CHANNEL,
    Stage,
    result_in,
    settled_edit,
    small_clip,
    stage,
    whispered,
)
from tests.edits import edit_in
from tests.stores import store_url, until


def says(words: str) -> Callable[[dict[str, Any]], bool]:
    return lambda message: words in message["text"]


def test_a_menu_and_few_buttons_stand_with_a_video() -> None:
    message = result(edit_in(State.DELIVERING))
    check_limits(message)
    (row,) = [block for block in message.blocks if block["type"] == "actions"]
    assert len(row["elements"]) <= 5
    values = [part["value"] for part in elements(row) if "value" in part and " " in part["value"]]
    assert values == ["details e1", "remove e1"]


async def test_retry_keeps_the_seed_vary_changes_it_and_double_clicks_are_one(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        ts = await on.alice.post(
            VIDEO_CHANNEL, "@video-editor 8-bit pixel style --seed 7", files=[small_clip(tmp_path)]
        )
        video = await result_in(on, VIDEO_CHANNEL, ts)
        first = await settled_edit(on, ts)
        presses = [(person, way) for way in ("retry", "vary") for person in (on.alice, on.bob)]
        await asyncio.gather(*(person.click(VIDEO_CHANNEL, video["ts"], way) for person, way in presses))
        await result_in(on, VIDEO_CHANNEL, ts, nth=3)
        await until(lambda: on.wan.creates == 3, EDIT_S)
        edits = await on.store.in_thread(on.slack.team_id, VIDEO_CHANNEL, ts)
        assert [edit.parent_id for edit in edits if edit != first] == [first.edit_id] * 2
        seeds = [edit.parameters.seed for edit in edits]
        assert sorted(seed == 7 for seed in seeds) == [False, True, True]


async def test_only_the_requester_deletes_the_video_and_its_picture_and_what_was_paid_stays(tmp_path: Path) -> None:
    async with stage("memory", tmp_path, posters=True) as on:
        await on.alice.open_home()
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style", files=[small_clip(tmp_path)])
        video = await result_in(on, VIDEO_CHANNEL, ts)
        edit = await settled_edit(on, ts)
        (poster,) = await pictures_on_home(on, 1)
        await on.bob.click(VIDEO_CHANNEL, video["ts"], "more", f"remove {edit.edit_id}")
        assert await whispered(on, VIDEO_CHANNEL, "can delete its video", to=on.bob)

        views = []
        for _ in range(2):  # a double click opens the question twice
            await on.alice.click(VIDEO_CHANNEL, video["ts"], "more", f"remove {edit.edit_id}")
            views.append(await on.alice.wait_for_view(lambda view: view["callback_id"] == CALLBACK_ID))
        await on.alice.submit(views[-1]["id"], {})
        status = await on.alice.wait_for(VIDEO_CHANNEL, says("was deleted by"), EDIT_S)
        assert "It was billed." in status["text"]
        removed = await settled_edit(on, ts)
        assert (removed.state, removed.usage, removed.result_file) == (State.DONE, edit.usage, None)
        thread = await on.alice.thread(VIDEO_CHANNEL, ts)
        assert [message["ts"] for message in thread] == [ts, status["ts"]]
        assert on.slack.state.files[video["files"][0]["id"]].is_deleted
        assert on.slack.state.files[poster].is_deleted
        await pictures_on_home(on, 0)

        await on.alice.click(VIDEO_CHANNEL, status["ts"], "retry")
        await result_in(on, VIDEO_CHANNEL, ts)


async def test_what_was_asked_for_before_a_restart_is_done_after_it_and_old_buttons_work(tmp_path: Path) -> None:
    async with (
        LocalSlack(manifest=load()) as slack,
        LocalWan(limits=QUICK) as wan,
        store_url("server", tmp_path) as url,
    ):
        settings = sandbox_settings(slack, wan, store_url=url).model_copy(update=dict(BRISK))
        alice = Person(slack.origin, ALICE)
        async with running(settings) as bot:
            on = Stage(slack, wan, bot.parts.store, settings, alice, alice)
            ts = await alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style", files=[small_clip(tmp_path)])
            video = await result_in(on, VIDEO_CHANNEL, ts)
            edit = await settled_edit(on, ts)
        async with Jobs.open(url) as jobs:
            asked = await Store(jobs).move(edit.edit_id, Asked(errand="comparison", by=ALICE), datetime.now(UTC))
            assert asked is not None
        async with running(settings):
            await alice.wait_for(VIDEO_CHANNEL, lambda message: len(message.get("files", ())) == 2, EDIT_S)
            await alice.click(VIDEO_CHANNEL, video["ts"], "vary")
            await until(lambda: wan.creates == 2, EDIT_S)


async def test_a_removal_that_slack_refuses_is_told_and_may_be_asked_for_again(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style", files=[small_clip(tmp_path)])
        video = await result_in(on, VIDEO_CHANNEL, ts)
        edit = await settled_edit(on, ts)
        for error, words in (("missing_scope", "could not delete"), (None, "was deleted by")):
            on.slack.faults.errors = {"files.delete": error} if error else {}
            await on.alice.click(VIDEO_CHANNEL, video["ts"], "more", f"remove {edit.edit_id}")
            view = await on.alice.wait_for_view(lambda view: view["callback_id"] == CALLBACK_ID)
            await on.alice.submit(view["id"], {})
            await on.alice.wait_for(VIDEO_CHANNEL, says(words), EDIT_S)


async def pictures_on_home(on: Stage, count: int) -> list[str]:
    """Return the files that Alice's Home shows as pictures, as soon as they are so many."""
    async with asyncio.timeout(EDIT_S):
        while True:
            parts = elements((await on.alice.wait_for_home())["blocks"])
            if len(files := [part["slack_file"]["id"] for part in parts if "slack_file" in part]) == count:
                return files
            await asyncio.sleep(0.05)
