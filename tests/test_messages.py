"""What people read: Slack's limits and hostile text in all of it, the result, failures and private answers."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import get_args

import pytest

from bot.edit import Billed, Edit, Failure, Reason, SlackFile, State
from bot.messages import answers
from bot.messages.blocks import Message
from bot.messages.failure import failure, file_failure, given_up, input_failure, our_fault, slack_failure, task_failure
from bot.messages.help import help_text
from bot.messages.result import file_name, result, root, title
from bot.messages.status import status
from bot.messages.words import amount, duration
from client import errors
from client.models import Parameters, Task, TaskStatus, Usage
from client.options import OPTIONS
from tests.blocks import check_limits, labels, mrkdwn_of, whole
from tests.edits import NOW, edit_in

HOSTILE = (
    "make it snow",
    "<!channel> <@U2> <https://evil.example|slack.com> & `code` *bold*",
    "```" + "x" * 6000,
    "‮\x00\x07مرحبا \u2067שלום",
    "a\n\n> b\r\nc",
    "&lt;!here&gt;",
)


def every_message(instruction: str) -> Iterator[Message]:
    """Yield each message that the bot can post for an edit with this instruction."""
    for state in State:
        for fields in ({}, {"cancel_requested_by": "U1"}, {"cancel_too_late": True}, {"not_before": NOW}):
            yield status(edit_in(state, instruction=instruction, **fields), now=NOW, place=2, waiting=3)
    for reason in Reason:
        for video_url in (None, "oss://clip"):
            why = Failure(reason=reason, message=instruction, code=instruction, request_id=instruction)
            edit = edit_in(State.FAILED, instruction=instruction, failure=why, video_url=video_url)
            yield status(edit, now=NOW, place=None, waiting=None)
    usage = Usage(billed_s=10.04, input_s=5.02, output_s=5.02)
    yield result(edit_in(State.DELIVERING, instruction=instruction, usage=usage))
    yield root(edit_in(State.RECEIVED, instruction=instruction))


def every_answer(edit: Edit) -> Iterator[str]:
    yield answers.private_failure(Failure(reason=Reason.INPUT, message=edit.instruction))
    yield answers.private_link(edit)
    yield answers.retry_too_early(edit)
    yield answers.cancel_not_yours(edit)
    yield answers.cancel_over(edit)
    yield answers.cancel_too_late()
    yield answers.status_list([edit], NOW)


@pytest.mark.parametrize("text", HOSTILE)
def test_every_message_keeps_slacks_limits_and_shows_no_foreign_markup(text: str) -> None:
    for message in every_message(text):
        check_limits(message)
        for mrkdwn in mrkdwn_of(message):
            assert "<" not in mrkdwn.replace("<@U1>", "")
            assert not set(mrkdwn) & set("\x00\x07\u202e\u2067")


@pytest.mark.parametrize("text", HOSTILE)
def test_every_private_answer_shows_no_foreign_markup(text: str) -> None:
    for answer in every_answer(edit_in(State.RUNNING, instruction=text)):
        assert "<" not in answer.replace("<@U1>", "")
        assert len(answer) < 4000


@pytest.mark.parametrize("text", HOSTILE)
def test_a_title_and_a_file_name_are_short_and_harmless(text: str) -> None:
    edit = edit_in(State.DONE, instruction=text, video=SlackFile(file_id="F0", name=f"../{text}.mp4"))
    assert len(title(edit)) <= 80
    assert not set(title(edit)) & set("<>\n\x00\u202e")
    assert file_name(edit).removesuffix("-edited.mp4").replace("-", "").isalnum()


def test_a_file_is_named_after_its_source() -> None:
    assert file_name(edit_in(State.DONE)) == "beach-day-edited.mp4"


# -- the result --------------------------------------------------------------------------------------------------------


def test_the_result_says_what_was_asked_billed_and_chosen() -> None:
    edit = edit_in(
        State.DELIVERING, usage=Usage(billed_s=10.04, input_s=5.02, output_s=5.02),
        images=(SlackFile(file_id="F1"),), fitted=("used 0:00–0:05", "turned upright"),
        parameters=Parameters(ratio="9:16", duration_s=5, seed=42, audio_setting="origin", prompt_extend=False),
    )  # fmt: skip
    said = whole(result(edit))
    assert "make it snow" in said
    assert "Billed 10.04 s (5.02 s in + 5.02 s out)" in said
    assert "720P · 9:16 · first 5 s · seed 42 · sound kept · word for word · 1 picture" in said
    assert "1 picture · used 0:00–0:05 · turned upright · requested by" in said
    assert labels(result(edit)) == ["Retry", "Vary", "Edit again", "Compare"]


@pytest.mark.parametrize(
    ("span_s", "words"), [(-1, "0 s"), (14.9, "14 s"), (134, "2 min 14 s"), (3900, "1 h 5 min")]
)
def test_durations_are_written_for_people(span_s: float, words: str) -> None:
    assert duration(timedelta(seconds=span_s)) == words


@pytest.mark.parametrize(("seconds", "words"), [(8, "8 s"), (10.04, "10.04 s"), (7.5, "7.5 s"), (10, "10 s")])
def test_amounts_have_no_needless_digits(seconds: float, words: str) -> None:
    assert amount(seconds) == words


# -- failures ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "reason", "billed", "said"),
    [
        (errors.InvalidRequest("Field x is wrong", code="InvalidParameter"), Reason.INPUT, "no", "Field x is wrong."),
        (errors.InvalidRequest("I can do: pixels.", code="LocalEngine.Unsupported"), Reason.INPUT, "no", "I can do"),
        (errors.MediaUnreachable("Download timed out"), Reason.LATER, "no", "could not fetch"),
        (errors.ContentRefused("Green net"), Reason.CONTENT, "no", "content check"),
        (errors.AccountError("No", code="InvalidApiKey"), Reason.ADMIN, "no", "another region"),
        (errors.AccountError("No", code="Model.AccessDenied"), Reason.ADMIN, "no", "no access to this model"),
        (errors.AccountError("No", code="AllocationQuota.FreeTierOnly"), Reason.ADMIN, "no", "free quota"),
        (errors.Throttled("Slow down"), Reason.LATER, "no", "nothing new"),
        (errors.ServiceError("Oops"), Reason.LATER, "no", "fault"),
        (errors.NotSent("No route"), Reason.LATER, "no", "fault"),
        (errors.UnknownOutcome("Lost"), Reason.UNKNOWN_OUTCOME, "maybe", "cannot be found for sure"),
        (errors.WaitTimeout("Late"), Reason.LATER, "maybe", "longer"),
        (errors.UnexpectedAnswer("Odd"), Reason.BUG, "maybe", "Odd."),
    ],
)
def test_every_class_of_error_has_its_reason_price_and_sentence(
    error: errors.WanError, reason: Reason, billed: str, said: str
) -> None:
    why = failure(error)
    assert (why.reason, why.billed) == (reason, billed)
    assert said in why.message


def test_a_failure_keeps_the_vendors_code_and_request_id() -> None:
    why = failure(errors.ServiceError("Oops", code="InternalError", request_id="r-1"), billed="yes")
    assert (why.code, why.request_id, why.billed) == ("InternalError", "r-1", "yes")


def test_a_failed_task_costs_nothing() -> None:
    task = Task(task_id="t", status=TaskStatus.FAILED, code="SomethingNew", message="never seen", request_id="r-1")
    why = task_failure(task)
    assert (why.reason, why.billed, why.request_id) == (Reason.BUG, "no", "r-1")


@pytest.mark.parametrize("problem", ["gone", "closed", "foreign", "too_big", "external"])
def test_what_is_wrong_with_a_file_can_be_mended_by_the_person(problem: str) -> None:
    why = file_failure(problem, "120 MB, and 100 MB is the limit")
    assert why.reason is Reason.INPUT
    assert ("120 MB" in why.message) is (problem == "too_big")


def test_a_login_page_instead_of_a_file_is_for_the_admin() -> None:
    why = file_failure("login_page", "missing_scope")
    assert why.reason is Reason.ADMIN
    assert "files:read" in why.message


@pytest.mark.parametrize(("code", "said"), [("not_in_channel", "/invite"), ("missing_scope", "admin"), ("odd", "odd")])
def test_a_lasting_refusal_of_slack_says_what_to_do(code: str, said: str) -> None:
    assert said in slack_failure(code, billed="no").message


def test_where_the_bot_was_kept_out_running_it_again_helps() -> None:
    kept_out = [slack_failure(code, billed="no") for code in ("not_in_channel", "channel_not_found", "is_archived")]
    assert [why.remedy for why in (*kept_out, file_failure("closed"))] == ["retry"] * 4
    assert file_failure("gone").remedy is None
    assert slack_failure("missing_scope", billed="no").remedy is None


def test_the_sentences_of_others_end_as_sentences_and_are_not_endless() -> None:
    for why in (input_failure("too long " * 500), given_up("HTTP 502", billed="no"), our_fault("ab12", billed="no")):
        assert why.message[-1] in ".…"
        assert len(why.message) < 800


# -- answers and help --------------------------------------------------------------------------------------------------


def test_a_private_failure_is_complete() -> None:
    said = answers.private_failure(input_failure("The video is 12 s long, and 10 s is the limit"))
    assert said == (
        ":warning: The video is 12 s long, and 10 s is the limit. It cost nothing. "
        "*Open the form* keeps your instruction and asks for another video."
    )


def test_a_private_link_works_although_it_is_escaped() -> None:
    edit = edit_in(State.DELIVERING, result_url="https://result.example/v.mp4?Expires=1&Signature=a%2Bb")
    assert "<https://result.example/v.mp4?Expires=1&amp;Signature=a%2Bb|Download it>" in answers.private_link(edit)


def test_the_list_of_edits_names_each_state_in_plain_words() -> None:
    edits: Sequence[Edit] = [edit_in(state) for state in State]
    lines = answers.status_list(edits, NOW).splitlines()
    assert len(lines) == len(edits)
    assert lines[0] == "• *preparing* · make it snow · 2 min 14 s ago"


def test_an_empty_list_says_how_to_begin() -> None:
    assert "help" in answers.status_list([], NOW)


def test_the_help_names_every_option_and_the_configured_emoji() -> None:
    said = help_text(retry_emoji="again", cancel_emoji="stop")
    assert all(option.flags[0] in said for option in OPTIONS)
    assert ":again:" in said
    assert ":stop:" in said


def test_every_reason_and_price_is_spoken_of() -> None:
    for reason in Reason:
        for billed in get_args(Billed):
            assert answers.private_failure(Failure(reason=reason, message="why", billed=billed)).startswith(":warning:")
