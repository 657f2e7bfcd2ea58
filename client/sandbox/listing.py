"""The list of tasks: its filters and its pages. Pure.

https://help.aliyun.com/zh/model-studio/manage-asynchronous-tasks
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from client.sandbox.orders import MODEL, RefusedError
from client.sandbox.tasks import BEIJING, LocalTask

_DAY = timedelta(days=1)
_LARGEST_PAGE = 100  # the vendor names no maximum; others use this one
_STATES = ("PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELED", "UNKNOWN")


def list_tasks(tasks: Sequence[LocalTask], query: Mapping[str, str], now: float) -> dict[str, Any]:
    """Give one page of the tasks that match, newest first. Raises RefusedError for a filter that makes no sense."""
    start, end = _span(query, now)
    status = query.get("status")
    if status and status not in _STATES:
        raise _wrong("status")
    found = [
        task
        for task in tasks
        if start <= task.submitted_at <= end
        and query.get("task_id", task.task_id) == task.task_id
        and query.get("model_name", MODEL) == MODEL
        and (not status or task.status == status)
    ]
    found.reverse()
    number = _count(query, "page_no", 1)
    size = min(_count(query, "page_size", 10), _LARGEST_PAGE)
    return {
        "page_no": number,
        "page_size": size,
        "total_page": -(-len(found) // size),
        "total": len(found),
        "data": [task.row() for task in found[(number - 1) * size : number * size]],
    }


def _span(query: Mapping[str, str], now: float) -> tuple[float, float]:
    """The time to look at: at most a day; one end alone means a day from there; none means the last day."""
    start, end = _moment(query, "start_time"), _moment(query, "end_time")
    if start and end:
        if not timedelta(0) <= end - start <= _DAY:
            raise _wrong("end_time")
        return start.timestamp(), end.timestamp()
    if end:
        return (end - _DAY).timestamp(), end.timestamp()
    if start:
        return start.timestamp(), (start + _DAY).timestamp()
    return now - _DAY.total_seconds(), now


def _moment(query: Mapping[str, str], field: str) -> datetime | None:
    text = query.get(field)
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=BEIJING)
    except ValueError as error:
        raise _wrong(field) from error


def _count(query: Mapping[str, str], field: str, default: int) -> int:
    text = query.get(field) or str(default)
    if not text.isdecimal() or int(text) < 1:
        raise _wrong(field)
    return int(text)


def _wrong(field: str) -> RefusedError:
    return RefusedError(400, "InvalidParameter", f"{field} is not valid.")
