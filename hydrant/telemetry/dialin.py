"""Gateways that call us: told apart by what they say first, held, and read over the held line.

None of them authenticates beyond its registration: use a private network.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from hydrant.telemetry import codec
from hydrant.telemetry.admission import Admission, Sparingly, origin_of
from hydrant.telemetry.endpoint import Endpoint
from hydrant.telemetry.link import RTU, Link, always, ask_plain
from hydrant.telemetry.plan import Request
from hydrant.telemetry.quality import ExchangeError, Reason
from hydrant.telemetry.registration import Allowed, Caller
from hydrant.telemetry.wire import Wire

#: Longest registration that makers allow, bytes, and room for what is glued to it.
_LONGEST = 256
#: A unit that did not answer is not asked again on the same line for so long, s: its late
#: answer, which bears no id, must have come and gone by then.
_QUARANTINE_S = 60.0
#: A line that is heard from within so long is alive, s; one that takes its place is another gateway
#: with its id, or the same one after a fall. So many such changes within so long are a fight.
_ALIVE_S, _FIGHTS, _FIGHT_S = 10.0, 3, 600.0

#: Turns of the loop after which a caller that was being accepted has its line, and one that was
#: hung up on is gone: `asyncio.Server.wait_closed` waits for neither before Python 3.12.
_ACCEPTING_TURNS = 10


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
    settle_s
        Pause after which a registration is complete, seconds; mobile networks deliver one in
        pieces. Where a longer id begins with it, five times as long.
    waiting, waiting_of_one
        Most callers at once that have not registered, in all and from one address. A carrier's
        gateways may all come from one address, and each registers within a second or two.
    """

    acknowledge: bytes | None = None
    heartbeat_reply: bytes | None = None
    register_s: float = 30.0
    idle_s: float = 600.0
    settle_s: float = 1.0
    waiting: int = 256
    waiting_of_one: int = 64


class HeldWire(Wire):
    """A line that a gateway opened.

    Attributes
    ----------
    identity
        Its registration id; None until it has registered.
    origin
        Address that it is called from.
    heard_s
        When something last came over it, by the loop's clock.
    """

    def __init__(self, lines: Lines) -> None:
        super().__init__()
        self._lines = lines
        self.identity: str | None = None
        self.asked = False
        self.quarantine: dict[int, float] = {}
        self.origin = "-"
        self.heard_s = 0.0
        self._patience: asyncio.TimerHandle | None = None
        self._settling: asyncio.TimerHandle | None = None
        self._queued: str | None = None

    def rests(self, unit: int) -> bool:
        """Whether a unit that did not answer is left alone: a late answer bears no number."""
        return self.quarantine.get(unit, 0.0) > asyncio.get_running_loop().time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        super().connection_made(transport)
        peer = transport.get_extra_info("peername") or ("-",)
        origin = self.origin = origin_of(peer[0])
        if not self._lines.opened(self):
            self.drop()
            return
        if not self._lines.admission.admit(origin):
            self._lines.crowded(origin)
            self.drop()
            return
        self._queued = origin
        self._expect(self._lines.manners.register_s)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        if self.lost:
            return
        self.heard_s = asyncio.get_running_loop().time()
        self.take(data)
        if self.identity is None:
            self._listen()
        else:
            self._expect(self._lines.manners.idle_s)
            if not self.asked:
                self._lines.unasked(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        super().connection_lost(exc)
        for timer in (self._patience, self._settling):
            if timer is not None:
                timer.cancel()
        self._leave_queue()
        self._lines.gone(self)

    def _leave_queue(self) -> None:
        if self._queued is not None:
            self._lines.admission.leave(self._queued)
            self._queued = None

    def _listen(self) -> None:
        """Look whether a registration is complete; it is once nothing follows it for a while."""
        if self._settling is not None:
            self._settling.cancel()
        known = self._lines.allowed.identify(self.buffer)
        if known is not None:
            self._register(known)
        elif len(self.buffer) > _LONGEST:
            self._refuse()
        else:
            manners = self._lines.manners
            longer = 5 if self._lines.allowed.may_go_on(self.buffer) else 1
            loop = asyncio.get_running_loop()
            self._settling = loop.call_later(longer * manners.settle_s, self._settle)

    def _settle(self) -> None:
        """Nothing followed: what was said is all; who is not known may still go on."""
        known = self._lines.allowed.identify(self.buffer, ended=True)
        if known is not None and not self.lost:
            self._register(known)

    def _register(self, caller: Caller) -> None:
        self.identity = caller.identity
        del self.buffer[: caller.length]
        self._leave_queue()
        self._expect(self._lines.manners.idle_s)
        self._lines.arrived(self)

    def _refuse(self) -> None:
        self._lines.refused(bytes(self.buffer[:40]))
        self.drop()

    def _expect(self, within_s: float) -> None:
        if self._patience is not None:
            self._patience.cancel()
        self._patience = asyncio.get_running_loop().call_later(within_s, self._give_up)

    def _give_up(self) -> None:
        if self.identity is None:
            self._settle()
            if self.identity is None:
                self._refuse()
            return
        self.drop()


@dataclass(slots=True)
class Lines:
    """All held lines, by registration id; the newest of two with one id wins.

    Attributes
    ----------
    on_event
        Told of ``arrived``, ``gone`` and ``refused`` with the id, or what came instead of one; of
        ``crowded`` with the address of a caller that was turned away; of ``displaced`` with an id
        whose line was taken over and both addresses, of ``contested`` with one that is fought over,
        of ``unasked`` with one that sends answers to nobody; of each with ``more_`` before it with
        how many were not told one by one.
    on_unasked
        Told of bytes that came without having been asked for.
    """

    allowed: Allowed
    manners: Manners = field(default_factory=Manners)
    on_event: Callable[[str, str], None] = lambda _event, _who: None
    on_unasked: Callable[[HeldWire], None] = lambda _wire: None
    held: dict[str, HeldWire] = field(default_factory=dict)
    admission: Admission = field(init=False)
    _changes: dict[str, list[float]] = field(default_factory=dict)
    _news: Sparingly = field(init=False)
    _servers: list[asyncio.Server] = field(default_factory=list)
    _wires: set[HeldWire] = field(default_factory=set)
    _closed: bool = False

    def __post_init__(self) -> None:
        """Set up who may wait to be identified."""
        self.admission = Admission(self.manners.waiting, self.manners.waiting_of_one)
        self._news = Sparingly(self.on_event)

    def opened(self, wire: HeldWire) -> bool:
        """Take note of a line that was opened; False where no more are held."""
        self._wires.add(wire)
        return not self._closed

    def arrived(self, wire: HeldWire) -> None:
        """A gateway has registered."""
        identity = str(wire.identity)
        former = self.held.get(identity)
        self.held[identity] = wire
        if former is not None:
            self._displaced(identity, former, wire)
            former.drop()
        else:
            self.on_event("arrived", identity)
        if self.manners.acknowledge is not None:
            wire.send(self.manners.acknowledge)

    def _displaced(self, identity: str, former: HeldWire, wire: HeldWire) -> None:
        """Take note that a line took the place of another: the same gateway, or one with its id."""
        self._news.say("displaced", f"{identity} ({former.origin} → {wire.origin})")
        now = asyncio.get_running_loop().time()
        if now - former.heard_s > _ALIVE_S:
            return
        was = self.contested(identity)
        changes = [at for at in self._changes.get(identity, ()) if now - at < _FIGHT_S]
        self._changes[identity] = [*changes, now][-_FIGHTS:]
        if not was and self.contested(identity):
            self.on_event("contested", identity)

    def contested(self, identity: str) -> bool:
        """Whether two gateways fight for an id, so that nobody can say whose values come."""
        changes = self._changes.get(identity, ())
        now = asyncio.get_running_loop().time()
        return len(changes) >= _FIGHTS and all(now - at < _FIGHT_S for at in changes)

    def allow(self, allowed: Allowed) -> None:
        """Let others register from now on; lines of those who may not any more are ended."""
        self.allowed = allowed
        for identity, wire in list(self.held.items()):
            if identity not in allowed.identities:
                wire.drop()

    def gone(self, wire: HeldWire) -> None:
        """A line has ended."""
        self._wires.discard(wire)
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
        if not self.contested(str(wire.identity)):
            self.on_unasked(wire)
        if codec.holds_answer(wire.buffer):
            self._news.say("unasked", str(wire.identity))
        if wire.buffer and self.manners.heartbeat_reply is not None:
            wire.send(self.manners.heartbeat_reply)
        wire.buffer.clear()

    async def listen(self, host: str, port: int) -> asyncio.Server:
        """Accept callers."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: HeldWire(self), host, port)
        self._servers.append(server)
        return server

    async def close(self) -> None:
        """Accept nobody any more and end every line, also of those who have not said who they are.

        Returns once the lines are ended: whoever was just being accepted is hung up on, too.
        """
        self._closed = True
        for server in self._servers:
            server.close()
        for event in ("refused", "displaced", "unasked"):
            self._news.flush(event)
        self._news.flush("crowded", most=1)
        for wire in list(self._wires):
            wire.drop()
        for _ in range(_ACCEPTING_TURNS):
            await asyncio.sleep(0)

    async def open(self, endpoint: Endpoint) -> Wire:
        """The held line of a gateway; raises `ExchangeError` while it has not called."""
        wire = self.held.get(endpoint.host)
        if wire is None or wire.lost:
            raise ExchangeError(Reason.NOT_DIALLED_IN)
        if self.contested(endpoint.host):
            raise ExchangeError(Reason.CONTESTED)
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
