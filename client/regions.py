"""Where Model Studio is served, and what a refused key has to do with it; pure.

Key, model and base URL belong to one region. A base URL has a classic and a workspace form:
https://help.aliyun.com/zh/model-studio/wan-video-editing-api-reference
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal
from urllib.parse import urlsplit

from client.errors import AccountError

Region = Literal["cn-beijing", "ap-southeast-1", "us-east-1", "eu-central-1"]

BEIJING = "https://dashscope.aliyuncs.com/api/v1"
SINGAPORE = "https://dashscope-intl.aliyuncs.com/api/v1"
VIRGINIA = "https://dashscope-us.aliyuncs.com/api/v1"
FRANKFURT = "https://{WorkspaceId}.eu-central-1.maas.aliyuncs.com/api/v1"  # has the workspace form only

BASE_URLS: Mapping[Region, str] = MappingProxyType(
    {"cn-beijing": BEIJING, "ap-southeast-1": SINGAPORE, "us-east-1": VIRGINIA, "eu-central-1": FRANKFURT}
)
NAMES: Mapping[Region, str] = MappingProxyType(
    {"cn-beijing": "Beijing", "ap-southeast-1": "Singapore", "us-east-1": "Virginia", "eu-central-1": "Frankfurt"}
)


def region_of(base_url: str) -> Region | None:
    """Name the region of a base URL, classic or workspace form; None for any other host."""
    host = urlsplit(base_url).hostname or ""
    for region, known in BASE_URLS.items():
        if host == urlsplit(known).hostname or host.endswith(f".{region}.maas.aliyuncs.com"):
            return region
    return None


def explain_key(error: AccountError, base_url: str) -> AccountError | None:
    """Say of a refused key which region was asked and which other one it may belong to; None for other errors.

    Which one it does belong to cannot be found out: the key goes to no other origin.
    """
    here = region_of(base_url)
    if error.code != "InvalidApiKey" or here is None:
        return None
    other: Region = "ap-southeast-1" if here == "cn-beijing" else "cn-beijing"
    text = (
        f"{NAMES[here]} ({here}) does not accept this API key: {error.message.rstrip('. ')}. Keys work in their own "
        f"region only; for a key of {NAMES[other]} ({other}) the base URL is {BASE_URLS[other]}."
    )
    return AccountError(
        text, code=error.code, request_id=error.request_id, task_id=error.task_id, status=error.status
    )
