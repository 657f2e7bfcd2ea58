"""What people read where an edit waits for an admin's word because of what it is expected to cost."""

from __future__ import annotations

from bot.edit import Charge, Edit, Failure, Reason
from bot.language import say
from bot.messages.blocks import Block, button
from bot.messages.words import APPROVE, DECLINE, to_bill
from bot.text import escape, shorten


def approval_wanted(edit: Edit) -> str:
    """Say in the thread what the edit waits for."""
    return ":raised_hand: " + say(
        "This is {price}, more than may be spent without an approval. I have asked the admins of this bot.",
        price=to_bill(edit.charge, times=edit.variations),
    )


def approval_buttons(edit: Edit) -> list[Block]:
    """Offer both answers; whoever is no admin is told so."""
    return [
        button(say("Approve"), APPROVE, edit.edit_id, style="primary"),
        button(say("Decline"), DECLINE, edit.edit_id),
    ]


def ask_for_approval(edit: Edit, charge: Charge) -> str:
    """Ask an admin privately."""
    return say(
        "{person} asks in {channel} for an edit that needs an approval: {price}.\n> {instruction}\nPress a button in "
        "its thread, or use `/edit-video approve {edit_id}` or `/edit-video decline {edit_id}`.",
        person=f"<@{escape(edit.user)}>",
        channel=f"<#{escape(charge.channel)}>",
        price=to_bill(charge, times=edit.variations),
        instruction=escape(shorten(" ".join(edit.instruction.split()), 300)),
        edit_id=edit.edit_id,
    )


def not_an_approver() -> str:
    """Refuse an answer of somebody else."""
    return say("Only the admins of this bot can decide about what an edit costs.")


def nothing_to_approve() -> str:
    """Answer whoever comes too late, or means an edit that needs no approval."""
    return say("This edit does not wait for an approval, or not any more.")


def decided(*, approved: bool) -> str:
    """Confirm what an admin decided."""
    return say("Approved: the edit goes on.") if approved else say("Declined: the edit ends.")


def nothing_to_settle() -> str:
    """Answer whoever means an edit of which it is known whether it was billed."""
    return say("It is known whether this edit was billed.")


def room_again() -> str:
    """Confirm that an edit counts no more."""
    return say("It counts against no budget any more.")


def how_to_settle(edit: Edit) -> str:
    """Say what an admin does who finds no bill for an edit of which nobody knows."""
    return say(
        "It counts against budgets until an admin finds no bill for it: `/edit-video unbilled {edit_id}`.",
        edit_id=edit.edit_id,
    )


def declined() -> Failure:
    """Say why an edit that an admin declined ends."""
    return Failure(reason=Reason.BUDGET, message=say("An admin of this bot declined it because of what it would cost."))


def not_approved() -> Failure:
    """Say why an edit ends that nobody approved."""
    return Failure(reason=Reason.BUDGET, message=say("It needed an approval, and nobody gave it within 24 hours."))
