"""Who may use the bot, where, and what everybody else is told: the decision, and every way in."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.edit import Edit, SlackFile, State
from bot.messages.modal import CHANNEL, INSTRUCTION, VIDEO_LINK
from bot.rights import Refusal, Rights, Visitor
from bot.sandbox.person import Person
from bot.sandbox.state import EDITORS, Member
from tests.bots import DIRECT, GENERAL_CHANNEL, VIDEO_CHANNEL, Stage, stage, whispered

GUEST = Member("U0GUEST01", "guest", "Gil Guest", team_id="T0OTHER01")
ALL = Rights()
SOME = Rights(admins=frozenset({"UADMIN"}), channels=frozenset({"C1"}), groups=frozenset({"S1", "S2"}))


@pytest.mark.parametrize(
    ("rights", "visitor", "refusal"),
    [
        (ALL, Visitor("U1", "C1"), None),
        (ALL, Visitor("U1", "C1", is_external=True), Refusal.EXTERNAL),
        (ALL, Visitor("U1", "C1", is_external=None), None),
        (Rights(external=True), Visitor("U1", "C1", is_external=True), None),
        (Rights(admins=frozenset({"U1"})), Visitor("U1", "C1", is_external=True), None),
        (SOME, Visitor("U1", "C1", groups=frozenset({"S2"})), None),
        (SOME, Visitor("U1", None, groups=frozenset({"S2"})), None),
        (SOME, Visitor("U1", "C2", groups=frozenset({"S2"})), Refusal.CHANNEL),
        (SOME, Visitor("U1", "D1", groups=frozenset({"S2"})), Refusal.CHANNEL),
        (SOME, Visitor("U1", "C1", groups=frozenset({"S3"})), Refusal.GROUP),
        (SOME, Visitor("U1", "C1", groups=None), Refusal.UNSURE),
        (SOME, Visitor("U1", "C1", is_external=True, groups=frozenset({"S1"})), Refusal.EXTERNAL),
        (SOME, Visitor("UADMIN", "C9", groups=None), None),
    ],
)
def test_the_settings_say_who_may_use_the_bot_and_where(
    rights: Rights, visitor: Visitor, refusal: Refusal | None
) -> None:
    assert rights.refusal(visitor) is refusal


def test_the_requester_and_the_admins_may_end_an_edit() -> None:
    ending = [SOME.may_end(user, requester="U1") for user in ("U1", "UADMIN", "U2")]
    assert ending == [True, True, False]


async def test_people_of_other_organisations_are_refused_politely_in_every_way_in(tmp_path: Path) -> None:
    async with stage("memory", tmp_path) as on:
        on.slack.state.add_person(GUEST, channels=[VIDEO_CHANNEL])
        guest = Person(on.slack.origin, GUEST.id)
        await guest.post(VIDEO_CHANNEL, "@video-editor make it snow")
        assert "members of this workspace" in await whispered(on, VIDEO_CHANNEL, "Sorry", to=guest)
        answer = await guest.command(VIDEO_CHANNEL)
        assert answer is not None
        assert "members of this workspace" in answer["text"]
        assert await guest.views() == []


async def test_a_chosen_user_group_holds_for_buttons_reactions_and_shortcuts_too(tmp_path: Path) -> None:
    async with stage("memory", tmp_path, allowed_groups=frozenset({EDITORS})) as on:
        ts = await on.bob.post(VIDEO_CHANNEL, "look")
        edit = await _canceled(on, ts)
        await on.bob.react(VIDEO_CHANNEL, ts, "repeat")
        await whispered(on, VIDEO_CHANNEL, "only some user groups", to=on.bob)
        await on.bob.shortcut("edit_this_video", VIDEO_CHANNEL, ts)
        await on.bob.shortcut("edit_a_video")
        direct = "D0BOB0001"
        await on.bob.wait_for(direct, lambda message: "only some user groups" in message["text"])
        assert await on.bob.views() == []
        assert await on.store.finished_retries(edit.edit_id, "vary") == 0
        assert len(await on.store.in_thread(on.slack.team_id, VIDEO_CHANNEL, ts)) == 1
        assert (await on.alice.command(VIDEO_CHANNEL, "status")) is not None  # she is in the group


async def test_a_form_for_a_conversation_that_is_not_allowed_says_so_at_the_field(tmp_path: Path) -> None:
    async with stage("memory", tmp_path, allowed_channels=frozenset({VIDEO_CHANNEL})) as on:
        await on.alice.command(VIDEO_CHANNEL)
        view = await on.alice.wait_for_view()
        assert (await on.alice.command(DIRECT, "status") or {})["text"].startswith("Sorry")
        await on.alice.close(view["id"])
        await on.alice.shortcut("edit_a_video")
        view = await on.alice.wait_for_view()
        state = {
            CHANNEL: {CHANNEL: GENERAL_CHANNEL},
            VIDEO_LINK: {VIDEO_LINK: "https://example.com/clip.mp4"},
            INSTRUCTION: {INSTRUCTION: "make it snow"},
        }
        answer = await on.alice.submit(view["id"], state)
        assert "not set up for this conversation" in answer["errors"][CHANNEL]
        assert await on.store.by_person(on.slack.team_id, on.alice.user_id) == []


async def _canceled(on: Stage, request_ts: str) -> Edit:
    """Keep an edit that was canceled, on a message of Bob's."""
    now = datetime.now(UTC)
    edit = Edit(
        edit_id="e0", created_at=now, entered_at=now, state=State.CANCELED, shown=State.CANCELED.value,
        team=on.slack.team_id, user=on.bob.user_id, channel=VIDEO_CHANNEL, thread_ts=request_ts, request_ts=request_ts,
        instruction="make it snow", video=SlackFile(file_id="F1"),
    )  # fmt: skip
    await on.store.create(edit, "test", most_open=10)
    return edit
