"""What every step is given: the store, Slack, Wan, the clock and the settings; joined in `bot/app.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from bot.edit import Edit
from bot.events import Event
from bot.files import Files
from bot.links import LinkFetcher
from bot.moves import ImpossibleMoveError, apply
from bot.people import People
from bot.room import Room
from bot.settings import Settings
from bot.slack import Slack
from bot.store import Store
from client.client import Client


class EditGoneError(Exception):
    """The Edit was deleted meanwhile."""


@dataclass(frozen=True)
class Parts:
    """The parts of one running bot."""

    store: Store
    slack: Slack
    people: People
    files: Files
    links: LinkFetcher
    room: Room
    wan: Client
    settings: Settings
    now: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]  # ends with StoppingError as soon as the bot is told to stop

    async def move(self, edit: Edit, event: Event, still: Callable[[Edit], bool] = lambda _: True) -> Edit:
        """Apply an event to the newest copy of an Edit, save it, and return it.

        Raises ImpossibleMoveError where the Edit has moved on meanwhile, or is not `still` what the event is about, and
        EditGoneError where it was deleted.
        """
        moved = await self.store.move(edit.edit_id, event, self.now(), still)
        if moved is None:
            raise EditGoneError(edit.edit_id)
        return moved

    async def move_unchanged(self, edit: Edit, event: Event) -> Edit:
        """Apply an event to this very copy of an Edit, for decisions that take long and hold for no other copy.

        Raises ImpossibleMoveError where the record has changed in any way.
        """
        moved = apply(edit, event, self.now())
        if not await self.store.save(edit, moved):
            raise ImpossibleMoveError("the edit changed meanwhile")
        return moved
