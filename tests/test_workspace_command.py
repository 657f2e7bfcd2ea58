"""`python -m bot.sandbox`: the local workspace alone."""

import asyncio
import signal
import sys

from slack_sdk.web.async_client import AsyncWebClient


async def test_the_command_prints_what_a_bot_needs_and_ends_on_interrupt() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.sandbox", "--port", "0", stdout=asyncio.subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # which a shell's background ignores
    )  # fmt: skip
    assert process.stdout is not None
    settings: dict[str, str] = {}
    async with asyncio.timeout(60):
        while "SLACK_APP_TOKEN" not in settings:
            name, _, value = (await process.stdout.readline()).decode().strip().partition("=")
            settings[name] = value
        client = AsyncWebClient(token=settings["SLACK_BOT_TOKEN"], base_url=settings["SLACK_API_URL"])
        assert (await client.auth_test())["ok"]
        process.send_signal(signal.SIGINT)
        assert await process.wait() == 0
