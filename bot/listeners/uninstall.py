"""The app was removed from the workspace, or its token was taken away: nothing of the workspace is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.listeners.intake import Intake, Place


async def on_app_removed(event: Mapping[str, Any], intake: Intake, *, team: str) -> None:
    """Save that everything is to be deleted; a job does it. Tokens of people are none of ours."""
    if event["type"] == "tokens_revoked" and not (event.get("tokens") or {}).get("bot"):
        return
    nobody = Place(team, "", "")
    await intake.answer(nobody, "", claim="app removed", forgets="workspace")
