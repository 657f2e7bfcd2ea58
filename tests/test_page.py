"""The local workspace's web page in a real browser, with a small app of Bolt behind it."""

import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.person import Person
from bot.sandbox.state import LIN
from bot.sandbox.workspace import LocalSlack
from client.sandbox.clip import make_clip, make_picture
from tests.browser import messages, needs_chromium, open_browser, send
from tests.slack_app import (
    ALICE,
    ALICE_DM,
    BOB,
    GENERAL,
    RANDOM,
    VIDEO,
    Json,
    actions,
    button,
    connected,
    pictured_home,
    section,
    web_client,
)

TIMEOUT_MS = 20_000
SCROLL_UP = """(node) => new Promise((done) => {
    node.addEventListener("scroll", done, { once: true });
    node.scrollTop = 0;
})"""

pytestmark = [pytest.mark.asyncio(loop_scope="module"), needs_chromium]
expect.set_options(timeout=TIMEOUT_MS)

Ack = Callable[..., Awaitable[None]]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


MODAL: Json = {
    "type": "modal", "callback_id": "edit", "title": plain("Edit a video"), "submit": plain("Edit"),
    "blocks": [
        {"type": "input", "block_id": "video", "label": plain("Video"),
         "element": {"type": "file_input", "action_id": "file", "filetypes": ["mp4"], "max_files": 1}},
        {"type": "input", "block_id": "what", "label": plain("What should change?"), "hint": plain("One sentence."),
         "element": {"type": "plain_text_input", "action_id": "text", "multiline": True}},
        {"type": "input", "block_id": "size", "optional": True, "label": plain("Size"),
         "element": {"type": "static_select", "action_id": "choice",
                     "options": [{"text": plain(size), "value": size} for size in ("720P", "1080P")]}},
        actions(button("more", label="More options")),
    ],
}


@dataclass
class EditorApp:
    """A scripted app: answers messages in their thread, and remembers what it was told."""

    submissions: list[Json] = field(default_factory=list)
    clicks: list[Json] = field(default_factory=list)

    def built(self, slack: LocalSlack) -> AsyncApp:
        app = AsyncApp(client=web_client(slack), process_before_response=True)
        app.event("message")(self.on_message)
        app.event(re.compile("reaction_added"))(ignored)
        app.event("app_home_opened")(publish_home)
        app.command("/edit-video")(on_command)
        app.shortcut("edit_this_video")(open_form)
        app.action("more")(more_options)
        app.action("retry")(self.on_click)
        app.view("edit")(self.on_submit)
        return app

    async def on_message(self, event: Json, client: AsyncWebClient) -> None:
        if event.get("subtype") not in (None, "file_share") or "quiet" in event["text"]:
            return
        await client.reactions_add(channel=event["channel"], timestamp=event["ts"], name="eyes")
        blocks = [section("Working on *it* :movie_camera:"), actions(button("retry", "edit-1", "Retry"))]
        thread_ts = event.get("thread_ts") or event["ts"]
        await client.chat_postMessage(channel=event["channel"], thread_ts=thread_ts, text="Working", blocks=blocks)

    async def on_click(self, ack: Ack, body: Json, client: AsyncWebClient) -> None:
        await ack()
        self.clicks.append(body["actions"][0])
        channel, ts = body["channel"]["id"], body["message"]["ts"]
        await client.chat_update(channel=channel, ts=ts, text="Again", blocks=[section("Running _again_")])

    async def on_submit(self, ack: Ack, view: Json) -> None:
        values = view["state"]["values"]
        if values["what"]["text"]["value"] == "nonsense":
            await ack(response_action="errors", errors={"what": "Nobody can do this."})
            return
        self.submissions.append(values)
        await ack()


async def ignored() -> None:
    return


async def publish_home(event: Json, client: AsyncWebClient) -> None:
    if event["tab"] == "home":
        await client.views_publish(user_id=event["user"], view=await pictured_home(client, "*Your edits*: none"))


async def on_command(ack: Ack, body: Json, client: AsyncWebClient) -> None:
    if body.get("text") == "help":
        await ack("Try `/edit-video` alone.")
    else:
        await open_form(ack, body, client)


async def open_form(ack: Ack, body: Json, client: AsyncWebClient) -> None:
    await ack()
    await client.views_open(trigger_id=body["trigger_id"], view=MODAL)


async def more_options(ack: Ack, body: Json, client: AsyncWebClient) -> None:
    await ack()
    more = {"type": "input", "block_id": "seed", "optional": True, "label": plain("Seed"),
            "element": {"type": "number_input", "action_id": "number", "is_decimal_allowed": False}}
    await client.views_update(view_id=body["view"]["id"], view=MODAL | {"blocks": [*MODAL["blocks"], more]})


@dataclass
class Site:
    slack: LocalSlack
    app: EditorApp
    context: BrowserContext
    problems: list[str] = field(default_factory=list)

    async def page(self, channel: str = VIDEO) -> Page:
        """Open the page where Alice is in a channel; whatever the console then says against it fails the test."""
        page = await self.context.new_page()
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda line: self.problems.append(line.text) if line.type in ("error", "warning") else None)
        await page.goto(f"{self.slack.origin}/#/{ALICE}/{channel}")
        await page.locator(f'[data-channel="{channel}"][aria-current="page"]').wait_for()
        return page


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def site(browser: Browser) -> AsyncIterator[Site]:
    editor = EditorApp()
    async with LocalSlack() as slack, connected(slack, editor.built(slack)):
        context = await browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(TIMEOUT_MS)
        site = Site(slack, editor, context)
        yield site
        await context.close()
        assert site.problems == []


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", seconds=2, size=(320, 180))


async def test_a_posted_video_plays_and_its_picture_shows(site: Site, clip: Path, tmp_path: Path) -> None:
    page = await site.page()
    await page.set_input_files("#attach", [clip, make_picture(tmp_path / "coat.png", size=(120, 120))])
    await send(page, "@video-editor Make it *bold*")

    video, picture = messages(page).locator("video"), messages(page).locator("img")
    await video.wait_for()
    played = await video.evaluate("""async (node) => {
        node.muted = true;
        await node.play();
        await new Promise((resolve) => node.addEventListener("timeupdate", () => node.currentTime > 0 && resolve()));
        return [node.readyState, node.duration, node.videoWidth];
    }""")
    assert played[0] >= 2
    assert played[1:] == [pytest.approx(2, abs=0.1), 320]
    assert await picture.evaluate("async (node) => { await node.decode(); return node.naturalWidth; }") == 120
    await expect(messages(page).locator(".text b")).to_have_text("bold")
    await expect(messages(page).locator(".mention")).to_have_text("@Video Editor")


async def test_what_the_app_does_appears_without_reloading(site: Site) -> None:
    page = await site.page()
    await send(page, "@video-editor hello")
    await expect(page.locator('[data-reaction="eyes"]')).to_contain_text("1")
    await page.click(".thread-link")
    await expect(messages(page, "#thread-messages").last).to_contain_text("Working on it 🎥")

    await page.click('#thread [data-action-id="retry"]')
    await expect(messages(page, "#thread-messages").last).to_contain_text("Running again")
    assert [click["value"] for click in site.app.clicks] == ["edit-1"]


async def test_a_reply_goes_into_its_thread_and_is_counted_at_the_root(site: Site) -> None:
    page = await site.page()
    await send(page, "quiet root")
    await messages(page).first.hover()
    await page.click('[data-tool="reply"]')
    await send(page, "quiet reply\nin two lines", "#thread-composer")
    await expect(messages(page, "#thread-messages")).to_have_count(2)
    await expect(page.locator(".thread-link")).to_contain_text("1 reply")
    await expect(messages(page)).to_have_count(1)
    replies = [m for m in site.slack.state.channels[VIDEO].messages.values() if m.thread_ts]
    assert [reply.text for reply in replies] == ["quiet reply\nin two lines"]


async def test_a_click_on_a_reaction_adds_and_removes_ones_own(site: Site) -> None:
    page = await site.page()
    await send(page, "quiet")
    await messages(page).first.hover()
    await page.click('[data-tool="react"]')
    await page.click('[data-emoji="repeat"]')
    pill = page.locator('[data-reaction="repeat"]')
    await expect(pill).to_have_attribute("aria-pressed", "true")
    await pill.click()
    await expect(pill).to_have_count(0)


async def test_markup_in_a_message_stays_text(site: Site) -> None:
    page = await site.page()
    attack = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
    await send(page, f"quiet {attack}")
    await expect(messages(page).first.locator(".text")).to_have_text(f"quiet {attack}")

    link = "<javascript:document.title=3|click me>"
    await web_client(site.slack).chat_postMessage(channel=VIDEO, text=link)
    await expect(messages(page).last).to_contain_text("click me")
    assert await messages(page).locator('img, script, a[href^="javascript"]').count() == 0


async def test_the_slash_opens_commands_and_the_answer_is_only_for_me(site: Site) -> None:
    page = await site.page()
    await page.type("#composer", "/edit")
    await expect(page.get_by_role("option")).to_contain_text("what should change")
    await page.press("#composer", "Tab")
    await page.type("#composer", "help")
    await page.press("#composer", "Enter")
    answer = messages(page).filter(has_text="Only visible to you")
    await expect(answer).to_contain_text("Try /edit-video alone.")
    await answer.locator('[data-tool="dismiss"]').click()
    await expect(answer).to_have_count(0)


async def test_a_sent_mention_leaves_no_suggestions_behind(site: Site) -> None:
    page = await site.page()
    await page.type("#composer", "@video-editor")
    await expect(page.get_by_role("option")).to_have_count(1)
    await page.press("#composer", "Enter")
    await expect(messages(page)).to_have_count(1)
    await expect(page.get_by_role("option")).to_have_count(0)


async def test_a_long_file_name_does_not_widen_the_thread(site: Site, clip: Path, tmp_path: Path) -> None:
    film = shutil.copy(clip, tmp_path / f"{'a long film name ' * 10}.mp4")
    page = await site.page()
    await page.set_input_files("#attach", film)
    await send(page, "hello")
    await page.click(".thread-link")
    await page.locator("#thread-messages video").wait_for()
    widths = await page.locator("#thread-messages").evaluate("(node) => [node.scrollWidth, node.clientWidth]")
    assert widths[0] <= widths[1]


async def test_an_unknown_command_is_refused_and_stays_written(site: Site) -> None:
    page = await site.page()
    await page.fill("#composer", "/edit-vidoe please")
    await page.press("#composer", "Enter")
    await expect(page.locator("#channel [role=alert]:visible")).to_contain_text("/edit-vidoe is not a command here")
    await expect(page.locator("#composer")).to_have_value("/edit-vidoe please")


async def test_a_form_shows_errors_at_their_field_keeps_what_was_typed_and_takes_a_file(
    site: Site, clip: Path, tmp_path: Path
) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no film")
    page = await site.page()
    await page.fill("#composer", "/edit-video")
    await page.press("#composer", "Enter")
    form = page.locator("dialog[data-view-id]")
    await form.get_by_role("button", name="Edit", exact=True).click()
    await expect(form.locator(".invalid")).to_have_count(2)

    await form.locator("input[type=file]").set_input_files(text)
    await form.get_by_role("button", name="Edit", exact=True).click()
    await expect(form.locator(".invalid").first).to_contain_text("notes.txt is not of the type mp4")
    await form.locator("input[type=file]").set_input_files(clip)
    await form.get_by_label("What should change?").fill("nonsense")
    await form.locator('[data-action-id="more"]').click()
    await expect(form.get_by_label("Seed")).to_be_visible()
    await form.get_by_role("button", name="Edit", exact=True).click()
    await expect(form.locator(".invalid")).to_contain_text("Nobody can do this.")

    await form.get_by_label("What should change?").fill("Make it warm")
    await form.get_by_label("Size").select_option("1080P")
    await form.get_by_label("Seed").fill("42")
    await form.get_by_role("button", name="Edit", exact=True).click()
    await expect(form).to_have_count(0)
    [values] = site.app.submissions
    assert [file["name"] for file in values["video"]["file"]["files"]] == ["clip.mp4"]
    assert values["what"]["text"]["value"] == "Make it warm"
    assert values["size"]["choice"]["selected_option"]["value"] == "1080P"
    assert values["seed"]["number"]["value"] == "42"


async def test_a_message_shortcut_is_in_the_menu_of_a_message(site: Site) -> None:
    page = await site.page()
    await send(page, "quiet")
    await messages(page).first.hover()
    await page.click('[data-tool="more"]')
    await page.get_by_role("menuitem", name="Edit this video").click()
    await expect(page.locator("dialog[data-view-id] h2")).to_have_text("Edit a video")
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog")).to_have_count(0)


async def test_ones_own_message_can_be_deleted(site: Site) -> None:
    page = await site.page()
    await send(page, "quiet mistake")
    await messages(page).first.hover()
    await page.click('[data-tool="more"]')
    await page.get_by_role("menuitem", name="Delete message").click()
    await page.locator("dialog").get_by_role("button", name="Delete").click()
    await expect(messages(page)).to_have_count(0)


async def test_what_bob_writes_marks_the_channel_for_alice(site: Site) -> None:
    alice = await site.page(channel=GENERAL)
    await Person(site.slack.origin, BOB).post(VIDEO, "quiet news")
    channel = alice.locator(f'[data-channel="{VIDEO}"]')
    await expect(channel.get_by_label("unread")).to_be_visible()
    await channel.click()
    await expect(messages(alice)).to_contain_text(["quiet news"])
    await expect(channel.get_by_label("unread")).to_have_count(0)


async def test_the_person_switch_shows_the_other_persons_workspace_in_their_language(site: Site) -> None:
    page = await site.page()
    await expect(page.locator('[data-channel="C0SECRET1"]')).to_be_visible()
    await page.click(f'[data-person="{BOB}"]')
    await expect(page.locator(f'[data-person="{BOB}"]')).to_have_attribute("aria-pressed", "true")
    await expect(page.locator('[data-channel="C0SECRET1"]')).to_have_count(0)
    await page.click(f'[data-person="{LIN}"]')
    await expect(page.get_by_label("发消息到 #video")).to_be_visible()


async def test_the_home_tab_shows_what_the_app_published(site: Site) -> None:
    page = await site.page(channel=ALICE_DM)
    await page.click('[data-tab="home"]')
    row = page.locator("#channel-home .section", has_text="Your edits: none")
    await expect(row.get_by_alt_text("A still")).to_have_js_property("naturalWidth", 64)


async def test_the_bot_can_be_invited_where_it_is_not(site: Site) -> None:
    page = await site.page(channel=RANDOM)
    await page.get_by_role("button", name="Invite it").click()
    await page.press("#composer", "Enter")
    await expect(page.locator(".hint-card")).to_contain_text("Edit your first video in #random")


async def test_a_permalink_leads_to_its_reply_in_the_thread(site: Site) -> None:
    page = await site.page()
    await send(page, "@video-editor hello")
    await page.locator(".thread-link").wait_for()
    reply = next(m for m in site.slack.state.channels[VIDEO].messages.values() if m.thread_ts)
    await page.goto(site.slack.team.payloads.permalink(VIDEO, reply))
    await expect(page.locator(f'#thread-messages [data-ts="{reply.ts}"]')).to_be_in_viewport()


async def test_what_arrives_out_of_sight_is_offered_and_what_one_sends_is_shown(site: Site) -> None:
    page, bob = await site.page(), Person(site.slack.origin, BOB)
    await bob.post(VIDEO, "quiet\n" * 80)
    await messages(page).wait_for()
    offer = page.get_by_role("button", name="New messages")
    await page.locator("#channel-messages").evaluate(SCROLL_UP)
    await bob.post(VIDEO, "quiet news")
    await offer.click()
    await expect(messages(page).last).to_be_in_viewport()
    await expect(offer).to_be_hidden()

    await page.locator("#channel-messages").evaluate(SCROLL_UP)
    await send(page, "quiet answer")
    await expect(messages(page).last).to_be_in_viewport()
    await expect(offer).to_be_hidden()
