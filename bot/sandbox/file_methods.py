"""Web API: `files.*`. The bytes themselves go through `file_transfer`."""

import asyncio
import time

from bot.sandbox.block_limits import check_message_blocks
from bot.sandbox.pictures import check_pictures
from bot.sandbox.state import BOT_USER_ID, Channel, Json, SlackError, StoredFile
from bot.sandbox.team import Draft, Team
from bot.sandbox.web_method import TIER_3, TIER_4, Args, Method

_MAX_FILE_BYTES = 1024**3  # 1 GB, Slack's published limit
_LOOK_AGAIN_S = 0.05


async def _info(team: Team, args: Args) -> Json:
    return {"file": team.payloads.shared_file(team.state.file(args.text("file"))), "comments": []}


async def _get_upload_url(team: Team, args: Args) -> Json:
    name, length = args.text("filename"), args.number("length", 0)
    if not name:
        raise SlackError("invalid_arguments", response_metadata={"messages": ["filename is missing"]})
    if length <= 0:
        raise SlackError("invalid_arguments", response_metadata={"messages": ["length must be greater than 0"]})
    if length > _MAX_FILE_BYTES:
        raise SlackError("file_upload_size_restricted")
    file = new_file(team, name, BOT_USER_ID, length)
    return {"upload_url": f"{team.state.origin}/upload/v1/{file.id}", "file_id": file.id}


async def _complete_upload(team: Team, args: Args) -> Json:
    named = args.data("files")
    if not isinstance(named, list) or not named:
        raise SlackError("invalid_arguments", response_metadata={"messages": ["files is missing"]})
    files = [_uploaded(team, item) for item in named]
    channel_id = args.text("channel_id") or args.text("channels").split(",")[0]
    channel = team.state.joined(channel_id) if channel_id else None
    draft = _share_draft(team, args, channel, files)
    for item, file in zip(named, files, strict=True):
        file.title = item.get("title") or file.name
        file.is_completed = True
    if channel is not None:
        team.delivery.start(_share_late(team, channel, draft))
    return {"files": [team.payloads.shared_file(file) for file in files]}


async def _delete(team: Team, args: Args) -> Json:
    file = team.state.file(args.text("file"))
    if file.user != BOT_USER_ID:
        raise SlackError("cant_delete_file")
    team.delete_file(file)
    return {}


METHODS = {
    "files.info": Method(_info, "files:read", TIER_4),
    "files.getUploadURLExternal": Method(_get_upload_url, "files:write", TIER_4),
    "files.completeUploadExternal": Method(_complete_upload, "files:write", TIER_4),
    "files.delete": Method(_delete, "files:write", TIER_3),
}


def new_file(team: Team, name: str, user: str, size_bytes: int) -> StoredFile:
    """Register a file whose bytes are still to come."""
    file_id = team.state.new_id("F")
    path = team.state.folder / file_id
    file = StoredFile(file_id, name, name, user, size_bytes, path, time.time())
    team.state.files[file_id] = file
    return file


def _uploaded(team: Team, item: object) -> StoredFile:
    file = team.state.files.get(str(item.get("id"))) if isinstance(item, dict) else None
    if file is None or not file.is_uploaded or file.is_deleted or file.user != BOT_USER_ID:
        raise SlackError("file_not_found")
    return file


def _share_draft(team: Team, args: Args, channel: Channel | None, files: list[StoredFile]) -> Draft:
    """Say what the message with the files will be; blocks beside an initial comment are ignored, as Slack does.

    A `markdown` block makes the real server fail (https://github.com/slackapi/python-slack-sdk/issues/1756).
    """
    thread_ts = args.text("thread_ts") or None
    if channel is not None and thread_ts and thread_ts not in channel.messages:
        raise SlackError("thread_not_found")
    blocks = args.data("blocks", "invalid_blocks") or []
    comment = args.text("initial_comment")
    if comment:
        blocks = []
    check_message_blocks(blocks, team.faults.refused_blocks)
    check_pictures(blocks, team.state, team.payloads, error="invalid_blocks")
    if any(block["type"] == "markdown" for block in blocks):
        raise SlackError("internal_error")
    return Draft(comment, blocks, thread_ts, [file.id for file in files])


async def _share_late(team: Team, channel: Channel, draft: Draft) -> None:
    """Share some time after the answer, as Slack does; the time may be changed meanwhile."""
    completed_s = time.monotonic()
    while (rest_s := completed_s + team.faults.late_shares_s - time.monotonic()) > 0:  # noqa: ASYNC110 - time changes
        await asyncio.sleep(min(rest_s, _LOOK_AGAIN_S))
    if not all(team.state.files[file_id].is_deleted for file_id in draft.file_ids):
        team.post(channel, BOT_USER_ID, draft)
