"""An app of the local workspace for its tests: Slack's own SDK and Bolt, and a bare socket for the protocol itself."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

import aiohttp
from PIL import Image
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.workspace import LocalSlack

ALICE, BOB = "U0ALICE01", "U0BOB0001"
GENERAL, VIDEO, RANDOM, SECRET = "C0GENERAL", "C0VIDEO01", "C0RANDOM1", "C0SECRET1"
ALICE_DM, BOB_DM = "D0ALICE01", "D0BOB0001"
WAIT_S = 20.0  # at most: a machine may have much else to do

Json = dict[str, Any]


def web_client(slack: LocalSlack) -> AsyncWebClient:
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)


class Heard:
    """What an app received, in order, to be waited for."""

    def __init__(self) -> None:
        self.all: list[Json] = []
        self._more = asyncio.Condition()

    async def add(self, payload: Json) -> None:
        async with self._more:
            self.all.append(payload)
            self._more.notify_all()

    async def first(self, wanted: Callable[[Json], bool], timeout_s: float = WAIT_S) -> Json:
        return (await self.several(1, wanted, timeout_s))[0]

    async def several(
        self, count: int, wanted: Callable[[Json], bool] = lambda _: True, timeout_s: float = WAIT_S
    ) -> list[Json]:
        found: list[Json] = []

        def are_there() -> bool:
            found[:] = [payload for payload in self.all if wanted(payload)]
            return len(found) >= count

        async with asyncio.timeout(timeout_s), self._more:
            await self._more.wait_for(are_there)
        return found


def listening_app(slack: LocalSlack, *, hears_itself: bool = False, **options: Any) -> tuple[AsyncApp, Heard]:
    """Return an app that notes every event, and what it notes."""
    app = AsyncApp(
        client=web_client(slack), process_before_response=True, ignoring_self_events_enabled=hears_itself is False,
        **options,
    )
    heard = Heard()

    @app.event(re.compile(".*"))
    async def note(body: Json) -> None:
        await heard.add(body)

    return app, heard


@asynccontextmanager
async def connected(slack: LocalSlack, app: AsyncApp) -> AsyncIterator[AsyncSocketModeHandler]:
    """Connect an app by Socket Mode."""
    handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=1)
    await handler.connect_async()  # type: ignore[no-untyped-call]  # slack_bolt
    try:
        yield handler
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # slack_bolt


@asynccontextmanager
async def bare_socket(slack: LocalSlack) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """Open a socket by hand; the hello is still to be read."""
    opened = await web_client(slack).apps_connections_open(app_token=slack.app_token)
    async with aiohttp.ClientSession() as session, session.ws_connect(opened["url"]) as socket:
        yield socket


async def next_frame(socket: aiohttp.ClientWebSocketResponse) -> Json:
    frame: Json = await socket.receive_json(timeout=WAIT_S)
    return frame


async def ack(socket: aiohttp.ClientWebSocketResponse, frame: Json, payload: Json | None = None) -> None:
    await socket.send_json({"envelope_id": frame["envelope_id"]} | ({"payload": payload} if payload else {}))


def button(action_id: str, value: str = "", label: str = "Go") -> Json:
    return {"type": "button", "action_id": action_id, "value": value, "text": {"type": "plain_text", "text": label}}


def section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


async def pictured_home(client: AsyncWebClient, text: str) -> Json:
    """Make a home that says this beside a picture of 64 × 64, which is uploaded and shared nowhere."""
    still = BytesIO()
    Image.new("RGB", (64, 64), "teal").save(still, "JPEG")
    uploaded = await client.files_upload_v2(content=still.getvalue(), filename="still.jpg")
    picture = {"type": "image", "alt_text": "A still", "slack_file": {"id": uploaded["file"]["id"]}}
    return {"type": "home", "blocks": [section(text) | {"accessory": picture}]}
