"""Files that travel inside a request, as data URIs; pure. Not here: which files do (whoever makes the request)."""

from __future__ import annotations

import base64


def data_uri(mime: str, content: bytes) -> str:
    """Make a link that holds the whole file; it is a third larger."""
    return f"data:{mime};base64,{base64.b64encode(content).decode()}"


def inline_content(url: str) -> bytes | None:
    """Decode a data URI; None where it is none, or holds nothing."""
    head, _, body = url.partition(";base64,")
    try:
        return base64.b64decode(body, validate=True) or None if head.startswith("data:") else None
    except ValueError:
        return None
