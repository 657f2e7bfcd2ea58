"""The video that the page offers to whoever has none at hand; it is made when somebody first wants it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

MakeSample = Callable[[Path], Path]
"""Write an MP4 at a path and return it; called off the loop."""


@dataclass(slots=True)
class Sample:
    """Serve the sample; `make` writes it to `path`."""

    make: MakeSample
    path: Path
    _making: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer with the video."""
        async with self._making:
            if not self.path.exists():
                await asyncio.to_thread(self.make, self.path)
        return web.FileResponse(self.path, headers={"Content-Type": "video/mp4"})
