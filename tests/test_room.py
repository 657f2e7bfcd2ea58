"""Room on the disk: what is promised to some is not promised to others, and a full disk is waited out."""

import errno
import shutil
from pathlib import Path

import pytest

from bot.room import SPARE_BYTES, NoRoomError, Room, until_full


def test_what_one_file_is_promised_no_other_gets_until_it_is_gone(tmp_path: Path) -> None:
    room = Room(tmp_path)
    most = (shutil.disk_usage(tmp_path).free - SPARE_BYTES) * 3 // 4
    with room.promise(most), pytest.raises(NoRoomError), room.promise(most):
        raise AssertionError("there was room for both")
    with room.promise(most):
        pass


def test_some_of_the_disk_always_stays_free(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    with pytest.raises(NoRoomError), Room(tmp_path).promise(free - SPARE_BYTES // 2):
        raise AssertionError("nothing was left")


@pytest.mark.parametrize(("code", "becomes"), [(errno.ENOSPC, NoRoomError), (errno.EACCES, OSError)])
def test_only_a_full_disk_is_taken_for_one(code: int, becomes: type[Exception]) -> None:
    with pytest.raises(becomes), until_full():
        raise OSError(code, "no")
