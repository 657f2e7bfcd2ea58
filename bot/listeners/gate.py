"""The gate: whoever wants something of the bot is spoken to in their language, and is let in or politely refused.

What is plainly meant for the bot (commands, shortcuts, buttons, forms) is held up here before its listener. Messages
and reactions are mostly none of our business: their listeners call `enter` where they are ours. The decision itself is
`bot/rights.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncAck

from bot.language import speak
from bot.listeners.intake import Intake, Place
from bot.messages.refusals import refused
from bot.people import People
from bot.rights import Rights

Json = Mapping[str, Any]
FORGET_ME = frozenset({"delete my data", "delete my data yes"})  # everybody's right, whatever else they may do
INTERACTIONS = frozenset({"block_actions", "view_submission", "message_action", "shortcut"})


@dataclass(frozen=True)
class Gate:
    """Who may pass, and in which language they are spoken to."""

    people: People
    rights: Rights

    async def enter(self, team: str, user: str, channel: str | None, *, home_team: str | None = None) -> str | None:
        """Begin to speak the person's language, and return the sentence that refuses them, if any.

        `home_team` is where the payload says that they belong; it counts where Slack does not answer within a second.
        """
        speak(await self.people.language(team, user))
        visitor = await self.people.visitor(team, user, channel, self.rights)
        if visitor.is_external is None and home_team:
            external = home_team != team and not home_team.startswith("E")  # an organisation of many workspaces
            visitor = replace(visitor, is_external=external)
        why = self.rights.refusal(visitor)
        return refused(why) if why else None

    async def hold(self, body: Json, ack: AsyncAck, intake: Intake, *, team: str) -> BoltResponse | None:
        """Refuse a command or an interaction privately, each in its own way; None lets it pass.

        `team` is the workspace that the bot is installed in. Payloads from a shared channel may name another one.
        """
        if "command" not in body and body.get("type") not in INTERACTIONS:
            return None
        user, channel, home_team = _who(body)
        refusal = await self.enter(team, user, channel, home_team=home_team)
        if refusal is None or str(body.get("text") or "").strip().lower() in FORGET_ME:
            return None
        if "command" in body:
            return await ack(refusal)
        view = body.get("view") or {}
        is_sent = body["type"] == "view_submission"
        fields = [block["block_id"] for block in view.get("blocks") or () if block["type"] == "input"]
        if is_sent and fields:
            return await ack(response_action="errors", errors={fields[0]: refusal})
        if is_sent or view.get("type") != "modal":  # what is chosen in a form costs nothing before it is sent
            thread_ts = (body.get("message") or {}).get("thread_ts")
            place = Place(team, user, channel or user, thread_ts if channel else None)
            await intake.answer(place, refusal, claim=f"gate:{body['trigger_id']}")
        return await ack()


def belong_to(team: str, body: dict[str, Any]) -> None:
    """Let a command or an interaction name the workspace that the bot is installed in.

    From a shared channel it may name that of whoever acts, and what they ask for would be in nobody's budget:
    https://github.com/slackapi/bolt-js/pull/1615
    """
    if team and "command" in body:
        body["team_id"] = team
    elif team and body.get("type") in INTERACTIONS:
        body["team"] = {**(body.get("team") or {}), "id": team}


def _who(body: Json) -> tuple[str, str | None, str | None]:
    """Return person, channel and home team of a command's or an interaction's payload."""
    if "command" in body:
        return str(body["user_id"]), str(body["channel_id"]), None
    user = body["user"]
    channel = (body.get("channel") or {}).get("id") or (body.get("container") or {}).get("channel_id")
    return str(user["id"]), channel, user.get("team_id")
