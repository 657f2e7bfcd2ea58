"""Messages: a video posted with an instruction, or a reply in the thread of an edit.

We do not subscribe to `app_mention`, which would deliver every mention twice: a mention is seen in the text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot import refining
from bot.attachments import Attachments, addressed, check_attachments, classify_files
from bot.chain import is_chained
from bot.command import Command, EditLink, Help, UsageError, parse, parse_slash
from bot.edit import Edit, Medium, Permalink, SlackFile
from bot.listeners.gate import Gate
from bot.listeners.intake import Intake, Place, Wish
from bot.messages import answers
from bot.messages.blocks import Block
from bot.messages.help import help_text
from bot.messages.mistake import form_button, mistyped
from bot.text import Typed, read_text

# `thread_broadcast` is a reply that is "also sent to #channel", which no other event tells of:
# docs.slack.dev/reference/events/message/thread_broadcast. Every other subtype is an echo, Slack's or another bot.
HEARD = frozenset({None, "file_share", "thread_broadcast"})


async def on_message(
    event: Mapping[str, Any], intake: Intake, gate: Gate, *, team: str, bot_user_id: str
) -> None:
    """Save the edit that a message asks for, or the private answer that says what is wrong with it.

    The claim is the message itself, so a redelivered event, or a second replica, changes nothing.
    """
    if event.get("subtype") not in HEARD or event.get("bot_id") or event.get("user") in {None, bot_user_id}:
        return
    ts, thread_ts = str(event["ts"]), event.get("thread_ts")
    place = Place(team, str(event["user"]), str(event["channel"]), thread_ts)
    typed = read_text(str(event.get("text") or ""), bot_user_id=bot_user_id)
    attachments = classify_files(event.get("files") or ())
    edits = await intake.store.in_thread(team, place.channel, thread_ts) if thread_ts else []
    direct = event.get("channel_type") == "im"
    if not addressed(typed, attachments, direct=direct, in_thread_of_edit=bool(edits)):
        return
    claim = f"message:{place.channel}:{ts}"
    if refusal := await gate.enter(team, place.user, place.channel, home_team=event.get("user_team")):
        await intake.answer(place, refusal, claim=claim)
        return
    base = None  # whose result a reply without a video changes
    if not attachments.videos:
        try:
            typed, base = refining.meant(typed, edits)
        except UsageError as exc:
            await intake.answer(place, str(exc), claim=claim)
            return
    form = _form(typed, attachments, base or refining.newest(edits) or next(iter(edits), None), place, ts)
    try:
        wish = _wish(typed, attachments, edits, base, place, intake)
    except UsageError as exc:
        await intake.answer(place, str(exc), claim=claim, buttons=[form])
        return
    if wish is None:
        settings = intake.settings
        text = help_text(
            retry_emoji=settings.retry_emoji,
            cancel_emoji=settings.cancel_emoji,
            fetch_limit_mb=settings.fetch_limit_mb,
        )
        await intake.answer(place, text, claim=claim)
        return
    await intake.accept(
        replace(place, thread_ts=thread_ts or ts), wish, request_ts=ts, claim=claim, otherwise=[form]
    )


def _form(typed: Typed, attachments: Attachments, parent: Edit | None, place: Place, ts: str) -> Block:
    """Offer the form with all that was typed and posted, and with the video that was meant, where there is one.

    It is that of the message itself, else of `parent`, else behind the link, else that of the thread's first message.
    """
    message = None
    if attachments.videos:  # of several nobody knows which
        own = Permalink(channel=place.channel, ts=ts, thread_ts=place.thread_ts)
        message, parent = own if len(attachments.videos) == 1 else None, None
    elif parent is None and place.thread_ts and not typed.only_link:
        message = Permalink(channel=place.channel, ts=place.thread_ts)
    others = attachments.unknown if message or parent else ()  # else one of these may be the video
    pictures = attachments.in_order([*attachments.images, *others])
    parent_id = parent.edit_id if parent else None
    return form_button(
        mistyped(typed, channel=place.channel, message=message, parent_id=parent_id, images=pictures)
    )


def _wish(
    typed: Typed, attachments: Attachments, edits: Sequence[Edit], base: Edit | None, place: Place, intake: Intake
) -> Wish | None:
    """Say what is to be made of which video; None asks for help; raises UsageError with what the person reads."""
    linked = None
    if not edits and not attachments.has_media and not attachments.others:
        if typed.links:
            linked = parse_slash(typed, trusted_origins=intake.settings.trusted_origins)
        elif typed.text.strip().lower() in {"help", "?", "帮助", "？"}:
            return None
    match linked:
        case EditLink(command, video):
            return _of(command, video, ())
        case Help():
            return None
    found = _video_of_thread(edits, base, place) if not attachments.videos else None
    attached, images = check_attachments(attachments, needs_video=found is None)
    command = parse(typed)
    if found is not None:
        video, parent = found
        return _of(command, video, images, parent)
    assert attached is not None  # check_attachments raises where a needed video is missing
    return _of(command, attached, images)


def _video_of_thread(
    edits: Sequence[Edit], base: Edit | None, place: Place
) -> tuple[Medium, Edit | None] | None:
    """Return the video that a reply without one speaks of, and the edit that made it.

    It is the result of `base`; where every edit of the thread failed, it is what they began with. In any other thread
    it is the video of the thread's first message.
    """
    if base is not None and base.result_file:
        return base.result_file, base
    if any(not edit.state.terminal for edit in edits):
        raise UsageError(answers.nothing_to_refine())
    if edits:
        return edits[0].video, edits[0]
    if place.thread_ts:
        return Permalink(channel=place.channel, ts=place.thread_ts), None
    return None


def _of(command: Command, video: Medium, images: tuple[SlackFile, ...], parent: Edit | None = None) -> Wish:
    return Wish(
        instruction=command.instruction,
        parameters=command.parameters,
        negative_prompt=command.negative_prompt,
        video=video,
        images=images,
        parent_id=parent.edit_id if parent else None,
        chained=is_chained(video, parent),
        variations=command.variations,
        part=command.part,
    )
