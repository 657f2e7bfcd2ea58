"""What the app says back to a command or a click: in the ack of a command, or to a response URL."""

from aiohttp import web

from bot.sandbox.chat_methods import read_draft
from bot.sandbox.state import BOT_USER_ID, Json, Message, SlackError
from bot.sandbox.team import Draft, Team
from bot.sandbox.tickets import ReplyTicket
from bot.sandbox.web_method import Args, read_args


async def answer_response_url(request: web.Request, team: Team) -> web.Response:
    """Take one answer to a response URL; needs no token, works where the bot is no member."""
    try:
        args = await read_args(request)
        if "payload" in args.values:
            args = Args(args.data("payload"))
        ticket = team.tickets.spend_reply(request.match_info["ticket"])
        _carry_out(team, ticket, args)
    except SlackError as problem:
        status = 404 if problem.error in ("expired_url", "used_url") else 400
        return web.json_response({"ok": False, "error": problem.error}, status=status)
    return web.Response(text="ok")


def show_ack(team: Team, channel_id: str, person_id: str, ack: Json) -> Message | None:
    """Show the message that a command's ack carries, if it carries one."""
    if not ack.get("text") and not ack.get("blocks"):
        return None
    return _say(team, ReplyTicket(channel_id, person_id, None, None, 0.0), Args(ack))


def _carry_out(team: Team, ticket: ReplyTicket, args: Args) -> None:
    original = _original(team, ticket)
    if args.flag("delete_original") and original is not None:
        team.delete(original)
    elif args.flag("replace_original") and original is not None:
        team.edit(original, read_draft(team, args), is_marked=False)
    else:
        _say(team, ticket, args)


def _say(team: Team, ticket: ReplyTicket, args: Args) -> Message:
    channel = team.state.channels[ticket.channel_id]
    draft = read_draft(team, args)
    thread_ts = draft.thread_ts or ticket.thread_ts
    said = Draft(draft.text, draft.blocks, thread_ts, metadata=draft.metadata)
    if args.text("response_type") == "in_channel":
        return team.post(channel, BOT_USER_ID, said)
    return team.whisper(channel, ticket.person_id, said)


def _original(team: Team, ticket: ReplyTicket) -> Message | None:
    channel = team.state.channels[ticket.channel_id]
    ts = ticket.message_ts or ""
    original = channel.messages.get(ts) or channel.ephemerals.get(ts)
    return original if original is not None and original.user == BOT_USER_ID else None
