"""What the app may use for a short time only: trigger ids and response URLs."""

import time
from dataclasses import dataclass

from bot.sandbox.faults import Faults
from bot.sandbox.state import SlackError, State

_REPLY_LIFETIME_S = 30 * 60.0  # https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
_REPLY_USES = 5


@dataclass(frozen=True, slots=True)
class Trigger:
    """Say whose click a trigger id stands for, in which view (if any) and in which channel (if any)."""

    person_id: str
    view_id: str | None
    channel_id: str | None
    made_s: float


@dataclass(slots=True)
class ReplyTicket:
    """Say where the answers to a response URL go; `message_ts` is the message with the button, if there is one."""

    channel_id: str
    person_id: str
    message_ts: str | None
    thread_ts: str | None
    made_s: float
    uses_left: int = _REPLY_USES


class Tickets:
    """Give out trigger ids and response URLs, and take them back while they are good."""

    def __init__(self, state: State, faults: Faults) -> None:
        self._state = state
        self._faults = faults
        self._triggers: dict[str, Trigger | None] = {}
        self._replies: dict[str, ReplyTicket] = {}

    def new_trigger(self, person_id: str, *, view_id: str | None = None, channel_id: str | None = None) -> str:
        """Return a trigger id: good once, and for 3 s."""
        trigger_id = f"{self._state.new_id('')}.{self._state.new_id('')}.local"
        self._triggers[trigger_id] = Trigger(person_id, view_id, channel_id, time.monotonic())
        return trigger_id

    def spend_trigger(self, trigger_id: str) -> Trigger:
        """Take a trigger id; raise in Slack's words when it is unknown, used or too old."""
        if trigger_id not in self._triggers:
            raise SlackError("invalid_trigger_id")
        trigger = self._triggers[trigger_id]
        if trigger is None:
            raise SlackError("exchanged_trigger_id")
        if time.monotonic() - trigger.made_s > self._faults.trigger_lifetime_s:
            raise SlackError("expired_trigger_id")
        self._triggers[trigger_id] = None
        return trigger

    def new_response_url(
        self, channel_id: str, person_id: str, *, message_ts: str | None = None, thread_ts: str | None = None
    ) -> str:
        """Return a response URL: good for 5 answers within 30 minutes."""
        ticket_id = self._state.new_id("R")
        self._replies[ticket_id] = ReplyTicket(channel_id, person_id, message_ts, thread_ts, time.monotonic())
        return f"{self._state.origin}/response/{ticket_id}"

    def spend_reply(self, ticket_id: str) -> ReplyTicket:
        """Take one use of a response URL; raise `expired_url` or `used_url`."""
        ticket = self._replies.get(ticket_id)
        if ticket is None or time.monotonic() - ticket.made_s > _REPLY_LIFETIME_S:
            raise SlackError("expired_url")
        if ticket.uses_left <= 0:
            raise SlackError("used_url")
        ticket.uses_left -= 1
        return ticket
