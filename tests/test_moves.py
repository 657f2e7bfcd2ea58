"""The table of moves: every pair of state and event, and what `apply` does to the record."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from bot.edit import OPEN, Edit, Errand, Failure, Poster, Reason, SlackFile, State
from bot.events import (
    Approved,
    Asked,
    Began,
    Canceled,
    CancelRequested,
    CancelTooLate,
    Claimed,
    Completing,
    Created,
    Declined,
    Delivered,
    Ended,
    Event,
    Failed,
    Finished,
    Forgotten,
    Held,
    Lost,
    NotBilled,
    NotShared,
    NotShown,
    Opened,
    Outage,
    Pictured,
    Posting,
    Postponed,
    Prepared,
    Refused,
    Sharing,
    Shown,
    Started,
    Tried,
)
from bot.moves import MOVES, ImpossibleMoveError, apply, can, cancellable, troubled_since

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)

ONE_OF_EACH: tuple[Event, ...] = (
    Began(), Prepared(video_url="oss://clip", source_s=4.0), Held(video_url="oss://clip", source_s=4.0),
    Approved(by="U2"), Declined(failure=Failure(reason=Reason.BUDGET, message="why")), Claimed(),
    Refused(until=LATER), Lost(), NotBilled(by="U2"),
    Created(task_id="task"), Started(), Finished(result_url="https://result"), Completing(upload_id="F1"), NotShared(),
    Delivered(result_ts="1.2"), Postponed(until=LATER), CancelRequested(by="U1"), Forgotten(), CancelTooLate(),
    Outage(on=True),
    Canceled(),
    Failed(failure=Failure(reason=Reason.BUG, message="why")), Posting(what="status"),
    Asked(errand="removal", by="U1"), Tried(errand="comparison", until=LATER),
    Sharing(errand="comparison", file_ids=("F9",)), Ended(errand="comparison", done=True),
    Pictured(poster=Poster(file_id="F8")),
    Opened(channel="D1", thread_ts="1.1"), Shown(face="DONE", status_ts="1.3"), NotShown(),
)  # fmt: skip


def edit_in(state: State, **fields: object) -> Edit:
    edit = Edit(
        edit_id="e1", created_at=NOW, entered_at=NOW, team="T1", user="U1", channel="C1", thread_ts="1.0",
        instruction="make it snow", video=SlackFile(file_id="F0"), state=state,
    )  # fmt: skip
    return edit.model_copy(update=fields)


def test_one_of_each_kind_of_event_is_tried() -> None:
    assert {type(event) for event in ONE_OF_EACH} == set(get_args(Event)) == set(MOVES)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", ONE_OF_EACH, ids=lambda event: type(event).__name__)
def test_every_pair_moves_as_the_table_says_or_raises(state: State, event: Event) -> None:
    under_way = Errand(by="U1") if isinstance(event, Tried | Sharing | Ended) else None
    edit = edit_in(state, comparison=under_way)
    target = MOVES[type(event)].get(state)
    assert can(edit, type(event)) is (target is not None)
    if target is None:
        with pytest.raises(ImpossibleMoveError):
            apply(edit, event, LATER)
    else:
        moved = apply(edit, event, LATER)
        assert moved.state is target
        assert moved.version == edit.version + 1
        assert moved.entered_at == (LATER if target is not state else NOW)


@pytest.mark.parametrize("state", [State.DONE, State.FAILED, State.CANCELED])
def test_nothing_leaves_a_terminal_state(state: State) -> None:
    assert all(moves[state] is state for moves in MOVES.values() if state in moves)


def test_every_open_state_can_fail_and_only_unpaid_ones_can_be_canceled() -> None:
    assert set(MOVES[Failed]) == set(OPEN)
    assert set(MOVES[Canceled]) == {
        State.RECEIVED, State.PREPARING, State.APPROVING, State.WAITING, State.PENDING,
    }  # fmt: skip


def test_the_ordinary_life_of_an_edit_ends_settled() -> None:
    edit = edit_in(State.RECEIVED)
    for event in (
        Began(), Prepared(video_url="oss://clip", source_s=4.0), Claimed(), Created(task_id="task"), Started(),
        Finished(result_url="https://result"), Completing(upload_id="F1"), Delivered(result_ts="1.2"),
    ):  # fmt: skip
        edit = apply(edit, event, LATER)
    assert edit.state is State.DONE
    assert not edit.settled
    assert apply(edit, Shown(face="DONE"), LATER).settled


def test_the_providers_link_is_forgotten_when_the_edit_is_over() -> None:
    edit = apply(edit_in(State.RUNNING), Finished(result_url="https://result"), NOW)
    assert edit.result_url == "https://result"
    assert "https://result" not in repr(edit)
    assert apply(edit, Delivered(result_ts="1.2"), NOW).result_url is None


def test_attempts_are_counted_in_a_state_and_start_again_in_the_next() -> None:
    edit = apply(edit_in(State.PREPARING), Postponed(until=LATER), NOW)
    assert (edit.attempts, edit.not_before) == (1, LATER)
    edit = apply(edit, Postponed(until=LATER, counts=False), NOW)
    assert edit.attempts == 1
    edit = apply(edit, Prepared(video_url="oss://clip", source_s=4.0), NOW)
    assert (edit.attempts, edit.not_before) == (0, None)


def test_trouble_lasts_from_its_first_try_and_begins_anew_after_a_break_and_in_the_next_state() -> None:
    edit, now = edit_in(State.PREPARING), NOW
    for _try in range(3):
        now += timedelta(minutes=10)
        edit = apply(edit, Postponed(until=now, counts=False), now)
    assert troubled_since(edit, now) == NOW + timedelta(minutes=10)
    assert apply(edit, Prepared(video_url="oss://clip", source_s=4.0), now).troubled_at is None
    now += timedelta(hours=9)  # no bot was there
    assert troubled_since(edit, now) == apply(edit, Postponed(until=now), now).troubled_at == now


def test_a_refused_create_waits_until_its_time() -> None:
    edit = apply(apply(edit_in(State.WAITING), Claimed(), NOW), Refused(until=LATER), NOW)
    assert (edit.state, edit.claimed_at, edit.not_before) == (State.WAITING, None, LATER)


def test_a_lost_create_is_repeated_once_at_most() -> None:
    edit = apply(edit_in(State.SUBMITTING), Lost(), NOW)
    edit = apply(edit, Claimed(), NOW)
    with pytest.raises(ImpossibleMoveError):
        apply(edit, Lost(), NOW)


def test_two_deliveries_cannot_both_complete() -> None:
    edit = apply(edit_in(State.DELIVERING), Completing(upload_id="F1"), NOW)
    with pytest.raises(ImpossibleMoveError):
        apply(edit, Completing(upload_id="F2"), NOW)
    assert apply(apply(edit, NotShared(), NOW), Completing(upload_id="F2"), NOW).upload_id == "F2"


def test_what_is_asked_for_after_the_end_is_done_once() -> None:
    edit = edit_in(State.DONE, shown="DONE", upload_id="F1")
    asked = apply(edit, Asked(errand="comparison", by="U2"), NOW)
    assert (edit.settled, asked.settled, asked.errand) == (True, False, "comparison")
    with pytest.raises(ImpossibleMoveError):
        apply(asked, Asked(errand="comparison", by="U3"), NOW)
    shared = apply(asked, Sharing(errand="comparison", file_ids=("F8",)), NOW)
    done = apply(shared, Ended(errand="comparison", done=True), NOW)
    assert done.settled
    with pytest.raises(ImpossibleMoveError):
        apply(done, Asked(errand="comparison", by="U3"), NOW)


def test_an_errand_that_was_given_up_may_be_asked_for_anew() -> None:
    edit = apply(edit_in(State.DONE), Asked(errand="comparison", by="U2"), NOW)
    tried = apply(edit, Tried(errand="comparison", until=LATER), NOW)
    assert (tried.comparison and tried.comparison.attempts, tried.attempts) == (1, 0)
    given_up = apply(tried, Ended(errand="comparison", done=False), NOW)
    assert apply(given_up, Asked(errand="comparison", by="U2"), NOW).errand == "comparison"


def test_nothing_is_made_of_a_video_that_is_to_be_deleted() -> None:
    edit = apply(edit_in(State.DONE, upload_id="F1"), Asked(errand="comparison", by="U2"), NOW)
    removing = apply(edit, Asked(errand="removal", by="U1"), NOW)
    assert (removing.errand, removing.result_file) == ("removal", None)
    with pytest.raises(ImpossibleMoveError):
        apply(removing, Sharing(errand="comparison", file_ids=("F8",)), NOW)
    with pytest.raises(ImpossibleMoveError):
        apply(removing, Pictured(poster=Poster(file_id="F8")), NOW)
    assert apply(removing, Pictured(poster=None), NOW).poster is None
    removed = apply(removing, Ended(errand="removal", done=True), NOW)
    assert not removed.settled
    assert apply(removed, Shown(face=removed.last_face), NOW).settled


def test_a_cancel_helps_until_the_provider_runs_the_task() -> None:
    assert {state for state in State if cancellable(edit_in(state))} == {
        State.RECEIVED, State.PREPARING, State.APPROVING, State.WAITING, State.SUBMITTING, State.PENDING,
    }  # fmt: skip


def test_a_picture_that_went_within_the_request_is_kept_no_longer_unless_a_variation_may_need_it() -> None:
    links = ("data:image/png;base64,AAAA", "oss://coat.png")
    single = edit_in(State.SUBMITTING, image_urls=links)
    assert apply(single, Created(task_id="task"), NOW).image_urls == ("oss://coat.png",)
    one_of_three = single.model_copy(update={"variations": 3})
    assert apply(one_of_three, Created(task_id="task"), NOW).image_urls == links
    assert apply(single, Lost(), NOW).image_urls == links
