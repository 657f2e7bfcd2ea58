"""A chain of libavfilter filters that frames are sent through, with stills (stamps, insets, palettes) beside it.

PyAV offers single filters and no parser of filter strings; this is the little glue that makes a graph read like one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
from av.filter.context import FilterContext
from PIL import Image

from client.sandbox.frames import to_frame

Size = tuple[int, int]


@dataclass
class Chain:
    """Filters in a row.

    `size` is the size of the picture at the end of the row, `rate` its frames a second, `frames` how many it
    will have; `sample` is a picture of the film before any filter; `enlarge` is how to scale the end up to the result.
    """

    size: Size
    rate: Fraction
    frames: int
    sample: Image.Image
    folder: Path
    graph: av.filter.Graph = field(default_factory=av.filter.Graph)
    enlarge: str = "bicubic"
    _first: FilterContext | None = None
    _last: FilterContext | None = None
    _files: int = 0
    _stills: list[tuple[FilterContext, av.VideoFrame]] = field(default_factory=list)

    @classmethod
    def start(cls, first: av.VideoFrame, *, rate: Fraction, frames: int, folder: Path) -> "Chain":
        """Begin a chain that takes frames like `first`; `folder` may hold files that filters read."""
        assert first.time_base is not None
        sample = first.to_image(width=96, height=96)  # type: ignore[no-untyped-call]  # PyAV left this one untyped
        chain = cls((first.width, first.height), rate, frames, sample, folder)
        chain._first = chain._last = chain.graph.add_buffer(
            width=first.width, height=first.height, format=first.format, time_base=first.time_base
        )
        return chain

    def then(self, name: str, args: str = "", **options: str) -> "Chain":
        """Send the picture through one more filter; values with odd signs (paths) go in by `options`."""
        node = self.graph.add(name, args, **options)
        self.end.link_to(node)
        self._last = node
        return self

    def resize(self, size: Size, how: str = "bicubic") -> "Chain":
        """Scale the picture to `size`, by one of swscale's methods."""
        self.then("scale", f"{size[0]}:{size[1]}:flags={how}")
        self.size = size
        return self

    def beside(self, picture: Image.Image, name: str, args: str = "") -> "Chain":
        """Send the picture and a still through a filter of two inputs (`overlay`, `paletteuse`)."""
        source = self.graph.add_buffer(
            width=picture.width, height=picture.height, format=av.VideoFormat("rgba"), time_base=1 / self.rate
        )
        self._stills.append((source, to_frame(picture.convert("RGBA"), rate=self.rate)))
        node = self.graph.add(name, args)
        self.end.link_to(node, 0, 0)
        source.link_to(node, 0, 1)
        self._last = node
        return self

    def multiplied(self, steps: Sequence[tuple[str, str]]) -> "Chain":
        """Darken the picture by a filtered copy of itself; `steps` are the filters (name, args) of the copy."""
        self.then("format", "gbrp").then("split")
        split = copy = self.end
        port = 1
        for name, args in (*steps, ("format", "gbrp")):
            node = self.graph.add(name, args)
            copy.link_to(node, port, 0)
            copy, port = node, 0
        blend = self.graph.add("blend", "all_mode=multiply")
        split.link_to(blend, 0, 0)
        copy.link_to(blend, 0, 1)
        self._last = blend
        return self

    def over(self, picture: Image.Image, x: str, y: str) -> "Chain":
        """Lay a still over the picture; x and y are FFmpeg expressions (`W`, `H` main, `w`, `h` still, `t` seconds)."""
        return self.beside(picture, "overlay", f"x={x}:y={y}:eof_action=repeat")

    def new_file(self, suffix: str) -> Path:
        """Name a file that a filter will read."""
        self._files += 1
        return self.folder / f"filter{self._files}{suffix}"

    @property
    def end(self) -> FilterContext:
        """The last filter so far."""
        assert self._last is not None
        return self._last

    def run(self, frames: Iterable[av.VideoFrame]) -> Iterator[av.VideoFrame]:
        """Yield the filtered frames. Use once; nothing can be added afterwards."""
        self.then("buffersink")
        self.graph.configure()
        source = self._first
        assert source is not None
        for still, picture in self._stills:
            still.push(picture)
            still.push(None)
        for frame in frames:
            source.push(frame)
            yield from self._ready()
        source.push(None)
        yield from self._ready()

    def _ready(self) -> Iterator[av.VideoFrame]:
        while True:
            try:
                frame = self.end.pull()
            except (av.BlockingIOError, av.EOFError):
                return
            assert isinstance(frame, av.VideoFrame)
            yield frame
