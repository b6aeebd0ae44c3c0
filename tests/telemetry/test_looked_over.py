"""Bytes that are no answer are looked over on every kind of line, and none of them is taken."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.framer.ascii import FramerAscii

from hydrant.telemetry import codec
from hydrant.telemetry.plan import Request
from hydrant.telemetry.quality import Reason
from tests.telemetry.lines import crc, listening, rtu, tcp
from tests.telemetry.test_link import ASKED, GOOD, once, read

ANSWER, ECHO = rtu(1, *GOOD), codec.rtu_frame(ASKED, 1)


def line_of(*body: int) -> bytes:
    """An ASCII frame of unit, function and data."""
    check = FramerAscii.compute_LRC(bytes(body))
    return b":" + (bytes(body) + bytes([check])).hex().upper().encode() + b"\r\n"


@pytest.mark.parametrize(
    "before",
    [b"\x00", b"\xff", b"\x00\xff\x01", ECHO, rtu(2, *GOOD), rtu(1, 4, 4, 9, 9, 9, 9), b"heartbeat",
     rtu(1, 3, 2, 9, 9), ANSWER[:-1] + b"\0"],
)  # fmt: skip
@pytest.mark.parametrize("after", [b"", b"\x00", b"beat", ANSWER])
def test_an_rtu_answer_is_found(before: bytes, after: bytes) -> None:
    assert once(lambda _: [(0, before), (0.02, ANSWER + after)], "rtu+tcp") == (1, 2)


@pytest.mark.parametrize(
    "before", [b"\x00", b"beat\r\n", line_of(2, *GOOD), line_of(1, 3, 0, 2, 0, 2)]
)
def test_an_ascii_answer_is_found(before: bytes) -> None:
    assert once(lambda _: [(0, before + line_of(1, *GOOD))], "ascii+tcp") == (1, 2)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (line_of(2, *GOOD), Reason.WRONG_UNIT),
        (line_of(1, 4, 4, 0, 1, 0, 2), Reason.WRONG_FUNCTION),
        (line_of(1, 3, 2, 0, 1), Reason.WRONG_COUNT),
        (line_of(1, *GOOD)[:-4] + b"00\r\n", Reason.BAD_CRC),
        (line_of(1, 0x83, 6), Reason.BUSY),
        (line_of(1, 3, 0, 2, 0, 2), Reason.TIMEOUT),
        (b":0103", Reason.TIMEOUT),
        (b"HTTP/1.1 400\r\n", Reason.NOISE),
    ],
)
def test_why_no_ascii_answer_was_found(line: bytes, reason: Reason) -> None:
    assert once(lambda _: [(0, line)], "ascii+tcp") is reason


def test_the_echo_of_a_question_alone_is_silence() -> None:
    assert once(lambda r: [(0, r)], "rtu+tcp") is Reason.TIMEOUT


@given(st.integers(0, 0xFFFF), st.integers(1, 24), st.integers(1, 247))
def test_the_echo_of_a_question_is_never_an_answer(address: int, count: int, unit: int) -> None:
    """Of 17 to 24 bits from 0x0300 on it has the form of one."""
    request = Request(2, address, count, ())
    echo = codec.rtu_frame(request, unit)
    assert codec.find_rtu(bytearray(echo), request, unit) is None
    bits = bytes([unit, 2, (count + 7) // 8]) + bytes((count + 7) // 8)
    found = codec.find_rtu(bytearray(echo + bits + crc(bits)), request, unit)
    assert found == bits[1:]


def test_copies_and_answers_to_others_are_skipped_by_their_number() -> None:
    def script(request: bytes) -> list[tuple[float, bytes]]:
        other = tcp(request, 3, 4, 9, 9, 9, 9, transaction=1)
        return [(0, other + tcp(request, *GOOD) * 2)]

    with listening(script) as line:
        assert read(line, "tcp", times=5) == [(1, 2)] * 5
        assert line.connections == 1


def test_a_late_answer_and_its_copy_are_skipped() -> None:
    first: list[bytes] = []

    def script(request: bytes) -> list[tuple[float, bytes]]:
        first.append(request)
        if len(first) == 1:
            return []
        return [(0, tcp(first[0], 3, 4, 9, 9, 9, 9) * 2 + tcp(request, *GOOD))]

    with listening(script) as line:
        assert read(line, "tcp", times=2) == [Reason.TIMEOUT, (1, 2)]
        assert line.connections == 1


@given(st.binary(max_size=60), st.sampled_from([1, 2, 3, 4]))
def test_why_not_has_a_word_for_anything(noise: bytes, function: int) -> None:
    request = Request(function, 0, 3, ())
    for why in (codec.why_not_rtu, codec.why_not_ascii):
        assert isinstance(why(noise, request, 1), Reason)


def test_a_slow_units_answer_is_not_its_neighbours() -> None:
    late = rtu(1, 3, 4, *struct.pack(">f", 9.0))
    assert once(lambda _: [(0.05, rtu(7, *GOOD) + late), (0.05, ANSWER)], "rtu+tcp") != (1, 2)
