"""What can go wrong with Wan, as one tree, grouped by what the reader can do about it.

    WanError
    ├── InvalidRequest        fix your request: the message names the limit and the value found
    │   └── MediaUnreachable  fix your request: the service could not fetch the video or a picture
    ├── ContentRefused        change the instruction or the media: a content rule refused them
    ├── AccountError          ask the admin: key, region, bill, access, quota
    ├── Later                 nobody need do anything but try again later
    │   ├── Throttled         too many calls; `retry_after_s` where the service says it
    │   ├── ServiceError      the service failed or answered nonsense (5xx, HTML, broken JSON, dropped connection)
    │   ├── NotSent           the call certainly did not reach the service (DNS, refused connection, TLS)
    │   └── DownloadError     the finished video did not arrive whole
    ├── UnknownOutcome        a create whose answer was lost: a task may exist and may be billed; never just send again
    ├── WaitTimeout           our patience ended, the task goes on: wait for the same `task_id` again
    ├── WaitStopped           we were told to stop waiting, the task goes on: as above
    └── UnexpectedAnswer      a bug, ours or theirs: the answer fits no documented shape

Here live the tree and `classify`, the vendor's codes as data. Not here: who raises what when (`client/client.py`), and
what a person in Slack reads about it (the bot).

Codes: https://help.aliyun.com/zh/model-studio/error-code
"""

# ruff: noqa: N818 - the names say what happened, `except Later` reads as it is meant

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType


class WanError(Exception):
    """Carry what happened in one sentence, and the vendor's own words for a support ticket."""

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        request_id: str | None = None,
        task_id: str | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.request_id = request_id
        self.task_id = task_id
        self.status = status


class InvalidRequest(WanError):
    """Tell the person to change the request; sending the same again fails again."""


class MediaUnreachable(InvalidRequest):
    """Tell the person that the service could not fetch the video or a picture from its link."""


class ContentRefused(WanError):
    """Tell the person that a content rule refused the text, the media or the result."""


class AccountError(WanError):
    """Tell the admin about the key, the region, the bill, the access or the quota."""


class Later(WanError):
    """Say that the same call may work later, unchanged and without costing more."""


class Throttled(Later):
    """Say that the account made too many calls; `retry_after_s` is None where the service does not say how long."""

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        request_id: str | None = None,
        task_id: str | None = None,
        status: int | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message, code=code, request_id=request_id, task_id=task_id, status=status)
        self.retry_after_s = retry_after_s


class ServiceError(Later):
    """Say that the service failed: 5xx, an HTML page, broken JSON, or a connection lost during a harmless call."""


class NotSent(Later):
    """Say that the call certainly did not reach the service, so nothing was made and nothing is billed."""


class DownloadError(Later):
    """Say that the finished video did not arrive whole; ask the task for a fresh link and load it again."""


class UnknownOutcome(WanError):
    """Say that a create was sent and its answer lost; look for the task in the list before anything else."""


class WaitTimeout(WanError):
    """Say that the task was not finished in time; it goes on, and `task_id` can be waited for again."""


class WaitStopped(WanError):
    """Say that the wait was stopped by whoever waits; the task goes on, and `task_id` can be waited for again."""


class UnexpectedAnswer(WanError):
    """Say that the answer fits no documented shape."""


# Keys are codes, or the part of a code before its first dot; the longer one wins.
BY_CODE: Mapping[str, type[WanError]] = MappingProxyType(
    {
        "InvalidParameter": InvalidRequest,
        "InvalidParameter.DataInspection": MediaUnreachable,
        "InvalidURL": MediaUnreachable,
        "InvalidFile": InvalidRequest,
        "InvalidFile.DownloadFailed": MediaUnreachable,
        "InvalidImage": InvalidRequest,
        "InvalidImageFormat": InvalidRequest,
        "InvalidImageResolution": InvalidRequest,
        "BadRequest": InvalidRequest,
        "BadRequest.InputDownloadFailed": MediaUnreachable,
        "UnsupportedOperation": InvalidRequest,
        "LocalEngine": InvalidRequest,  # the local service says which instructions its filters know
        "DataInspectionFailed": ContentRefused,
        "IPInfringementSuspect": ContentRefused,
        "CustomRoleBlocked": ContentRefused,
        "FaqRuleBlocked": ContentRefused,
        "Arrearage": AccountError,
        "InvalidApiKey": AccountError,
        "invalid access token or token expired": AccountError,
        "NOT AUTHORIZED": AccountError,
        "AccessDenied": AccountError,
        "Model": AccountError,
        "App": AccountError,
        "Workspace": AccountError,
        "Endpoint": AccountError,
        "AllocationQuota": AccountError,
        "ModelNotFound": AccountError,
        "model_not_found": AccountError,
        "WorkSpaceNotFound": AccountError,
        "NotFound": AccountError,  # no such path: the base URL is wrong
        "Conflict": UnexpectedAnswer,
        "Throttling": Throttled,
        "LimitRequests": Throttled,
        "Throttling.AllocationQuota": AccountError,  # a quota is used up: waiting a minute does not help
        "CommodityNotPurchased": AccountError,  # money behind a 429, as the next two
        "PrepaidBillOverdue": AccountError,
        "PostpaidBillOverdue": AccountError,
        "InternalError": ServiceError,
        "SystemError": ServiceError,
        "ModelServiceFailed": ServiceError,
        "RequestTimeOut": ServiceError,
        "RewriteFailed": ServiceError,
        "ModelServingError": ServiceError,
        "ModelUnavailable": ServiceError,
    }
)

BY_STATUS: Mapping[int, type[WanError]] = MappingProxyType(
    {
        400: InvalidRequest,
        413: InvalidRequest,
        422: InvalidRequest,
        401: AccountError,
        402: AccountError,
        403: AccountError,
        404: AccountError,
        408: ServiceError,
        429: Throttled,
    }
)

# `InvalidParameter` also stands for settings that only an admin can change; only the message tells them apart.
ADMIN_WORDS = ("url error, please check url", "model not exist")
POLICY_WORDS = "policy expired"  # AccessDenied of an upload that took longer than its permission; a fresh one helps


def classify(
    code: str | None,
    message: str,
    status: int | None = None,
    *,
    request_id: str | None = None,
    task_id: str | None = None,
    retry_after_s: float | None = None,
) -> WanError:
    """Make the error for a vendor's code: by code, then by its part before the first dot, then by HTTP status.

    The same codes come as HTTP errors and in FAILED tasks, where `status` is None.
    """
    kind = _kind(code, message.lower(), status)
    text = message or code or (f"HTTP {status} without a message" if status else "No reason was given")
    if issubclass(kind, Throttled):
        return kind(
            text, code=code, request_id=request_id, task_id=task_id, status=status, retry_after_s=retry_after_s
        )
    return kind(text, code=code, request_id=request_id, task_id=task_id, status=status)


def _kind(code: str | None, words: str, status: int | None) -> type[WanError]:
    family = (code or "").partition(".")[0]
    if family == "InvalidParameter" and any(known in words for known in ADMIN_WORDS):
        return AccountError
    if family == "AccessDenied" and POLICY_WORDS in words:
        return Later
    for known in (code, family):
        if known and known in BY_CODE:
            return BY_CODE[known]
    if status is not None and status >= 500:
        return ServiceError
    return BY_STATUS.get(status or 0, UnexpectedAnswer)
