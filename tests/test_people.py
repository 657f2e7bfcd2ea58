"""What Slack says of people: remembered, within a second, and never in the way where it says nothing."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from bot.language import Language
from bot.manifest import load
from bot.people import PATIENCE_S, People, Person
from bot.sandbox.state import EDITORS, LIN, TEAM_ID, Member
from bot.sandbox.workspace import LocalSlack
from bot.slack import Slack, web_client
from tests.slack_app import ALICE, BOB, VIDEO


@asynccontextmanager
async def asking(api_url: str, token: str = "xoxb-1") -> AsyncIterator[People]:
    async with aiohttp.ClientSession() as session:
        yield People(Slack(web_client(token, api_url, session)))


async def test_language_and_home_are_asked_for_once() -> None:
    async with LocalSlack(manifest=load()) as slack, asking(slack.api_url, slack.bot_token) as people:
        slack.state.add_person(Member("U0GUEST01", "guest", "Gil", team_id="T0OTHER01"), channels=[VIDEO])
        for _twice in range(2):
            assert await people.person(TEAM_ID, LIN) == Person(Language.CHINESE, is_external=False)
            assert await people.person(TEAM_ID, ALICE) == Person(Language.ENGLISH, is_external=False)
            assert (await people.person(TEAM_ID, "U0GUEST01")).is_external
        assert len(slack.calls) == 3


async def test_user_groups_are_those_that_somebody_is_in() -> None:
    async with LocalSlack(manifest=load()) as slack, asking(slack.api_url, slack.bot_token) as people:
        assert await people.groups(ALICE, frozenset({EDITORS, "S0UNKNOWN"})) == frozenset({EDITORS})
        assert await people.groups(BOB, frozenset({EDITORS})) == frozenset()
        assert await people.groups(BOB, frozenset({"S0UNKNOWN"})) is None
        assert await people.groups(BOB, frozenset()) == frozenset()
        assert [name for name, _ in slack.calls] == ["usergroups.users.list"] * 2


async def test_a_fault_of_slack_means_english_and_is_not_asked_about_again_at_once() -> None:
    async with LocalSlack(manifest=load()) as slack, asking(slack.api_url, slack.bot_token) as people:
        slack.faults.errors["users.info"] = "fatal_error"
        for _twice in range(2):
            assert await people.person(TEAM_ID, LIN) == Person()
        assert len(slack.calls) == 1


@pytest.mark.parametrize("status", [200, 429])
async def test_nobody_waits_longer_than_a_second_for_slack(status: int) -> None:
    async def slowly(_request: web.Request) -> web.Response:
        await asyncio.sleep(0 if status == 429 else 3600)
        return web.json_response({"ok": False}, status=status, headers={"Retry-After": "30"})

    app = web.Application()
    app.router.add_get("/api/users.info", slowly)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with asking(f"http://127.0.0.1:{runner.addresses[0][1]}/api/") as people:
            began_s = time.monotonic()
            assert await people.language(TEAM_ID, LIN) is Language.ENGLISH
            assert time.monotonic() - began_s < PATIENCE_S + 0.5
    finally:
        await runner.cleanup()
