"""What we ask of Wan and what it tells us, as frozen values, and what we know about its models, as data.

Here live requests, tasks and limits. Not here: how any of it is spelt on the wire (`client/sansio.py`), what is wrong
with a request (`client/checks.py`), prices (`client/prices.py`), and the measuring of files (the service sees links
only; whoever has the file checks its size, length and sides).

Limits and parameters: https://help.aliyun.com/zh/model-studio/wan-video-editing-api-reference
HappyHorse: https://help.aliyun.com/zh/model-studio/happyhorse-video-edit-api-reference
Rates and regions: https://help.aliyun.com/zh/model-studio/rate-limit
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, field_validator

from client.regions import Region

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


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """Bound one kind of file. Sizes count a megabyte as 10^6 bytes: the service does not say which it means."""

    max_bytes: int
    min_side_px: int
    max_side_px: int
    min_ratio: Fraction  # width over height
    max_ratio: Fraction
    mime_types: tuple[str, ...]
    above_fps: float = 0.0  # the frame rate must be higher than this


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """Hold what one model takes, how fast and where."""

    video: MediaLimits
    image: MediaLimits
    max_images: int
    prompt_max_chars: int
    cjk_chars: int  # how many characters a Chinese, Japanese or Korean sign counts for
    negative_max_chars: int  # 0: the model takes none
    min_s: int
    max_s: int
    max_output_s: int  # what is longer is not edited
    parameters: Mapping[str, object]  # fields of Parameters that the model knows → the service's own defaults
    concurrency: int  # tasks running at once in an account
    creates_per_s: int
    regions: tuple[Region, ...]


WAN_EDIT = ModelFacts(
    video=MediaLimits(100_000_000, 240, 4096, Fraction(1, 8), Fraction(8), ("video/mp4", "video/quicktime")),
    image=MediaLimits(
        20_000_000, 240, 8000, Fraction(1, 8), Fraction(8), ("image/jpeg", "image/png", "image/bmp", "image/webp")
    ),
    max_images=4,
    prompt_max_chars=PROMPT_MAX_CHARS,
    cjk_chars=1,
    negative_max_chars=NEGATIVE_MAX_CHARS,
    min_s=MIN_S,
    max_s=MAX_S,
    max_output_s=MAX_S,
    parameters=MappingProxyType(
        {
            "resolution": "1080P", "ratio": None, "duration_s": 0, "audio_setting": "auto", "prompt_extend": True,
            "watermark": False, "seed": None,
        }
    ),
    concurrency=5,
    creates_per_s=5,
    regions=("cn-beijing", "ap-southeast-1"),
)  # fmt: skip

HAPPY_HORSE_EDIT = ModelFacts(
    video=MediaLimits(
        100_000_000, 360, 4096, Fraction(2, 5), Fraction(5, 2), ("video/mp4", "video/quicktime"), above_fps=8
    ),
    image=MediaLimits(  # no longest side is documented; this is its sibling's
        20_000_000, 300, 8000, Fraction(2, 5), Fraction(5, 2), ("image/jpeg", "image/png", "image/webp")
    ),
    max_images=5,
    prompt_max_chars=5000,
    cjk_chars=2,
    negative_max_chars=0,
    min_s=3,
    max_s=60,
    max_output_s=15,
    parameters=MappingProxyType({"resolution": "1080P", "audio_setting": "auto", "watermark": True, "seed": None}),
    concurrency=5,
    creates_per_s=10,
    regions=("cn-beijing", "ap-southeast-1", "us-east-1", "eu-central-1"),
)

MODELS: Mapping[str, ModelFacts] = MappingProxyType(
    {DEFAULT_MODEL: WAN_EDIT, "happyhorse-1.0-video-edit": HAPPY_HORSE_EDIT}
)
