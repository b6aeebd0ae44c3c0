"""Who polls a registry on a server, and what is queued to be polled."""

from __future__ import annotations

from dataclasses import dataclass

#: Silence after which a worker is taken for dead, s.
STALLED_S = 30.0
#: How long gateways are left alone after a poll was broken off, s: the usual wait for an answer,
#: which a serial server gives to whoever calls next.
REST_S = 3.0


@dataclass(frozen=True, slots=True)
class Member:
    """A process that polls.

    Attributes
    ----------
    kind
        ``worker`` or ``listener``.
    since
        When it began, stored text.
    seen_s
        Seconds since it last said that it lives.
    stalled
        Whether that is too long: it hangs, is paused or cut off.
    doing
        Shards that it is polling.
    lines
        Gateways that have dialled in to it.
    """

    kind: str
    host: str
    process: int
    since: str
    seen_s: float
    stalled: bool
    doing: int
    lines: int


@dataclass(frozen=True, slots=True)
class WorkState:
    """Who works and what is queued.

    Attributes
    ----------
    members
        Live processes, stalled ones among them.
    waiting
        Jobs (shards of gateways) whose time has come and that nobody has begun.
    ahead
        Jobs whose time within the cycle is yet to come.
    doing
        Jobs under way.
    oldest_wait_s
        How long the longest waiting job has been due, seconds; 0 where none waits.
    """

    members: tuple[Member, ...]
    waiting: int
    ahead: int
    doing: int
    oldest_wait_s: float

    @property
    def workers(self) -> int:
        """Workers that live and are not stalled."""
        return sum(m.kind == "worker" and not m.stalled for m in self.members)
