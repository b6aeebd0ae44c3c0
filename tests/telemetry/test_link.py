"""The link takes nothing for an answer that is not the answer to its request."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace

import pytest

from hydrant.telemetry.endpoint import parse
from hydrant.telemetry.link import Link
from hydrant.telemetry.plan import Request
from hydrant.telemetry.quality import ExchangeError, Reason
from tests.telemetry.lines import Line, Script, listening, rtu, tcp

ASKED = Request(3, 2, 2, ())
GOOD = (3, 4, 0, 1, 0, 2)


def read(line: Line, scheme: str, times: int = 1) -> list[tuple[int, ...] | Reason]:
    endpoint = parse(f"{scheme}://127.0.0.1:{line.port}?timeout=0.3&connect=1")

    async def go() -> list[tuple[int, ...] | Reason]:
        link = Link(endpoint)
        results: list[tuple[int, ...] | Reason] = []
        for _ in range(times):
            try:
                results.append(await link.read(ASKED, 1))
            except ExchangeError as error:
                results.append(error.reason)
        link.close()
        return results

    return asyncio.run(go())


def once(script: Script, scheme: str) -> tuple[int, ...] | Reason:
    with listening(script) as line:
        return read(line, scheme)[0]


def test_reads_both_transports() -> None:
    assert once(lambda r: [(0, tcp(r, *GOOD))], "tcp") == (1, 2)
    assert once(lambda _: [(0, rtu(1, *GOOD))], "rtu+tcp") == (1, 2)


def test_answer_in_single_bytes() -> None:
    def slowly(frame: bytes) -> list[tuple[float, bytes]]:
        return [(0.005, bytes([byte])) for byte in frame]

    assert once(lambda r: slowly(tcp(r, *GOOD)), "tcp") == (1, 2)
    assert once(lambda _: slowly(rtu(1, *GOOD)), "rtu+tcp") == (1, 2)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ((4, 4, 0, 1, 0, 2), Reason.WRONG_FUNCTION),
        ((3, 2, 0, 1), Reason.WRONG_COUNT),
        ((3, 6, 0, 1, 0, 2, 0, 3), Reason.WRONG_COUNT),
        ((3, 4, 0, 1, 0), Reason.WRONG_COUNT),
        ((3, 3, 0, 1, 0), Reason.WRONG_COUNT),
        ((0x83, 2), Reason.ILLEGAL_ADDRESS),
        ((0x83, 6), Reason.BUSY),
        ((0x83, 11), Reason.GATEWAY_TARGET),
        ((0x83, 99), Reason.OTHER_EXCEPTION),
        ((0x84, 2), Reason.WRONG_FUNCTION),
    ],
)
def test_wrong_tcp_answers(message: tuple[int, ...], reason: Reason) -> None:
    assert once(lambda r: [(0, tcp(r, *message))], "tcp") is reason


def test_tcp_answer_of_another_unit_or_request() -> None:
    assert once(lambda r: [(0, tcp(r, *GOOD, unit=2))], "tcp") is Reason.WRONG_UNIT
    assert once(lambda r: [(0, tcp(r, *GOOD, transaction=1))], "tcp") is Reason.WRONG_TRANSACTION
    assert once(lambda _: [(0, b"HTTP/1.1 400 Bad Request\r\n")], "tcp") is Reason.NOISE


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (rtu(2, *GOOD), Reason.WRONG_UNIT),
        (rtu(1, 4, 4, 0, 1, 0, 2), Reason.WRONG_FUNCTION),
        (rtu(1, 3, 2, 0, 1), Reason.WRONG_COUNT),
        (rtu(1, *GOOD)[:-1] + b"\x00", Reason.BAD_CRC),
        (rtu(1, 0x83, 4), Reason.DEVICE_FAILURE),
        (b"\x01\x03\x04\x00", Reason.TIMEOUT),
    ],
)
def test_wrong_rtu_answers(frame: bytes, reason: Reason) -> None:
    assert once(lambda _: [(0, frame)], "rtu+tcp") is reason


def test_late_rtu_answer_is_never_taken_for_the_next() -> None:
    late = rtu(1, 3, 4, 9, 9, 9, 9)

    def script(_: bytes) -> list[tuple[float, bytes]]:
        return [(0.4, late)] if len(line.requests) == 1 else [(0.0, rtu(1, *GOOD))]

    with listening(script) as line:
        assert read(line, "rtu+tcp", times=2) == [Reason.TIMEOUT, (1, 2)]
        assert line.connections == 2


def test_late_tcp_answer_is_told_by_its_transaction() -> None:
    first: list[bytes] = []

    def script(request: bytes) -> list[tuple[float, bytes]]:
        first.append(request)
        if len(first) == 1:
            return []
        # the answer to the first request comes just before the one asked for
        return [(0.0, tcp(first[0], 3, 4, 9, 9, 9, 9)), (0.0, tcp(request, *GOOD))]

    with listening(script) as line:
        assert read(line, "tcp", times=2) == [Reason.TIMEOUT, (1, 2)]
        assert line.connections == 1


def test_idle_connection_that_was_closed_is_opened_again() -> None:
    def script(request: bytes) -> list[tuple[float, bytes]] | None:
        # answers the first and hangs up upon the second, as gateways with idle limits do
        if len(line.requests) == 2:
            return None
        return [(0.0, tcp(request, *GOOD))]

    with listening(script) as line:
        assert read(line, "tcp", times=2) == [(1, 2), (1, 2)]


def test_whoever_hangs_up_at_once_is_not_called_forever() -> None:
    with listening(lambda _: None) as line:
        assert read(line, "tcp") == [Reason.CLOSED]
        assert line.connections == 1


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert read(Line(port), "tcp") == [Reason.CONNECT_REFUSED]
    unknown = replace(parse("tcp://localhost:502"), host="no-such-host.invalid")

    async def go() -> None:
        with pytest.raises(ExchangeError) as caught:
            await Link(unknown).read(ASKED, 1)
        assert caught.value.reason is Reason.NAME_UNKNOWN

    asyncio.run(go())


def test_flood_is_cut_off() -> None:
    assert once(lambda _: [(0.0, b"\x00" * 20000)], "rtu+tcp") in (
        Reason.WRONG_UNIT,
        Reason.CLOSED,
    )
