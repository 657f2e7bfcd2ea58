"""Web API: `conversations.*`, `users.info`, `usergroups.*`, `reactions.*`."""

from bot.sandbox.state import BOT_USER_ID, Channel, Json, Message, SlackError
from bot.sandbox.team import Team
from bot.sandbox.web_method import TIER_2, TIER_3, TIER_4, Args, Method, require_scope


async def _info(team: Team, args: Args) -> Json:
    channel = _readable(team, args, "read")
    return {"channel": team.payloads.channel(channel)}


async def _list(team: Team, args: Args) -> Json:
    kinds = {"public_channel": "public", "private_channel": "private", "im": "im"}
    wanted = {kinds.get(name.strip()) for name in (args.text("types") or "public_channel").split(",")}
    channels = [c for c in team.state.channels.values() if c.kind in wanted]
    for channel in channels[:1]:
        require_scope(team, f"{channel.scope_family}:read")
    seen = [c for c in channels if c.kind == "public" or BOT_USER_ID in c.members]
    return {"channels": [team.payloads.channel(c) for c in seen], "response_metadata": {"next_cursor": ""}}


async def _members(team: Team, args: Args) -> Json:
    channel = _readable(team, args, "read")
    return {"members": list(channel.members), "response_metadata": {"next_cursor": ""}}


async def _history(team: Team, args: Args) -> Json:
    channel = _readable(team, args, "history", joined=True)
    roots = [m for m in channel.messages.values() if m.thread_ts in (None, m.ts)]
    return _page(team, list(reversed(_between(roots, args))), args)


async def _replies(team: Team, args: Args) -> Json:
    channel = _readable(team, args, "history", joined=True)
    asked = channel.messages.get(args.text("ts"))
    if asked is None:
        raise SlackError("thread_not_found")
    root = channel.messages.get(asked.thread_ts or asked.ts, asked)
    replies = [m for m in channel.thread(root.ts) if m is not root]
    return _page(team, [root, *_between(replies, args)], args)


async def _open(team: Team, args: Args) -> Json:
    require_scope(team, "im:write")
    if args.text("channel"):
        channel = team.state.joined(args.text("channel"))
    else:
        channel = team.state.direct_channel(args.text("users"))
    return {"channel": {"id": channel.id}, "already_open": True, "no_op": True}


async def _join(team: Team, args: Args) -> Json:
    channel = team.state.channel(args.text("channel"))
    if channel.kind != "public":
        raise SlackError("method_not_supported_for_channel_type")
    if BOT_USER_ID in channel.members:
        return {"channel": team.payloads.channel(channel), "warning": "already_in_channel"}
    team.join(channel, BOT_USER_ID)
    return {"channel": team.payloads.channel(channel)}


async def _user_info(team: Team, args: Args) -> Json:
    member = team.state.members.get(args.text("user"))
    if member is None:
        raise SlackError("user_not_found")
    locale = {"locale": member.locale} if args.flag("include_locale") else {}
    return {"user": team.payloads.member(member) | locale}


async def _group_members(team: Team, args: Args) -> Json:
    group = team.state.groups.get(args.text("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": list(group)}


async def _add_reaction(team: Team, args: Args) -> Json:
    message, name = _reacted(team, args)
    if BOT_USER_ID in message.reactions.get(name, ()):
        raise SlackError("already_reacted")
    team.react(message, BOT_USER_ID, name)
    return {}


async def _remove_reaction(team: Team, args: Args) -> Json:
    message, name = _reacted(team, args)
    if BOT_USER_ID not in message.reactions.get(name, ()):
        raise SlackError("no_reaction")
    team.react(message, BOT_USER_ID, name, remove=True)
    return {}


async def _get_reactions(team: Team, args: Args) -> Json:
    channel = team.state.joined(args.text("channel"))
    message = team.state.message(channel.id, args.text("timestamp"))
    return {"type": "message", "channel": channel.id, "message": team.payloads.message(message)}


METHODS = {
    "conversations.info": Method(_info, None, TIER_3),
    "conversations.list": Method(_list, None, TIER_2),
    "conversations.members": Method(_members, None, TIER_4),
    "conversations.history": Method(_history, None, TIER_3),
    "conversations.replies": Method(_replies, None, TIER_3),
    "conversations.open": Method(_open, None, TIER_3),
    "conversations.join": Method(_join, "channels:join", TIER_3),
    "users.info": Method(_user_info, "users:read", TIER_4),
    "usergroups.users.list": Method(_group_members, "usergroups:read", TIER_2),
    "reactions.add": Method(_add_reaction, "reactions:write", TIER_3),
    "reactions.remove": Method(_remove_reaction, "reactions:write", TIER_2),
    "reactions.get": Method(_get_reactions, "reactions:read", TIER_3),
}


def _readable(team: Team, args: Args, right: str, *, joined: bool = False) -> Channel:
    """Find a channel and check the scope, which depends on the kind of channel."""
    find = team.state.joined if joined else team.state.channel
    channel = find(args.text("channel"))
    require_scope(team, f"{channel.scope_family}:{right}")
    return channel


def _between(messages: list[Message], args: Args) -> list[Message]:
    oldest, latest = args.text("oldest") or "0", args.text("latest") or "9999999999.999999"
    if args.flag("inclusive"):
        return [m for m in messages if float(oldest) <= float(m.ts) <= float(latest)]
    return [m for m in messages if float(oldest) < float(m.ts) < float(latest)]


def _page(team: Team, messages: list[Message], args: Args) -> Json:
    """Cut one page; the cursor is the number of messages already given."""
    limit, start = max(1, args.number("limit", 100)), args.number("cursor", 0)
    has_more = len(messages) > start + limit
    return {
        "messages": [team.payloads.message(m, for_app=True) for m in messages[start : start + limit]],
        "has_more": has_more, "response_metadata": {"next_cursor": str(start + limit) if has_more else ""},
    }


def _reacted(team: Team, args: Args) -> tuple[Message, str]:
    channel = team.state.joined(args.text("channel"))
    name = args.text("name").strip(":")
    if not name or not all(c.isalnum() or c in "_+-:" for c in name):
        raise SlackError("invalid_name")
    return team.state.message(channel.id, args.text("timestamp")), name
