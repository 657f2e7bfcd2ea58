"""Private answers: one function, or one sentence, for each thing that a person asked for and that cannot be done.

All of them are mrkdwn, with everything escaped that is not ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.edit import Edit, Failure, State
from bot.messages import failure as failures
from bot.messages.words import cost, duration, next_step
from bot.text import escape, shorten

# -- why an edit ended, where no error of the client says it -----------------------------------------------------------

UNKNOWN_OUTCOME = failures.UNKNOWN_OUTCOME
CANCELED_ELSEWHERE = "Somebody canceled the task in the provider's console, not here."
TASK_LOST = "Wan does not know the task any more: it keeps results for 24 hours, for the account that made them."
NO_RESULT = "Wan says that the task succeeded, but gives no video."

# -- answers -----------------------------------------------------------------------------------------------------------

NOTHING_TO_REFINE = (
    "There is no finished video in this thread to change yet. Wait for it, or attach a video to your reply."
)
EDIT_GONE = "I do not know this edit any more: it is too old, or belongs to another place. Post the video again."
NO_SUCH_EDIT = "I know no edit with this id here. `/edit-video history` lists yours; details are for their channel."
NO_VIDEO_HERE = "There is no video in this message. Use *Edit this video* on one that carries an MP4 or MOV."
NO_VIDEO_IN_MESSAGE = "There is no video in the message behind this link."
ACCEPTED = (
    "Got it. The edited video comes in a new thread of mine: here, or in our direct messages where I am not in this "
    "channel."
)


def several_videos(count: int) -> str:
    """Refuse a message whose videos cannot be told apart by pointing at the message."""
    return f"There are {count} videos in this message, and I edit one at a time: post the one you mean to me."


def seconds_beyond_clip(asked_s: float, clip_s: float) -> str:
    """Refuse a cut that is longer than the clip (plain text; Wan does not document what it would do)."""
    return f"The video is {clip_s:.1f} s long, so --seconds {asked_s:g} is too much: ask for less, or leave it out."


def private_failure(why: Failure) -> str:
    """Tell the requester why the edit ended, privately and complete."""
    return f":warning: {escape(shorten(why.message, 1500))} {cost(why.billed)} {next_step(why, accepted=False)}"


def private_link(edit: Edit) -> str:
    """Hand the provider's link to the requester alone: whoever has it sees the video for 24 hours."""
    if edit.result_url is None:
        return f"Your edited video was made, but Slack did not take the file, and its link is gone.\n{_quoted(edit)}"
    return (
        "Your edited video is ready, but Slack did not take the file. "
        f"<{escape(edit.result_url)}|Download it> within 24 hours; whoever has this link can see the video.\n"
        f"{_quoted(edit)}"
    )


def too_many(limit: int) -> str:
    """Refuse an edit of somebody who has as many under way as anybody may have."""
    return f"You have {limit} edits waiting or running, as many as one person may: ask again when one of them is over."


def retry_too_early(edit: Edit) -> str:
    """Refuse to pay for an edit twice while it is under way."""
    return f"This edit is still under way ({state_word(edit)}): retry it once it is over.\n{_quoted(edit)}"


def cancel_not_yours(edit: Edit) -> str:
    """Refuse a cancel of somebody else's edit."""
    return f"Only <@{escape(edit.user)}>, who asked for this edit, and the admins of this bot can cancel it."


def cancel_over(edit: Edit) -> str:
    """Answer a cancel of an edit that is over."""
    return f"There is nothing to cancel: this edit is over ({state_word(edit)})."


def cancel_too_late(edit: Edit) -> str:
    """Answer a cancel that comes when the provider works on the video."""
    return (
        "It is too late to cancel: Wan cannot stop a task that runs, and it will be billed. "
        "The video comes when it is ready."
    )


def status_list(edits: Sequence[Edit], now: datetime) -> str:
    """List a person's edits, newest first as given."""
    if not edits:
        return "You have no edits here. Post a video to me and say what should change; `/edit-video help` tells more."
    return "\n".join(f"{_bullet(edit, now)}" for edit in edits[:20])


def _bullet(edit: Edit, now: datetime) -> str:
    ago = duration(now - edit.created_at)
    return f"• *{state_word(edit)}* · {escape(shorten(_one_line(edit.instruction), 80))} · {ago} ago"


def state_word(edit: Edit) -> str:
    """Name a state in plain words."""
    match edit.state:
        case State.RECEIVED | State.PREPARING:
            return "preparing"
        case State.WAITING | State.SUBMITTING:
            return "waiting"
        case State.PENDING | State.RUNNING:
            return "running"
        case State.DELIVERING:
            return "being delivered"
        case State.DONE:
            return "done"
        case State.FAILED:
            return "failed"
        case State.CANCELED:
            return "canceled"


def _quoted(edit: Edit) -> str:
    return f"> {escape(shorten(_one_line(edit.instruction), 200))}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
