"""Web API: `views.*`."""

from typing import Any

from bot.sandbox.state import Json, SlackError
from bot.sandbox.team import Team
from bot.sandbox.views import View
from bot.sandbox.web_method import TIER_4, Args, Method


async def _open(team: Team, args: Args) -> Json:
    trigger = team.tickets.spend_trigger(args.text("trigger_id"))
    view = team.views.open(trigger.person_id, _content(args), channel_id=trigger.channel_id)
    return _answer(team, view)


async def _push(team: Team, args: Args) -> Json:
    trigger = team.tickets.spend_trigger(args.text("trigger_id"))
    if trigger.view_id is None:
        raise SlackError("invalid_trigger_id")
    below = team.views.find(trigger.view_id)
    view = team.views.open(trigger.person_id, _content(args), channel_id=below.channel_id, onto=below.id)
    return _answer(team, view)


async def _update(team: Team, args: Args) -> Json:
    view = team.views.find(args.text("view_id") or args.text("external_id"))
    return _answer(team, team.views.update(view, _content(args), expected_version=args.text("hash")))


async def _publish(team: Team, args: Args) -> Json:
    if not team.registration.has_home:
        raise SlackError("not_enabled")
    person = team.state.person(args.text("user_id"))
    return _answer(team, team.views.publish(person.id, _content(args), expected_version=args.text("hash")))


METHODS = {
    "views.open": Method(_open, None, TIER_4),
    "views.push": Method(_push, None, TIER_4),
    "views.update": Method(_update, None, TIER_4),
    "views.publish": Method(_publish, None, TIER_4),
}


def _content(args: Args) -> Any:
    return args.data("view")


def _answer(team: Team, view: View) -> Json:
    return {"view": team.views.written(view)}
