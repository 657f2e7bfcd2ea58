"""Requests, options and errors as values: no socket."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from client.bucket import Bucket
from client.catalogue import WAN_EDIT
from client.checks import violations
from client.client import Client
from client.errors import (
    AccountError,
    ContentRefused,
    InvalidRequest,
    Later,
    MediaUnreachable,
    ServiceError,
    Throttled,
    UnexpectedAnswer,
    WanError,
    classify,
)
from client.models import EditRequest, Parameters, Task, TaskStatus
from client.options import OPTIONS, Chosen, Option, apply_options
from client.oss import UploadPolicy
from client.regions import region_of
from client.sansio import Answer, create_call

BY_FLAG = {flag: option for option in OPTIONS for flag in option.flags}
VIDEO = "https://example.com/in.mp4"


def read(flag: str, text: str | None = None) -> tuple[Option, object]:
    option = BY_FLAG[flag]
    return option, option.value if text is None else option.parse(text)


def test_the_cheaper_resolution_is_the_default_and_lower_case_is_understood() -> None:
    assert Parameters().resolution == "720P"
    assert Parameters.model_validate({"resolution": "1080p"}).resolution == "1080P"


@pytest.mark.parametrize(
    "wrong", [{"duration_s": 1}, {"duration_s": 11}, {"seed": -1}, {"seed": 2**31}, {"ratio": "2:1"}]
)
def test_parameters_outside_the_documented_range_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Parameters.model_validate(wrong)


def test_parameters_survive_being_stored() -> None:
    found = Parameters(ratio="9:16", duration_s=5, seed=42, audio_setting="origin")
    assert Parameters.model_validate_json(found.model_dump_json()) == found


def test_everything_wrong_with_a_request_is_said_at_once_with_limit_and_value() -> None:
    images = (VIDEO,) * 4 + ("cat.png",)
    request = EditRequest(prompt="x" * 5001, negative_prompt="y" * 501, video="data:video/mp4;base64,AA", images=images)
    found = violations(request)
    assert len(found) == 5
    assert "5000" in found[0]
    assert "5001" in found[0]
    assert "500 " in found[1]
    assert "501" in found[1]
    assert "At most 4" in found[2]


def test_a_request_within_the_limits_has_no_violations() -> None:
    images = ("data:image/png;base64,AAAA", "oss://dir/coat.webp", VIDEO, VIDEO)
    assert violations(EditRequest(prompt="字" * 5000, video=VIDEO, images=images)) == []


def test_nothing_that_holds_a_secret_shows_it() -> None:
    policy = UploadPolicy(
        host="https://h", directory="d", max_bytes=1, access_key_id="SECRET", signature="SECRET", policy="SECRET",
        acl="private", forbid_overwrite="true",
    )  # fmt: skip
    task = Task(
        task_id="t", status=TaskStatus.SUCCEEDED, video_url=SecretStr("https://r/?SECRET"), orig_prompt="SECRET",
        message="SECRET",
    )  # fmt: skip
    images = ("data:image/png;base64,SECRET",)
    request = EditRequest(prompt="SECRET", negative_prompt="SECRET", video=VIDEO + "?SECRET", images=images)
    bucket = Bucket("https://b.example.com", access_key_id="SECRET", secret_access_key="SECRET")
    sent = (create_call(request, WAN_EDIT), Answer(200, {}, b"SECRET"))
    for one in (policy, task, request, bucket, Client("sk-SECRET"), *sent):
        assert repr(one).startswith(type(one).__name__)
        assert "SECRET" not in repr(one)


def test_each_option_sets_its_field() -> None:
    pairs = [read("--1080p"), read("--ratio", "9x16"), read("--seconds", "5s"), read("--seed", "42")]
    pairs += [read("--keep-audio"), read("--no-rewrite"), read("--negative", " blur ")]
    expected = Parameters(
        resolution="1080P", ratio="9:16", duration_s=5, seed=42, audio_setting="origin", prompt_extend=False
    )
    assert apply_options(pairs) == Chosen(expected, "blur")


def test_options_that_contradict_each_other_are_refused_but_not_the_same_twice() -> None:
    assert apply_options([read("--720p"), read("--720p")]).parameters.resolution == "720P"
    with pytest.raises(ValueError, match="--720p and --1080p"):
        apply_options([read("--720p"), read("--1080p")])


@given(flag=st.sampled_from(["--ratio", "--seconds", "--seed", "--negative"]), text=st.text(max_size=30))
def test_any_text_is_either_read_into_valid_parameters_or_refused_by_a_sentence(flag: str, text: str) -> None:
    refusal = ""
    try:
        pair = read(flag, text)
    except ValueError as error:
        refusal = str(error)
    else:
        # A ValidationError here would be a bug: parse lets nothing wrong through.
        parameters = apply_options([pair]).parameters
        assert Parameters.model_validate(parameters.model_dump()) == parameters
    assert refusal == "" or refusal.endswith(".")


@pytest.mark.parametrize(
    ("code", "message", "status", "kind"),
    [
        ("InvalidParameter", "duration", 400, InvalidRequest),
        ("InvalidParameter", "url error, please check url!", 400, AccountError),
        ("InvalidParameter", "Model not exist.", 400, AccountError),
        ("InvalidParameter.DataInspection", "", 400, MediaUnreachable),
        ("DataInspectionFailed", "", 400, ContentRefused),
        ("IPInfringementSuspect", "", None, ContentRefused),
        ("InvalidURL.Timeout", "", 400, MediaUnreachable),
        ("InvalidFile.Duration", "", None, InvalidRequest),
        ("InvalidFile.DownloadFailed", "", None, MediaUnreachable),
        ("Arrearage", "", 400, AccountError),
        ("InvalidApiKey", "", 401, AccountError),
        ("AccessDenied", "Invalid according to Policy: Policy expired.", 403, Later),
        ("AccessDenied.Unpurchased", "", 403, AccountError),
        ("Throttling.RateQuota", "", 429, Throttled),
        ("Throttling", "", None, Throttled),
        ("LimitRequests", "", 429, Throttled),
        ("Throttling.AllocationQuota", "", 429, AccountError),
        ("PostpaidBillOverdue", "", 429, AccountError),
        ("InternalError.Timeout", "", None, ServiceError),
        ("RewriteFailed", "", 500, ServiceError),
        ("InvalidParameter.NeverSeen", "", None, InvalidRequest),
        ("NeverSeen", "", 503, ServiceError),
        ("NeverSeen", "", 429, Throttled),
        (None, "", 401, AccountError),
        ("NeverSeen", "", None, UnexpectedAnswer),
    ],
)
def test_a_code_means_what_the_reader_can_do(
    code: str | None, message: str, status: int | None, kind: type[WanError]
) -> None:
    assert type(classify(code, message, status)) is kind


DOCUMENTED: dict[type[WanError], str] = {
    InvalidRequest: "InvalidParameter InvalidFile.Resolution InvalidFile.FPS InvalidFile.Size InvalidFile.Duration "
    "InvalidFile.AspectRatio InvalidFile.Openerror InvalidFile.Format InvalidFile.Content InvalidImage.FileFormat "
    "InvalidImageFormat InvalidImageResolution BadRequest.EmptyInput BadRequest.EmptyParameters BadRequest.EmptyModel "
    "BadRequest.IllegalInput BadRequest.UnsupportedFileFormat BadRequest.TooLarge UnsupportedOperation",
    MediaUnreachable: "InvalidParameter.DataInspection InvalidURL InvalidURL.ConnectionRefused InvalidURL.Timeout "
    "InvalidFile.DownloadFailed BadRequest.InputDownloadFailed",
    ContentRefused: "DataInspectionFailed IPInfringementSuspect CustomRoleBlocked FaqRuleBlocked",
    AccountError: "Arrearage InvalidApiKey AccessDenied AccessDenied.Unpurchased Model.AccessDenied App.AccessDenied "
    "Workspace.AccessDenied Endpoint.AccessDenied AllocationQuota.FreeTierOnly ModelNotFound model_not_found "
    "WorkSpaceNotFound NotFound Throttling.AllocationQuota CommodityNotPurchased PrepaidBillOverdue "
    "PostpaidBillOverdue",
    Throttled: "Throttling Throttling.RateQuota LimitRequests Throttling.BurstRate",
    ServiceError: "InternalError InternalError.Algo InternalError.Upload InternalError.FileUpload SystemError "
    "ModelServiceFailed RequestTimeOut InternalError.Timeout RewriteFailed ModelServingError ModelUnavailable",
    UnexpectedAnswer: "Conflict",
}


def test_every_documented_code_has_its_class_also_without_an_http_status() -> None:
    for kind, codes in DOCUMENTED.items():
        assert {code: type(classify(code, "m")) for code in codes.split()} == dict.fromkeys(codes.split(), kind)
    for sentence in ("invalid access token or token expired", "NOT AUTHORIZED"):
        assert type(classify(sentence, "m", 401)) is AccountError


def test_an_error_keeps_the_vendors_words_for_a_support_ticket() -> None:
    error = classify("Throttling.RateQuota", "slow down", 429, request_id="r", task_id="t", retry_after_s=3)
    assert (error.message, error.code, error.request_id, error.task_id, error.status) == (
        "slow down", "Throttling.RateQuota", "r", "t", 429,
    )  # fmt: skip
    assert isinstance(error, Throttled)
    assert error.retry_after_s == 3


def test_only_ends_are_finished() -> None:
    assert {status for status in TaskStatus if status.finished} == {"SUCCEEDED", "FAILED", "CANCELED"}


def test_a_region_is_told_from_both_forms_of_base_url() -> None:
    assert region_of("https://dashscope-intl.aliyuncs.com/api/v1") == "ap-southeast-1"
    assert region_of("https://ws-1.cn-beijing.maas.aliyuncs.com/api/v1") == "cn-beijing"
    assert region_of("http://127.0.0.1:1/api/v1") is None
