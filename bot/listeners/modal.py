"""The modal's submission: one Edit, or the errors that stand at their fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.edit import Edit, SlackFile, State
from bot.listeners.intake import Intake, Place, Wish
from bot.messages import answers
from bot.messages.modal import INSTRUCTION, Submission, read_submission


async def on_submission(body: Mapping[str, Any], intake: Intake) -> dict[str, str] | None:
    """Save the Edit and return None, or return what is wrong, by the id of the field's block.

    The claim is the view, so a double click is one edit. What the view carries about a parent is checked like any id
    that a client sends.
    """
    view = body["view"]
    submission = read_submission(view, trusted_origins=intake.settings.trusted_origins)
    if not isinstance(submission, Submission):
        return dict(submission.errors)
    team, user = str((body.get("team") or {}).get("id")), str(body["user"]["id"])
    thread_ts, parent, video = None, None, submission.video
    if submission.parent_id is not None:
        parent = await intake.store.get(submission.parent_id)
        if parent is None or (parent.team, parent.channel) != (team, submission.channel):
            return {INSTRUCTION: answers.EDIT_GONE}
        thread_ts, video = parent.thread_ts, _video_of(parent)
    if video is None:
        return {INSTRUCTION: answers.EDIT_GONE}
    wish = Wish(
        instruction=submission.instruction,
        parameters=submission.parameters,
        negative_prompt=submission.negative_prompt,
        video=video,
        images=submission.images,
        parent_id=parent.edit_id if parent else None,
    )
    place = Place(team, user, submission.channel, thread_ts)
    await intake.accept(place, wish, request_ts=None, claim=f"view:{view['id']}")
    return None


def _video_of(parent: Edit) -> Any:
    """Return what "Edit again" edits: the result, or the source where there is none."""
    if parent.state is State.DONE and parent.upload_id:
        return SlackFile(file_id=parent.upload_id)
    return parent.video
