"""Deliveries through Bolt that are no edit of their own: a thousand, duplicated and out of order, of 200 messages."""

import asyncio
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.jobs import Jobs
from bot.listeners.gate import Gate
from bot.listeners.intake import Intake
from bot.listeners.register import register
from bot.local import sandbox_settings
from bot.manifest import load
from bot.people import People
from bot.sandbox.workspace import LocalSlack
from bot.settings import Settings
from bot.slack import Slack
from bot.store import Store
from client.sandbox.server import LocalWan
from tests.slack_app import VIDEO, web_client
from tests.stores import BACKENDS, store_url

MESSAGES, DELIVERIES, WRITERS = 200, 1000, 20  # so that each person just has the ten edits that one may have
AT_ONCE = 40


def delivery(slack: LocalSlack, number: int, attempt: int, **more: str) -> AsyncBoltRequest:
    """Return one delivery of a message, as it comes over the socket."""
    event = {
        "type": "message", "subtype": "file_share", "user": f"U{number % WRITERS:03}", "channel": VIDEO,
        "channel_type": "channel", "ts": f"17000{number:05}.000100", "text": f"<@{slack.bot_user_id}> snow {number}",
        "files": [{"id": f"F{number}", "name": "a.mp4", "mimetype": "video/mp4", "filetype": "mp4"}],
        **more,
    }  # fmt: skip
    body: dict[str, Any] = {
        "type": "event_callback", "team_id": slack.team_id, "event_id": f"Ev{number}", "event": event,
        "authorizations": [{"team_id": slack.team_id, "user_id": slack.bot_user_id, "is_bot": True}],
    }  # fmt: skip
    headers: dict[str, str | Sequence[str]] = {"x-slack-retry-num": str(attempt)} if attempt else {}
    return AsyncBoltRequest(mode="socket_mode", body=body, headers=headers)


def replica(slack: LocalSlack, jobs: Jobs, settings: Settings, ids: Iterator[int]) -> AsyncApp:
    """Return all listeners, joined with a store."""
    app = AsyncApp(client=web_client(slack), process_before_response=True)
    intake = Intake(
        Store(jobs), settings, now=lambda: datetime.now(UTC), new_id=lambda: f"e{next(ids)}", random_below=lambda _: 7,
    )  # fmt: skip
    register(app, intake, Gate(People(Slack(app.client)), settings.rights))
    return app


@pytest.mark.parametrize("backend", BACKENDS)
async def test_a_thousand_duplicated_and_reordered_deliveries_of_200_messages_are_200_edits(
    backend: str, tmp_path: Path
) -> None:
    numbers = list(range(MESSAGES)) * (DELIVERIES // MESSAGES)
    random.Random(7).shuffle(numbers)
    ids = count()
    async with (
        LocalSlack(manifest=load()) as slack,
        LocalWan() as wan,
        store_url(backend, tmp_path) as url,
        Jobs.open(url) as one,
        Jobs.open(url) as other,
    ):
        settings = sandbox_settings(slack, wan)
        replicas = []
        for jobs in (one, other):
            replicas.append(replica(slack, jobs, settings, ids))
        crowd = asyncio.Semaphore(AT_ONCE)

        async def deliver(position: int, number: int) -> int:
            async with crowd:
                request = delivery(slack, number, attempt=position % 3)
                return (await replicas[position % 2].async_dispatch(request)).status

        answers = await asyncio.gather(*(deliver(position, number) for position, number in enumerate(numbers)))
        edits = await Store(one).open_edits()
        assert set(answers) == {200}
        assert len(edits) == MESSAGES
        assert {edit.instruction for edit in edits} == {f"snow {number}" for number in range(MESSAGES)}
        assert await Store(one).notebook.unsent() == []


async def test_a_reply_that_is_also_sent_to_the_channel_is_one_edit() -> None:
    async with LocalSlack(manifest=load()) as slack, LocalWan() as wan, Jobs.open("memory://") as jobs:
        app = replica(slack, jobs, sandbox_settings(slack, wan), count())
        for attempt in range(2):
            reply = delivery(slack, 1, attempt, subtype="thread_broadcast", thread_ts="1699999999.000100")
            await app.async_dispatch(reply)
        (edit,) = await Store(jobs).open_edits()
        assert (edit.instruction, edit.thread_ts) == ("snow 1", "1699999999.000100")
