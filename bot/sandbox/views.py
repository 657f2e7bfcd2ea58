"""Modals and App Home: which views are open for whom. What people fill in is in `view_values`."""

from dataclasses import dataclass, replace
from typing import Any

from bot.sandbox.block_limits import check_view
from bot.sandbox.pages import Pages
from bot.sandbox.payloads import Payloads
from bot.sandbox.pictures import check_pictures
from bot.sandbox.state import APP_ID, BOT_ID, TEAM_ID, Json, SlackError, State

_MAX_STACK = 3  # https://docs.slack.dev/reference/methods/views.push
_CONTENT = ("title", "close", "submit", "blocks", "private_metadata", "callback_id", "external_id", "clear_on_close",
            "notify_on_close")


@dataclass(frozen=True, slots=True)
class View:
    """Hold one modal or home; `channel_id` is where the person was when it opened."""

    id: str
    kind: str
    person_id: str
    content: Json
    version: str
    root_id: str
    previous_id: str | None = None
    channel_id: str | None = None


class Views:
    """Hold each person's stack of modals, bottom first, and each person's home; tell their pages of changes."""

    def __init__(self, state: State, payloads: Payloads, pages: Pages) -> None:
        self._state = state
        self._payloads = payloads
        self._pages = pages
        self._stacks: dict[str, list[View]] = {}
        self._homes: dict[str, View] = {}

    def stack(self, person_id: str) -> list[View]:
        """List a person's open modals, the visible one last."""
        return list(self._stacks.get(person_id, ()))

    def home(self, person_id: str) -> View | None:
        """Return what was last published to a person's App Home."""
        return self._homes.get(person_id)

    def find(self, view_id: str) -> View:
        """Find an open modal or a home by its id or external id, or raise `not_found`."""
        everything = [*self._homes.values(), *(view for stack in self._stacks.values() for view in stack)]
        for view in everything:
            if view_id and view_id in (view.id, view.content.get("external_id")):
                return view
        raise SlackError("not_found")

    def open(self, person_id: str, content: Any, *, channel_id: str | None, onto: str | None = None) -> View:
        """Open a modal, alone or onto the one with the id `onto`."""
        self._check(content, "modal")
        stack = self.stack(person_id) if onto else []
        if onto and (not stack or stack[-1].id != onto):
            raise SlackError("not_found")
        if len(stack) >= _MAX_STACK:
            raise SlackError("push_limit_reached")
        view_id = self._state.new_id("V")
        view = View(view_id, "modal", person_id, self._clean(content), self._version(),
                    root_id=stack[0].id if stack else view_id, previous_id=onto, channel_id=channel_id)
        self._stacks[person_id] = [*stack, view]
        self._tell("view_opened", view)
        return view

    def update(self, view: View, content: Any, *, expected_version: str = "") -> View:
        """Replace what a modal shows; raise `hash_conflict` if it changed since the app looked."""
        self._check(content, view.kind)
        if expected_version and expected_version != view.version:
            raise SlackError("hash_conflict")
        changed = replace(view, content=self._clean(content), version=self._version())
        stack = self._stacks[view.person_id]
        stack[stack.index(view)] = changed
        self._tell("view_updated", changed)
        return changed

    def publish(self, person_id: str, content: Any, *, expected_version: str = "") -> View:
        """Replace a person's App Home."""
        self._check(content, "home")
        old = self._homes.get(person_id)
        if expected_version and (old is None or expected_version != old.version):
            raise SlackError("hash_conflict")
        view_id = old.id if old else self._state.new_id("V")
        view = View(view_id, "home", person_id, self._clean(content), self._version(), root_id=view_id)
        self._homes[person_id] = view
        self._pages.tell([person_id], {"type": "home", "view": self.written(view)})
        return view

    def close(self, view: View) -> None:
        """Close a modal and those above it."""
        stack = self._stacks.get(view.person_id, [])
        place = next((i for i, open_view in enumerate(stack) if open_view.id == view.id), len(stack))
        closed, self._stacks[view.person_id] = stack[place:], stack[:place]
        for one in reversed(closed):
            self._tell("view_closed", one)

    def clear(self, person_id: str) -> None:
        """Close all modals of a person."""
        for bottom in self.stack(person_id)[:1]:
            self.close(bottom)

    def written(self, view: View, values: Json | None = None) -> Json:
        """Write a view as the app and the pages get it, with what was filled in."""
        return {
            "id": view.id, "team_id": TEAM_ID, "type": view.kind, "blocks": [], "private_metadata": "",
            "callback_id": "", "external_id": "", "clear_on_close": False, "notify_on_close": False, "title": None,
            "submit": None, "close": None, "state": {"values": values or {}}, "hash": view.version,
            "previous_view_id": view.previous_id, "root_view_id": view.root_id, "app_id": APP_ID, "bot_id": BOT_ID,
            "app_installed_team_id": TEAM_ID,
        } | view.content

    def _check(self, content: Any, kind: str) -> None:
        check_view(content)
        if content["type"] != kind:
            problem = f"[ERROR] the view must be of type {kind}"
            raise SlackError("invalid_arguments", response_metadata={"messages": [problem]})
        check_pictures(content["blocks"], self._state, self._payloads, error="invalid_arguments", at="/view")

    def _clean(self, content: Json) -> Json:
        kept = {name: content[name] for name in _CONTENT if name in content}
        return kept | {"blocks": self._state.with_ids(content["blocks"])}

    def _version(self) -> str:
        return self._state.new_id("hash.")

    def _tell(self, kind: str, view: View) -> None:
        self._pages.tell([view.person_id], {"type": kind, "view_id": view.id, "view": self.written(view)})
