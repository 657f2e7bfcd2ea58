"""Every way in and every button, each over Socket Mode and over signed HTTP, through the local workspace."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import get_args

import pytest
import pytest_asyncio

from bot import command
from bot.edit import State
from bot.manifest import load
from bot.messages.blocks import Message
from bot.messages.result import result
from bot.messages.words import MORE
from bot.sandbox.person import Person
from bot.sandbox.state import BOB, Member
from tests.attempts import NOWHERE, WAYS, answer_of
from tests.blocks import elements
from tests.bots import EDIT_S, VIDEO_CHANNEL, Stage, Transport, stage
from tests.payloads import payloads
from tests.presses import PRESSES
from tests.scenes import Scene, scene, status_of

beside_the_bot = pytest.mark.asyncio(loop_scope="module")

GUEST = Member("U0GUEST01", "guest", "Gil Guest", team_id="T0OTHER01")
CAROL = Member("U0CAROL01", "carol", "Carol Cheng")
# Not ways in: they are tried in `tests/test_forgetting.py`.
GOODBYES = {"app_uninstalled", "tokens_revoked"}
TRIED = PRESSES | WAYS


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=get_args(Transport))
async def on(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    folder, admins = tmp_path_factory.mktemp("bot"), frozenset({BOB})
    async with stage("memory", folder, transport=request.param, admins=admins, edits_per_person=1000) as on:
        on.wan.faults.add("create", status=429, times=1_000_000)  # what could be tried is: nothing is made
        for person in (GUEST, CAROL):
            on.slack.state.add_person(person, channels=[VIDEO_CHANNEL])
        yield on


@beside_the_bot
@pytest.mark.parametrize("name", TRIED)
async def test_each_arrives_and_does_its_own_thing(name: str, on: Stage, tmp_path: Path) -> None:
    await TRIED[name](await scene(on, tmp_path))


def buttons_and_forms() -> Iterator[str]:
    """Name everything in our messages and forms that Slack tells us of when it is used."""
    for payload in payloads("make it snow"):
        if not isinstance(payload, Message) and payload["type"] == "modal":
            yield f"view {payload['callback_id']}"
        for block in payload.blocks if isinstance(payload, Message) else payload["blocks"]:
            silent = block["type"] == "input" and not block.get("dispatch_action")
            for element in elements(block):
                if element.get("action_id") == MORE:
                    yield from (f"{MORE} {option['value'].partition(' ')[0]}" for option in element["options"])
                elif "action_id" in element and not silent:
                    yield re.sub("_[0-9]$", "_n", re.sub(r"\.[0-9]$", "", element["action_id"]))


def ways_in() -> Iterator[str]:
    """Name what the manifest tells Slack to send, and each word of the command."""
    manifest = load()
    yield from (f"shortcut {shortcut['callback_id']}" for shortcut in manifest["features"]["shortcuts"])
    yield from (f"/edit-video {kind.__name__}" for kind in get_args(command.Slash))
    events = manifest["settings"]["event_subscriptions"]["bot_events"]
    yield from (f"event {event.partition('.')[0]}" for event in events if event not in GOODBYES)


def test_no_button_and_no_way_in_is_left_out() -> None:
    named = set(buttons_and_forms()) | set(ways_in())
    assert len(named) > 30
    assert named <= {*TRIED, *(" ".join(name.split()[:2]) for name in TRIED)}
    assert not PRESSES.keys() & WAYS.keys()


# -- refusals ----------------------------------------------------------------------------------------------------------


async def refuse_message(scene: Scene, guest: Person) -> None:
    await guest.post(VIDEO_CHANNEL, "@video-editor make it snow", thread_ts=scene.ts)


async def refuse_button(scene: Scene, guest: Person) -> None:
    await scene.press(result(await scene.edit()), "retry", by=guest)


async def refuse_reaction(scene: Scene, guest: Person) -> None:
    shown = await scene.show(Message("Done", []))
    await scene.edit(status_ts=shown)
    await guest.react(VIDEO_CHANNEL, shown, "repeat")


async def refuse_shortcut(scene: Scene, guest: Person) -> None:
    reply = await scene.on.alice.post(VIDEO_CHANNEL, "look", files=[scene.clip], thread_ts=scene.ts)
    await guest.shortcut("edit_this_video", VIDEO_CHANNEL, reply)


@beside_the_bot
@pytest.mark.parametrize("attempt", [refuse_message, refuse_button, refuse_reaction, refuse_shortcut])
async def test_whoever_may_not_is_refused_politely_and_privately(
    attempt: Callable[[Scene, Person], Awaitable[None]], on: Stage, tmp_path: Path
) -> None:
    guest, own = Person(on.slack.origin, GUEST.id), await scene(on, tmp_path)
    before = len(await on.store.by_person(on.slack.team_id, GUEST.id))
    await attempt(own, guest)
    assert "members of this workspace" in (await own.told("Sorry", to=guest))["text"]
    assert len(await on.store.by_person(on.slack.team_id, GUEST.id)) == before
    assert await guest.views() == []


@beside_the_bot
async def test_whoever_may_not_is_told_so_by_the_command_and_on_home_too_but_may_have_their_data_deleted(
    on: Stage, tmp_path: Path
) -> None:
    own, guest = await scene(on, tmp_path), Person(on.slack.origin, GUEST.id)
    for text in ("", "status", f"{NOWHERE} make it snow", f"delete my data yes {NOWHERE} make it snow"):
        assert "members of this workspace" in await answer_of(own, text, by=guest)
    assert "delete my data yes" in await answer_of(own, "delete my data", by=guest)
    await guest.open_home()
    home = await guest.wait_for_home()
    assert "members of this workspace" in str(home["blocks"])
    assert {block["type"] for block in home["blocks"]} == {"header", "section"}
    await guest.shortcut("edit_a_video")
    (direct,) = [channel["id"] for channel in (await guest.state())["channels"] if channel["is_im"]]
    await guest.wait_for(direct, lambda message: "members of this workspace" in message["text"], EDIT_S)
    assert await guest.views() == []


@beside_the_bot
async def test_only_the_requester_may_delete_and_cancel(on: Stage, tmp_path: Path) -> None:
    own, carol = await scene(on, tmp_path), Person(on.slack.origin, CAROL.id)
    done, waiting = await own.edit(), await own.edit(State.WAITING)
    await own.press(result(done), MORE, f"remove {done.edit_id}", by=carol)
    await own.told("can delete its video", to=carol)
    await own.press(status_of(waiting), "cancel", by=carol)
    await own.told("can cancel it", to=carol)
    assert await carol.views() == []
