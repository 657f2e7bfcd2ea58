"""Every payload of blocks that the bot can send, made of edits in every state: for tests that look at all of them."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations_with_replacement
from typing import Any

from bot.again import variations_of
from bot.budget import Tariff
from bot.edit import Charge, Edit, Errand, Failure, Permalink, Poster, Reason, SlackFile, State
from bot.messages import status as single
from bot.messages import variations
from bot.messages.approval import approval_buttons
from bot.messages.blocks import Message, with_buttons
from bot.messages.comparison import comparison
from bot.messages.home import closed_home, home
from bot.messages.mistake import Mistyped, form_button
from bot.messages.modal import PRICE, RESOLUTION, STYLE, edit_modal
from bot.messages.modal_change import changed_modal
from bot.messages.removal import removal_modal
from bot.messages.result import result, root
from bot.messages.style_choice import choices
from bot.messages.welcome import welcome
from bot.messages.words import buttons
from bot.profile import Profile
from bot.rights import Refusal
from bot.text import escape
from client.models import Parameters, Usage
from tests.edits import NOW, edit_in

USAGE = Usage(billed_s=10.04, input_s=5.02, output_s=5.02)
BEIJING = Tariff("cn-beijing")
PEOPLE = Profile(team="T1", user="U1", direct="D1")
CHARGE = Charge(seconds=20, channel="C1")


def payloads(words: str) -> Iterator[Message | dict[str, Any]]:
    """Make every message and every view for an edit with this instruction."""
    edits = list(edits_of(words))
    for edit in edits:
        yield single.status(edit, now=NOW, place=2, waiting=3)
        yield result(edit)
        yield root(edit)
        yield comparison(edit)
        yield removal_modal(edit)
        yield edit_modal(channel=edit.channel, parent=edit, tariff=BEIJING)
        yield Message("failed", list(with_buttons("text", buttons(edit))) or single_block("text"))
        yield Message("approval", list(with_buttons("text", approval_buttons(edit))))
    yield welcome()
    mistyped = form_button(Mistyped(channel="C1", words=words))
    yield Message("mistyped", list(with_buttons(escape(words[:1000]), [mistyped])))
    yield from sets(words)
    yield from forms(words)
    for some in ([], edits[:1], edits * 2):
        for only_in in ((), ("C1", "C2"), ("D2",)):
            yield home(
                PEOPLE, some, places={"e1": 2}, workspace_url="https://acme.slack.com/", budget="today 3 s",
                only_in=only_in,
            )  # fmt: skip
    for why in Refusal:
        yield closed_home(why, has_edits=True)


def single_block(text: str) -> list[dict[str, Any]]:
    return [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]


def edits_of(words: str) -> Iterator[Edit]:
    """Make an edit in each state, with everything that changes what is said of it, one at a time."""
    common: dict[str, Any] = {"instruction": words, "source_s": 5.02, "fitted": ("turned upright",), "charge": CHARGE}
    unusual: tuple[dict[str, Any], ...] = (
        {}, {"cancel_requested_by": "U2"}, {"cancel_too_late": True}, {"not_before": NOW}, {"link_sent": True},
        {"usage": USAGE, "upload_id": "F9", "result_ts": "1.5", "finished_at": NOW, "variation": 2, "variations": 3},
        {"parameters": Parameters(seed=7, ratio="9:16", audio_setting="origin", prompt_extend=False, duration_s=5)},
        {"upload_id": "F9", "result_ts": "1.5", "poster": Poster(file_id="F012345678", ready=True)},
        {"chained": True, "upload_id": "F9", "comparison": Errand(by="U2")}, {"removal": Errand(by="U2", over=True)},
        {"images": (SlackFile(file_id="F1"),), "negative_prompt": words[:500], "submitted_at": NOW},
        {"faults": ("It is black.",), "fitted": (words[:300],) * 5, "video_url": "oss://clip"},
    )  # fmt: skip
    for state in State:
        for fields in unusual:
            yield edit_in(state, **common | fields)
    for reason in Reason:
        for video_url in (None, "oss://clip"):
            why = Failure(reason=reason, message=words, code="Some.Code", request_id="r-1", billed="maybe")
            yield edit_in(State.FAILED, **common, failure=why, video_url=video_url)
    yield edit_in(State.FAILED, **common, failure=Failure(reason=Reason.INPUT, message=words, remedy="slow_down"))


def sets(words: str) -> Iterator[Message]:
    """Make the status message of variations, in every mixture of two ends, or of other states, and of four alike."""
    standings: list[dict[str, Any]] = [{"state": state} for state in State if state is not State.FAILED]
    standings += [{"state": State.FAILED, "failure": Failure(reason=reason, message=words)} for reason in Reason]
    first = edit_in(State.RECEIVED, instruction=words, variations=2, charge=CHARGE)
    for several in (*combinations_with_replacement(standings, 2), *((standing,) * 4 for standing in standings)):
        made = variations_of(first.model_copy(update={"variations": len(several)}), first_seed=7)
        members = [member.model_copy(update=standing) for member, standing in zip(made, several, strict=True)]
        yield variations.status(members, now=NOW + timedelta(minutes=3), places={"e1": 1, "e1-2": 2})


def forms(words: str) -> Iterator[dict[str, Any]]:
    """Make the form for each way in, and what each kind of edit makes of it."""
    message = Permalink(channel="C1", ts="1.0")
    for tariff in (BEIJING, Tariff(None)):
        yield edit_modal(channel=None, direct="D1", tariff=tariff)
        yield edit_modal(channel="C1", message=message, instruction=words, images=["F1"], tariff=tariff)
        options = f'--1080p --ratio 9:16 --seed 42 --variations 4 --negative "{words[:500]}"'
        yield edit_modal(channel="C1", message=message, instruction=f"{options} {words[:1000]}", tariff=tariff)
    form = edit_modal(channel="C1", link="https://example.com/clip.mp4", tariff=BEIJING)
    for style in choices():
        values = {STYLE: style, RESOLUTION: "1080P"}
        state = {"values": {name: {name: {"selected_option": {"value": value}}} for name, value in values.items()}}
        changed = changed_modal({**form, "state": state}, tariff=BEIJING)
        assert changed is not None
        assert any(block.get("block_id") == PRICE for block in changed["blocks"])
        yield changed
