"""Asking the app something that a person waits for: a command, a click, a form."""

from bot.sandbox.delivery import DeliveryError, Kind
from bot.sandbox.state import Json, SlackError
from bot.sandbox.team import Team


async def ask(team: Team, kind: Kind, payload: Json) -> Json | None:
    """Deliver once and return what the ack carries; word a missing ack as Slack's client does."""
    try:
        return await team.delivery.ask(kind, payload)
    except DeliveryError as problem:
        late = problem.reason in ("timeout", "http_timeout")
        raise SlackError("operation_timeout" if late else "dispatch_failed") from problem
