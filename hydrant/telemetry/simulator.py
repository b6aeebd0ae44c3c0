"""Devices that answer real Modbus on loopback, for the demonstration and for tests.

A simulated unit is a profile and a function that gives its values in internal units; the
registers follow from both. Messages and framing are pymodbus's, as in `hydrant.telemetry.codec`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from math import nan

from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerBase
from pymodbus.framer.rtu import FramerRTU
from pymodbus.framer.socket import FramerSocket
from pymodbus.pdu import DecodePDU, ExceptionResponse, ModbusPDU
from pymodbus.pdu.bit_message import ReadCoilsResponse, ReadDiscreteInputsResponse
from pymodbus.pdu.register_message import ReadHoldingRegistersResponse, ReadInputRegistersResponse

from hydrant import units
from hydrant.telemetry.decode import encode
from hydrant.telemetry.evaluate import Setup
from hydrant.telemetry.profile import BIT_FUNCTIONS, READ_FUNCTIONS, Point, Profile

#: Values by point name in internal units, None for "channel broken"; the whole None for a
#: unit that does not answer at all.
Values = Callable[[], Mapping[str, float | None] | None]

Registers = dict[tuple[int, int], int]

_ILLEGAL_FUNCTION, _ILLEGAL_ADDRESS = 1, 2
_ANSWERS: dict[int, type[ModbusPDU]] = {
    1: ReadCoilsResponse,
    2: ReadDiscreteInputsResponse,
    3: ReadHoldingRegistersResponse,
    4: ReadInputRegistersResponse,
}


@dataclass(frozen=True, slots=True)
class SimulatedUnit:
    """One device.

    Attributes
    ----------
    values
        Asked anew at every request.
    delay_s
        Time it takes to answer, seconds.
    """

    profile: Profile
    values: Values
    setup: Setup = field(default_factory=Setup)
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class SimulatedGateway:
    """A gateway with devices behind it, reached by ``tcp`` or ``rtu+tcp``."""

    units: Mapping[int, SimulatedUnit]
    scheme: str = "tcp"


def registers_of(profile: Profile, values: Mapping[str, float | None], setup: Setup) -> Registers:
    """Registers (by function and address) of a device that measures these values."""
    memory: Registers = {}
    for point in profile.points.values():
        raw: float | None
        if point.quantity is None:
            raw = float(point.simulated or 0)
        elif point.name in values:
            raw = _raw(profile, point, values[point.name], setup)
        else:
            continue
        for offset, register in enumerate(encode(raw, point.type, point.order)):
            memory[point.function, point.address + offset] = register
    return memory


def _raw(profile: Profile, point: Point, value: float | None, setup: Setup) -> float:
    if value is None:
        if point.type.startswith("float"):
            return nan
        return point.sentinels[0] if point.sentinels else 0.0
    unit = point.unit or setup.unit
    if point.unit_from is not None:
        unit = (point.meanings or {})[profile.points[point.unit_from].simulated or 0]
    assert unit is not None  # noqa: S101  `check_setup` wants a unit for every point
    if units.turns_into("mA", unit):
        scaled = _current_ma(point, value, setup) / units.factor_to("mA", unit)
    else:
        scaled = value / units.factor_to(units.QUANTITY_UNIT[str(point.quantity)], unit)
    if point.span_from is not None:
        low, high = (float(profile.points[name].simulated or 0) for name in point.span_from)
        scaled = (scaled - low) / (high - low) * point.span_raw
    decimals = 0
    if point.decimals_from is not None:
        decimals = profile.points[point.decimals_from].simulated or 0
    raw = (scaled * 10**decimals - point.offset) / point.scale
    return raw if point.type.startswith("float") else float(round(raw))


def _current_ma(point: Point, value: float, setup: Setup) -> float:
    at_4, at_20, unit = setup.loop or (0.0, 1.0, "")
    measured = value / units.factor_to(units.QUANTITY_UNIT[str(point.quantity)], unit)
    return 4.0 + 16.0 * (measured - at_4) / (at_20 - at_4)


class _Server(asyncio.Protocol):
    """One connection to a simulated gateway."""

    def __init__(self, gateway: SimulatedGateway) -> None:
        self._gateway = gateway
        decoder = DecodePDU(is_server=True)
        self._framer: FramerBase = (
            FramerSocket(decoder) if gateway.scheme == "tcp" else FramerRTU(decoder)
        )
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  TCP always gives one
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while self._buffer:
            try:
                used, request = self._framer.handleFrame(self._buffer, 0, 0)
            except (ModbusException, ValueError, IndexError):
                self._close()
                return
            self._buffer = self._buffer[used:]
            if request is None:
                return
            self._serve(request)

    def _serve(self, request: ModbusPDU) -> None:
        unit = self._gateway.units.get(request.dev_id)
        answer = _answer(unit, request)
        if answer is None or self._transport is None:
            return
        frame = self._framer.buildFrame(answer)
        delay_s = unit.delay_s if unit is not None else 0.0
        asyncio.get_running_loop().call_later(delay_s, self._transport.write, frame)

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def _answer(unit: SimulatedUnit | None, request: ModbusPDU) -> ModbusPDU | None:
    """What a unit answers; None when it keeps silent."""
    values = unit.values() if unit is not None else None
    if unit is None or values is None:
        return None
    function, transaction = request.function_code, request.transaction_id

    def refuse(code: int) -> ModbusPDU:
        return ExceptionResponse(function, code, request.dev_id, transaction)

    if function not in READ_FUNCTIONS:
        return refuse(_ILLEGAL_FUNCTION)
    wanted = [(function, request.address + n) for n in range(request.count)]
    memory = registers_of(unit.profile, values, unit.setup)
    if wanted[0] not in memory or wanted[-1] not in memory:
        return refuse(_ILLEGAL_ADDRESS)
    found = [memory.get(place, 0) for place in wanted]
    if function in BIT_FUNCTIONS:
        bits = [bool(bit) for bit in found]
        return _ANSWERS[function](dev_id=request.dev_id, transaction_id=transaction, bits=bits)
    return _ANSWERS[function](dev_id=request.dev_id, transaction_id=transaction, registers=found)


@contextmanager
def serve(gateways: Sequence[SimulatedGateway], *, host: str = "127.0.0.1") -> Iterator[list[str]]:
    """Let simulated gateways answer while the block runs, in a thread of their own.

    Yields
    ------
    Gateway URLs in the order of `gateways`.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="simulator", daemon=True)
    thread.start()
    try:
        started = asyncio.run_coroutine_threadsafe(_start(gateways, host), loop).result()
        try:
            yield [url for _, url in started]
        finally:
            servers = [server for server, _ in started]
            asyncio.run_coroutine_threadsafe(_stop(servers), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _start(
    gateways: Sequence[SimulatedGateway], host: str
) -> list[tuple[asyncio.Server, str]]:
    loop = asyncio.get_running_loop()
    started = []
    for gateway in gateways:
        server = await loop.create_server(partial(_Server, gateway), host, 0)
        port = server.sockets[0].getsockname()[1]
        started.append((server, f"{gateway.scheme}://{host}:{port}"))
    return started


async def _stop(servers: Sequence[asyncio.Server]) -> None:
    for server in servers:
        server.close()
    await asyncio.sleep(0)
