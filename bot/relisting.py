"""From two versions of what is listed to the operations that turn the one into the other; pure.

Not here: in which indexes a record stands (`bot/indexes.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot import indexes
from bot.commit import Operation
from bot.queue import Turns


def claiming(owner: str, claims: Iterable[str]) -> Iterator[Operation]:
    """Yield what takes all claims for an owner, or none."""
    for claim in claims:
        yield Operation("free", indexes.claim(claim))
        yield Operation("set", indexes.claim(claim), owner)


def removing(owner: str, claims: Iterable[str], listed: Iterable[str]) -> Iterator[Operation]:
    """Yield what frees the claims of an owner, and takes it out of every index."""
    for claim in claims:
        yield Operation("del", indexes.claim(claim))
    for index in listed:
        yield Operation("zrem", index, member=owner)


def scoring(old: Turns, new: Turns) -> Iterator[Operation]:
    """Yield what turns one state of the turns into the next. Only one Edit is being submitted, so nobody interferes."""
    for member in old.keys() - new.keys():
        yield Operation("zrem", indexes.TURNS, member=member)
    for member, turn in new.items():
        if old.get(member) != turn:
            yield Operation("zadd", indexes.TURNS, repr(turn), member)


def relisting(edit_id: str, old: dict[str, float], new: dict[str, float]) -> Iterator[Operation]:
    """Yield what turns the index entries of one version of a record into those of the next."""
    for index in old.keys() - new.keys():
        yield Operation("zrem", index, member=edit_id)
    for index, score in new.items():
        if old.get(index) != score:
            yield Operation("zadd", index, repr(score), edit_id)
