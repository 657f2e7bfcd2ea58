"""The whole sandbox as its first user meets it: the page in a browser, the bot, a Wan that really edits."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from bot.local import Sandbox, open_sandbox
from client.sandbox.clip import make_clip, make_picture
from tests.browser import messages, needs_chromium, open_browser, open_page, react, send
from tests.slack_app import ALICE, ALICE_DM, GENERAL, VIDEO, web_client

EDIT_MS = 60_000  # how long a whole edit may take, on a machine with much else to do

pytestmark = [pytest.mark.asyncio(loop_scope="module"), needs_chromium]


@dataclass
class Visit:
    """One person at the page of a running sandbox."""

    sandbox: Sandbox
    page: Page

    async def ask(self, text: str, *files: Path) -> Locator:
        """Post a request, open its thread, and give the row of the request in the channel."""
        await send(self.page, f"@video-editor {text}", files=files)
        request = messages(self.page).filter(has_text=text).last
        await request.locator(".thread-link").click()
        await expect(self.thread.first).to_contain_text(text)
        return request

    @property
    def thread(self) -> Locator:
        return messages(self.page, "#thread-messages")

    def results(self) -> Locator:
        """Find the bot's videos in the open thread."""
        return self.thread.filter(has=self.page.locator('[data-action-id="retry"]')).locator("video")

    async def redraw_last(self) -> None:
        """Let the app write the newest message of the thread once more, and wait until the page shows that."""
        button = self.thread.last.locator("[data-block-id]").last
        before = str(await button.get_attribute("data-block-id"))
        channel, ts = self.sandbox.slack.state.channels[VIDEO], str(await self.thread.last.get_attribute("data-ts"))
        blocks = [{k: v for k, v in block.items() if k != "block_id"} for block in channel.messages[ts].blocks]
        await web_client(self.sandbox.slack).chat_update(channel=VIDEO, ts=ts, text="Waiting", blocks=blocks)
        await expect(button).not_to_have_attribute("data-block-id", before)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def visit() -> AsyncIterator[Visit]:
    problems: list[str] = []
    async with open_sandbox() as sandbox, open_browser() as browser:
        page = await open_page(browser, f"{sandbox.slack.origin}/", problems, timeout_ms=EDIT_MS)
        yield Visit(sandbox, page)
    assert problems == []


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "garden.mp4", seconds=2, size=(320, 240), fps=10)


async def test_whoever_has_no_video_at_hand_takes_the_sample(visit: Visit) -> None:
    page = visit.page
    await page.goto(f"{visit.sandbox.slack.origin}/#/{ALICE}/{GENERAL}")
    await page.get_by_role("button", name="Take a sample video").click()
    await expect(page.locator("#composer")).to_have_value(re.compile("^@video-editor Change the video"))
    await expect(page.get_by_label("Attached files").filter(visible=True)).to_contain_text("sample.mp4")
    await page.goto(f"{visit.sandbox.slack.origin}/#/{ALICE}/{VIDEO}")


async def test_a_video_with_two_pictures_is_edited_refined_by_a_reply_and_retried_by_a_reaction(
    visit: Visit, clip: Path, tmp_path: Path
) -> None:
    pictures = [make_picture(tmp_path / f"picture{seed}.png", seed=seed) for seed in (0, 2)]
    request = await visit.ask(
        "Apply the mood of image 1 and add image 2 in the top right corner", clip, *pictures
    )
    await expect(visit.results()).to_have_count(1, timeout=EDIT_MS)
    await expect(request.locator('[data-reaction="white_check_mark"]')).to_be_visible()
    assert await plays(visit.results().last)

    await visit.thread.last.locator('[data-action-id="more"]').click()
    await visit.page.get_by_role("menuitem", name="Details").click()
    await expect(visit.thread.last).to_contain_text("Seed", timeout=EDIT_MS)

    await send(visit.page, "@video-editor now in black and white", "#thread-composer")
    await expect(visit.results()).to_have_count(2, timeout=EDIT_MS)
    # The video is there a moment before the edit is over, and until then a retry is refused.
    await expect(visit.thread.filter(has_text="Done in")).to_have_count(2, timeout=EDIT_MS)

    await react(visit.page, visit.thread.last, "repeat")
    await expect(visit.results()).to_have_count(3, timeout=EDIT_MS)
    await expect(visit.thread.last).to_contain_text(re.compile(r"now in black and white.*seed \d+", re.DOTALL))
    await expect(visit.thread.filter(has_text="Done in")).to_have_count(3, timeout=EDIT_MS)


async def test_an_edit_that_waits_is_canceled_by_its_button_and_by_a_reaction(visit: Visit, clip: Path) -> None:
    wan = visit.sandbox.wan
    creates = wan.creates
    wan.faults.add("create", status=429, times=1000)  # as full as Wan gets
    request = await visit.ask("sepia", clip)
    await expect(visit.thread.last).to_contain_text("Waiting for a free place", timeout=EDIT_MS)
    await visit.thread.last.locator('[data-action-id="cancel"]').click()
    await visit.redraw_last()  # as progress may, while the dialog asks; Slack then gives the blocks other ids
    await visit.page.get_by_role("button", name="Cancel the edit").click()
    await expect(visit.thread.last).to_contain_text("Canceled. It cost nothing.", timeout=EDIT_MS)
    await expect(request.locator('[data-reaction="warning"]')).to_be_visible()

    request = await visit.ask("upside down", clip)
    await expect(visit.thread.last).to_contain_text("Waiting for a free place", timeout=EDIT_MS)
    await react(visit.page, request, "x")
    await expect(visit.thread.last).to_contain_text("Canceled. It cost nothing.", timeout=EDIT_MS)
    wan.faults.clear()
    assert wan.creates == creates


async def test_an_instruction_that_cannot_be_done_ends_with_words_that_help(visit: Visit, clip: Path) -> None:
    request = await visit.ask("replace the cat with a dog", clip)
    failed = visit.thread.last
    await expect(failed).to_contain_text("This did not work", timeout=EDIT_MS)
    await expect(failed).to_contain_text("8-bit pixel style")  # what it can do instead
    await expect(failed).to_contain_text("It cost nothing. Use Edit again to change the instruction.")
    await expect(request.locator('[data-reaction="warning"]')).to_be_visible()

    await failed.locator('[data-action-id="edit_again"]').click()
    form = visit.page.locator("dialog[data-view-id]")
    await expect(form.get_by_label("What should change?")).to_have_value("replace the cat with a dog")
    await visit.page.keyboard.press("Escape")
    await expect(form).to_have_count(0)


async def test_home_opens_the_form_with_ones_defaults_and_the_form_follows_what_is_chosen(visit: Visit) -> None:
    page = visit.page
    await page.goto(f"{visit.sandbox.slack.origin}/#/{ALICE}/{ALICE_DM}")
    await page.get_by_role("tab", name="Home").click()
    home = page.locator("#channel-home")
    await expect(home).to_contain_text("Your last edits")
    await home.locator('[data-action-id="default.resolution"]').select_option("1080P")
    await home.get_by_role("button", name="Deep winter").click()
    form = page.locator("dialog[data-view-id]")
    await expect(form.get_by_label("What should change?")).to_have_value("It is deep winter, and snow is falling.")
    await expect(form.get_by_label("Where should the edited video be posted?")).to_have_value(ALICE_DM)

    await expect(form.get_by_label("Resolution")).to_have_value("1080P")
    await form.get_by_label("Link of the video").fill("https://a.example/b.mp4")
    await form.get_by_label("Kind of edit").select_option("weather")
    instruction = form.get_by_label("What should change?")
    await expect(instruction).to_have_value(re.compile("^Change the weather to It is deep winter, and snow is falling"))
    part = form.get_by_label("Part of the video")
    await part.press_sequentially("0:01-0:04")
    await expect(form).to_contain_text("About 6 s will be billed")
    await part.press_sequentially("00")  # the field is still the same one, and one is still writing in it
    await expect(part).to_have_value("0:01-0:0400")
    await expect(form).to_contain_text("for a video of 5 s")
    await expect(form.get_by_label("Link of the video")).to_have_value("https://a.example/b.mp4")
    await page.keyboard.press("Escape")
    await expect(form).to_have_count(0)


async def plays(video: Locator) -> bool:
    """Say whether a video plays and has pictures."""
    seen: list[float] = await video.evaluate("""async (node) => {
        node.muted = true;
        await node.play();
        await new Promise((resolve) => node.addEventListener("timeupdate", () => node.currentTime > 0 && resolve()));
        return [node.duration, node.videoWidth];
    }""")
    return abs(seen[0] - 2) < 0.2 and seen[1] > 0
