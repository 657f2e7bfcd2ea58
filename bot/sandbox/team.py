"""What people and the app do in the workspace: each deed changes the state, tells the app (events) and tells the pages.

The wire format of what is told is in `payloads`, how it travels in `delivery`;
who may do what is decided by the callers.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.sandbox.app_manifest import Registration
from bot.sandbox.delivery import Delivery
from bot.sandbox.faults import Faults
from bot.sandbox.pages import Pages
from bot.sandbox.payloads import Payloads
from bot.sandbox.pictures import shows
from bot.sandbox.state import BOT_USER_ID, TEAM_ID, Channel, Json, Message, Share, State, StoredFile
from bot.sandbox.text import Names
from bot.sandbox.tickets import Tickets
from bot.sandbox.views import Views

_SCOPE_OF_EVENT = {
    "message.channels": "channels:history", "message.groups": "groups:history", "message.im": "im:history",
    "app_mention": "app_mentions:read", "reaction_added": "reactions:read", "reaction_removed": "reactions:read",
    "file_shared": "files:read", "file_deleted": "files:read", "app_home_opened": None,
    "member_joined_channel": "*:read",
}  # https://docs.slack.dev/reference/events; `*` stands for the kind of channel


@dataclass(frozen=True, slots=True)
class Draft:
    """Hold what a new or changed message is to say."""

    text: str
    blocks: Sequence[Json] = ()
    thread_ts: str | None = None
    file_ids: Sequence[str] = ()
    metadata: Json | None = None
    is_broadcast: bool = False  # a reply that the channel sees too


class Team:
    """Carry out what happens in the workspace."""

    def __init__(
        self, state: State, registration: Registration, faults: Faults, delivery: Delivery, pages: Pages
    ) -> None:
        self.state = state
        self.registration = registration
        self.faults = faults
        self.delivery = delivery
        self.pages = pages
        self.payloads = Payloads(state, faults)
        self.tickets = Tickets(state, faults)
        self.views = Views(state, self.payloads, pages)

    def names(self) -> Names:
        """Say what `@name` and `#name` mean here."""
        users = {key: m.id for m in self.state.members.values() for key in (m.handle, m.name)}
        channels = {c.name: c.id for c in self.state.channels.values() if c.kind != "im"}
        return Names(users, channels)

    def file(self, file_id: str, *, for_person: str) -> StoredFile:
        """Find a file that a person may read, or sees as a picture in a view or a message."""
        seen = any(shows(blocks, file_id) for blocks in self._blocks_before(for_person))
        return self.state.file(file_id) if seen else self.state.file(file_id, seen_by=for_person)

    def _blocks_before(self, person_id: str) -> Iterator[Sequence[Json]]:
        home = self.views.home(person_id)
        for view in [*self.views.stack(person_id), *([home] if home else [])]:
            yield view.content["blocks"]
        for channel in self.state.channels.values():
            if person_id in channel.members:
                yield from (message.blocks for message in channel.messages.values())

    def post(self, channel: Channel, author: str, draft: Draft) -> Message:
        """Post a message, with its files, and tell everybody."""
        message = self._new_message(channel, author, draft)
        channel.messages[message.ts] = message
        for file_id in message.file_ids:
            self.state.files[file_id].shares.append(Share(channel.id, message.ts, message.thread_ts))
        self._show(channel, "message", message)
        self._show_root(channel, message)
        self._tell_of_message(channel, message)
        for file_id in message.file_ids:
            self.tell_app("file_shared", channel, {
                "file_id": file_id, "user_id": author, "file": {"id": file_id}, "channel_id": channel.id,
                "event_ts": message.ts,
            })
        return message

    def whisper(self, channel: Channel, to: str, draft: Draft) -> Message:
        """Show a message of the app to one person only; to nobody in a thread without replies, as Slack does silently.

        https://docs.slack.dev/reference/methods/chat.postEphemeral
        """
        message = replace(self._new_message(channel, BOT_USER_ID, draft), ephemeral_to=to)
        if draft.thread_ts and not channel.thread(draft.thread_ts):
            return message
        channel.ephemerals[message.ts] = message
        shown = self.payloads.message(message)
        self.pages.tell([to], {"type": "ephemeral", "channel": channel.id, "message": shown})
        return message

    def edit(self, message: Message, draft: Draft, *, is_marked: bool) -> None:
        """Replace text and blocks of a message; `is_marked` shows "(edited)"."""
        channel = self.state.channels[message.channel_id]
        if message.ephemeral_to:
            message.text, message.blocks = draft.text, self.state.with_ids(draft.blocks)
            shown = {"type": "ephemeral", "channel": channel.id, "message": self.payloads.message(message)}
            self.pages.tell([message.ephemeral_to], shown)
            return
        previous = self.payloads.message(message, for_app=True)
        message.text, message.blocks = draft.text, self.state.with_ids(draft.blocks)
        message.metadata = draft.metadata or message.metadata
        message.edited_ts = self.state.next_ts() if is_marked else message.edited_ts
        self.tell_of_change(message, previous)

    def tell_of_change(self, message: Message, previous: Json) -> None:
        """Tell everybody that a message is no longer what it was."""
        channel = self.state.channels[message.channel_id]
        self._show(channel, "message_changed", message)
        ts = self.state.next_ts()
        self.tell_app(f"message.{channel.scope_family}", channel, {
            "type": "message", "subtype": "message_changed", "hidden": True, "channel": channel.id, "ts": ts,
            "event_ts": ts, "channel_type": channel.channel_type, "previous_message": previous,
            "message": self.payloads.message(message, for_app=True),
        })

    def delete(self, message: Message) -> None:
        """Remove a message; the root of a thread stays as a tombstone."""
        channel = self.state.channels[message.channel_id]
        if message.ephemeral_to:
            channel.ephemerals.pop(message.ts, None)
            gone = {"type": "message_deleted", "channel": channel.id, "ts": message.ts}
            self.pages.tell([message.ephemeral_to], gone)
            return
        previous = self.payloads.message(message, for_app=True)
        for file_id in message.file_ids:
            file = self.state.files[file_id]
            file.shares = [share for share in file.shares if share.ts != message.ts]
        if channel.thread(message.ts):
            message.text, message.blocks, message.file_ids = "This message was deleted.", [], []
            message.is_tombstone = True
            self.tell_of_change(message, previous)
            return
        del channel.messages[message.ts]
        self.pages.tell(channel.members, {"type": "message_deleted", "channel": channel.id, "ts": message.ts})
        self._show_root(channel, message)
        ts = self.state.next_ts()
        self.tell_app(f"message.{channel.scope_family}", channel, {
            "type": "message", "subtype": "message_deleted", "hidden": True, "channel": channel.id, "ts": ts,
            "event_ts": ts, "channel_type": channel.channel_type, "deleted_ts": message.ts,
            "previous_message": previous,
        })

    def react(self, message: Message, user: str, name: str, *, remove: bool = False) -> None:
        """Add or take away a reaction; the caller has checked that this changes something."""
        channel = self.state.channels[message.channel_id]
        users = message.reactions.setdefault(name, [])
        users.remove(user) if remove else users.append(user)
        if not users:
            del message.reactions[name]
        self.pages.tell(channel.members, {
            "type": "reaction", "channel": channel.id, "ts": message.ts, "message": self.payloads.message(message)
        })
        kind = "reaction_removed" if remove else "reaction_added"
        self.tell_app(kind, channel, {
            "type": kind, "user": user, "reaction": name, "item_user": message.user, "event_ts": self.state.next_ts(),
            "item": {"type": "message", "channel": channel.id, "ts": message.ts},
        })

    def join(self, channel: Channel, member_id: str, *, inviter: str | None = None) -> None:
        """Make somebody a member of a channel."""
        channel.members.append(member_id)
        event = {"type": "member_joined_channel", "user": member_id, "channel": channel.id, "team": TEAM_ID,
                 "channel_type": "C" if channel.kind == "public" else "G", "event_ts": self.state.next_ts()}
        self.tell_app("member_joined_channel", channel, event | ({"inviter": inviter} if inviter else {}))
        self.pages.tell_everyone({"type": "channel", "channel": channel.id})

    def delete_file(self, file: StoredFile) -> None:
        """Delete a file everywhere; messages keep a tombstone of it."""
        before = [(m, self.payloads.message(m, for_app=True)) for m in self.state.messages_with(file.id)]
        shared_in = [self.state.channels[share.channel_id] for share in file.shares]
        file.is_deleted = True
        file.path.unlink(missing_ok=True)
        for message, previous in before:
            self.tell_of_change(message, previous)
        for channel in shared_in[:1]:
            event = {"type": "file_deleted", "file_id": file.id, "event_ts": self.state.next_ts()}
            self.tell_app("file_deleted", channel, event)

    def tell_app(self, subscription: str, channel: Channel, event: Json) -> None:
        """Deliver an event if the app subscribed to it, has the scope for it, and is in the channel."""
        scope = _SCOPE_OF_EVENT.get(subscription)
        may_know = scope is None or scope.replace("*", channel.scope_family) in self.registration.scopes
        if subscription in self.registration.events and may_know and BOT_USER_ID in channel.members:
            self.delivery.event(self.payloads.event({"type": subscription} | event))

    def _new_message(self, channel: Channel, author: str, draft: Draft) -> Message:
        return Message(
            ts=self.state.next_ts(), channel_id=channel.id, user=author, text=draft.text,
            blocks=self.state.with_ids(draft.blocks), thread_ts=draft.thread_ts, file_ids=list(draft.file_ids),
            metadata=draft.metadata, is_broadcast=draft.is_broadcast,
        )

    def _show(self, channel: Channel, kind: str, message: Message) -> None:
        event = {"type": kind, "channel": channel.id, "message": self.payloads.message(message)}
        self.pages.tell(channel.members, event)

    def _show_root(self, channel: Channel, message: Message) -> None:
        root = channel.messages.get(message.thread_ts or "")
        if root is not None and root is not message:
            self._show(channel, "message_changed", root)

    def _tell_of_message(self, channel: Channel, message: Message) -> None:
        event = self.payloads.message(message, for_app=True)
        event |= {"channel": channel.id, "event_ts": message.ts, "channel_type": channel.channel_type}
        kinds = [f"message.{channel.scope_family}"]
        if f"<@{BOT_USER_ID}>" in message.text and message.user != BOT_USER_ID and channel.kind != "im":
            kinds.append("app_mention")
        random.shuffle(kinds)  # Slack promises no order between the two
        for kind in kinds:
            self.tell_app(kind, channel, _as_mention(event) if kind == "app_mention" else event | {"type": "message"})


def _as_mention(event: Json) -> Json:
    """Write the same message as `app_mention`, which has neither subtype nor channel type."""
    return {k: v for k, v in event.items() if k not in ("subtype", "channel_type")} | {"type": "app_mention"}
