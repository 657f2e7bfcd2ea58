"""What we say to Slack and ask of it: messages, marks, private answers, and look-ups of messages and members.

Files, in and out, are in `bot/files.py`. Every call here is made by a step, so it may wait out a rate limit; on the
way to an ack only `bot/people.py` asks, for a second at most. Errors of Slack become SlackError, whose `lasting` says
whether trying again can help.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.messages.blocks import plain_sections
from bot.pacing import Pacing

log = logging.getLogger(__name__)

# Answers that a later try may turn into success: docs.slack.dev/reference/methods, "common error codes".
PASSING = frozenset(
    {
        "accesslimited", "fatal_error", "internal_error", "ratelimited", "rate_limited", "request_timeout",
        "service_unavailable", "team_added_to_org",
    }
)  # fmt: skip
BLOCKS_REFUSED = frozenset({"invalid_blocks", "invalid_blocks_format"})
# Answers to every call with a token that Slack does not accept; whoever can set it right may do so within a day.
NO_ENTRY = frozenset(
    {"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive", "org_login_required"}
)
OWN_PACE = "own_pace"  # no answer of Slack's: it would have been a 429
LONGEST_WAIT_S = 120.0  # for a place; whoever waits longer tries again later, with what is true then
TRIES_WHEN_LIMITED = 3
METADATA_TYPE = "video_edit"
# How far our clock may be ahead of Slack's: what we posted must be found again, or it would be posted twice.
CLOCKS_DIFFER = timedelta(minutes=15)


class SlackError(Exception):
    """Slack refused a call, or could not be reached."""

    def __init__(self, method: str, code: str, *, lasting: bool) -> None:
        super().__init__(f"{method}: {code}")
        self.method = method
        self.code = code
        self.lasting = lasting
        self.locked_out = code in NO_ENTRY
        self.final = lasting and not self.locked_out  # this very call will never be allowed


class LimitedError(SlackError):
    """Slack wants to be left alone with this method for a while."""

    def __init__(self, method: str, retry_after_s: float) -> None:
        super().__init__(method, "ratelimited", lasting=False)
        self.retry_after_s = retry_after_s


class Sayable(Protocol):
    """A message as `bot/messages` makes it: the text for notifications, and the blocks."""

    @property
    def text(self) -> str: ...

    @property
    def blocks(self) -> Sequence[Mapping[str, Any]]: ...


def _as_message(text: str, blocks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"text": text, "blocks": list(blocks) or None}


def web_client(token: str, api_url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """Make the client for steps: it resends nothing after a broken connection.

    The SDK's own default resends once, which would post a message twice where only the answer was lost. The session
    keeps connections open between calls, and its time-out is the one that counts.
    """
    return AsyncWebClient(
        token=token,
        base_url=api_url,
        session=session,
        retry_handlers=[],
    )


class Slack:
    """Our side of the conversation; stateless apart from the HTTP session of the client it is given."""

    def __init__(self, web: AsyncWebClient, pacing: Pacing | None = None) -> None:
        """Call by `web`, at the pace of `pacing`; without one at once, and a 429 is an error like any other."""
        self._web = web
        self._pacing = pacing

    async def call(
        self, method: str, *, http_verb: str = "POST", spare: bool = False, **arguments: Any
    ) -> dict[str, Any]:
        """Call a method of the Web API at Slack's pace; raise SlackError instead of the SDK's and the transport's.

        What can be spared does not wait: where Slack would refuse it now, SlackError(OWN_PACE) is raised at once.
        """
        given = {key: value for key, value in arguments.items() if value is not None}
        if self._pacing is None:
            return await self._answer(method, http_verb, given)
        longest_s = 0.0 if spare else LONGEST_WAIT_S
        for _try in range(TRIES_WHEN_LIMITED):
            if not await self._pacing.wait(method, given.get("channel"), longest_s=longest_s, spare=spare):
                break
            try:
                return await self._answer(method, http_verb, given)
            except LimitedError as exc:
                await self._pacing.hold(method, given.get("channel"), exc.retry_after_s)
        raise SlackError(method, OWN_PACE, lasting=False)

    async def _answer(self, method: str, http_verb: str, given: dict[str, Any]) -> dict[str, Any]:
        try:
            if http_verb == "GET":
                answer = await self._web.api_call(method, http_verb="GET", params=given)
            else:
                answer = await self._web.api_call(method, json=given)
        except SlackApiError as exc:
            if (retry_after_s := _retry_after_s(exc)) is not None:
                raise LimitedError(method, retry_after_s) from exc
            code = refusal(exc)
            raise SlackError(method, code or "no_answer", lasting=bool(code) and code not in PASSING) from exc
        except AttributeError as exc:  # the SDK's, over an answer that is no JSON object
            raise SlackError(method, "no_json", lasting=False) from exc
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            raise SlackError(method, type(exc).__name__, lasting=False) from exc
        if not isinstance(answer.data, dict):
            raise SlackError(method, "no_json", lasting=False)
        return answer.data

    async def send(
        self, method: str, text: str, blocks: Sequence[Mapping[str, Any]], *, spare: bool = False,
        shape: Callable[[str, Sequence[Mapping[str, Any]]], dict[str, Any]] = _as_message, **arguments: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """Call a method with a message; blocks that Slack refuses become plain sections, then the text alone.

        What Slack refuses it has not posted, so the next try makes no second message; it waits for its turn.
        """
        for form in (blocks, plain_sections(blocks)) if blocks else ():
            try:
                return await self.call(method, spare=spare, **arguments, **shape(text, form))
            except SlackError as exc:
                if exc.code not in BLOCKS_REFUSED:
                    raise
                log.warning("blocks refused, sent plainer", extra={"method": method, "why": exc.code})
                spare = False
        return await self.call(method, spare=spare, **arguments, **shape(text, ()))

    async def post(
        self, channel: str, message: Sayable, *, thread_ts: str | None, edit_id: str, what: str
    ) -> tuple[str, str]:
        """Post a message and return its channel and ts. Not idempotent: see `find_own`.

        A user id as `channel` posts into the direct message with that person. The metadata lets us recognise the
        message after a crash between the post and the save of its ts.
        """
        metadata = {"event_type": METADATA_TYPE, "event_payload": {"edit_id": edit_id, "what": what}}
        answer = await self.send(
            "chat.postMessage",
            message.text,
            message.blocks,
            channel=channel,
            thread_ts=thread_ts,
            metadata=metadata,
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(answer["channel"]), str(answer["ts"])

    async def update(self, channel: str, ts: str, message: Sayable, *, spare: bool = False) -> None:
        """Edit a message of ours in place; idempotent. Blocks are always sent: text alone would remove them."""
        await self.send("chat.update", message.text, message.blocks, spare=spare, channel=channel, ts=ts)

    async def whisper(
        self, channel: str, user: str, text: str, *, thread_ts: str | None, blocks: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        """Tell one person something privately: ephemeral where we share the channel, else as a direct message.

        With the person's own id as `channel` it is a direct message at once, which stays.
        """
        if channel != user:
            try:
                await self.send("chat.postEphemeral", text, blocks, channel=channel, user=user, thread_ts=thread_ts)
                return
            except SlackError as exc:
                if not exc.final:
                    raise
        await self.send("chat.postMessage", text, blocks, channel=user, unfurl_links=False, unfurl_media=False)

    async def direct(self, user: str, message: Sayable) -> str:
        """Post into the direct messages with a person and return their channel; not idempotent."""
        answer = await self.send(
            "chat.postMessage", message.text, message.blocks, channel=user, unfurl_links=False, unfurl_media=False
        )
        return str(answer["channel"])

    async def publish_home(self, user: str, view: Mapping[str, Any]) -> None:
        """Replace what a person sees of our Home; idempotent."""
        await self.call("views.publish", spare=True, user_id=user, view=dict(view))

    async def workspace_url(self) -> str:
        """Return the address under which the workspace's messages are found: `https://acme.slack.com/`."""
        return str((await self.call("auth.test"))["url"])

    async def mark(self, channel: str, ts: str, emoji: str) -> None:
        """Add a reaction to a message; idempotent."""
        try:
            await self.call("reactions.add", channel=channel, timestamp=ts, name=emoji)
        except SlackError as exc:
            if exc.code != "already_reacted":
                raise

    async def find_own(
        self, channel: str, *, thread_ts: str | None, edit_id: str, what: str, since: datetime
    ) -> str | None:
        """Return the ts of the message that we posted for this edit, or None; used after a crash only."""
        for message in await self._messages(channel, thread_ts, since):
            metadata = message.get("metadata") or {}
            payload = metadata.get("event_payload") or {}
            if metadata.get("event_type") == METADATA_TYPE and payload == {"edit_id": edit_id, "what": what}:
                return str(message["ts"])
        return None

    async def find_file(self, channel: str, *, thread_ts: str | None, file_id: str, since: datetime) -> str | None:
        """Return the ts of the message in the thread that carries this file, or None."""
        for message in await self._messages(channel, thread_ts, since):
            if any(file.get("id") == file_id for file in message.get("files") or ()):
                return str(message["ts"])
        return None

    async def message(self, channel: str, ts: str, *, thread_ts: str | None) -> dict[str, Any] | None:
        """Return one message by its ts (a reply too, when its thread is given), or None where there is none."""
        if thread_ts and thread_ts != ts:
            answer = await self.call(
                "conversations.replies", http_verb="GET", channel=channel, ts=thread_ts, oldest=ts, latest=ts,
                inclusive="true", limit=2,
            )  # fmt: skip
        else:
            answer = await self.call(
                "conversations.history", http_verb="GET", channel=channel, oldest=ts, latest=ts, inclusive="true",
                limit=1,
            )  # fmt: skip
        return next((message for message in answer.get("messages", ()) if message.get("ts") == ts), None)

    async def is_member(self, channel: str, user: str) -> bool:
        """Say whether a person is in a channel that the bot is in too; reads the member list page by page."""
        cursor = ""
        while True:
            answer = await self.call(
                "conversations.members", http_verb="GET", channel=channel, limit=1000, cursor=cursor or None
            )
            if user in answer.get("members", ()):
                return True
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return False

    async def _messages(self, channel: str, thread_ts: str | None, since: datetime) -> list[dict[str, Any]]:
        """Return up to 200 messages of a thread (or of the channel) since a time, with their metadata."""
        arguments: dict[str, Any] = {
            "channel": channel,
            "oldest": f"{(since - CLOCKS_DIFFER).timestamp():.6f}",
            "include_all_metadata": "true",
            "limit": 200,
        }
        if thread_ts:
            answer = await self.call("conversations.replies", http_verb="GET", ts=thread_ts, **arguments)
        else:
            answer = await self.call("conversations.history", http_verb="GET", **arguments)
        return list(answer.get("messages", ()))


def _retry_after_s(exc: SlackApiError) -> float | None:
    """Return for how long Slack wants to be left alone; None where it was no 429."""
    answer = exc.response
    if not isinstance(answer, AsyncSlackResponse) or answer.status_code != 429:
        return None
    given = str(answer.headers.get("Retry-After") or "")
    return float(given) if given.isdigit() else 1.0


def refusal(exc: SlackApiError) -> str | None:
    """Return the error that Slack itself named; None where something between us answered (a proxy's page, a 5xx)."""
    answer = exc.response
    if not isinstance(answer, AsyncSlackResponse) or not isinstance(answer.data, dict):
        return None
    code = answer.data.get("error")
    return str(code) if code and (answer.status_code or 0) < 500 else None
