"""Files of the local workspace: uploads in three steps, late shares, private downloads with all their traps."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.faults import Faults
from bot.sandbox.person import Person, RefusedError
from bot.sandbox.workspace import LocalSlack
from tests.slack_app import ALICE, BOB, BOB_DM, GENERAL, RANDOM, SECRET, VIDEO, actions, button, section, web_client

CONTENT = bytes(range(256)) * 40


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with LocalSlack(faults=Faults(late_shares_s=0.02)) as running:
        yield running


@pytest.fixture
def client(slack: LocalSlack) -> AsyncWebClient:
    return web_client(slack)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "My Clip.mp4"
    path.write_bytes(CONTENT)
    return path


async def uploaded(client: AsyncWebClient, content: bytes = CONTENT, name: str = "out.mp4") -> str:
    """Carry out the first two steps of an upload and return the file's id."""
    announced = await client.files_getUploadURLExternal(filename=name, length=len(content))
    async with httpx.AsyncClient() as http:
        answer = await http.post(announced["upload_url"], content=content)
        assert answer.status_code == 200
    return str(announced["file_id"])


async def complete(client: AsyncWebClient, file_id: str, **more: Any) -> Any:
    arguments = {"files": [{"id": file_id, "title": "Result"}], **more}
    return await client.api_call("files.completeUploadExternal", json=arguments)


def has_file(file_id: str) -> Any:
    return lambda message: any(file["id"] == file_id for file in message.get("files", []))


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        await call
    return str(refused.value.response["error"])


async def fetched(slack: LocalSlack, url: str, token: str | None = None, **headers: str) -> httpx.Response:
    authorization = {"Authorization": f"Bearer {slack.bot_token if token is None else token}"}
    async with httpx.AsyncClient() as http:
        return await http.get(url, headers=authorization | headers)


async def test_the_sdk_uploads_into_a_thread(slack: LocalSlack, client: AsyncWebClient) -> None:
    root = (await client.chat_postMessage(channel=GENERAL, text="root"))["ts"]
    await client.files_upload_v2(
        channel=GENERAL, thread_ts=root, content=CONTENT, filename="out.mp4", initial_comment="Done", title="Result"
    )
    alice = Person(slack.origin, ALICE)
    message = await alice.wait_for(GENERAL, lambda m: "files" in m)
    assert (message["text"], message["thread_ts"], message["subtype"]) == ("Done", root, "file_share")
    assert (message["files"][0]["title"], message["files"][0]["mimetype"]) == ("Result", "video/mp4")


async def test_completing_tells_no_ts_and_shares_come_late(slack: LocalSlack, client: AsyncWebClient) -> None:
    slack.faults.late_shares_s = 60.0
    file_id = await uploaded(client)
    completed = await complete(client, file_id, channel_id=VIDEO)
    assert completed["files"][0]["shares"] == {}
    assert (await client.files_info(file=file_id))["file"]["shares"] == {}
    slack.faults.late_shares_s = 0.0
    message = await Person(slack.origin, ALICE).wait_for(VIDEO, has_file(file_id))
    shares = (await client.files_info(file=file_id))["file"]["shares"]
    assert shares["public"][VIDEO][0]["ts"] == message["ts"]


async def test_shares_in_private_channels_are_named_private(slack: LocalSlack, client: AsyncWebClient) -> None:
    file_id = await uploaded(client)
    await complete(client, file_id, channel_id=SECRET)
    await Person(slack.origin, ALICE).wait_for(SECRET, has_file(file_id))
    assert list((await client.files_info(file=file_id))["file"]["shares"]) == ["private"]


async def test_buttons_sit_on_the_video_unless_there_is_a_comment(slack: LocalSlack, client: AsyncWebClient) -> None:
    blocks = [section("Done"), actions(button("retry"))]
    with_blocks, with_both = await uploaded(client), await uploaded(client)
    await complete(client, with_blocks, channel_id=VIDEO, blocks=blocks)
    await complete(client, with_both, channel_id=VIDEO, blocks=blocks, initial_comment="Only this")
    alice = Person(slack.origin, ALICE)
    shown = await alice.wait_for(VIDEO, has_file(with_blocks))
    assert [block["type"] for block in shown["blocks"]] == ["section", "actions"]
    commented = await alice.wait_for(VIDEO, has_file(with_both))
    assert (commented["text"], "blocks" in commented) == ("Only this", False)


async def test_a_markdown_block_makes_completing_fail(client: AsyncWebClient) -> None:
    file_id = await uploaded(client)
    blocks = json.dumps([{"type": "markdown", "text": "**x**"}])
    assert await error_of(complete(client, file_id, channel_id=VIDEO, blocks=blocks)) == "internal_error"


async def test_completing_twice_shows_the_video_twice(slack: LocalSlack, client: AsyncWebClient) -> None:
    file_id = await uploaded(client)
    await complete(client, file_id, channel_id=VIDEO)
    await complete(client, file_id, channel_id=VIDEO)
    alice = Person(slack.origin, ALICE)
    first = await alice.wait_for(VIDEO, has_file(file_id))
    second = await alice.wait_for(VIDEO, lambda m: has_file(file_id)(m) and m["ts"] != first["ts"])
    assert second["user"] == slack.bot_user_id


async def test_an_upload_of_another_length_is_refused(slack: LocalSlack, client: AsyncWebClient) -> None:
    announced = await client.files_getUploadURLExternal(filename="out.mp4", length=len(CONTENT) + 1)
    async with httpx.AsyncClient() as http:
        assert (await http.post(announced["upload_url"], content=CONTENT)).status_code == 400
    assert await error_of(complete(client, announced["file_id"], channel_id=VIDEO)) == "file_not_found"


async def test_an_upload_may_be_a_form_and_may_be_done_although_it_says_408(
    slack: LocalSlack, client: AsyncWebClient
) -> None:
    slack.faults.uploads_answered_408 = 1
    announced = await client.files_getUploadURLExternal(filename="out.mp4", length=len(CONTENT))
    async with httpx.AsyncClient() as http:
        answer = await http.post(announced["upload_url"], files={"file": ("out.mp4", CONTENT)})
    assert answer.status_code == 408
    assert (await complete(client, announced["file_id"], channel_id=VIDEO))["ok"]


async def test_a_result_cannot_go_where_the_bot_is_not(client: AsyncWebClient) -> None:
    file_id = await uploaded(client)
    assert await error_of(complete(client, file_id, channel_id=RANDOM)) == "not_in_channel"
    assert await error_of(complete(client, "F0NOWHERE", channel_id=VIDEO)) == "file_not_found"


async def test_the_bot_downloads_with_its_token_and_by_ranges(slack: LocalSlack, clip: Path) -> None:
    alice = Person(slack.origin, ALICE)
    ts = await alice.post(VIDEO, "look", [clip])
    file = (await alice.thread(VIDEO, ts))[0]["files"][0]
    whole = await fetched(slack, file["url_private_download"])
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, CONTENT, "video/mp4")
    part = await fetched(slack, file["url_private"], Range="bytes=10-19")
    assert (part.status_code, part.content) == (206, CONTENT[10:20])


async def test_a_wrong_token_gets_the_login_page_not_an_error(slack: LocalSlack, clip: Path) -> None:
    alice = Person(slack.origin, ALICE)
    ts = await alice.post(VIDEO, "look", [clip])
    url = (await alice.thread(VIDEO, ts))[0]["files"][0]["url_private_download"]
    redirect = await fetched(slack, url, token="xoxb-wrong")
    assert (redirect.status_code, "redir=" in redirect.headers["location"]) == (302, True)
    slack.faults.login_page = "html"
    page = await fetched(slack, url)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.text.startswith("<!DOCTYPE html>")


async def test_a_bot_without_files_read_gets_the_login_page(clip: Path) -> None:
    async with LocalSlack(manifest={"oauth_config": {"scopes": {"bot": ["chat:write"]}}}) as slack:
        alice = Person(slack.origin, ALICE)
        ts = await alice.post(VIDEO, "look", [clip])
        url = (await alice.thread(VIDEO, ts))[0]["files"][0]["url_private_download"]
        assert (await fetched(slack, url)).status_code == 302


async def test_a_file_of_a_foreign_channel_is_not_found(slack: LocalSlack, client: AsyncWebClient, clip: Path) -> None:
    alice = Person(slack.origin, ALICE)
    ts = await alice.post(RANDOM, "look", [clip])
    file = (await alice.thread(RANDOM, ts))[0]["files"][0]
    assert await error_of(client.files_info(file=file["id"])) == "file_not_found"
    assert (await fetched(slack, file["url_private_download"])).status_code == 404


async def test_the_scan_of_a_new_file_takes_its_time(slack: LocalSlack, client: AsyncWebClient, clip: Path) -> None:
    slack.faults.late_mimetype_s = 60.0
    alice = Person(slack.origin, ALICE)
    ts = await alice.post(VIDEO, "look", [clip])
    file = (await alice.thread(VIDEO, ts))[0]["files"][0]
    assert (file["mimetype"], file["filetype"], file["size"]) == ("", "", len(CONTENT))
    slack.faults.late_mimetype_s = 0.0
    assert (await client.files_info(file=file["id"]))["file"]["mimetype"] == "video/mp4"


async def test_a_deleted_file_leaves_a_tombstone(slack: LocalSlack, client: AsyncWebClient, clip: Path) -> None:
    alice = Person(slack.origin, ALICE)
    ts = await alice.post(VIDEO, "look", [clip])
    file = (await alice.thread(VIDEO, ts))[0]["files"][0]
    assert await error_of(client.files_delete(file=file["id"])) == "cant_delete_file"
    await alice.delete_file(file["id"])
    assert (await alice.thread(VIDEO, ts))[0]["files"] == [{"id": file["id"], "mode": "tombstone"}]
    assert await error_of(client.files_info(file=file["id"])) == "file_deleted"
    assert (await fetched(slack, file["url_private_download"])).status_code == 404


async def test_the_bot_deletes_its_own_file(slack: LocalSlack, client: AsyncWebClient) -> None:
    file_id = await uploaded(client)
    await client.files_delete(file=file_id)
    assert await error_of(client.files_info(file=file_id)) == "file_deleted"


async def test_people_save_what_they_can_see_and_nothing_else(slack: LocalSlack, clip: Path, tmp_path: Path) -> None:
    alice, bob = Person(slack.origin, ALICE), Person(slack.origin, BOB)
    ts = await alice.post(SECRET, "look", [clip])
    file_id = (await alice.thread(SECRET, ts))[0]["files"][0]["id"]
    await alice.save_file(file_id, tmp_path / "saved.mp4")
    assert (tmp_path / "saved.mp4").read_bytes() == CONTENT
    with pytest.raises(RefusedError):
        await bob.save_file(file_id, tmp_path / "stolen.mp4")


async def test_a_result_can_go_into_direct_messages(slack: LocalSlack, client: AsyncWebClient) -> None:
    file_id = await uploaded(client)
    await complete(client, file_id, channel_id=BOB_DM)
    message = await Person(slack.origin, BOB).wait_for(BOB_DM, has_file(file_id))
    assert message["files"][0]["is_public"] is False


def picture(**named: str) -> dict[str, Any]:
    return {"type": "image", "alt_text": "A garden", "slack_file": named}


async def test_a_picture_that_is_shared_nowhere_can_be_shown_in_blocks_once_it_is_completed_and_scanned(
    slack: LocalSlack, client: AsyncWebClient
) -> None:
    file_id = await uploaded(client, name="still.jpg")
    refused = await error_with(client, picture(id=file_id))
    assert refused == ("invalid_blocks", "[ERROR] invalid slack file [json-pointer:/blocks/0/slack_file]")
    slack.faults.late_mimetype_s = 60.0
    await complete(client, file_id)
    assert (await error_with(client, picture(id=file_id)))[0] == "invalid_blocks"
    slack.faults.late_mimetype_s = 0.0
    address = str((await client.files_info(file=file_id))["file"]["url_private"])
    for named in ({"id": file_id}, {"url": address}):
        await client.chat_postMessage(channel=SECRET, text="Look", blocks=[picture(**named)])
    for person, sees_it in ((ALICE, True), (BOB, False)):
        async with httpx.AsyncClient(base_url=slack.origin) as http:
            answer = await http.get(f"/local/files/{file_id}", params={"person": person})
        assert (answer.status_code == 200) is sees_it


async def test_blocks_show_no_video_nothing_unknown_and_nothing_that_is_not_the_apps_to_show(
    slack: LocalSlack, client: AsyncWebClient
) -> None:
    video = await uploaded(client)
    await complete(client, video)
    async with httpx.AsyncClient(base_url=slack.origin) as http:
        posted = {"person": BOB, "channel": RANDOM, "text": "mine"}
        await http.post("/local/messages", data=posted, files={"files": ("still.png", CONTENT)})
    (bobs,) = [file.id for file in slack.state.files.values() if file.user == BOB]
    for named in ({"id": video}, {"id": bobs}, {"id": "F000000099"}, {"id": video, "url": "https://x/F000000099"}):
        assert (await error_with(client, picture(**named)))[0] == "invalid_blocks"
    assert "must match regex" in (await error_with(client, picture(id="F1")))[1]
    row = section("Edited") | {"accessory": picture(id=bobs)}
    with pytest.raises(SlackApiError) as refused:
        await client.views_publish(user_id=ALICE, view={"type": "home", "blocks": [section("Hello"), row]})
    answer = refused.value.response
    assert answer["error"] == "invalid_arguments"
    where = "/view/blocks/1/accessory/slack_file"
    assert answer["response_metadata"]["messages"] == [f"[ERROR] invalid slack file [json-pointer:{where}]"]


async def error_with(client: AsyncWebClient, block: dict[str, Any]) -> tuple[str, str]:
    """Return the error and the first reason with which a message of one block is refused."""
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel=GENERAL, text="Look", blocks=[block])
    answer = refused.value.response
    return str(answer["error"]), str(answer["response_metadata"]["messages"][0])
