"""Which spellings of gateways lead over one line: one address and port, one serial port."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager

from hydrant.telemetry.endpoint import WAITED_FOR, Endpoint

#: What a line ends at: kind of transport, address or device, port.
End = tuple[str, str, int]
#: Longest that a name is looked up for this, s: a call that follows says what is wrong with it.
_LOOK_UP_S = 2.0


def _kind(endpoint: Endpoint) -> str:
    return "udp" if endpoint.scheme == "udp" else "stream"


def ends_known(endpoint: Endpoint) -> frozenset[End] | None:
    """Ends of a gateway's line as its URL tells them; None where a name has to be looked up."""
    if endpoint.scheme in WAITED_FOR:
        return frozenset()
    if endpoint.scheme == "serial":
        return frozenset({("serial", os.path.realpath(endpoint.host), 0)})
    try:
        address = ipaddress.ip_address(endpoint.host.partition("%")[0])
    except ValueError:
        return None
    return frozenset({(_kind(endpoint), str(address), endpoint.port)})


def ends_of(endpoint: Endpoint) -> frozenset[End]:
    """Ends of a gateway's line, its name looked up; none where that fails."""
    known = ends_known(endpoint)
    if known is not None:
        return known
    try:
        found = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return frozenset()
    return frozenset((_kind(endpoint), str(where[0]), endpoint.port) for *_, where in found)


def spelled_otherwise(endpoint: Endpoint, others: Iterable[Endpoint]) -> str | None:
    """Another gateway's name that leads over the same line as this one; None where none does."""
    own: frozenset[End] | None = None
    for other in {one.name: one for one in others}.values():
        if other.name == endpoint.name or other.port != endpoint.port:
            continue
        if own is None:
            own = ends_of(endpoint)
        if own & ends_of(other):
            return other.name
    return None


class SharedLines:
    """Lines of a poll, each given to one gateway at a time, whatever it is called."""

    def __init__(self) -> None:
        self._locks: dict[End, asyncio.Lock] = {}

    @asynccontextmanager
    async def taken(self, endpoint: Endpoint) -> AsyncIterator[None]:
        """Hold the line of a gateway for a block; wait while another spelling of it has it."""
        ends = ends_known(endpoint)
        if ends is None:
            ends = await self._looked_up(endpoint)
        async with AsyncExitStack() as held:
            for end in sorted(ends):
                await held.enter_async_context(self._locks.setdefault(end, asyncio.Lock()))
            yield

    async def _looked_up(self, endpoint: Endpoint) -> frozenset[End]:
        try:
            async with asyncio.timeout(_LOOK_UP_S):
                return await asyncio.to_thread(ends_of, endpoint)
        except TimeoutError:
            return frozenset()
