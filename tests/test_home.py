"""App Home: one's edits, defaults and what to try, up to date while it is open; and the one welcome."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.models.views import View

from bot.edit import Edit, Errand, Failure, Reason, State
from bot.events import Canceled, Shown
from bot.messages.blocks import Message
from bot.messages.home import DEFAULT_AUDIO, DEFAULT_RATIO, DEFAULT_RESOLUTION, NEW_EDIT, home, home_face
from bot.messages.modal import CHANNEL, INSTRUCTION, KEEP_AUDIO, RESOLUTION
from bot.messages.suggestions import suggestions
from bot.messages.welcome import welcome
from bot.messages.words import CANCEL
from bot.people import People
from bot.profile import Defaults, Profile
from bot.sandbox.person import Person
from bot.sandbox.state import ALICE as ALICE_ID
from bot.sandbox.state import BOB, EDITORS
from bot.steps.homes import Homes
from client.models import Parameters
from tests.blocks import check_limits, elements, whole
from tests.bots import DIRECT, EDIT_S, VIDEO_CHANNEL, Stage, idle_bot, small_clip, stage
from tests.edits import NOW, edit_in
from tests.stores import BACKENDS, new_edit, open_store

ALICE = Profile(team="T1", user="U1", direct="D1")
SLACK = "https://acme.slack.com/"


def home_of(edits: Sequence[Edit] = (), profile: Profile = ALICE, **more: Any) -> dict[str, Any]:
    return home(profile, edits, **({"places": {}, "workspace_url": SLACK} | more))


def written(view: dict[str, Any]) -> str:
    return whole(Message("", view["blocks"]))


# -- how it looks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 60])
def test_slack_takes_the_home_whatever_stands_in_it(count: int) -> None:
    long = {"instruction": "<!channel> & " + "x" * 4000, "result_ts": "1767323045.000100", "upload_id": "F9"}
    edits = [edit_in(state, edit_id=f"e{i}{state}", **long) for i in range(count) for state in State]
    view = home_of(edits, budget="x" * 5000)
    View(**view).to_dict()
    for block in view["blocks"]:  # ids of elements differ within their block; the same button may stand in many
        check_limits(Message("home", [block]))
    assert len(view["blocks"]) <= 100
    assert "<!channel>" not in written(view)


def test_what_is_under_way_stands_with_its_place_and_a_cancel() -> None:
    waiting, running = edit_in(State.WAITING, edit_id="e1"), edit_in(State.RUNNING, edit_id="e2")
    view = home_of([waiting, running], places={"e1": 3})
    assert "*Waiting for a free place* – place 3" in written(view)
    cancels = [part for part in elements(view["blocks"]) if part.get("action_id") == CANCEL]
    assert [(button["value"], "confirm" in button) for button in cancels] == [("e1", True)]


def test_a_cancel_that_was_asked_for_is_not_offered_again() -> None:
    view = home_of([edit_in(State.WAITING, cancel_requested_by="U1")])
    assert "Canceling" in written(view)
    assert CANCEL not in {part.get("action_id") for part in elements(view["blocks"])}


def test_variations_are_told_apart_and_canceled_together() -> None:
    first = edit_in(State.RUNNING, variations=3)
    others = [edit_in(State.WAITING, edit_id=f"e1-{n}", variation=n, variations=3) for n in (2, 3)]
    view = home_of([first, *others])
    assert "2 of 3" in written(view)
    cancels = [part["value"] for part in elements(view["blocks"]) if part.get("action_id") == CANCEL]
    assert cancels == ["e1-2"]


def test_an_ended_edit_leads_to_its_video_and_one_without_to_its_thread() -> None:
    done = edit_in(State.DONE, thread_ts="1700000000.000100", result_ts="1700000001.000200", upload_id="F9")
    assert (
        f"<{SLACK}archives/C1/p1700000001000200?thread_ts=1700000000.000100&amp;cid=C1|Show the video>"
        in written(home_of([done]))
    )
    failed = edit_in(State.FAILED, thread_ts="1700000000.000100")
    assert f"<{SLACK}archives/C1/p1700000000000100|Show the thread>" in written(home_of([failed]))


def test_an_ended_edit_says_what_became_of_it() -> None:
    why = Failure(reason=Reason.INPUT, message="It is <too> short.\nReally.")
    said = written(home_of([edit_in(State.FAILED, failure=why), edit_in(State.DONE, removal=Errand(by="U1"))]))
    assert "*failed*" in said
    assert "It is &lt;too&gt; short. Really." in said
    assert "*the video was deleted*" in said


@pytest.mark.parametrize(
    ("only_in", "said", "suggested"),
    [
        ((), "in a channel where I am, or here under *Messages*", "D1"),
        (("C1",), "in <#C1>: I am not", "C1"),
        (("C2", "C1"), "in <#C1>, <#C2>: I am not", ""),
        (("C1", "D1"), "in <#C1>, here under *Messages*: I am not", "D1"),
        (("D2",), "I am not set up for this conversation", "D2"),
    ],
)
def test_home_says_where_the_bot_may_be_used_and_the_form_suggests_it(
    only_in: Sequence[str], said: str, suggested: str
) -> None:
    view = home_of(only_in=only_in)
    assert said in written(view)
    assert view["private_metadata"] == suggested


def test_the_defaults_that_were_chosen_are_shown() -> None:
    chosen = Defaults(resolution="1080P", ratio="9:16", audio_setting="origin")
    view = home_of(profile=ALICE.model_copy(update={"defaults": chosen}))
    shown = {part["action_id"]: part for part in elements(view["blocks"]) if "action_id" in part}
    assert shown[DEFAULT_RESOLUTION]["initial_option"]["value"] == "1080P"
    assert shown[DEFAULT_RATIO]["initial_option"]["value"] == "9:16"
    assert [option["value"] for option in shown[DEFAULT_AUDIO]["initial_options"]] == [KEEP_AUDIO]


def test_every_change_that_one_sees_changes_the_face() -> None:
    edit = edit_in(State.WAITING)
    seen = [
        home_face(ALICE, [], {}),
        home_face(ALICE.model_copy(update={"version": 1}), [], {}),
        home_face(ALICE, [edit], {"e1": 1}),
        home_face(ALICE, [edit], {"e1": 2}),
        home_face(ALICE, [edit_in(State.RUNNING)], {}),
        home_face(ALICE, [edit_in(State.RUNNING, cancel_requested_by="U1")], {}),
    ]
    assert len(set(seen)) == len(seen)


def test_slack_takes_the_welcome() -> None:
    check_limits(welcome())


# -- defaults ----------------------------------------------------------------------------------------------------------


def test_a_default_holds_where_nothing_is_given_and_never_against_what_is() -> None:
    chosen = Defaults(resolution="1080P", ratio="9:16")
    assert chosen.completing(Parameters(seed=7)) == Parameters(resolution="1080P", ratio="9:16", seed=7)
    assert chosen.completing(Parameters(resolution="720P")).resolution == "720P"
    kept = Parameters.model_validate_json(Parameters().model_dump_json())  # an edit's, as a retry begins with
    assert chosen.completing(kept) == Parameters()


@pytest.mark.parametrize("backend", BACKENDS)
async def test_a_profile_is_kept_until_nobody_has_seen_the_person_for_long(backend: str, tmp_path: Path) -> None:
    async with open_store(backend, tmp_path) as store:
        profiles = store.profiles
        assert await profiles.get("T1", "U1") == Profile(team="T1", user="U1")
        first = await profiles.update("T1", "U1", lambda _: {"seen_at": NOW, "home_opened_at": NOW})
        await profiles.update("T1", "U2", lambda _: {"seen_at": NOW + timedelta(hours=1), "welcome": "due"})
        assert [profile.user for profile in await profiles.attended()] == ["U2", "U1"]
        assert await profiles.change(first, home_opened_at=None) is not None
        assert await profiles.change(first, defaults=Defaults(ratio="1:1")) is None  # an outdated copy
        assert [profile.user for profile in await profiles.attended()] == ["U2"]
        assert await profiles.forget(NOW) == 1
        assert (await profiles.get("T1", "U1")).seen_at is None
        assert (await profiles.get("T1", "U2")).welcome == "due"


async def test_two_choices_at_once_are_both_kept(tmp_path: Path) -> None:
    async with open_store("memory", tmp_path) as store:
        def choosing(field: str, value: str) -> Callable[[Profile], dict[str, Any]]:
            return lambda profile: {"defaults": profile.defaults.model_copy(update={field: value})}

        await asyncio.gather(
            store.profiles.update("T1", "U1", choosing("ratio", "9:16")),
            store.profiles.update("T1", "U1", choosing("resolution", "1080P")),
        )
        assert (await store.profiles.get("T1", "U1")).defaults == Defaults(resolution="1080P", ratio="9:16")


# -- in Slack ----------------------------------------------------------------------------------------------------------


async def home_with(on: Stage, wanted: Callable[[str], bool]) -> dict[str, Any]:
    """Return Alice's home as soon as it says what is wanted."""
    async with asyncio.timeout(EDIT_S):
        while True:
            view = await on.alice.wait_for_home()
            if wanted(written(view)):
                return view
            await asyncio.sleep(0.05)


async def test_an_edit_appears_on_the_open_home_is_canceled_there_and_stands_among_the_last(tmp_path: Path) -> None:
    clip = small_clip(tmp_path)
    async with stage("memory", tmp_path) as on:
        on.wan.faults.add("create", status=429, times=1000)  # as full as Wan gets
        await on.alice.open_home()
        await home_with(on, lambda said: "None yet" in said and "*You*: today 0 s" in said)
        await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style", files=[clip])
        view = await home_with(on, lambda said: "Waiting for a free place" in said)
        (row,) = [b["block_id"] for b in view["blocks"] if b.get("accessory", {}).get("action_id") == CANCEL]
        await on.alice.click_in_view(view["id"], CANCEL, block_id=row)
        view = await home_with(on, lambda said: "canceled" in said)
        assert "Under way" not in written(view)
        assert (await on.bob.state())["home"] is None
        assert not [message for message in await on.alice.history(DIRECT) if "bot_id" in message]


async def test_whoever_may_not_use_the_bot_reads_why_on_home_and_sees_it_anew_once_slack_says_more(
    tmp_path: Path,
) -> None:
    async with idle_bot("memory", tmp_path) as (bot, slack):
        settings = bot.parts.settings.model_copy(update={"allowed_groups": frozenset({EDITORS})})
        parts = replace(bot.parts, settings=settings)
        slack.faults.errors = {"usergroups.users.list": "missing_scope"}
        now = datetime.now(UTC)
        for user in (ALICE_ID, BOB):
            await parts.store.profiles.update(slack.team_id, user, lambda _: {"home_opened_at": now, "seen_at": now})
        edit = new_edit(team=slack.team_id, user=BOB, state=State.DONE, shown="DONE")
        assert await parts.store.create(edit, "claim") is None
        homes = Homes(parts)
        for _ in range(2):  # one home a pass
            await homes()
        assert "does not tell me" in written(await Person(slack.origin, ALICE_ID).wait_for_home())
        slack.faults.errors = {}
        homes = Homes(replace(parts, people=People(parts.slack)))  # as when what it remembers is forgotten
        for _ in range(2):
            await homes()
        said = [written(await Person(slack.origin, user).wait_for_home()) for user in (ALICE_ID, BOB)]
        assert "Your defaults" in said[0]
        assert "only some user groups" in said[1]
        assert "delete my data" in said[1]
        assert edit.instruction not in said[1]


async def test_an_edit_that_passes_between_two_publications_stands_among_the_last(tmp_path: Path) -> None:
    async with idle_bot("memory", tmp_path) as (bot, slack):
        homes, store, now = Homes(bot.parts), bot.parts.store, datetime.now(UTC)
        await store.profiles.update(slack.team_id, ALICE_ID, lambda _: {"home_opened_at": now, "seen_at": now})
        await homes()
        edit = new_edit(team=slack.team_id, user=ALICE_ID, created_at=now)
        assert await store.create(edit, "claim") is None
        await homes()  # too soon for another publication
        await store.move(edit.edit_id, Canceled(), now)
        await store.move(edit.edit_id, Shown(face="CANCELED"), now)
        alice = Person(slack.origin, ALICE_ID)
        async with asyncio.timeout(EDIT_S):
            while "canceled" not in written(await alice.wait_for_home()):
                await homes()


async def test_a_home_that_slack_did_not_take_is_published_again(tmp_path: Path) -> None:
    async with idle_bot("memory", tmp_path) as (bot, slack):
        slack.faults.rate_limits["views.publish"] = 1
        homes, now = Homes(bot.parts), datetime.now(UTC)
        await bot.parts.store.profiles.update(slack.team_id, ALICE_ID, lambda _: {"home_opened_at": now})
        async with asyncio.timeout(EDIT_S):
            while slack.team.views.home(ALICE_ID) is None:
                await homes()
                await asyncio.sleep(0.1)
        assert [method for method, _ in slack.calls].count("views.publish") == 2


async def test_a_default_chosen_on_home_holds_for_messages_and_forms(tmp_path: Path) -> None:
    too_short = small_clip(tmp_path, seconds=1.0)
    async with stage("memory", tmp_path) as on:
        await on.alice.open_home()
        view = await on.alice.wait_for_home()
        await on.alice.click_in_view(view["id"], DEFAULT_RESOLUTION, "1080P")
        await on.alice.click_in_view(view["id"], DEFAULT_AUDIO, f'["{KEEP_AUDIO}"]')
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor 8-bit pixel style", files=[too_short])
        await on.alice.wait_for(VIDEO_CHANNEL, lambda message: message.get("thread_ts") == ts, EDIT_S)
        (edit,) = await on.store.in_thread(on.slack.team_id, VIDEO_CHANNEL, ts)
        assert (edit.parameters.resolution, edit.parameters.audio_setting) == ("1080P", "origin")
        await on.alice.click_in_view(view["id"], NEW_EDIT)
        form = await on.alice.wait_for_view()
        fields = {block["block_id"]: block.get("element", {}) for block in form["blocks"]}
        assert fields[RESOLUTION]["initial_option"]["value"] == "1080P"
        assert fields[CHANNEL]["initial_conversation"] == DIRECT


async def test_whoever_opens_the_messages_first_is_welcomed_once_and_a_suggestion_opens_the_form(
    tmp_path: Path,
) -> None:
    async with stage("memory", tmp_path) as on:
        for _ in range(2):
            await on.alice.open_home("messages")
            greeting = await on.alice.wait_for(DIRECT, lambda message: "Hello!" in message["text"], EDIT_S)
        await on.alice.click(DIRECT, greeting["ts"], "suggest.winter")
        form = await on.alice.wait_for_view()
        fields = {block["block_id"]: block.get("element", {}) for block in form["blocks"]}
        assert fields[INSTRUCTION]["initial_value"] == suggestions()["winter"][1]
        assert CHANNEL not in fields
        assert len([message for message in await on.alice.history(DIRECT) if "Hello!" in message["text"]]) == 1


async def test_whoever_may_not_use_the_bot_in_direct_messages_is_not_invited_to(tmp_path: Path) -> None:
    async with stage("memory", tmp_path, allowed_channels=frozenset({VIDEO_CHANNEL})) as on:
        await on.alice.open_home("messages")
        await on.alice.open_home()
        await on.alice.wait_for_home()
        assert (await on.store.profiles.get(on.slack.team_id, on.alice.user_id)).welcome == "not yet"
