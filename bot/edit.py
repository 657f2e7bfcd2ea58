"""The Edit: our durable record of one requested video edit, and the states it can be in.

Not here: the events that move it (`bot/events.py`), the table of moves (`bot/moves.py`), how the record is kept
(`bot/store.py`), and every word that a person reads (`bot/messages`). Nothing here knows the clock, the network or
Slack's client.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.language import Language
from client.models import Parameters, Usage
from client.prices import Money


class State(StrEnum):
    """Where an Edit is. The provider's own word for its task is a *status*, never a state."""

    RECEIVED = "RECEIVED"
    PREPARING = "PREPARING"
    APPROVING = "APPROVING"
    WAITING = "WAITING"
    SUBMITTING = "SUBMITTING"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    DELIVERING = "DELIVERING"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELED = "CANCELED"

    @property
    def terminal(self) -> bool:
        """Say whether nothing can move an Edit out of this state."""
        return self in TERMINAL

    @property
    def at_provider(self) -> bool:
        """Say whether the provider may hold a task for an Edit in this state (it counts against the account)."""
        return self in AT_PROVIDER


TERMINAL = frozenset({State.DONE, State.FAILED, State.CANCELED})
AT_PROVIDER = frozenset({State.SUBMITTING, State.PENDING, State.RUNNING})
SET_MARK = "-"  # in the ids of variations, between that of the first and the number
SET_OVER = "over"  # the face of a set of variations of which none is under way
OPEN = tuple(state for state in State if state not in TERMINAL)


class Reason(StrEnum):
    """Why an Edit failed, grouped by what the reader can do about it."""

    INPUT = "input"  # fix your request
    ADMIN = "admin"  # key, region, bill, scopes
    LATER = "later"  # a service was down for longer than we wait
    CONTENT = "content"  # the content rules of the provider
    BUDGET = "budget"  # a cap of the person, the channel or the workspace
    UNKNOWN_OUTCOME = "unknown_outcome"  # it may have been billed; a person decides
    EXPIRED = "expired"  # the provider keeps results for 24 hours only
    BUG = "bug"  # ours


class Frozen(BaseModel):
    """A value: compared by content, never changed in place."""

    model_config = ConfigDict(frozen=True)


class SlackFile(Frozen):
    """A file in Slack, by id; fetched in the prepare step, after a check that the requester may use it."""

    kind: Literal["file"] = "file"
    file_id: str
    name: str = ""


class Link(Frozen):
    """An https link that a person gave; fetched only through the guard of `bot/links.py`."""

    kind: Literal["link"] = "link"
    url: str


class Permalink(Frozen):
    """A link to a Slack message; its video is looked up in prepare, after a check that the requester may see it."""

    kind: Literal["permalink"] = "permalink"
    channel: str
    ts: str
    thread_ts: str | None = None


Medium = Annotated[SlackFile | Link | Permalink, Field(discriminator="kind")]


class Part(Frozen):
    """The part of the video that a person wants, in seconds from its start; without an end as much as fits."""

    from_s: float = 0.0
    to_s: float | None = None


class Looks(Frozen):
    """What the source looks like, by which the result is judged before it is posted (`bot/steps/judge.py`)."""

    width: int
    height: int
    has_sound: bool
    samples: str = Field(default="", repr=False)  # base64; for every half second 64 bytes of greys and 32 of colours


class Poster(Frozen):
    """A small picture of the result: a file of ours in Slack that is shared nowhere, for App Home."""

    file_id: str
    ready: bool = False  # Slack has looked at it, and lets it be shown


Billed = Literal["no", "maybe", "yes"]
Remedy = Literal["slow_down", "options", "picture", "retry"]
Errands = Literal["comparison", "removal"]


class Failure(Frozen):
    """What ended an Edit: for the person (`message`) and for the log (the vendor's `code` and `request_id`)."""

    reason: Reason
    message: str
    code: str | None = None
    request_id: str | None = None
    billed: Billed = "no"
    remedy: Remedy | None = None  # what helps, where it is known; nothing where the video itself cannot be used


class Charge(Frozen):
    """What an Edit counts against budgets: a guess before it is paid for, and what was billed once that is known.

    It is kept and not worked out anew, because prices and settings change while the sums of the past stay.
    """

    day: date | None = None  # in UTC, when it was asked for; it counts on that day and in that month, whenever it ends
    channel: str = ""  # where it was asked for; the thread may be elsewhere
    seconds: float = 0.0
    money: Money | None = None  # None: nobody knows the price
    spare_s: float = 0.0  # counted besides, until the bill is known: it may be a little more than expected
    priced_on: date | None = None  # when we last looked at the price

    @property
    def released(self) -> Charge:
        """Return the charge of the same Edit when nothing is paid."""
        return self.model_copy(update={"seconds": 0.0, "money": None, "spare_s": 0.0})


class Errand(Frozen):
    """Something that a person asked for after the video was delivered; a job does it and tries it a few times.

    `file_ids` are what is about to be shared, or was: after a crash Slack is asked for them before others are made.
    """

    by: str
    language: Language = Language.ENGLISH  # of whoever asked
    attempts: int = 0
    not_before: datetime | None = None
    file_ids: tuple[str, ...] = ()
    over: bool = False


class Edit(Frozen):
    """One requested video edit, from intake to posted video.

    New fields carry defaults, so that records written by an older release still load. Times are aware UTC.
    """

    edit_id: str
    version: int = 0
    state: State = State.RECEIVED
    created_at: datetime
    entered_at: datetime

    team: str
    user: str
    channel: str
    channel_chosen: bool = False  # in a form, which may name any channel: prepare checks that the person is in it
    thread_ts: str | None = None  # None until the bot has posted the root message of a slash command or a modal
    request_ts: str | None = None  # the person's message, where there is one

    instruction: str
    negative_prompt: str | None = None
    parameters: Parameters = Parameters()
    video: Medium
    images: tuple[Medium, ...] = ()
    part: Part | None = None  # all of it, or as much as fits
    slow: bool = False  # a video that is too short is slowed down
    parent_id: str | None = None
    way: str = ""  # in which its parent was run again, where it was: the name of a button
    chained: bool = False  # its video is the result of an earlier edit
    language: Language = Language.ENGLISH  # of the requester, and so of all that the thread is told
    variations: int = 1  # how many were asked for together, with different seeds; each is an Edit
    variation: int = 1  # which of them this is; the first one's status message speaks of all

    attempts: int = 0  # of the step that this state asks for; zero again in the next state
    not_before: datetime | None = None
    troubled_at: datetime | None = None  # since when this step has been postponed again and again
    no_room: bool = False  # it was postponed the last time because the disk is full
    cancel_requested_by: str | None = None
    cancel_too_late: bool = False
    forgotten: bool = False  # the person had their data deleted: the record goes when the edit is over

    # What Wan is given: objects of its temporary store, or signed links into a bucket, which are secrets.
    video_url: str | None = Field(default=None, repr=False)
    image_urls: tuple[str, ...] = Field(default=(), repr=False)
    source_s: float | None = None
    fitted: tuple[str, ...] = ()  # what was done to make the media fit, as short facts
    looks: Looks | None = None

    charge: Charge = Charge()
    approved_by: str | None = None
    approved_at: datetime | None = None
    not_billed_by: str | None = None  # the admin who found no bill for an edit of which nobody knew

    claimed_at: datetime | None = None  # when the right to send the one paid request was taken
    lost_creates: int = 0
    refusals: int = 0  # of the create, which certainly made no task
    adopted: bool = False
    task_id: str | None = None
    submitted_at: datetime | None = None
    started_at: datetime | None = None
    outage: bool = False  # the service has not answered for a while
    finished_at: datetime | None = None
    result_url: str | None = Field(default=None, repr=False)  # a bearer secret, good for 24 hours
    usage: Usage | None = None

    upload_id: str | None = None  # Slack's file id of the result, from the moment before it is shared
    completing_at: datetime | None = None
    faults: tuple[str, ...] = ()  # what seems to be wrong with the result, each a sentence
    result_ts: str | None = None
    link_sent: bool = False  # the file could not be posted; the requester got the link privately

    poster: Poster | None = None
    comparison: Errand | None = None  # before and after beside each other, in the thread
    removal: Errand | None = None  # of the video; the record, and what was paid, stay in the books

    failure: Failure | None = None

    posting: frozenset[str] = frozenset()  # first posts ("root", "status") that may have left before a crash
    status_ts: str | None = None
    shown: str = ""  # the face of the status message that people see now
    shown_at: datetime | None = None
    show_attempts: int = 0
    unsaid: bool = False  # something changed after the end that the status message does not say yet

    @property
    def result_file(self) -> SlackFile | None:
        """Return the finished video as a file in Slack, where there is one; a further edit begins with it."""
        there = self.state is State.DONE and self.upload_id and self.removal is None
        return SlackFile(file_id=self.upload_id) if there and self.upload_id else None

    @property
    def shown_poster(self) -> Poster | None:
        """Return the picture that stands for the finished video, where Slack shows one."""
        return self.poster if self.poster and self.poster.ready and self.result_file else None

    @property
    def first_id(self) -> str:
        """Return the id of the first of the edits that were asked for together."""
        return self.edit_id.partition(SET_MARK)[0] if self.variation > 1 else self.edit_id

    @property
    def set_ids(self) -> tuple[str, ...]:
        """Return the ids of all edits that were asked for together, in order."""
        others = (f"{self.first_id}{SET_MARK}{number}" for number in range(2, self.variations + 1))
        return self.first_id, *others

    @property
    def errand(self) -> Errands | None:
        """Return what was asked for after the end and is still to be done; a removal makes everything else needless."""
        if self.removal is not None:
            return None if self.removal.over else "removal"
        return "comparison" if self.comparison is not None and not self.comparison.over else None

    @property
    def last_face(self) -> str:
        """Return the face of the status message when nothing changes any more."""
        if self.variations > 1:
            return SET_OVER
        if self.not_billed_by is not None:
            return f"{self.state.value} not billed"
        return f"{self.state.value} removed" if self.removal is not None and self.removal.over else self.state.value

    @property
    def settled(self) -> bool:
        """Say whether the Edit is over and its thread says so: nothing is left to do."""
        # What was deleted since then follows after a comma.
        told = self.variation > 1 or self.shown.partition(",")[0] == self.last_face
        return self.state.terminal and told and not self.unsaid and self.errand is None
