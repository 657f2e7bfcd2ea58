"""The janitor: deletes finished edits when their time is over, with everything that leads to them."""

from __future__ import annotations

import logging
from datetime import timedelta

from bot.steps.forget import sweep_forgotten
from bot.steps.parts import Parts
from bot.steps.poster import sweep_posters

log = logging.getLogger(__name__)

AT_ONCE = 500
TOLD_FOR = timedelta(hours=1)  # Slack delivers an event again for about six minutes
PROFILE_KEPT = timedelta(days=365)  # since the person was last seen: defaults are chosen once and used for long


async def sweep(parts: Parts) -> None:
    """Delete edits, and sums of days and months, that ended longer ago than the retention, and old profiles.

    Idempotent; at most 500 edits a run. The posters of deleted edits go too.
    """
    before = parts.now() - timedelta(days=parts.settings.retention_days)
    gone = [edit_id for edit_id in await parts.store.expired(before, AT_ONCE) if await _is_over(parts, edit_id)]
    for edit_id in gone:
        await parts.store.delete(edit_id)
    await parts.store.ledger.forget(before)
    await parts.store.durations.forget(before)
    await parts.store.notebook.forget(parts.now() - TOLD_FOR)
    await parts.store.profiles.forget(parts.now() - PROFILE_KEPT)
    await sweep_forgotten(parts)
    await sweep_posters(parts)
    if gone:
        log.info("expired edits deleted", extra={"count": len(gone)})


async def _is_over(parts: Parts, edit_id: str) -> bool:
    """Say whether nothing is left to do for an edit and for those that were asked for with it.

    Where it cannot be read nothing can be done for it either.
    """
    edit = await parts.store.get(edit_id)
    first = await parts.store.get(edit.first_id) if edit and edit.variation > 1 else edit
    return all(one.settled for one in (edit, first) if one is not None)
