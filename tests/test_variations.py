"""Several edits asked for together: different seeds, one status message, results as they come."""

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from bot.again import variations_of
from bot.edit import SET_OVER, Charge, Edit, Failure, Reason, State
from bot.messages.result import result
from bot.messages.variations import face, overall, status
from bot.queue import in_turn
from client.models import SEED_MAX
from client.sandbox.limits import Limits
from tests.blocks import check_limits, labels, whole
from tests.bots import EDIT_S, VIDEO_CHANNEL, Stage, result_in, small_clip, stage
from tests.edits import NOW, edit_in
from tests.stores import BACKENDS, until

ASK = "@video-editor 8-bit pixel style"
WHY = Failure(reason=Reason.LATER, message="Wan had a fault: <oops>.")
REFUSED = Failure(reason=Reason.CONTENT, message="Wan's content check refused it.")


def set_in(*states: State, first_seed: int = 7) -> list[Edit]:
    """Return variations in these states."""
    edits = variations_of(edit_in(State.RECEIVED, variations=len(states), request_ts="1.0"), first_seed=first_seed)
    changed = zip(edits, states, strict=True)
    return [
        edit.model_copy(update={"state": state, "failure": WHY if state is State.FAILED else None})
        for edit, state in changed
    ]


def words_of(edits: Sequence[Edit], **places: int) -> str:
    return whole(status(edits, now=NOW, places=places))


def test_variations_differ_in_seed_and_only_the_first_belongs_to_the_request() -> None:
    edits = variations_of(edit_in(State.RECEIVED, variations=3, request_ts="1.0"), first_seed=SEED_MAX)
    assert [edit.parameters.seed for edit in edits] == [SEED_MAX, 0, 1]
    assert [edit.edit_id for edit in edits] == ["e1", "e1-2", "e1-3"]
    assert [edit.request_ts for edit in edits] == ["1.0", None, None]
    assert {edit.set_ids for edit in edits} == {("e1", "e1-2", "e1-3")}


def test_one_message_speaks_of_all_of_them() -> None:
    edits = set_in(State.DONE, State.RUNNING, State.WAITING)
    message = status(edits, now=NOW, places={"e1-3": 4})
    check_limits(message)
    assert "Making 3 variations (2 min 0 s)" in message.text
    words = whole(message)
    assert ":white_check_mark: *Variation 1* · seed 7 – done" in words
    assert ":hourglass_flowing_sand: *Variation 2* · seed 8 – running" in words
    assert ":white_circle: *Variation 3* · seed 9 – waiting, place 4" in words
    assert labels(message) == ["Cancel"]


def test_the_price_of_all_of_them_is_told_as_soon_as_it_is_known() -> None:
    charge = Charge(seconds=10, channel="C1")
    waiting = [edit.model_copy(update={"charge": charge}) for edit in set_in(State.WAITING, State.WAITING)]
    assert "to bill" not in words_of(waiting)
    prepared = [edit.model_copy(update={"video_url": "oss://clip"}) for edit in waiting]
    assert "720P · about 20 s to bill · requested by" in words_of(prepared)


@pytest.mark.parametrize(
    ("states", "heading", "offered"),
    [
        ((State.DONE, State.DONE), "2 of 2 variations done in 2 min 14 s", []),
        ((State.DONE, State.FAILED), "1 of 2 variations done in 2 min 14 s", ["Retry 2"]),
        ((State.FAILED, State.FAILED), "None of the 2 variations was made", ["Retry all 2"]),
        ((State.CANCELED, State.CANCELED), "None of the 2 variations was made", ["Retry all 2"]),
    ],
)
def test_the_end_says_how_many_were_made_and_offers_the_others_again(
    states: Sequence[State], heading: str, offered: list[str]
) -> None:
    message = status(set_in(*states), now=NOW, places={})
    check_limits(message)
    assert message.text == heading
    assert labels(message) == offered


@pytest.mark.parametrize(
    ("whys", "rewrites", "offered"),
    [
        ((None, REFUSED, WHY), True, ["Retry 2 word for word", "Retry 3", "Edit again"]),
        ((None, REFUSED, REFUSED), False, ["Edit again"]),
        ((REFUSED, REFUSED), True, ["Retry all 2 word for word", "Edit again"]),
        ((WHY, REFUSED), True, ["Retry all 2", "Retry all 2 word for word", "Edit again"]),
    ],
)
def test_what_the_content_check_refused_is_offered_word_for_word_or_to_be_reworded(
    whys: Sequence[Failure | None], rewrites: bool, offered: list[str]
) -> None:
    edits = [
        edit.model_copy(update={
            "failure": why, "video_url": "oss://v",
            "parameters": edit.parameters.model_copy(update={"prompt_extend": rewrites}),
        })
        for edit, why in zip(set_in(*(State.FAILED if why else State.DONE for why in whys)), whys, strict=True)
    ]  # fmt: skip
    message = status(edits, now=NOW, places={})
    check_limits(message)
    assert labels(message) == offered
    assert whole(message).count("Use *Edit again* to reword it") == 1


def test_a_variation_that_failed_says_why_and_what_it_cost() -> None:
    assert "– Wan had a fault: &lt;oops&gt;. It cost nothing." in words_of(set_in(State.DONE, State.FAILED))


def test_a_variation_that_slack_did_not_take_is_announced_without_its_link() -> None:
    first, second = set_in(State.DONE, State.DONE)
    refused = second.model_copy(update={"link_sent": True, "result_url": "https://result.example/secret"})
    words = words_of([first, refused])
    assert "*Variation 2* · seed 8 – Slack did not take the file here, so <@U1> has a link to it" in words
    assert "secret" not in words


def test_a_variation_whose_delivery_failed_says_that_its_link_was_sent() -> None:
    first, second = set_in(State.DONE, State.FAILED)
    words = words_of([first, second.model_copy(update={"link_sent": True})])
    assert "&lt;oops&gt;. The video was made: I sent <@U1> a link to it by direct message, good until <!date^" in words


def test_the_key_of_what_people_see_changes_with_each_of_them_and_ends_when_all_are_over() -> None:
    sets = [
        set_in(State.RECEIVED, State.RECEIVED), set_in(State.WAITING, State.RECEIVED),
        set_in(State.RUNNING, State.WAITING), set_in(State.DONE, State.WAITING), set_in(State.DONE, State.RUNNING),
    ]  # fmt: skip
    keys = [face(edits, now=NOW, places={}) for edits in sets]
    assert len(set(keys)) == len(sets)
    assert face([None, *sets[-1][1:]], now=NOW, places={}) == keys[-1]
    assert face([None, None], now=NOW, places={}) == face(set_in(State.DONE, State.FAILED), now=NOW, places={})


def test_the_first_stays_open_until_its_message_says_that_all_are_over() -> None:
    first, second = set_in(State.DONE, State.DONE)
    assert (first.settled, second.settled) == (False, True)
    assert first.model_copy(update={"shown": SET_OVER}).settled


@pytest.mark.parametrize(
    ("states", "mark"),
    [
        ((State.DONE, State.RUNNING), State.RUNNING),
        ((State.FAILED, State.DONE), State.DONE),
        ((State.CANCELED, State.FAILED), State.CANCELED),
    ],
)
def test_the_mark_on_the_request_is_the_best_that_came_of_it(states: Sequence[State], mark: State) -> None:
    assert overall(set_in(*states)) is mark


def test_further_variations_let_single_edits_pass() -> None:
    waiting = set_in(State.WAITING, State.WAITING, State.WAITING)
    late = {"created_at": NOW + timedelta(minutes=1)}
    own = edit_in(State.WAITING, edit_id="own", **late)
    other = edit_in(State.WAITING, edit_id="other", user="U2", **late)
    order = [edit.edit_id for edit in in_turn([*waiting, own, other])]
    assert order.index("other") < order.index("e1-2")
    assert order.index("own") < order.index("e1-2")
    assert order.index("e1") < order.index("own")


def test_each_result_says_which_it_is() -> None:
    said = whole(result(set_in(State.DELIVERING, State.DELIVERING)[1]))
    assert "Variation 2 of 2 (to change this one, mention me in a reply that begins with “2:”) · " in said


# -- over Slack --------------------------------------------------------------------------------------------------------


async def edits_of(on: Stage, ts: str) -> list[Edit]:
    return await on.store.in_thread(on.slack.team_id, VIDEO_CHANNEL, ts)


@pytest.mark.parametrize("backend", BACKENDS)
async def test_three_variations_come_into_one_thread_with_one_status_message(backend: str, tmp_path: Path) -> None:
    async with stage(backend, tmp_path) as on:
        on.slack.faults.duplicate_events = True
        ts = await on.alice.post(VIDEO_CHANNEL, f"{ASK} x3 --seed 7", files=[small_clip(tmp_path)])
        await result_in(on, VIDEO_CHANNEL, ts, nth=3)
        await on.alice.wait_for(VIDEO_CHANNEL, lambda message: "3 of 3 variations" in message["text"], EDIT_S)
        assert sorted(task.order.seed or 0 for task in on.wan.tasks.values()) == [7, 8, 9]
        root, *replies = await on.alice.thread(VIDEO_CHANNEL, ts)
        assert len(replies) == 4
        assert {"eyes", "white_check_mark"} == {reaction["name"] for reaction in root["reactions"]}
        assert len({edit.video_url for edit in await edits_of(on, ts)}) == 1  # fetched, fitted and uploaded once

        first, second, _ = await edits_of(on, ts)
        await on.alice.click(VIDEO_CHANNEL, second.result_ts or "", "more", f"remove {second.edit_id}")
        await on.alice.submit((await on.alice.wait_for_view())["id"], {})
        await on.alice.wait_for(VIDEO_CHANNEL, lambda message: "deleted by" in json.dumps(message), EDIT_S)
        async with asyncio.timeout(EDIT_S):  # it follows what Slack shows
            while (told := await on.store.get(first.edit_id)) and told.shown != "over, 1 removed":  # noqa: ASYNC110 - saved elsewhere
                await asyncio.sleep(0.05)
        assert told is not None
        assert told.settled


async def test_a_cancel_stops_all_variations_that_can_still_be_stopped(tmp_path: Path) -> None:
    async with stage("memory", tmp_path, limits=Limits(pending_s=60, min_run_s=60), running_limit=2) as on:
        ts = await on.alice.post(VIDEO_CHANNEL, f"{ASK} x3", files=[small_clip(tmp_path)])
        await until(lambda: on.wan.creates == 2, EDIT_S)
        said = await on.alice.wait_for(VIDEO_CHANNEL, lambda message: "waiting" in json.dumps(message), EDIT_S)
        await on.alice.click(VIDEO_CHANNEL, said["ts"], "cancel")
        await on.alice.wait_for(VIDEO_CHANNEL, lambda message: "None of the 3" in message["text"], EDIT_S)
        assert {edit.state for edit in await edits_of(on, ts)} == {State.CANCELED}
        assert {task.status for task in on.wan.tasks.values()} == {"CANCELED"}


async def test_variations_of_a_video_that_is_unfit_fail_together_and_say_so_once(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        broken = tmp_path / "broken.mp4"
        broken.write_bytes(b"no video at all" * 100)
        ts = await on.alice.post(VIDEO_CHANNEL, f"{ASK} x2", files=[broken])
        await on.alice.wait_for(VIDEO_CHANNEL, lambda message: "None of the 2" in message["text"], EDIT_S)
        assert {edit.state for edit in await edits_of(on, ts)} == {State.FAILED}
        whispers = [message for message in await on.alice.history(VIDEO_CHANNEL) if message.get("ephemeral")]
        assert len(whispers) == 1
        assert on.wan.creates == 0


async def test_all_variations_count_against_what_one_person_may_have_and_the_form_keeps_them(tmp_path: Path) -> None:
    async with stage("memory", tmp_path, edits_per_person=3) as on:
        ts = await on.alice.post(VIDEO_CHANNEL, f"{ASK} x4", files=[small_clip(tmp_path)])
        told = await on.alice.wait_for(VIDEO_CHANNEL, lambda message: "4 more would be" in message["text"], EDIT_S)
        answered = await on.alice.command(VIDEO_CHANNEL, "https://127.0.0.1/clip.mp4 pixels x4")
        assert answered is not None
        assert answered["text"] == told["text"]
        for refusal, kept in ((told, "8-bit pixel style x4"), (answered, "https://127.0.0.1/clip.mp4")):
            assert refusal["ephemeral"]
            await on.alice.click(VIDEO_CHANNEL, refusal["ts"], "open_form")
            view = await on.alice.wait_for_view()
            assert kept in str(view["blocks"])
            await on.alice.close(view["id"])
        assert await edits_of(on, ts) == []
