"""What we know of the service's models, as data: media, limits, parameters, rates and regions of each.

A further model is a row here, with a function of `client/bodies.py` where its body has a shape of its own. Not here:
prices (`client/prices.py`), the checking of a request (`client/checks.py`), and the measuring of files.

Limits and parameters: https://help.aliyun.com/zh/model-studio/wan-video-editing-api-reference
HappyHorse: https://help.aliyun.com/zh/model-studio/happyhorse-video-edit-api-reference
Rates and regions: https://help.aliyun.com/zh/model-studio/rate-limit
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from client.bodies import Body, media_list
from client.models import DEFAULT_MODEL, MAX_S, MIN_S, NEGATIVE_MAX_CHARS, PROMPT_MAX_CHARS
from client.regions import Region


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """Bound one kind of file. Sizes count a megabyte as 10^6 bytes: the service does not say which it means."""

    max_bytes: int
    min_side_px: int
    max_side_px: int
    min_ratio: Fraction  # width over height
    max_ratio: Fraction
    mime_types: tuple[str, ...]
    above_fps: float = 0.0  # the frame rate must be higher than this


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """Hold what one model takes, in which form, how fast and where."""

    body: Body
    video: MediaLimits
    image: MediaLimits
    max_images: int
    prompt_max_chars: int
    cjk_chars: int  # how many characters a Chinese, Japanese or Korean sign counts for
    negative_max_chars: int  # 0: the model takes none
    min_s: int
    max_s: int
    max_output_s: int  # what is longer is not edited
    parameters: Mapping[str, object]  # fields of Parameters that the model knows → the service's own defaults
    concurrency: int  # tasks running at once in an account
    creates_per_s: int
    regions: tuple[Region, ...]


HAPPY_HORSE = "happyhorse-1.0-video-edit"

WAN_EDIT = ModelFacts(
    body=media_list,
    video=MediaLimits(100_000_000, 240, 4096, Fraction(1, 8), Fraction(8), ("video/mp4", "video/quicktime")),
    image=MediaLimits(
        20_000_000, 240, 8000, Fraction(1, 8), Fraction(8), ("image/jpeg", "image/png", "image/bmp", "image/webp")
    ),
    max_images=4,
    prompt_max_chars=PROMPT_MAX_CHARS,
    cjk_chars=1,
    negative_max_chars=NEGATIVE_MAX_CHARS,
    min_s=MIN_S,
    max_s=MAX_S,
    max_output_s=MAX_S,
    parameters=MappingProxyType(
        {
            "resolution": "1080P", "ratio": None, "duration_s": 0, "audio_setting": "auto", "prompt_extend": True,
            "watermark": False, "seed": None,
        }
    ),
    concurrency=5,
    creates_per_s=5,
    regions=("cn-beijing", "ap-southeast-1"),
)  # fmt: skip

HAPPY_HORSE_EDIT = ModelFacts(
    body=media_list,
    video=MediaLimits(
        100_000_000, 360, 4096, Fraction(2, 5), Fraction(5, 2), ("video/mp4", "video/quicktime"), above_fps=8
    ),
    image=MediaLimits(  # no longest side is documented; this is its sibling's
        20_000_000, 300, 8000, Fraction(2, 5), Fraction(5, 2), ("image/jpeg", "image/png", "image/webp")
    ),
    max_images=5,
    prompt_max_chars=5000,
    cjk_chars=2,
    negative_max_chars=0,
    min_s=3,
    max_s=60,
    max_output_s=15,
    parameters=MappingProxyType({"resolution": "1080P", "audio_setting": "auto", "watermark": True, "seed": None}),
    concurrency=5,
    creates_per_s=10,
    regions=("cn-beijing", "ap-southeast-1", "us-east-1", "eu-central-1"),
)

MODELS: Mapping[str, ModelFacts] = MappingProxyType(
    {DEFAULT_MODEL: WAN_EDIT, HAPPY_HORSE: HAPPY_HORSE_EDIT}
)
