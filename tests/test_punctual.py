"""Slack waits three seconds: what cannot be read or saved by then is not acknowledged, or answered honestly."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

from slack_bolt.request.async_request import AsyncBoltRequest

from bot.jobs import Jobs
from bot.listeners.gate import Gate
from bot.listeners.intake import Intake
from bot.listeners.punctual import PunctualApp
from bot.listeners.register import register
from bot.local import sandbox_settings
from bot.manifest import load
from bot.messages.modal import CALLBACK_ID, INSTRUCTION
from bot.people import People
from bot.sandbox.workspace import LocalSlack
from bot.slack import Slack
from bot.store import Store
from client.sandbox.server import LocalWan
from tests.processes import RedisServer
from tests.slack_app import ALICE, VIDEO, web_client

SLACK_WAITS_S = 3.0


@asynccontextmanager
async def app_on_redis(folder: Path) -> AsyncIterator[tuple[PunctualApp, RedisServer, Store, LocalSlack]]:
    server = RedisServer(folder)
    await server.start()
    try:
        async with LocalSlack(manifest=load()) as slack, LocalWan() as wan, Jobs.open(server.url) as jobs:
            app, store = PunctualApp(client=web_client(slack), process_before_response=True), Store(jobs)
            intake = Intake(
                store, sandbox_settings(slack, wan), now=lambda: datetime.now(UTC), new_id=lambda: token_hex(6),
                random_below=lambda _: 7,
            )  # fmt: skip
            register(app, intake, Gate(People(Slack(app.client)), intake.settings.rights))
            yield app, server, store, slack
    finally:
        server.go_on()
        await server.stop()


def delivered(slack: LocalSlack, number: int) -> AsyncBoltRequest:
    event = {
        "type": "message", "subtype": "file_share", "user": ALICE, "channel": VIDEO, "channel_type": "channel",
        "ts": f"1700000{number:03}.000100", "text": f"<@{slack.bot_user_id}> make it snow",
        "thread_ts": f"1600000{number:03}.000100",
        "files": [{"id": f"F{number}", "name": "a.mp4", "mimetype": "video/mp4", "filetype": "mp4"}],
    }  # fmt: skip
    authorizations = [{"team_id": slack.team_id, "user_id": slack.bot_user_id, "is_bot": True}]
    body = {"type": "event_callback", "team_id": slack.team_id, "event": event, "authorizations": authorizations}
    return AsyncBoltRequest(mode="socket_mode", body=body)


def command(slack: LocalSlack, text: str) -> AsyncBoltRequest:
    body = {"command": "/edit-video", "text": text, "team_id": slack.team_id, "user_id": ALICE, "channel_id": VIDEO,
            "trigger_id": "1.1"}  # fmt: skip
    return AsyncBoltRequest(mode="socket_mode", body=body)


async def test_while_the_database_stands_still_nothing_is_acknowledged_and_commands_are_told(tmp_path: Path) -> None:
    async with app_on_redis(tmp_path) as (app, server, store, slack):
        assert (await app.async_dispatch(command(slack, "status"))).status == 200  # Bolt knows who it is by now
        server.pause()
        began_s = asyncio.get_running_loop().time()
        told, *events = await asyncio.gather(
            app.async_dispatch(command(slack, "status")),
            *(app.async_dispatch(delivered(slack, number)) for number in range(8)),
        )
        assert asyncio.get_running_loop().time() - began_s < SLACK_WAITS_S
        assert {answer.status for answer in events} == {503}
        assert told.status == 200
        assert "ask again" in str(told.body)
        server.go_on()
        again = [await app.async_dispatch(delivered(slack, number)) for number in range(8)]
        assert {answer.status for answer in again} == {200}
        assert len(await store.open_edits()) == 8


async def test_a_form_that_cannot_be_saved_in_time_says_so_and_stays_open() -> None:
    async with LocalSlack(manifest=load()) as slack:
        app = PunctualApp(client=web_client(slack), process_before_response=True)

        @app.view(CALLBACK_ID)
        async def stuck() -> None:
            await asyncio.Event().wait()

        body = {"type": "view_submission", "team": {"id": slack.team_id}, "user": {"id": ALICE},
                "view": {"id": "V1", "callback_id": CALLBACK_ID, "type": "modal"}}  # fmt: skip
        answer = await app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=body))
        assert answer.status == 200
        assert json.loads(answer.body)["errors"].keys() == {INSTRUCTION}
