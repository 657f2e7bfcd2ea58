"""`/edit-video budget`: what was spent against which caps, and for admins the file with everybody's edits."""

from __future__ import annotations

from bot.budget import Scope, period_of
from bot.listeners.intake import Intake, Place
from bot.messages.budget import budget, csv_comes, csv_for_admins_only, csv_title


async def tell_budget(place: Place, intake: Intake) -> str:
    """Write the private answer that tells what was spent today and this month."""
    day, ledger = intake.now().date(), intake.store.ledger
    whose: dict[Scope, str] = {"person": place.user, "channel": place.channel, "workspace": place.team}
    return budget(
        {
            "day": await ledger.spent(place.team, period_of(day, "day")),
            "month": await ledger.spent(place.team, period_of(day, "month")),
        },
        day=day,
        whose=whose,
        caps=ledger.caps,
        admin=place.user in intake.settings.admins,
    )


async def send_csv(place: Place, intake: Intake, *, claim: str) -> str:
    """Save the wish for the file, for admins only; a job writes and sends it, by direct message."""
    if place.user not in intake.settings.admins:
        return csv_for_admins_only()
    private = Place(place.team, place.user, place.user)
    await intake.answer(private, csv_title(intake.now().date()), claim=claim, attachment="spending")
    return csv_comes()
