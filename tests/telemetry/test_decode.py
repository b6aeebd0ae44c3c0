from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant.telemetry.decode import ORDERS, TYPES, decode, encode, width

orders = st.sampled_from(ORDERS)


@given(st.sampled_from([t for t in TYPES if "float" not in t]), orders, st.data())
def test_integers_round_trip(kind: str, order: str, data: st.DataObject) -> None:
    bits = 16 * width(kind)
    signed = kind.startswith("int")
    low = -(2 ** (bits - 1)) if signed else 0
    high = 2 ** (bits - 1) - 1 if signed else 2**bits - 1
    value = data.draw(st.integers(low, high))
    assert decode(encode(value, kind, order), kind, order) == value
    with pytest.raises(OverflowError):
        encode(high + 1, kind, order)


@given(st.floats(width=32), orders)
def test_floats_round_trip(value: float, order: str) -> None:
    found = decode(encode(value, "float32", order), "float32", order)
    assert found == value or (math.isnan(found) and math.isnan(value))


def test_orders_by_their_letters() -> None:
    big = struct.pack(">f", 3.95)  # A B C D
    letters = dict(zip("ABCD", big, strict=True))
    for order in ORDERS:
        sent = bytes(letters[letter] for letter in order)
        registers = struct.unpack(">2H", sent)
        assert decode(registers, "float32", order) == pytest.approx(3.95)
