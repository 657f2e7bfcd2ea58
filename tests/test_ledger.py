"""Budgets in the store, on memory and on a real server: never more than a cap, whatever happens at once or twice."""

import asyncio
import random
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from bot.budget import Amount, Cap, Tariff, changes, parse_caps, reserved, settled
from bot.edit import Edit, Failure, Reason
from bot.events import Began, Canceled, Claimed, Created, Event, Failed, Finished, Lost, Prepared
from bot.jobs import Jobs
from bot.ledger import OverCapError
from bot.moves import ImpossibleMoveError
from bot.store import Store
from client.models import Usage
from tests.stores import BACKENDS, FAR_FUTURE, NOON, new_edit, open_jobs, store_url

pytestmark = pytest.mark.parametrize("backend", BACKENDS)

TARIFF = Tariff("cn-beijing")
DAY, MONTH = "2026-03-01", "2026-03"
USAGE = Usage(billed_s=8.5, input_s=4.25, output_s=4.25, resolution=720)


def asked(edit_id: str, *, source_s: float = 5.0, **fields: object) -> Edit:
    """Return an edit that was just asked for, which reserves a second more than twice the length of its source."""
    edit = new_edit(edit_id).model_copy(update=fields)
    return edit.model_copy(update={"charge": reserved(edit, source_s, TARIFF)})


def prepared(edit: Edit, source_s: float) -> Prepared:
    return Prepared(video_url="oss://v", source_s=source_s, charge=reserved(edit, source_s, TARIFF))


async def spent(store: Store, field: str, period: str = DAY) -> int:
    """Return a sum in thousandths, which is as exact as anybody wants to read it."""
    return (await store.ledger.spent("T1", period)).get(field, 0) // 1000


async def test_five_hundred_requests_at_once_on_two_replicas_never_spend_more_than_the_caps(
    backend: str, tmp_path: Path
) -> None:
    caps = parse_caps("person 65s/day, channel 200s/month, workspace ¥75/month")
    async with store_url(backend, tmp_path) as url, Jobs.open(url) as one, Jobs.open(url) as two:
        replicas = [Store(jobs, caps) for jobs in (one, two)]

        async def ask(number: int) -> bool:
            edit = asked(f"e{number}", user=f"U{number % 3}")
            try:
                return await replicas[number % 2].create(edit, f"claim {number}") is None
            except OverCapError:
                return False

        taken = await asyncio.gather(*map(ask, range(500)))
        assert sum(taken) == 11  # of ¥6.60 each
        sums = await replicas[0].ledger.spent("T1", MONTH)
        assert sums["workspace:T1:CNY"] == 72_600_000
        assert max(sums[f"person:U{user}:s"] for user in range(3)) <= 55_000_000
        assert len(await replicas[1].open_edits()) == 11


async def test_lengths_that_become_known_at_once_never_spend_more_than_a_cap(backend: str, tmp_path: Path) -> None:
    async with open_jobs(backend, tmp_path) as jobs:
        replicas = [Store(jobs, parse_caps("person 125s/day")) for _ in range(2)]
        edits = [asked(f"e{number}", source_s=2.0) for number in range(20)]
        for edit in edits:
            await replicas[0].create(edit, edit.edit_id)
            await replicas[0].move(edit.edit_id, Began(), NOON)

        async def prepare(number: int) -> bool:
            edit = edits[number // 2]
            with suppress(ImpossibleMoveError, OverCapError):
                return await replicas[number % 2].move(edit.edit_id, prepared(edit, 5.0), NOON) is not None
            return False

        assert sum(await asyncio.gather(*map(prepare, range(40)))) == 4  # from 5 s each to 11 s each
        assert await spent(replicas[0], "person:U1:s") == 124_000


async def test_a_reservation_moves_with_its_edit_and_is_settled_by_the_bill(backend: str, tmp_path: Path) -> None:
    async with open_jobs(backend, tmp_path) as jobs:
        store = Store(jobs)
        edit = asked("e1", source_s=2.0)
        await store.create(edit, "c1")
        steps: list[tuple[Event, int]] = [
            (Began(), 5_000),
            (prepared(edit, 5.0), 11_000),
            (Claimed(), 11_000),
            (Lost(), 11_000),
            (Claimed(), 11_000),
            (Created(task_id="t1"), 11_000),
            (Finished(result_url="https://r", usage=USAGE, charge=settled(edit, USAGE, TARIFF)), 8_500),
            (Failed(failure=Failure(reason=Reason.BUG, message="m")), 8_500),
        ]
        for event, counted in steps:
            assert await store.move("e1", event, NOON) is not None
            assert await spent(store, "person:U1:s") == await spent(store, "channel:C1:s", MONTH) == counted
        await store.delete("e1")
        assert await spent(store, "person:U1:CNY") == 5_100
        assert await store.ledger.forget(NOON) == 0
        assert await store.ledger.forget(FAR_FUTURE) == 2
        assert [name for name in await store.leftovers() if "spending" in name] == []


@pytest.mark.parametrize("end", [Canceled(), Failed(failure=Failure(reason=Reason.INPUT, message="m")), None])
async def test_what_is_canceled_refused_or_deleted_before_it_is_paid_makes_room_again(
    backend: str, end: Event | None, tmp_path: Path
) -> None:
    async with open_jobs(backend, tmp_path) as jobs:
        store = Store(jobs, parse_caps("person 11s/day"))
        await store.create(asked("e1"), "c1")
        with pytest.raises(OverCapError):
            await store.create(asked("e2", source_s=2.0), "c2")
        if end is None:
            await store.delete("e1")
        else:
            await store.move("e1", end, NOON)
        assert await store.create(asked("e2"), "c2") is None
        assert await spent(store, "person:U1:s") == 11_000


async def test_a_result_on_its_way_that_is_deleted_stays_spent(backend: str, tmp_path: Path) -> None:
    async with open_jobs(backend, tmp_path) as jobs:
        store = Store(jobs)
        await store.create(edit := asked("e1"), "c1")
        bill = settled(edit, USAGE, TARIFF)
        finished = Finished(result_url="https://r", usage=USAGE, charge=bill)
        for event in (Began(), prepared(edit, 5.0), Claimed(), Created(task_id="t1"), finished):
            await store.move("e1", event, NOON)
        await store.delete("e1")
        assert await spent(store, "person:U1:s") == 8_500


async def test_what_may_have_been_billed_keeps_its_room(backend: str, tmp_path: Path) -> None:
    doubt = Failure(reason=Reason.UNKNOWN_OUTCOME, message="m", billed="maybe")
    async with open_jobs(backend, tmp_path) as jobs:
        store = Store(jobs)
        await store.create(edit := asked("e1"), "c1")
        for event in (Began(), prepared(edit, 5.0), Claimed(), Failed(failure=doubt)):
            await store.move("e1", event, NOON)
        assert await spent(store, "person:U1:s") == 11_000


async def test_a_video_that_is_longer_than_the_cap_allows_is_not_let_into_the_queue(
    backend: str, tmp_path: Path
) -> None:
    async with open_jobs(backend, tmp_path) as jobs:
        store = Store(jobs, parse_caps("person 11s/day"))
        edit = asked("e1", source_s=2.0)
        await store.create(edit, "c1")
        began = await store.move("e1", Began(), NOON)
        with pytest.raises(OverCapError, match="person 11 s/day"):
            await store.move("e1", prepared(edit, 5.5), NOON)
        assert await store.get("e1") == began
        cap = store.ledger.caps[0]
        assert str(await store.ledger.left(cap, edit)) == "11 s"
        assert str(await store.ledger.left(cap, asked("e2", source_s=0.0))) == "6 s"
        assert await store.move("e1", prepared(edit, 5.0), NOON) is not None
        assert str(await store.ledger.left(cap, asked("e2", source_s=0.0))) == "0 s"


async def test_two_replicas_that_prepare_one_edit_reserve_once_and_the_later_one_is_no_refusal(
    backend: str, tmp_path: Path
) -> None:
    async with open_jobs(backend, tmp_path) as jobs:
        store = Store(jobs, parse_caps("person 11s/day"))
        await store.create(edit := asked("e1", source_s=2.0), "c1")
        copy = await store.move("e1", Began(), NOON)
        assert copy is not None
        moved = await store.move("e1", prepared(edit, 5.0), NOON)
        assert moved is not None
        assert await store.save(copy, moved) is False
        assert await spent(store, "person:U1:s") == 11_000


async def test_several_edits_are_taken_together_or_not_at_all(backend: str, tmp_path: Path) -> None:
    async with open_jobs(backend, tmp_path) as jobs:
        store = Store(jobs, parse_caps("person 33s/day"))
        three = [asked(f"e{number}") for number in range(3)]
        await store.create(asked("e9", source_s=2.0), "c9")
        with pytest.raises(OverCapError):
            await store.create(three[0], "c1", siblings=three[1:])
        assert len(await store.open_edits()) == 1
        await store.move("e9", Canceled(), NOON)
        assert await store.create(three[0], "c1", siblings=three[1:]) is None
        assert await store.create(three[0], "c1", siblings=three[1:]) is None
        assert {edit.edit_id for edit in await store.open_edits() if not edit.state.terminal} == {"e0", "e1", "e2"}
        assert await spent(store, "person:U1:s") == 33_000
        await store.move("e2", Canceled(), NOON)
        assert await spent(store, "person:U1:s") == 22_000


async def test_budgets_renew_with_the_day(backend: str, tmp_path: Path) -> None:
    async with open_jobs(backend, tmp_path) as jobs:
        store = Store(jobs, [Cap("person", Amount.of_millionths(11_000_000, "s"), "day")])
        await store.create(asked("e1"), "c1")
        tomorrow = NOON + timedelta(days=1)
        assert await store.create(asked("e2", created_at=tomorrow), "c2") is None
        assert await spent(store, "person:U1:s", MONTH) == 22_000


async def test_whatever_happens_the_sums_are_those_of_the_records(backend: str, tmp_path: Path) -> None:
    chance = random.Random(7)
    doubt = Failure(reason=Reason.UNKNOWN_OUTCOME, message="m", billed="maybe")
    async with open_jobs(backend, tmp_path) as jobs:
        replicas = [Store(jobs, parse_caps("person 77s/day, workspace 320s/month")) for _ in range(2)]

        async def live(number: int) -> None:
            edit = asked(f"e{number}", source_s=2.0, user=f"U{number % 3}")
            bill = settled(edit, USAGE, TARIFF)
            life: list[Event] = [
                Began(), prepared(edit, chance.choice([2.0, 3.7, 5.0])), Claimed(), Created(task_id=f"t{number}"),
                Finished(result_url="https://r", usage=USAGE, charge=bill),
            ]  # fmt: skip
            ends: list[Event] = [Canceled(), Lost(), Failed(failure=doubt)]
            for event in life:
                store = chance.choice(replicas)
                with suppress(ImpossibleMoveError, OverCapError):
                    await store.create(edit, f"c{number}")
                    await store.move(edit.edit_id, chance.choice(ends) if chance.random() < 0.15 else event, NOON)

        await asyncio.gather(*(live(number // 2) for number in range(60)))  # each edit by two at once
        edits = await replicas[0].of_team("T1")
        expected = changes([], edits)
        assert len({edit.state for edit in edits}) >= 3
        for period in (DAY, MONTH):
            sums = {account.field: amount for account, amount in expected.items() if account.period == period}
            assert await replicas[1].ledger.spent("T1", period) == sums
