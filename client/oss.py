"""The object storage beside the model: the form that a file is uploaded by, and what its answer means; no socket.

Not here: the asking for the policy (`client/sansio.py`) and the sending (`client/upload.py`).

Form: https://help.aliyun.com/zh/model-studio/get-temporary-file-url
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from types import MappingProxyType

from client.errors import Later, ServiceError, WanError, classify

MIME_TYPES: Mapping[str, str] = MappingProxyType(
    {
        ".mp4": "video/mp4",
        ".mov": "video/quicktime",
        ".jpg": "image/jpeg",
        ".jpeg": "image/jpeg",
        ".png": "image/png",
        ".bmp": "image/bmp",
        ".webp": "image/webp",
    }
)


@dataclass(frozen=True, slots=True)
class UploadPolicy:
    """Hold the permission to upload; it lives 300 s and serves any number of files. Its signature is a secret."""

    host: str
    directory: str
    max_bytes: int
    access_key_id: str = field(repr=False)
    signature: str = field(repr=False)
    policy: str = field(repr=False)
    acl: str
    forbid_overwrite: str


def object_name(path: PurePath, unique: str) -> str:
    """Name an object: unique, because names in one directory collide, and ASCII, as links must be; the suffix stays."""
    suffix = path.suffix.lower()
    return unique + (suffix if re.fullmatch(r"\.[a-z0-9]{1,8}", suffix) else "")


def mime_type(path: PurePath) -> str:
    """Name the MIME type of a file by its suffix."""
    return MIME_TYPES.get(path.suffix.lower(), "application/octet-stream")


def upload_form(policy: UploadPolicy, name: str, mime: str) -> dict[str, str]:
    """Build the form fields in the order that OSS is known to take; the file itself comes after them, as the last."""
    return {
        "OSSAccessKeyId": policy.access_key_id,
        "Signature": policy.signature,
        "policy": policy.policy,
        "key": object_key(policy, name),
        "x-oss-object-acl": policy.acl,
        "x-oss-forbid-overwrite": policy.forbid_overwrite,
        "success_action_status": "200",
        "x-oss-content-type": mime,
    }


def object_key(policy: UploadPolicy, name: str) -> str:
    """Build the key of an object; `oss://` + key is the link for a create."""
    return f"{policy.directory}/{name}"


def upload_error(status: int, headers: Mapping[str, str], body: bytes, *, md5: str) -> WanError | None:
    """Say what is wrong with the answer to an upload; None when the object is stored whole. OSS's ETag is the MD5."""
    if status == 200:
        if headers.get("etag", "").strip('"').lower() == md5:
            return None
        return ServiceError("The uploaded file did not arrive whole.", status=status)
    text = body.decode("utf-8", "replace")
    code, message, request_id = (_tag(text, name) for name in ("Code", "Message", "RequestId"))
    words = message or f"The upload was answered with HTTP {status}."
    if code == "RequestTimeout":  # sent with HTTP 400 when the file came too slowly
        return Later(words, code=code, request_id=request_id, status=status)
    return classify(code, words, status, request_id=request_id)


def _tag(xml: str, name: str) -> str | None:
    found = re.search(rf"<{name}>([^<]*)</{name}>", xml)
    return found[1] if found else None
