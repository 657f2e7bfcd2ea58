"""The person API for commands, buttons, shortcuts and App Home: each asks the app and waits for its ack."""

import json
from dataclasses import dataclass

from aiohttp import web

from bot.sandbox import text
from bot.sandbox.app_manifest import Command
from bot.sandbox.ask import ask
from bot.sandbox.file_transfer import IncomingForm
from bot.sandbox.person_api import PersonApi
from bot.sandbox.replies import show_ack
from bot.sandbox.state import BOT_USER_ID, Channel, Json, Member, Message, SlackError
from bot.sandbox.team import Team
from bot.sandbox.view_interactions import ViewInteractions, read_state
from bot.sandbox.view_values import element_value, fill_in
from bot.sandbox.views import View


@dataclass(slots=True)
class Interactions:
    """Serve what people do with the app."""

    team: Team

    def add_routes(self, app: web.Application, api: PersonApi) -> None:
        """Add what this module serves."""
        app.router.add_post("/local/commands", api.serving(self._command))
        app.router.add_post("/local/actions", api.serving(self._action))
        app.router.add_post("/local/shortcuts", api.serving(self._shortcut))
        app.router.add_post("/local/home", api.serving(self._open_home))
        ViewInteractions(self.team).add_routes(app, api)

    async def _command(self, form: IncomingForm) -> Json:
        person = self.team.state.person(form.text("person"))
        channel = self.team.state.joined(form.text("channel"), by=person.id)
        name, typed = form.text("command"), form.text("text").strip()
        if name == "/invite":
            return self._invite(person, channel, typed)
        known = next((c for c in self.team.registration.commands if c.command == name), None)
        if known is None:
            raise SlackError("unknown_command")
        ack = await ask(self.team, "slash_commands", self.team.payloads.command(
            person, channel, command=name, text=self._command_text(known, typed),
            response_url=self.team.tickets.new_response_url(channel.id, person.id),
            trigger_id=self.team.tickets.new_trigger(person.id, channel_id=channel.id),
        ))
        shown = show_ack(self.team, channel.id, person.id, ack or {})
        return {"response": self.team.payloads.message(shown)} if shown else {}

    def _command_text(self, command: Command, typed: str) -> str:
        return text.encode(typed, self.team.names()) if command.should_escape else typed

    def _invite(self, person: Member, channel: Channel, typed: str) -> Json:
        names = self.team.names().users
        member_id = next((i for name, i in names.items() if name.casefold() == typed.lstrip("@").casefold()), None)
        if member_id is None:
            raise SlackError("user_not_found")
        if member_id in channel.members:
            raise SlackError("already_in_channel")
        self.team.join(channel, member_id, inviter=person.id)
        return {}

    async def _action(self, form: IncomingForm) -> Json:
        person = self.team.state.person(form.text("person"))
        payload_of = self._action_in_view if form.text("view_id") else self._action_in_message
        await ask(self.team, "interactive", payload_of(form, person))
        return {}

    def _action_in_view(self, form: IncomingForm, person: Member) -> Json:
        view = self.team.views.find(form.text("view_id"))
        if view.person_id != person.id:
            raise SlackError("not_found")
        clicked = self._clicked(view.content["blocks"], form)
        values = self._values_in(view, form)
        if clicked["action_id"] in values.get(clicked["block_id"], {}):
            known = ("type", "value", "selected_")
            chosen = {name: value for name, value in clicked.items() if name.startswith(known)}
            values[clicked["block_id"]][clicked["action_id"]] = chosen
        return self.team.payloads.interaction(
            "block_actions", person, container={"type": "view", "view_id": view.id},
            view=self.team.views.written(view, values),
            trigger_id=self.team.tickets.new_trigger(person.id, view_id=view.id, channel_id=view.channel_id),
            actions=[clicked],
        )

    def _values_in(self, view: View, form: IncomingForm) -> dict[str, dict[str, Json]]:
        """Write what the view's fields hold at this moment; files come with the submission only."""
        typed = read_state(form)
        return fill_in(view.content["blocks"], typed, {}, self.team.payloads.file, view.channel_id).values

    def _action_in_message(self, form: IncomingForm, person: Member) -> Json:
        channel = self.team.state.joined(form.text("channel"), by=person.id)
        message = self._visible(channel, form.text("ts"), person)
        clicked = self._clicked(message.blocks, form)
        container: Json = {"type": "message", "message_ts": message.ts, "channel_id": channel.id,
                           "is_ephemeral": message.ephemeral_to is not None}
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        # The app never gets the content of an ephemeral message back.
        shown = {} if message.ephemeral_to else {"message": self.team.payloads.message(message, for_app=True)}
        return self.team.payloads.interaction(
            "block_actions", person, container=container, channel=_named(channel), state={"values": {}},
            trigger_id=self.team.tickets.new_trigger(person.id, channel_id=channel.id),
            response_url=self._response_url(channel, person, message), actions=[clicked], **shown,
        )

    def _clicked(self, blocks: list[Json], form: IncomingForm) -> Json:
        """Find the clicked element and write its action; raise `no_such_action` for one that is not there."""
        action_id, block_id = form.text("action_id"), form.text("block_id")
        for block in blocks:
            for element in [block.get("accessory"), block.get("element"), *(block.get("elements") or [])]:
                is_it = isinstance(element, dict) and element.get("action_id") == action_id
                if is_it and block_id in ("", block["block_id"]):
                    return self._action_of(block, element, form.fields.get("value"))
        raise SlackError("no_such_action")

    def _action_of(self, block: Json, element: Json, value: str | None) -> Json:
        action = {"action_id": element["action_id"], "block_id": block["block_id"], "type": element["type"],
                  "action_ts": self.team.state.next_ts()}
        if element["type"] == "button":
            return action | {name: element[name] for name in ("text", "value", "style") if name in element}
        is_many = element["type"] in ("checkboxes", "multi_static_select")
        return action | element_value(element, json.loads(value) if is_many and value else value)

    async def _shortcut(self, form: IncomingForm) -> Json:
        person = self.team.state.person(form.text("person"))
        callback_id = form.text("callback_id")
        known = next((s for s in self.team.registration.shortcuts if s.callback_id == callback_id), None)
        if known is None:
            raise SlackError("unknown_shortcut")
        trigger_id = self.team.tickets.new_trigger(person.id, channel_id=form.text("channel") or None)
        common = {"callback_id": callback_id, "trigger_id": trigger_id, "action_ts": self.team.state.next_ts()}
        if known.type == "global":
            await ask(self.team, "interactive", self.team.payloads.interaction("shortcut", person, **common))
            return {}
        channel = self.team.state.joined(form.text("channel"), by=person.id)
        message = self.team.state.message(channel.id, form.text("ts"))
        await ask(self.team, "interactive", self.team.payloads.interaction(
            "message_action", person, channel=_named(channel), message_ts=message.ts,
            message=self.team.payloads.message(message, for_app=True),
            response_url=self._response_url(channel, person, message), **common,
        ))
        return {}

    async def _open_home(self, form: IncomingForm) -> Json:
        person = self.team.state.person(form.text("person"))
        channel = self.team.state.direct_channel(person.id)
        home = self.team.views.home(person.id)
        shown = {"view": self.team.views.written(home)} if home else {}
        self.team.tell_app("app_home_opened", channel, {
            "user": person.id, "channel": channel.id, "tab": form.text("tab") or "home",
            "event_ts": self.team.state.next_ts(), **shown,
        })
        return shown

    def _visible(self, channel: Channel, ts: str, person: Member) -> Message:
        whispered = channel.ephemerals.get(ts)
        if whispered is not None and whispered.ephemeral_to == person.id:
            return whispered
        return self.team.state.message(channel.id, ts)

    def _response_url(self, channel: Channel, person: Member, message: Message) -> str:
        original = message.ts if message.user == BOT_USER_ID else None
        thread_ts = message.thread_ts
        return self.team.tickets.new_response_url(channel.id, person.id, message_ts=original, thread_ts=thread_ts)


def _named(channel: Channel) -> Json:
    return {"id": channel.id, "name": "privategroup" if channel.kind == "private" else channel.name}
