"""Gateways that may be called: a list that the poller's machine keeps, not the registry.

A registry, or a crew's bundle, names the gateways of its sensors; whoever can write there could
make a poller connect to any address. The list stands in ``HYDRANT_GATEWAYS`` or the configuration.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from hydrant import config
from hydrant.telemetry.endpoint import WAITED_FOR, Endpoint
from hydrant.telemetry.quality import ExchangeError, Reason

ENVIRONMENT = "HYDRANT_GATEWAYS"
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class GatewayList:
    """Networks, and names of hosts or serial lines, that may be called."""

    networks: tuple[_Network, ...]
    names: frozenset[str]

    def names_it(self, endpoint: Endpoint) -> bool:
        """Whether a gateway is listed by its very name."""
        return endpoint.host.casefold() in self.names

    def holds(self, address: str) -> bool:
        """Whether an address lies in a listed network."""
        found = ipaddress.ip_address(address.partition("%")[0])
        return any(found.version == n.version and found in n for n in self.networks)


@lru_cache(maxsize=8)
def parse_list(text: str) -> GatewayList:
    """A list of networks, addresses, host names and serial lines, separated by commas."""
    networks: list[_Network] = []
    names: set[str] = set()
    for word in filter(None, (part.strip() for part in text.split(","))):
        try:
            networks.append(ipaddress.ip_network(word, strict=False))
        except ValueError:
            names.add(word.casefold())
    return GatewayList(tuple(networks), frozenset(names))


def gateway_list() -> GatewayList | None:
    """The list that holds on this machine; None where none is kept and all may be called.

    An empty list is one by which none may be.
    """
    text = os.environ.get(ENVIRONMENT)
    if text is None:
        text = _configured(config.config_path())
    return None if text is None else parse_list(text)


def _configured(path: Path) -> str | None:
    """What the configuration says; it is asked for each poll and read when it has changed."""
    try:
        found = path.stat()
    except OSError:
        return config.load(path).gateways  # which says what is wrong, or that nothing is there
    return _read(path, found.st_mtime_ns, found.st_size, found.st_ino)


@lru_cache(maxsize=1)
def _read(path: Path, *_stamp: int) -> str | None:
    return config.load(path).gateways


async def address_of(endpoint: Endpoint, listed: GatewayList | None) -> str:
    """Host to connect to: as named, or where a list is kept, the address that it permits.

    The address is looked up once and connected to as it was judged, so that a name cannot mean
    one thing to the judge and another to the line.

    Parameters
    ----------
    listed
        What `gateway_list` gave.

    Raises
    ------
    ExchangeError
        The gateway is not on the list.
    """
    if listed is None or endpoint.scheme in WAITED_FOR or listed.names_it(endpoint):
        return endpoint.host
    if endpoint.scheme != "serial":
        loop = asyncio.get_running_loop()
        kind = socket.SOCK_DGRAM if endpoint.scheme == "udp" else socket.SOCK_STREAM
        for *_, where in await loop.getaddrinfo(endpoint.host, endpoint.port, type=kind):
            if listed.holds(str(where[0])):
                return str(where[0])
    raise ExchangeError(Reason.NOT_ALLOWED)
