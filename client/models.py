"""What we ask of Wan and what it tells us, as frozen values: requests, tasks, the task list.

Not here: what each model takes (`client/catalogue.py`), how any of it is spelt on the wire (`client/bodies.py`,
`client/sansio.py`), what is wrong with a request (`client/checks.py`), and prices (`client/prices.py`).

Parameters: https://help.aliyun.com/zh/model-studio/wan-video-editing-api-reference
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, field_validator

Resolution = Literal["720P", "1080P"]
Ratio = Literal["16:9", "9:16", "1:1", "4:3", "3:4"]
AudioSetting = Literal["auto", "origin"]

DEFAULT_MODEL = "wan2.7-videoedit"

MIN_S, MAX_S = 2, 10
SEED_MAX = 2_147_483_647
PROMPT_MAX_CHARS = 5000  # longer text is cut silently by the service, so we refuse it
NEGATIVE_MAX_CHARS = 500

# Nothing that a person wrote may reach a log by way of a repr or a validation error.
FROZEN = ConfigDict(frozen=True, hide_input_in_errors=True)


def _capital(value: object) -> object:
    return value.strip().upper() if isinstance(value, str) else value  # the service knows 720P, people type 720p


class Parameters(BaseModel):
    """Say how an edit is made. `duration_s` 0 keeps the whole length, 2-10 keeps that many seconds from the start.

    The default resolution is ours: the service's own default is 1080P, which costs more.
    """

    model_config = FROZEN

    resolution: Annotated[Resolution, BeforeValidator(_capital)] = "720P"
    ratio: Ratio | None = None
    duration_s: int = 0
    audio_setting: AudioSetting = "auto"
    prompt_extend: bool = True
    watermark: bool = False
    seed: int | None = Field(default=None, ge=0, le=SEED_MAX)

    @field_validator("duration_s")
    @classmethod
    def _length(cls, value: int) -> int:
        if value != 0 and not MIN_S <= value <= MAX_S:
            raise ValueError(f"must be 0 (the whole video) or {MIN_S} to {MAX_S} seconds, not {value}")
        return value


class EditRequest(BaseModel):
    """Ask for one edit. `video` and `images` are https, http or oss:// URLs; an image may also be a data URI.

    The order of the images is the order in which the prompt speaks of them.
    """

    model_config = FROZEN

    prompt: str = Field(repr=False)
    video: str = Field(repr=False)
    images: tuple[str, ...] = Field(default=(), repr=False)
    negative_prompt: str | None = Field(default=None, repr=False)
    parameters: Parameters = Parameters()
    model: str = DEFAULT_MODEL

    @property
    def links(self) -> tuple[str, ...]:
        """All media of the request."""
        return (self.video, *self.images)


class TaskStatus(StrEnum):
    """Name where the provider's task is, in the provider's spelling."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUSPENDED = "SUSPENDED"  # only a constant in the vendor's SDK; not finished
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"
    UNKNOWN = "UNKNOWN"  # an id that the service does not know, or that is older than 24 hours

    @property
    def finished(self) -> bool:
        """Say whether the task will not change any more; UNKNOWN says nothing about that."""
        return self in (TaskStatus.SUCCEEDED, TaskStatus.FAILED, TaskStatus.CANCELED)


class Usage(BaseModel):
    """Say what a finished task cost. `billed_s` = input + output seconds; `resolution` is 720 or 1080."""

    model_config = FROZEN

    billed_s: float
    input_s: float = 0.0
    output_s: float = 0.0
    resolution: int | None = None
    video_count: int = 1


class Task(BaseModel):
    """Show one task as the provider sees it. `video_url` is a bearer secret that lives 24 hours."""

    model_config = FROZEN

    task_id: str
    status: TaskStatus
    request_id: str | None = None
    video_url: SecretStr | None = None
    code: str | None = None
    message: str | None = Field(default=None, repr=False)
    orig_prompt: str | None = Field(default=None, repr=False)
    usage: Usage | None = None
    submitted_at: datetime | None = None
    scheduled_at: datetime | None = None
    ended_at: datetime | None = None


class TaskRow(BaseModel):
    """Show one row of the account's task list; it has no prompt, link or error, for those get the task."""

    model_config = FROZEN

    task_id: str
    status: TaskStatus
    model: str
    created_at: datetime
    ended_at: datetime | None = None
    api_key_id: str | None = None
    request_id: str | None = None


class TaskPage(BaseModel):
    """Show one page of the account's task list."""

    model_config = FROZEN

    rows: tuple[TaskRow, ...]
    page: int
    page_size: int
    total: int
    total_pages: int
