"""Which edit goes next: people take turns, one create at a time, never more than the account may run."""

from datetime import UTC, datetime, timedelta

from bot.edit import Edit, SlackFile, State
from bot.queue import NO_TURNS, in_turn, next_to_send, places, served

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def edit(
    edit_id: str, user: str, state: State = State.WAITING, *, at_s: int = 0, not_before: int | None = None,
    refusals: int = 0,
) -> Edit:  # fmt: skip
    return Edit(
        edit_id=edit_id, user=user, state=state, created_at=NOW + timedelta(seconds=at_s), entered_at=NOW, team="T1",
        channel="C1", instruction="snow", video=SlackFile(file_id="F0"),
        not_before=None if not_before is None else NOW + timedelta(seconds=not_before), refusals=refusals,
    )  # fmt: skip


def ids(edits: list[Edit]) -> list[str]:
    return [edit.edit_id for edit in edits]


def test_the_older_edit_of_one_person_goes_first() -> None:
    assert ids(in_turn([edit("b", "ann", at_s=2), edit("a", "ann", at_s=1)])) == ["a", "b"]


def test_people_take_turns_however_many_edits_one_of_them_has() -> None:
    edits = [edit(f"ann{n}", "ann", at_s=n) for n in range(3)] + [edit("bob0", "bob", at_s=9)]
    assert ids(in_turn(edits)) == ["bob0", "ann0", "ann1", "ann2"]


def test_who_was_served_stands_behind_who_was_not() -> None:
    turns = served(NO_TURNS, edit("run", "ann", State.RUNNING))
    edits = [edit("ann1", "ann", at_s=1), edit("bob0", "bob", at_s=8), edit("bob1", "bob", at_s=9)]
    assert ids(in_turn(edits, turns)) == ["bob0", "ann1", "bob1"]


def test_an_edit_that_is_being_sent_counts_as_served() -> None:
    edits = [edit("sent", "ann", State.SUBMITTING), edit("ann1", "ann", at_s=1), edit("bob0", "bob", at_s=9)]
    assert ids(in_turn(edits)) == ["bob0", "ann1"]


def test_turns_that_the_clock_has_passed_are_forgotten() -> None:
    turns = served({"clock": 10.0, "person:T1:ann": 30.0, "person:T1:bob": 12.0}, edit("a", "ann"))
    assert turns == {"clock": 30.0, "person:T1:ann": 35.0, "channel:T1:C1": 35.0}


def test_places_begin_with_one_and_leave_out_what_does_not_wait() -> None:
    edits = [edit("run", "eve", State.RUNNING), edit("a", "ann"), edit("b", "bob", at_s=1)]
    assert places(edits) == {"a": 1, "b": 2}


def test_one_create_is_in_flight_at_a_time() -> None:
    edits = [edit("a", "ann"), edit("b", "bob", State.SUBMITTING)]
    assert next_to_send(edits, now=NOW, running_limit=5) is None


def test_nobody_is_sent_while_the_account_is_full() -> None:
    running = [edit(f"r{n}", "bob", State.RUNNING if n else State.PENDING) for n in range(5)]
    assert next_to_send([edit("a", "ann"), *running], now=NOW, running_limit=5) is None
    chosen = next_to_send([edit("a", "ann"), *running[:4]], now=NOW, running_limit=5)
    assert chosen is not None
    assert chosen.edit_id == "a"


def test_an_edit_whose_time_has_not_come_lets_the_next_one_pass() -> None:
    chosen = next_to_send([edit("a", "ann", not_before=5), edit("b", "bob", at_s=1)], now=NOW, running_limit=5)
    assert chosen is not None
    assert chosen.edit_id == "b"


def test_what_wan_refuses_one_edit_it_is_not_asked_for_another_one_before_its_time() -> None:
    edits = [edit("a", "ann", not_before=5, refusals=1), edit("b", "bob", at_s=1)]
    assert next_to_send(edits, now=NOW, running_limit=5) is None
    chosen = next_to_send(edits, now=NOW + timedelta(seconds=5), running_limit=5)
    assert chosen is not None
    assert chosen.edit_id == "a"


def test_a_clock_that_was_set_back_holds_nobody_back() -> None:
    refused = edit("a", "ann", not_before=3600, refusals=1)
    assert next_to_send([refused], now=NOW, running_limit=5) == refused
