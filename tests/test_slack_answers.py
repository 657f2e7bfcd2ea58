"""What Slack's API, or something between us and it, may answer: what is worth another try, and what is not."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from bot.slack import Slack, SlackError, web_client

ANSWERS: dict[str, Callable[[], web.Response]] = {
    "a proxy's page with 503": lambda: web.Response(status=503, text="<html>x", content_type="text/html"),
    "a proxy's page with 200": lambda: web.Response(text="<html>x", content_type="text/html"),
    "plain text with 502": lambda: web.Response(status=502, text="upstream connect error"),
    "nothing at all with 504": lambda: web.Response(status=504),
    "half an answer": lambda: web.Response(text='{"ok": tr', content_type="application/json"),
    "a list": lambda: web.json_response([1]),
    "too many calls, in plain text": lambda: web.Response(status=429, text="x", headers={"Retry-After": "0"}),
    "a fault named by Slack": lambda: web.json_response({"ok": False, "error": "fatal_error"}),
    "a refusal with 500": lambda: web.json_response({"ok": False, "error": "channel_not_found"}, status=500),
}


@asynccontextmanager
async def answering(answer: Callable[[], web.Response]) -> AsyncIterator[Slack]:
    """Serve one answer for every method on loopback."""

    async def handle(_request: web.Request) -> web.Response:
        return answer()

    app = web.Application()
    app.router.add_route("*", "/api/{method}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with aiohttp.ClientSession() as session:
            yield Slack(web_client("xoxb-1", f"http://127.0.0.1:{runner.addresses[0][1]}/api/", session))
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("kind", ANSWERS)
async def test_an_outage_of_slack_is_no_refusal(kind: str) -> None:
    async with answering(ANSWERS[kind]) as slack:
        with pytest.raises(SlackError) as caught:
            await slack.call("chat.postMessage", channel="C1")
    assert not caught.value.lasting


async def test_a_refusal_keeps_the_name_that_slack_gives_it() -> None:
    async with answering(lambda: web.json_response({"ok": False, "error": "is_archived"})) as slack:
        with pytest.raises(SlackError) as caught:
            await slack.call("chat.postMessage", channel="C1")
    assert (caught.value.code, caught.value.lasting) == ("is_archived", True)
