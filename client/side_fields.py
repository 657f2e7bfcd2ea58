"""Fields of an answer that may be missing or odd: a paid video is not lost because a bill or a time cannot be read.

Not here: the fields without which an answer says nothing (`client/sansio.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Any, TypeVar

from client.models import Usage

T = TypeVar("T")
log = logging.getLogger(__name__)

# Times of a task carry no zone; recorded traffic against HTTP dates shows UTC+8. Rows of the list use epoch ms.
SERVER_ZONE = timezone(timedelta(hours=8))
DAY_S = 86_400


def side(fields: Mapping[str, Any], name: str, read: Callable[[Any], T]) -> T | None:
    """Read a field that no decision needs; None where it is absent, and where it is unreadable, which is logged."""
    value = fields.get(name)
    if value in (None, "", {}):
        return None
    try:
        return read(value)
    except (TypeError, ValueError, OverflowError, KeyError, AttributeError):
        _report(name)
        return None


def text(value: object) -> str:
    """Take a text, and nothing that would have to be made one."""
    if not isinstance(value, str):
        raise TypeError
    value.encode()  # half of a surrogate pair cannot be kept
    return value


def usage(value: Mapping[str, Any]) -> Usage | None:
    """Read a bill; None where its seconds or its resolution are unreadable: then what was reserved stays charged."""
    billed_s, resolution = side(value, "duration", _seconds), side(value, "SR", _lines)
    if billed_s is None:
        _report("duration")
        return None
    if resolution is None and value.get("SR"):
        return None
    return Usage(
        billed_s=billed_s,
        input_s=side(value, "input_video_duration", _seconds) or 0.0,
        output_s=side(value, "output_video_duration", _seconds) or 0.0,
        resolution=resolution,
        video_count=side(value, "video_count", int) or 1,
    )


def zoned(value: str) -> datetime:
    """Read a time of a task."""
    return datetime.fromisoformat(value).replace(tzinfo=SERVER_ZONE).astimezone(UTC)


def epoch(milliseconds: int) -> datetime:
    """Read a time of a row of the list."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError
    seconds = float(value)
    if not 0 <= seconds < DAY_S:  # nor NaN, which JSON as Python reads it may hold
        raise ValueError
    return seconds


def _lines(value: object) -> int:
    """Read 720, and the "720" and "720P" of samples in the docs."""
    return int(str(value).upper().removesuffix("P"))


@cache  # a task is asked for every few seconds
def _report(name: str) -> None:
    log.warning("a field of the service's answer is unreadable, so it is left out", extra={"field": name})
