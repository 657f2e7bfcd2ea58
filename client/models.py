"""What we ask of Wan and what it tells us, as frozen values, and what we know about its models, as data.

Here live requests, tasks, limits and prices. Not here: how any of it is spelt on the wire (`client/sansio.py`), and the
measuring of files (the service sees links only; whoever has the file checks its size, length and sides).

Limits and parameters: https://help.aliyun.com/zh/model-studio/wan-video-editing-api-reference
Rates and regions: https://help.aliyun.com/zh/model-studio/rate-limit
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, field_validator

Resolution = Literal["720P", "1080P"]
Ratio = Literal["16:9", "9:16", "1:1", "4:3", "3:4"]
AudioSetting = Literal["auto", "origin"]
Region = Literal["cn-beijing", "ap-southeast-1"]

BEIJING = "https://dashscope.aliyuncs.com/api/v1"
SINGAPORE = "https://dashscope-intl.aliyuncs.com/api/v1"
BASE_URLS: Mapping[Region, str] = MappingProxyType({"cn-beijing": BEIJING, "ap-southeast-1": SINGAPORE})

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
class Price:
    """Name the price of one billed second, and when and where we last looked."""

    per_s: Decimal
    currency: Literal["CNY", "USD"]
    checked_on: date
    source: str


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """Bound one kind of file. Sizes count a megabyte as 10^6 bytes: the service does not say which it means."""

    max_bytes: int
    min_side_px: int
    max_side_px: int
    min_ratio: Fraction  # width over height
    max_ratio: Fraction
    mime_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """Hold what one model takes, how fast, where and for how much."""

    video: MediaLimits
    image: MediaLimits
    max_images: int
    prompt_max_chars: int
    negative_max_chars: int
    min_s: int
    max_s: int
    parameters: frozenset[str]  # fields of Parameters that the model knows
    concurrency: int  # tasks running at once in an account
    creates_per_s: int
    regions: tuple[Region, ...]
    price_per_s: Mapping[tuple[Region, Resolution], Price]


def _price(amount: str) -> Price:
    return Price(Decimal(amount), "CNY", date(2026, 9, 30), "third parties that cite the official price page")


MODELS: Mapping[str, ModelFacts] = MappingProxyType(
    {
        "wan2.7-videoedit": ModelFacts(
            video=MediaLimits(100_000_000, 240, 4096, Fraction(1, 8), Fraction(8), ("video/mp4", "video/quicktime")),
            image=MediaLimits(
                20_000_000, 240, 8000, Fraction(1, 8), Fraction(8),
                ("image/jpeg", "image/png", "image/bmp", "image/webp"),
            ),
            max_images=4,
            prompt_max_chars=PROMPT_MAX_CHARS,
            negative_max_chars=NEGATIVE_MAX_CHARS,
            min_s=MIN_S,
            max_s=MAX_S,
            parameters=frozenset(Parameters.model_fields),
            concurrency=5,
            creates_per_s=5,
            regions=("cn-beijing", "ap-southeast-1"),
            price_per_s=MappingProxyType(
                {
                    ("cn-beijing", "720P"): _price("0.6"),
                    ("cn-beijing", "1080P"): _price("1.0"),
                    ("ap-southeast-1", "720P"): _price("0.733924"),
                    ("ap-southeast-1", "1080P"): _price("1.100886"),
                }
            ),
        ),
    }
)  # fmt: skip


def region_of(base_url: str) -> Region | None:
    """Name the region of a base URL, classic or workspace form; None for any other host."""
    host = urlsplit(base_url).hostname or ""
    for region, known in BASE_URLS.items():
        if host == urlsplit(known).hostname or host.endswith(f".{region}.maas.aliyuncs.com"):
            return region
    return None


def violations(request: EditRequest) -> list[str]:
    """List everything that the service would refuse or silently cut, each with the limit and the value found."""
    facts = MODELS.get(request.model)
    if facts is None:
        return [f"The model must be one of {', '.join(MODELS)}, not “{request.model}”."]
    found = []
    if not request.prompt.strip():
        found.append("The instruction is empty: say what should change in the video.")
    if (length := len(request.prompt)) > facts.prompt_max_chars:
        found.append(f"The instruction may have {facts.prompt_max_chars} characters, this one has {length}.")
    if (length := len(request.negative_prompt or "")) > facts.negative_max_chars:
        found.append(f"The negative prompt may have {facts.negative_max_chars} characters, this one has {length}.")
    if (count := len(request.images)) > facts.max_images:
        found.append(f"At most {facts.max_images} reference images are possible, here are {count}.")
    if not _is_link(request.video):
        found.append("The video must be an http, https or oss:// link.")
    for number, image in enumerate(request.images, start=1):
        if not _is_link(image) and (wrong := _data_uri_fault(image, facts.image)):
            found.append(f"Reference image {number} {wrong}.")
    return found


def _is_link(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https", "oss") and bool(parts.netloc) and url.isprintable() and " " not in url


def _data_uri_fault(url: str, limits: MediaLimits) -> str | None:
    head, comma, body = url.partition(";base64,")
    if not head.startswith("data:") or not comma:
        return "must be an http, https or oss:// link, or a base64 data URI"
    if (mime := head.removeprefix("data:")) not in limits.mime_types:
        return f"must be one of {', '.join(limits.mime_types)}, not “{mime[:40]}”"
    if (size_bytes := len(body) * 3 // 4) > limits.max_bytes:
        return f"may have {limits.max_bytes} bytes, it has {size_bytes}"
    return None
