"""Who wants their data deleted gets it deleted; where the app is removed nothing is left."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.edit import SET_OVER, Edit, Failure, Reason, State
from bot.events import CancelTooLate, Delivered, Failed, Finished, Shown
from bot.steps.forget import forget_person, sweep_forgotten
from bot.steps.janitor import sweep
from bot.steps.tell import tell
from bot.store import Store
from tests.bots import VIDEO_CHANNEL, idle_bot, stage
from tests.slack_app import ALICE
from tests.stores import BACKENDS, new_edit, new_note, until

BOTH = pytest.mark.parametrize("backend", BACKENDS)


async def keep(store: Store, edit_id: str, **fields: Any) -> Edit:
    edit = new_edit(edit_id, **fields)
    assert await store.create(edit, f"claim of {edit_id}") is None
    return edit


@BOTH
async def test_of_a_person_nothing_is_kept_but_what_is_under_way_and_that_is_forgotten_when_it_is_over(
    backend: str, tmp_path: Path
) -> None:
    async with idle_bot(backend, tmp_path) as (bot, _slack):
        parts, store, now = bot.parts, bot.parts.store, datetime.now(UTC)
        await keep(store, "over", state=State.DONE, shown="DONE")
        await keep(store, "running", state=State.RUNNING, task_id="t1")
        await keep(store, "somebody's", user="U2")
        await store.profiles.update("T1", "U1", lambda _: {"seen_at": now})
        await store.notebook.save(new_note(), "message 1.1")
        await forget_person(parts, "T1", "U1")
        await sweep_forgotten(parts)
        running = await store.get("running")
        assert running is not None
        assert (running.cancel_requested_by, running.forgotten) == ("U1", True)
        assert {edit.edit_id for edit in await store.open_edits()} == {"running", "somebody's"}
        finished = Finished(result_url="https://example.com/r.mp4")
        for event in (CancelTooLate(), finished, Delivered(result_ts="1.9"), Shown(face="DONE")):
            await store.move("running", event, now)
        await sweep_forgotten(parts)
        await store.delete("somebody's")
        await store.durations.forget(datetime.max.replace(tzinfo=UTC))
        assert set(await store.leftovers()) <= {"pace"}


@BOTH
async def test_a_finished_edit_expires_after_the_days_of_the_setting(backend: str, tmp_path: Path) -> None:
    async with idle_bot(backend, tmp_path) as (bot, _slack):
        clock = datetime.now(UTC)
        week = bot.parts.settings.model_copy(update={"retention_days": 7.0})
        parts = replace(bot.parts, settings=week, now=lambda: clock)
        await keep(parts.store, "over", state=State.DONE, shown="DONE", entered_at=clock)
        await keep(parts.store, "open", state=State.WAITING, entered_at=clock)
        clock += timedelta(days=6, hours=23)
        await sweep(parts)
        assert await parts.store.get("over") is not None
        clock += timedelta(hours=2)
        await sweep(parts)
        assert await parts.store.get("over") is None
        assert await parts.store.get("open") is not None


async def test_variations_expire_together_and_not_before_all_are_over() -> None:
    clock = datetime.now(UTC)
    async with idle_bot("memory", Path()) as (bot, _):
        hours = bot.parts.settings.model_copy(update={"retention_days": 0.1})
        parts = replace(bot.parts, settings=hours, now=lambda: clock)
        ended = {"variations": 2, "state": State.FAILED, "entered_at": clock}
        await keep(parts.store, "e1", **ended)
        await keep(parts.store, "e1-2", **ended | {"variation": 2, "state": State.RUNNING, "task_id": "t2"})
        clock += timedelta(hours=3)
        await sweep(parts)
        assert await parts.store.get("e1") is not None
        await parts.store.move("e1-2", Failed(failure=Failure(reason=Reason.BUG, message="m")), clock)
        clock += timedelta(hours=3)
        await sweep(parts)
        assert [await parts.store.get(edit_id) is None for edit_id in ("e1", "e1-2")] == [False, False]
        await parts.store.move("e1", Shown(face=SET_OVER), clock)
        await sweep(parts)
        assert [await parts.store.get(edit_id) for edit_id in ("e1", "e1-2")] == [None, None]


async def test_a_person_says_it_twice_and_is_told_when_it_is_done(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        fields = {"team": on.slack.team_id, "user": ALICE, "entered_at": datetime.now(UTC)}  # the janitor is there
        await keep(on.store, "over", state=State.DONE, shown="DONE", **fields)
        await on.alice.open_home()
        await until(lambda: "*done*" in str(on.slack.team.views.home(ALICE)))
        asked = await on.alice.command(VIDEO_CHANNEL, "delete my data")
        assert "delete my data yes" in str(asked)
        assert await on.store.get("over") is not None
        await on.alice.command(VIDEO_CHANNEL, "delete my data yes")
        await on.alice.wait_for("D0ALICE01", lambda message: "Your data is deleted" in str(message["text"]))
        assert await on.store.get("over") is None
        assert "None yet" in str(on.slack.team.views.home(ALICE))


@BOTH
@pytest.mark.parametrize("why", ["app_uninstalled", "tokens_revoked"])
async def test_where_the_app_is_removed_nothing_is_left(why: str, backend: str, tmp_path: Path) -> None:
    async with idle_bot(backend, tmp_path) as (bot, slack):
        store = bot.parts.store
        for number, state in enumerate((State.WAITING, State.RUNNING, State.DONE)):
            await keep(store, f"e{number}", team=slack.team_id, state=state, task_id=f"t{number}")
        await store.profiles.update(slack.team_id, "U1", lambda _: {"seen_at": datetime.now(UTC)})
        await store.notebook.save(new_note(), "message 1.1")
        event = {"type": why} | ({"tokens": {"bot": ["U0BOT"]}} if why == "tokens_revoked" else {})
        body = {"type": "event_callback", "team_id": slack.team_id, "event": event}
        answer = await bot.app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=body))
        assert answer.status == 200
        for note in await store.notebook.unsent():
            if note.forgets:
                await tell(bot.parts, note.note_id)
        assert set(await store.leftovers()) <= {"pace"}


async def test_a_person_who_takes_their_own_token_back_loses_nothing_of_the_workspace(tmp_path: Path) -> None:
    async with idle_bot("memory", tmp_path) as (bot, slack):
        event = {"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}}
        body = {"type": "event_callback", "team_id": slack.team_id, "event": event}
        assert (await bot.app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=body))).status == 200
        assert await bot.parts.store.notebook.unsent() == []
