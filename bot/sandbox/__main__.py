"""`python -m bot.sandbox`: the local workspace alone, for anybody's bot."""

import argparse
import asyncio
from contextlib import suppress

from bot.sandbox.workspace import LocalSlack


def main() -> None:
    """Run the workspace until it is interrupted."""
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description="A local Slack workspace on loopback.")
    parser.add_argument("--port", type=int, default=8100, help="port on 127.0.0.1 (0: any free one; default: 8100)")
    parser.add_argument("--deliver", metavar="URL", help="post signed events here instead of waiting for Socket Mode")
    parser.add_argument("--signing-secret", metavar="S", help="the secret to sign them with")
    options = parser.parse_args()
    if options.deliver and not options.signing_secret:
        parser.error("--deliver needs --signing-secret")
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(options.port, options.deliver, options.signing_secret))


async def _serve(port: int, deliver_url: str | None, signing_secret: str | None) -> None:
    async with LocalSlack(port, deliver_url=deliver_url, signing_secret=signing_secret) as slack:
        print(f"The local workspace is at {slack.origin}/ — set for your bot:")
        print(f"SLACK_API_URL={slack.api_url}")
        print(f"SLACK_BOT_TOKEN={slack.bot_token}")
        print(f"SLACK_APP_TOKEN={slack.app_token}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    main()
