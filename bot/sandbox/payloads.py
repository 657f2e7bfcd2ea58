"""State → what Slack writes on the wire: messages, files, people, channels, frames of events and interactions."""

import time
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from bot.sandbox.faults import Faults
from bot.sandbox.state import (
    APP_ID,
    BOT_ID,
    BOT_USER_ID,
    SLACKBOT,
    TEAM_DOMAIN,
    TEAM_ID,
    Channel,
    Json,
    Member,
    Message,
    State,
    StoredFile,
)

VERIFICATION_TOKEN = "local-verification"  # deprecated by Slack and unused by Bolt, but part of every payload

MIME_TYPES = {
    "mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm", "mkv": "video/x-matroska",
    "avi": "video/x-msvideo",
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp", "gif": "image/gif",
    "bmp": "image/bmp", "heic": "image/heic", "txt": "text/plain", "pdf": "application/pdf", "mp3": "audio/mpeg",
}


class Payloads:
    """Write the objects of one workspace; reads state and faults, changes neither."""

    def __init__(self, state: State, faults: Faults) -> None:
        self._state = state
        self._faults = faults

    def member(self, member: Member) -> Json:
        """Write a user object as `users.info` returns it."""
        return {
            "id": member.id, "team_id": member.team_id, "name": member.handle, "deleted": False,
            "real_name": member.name,
            "tz": "Etc/UTC", "tz_offset": 0, "is_admin": member.is_admin, "is_owner": member.is_admin,
            "is_primary_owner": False, "is_restricted": False, "is_ultra_restricted": False, "is_bot": member.is_bot,
            "is_app_user": False, "updated": 0,
            "profile": {"real_name": member.name, "display_name": member.name, "team": member.team_id},
        }

    def channel(self, channel: Channel) -> Json:
        """Write a conversation object as the bot sees it."""
        common = {"id": channel.id, "created": 0, "is_archived": False, "is_org_shared": False, "is_ext_shared": False,
                  "is_shared": False, "is_im": channel.kind == "im", "is_mpim": False,
                  "context_team_id": TEAM_ID}
        if channel.kind == "im":
            return common | {"user": next(m for m in channel.members if m != BOT_USER_ID), "is_open": True}
        return common | {
            "name": channel.name, "name_normalized": channel.name, "is_channel": channel.kind == "public",
            "is_group": channel.kind == "private", "is_private": channel.kind == "private",
            "is_member": BOT_USER_ID in channel.members, "is_general": channel.name == "general",
            "num_members": len(channel.members), "topic": {"value": ""}, "purpose": {"value": ""},
        }

    def file(self, file: StoredFile) -> Json:
        """Write a file object without its shares, as messages carry it; what a scan finds out may come late."""
        if file.is_deleted:
            return {"id": file.id, "mode": "tombstone"}
        suffix = PurePath(file.name).suffix.lower().removeprefix(".")
        is_scanned = time.time() >= file.created_s + self._faults.late_mimetype_s
        mimetype = MIME_TYPES.get(suffix, "application/octet-stream") if is_scanned else ""
        address = f"{self._state.origin}/files-pri/{TEAM_ID}-{file.id}"
        name = quote(file.name.replace(" ", "_").lower())
        written: Json = {
            "id": file.id, "created": int(file.created_s), "timestamp": int(file.created_s), "name": file.name,
            "title": file.title, "mimetype": mimetype,
            "filetype": (suffix if suffix in MIME_TYPES else "binary") if is_scanned else "",
            "pretty_type": suffix.upper() if is_scanned else "", "user": file.user, "user_team": TEAM_ID,
            "editable": False, "size": file.size_bytes, "mode": "hosted", "is_external": False, "external_type": "",
            "is_public": self._is_public(file), "public_url_shared": False, "display_as_bot": False, "username": "",
            "url_private": f"{address}/{name}", "url_private_download": f"{address}/download/{name}",
            "permalink": f"{self._state.origin}/files/{file.user}/{file.id}/{name}", "is_starred": False,
            "has_rich_preview": False, "file_access": "visible",
        }
        if mimetype.startswith("video/"):
            written["media_display_type"] = "video"
        return written

    def shared_file(self, file: StoredFile) -> Json:
        """Write a file object with the places where it is shared, as `files.info` returns it."""
        shares: dict[str, dict[str, list[Json]]] = {}
        kinds: dict[str, list[str]] = {"public": [], "private": [], "im": []}
        for share in file.shares:
            channel = self._state.channels[share.channel_id]
            family = shares.setdefault("public" if channel.kind == "public" else "private", {})
            entry: Json = {"ts": share.ts, "channel_name": channel.name, "team_id": TEAM_ID, "share_user_id": file.user,
                           "reply_users": [], "reply_users_count": 0, "reply_count": 0, "source": "UNKNOWN"}
            if share.thread_ts:
                entry["thread_ts"] = share.thread_ts
            family.setdefault(channel.id, []).append(entry)
            kinds[channel.kind].append(channel.id)
        return self.file(file) | {"shares": shares, "channels": kinds["public"], "groups": kinds["private"],
                                  "ims": kinds["im"], "comments_count": 0}

    def _is_public(self, file: StoredFile) -> bool:
        return any(self._state.channels[share.channel_id].kind == "public" for share in file.shares)

    def message(self, message: Message, *, for_app: bool = False) -> Json:
        """Write a message as history returns it; for the app, files may be stubs (see the faults)."""
        written: Json = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
        written["team"] = TEAM_ID
        if message.is_tombstone:
            written |= {"user": SLACKBOT, "hidden": True, "subtype": "tombstone"}
        elif message.is_broadcast:
            written["subtype"] = "thread_broadcast"
        elif message.file_ids:
            written["subtype"] = "file_share"
        if message.user == BOT_USER_ID and not message.is_tombstone:
            written |= {"bot_id": BOT_ID, "app_id": APP_ID, "bot_profile": self.bot_profile()}
        if message.blocks:
            written["blocks"] = message.blocks
        if message.file_ids:
            written |= {"files": [self._attached(file_id, for_app) for file_id in message.file_ids],
                        "upload": message.user != BOT_USER_ID, "display_as_bot": False}
        if message.metadata:
            written["metadata"] = message.metadata
        if message.edited_ts:
            written["edited"] = {"user": message.user, "ts": message.edited_ts}
        if message.reactions:
            written["reactions"] = [
                {"name": name, "users": list(users), "count": len(users)} for name, users in message.reactions.items()
            ]
        if message.ephemeral_to:
            written |= {"is_ephemeral": True, "ephemeral": True}
        return written | self._thread(message)

    def bot_profile(self) -> Json:
        """Write the `bot_profile` of the app's messages."""
        return {"id": BOT_ID, "app_id": APP_ID, "user_id": BOT_USER_ID, "deleted": False, "updated": 0,
                "name": self._state.members[BOT_USER_ID].name, "team_id": TEAM_ID, "icons": {}}

    def _attached(self, file_id: str, for_app: bool) -> Json:
        file = self._state.files[file_id]
        if for_app and self._faults.stub_files and not file.is_deleted:
            return {"id": file.id, "mode": "file_access", "file_access": "check_file_info"}
        return self.file(file)

    def _thread(self, message: Message) -> Json:
        channel = self._state.channels[message.channel_id]
        if message.thread_ts and message.thread_ts != message.ts:
            root = channel.messages.get(message.thread_ts)
            written = {"thread_ts": message.thread_ts} | ({"parent_user_id": root.user} if root else {})
            return written | ({"root": self.message(root)} if root and message.is_broadcast else {})
        replies = channel.thread(message.ts)
        if not replies:
            return {}
        people = list(dict.fromkeys(reply.user for reply in replies))
        return {"thread_ts": message.ts, "reply_count": len(replies), "reply_users": people,
                "reply_users_count": len(people), "latest_reply": replies[-1].ts, "is_locked": False}

    def permalink(self, channel_id: str, message: Message) -> str:
        """Write the address of a message."""
        link = f"{self._state.origin}/archives/{channel_id}/p{message.ts.replace('.', '')}"
        if message.thread_ts and message.thread_ts != message.ts:
            return f"{link}?thread_ts={message.thread_ts}&cid={channel_id}"
        return link

    def event(self, event: Json) -> Json:
        """Wrap an event as the Events API delivers it."""
        return {
            "token": VERIFICATION_TOKEN, "team_id": TEAM_ID, "context_team_id": TEAM_ID, "context_enterprise_id": None,
            "api_app_id": APP_ID, "event": event, "type": "event_callback", "event_id": self._state.new_id("Ev"),
            "event_time": int(time.time()), "is_ext_shared_channel": False, "event_context": self._state.new_id("4-"),
            "authorizations": [{"enterprise_id": None, "team_id": TEAM_ID, "user_id": BOT_USER_ID, "is_bot": True,
                                "is_enterprise_install": False}],
        }

    def interaction(self, kind: str, person: Member, **details: Any) -> Json:
        """Start an interactivity payload: what all of its types have in common, and the details given."""
        return {
            "type": kind, "token": VERIFICATION_TOKEN, "api_app_id": APP_ID, "is_enterprise_install": False,
            "enterprise": None, "team": {"id": TEAM_ID, "domain": TEAM_DOMAIN},
            "user": {"id": person.id, "username": person.handle, "name": person.handle, "team_id": person.team_id},
        } | details

    def command(self, person: Member, channel: Channel, **details: str) -> Json:
        """Write the payload of a slash command: a form over HTTP, so all values are strings."""
        name = {"public": channel.name, "private": "privategroup", "im": "directmessage"}[channel.kind]
        return {
            "token": VERIFICATION_TOKEN, "team_id": TEAM_ID, "team_domain": TEAM_DOMAIN, "channel_id": channel.id,
            "channel_name": name, "user_id": person.id, "user_name": person.handle, "api_app_id": APP_ID,
            "is_enterprise_install": "false",
        } | details
