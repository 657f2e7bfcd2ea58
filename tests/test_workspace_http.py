"""Signed HTTP delivery into Bolt's request handler: signatures, retries, commands."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp

from bot.sandbox.faults import Faults
from bot.sandbox.person import Person, RefusedError
from bot.sandbox.signed_http import SignedHttp
from bot.sandbox.workspace import LocalSlack
from tests.slack_app import ALICE, GENERAL, Json, listening_app

SECRET = "a-signing-secret"


class Door:
    """The app's request URL: hands requests to Bolt, notes their headers, and fails as often as it is told to."""

    def __init__(self) -> None:
        self.app: AsyncApp | None = None
        self.seen: list[tuple[dict[str, str], int]] = []
        self.failures_left = 0
        self.extra_headers: dict[str, str] = {}

    async def handle(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        if self.failures_left > 0:
            self.failures_left -= 1
            self.seen.append((headers, 500))
            return web.Response(status=500, headers=self.extra_headers)
        assert self.app is not None
        answer: web.Response = await to_aiohttp_response(await self.app.async_dispatch(await to_bolt_request(request)))
        self.seen.append((headers, answer.status))
        return answer


@asynccontextmanager
async def listening(door: Door) -> AsyncIterator[str]:
    server = web.Application()
    server.router.add_post("/slack/events", door.handle)
    runner = web.AppRunner(server)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    finally:
        await runner.cleanup()


@pytest.fixture
async def door() -> Door:
    return Door()


@pytest.fixture
async def slack(door: Door) -> AsyncIterator[LocalSlack]:
    faults = Faults(ack_timeout_s=2.0, retry_delays_s=(0.0, 0.02, 0.02))
    async with listening(door) as url, LocalSlack(deliver_url=url, signing_secret=SECRET, faults=faults) as running:
        yield running


async def test_an_event_arrives_signed(slack: LocalSlack, door: Door) -> None:
    door.app, heard = listening_app(slack, signing_secret=SECRET)
    await Person(slack.origin, ALICE).post(GENERAL, "hi “there”")
    body = await heard.first(lambda b: True)
    assert body["event"]["text"] == "hi “there”"
    assert "x-slack-retry-num" not in door.seen[0][0]


async def test_a_foreign_signature_is_refused_by_bolt(slack: LocalSlack, door: Door) -> None:
    slack.faults.retry_delays_s = ()
    door.app, heard = listening_app(slack, signing_secret="another-secret")
    with pytest.raises(RefusedError, match="dispatch_failed"):
        await Person(slack.origin, ALICE).command(GENERAL, "help")
    assert ([status for _, status in door.seen], heard.all) == ([401], [])


async def test_a_failed_event_is_retried_with_its_reason(slack: LocalSlack, door: Door) -> None:
    door.app, heard = listening_app(slack, signing_secret=SECRET)
    door.failures_left = 2
    await Person(slack.origin, ALICE).post(GENERAL, "hi")
    await heard.first(lambda b: True)
    tries = [(h.get("x-slack-retry-num"), h.get("x-slack-retry-reason")) for h, _ in door.seen]
    assert tries == [(None, None), ("1", "http_error"), ("2", "http_error")]


async def test_an_app_that_wants_no_retry_gets_none(slack: LocalSlack, door: Door) -> None:
    door.app, heard = listening_app(slack, signing_secret=SECRET)
    door.failures_left, door.extra_headers = 1, {"X-Slack-No-Retry": "1"}
    alice = Person(slack.origin, ALICE)
    await alice.post(GENERAL, "lost")
    await alice.post(GENERAL, "kept")
    await heard.first(lambda b: b["event"]["text"] == "kept")
    assert [body["event"]["text"] for body in heard.all] == ["kept"]


async def test_a_command_is_a_form_and_its_answer_is_shown(slack: LocalSlack, door: Door) -> None:
    door.app, _ = listening_app(slack, signing_secret=SECRET)

    @door.app.command("/edit-video")
    async def answer(ack: Any, command: Json) -> None:
        await ack(f"You said {command['text']}")

    shown = await Person(slack.origin, ALICE).command(GENERAL, "a & b")
    assert shown is not None
    assert (shown["text"], shown["ephemeral"]) == ("You said a &amp; b", True)


async def test_the_url_is_verified_by_its_challenge(slack: LocalSlack, door: Door) -> None:
    door.app, _ = listening_app(slack, signing_secret=SECRET)
    transport = slack.delivery.transport
    assert isinstance(transport, SignedHttp)
    assert await transport.verify()
    door.failures_left = 1
    assert not await transport.verify()


async def test_a_door_that_is_closed_is_tried_again() -> None:
    door = Door()
    async with listening(door) as url:
        pass
    async with LocalSlack(deliver_url=url, signing_secret=SECRET) as slack:
        with pytest.raises(RefusedError, match="dispatch_failed"):
            await Person(slack.origin, ALICE).command(GENERAL, "help")


def test_delivery_needs_a_secret() -> None:
    with pytest.raises(ValueError, match="signing_secret"):
        LocalSlack(deliver_url="http://127.0.0.1:1/")
