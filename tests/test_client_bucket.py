"""Uploads into one's own bucket, against a small S3 that checks every signature."""

import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from client.bucket import LINK_LIVES, Bucket, region_of_host
from client.client import Client
from client.errors import AccountError, InvalidRequest, ServiceError
from client.models import EditRequest, TaskStatus
from client.sandbox.clip import make_clip
from client.sandbox.limits import Limits
from client.sandbox.server import LocalWan
from client.sources import prepare
from client.transport import DIRECT
from tests.s3 import KEY_ID, SECRET, LocalS3, local_s3


def bucket_of(s3: LocalS3, *, path: str = "/wan", secret: str = SECRET) -> Bucket:
    return Bucket(s3.url + path, access_key_id=KEY_ID, secret_access_key=secret)


def file_of(folder: Path, size_bytes: int, name: str = "Клип.MP4") -> Path:
    path = folder / name
    path.write_bytes(bytes(range(256)) * (size_bytes // 256))
    return path


@pytest.mark.parametrize("size_bytes", [256, 12_000_000 // 256 * 256])
async def test_a_file_goes_whole_under_a_unique_ascii_name_and_its_link_reads_it(
    tmp_path: Path, size_bytes: int
) -> None:
    path = file_of(tmp_path, size_bytes)
    async with local_s3() as s3, httpx.AsyncClient(mounts=DIRECT) as http:
        link, again = await bucket_of(s3).upload([path, path])
        assert sorted(s3.objects) == sorted(urlsplit(one).path.lstrip("/") for one in (link, again))
        assert link != again
        assert urlsplit(link).path.startswith("/wan/")
        assert urlsplit(link).path.endswith(".mp4")
        assert link.isascii()
        read = await http.get(link)
        assert read.status_code == 200
        assert read.content == path.read_bytes()
        assert read.headers["content-type"] == "video/mp4"
        assert s3.refused == []
        assert (await http.get(link.replace("Signature=", "Signature=0"))).status_code == 403


async def test_a_link_lives_longer_than_any_queue(tmp_path: Path) -> None:
    async with local_s3() as s3:
        (link,) = await bucket_of(s3, path="").upload([file_of(tmp_path, 256)])
    assert parse_qs(urlsplit(link).query)["X-Amz-Expires"] == [str(int(LINK_LIVES.total_seconds()))]
    assert LINK_LIVES.total_seconds() > 3 * 3600


async def test_a_bucket_that_is_busy_for_a_moment_is_asked_again(tmp_path: Path) -> None:
    async with local_s3() as s3:
        s3.failures = 2
        await bucket_of(s3).upload([file_of(tmp_path, 256)])
        assert len(s3.objects) == 1


async def test_wrong_credentials_are_for_the_admin_and_in_no_message(tmp_path: Path) -> None:
    async with local_s3() as s3:
        bucket = bucket_of(s3, secret="another-secret")
        with pytest.raises(AccountError) as caught:
            await bucket.upload([file_of(tmp_path, 256)])
    assert "another-secret" not in repr(bucket) + caught.value.message


async def test_an_empty_or_missing_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    async with local_s3() as s3:
        for name in ("empty.mp4", "missing.mp4"):
            with pytest.raises(InvalidRequest, match=name):
                await bucket_of(s3).upload([tmp_path / name])


async def test_a_bucket_that_is_gone_is_told_as_such(tmp_path: Path) -> None:
    async with local_s3() as s3:
        bucket = bucket_of(s3)
    with pytest.raises(ServiceError, match=r"127\.0\.0\.1"):
        await bucket.upload([file_of(tmp_path, 256)])


async def test_an_edit_reads_its_media_out_of_ones_own_bucket(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", seconds=2, size=(320, 240), fps=10)
    limits = Limits(pending_s=0, min_run_s=0)
    async with (
        local_s3() as s3,
        LocalWan(limits=limits) as wan,
        Client(wan.api_key, wan.base_url, bucket=bucket_of(s3)) as client,
    ):
        request = await prepare(client, "Make it black and white", clip)
        assert isinstance(request, EditRequest)
        assert request.video.startswith(s3.url)
        task = await client.create(request)
        end = await client.wait(task.task_id, first_poll_s=0.1, poll_every_s=1.0, timeout_s=60)
    assert end.status is TaskStatus.SUCCEEDED, end.message


@pytest.mark.parametrize("url", ["http://bucket.example.com", "s3://bucket", "https://", "https://a.example/?x=1"])
def test_a_bucket_is_named_by_its_own_https_url(url: str) -> None:
    with pytest.raises(ValueError, match="https URL"):
        Bucket(url)


async def test_a_bucket_is_tried_by_the_probe_and_keeps_one_small_object() -> None:
    async with local_s3() as s3, LocalWan() as wan:
        for _ in range(2):
            async with Client(wan.api_key, wan.base_url, bucket=bucket_of(s3)) as client:
                await client.probe()
        assert s3.objects == {"wan/probe": b"probe"}
        async with Client(wan.api_key, wan.base_url, bucket=bucket_of(s3, secret="wrong")) as client:
            with pytest.raises(AccountError, match="bucket"):
                await client.probe()


def test_a_bucket_without_its_extra_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore.store", None)  # as where it is not installed
    with pytest.raises(ValueError, match=r"slack-video-editor\[bucket\]"):
        Bucket("https://bucket.example.com")


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("mine.oss-cn-beijing.aliyuncs.com", "cn-beijing"),
        ("mine.oss-cn-beijing-internal.aliyuncs.com", "cn-beijing"),
        ("mine.s3.oss-ap-southeast-1.aliyuncs.com", "ap-southeast-1"),
        ("mine.s3.eu-central-1.amazonaws.com", "eu-central-1"),
        ("mine.example.com", "us-east-1"),
    ],
)
def test_the_region_of_a_signature_is_read_out_of_the_buckets_address(host: str, region: str) -> None:
    assert region_of_host(host) == region
