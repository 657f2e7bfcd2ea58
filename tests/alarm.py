"""A file that must not be opened: the kernel (inotify) tells who did all the same, whichever way they came."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_IN_ACCESS, _IN_OPEN = 0x1, 0x20  # inotify(7)


class Alarm:
    """Watches one file."""

    def __init__(self, watched: int) -> None:
        self._watched = watched

    def rang(self) -> bool:
        """Say whether somebody has opened or read the file since the last look."""
        try:
            return bool(os.read(self._watched, 4096))
        except BlockingIOError:
            return False


@contextmanager
def alarm(path: Path) -> Iterator[Alarm]:
    """Watch a file from now on."""
    libc = ctypes.CDLL(None, use_errno=True)
    watched = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if watched < 0 or libc.inotify_add_watch(watched, os.fsencode(path), _IN_ACCESS | _IN_OPEN) < 0:
            raise OSError(ctypes.get_errno(), "no watch on a file")
        yield Alarm(watched)
    finally:
        os.close(watched)
