"""Uploads and results of the local Wan: policies, forms, signed links, and a whole edit of what was uploaded."""

import asyncio
import base64
import contextlib
import hashlib
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from client.sandbox.clip import make_clip, make_picture
from tests.local_wan import FAST, MODEL, body, local_wan, until


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("files") / "clip.mp4", seconds=2.0, size=(320, 240), fps=10)


async def test_an_uploaded_film_comes_back_edited_and_billed_by_the_guide(clip: Path) -> None:
    async with local_wan(FAST) as on:
        answer = await on.finished(await on.created(body(("video", await on.uploaded(clip)), resolution="720P")))
        assert answer["output"]["task_status"] == "SUCCEEDED", answer
        assert answer["output"]["orig_prompt"] == "8-bit pixel style"
        assert answer["usage"] == {
            "duration": 4.0,
            "input_video_duration": 2.0,
            "output_video_duration": 2.0,
            "video_count": 1,
            "SR": 720,
        }
        url = answer["output"]["video_url"]
        async with on.session.get(url) as response:
            film = await response.read()
            assert (response.status, response.content_type) == (200, "video/mp4")
            assert film[4:8] == b"ftyp"
            assert film != await asyncio.to_thread(clip.read_bytes)
        async with on.session.get(url, headers={"Range": "bytes=100-199"}) as response:
            assert response.status == 206
            assert await response.read() == film[100:200]
        on.wan.faults.add("result", cut_after_bytes=50)
        with pytest.raises(aiohttp.ClientPayloadError):
            async with on.session.get(url) as response:
                await response.read()


async def test_a_result_link_dies_after_a_day_and_cannot_be_changed(clip: Path) -> None:
    now = [1_776_000_000.0]
    async with local_wan(FAST, clock=lambda: now[0]) as on:
        answer = await on.finished(await on.created(body(("video", await on.uploaded(clip)))))
        url: str = answer["output"]["video_url"]
        changed = url.replace("Expires=1", "Expires=2")
        bare = url.partition("?")[0]
        for wrong, code in ((changed, "SignatureDoesNotMatch"), (bare, "AccessDenied")):
            async with on.session.get(wrong) as response:
                assert response.status == 403
                assert f"<Code>{code}</Code>" in await response.text()
        async with on.session.head(url) as response:
            assert response.status == 403  # signed for GET only
        now[0] += 86_401
        async with on.session.get(url) as response:
            assert response.status == 403
            assert "Request has expired" in await response.text()


async def test_an_upload_answers_with_the_md5_of_the_file(clip: Path) -> None:
    async with local_wan() as on:
        status, text, headers = await on.upload(clip, await on.policy())
        assert (status, text) == (200, "")
        assert headers["ETag"].strip('"') == hashlib.md5(await asyncio.to_thread(clip.read_bytes)).hexdigest().upper()


async def test_the_same_name_is_not_overwritten(clip: Path) -> None:
    async with local_wan() as on:
        policy = await on.policy()
        assert (await on.upload(clip, policy))[0] == 200
        status, text, _ = await on.upload(clip, policy)
        assert status == 409
        assert "<Code>FileAlreadyExists</Code>" in text


async def test_a_policy_lives_five_minutes(clip: Path) -> None:
    now = [1_776_000_000.0]
    async with local_wan(clock=lambda: now[0]) as on:
        policy = await on.policy()
        assert policy["expire_in_seconds"] == 300
        now[0] += 301
        status, text, _ = await on.upload(clip, policy)
        assert status == 403
        assert "Policy expired" in text


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"Signature": "AAAA"}, 403, "SignatureDoesNotMatch"),
        ({"policy": "e30="}, 403, "SignatureDoesNotMatch"),
        ({"OSSAccessKeyId": "other"}, 403, "InvalidAccessKeyId"),
        ({"key": "elsewhere/clip.mp4"}, 403, "AccessDenied"),
        ({"key": ""}, 400, "InvalidArgument"),
    ],
)
async def test_a_form_that_does_not_fit_the_policy_is_refused(
    clip: Path, changed: dict[str, str], status: int, code: str
) -> None:
    async with local_wan() as on:
        got, text, _ = await on.upload(clip, await on.policy(), **changed)
        assert got == status
        assert f"<Code>{code}</Code>" in text


async def test_fields_after_the_file_do_not_count() -> None:
    async with local_wan() as on:
        policy = await on.policy()
        form = aiohttp.FormData()
        form.add_field("file", b"x", filename="a.mp4")
        form.add_field("key", f"{policy['upload_dir']}/a.mp4")
        async with on.session.post(policy["upload_host"], data=form) as response:
            assert response.status == 400
            assert "<Code>InvalidArgument</Code>" in await response.text()


async def test_a_chunked_upload_is_refused_as_oss_does(clip: Path) -> None:
    async with local_wan() as on:
        policy = await on.policy()
        form = aiohttp.FormData({"key": policy["upload_dir"] + "/a.mp4"})
        form.add_field("file", b"x", filename="a.mp4")
        async with on.session.post(policy["upload_host"], data=form(), chunked=True) as response:
            assert response.status == 411


async def test_a_policy_is_given_for_the_model_only() -> None:
    async with local_wan() as on:
        for query in ({"action": "getPolicy"}, {"action": "getPolicy", "model": "other"}, {"model": MODEL}):
            status, answer = await on.call("GET", "/uploads", params=query)
            assert (status, answer["code"]) == (400, "InvalidParameter")


async def test_an_upload_that_does_not_exist_fails_the_task() -> None:
    async with local_wan(FAST) as on:
        shown = (await on.finished(await on.created(body(("video", "oss://dashscope-instant/x/none.mp4")))))["output"]
        assert (shown["task_status"], shown["code"]) == ("FAILED", "InvalidParameter.DataInspection")


async def test_a_film_on_loopback_and_a_picture_as_data_uri_are_read(clip: Path, tmp_path: Path) -> None:
    picture = make_picture(tmp_path / "p.png", size=(240, 240))
    data = "data:image/png;base64," + base64.b64encode(await asyncio.to_thread(picture.read_bytes)).decode()

    async def give(request: web.Request) -> web.FileResponse:
        return web.FileResponse(clip)

    app = web.Application()
    app.router.add_get("/clip.mp4", give)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/clip.mp4"
        async with local_wan(FAST) as on:
            wanted = body(("video", url), ("reference_image", data), prompt="Use the colours of the image")
            answer = await on.finished(await on.created(wanted))
            assert answer["output"]["task_status"] == "SUCCEEDED", answer
            assert answer["usage"]["SR"] == 1080
    finally:
        await runner.cleanup()


async def test_what_the_engine_cannot_do_fails_and_says_what_it_can(clip: Path) -> None:
    async with local_wan(FAST) as on:
        wanted = body(("video", await on.uploaded(clip)), prompt="Replace the ball with a cat")
        shown = (await on.finished(await on.created(wanted)))["output"]
        assert (shown["task_status"], shown["code"]) == ("FAILED", "LocalEngine.Unsupported")
        assert "Replace the ball with a cat" in shown["message"]
        assert "8-bit pixel style" in shown["message"]


def engines_of(task_id: str) -> int:
    """How many processes work on a task."""
    commands = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it ended while we looked
            commands.append(entry.read_bytes())
    return sum(task_id.encode() in command for command in commands)


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="looks at processes where Linux lists them")
async def test_the_engine_is_a_process_beside_and_dies_with_the_service(clip: Path) -> None:
    async with local_wan(FAST) as on:
        wanted = body(("video", await on.uploaded(clip)), prompt="comic, film grain, claymation", resolution="1080P")
        task_id = await on.created(wanted)
        await until(lambda: engines_of(task_id) == 1)
        assert (await on.get(task_id))["output"]["task_status"] == "RUNNING"
    assert engines_of(task_id) == 0
