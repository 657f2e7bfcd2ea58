"""The modal's submission: one Edit, or the errors that stand at their fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.edit import Medium
from bot.listeners.intake import Intake, Place, Wish
from bot.messages import answers
from bot.messages.modal import INSTRUCTION
from bot.messages.submission import Submission, read_submission


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
    message = submission.message
    thread_ts, parent = (message.thread_ts or message.ts) if message else None, None
    video: Medium | None = submission.video
    images: tuple[Medium, ...] = submission.images
    if submission.parent_id is not None:
        parent = await intake.store.get(submission.parent_id)
        if parent is None or (parent.team, parent.channel) != (team, submission.channel):
            return {INSTRUCTION: answers.edit_gone()}
        thread_ts, video = parent.thread_ts, parent.result_file or parent.video
        if parent.result_file is None and not images:
            images = parent.images  # they belong to the source, and a form cannot be prefilled with files
    if video is None:
        return {INSTRUCTION: answers.edit_gone()}
    wish = Wish(
        instruction=submission.instruction,
        parameters=submission.parameters,
        negative_prompt=submission.negative_prompt,
        video=video,
        images=images,
        parent_id=parent.edit_id if parent else None,
    )
    # A direct message of any kind becomes ours with this person: nobody else's could be told apart from it.
    channel = user if submission.chosen and submission.channel.startswith("D") else submission.channel
    place = Place(team, user, channel, thread_ts, channel_chosen=submission.chosen)
    await intake.accept(place, wish, request_ts=message.ts if message else None, claim=f"view:{view['id']}")
    return None
