"""What a person names on the command line, a link or a file, → what a create takes. Not here: looking into files."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from pathlib import Path

from client.client import Client
from client.models import DEFAULT_MODEL, MODELS, MediaLimits
from client.oss import mime_type

SCHEMES = ("http://", "https://", "oss://", "data:")
INLINE_BYTES = 1_000_000  # a picture up to this size travels inside the request, a third larger; others by upload


def source_fault(name: str, limits: MediaLimits) -> str | None:
    """Say what is wrong with a named file, as far as its name and size tell; None for a link or a fit file."""
    if name.startswith(SCHEMES):
        return None
    path = _path(name)
    if not path.is_file():
        return f"{name} is neither a file nor an https link."
    if mime_type(path) not in limits.mime_types:
        kinds = ", ".join(kind.partition("/")[2] for kind in limits.mime_types)
        return f"{name} must be one of {kinds}, by its suffix."
    if not 0 < (size_bytes := path.stat().st_size) <= limits.max_bytes:
        return f"{name} must have 1 to {limits.max_bytes} bytes, it has {size_bytes}."
    return None


def source_faults(video: str, images: Sequence[str], model: str = DEFAULT_MODEL) -> list[str]:
    """List what is wrong with the named files, before anything is sent."""
    facts = MODELS[model]
    faults = [source_fault(video, facts.video), *(source_fault(image, facts.image) for image in images)]
    return [fault for fault in faults if fault]


async def links(client: Client, video: str, images: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Turn names into links: files are uploaded in one batch, small pictures become data URIs, links stay."""
    found = {name: await asyncio.to_thread(_inline, name) for name in images}
    found[video] = video if video.startswith(SCHEMES) else None
    missing = [name for name, link in found.items() if link is None]
    uploaded = await client.upload([_path(name) for name in missing])
    known = {name: link for name, link in found.items() if link is not None} | dict(zip(missing, uploaded, strict=True))
    return known[video], tuple(known[name] for name in images)


def _inline(name: str) -> str | None:
    if name.startswith(SCHEMES):
        return name
    path = _path(name)
    if path.stat().st_size > INLINE_BYTES:
        return None
    return f"data:{mime_type(path)};base64,{base64.b64encode(path.read_bytes()).decode()}"


def _path(name: str) -> Path:
    return Path(name).expanduser()
