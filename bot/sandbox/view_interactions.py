"""The person API for modals: submit and close, and what the app's ack then does to the view."""

import json
from dataclasses import dataclass

from aiohttp import web

from bot.sandbox.ask import ask
from bot.sandbox.file_transfer import IncomingForm
from bot.sandbox.person_api import PersonApi
from bot.sandbox.state import Json, SlackError, StoredFile
from bot.sandbox.team import Team
from bot.sandbox.view_values import FilledIn, fill_in
from bot.sandbox.views import View


@dataclass(slots=True)
class ViewInteractions:
    """Serve what people do with modals."""

    team: Team

    def add_routes(self, app: web.Application, api: PersonApi) -> None:
        """Add what this module serves."""
        app.router.add_post("/local/views/{view_id}/submit", api.serving(self._submit))
        app.router.add_post("/local/views/{view_id}/close", api.serving(self._close))

    async def _submit(self, form: IncomingForm) -> Json:
        view = self._own_view(form)
        person = self.team.state.person(view.person_id)
        filled = self._filled_in(form, view)
        if filled.errors:
            return {"closed": False, "errors": filled.errors}
        ack = await ask(self.team, "interactive", self.team.payloads.interaction(
            "view_submission", person, view=self.team.views.written(view, filled.values),
            trigger_id=self.team.tickets.new_trigger(person.id, view_id=view.id, channel_id=view.channel_id),
            response_urls=self._response_urls(view, filled),
        ))
        return self._after(view, ack or {})

    async def _close(self, form: IncomingForm) -> Json:
        view = self._own_view(form)
        self.team.views.close(view)
        if view.content.get("notify_on_close"):
            await ask(self.team, "interactive", self.team.payloads.interaction(
                "view_closed", self.team.state.person(view.person_id), view=self.team.views.written(view),
                is_cleared=False,
            ))
        return {}

    def _own_view(self, form: IncomingForm) -> View:
        view = self.team.views.find(form.text("view_id"))
        if view.person_id != form.text("person") or view.kind != "modal":
            raise SlackError("not_found")
        return view

    def _filled_in(self, form: IncomingForm, view: View) -> FilledIn:
        typed = read_state(form)
        files: dict[str, list[StoredFile]] = {}
        for block_id, file in form.files:
            file.user, file.given_to_app = view.person_id, True
            files.setdefault(block_id, []).append(file)
        return fill_in(view.content["blocks"], typed, files, self.team.payloads.file, view.channel_id)

    def _after(self, view: View, ack: Json) -> Json:
        """Do what the ack says (https://docs.slack.dev/surfaces/modals); an empty one closes the view."""
        match ack.get("response_action"):
            case "errors":
                return {"closed": False, "errors": ack.get("errors", {})}
            case "update":
                self.team.views.update(self.team.views.find(view.id), ack.get("view"))
                return {"closed": False}
            case "push":
                self.team.views.open(view.person_id, ack.get("view"), channel_id=view.channel_id, onto=view.id)
                return {"closed": False}
            case "clear":
                self.team.views.clear(view.person_id)
            case _:
                self.team.views.close(view)
        return {"closed": True}

    def _response_urls(self, view: View, filled: FilledIn) -> list[Json]:
        """Give a response URL for each selected conversation whose element asks for one."""
        urls: list[Json] = []
        for block in view.content["blocks"]:
            element = block.get("element") or {}
            if not element.get("response_url_enabled"):
                continue
            chosen = filled.values[block["block_id"]][element["action_id"]].get("selected_conversation")
            if chosen:
                urls.append({"block_id": block["block_id"], "action_id": element["action_id"], "channel_id": chosen,
                             "response_url": self.team.tickets.new_response_url(chosen, view.person_id)})
        return urls


def read_state(form: IncomingForm) -> dict[str, Json]:
    """Read the simple values of a view's fields, by block and action id; raise `invalid_json` for anything else."""
    try:
        typed = json.loads(form.text("state") or "{}")
    except ValueError as wrong:
        raise SlackError("invalid_json") from wrong
    if not isinstance(typed, dict) or not all(isinstance(values, dict) for values in typed.values()):
        raise SlackError("invalid_json")
    return typed
