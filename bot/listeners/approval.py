"""An admin's word on what an edit costs: Approve and Decline before it, and afterwards that it was not billed."""

from __future__ import annotations

from bot.edit import Edit
from bot.events import Approved, Declined, NotBilled
from bot.language import speaking
from bot.listeners.intake import Intake
from bot.messages.approval import decided, declined, not_an_approver, nothing_to_approve, nothing_to_settle, room_again
from bot.messages.words import billed
from bot.moves import ImpossibleMoveError


async def decide(edit: Edit, intake: Intake, *, user: str, approve: bool) -> str:
    """Save the decision on an edit and its variations, once, and return the private answer.

    Variations follow the first of them, whatever was prepared of them so far.
    """
    if user not in intake.settings.admins:
        return not_an_approver()
    with speaking(edit.language):
        event = Approved(by=user) if approve else Declined(failure=declined())
    try:
        moved = await intake.store.move(edit.first_id, event, intake.now())
    except ImpossibleMoveError:
        return nothing_to_approve()
    return decided(approved=approve) if moved else nothing_to_approve()


async def settle(edit: Edit, intake: Intake, *, user: str) -> str:
    """Give back what is reserved for an edit of which nobody knew whether it was billed; return the private answer."""
    if user not in intake.settings.admins:
        return not_an_approver()
    if billed(edit) != "maybe":
        return nothing_to_settle()
    await intake.store.move(edit.edit_id, NotBilled(by=user), intake.now())
    return room_again()
