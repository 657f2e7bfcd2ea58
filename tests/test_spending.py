"""What people read of their spending, and the file that admins get."""

import csv
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest

from bot.budget import Scope, parse_amount, parse_caps
from bot.command import Budget, parse_slash
from bot.edit import Charge, State
from bot.messages.budget import Guess, Sums, budget, over_cap
from bot.messages.spending import BYTE_ORDER_MARK, COLUMNS, cell, spending
from client.models import Parameters
from client.prices import Money
from tests.edits import NOW, edit_in

WHOSE: dict[Scope, str] = {"person": "U1", "channel": "C1", "workspace": "T1"}
SUMS: Sums = {
    "day": {"person:U1:s": 12_500_000, "person:U1:CNY": 7_500_000, "workspace:T1:s": 20_000_000},
    "month": {
        "person:U1:s": 12_500_000, "person:U1:CNY": 7_500_000, "person:U2:s": 100_000_000, "channel:C1:s": 112_500_000,
        "workspace:T1:s": 112_500_000,
    },
}  # fmt: skip
CHARGE = Charge(
    day=NOW.date(), channel="C1", seconds=10.04, money=Money(Decimal("6.024"), "CNY"), priced_on=date(2026, 9, 30)
)


def said(*, admin: bool = False, caps: str = "") -> str:
    return budget(SUMS, day=date(2026, 12, 31), whose=WHOSE, caps=parse_caps(caps), admin=admin)


def test_each_sum_stands_against_its_cap() -> None:
    lines = said(caps="person 60s/day, person ¥20/day, workspace 500s/month").splitlines()
    assert lines[1] == "• *You*: today 12.5 s (¥7.50) of 60 s / ¥20.00 · this month 12.5 s (¥7.50)"
    assert lines[2] == "• *This channel*: today 0 s · this month 112.5 s"
    assert lines[3] == "• *The workspace*: today 20 s · this month 112.5 s of 500 s"
    assert lines[4] == "Daily budgets renew on 2027-01-01, monthly ones on 2027-01-01."


def test_only_admins_see_who_spent_what() -> None:
    assert "U2" not in said()
    assert "csv" not in said()
    lines = said(admin=True).splitlines()
    people = lines.index("*People in 2026-12*")
    assert lines[people + 1 : people + 5] == [
        "• <@U2> 100 s", "• <@U1> 12.5 s (¥7.50)", "*Channels in 2026-12*", "• <#C1> 112.5 s",
    ]  # fmt: skip
    assert "budget csv" in lines[-1]


def test_a_long_list_ends_with_how_many_more_there_are() -> None:
    sums: Sums = {"day": {}, "month": {f"person:U{number}:s": 1_000_000 for number in range(25)}}
    text = budget(sums, day=NOW.date(), whose=WHOSE, caps=(), admin=True)
    assert text.count("<@U") == 20
    assert "… and 5 more" in text


@pytest.mark.parametrize(
    ("cap", "guess", "words"),
    [
        ("person 60s/day", "up to", "This needs up to 8 s, and your budget for today has 7 s of 60 s left."),
        ("person 60s/month", "at least", "This needs at least 8 s, and your budget for this month has"),
        ("channel 60s/day", "up to", "This needs up to 8 s, and this channel's budget for today has"),
        ("channel 60s/month", "up to", "and this channel's budget for this month has 7 s of 60 s left."),
        ("workspace 60s/day", "up to", "It renews on 2027-01-01 at 0:00 UTC: ask again then."),
        ("workspace 60s/month", "up to", "Nothing was sent to Wan, and it cost nothing."),
    ],
)
def test_a_refusal_names_the_cap_what_is_left_and_when_it_renews(cap: str, guess: Guess, words: str) -> None:
    (bound,) = parse_caps(cap)
    needed, left = parse_amount("8s"), parse_amount("7s")
    assert words in over_cap(bound, needed=needed, guess=guess, left=left, day=date(2026, 12, 31))


@pytest.mark.parametrize(("text", "slash"), [("budget", Budget()), (" Budget  CSV", Budget(as_csv=True))])
def test_the_command_is_understood(text: str, slash: Budget) -> None:
    assert parse_slash(text) == slash


def test_the_file_has_a_row_for_every_edit() -> None:
    done = edit_in(State.DONE, charge=CHARGE, finished_at=NOW, parameters=Parameters(resolution="1080P"))
    open_edit = edit_in(State.RECEIVED, edit_id="e2", instruction='say "hi",\nthen ‮leave')
    text = spending([done, open_edit])
    assert text.startswith(BYTE_ORDER_MARK)
    header, first, second = csv.reader(StringIO(text.removeprefix(BYTE_ORDER_MARK)))
    assert tuple(header) == COLUMNS
    assert first == [
        "2026-01-02T03:01:51Z", "2026-01-02", "U1", "C1", "e1", "DONE", "yes", "1080P", "10.04", "6.0240", "CNY",
        "make it snow",
    ]  # fmt: skip
    assert second[4:] == ["e2", "RECEIVED", "expected", "720P", "0.00", "", "", 'say "hi", then leave']


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\r=1", "\n=1", "|calc", "%0A=1", "＝1", "＠x"]
)
def test_no_cell_is_taken_for_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"
    written = spending([edit_in(State.DONE, instruction=text)])
    *_, instruction = list(csv.reader(StringIO(written)))[1]
    assert instruction.startswith("'")


@pytest.mark.parametrize("text", ["", "make it snow", "2026-01-02", "10.04", "a=b"])
def test_every_other_cell_stays_as_it_is(text: str) -> None:
    assert cell(text) == text
