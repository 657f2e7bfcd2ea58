"""App Home and the suggestions: who opened it is saved, and so is what they choose there; the rest is done by jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from slack_sdk.web.async_client import AsyncWebClient

from bot.listeners.intake import Intake
from bot.messages.home import DEFAULT_AUDIO, DEFAULT_RATIO, DEFAULT_RESOLUTION
from bot.messages.modal import KEEP_AUDIO, edit_modal
from bot.messages.suggestions import suggested
from bot.profile import Defaults
from client.models import Ratio, Resolution


async def on_home_opened(event: Mapping[str, Any], intake: Intake, *, team: str) -> None:
    """Save that somebody looks at our Home, or that they see our direct messages for the first time."""
    user, now = str(event["user"]), intake.now()
    profile = await intake.store.profiles.get(team, user)
    direct = str(event.get("channel") or profile.direct)
    changes: dict[str, Any] = {"seen_at": now, "direct": direct}
    if event.get("tab") == "home":
        changes["home_opened_at"] = now
    elif profile.welcome == "not yet":
        changes["welcome"] = "due"
    else:
        return
    await intake.store.profiles.update(team, user, **changes)


async def on_default(body: Mapping[str, Any], intake: Intake) -> None:
    """Save one default that a person chose; what no form of ours can hold is left out."""
    team, user, action = str(body["team"]["id"]), str(body["user"]["id"]), body["actions"][0]
    chosen = str((action.get("selected_option") or {}).get("value") or "")
    defaults = (await intake.store.profiles.get(team, user)).defaults
    changed = _changed(defaults, str(action["action_id"]), chosen, action.get("selected_options") or ())
    await intake.store.profiles.update(team, user, defaults=changed, seen_at=intake.now())


def _changed(defaults: Defaults, action_id: str, chosen: str, checked: Any) -> Defaults:
    changes: dict[str, Any] = {}
    if action_id == DEFAULT_RESOLUTION and chosen in get_args(Resolution):
        changes = {"resolution": chosen}
    elif action_id == DEFAULT_RATIO:
        changes = {"ratio": chosen if chosen in get_args(Ratio) else None}
    elif action_id == DEFAULT_AUDIO:
        kept = any(option.get("value") == KEEP_AUDIO for option in checked)
        changes = {"audio_setting": "origin" if kept else "auto"}
    return defaults.model_copy(update=changes)


async def on_new_edit(body: Mapping[str, Any], client: AsyncWebClient, intake: Intake) -> None:
    """Open the dialog, with the suggestion that was pressed; its trigger lives three seconds.

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
