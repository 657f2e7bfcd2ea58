"""The store, on memory and on a real server."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.again import variations_of
from bot.edit import Edit, Failure, Reason, State
from bot.events import (
    Began,
    Canceled,
    Claimed,
    Completing,
    Created,
    Delivered,
    Event,
    Failed,
    Finished,
    Opened,
    Posting,
    Postponed,
    Prepared,
    Refused,
    Shown,
    Started,
)
from bot.jobs import Jobs
from bot.moves import ImpossibleMoveError
from bot.store import Store, StoreConflictError
from client.models import Parameters
from tests.stores import BACKENDS, FAR_FUTURE, NOON, new_edit, new_note, open_jobs, open_store, store_url

pytestmark = pytest.mark.parametrize("backend", BACKENDS)

LATER = NOON + timedelta(minutes=1)
TO_WAITING: tuple[Event, ...] = (Began(), Prepared(video_url="oss://v", source_s=2.5))
TO_PENDING: tuple[Event, ...] = (*TO_WAITING, Claimed(), Created(task_id="task-1"))
TO_DONE: tuple[Event, ...] = (
    *TO_PENDING,
    Started(),
    Finished(result_url="https://example.com/r.mp4"),
    Completing(upload_id="F9"),
    Delivered(result_ts="1.9"),
)
DOOM = Failure(reason=Reason.BUG, message="it broke")


async def live(store: Store, edit: Edit, events: Sequence[Event] = ()) -> Edit:
    """Keep an edit and let the events happen to it."""
    assert await store.create(edit, f"claim of {edit.edit_id}") is None
    for event in events:
        moved = await store.move(edit.edit_id, event, LATER)
        assert moved is not None
        edit = moved
    return edit


async def test_an_edit_comes_back_as_it_was_kept(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        edit = new_edit(posting=frozenset({"root"}), parameters=Parameters(seed=7), not_before=LATER)
        await live(store, edit)
        assert await store.get("e1") == edit
        assert await store.get("e2") is None


async def test_every_stop_of_a_whole_life_comes_back_as_it_was_kept(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        edit = await live(store, new_edit())
        for event in (*TO_DONE, Shown(face="DONE", status_ts="1.5")):
            moved = await store.move("e1", event, LATER)
            assert moved == await store.get("e1")
            assert moved is not None
            assert moved.version == edit.version + 1
            edit = moved
        assert edit.settled


async def test_fifty_creates_with_one_claim_make_one_edit(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        edits = [new_edit(f"e{number}") for number in range(50)]
        owners = await asyncio.gather(*(store.create(edit, "T1:C1:1.1") for edit in edits))
        (winner,) = await store.open_edits()
        assert owners.count(None) == 1
        assert {owner for owner in owners if owner} == {winner.edit_id}


async def test_a_create_that_is_repeated_is_still_one_edit(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        assert await store.create(new_edit(), "a") is None
        assert await store.create(new_edit(), "a") is None
        assert await store.open_edits() == [new_edit()]


async def test_an_edit_id_that_is_in_use_is_an_error_not_a_lost_request(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        await store.create(new_edit(), "a")
        with pytest.raises(StoreConflictError):
            await store.create(new_edit(instruction="another request"), "b")
        assert await store.get("e1") == new_edit()


async def test_one_taken_claim_of_several_keeps_the_edit_and_its_other_claims_out(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        await store.create(new_edit("e1"), "a")
        assert await store.create(new_edit("e2"), "b", "a") == "e1"
        assert await store.get("e2") is None
        assert await store.create(new_edit("e3"), "b", "c") is None


async def test_of_two_saves_of_one_version_exactly_one_wins(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        old = await live(store, new_edit())
        news = [old.model_copy(update={"version": 1, "attempts": number}) for number in range(20)]
        won = await asyncio.gather(*(store.save(old, new) for new in news))
        assert won.count(True) == 1
        assert await store.get("e1") == news[won.index(True)]


async def test_two_saves_of_equal_content_are_still_two_and_one_wins(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        old = await live(store, new_edit())
        new = old.model_copy(update={"version": 1})
        assert sorted(await asyncio.gather(store.save(old, new), store.save(old, new))) == [False, True]


async def test_concurrent_events_all_happen_one_after_the_other(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        await live(store, new_edit())
        await asyncio.gather(*(store.move("e1", Postponed(until=LATER), LATER) for _ in range(10)))
        edit = await store.get("e1")
        assert edit is not None
        assert (edit.attempts, edit.version) == (10, 10)


async def test_a_move_that_the_newest_copy_cannot_make_raises(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        await live(store, new_edit())
        with pytest.raises(ImpossibleMoveError):
            await store.move("e1", Claimed(), LATER)
        assert await store.get("e1") == new_edit()


async def test_a_move_of_no_edit_moves_nothing(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        assert await store.move("e1", Began(), LATER) is None


async def test_of_many_waiting_edits_one_gets_the_right_to_create(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        waiting = [await live(store, new_edit(f"e{number}"), TO_WAITING) for number in range(10)]
        claimed = [edit for edit in await asyncio.gather(*(store.claim_create(e, LATER) for e in waiting)) if edit]
        assert [edit.state for edit in claimed] == [State.SUBMITTING]
        assert claimed[0] == await store.get(claimed[0].edit_id)


@pytest.mark.parametrize("end", [Created(task_id="t"), Refused(until=LATER), Failed(failure=DOOM)])
async def test_the_right_to_create_is_free_again_after_any_answer(backend: str, tmp_path: Path, end: Event) -> None:
    async with open_store(backend, tmp_path) as store:
        first = await live(store, new_edit("e1"), TO_WAITING)
        second = await live(store, new_edit("e2"), TO_WAITING)
        assert await store.claim_create(first, LATER) is not None
        assert await store.claim_create(second, LATER) is None
        await store.move("e1", end, LATER)
        assert await store.claim_create(second, LATER) is not None


async def test_a_claim_on_an_outdated_copy_is_refused(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        waiting = await live(store, new_edit(), TO_WAITING)
        await store.move("e1", Canceled(), LATER)
        assert await store.claim_create(waiting, LATER) is None


async def test_open_edits_are_the_unsettled_ones_oldest_first(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        await live(store, new_edit("young", after_s=0.002))
        await live(store, new_edit("old", after_s=-3600))
        await live(store, new_edit("middle", after_s=0.001))
        assert [edit.edit_id for edit in await store.open_edits()] == ["old", "middle", "young"]
        await store.move("old", Canceled(), LATER)
        assert len(await store.open_edits()) == 3
        await store.move("old", Shown(face="CANCELED"), LATER)
        assert [edit.edit_id for edit in await store.open_edits()] == ["middle", "young"]


async def test_request_status_and_result_messages_lead_to_their_edit(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        edit = await live(store, new_edit(), (*TO_DONE, Shown(face="DONE", status_ts="1.5")))
        for ts in ("1.1", "1.5", "1.9"):
            assert await store.by_message("T1", "C1", ts) == edit
        assert await store.by_message("T2", "C1", "1.1") is None
        assert await store.by_message("T1", "C2", "1.1") is None


async def test_of_two_edits_that_share_a_message_the_newest_answers(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        await live(store, new_edit("new", after_s=1))
        old = await live(store, new_edit("old"))
        found = await store.by_message("T1", "C1", "1.1")
        assert found is not None
        assert found.edit_id == "new"
        await store.delete("new")
        assert await store.by_message("T1", "C1", "1.1") == old


async def test_a_thread_and_a_person_list_their_edits_newest_first(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        for number in range(5):
            await live(store, new_edit(f"e{number}", after_s=number))
        await live(store, new_edit("elsewhere", after_s=9, user="U2", thread_ts="7.7"))
        newest_first = ["e4", "e3", "e2", "e1", "e0"]
        assert [edit.edit_id for edit in await store.in_thread("T1", "C1", "1.1")] == newest_first
        assert [edit.edit_id for edit in await store.by_person("T1", "U1")] == newest_first
        assert [edit.edit_id for edit in await store.by_person("T1", "U1", limit=2)] == newest_first[:2]


async def test_an_edit_whose_thread_opens_elsewhere_is_found_there(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        await live(store, new_edit(thread_ts=None, request_ts=None), [Posting(what="root")])
        opened = await store.move("e1", Opened(channel="D7", thread_ts="8.8"), LATER)
        assert await store.in_thread("T1", "D7", "8.8") == [opened]
        assert await store.in_thread("T1", "C1", "8.8") == []


async def test_a_task_leads_to_its_owner(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        await live(store, new_edit(), TO_PENDING)
        assert await store.by_task("task-1") == "e1"
        assert await store.by_task("task-2") is None


async def test_the_next_retry_has_another_name_once_the_last_one_is_over(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        await live(store, new_edit("parent"))
        names: list[str] = []
        for child in ("c1", "c2", "c3"):
            names.append(await store.next_retry("parent", "retry"))
            await live(store, new_edit(child, parent_id="parent", way="retry", after_s=len(names)))
            assert await store.next_retry("parent", "retry") == names[-1]
            await store.move(child, Failed(failure=DOOM), LATER)
        for deleted in ("c1", "c2"):  # whoever asked for them wants nothing to be kept
            names.append(await store.next_retry("parent", "retry"))
            await store.delete(deleted)
        names.append(await store.next_retry("parent", "retry"))
        assert len(set(names)) == len(names)


async def test_variations_are_one_retry_that_is_over_when_all_of_them_are(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        run = new_edit("c1", parent_id="parent", way="retry", variations=2)
        edits = variations_of(run, first_seed=1)
        await store.create(edits[0], "c", siblings=edits[1:])
        names = [await store.next_retry("parent", "retry")]
        for edit in reversed(edits):
            await store.move(edit.edit_id, Failed(failure=DOOM), LATER)
            names.append(await store.next_retry("parent", "retry"))
        assert names == ["0", "0", "1:c1"]


async def test_edits_expire_by_the_time_of_their_end(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        for number in range(3):
            await live(store, new_edit(f"e{number}"))
            await store.move(f"e{number}", Canceled(), NOON + timedelta(hours=number))
        await live(store, new_edit("open"))
        assert await store.expired(NOON - timedelta(seconds=1), 10) == []
        assert await store.expired(NOON + timedelta(hours=1), 10) == ["e0", "e1"]
        assert await store.expired(FAR_FUTURE, 1) == ["e0"]


async def test_nothing_is_left_of_a_deleted_edit(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        await store.create(new_edit("e1", parent_id="e0"), "a", "b", "c")
        for event in TO_DONE:
            await store.move("e1", event, LATER)
        await store.delete("e1")
        await store.durations.forget(FAR_FUTURE)  # they do not say whose they were
        assert await store.leftovers() == []
        await store.delete("e1")
        assert await store.create(new_edit("e2"), "a", "b", "c") is None


async def test_an_unreadable_record_is_reported_once_and_does_not_hide_the_others(
    backend: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_jobs(backend, tmp_path) as jobs:
        store = Store(jobs)
        await live(store, new_edit("bad"))
        good = await live(store, new_edit("good"))
        await spoil(jobs, "edit:bad")
        with caplog.at_level(logging.ERROR, "bot.parsing"):
            assert await store.open_edits() == [good]
            assert await store.open_edits() == [good]
        assert [vars(record)["record"] for record in caplog.records] == ["bad"]
        assert await store.get("bad") is None
        await store.delete("bad")
        assert "edit:bad" not in await store.leftovers()


async def spoil(jobs: Jobs, name: str) -> None:
    """Write nonsense into a record."""
    async with jobs.redis() as redis:
        client: Any = redis
        await client.hset(jobs.key(name), "body", "{nonsense")


async def test_two_bots_on_one_database_do_not_see_each_other(backend: str, tmp_path: Path) -> None:
    async with (
        store_url(backend, tmp_path) as url,
        Jobs.open(url, name="one") as one,
        Jobs.open(url, name="two") as two,
    ):
        await live(Store(one), new_edit())
        assert await Store(two).open_edits() == []
        assert await Store(two).create(new_edit("e2"), "claim of e1") is None


async def test_scripts_are_loaded_again_after_the_server_forgot_them(backend: str, tmp_path: Path) -> None:
    if backend == "memory":
        pytest.skip("the memory of this process keeps its scripts")
    async with store_url(backend, tmp_path) as url, Jobs.open(url) as jobs:
        await live(Store(jobs), new_edit())
        async with Redis.from_url(url) as client:
            await client.script_flush()
        assert await Store(jobs).move("e1", Began(), LATER) is not None


async def test_a_note_is_kept_once_counted_and_forgotten(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        notes, note = store.notebook, new_note()
        assert await notes.save(note, "message 1.1")
        assert await notes.save(note, "message 1.1")
        assert not await notes.save(new_note("n2"), "message 1.1")
        assert await notes.save(new_note("n3", after_s=-1), "message 1.2")
        assert [kept.note_id for kept in await notes.unsent()] == ["n3", "n1"]
        await asyncio.gather(notes.postpone(note), notes.postpone(note))
        counted = await notes.get("n1")
        assert counted is not None
        assert counted.attempts == 1
        await notes.delete("n1")
        await notes.delete("n1")
        assert await notes.get("n1") is None
        assert await notes.save(new_note("n2"), "message 1.1")


async def test_what_was_answered_is_not_answered_again_when_it_is_delivered_late(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        notes, note = store.notebook, new_note()
        await notes.save(note, "message 1.1")
        await notes.told(note, LATER)
        assert await notes.unsent() == []
        assert await notes.get("n1") is None
        assert not await notes.save(new_note("n2"), "message 1.1")
        await notes.forget(LATER - timedelta(seconds=1))
        assert not await notes.save(new_note("n2"), "message 1.1")
        await notes.forget(LATER)
        assert await notes.save(new_note("n2"), "message 1.1")


async def test_a_deleted_edit_leaves_turns_alone_while_others_wait(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        await live(store, new_edit("served"), TO_PENDING)
        await store.move("served", Failed(failure=DOOM), LATER)
        turns = await store.turns()
        assert "person:T1:U1" in turns
        await live(store, new_edit("waiting", user="U2"), TO_WAITING)
        await store.delete("served")
        assert await store.turns() == turns
        await store.delete("waiting")
        assert await store.turns() == {}
