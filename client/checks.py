"""What is wrong with a request, found before anything is sent or uploaded; pure.

Not here: the limits themselves (`client/catalogue.py`), and the measuring of files.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import chain
from urllib.parse import urlsplit

from client.catalogue import MODELS, MediaLimits, ModelFacts
from client.inline import inline_content
from client.models import EditRequest, Parameters
from client.regions import NAMES, Region

CJK_NAMES = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "FULLWIDTH", "IDEOGRAPHIC")


def violations(request: EditRequest, region: Region | None = None) -> list[str]:
    """List everything that the service would refuse or silently cut, each with the limit and the value found."""
    facts = MODELS.get(request.model)
    if facts is None:
        return [f"The model must be one of {', '.join(MODELS)}, not “{request.model}”."]
    return faults(request, facts, region)


def faults(request: EditRequest, facts: ModelFacts, region: Region | None = None) -> list[str]:
    """List what breaks the limits of a model."""
    found = (_region(request, facts, region), _texts(request, facts), _media(request, facts), _unknown(request, facts))
    return [*chain.from_iterable(found)]


def prompt_length(text: str, facts: ModelFacts) -> int:
    """Count characters as the model does; some count a Chinese, Japanese or Korean sign twice."""
    if facts.cjk_chars == 1:
        return len(text)
    return sum(facts.cjk_chars if unicodedata.name(sign, "").startswith(CJK_NAMES) else 1 for sign in text)


def _region(request: EditRequest, facts: ModelFacts, region: Region | None) -> Iterator[str]:
    if region is not None and region not in facts.regions:
        served = ", ".join(NAMES[one] for one in facts.regions)
        yield f"{request.model} is served in {served}, not in {NAMES[region]}."


def _texts(request: EditRequest, facts: ModelFacts) -> Iterator[str]:
    if not request.prompt.strip():
        yield "The instruction is empty: say what should change in the video."
    if (length := prompt_length(request.prompt, facts)) > facts.prompt_max_chars:
        counted = f" (a Chinese, Japanese or Korean sign counts {facts.cjk_chars})" if facts.cjk_chars > 1 else ""
        yield f"The instruction may have {facts.prompt_max_chars} characters, this one has {length}{counted}."
    length = len(request.negative_prompt or "")
    if length and not facts.negative_max_chars:
        yield f"{request.model} takes no negative prompt, this one has {length} characters."
    elif length > facts.negative_max_chars:
        yield f"The negative prompt may have {facts.negative_max_chars} characters, this one has {length}."


def _media(request: EditRequest, facts: ModelFacts) -> Iterator[str]:
    if (count := len(request.images)) > facts.max_images:
        yield f"At most {facts.max_images} reference images are possible, here are {count}."
    if not _is_link(request.video):
        yield "The video must be an http, https or oss:// link."
    for number, image in enumerate(request.images, start=1):
        if not _is_link(image) and (wrong := _data_uri_fault(image, facts.image)):
            yield f"Reference image {number} {wrong}."


def _unknown(request: EditRequest, facts: ModelFacts) -> Iterator[str]:
    """Name parameters that were changed and that the model would not see."""
    usual = Parameters()
    for name, value in request.parameters:
        if name not in facts.parameters and value != getattr(usual, name):
            yield f"{request.model} has no parameter {name}, here it is {value}."


def _is_link(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https", "oss") and bool(parts.netloc) and url.isprintable() and " " not in url


def _data_uri_fault(url: str, limits: MediaLimits) -> str | None:
    head, comma, body = url.partition(";base64,")
    if not head.startswith("data:") or not comma:
        return "must be an http, https or oss:// link, or a base64 data URI"
    if (mime := head.removeprefix("data:")) not in limits.mime_types:
        return f"must be one of {', '.join(limits.mime_types)}, not “{mime[:40]}”"
    if (size_bytes := len(body) * 3 // 4) > limits.max_bytes:
        return f"may have {limits.max_bytes} bytes, it has {size_bytes}"
    return None if inline_content(url) else "must have base64 after the comma of its data URI"
