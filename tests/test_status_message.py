"""The status message through an edit's life, its face, and the marks on the request."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from bot.again import variations_of
from bot.command import parse
from bot.edit import Billed, Edit, Failure, Reason, Remedy, State
from bot.language import Language, speaking
from bot.messages import variations
from bot.messages.blocks import Message
from bot.messages.status import face, mark, status
from bot.text import Typed
from client.models import Parameters
from tests.blocks import elements, labels, whole
from tests.edits import NOW, edit_in


def status_of(edit: Edit, *, now: datetime = NOW, place: int | None = None, waiting: int | None = None) -> Message:
    return status(edit, now=now, place=place, waiting=waiting)


def test_a_waiting_edit_knows_its_place() -> None:
    assert "place 2 of 5" in whole(status_of(edit_in(State.WAITING), place=2, waiting=5))


def test_a_running_edit_says_how_long_it_has_been_running_and_how_long_that_is_usual() -> None:
    said = whole(status_of(edit_in(State.RUNNING, submitted_at=NOW), now=NOW + timedelta(seconds=134)))
    assert "2 min 0 s so far, usually 4–11 min" in said  # in steps of 15 seconds


def test_the_phases_tell_what_is_behind_and_what_is_to_come() -> None:
    said = whole(status_of(edit_in(State.RUNNING)))
    assert ":white_check_mark: Wait\n:hourglass_flowing_sand: *Edit*" in said
    assert said.count(":white_circle:") == 1


@pytest.mark.parametrize("state", list(State))
def test_cancel_is_offered_exactly_while_it_can_save_money(state: State) -> None:
    early = {State.RECEIVED, State.PREPARING, State.APPROVING, State.WAITING, State.SUBMITTING, State.PENDING}
    assert ("Cancel" in labels(status_of(edit_in(state)))) is (state in early)


def test_cancel_is_not_offered_twice() -> None:
    message = status_of(edit_in(State.WAITING, cancel_requested_by="U1"))
    assert labels(message) == []
    assert "Canceling" in whole(message)


def test_a_cancel_that_comes_too_late_says_that_it_will_be_billed() -> None:
    said = whole(status_of(edit_in(State.RUNNING, cancel_requested_by="U1", cancel_too_late=True)))
    assert "cannot stop" in said
    assert "will be billed" in said


def test_the_button_asks_before_it_cancels_and_names_the_edit() -> None:
    (button,) = [part for part in elements(status_of(edit_in(State.WAITING)).blocks) if part.get("type") == "button"]
    assert button["value"] == "e1"
    assert button["confirm"]["title"]["text"] == "Cancel this edit?"


def test_a_finished_edit_is_one_line() -> None:
    message = status_of(edit_in(State.DONE))
    assert message.text == "Done in 2 min 14 s"
    assert len(message.blocks) == 1


def test_a_result_that_slack_refused_is_announced_without_its_link() -> None:
    message = status_of(edit_in(State.DONE, link_sent=True, result_url="https://result.example/secret"))
    assert "<@U1> has a link" in message.text
    assert "secret" not in str(message)


def test_a_paid_delivery_that_failed_says_first_that_its_link_was_sent_and_until_when_it_is_good() -> None:
    why = Failure(reason=Reason.BUG, message="Something is wrong.", billed="yes")
    message = status_of(edit_in(State.FAILED, failure=why, link_sent=True, finished_at=NOW, video_url="oss://clip"))
    sent = "The video was made: I sent <@U1> a link to it by direct message, good until <!date^"
    then = whole(message)
    assert then.index(sent) < then.index("It was billed.") < then.index("*Retry* may help")
    assert "2026-01-03 03:04 UTC>. It was billed." in message.text


def test_a_canceled_edit_cost_nothing_and_can_be_run_again() -> None:
    message = status_of(edit_in(State.CANCELED))
    assert message.text == "Canceled. It cost nothing."
    assert labels(message) == ["Retry"]


@pytest.mark.parametrize(
    ("reason", "accepted", "offered"),
    [
        (Reason.INPUT, False, ["Open the form"]),
        (Reason.INPUT, True, ["Edit again"]),
        (Reason.CONTENT, True, ["Retry word for word", "Edit again"]),
        (Reason.LATER, True, ["Retry"]),
        (Reason.UNKNOWN_OUTCOME, True, ["Retry"]),
        (Reason.ADMIN, True, ["Retry"]),
        (Reason.EXPIRED, True, ["Retry"]),
        (Reason.BUG, False, ["Retry"]),
    ],
)
def test_a_failure_offers_what_can_help(reason: Reason, accepted: bool, offered: list[str]) -> None:
    why = Failure(reason=reason, message="why")
    video_url = "oss://clip" if accepted else None
    assert labels(status_of(edit_in(State.FAILED, failure=why, video_url=video_url))) == offered


@pytest.mark.parametrize(
    ("remedy", "offered", "said"),
    [
        ("slow_down", "Slow it down", "*Slow it down* makes it long enough"),
        ("options", "Open the form", "*Open the form* keeps the video and your instruction, and lets you change"),
        ("picture", "Open the form", "*Open the form* keeps the video and your instruction, and takes other pictures"),
        ("retry", "Retry", "*Retry* works as soon as that is changed"),
        (None, "Open the form", "asks for another video"),
    ],
)
def test_a_mistake_offers_what_mends_it_and_says_so(remedy: Remedy | None, offered: str, said: str) -> None:
    message = status_of(edit_in(State.FAILED, failure=Failure(reason=Reason.INPUT, message="why", remedy=remedy)))
    assert labels(message) == [offered]
    assert said in whole(message)


@pytest.mark.parametrize(
    ("billed", "finished", "said"),
    [
        ("no", False, "It cost nothing."),
        ("maybe", False, "It may have been billed."),
        ("yes", False, "It was billed."),
        ("no", True, "It was billed."),
    ],
)
def test_a_failure_says_whether_it_cost_anything(billed: Billed, finished: bool, said: str) -> None:
    why = Failure(reason=Reason.LATER, message="why", billed=billed)
    message = status_of(edit_in(State.FAILED, failure=why, finished_at=NOW if finished else None))
    assert said in message.text
    assert said in whole(message)


@pytest.mark.parametrize("rewrites", [True, False])
def test_a_content_refusal_offers_a_run_word_for_word_where_that_is_something_new(rewrites: bool) -> None:
    why = Failure(reason=Reason.CONTENT, message="why")
    edit = edit_in(State.FAILED, failure=why, parameters=Parameters(prompt_extend=rewrites))
    assert ("Retry word for word" in status_of(edit).text) is rewrites
    assert ("Retry word for word" in labels(status_of(edit))) is rewrites


def test_a_failure_leads_to_the_log_and_to_the_vendors_support() -> None:
    why = Failure(reason=Reason.LATER, message="why", code="InternalError.Algo", request_id="r-1")
    assert "Edit e1 · InternalError.Algo · request r-1" in whole(status_of(edit_in(State.FAILED, failure=why)))


def test_a_silent_wan_is_spoken_of_after_a_while() -> None:
    edit = edit_in(State.SUBMITTING)
    said = [whole(status_of(edit, now=NOW + timedelta(seconds=seconds))) for seconds in (14, 15)]
    assert ["nothing is paid twice" in words for words in said] == [False, True]


# -- the face ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [state for state in State if state.terminal])
def test_the_face_of_an_edit_that_is_over_is_its_state(state: State) -> None:
    assert face(edit_in(state, cancel_requested_by="U1", not_before=NOW), now=NOW, place=3) == state.value


def test_face_and_message_change_together() -> None:
    seen: dict[str, Message] = {}
    for edit, now, place in _moments():
        key = face(edit, now=now, place=place)
        message = status_of(edit, now=now, place=place)
        assert seen.setdefault(key, message) == message
    assert len({str(message) for message in seen.values()}) == len(seen)


def _moments() -> Iterator[tuple[Edit, datetime, int | None]]:
    for state in State:
        for fields in ({}, {"cancel_requested_by": "U1"}, {"cancel_requested_by": "U1", "cancel_too_late": True}):
            for not_before in (None, NOW, NOW + timedelta(seconds=7)):
                edit = edit_in(state, submitted_at=NOW, not_before=not_before, **fields)
                for seconds in (0, 14, 15, 31, 600):
                    for place in (None, 1, 2):
                        yield edit, NOW + timedelta(seconds=seconds), place


def test_a_clock_that_runs_behind_shows_no_negative_time() -> None:
    edit = edit_in(State.RUNNING, submitted_at=NOW)
    assert face(edit, now=NOW - timedelta(minutes=1), place=None) == "RUNNING 0 s"


def test_marks_show_under_way_done_and_trouble() -> None:
    marks = {state: mark(state) for state in State}
    assert marks.pop(State.DONE) == "white_check_mark"
    assert {marks.pop(State.FAILED), marks.pop(State.CANCELED)} == {"warning"}
    assert set(marks.values()) == {"eyes"}


ASKED = {
    "make it jump x3": "Making 3 variations",
    "make it snow from 0:03 to 0:08": "720P · only 0:03–0:08 · requested",
    "make it snow, from 0:03 on, 1080p": "1080P · from 0:03 · requested",
    "make it snow --seconds 5 --negative <text>": "720P · first 5 s · without &lt;text&gt; · requested",
    "make it snow in vertical format, keep the sound, seed 42": "9:16 · seed 42 · sound kept",
    "让它跳起来，三个版本": "正在生成 3 个版本",
    "变成雪景，第3秒到第8秒": "720P · 只用 0:03–0:08 · 由",
    "变成雪景，从第三秒开始，１０８０Ｐ": "1080P · 从 0:03 开始 · 由",
    "变成雪景，前五秒 --negative 「文字」": "720P · 只用 0:00–0:05 · 不含：文字 · 由",
    "变成雪景，竖屏，保留原声，不改写，种子42": "9:16 · 种子 42 · 保留原声 · 不改写",
}  # fmt: skip


@pytest.mark.parametrize(("text", "shown"), ASKED.items())
def test_what_was_understood_is_shown_from_the_first_moment_on(text: str, shown: str) -> None:
    asked = parse(Typed(text))
    edit = edit_in(
        State.RECEIVED, instruction=asked.instruction, parameters=asked.parameters, part=asked.part,
        negative_prompt=asked.negative_prompt, variations=asked.variations,
    )  # fmt: skip
    members = variations_of(edit, first_seed=7) if asked.variations > 1 else [edit]
    with speaking(Language.ENGLISH if text.isascii() else Language.CHINESE):
        said = whole(variations.status(members, now=NOW, places={}))
    assert shown in said
    assert asked.instruction in said  # quoted, without the words that were taken for options
