"""Who of those that call may wait to be identified: so many in all, so many from one address.

Until a caller has said who it is, it costs us a line and proves nothing. Whoever opens lines
without end is turned away; gateways that have registered are not counted and not touched.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

#: A customer's share of IPv6 addresses, of which one machine may use every one. Source: RFC 6177.
_SHARE_BITS = 64
#: Lines of one kind that a flood may write into a log within so many seconds.
_TOLD, _WITHIN_S = 10, 60.0


def origin_of(address: object) -> str:
    """What counts as one address: an IPv4 address, or a customer's share of IPv6 ones."""
    try:
        found = ipaddress.ip_address(str(address).partition("%")[0])
    except ValueError:
        return str(address)
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, _SHARE_BITS), strict=False))


@dataclass(slots=True)
class Admission:
    """Callers that have not registered yet.

    Attributes
    ----------
    most, most_of_one
        Most of them at once, and of these from one address.
    turned_away
        How many callers were not let in since the beginning.
    """

    most: int
    most_of_one: int
    turned_away: int = 0
    _waiting: Counter[str] = field(default_factory=Counter)

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return self._waiting.total()

    def admit(self, origin: str) -> bool:
        """Let a caller wait; False where there are too many already."""
        if self.waiting >= self.most or self._waiting[origin] >= self.most_of_one:
            self.turned_away += 1
            return False
        self._waiting[origin] += 1
        return True

    def leave(self, origin: str) -> None:
        """A caller waits no longer: it registered, or its line ended."""
        self._waiting[origin] -= 1
        if self._waiting[origin] <= 0:
            del self._waiting[origin]


@dataclass(slots=True)
class Sparingly:
    """Tells events of one kind, but never fills a log: beyond a few a minute they are counted.

    Parameters
    ----------
    tell
        Told an event and whom it is about.
    clock
        Seconds that only go forward.
    """

    tell: Callable[[str, str], None]
    clock: Callable[[], float] = monotonic
    _since: dict[str, float] = field(default_factory=dict)
    _count: Counter[str] = field(default_factory=Counter)

    def say(self, event: str, who: str, *, most: int = _TOLD) -> None:
        """Tell an event, or count it where that many were told within the minute."""
        now = self.clock()
        if now - self._since.get(event, -_WITHIN_S) >= _WITHIN_S:
            self.flush(event, most=most)
            self._since[event], self._count[event] = now, 0
        self._count[event] += 1
        if self._count[event] <= most:
            self.tell(event, who)

    def flush(self, event: str, *, most: int = _TOLD) -> None:
        """Tell how many were left untold."""
        untold = self._count[event] - most
        if untold > 0:
            self._count[event] = most
            self.tell(f"more_{event}", str(untold))
