"""Old edits found again: the list, one edit in every detail, and who may read it."""

import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.edit import Charge, Edit, Failure, Reason, SlackFile, State
from bot.listeners.details import workspace_url
from bot.messages.history import details, history
from bot.messages.styles import styles_text
from client.models import Parameters, Usage
from client.presets import PRESETS
from client.prices import Money
from tests.bots import (
    DIRECT,
    GENERAL_CHANNEL,
    VIDEO_CHANNEL,
    result_in,
    settled_edit,
    small_clip,
    stage,
    whispered,
)
from tests.edits import NOW, edit_in

ACME = "https://acme.slack.com/"
OURS = re.compile(r"<(@U1|!date\^\d+\^\{date_short_pretty\} \{time\}\|[^<>]*|https://acme\.slack\.com/archives/[^<>]*)>")
USAGE = Usage(billed_s=10.04, input_s=5.02, output_s=5.02, resolution=720)
CHARGE = Charge(
    day=NOW.date(), channel="C1", seconds=10.04, money=Money(Decimal("6.024"), "CNY"), priced_on=date(2026, 9, 30)
)
HOSTILE = ["<!channel> <@U2> & <https://evil.example|slack.com>", "x" * 6000, "‮\x00مرحبا", "a\n\n> b\r\nc"]


def test_the_list_names_state_words_time_thread_and_id() -> None:
    first, *_ = history([edit_in(State.DONE)], workspace_url=ACME).splitlines()
    seconds = int((NOW - timedelta(minutes=2, seconds=14)).timestamp())
    assert first == (
        f"• *done* · make it snow · <!date^{seconds}^{{date_short_pretty}} {{time}}|2026-01-02 03:01 UTC> · "
        "<https://acme.slack.com/archives/C1/p10|thread> · `e1`"
    )


def test_an_edit_without_a_thread_yet_has_no_link() -> None:
    assert "thread" not in history([edit_in(State.RECEIVED, thread_ts=None)], workspace_url=ACME).splitlines()[0]


def test_an_empty_list_says_how_to_begin() -> None:
    assert "Post a video" in history([], workspace_url=ACME)


def test_the_details_tell_seed_options_seconds_price_times_and_chain() -> None:
    edit = edit_in(
        State.DONE, usage=USAGE, parameters=Parameters(seed=42, ratio="9:16"), task_id="t-1", negative_prompt="blur",
        submitted_at=NOW - timedelta(seconds=120), started_at=NOW - timedelta(seconds=110),
        finished_at=NOW - timedelta(seconds=10), source_s=5.02, charge=CHARGE, approved_by="U9",
        chained=True, video=SlackFile(file_id="F-e0"),
    )  # fmt: skip
    ancestors = [edit_in(State.DONE, edit_id="e0", instruction="first <rain>", upload_id="F-e0")]
    said = details(edit, ancestors=ancestors, workspace_url=ACME)
    assert "*Model*: wan2.7-videoedit · 720P · 9:16\n" in said
    assert "*Video*: 5.02 s long" in said
    assert "*Seed*: 42" in said
    assert "*Not wanted*: blur" in said
    assert "*Billed*: 10.04 s (5.02 s in + 5.02 s out), about ¥6.02 by the list price of 2026-09-30" in said
    assert "14 s until Wan had it · 10 s waiting at Wan · 1 min 40 s editing · 2 min 14 s in all" in said
    assert "*Made from*: first &lt;rain&gt; (`e0`)" in said
    assert "*Approved*: by <@U9>" in said
    assert "*Task*: `t-1`" in said


def result_of(number: int) -> Edit:
    """Return the edit of this number, made from the result of the one before; the first from a person's video."""
    return edit_in(
        State.DONE, edit_id=f"e{number}", upload_id=f"F{number}", chained=number > 1, instruction=f"change {number}",
        video=SlackFile(file_id=f"F{number - 1}"),
    )  # fmt: skip


def test_a_retry_is_not_made_from_the_video_that_it_did_not_use() -> None:
    first, second = result_of(1), result_of(2)
    of_first = details(first.model_copy(update={"edit_id": "again"}), ancestors=[first], workspace_url=ACME)
    assert "Made from" not in of_first
    assert "*Follows*: change 1 (`e1`)\n" in of_first + "\n"
    of_second = details(
        second.model_copy(update={"edit_id": "again"}), ancestors=[second, first], workspace_url=ACME
    )
    assert "*Made from*: change 1 (`e1`" in of_second
    assert "*Follows*: change 2 (`e2`)" in of_second


@pytest.mark.parametrize(
    ("known", "named", "is_cut"),
    [((5, 4, 3, 2, 1), (5, 4, 3, 2, 1), False), ((5, 4, 3), (5, 4, 3), True), ((), (), True)],
)
def test_a_chain_that_is_cut_says_so(known: tuple[int, ...], named: tuple[int, ...], is_cut: bool) -> None:
    said = details(result_of(6), ancestors=[result_of(number) for number in known], workspace_url=ACME)
    (line,) = [line for line in said.splitlines() if "Made from" in line]
    assert [int(number) for number in re.findall(r"`e(\d)`", line)] == [*named]
    assert line.endswith("…") is is_cut


def test_of_a_long_chain_the_last_five_are_named() -> None:
    ancestors = [result_of(number) for number in range(8, 0, -1)]
    said = details(result_of(9), ancestors=ancestors, workspace_url=ACME)
    (line,) = [line for line in said.splitlines() if "Made from" in line]
    assert re.findall(r"`e(\d)`", line) == list("87654")
    assert line.endswith(" ← …")


def test_a_price_that_nobody_knows_is_not_told() -> None:
    said = details(edit_in(State.DONE, usage=USAGE), ancestors=[], workspace_url=ACME)
    assert "10.04 s (5.02 s in + 5.02 s out)\n" in said
    assert "list price" not in said


def test_a_failed_edit_says_why_and_that_it_cost_nothing() -> None:
    why = Failure(reason=Reason.CONTENT, message="Refused.", code="DataInspectionFailed", request_id="r-1")
    said = details(edit_in(State.FAILED, failure=why), ancestors=[], workspace_url=ACME)
    assert "*Billed*: It cost nothing." in said
    assert "*Failure*: Refused. · DataInspectionFailed · request r-1" in said


def test_the_providers_link_is_never_told() -> None:
    edit = edit_in(State.DELIVERING, result_url="https://result.example/v.mp4?Signature=secret", video_url="oss://clip")
    said = details(edit, ancestors=[edit], workspace_url=ACME)
    assert "result.example" not in said
    assert "oss://" not in said


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("state", State)
def test_what_people_wrote_is_shown_without_markup_and_not_at_endless_length(text: str, state: State) -> None:
    why = Failure(reason=Reason.BUG, message=text, code=text[:50], request_id=text[:50])
    edit = edit_in(
        state, instruction=text, negative_prompt=text, failure=why, task_id="t", chained=True, upload_id="F0"
    )
    one = details(edit, ancestors=[edit] * 5, workspace_url=ACME)
    many = history([edit] * 30, workspace_url=ACME)
    assert len(one) < 4000
    assert len(many) < 8000
    assert len(many.splitlines()) == 21
    for said in (one, many):
        assert "<" not in OURS.sub("", said)
        assert not set(said) & set("\x00\u202e")


@pytest.mark.parametrize(
    ("api_url", "domain", "url"),
    [
        ("https://slack.com/api/", "acme", "https://acme.slack.com/"),
        ("https://slack-gov.com/api/", "acme", "https://acme.slack-gov.com/"),
        ("https://slack.com/api/", "", "https://slack.com/"),
        ("https://slack.com/api/", "evil.example/", "https://slack.com/"),
        ("http://127.0.0.1:8765/api/", "acme", "http://127.0.0.1:8765/"),
    ],
)
def test_threads_are_linked_where_the_workspace_is_found(api_url: str, domain: str, url: str) -> None:
    assert workspace_url(api_url, domain) == url


def test_every_kind_of_edit_has_an_instruction_to_copy() -> None:
    lines = styles_text().splitlines()[1:]
    assert len(lines) == len(PRESETS)
    assert len(styles_text()) < 12_000


# -- over Slack --------------------------------------------------------------------------------------------------------


async def test_details_are_for_the_channel_and_for_whoever_asked(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        ts = await on.alice.post(
            VIDEO_CHANNEL, "@video-editor 8-bit pixel style --seed 7", files=[small_clip(tmp_path)]
        )
        video = await result_in(on, VIDEO_CHANNEL, ts)
        edit = await settled_edit(on, ts)

        listed = await on.alice.command(DIRECT, "history")
        assert listed is not None
        assert f"{on.slack.origin}/archives/{VIDEO_CHANNEL}/p{ts.replace('.', '')}" in listed["text"]
        assert f"`{edit.edit_id}`" in listed["text"]

        for person, channel in ((on.alice, DIRECT), (on.bob, VIDEO_CHANNEL)):
            shown = await person.command(channel, f"show {edit.edit_id}")
            assert shown is not None
            assert "*Seed*: 7" in shown["text"]
        for asked in (f"show {edit.edit_id}", "show 0123456789ab"):
            refused = await on.bob.command(GENERAL_CHANNEL, asked)
            assert refused is not None
            assert "no edit with this id" in refused["text"]

        await on.bob.click(VIDEO_CHANNEL, video["ts"], "more", f"details {edit.edit_id}")
        assert "*Seed*: 7" in await whispered(on, VIDEO_CHANNEL, "until Wan had it", to=on.bob)
        assert not [message for message in await on.alice.thread(VIDEO_CHANNEL, ts) if "Seed" in message["text"]]


async def test_styles_and_an_empty_history_are_answered_at_once(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        for text, words in (("styles", "Another season"), ("history", "no edits here"), ("show", "by its id")):
            answer = await on.alice.command(VIDEO_CHANNEL, text)
            assert answer is not None
            assert words in answer["text"]
