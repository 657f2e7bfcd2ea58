"""The profile of a person: what they chose as their own defaults, and what we know of their App Home. Pure.

Not here: how it is kept (`bot/profiles.py`), and what people see of it (`bot/messages/home.py`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from bot.edit import Frozen
from client.models import AudioSetting, Parameters, Ratio, Resolution


class Defaults(Frozen):
    """What holds for a person's edits where they say nothing else."""

    resolution: Resolution = "720P"
    ratio: Ratio | None = None
    audio_setting: AudioSetting = "auto"

    def completing(self, given: Parameters) -> Parameters:
        """Return the parameters as given, with these where nothing was given.

        What was given is known by pydantic: the fields that were set when the parameters were made.
        """
        return Parameters(**(self.model_dump() | given.model_dump(exclude_unset=True)))


class Profile(Frozen):
    """What is kept of one person. Times are aware UTC."""

    team: str
    user: str
    version: int = 0
    defaults: Defaults = Defaults()
    direct: str = ""  # the channel of our direct messages, where Slack has named it
    seen_at: datetime | None = None  # when the person last opened our Home or messages, or chose a default
    home_opened_at: datetime | None = None  # None: not lately, so it need not be kept up to date
    welcome: Literal["not yet", "due", "done"] = "not yet"

    @property
    def name(self) -> str:
        """Return what tells profiles apart, for indexes and logs."""
        return f"{self.team}:{self.user}"

    @property
    def attended(self) -> bool:
        """Say whether something is to be shown or said to the person of our own accord."""
        return self.home_opened_at is not None or self.welcome == "due"
