"""Events: facts that move an Edit, one class each.

An event says what happened, never what should be done. Which event is possible in which state stands in
`bot/moves.py`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from bot.edit import Charge, Errands, Failure, Frozen, Looks, Poster
from bot.language import Language
from client.models import Usage


class Began(Frozen):
    """Preparing has begun."""


class Prepared(Frozen):
    """The media passed the checks and lie where Wan can fetch them."""

    video_url: str = Field(repr=False)
    image_urls: tuple[str, ...] = Field(default=(), repr=False)
    source_s: float
    fitted: tuple[str, ...] = ()
    looks: Looks | None = None
    charge: Charge = Charge()


class Held(Prepared):
    """The media are there, but what the edit is expected to cost needs an approval first."""


class Approved(Frozen):
    """Somebody who may approve did."""

    by: str


class Claimed(Frozen):
    """The right to send the one paid request was taken; it is saved before the request leaves."""


class Refused(Frozen):
    """The create certainly made no task (429, or it never reached the service)."""

    until: datetime


class Lost(Frozen):
    """Two complete reads of the task list show that a create without an answer made no task."""


class Created(Frozen):
    """The provider took the task. `adopted`: it was found in the task list after its answer was lost."""

    task_id: str
    adopted: bool = False


class Started(Frozen):
    """The provider runs the task; from here on it cannot be stopped and will be billed."""


class Finished(Frozen):
    """The provider has a result."""

    result_url: str = Field(repr=False)
    usage: Usage | None = None
    charge: Charge | None = None  # None: what is reserved stays


class Completing(Frozen):
    """The result's bytes are in Slack; the call that shares them is about to be made."""

    upload_id: str
    faults: tuple[str, ...] = ()


class NotShared(Frozen):
    """The share certainly did not happen; a new upload may be made."""


class Delivered(Frozen):
    """The result is in the thread (or, where the workspace refused the file, its link is with the requester)."""

    result_ts: str | None = None
    link_sent: bool = False


class Postponed(Frozen):
    """The step that this state asks for did not succeed and is tried again."""

    until: datetime
    counts: bool = True  # False: somebody else's outage, which uses up no attempt of ours
    no_room: bool = False  # the disk is full


class CancelRequested(Frozen):
    """A person who may cancel asked for it."""

    by: str


class Outage(Frozen):
    """The service has not answered for a while and nobody knows how its task is doing, or it answers again."""

    on: bool


class CancelTooLate(Frozen):
    """The provider runs the task already, so the cancel could not be carried out."""


class Canceled(Frozen):
    """Nothing will be paid: the edit was still ours, or the provider dropped the waiting task."""


class Failed(Frozen):
    """The edit ends without a result in the thread."""

    failure: Failure
    link_sent: bool = False  # to the requester alone, where the result was made


class Forgotten(Frozen):
    """The person wants nothing of theirs to be kept; the record is deleted once the edit is over."""


class Asked(Frozen):
    """A person asked for something after the video was delivered."""

    errand: Errands
    by: str
    language: Language = Language.ENGLISH


class Tried(Frozen):
    """An errand is about to be tried; should this try vanish, the next one may begin then."""

    errand: Errands
    until: datetime


class Sharing(Frozen):
    """The files that an errand made are in Slack; the call that shares them is about to be made."""

    errand: Errands
    file_ids: tuple[str, ...]


class Ended(Frozen):
    """An errand is done, or given up and may be asked for anew."""

    errand: Errands
    done: bool


class Pictured(Frozen):
    """There is a small picture of the result, or (None) it is gone."""

    poster: Poster | None


class Declined(Failed):
    """Somebody who may approve declined, or nobody answered."""


class NotBilled(Frozen):
    """Somebody who knows the bill says that a failed edit is not on it."""

    by: str


class Posting(Frozen):
    """A first post ("root" or "status") is about to leave; after a crash the thread is read before it is sent again."""

    what: Literal["root", "status"]


class Opened(Frozen):
    """The bot posted the message that is the thread's root (a direct message where it is not in the channel)."""

    channel: str
    thread_ts: str


class Shown(Frozen):
    """People see this face of the status message now."""

    face: str
    status_ts: str | None = None


class NotShown(Frozen):
    """The status message could not be posted or edited."""


Event = (
    Began | Prepared | Held | Approved | Declined | NotBilled
    | Claimed | Refused | Lost | Created | Started | Finished | Completing | NotShared | Delivered
    | Postponed | Forgotten | CancelRequested | CancelTooLate | Canceled | Failed | Asked | Tried | Sharing | Ended
    | Outage | Pictured | Posting | Opened | Shown | NotShown
)  # fmt: skip
