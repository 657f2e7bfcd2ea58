"""Forget: delete what is kept of a person who asks for it, and everything where the app is removed from a workspace.

A person's edits that are under way are canceled, where that still saves money; what Wan has begun is delivered, and
its record deleted by the janitor then. Their posters go too, and App Home shows none of it any more. Videos in Slack
are the workspace's, and stay. Sums of money stay until their period has expired: they name ids only, and caps must
hold. Everything here may be done again.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from bot.edit import Edit, State
from bot.events import CancelRequested, Forgotten
from bot.language import speaking
from bot.messages.home import home
from bot.moves import ImpossibleMoveError
from bot.profile import Profile
from bot.slack import SlackError
from bot.steps.parts import EditGoneError, Parts
from bot.steps.poster import sweep_posters
from client.errors import WanError

log = logging.getLogger(__name__)

AT_ONCE = 500
ALWAYS = datetime(9999, 1, 1, tzinfo=UTC)


async def forget_person(parts: Parts, team: str, user: str) -> None:
    """Delete a person's edits, profile and notes, and see to it that what is under way leaves no record."""
    for edit in await parts.store.by_person(team, user, limit=None):
        if edit.settled:
            await parts.store.delete(edit.edit_id)
        else:
            await _end(parts, edit, user)
    await parts.store.notebook.forget_person(team, user)
    await _clear_home(parts, await parts.store.profiles.get(team, user))
    await parts.store.profiles.delete(team, user)
    await sweep_posters(parts, spare=True)  # the janitor deletes the rest
    log.info("a person's data deleted")


async def forget_workspace(parts: Parts, team: str) -> None:
    """Delete everything; what waits at Wan and costs nothing yet is canceled there."""
    for edit in await parts.store.of_team(team):
        if edit.state is State.PENDING and edit.task_id:
            await _cancel(parts, edit.task_id)
        await parts.store.delete(edit.edit_id)
    await parts.store.drop_discarded(*await parts.store.discarded())  # Slack lets us delete nothing any more
    await parts.store.profiles.forget(ALWAYS)
    await parts.store.ledger.forget(ALWAYS)
    await parts.store.durations.forget(ALWAYS)
    await parts.store.notebook.forget_all()
    log.info("the app was removed from its workspace, and everything that was kept is deleted")


async def sweep_forgotten(parts: Parts) -> None:
    """Delete the edits of people who asked for it, as far as they are over by now."""
    for edit_id in (await parts.store.forgotten())[:AT_ONCE]:
        edit = await parts.store.get(edit_id)
        if edit is None or edit.settled:
            await parts.store.delete(edit_id)


async def _end(parts: Parts, edit: Edit, user: str) -> None:
    try:
        await parts.move(edit, Forgotten())
        if not edit.state.terminal and not edit.cancel_requested_by:
            await parts.move(edit, CancelRequested(by=user))
    except (ImpossibleMoveError, EditGoneError):
        log.info("edit has moved on", extra={"edit": edit.edit_id})


async def _clear_home(parts: Parts, profile: Profile) -> None:
    """Show whoever has looked at Home one without edits: Slack keeps what was published last."""
    if profile.seen_at is None:
        return
    nobody = Profile(team=profile.team, user=profile.user, direct=profile.direct)
    try:
        with speaking(await parts.people.language(profile.team, profile.user)):
            only_in = parts.settings.rights.only_in(profile.user)
            await parts.slack.publish_home(profile.user, home(nobody, [], places={}, workspace_url="", only_in=only_in))
    except SlackError as exc:
        log.warning("home not cleared", extra={"user": profile.user, "why": str(exc)})


async def _cancel(parts: Parts, task_id: str) -> None:
    try:
        await parts.wan.cancel(task_id)
    except WanError as exc:
        log.warning("task not canceled", extra={"why": str(exc)})
