"""`Person`: somebody who uses the local workspace from code, over the person API. For tests and the demo."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

import httpx

Json = dict[str, Any]
Found = TypeVar("Found")
_TIMEOUT = httpx.Timeout(30.0, read=60.0)


class RefusedError(Exception):
    """Say that the workspace refused a deed, in its own word, such as `not_in_channel`."""


class Person:
    """Act as one person: post, react, click, read. Holds no connection open between calls."""

    def __init__(self, origin: str, user_id: str) -> None:
        self.origin = origin.rstrip("/")
        self.user_id = user_id

    async def state(self) -> Json:
        """Return what this person can see of the workspace."""
        return await self._get("/local/state")

    async def history(self, channel: str) -> list[Json]:
        """List the messages of a channel, oldest first, with thread replies and what only this person sees."""
        answer = await self._get("/local/history", channel=channel)
        messages: list[Json] = answer["messages"]
        return messages

    async def thread(self, channel: str, ts: str) -> list[Json]:
        """List a thread, its root first."""
        return [m for m in await self.history(channel) if ts in (m["ts"], m.get("thread_ts"))]

    async def post(
        self, channel: str, text: str = "", files: Sequence[Path] = (), thread_ts: str | None = None,
        *, broadcast: bool = False,
    ) -> str:  # fmt: skip
        """Post a message as typed, with files, and return its ts; `broadcast` also sends a reply to the channel."""
        fields = {
            "channel": channel, "text": text, "thread_ts": thread_ts or "", "broadcast": "true" if broadcast else "",
        }  # fmt: skip
        answer = await self._send("/local/messages", fields, {"files": files})
        return str(answer["ts"])

    async def delete(self, channel: str, ts: str) -> None:
        """Delete a message."""
        await self._send("/local/delete", {"channel": channel, "ts": ts})

    async def delete_file(self, file_id: str) -> None:
        """Delete a file everywhere."""
        await self._send("/local/delete_file", {"file": file_id})

    async def react(self, channel: str, ts: str, name: str, *, remove: bool = False) -> None:
        """Add a reaction, or take it away."""
        fields = {"channel": channel, "ts": ts, "name": name, "remove": "true" if remove else ""}
        await self._send("/local/reactions", fields)

    async def command(self, channel: str, text: str = "", command: str = "/edit-video") -> Json | None:
        """Use a slash command and return the message that the app answered with, if it did."""
        answer = await self._send("/local/commands", {"channel": channel, "command": command, "text": text})
        response: Json | None = answer.get("response")
        return response

    async def click(self, channel: str, ts: str, action_id: str, value: str | None = None) -> None:
        """Click a button of a message, or choose a value of its select."""
        await self._act({"channel": channel, "ts": ts, "action_id": action_id}, value)

    async def click_in_view(
        self, view_id: str, action_id: str, value: str | None = None,
        *, block_id: str = "", state: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:  # fmt: skip
        """Use an element of a modal or of the App Home, while its fields hold these simple values."""
        fields = {"view_id": view_id, "action_id": action_id, "block_id": block_id, "state": json.dumps(state or {})}
        await self._act(fields, value)

    async def _act(self, fields: dict[str, str], value: str | None) -> None:
        await self._send("/local/actions", fields if value is None else fields | {"value": value})

    async def shortcut(self, callback_id: str, channel: str = "", ts: str = "") -> None:
        """Use a shortcut: a message's with channel and ts, a global one without."""
        await self._send("/local/shortcuts", {"callback_id": callback_id, "channel": channel, "ts": ts})

    async def open_home(self, tab: str = "home") -> None:
        """Open the app's home or messages tab."""
        await self._send("/local/home", {"tab": tab})

    async def views(self) -> list[Json]:
        """List the open modals, the visible one last."""
        views: list[Json] = (await self.state())["views"]
        return views

    async def submit(
        self, view_id: str, state: Mapping[str, Mapping[str, Any]], files: Mapping[str, Sequence[Path]] | None = None
    ) -> Json:
        """Submit a modal: simple values by block and action id, files by block id. Returns `closed` and `errors`."""
        return await self._send(f"/local/views/{view_id}/submit", {"state": json.dumps(state)}, files)

    async def close(self, view_id: str) -> None:
        """Close a modal without submitting it."""
        await self._send(f"/local/views/{view_id}/close", {})

    async def save_file(self, file_id: str, path: Path) -> None:
        """Save a file that this person can see."""
        async with self._client() as client, client.stream(
            "GET", f"/local/files/{file_id}", params={"person": self.user_id}
        ) as response:
            if response.status_code != 200:
                await response.aread()
                raise RefusedError(response.text)
            with path.open("wb") as sink:
                async for chunk in response.aiter_bytes():
                    sink.write(chunk)

    async def wait_for(self, channel: str, wanted: Callable[[Json], bool], timeout_s: float = 10.0) -> Json:
        """Return the first message of a channel that is as wanted, now or later; raises TimeoutError."""

        async def look() -> Json | None:
            return next((m for m in await self.history(channel) if wanted(m)), None)

        return await self._watch(look, timeout_s)

    async def wait_for_reply(
        self, channel: str, ts: str, wanted: Callable[[Json], bool], timeout_s: float = 10.0
    ) -> Json:
        """Return the first message of a thread that is as wanted, now or later; raises TimeoutError."""

        async def look() -> Json | None:
            return next((m for m in await self.thread(channel, ts) if wanted(m)), None)

        return await self._watch(look, timeout_s)

    async def wait_for_view(
        self, wanted: Callable[[Json], bool] = lambda view: True, timeout_s: float = 10.0
    ) -> Json:
        """Return the visible modal as soon as it is as wanted; raises TimeoutError."""

        async def look() -> Json | None:
            return next((view for view in (await self.views())[-1:] if wanted(view)), None)

        return await self._watch(look, timeout_s)

    async def wait_for_home(self, timeout_s: float = 10.0) -> Json:
        """Return the App Home as soon as the app has published one; raises TimeoutError."""

        async def look() -> Json | None:
            home: Json | None = (await self.state())["home"]
            return home

        return await self._watch(look, timeout_s)

    async def _watch(self, look: Callable[[], Awaitable[Found | None]], timeout_s: float) -> Found:
        """Look now and after each event of the workspace, until something is found."""
        async with asyncio.timeout(timeout_s), self._client() as client, client.stream(
            "GET", "/local/stream", params={"person": self.user_id}, timeout=None
        ) as events:
            async for line in events.aiter_lines():
                if line.startswith((":", "data:")) and (found := await look()) is not None:
                    return found
        raise TimeoutError("the workspace closed before it happened")

    async def _get(self, path: str, **params: str) -> Json:
        async with self._client() as client:
            return _checked(await client.get(path, params={"person": self.user_id, **params}))

    async def _send(
        self, path: str, fields: Mapping[str, str], files: Mapping[str, Sequence[Path]] | None = None
    ) -> Json:
        with ExitStack() as opened:
            parts = [
                (name, (path.name, opened.enter_context(path.open("rb"))))
                for name, paths in (files or {}).items() for path in paths
            ]
            async with self._client() as client:
                data = {"person": self.user_id, **fields}
                return _checked(await client.post(path, data=data, files=parts or None))

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.origin, timeout=_TIMEOUT, trust_env=False, verify=False)


def _checked(response: httpx.Response) -> Json:
    answer: Json = response.json()
    if response.status_code != 200:
        raise RefusedError(str(answer.get("error")))
    return answer
