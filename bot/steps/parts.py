"""What every step is given: the store, Slack, Wan, the clock and the settings; joined in `bot/app.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.edit import Edit
from bot.events import Event
from bot.files import Files
from bot.links import LinkFetcher
from bot.settings import Settings
from bot.slack import Slack
from bot.store import Store
from client.client import Client


@dataclass(frozen=True)
class Parts:
    """The parts of one running bot."""

    store: Store
    slack: Slack
    files: Files
    links: LinkFetcher
    wan: Client
    settings: Settings
    now: Callable[[], datetime]

    async def move(self, edit: Edit, event: Event) -> Edit:
        """Apply an event to the newest copy of an Edit, save it, and return it.

        Raises ImpossibleMoveError where the Edit has moved on meanwhile, and LookupError where it was deleted.
        """
        moved = await self.store.move(edit.edit_id, event, self.now())
        if moved is None:
            raise LookupError(edit.edit_id)
        return moved
