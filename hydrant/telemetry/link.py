"""The connection to one gateway: one request at a time, every answer held against its request.

The transport is ours, the messages are pymodbus's (``docs/decisions/0004-telemetry-transport.md``).
After anything but a proper answer the connection is dropped, with one exception: a Modbus/TCP
answer that comes late is told by its transaction id and skipped.
"""

from __future__ import annotations

import asyncio
import secrets
import socket

from hydrant.telemetry import codec
from hydrant.telemetry.endpoint import Endpoint
from hydrant.telemetry.plan import Request
from hydrant.telemetry.quality import ExchangeError, Reason

#: More than any answer and a late one before it; whoever sends more is not answering us.
_MOST_BUFFERED = 4096
#: How long an RTU line that just failed to answer is listened to before it is used again, s:
#: a serial server forwards a late answer to whichever connection it finds.
_DRAIN_S = 0.2

_TRANSACTIONS = 0xFFFF


class _Wire(asyncio.Protocol):
    """Collects what arrives; the link looks at it when it waits for an answer."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.lost = False
        self.transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  TCP always gives one
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if len(self.buffer) > _MOST_BUFFERED:
            self.drop()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.lost = True
        self._wake()

    def send(self, frame: bytes) -> None:
        """Send a frame."""
        if self.transport is not None:
            self.transport.write(frame)

    def drop(self) -> None:
        """End the connection at once; nothing that still arrives is looked at."""
        self.lost = True
        if self.transport is not None:
            self.transport.abort()

    async def more(self) -> None:
        """Wait until something arrives; raises `ExchangeError` when the other side hangs up."""
        if self.lost:
            raise ExchangeError(Reason.CLOSED)
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class Link:
    """A gateway's connection, opened when first used; close it with `close`."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._wire: _Wire | None = None
        self._transaction = 0
        self._late: set[int] = set()
        self._drain = False
        self._rested_at = 0.0

    async def read(self, request: Request, unit: int, *, pause_s: float = 0.0) -> tuple[int, ...]:
        """Registers (or bits) that a unit gives for one request.

        Parameters
        ----------
        unit
            Device behind the gateway, 0-255.
        pause_s
            Least rest since the last exchange, seconds; the gateway's own may be longer.

        Raises
        ------
        ExchangeError
            There was no proper answer; its ``reason`` says why.
        """
        await self._rest(max(pause_s, self.endpoint.pause_s))
        fresh = self._wire is None or self._wire.lost
        try:
            return await self._exchange(request, unit)
        except ExchangeError as error:
            # many gateways hang up on an idle connection just as it is used again
            if error.reason is not Reason.CLOSED or fresh:
                raise
            return await self._exchange(request, unit)
        finally:
            self._rested_at = asyncio.get_running_loop().time()

    def close(self) -> None:
        """End the connection."""
        if self._wire is not None:
            self._wire.drop()
        self._wire = None

    async def _rest(self, pause_s: float) -> None:
        missing = self._rested_at + pause_s - asyncio.get_running_loop().time()
        if self._rested_at and missing > 0:
            await asyncio.sleep(missing)

    async def _exchange(self, request: Request, unit: int) -> tuple[int, ...]:
        wire = await self._connected()
        try:
            async with asyncio.timeout(self.endpoint.timeout_s):
                if self.endpoint.scheme == "tcp":
                    message = await self._ask_tcp(wire, request, unit)
                else:
                    message = await self._ask_rtu(wire, request, unit)
        except TimeoutError:
            self._after_silence()
            raise ExchangeError(Reason.TIMEOUT) from None
        except BaseException:
            self._distrust()
            raise
        return self._checked(message, request)

    def _checked(self, message: bytes, request: Request) -> tuple[int, ...]:
        try:
            return codec.values(message, request)
        except ExchangeError as error:
            if not error.reason.is_refusal:
                self._distrust()
            raise

    def _distrust(self) -> None:
        """Drop a connection on which something is amiss, and what is still under way on it."""
        self.close()
        self._drain = self.endpoint.scheme != "tcp"

    def _after_silence(self) -> None:
        if self.endpoint.scheme == "tcp":
            self._late.add(self._transaction)
            return
        # RTU answers bear no id: a late one must find nobody listening
        self._distrust()

    async def _ask_tcp(self, wire: _Wire, request: Request, unit: int) -> bytes:
        self._transaction = self._transaction % _TRANSACTIONS + 1
        self._late.discard(self._transaction)
        wire.send(codec.tcp_frame(request, unit, self._transaction))
        while True:
            frame = codec.take_tcp(wire.buffer)
            if frame is None:
                await wire.more()
                continue
            del wire.buffer[: frame.size]
            if frame.transaction in self._late:
                self._late.discard(frame.transaction)
                continue
            if frame.transaction != self._transaction:
                raise ExchangeError(Reason.WRONG_TRANSACTION)
            if frame.unit != unit:
                raise ExchangeError(Reason.WRONG_UNIT)
            return frame.message

    async def _ask_rtu(self, wire: _Wire, request: Request, unit: int) -> bytes:
        wire.buffer.clear()  # nobody asked for what came while the line was idle
        wire.send(codec.rtu_frame(request, unit))
        while True:
            message = codec.take_rtu(wire.buffer, request, unit)
            if message is not None:
                wire.buffer.clear()
                return message
            await wire.more()

    async def _connected(self) -> _Wire:
        if self._wire is not None and not self._wire.lost:
            return self._wire
        self.close()
        self._wire = await self._connect()
        self._late.clear()
        # not from one again: a late answer of the last connection could bear the same id
        self._transaction = secrets.randbelow(_TRANSACTIONS)
        if self._drain:
            await asyncio.sleep(_DRAIN_S)
            self._drain = False
        return self._wire

    async def _connect(self) -> _Wire:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self.endpoint.connect_timeout_s):
                _, wire = await loop.create_connection(
                    _Wire, self.endpoint.host, self.endpoint.port
                )
        except TimeoutError:
            raise ExchangeError(Reason.CONNECT_TIMEOUT) from None
        except ConnectionRefusedError:
            raise ExchangeError(Reason.CONNECT_REFUSED) from None
        except (socket.gaierror, UnicodeError):
            raise ExchangeError(Reason.NAME_UNKNOWN) from None
        except OSError:
            raise ExchangeError(Reason.UNREACHABLE) from None
        return wire
