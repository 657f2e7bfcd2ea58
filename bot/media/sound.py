"""The sound of a film that is encoded anew: stereo AAC that begins with the pictures and ends a little earlier.

A file is as long as the longer of the two, and AAC comes in blocks of 1024 samples, so the last ones are left out.
Runs in the child only.
"""

from __future__ import annotations

from fractions import Fraction

import av
from av.audio.frame import AudioFrame
from av.container import OutputContainer
from av.filter import Graph

SOUND_HZ = 48_000
_BLOCK = 1024
_MOST_S = 12  # kept in memory at once: 5 MB


class Sound:
    """Collects the sound while the pictures are made, and writes it when their length is known."""

    def __init__(self, out: OutputContainer, start_s: Fraction) -> None:
        self._out, self._start_s = out, start_s
        self._stream = out.add_stream("aac", rate=SOUND_HZ, layout="stereo")
        self._stream.bit_rate = 128_000
        self._graph: Graph | None = None
        self._blocks: list[AudioFrame] = []
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
            self._graph, self._shape = _joined(frame), shape
        if shape != self._shape:
            return  # a track that changes its form midway goes on in silence
        frame.pts, frame.time_base = round(begins_s * frame.sample_rate), Fraction(1, frame.sample_rate)
        self._graph.push(frame)
        self._drain()

    def close(self, length_s: float) -> None:
        """Write the sound for pictures of this length."""
        if self._graph is not None:
            self._graph.push(None)
            self._drain()
        whole = max(0, int(length_s * SOUND_HZ) // _BLOCK - 1)
        for block in self._blocks[:whole]:
            self._out.mux(self._stream.encode(block))
        if self._blocks[:whole]:
            self._out.mux(self._stream.encode())

    def _drain(self) -> None:
        while self._graph is not None:
            try:
                block = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            if isinstance(block, AudioFrame):
                block.pts, block.time_base = len(self._blocks) * _BLOCK, Fraction(1, SOUND_HZ)
                self._blocks.append(block)


def _joined(frame: AudioFrame) -> Graph:
    graph = Graph()
    last = graph.add_abuffer(
        sample_rate=frame.sample_rate, format=frame.format, layout=frame.layout,
        time_base=Fraction(1, frame.sample_rate),
    )  # fmt: skip
    for name, args in (
        ("aresample", f"{SOUND_HZ}:async=1:first_pts=0"),
        ("aformat", "sample_fmts=fltp:channel_layouts=stereo"),
        ("asetnsamples", f"n={_BLOCK}:p=1"),
        ("abuffersink", ""),
    ):
        node = graph.add(name, args or None)
        last.link_to(node)
        last = node
    graph.configure()
    return graph
