"""Settings about money, as an admin sets them: what cannot be kept is refused at the start."""

from typing import Any

import pytest
from pydantic import ValidationError

from bot.budget import Tariff, parse_amount, parse_caps
from bot.missing import missing
from bot.settings import Settings
from client.regions import SINGAPORE, VIRGINIA

TOKENS = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "DASHSCOPE_API_KEY": "sk-1"}


def read(**given: str) -> Settings:
    texts: dict[str, Any] = {**TOKENS, **given}
    return Settings(_env_file=None, **texts)


def refusal(**given: str) -> str:
    with pytest.raises(ValidationError) as caught:
        read(**given)
    (line,) = missing(caught.value)
    return line


def test_without_settings_there_are_no_caps() -> None:
    settings = read(BOT_CAPS="", BOT_APPROVE_ABOVE="")
    assert (settings.caps, settings.approve_above) == ((), None)
    assert settings.tariff == Tariff("cn-beijing")


def test_caps_are_read_and_name_the_currency_of_the_account() -> None:
    text = "person 60s/day, workspace ¥500/month"
    settings = read(BOT_CAPS=text, DASHSCOPE_HTTP_BASE_URL=SINGAPORE)
    assert settings.caps == parse_caps(text)
    assert settings.tariff == Tariff("ap-southeast-1", "CNY")


def test_an_approval_needs_somebody_who_can_give_it() -> None:
    assert "BOT_ADMINS is needed" in refusal(BOT_APPROVE_ABOVE="15s")
    assert read(BOT_APPROVE_ABOVE="$2", BOT_ADMINS="U1", DASHSCOPE_HTTP_BASE_URL=SINGAPORE).tariff.currency == "USD"
    assert read(BOT_APPROVE_ABOVE="15s", BOT_ADMINS="U1").approve_above == parse_amount("15s")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"BOT_CAPS": "everybody 60s/day"}, "BOT_CAPS is not right: “everybody 60s/day” is no cap: write person"),
        ({"BOT_CAPS": "person {60}/day"}, "“{60}” is no amount"),
        ({"BOT_CAPS": "person $5/day"}, "no price in USD is known for cn-beijing, so use seconds"),
        ({"BOT_CAPS": "person $5/day", "DASHSCOPE_HTTP_BASE_URL": VIRGINIA}, "no price in USD is known for us-east-1"),
        ({"BOT_CAPS": "person ¥5/day", "DASHSCOPE_HTTP_BASE_URL": "https://proxy.example/api/v1"}, "the region of"),
        ({"BOT_CAPS": "person ¥5/day, channel $5/day"}, "in one currency"),
        ({"BOT_CAPS": "person ¥5/day", "BOT_APPROVE_ABOVE": "$5", "BOT_ADMINS": "U1"}, "in one currency"),
        ({"BOT_APPROVE_ABOVE": "much", "BOT_ADMINS": "U1"}, "BOT_APPROVE_ABOVE is not right: “much” is no amount"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_what_to_do(given: dict[str, str], words: str) -> None:
    assert words in refusal(**given)


def test_a_lost_create_is_not_looked_up_while_it_may_still_be_on_its_way() -> None:
    assert "may be paid twice" in refusal(BOT_ADOPT_AFTER_S="30")
    assert read(BOT_ADOPT_AFTER_S="100").adopt_after_s == 100
    assert read(BOT_ADOPT_AFTER_S="1", DASHSCOPE_HTTP_BASE_URL="http://127.0.0.1:8080/api/v1").adopt_after_s == 1
