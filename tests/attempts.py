"""How each way in and each button is tried, in a scene of its own: what `tests/test_ways.py` does over both transports.

What a button does to a video is shown elsewhere, with whole edits. Here each is shown to arrive and to do its own
thing: the edits are set out in the state that the button belongs to, and nothing has to be waited for.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from bot import command
from bot.edit import Edit, Failure, Reason, SlackFile, State
from bot.messages import home, modal, removal, variations
from bot.messages.result import result
from bot.messages.suggestions import SUGGEST, suggestions
from bot.messages.welcome import welcome
from bot.messages.words import MORE
from bot.sandbox.person import Person
from bot.sandbox.state import BOB, Member
from bot.text import unescape
from client.models import Parameters
from tests.bots import DIRECT, EDIT_S, VIDEO_CHANNEL
from tests.scenes import Scene, status_of

NEWCOMER = Member("U0NEW0001", "newcomer", "Nia New")
NOWHERE = "https://127.0.0.1/clip.mp4"  # the guard fetches nothing from there
REFUSED = Failure(reason=Reason.CONTENT, message="no")
TOO_SHORT = Failure(reason=Reason.INPUT, message="too short", remedy="slow_down")
LATER = Failure(reason=Reason.LATER, message="not now")
IN_DOUBT = Failure(reason=Reason.UNKNOWN_OUTCOME, message="who knows", billed="maybe")
Try = Callable[[Scene], Awaitable[None]]
WAYS: dict[str, Try] = {}


def way(name: str) -> Callable[[Try], Try]:
    """Keep what tries a way in, or a button, under its name."""

    def keep(attempt: Try) -> Try:
        assert name not in WAYS
        WAYS[name] = attempt
        return attempt

    return keep


# -- buttons of a result and after a failure ---------------------------------------------------------------------------


async def run_again(scene: Scene, action: str, **fields: object) -> Edit:
    """Press a button that runs an edit again, and return what comes of it."""
    edit = await scene.edit(**fields)  # type: ignore[arg-type] # fields of an edit
    message = result(edit) if edit.state is State.DONE else status_of(edit)
    await scene.press(message, action)
    child = await scene.child(edit)
    assert (child.way, child.video, child.instruction) == (action, edit.video, edit.instruction)
    return child


@way("retry")
async def try_retry(scene: Scene) -> None:
    await run_again(scene, "retry")


@way("vary")
async def try_vary(scene: Scene) -> None:
    assert (await run_again(scene, "vary")).parameters.seed is not None


@way("verbatim")
async def try_word_for_word(scene: Scene) -> None:
    assert not (await run_again(scene, "verbatim", state=State.FAILED, failure=REFUSED)).parameters.prompt_extend


@way("slow")
async def try_slow(scene: Scene) -> None:
    assert (await run_again(scene, "slow", state=State.FAILED, failure=TOO_SHORT)).slow


async def run_a_variation_again(scene: Scene, action: str, why: Failure) -> None:
    """Press the button of the second variation, which failed."""
    first = await scene.edit(variations=2, shown="over")
    second = await scene.edit(
        State.FAILED, edit_id=f"{first.edit_id}-2", variations=2, variation=2, failure=why
    )
    await scene.press(variations.status([first, second], now=first.created_at, places={}), f"{action}_2")
    child = await scene.child(second)
    assert (child.way, child.variations) == (action, 1)


WAYS["retry_n"] = partial(run_a_variation_again, action="retry", why=LATER)
WAYS["verbatim_n"] = partial(run_a_variation_again, action="verbatim", why=REFUSED)


@way("retry of a set of which nothing was made")
async def try_retry_of_a_set(scene: Scene) -> None:
    first = await scene.edit(State.FAILED, variations=2, shown="over", failure=LATER, parameters=Parameters(seed=7))
    second = await scene.edit(
        State.CANCELED, edit_id=f"{first.edit_id}-2", variations=2, variation=2, shown="over"
    )
    await scene.press(variations.status([first, second], now=first.created_at, places={}), "retry")
    children = await scene.edits(lambda edit: edit.parent_id == first.edit_id)
    assert [(child.variation, child.parameters.seed) for child in children] == [(1, 7), (2, 8)]


@way("edit_again")
async def try_edit_again(scene: Scene) -> None:
    await scene.press(result(await scene.edit(instruction="the rain stops")), "edit_again")
    assert (await scene.opened(words="the rain stops"))["title"]["text"] == "Edit again"


@way("compare")
async def try_compare(scene: Scene) -> None:
    edit = await scene.edit()
    await scene.press(result(edit), "compare")
    await scene.now(edit, lambda edit: edit.comparison is not None)


@way("more details")
async def try_details(scene: Scene) -> None:
    edit = await scene.edit()
    await scene.press(result(edit), MORE, f"details {edit.edit_id}")
    assert edit.edit_id in (await scene.told("*Seed*"))["text"]


@way("more original")
async def try_redo_from_the_original(scene: Scene) -> None:
    first = await scene.edit(instruction="rain")
    second = await scene.edit(
        instruction="at night", parent_id=first.edit_id, chained=True, video=SlackFile(file_id=first.upload_id or "")
    )
    await scene.press(result(second), MORE, f"original {second.edit_id}")
    child = await scene.child(second)
    assert (child.way, child.video, child.instruction) == ("original", first.video, "rain.\nat night.")


@way("more remove")
async def try_delete(scene: Scene) -> None:
    edit = await scene.edit()
    await scene.press(result(edit), MORE, f"remove {edit.edit_id}")
    assert (await scene.opened())["callback_id"] == removal.CALLBACK_ID


@way(f"view {removal.CALLBACK_ID}")
async def try_to_confirm_the_deletion(scene: Scene) -> None:
    edit = await scene.edit()
    await scene.press(result(edit), MORE, f"remove {edit.edit_id}")
    view = await scene.on.alice.wait_for_view()
    assert (await scene.on.alice.submit(view["id"], {}))["closed"]
    await scene.now(edit, lambda edit: edit.removal is not None)


# -- buttons of an edit that is under way ------------------------------------------------------------------------------


@way("cancel")
async def try_cancel(scene: Scene) -> None:
    edit = await scene.edit(State.WAITING)
    await scene.press(status_of(edit), "cancel")
    await scene.now(edit, lambda edit: edit.state is State.CANCELED)


async def decide(scene: Scene, action: str, *, ends: bool) -> None:
    edit = await scene.edit(State.APPROVING)
    await scene.press(status_of(edit), action)
    await scene.told("Only the admins")
    await scene.press(status_of(edit), action, by=scene.on.bob)
    decided = await scene.now(edit, lambda edit: edit.state is not State.APPROVING)
    assert decided.state.terminal is ends


WAYS["approve"] = partial(decide, action="approve", ends=False)
WAYS["decline"] = partial(decide, action="decline", ends=True)


# -- messages and reactions --------------------------------------------------------------------------------------------


@way("event message in a channel")
async def try_mention(scene: Scene) -> None:
    ts = await scene.on.alice.post(VIDEO_CHANNEL, "@video-editor rain falls", files=[scene.clip])
    await Scene(scene.on, ts, scene.clip).edits(lambda edit: edit.instruction == "rain falls")


@way("event message in a direct message")
async def try_direct_message(scene: Scene) -> None:
    ts = await scene.on.alice.post(DIRECT, "rain falls", files=[scene.clip])
    await scene.on.alice.wait_for_reply(DIRECT, ts, lambda message: "did not work" in message["text"], EDIT_S)


@way("event message in a thread")
async def try_reply(scene: Scene) -> None:
    edit = await scene.edit()
    await scene.on.alice.post(VIDEO_CHANNEL, "@video-editor at night", thread_ts=scene.ts)
    assert (await scene.child(edit)).video == edit.result_file


@way("open_form")
async def try_open_form(scene: Scene) -> None:
    await scene.on.alice.post(VIDEO_CHANNEL, "@video-editor rain --sepia", thread_ts=scene.ts)
    answer = await scene.told("do not know the option")
    await scene.on.alice.click(VIDEO_CHANNEL, answer["ts"], "open_form")
    await scene.opened(words="rain --sepia")


@way("event reaction_added that retries")
async def try_retry_by_reaction(scene: Scene) -> None:
    edit = await scene.edit(request_ts=scene.ts)
    await scene.on.bob.react(VIDEO_CHANNEL, scene.ts, "repeat")
    assert (await scene.child(edit)).user == BOB


@way("event reaction_added that cancels")
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


@way("/edit-video Budget as a file")
async def try_the_file_of_the_budget(scene: Scene) -> None:
    assert "direct messages" in await answer_of(scene, "budget csv", by=scene.on.bob)


@way("/edit-video Decide")
async def try_to_approve_by_command(scene: Scene) -> None:
    edit = await scene.edit(State.APPROVING)
    assert "goes on" in await answer_of(scene, f"approve {edit.edit_id}", by=scene.on.bob)


@way("/edit-video Settle")
async def try_to_settle(scene: Scene) -> None:
    edit = await scene.edit(State.FAILED, failure=IN_DOUBT)
    assert "no budget" in await answer_of(scene, f"unbilled {edit.edit_id}", by=scene.on.bob)


@way("/edit-video OpenModal")
async def try_the_command_alone(scene: Scene) -> None:
    await scene.on.alice.command(VIDEO_CHANNEL)
    await scene.opened(words=modal.VIDEO_LINK)


@way("/edit-video EditLink")
async def try_a_link(scene: Scene) -> None:
    assert "Got it" in await answer_of(scene, f"{NOWHERE} rain falls")


@way("open_form after a command")
async def try_open_form_after_a_command(scene: Scene) -> None:
    answer = await scene.on.alice.command(VIDEO_CHANNEL, f"{NOWHERE} rain --sepia")
    assert answer is not None
    assert "do not know the option" in answer["text"]
    await scene.on.alice.click(VIDEO_CHANNEL, answer["ts"], "open_form")
    fields = {block["block_id"]: block.get("element", {}) for block in (await scene.opened())["blocks"]}
    assert fields[modal.VIDEO_LINK]["initial_value"] == NOWHERE
    assert fields[modal.INSTRUCTION]["initial_value"] == "rain --sepia"


# -- shortcuts and the form --------------------------------------------------------------------------------------------


@way("shortcut edit_this_video")
async def try_the_message_shortcut(scene: Scene) -> None:
    ts = await scene.on.bob.post(VIDEO_CHANNEL, "look", files=[scene.clip])
    await scene.on.alice.shortcut("edit_this_video", VIDEO_CHANNEL, ts)
    assert (await scene.opened())["title"]["text"] == "Edit this video"


@way("shortcut edit_a_video")
async def try_the_global_shortcut(scene: Scene) -> None:
    await scene.on.alice.shortcut("edit_a_video")
    await scene.opened(words="conversations_select")


@way(f"view {modal.CALLBACK_ID}")
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


@way("event app_home_opened on Home")
async def try_home(scene: Scene) -> None:
    assert "Your defaults" in str(await home_of(scene))


@way("event app_home_opened on Messages")
async def try_the_messages_of_a_newcomer(scene: Scene) -> None:
    scene.on.slack.state.add_person(NEWCOMER, channels=[])
    newcomer = Person(scene.on.slack.origin, NEWCOMER.id)
    await newcomer.open_home("messages")
    (direct,) = [channel["id"] for channel in (await newcomer.state())["channels"] if channel["is_im"]]
    await newcomer.wait_for(direct, lambda message: "Hello!" in message["text"], EDIT_S)


@way(home.NEW_EDIT)
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


@way("cancel on Home")
async def try_cancel_on_home(scene: Scene) -> None:
    edit = await scene.edit(State.WAITING)
    row = ""
    async with asyncio.timeout(EDIT_S):
        while not row:
            view = await home_of(scene)
            accessories = ((block["block_id"], block.get("accessory", {})) for block in view["blocks"])
            row = next((block_id for block_id, button in accessories if button.get("value") == edit.edit_id), "")
    await scene.on.alice.click_in_view(view["id"], "cancel", block_id=row)
    await scene.now(edit, lambda edit: edit.state is State.CANCELED)
