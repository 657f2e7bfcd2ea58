"""The request URL: signed HTTP delivery, for who prefers it to Socket Mode. Bolt checks every signature.

TLS ends at the proxy in front. What Slack delivers twice, and what somebody replays while a signature is still good,
is one edit because of the claims in `bot/listeners`.
https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import asyncio
import socket

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp

from bot.manifest import REQUEST_PATH

BODY_LIMIT_S = 5.0  # Slack itself gives up on a request after three seconds
MAX_BODY_BYTES = 1024**2
FINISH_S = 5.0  # for requests under way when the bot stops


class PortUnavailableError(Exception):
    """The address to listen on is taken, or not ours to take."""


class RequestUrl:
    """Serve the one address to which Slack posts events, commands and interactions.

    Its two methods are named as those of Bolt's Socket Mode handler, in whose place it stands.
    """

    def __init__(self, app: AsyncApp, *, host: str, port: int) -> None:
        """Take the port at once, so that a bot which cannot listen does not start; port 0 takes a free one."""
        self._app = app
        try:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            self._listening = socket.create_server((host, port), family=family)
        except OSError as exc:
            raise PortUnavailableError(f"{host}:{port} cannot be listened on: {exc.strerror or exc}") from exc
        served = web.Application(client_max_size=MAX_BODY_BYTES)
        served.router.add_post(REQUEST_PATH, self._receive)
        self._runner = web.AppRunner(served, access_log=None, shutdown_timeout=FINISH_S)

    @property
    def port(self) -> int:
        """Return the port that is listened on."""
        return int(self._listening.getsockname()[1])

    async def connect_async(self) -> None:
        """Begin to answer."""
        await self._runner.setup()
        await web.SockSite(self._runner, self._listening).start()

    async def close_async(self) -> None:
        """Take nothing new, and finish what is under way; may be called again."""
        await self._runner.cleanup()
        self._listening.close()

    async def _receive(self, request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(BODY_LIMIT_S):
                asked = await to_bolt_request(request)
        except TimeoutError:
            return web.Response(status=408)
        return await to_aiohttp_response(await self._app.async_dispatch(asked))
