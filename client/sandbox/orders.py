"""Read the body of a create request as the service does: an Order, or a RefusedError with the vendor's code. Pure.

Rules: https://help.aliyun.com/zh/model-studio/wan-video-editing-api-reference and /error-code.
"""

import re
from dataclasses import dataclass
from typing import Any

MODEL = "wan2.7-videoedit"
RESOLUTIONS = ("720P", "1080P")
RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4")
_PROMPT_CHARACTERS = 5000  # longer text is cut without a word
_IMAGES = 4
_LARGEST_SEED = 2_147_483_647
_DATA_URI = re.compile(r"data:image/(jpeg|png|bmp|webp);base64,")


class RefusedError(Exception):
    """A request that the service turns down: HTTP status, `code` and `message` of the answer."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Order:
    """A create request that passed every check."""

    prompt: str
    video: str
    images: tuple[str, ...]
    resolution: str
    ratio: str | None
    duration_s: int
    watermark: bool
    seed: int | None


def read_order(body: object, *, resolve_oss: bool) -> Order:
    """Check a body. `resolve_oss`: the header X-DashScope-OssResourceResolve was sent. Raises RefusedError."""
    if not isinstance(body, dict):
        raise _wrong("The request body is not a JSON object.")
    if body.get("model") != MODEL:
        raise _wrong("Model not exist.")
    given = body.get("input")
    if not isinstance(given, dict) or not given:
        raise RefusedError(400, "BadRequest.EmptyInput", "Required field: input.")
    parameters = body.get("parameters") or {}
    if not isinstance(parameters, dict):
        raise _wrong("parameters must be an object.")
    video, images = _media(given.get("media"))
    for url in (video, *images):
        if url.startswith("oss://") and not resolve_oss:
            raise RefusedError(
                400,
                "InvalidParameter.DataInspection",
                "Unable to download the media resource during the data inspection process.",
            )
    _text(given, "negative_prompt")
    _choice(parameters, "audio_setting", ("auto", "origin"))
    _flag(parameters, "prompt_extend")
    return Order(
        prompt=_text(given, "prompt")[:_PROMPT_CHARACTERS],
        video=video,
        images=images,
        resolution=_choice(parameters, "resolution", RESOLUTIONS) or "1080P",
        ratio=_choice(parameters, "ratio", RATIOS),
        duration_s=_duration(parameters),
        watermark=_flag(parameters, "watermark"),
        seed=_seed(parameters),
    )


def _media(media: object) -> tuple[str, tuple[str, ...]]:
    if not isinstance(media, list) or not media:
        raise _wrong("input.media must be a non-empty array.")
    videos: list[str] = []
    images: list[str] = []
    for item in media:
        kind, url = (item.get("type"), item.get("url")) if isinstance(item, dict) else (None, None)
        if not isinstance(url, str) or not url:
            raise _wrong("input.media: each item needs a url.")
        match kind:
            case "video":
                videos.append(_reachable(url, may_be_data=False))
            case "reference_image":
                images.append(_reachable(url, may_be_data=True))
            case _:
                raise _wrong(f"input.media: type {kind!r} is not one of video, reference_image.")
    if len(videos) != 1:
        raise _wrong(f"input.media must hold exactly 1 video, got {len(videos)}.")
    if len(images) > _IMAGES:
        raise _wrong(f"input.media may hold at most {_IMAGES} reference_image, got {len(images)}.")
    return videos[0], tuple(images)


def _reachable(url: str, *, may_be_data: bool) -> str:
    if url.startswith(("http://", "https://", "oss://")) or (may_be_data and _DATA_URI.match(url)):
        return url
    raise RefusedError(400, "InvalidURL", f"The media url {url[:80]!r} is not supported.")


def _text(given: dict[str, Any], field: str) -> str:
    value = given.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _wrong(f"input.{field} must be a string.")
    return value


def _choice(parameters: dict[str, Any], field: str, choices: tuple[str, ...]) -> str | None:
    value = parameters.get(field)
    if value is None:
        return None
    if value not in choices:
        raise _wrong(f"parameters.{field} must be one of {', '.join(choices)}.")
    return str(value)


def _flag(parameters: dict[str, Any], field: str) -> bool:
    value = parameters.get(field)
    if value is not None and not isinstance(value, bool):
        raise _wrong(f"parameters.{field} must be true or false.")
    return bool(value)


def _whole(parameters: dict[str, Any], field: str) -> int | None:
    value = parameters.get(field)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise _wrong(f"parameters.{field} must be an integer.")
    return value


def _duration(parameters: dict[str, Any]) -> int:
    value = _whole(parameters, "duration") or 0
    if value != 0 and not 2 <= value <= 10:
        raise _wrong("parameters.duration must be 0 or between 2 and 10.")
    return value


def _seed(parameters: dict[str, Any]) -> int | None:
    value = _whole(parameters, "seed")
    if value is not None and not 0 <= value <= _LARGEST_SEED:
        raise _wrong(f"parameters.seed must be between 0 and {_LARGEST_SEED}.")
    return value


def _wrong(message: str) -> RefusedError:
    return RefusedError(400, "InvalidParameter", message)
