"""Files both ways over real sockets: the upload form, and downloads that break."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web
from PIL import Image
from pydantic import SecretStr

from client.client import Client
from client.errors import DownloadError, InvalidRequest, ServiceError, UnexpectedAnswer
from client.models import Task, TaskStatus
from client.sources import Source, links
from tests.storage import hang_up, policy, read_form, serve

KEY = "sk-very-secret"
FILM = b"\0\0\0\x18ftypisom" + bytes(range(256)) * 400
ORDER = [
    "OSSAccessKeyId", "Signature", "policy", "key", "x-oss-object-acl", "x-oss-forbid-overwrite",
    "success_action_status", "x-oss-content-type", "file",
]  # fmt: skip


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


Forms = list[list[tuple[str, str]]]
Store = Callable[[web.Request], Awaitable[web.StreamResponse]]


def bucket(forms: Forms, *, spoil: list[str]) -> Store:
    """Serve policies and store forms; `spoil` says what goes wrong with the next uploads, in order."""
    policies = 0

    async def handler(request: web.Request) -> web.StreamResponse:
        nonlocal policies
        if request.method == "GET":
            policies += 1
            return web.json_response(policy(f"http://{request.host}/oss", f"dir{policies}"))
        fields, md5 = await read_form(request)
        forms.append(fields)
        match spoil.pop(0) if spoil else "":
            case "drop":
                return hang_up(request)
            case "expired":
                words = "Invalid according to Policy: Policy expired."
                body = f"<Error><Code>AccessDenied</Code><Message>{words}</Message></Error>"
                return web.Response(status=403, text=body)
            case "denied":
                return web.Response(status=403, text="<Error><Code>SignatureDoesNotMatch</Code></Error>")
            case "damaged":
                return web.Response(headers={"ETag": '"00"'})
            case _:
                return web.Response(headers={"ETag": f'"{md5.upper()}"'})

    return handler


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    found = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        found.append(tmp_path / folder / "Клип 1.MP4")
        found[-1].write_bytes(FILM + folder.encode())
    return found


async def test_a_batch_goes_under_one_policy_by_unique_ascii_names_with_the_file_last(files: list[Path]) -> None:
    forms: Forms = []
    async with serve(bucket(forms, spoil=[])) as (origin, seen), Client(KEY, origin + "/api/v1") as client:
        links = await client.upload(files)
    assert [one.method for one in seen] == ["GET", "POST", "POST"]
    assert [[name for name, _ in form] for form in forms] == [ORDER, ORDER]
    assert len(set(links)) == 2
    assert all(link.startswith("oss://dir1/") and link.endswith(".mp4") and link.isascii() for link in links)
    assert {dict(form)["key"] for form in forms} == {link.removeprefix("oss://") for link in links}
    assert dict(forms[0])["x-oss-content-type"] == "video/mp4"


async def test_the_files_of_a_batch_travel_side_by_side(files: list[Path]) -> None:
    arriving, both = 0, asyncio.Event()
    store = bucket([], spoil=[])

    async def handler(request: web.Request) -> web.StreamResponse:
        nonlocal arriving
        if request.method == "POST":
            arriving += 1
            if arriving == len(files):
                both.set()
            await asyncio.wait_for(both.wait(), 10)  # one after the other would never get past here
        return await store(request)

    async with serve(handler) as (origin, _), Client(KEY, origin + "/api/v1") as client:
        assert len(await client.upload(files)) == 2


async def test_the_key_goes_with_the_policy_and_not_with_the_file(files: list[Path]) -> None:
    async with serve(bucket([], spoil=[])) as (origin, seen), Client(KEY, origin + "/api/v1") as client:
        await client.upload(files[:1])
    assert "authorization" in seen[0].headers
    assert "authorization" not in seen[1].headers


@pytest.mark.parametrize("fault", ["drop", "expired", "damaged"])
async def test_a_failed_upload_is_tried_again_under_a_fresh_policy_and_name(files: list[Path], fault: str) -> None:
    forms: Forms = []
    async with serve(bucket(forms, spoil=[fault])) as (origin, _), Client(KEY, origin + "/api/v1") as client:
        (link,) = await client.upload(files[:1])
    assert link.startswith("oss://dir2/")
    first, second = (dict(form)["key"].rpartition("/")[2] for form in forms)
    assert first != second


async def test_an_upload_that_never_arrives_whole_fails_in_the_end(files: list[Path]) -> None:
    forms: Forms = []
    async with serve(bucket(forms, spoil=["damaged"] * 9)) as (origin, _), Client(KEY, origin + "/api/v1") as client:
        with pytest.raises(ServiceError, match="whole"):
            await client.upload(files[:1])
    assert len(forms) == 3


async def test_an_empty_or_missing_file_is_named_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    async with serve(bucket([], spoil=[])) as (origin, seen), Client(KEY, origin + "/api/v1") as client:
        for name in ("empty.mp4", "missing.mp4"):
            with pytest.raises(InvalidRequest, match=name):
                await client.upload([tmp_path / name])
    assert seen == []


async def test_a_policy_cannot_send_files_to_another_plain_http_host(files: list[Path]) -> None:
    async def elsewhere(request: web.Request) -> web.StreamResponse:
        return web.Response()

    async with serve(elsewhere) as (other, seen_there):

        async def handler(request: web.Request) -> web.StreamResponse:
            return web.json_response(policy(other))

        async with serve(handler) as (origin, _), Client(KEY, origin + "/api/v1") as client:
            with pytest.raises(UnexpectedAnswer):
                await client.upload(files)
            with pytest.raises(UnexpectedAnswer):
                await client.download(other + "/x.mp4", files[0])
        assert seen_there == []


def film(request: web.Request, *, cut_after: int | None = None, ranges: bool = True) -> Awaitable[web.StreamResponse]:
    """Send the film from the asked place on, and hang up after `cut_after` bytes."""

    async def send() -> web.StreamResponse:
        start = request.http_range.start or 0 if ranges else 0
        response = web.StreamResponse(status=206 if start else 200, headers={"ETag": '"film"'})
        if start:
            response.headers["Content-Range"] = f"bytes {start}-{len(FILM) - 1}/{len(FILM)}"
        response.content_length = len(FILM) - start
        await response.prepare(request)
        await response.write(FILM[start : None if cut_after is None else start + cut_after])
        if cut_after is not None:
            assert request.transport is not None
            request.transport.close()
        return response

    return send()


async def test_a_download_that_breaks_twice_goes_on_where_it_broke(tmp_path: Path) -> None:
    cuts = [40_000, 30_000]

    async def handler(request: web.Request) -> web.StreamResponse:
        return await film(request, cut_after=cuts.pop(0) if cuts else None)

    async with serve(handler) as (origin, seen), Client(KEY, origin + "/api/v1") as client:
        assert await client.download(origin + "/r.mp4", tmp_path / "out.mp4") == len(FILM)
    assert (tmp_path / "out.mp4").read_bytes() == FILM
    assert [one.headers.get("range") for one in seen] == [None, "bytes=40000-", "bytes=70000-"]
    assert seen[1].headers["if-range"] == '"film"'
    assert all(one.headers["accept-encoding"] == "identity" for one in seen)
    assert all("authorization" not in one.headers for one in seen)
    assert names(tmp_path) == ["out.mp4"]


async def test_a_storage_without_ranges_is_read_from_the_start_again(tmp_path: Path) -> None:
    cuts = [40_000]

    async def handler(request: web.Request) -> web.StreamResponse:
        return await film(request, cut_after=cuts.pop(0) if cuts else None, ranges=False)

    async with serve(handler) as (origin, _), Client(KEY, origin + "/api/v1") as client:
        await client.download(origin + "/r.mp4", tmp_path / "out.mp4")
    assert (tmp_path / "out.mp4").read_bytes() == FILM


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (403, b"<Error/>", "expired"),
        (200, b"", "not an MP4"),
        (200, b"<html>sorry</html>", "not an MP4"),
        (301, b"", "301"),
    ],
)
async def test_what_is_no_video_leaves_no_file(tmp_path: Path, status: int, body: bytes, words: str) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=body)

    async with serve(handler) as (origin, seen), Client(KEY, origin + "/api/v1") as client:
        with pytest.raises(DownloadError, match=words):
            await client.download(origin + "/r.mp4?Signature=SIGNED", tmp_path / "out.mp4")
    assert len(seen) == 1
    assert names(tmp_path) == []


async def test_a_link_that_expired_is_asked_for_anew(tmp_path: Path) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path == "/old.mp4":
            return web.Response(status=403, body=b"<Error/>")
        if request.path == "/new.mp4":
            return await film(request)
        link = f"http://{request.host}/new.mp4"
        return web.json_response({"output": {"task_id": "t", "task_status": "SUCCEEDED", "video_url": link}})

    async with serve(handler) as (origin, seen), Client(KEY, origin + "/api/v1") as client:
        task = Task(task_id="t", status=TaskStatus.SUCCEEDED, video_url=SecretStr(origin + "/old.mp4"))
        assert await client.load(task, tmp_path / "out.mp4") == len(FILM)
        assert [one.path for one in seen] == ["/old.mp4", "/api/v1/tasks/t", "/new.mp4"]


async def test_a_result_that_is_gone_is_told_as_gone(tmp_path: Path) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.json_response({"output": {"task_id": "t", "task_status": "UNKNOWN"}})

    async with serve(handler) as (origin, _), Client(KEY, origin + "/api/v1") as client:
        with pytest.raises(DownloadError, match="24 hours"):
            await client.load(Task(task_id="t", status=TaskStatus.SUCCEEDED), tmp_path / "out.mp4")


async def test_pictures_go_inline_when_small_and_by_upload_when_not_also_as_bytes(
    files: list[Path], tmp_path: Path
) -> None:
    small, large = tmp_path / "small.png", tmp_path / "large.png"
    Image.new("RGB", (300, 300)).save(small)
    Image.effect_noise((1200, 1200), 200).save(large, compress_level=0)
    forms: Forms = []
    async with serve(bucket(forms, spoil=[])) as (origin, _), Client(KEY, origin + "/api/v1") as client:
        link = "https://a.example/b.png"
        images: list[Source] = [small, large, small.read_bytes(), large.read_bytes(), link, str(large)]
        video, found = await links(client, files[0], images)
    assert video.startswith("oss://")
    assert [link.partition(":")[0] for link in found] == ["data", "oss", "data", "oss", "https", "oss"]
    assert found[0] == found[2]
    assert found[1] == found[5]  # one file is sent once
    assert len(forms) == 3


async def test_a_video_above_the_limit_is_not_kept(tmp_path: Path) -> None:
    async with serve(film) as (origin, _), Client(KEY, origin + "/api/v1") as client:
        with pytest.raises(DownloadError, match="5000"):
            await client.download(origin + "/r.mp4", tmp_path / "out.mp4", max_bytes=5000)
    assert names(tmp_path) == []


async def test_an_older_file_survives_a_download_that_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "out.mp4").write_bytes(b"older")
    begun = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        begun.set()
        return await film(request, cut_after=100)

    async with serve(handler) as (origin, _), Client(KEY, origin + "/api/v1") as client:
        loading = asyncio.create_task(client.download(origin + "/r.mp4", tmp_path / "out.mp4"))
        await begun.wait()
        loading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await loading
    assert names(tmp_path) == ["out.mp4"]
    assert (tmp_path / "out.mp4").read_bytes() == b"older"
