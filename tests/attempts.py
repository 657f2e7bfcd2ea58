"""How each way in is tried, in a scene of its own: what `tests/test_ways.py` does over both transports.

The buttons that stand with an edit are in `tests/presses.py`.
"""

import asyncio
import json
from functools import partial
from typing import Any

from bot import command
from bot.edit import Failure, Reason, State
from bot.messages import home, modal
from bot.messages.result import result
from bot.messages.suggestions import SUGGEST, suggestions
from bot.messages.welcome import welcome
from bot.sandbox.person import Person
from bot.sandbox.state import BOB, Member
from bot.text import unescape
from tests.bots import DIRECT, EDIT_S, VIDEO_CHANNEL
from tests.scenes import Attempts, Scene

NEWCOMER = Member("U0NEW0001", "newcomer", "Nia New")
NOWHERE = "https://127.0.0.1/clip.mp4"  # the guard fetches nothing from there
IN_DOUBT = Failure(reason=Reason.UNKNOWN_OUTCOME, message="who knows", billed="maybe")
WAYS = Attempts()


# -- messages and reactions --------------------------------------------------------------------------------------------


@WAYS.named("event message in a channel")
async def try_mention(scene: Scene) -> None:
    ts = await scene.on.alice.post(VIDEO_CHANNEL, "@video-editor rain falls", files=[scene.clip])
    await Scene(scene.on, ts, scene.clip).edits(lambda edit: edit.instruction == "rain falls")


@WAYS.named("event message in a direct message")
async def try_direct_message(scene: Scene) -> None:
    ts = await scene.on.alice.post(DIRECT, "rain falls", files=[scene.clip])
    await scene.on.alice.wait_for_reply(DIRECT, ts, lambda message: "did not work" in message["text"], EDIT_S)


@WAYS.named("event message in a thread")
async def try_reply(scene: Scene) -> None:
    edit = await scene.edit()
    await scene.on.alice.post(VIDEO_CHANNEL, "@video-editor at night", thread_ts=scene.ts)
    assert (await scene.child(edit)).video == edit.result_file


@WAYS.named("event message that names a variation")
async def try_reply_to_a_variation(scene: Scene) -> None:
    first = await scene.edit(variations=2, result_ts="1.1", shown="over")
    await scene.edit(edit_id=f"{first.edit_id}-2", variations=2, variation=2, result_ts="1.2")
    await scene.on.alice.post(VIDEO_CHANNEL, "@video-editor 3: at night", thread_ts=scene.ts)
    await scene.told("no finished video of variation 3")
    await scene.on.alice.post(VIDEO_CHANNEL, "@video-editor 1: at night", thread_ts=scene.ts)
    child = await scene.child(first)
    assert (child.video, child.instruction) == (first.result_file, "at night")


@WAYS.named("open_form")
async def try_open_form(scene: Scene) -> None:
    await scene.on.alice.post(VIDEO_CHANNEL, "@video-editor rain --sepia", thread_ts=scene.ts)
    answer = await scene.told("do not know the option")
    await scene.on.alice.click(VIDEO_CHANNEL, answer["ts"], "open_form")
    view = await scene.opened(words="rain --sepia")
    assert json.loads(view["private_metadata"])["message"]["ts"] == scene.ts


@WAYS.named("open_form with the link that a reply carries")
async def try_open_form_with_a_link(scene: Scene) -> None:
    await scene.on.alice.post(VIDEO_CHANNEL, f"@video-editor {NOWHERE} rain --sepia", thread_ts=scene.ts)
    answer = await scene.told("do not know the option")
    await scene.on.alice.click(VIDEO_CHANNEL, answer["ts"], "open_form")
    fields = {block["block_id"]: block.get("element", {}) for block in (await scene.opened())["blocks"]}
    assert fields[modal.VIDEO_LINK]["initial_value"] == NOWHERE


@WAYS.named("event reaction_added that retries")
async def try_retry_by_reaction(scene: Scene) -> None:
    edit = await scene.edit(request_ts=scene.ts)
    await scene.on.bob.react(VIDEO_CHANNEL, scene.ts, "repeat")
    assert (await scene.child(edit)).user == BOB


@WAYS.named("event reaction_added that cancels")
async def try_cancel_by_reaction(scene: Scene) -> None:
    edit = await scene.edit(State.WAITING, request_ts=scene.ts)
    await scene.on.alice.react(VIDEO_CHANNEL, scene.ts, "x")
    await scene.now(edit, lambda edit: edit.state is State.CANCELED)


# -- the slash command -------------------------------------------------------------------------------------------------


async def answer_of(scene: Scene, text: str, *, by: Person | None = None) -> str:
    """Use the command and return what it answers."""
    answer = await (by or scene.on.alice).command(VIDEO_CHANNEL, text)
    assert answer is not None
    return unescape(str(answer["text"]))


async def answers(scene: Scene, text: str, words: str) -> None:
    edit = await scene.edit(instruction="a command’s edit")
    assert words in await answer_of(scene, text.format(edit_id=edit.edit_id))


for _kind, _text, _words in (
    (command.Help, "help", "--720p"), (command.Status, "status", "a command’s edit"),
    (command.History, "history", "a command’s edit"), (command.Show, "show {edit_id}", "*Seed*"),
    (command.Budget, "budget", "today"), (command.Styles, "styles", "•"),
    (command.DeleteMyData, "delete my data", "delete my data yes"),
):  # fmt: skip
    WAYS[f"/edit-video {_kind.__name__}"] = partial(answers, text=_text, words=_words)


@WAYS.named("/edit-video Budget as a file")
async def try_the_file_of_the_budget(scene: Scene) -> None:
    assert "direct messages" in await answer_of(scene, "budget csv", by=scene.on.bob)


@WAYS.named("/edit-video Decide")
async def try_to_approve_by_command(scene: Scene) -> None:
    edit = await scene.edit(State.APPROVING)
    assert "goes on" in await answer_of(scene, f"approve {edit.edit_id}", by=scene.on.bob)


@WAYS.named("/edit-video Settle")
async def try_to_settle(scene: Scene) -> None:
    edit = await scene.edit(State.FAILED, failure=IN_DOUBT)
    assert "no budget" in await answer_of(scene, f"unbilled {edit.edit_id}", by=scene.on.bob)


@WAYS.named("/edit-video OpenModal")
async def try_the_command_alone(scene: Scene) -> None:
    await scene.on.alice.command(VIDEO_CHANNEL)
    await scene.opened(words=modal.VIDEO_LINK)


@WAYS.named("/edit-video EditLink")
async def try_a_link(scene: Scene) -> None:
    assert "Got it" in await answer_of(scene, f"{NOWHERE} rain falls")


@WAYS.named("open_form after a command")
async def try_open_form_after_a_command(scene: Scene) -> None:
    answer = await scene.on.alice.command(VIDEO_CHANNEL, f"{NOWHERE} rain --sepia")
    assert answer is not None
    assert "do not know the option" in answer["text"]
    await scene.on.alice.click(VIDEO_CHANNEL, answer["ts"], "open_form")
    fields = {block["block_id"]: block.get("element", {}) for block in (await scene.opened())["blocks"]}
    assert fields[modal.VIDEO_LINK]["initial_value"] == NOWHERE
    assert fields[modal.INSTRUCTION]["initial_value"] == "rain --sepia"


# -- shortcuts and the form --------------------------------------------------------------------------------------------


@WAYS.named("shortcut edit_this_video")
async def try_the_message_shortcut(scene: Scene) -> None:
    ts = await scene.on.bob.post(VIDEO_CHANNEL, "look", files=[scene.clip])
    await scene.on.alice.shortcut("edit_this_video", VIDEO_CHANNEL, ts)
    assert (await scene.opened())["title"]["text"] == "Edit this video"


@WAYS.named("shortcut edit_a_video")
async def try_the_global_shortcut(scene: Scene) -> None:
    await scene.on.alice.shortcut("edit_a_video")
    await scene.opened(words="conversations_select")


@WAYS.named(f"view {modal.CALLBACK_ID}")
async def try_to_send_the_form(scene: Scene) -> None:
    edit = await scene.edit()
    await scene.press(result(edit), "edit_again")
    view = await scene.on.alice.wait_for_view()
    empty = await scene.on.alice.submit(view["id"], {modal.INSTRUCTION: {modal.INSTRUCTION: ""}})
    assert empty["errors"]
    sent = await scene.on.alice.submit(view["id"], {modal.INSTRUCTION: {modal.INSTRUCTION: "at night"}})
    assert sent["closed"]
    assert (await scene.child(edit)).instruction == "at night"


async def choose(scene: Scene, field: str, value: str, shows: str) -> None:
    """Choose something in the form, which then shows what follows from all that is chosen in it."""
    await scene.on.alice.command(VIDEO_CHANNEL)
    view = await scene.on.alice.wait_for_view()
    assert shows not in str(view["blocks"])
    chosen_before = {modal.VARIATIONS: {modal.VARIATIONS: "2"}} if field == modal.RESOLUTION else {}
    await scene.on.alice.click_in_view(view["id"], field, value, state=chosen_before)
    await scene.opened(words=shows)


for _field, _value, _shows in (
    (modal.STYLE, "season", "instruction.1"), (modal.RESOLUTION, "1080P", "all 2 results"),
    (modal.INSTRUCTION, "rain --variations 2", "all 2 results"), (modal.PART, "3", "6 s will be billed"),
    (modal.VARIATIONS, "2", "all 2 results"),
):  # fmt: skip
    WAYS[_field] = partial(choose, field=_field, value=_value, shows=_shows)


# -- App Home and the suggestions --------------------------------------------------------------------------------------


async def home_of(scene: Scene) -> dict[str, Any]:
    await scene.on.alice.open_home()
    return await scene.on.alice.wait_for_home()


@WAYS.named("event app_home_opened on Home")
async def try_home(scene: Scene) -> None:
    assert "Your defaults" in str(await home_of(scene))


@WAYS.named("event app_home_opened on Messages")
async def try_the_messages_of_a_newcomer(scene: Scene) -> None:
    scene.on.slack.state.add_person(NEWCOMER, channels=[])
    newcomer = Person(scene.on.slack.origin, NEWCOMER.id)
    await newcomer.open_home("messages")
    (direct,) = [channel["id"] for channel in (await newcomer.state())["channels"] if channel["is_im"]]
    await newcomer.wait_for(direct, lambda message: "Hello!" in message["text"], EDIT_S)


@WAYS.named(home.NEW_EDIT)
async def try_a_new_edit_from_home(scene: Scene) -> None:
    await scene.on.alice.click_in_view((await home_of(scene))["id"], home.NEW_EDIT)
    await scene.opened(words="conversations_select")


async def keep_default(scene: Scene, action: str, value: str, field: str, kept: str) -> None:
    await scene.on.alice.click_in_view((await home_of(scene))["id"], action, value)
    profile = await scene.on.store.profiles.get(scene.on.slack.team_id, scene.on.alice.user_id)
    assert getattr(profile.defaults, field) == kept


for _action, _value, _field, _kept in (
    (home.DEFAULT_RESOLUTION, "1080P", "resolution", "1080P"), (home.DEFAULT_RATIO, "9:16", "ratio", "9:16"),
    (home.DEFAULT_AUDIO, f'["{modal.KEEP_AUDIO}"]', "audio_setting", "origin"),
):  # fmt: skip
    WAYS[_action] = partial(keep_default, action=_action, value=_value, field=_field, kept=_kept)


async def suggest(scene: Scene, name: str) -> None:
    await scene.press(welcome(), f"{SUGGEST}.{name}")
    await scene.opened(words=suggestions()[name][1])


for _name in suggestions():
    WAYS[f"{SUGGEST}.{_name}"] = partial(suggest, name=_name)


@WAYS.named("cancel on Home")
async def try_cancel_on_home(scene: Scene) -> None:
    edit = await scene.edit(State.WAITING)
    view, row = await home_of(scene), ""
    async with asyncio.timeout(EDIT_S):
        while not row:
            view = await scene.on.alice.wait_for_home()
            accessories = ((block["block_id"], block.get("accessory", {})) for block in view["blocks"])
            row = next((block_id for block_id, button in accessories if button.get("value") == edit.edit_id), "")
            await asyncio.sleep(0.05)
    await scene.on.alice.click_in_view(view["id"], "cancel", block_id=row)
    await scene.now(edit, lambda edit: edit.state is State.CANCELED)
