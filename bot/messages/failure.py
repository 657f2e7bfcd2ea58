"""From what went wrong to what a person is told: each kind of error becomes a Failure with its reason and sentence.

Sentences are plain text; whoever shows them escapes them. What to do next, and whether it cost anything, is said by
`bot/messages/words.py`.
"""

from __future__ import annotations

from bot.edit import Billed, Failure, Reason
from bot.text import shorten
from client.errors import (
    AccountError,
    ContentRefused,
    InvalidRequest,
    Later,
    MediaUnreachable,
    Throttled,
    UnknownOutcome,
    WaitTimeout,
    WanError,
    classify,
)
from client.models import Task

# What an admin can do about an AccountError, by the part of the vendor's code before its first dot.
# https://help.aliyun.com/zh/model-studio/error-code
_ADMIN_HINTS = {
    "InvalidApiKey": "The API key is wrong, or belongs to another region than the base URL.",
    "Arrearage": "The account has an unpaid bill.",
    "PrepaidBillOverdue": "The account has an unpaid bill.",
    "PostpaidBillOverdue": "The account has an unpaid bill.",
    "CommodityNotPurchased": "The service has not been bought for this account.",
    "AllocationQuota": "The free quota is used up, and the account allows nothing beyond it.",
    "Throttling": "The account's quota is used up.",
    "AccessDenied": "The account has no access to this model.",
    "Model": "The account has no access to this model.",
    "Workspace": "The workspace of the key has no access to this model.",
    "ModelNotFound": "There is no such model in this region.",
    "model_not_found": "There is no such model in this region.",
    "InvalidParameter": "The base URL, the region or the model does not fit.",
    "NotFound": "The base URL is wrong.",
}  # fmt: skip

_FILE_PROBLEMS = {
    "gone": "The file is not there any more, or I may not see it.",
    "closed": "I am not in the channel of that message: invite me there with /invite, then ask again.",
    "foreign": "I only use files that were shared in this conversation, or that are your own.",
    "too_big": "The file is too big",
    "external": "The file lies with another service, and Slack has only a link to it: upload the file itself.",
}
_LOGIN_PAGE = "Slack does not let me read files. An admin must grant the scope files:read and install the app again"

# Refusals of Slack that trying again does not change: docs.slack.dev/reference/methods/chat.postMessage#errors
_SLACK_PROBLEMS = {
    "not_in_channel": (Reason.INPUT, "I am not in this channel: invite me with /invite."),
    "channel_not_found": (Reason.INPUT, "I cannot see this conversation: invite me with /invite."),
    "is_archived": (Reason.INPUT, "This channel is archived, so nothing can be posted here."),
    "restricted_action": (Reason.ADMIN, "This workspace does not let me post here."),
    "missing_scope": (Reason.ADMIN, "The app lacks a permission in Slack: an admin must install it again."),
    "invalid_auth": (Reason.ADMIN, "Slack no longer accepts the app's token: an admin must install it again."),
    "token_revoked": (Reason.ADMIN, "Slack no longer accepts the app's token: an admin must install it again."),
    "account_inactive": (Reason.ADMIN, "Slack no longer accepts the app's token: an admin must install it again."),
}


UNKNOWN_OUTCOME = "The connection broke just when Wan was given the video, and its task cannot be found for sure."


def failure(error: WanError, *, billed: Billed | None = None) -> Failure:
    """Say for a client's error why the edit ends; `billed` overrides what the kind of error lets suppose."""
    reason, message = _said(error)
    supposed: Billed = "maybe" if reason in (Reason.UNKNOWN_OUTCOME, Reason.BUG) else "no"
    if isinstance(error, WaitTimeout):
        supposed = "maybe"
    return Failure(
        reason=reason,
        message=message,
        code=error.code,
        request_id=error.request_id,
        billed=billed or supposed,
    )


def task_failure(task: Task) -> Failure:
    """Say why the provider's task failed; failed tasks cost nothing."""
    error = classify(task.code, task.message or "", request_id=task.request_id, task_id=task.task_id)
    return failure(error, billed="no")


def _said(error: WanError) -> tuple[Reason, str]:
    detail = _sentence(error.message)
    match error:
        case MediaUnreachable():
            return Reason.LATER, f"Wan could not fetch the video or a picture: {detail}"
        case InvalidRequest() if (error.code or "").startswith("LocalEngine"):
            return Reason.INPUT, detail
        case InvalidRequest():
            return Reason.INPUT, f"Wan did not accept the request: {detail}"
        case ContentRefused():
            return Reason.CONTENT, f"Wan's content check refused it: {detail}"
        case AccountError():
            hint = _ADMIN_HINTS.get((error.code or "").partition(".")[0])
            said = ("Wan turned this bot's account away.", hint, f"It says: {detail}")
            return Reason.ADMIN, " ".join(part for part in said if part)
        case Throttled():
            return Reason.LATER, f"Wan takes nothing new at the moment: {detail}"
        case Later():
            return Reason.LATER, f"Wan had a fault: {detail}"
        case UnknownOutcome():
            return Reason.UNKNOWN_OUTCOME, UNKNOWN_OUTCOME
        case WaitTimeout():
            return Reason.LATER, "Wan took longer than I wait for it."
        case _:
            return Reason.BUG, f"Wan answered something that I do not understand: {detail}"


def file_failure(problem: str, detail: str = "") -> Failure:
    """Say what is wrong with a file in Slack; `problem` is a name of `bot/files.py`."""
    if problem == "login_page":
        return Failure(reason=Reason.ADMIN, message=_sentence(f"{_LOGIN_PAGE} ({detail})" if detail else _LOGIN_PAGE))
    said = _FILE_PROBLEMS.get(problem, f"The file cannot be used ({problem})")
    if problem == "too_big" and detail:
        said = f"{said}: {detail}"
    return Failure(reason=Reason.INPUT, message=_sentence(said))


def input_failure(message: str) -> Failure:
    """Say what is wrong with the video, a picture or a link, in the words of the check that found it."""
    return Failure(reason=Reason.INPUT, message=_sentence(message))


def slack_failure(code: str, *, billed: Billed) -> Failure:
    """Say why Slack's lasting refusal ends the edit."""
    reason, message = _SLACK_PROBLEMS.get(code, (Reason.ADMIN, f"Slack refused what I have to do here ({code})."))
    return Failure(reason=reason, message=message, code=code, billed=billed)


def given_up(detail: str, *, billed: Billed) -> Failure:
    """Say that a service was down, or refused, for longer than we try."""
    return Failure(reason=Reason.LATER, message=f"I tried for long and give up: {_sentence(detail)}", billed=billed)


def our_fault(trouble_id: str, *, billed: Billed) -> Failure:
    """Say that the bot has a bug; the id leads an admin to the log."""
    message = f"Something is wrong with this bot, not with your request. An admin finds it in the log as {trouble_id}."
    return Failure(reason=Reason.BUG, message=message, code=trouble_id, billed=billed)


def _sentence(text: str) -> str:
    """Shorten somebody else's words and let them end as a sentence."""
    words = shorten(" ".join(text.split()), 700)
    return words if not words or words[-1] in ".!?…。！？" else f"{words}."
