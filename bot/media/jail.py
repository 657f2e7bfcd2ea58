"""The child process's own fetters, put on before any native decoder is loaded: limits, no network, few folders.

Runs in the child only. Limits always hold; Landlock and the network namespace as far as the kernel allows.

Landlock: https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

ADDRESS_BYTES = 1_500_000_000  # 4K and 10 bit need 400-600 MB of addresses; a bomb ends in a MemoryError
FILE_BYTES = 150_000_000
OPEN_FILES = 64

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_SET_DEATH_SIGNAL, _NO_NEW_PRIVILEGES = 1, 38  # prctl(2)
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # alike on all architectures
_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _REMOVE_FILE, _MAKE_REG, _TRUNCATE = 1, 2, 4, 8, 1 << 5, 1 << 8, 1 << 14
# No links, pipes or devices: the bot opens what the child leaves in the folder, and must not be led elsewhere.
_IN_FOLDER = _WRITE_FILE | _READ_FILE | _READ_DIR | _REMOVE_FILE | _MAKE_REG | _TRUNCATE
_ALL_BY_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_TCP = 3  # bind and connect, since version 4
_SCOPED = 3  # abstract sockets and signals, since version 6
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | 1 << 15  # what may be granted for a file: + ioctl


def enter(reads: Iterable[str], folder: str, *, cpu_s: int) -> list[str]:
    """Limit this process for good; return which of the best-effort fetters hold.

    `reads` are the files that may be read besides the interpreter and the libraries; only `folder` may be written to.
    """
    _limit(cpu_s)
    held = []
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
        # The first needs privileges that the second would take away together with access to other owners' files.
        if libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
            held.append("network")
        if _landlock(libc, reads, folder):
            held.append("landlock")
    return held


def _limit(cpu_s: int) -> None:
    os.nice(5)
    limits = [
        (resource.RLIMIT_CPU, cpu_s, cpu_s + 1),  # the first is SIGXCPU, which tells why; the second SIGKILL
        (resource.RLIMIT_FSIZE, FILE_BYTES, FILE_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_AS, ADDRESS_BYTES, ADDRESS_BYTES),
    ]
    for kind, soft, hard in limits:
        with suppress(ValueError, OSError):  # a container may allow less already; macOS knows no limit of addresses
            resource.setrlimit(kind, (soft, hard))


def _landlock(libc: ctypes.CDLL, reads: Iterable[str], folder: str) -> bool:
    version = libc.syscall(_CREATE_RULESET, None, 0, 1)
    if version < 1:
        return False
    everything = _ALL_BY_VERSION[min(version, 5)]
    fields = struct.pack("QQQ", everything, _TCP if version >= 4 else 0, _SCOPED if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    rules = libc.syscall(_CREATE_RULESET, fields, size, 0)
    if rules < 0:
        return False
    try:
        for path in _code():
            _allow(libc, rules, path, _EXECUTE | _READ_FILE | _READ_DIR)
        for path in reads:
            _allow(libc, rules, path, _READ_FILE)
        _allow(libc, rules, folder, everything & _IN_FOLDER)
        libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        return bool(libc.syscall(_RESTRICT_SELF, rules, 0) == 0)
    finally:
        os.close(rules)


def _code() -> set[str]:
    """Name the folders with the interpreter, the libraries and this package."""
    package = str(Path(__file__).parents[1])
    system = ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64", "/etc/ld.so.cache")
    devices = ("/dev/null", "/dev/urandom", "/sys/devices/system/cpu")
    imports = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    interpreter = [str(Path(root) / "lib") for root in (sys.prefix, sys.base_prefix)]
    return {package, sys.executable, *system, *devices, *imports, *interpreter}


def _allow(libc: ctypes.CDLL, rules: int, path: str, access: int) -> None:
    try:
        place = os.open(path, getattr(os, "O_PATH", 0) | os.O_CLOEXEC)
    except OSError:
        return  # not on this system
    try:
        granted = access if Path(path).is_dir() else access & _ON_FILES
        libc.syscall(_ADD_RULE, rules, _PATH_BENEATH, struct.pack("=Qi", granted, place), 0)
    finally:
        os.close(place)
