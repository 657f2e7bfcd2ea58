"""Socket Mode, the server's side: tickets, hello, envelopes over one of the open sockets, acks, disconnect frames.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
import random
import uuid
from collections.abc import Callable
from contextlib import suppress

from aiohttp import WSMsgType, web

from bot.sandbox.delivery import DeliveryError, Envelope
from bot.sandbox.faults import Faults
from bot.sandbox.state import APP_ID, Json

MAX_SOCKETS = 10
_DEBUG_INFO = {"host": "applink-local", "build_number": 1, "approximate_connection_time": 18060}


class SocketMode:
    """Hold the app's open sockets and send each envelope to one of them, picked at random as Slack does."""

    def __init__(self, faults: Faults, on_change: Callable[[], None]) -> None:
        self._faults = faults
        self._on_change = on_change
        self._tickets: set[str] = set()
        self._sockets: dict[web.WebSocketResponse, asyncio.Transport | None] = {}
        self._someone = asyncio.Event()
        self._waiting: dict[str, tuple[web.WebSocketResponse, asyncio.Future[Json | None]]] = {}

    @property
    def is_connected(self) -> bool:
        """Tell whether the app has a socket open."""
        return bool(self._sockets)

    @property
    def socket_count(self) -> int:
        """Count the open sockets."""
        return len(self._sockets)

    def new_ticket(self) -> str:
        """Return a ticket that opens one socket, once."""
        ticket = uuid.uuid4().hex
        self._tickets.add(ticket)
        return ticket

    async def ready(self) -> None:
        """Return as soon as a socket is open."""
        await self._someone.wait()

    async def accept(self, request: web.Request) -> web.StreamResponse:
        """Serve one socket until either side closes it."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=403, text="invalid ticket")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(heartbeat=30, max_msg_size=4 * 1024 * 1024)
        await socket.prepare(request)
        if len(self._sockets) >= MAX_SOCKETS:
            await self._disconnect(socket, "too_many_websockets")
            await socket.close()
            return socket
        self._add(socket, request.transport)
        try:
            await socket.send_json({"type": "hello", "num_connections": len(self._sockets),
                                    "connection_info": {"app_id": APP_ID}, "debug_info": _DEBUG_INFO})
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    self._on_text(frame.data)
        finally:
            self._remove(socket)
        return socket

    async def send(self, envelope: Envelope) -> Json | None:
        """Send over one socket and wait for the ack; raises DeliveryError."""
        if not self._sockets:
            raise DeliveryError("connection_failed")
        socket = random.choice(list(self._sockets))
        envelope_id = str(uuid.uuid4())
        frame: Json = {"envelope_id": envelope_id, "type": envelope.kind, "payload": envelope.payload,
                       "accepts_response_payload": envelope.kind != "events_api"}
        if envelope.kind == "events_api":
            frame |= {"retry_attempt": envelope.retry_attempt, "retry_reason": envelope.retry_reason}
        ack: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = (socket, ack)
        try:
            await socket.send_json(frame)
            async with asyncio.timeout(self._faults.ack_timeout_s):
                return await ack
        except TimeoutError as late:
            raise DeliveryError("timeout") from late
        except ConnectionError as broken:
            raise DeliveryError("connection_failed") from broken
        finally:
            self._waiting.pop(envelope_id, None)

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """Ask every open socket to reconnect, as Slack does every few hours; the app closes them itself."""
        for socket in list(self._sockets):
            await self._disconnect(socket, reason)

    def drop(self) -> None:
        """Cut every open socket without a word."""
        for socket, transport in list(self._sockets.items()):
            self._remove(socket)
            if transport is not None:
                transport.abort()

    async def aclose(self) -> None:
        """Close every socket properly."""
        for socket in list(self._sockets):
            with suppress(ConnectionError, TimeoutError):
                await socket.close(code=1001)

    def _on_text(self, text: str) -> None:
        try:
            answer = json.loads(text)
        except ValueError:
            return
        _, ack = self._waiting.get(str(answer.get("envelope_id")), (None, None))
        if ack is not None and not ack.done():
            payload = answer.get("payload")
            ack.set_result(payload if isinstance(payload, dict) else None)

    async def _disconnect(self, socket: web.WebSocketResponse, reason: str) -> None:
        with suppress(ConnectionError):
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": _DEBUG_INFO})

    def _add(self, socket: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
        self._sockets[socket] = transport
        self._someone.set()
        self._on_change()

    def _remove(self, socket: web.WebSocketResponse) -> None:
        if socket not in self._sockets:
            return
        del self._sockets[socket]
        if not self._sockets:
            self._someone.clear()
        for its_socket, ack in list(self._waiting.values()):
            if its_socket is socket and not ack.done():
                ack.set_exception(DeliveryError("connection_failed"))
        self._on_change()
