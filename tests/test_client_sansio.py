"""The wire without a socket: bodies as the service documents or sends them."""

import contextlib
import json
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client import side_fields
from client.bodies import parameters_of
from client.catalogue import WAN_EDIT
from client.checks import faults
from client.errors import ServiceError, Throttled, UnexpectedAnswer, WanError
from client.models import EditRequest, Parameters, Task, TaskStatus
from client.oss import upload_error
from client.sansio import (
    Answer,
    create_call,
    get_call,
    list_call,
    read_cancel,
    read_error,
    read_page,
    read_policy,
    read_task,
)

VIDEO = "https://example.com/in.mp4"


def ok(body: object) -> Answer:
    return Answer(200, {}, json.dumps(body).encode())


def test_a_create_says_only_what_the_docs_name_and_always_says_watermark() -> None:
    call = create_call(EditRequest(prompt="clay", video=VIDEO), WAN_EDIT)
    assert call.json == {
        "model": "wan2.7-videoedit",
        "input": {"prompt": "clay", "media": [{"type": "video", "url": VIDEO}]},
        "parameters": {
            "resolution": "720P", "duration": 0, "audio_setting": "auto", "prompt_extend": True, "watermark": False,
        },
    }  # fmt: skip
    assert call.headers == {"X-DashScope-Async": "enable"}


def test_a_create_keeps_the_order_of_images_and_names_every_parameter() -> None:
    parameters = Parameters(ratio="9:16", duration_s=5, seed=0)
    images = ("oss://a", VIDEO)
    request = EditRequest(prompt="p", video=VIDEO, images=images, negative_prompt="n", parameters=parameters)
    body = json.loads(json.dumps(create_call(request, WAN_EDIT).json))
    assert [part["url"] for part in body["input"]["media"]] == [VIDEO, "oss://a", VIDEO]
    assert body["input"]["negative_prompt"] == "n"
    assert (body["parameters"]["ratio"], body["parameters"]["duration"], body["parameters"]["seed"]) == ("9:16", 5, 0)


@pytest.mark.parametrize(("video", "images"), [("oss://v", ()), (VIDEO, ("oss://i",))])
def test_the_resolve_header_goes_with_uploaded_media_only(video: str, images: tuple[str, ...]) -> None:
    call = create_call(EditRequest(prompt="p", video=video, images=images), WAN_EDIT)
    assert call.headers["X-DashScope-OssResourceResolve"] == "enable"


class Repaint(EditRequest):
    """Say what `wan2.1-vace-plus` needs beyond the others, as far as this test goes."""

    mask_image: str

    @property
    def links(self) -> tuple[str, ...]:
        return (*super().links, self.mask_image)


def repaint_body(request: EditRequest, known: Collection[str]) -> dict[str, object]:
    assert isinstance(request, Repaint)
    media = {"video_url": request.video, "ref_images_url": [*request.images], "mask_image_url": request.mask_image}
    inputs = {"function": "video_edit", "prompt": request.prompt, **media}
    return {"model": request.model, "input": inputs, "parameters": parameters_of(request, known)}


def test_a_model_with_a_body_of_its_own_is_one_more_row_and_one_more_function() -> None:
    vace = replace(
        WAN_EDIT, body=repaint_body, prompt_max_chars=800, max_images=3, negative_max_chars=0, regions=("cn-beijing",),
        parameters={"seed": None, "prompt_extend": True, "watermark": False},
    )  # fmt: skip
    request = Repaint(
        model="wanx2.1-vace-plus", prompt="p", video=VIDEO, images=(VIDEO,), mask_image="oss://mask",
        parameters=Parameters(seed=1),
    )  # fmt: skip
    call = create_call(request, vace)
    assert call.json == {
        "model": "wanx2.1-vace-plus",
        "input": {
            "function": "video_edit", "prompt": "p", "video_url": VIDEO, "ref_images_url": [VIDEO],
            "mask_image_url": "oss://mask",
        },
        "parameters": {"prompt_extend": True, "watermark": False, "seed": 1},
    }  # fmt: skip
    assert call.headers["X-DashScope-OssResourceResolve"] == "enable"
    assert faults(request, vace, "cn-beijing") == []
    assert len(faults(request.model_copy(update={"prompt": "x" * 801}), vace, "ap-southeast-1")) == 2


def test_a_task_id_cannot_leave_its_place_in_the_path() -> None:
    assert get_call("../uploads?a=b").path == "/tasks/..%2Fuploads%3Fa%3Db"


def test_a_list_asks_without_times_because_their_zone_is_not_documented() -> None:
    query = list_call(status=TaskStatus.RUNNING, model="m", page=2, page_size=100).query
    assert query == {"page_no": "2", "page_size": "100", "status": "RUNNING", "model_name": "m"}


def test_a_finished_task_is_read_whole_and_its_times_are_utc_plus_8() -> None:
    output = {
        "task_id": "t", "task_status": "SUCCEEDED", "submit_time": "2026-04-16 17:51:42.420",
        "end_time": "2026-04-16 17:57:40.000", "orig_prompt": "SECRET", "video_url": "https://r/SECRET.mp4",
    }  # fmt: skip
    usage = {"duration": 10.04, "input_video_duration": 5.02, "output_video_duration": 5.02, "SR": "720"}
    task = read_task(ok({"request_id": "r", "output": output, "usage": usage}))
    assert task.submitted_at == datetime(2026, 4, 16, 9, 51, 42, 420_000, tzinfo=UTC)
    assert task.usage is not None
    assert (task.usage.billed_s, task.usage.output_s, task.usage.resolution) == (10.04, 5.02, 720)
    assert task.video_url is not None
    assert task.video_url.get_secret_value() == "https://r/SECRET.mp4"
    assert "SECRET" not in repr(task)


FINISHED: dict[str, dict[str, object]] = {
    "": {"request_id": "r"},
    "output": {
        "submit_time": "2026-04-16 17:51:42.420", "scheduled_time": "2026-04-16 17:51:43.000",
        "end_time": "2026-04-16 17:57:40.000", "orig_prompt": "clay", "code": "", "message": "",
    },
    "usage": {
        "duration": 10.04, "input_video_duration": 5.02, "output_video_duration": 5.02, "SR": 720, "video_count": 1,
    },
}  # fmt: skip
ODD = ("720P", "soon", "\ud800", -1, 10**400, float("nan"), float("inf"), True, None, [1], {"a": 1}, "0001-01-01")


def finished(part: str = "", name: str = "", **odd: object) -> Task:
    parts = {key: dict(fields) for key, fields in FINISHED.items()}
    if name:
        del parts[part][name]
        parts[part] |= odd
    needed = {"task_id": "t", "task_status": "SUCCEEDED", "video_url": "https://r/out.mp4"}
    return read_task(ok({**parts[""], "usage": parts["usage"], "output": {**needed, **parts["output"]}}))


@pytest.mark.parametrize(("part", "name"), [(part, name) for part, fields in FINISHED.items() for name in fields])
def test_no_field_beside_the_video_keeps_a_finished_video_back(part: str, name: str) -> None:
    for task in (finished(part, name), *(finished(part, name, **{name: odd}) for odd in ODD)):
        assert task.status is TaskStatus.SUCCEEDED
        assert task.video_url is not None
        assert task.usage is None or 0 <= task.usage.billed_s < 86_400


UNREADABLE: tuple[object, ...] = ("none", [1], {}, 7, {"duration": "much"}, {"SR": 720}, {"duration": 5, "SR": "HD"})


@pytest.mark.parametrize("bill", UNREADABLE)
def test_a_bill_that_cannot_be_read_is_none_and_the_video_is_there(bill: object) -> None:
    output = {"task_id": "t", "task_status": "SUCCEEDED", "video_url": "https://r/out.mp4"}
    task = read_task(ok({"output": output, "usage": bill}))
    assert (task.usage, task.video_url is not None) == (None, True)


def test_an_odd_field_of_a_bill_is_named_once_in_the_log_and_never_quoted(caplog: pytest.LogCaptureFixture) -> None:
    side_fields._report.cache_clear()
    usages = [finished("usage", "SR", SR="720P").usage]
    usages += [finished("usage", name, **{name: "SECRET"}).usage for name in ("output_video_duration",) * 2]
    assert [one and (one.billed_s, one.resolution) for one in usages] == [(10.04, 720)] * 3
    assert [vars(record)["field"] for record in caplog.records] == ["output_video_duration"]
    assert "SECRET" not in caplog.text


def test_an_unknown_status_word_counts_as_not_finished() -> None:
    assert not read_task(ok({"output": {"task_id": "t", "task_status": "RESTING"}})).status.finished


def test_a_list_row_has_its_time_in_utc() -> None:
    row = {"task_id": "t", "status": "RUNNING", "model_name": "m", "gmt_create": 1745568428915, "request_id": "r"}
    page = read_page(ok({"page_no": 1, "page_size": 10, "total_page": 1, "total": 1, "data": [row]}))
    assert page.rows[0].created_at == datetime(2025, 4, 25, 8, 7, 8, 915_000, tzinfo=UTC)


def test_a_cancel_that_comes_too_late_is_no_error() -> None:
    body = json.dumps({"code": "UnsupportedOperation", "message": "Failed to cancel the task"}).encode()
    assert read_cancel(Answer(400, {}, body)) is False
    assert read_cancel(ok({"request_id": "r"})) is True


def test_retry_after_is_honoured_when_it_comes() -> None:
    error = read_error(Answer(429, {"retry-after": "7"}, b'{"code":"Throttling","message":"slow"}'))
    assert isinstance(error, Throttled)
    assert error.retry_after_s == 7


def test_html_and_broken_json_are_the_services_fault_and_a_missing_field_a_surprise() -> None:
    for body in (b"<html>hello</html>", b'{"output":', b"[]", b""):
        with pytest.raises(ServiceError):
            read_task(Answer(200, {}, body))
    with pytest.raises(UnexpectedAnswer):
        read_task(ok({"output": {}}))


@given(status=st.sampled_from([200, 302, 400, 429, 500]), body=st.binary(max_size=60))
def test_no_body_breaks_the_readers_other_than_by_an_error_of_the_tree(status: int, body: bytes) -> None:
    for read in (read_task, read_page, read_policy):
        with pytest.raises(WanError):
            read(Answer(status, {}, body))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(st.sampled_from(["output", "task_id", "task_status", "data", "code", "usage", "total"]), inner),
    max_leaves=8,
)


@given(body=json_values, status=st.sampled_from([200, 400, 500]))
def test_any_json_is_read_or_refused_by_an_error_of_the_tree(body: object, status: int) -> None:
    for read in (read_task, read_page, read_policy, read_cancel):
        with contextlib.suppress(WanError):  # anything else fails the test
            read(Answer(status, {}, json.dumps(body).encode()))


def test_an_upload_counts_only_when_the_md5_agrees() -> None:
    assert upload_error(200, {"etag": '"ABC"'}, b"", md5="abc") is None
    assert isinstance(upload_error(200, {"etag": '"ABD"'}, b"", md5="abc"), ServiceError)
    assert isinstance(upload_error(200, {}, b"", md5="abc"), ServiceError)
