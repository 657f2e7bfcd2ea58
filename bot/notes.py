"""Notes: private answers that a listener has saved and that a job sends.

A listener may not call Slack before its ack, so what it wants to tell a person (bad input, help, a status list) is a
record first. Not here: how a note is kept (`bot/notebook.py`), its words (`bot/messages`), and the sending
(`bot/steps`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from bot.edit import Frozen


class Note(Frozen):
    """One private answer to one person. Times are aware UTC; `attempts` counts the sends, and with them the changes."""

    note_id: str
    team: str
    channel: str
    user: str
    thread_ts: str | None = None
    text: str
    blocks: tuple[dict[str, Any], ...] = ()  # the text with the buttons that go with it
    attachment: Literal["spending"] | None = None  # a file that is made when it is sent
    forgets: Literal["person", "workspace"] | None = None  # whose data is deleted before this is said
    created_at: datetime
    attempts: int = 0
    told_at: datetime | None = None  # when it was sent; its words are forgotten then
