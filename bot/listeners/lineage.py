"""Lineage: what an edit was made from, read from the records."""

from __future__ import annotations

from bot.edit import Edit
from bot.store import Store


async def ancestors_of(edit: Edit, store: Store, *, most: int) -> list[Edit]:
    """Return what an edit was made from, the nearest first, as far as it is still known."""
    found: list[Edit] = []
    parent_id = edit.parent_id
    while parent_id is not None and len(found) < most:
        parent = await store.get(parent_id)
        if parent is None:
            break
        found.append(parent)
        parent_id = parent.parent_id
    return found
