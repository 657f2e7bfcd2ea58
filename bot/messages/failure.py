"""From what went wrong to what a person is told: each kind of error becomes a Failure with its reason and sentence.

Sentences are plain text; whoever shows them escapes them. What to do next, and whether it cost anything, is said by
`bot/messages/words.py`.
"""

from __future__ import annotations

from bot.edit import Billed, Failure, Reason, Remedy
from bot.language import say, sentences
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


def _admin_hint(family: str) -> str:
    """Say what an admin can do about an AccountError, by the part of the vendor's code before its first dot.

    https://help.aliyun.com/zh/model-studio/error-code
    """
    match family:
        case "InvalidApiKey":
            return say("The API key is wrong, or belongs to another region than the base URL.")
        case "Arrearage" | "PrepaidBillOverdue" | "PostpaidBillOverdue":
            return say("The account has an unpaid bill.")
        case "CommodityNotPurchased":
            return say("The service has not been bought for this account.")
        case "AllocationQuota":
            return say("The free quota is used up, and the account allows nothing beyond it.")
        case "Throttling":
            return say("The account's quota is used up.")
        case "AccessDenied" | "Model":
            return say("The account has no access to this model.")
        case "Workspace":
            return say("The workspace of the key has no access to this model.")
        case "ModelNotFound" | "model_not_found":
            return say("There is no such model in this region.")
        case "InvalidParameter":
            return say("The base URL, the region or the model does not fit.")
        case "NotFound":
            return say("The base URL is wrong.")
        case _:
            return ""


def _file_problem(problem: str, detail: str) -> str:
    problems = {
        "gone": say("The file is not there any more, or I may not see it."),
        "closed": say("I am not in the channel of that message: invite me there with /invite."),
        "foreign": say("I only use files that were shared in this conversation, or that are your own."),
        "too_big": say("The file is too big: {detail}", detail=detail) if detail else say("The file is too big."),
        "external": say("The file lies with another service, and Slack has only a link to it: upload the file itself."),
    }
    return problems.get(problem) or say("The file cannot be used ({problem})", problem=problem)


def _slack_problem(code: str) -> tuple[Reason, str]:
    """Say what Slack refused and what trying again does not change.

    https://docs.slack.dev/reference/methods/chat.postMessage#errors
    """
    match code:
        case "not_in_channel":
            return Reason.INPUT, say("I am not in this channel: invite me with /invite.")
        case "channel_not_found":
            return Reason.INPUT, say("I cannot see this conversation: invite me with /invite.")
        case "is_archived":
            return Reason.INPUT, say("This channel is archived, so nothing can be posted here.")
        case "restricted_action":
            return Reason.ADMIN, say("This workspace does not let me post here.")
        case "missing_scope":
            return Reason.ADMIN, say("The app lacks a permission in Slack: an admin must install it again.")
        case "invalid_auth" | "token_revoked" | "account_inactive":
            return Reason.ADMIN, say("Slack no longer accepts the app's token: an admin must install it again.")
        case _:
            return Reason.ADMIN, say("Slack refused what I have to do here ({code}).", code=code)


def unknown_outcome() -> str:
    """Say that nobody knows whether Wan took the video."""
    return say("The connection broke just when Wan was given the video, and its task cannot be found for sure.")


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
            return Reason.LATER, say("Wan could not fetch the video or a picture: {detail}", detail=detail)
        case InvalidRequest() if (error.code or "").startswith("LocalEngine"):
            return Reason.INPUT, detail
        case InvalidRequest():
            return Reason.INPUT, say("Wan did not accept the request: {detail}", detail=detail)
        case ContentRefused():
            return Reason.CONTENT, say("Wan's content check refused it: {detail}", detail=detail)
        case AccountError():
            hint = _admin_hint((error.code or "").partition(".")[0])
            says = say("It says: {detail}", detail=detail)
            return Reason.ADMIN, sentences(say("Wan turned this bot's account away."), hint, says)
        case Throttled():
            return Reason.LATER, say("Wan takes nothing new at the moment: {detail}", detail=detail)
        case Later():
            return Reason.LATER, say("Wan had a fault: {detail}", detail=detail)
        case UnknownOutcome():
            return Reason.UNKNOWN_OUTCOME, unknown_outcome()
        case WaitTimeout():
            return Reason.LATER, say("Wan took longer than I wait for it.")
        case _:
            return Reason.BUG, say("Wan answered something that I do not understand: {detail}", detail=detail)


def file_failure(problem: str, detail: str = "") -> Failure:
    """Say what is wrong with a file in Slack; `problem` is a name of `bot/files.py`."""
    if problem == "login_page":
        message = say(
            "Slack does not let me read files. An admin must grant the scope files:read and install the app again."
        )
        return Failure(reason=Reason.ADMIN, message=message, code=shorten(detail, 100) or None)
    return input_failure(_file_problem(problem, detail), remedy="retry" if problem == "closed" else None)


def input_failure(message: str, *, remedy: Remedy | None = None) -> Failure:
    """Say what is wrong with the video, a picture, a link or an option, in the words of the check that found it."""
    return Failure(reason=Reason.INPUT, message=_sentence(message), remedy=remedy)


def over_budget() -> Failure:
    """Say that a budget has no room; which one, and how much is left, is told privately."""
    message = say("A budget has no room for it. I have told whoever asked, privately, which one.")
    return Failure(reason=Reason.BUDGET, message=message)


def no_place() -> Failure:
    """Say that no thread may begin where the edit was asked for, nor in the direct messages."""
    message = say(
        "I can begin a thread only in a channel that both you and I are in, and our direct messages are not set up for "
        "edits."
    )
    return Failure(reason=Reason.ADMIN, message=message)


def slack_failure(code: str, *, billed: Billed) -> Failure:
    """Say why Slack's lasting refusal ends the edit."""
    reason, message = _slack_problem(code)
    remedy: Remedy | None = "retry" if reason is Reason.INPUT else None  # all of these an invitation mends, or the like
    return Failure(reason=reason, message=message, code=code, billed=billed, remedy=remedy)


def given_up(detail: str, *, billed: Billed, needs_admin: bool = False) -> Failure:
    """Say that a service was down, or refused, for longer than we try; or that an admin left something as it is."""
    message = say("I tried for a long time and have to give up: {detail}", detail=_sentence(detail))
    return Failure(reason=Reason.ADMIN if needs_admin else Reason.LATER, message=message, billed=billed)


def our_fault(trouble_id: str, *, billed: Billed) -> Failure:
    """Say that the bot has a bug; the id leads an admin to the log."""
    message = say(
        "Something is wrong with this bot, not with your request. An admin finds it in the log as {trouble_id}.",
        trouble_id=trouble_id,
    )
    return Failure(reason=Reason.BUG, message=message, code=trouble_id, billed=billed)


def _sentence(text: str) -> str:
    """Shorten somebody else's words and let them end as a sentence."""
    words = shorten(" ".join(text.split()), 700)
    return words if not words or words[-1] in ".!?…。！？" else f"{words}."
