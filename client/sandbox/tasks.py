"""Tasks as the local Wan keeps and shows them: one record each, the answer to a query, the row of a list."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Literal

from client.sandbox.orders import MODEL, Order

Status = Literal["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELED"]
BEIJING = timezone(timedelta(hours=8))  # the zone of every time on the wire, though none says so


@dataclass
class LocalTask:
    """One task; times are seconds of the wall clock. `body` is the create request as it came."""

    task_id: str
    request_id: str
    order: Order
    body: dict[str, Any]
    submitted_at: float
    status: Status = "PENDING"
    scheduled_at: float | None = None
    ended_at: float | None = None
    code: str = ""
    message: str = ""
    result: Path | None = None
    usage: dict[str, Any] | None = None

    @property
    def is_open(self) -> bool:
        """Not finished yet."""
        return self.status in ("PENDING", "RUNNING")

    def fail(self, code: str, message: str, now: float) -> None:
        """End as FAILED."""
        self.status, self.code, self.message, self.ended_at = "FAILED", code, message, now

    def succeed(self, result: Path, input_s: float, output_s: float, now: float) -> None:
        """End as SUCCEEDED, with the seconds that the vendor's guide would bill: input and output together."""
        self.status, self.result, self.ended_at = "SUCCEEDED", result, now
        self.usage = {
            "duration": round(input_s + output_s, 2),
            "input_video_duration": round(input_s, 2),
            "output_video_duration": round(output_s, 2),
            "video_count": 1,
            "SR": int(self.order.resolution.removesuffix("P")),
        }

    def output(self, video_url: str) -> dict[str, Any]:
        """Give the `output` of a query; each state shows the fields that the service shows in it."""
        shown: dict[str, Any] = {"task_id": self.task_id, "task_status": self.status}
        shown["submit_time"] = wire_time(self.submitted_at)
        if self.scheduled_at is not None:
            shown["scheduled_time"] = wire_time(self.scheduled_at)
        if self.ended_at is not None:
            shown["end_time"] = wire_time(self.ended_at)
        match self.status:
            case "SUCCEEDED":
                shown |= {"orig_prompt": self.order.prompt, "video_url": video_url}
            case "FAILED":
                shown |= {"code": self.code, "message": self.message}
        return shown

    def row(self) -> dict[str, Any]:
        """Give the row of a list: no prompt, no URL, no error code; times in epoch milliseconds."""
        shown: dict[str, Any] = {
            "api_key_id": "local",
            "caller_parent_id": "local",
            "caller_uid": "local",
            "gmt_create": _milliseconds(self.submitted_at),
            "model_name": MODEL,
            "region": "local",
            "request_id": self.request_id,
            "status": self.status,
            "task_id": self.task_id,
            "user_api_unique_key": f"apikey:v1:aigc:video-generation:video-synthesis:{MODEL}",
        }
        if self.scheduled_at is not None:
            shown["start_time"] = _milliseconds(self.scheduled_at)
        if self.ended_at is not None:
            shown["end_time"] = _milliseconds(self.ended_at)
        return shown


def wire_time(at: float) -> str:
    """Write a time the way queries show it: `YYYY-MM-DD HH:mm:ss.SSS`, UTC+8."""
    return datetime.fromtimestamp(at, BEIJING).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def _milliseconds(at: float) -> int:
    return int(at * 1000)
