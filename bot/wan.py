"""The client of Wan that the settings ask for. Not here: what is asked of it (the steps, `bot/check.py`)."""

from __future__ import annotations

from bot.settings import Settings
from client.bucket import Bucket
from client.client import Client


def wan_client(settings: Settings) -> Client:
    """Make the client; close it after use. Media go through one's own bucket where the settings name one."""
    bucket = None
    if settings.bucket_url:
        bucket = Bucket(
            settings.bucket_url,
            access_key_id=settings.aws_access_key_id,
            secret_access_key=settings.aws_secret_access_key.get_secret_value(),
        )
    return Client(settings.dashscope_api_key.get_secret_value(), settings.dashscope_http_base_url, bucket=bucket)
