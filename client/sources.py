"""What a person names, a link, a file or bytes, → what a create takes, with everything wrong said before it is sent.

Not here: the limits (`client/catalogue.py`), and how a file is measured (`client/media.py`).
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from client.catalogue import MODELS, MediaLimits, ModelFacts
from client.checks import violations
from client.client import Client
from client.errors import InvalidRequest
from client.inline import data_uri, inline_content
from client.media import film_faults, picture_faults, read_film, read_picture
from client.models import DEFAULT_MODEL, EditRequest, Parameters
from client.oss import MIME_TYPES, mime_type
from client.regions import Region, region_of

Source = str | Path | bytes  # a link or the name of a file, a file, or a picture itself

SCHEMES = ("http://", "https://", "oss://", "data:")
INLINE_BYTES = 1_000_000  # a picture up to this size travels inside the request, a third larger; others by upload
STAND_IN = "https://file.invalid/"  # stands for the link that a file will get


async def prepare(
    client: Client,
    prompt: str,
    video: str | Path,
    images: Sequence[Source] = (),
    *,
    negative_prompt: str | None = None,
    parameters: Parameters | None = None,
    model: str = DEFAULT_MODEL,
) -> EditRequest:
    """Check everything, upload the files, and return the request that `Client.create` takes; free.

    InvalidRequest names all that is wrong, each with the limit and the value found, before anything is sent.
    """
    draft = EditRequest(
        prompt=prompt,
        video=stand_in(video),
        images=tuple(stand_in(image) for image in images),
        negative_prompt=negative_prompt,
        parameters=parameters or Parameters(),
        model=model,
    )
    if found := await asyncio.to_thread(all_faults, draft, video, images, region_of(client.base_url)):
        raise InvalidRequest(" ".join(found))
    video_link, image_links = await links(client, video, images, model)
    return draft.model_copy(update={"video": video_link, "images": image_links})


def stand_in(source: Source) -> str:
    """Give a link as it is, and a link that is never asked for anything else."""
    return source if isinstance(source, str) and source.startswith(SCHEMES) else STAND_IN


def all_faults(draft: EditRequest, video: Source, images: Sequence[Source], region: Region | None) -> list[str]:
    """List everything that is wrong with a request whose links stand for these sources, and with the sources."""
    found = violations(draft, region)
    if draft.model in MODELS:
        found += source_faults(video, images, MODELS[draft.model], draft.parameters.duration_s)
    return found


def source_faults(video: Source, images: Sequence[Source], facts: ModelFacts, duration_s: int = 0) -> list[str]:
    """List what is wrong with files and bytes for a model; links are the service's to look into.

    `duration_s` is how many seconds of the video are wanted, 0 for all.
    """
    found = list(_file_faults(video, facts.video))
    if not found and (path := local_file(video)):
        found = [f"{path} {fault}." for fault in film_faults(read_film(path), facts, duration_s)]
    for number, image in enumerate(images, start=1):
        found += _image_faults(image, facts.image, f"Reference image {number}")
    return found


def local_file(source: Source) -> Path | None:
    """Name the file that a source means; None for links and bytes."""
    if isinstance(source, bytes) or (isinstance(source, str) and source.startswith(SCHEMES)):
        return None
    return Path(source).expanduser()


async def links(
    client: Client, video: Source, images: Sequence[Source], model: str = DEFAULT_MODEL
) -> tuple[str, tuple[str, ...]]:
    """Turn sources into links: files are uploaded in one batch, small pictures become data URIs, links stay."""
    with tempfile.TemporaryDirectory(prefix="wan-") as folder:
        found: list[str | Path] = [local_file(video) or str(video)]
        for number, image in enumerate(images):
            found.append(await asyncio.to_thread(_link_or_file, image, Path(folder) / str(number)))
        files = list(dict.fromkeys(one for one in found if isinstance(one, Path)))
        uploaded = dict(zip(files, await client.upload(files, model=model), strict=True))
    known = [uploaded[one] if isinstance(one, Path) else one for one in found]
    return known[0], tuple(known[1:])


def _image_faults(image: Source, limits: MediaLimits, name: str) -> list[str]:
    if isinstance(image, bytes):
        if not 0 < len(image) <= limits.max_bytes:
            return [f"{name} must have 1 to {limits.max_bytes} bytes, it has {len(image)}."]
        return [f"{name} {fault}." for fault in picture_faults(read_picture(image), limits)]
    if isinstance(image, str) and image.startswith("data:"):
        content = inline_content(image)  # None: `violations` says what is wrong with the link
        return [f"{name} {fault}." for fault in picture_faults(read_picture(content), limits)] if content else []
    found = list(_file_faults(image, limits))
    if not found and (path := local_file(image)):
        found = [f"{path} {fault}." for fault in picture_faults(read_picture(path), limits)]
    return found


def _file_faults(source: Source, limits: MediaLimits) -> Iterator[str]:
    path = local_file(source)
    if path is None:
        return
    if not path.is_file():
        yield f"{source!s} is neither a file nor an https link."
        return
    if mime_type(path) not in limits.mime_types:
        kinds = ", ".join(kind.partition("/")[2] for kind in limits.mime_types)
        yield f"{path} must be one of {kinds}, by its suffix."
    if not 0 < (size_bytes := path.stat().st_size) <= limits.max_bytes:
        yield f"{path} must have 1 to {limits.max_bytes} bytes, it has {size_bytes}."


def _link_or_file(image: Source, spare: Path) -> str | Path:
    """Put a small picture into a data URI; `spare` is where a large one without a file of its own is written."""
    if isinstance(image, str) and image.startswith(SCHEMES):
        return image
    if isinstance(image, bytes):
        picture = read_picture(image)
        mime = picture.mime if picture else ""
        if len(image) <= INLINE_BYTES:
            return data_uri(mime, image)
        file = spare.with_suffix(next((suffix for suffix, known in MIME_TYPES.items() if known == mime), ""))
        file.write_bytes(image)
        return file
    path = Path(image).expanduser()
    return path if path.stat().st_size > INLINE_BYTES else data_uri(mime_type(path), path.read_bytes())
