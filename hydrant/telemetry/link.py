"""The connection to one gateway: one request at a time, every answer held against its request.

The transport is ours, the messages are pymodbus's (``docs/decisions/0004-telemetry-transport.md``).
After anything but a proper answer the connection is dropped, with one exception: a Modbus/TCP
answer that comes late is told by its transaction id and skipped.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from hydrant.telemetry import codec
from hydrant.telemetry.endpoint import Endpoint, Framing
from hydrant.telemetry.plan import Request
from hydrant.telemetry.quality import ExchangeError, Reason
from hydrant.telemetry.wire import Opener, Wire, opener

#: How long a line without transaction ids that just failed to answer is listened to before it
#: is used again, s: a serial server forwards a late answer to whichever connection it found_assets.
_DRAIN_S = 0.2


class BrokenOff(Exception):
    """The right to speak to a gateway ended while it was being read."""


def always() -> bool:
    """Whether a gateway may be spoken to by a poller that is alone: always."""
    return True


class Link:
    """A gateway's connection, opened when first used; close it with `close`.

    Parameters
    ----------
    opens
        Opens the connection; None for one of its own to whoever may be called now.
    may_send
        Asked before anything is sent and after an answer came; where it says no, `BrokenOff` is
        raised. One of many pollers may have lost the gateway to another.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        opens: Opener | None = None,
        *,
        may_send: Callable[[], bool] = always,
    ) -> None:
        self.endpoint = endpoint
        self._opens = opener() if opens is None else opens
        self._may_send = may_send
        self._wire: Wire | None = None
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
        BrokenOff
            The gateway may not be spoken to any more.
        """
        rest_s = max(pause_s, self.endpoint.pause_s)
        if rest_s:
            await self._rest(rest_s)
        fresh = self._wire is None or self._wire.lost
        try:
            return await self._exchange(request, unit)
        except ExchangeError as error:
            # many gateways hang up on an idle connection just as it is used again
            if error.reason is not Reason.CLOSED or fresh:
                raise
            return await self._exchange(request, unit)
        finally:
            if rest_s:
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
        self._insist()
        wire = await self._connected()
        self._insist()
        wire.expect(self.endpoint.timeout_s)
        try:
            message = await self._ask(wire, request, unit)
        except TimeoutError:
            self._insist()  # nor did anybody listen during a pause
            self._after_silence()
            raise ExchangeError(Reason.TIMEOUT) from None
        except BaseException:
            self._distrust()
            raise
        finally:
            wire.settle()
        self._insist()  # an answer found after a pause is of nobody knows when
        return self._checked(message, request)

    def _insist(self) -> None:
        if not self._may_send():
            self.close()
            raise BrokenOff

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
        self._drain = not self.endpoint.numbered

    def _after_silence(self) -> None:
        between_frames = self._wire is not None and not self._wire.buffer
        if self.endpoint.numbered and between_frames:
            self._late.add(self._transaction)
            return
        # after half a frame nobody knows where the next one begins, and an answer without an
        # id that comes late must find nobody listening
        self._distrust()

    async def _ask(self, wire: Wire, request: Request, unit: int) -> bytes:
        if self.endpoint.numbered:
            return await self._ask_numbered(wire, request, unit)
        if self.endpoint.framing is Framing.ASCII:
            return await _ask_plain(wire, request, unit, codec.ascii_frame, codec.take_ascii)
        return await _ask_plain(wire, request, unit, codec.rtu_frame, codec.take_rtu)

    async def _ask_numbered(self, wire: Wire, request: Request, unit: int) -> bytes:
        self._transaction = self._new_transaction()
        wire.send(codec.tcp_frame(request, unit, self._transaction))
        while True:
            frame = codec.take_tcp(wire.buffer) if wire.buffer else None
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

    def _new_transaction(self) -> int:
        """An id that no gateway could come upon by counting, and that no late answer bears."""
        number = 0
        while number == 0 or number in self._late:
            number = random.getrandbits(16)
        return number

    async def _connected(self) -> Wire:
        if self._wire is not None and not self._wire.lost:
            return self._wire
        self.close()
        self._wire = await self._opens(self.endpoint)
        self._late.clear()
        if self._drain:
            await asyncio.sleep(_DRAIN_S)
            self._drain = False
        return self._wire


async def _ask_plain(
    wire: Wire,
    request: Request,
    unit: int,
    frame: Callable[[Request, int], bytes],
    take: Callable[[bytearray, Request, int], bytes | None],
) -> bytes:
    """Exchange on a line whose frames bear no transaction id."""
    wire.buffer.clear()  # nobody asked for what came while the line was idle
    wire.send(frame(request, unit))
    while True:
        message = take(wire.buffer, request, unit)
        if message is not None:
            wire.buffer.clear()
            return message
        await wire.more()
