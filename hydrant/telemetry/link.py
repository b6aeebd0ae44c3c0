"""The connection to one gateway: one request at a time, every answer held against its request.

The transport is ours, the messages are pymodbus's (``docs/decisions/0004-telemetry-transport.md``).
What is no answer to the request (another unit's, an echo, stray bytes, a copy) is looked over until
the time is up. Where frames bear no transaction id the connection is dropped then, and nothing that
a late answer could be taken for is asked any more.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from hydrant.telemetry import codec
from hydrant.telemetry.endpoint import Endpoint, Framing
from hydrant.telemetry.plan import Request
from hydrant.telemetry.quality import ExchangeError, Reason
from hydrant.telemetry.wire import Opener, Wire, opener

#: How long a line without transaction ids that just failed to answer is listened to before it
#: is used again, s: a serial server forwards a late answer to whichever connection it found.
_DRAIN_S = 0.2
#: So many ids that were answered are remembered: a gateway with two ways out answers twice.
_ANSWERED = 256


class BrokenOff(Exception):
    """The right to speak to a gateway ended while it was being read."""


@dataclass(frozen=True, slots=True)
class _Language:
    """How one framing without transaction ids is spoken.

    Attributes
    ----------
    frame
        Frame of a request to a unit.
    find
        Message of its answer among the bytes of a line; None while it is not there.
    why_not
        What those bytes are instead, once the time is up.
    """

    frame: Callable[[Request, int], bytes]
    find: Callable[[bytearray, Request, int], bytes | None]
    why_not: Callable[[bytearray, Request, int], Reason]


RTU = _Language(codec.rtu_frame, codec.find_rtu, codec.why_not_rtu)
ASCII = _Language(codec.ascii_frame, codec.find_ascii, codec.why_not_ascii)


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
        self._answered: deque[int] = deque(maxlen=_ANSWERED)
        self._unheard: dict[tuple[int, int, int], int] = {}
        self._drain = False
        self._rested_at = 0.0
        self._stranger: Reason | None = None

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

    def in_doubt(self, request: Request, unit: int) -> bool:
        """Whether a late answer to something else could be taken for the answer to a request.

        An answer without a transaction id does not say which registers it holds. The very request
        that went unanswered may be asked again: its late answer says the same.
        """
        address = self._unheard.get((unit, request.function, request.count))
        return address is not None and address != request.address

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
            reason = self._why_not(wire, request, unit)
            self._after_silence(request, unit)
            raise ExchangeError(reason) from None
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

    def _after_silence(self, request: Request, unit: int) -> None:
        between_frames = self._wire is not None and not self._wire.buffer
        if self.endpoint.numbered and between_frames:
            self._late.add(self._transaction)
            return
        if not self.endpoint.numbered:
            self._unheard[unit, request.function, request.count] = request.address
        # after half a frame nobody knows where the next one begins, and an answer without an
        # id that comes late must find nobody listening
        self._distrust()

    def _why_not(self, wire: Wire, request: Request, unit: int) -> Reason:
        """What came in place of an answer by the time that it should have come."""
        if self.endpoint.numbered:
            return self._stranger or Reason.TIMEOUT
        return self._language.why_not(wire.buffer, request, unit)

    @property
    def _language(self) -> _Language:
        return ASCII if self.endpoint.framing is Framing.ASCII else RTU

    async def _ask(self, wire: Wire, request: Request, unit: int) -> bytes:
        if self.endpoint.numbered:
            return await self._ask_numbered(wire, request, unit)
        return await ask_plain(wire, request, unit, self._language)

    async def _ask_numbered(self, wire: Wire, request: Request, unit: int) -> bytes:
        self._transaction = self._new_transaction()
        self._stranger = None
        wire.send(codec.tcp_frame(request, unit, self._transaction))
        while True:
            frame = codec.take_tcp(wire.buffer) if wire.buffer else None
            if frame is None:
                await wire.more()
                continue
            del wire.buffer[: frame.size]
            if frame.transaction == self._transaction and frame.unit == unit:
                self._answered.append(frame.transaction)
                return frame.message
            self._look_over(frame)

    def _look_over(self, frame: codec.TcpFrame) -> None:
        """Take note of what is no answer to the present request: late, a copy, or not ours."""
        if frame.transaction in self._late:
            self._late.discard(frame.transaction)
            self._answered.append(frame.transaction)
        elif frame.transaction == self._transaction:
            self._stranger = Reason.WRONG_UNIT
        elif frame.transaction not in self._answered:
            self._stranger = Reason.WRONG_TRANSACTION

    def _new_transaction(self) -> int:
        """An id that no gateway could come upon by counting, and that no old answer bears."""
        number = 0
        while number == 0 or number in self._late or number in self._answered:
            number = random.getrandbits(16)
        return number

    async def _connected(self) -> Wire:
        if self._wire is not None and not self._wire.lost:
            return self._wire
        self.close()
        self._wire = await self._opens(self.endpoint)
        self._late.clear()
        self._answered.clear()
        if self._drain:
            await asyncio.sleep(_DRAIN_S)
            self._drain = False
        return self._wire


async def ask_plain(wire: Wire, request: Request, unit: int, language: _Language) -> bytes:
    """Exchange on a line whose frames bear no transaction id."""
    wire.buffer.clear()  # nobody asked for what came while the line was idle
    wire.send(language.frame(request, unit))
    while (message := language.find(wire.buffer, request, unit)) is None:
        await wire.more()
    wire.buffer.clear()
    return message
