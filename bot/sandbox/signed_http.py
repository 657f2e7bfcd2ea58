"""Signed HTTP delivery: what Slack does when the app gives a request URL instead of opening sockets.

https://docs.slack.dev/authentication/verifying-requests-from-slack and https://docs.slack.dev/apis/events-api
"""

import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.delivery import DeliveryError, Envelope
from bot.sandbox.faults import Faults
from bot.sandbox.state import Json


class SignedHttp:
    """Post envelopes to one address, signed with the app's secret."""

    def __init__(self, deliver_url: str, signing_secret: str, faults: Faults) -> None:
        self._url = deliver_url
        self._secret = signing_secret
        self._faults = faults
        self._session = aiohttp.ClientSession(trust_env=False)

    @property
    def is_connected(self) -> bool:
        """Say yes: whether somebody listens shows only when something is sent."""
        return True

    async def ready(self) -> None:
        """Return at once: a failed try is a try."""

    async def send(self, envelope: Envelope) -> Json | None:
        """Post once and return what the answer says, if it says something; raises DeliveryError."""
        body, content_type = _encoded(envelope)
        headers = signature_headers(self._secret, body, int(time.time())) | {"Content-Type": content_type}
        if envelope.retry_attempt:
            headers |= {"X-Slack-Retry-Num": str(envelope.retry_attempt), "X-Slack-Retry-Reason": envelope.retry_reason}
        limit = aiohttp.ClientTimeout(total=self._faults.ack_timeout_s)
        try:
            async with self._session.post(
                self._url, data=body, headers=headers, timeout=limit, allow_redirects=False
            ) as answer:
                text = await answer.text()
                if not answer.ok:
                    raise DeliveryError("http_error", is_final=answer.headers.get("X-Slack-No-Retry") == "1")
                return _decoded(text, answer.content_type)
        except TimeoutError as late:
            raise DeliveryError("http_timeout") from late
        except aiohttp.ClientError as broken:
            raise DeliveryError("connection_failed") from broken

    async def verify(self) -> bool:
        """Send the `url_verification` challenge and tell whether it came back."""
        challenge = {"type": "url_verification", "token": "local-verification", "challenge": "a local challenge"}
        try:
            answer = await self.send(Envelope("events_api", challenge))
        except DeliveryError:
            return False
        return answer is not None and challenge["challenge"] in (answer.get("challenge"), answer.get("text"))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._session.close()


def signature_headers(secret: str, body: str, timestamp_s: int) -> dict[str, str]:
    """Sign a body with the v0 scheme."""
    digest = hmac.new(secret.encode(), f"v0:{timestamp_s}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(timestamp_s), "X-Slack-Signature": f"v0={digest}"}


def _encoded(envelope: Envelope) -> tuple[str, str]:
    match envelope.kind:
        case "events_api":
            return json.dumps(envelope.payload), "application/json"
        case "slash_commands":
            return urlencode(envelope.payload), "application/x-www-form-urlencoded"
        case "interactive":
            return urlencode({"payload": json.dumps(envelope.payload)}), "application/x-www-form-urlencoded"


def _decoded(text: str, content_type: str) -> Json | None:
    if not text:
        return None
    if content_type == "application/json":
        answer = json.loads(text)
        return answer if isinstance(answer, dict) else None
    return {"text": text}
