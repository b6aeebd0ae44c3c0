"""Positions come back from either store's form, and nothing else passes for one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hydrant.model.geopoint import decode_point, encode_point, from_ewkb, to_ewkb

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
