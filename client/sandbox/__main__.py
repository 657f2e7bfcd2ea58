"""`python -m client.sandbox`: the local Wan alone, for anybody's own client or bot."""

import argparse
import asyncio
import contextlib
import signal

from client.sandbox.limits import Limits
from client.sandbox.server import LocalWan

_FAST = Limits(pending_s=0.1, min_run_s=0.1)


async def serve(port: int, api_key: str, limits: Limits) -> None:
    """Run until interrupted, and say how to reach it."""
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl+C arrives as KeyboardInterrupt
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with LocalWan(port=port, api_key=api_key, limits=limits) as wan:
        setting = f"DASHSCOPE_HTTP_BASE_URL={wan.base_url} DASHSCOPE_API_KEY={wan.api_key}"
        print(f"Local Wan at {wan.base_url}, API key {wan.api_key}. Edits are previews made by classic filters.")
        print(f'  {setting} python -m client edit clip.mp4 "8-bit pixel style" -o out.mp4')
        print(f"  Faults on demand: POST {wan.origin}/local/faults (Ctrl+C stops)", flush=True)
        await stop.wait()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m client.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8790, help="port on 127.0.0.1; 0 takes a free one (default 8790)")
    parser.add_argument("--api-key", default="sk-sandbox", help="the key that it accepts (default sk-sandbox)")
    parser.add_argument("--fast", action="store_true", help="no waiting times: tasks take only as long as the edit")
    given = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(given.port, given.api_key, _FAST if given.fast else Limits()))


if __name__ == "__main__":
    main()
