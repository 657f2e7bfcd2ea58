"""App Home and the suggestions: who opened it is saved, and so is what they choose there; the rest is done by jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from slack_sdk.web.async_client import AsyncWebClient

from bot.listeners.gate import Gate
from bot.listeners.intake import Intake
from bot.messages import home
from bot.messages.modal import KEEP_AUDIO, edit_modal
from bot.messages.suggestions import suggested
from bot.profile import Profile
from client.models import Ratio, Resolution


async def on_home_opened(event: Mapping[str, Any], intake: Intake, gate: Gate, *, team: str) -> None:
    """Save that somebody looks at our Home, or that they see our direct messages for the first time.

    Whoever may not use the bot is not invited to.
    """
    at_home, direct, now = event.get("tab") == "home", event.get("channel"), intake.now()

    def opened(profile: Profile) -> dict[str, Any]:
        welcome = "due" if not at_home and profile.welcome == "not yet" else profile.welcome
        seen = {"seen_at": now, "direct": str(direct or profile.direct), "welcome": welcome}
        return seen | ({"home_opened_at": now} if at_home else {})

    profiles, user = intake.store.profiles, str(event["user"])
    if not at_home and (await profiles.get(team, user)).welcome != "not yet":
        return  # this happens often, and changes nothing
    if at_home or await gate.enter(team, user, str(direct or user)) is None:
        await profiles.update(team, user, opened)


async def on_default(body: Mapping[str, Any], intake: Intake) -> None:
    """Save one default that a person chose; what no form of ours can hold is left out."""
    team, user, action = str(body["team"]["id"]), str(body["user"]["id"]), body["actions"][0]
    now = intake.now()

    def chosen(profile: Profile) -> dict[str, Any]:
        return {"defaults": profile.defaults.model_copy(update=_chosen(action)), "seen_at": now}

    await intake.store.profiles.update(team, user, chosen)


def _chosen(action: Mapping[str, Any]) -> dict[str, Any]:
    value = str((action.get("selected_option") or {}).get("value") or "")
    match action["action_id"]:
        case home.DEFAULT_RESOLUTION if value in get_args(Resolution):
            return {"resolution": value}
        case home.DEFAULT_RATIO:
            return {"ratio": value if value in get_args(Ratio) else None}
        case home.DEFAULT_AUDIO:
            kept = any(option.get("value") == KEEP_AUDIO for option in action.get("selected_options") or ())
            return {"audio_setting": "origin" if kept else "auto"}
        case _:
            return {}


async def on_new_edit(body: Mapping[str, Any], client: AsyncWebClient, intake: Intake) -> None:
    """Open the form, with the suggestion that was pressed; its trigger lives three seconds.

    On Home it asks where the edited video should come, and suggests the direct messages.
    """
    team, user = str(body["team"]["id"]), str(body["user"]["id"])
    channel = (body.get("channel") or {}).get("id")
    view = edit_modal(
        channel=channel,
        direct=str((body.get("view") or {}).get("private_metadata") or ""),
        instruction=suggested(str(body["actions"][0].get("value") or "")),
        tariff=intake.settings.tariff,
        defaults=await intake.defaults(team, user),
    )
    await client.views_open(trigger_id=str(body["trigger_id"]), view=view)
