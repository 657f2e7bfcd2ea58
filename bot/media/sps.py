"""What H.264 says of its own pictures: is each a whole one, or two interlaced halves? Pure; trusts nothing.

The index of a file hardly ever says it. Format: ITU-T H.264 §7.3.2.1.1.
"""

from __future__ import annotations

_PROFILES_WITH_FORMAT = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
_LONGEST_NUMBER = 32  # bits


class SpsError(ValueError):
    """The parameters make no sense, or are of a kind that nobody's phone writes."""


def is_interlaced(avcc: bytes) -> bool:
    """Say whether pictures may be interlaced, by the body of an `avcC` box; raise SpsError where it cannot be told."""
    if len(avcc) < 9 or not avcc[5] & 31:
        raise SpsError("no parameters")
    sps = avcc[8 : 8 + int.from_bytes(avcc[6:8])]
    bits = _Bits(sps[4:].replace(b"\0\0\3", b"\0\0"))  # the 3 only keeps start codes out
    bits.number()  # id
    if sps[1] in _PROFILES_WITH_FORMAT:
        if bits.number() == 3:
            bits.take(1)
        bits.number(), bits.number()  # depths
        bits.take(1)
        if bits.take(1):
            raise SpsError("matrices of its own")
    bits.number()  # frame numbers
    match bits.number():  # how the order of pictures is told
        case 0:
            bits.number()
        case 1:
            bits.take(1)
            bits.number(), bits.number()
            for _ in range(min(255, bits.number())):
                bits.number()
    bits.number()  # references
    bits.take(1)
    bits.number(), bits.number()  # sides
    return not bits.take(1)


class _Bits:
    """Reads bit by bit."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data), len(data) * 8

    def take(self, count: int) -> int:
        """Read so many bits."""
        self._left -= count
        if self._left < 0:
            raise SpsError("cut off")
        return self._value >> self._left & ((1 << count) - 1)

    def number(self) -> int:
        """Read a number whose leading zeros tell its length; of a signed one only the length is right."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > _LONGEST_NUMBER:
                raise SpsError("a number without end")
        return (1 << zeros) - 1 + self.take(zeros)
