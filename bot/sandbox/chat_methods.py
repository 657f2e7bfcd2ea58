"""Web API: `chat.*`, and what blocks a message may have."""

from bot.sandbox.block_limits import check_message_blocks
from bot.sandbox.pictures import check_pictures
from bot.sandbox.state import BOT_USER_ID, Channel, Json, Message, SlackError
from bot.sandbox.team import Draft, Team
from bot.sandbox.web_method import TIER_3, TIER_4, Args, Method

_MAX_TEXT = 40_000  # https://docs.slack.dev/reference/methods/chat.postMessage


async def _post_message(team: Team, args: Args) -> Json:
    channel = _target(team, args.text("channel"))
    draft = read_draft(team, args)
    _check_thread(channel, draft.thread_ts)
    message = team.post(channel, BOT_USER_ID, draft)
    return {"channel": channel.id, "ts": message.ts, "message": team.payloads.message(message)}


async def _update(team: Team, args: Args) -> Json:
    channel = team.state.joined(args.text("channel"))
    message = _own_message(team, args, "cant_update_message")
    draft = read_draft(team, args, default_text=message.text if args.data("blocks", "invalid_blocks") else "")
    team.edit(message, draft, is_marked=not draft.blocks)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": team.payloads.message(message)}


async def _delete(team: Team, args: Args) -> Json:
    channel = team.state.joined(args.text("channel"))
    message = _own_message(team, args, "cant_delete_message")
    team.delete(message)
    return {"channel": channel.id, "ts": message.ts}


async def _post_ephemeral(team: Team, args: Args) -> Json:
    channel = team.state.joined(args.text("channel"))
    person = team.state.person(args.text("user"))
    if person.id not in channel.members:
        raise SlackError("user_not_in_channel")
    return {"message_ts": team.whisper(channel, person.id, read_draft(team, args)).ts}


async def _get_permalink(team: Team, args: Args) -> Json:
    channel = team.state.channel(args.text("channel"))
    message = team.state.message(channel.id, args.text("message_ts"))
    return {"channel": channel.id, "permalink": team.payloads.permalink(channel.id, message)}


METHODS = {
    "chat.postMessage": Method(_post_message, "chat:write", 60),
    "chat.update": Method(_update, "chat:write", TIER_3),
    "chat.delete": Method(_delete, "chat:write", TIER_3),
    "chat.postEphemeral": Method(_post_ephemeral, "chat:write", TIER_4),
    "chat.getPermalink": Method(_get_permalink, None, TIER_4 * 10),
}


def _target(team: Team, channel_id: str) -> Channel:
    """Find where to post: a user id means the direct messages with that person."""
    if channel_id.startswith("U"):
        return team.state.direct_channel(channel_id)
    by_name = {c.name: c.id for c in team.state.channels.values() if c.kind != "im"}
    return team.state.joined(by_name.get(channel_id.removeprefix("#"), channel_id))


def _own_message(team: Team, args: Args, error: str) -> Message:
    message = team.state.message(args.text("channel"), args.text("ts"))
    if message.user != BOT_USER_ID or message.is_tombstone:
        raise SlackError(error)
    return message


def read_draft(team: Team, args: Args, default_text: str = "") -> Draft:
    """Read text, blocks, thread and metadata of a message; raise for what Slack would refuse."""
    blocks = args.data("blocks", "invalid_blocks") or []
    check_message_blocks(blocks, team.faults.refused_blocks)
    check_pictures(blocks, team.state, team.payloads, error="invalid_blocks")
    text = args.text("text") or default_text
    if not text and not blocks:
        raise SlackError("no_text")
    if len(text) > _MAX_TEXT:
        raise SlackError("msg_too_long")
    metadata = args.data("metadata", "invalid_metadata_format")
    return Draft(text, blocks, args.text("thread_ts") or None, metadata=metadata)


def _check_thread(channel: Channel, thread_ts: str | None) -> None:
    if thread_ts and thread_ts not in channel.messages:
        raise SlackError("thread_not_found")
