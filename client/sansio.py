"""Models → HTTP requests, HTTP answers → models or errors; every fact about the wire is here, and no socket.

Paths are relative to the base URL (`…/api/v1`). Not here: the body of a create (`client/bodies.py`), what is refused
before it is sent (`client/checks.py`), fields that may be odd (`client/side_fields.py`), what the codes mean
(`client/errors.py`), the form that files go by (`client/oss.py`), and the sending (`client/client.py`).

Create and query: https://help.aliyun.com/zh/model-studio/wan-video-editing-api-reference
List and cancel:  https://help.aliyun.com/zh/model-studio/manage-asynchronous-tasks
Upload policy:    https://help.aliyun.com/zh/model-studio/get-temporary-file-url
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import SecretStr

from client.catalogue import ModelFacts
from client.errors import ServiceError, UnexpectedAnswer, WanError, classify
from client.models import EditRequest, Task, TaskPage, TaskRow, TaskStatus
from client.oss import UploadPolicy
from client.side_fields import epoch, side, text, usage, zoned

T = TypeVar("T")

@dataclass(frozen=True, slots=True)
class Call:
    """Hold one HTTP request, without the key and the base URL."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, object] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold one HTTP answer, read to its end."""

    status: int
    headers: Mapping[str, str]  # lower-case names
    body: bytes = field(repr=False)


def create_call(request: EditRequest, facts: ModelFacts) -> Call:
    """Build the one call that costs money, with the body that the model takes."""
    headers = {"X-DashScope-Async": "enable"}
    if any(url.startswith("oss://") for url in request.links):
        headers["X-DashScope-OssResourceResolve"] = "enable"  # only then: with plain links it is said to cost time
    path = "/services/aigc/video-generation/video-synthesis"
    return Call("POST", path, headers, json=facts.body(request, facts.parameters))


def get_call(task_id: str) -> Call:
    """Build the query of one task."""
    return Call("GET", f"/tasks/{quote(task_id, safe='')}")


def list_call(*, status: TaskStatus | None, model: str | None, page: int, page_size: int) -> Call:
    """Build the query of one page of the last 24 hours; the zone of its time filters is not documented, so none."""
    query = {"page_no": str(page), "page_size": str(page_size)}
    if status is not None:
        query["status"] = status.value
    if model is not None:
        query["model_name"] = model
    return Call("GET", "/tasks/", query=query)


def cancel_call(task_id: str) -> Call:
    """Build the cancellation of a task; the service obeys only while the task is PENDING."""
    return Call("POST", f"/tasks/{quote(task_id, safe='')}/cancel")


def policy_call(model: str) -> Call:
    """Build the question for an upload permission; it holds for this model only."""
    return Call("GET", "/uploads", query={"action": "getPolicy", "model": model})


def read_task(answer: Answer) -> Task:
    """Read the answer of a create or of a query. A FAILED task is a task, not an error: see `task_error`."""

    def read(body: dict[str, Any]) -> Task:
        output = body["output"]
        url = output.get("video_url")
        return Task(
            task_id=output["task_id"],
            status=_status(output["task_status"]),
            request_id=side(body, "request_id", text),
            video_url=SecretStr(url) if url else None,
            code=side(output, "code", text),
            message=side(output, "message", text),
            orig_prompt=side(output, "orig_prompt", text),
            usage=side(body, "usage", usage),
            submitted_at=side(output, "submit_time", zoned),
            scheduled_at=side(output, "scheduled_time", zoned),
            ended_at=side(output, "end_time", zoned),
        )

    return _read(answer, read)


def read_page(answer: Answer) -> TaskPage:
    """Read one page of the task list."""

    def read(body: dict[str, Any]) -> TaskPage:
        return TaskPage(
            rows=tuple(_row(row) for row in body["data"]),
            page=body["page_no"],
            page_size=body["page_size"],
            total=body["total"],
            total_pages=body["total_page"],
        )

    return _read(answer, read)


def read_cancel(answer: Answer) -> bool:
    """Read whether the task is canceled; False when it was not PENDING any more."""
    try:
        return _read(answer, lambda _: True)
    except WanError as error:
        if error.code == "UnsupportedOperation":
            return False
        raise


def read_policy(answer: Answer) -> UploadPolicy:
    """Read an upload permission."""

    def read(body: dict[str, Any]) -> UploadPolicy:
        data = body["data"]
        return UploadPolicy(
            host=data["upload_host"],
            directory=data["upload_dir"],
            max_bytes=int(data["max_file_size_mb"]) * 1_000_000,
            access_key_id=data["oss_access_key_id"],
            signature=data["signature"],
            policy=data["policy"],
            acl=data["x_oss_object_acl"],
            forbid_overwrite=data["x_oss_forbid_overwrite"],
        )

    return _read(answer, read)


def task_error(task: Task) -> WanError:
    """Make the error that a FAILED task stands for; it cost nothing."""
    return classify(task.code, task.message or "", request_id=task.request_id, task_id=task.task_id)


def read_error(answer: Answer) -> WanError:
    """Make the error of an answer that is no success: flat JSON from the gateway, or HTML from something between."""
    retry_after_s = _seconds(answer.headers.get("retry-after"))
    body = _json(answer.body)
    if not isinstance(body, dict):
        return classify(None, f"The service answered HTTP {answer.status}.", answer.status, retry_after_s=retry_after_s)
    code, message, request_id = (
        value if isinstance(value := body.get(key), str) else None for key in ("code", "message", "request_id")
    )
    return classify(code, message or "", answer.status, request_id=request_id, retry_after_s=retry_after_s)


def demand_json(answer: Answer) -> None:
    """Raise ServiceError where something in between answered a query with a page, by whatever status; it passes."""
    if not 200 <= answer.status < 300 and not isinstance(_json(answer.body), dict):
        text = f"HTTP {answer.status} came without the service's JSON; if that stays so, check the base URL."
        raise ServiceError(text, status=answer.status)


def _read(answer: Answer, read: Callable[[dict[str, Any]], T]) -> T:
    if not 200 <= answer.status < 300:
        raise read_error(answer)
    body = _json(answer.body)
    if not isinstance(body, dict):
        raise ServiceError("The service answered with something that is not JSON.", status=answer.status)
    try:
        return read(body)
    # pydantic's ValidationError is a ValueError
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as exc:
        request_id = body.get("request_id")
        raise UnexpectedAnswer(
            "The service's answer lacks a documented field.",
            request_id=request_id if isinstance(request_id, str) else None,
            status=answer.status,
        ) from exc


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _row(row: dict[str, Any]) -> TaskRow:
    return TaskRow(
        task_id=row["task_id"],
        status=_status(row["status"]),
        model=row["model_name"],
        created_at=epoch(row["gmt_create"]),
        ended_at=side(row, "end_time", epoch),
        api_key_id=side(row, "api_key_id", text),
        request_id=side(row, "request_id", text),
    )


def _status(word: str) -> TaskStatus:
    """Take a word that is not documented for a task that goes on: whoever waits has a deadline of their own."""
    return TaskStatus(word) if word in TaskStatus.__members__ else TaskStatus.SUSPENDED


def _seconds(text: str | None) -> float | None:
    try:
        seconds = float(text or "")
    except ValueError:  # absent, or the date form, which would need a clock
        return None
    return seconds if 0 <= seconds < 86_400 else None
