"""Approvals: ask the admins, let variations follow the first of them, and end what nobody approves."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.budget import exceeds
from bot.edit import Charge, Edit
from bot.events import Approved, Declined
from bot.language import speaking
from bot.messages.approval import ask_for_approval, not_approved
from bot.notes import Note
from bot.steps.parts import Parts

# The reservation lasts as long, and what was uploaded 48 h.
APPROVED_WITHIN = timedelta(hours=24)


def needs_approval(parts: Parts, edit: Edit, charge: Charge) -> bool:
    """Say whether an admin must approve what an edit and its variations will cost; admins do so by asking for it."""
    settings = parts.settings
    return edit.user not in settings.admins and exceeds(charge, settings.approve_above, times=edit.variations)


async def ask_admins(parts: Parts, edit: Edit, charge: Charge) -> None:
    """Save a private question to every admin, each in their language, once for each edit."""
    for admin in sorted(parts.settings.admins):
        with speaking(await parts.people.language(edit.team, admin)):
            text = ask_for_approval(edit, charge)
        note = Note(
            note_id=f"approval-{edit.edit_id}-{admin}",
            team=edit.team,
            user=admin,
            channel=admin,
            text=text,
            created_at=parts.now(),
        )
        await parts.store.notebook.save(note, claim=note.note_id)


async def follow_up(parts: Parts, edit: Edit) -> None:
    """Do for an edit that waits for an approval what is due."""
    first = await parts.store.get(edit.first_id) if edit.variation > 1 else edit
    with speaking(edit.language):
        event = due(edit, first, parts.now())
    if event is not None:
        await parts.move(edit, event)


def due(edit: Edit, first: Edit | None, now: datetime) -> Approved | Declined | None:
    """Say what happens now to an edit that waits: variations follow the first of them, and 24 hours are the limit."""
    if first is not None and first.approved_by is not None:
        return Approved(by=first.approved_by)
    if first is not None and first.failure is not None:
        return Declined(failure=first.failure)
    if first is None or now - edit.entered_at > APPROVED_WITHIN:
        return Declined(failure=not_approved())
    return None
