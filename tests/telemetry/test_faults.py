"""Ten thousand faulty exchanges: not one wrong value, and no request that writes."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable

import pytest

from hydrant.telemetry.endpoint import Endpoint
from hydrant.telemetry.link import Link
from hydrant.telemetry.plan import Request
from hydrant.telemetry.quality import ExchangeError, Reason
from tests.telemetry.lines import crc

#: Longest wait of a link in these tests, s; a late answer comes after it.
TIMEOUT_S = 0.03
LATE_S = 0.05


def truth(address: int, count: int) -> tuple[int, ...]:
    """What the register at an address holds: its own number, so that a mix-up shows."""
    return tuple((address + n) * 7 + 1 for n in range(count))


class FaultyGateway(asyncio.Protocol):
    """Answers right, or wrong in a way drawn by chance; every request is looked at."""

    def __init__(self, scheme: str, chance: random.Random, log: Counter[str]) -> None:
        self.rtu, self.chance, self.log = scheme == "rtu+tcp", chance, log

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.waiting: list[tuple[float, bytes]] = []
        self.sending = False

    def data_received(self, data: bytes) -> None:
        body = data[:-2] if self.rtu else data[6:]
        unit, function, address, count = (
            body[0], body[1], int.from_bytes(body[2:4], "big"), int.from_bytes(body[4:6], "big"),
        )  # fmt: skip
        assert function in (1, 2, 3, 4), "a request that writes left the program"
        message = bytes([function, 2 * count]) + b"".join(
            value.to_bytes(2, "big") for value in truth(address, count)
        )
        transaction = b"" if self.rtu else data[:2]
        fault = self.chance.choice(FAULTS)
        self.log[fault.__name__] += 1
        fault(self, transaction, unit, message)

    def frame(self, transaction: bytes, unit: int, message: bytes) -> bytes:
        if self.rtu:
            return bytes([unit]) + message + crc(bytes([unit]) + message)
        length = (len(message) + 1).to_bytes(2, "big")
        return transaction + b"\0\0" + length + bytes([unit]) + message

    def send(self, *pieces: tuple[float, bytes]) -> None:
        """Send pieces, each after a pause; one answer never runs into another's bytes."""
        self.waiting += pieces
        if not self.sending:
            self._next()

    def _next(self) -> None:
        self.sending = bool(self.waiting)
        if self.sending:
            pause_s, piece = self.waiting.pop(0)
            asyncio.get_running_loop().call_later(pause_s, self._write, piece)

    def _write(self, piece: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(piece)
            self._next()

    def right(self, transaction: bytes, unit: int, message: bytes) -> None:
        self.send((0.0, self.frame(transaction, unit, message)))

    def wrong_function(self, transaction: bytes, unit: int, message: bytes) -> None:
        self.send((0.0, self.frame(transaction, unit, bytes([message[0] ^ 7]) + message[1:])))

    def one_short(self, transaction: bytes, unit: int, message: bytes) -> None:
        shorter = bytes([message[0], message[1] - 2]) + message[2:-2]
        self.send((0.0, self.frame(transaction, unit, shorter)))

    def two_too_many(self, transaction: bytes, unit: int, message: bytes) -> None:
        longer = bytes([message[0], message[1] + 4]) + message[2:] + b"\x55" * 4
        self.send((0.0, self.frame(transaction, unit, longer)))

    def transaction_zero(self, transaction: bytes, unit: int, message: bytes) -> None:
        zero = b"\0" * len(transaction)
        if zero != transaction or self.rtu:
            message = bytes([message[0], message[1]]) + b"\x66" * (len(message) - 2)
        if self.rtu:
            unit = 0
        self.send((0.0, self.frame(zero, unit, message)))

    def wrong_unit(self, transaction: bytes, unit: int, message: bytes) -> None:
        self.send((0.0, self.frame(transaction, unit + 1, message)))

    def lying_length(self, transaction: bytes, unit: int, message: bytes) -> None:
        self.send(
            (0.0, self.frame(transaction, unit, bytes([message[0], message[1] ^ 2]) + message[2:]))
        )

    def noise(self, transaction: bytes, unit: int, message: bytes) -> None:
        del transaction, unit, message
        self.send((0.0, self.chance.randbytes(self.chance.randint(1, 40))))

    def damaged(self, transaction: bytes, unit: int, message: bytes) -> None:
        frame = bytearray(self.frame(transaction, unit, message))
        if self.rtu:
            frame[self.chance.randrange(len(frame))] ^= 1 << self.chance.randrange(8)
        else:  # nothing but the head is protected on this transport
            frame[self.chance.randrange(4)] ^= 1 << self.chance.randrange(8)
        self.send((0.0, bytes(frame)))

    def half(self, transaction: bytes, unit: int, message: bytes) -> None:
        frame = self.frame(transaction, unit, message)
        self.send((0.0, frame[: self.chance.randrange(len(frame))]))

    def slowly(self, transaction: bytes, unit: int, message: bytes) -> None:
        frame = self.frame(transaction, unit, message)
        self.send(*((TIMEOUT_S / 8, bytes([byte])) for byte in frame))

    def silence(self, transaction: bytes, unit: int, message: bytes) -> None:
        del transaction, unit, message

    def late(self, transaction: bytes, unit: int, message: bytes) -> None:
        self.send((LATE_S, self.frame(transaction, unit, message)))

    def busy(self, transaction: bytes, unit: int, message: bytes) -> None:
        self.send((0.0, self.frame(transaction, unit, bytes([message[0] | 0x80, 6]))))

    def reset(self, transaction: bytes, unit: int, message: bytes) -> None:
        del transaction, unit, message
        self.transport.abort()

    def flood(self, transaction: bytes, unit: int, message: bytes) -> None:
        del message
        self.send((0.0, self.frame(transaction, (unit + 1) % 256, b"\x03\x00") * 1000))


FAULTS: list[Callable[[FaultyGateway, bytes, int, bytes], None]] = [
    *(FaultyGateway.right, FaultyGateway.wrong_function, FaultyGateway.one_short),
    *(FaultyGateway.two_too_many, FaultyGateway.transaction_zero, FaultyGateway.wrong_unit),
    *(FaultyGateway.lying_length, FaultyGateway.noise, FaultyGateway.damaged, FaultyGateway.half),
    *(FaultyGateway.slowly, FaultyGateway.silence, FaultyGateway.late, FaultyGateway.busy),
    *(FaultyGateway.reset, FaultyGateway.flood),
]


async def exchanges(scheme: str, *, gateways: int, each: int) -> tuple[Counter[str], Counter[str]]:
    """Exchanges with faulty gateways side by side; what was done to them, what came of them."""
    done: Counter[str] = Counter()
    found: Counter[str] = Counter()
    loop = asyncio.get_running_loop()

    async def one(number: int) -> None:
        chance = random.Random(number)
        server = await loop.create_server(
            lambda: FaultyGateway(scheme, chance, done), "127.0.0.1", 0
        )
        port = server.sockets[0].getsockname()[1]
        link = Link(Endpoint(scheme, "127.0.0.1", port, 1.0, TIMEOUT_S))
        for _ in range(each):
            # different places of the same shape: a mix-up gives a value that looks right
            address = chance.randrange(0, 9000)
            request = Request(chance.choice((3, 4)), address, 2, ())
            try:
                values = await link.read(request, 1 + chance.randrange(3))
            except ExchangeError as error:
                found[error.reason] += 1
            else:
                found["right" if values == truth(address, 2) else "WRONG"] += 1
        link.close()
        server.close()

    async with asyncio.TaskGroup() as group:
        for number in range(gateways):
            group.create_task(one(number))
    return done, found


@pytest.mark.parametrize("scheme", ["tcp", "rtu+tcp"])
def test_no_wrong_value_over_ten_thousand_faulty_exchanges(scheme: str) -> None:
    done, found = asyncio.run(exchanges(scheme, gateways=120, each=92))
    assert sum(done.values()) - done["right"] > 10_000
    assert len(done) == len(FAULTS)
    assert found["WRONG"] == 0, found
    assert found["right"] > 60  # usually about 600; fewer in time on a busy machine
    assert {Reason.TIMEOUT, Reason.WRONG_FUNCTION, Reason.WRONG_COUNT, Reason.BUSY} <= set(found)
