"""Media through one's own bucket, chosen by one setting of the bot."""

import sys
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from bot.edit import State
from bot.missing import missing
from bot.settings import Settings
from tests.bots import VIDEO_CHANNEL, result_in, settled_edit, small_clip, stage
from tests.s3 import KEY_ID, SECRET, local_s3

NEEDED = {"slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1", "dashscope_api_key": "sk-1"}


def wrong(**settings: str) -> str:
    with pytest.raises(ValidationError) as caught:
        Settings(_env_file=None, **(NEEDED | settings))  # type: ignore[arg-type]  # texts, as in the environment
    (line,) = missing(caught.value)
    return line


def test_a_bucket_that_cannot_be_is_told_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "WAN_BUCKET_URL is not right: A bucket must have its own https URL" in wrong(bucket_url="s3://mine")
    monkeypatch.setitem(sys.modules, "obstore.store", None)  # as where the extra is not installed
    assert "slack-video-editor[bucket]" in wrong(bucket_url="https://mine.s3.eu-central-1.amazonaws.com")


async def test_one_setting_sends_the_media_of_an_edit_through_the_bucket(tmp_path: Path) -> None:
    async with (
        local_s3() as s3,
        stage(
            "memory", tmp_path, bucket_url=s3.url + "/wan", aws_access_key_id=KEY_ID,
            aws_secret_access_key=SecretStr(SECRET),
        ) as on,
    ):  # fmt: skip
        ts = await on.alice.post(VIDEO_CHANNEL, "@video-editor black and white", files=[small_clip(tmp_path)])
        await result_in(on, VIDEO_CHANNEL, ts)
        edit = await settled_edit(on, ts)
        assert edit.state is State.DONE
        (name,) = s3.objects
        assert name.startswith("wan/")
        assert (edit.video_url or "").startswith(f"{s3.url}/{name}?")
        assert "X-Amz-Signature" not in repr(edit)
