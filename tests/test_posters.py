"""A small picture of each result on App Home: made after the delivery, deleted with it, and never worth a trouble."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.edit import Poster, State
from bot.pace import RATES
from bot.sandbox.person import Person
from bot.sandbox.state import ALICE
from bot.sandbox.workspace import LocalSlack
from bot.steps.homes import Homes
from bot.steps.janitor import sweep
from bot.steps.parts import Parts
from bot.steps.poster import keep_poster, show_anew
from tests.blocks import elements
from tests.bots import EDIT_S, idle_bot, small_clip
from tests.stores import BACKENDS, new_edit, until


@asynccontextmanager
async def delivered(backend: str, folder: Path, *edit_ids: str) -> AsyncIterator[tuple[Parts, LocalSlack]]:
    """Give a bot that does not run, with edits of Alice's whose videos are in their threads, and her Home open."""
    async with idle_bot(backend, folder) as (bot, slack):
        now = datetime.now(UTC)
        for edit_id in edit_ids:
            edit = new_edit(
                edit_id, state=State.DONE, shown="DONE", user=ALICE, team=slack.team_id, upload_id="F9",
                thread_ts="1.0", result_ts="1.5", created_at=now, entered_at=now,
            )  # fmt: skip
            assert await bot.parts.store.create(edit, edit_id) is None
        await bot.parts.store.profiles.update(slack.team_id, ALICE, lambda _: {"home_opened_at": now, "seen_at": now})
        yield bot.parts, slack


async def poster_of(parts: Parts, edit_id: str) -> Poster | None:
    edit = await parts.store.get(edit_id)
    assert edit is not None
    return edit.poster


async def shown(slack: LocalSlack) -> list[str]:
    """Return the files that Alice's Home shows as pictures."""
    home = (await Person(slack.origin, ALICE).state())["home"]
    return [part["slack_file"]["id"] for part in elements(home["blocks"]) if "slack_file" in part]


async def test_a_poster_is_a_jpeg_that_is_shared_nowhere_and_shown_on_the_home_of_its_requester(tmp_path: Path) -> None:
    async with delivered("memory", tmp_path, "e1") as (parts, slack):
        home = Homes(parts)
        await home()
        assert await shown(slack) == []
        await keep_poster(parts, "e1", small_clip(tmp_path))
        poster = await poster_of(parts, "e1")
        assert poster is not None
        assert poster.ready
        file = slack.state.files[poster.file_id]
        assert (file.path.read_bytes()[:3], file.shares) == (b"\xff\xd8\xff", [])
        await Homes(parts)()
        assert await shown(slack) == [poster.file_id]
        await Person(slack.origin, ALICE).save_file(poster.file_id, tmp_path / "seen.jpg")
        await keep_poster(parts, "e1", small_clip(tmp_path))  # once is enough
        assert await poster_of(parts, "e1") == poster


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal", "files.info"])
async def test_a_poster_that_slack_does_not_take_is_done_without(method: str, tmp_path: Path) -> None:
    async with delivered("memory", tmp_path, "e1") as (parts, slack):
        slack.faults.errors = {method: "file_uploads_disabled"}
        await keep_poster(parts, "e1", small_clip(tmp_path))
        poster = await poster_of(parts, "e1")
        assert poster is None or not poster.ready
        await Homes(parts)()
        assert await shown(slack) == []


async def test_nothing_is_made_of_what_is_no_video_or_was_deleted(tmp_path: Path) -> None:
    async with delivered("memory", tmp_path, "e1") as (parts, slack):
        await keep_poster(parts, "e1", tmp_path / "nowhere.mp4")
        await keep_poster(parts, "nobody", small_clip(tmp_path))
        assert [method for method, _ in slack.calls if method.startswith("files.")] == []


async def test_posters_take_no_place_from_the_videos(tmp_path: Path) -> None:
    async with delivered("memory", tmp_path, "e1") as (parts, _slack):
        for number in range(RATES["files.getUploadURLExternal"].burst - 2):
            await parts.files.put(small_clip(tmp_path), f"{number}.mp4")
        await keep_poster(parts, "e1", small_clip(tmp_path))
        assert await poster_of(parts, "e1") is None
        assert await parts.files.put(small_clip(tmp_path), "video.mp4")


@pytest.mark.parametrize("backend", BACKENDS)
async def test_a_poster_is_deleted_in_slack_after_its_edit_even_one_that_slack_never_showed(
    backend: str, tmp_path: Path
) -> None:
    async with delivered(backend, tmp_path, "e1") as (parts, slack):
        slack.faults.late_mimetype_s = 3600.0
        making = asyncio.create_task(keep_poster(parts, "e1", small_clip(tmp_path)))
        await until(lambda: "files.info" in [method for method, _ in slack.calls], EDIT_S)
        making.cancel()  # as by the end of the process
        poster = await poster_of(parts, "e1")
        assert poster is not None
        assert not poster.ready
        await parts.store.delete("e1")
        slack.faults.errors = {"files.delete": "internal_error"}
        await sweep(parts)
        assert not slack.state.files[poster.file_id].is_deleted
        slack.faults.errors = {}
        await sweep(parts)
        assert slack.state.files[poster.file_id].is_deleted
        await parts.store.profiles.delete(slack.team_id, ALICE)
        assert set(await parts.store.leftovers()) <= {"pace"}


async def test_a_poster_whose_edit_was_deleted_while_slack_looked_at_it_goes_at_once(tmp_path: Path) -> None:
    async with delivered("memory", tmp_path, "e1") as (parts, slack):
        slack.faults.late_mimetype_s = 3600.0
        making = asyncio.create_task(keep_poster(parts, "e1", small_clip(tmp_path)))
        await until(lambda: "files.info" in [method for method, _ in slack.calls], EDIT_S)
        poster = await poster_of(parts, "e1")
        assert poster is not None
        await parts.store.delete("e1")
        slack.faults.late_mimetype_s = 0.0
        await making
        assert slack.state.files[poster.file_id].is_deleted


async def test_a_poster_that_slack_was_slow_to_look_at_is_shown_later(tmp_path: Path) -> None:
    async with delivered("memory", tmp_path, "e1") as (parts, slack):
        slack.faults.late_mimetype_s = 3600.0
        making = asyncio.create_task(keep_poster(parts, "e1", small_clip(tmp_path)))
        await until(lambda: "files.info" in [method for method, _ in slack.calls], EDIT_S)
        making.cancel()
        await Homes(parts)()
        assert await shown(slack) == []
        slack.faults.late_mimetype_s = 0.0
        await Homes(parts)()
        poster = await poster_of(parts, "e1")
        assert poster is not None
        assert await shown(slack) == [poster.file_id]


async def test_a_poster_that_the_workspace_deleted_costs_the_others_one_look(tmp_path: Path) -> None:
    async with delivered("memory", tmp_path, "e1", "e2") as (parts, slack):
        for edit_id in ("e1", "e2"):
            await keep_poster(parts, edit_id, small_clip(tmp_path))
        lost, kept = await poster_of(parts, "e1"), await poster_of(parts, "e2")
        assert lost is not None
        assert kept is not None
        slack.state.files[lost.file_id].is_deleted = True
        version = (await parts.store.profiles.get(slack.team_id, ALICE)).version
        await Homes(parts)()
        assert await shown(slack) == []
        assert await poster_of(parts, "e1") is None
        assert (await parts.store.profiles.get(slack.team_id, ALICE)).version > version  # so it is published again
        await Homes(parts)()
        assert await shown(slack) == [kept.file_id]


async def test_a_home_whose_pictures_slack_refuses_is_shown_in_words_and_not_asked_about_each_time(
    tmp_path: Path,
) -> None:
    async with delivered("memory", tmp_path, "e1") as (parts, slack):
        await keep_poster(parts, "e1", small_clip(tmp_path))
        slack.faults.late_mimetype_s = 3600.0
        homes = Homes(parts)
        await homes()
        assert published(slack) == [True, False]
        await show_anew(parts, slack.team_id, ALICE)
        async with asyncio.timeout(EDIT_S):
            while len(published(slack)) < 3:
                await homes()
        assert published(slack) == [True, False, False]


def published(slack: LocalSlack) -> list[bool]:
    """Say of each home that was sent whether it had pictures."""
    return ["slack_file" in str(arguments) for method, arguments in slack.calls if method == "views.publish"]
