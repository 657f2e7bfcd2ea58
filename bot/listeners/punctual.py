"""Punctual: Bolt's app, with an answer before Slack gives up, whatever a listener waits for.

Slack waits three seconds. An event that is not acknowledged by then is delivered again, which is what we want while our
records cannot be reached; whoever typed a command or sent a form is told instead, because Slack would not try again.
"""

from __future__ import annotations

import asyncio
import json
import logging

from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.language import Language, speaking
from bot.messages import answers
from bot.messages.form import instruction_id

log = logging.getLogger(__name__)

ANSWER_WITHIN_S = 2.5  # the rest of Slack's three seconds is for the way


class PunctualApp(AsyncApp):
    """An app whose listeners are ended in time; one that was ended has acknowledged nothing."""

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Answer a request as Bolt does, within the limit.

        The gate chooses the language, and the next request of the same connection begins anew.
        """
        with speaking(Language.ENGLISH):
            try:
                async with asyncio.timeout(ANSWER_WITHIN_S):
                    response = await super().async_dispatch(req)
            except TimeoutError:
                log.warning("listener too slow, nothing acknowledged", extra={"type": req.body.get("type", "command")})
                response = BoltResponse(status=503)
            return response if response.status < 500 else _told(req, response)


def _told(req: AsyncBoltRequest, response: BoltResponse) -> BoltResponse:
    """Turn a failure into words where there is somebody who waits for them."""
    if req.body.get("command"):
        return BoltResponse(status=200, body=answers.not_saved())
    if req.body.get("type") == "view_submission":
        errors = {"response_action": "errors", "errors": {instruction_id(req.body["view"]): answers.not_saved()}}
        return BoltResponse(status=200, body=json.dumps(errors), headers={"content-type": "application/json"})
    return response
