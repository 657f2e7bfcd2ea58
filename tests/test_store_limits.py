"""What the store keeps for fairness and for limits, on memory and on a real server: turns, and the edits under way."""

import asyncio
from pathlib import Path

import pytest

from bot.events import Began, Canceled, Claimed, Created, Event, Lost, Prepared
from bot.queue import NO_TURNS, served
from bot.store import Store, TooManyOpenError
from tests.stores import BACKENDS, NOON, new_edit, open_store

pytestmark = pytest.mark.parametrize("backend", BACKENDS)

TO_SUBMITTING: tuple[Event, ...] = (Began(), Prepared(video_url="oss://v", source_s=2.5), Claimed())


async def live(store: Store, edit_id: str, *events: Event) -> None:
    await store.create(new_edit(edit_id), edit_id)
    for event in events:
        await store.move(edit_id, event, NOON)


async def test_who_was_served_is_remembered_once_the_provider_has_the_task(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        await live(store, "e1", *TO_SUBMITTING)
        assert await store.turns() == NO_TURNS
        await store.move("e1", Created(task_id="t1"), NOON)
        first = served(NO_TURNS, new_edit(source_s=2.5))
        assert await store.turns() == first
        await live(store, "e2", *TO_SUBMITTING, Created(task_id="t2"))
        assert await store.turns() == served(first, new_edit(source_s=2.5))


async def test_a_create_that_was_lost_is_nobodys_turn(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        await live(store, "e1", *TO_SUBMITTING, Lost())
        assert await store.turns() == NO_TURNS


async def test_five_hundred_requests_at_once_do_not_get_past_the_limit(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:

        async def ask(number: int) -> bool:
            try:
                return await store.create(new_edit(f"e{number}"), f"claim {number}", most_open=10) is None
            except TooManyOpenError:
                return False

        assert sum(await asyncio.gather(*map(ask, range(500)))) == 10
        assert len(await store.open_edits()) == 10


async def test_an_edit_that_is_over_makes_room_and_others_are_not_held_up(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        await store.create(new_edit("e1"), "one", most_open=1)
        with pytest.raises(TooManyOpenError):
            await store.create(new_edit("e2"), "two", most_open=1)
        assert await store.create(new_edit("e3", user="U2"), "three", most_open=1) is None
        await store.move("e1", Canceled(), NOON)
        assert await store.create(new_edit("e2"), "two", most_open=1) is None


async def test_a_message_that_comes_again_is_known_although_the_limit_is_reached(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        await store.create(new_edit("e1"), "one", most_open=1)
        assert await store.create(new_edit("e2"), "one", most_open=1) == "e1"
