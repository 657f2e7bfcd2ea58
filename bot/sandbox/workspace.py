"""`LocalSlack`: the local workspace as one server on loopback; where its parts are put together."""

import socket
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from bot.manifest import load
from bot.sandbox import file_transfer, page_files, replies
from bot.sandbox.app_manifest import read_manifest
from bot.sandbox.delivery import Delivery
from bot.sandbox.faults import Faults
from bot.sandbox.pages import Pages
from bot.sandbox.person_api import PersonApi
from bot.sandbox.person_interactions import Interactions
from bot.sandbox.sample import MakeSample, Sample
from bot.sandbox.signed_http import SignedHttp
from bot.sandbox.socket_mode import SocketMode
from bot.sandbox.state import BOT_USER_ID, TEAM_ID, Json, Member, State
from bot.sandbox.team import Team
from bot.sandbox.web_api import WebApi

BOT_TOKEN = "xoxb-local-workspace"
APP_TOKEN = "xapp-local-workspace"
_MAX_BODY_BYTES = 1100 * 1024**2
_SHUTDOWN_S = 1.0


class LocalSlack:
    """Run a local Slack workspace: `async with LocalSlack() as slack`. Everything is in memory and gone afterwards.

    Events go over Socket Mode, or, where `deliver_url` is given, as HTTP signed with `signing_secret`. `clock` gives
    the seconds by which calls are counted where Slack's real limits are switched on. `sample` makes a video that the
    page offers.
    """

    bot_token = BOT_TOKEN
    app_token = APP_TOKEN
    team_id = TEAM_ID
    bot_user_id = BOT_USER_ID

    def __init__(
        self,
        port: int = 0,
        *,
        deliver_url: str | None = None,
        signing_secret: str | None = None,
        faults: Faults | None = None,
        manifest: Mapping[str, Any] | None = None,
        clock: Callable[[], float] = time.monotonic,
        sample: MakeSample | None = None,
    ) -> None:
        if deliver_url and not signing_secret:
            raise ValueError("deliver_url needs a signing_secret")
        self._port = port
        self._clock = clock
        self._make_sample = sample
        self._http = (deliver_url, signing_secret or "") if deliver_url else None
        self._registration = read_manifest(load() if manifest is None else manifest)
        self.faults = Faults() if faults is None else faults

    async def __aenter__(self) -> Self:
        """Bind the port and start; afterwards `origin` and everything else is there."""
        listening = socket.create_server(("127.0.0.1", self._port))
        self.origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self._folder = tempfile.TemporaryDirectory(prefix="local-slack-")
        self.pages = Pages()
        self.state = State(self.origin, Path(self._folder.name), self._registration.bot_name)
        self.delivery = Delivery(self._transport(), self.faults)
        self.team = Team(self.state, self._registration, self.faults, self.delivery, self.pages)
        self._web_api = WebApi(self.team, self.delivery, self.bot_token, self.app_token, self._clock)
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=_SHUTDOWN_S)
        await self._runner.setup()
        await web.SockSite(self._runner, listening).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection and forget everything."""
        self.pages.close()
        await self.delivery.aclose()
        await self._runner.cleanup()
        self._folder.cleanup()

    @property
    def api_url(self) -> str:
        """Return what `SLACK_API_URL` must be, and `base_url` of slack_sdk."""
        return f"{self.origin}/api/"

    @property
    def people(self) -> Mapping[str, Member]:
        """Return the people by their ids."""
        return {person.id: person for person in self.state.people}

    @property
    def limited(self) -> list[str]:
        """Return the methods of the calls that were answered with HTTP 429."""
        return self._web_api.limited

    @property
    def calls(self) -> list[tuple[str, Json]]:
        """Return the Web API calls so far: method and arguments."""
        return self._web_api.calls

    @property
    def sockets(self) -> SocketMode:
        """Return the Socket Mode side, for cutting or refreshing connections; raises TypeError with HTTP delivery."""
        if not isinstance(self.delivery.transport, SocketMode):
            raise TypeError("events are delivered over HTTP here")
        return self.delivery.transport

    def _transport(self) -> SocketMode | SignedHttp:
        if self._http is not None:
            return SignedHttp(*self._http, self.faults)
        return SocketMode(self.faults, self._tell_presence)

    def _tell_presence(self) -> None:
        self.pages.tell_everyone({"type": "presence", "connected": self.delivery.transport.is_connected})

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=_MAX_BODY_BYTES, middlewares=[page_files.guard])
        app.router.add_route("*", "/api/{method}", self._web_api.handle)
        app.router.add_post("/upload/v1/{file_id}", self._upload)
        app.router.add_get("/files-pri/{file}/{name}", self._download)
        app.router.add_get("/files-pri/{file}/download/{name}", self._download)
        if isinstance(self.delivery.transport, SocketMode):
            app.router.add_get("/link/", self.delivery.transport.accept)
        app.router.add_post("/response/{ticket}", self._response)
        person_api = PersonApi(self.team, has_sample=self._make_sample is not None)
        person_api.add_routes(app)
        Interactions(self.team).add_routes(app, person_api)
        page_files.add_routes(app)
        if self._make_sample is not None:
            app.router.add_get("/local/sample", Sample(self._make_sample, self.state.folder / "sample.mp4").serve)
        return app

    async def _upload(self, request: web.Request) -> web.Response:
        return await file_transfer.upload(request, self.team)

    async def _response(self, request: web.Request) -> web.Response:
        return await replies.answer_response_url(request, self.team)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        return await file_transfer.private_download(request, self.team, self.bot_token)
