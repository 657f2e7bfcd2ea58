"""The sound of a film that is encoded anew: AAC that begins with the pictures and ends a little earlier.

A file is as long as the longer of the two, and AAC comes in blocks of 1024 samples, so the last ones are left out.
Runs in the child only.
"""

from __future__ import annotations

from collections import deque
from fractions import Fraction

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.filter import Graph

_RATES_HZ = (44_100, 48_000)  # what is kept; anything else becomes the last
_BLOCK = 1024
_MOST_S = 12  # kept in memory at once where sound and pictures lie apart: 5 MB


class Sound:
    """Takes the sound as it comes, and writes it as far as there are pictures for it."""

    def __init__(self, out: OutputContainer, source: AudioStream, start_s: Fraction) -> None:
        self._out, self._start_s = out, start_s
        self._hz = source.rate if source.rate in _RATES_HZ else _RATES_HZ[-1]
        self._layout = "mono" if source.channels == 1 else "stereo"
        self._stream = out.add_stream("aac", rate=self._hz, layout=self._layout)
        self._stream.bit_rate = 128_000
        self._graph: Graph | None = None
        self._blocks: deque[AudioFrame] = deque()
        self._came = self._written = 0  # blocks
        self._shape: tuple[object, ...] = ()
        self.reached_s = 0.0  # how far the source has been heard

    def add(self, frame: AudioFrame) -> None:
        """Take the next piece of the source's sound; what lies before the start is dropped."""
        if frame.time_base is None or frame.pts is None or not frame.sample_rate:
            return
        begins_s = frame.pts * frame.time_base - self._start_s
        self.reached_s = float(begins_s + Fraction(frame.samples, frame.sample_rate))
        if not 0 < self.reached_s < _MOST_S:
            return
        shape = (frame.sample_rate, frame.format.name, frame.layout.name)
        if self._graph is None:
            self._graph, self._shape = self._joined(frame), shape
        if shape != self._shape:
            return  # a track that changes its form midway goes on in silence
        frame.pts, frame.time_base = round(begins_s * frame.sample_rate), Fraction(1, frame.sample_rate)
        self._graph.push(frame)
        self._drain()

    def write(self, length_s: float) -> None:
        """Write the sound for pictures of this length, as far as it has come."""
        whole = int(length_s * self._hz) // _BLOCK - 1
        while self._blocks and self._written < whole:
            self._out.mux(self._stream.encode(self._blocks.popleft()))
            self._written += 1

    def close(self, length_s: float) -> None:
        """Write the rest of the sound for pictures of this length, which is their last."""
        if self._graph is not None:
            self._graph.push(None)
            self._drain()
        self.write(length_s)
        if self._written:
            self._out.mux(self._stream.encode())

    def _drain(self) -> None:
        while self._graph is not None:
            try:
                block = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            if isinstance(block, AudioFrame):
                block.pts, block.time_base = self._came * _BLOCK, Fraction(1, self._hz)
                self._blocks.append(block)
                self._came += 1

    def _joined(self, frame: AudioFrame) -> Graph:
        graph = Graph()
        last = graph.add_abuffer(
            sample_rate=frame.sample_rate, format=frame.format, layout=frame.layout,
            time_base=Fraction(1, frame.sample_rate),
        )  # fmt: skip
        for name, args in (
            ("aresample", f"{self._hz}:async=1:first_pts=0"),
            ("aformat", f"sample_fmts=fltp:channel_layouts={self._layout}"),
            ("asetnsamples", f"n={_BLOCK}:p=1"),
            ("abuffersink", ""),
        ):
            node = graph.add(name, args or None)
            last.link_to(node)
            last = node
        graph.configure()
        return graph
