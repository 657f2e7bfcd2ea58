"""What a workspace consists of: people, channels, messages, files. Nothing here talks to anybody or is wire format."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Json = dict[str, Any]
ChannelKind = Literal["public", "private", "im"]

TEAM_ID = "T0LOCAL01"
TEAM_DOMAIN = "local-workspace"
TEAM_NAME = "Local workspace"
APP_ID = "A0EDITOR1"
BOT_ID = "B0EDITOR1"
BOT_USER_ID = "U0EDITOR1"
ALICE = "U0ALICE01"
BOB = "U0BOB0001"
LIN = "U0LIN0001"
EDITORS = "S0EDITORS"
SLACKBOT = "USLACKBOT"


class SlackError(Exception):
    """Carry the `error` word of a Web API answer, and what else belongs into that answer."""

    def __init__(self, error: str, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.extra = extra


@dataclass(frozen=True, slots=True)
class Member:
    """Describe one person, or the bot, of the workspace."""

    id: str
    handle: str
    name: str
    is_admin: bool = False
    is_bot: bool = False
    locale: str = "en-US"
    team_id: str = TEAM_ID  # another one's people are external, in channels that are shared with them


@dataclass(slots=True)
class Message:
    """Hold one message; `ephemeral_to` names the only person who sees it, where there is one."""

    ts: str
    channel_id: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    file_ids: list[str] = field(default_factory=list)
    metadata: Json | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    edited_ts: str | None = None
    is_tombstone: bool = False
    is_broadcast: bool = False
    ephemeral_to: str | None = None


@dataclass(slots=True)
class Channel:
    """Hold one conversation with its members and messages, oldest first."""

    id: str
    name: str
    kind: ChannelKind
    members: list[str]
    messages: dict[str, Message] = field(default_factory=dict)
    ephemerals: dict[str, Message] = field(default_factory=dict)

    @property
    def channel_type(self) -> str:
        """Name the kind as `channel_type` of message events does."""
        return {"public": "channel", "private": "group", "im": "im"}[self.kind]

    @property
    def scope_family(self) -> str:
        """Name the kind as scopes and event names do: `channels`, `groups` or `im`."""
        return {"public": "channels", "private": "groups", "im": "im"}[self.kind]

    def thread(self, root_ts: str) -> list[Message]:
        """List the replies of a thread, oldest first, without its root."""
        return [m for m in self.messages.values() if m.thread_ts == root_ts and m.ts != root_ts]


@dataclass(frozen=True, slots=True)
class Share:
    """Say in which message a file is visible."""

    channel_id: str
    ts: str
    thread_ts: str | None


@dataclass(slots=True)
class StoredFile:
    """Hold one uploaded file; its bytes are at `path`.

    An upload is completed by a call of its own, also where it is shared nowhere. `given_to_app` marks files handed over
    in a modal.
    """

    id: str
    name: str
    title: str
    user: str
    size_bytes: int
    path: Path
    created_s: float
    shares: list[Share] = field(default_factory=list)
    is_uploaded: bool = False
    is_completed: bool = False
    is_deleted: bool = False
    given_to_app: bool = False


class State:
    """Hold the whole workspace in memory, and find things in it."""

    def __init__(self, origin: str, folder: Path, bot_name: str) -> None:
        self.origin = origin
        self.folder = folder
        self.members = {m.id: m for m in (
            Member(ALICE, "alice", "Alice", is_admin=True),
            Member(BOB, "bob", "Bob"),
            Member(LIN, "lin", "林晓", locale="zh-CN"),
            Member(BOT_USER_ID, "video-editor", bot_name, is_bot=True),
        )}
        everyone = [ALICE, BOB, LIN, BOT_USER_ID]
        self.groups = {EDITORS: [ALICE, LIN]}
        self.channels = {c.id: c for c in (
            Channel("C0GENERAL", "general", "public", list(everyone)),
            Channel("C0VIDEO01", "video", "public", list(everyone)),
            Channel("C0RANDOM1", "random", "public", [ALICE, BOB]),
            Channel("C0SECRET1", "studio-secret", "private", [ALICE, BOT_USER_ID]),
            Channel("D0ALICE01", "directmessage", "im", [ALICE, BOT_USER_ID]),
            Channel("D0BOB0001", "directmessage", "im", [BOB, BOT_USER_ID]),
            Channel("D0LIN0001", "directmessage", "im", [LIN, BOT_USER_ID]),
        )}
        self.files: dict[str, StoredFile] = {}
        self._last_us = 0
        self._last_id = 0

    def add_person(self, person: Member, *, channels: Sequence[str]) -> None:
        """Let somebody join the workspace, or, with another team's id, channels that are shared with that team."""
        self.members[person.id] = person
        for channel_id in channels:
            self.channels[channel_id].members.append(person.id)
        direct = Channel(self.new_id("D"), "directmessage", "im", [person.id, BOT_USER_ID])
        self.channels[direct.id] = direct

    def with_ids(self, blocks: Sequence[Json]) -> list[Json]:
        """Copy blocks, giving ids to blocks and elements that have none, as Slack does."""
        return [self._with_ids(block) for block in blocks]

    def _with_ids(self, block: Json) -> Json:
        copy: Json = {"block_id": self.new_id("b")} | block
        if isinstance(copy.get("elements"), list) and copy.get("type") == "actions":
            copy["elements"] = [{"action_id": self.new_id("a")} | element for element in copy["elements"]]
        for place in ("accessory", "element"):
            if isinstance(copy.get(place), dict) and copy[place].get("type") != "image":
                copy[place] = {"action_id": self.new_id("a")} | copy[place]
        return copy

    @property
    def people(self) -> list[Member]:
        """List the members who are not bots."""
        return [m for m in self.members.values() if not m.is_bot]

    def next_ts(self) -> str:
        """Return the time now as a message `ts`, never the same one twice."""
        self._last_us = max(time.time_ns() // 1000, self._last_us + 1)
        return f"{self._last_us // 1_000_000}.{self._last_us % 1_000_000:06d}"

    def new_id(self, prefix: str) -> str:
        """Return an id that looks like Slack's and was not given out before."""
        self._last_id += 1
        return f"{prefix}0{self._last_id:09d}"

    def person(self, user_id: str) -> Member:
        """Find a person (not a bot), or raise `user_not_found`."""
        member = self.members.get(user_id)
        if member is None or member.is_bot:
            raise SlackError("user_not_found")
        return member

    def channel(self, channel_id: str, *, seen_by: str = BOT_USER_ID) -> Channel:
        """Find a channel that this member can know of: its own ones, and all public ones."""
        channel = self.channels.get(channel_id)
        if channel is None or (channel.kind != "public" and seen_by not in channel.members):
            raise SlackError("channel_not_found")
        return channel

    def joined(self, channel_id: str, *, by: str = BOT_USER_ID) -> Channel:
        """Find a channel that this member is in, or raise as Slack does."""
        channel = self.channel(channel_id, seen_by=by)
        if by not in channel.members:
            raise SlackError("not_in_channel")
        return channel

    def direct_channel(self, user_id: str) -> Channel:
        """Find the direct messages between a person and the bot."""
        self.person(user_id)
        return next(c for c in self.channels.values() if c.kind == "im" and user_id in c.members)

    def message(self, channel_id: str, ts: str) -> Message:
        """Find a message, or raise `message_not_found`."""
        channel = self.channels.get(channel_id)
        if channel is None or ts not in channel.messages:
            raise SlackError("message_not_found")
        return channel.messages[ts]

    def file(self, file_id: str, *, seen_by: str = BOT_USER_ID) -> StoredFile:
        """Find a file that this member may read: their own, or one shared in a channel that they are in."""
        file = self.files.get(file_id)
        if file is None or not file.is_uploaded or not self._may_read(file, seen_by):
            raise SlackError("file_not_found")
        if file.is_deleted:
            raise SlackError("file_deleted")
        return file

    def _may_read(self, file: StoredFile, member_id: str) -> bool:
        if file.user == member_id or (file.given_to_app and member_id == BOT_USER_ID):
            return True
        return any(member_id in self.channels[share.channel_id].members for share in file.shares)

    def messages_with(self, file_id: str) -> Iterator[Message]:
        """Iterate over the messages that show this file."""
        for share in self.files[file_id].shares:
            message = self.channels[share.channel_id].messages.get(share.ts)
            if message is not None:
                yield message
