"""The person API, `/local/…`: what the pages, the demo and the tests do as a person. Messages, reactions, files.

Loopback only: a request whose Host is not this server, or whose Origin is another one, is refused (DNS rebinding).
Interactions (commands, buttons, modals) are in `person_interactions`, the files of the web page in `page_files`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from bot.sandbox import text
from bot.sandbox.file_transfer import IncomingForm, as_json, discard, page_download, read_form, read_json
from bot.sandbox.socket_mode import SocketMode
from bot.sandbox.state import BOT_USER_ID, TEAM_DOMAIN, TEAM_ID, TEAM_NAME, Channel, Json, Member, Message, SlackError
from bot.sandbox.team import Draft, Team

Deed = Callable[[IncomingForm], Awaitable[Json]]


@dataclass(slots=True)
class PersonApi:
    """Serve people; a refused request gets HTTP 400 with `ok: false` and a word."""

    team: Team
    has_sample: bool = False

    def add_routes(self, app: web.Application) -> None:
        """Add what this module serves."""
        app.router.add_get("/local/state", self._state)
        app.router.add_get("/local/history", self._history)
        app.router.add_get("/local/stream", self._stream)
        app.router.add_get("/local/files/{file_id}", self._file)
        app.router.add_post("/local/faults", self._change_faults)
        deeds: dict[str, Deed] = {
            "messages": self._post, "delete": self._delete, "delete_file": self._delete_file, "reactions": self._react,
            "sockets": self._cut_sockets,
        }
        for name, deed in deeds.items():
            app.router.add_post(f"/local/{name}", self.serving(deed))

    def serving(self, deed: Deed) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Wrap a deed: read its form, answer with JSON, turn refusals into HTTP 400."""

        async def serve(request: web.Request) -> web.StreamResponse:
            form = await read_form(request, self.team)
            try:
                return as_json({"ok": True} | await deed(form))
            except SlackError as problem:
                discard(form, self.team)
                return as_json({"ok": False, "error": problem.error} | problem.extra, status=400)

        return serve

    async def _state(self, request: web.Request) -> web.Response:
        person = self._person(request)
        registered, delivery = self.team.registration, self.team.delivery
        return as_json({
            "team": {"id": TEAM_ID, "name": TEAM_NAME, "domain": TEAM_DOMAIN},
            "me": self.team.payloads.member(person) | {"locale": person.locale},
            "people": [self.team.payloads.member(member) for member in self.team.state.members.values()],
            "channels": [_described(c) for c in self.team.state.channels.values() if person.id in c.members],
            "commands": [{"command": c.command, "description": c.description, "usage_hint": c.usage_hint}
                         for c in registered.commands],
            "shortcuts": [{"callback_id": s.callback_id, "name": s.name, "type": s.type} for s in registered.shortcuts],
            "views": [self.team.views.written(view) for view in self.team.views.stack(person.id)],
            "home": self.team.views.written(home) if (home := self.team.views.home(person.id)) else None,
            "bot": {"user_id": BOT_USER_ID, "name": registered.bot_name, "connected": delivery.transport.is_connected,
                    "has_home": registered.has_home},
            "has_sample": self.has_sample,
        })

    async def _history(self, request: web.Request) -> web.Response:
        person = self._person(request)
        channel = self._channel(request.query.get("channel", ""), person)
        whispered = [m for m in channel.ephemerals.values() if m.ephemeral_to == person.id]
        messages = sorted([*channel.messages.values(), *whispered], key=lambda message: message.ts)
        return as_json({"messages": [self.team.payloads.message(message) for message in messages]})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        return await self.team.pages.stream(request, self._person(request).id)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        return page_download(self.team, request.match_info["file_id"], self._person(request).id)

    async def _change_faults(self, request: web.Request) -> web.Response:
        try:
            self.team.faults.change(await read_json(request))
        except ValueError as wrong:
            return as_json({"ok": False, "error": str(wrong)}, status=400)
        return as_json({"ok": True})

    async def _cut_sockets(self, form: IncomingForm) -> Json:
        """Drop the app's sockets, or with `how: refresh` ask the app to reconnect."""
        transport = self.team.delivery.transport
        if not isinstance(transport, SocketMode):
            raise SlackError("events_go_over_http")
        if form.text("how") == "refresh":
            await transport.refresh()
        else:
            transport.drop()
        return {}

    async def _post(self, form: IncomingForm) -> Json:
        person = self.team.state.person(form.text("person"))
        channel = self._channel(form.text("channel"), person)
        typed, thread_ts = form.text("text"), form.text("thread_ts") or None
        if not typed.strip() and not form.files:
            raise SlackError("no_text")
        if thread_ts and thread_ts not in channel.messages:
            raise SlackError("thread_not_found")
        for _, file in form.files:
            file.user = person.id
        names = self.team.names()
        blocks = [text.rich_text(typed, names, self.team.state.new_id("b"))] if typed else []
        file_ids, is_broadcast = [file.id for _, file in form.files], bool(thread_ts and form.text("broadcast"))
        draft = Draft(text.encode(typed, names), blocks, thread_ts, file_ids, is_broadcast=is_broadcast)
        return {"ts": self.team.post(channel, person.id, draft).ts}

    async def _delete(self, form: IncomingForm) -> Json:
        person = self.team.state.person(form.text("person"))
        message = self._message(form, person)
        if message.user != person.id and not person.is_admin and message.ephemeral_to != person.id:
            raise SlackError("cant_delete_message")
        self.team.delete(message)
        return {}

    async def _delete_file(self, form: IncomingForm) -> Json:
        person = self.team.state.person(form.text("person"))
        file = self.team.state.file(form.text("file"), seen_by=person.id)
        if file.user != person.id and not person.is_admin:
            raise SlackError("cant_delete_file")
        self.team.delete_file(file)
        return {}

    async def _react(self, form: IncomingForm) -> Json:
        person = self.team.state.person(form.text("person"))
        message = self._message(form, person)
        name, remove = form.text("name").strip(":"), form.text("remove").lower() in ("1", "true")
        if not name:
            raise SlackError("invalid_name")
        if (person.id in message.reactions.get(name, ())) is not remove:
            raise SlackError("no_reaction" if remove else "already_reacted")
        self.team.react(message, person.id, name, remove=remove)
        return {}

    def _person(self, request: web.Request) -> Member:
        return self.team.state.person(request.query.get("person", ""))

    def _channel(self, channel_id: str, person: Member) -> Channel:
        return self.team.state.joined(channel_id, by=person.id)

    def _message(self, form: IncomingForm, person: Member) -> Message:
        channel = self._channel(form.text("channel"), person)
        whispered = channel.ephemerals.get(form.text("ts"))
        if whispered is not None and whispered.ephemeral_to == person.id:
            return whispered
        return self.team.state.message(channel.id, form.text("ts"))


def _described(channel: Channel) -> Json:
    return {"id": channel.id, "name": channel.name, "is_private": channel.kind == "private",
            "is_im": channel.kind == "im", "members": list(channel.members),
            "bot_is_member": BOT_USER_ID in channel.members}
