"""Private answers: one function, or one sentence, for each thing that a person asked for and that cannot be done.

All of them are mrkdwn, with everything escaped that is not ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.edit import Edit, Failure, State
from bot.language import counted, say, sentences
from bot.messages.words import cost, duration, link_ends, next_step
from bot.text import escape, shorten

# -- why an edit ended, where no error of the client says it -----------------------------------------------------------


def canceled_elsewhere() -> str:
    """Say that the provider's task was canceled by somebody else."""
    return say("Somebody canceled the task in the provider's console, not here.")


def task_lost() -> str:
    """Say that the provider forgot the task."""
    return say("Wan does not know the task any more: it keeps results for 24 hours, for the account that made them.")


def no_result() -> str:
    """Say that a task succeeded without a video."""
    return say("Wan says that the task succeeded, but gives no video.")


# -- answers -----------------------------------------------------------------------------------------------------------


def not_saved() -> str:
    """Say that a command or a form met trouble on our side (plain text); it may have been saved all the same."""
    return say("I could not save this just now: my records do not answer. If nothing appears in a minute, ask again.")


def nothing_to_refine() -> str:
    """Refuse a reply in a thread whose edit is not over."""
    return say("There is no finished video in this thread to change yet. Wait for it, or attach a video to your reply.")


def edit_gone() -> str:
    """Refuse a form about an edit that is not there (plain text)."""
    return say("I do not know this edit any more: it is too old, or belongs to another place. Post the video again.")


def no_such_edit() -> str:
    """Refuse to tell about an edit that is not there, or not for this person."""
    return say("I know no edit with this id here. `/edit-video history` lists yours; details are for their channel.")


def say_which() -> str:
    """Ask for the id of the edit that somebody wants to know everything about."""
    return say("Say which edit, by its id: /edit-video show 1a2b3c4d5e6f. /edit-video history lists the ids.")


def no_video_here() -> str:
    """Refuse the shortcut on a message without a video."""
    return say("There is no video in this message. Use *Edit this video* on one that carries a video.")


def no_video_in_message() -> str:
    """Refuse a link to a message without a video (plain text)."""
    return say("There is no video in the message behind this link.")


def accepted() -> str:
    """Say where the edited video will come."""
    return say(
        "Got it. The edited video comes in a new thread here, or in our direct messages if I am not in this channel."
    )


def several_videos(count: int) -> str:
    """Refuse a message whose videos cannot be told apart by pointing at the message."""
    return say(
        "There are {count} videos in this message, and I edit one at a time: post the one you mean to me.", count=count
    )


def seconds_beyond_clip(asked_s: float, clip_s: float) -> str:
    """Refuse a cut that is longer than the clip (plain text; Wan does not document what it would do)."""
    return say(
        "The video is {clip_s} s long, so --seconds {asked_s} is too much: ask for less, or leave it out.",
        clip_s=f"{clip_s:.1f}",
        asked_s=f"{asked_s:g}",
    )


def private_failure(why: Failure) -> str:
    """Tell the requester why the edit ended, privately and complete."""
    what = escape(shorten(why.message, 800))
    return f":warning: {sentences(what, cost(why.billed), next_step(why, accepted=False))}"


def no_thread(edit: Edit, why: Failure) -> str:
    """Tell the requester why the edit got no thread; no button helps where only other conversations are allowed."""
    then = say("Ask again in another channel, or ask an admin of this bot where I can be used.")
    return f":warning: {sentences(escape(why.message), cost(why.billed), then)}\n{_quoted(edit)}"


def private_link(edit: Edit) -> str:
    """Hand the provider's link to the requester alone: whoever has it sees the video until it ends."""
    if edit.result_url is None:
        gone = say("Your edited video was made, but Slack did not take the file, and its link is gone.")
        return f"{gone}\n{_quoted(edit)}"
    said = say(
        "Your edited video is ready, but Slack did not take the file. <{url}|Download it> until {time}; whoever has "
        "this link can see the video.",
        url=escape(edit.result_url),
        time=link_ends(edit),
    )
    return f"{said}\n{_quoted(edit)}"


def too_many(limit: int, *, wanted: int = 1) -> str:
    """Refuse edits of somebody who would have more under way than anybody may have."""
    if wanted > 1:
        return say(
            "At most {limit} of your edits may wait or run at a time, and {wanted} more would be too many: "
            "ask for fewer, or when others are over.",
            limit=limit,
            wanted=wanted,
        )
    return counted(
        "You have {count} edit waiting or running, as many as one person may: ask again when it is over.",
        "You have {count} edits waiting or running, as many as one person may: ask again when one of them is over.",
        limit,
    )


def retry_too_early(edit: Edit) -> str:
    """Refuse to pay for an edit twice while it is under way."""
    said = say("This edit is still under way ({state}): retry it once it is over.", state=state_word(edit))
    return f"{said}\n{_quoted(edit)}"


def cancel_not_yours(edit: Edit) -> str:
    """Refuse a cancel of somebody else's edit."""
    return say(
        "Only {person}, who asked for this edit, and the admins of this bot can cancel it.",
        person=f"<@{escape(edit.user)}>",
    )


def removal_not_yours(edit: Edit) -> str:
    """Refuse to delete somebody else's video."""
    return say(
        "Only {person}, who asked for this edit, and the admins of this bot can delete its video.",
        person=f"<@{escape(edit.user)}>",
    )


def just_arriving() -> str:
    """Answer a wish for a video that people may see already while Slack has yet to say where it is."""
    return say("The edited video is just arriving: try that again in a moment.")


def removal_over() -> str:
    """Answer a wish to delete a video that is deleted already, or was never posted."""
    return say("There is no video to delete: it is deleted already, or was never posted here.")


def cancel_over(edit: Edit) -> str:
    """Answer a cancel of an edit that is over."""
    return say("There is nothing to cancel: this edit is over ({state}).", state=state_word(edit))


def cancel_too_late() -> str:
    """Answer a cancel that comes when the provider works on the video."""
    return say(
        "It is too late to cancel: Wan cannot stop a task that runs, and it will be billed. "
        "The video comes when it is ready."
    )


def status_list(edits: Sequence[Edit], now: datetime) -> str:
    """List a person's edits, newest first as given."""
    if not edits:
        return no_edits()
    return "\n".join(f"{_bullet(edit, now)}" for edit in edits[:20])


def _bullet(edit: Edit, now: datetime) -> str:
    ago = say("{duration} ago", duration=duration(now - edit.created_at))
    return f"• *{state_word(edit)}* · {escape(shorten(_one_line(edit.instruction), 80))} · {ago}"


def no_edits() -> str:
    """Answer whoever asks for their edits and has none."""
    return say("You have no edits here. Post a video to me and say what should change; `/edit-video help` tells more.")


def state_word(edit: Edit) -> str:
    """Name a state in plain words."""
    match edit.state:
        case State.RECEIVED | State.PREPARING:
            return say("preparing")
        case State.APPROVING:
            return say("waiting for an approval")
        case State.WAITING | State.SUBMITTING:
            return say("waiting")
        case State.PENDING | State.RUNNING:
            return say("running")
        case State.DELIVERING:
            return say("being delivered")
        case State.DONE:
            return say("done")
        case State.FAILED:
            return say("failed")
        case State.CANCELED:
            return say("canceled")


def _quoted(edit: Edit) -> str:
    return f"> {escape(shorten(_one_line(edit.instruction), 200))}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
