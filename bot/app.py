"""The composition root: the only place where parts are made and joined.

`open_bot` makes a whole bot from its settings; `Bot.run` keeps it going until it is told to stop. Stopping takes no
new events, lets the steps under way finish, and leaves the rest to the records.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_hex

import aiohttp
import httpx
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from bot.embedded import open_store_url
from bot.files import Files
from bot.http import RequestUrl
from bot.jobs import Jobs
from bot.links import LinkFetcher
from bot.listeners.gate import Gate
from bot.listeners.intake import Intake
from bot.listeners.punctual import PunctualApp
from bot.listeners.register import register
from bot.pacing import Pacing
from bot.people import People
from bot.room import Room
from bot.scratch import scratch
from bot.settings import Settings
from bot.slack import Slack, web_client
from bot.steps import boundary, compare, deliver, errand, fetch, prepare, remove, submit
from bot.steps.homes import EVERY as HOMES_EVERY
from bot.steps.homes import Homes
from bot.steps.janitor import sweep
from bot.steps.parts import Parts
from bot.steps.reconcile import Reconcile
from bot.steps.show import show
from bot.steps.tell import tell
from bot.store import Store
from bot.wan import wan_client

log = logging.getLogger(__name__)

SWEEP_EVERY = timedelta(hours=1)


@dataclass(frozen=True)
class Bot:
    """A bot that is joined and ready to run."""

    parts: Parts
    jobs: Jobs
    app: AsyncApp
    socket: AsyncSocketModeHandler | RequestUrl  # what Slack's payloads come in by

    async def run(self, stop: asyncio.Event, *, ready: asyncio.Event | None = None) -> None:
        """Serve until `stop` is set, then drain: intake ends first, and steps under way finish."""
        worker = asyncio.create_task(self.jobs.run(), name="jobs")
        connecting = asyncio.create_task(self._connect(ready), name="connect")  # it tries for ever
        stopped = asyncio.create_task(stop.wait(), name="stop")
        try:
            await asyncio.wait({worker, stopped}, return_when=asyncio.FIRST_COMPLETED)
            log.info("stopping")
        finally:
            stopped.cancel()
            connecting.cancel()
            await asyncio.wait({connecting})
            await self.socket.close_async()
            await self.jobs.stop()
            await worker

    async def _connect(self, ready: asyncio.Event | None) -> None:
        await self.socket.connect_async()
        log.info("listening to Slack")
        if ready is not None:
            ready.set()


@asynccontextmanager
async def open_bot(settings: Settings) -> AsyncIterator[Bot]:
    """Make all parts of a bot and join them; everything is closed again at the end."""
    async with AsyncExitStack() as stack:
        own_folder = await stack.enter_async_context(scratch(settings.temp_dir))
        settings = settings.model_copy(update={"temp_dir": own_folder})
        url = await stack.enter_async_context(open_store_url(settings.where))
        redelivery = timedelta(seconds=settings.redelivery_s)
        jobs = await stack.enter_async_context(Jobs.open(url, redelivery_timeout=redelivery))
        tls = httpx.create_ssl_context()  # reading the certificates takes longer than all else here, so once
        http = await stack.enter_async_context(httpx.AsyncClient(verify=tls, timeout=httpx.Timeout(30)))
        token = settings.slack_bot_token.get_secret_value()
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)))
        web = web_client(token, settings.slack_api_url, session)
        slack = Slack(web, Pacing(jobs, _now, settings.slack_pace, jobs.sleep))
        parts = Parts(
            store=Store(jobs, settings.caps),
            slack=slack,
            people=People(slack),
            files=Files(slack, http, token=token, api_url=settings.slack_api_url),
            links=LinkFetcher(
                settings.trusted_origins,
                max_bytes=settings.fetch_limit_mb * 10**6,
                timeout_s=fetch.LIMIT_S,
                tls=tls,
            ),
            room=Room(own_folder),
            wan=await stack.enter_async_context(wan_client(settings)),
            settings=settings,
            now=_now,
            sleep=jobs.sleep,
        )
        _register_jobs(jobs, parts)
        app = _listening(settings, parts)
        socket = _way_in(settings, app)
        stack.push_async_callback(socket.close_async)
        yield Bot(parts, jobs, app, socket)


def _register_jobs(jobs: Jobs, parts: Parts) -> None:
    for step in (prepare.STEP, submit.STEP, deliver.STEP):
        jobs.register(step.name, _bound(step, parts), to_the_end=step is submit.STEP)  # it has paid for something
    for doing in (compare.DOING, remove.DOING):
        jobs.register(doing.errand, _doing(doing, parts))
    jobs.register("show", lambda edit_id: show(parts, edit_id))
    jobs.register("tell", lambda note_id: tell(parts, note_id))
    every = timedelta(seconds=parts.settings.reconcile_every_s)
    jobs.every("reconcile", Reconcile(parts, jobs.add), every=every)
    jobs.every("homes", Homes(parts), every=HOMES_EVERY)
    jobs.every("janitor", lambda: sweep(parts), every=SWEEP_EVERY)


def _bound(step: boundary.Step, parts: Parts) -> Callable[[str], Awaitable[None]]:
    return lambda edit_id: boundary.run(step, parts, edit_id)


def _doing(doing: errand.Doing, parts: Parts) -> Callable[[str], Awaitable[None]]:
    return lambda edit_id: errand.run(doing, parts, edit_id)


def _listening(settings: Settings, parts: Parts) -> AsyncApp:
    """Make Bolt's app. Without `process_before_response` it would acknowledge events before they are saved."""
    secret = settings.slack_signing_secret.get_secret_value()
    if settings.over_http and not secret:
        raise ValueError("with an empty signing secret anybody could send requests in Slack's name")
    token = settings.slack_bot_token.get_secret_value()
    app = PunctualApp(token=token, signing_secret=secret, process_before_response=True)
    # Set here, because Bolt warns of a client that it is given beside the token of the environment.
    app.client.base_url = settings.slack_api_url.rstrip("/") + "/"
    app.client.timeout, app.client.retry_handlers = 3, []
    intake = Intake(
        store=parts.store, settings=settings, now=_now, new_id=lambda: token_hex(6), random_below=random.randrange
    )
    register(app, intake, Gate(parts.people, settings.rights))
    return app


def _way_in(settings: Settings, app: AsyncApp) -> AsyncSocketModeHandler | RequestUrl:
    if settings.http_port is None:
        return AsyncSocketModeHandler(app, settings.slack_app_token.get_secret_value())
    return RequestUrl(app, host=settings.http_host, port=settings.http_port)


def _now() -> datetime:
    return datetime.now(UTC)
