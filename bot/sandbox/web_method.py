"""What every Web API method is made of: merged arguments, the scope that it needs, its rate, its handler."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.sandbox.state import Json, SlackError
from bot.sandbox.team import Team

TIER_1, TIER_2, TIER_3, TIER_4 = 1, 20, 50, 100  # calls per minute, https://docs.slack.dev/apis/web-api/rate-limits


class Args:
    """Hold the arguments of a call, merged from query, form, multipart or JSON; strings where they came as such."""

    def __init__(self, values: Json) -> None:
        self.values = values

    def text(self, name: str) -> str:
        """Return an argument as text, empty where it is missing."""
        value = self.values.get(name)
        return "" if value is None else str(value)

    def flag(self, name: str) -> bool:
        """Return a truth value, false where it is missing."""
        return self.text(name).lower() in ("1", "true")

    def number(self, name: str, default: int) -> int:
        """Return a whole number; raise `invalid_arguments` for anything else."""
        try:
            return int(self.text(name) or default)
        except ValueError as wrong:
            raise SlackError("invalid_arguments", response_metadata={"messages": [f"{name} is no number"]}) from wrong

    def data(self, name: str, error: str = "invalid_arguments") -> Any:
        """Return a structured argument, which forms and queries carry as JSON text; None where it is missing."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError as wrong:
            raise SlackError(error) from wrong


Handler = Callable[[Team, Args], Awaitable[Json]]


@dataclass(frozen=True, slots=True)
class Method:
    """Hold a method: its handler, the scope it needs (None: any token), and its calls per minute."""

    handler: Handler
    scope: str | None
    calls_per_minute: int = TIER_3


async def read_args(request: web.Request) -> Args:
    """Merge the arguments of a request as Slack does; a body that cannot be read raises SlackError."""
    values: Json = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError as wrong:
            raise SlackError("invalid_json") from wrong
        if not isinstance(body, dict):
            raise SlackError("json_not_object")
        values |= body
    else:
        values |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    return Args(values)


def require_scope(team: Team, scope: str) -> None:
    """Raise `missing_scope` unless the app has this scope."""
    scopes = team.registration.scopes
    if scope not in scopes:
        raise SlackError("missing_scope", needed=scope, provided=",".join(scopes))

