"""The door of the Web API: token, scope, rate limit, then the method; HTTP 200 with `ok: false` for what goes wrong."""

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

from bot.sandbox import chat_methods, conversation_methods, file_methods, view_methods
from bot.sandbox.delivery import Delivery
from bot.sandbox.faults import Faults
from bot.sandbox.socket_mode import SocketMode
from bot.sandbox.state import BOT_ID, BOT_USER_ID, TEAM_ID, TEAM_NAME, Json, SlackError
from bot.sandbox.team import Team
from bot.sandbox.web_method import TIER_1, TIER_4, Args, Method, read_args, require_scope


async def _auth_test(team: Team, args: Args) -> Json:
    return {"url": f"{team.state.origin}/", "team": TEAM_NAME, "user": team.state.members[BOT_USER_ID].handle,
            "team_id": TEAM_ID, "user_id": BOT_USER_ID, "bot_id": BOT_ID, "is_enterprise_install": False}


async def _api_test(team: Team, args: Args) -> Json:
    return {"args": args.values}


METHODS: dict[str, Method] = {
    "auth.test": Method(_auth_test, None, TIER_4 * 10),
    "api.test": Method(_api_test, None, TIER_4 * 10),
    **chat_methods.METHODS, **conversation_methods.METHODS, **file_methods.METHODS,
    **view_methods.METHODS,
}


@dataclass(slots=True)
class WebApi:
    """Answer `/api/…` for one workspace."""

    team: Team
    delivery: Delivery
    bot_token: str
    app_token: str
    clock: Callable[[], float]
    """Seconds, by which the calls of a minute are counted."""
    calls: list[tuple[str, Json]] = field(default_factory=list)
    """Every call so far: method and arguments, for tests to look at."""
    limited: list[str] = field(default_factory=list)
    """The methods of all calls that were answered with HTTP 429."""
    _recent: defaultdict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        name, faults = request.match_info["method"], self.team.faults
        try:
            args = await read_args(request)
            self.calls.append((name, {k: v for k, v in args.values.items() if k != "token"}))
            if self._is_limited(name, args):
                self.limited.append(name)
                body = {"ok": False, "error": "ratelimited"}
                return web.json_response(body, status=429, headers={"Retry-After": str(faults.retry_after_s)})
            answer: Json = {"ok": True} | await self._call(name, args, _token(request, args))
        except SlackError as problem:
            answer = {"ok": False, "error": problem.error} | problem.extra
        if Faults.spend(faults.lost_answers, name) and request.transport is not None:
            request.transport.abort()
        return web.json_response(answer, headers={"x-oauth-scopes": ",".join(self.team.registration.scopes)})

    async def _call(self, name: str, args: Args, token: str) -> Json:
        if name == "apps.connections.open":
            return self._open_connection(token)
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        if token != self.bot_token:
            raise SlackError(_token_problem(token, self.app_token))
        if name in self.team.faults.errors:
            raise SlackError(self.team.faults.errors[name])
        if method.scope is not None:
            require_scope(self.team, method.scope)
        return await method.handler(self.team, args)

    def _open_connection(self, token: str) -> Json:
        if token != self.app_token:
            raise SlackError(_token_problem(token, self.bot_token))
        if not isinstance(self.delivery.transport, SocketMode):
            raise SlackError("forbidden_for_http_delivery")
        origin = self.team.state.origin.replace("http://", "ws://")
        return {"url": f"{origin}/link/?ticket={self.delivery.transport.new_ticket()}&app_id=local"}

    def _is_limited(self, name: str, args: Args) -> bool:
        if Faults.spend(self.team.faults.rate_limits, name):
            return True
        if not self.team.faults.real_rate_limits:
            return False
        now_s = self.clock()
        if name == "chat.postMessage":
            return self._is_over(f"{name} {args.text('channel')}", now_s, window_s=1.0, allowed=1)
        per_minute = METHODS[name].calls_per_minute if name in METHODS else TIER_1
        return self._is_over(name, now_s, window_s=60.0, allowed=per_minute)

    def _is_over(self, key: str, now_s: float, *, window_s: float, allowed: int) -> bool:
        recent = self._recent[key]
        while recent and recent[0] <= now_s - window_s:
            recent.popleft()
        if len(recent) >= allowed:
            return True
        recent.append(now_s)
        return False


def _token(request: web.Request, args: Args) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else args.text("token")


def _token_problem(token: str, other_token: str) -> str:
    if not token:
        return "not_authed"
    return "not_allowed_token_type" if token == other_token else "invalid_auth"
