"""Positions come back from either store's form, and nothing else passes for one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hydrant.model.geopoint import decode_point, encode_point, from_ewkb, is_point, to_ewkb

degrees = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


@given(degrees)
def test_a_position_comes_back_from_both_forms(point: tuple[float, float]) -> None:
    assert decode_point(encode_point(*point)) == point
    assert from_ewkb(to_ewkb(*point)) == point


@given(st.text() | st.binary(max_size=40).map(bytes.hex))
def test_any_text_is_a_position_or_none(text: str) -> None:
    assert from_ewkb(text) is None or len(text) >= 42


@given(st.binary(max_size=120).map(lambda tail: b"GP" + tail))
def test_any_blob_is_a_position_or_none(blob: bytes) -> None:
    found = decode_point(blob)
    assert found is None or len(found) == 2


@given(st.binary(max_size=3000), st.integers(0, 31))
def test_bytes_that_begin_as_a_position_by_chance_are_none(tail: bytes, flags: int) -> None:
    """One hash in 65,536 begins with "GP"."""
    blob = b"GP\0" + bytes([flags]) + tail
    if is_point(blob):
        assert 29 <= len(blob) <= 8 + 64 + 21 + 16
    assert is_point(encode_point(120, 30))
    assert is_point(encode_point(float("nan"), float("nan")))
    assert not is_point(encode_point(120, 30) + b"\0")
