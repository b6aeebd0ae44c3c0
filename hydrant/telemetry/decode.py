"""Registers to numbers and back, for every width and order that devices use; pure.

Orders are named as on device sheets by the letters of a 32-bit value: ``ABCD`` big-endian,
``CDAB`` words swapped, ``BADC`` bytes swapped within words, ``DCBA`` little-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

#: Type name: struct code of the value in big-endian order.
TYPES: dict[str, str] = {
    "int16": ">h",
    "uint16": ">H",
    "float16": ">e",
    "int32": ">i",
    "uint32": ">I",
    "float32": ">f",
    "int64": ">q",
    "uint64": ">Q",
    "float64": ">d",
    "bit": ">H",
}
ORDERS = ("ABCD", "CDAB", "BADC", "DCBA")

_WORDS_SWAPPED = ("CDAB", "DCBA")
_BYTES_SWAPPED = ("BADC", "DCBA")


def width(kind: str) -> int:
    """Registers (for ``bit``: bits) that a value of a type takes."""
    return struct.calcsize(TYPES[kind]) // 2


def decode(registers: Sequence[int], kind: str, order: str) -> int | float:
    """Number held by registers, first-read register first.

    Parameters
    ----------
    registers
        As many as `width` says, each 0 to 65535.
    kind
        Key of `TYPES`.
    order
        One of `ORDERS`.
    """
    value: int | float = struct.unpack(TYPES[kind], _arranged(registers, order))[0]
    return value


def encode(value: float, kind: str, order: str) -> tuple[int, ...]:
    """Registers that hold a number; the inverse of `decode`.

    Raises
    ------
    OverflowError
        The number does not fit the type.
    """
    code = TYPES[kind]
    try:
        packed = struct.pack(code, value if code[1] in "efd" else int(value))
    except struct.error:
        raise OverflowError(f"{value} as {kind}") from None
    words = struct.unpack(f">{len(packed) // 2}H", packed)
    data = _arranged(words, order)
    return struct.unpack(f">{len(data) // 2}H", data)


def as_held(number: float, kind: str) -> int | float:
    """A number as a value of a type holds it: ``65535`` of an int16 is -1, floats are rounded.

    Raises
    ------
    OverflowError
        No value of the type is that number.
    """
    code = TYPES[kind]
    if code[1] in "efd":
        try:
            rounded: float = struct.unpack(code, struct.pack(code, number))[0]
        except struct.error:
            raise OverflowError(f"{number} as {kind}") from None
        return rounded
    bits = 8 * struct.calcsize(code)
    if number != int(number) or not -(1 << bits - 1) <= number < 1 << bits:
        raise OverflowError(f"{number} as {kind}")
    held: int = struct.unpack(code, (int(number) % (1 << bits)).to_bytes(bits // 8, "big"))[0]
    return held


def at_its_limit(number: float, kind: str) -> bool:
    """Whether a whole number is the last that its type can hold, as of a line that is open."""
    low, high = _LIMITS.get(kind, (None, None))
    return number in (low, high)


#: Least and greatest number of each type of whole numbers; of those without a sign 0 is common.
_LIMITS: dict[str, tuple[int | None, int]] = {
    **{f"uint{bits}": (None, (1 << bits) - 1) for bits in (16, 32, 64)},
    **{f"int{bits}": (-(1 << bits - 1), (1 << bits - 1) - 1) for bits in (16, 32, 64)},
}


def _arranged(registers: Sequence[int], order: str) -> bytes:
    """Bytes of registers between device order and big-endian; it is its own inverse."""
    words = reversed(registers) if order in _WORDS_SWAPPED else registers
    form = "<" if order in _BYTES_SWAPPED else ">"
    return struct.pack(f"{form}{len(registers)}H", *words)
