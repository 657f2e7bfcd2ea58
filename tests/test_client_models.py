"""The model table, prices, regions and presets as values; and what a refused key is told."""

import base64
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from client.catalogue import HAPPY_HORSE_EDIT, MODELS, WAN_EDIT
from client.checks import prompt_length, violations
from client.client import Client
from client.errors import AccountError, InvalidRequest
from client.media import Film, film_faults
from client.models import DEFAULT_MODEL, EditRequest, Parameters, Usage
from client.presets import PRESETS
from client.prices import PRICES, Money, billed_s, cost, estimate, price
from client.regions import BASE_URLS, BEIJING, NAMES, SINGAPORE, region_of
from client.sandbox.clip import make_clip
from client.sansio import create_call
from client.sources import prepare, source_faults

VIDEO = "https://example.com/in.mp4"
HORSE = "happyhorse-1.0-video-edit"
WAN_REQUEST = EditRequest(prompt="clay", video=VIDEO)
HORSE_REQUEST = EditRequest(prompt="clay", video=VIDEO, model=HORSE)


def test_each_model_is_sent_the_parameters_that_it_knows_and_always_the_watermark() -> None:
    assert create_call(HORSE_REQUEST, HAPPY_HORSE_EDIT).json == {
        "model": HORSE,
        "input": {"prompt": "clay", "media": [{"type": "video", "url": VIDEO}]},
        "parameters": {"resolution": "720P", "audio_setting": "auto", "watermark": False},
    }
    assert WAN_EDIT.parameters.keys() == Parameters.model_fields.keys()


def test_what_a_model_would_not_see_is_refused_and_not_left_out_silently() -> None:
    changed = Parameters(ratio="9:16", duration_s=5, prompt_extend=False)
    request = HORSE_REQUEST.model_copy(update={"parameters": changed, "negative_prompt": "blur"})
    found = " ".join(violations(request))
    for name in ("ratio", "duration_s", "prompt_extend", "negative prompt"):
        assert name in found


def test_models_differ_in_pictures_and_in_how_they_count_characters() -> None:
    assert prompt_length("a字かカ한", HAPPY_HORSE_EDIT) == 9
    assert prompt_length("a字", WAN_EDIT) == 2
    long = {"prompt": "字" * 2501, "images": (VIDEO,) * 6}
    found = violations(HORSE_REQUEST.model_copy(update=long))
    assert len(found) == 2
    assert "5002" in found[0]
    assert "At most 5" in found[1]


def test_a_model_is_asked_for_only_where_it_is_served() -> None:
    (found,) = violations(WAN_REQUEST, "us-east-1")
    assert found == "wan2.7-videoedit is served in Beijing, Singapore, not in Virginia."
    assert violations(HORSE_REQUEST, "us-east-1") == []
    assert BASE_URLS.keys() == NAMES.keys()
    assert {region_of(url) for url in BASE_URLS.values()} == BASE_URLS.keys()


@pytest.mark.parametrize(
    ("request_", "region", "source_s", "expected"),
    [
        (WAN_REQUEST, "cn-beijing", 5.0, "¥6.00"),
        (WAN_REQUEST, "ap-southeast-1", 5.0, "$1.00"),
        (WAN_REQUEST.model_copy(update={"parameters": Parameters(resolution="1080P")}), "cn-beijing", 10.0, "¥20.00"),
        (WAN_REQUEST.model_copy(update={"parameters": Parameters(duration_s=2)}), "cn-beijing", 10.0, "¥7.20"),
        (HORSE_REQUEST, "cn-beijing", 40.0, "¥49.50"),
    ],
)
def test_an_estimate_counts_the_input_and_the_output(
    request_: EditRequest, region: str, source_s: float, expected: str
) -> None:
    assert str(estimate(request_, region, source_s)) == expected  # type: ignore[arg-type]  # a Region, by the table above


def test_a_price_that_nobody_knows_is_not_guessed() -> None:
    for region in ("ap-southeast-1", "us-east-1", "eu-central-1"):
        assert estimate(HORSE_REQUEST, region, 5.0) is None
    assert cost(Usage(billed_s=10.0), "cn-beijing") is None


def test_the_usage_of_a_task_is_its_cost_also_in_the_other_currency() -> None:
    usage = Usage(billed_s=10.04, input_s=5.02, output_s=5.02, resolution=720)
    assert cost(usage, "cn-beijing") == Money(Decimal("6.024"), "CNY")
    assert cost(usage, "ap-southeast-1", currency="CNY") == Money(Decimal("7.36859696"), "CNY")


def test_every_price_belongs_to_a_model_where_it_is_served() -> None:
    for row in PRICES:
        assert row.region in MODELS[row.model].regions
        assert row.per_s > 0
        assert row.checked_on.year >= 2026
        assert row.source
    for region in WAN_EDIT.regions:
        assert price(DEFAULT_MODEL, region, "720P")
        assert price(DEFAULT_MODEL, region, "1080P")


@given(source_s=st.floats(2, 10), duration_s=st.sampled_from([0, *range(2, 11)]))
def test_an_estimate_is_never_below_what_the_formula_of_the_guide_bills(source_s: float, duration_s: int) -> None:
    request = WAN_REQUEST.model_copy(update={"parameters": Parameters(duration_s=duration_s)})
    output_s = min(source_s, duration_s or source_s)
    assert billed_s(request, source_s) >= output_s + output_s


@pytest.mark.parametrize(("base_url", "other"), [(BEIJING, SINGAPORE), (SINGAPORE, BEIJING)])
async def test_a_refused_key_is_told_with_both_regions(base_url: str, other: str) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        body = {"code": "InvalidApiKey", "message": "Invalid API-key provided.", "request_id": "r"}
        return httpx.Response(401, json=body)

    async with httpx.AsyncClient(transport=httpx.MockTransport(refuse)) as http:  # nothing leaves this machine
        client = Client("sk-x", base_url, http=http)
        for call in (client.get("t"), client.probe(), client.create(WAN_REQUEST)):
            with pytest.raises(AccountError) as caught:
                await call
            assert "Beijing (cn-beijing)" in caught.value.message
            assert "Singapore (ap-southeast-1)" in caught.value.message
            assert other in caught.value.message
            assert (caught.value.code, caught.value.request_id, caught.value.status) == ("InvalidApiKey", "r", 401)


def test_every_scenario_of_the_guide_is_a_preset_whose_own_example_is_a_valid_request() -> None:
    scenarios = "add delete modify season weather light background style behaviour emotion lines camera"
    assert list(PRESETS) == [*scenarios.split(), "copy-action", "copy-camera", "copy-effects"]
    for preset in PRESETS.values():
        prompt = preset.prompt(preset.example, preset.images)
        assert preset.example.rstrip(".") in prompt
        assert "{" not in prompt
        assert violations(EditRequest(prompt=prompt, video=VIDEO, images=(VIDEO,) * preset.images)) == []


def test_a_preset_says_what_it_lacks_and_speaks_of_a_picture_only_when_there_is_one() -> None:
    with pytest.raises(ValueError, match="season needs a few words"):
        PRESETS["season"].prompt(" ")
    with pytest.raises(ValueError, match="1 reference image"):
        PRESETS["copy-action"].prompt("the cat of image 1")
    assert "image 1" not in PRESETS["add"].prompt("a hat {red}")
    assert "image 1" in PRESETS["add"].prompt("a hat {red}", images=1)


def test_files_are_measured_and_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    film = make_clip(tmp_path / "long.mp4", seconds=12.0, size=(640, 72), fps=5, audio=False)
    glass, tiny = tmp_path / "glass.png", tmp_path / "tiny.png"
    Image.new("RGBA", (300, 300), (0, 0, 0, 0)).save(glass)
    Image.new("RGB", (200, 300)).save(tiny)
    found = " ".join(source_faults(str(film), [str(glass), str(tiny), b"no picture"], WAN_EDIT))
    assert "2 to 10 s long, it is 12.00" in found
    assert "240 to 4096 pixels, it is 640×72" in found
    assert "8:1, it is 640×72" in found
    assert "alpha channel" in found
    assert "240 to 8000 pixels, it is 200×300" in found
    assert "Reference image 3 cannot be read" in found


def test_a_picture_inside_a_data_uri_is_measured_like_a_file(tmp_path: Path) -> None:
    path = tmp_path / "tiny.png"
    Image.new("RGB", (200, 300)).save(path)
    tiny = f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"
    (found,) = source_faults(VIDEO, [tiny], WAN_EDIT)
    assert "240 to 8000 pixels, it is 200×300" in found
    assert "base64" in " ".join(violations(WAN_REQUEST.model_copy(update={"images": (tiny + "?",)})))


def test_more_seconds_than_the_video_has_are_refused_because_nobody_says_what_they_would_do() -> None:
    assert list(film_faults(Film(640, 480, 4.98, 24.0), WAN_EDIT, 5)) == []
    assert list(film_faults(Film(640, 480, 4.0, 24.0), WAN_EDIT, 5)) == ["has 4.00 s, the first 5 s are wanted"]


def test_a_frame_rate_is_a_limit_of_some_models() -> None:
    film = Film(640, 480, 5.0, 8.0)
    assert list(film_faults(film, HAPPY_HORSE_EDIT)) == ["must have more than 8 frames a second, it has 8.00"]
    assert list(film_faults(film, WAN_EDIT)) == []


async def test_nothing_is_sent_when_a_source_or_the_request_breaks_a_limit(tmp_path: Path) -> None:
    calls: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        return httpx.Response(500)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        client = Client("sk-x", http=http)
        with pytest.raises(InvalidRequest) as caught:
            await prepare(client, " ", tmp_path / "no.mp4", [b"x"])
    for words in ("instruction is empty", "neither a file", "Reference image 1 cannot be read"):
        assert words in caught.value.message
    assert calls == []
