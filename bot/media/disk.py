"""Is the disk full? The system says it by a number, which each library hands on in an exception of its own. Pure."""

from __future__ import annotations

import errno

FULL = errno.ENOSPC
_ALL_FULL = frozenset({FULL, errno.EDQUOT})


def is_full(exc: BaseException) -> bool:
    """Say whether an exception means that nothing more can be written, which is no fault of the file that is read."""
    return isinstance(exc, OSError) and exc.errno in _ALL_FULL
