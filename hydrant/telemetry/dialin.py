"""Gateways that call us: told apart by what they say first, held, and read over the held line.

Source of the forms: makers' manuals named in the notes on dial-in gateways (USR, Roltek, King
Pigeon, Four-Faith). None of them authenticates beyond its registration: use a private network.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from hydrant.telemetry.admission import Admission, Sparingly, origin_of
from hydrant.telemetry.endpoint import Endpoint
from hydrant.telemetry.link import RTU, Link, always, ask_plain
from hydrant.telemetry.plan import Request
from hydrant.telemetry.quality import ExchangeError, Reason
from hydrant.telemetry.wire import Wire

#: Four-Faith's binary registration: 4 bytes id, 11 digits of the phone number, 0, 4 bytes of
#: address, 0.
_FOUR_FAITH_BYTES = 21
#: Longest registration that makers allow, bytes, and room for what is glued to it.
_LONGEST = 256
#: A unit that did not answer is not asked again on the same line for so long, s: its late
#: answer, which bears no id, must have come and gone by then.
_QUARANTINE_S = 60.0


@dataclass(frozen=True, slots=True)
class Manners:
    """How callers are dealt with.

    Attributes
    ----------
    acknowledge
        Sent back upon a registration; None for nothing.
    heartbeat_reply
        Sent back when only a heartbeat came; None for nothing.
    register_s
        Longest wait for the whole registration, seconds; what trickles in does not prolong it.
    idle_s
        Longest silence of a line before it is taken for dead, seconds.
    waiting, waiting_of_one
        Most callers at once that have not registered, in all and from one address. A carrier's
        gateways may all come from one address, and each registers within a second or two.
    """

    acknowledge: bytes | None = None
    heartbeat_reply: bytes | None = None
    register_s: float = 30.0
    idle_s: float = 600.0
    waiting: int = 256
    waiting_of_one: int = 64


def spellings(identity: str) -> list[bytes]:
    """Ways in which a registration id may come over the line: text, and hex as bytes."""
    found = [identity.encode()]
    plain = identity.replace(":", "").replace("-", "")
    if len(plain) % 2 == 0 and all(char in "0123456789abcdefABCDEF" for char in plain):
        found += [bytes.fromhex(plain), plain.upper().encode(), plain.lower().encode()]
    return list(dict.fromkeys(found))


class Allowed:
    """The ids that may register, by every way of spelling them.

    Parameters
    ----------
    prefixes
        Texts that some gateways are set to send before their id.
    """

    def __init__(self, identities: Iterable[str], *, prefixes: Iterable[str] = ()) -> None:
        before = [b"", *(prefix.encode() for prefix in prefixes)]
        self._by_bytes = {
            prefix + spelling: identity
            for identity in identities
            for spelling in spellings(identity)
            for prefix in before
        }
        self._lengths = sorted({len(spelling) for spelling in self._by_bytes}, reverse=True)

    def identify(self, data: bytes | bytearray) -> tuple[str, int] | None:
        """Id that data begins with and its length there; None when there is none (yet)."""
        for length in self._lengths:
            identity = self._by_bytes.get(bytes(data[:length]))
            if identity is not None and len(data) >= length:
                return identity, length
        if len(data) >= _FOUR_FAITH_BYTES and data[15] == 0 and data[20] == 0:
            identity = self._by_bytes.get(bytes(data[4:15]))
            if identity is not None:
                return identity, _FOUR_FAITH_BYTES
        return None


class HeldWire(Wire):
    """A line that a gateway opened.

    Attributes
    ----------
    identity
        Its registration id; None until it has registered.
    """

    def __init__(self, lines: Lines) -> None:
        super().__init__()
        self._lines = lines
        self.identity: str | None = None
        self.asked = False
        self.quarantine: dict[int, float] = {}
        self._patience: asyncio.TimerHandle | None = None
        self._origin: str | None = None

    def rests(self, unit: int) -> bool:
        """Whether a unit that did not answer is left alone: a late answer bears no number."""
        return self.quarantine.get(unit, 0.0) > asyncio.get_running_loop().time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        super().connection_made(transport)
        peer = transport.get_extra_info("peername") or ("-",)
        origin = origin_of(peer[0])
        if not self._lines.admission.admit(origin):
            self._lines.crowded(origin)
            self.drop()
            return
        self._origin = origin
        self._expect(self._lines.manners.register_s)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        if self.lost:
            return
        self.take(data)
        if self.identity is None:
            self._register()
        else:
            self._expect(self._lines.manners.idle_s)
            if not self.asked:
                self._lines.unasked(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        super().connection_lost(exc)
        if self._patience is not None:
            self._patience.cancel()
        self._leave_queue()
        self._lines.gone(self)

    def _leave_queue(self) -> None:
        if self._origin is not None:
            self._lines.admission.leave(self._origin)
            self._origin = None

    def _register(self) -> None:
        known = self._lines.allowed.identify(self.buffer)
        if known is not None:
            self.identity, length = known
            del self.buffer[:length]
            self._leave_queue()
            self._expect(self._lines.manners.idle_s)
            self._lines.arrived(self)
        elif len(self.buffer) > _LONGEST:
            self._lines.refused(bytes(self.buffer[:40]))
            self.drop()

    def _expect(self, within_s: float) -> None:
        if self._patience is not None:
            self._patience.cancel()
        self._patience = asyncio.get_running_loop().call_later(within_s, self._give_up)

    def _give_up(self) -> None:
        if self.identity is None:
            self._lines.refused(bytes(self.buffer[:40]))
        self.drop()


@dataclass(slots=True)
class Lines:
    """All held lines, by registration id; the newest of two with one id wins.

    Attributes
    ----------
    on_event
        Told of ``arrived``, ``gone`` and ``refused`` with the id, or what came instead of one; of
        ``crowded`` with the address of a caller that was turned away; of ``more_refused`` and
        ``more_crowded`` with how many were not told one by one.
    on_unasked
        Told of bytes that came without having been asked for.
    """

    allowed: Allowed
    manners: Manners = field(default_factory=Manners)
    on_event: Callable[[str, str], None] = lambda _event, _who: None
    on_unasked: Callable[[HeldWire], None] = lambda _wire: None
    held: dict[str, HeldWire] = field(default_factory=dict)
    admission: Admission = field(init=False)
    _news: Sparingly = field(init=False)

    def __post_init__(self) -> None:
        """Set up who may wait to be identified."""
        self.admission = Admission(self.manners.waiting, self.manners.waiting_of_one)
        self._news = Sparingly(self.on_event)

    def arrived(self, wire: HeldWire) -> None:
        """A gateway has registered."""
        identity = str(wire.identity)
        former = self.held.get(identity)
        self.held[identity] = wire
        if former is not None:
            former.drop()
        else:
            self.on_event("arrived", identity)
        if self.manners.acknowledge is not None:
            wire.send(self.manners.acknowledge)

    def gone(self, wire: HeldWire) -> None:
        """A line has ended."""
        if wire.identity is not None and self.held.get(wire.identity) is wire:
            del self.held[wire.identity]
            self.on_event("gone", wire.identity)

    def refused(self, said: bytes) -> None:
        """Somebody called who is not known."""
        self._news.say("refused", said.decode("ascii", "backslashreplace"))

    def crowded(self, origin: str) -> None:
        """Somebody called while too many waited who have not said who they are."""
        self._news.say("crowded", origin, most=1)

    def unasked(self, wire: HeldWire) -> None:
        """Something came on an idle line: a heartbeat, a registration again, or an answer."""
        self.on_unasked(wire)
        if wire.buffer and self.manners.heartbeat_reply is not None:
            wire.send(self.manners.heartbeat_reply)
        wire.buffer.clear()

    async def listen(self, host: str, port: int) -> asyncio.Server:
        """Accept callers."""
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: HeldWire(self), host, port)

    def close(self) -> None:
        """End every line."""
        self._news.flush("refused")
        self._news.flush("crowded", most=1)
        for wire in list(self.held.values()):
            wire.drop()

    async def open(self, endpoint: Endpoint) -> Wire:
        """The held line of a gateway; raises `ExchangeError` while it has not called."""
        wire = self.held.get(endpoint.host)
        if wire is None or wire.lost:
            raise ExchangeError(Reason.NOT_DIALLED_IN)
        return wire


class HeldLink(Link):
    """Exchanges over a held line, which outlives them.

    Between frames anything may stand: heartbeats, registrations, answers to nobody. An answer
    is found among it by unit, function, length and checksum together.
    """

    def __init__(
        self, endpoint: Endpoint, lines: Lines, *, may_send: Callable[[], bool] = always
    ) -> None:
        super().__init__(endpoint, lines.open, may_send=may_send)

    def close(self) -> None:
        """Leave the line to the next who needs it."""
        if isinstance(self._wire, HeldWire):
            self._wire.asked = False
        self._wire = None

    def in_doubt(self, request: Request, unit: int) -> bool:
        """Whether the unit rests: a line that is kept may bring its late answer at any time."""
        del request
        return isinstance(self._wire, HeldWire) and self._wire.rests(unit)

    async def _ask(self, wire: Wire, request: Request, unit: int) -> bytes:
        assert isinstance(wire, HeldWire)  # noqa: S101  `Lines.open` gives no other
        now = asyncio.get_running_loop().time()
        if wire.rests(unit):
            raise TimeoutError
        wire.asked = True
        try:
            return await ask_plain(wire, request, unit, RTU)
        except (TimeoutError, asyncio.CancelledError):
            wire.quarantine[unit] = now + max(_QUARANTINE_S, 10 * self.endpoint.timeout_s)
            raise
        finally:
            wire.asked = False

    def _distrust(self) -> None:
        """Keep the line: what is amiss was looked over."""

    def _after_silence(self, request: Request, unit: int) -> None:
        """Keep the line for the other units; the silent one is in quarantine."""
