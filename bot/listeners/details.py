"""Details: everything about one edit, for people of its channel and for whoever asked for it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bot.edit import Edit
from bot.listeners.intake import LONGEST_CHAIN, Intake
from bot.listeners.lineage import ancestors_of
from bot.messages.history import details

SLACK_HOSTS = frozenset({"slack.com", "slack-gov.com"})


async def tell_details(edit: Edit, intake: Intake, *, workspace_url: str) -> str:
    """Write the private answer that tells everything about an edit, with what it was made from."""
    ancestors = await ancestors_of(edit, intake.store, most=LONGEST_CHAIN)
    return details(edit, ancestors=ancestors, workspace_url=workspace_url)


def may_see(edit: Edit, *, team: str, channel: str, user: str) -> bool:
    """Say whether a person may read about an edit: ids are short, and anybody can type one."""
    return edit.team == team and (edit.channel == channel or edit.user == user)


def workspace_url(api_url: str, domain: str) -> str:
    """Return the address under which a workspace's messages are found: `https://acme.slack.com/`.

    `domain` is the workspace's, as payloads name it; anything but Slack itself has no such subdomains.
    """
    parts = urlsplit(api_url)
    if parts.netloc in SLACK_HOSTS and re.fullmatch(r"[a-z0-9-]+", domain):
        return f"https://{domain}.{parts.netloc}/"
    return f"{parts.scheme}://{parts.netloc}/"
