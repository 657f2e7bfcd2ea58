"""Modals and App Home: triggers, stacks, what people fill in, what the app answers."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from bot.sandbox.person import Person, RefusedError
from bot.sandbox.workspace import LocalSlack
from tests.slack_app import (
    ALICE,
    BOB,
    GENERAL,
    VIDEO,
    Heard,
    Json,
    actions,
    button,
    connected,
    listening_app,
    section,
    web_client,
)

Ack = Callable[..., Awaitable[None]]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def field(block_id: str, element: Json, **more: Any) -> Json:
    return {"type": "input", "block_id": block_id, "label": plain(block_id), "element": element, **more}


def option(value: str) -> Json:
    return {"text": plain(value), "value": value}


def modal(*blocks: Json, title: str = "Edit a video", **more: Any) -> Json:
    return {"type": "modal", "callback_id": "edit", "title": plain(title), "submit": plain("Go"),
            "blocks": list(blocks), **more}


PROMPT = field("prompt", {"type": "plain_text_input", "action_id": "text", "multiline": True, "max_length": 20})
SIZES = [option("720P"), option("1080P")]
FORM = modal(
    PROMPT,
    field("size", {"type": "static_select", "action_id": "s", "options": SIZES, "initial_option": SIZES[0]}),
    field("sound", {"type": "radio_buttons", "action_id": "r", "options": [option("keep"), option("auto")]},
          optional=True),
    field("extras", {"type": "checkboxes", "action_id": "c", "options": [option("a"), option("b")]}, optional=True),
    field("seed", {"type": "number_input", "action_id": "n", "is_decimal_allowed": False, "min_value": "0"},
          optional=True),
    field("video", {"type": "file_input", "action_id": "f", "filetypes": ["mp4"], "max_files": 1}, optional=True),
    field("where", {"type": "conversations_select", "action_id": "w", "default_to_current_conversation": True,
                    "response_url_enabled": True}),
    private_metadata="from here", notify_on_close=True,
)


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with LocalSlack() as running:
        yield running


@pytest.fixture
async def app(slack: LocalSlack) -> AsyncIterator[AsyncApp]:
    """An app whose command opens the form."""
    made, _ = listening_app(slack)

    @made.command("/edit-video")
    async def open_form(ack: Ack, body: Json, client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=FORM)

    async with connected(slack, made):
        yield made


@pytest.fixture
def alice(slack: LocalSlack) -> Person:
    return Person(slack.origin, ALICE)


def answering_submissions(app: AsyncApp, **answer: Any) -> Heard:
    heard = Heard()

    @app.view("edit")
    async def submitted(ack: Ack, body: Json) -> None:
        await ack(**answer)
        await heard.add(body)

    return heard


async def opened_form(alice: Person) -> Json:
    await alice.command(VIDEO)
    return await alice.wait_for_view()


async def triggers(app: AsyncApp, alice: Person) -> AsyncIterator[str]:
    """Give one trigger id after the other, each of a fresh click."""
    heard = Heard()

    @app.shortcut("edit_a_video")
    async def note(ack: Ack, body: Json) -> None:
        await ack()
        await heard.add(body)

    while True:
        await alice.shortcut("edit_a_video")
        yield str(heard.all[-1]["trigger_id"])


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        await call
    return str(refused.value.response["error"])


async def test_a_filled_in_form_arrives_as_true_state(
    app: AsyncApp, alice: Person, slack: LocalSlack, tmp_path: Path
) -> None:
    heard = answering_submissions(app)
    view = await opened_form(alice)
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"video")
    state: Json = {"prompt": {"text": "warmer"}, "sound": {"r": "keep"}, "extras": {"c": ["b"]}, "seed": {"n": "7"}}
    assert await alice.submit(view["id"], state, {"video": [clip]}) == {"ok": True, "closed": True}
    body = heard.all[0]
    values = body["view"]["state"]["values"]
    files = values.pop("video")["f"]["files"]
    assert values == {
        "prompt": {"text": {"type": "plain_text_input", "value": "warmer"}},
        "size": {"s": {"type": "static_select", "selected_option": SIZES[0]}},
        "sound": {"r": {"type": "radio_buttons", "selected_option": option("keep")}},
        "extras": {"c": {"type": "checkboxes", "selected_options": [option("b")]}},
        "seed": {"n": {"type": "number_input", "value": "7"}},
        "where": {"w": {"type": "conversations_select", "selected_conversation": VIDEO}},
    }
    assert body["view"]["private_metadata"] == "from here"
    assert [url["channel_id"] for url in body["response_urls"]] == [VIDEO]
    assert await alice.views() == []
    assert (await web_client(slack).files_info(file=files[0]["id"]))["file"]["shares"] == {}
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {slack.bot_token}"}) as http:
        assert (await http.get(files[0]["url_private_download"])).content == b"video"


@pytest.mark.parametrize(
    ("state", "field_name"),
    [
        ({}, "prompt"),
        ({"prompt": {"text": "x" * 21}}, "prompt"),
        ({"prompt": {"text": "ok"}, "seed": {"n": "-1"}}, "seed"),
        ({"prompt": {"text": "ok"}, "seed": {"n": "1.5"}}, "seed"),
    ],
)
async def test_what_slack_itself_refuses_never_reaches_the_app(
    app: AsyncApp, alice: Person, state: Json, field_name: str
) -> None:
    heard = answering_submissions(app)
    view = await opened_form(alice)
    answer = await alice.submit(view["id"], state)
    assert (answer["closed"], list(answer["errors"])) == (False, [field_name])
    assert heard.all == []


async def test_files_over_ten_megabytes_and_too_many_files_are_refused(
    app: AsyncApp, alice: Person, tmp_path: Path
) -> None:
    view = await opened_form(alice)
    big = tmp_path / "big.mp4"
    big.write_bytes(bytes(10 * 1024**2 + 1))
    state = {"prompt": {"text": "x"}}
    assert "10 MB" in (await alice.submit(view["id"], state, {"video": [big]}))["errors"]["video"]
    small = tmp_path / "small.mp4"
    small.write_bytes(b"x")
    assert "1 file" in (await alice.submit(view["id"], state, {"video": [small, small]}))["errors"]["video"]


async def test_the_app_can_refuse_a_field(app: AsyncApp, alice: Person) -> None:
    answering_submissions(app, response_action="errors", errors={"prompt": "Say more."})
    view = await opened_form(alice)
    answer = await alice.submit(view["id"], {"prompt": {"text": "x"}})
    assert (answer["closed"], answer["errors"]) == (False, {"prompt": "Say more."})
    assert [v["id"] for v in await alice.views()] == [view["id"]]


async def test_an_answer_can_update_push_and_clear(app: AsyncApp, alice: Person) -> None:
    second = modal(section("second"), title="Second")

    @app.view("edit")
    async def submitted(ack: Ack, view: Json) -> None:
        match view["title"]["text"]:
            case "Edit a video":
                await ack(response_action="update", view=modal(section("first"), title="First"))
            case "First":
                await ack(response_action="push", view=second)
            case _:
                await ack(response_action="clear")

    view = await opened_form(alice)
    await alice.submit(view["id"], {"prompt": {"text": "x"}})
    assert [v["title"]["text"] for v in await alice.views()] == ["First"]
    await alice.submit(view["id"], {})
    assert [v["title"]["text"] for v in await alice.views()] == ["First", "Second"]
    assert (await alice.submit((await alice.views())[-1]["id"], {}))["closed"]
    assert await alice.views() == []


async def test_closing_is_told_to_an_app_that_asked_for_it(app: AsyncApp, alice: Person) -> None:
    heard = Heard()

    @app.view_closed("edit")
    async def closed(ack: Ack, body: Json) -> None:
        await ack()
        await heard.add(body)

    view = await opened_form(alice)
    await alice.close(view["id"])
    assert heard.all[0]["view"]["id"] == view["id"]
    assert await alice.views() == []


async def test_a_trigger_is_good_once_and_not_for_long(slack: LocalSlack, app: AsyncApp, alice: Person) -> None:
    client = web_client(slack)
    clicks = triggers(app, alice)
    trigger_id = await anext(clicks)
    await client.views_open(trigger_id=trigger_id, view=FORM)
    assert await error_of(client.views_open(trigger_id=trigger_id, view=FORM)) == "exchanged_trigger_id"
    assert await error_of(client.views_open(trigger_id="1.2.3", view=FORM)) == "invalid_trigger_id"
    late = await anext(clicks)
    slack.faults.trigger_lifetime_s = 0.0
    assert await error_of(client.views_open(trigger_id=late, view=FORM)) == "expired_trigger_id"


async def test_views_are_updated_by_id_unless_they_changed(slack: LocalSlack, app: AsyncApp, alice: Person) -> None:
    client, view = web_client(slack), await opened_form(alice)
    changed = await client.views_update(view_id=view["id"], hash=view["hash"], view=modal(PROMPT, title="Changed"))
    assert changed["view"]["title"]["text"] == "Changed"
    again = client.views_update(view_id=view["id"], hash=view["hash"], view=modal(PROMPT))
    assert await error_of(again) == "hash_conflict"
    assert await error_of(client.views_update(view_id="V0NOWHERE", view=modal(PROMPT))) == "not_found"


async def test_an_action_in_a_view_carries_what_its_fields_hold(app: AsyncApp, alice: Person) -> None:
    heard = Heard()

    @app.action("s")
    async def chosen(ack: Ack, body: Json) -> None:
        await ack()
        await heard.add(body)

    view = await opened_form(alice)
    await alice.click_in_view(view["id"], "s", "1080P", state={"prompt": {"text": "warm"}, "extras": {"c": ["b"]}})
    values = heard.all[0]["view"]["state"]["values"]
    assert values["prompt"]["text"]["value"] == "warm"
    assert values["size"]["s"] == {"type": "static_select", "selected_option": SIZES[1]}
    assert values["extras"]["c"]["selected_options"] == [option("b")]
    assert values["video"]["f"]["files"] == []


async def test_a_button_in_a_modal_can_push_another(app: AsyncApp, alice: Person) -> None:
    @app.action("more")
    async def push(ack: Ack, body: Json, client: Any) -> None:
        await ack()
        view = modal(section("more"), actions(button("more")), title="More")
        await client.views_push(trigger_id=body["trigger_id"], view=view)

    @app.shortcut("edit_a_video")
    async def open_it(ack: Ack, body: Json, client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=modal(actions(button("more")), title="First"))

    await alice.shortcut("edit_a_video")
    first = await alice.wait_for_view()
    await alice.click_in_view(first["id"], "more")
    second = await alice.wait_for_view(lambda v: v["title"]["text"] == "More")
    assert (second["previous_view_id"], second["root_view_id"]) == (first["id"], first["id"])


@pytest.mark.parametrize(
    "view",
    [
        modal(PROMPT, title="x" * 25),
        {**modal(PROMPT), "submit": None},
        modal(*[section("x")] * 101),
        modal({"type": "plan", "title": "x"}),
        {"type": "home", "blocks": []},
    ],
)
async def test_a_modal_beyond_the_limits_is_refused(
    slack: LocalSlack, app: AsyncApp, alice: Person, view: Json
) -> None:
    trigger_id = await anext(triggers(app, alice))
    assert await error_of(web_client(slack).views_open(trigger_id=trigger_id, view=view)) == "invalid_arguments"


async def test_nobody_submits_the_modal_of_another(slack: LocalSlack, app: AsyncApp, alice: Person) -> None:
    view = await opened_form(alice)
    with pytest.raises(RefusedError, match="not_found"):
        await Person(slack.origin, BOB).submit(view["id"], {"prompt": {"text": "x"}})


async def test_a_published_home_is_seen_by_its_person_only(slack: LocalSlack, app: AsyncApp, alice: Person) -> None:
    heard = Heard()

    @app.action("again")
    async def note(ack: Ack, body: Json) -> None:
        await ack()
        await heard.add(body)

    client = web_client(slack)
    await client.views_publish(user_id=ALICE, view={"type": "home", "blocks": [actions(button("again", "edit-1"))]})
    home = await alice.wait_for_home()
    await alice.click_in_view(home["id"], "again")
    assert heard.all[0]["container"] == {"type": "view", "view_id": home["id"]}
    assert heard.all[0]["actions"][0]["value"] == "edit-1"
    assert (await Person(slack.origin, BOB).state())["home"] is None
    assert GENERAL in {channel["id"] for channel in (await alice.state())["channels"]}
