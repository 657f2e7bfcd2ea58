"""How each button that stands with an edit is tried, in a scene of its own: see `tests/attempts.py`.

What a button does to a video is shown elsewhere, with whole edits. Here each is shown to arrive and to do its own
thing: the edits are set out in the state that the button belongs to, and nothing has to be waited for.
"""

from functools import partial

from bot.edit import Edit, Failure, Reason, Remedy, SlackFile, State
from bot.messages import modal, removal, variations
from bot.messages.failure import slack_failure
from bot.messages.result import result
from bot.messages.words import MORE
from client.models import Parameters
from tests.scenes import Attempts, Scene, status_of

REFUSED = Failure(reason=Reason.CONTENT, message="no")
TOO_SHORT = Failure(reason=Reason.INPUT, message="too short", remedy="slow_down")
LATER = Failure(reason=Reason.LATER, message="not now")
PRESSES = Attempts()


# -- buttons of a result and after a failure ---------------------------------------------------------------------------


async def run_again(scene: Scene, action: str, **fields: object) -> Edit:
    """Press a button that runs an edit again, and return what comes of it."""
    edit = await scene.edit(**fields)  # type: ignore[arg-type] # fields of an edit
    message = result(edit) if edit.state is State.DONE else status_of(edit)
    await scene.press(message, action)
    child = await scene.child(edit)
    assert (child.way, child.video, child.instruction) == (action, edit.video, edit.instruction)
    return child


@PRESSES.named("retry")
async def try_retry(scene: Scene) -> None:
    await run_again(scene, "retry")


@PRESSES.named("vary")
async def try_vary(scene: Scene) -> None:
    assert (await run_again(scene, "vary")).parameters.seed is not None


@PRESSES.named("verbatim")
async def try_word_for_word(scene: Scene) -> None:
    assert not (await run_again(scene, "verbatim", state=State.FAILED, failure=REFUSED)).parameters.prompt_extend


@PRESSES.named("slow")
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


PRESSES["retry_n"] = partial(run_a_variation_again, action="retry", why=LATER)
PRESSES["verbatim_n"] = partial(run_a_variation_again, action="verbatim", why=REFUSED)


@PRESSES.named("retry of a set of which nothing was made")
async def try_retry_of_a_set(scene: Scene) -> None:
    first = await scene.edit(State.FAILED, variations=2, shown="over", failure=LATER, parameters=Parameters(seed=7))
    second = await scene.edit(
        State.CANCELED, edit_id=f"{first.edit_id}-2", variations=2, variation=2, shown="over"
    )
    await scene.press(variations.status([first, second], now=first.created_at, places={}), "retry")
    children = await scene.edits(lambda edit: edit.parent_id == first.edit_id)
    assert [(child.variation, child.parameters.seed) for child in children] == [(1, 7), (2, 8)]


@PRESSES.named("edit_again")
async def try_edit_again(scene: Scene) -> None:
    await scene.press(result(await scene.edit(instruction="the rain stops")), "edit_again")
    assert (await scene.opened(words="the rain stops"))["title"]["text"] == "Edit again"


WRONG: dict[str, Remedy | None] = {"an option": "options", "a picture": "picture", "the video": None}


async def mend(scene: Scene, what: str) -> None:
    """Open the form after a mistake that was found before the video was taken; it keeps whatever is in order."""
    why = Failure(reason=Reason.INPUT, message="no", remedy=WRONG[what])
    pictures = (SlackFile(file_id="F0PICTURE"),)
    edit = await scene.edit(State.FAILED, failure=why, video_url=None, upload_id=None, images=pictures)
    await scene.press(status_of(edit), "edit_again")
    view = await scene.on.alice.wait_for_view()
    asks = any(block.get("block_id") == modal.VIDEO_LINK for block in view["blocks"])
    assert asks is (what == "the video")
    if asks:
        await scene.on.alice.close(view["id"])
        return
    await scene.on.alice.submit(view["id"], {modal.INSTRUCTION: {modal.INSTRUCTION: "at night"}})
    child = await scene.child(edit)
    assert (child.thread_ts, child.video) == (edit.thread_ts, edit.video)
    assert child.images == (pictures if what == "an option" else ())


PRESSES.update({f"edit_again where {what} was wrong": partial(mend, what=what) for what in WRONG})


@PRESSES.named("retry where the bot was not in the channel")
async def try_retry_after_an_invitation(scene: Scene) -> None:
    why = slack_failure("not_in_channel", billed="no")
    await run_again(scene, "retry", state=State.FAILED, failure=why, video_url=None, upload_id=None)


@PRESSES.named("compare")
async def try_compare(scene: Scene) -> None:
    edit = await scene.edit()
    await scene.press(result(edit), "compare")
    await scene.now(edit, lambda edit: edit.comparison is not None)


@PRESSES.named("more details")
async def try_details(scene: Scene) -> None:
    edit = await scene.edit()
    await scene.press(result(edit), MORE, f"details {edit.edit_id}")
    assert edit.edit_id in (await scene.told("*Seed*"))["text"]


@PRESSES.named("more original")
async def try_redo_from_the_original(scene: Scene) -> None:
    first = await scene.edit(instruction="rain")
    second = await scene.edit(
        instruction="at night", parent_id=first.edit_id, chained=True, video=SlackFile(file_id=first.upload_id or "")
    )
    await scene.press(result(second), MORE, f"original {second.edit_id}")
    child = await scene.child(second)
    assert (child.way, child.video, child.instruction) == ("original", first.video, "rain.\nat night.")


@PRESSES.named("more remove")
async def try_delete(scene: Scene) -> None:
    edit = await scene.edit()
    await scene.press(result(edit), MORE, f"remove {edit.edit_id}")
    assert (await scene.opened())["callback_id"] == removal.CALLBACK_ID


@PRESSES.named(f"view {removal.CALLBACK_ID}")
async def try_to_confirm_the_deletion(scene: Scene) -> None:
    edit = await scene.edit()
    await scene.press(result(edit), MORE, f"remove {edit.edit_id}")
    view = await scene.on.alice.wait_for_view()
    assert (await scene.on.alice.submit(view["id"], {}))["closed"]
    await scene.now(edit, lambda edit: edit.removal is not None)


# -- buttons of an edit that is under way ------------------------------------------------------------------------------


@PRESSES.named("cancel")
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


PRESSES["approve"] = partial(decide, action="approve", ends=False)
PRESSES["decline"] = partial(decide, action="decline", ends=True)
