"""An edit that is expected to cost more than goes without an approval waits for an admin, and for nobody else."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.again import variations_of
from bot.budget import Tariff, parse_amount, parse_caps, reserved
from bot.command import Decide, Settle, parse_slash
from bot.edit import Edit, Failure, Reason, State
from bot.events import Approved, Declined, Event, Failed, Held
from bot.local import running, sandbox_settings
from bot.manifest import load
from bot.messages import variations
from bot.messages.status import status
from bot.moves import ImpossibleMoveError, apply
from bot.sandbox.person import Person
from bot.sandbox.state import ALICE, BOB
from bot.sandbox.workspace import LocalSlack
from bot.steps.approval import APPROVED_WITHIN, due
from bot.store import Store
from client.sandbox.server import LocalWan
from tests.bots import (
    BRISK,
    EDIT_S,
    QUICK,
    VIDEO_CHANNEL,
    Stage,
    buttons,
    result_in,
    settled_edit,
    small_clip,
    stage,
    whispered,
)
from tests.edits import NOW, edit_in
from tests.stores import BACKENDS, open_jobs, store_url

DOUBT = Failure(reason=Reason.UNKNOWN_OUTCOME, message="Nobody knows.", billed="maybe")
DIRECT_BOB = "D0BOB0001"
ASK = "@video-editor 8-bit pixel style"


def held(**fields: Any) -> Edit:
    edit = edit_in(State.PREPARING, **fields)
    return apply(edit, Held(video_url="oss://v", source_s=5.0, charge=reserved(edit, 5.0, Tariff("cn-beijing"))), NOW)


async def held_in(on: Stage, ts: str) -> str:
    """Return the ts of the status message of a thread once it asks for an approval."""
    async with asyncio.timeout(EDIT_S):
        while True:
            for message in await on.alice.thread(VIDEO_CHANNEL, ts):
                if "approve" in buttons(message):
                    return str(message["ts"])
            await asyncio.sleep(0.05)


def _says(words: str, *, times: int) -> Callable[[dict[str, Any]], bool]:
    return lambda message: str(message).count(words) == times


def test_the_status_message_asks_and_can_be_canceled() -> None:
    edit = held()
    message = status(edit, now=NOW, place=None, waiting=None)
    assert message.text == "Waiting for an approval"
    assert "This is about 10 s to bill (¥6.00), more than may be spent without an approval." in str(message.blocks)
    assert buttons({"blocks": message.blocks}) == {"approve", "decline", "cancel"}
    approved = apply(edit, Approved(by="U2"), NOW + timedelta(minutes=1))
    assert (approved.state, approved.approved_by) == (State.WAITING, "U2")
    assert "approve" not in buttons({"blocks": status(approved, now=NOW, place=1, waiting=1).blocks})


def test_variations_are_approved_together_at_their_whole_price() -> None:
    first, second = held(variations=2), held(edit_id="e1-2", variation=2, variations=2)
    message = variations.status([first, second], now=NOW, places={})
    assert "about 20 s to bill (¥12.00)" in str(message.blocks)
    assert "waiting for an approval" in str(message.blocks)
    assert buttons({"blocks": message.blocks}) == {"approve", "decline", "cancel"}


@pytest.mark.parametrize(
    ("text", "slash"),
    [
        ("approve 1a2b", Decide("1a2b", approve=True)),
        ("Decline `1A2B-2`", Decide("1a2b-2", approve=False)),
        ("unbilled 1a2b", Settle("1a2b")),
    ],
)
def test_an_admin_may_decide_by_command_too(text: str, slash: Decide | Settle) -> None:
    assert parse_slash(text) == slash


def test_nobody_waits_for_an_approval_for_ever() -> None:
    edit = held()
    assert due(edit, edit, NOW + APPROVED_WITHIN) is None
    late = due(edit, edit, NOW + APPROVED_WITHIN + timedelta(seconds=1))
    assert isinstance(late, Declined)
    assert apply(edit, late, NOW).charge.seconds == 0


def test_variations_follow_the_first_of_them() -> None:
    first, second = held(variations=2), held(edit_id="e1-2", variation=2, variations=2)
    assert due(second, first, NOW) is None
    assert due(second, apply(first, Approved(by="U2"), NOW), NOW) == Approved(by="U2")
    why = Failure(reason=Reason.BUDGET, message="no")
    assert due(second, apply(first, Declined(failure=why), NOW), NOW) == Declined(failure=why)
    assert isinstance(due(second, None, NOW), Declined)


async def test_an_admin_gives_back_what_was_not_billed_and_the_thread_says_so(tmp_path: Path) -> None:
    async with stage("memory", tmp_path, admins=frozenset({BOB})) as on:
        ts = await on.alice.post(VIDEO_CHANNEL, "the thread")
        known = edit_in(
            State.SUBMITTING, team=on.slack.team_id, channel=VIDEO_CHANNEL, thread_ts=ts, user=ALICE,
            created_at=datetime.now(UTC), video_url="oss://v",
        )  # fmt: skip
        edit = known.model_copy(update={"charge": reserved(known, 5.0, Tariff(None))})
        await on.store.create(edit, "claim")
        await on.store.move("e1", Failed(failure=DOUBT), datetime.now(UTC))
        day = edit.created_at.date().isoformat()
        failed = await settled_edit(on, ts)
        assert (await on.store.ledger.spent(on.slack.team_id, day))[f"person:{ALICE}:s"] == 11_000_000
        for person, words in ((on.alice, "Only the admins"), (on.bob, "no budget any more"), (on.bob, "It is known")):
            told = await person.command(VIDEO_CHANNEL, f"unbilled {failed.edit_id}")
            assert told is not None
            assert words in told["text"]
        assert await on.store.ledger.spent(on.slack.team_id, day) == {}
        await on.alice.wait_for_reply(VIDEO_CHANNEL, ts, lambda message: "It cost nothing" in message["text"])


async def test_what_an_admin_says_of_one_variation_is_shown_in_the_message_of_all(tmp_path: Path) -> None:
    async with stage("memory", tmp_path, admins=frozenset({BOB})) as on:
        ts = await on.alice.post(VIDEO_CHANNEL, "the thread")
        known = edit_in(
            State.SUBMITTING, team=on.slack.team_id, channel=VIDEO_CHANNEL, thread_ts=ts, variations=2, video_url="oss://v",
            created_at=datetime.now(UTC),
        )  # fmt: skip
        charged = known.model_copy(update={"charge": reserved(known, 5.0, Tariff(None))})
        first, second = variations_of(charged, first_seed=1)
        await on.store.create(first, "claim", siblings=[second])
        for edit in (first, second):
            await on.store.move(edit.edit_id, Failed(failure=DOUBT), datetime.now(UTC))
        await on.alice.wait_for_reply(VIDEO_CHANNEL, ts, _says("video unbilled", times=2))
        for edit, count in ((second, 1), (first, 2)):
            await on.bob.command(VIDEO_CHANNEL, f"unbilled {edit.edit_id}")
            await on.alice.wait_for_reply(VIDEO_CHANNEL, ts, _says("It cost nothing", times=count))
        async with asyncio.timeout(EDIT_S):
            while not all(edit.settled for edit in await on.store.of_team(on.slack.team_id)):  # noqa: ASYNC110 - saved elsewhere
                await asyncio.sleep(0.05)
        assert (await on.store.get(first.edit_id) or first).shown == "over, 2 not billed"


@pytest.mark.parametrize("backend", BACKENDS)
async def test_of_two_answers_at_once_one_counts(backend: str, tmp_path: Path) -> None:
    why = Failure(reason=Reason.BUDGET, message="no")
    async with open_jobs(backend, tmp_path) as jobs:
        replicas = [Store(jobs), Store(jobs)]
        edit = held()
        await replicas[0].create(edit, "c1")
        answers: list[Event] = [Approved(by="U2"), Declined(failure=why)] * 5
        asked = (replicas[number % 2].move("e1", answer, NOW) for number, answer in enumerate(answers))
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        counted = [outcome for outcome in outcomes if isinstance(outcome, Edit)]
        assert len(counted) == 1
        assert sum(isinstance(outcome, ImpossibleMoveError) for outcome in outcomes) == 9
        assert await replicas[0].get("e1") == counted[0]


async def test_only_an_admin_approves_once_and_then_the_edit_goes_on(tmp_path: Path) -> None:
    clip, limit = small_clip(tmp_path), parse_amount("5s")
    async with stage("memory", tmp_path, approve_above=limit, admins=frozenset({BOB})) as on:
        two = await on.alice.post(VIDEO_CHANNEL, f"{ASK} x2", files=[clip])
        status_ts = await held_in(on, two)
        await on.alice.click(VIDEO_CHANNEL, status_ts, "approve")
        await whispered(on, VIDEO_CHANNEL, "Only the admins of this bot")
        asked = await on.bob.wait_for(DIRECT_BOB, lambda message: "needs an approval" in message["text"])
        assert "about 8 s to bill" in asked["text"]
        assert on.wan.creates == 0
        await on.bob.click(VIDEO_CHANNEL, status_ts, "approve")
        await whispered(on, VIDEO_CHANNEL, "Approved", to=on.bob)
        await result_in(on, VIDEO_CHANNEL, two, nth=2)
        assert on.wan.creates == 2

        edits = await on.store.in_thread(on.slack.team_id, VIDEO_CHANNEL, two)
        told = await on.bob.command(VIDEO_CHANNEL, f"decline {edits[0].edit_id}")
        assert told is not None
        assert "not any more" in told["text"]


async def test_an_edit_waits_for_its_approval_across_a_restart(tmp_path: Path) -> None:
    admins, limit = frozenset({BOB}), parse_amount("3s")
    async with (
        LocalSlack(manifest=load()) as slack,
        LocalWan(limits=QUICK) as wan,
        store_url("server", tmp_path) as url,
    ):
        chosen = {**BRISK, "approve_above": limit, "admins": admins}
        settings = sandbox_settings(slack, wan, store_url=url).model_copy(update=chosen)
        alice, bob = Person(slack.origin, ALICE), Person(slack.origin, BOB)
        async with running(settings) as bot:
            ts = await alice.post(VIDEO_CHANNEL, ASK, files=[small_clip(tmp_path)])
            status_ts = await held_in(Stage(slack, wan, bot.parts.store, settings, alice, bob), ts)
        async with running(settings) as bot:
            await bob.click(VIDEO_CHANNEL, status_ts, "approve")
            await result_in(Stage(slack, wan, bot.parts.store, settings, alice, bob), VIDEO_CHANNEL, ts)
        assert wan.creates == 1


async def test_a_declined_or_canceled_edit_costs_nothing_and_makes_room(tmp_path: Path) -> None:
    limit, caps = parse_amount("3s"), parse_caps("person 5s/day")
    async with stage("memory", tmp_path, caps=caps, approve_above=limit, admins=frozenset({BOB})) as on:
        for how in ("decline", "cancel"):
            ts = await on.alice.post(VIDEO_CHANNEL, ASK, files=[small_clip(tmp_path)])
            status_ts = await held_in(on, ts)
            await (on.bob if how == "decline" else on.alice).click(VIDEO_CHANNEL, status_ts, how)
            edit = await settled_edit(on, ts)
            assert edit.state is (State.FAILED if how == "decline" else State.CANCELED)
            assert edit.charge.seconds == 0
        assert on.wan.creates == 0
        assert await on.store.ledger.spent(on.slack.team_id, edit.created_at.date().isoformat()) == {}


def test_an_approval_comes_while_what_was_uploaded_is_there() -> None:
    assert APPROVED_WITHIN + timedelta(hours=24) <= timedelta(hours=48)
