"""The modal: what changes in it while it is filled in, and its submission: one Edit, or errors at their fields."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.again import pictures_of
from bot.budget import Tariff
from bot.chain import is_chained
from bot.edit import Medium
from bot.listeners.gate import Gate
from bot.listeners.intake import Intake, NotTakenError, Place, Wish
from bot.messages import answers
from bot.messages.form import instruction_id
from bot.messages.modal import CHANNEL
from bot.messages.modal_change import changed_modal
from bot.messages.submission import Submission, read_submission

VIEWS_REMEMBERED = 200
GONE = frozenset({"hash_conflict", "not_found"})  # docs.slack.dev/reference/methods/views.update#errors


class ModalChanges:
    """Keeps open modals in step with what is chosen in them.

    Two choices in a row are two payloads of one view, and whichever answer comes second meets a hash that is no longer
    the view's. The newer choice is then shown all the same, because its payload holds the older one too.
    """

    def __init__(self, tariff: Tariff) -> None:
        self._tariff = tariff
        self._newest: OrderedDict[str, float] = OrderedDict()  # the time of each view's last choice

    async def __call__(self, body: Mapping[str, Any], client: AsyncWebClient) -> None:
        """Show what follows from a choice; nothing happens where the modal is closed meanwhile."""
        view, chosen_at = body["view"], float(body["actions"][0]["action_ts"])
        if not self._is_newest(str(view["id"]), chosen_at):
            return
        changed = changed_modal(view, tariff=self._tariff)
        if changed is None:
            return
        try:
            await client.views_update(view_id=view["id"], hash=view["hash"], view=changed)
        except SlackApiError as exc:
            if exc.response["error"] not in GONE:
                raise
            if exc.response["error"] == "hash_conflict" and self._is_newest(str(view["id"]), chosen_at):
                await client.views_update(view_id=view["id"], view=changed)

    def _is_newest(self, view_id: str, chosen_at: float) -> bool:
        newest = max(self._newest.pop(view_id, 0.0), chosen_at)
        self._newest[view_id] = newest
        if len(self._newest) > VIEWS_REMEMBERED:
            self._newest.popitem(last=False)
        return newest == chosen_at


async def on_submission(body: Mapping[str, Any], intake: Intake, gate: Gate) -> dict[str, str] | None:
    """Save the Edit and return None, or return what is wrong, by the id of the field's block.

    The claim is the view, so a double click is one edit. What the view carries about a parent is checked like any id
    that a client sends.
    """
    view = body["view"]
    submission = read_submission(view, trusted_origins=intake.settings.trusted_origins)
    if not isinstance(submission, Submission):
        return dict(submission.errors)
    team, user = str((body.get("team") or {}).get("id")), str(body["user"]["id"])
    if refusal := await gate.enter(team, user, submission.channel):
        return {CHANNEL if submission.chosen else instruction_id(view): refusal}
    message = submission.message
    thread_ts, parent = (message.thread_ts or message.ts) if message else None, None
    video: Medium | None = submission.video
    images: tuple[Medium, ...] = submission.images
    if submission.parent_id is not None:
        parent = await intake.store.get(submission.parent_id)
        if parent is None or (parent.team, parent.channel) != (team, submission.channel):
            return {instruction_id(view): answers.edit_gone()}
        thread_ts, video = parent.thread_ts, parent.result_file or parent.video
        if parent.result_file is None and not images:
            images = pictures_of(parent)  # they belong to the source, and a form cannot be prefilled with files
    if video is None:
        return {instruction_id(view): answers.edit_gone()}
    wish = Wish(
        instruction=submission.instruction,
        parameters=submission.parameters,
        negative_prompt=submission.negative_prompt,
        video=video,
        images=images,
        parent_id=parent.edit_id if parent else None,
        chained=is_chained(video, parent),
        part=submission.part,
        variations=submission.variations,
    )
    # A direct message of any kind becomes ours with this person: nobody else's could be told apart from it.
    channel = user if submission.chosen and submission.channel.startswith("D") else submission.channel
    place = Place(team, user, channel, thread_ts, channel_chosen=submission.chosen)
    try:
        await intake.take(place, wish, request_ts=message.ts if message else None, claim=f"view:{view['id']}")
    except NotTakenError as exc:
        return {instruction_id(view): str(exc)}  # the form stays, with all that was typed
    return None
