"""What an edit counts against budgets, and what the settings of caps mean."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.budget import (
    Account,
    Amount,
    Cap,
    Tariff,
    changes,
    covers,
    currency_of,
    exceeds,
    guessed_s,
    parse_amount,
    parse_caps,
    renews_on,
    reserved,
    settled,
    sums,
)
from bot.edit import Edit, Failure, Part, Reason, State
from bot.events import Canceled, Failed, Finished, Prepared
from bot.moves import apply
from client.catalogue import WAN_EDIT
from client.models import Parameters, Usage
from client.prices import Money
from client.regions import Region
from tests.edits import NOW, edit_in

BEIJING, NOWHERE = Tariff("cn-beijing"), Tariff(None)
USAGE = Usage(billed_s=10.04, input_s=5.02, output_s=5.02, resolution=720)


def waiting(tariff: Tariff = BEIJING, source_s: float = 5.0) -> Edit:
    """Return an edit whose charge is reserved."""
    edit = edit_in(State.PREPARING)
    charge = reserved(edit, source_s, tariff)
    return apply(edit, Prepared(video_url="oss://v", source_s=source_s, charge=charge), NOW)


@pytest.mark.parametrize(
    ("text", "value", "unit", "said"),
    [
        ("60s", 60, "s", "60 s"),
        ("7.5 s", 7.5, "s", "7.5 s"),
        ("¥20", 20, "CNY", "¥20.00"),
        ("20 CNY", 20, "CNY", "¥20.00"),
        ("$5", 5, "USD", "$5.00"),
        ("5.5USD", 5.5, "USD", "$5.50"),
    ],
)
def test_an_amount_is_seconds_or_money(text: str, value: float, unit: str, said: str) -> None:
    amount = parse_amount(text)
    assert (amount.value, amount.unit, str(amount)) == (Decimal(str(value)), unit, said)


@pytest.mark.parametrize("text", ["", "60", "¥", "-5s", "¥5 s", "1e3s", "5 EUR", "many"])
def test_anything_else_is_refused_with_what_could_be_written(text: str) -> None:
    with pytest.raises(ValueError, match="write 60s"):
        parse_amount(text)


def test_caps_are_read_as_they_are_written() -> None:
    caps = parse_caps(" person 60s/day, workspace ¥500/month ,")
    assert caps == (
        Cap("person", Amount(Decimal(60), "s"), "day"), Cap("workspace", Amount(Decimal(500), "CNY"), "month"),
    )  # fmt: skip
    assert [str(cap) for cap in caps] == ["person 60 s/day", "workspace ¥500.00/month"]
    assert parse_caps("") == ()


@pytest.mark.parametrize("text", ["60s/day", "person 60s", "team 60s/day", "person 60s/week", "person 60/day"])
def test_a_cap_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        parse_caps(text)


def test_money_is_counted_in_one_currency() -> None:
    assert currency_of([parse_amount("5s"), parse_amount("¥5")]) == "CNY"
    assert currency_of([parse_amount("5s")]) is None
    with pytest.raises(ValueError, match="one currency"):
        currency_of([parse_amount("$5"), parse_amount("¥5")])


def test_an_edit_is_expected_to_cost_what_its_length_says_and_counts_on_the_day_it_was_asked_for() -> None:
    charge = waiting().charge
    assert (charge.day, charge.channel, charge.seconds) == (date(2026, 1, 2), "C1", 10.0)
    assert charge.money == Money(Decimal("6.00"), "CNY")
    assert charge.priced_on is not None


@given(
    source=st.integers(200, 1000), input_off=st.integers(-50, 50), output_off=st.integers(-50, 50),
    duration_s=st.sampled_from([0, *range(2, 11)]), region=st.sampled_from(WAN_EDIT.regions),
)  # fmt: skip
def test_no_bill_is_higher_than_its_reservation(
    source: int, input_off: int, output_off: int, duration_s: int, region: Region
) -> None:
    edit, tariff = edit_in(State.PREPARING, parameters=Parameters(duration_s=duration_s)), Tariff(region)
    reservation = reserved(edit, source / 100, tariff)
    output = min(duration_s * 100 or source, source)
    usage = Usage(billed_s=(source + input_off + output + output_off) / 100, resolution=720)
    bill = settled(edit, usage, tariff)
    assert covers(reservation, bill)
    booked, spent = (sums(edit.model_copy(update={"charge": charge})) for charge in (reservation, bill))
    assert all(spent[account] <= booked[account] for account in spent)


def test_a_bill_that_is_higher_all_the_same_is_noticed() -> None:
    reservation = reserved(edit_in(State.PREPARING), 5.0, BEIJING)
    for usage in (Usage(billed_s=11.01, resolution=720), Usage(billed_s=10.0, resolution=1080)):
        assert not covers(reservation, settled(edit_in(State.RUNNING), usage, BEIJING))


def test_where_no_price_is_known_seconds_are_counted_alone() -> None:
    edit = waiting(NOWHERE)
    assert edit.charge.money is None
    assert {account.unit for account in sums(edit)} == {"s"}
    assert not exceeds(edit.charge, parse_amount("¥1"))


def test_the_currency_of_the_account_decides_between_two_prices() -> None:
    money = [waiting(Tariff("ap-southeast-1", currency)).charge.money for currency in (None, "CNY")]
    assert [str(one) for one in money] == ["$1.00", "¥7.34"]


def test_a_finished_edit_counts_what_was_billed_a_failed_or_canceled_one_nothing() -> None:
    edit = waiting()
    running = edit.model_copy(update={"state": State.RUNNING})
    bill = settled(running, USAGE, BEIJING)
    done = apply(running, Finished(result_url="https://r", usage=USAGE, charge=bill), NOW)
    assert done.charge.seconds == 10.04
    assert str(done.charge.money) == "¥6.02"
    late = apply(done, Failed(failure=Failure(reason=Reason.BUG, message="m")), NOW)
    assert late.charge == done.charge
    for event in (Canceled(), Failed(failure=Failure(reason=Reason.CONTENT, message="m"))):
        assert sums(apply(edit, event, NOW)) == {}


def test_a_bill_without_a_resolution_costs_what_was_asked_for() -> None:
    bill = settled(edit_in(State.RUNNING), USAGE.model_copy(update={"resolution": None}), BEIJING)
    assert str(bill.money) == "¥6.02"


def test_what_may_have_been_billed_stays_counted() -> None:
    edit = waiting().model_copy(update={"state": State.SUBMITTING})
    doubt = Failure(reason=Reason.UNKNOWN_OUTCOME, message="m", billed="maybe")
    assert apply(edit, Failed(failure=doubt), NOW).charge == edit.charge


def test_an_edit_is_summed_up_for_its_person_channel_and_workspace_a_day_and_a_month() -> None:
    found = sums(waiting())
    assert {(account.period, account.field) for account in found} == {
        (period, f"{who}:{unit}")
        for period in ("2026-01-02", "2026-01")
        for who in ("person:U1", "channel:C1", "workspace:T1")
        for unit in ("s", "CNY")
    }
    assert found[Account("2026-01", "person", "U1", "CNY")] == 6_600_000


def test_sums_stay_with_the_channel_that_was_asked_in_when_the_thread_moves_away() -> None:
    before = waiting()
    after = before.model_copy(update={"channel": "D9"})
    assert changes([before], [after]) == {}
    assert reserved(after, 5.0, BEIJING) == before.charge


def test_changes_are_the_difference_and_nothing_else() -> None:
    short, long = waiting(source_s=4.0), waiting(source_s=5.0)
    assert changes([short], [long])[Account("2026-01", "person", "U1", "s")] == 2_000_000
    assert changes([long], [long]) == {}
    assert changes([], [long, long])[Account("2026-01", "person", "U1", "s")] == 22_000_000
    assert sum(changes([long], []).values()) == -sum(sums(long).values())


def test_a_video_of_unknown_length_is_guessed_as_short_as_it_may_be() -> None:
    edit = edit_in(State.RECEIVED)
    assert guessed_s(edit) == 2.0
    assert guessed_s(edit.model_copy(update={"parameters": Parameters(duration_s=5)})) == 5.0


def test_for_variations_it_is_guessed_as_long_as_it_may_be_and_a_named_part_is_no_guess() -> None:
    assert guessed_s(edit_in(State.RECEIVED, variations=3)) == 10.0
    for variations in (1, 3):
        assert guessed_s(edit_in(State.RECEIVED, variations=variations, part=Part(from_s=1.5, to_s=5))) == 3.5


def test_periods_renew_on_the_next_day_and_on_the_first_of_the_next_month() -> None:
    assert renews_on(date(2026, 12, 31), "day") == date(2027, 1, 1)
    assert [renews_on(date(2026, month, 31), "month") for month in (1, 12)] == [date(2026, 2, 1), date(2027, 1, 1)]


def test_days_are_those_of_utc() -> None:
    asked = datetime.fromisoformat("2026-03-01T01:00:00+08:00")
    assert asked.astimezone(UTC).day == 28
    assert reserved(edit_in(State.RECEIVED, created_at=asked), 2.0, NOWHERE).day == date(2026, 2, 28)
