"""The local workspace answers Slack's own SDK as Slack does: messages, reactions, conversations, errors, limits."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.person import Person
from bot.sandbox.workspace import LocalSlack
from tests.slack_app import ALICE, ALICE_DM, BOB, GENERAL, RANDOM, SECRET, VIDEO, actions, button, section, web_client


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with LocalSlack() as running:
        yield running


@pytest.fixture
def client(slack: LocalSlack) -> AsyncWebClient:
    return web_client(slack)


async def refusal(call: Any) -> Any:
    with pytest.raises(SlackApiError) as refused:
        await call
    return refused.value.response


async def test_auth_test_names_the_bot_and_its_scopes(slack: LocalSlack, client: AsyncWebClient) -> None:
    answer = await client.auth_test()
    assert (answer["team_id"], answer["user_id"]) == (slack.team_id, slack.bot_user_id)
    assert "files:read" in answer.headers["x-oauth-scopes"].split(",")


@pytest.mark.parametrize(
    ("token", "error"),
    [("", "not_authed"), ("xoxb-wrong", "invalid_auth"), ("xapp-local-workspace", "not_allowed_token_type")],
)
async def test_a_wrong_token_is_told_in_a_200(slack: LocalSlack, token: str, error: str) -> None:
    async with aiohttp.ClientSession() as session:
        answer = await session.post(f"{slack.api_url}auth.test", headers={"Authorization": f"Bearer {token}"})
        assert answer.status == 200
        assert await answer.json() == {"ok": False, "error": error}


async def test_arguments_come_from_query_form_and_json_alike(slack: LocalSlack) -> None:
    args = {"channel": GENERAL, "text": "hello"}
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    form = aiohttp.FormData(args)
    multipart = aiohttp.FormData(args, default_to_multipart=True)
    url = f"{slack.api_url}chat.postMessage"
    async with aiohttp.ClientSession(headers=headers) as session:
        for call in (
            session.post(url, json=args), session.post(url, data=form), session.post(url, params=args),
            session.get(url, params=args), session.post(url, data=multipart),
        ):
            async with call as answer:
                assert (await answer.json())["message"]["text"] == "hello"


async def test_an_unknown_method_and_an_unknown_channel_are_told(client: AsyncWebClient) -> None:
    assert (await refusal(client.api_call("chat.explode")))["error"] == "unknown_method"
    assert (await refusal(client.chat_postMessage(channel="C0NOWHERE", text="x")))["error"] == "channel_not_found"


async def test_a_method_without_its_scope_says_which_is_needed(slack: LocalSlack) -> None:
    manifest = {"oauth_config": {"scopes": {"bot": ["reactions:read"]}}}
    async with LocalSlack(manifest=manifest) as bare:
        answer = await refusal(web_client(bare).chat_postMessage(channel=GENERAL, text="x"))
        assert answer["error"] == "missing_scope"
        assert (answer["needed"], answer["provided"]) == ("chat:write", "reactions:read")


async def test_reading_a_channel_needs_the_scope_of_its_kind() -> None:
    async with LocalSlack(manifest={"oauth_config": {"scopes": {"bot": ["channels:history"]}}}) as slack:
        client = web_client(slack)
        assert (await client.conversations_history(channel=GENERAL))["messages"] == []
        assert (await refusal(client.conversations_history(channel=SECRET)))["needed"] == "groups:history"
        assert (await refusal(client.conversations_info(channel=GENERAL)))["needed"] == "channels:read"


async def test_the_bot_may_post_only_where_it_is_a_member(client: AsyncWebClient) -> None:
    assert (await refusal(client.chat_postMessage(channel=RANDOM, text="x")))["error"] == "not_in_channel"
    assert (await client.chat_postMessage(channel=SECRET, text="x"))["ok"]


async def test_posting_to_a_person_reaches_their_direct_messages(client: AsyncWebClient) -> None:
    assert (await client.chat_postMessage(channel=ALICE, text="x"))["channel"] == ALICE_DM


async def test_blocks_get_ids_and_metadata_stays(client: AsyncWebClient) -> None:
    metadata = {"event_type": "edit", "event_payload": {"id": "1"}}
    blocks = [section("hi"), actions(button("retry"))]
    message = (await client.chat_postMessage(channel=GENERAL, text="x", blocks=blocks, metadata=metadata))["message"]
    assert message["metadata"] == metadata
    assert len({block["block_id"] for block in message["blocks"]}) == 2


async def test_an_update_without_blocks_removes_them(client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel=GENERAL, text="x", blocks=[section("hi")])
    with_blocks = await client.chat_update(channel=GENERAL, ts=posted["ts"], text="y", blocks=[section("there")])
    assert with_blocks["message"]["blocks"][0]["text"]["text"] == "there"
    assert "edited" not in with_blocks["message"]
    without = await client.chat_update(channel=GENERAL, ts=posted["ts"], text="z")
    assert "blocks" not in without["message"]
    assert without["message"]["edited"]["user"] == "U0EDITOR1"


async def test_the_bot_cannot_change_what_people_wrote(slack: LocalSlack, client: AsyncWebClient) -> None:
    ts = await Person(slack.origin, ALICE).post(GENERAL, "mine")
    assert (await refusal(client.chat_update(channel=GENERAL, ts=ts, text="x")))["error"] == "cant_update_message"
    assert (await refusal(client.chat_delete(channel=GENERAL, ts=ts)))["error"] == "cant_delete_message"
    assert (await refusal(client.chat_delete(channel=GENERAL, ts="1.000001")))["error"] == "message_not_found"


async def test_a_deleted_root_of_a_thread_leaves_a_tombstone(slack: LocalSlack, client: AsyncWebClient) -> None:
    root = await client.chat_postMessage(channel=GENERAL, text="root")
    await client.chat_postMessage(channel=GENERAL, text="reply", thread_ts=root["ts"])
    await client.chat_delete(channel=GENERAL, ts=root["ts"])
    replies = (await client.conversations_replies(channel=GENERAL, ts=root["ts"]))["messages"]
    assert [m.get("subtype") for m in replies] == ["tombstone", None]


async def test_only_one_person_sees_an_ephemeral_message(slack: LocalSlack, client: AsyncWebClient) -> None:
    answer = await client.chat_postEphemeral(channel=VIDEO, user=BOB, text="psst")
    seen = await Person(slack.origin, BOB).history(VIDEO)
    assert [(m["ts"], m["text"], m["ephemeral"]) for m in seen] == [(answer["message_ts"], "psst", True)]
    assert await Person(slack.origin, ALICE).history(VIDEO) == []
    elsewhere = client.chat_postEphemeral(channel=SECRET, user=BOB, text="x")
    assert (await refusal(elsewhere))["error"] == "user_not_in_channel"
    update = client.chat_update(channel=VIDEO, ts=answer["message_ts"], text="x")
    assert (await refusal(update))["error"] == "message_not_found"


async def test_nobody_sees_an_ephemeral_message_in_a_thread_without_replies(
    slack: LocalSlack, client: AsyncWebClient
) -> None:
    root = (await client.chat_postMessage(channel=VIDEO, text="root"))["ts"]
    for words in ("too early", "in time"):
        await client.chat_postEphemeral(channel=VIDEO, user=BOB, text=words, thread_ts=root)
        await client.chat_postMessage(channel=VIDEO, text="reply", thread_ts=root)
    seen = await Person(slack.origin, BOB).history(VIDEO)
    assert [message["text"] for message in seen if message.get("ephemeral")] == ["in time"]


async def test_permalinks_name_the_thread(slack: LocalSlack, client: AsyncWebClient) -> None:
    root = (await client.chat_postMessage(channel=GENERAL, text="root"))["ts"]
    reply = (await client.chat_postMessage(channel=GENERAL, text="reply", thread_ts=root))["ts"]
    address = f"{slack.origin}/archives/{GENERAL}/p"
    answers = [await client.chat_getPermalink(channel=GENERAL, message_ts=ts) for ts in (root, reply)]
    assert [answer["permalink"] for answer in answers] == [
        f"{address}{root.replace('.', '')}",
        f"{address}{reply.replace('.', '')}?thread_ts={root}&cid={GENERAL}",
    ]


async def test_a_thread_that_is_not_there_is_refused(client: AsyncWebClient) -> None:
    answer = await refusal(client.chat_postMessage(channel=GENERAL, text="x", thread_ts="1.000001"))
    assert answer["error"] == "thread_not_found"


@pytest.mark.parametrize(
    ("blocks", "error"),
    [
        ([section("x")] * 51, "invalid_blocks"),
        ([section("x" * 3001)], "invalid_blocks"),
        ([{"type": "sparkle"}], "invalid_blocks"),
        ([actions(button("a", label="x" * 76))], "invalid_blocks"),
        ([actions(button("same"), button("same"))], "invalid_blocks"),
        ({"type": "section"}, "invalid_blocks_format"),
    ],
)
async def test_blocks_beyond_the_limits_are_refused(client: AsyncWebClient, blocks: Any, error: str) -> None:
    arguments = {"channel": GENERAL, "text": "x", "blocks": blocks}
    answer = await refusal(client.api_call("chat.postMessage", json=arguments))
    assert answer["error"] == error


async def test_nothing_to_say_is_refused(client: AsyncWebClient) -> None:
    answer = await refusal(client.api_call("chat.postMessage", json={"channel": GENERAL}))
    assert answer["error"] == "no_text"


async def test_reactions_are_added_once_and_removed_once(client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel=GENERAL, text="x"))["ts"]
    await client.reactions_add(channel=GENERAL, timestamp=ts, name="eyes")
    again = client.reactions_add(channel=GENERAL, timestamp=ts, name="eyes")
    assert (await refusal(again))["error"] == "already_reacted"
    shown = (await client.reactions_get(channel=GENERAL, timestamp=ts))["message"]["reactions"]
    assert shown == [{"name": "eyes", "users": ["U0EDITOR1"], "count": 1}]
    await client.reactions_remove(channel=GENERAL, timestamp=ts, name="eyes")
    removal = client.reactions_remove(channel=GENERAL, timestamp=ts, name="eyes")
    assert (await refusal(removal))["error"] == "no_reaction"


async def test_history_gives_roots_newest_first_and_threads_oldest_first(client: AsyncWebClient) -> None:
    first, second = [(await client.chat_postMessage(channel=GENERAL, text=t))["ts"] for t in ("1", "2")]
    reply = (await client.chat_postMessage(channel=GENERAL, text="3", thread_ts=first))["ts"]
    history = (await client.conversations_history(channel=GENERAL))["messages"]
    assert [m["ts"] for m in history] == [second, first]
    assert (history[1]["reply_count"], history[1]["latest_reply"]) == (1, reply)
    thread = (await client.conversations_replies(channel=GENERAL, ts=first))["messages"]
    assert [m["ts"] for m in thread] == [first, reply]
    page = await client.conversations_history(channel=GENERAL, limit=1)
    assert page["has_more"]
    rest = await client.conversations_history(channel=GENERAL, limit=1, cursor=page["response_metadata"]["next_cursor"])
    assert [m["ts"] for m in rest["messages"]] == [first]


async def test_a_limited_method_says_how_long_to_wait(slack: LocalSlack, client: AsyncWebClient) -> None:
    slack.faults.change({"rate_limits": {"chat.postMessage": 1}, "retry_after_s": 0})
    answer = await refusal(client.chat_postMessage(channel=GENERAL, text="x"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "0")
    slack.faults.rate_limits["chat.postMessage"] = 1
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    assert (await client.chat_postMessage(channel=GENERAL, text="x"))["ok"]


async def test_the_real_limits_hold_when_they_are_switched_on(slack: LocalSlack, client: AsyncWebClient) -> None:
    slack.faults.real_rate_limits = True
    ts = (await client.chat_postMessage(channel=GENERAL, text="x"))["ts"]
    assert (await refusal(client.chat_postMessage(channel=GENERAL, text="y"))).status_code == 429
    assert (await client.chat_postMessage(channel=VIDEO, text="another channel"))["ok"]
    for number in range(50):
        await client.chat_update(channel=GENERAL, ts=ts, text=str(number))
    assert (await refusal(client.chat_update(channel=GENERAL, ts=ts, text="z"))).status_code == 429


async def test_a_lost_answer_means_that_the_call_was_carried_out(slack: LocalSlack, client: AsyncWebClient) -> None:
    slack.faults.lost_answers["chat.postMessage"] = 1
    client.retry_handlers.clear()
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=GENERAL, text="did it arrive?")
    assert [m["text"] for m in await Person(slack.origin, ALICE).history(GENERAL)] == ["did it arrive?"]


async def test_a_method_fails_with_any_error_that_is_asked_for(slack: LocalSlack, client: AsyncWebClient) -> None:
    slack.faults.errors["files.getUploadURLExternal"] = "file_uploads_disabled"
    answer = await refusal(client.files_getUploadURLExternal(filename="a.mp4", length=1))
    assert answer["error"] == "file_uploads_disabled"
