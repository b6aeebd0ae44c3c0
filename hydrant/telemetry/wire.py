"""Ways to a gateway: whatever the transport, bytes go in and what arrives is collected."""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys
from collections.abc import Awaitable, Callable
from functools import partial

from pymodbus.transport.serialtransport import create_serial_connection

from hydrant import secrets
from hydrant.telemetry.allowed import GatewayList, address_of, gateway_list
from hydrant.telemetry.endpoint import Endpoint, TlsFiles
from hydrant.telemetry.quality import ExchangeError, Reason

if sys.platform == "win32":
    _SYSTEM_ERRORS: tuple[type[Exception], ...] = (OSError,)
else:
    import termios

    #: A line that cannot be set up as asked raises an error that is no OSError.
    _SYSTEM_ERRORS = (OSError, termios.error)

#: More than any answer and a late one before it; whoever sends more is not answering us.
MOST_BUFFERED = 4096


class Wire(asyncio.Protocol):
    """Collects what arrives; the link looks at it when it waits for an answer."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.lost = False
        self.ended = Reason.CLOSED
        self.transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._until_s: float | None = None
        self._late = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  all stream transports are
        self.transport = transport
        sock = transport.get_extra_info("socket")
        if sock is not None:
            # a mobile network forgets a silent connection; this makes both ends notice
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        self.take(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        del exc
        self.lost = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._wake()

    def take(self, data: bytes) -> None:
        """Collect bytes that arrived."""
        self.buffer += data
        if len(self.buffer) > MOST_BUFFERED:
            self.drop()
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

    def expect(self, within_s: float) -> None:
        """Say how long is waited from now on."""
        loop = asyncio.get_running_loop()
        self._late = False
        self._until_s = loop.time() + within_s
        if self._timer is not None and self._timer.when() > self._until_s:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer = loop.call_at(self._until_s, self._expire)

    def settle(self) -> None:
        """End the waiting that `expect` began."""
        # the timer stays for the next exchange, so that not each makes and cancels its own
        self._until_s = None

    async def more(self) -> None:
        """Wait until something arrives.

        Raises
        ------
        ExchangeError
            The other side hung up.
        TimeoutError
            The time that `expect` set is over.
        """
        if self.lost:
            raise ExchangeError(self.ended)
        # whoever goes on sending must not put the end off for ever
        if self._late:
            raise TimeoutError
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _expire(self) -> None:
        self._timer = None
        if self._until_s is None:
            return
        loop = asyncio.get_running_loop()
        if self._until_s > loop.time():
            self._timer = loop.call_at(self._until_s, self._expire)
            return
        self._late = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(TimeoutError())

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class _Datagrams(asyncio.DatagramProtocol):
    """Hands datagrams to a wire; an unreachable port ends it."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        del addr
        self._wire.take(data)

    def error_received(self, exc: Exception) -> None:
        # nobody was there in the first place: that is the gateway's, not the unit's
        refused = isinstance(exc, ConnectionRefusedError)
        self._wire.ended = Reason.CONNECT_REFUSED if refused else Reason.UNREACHABLE
        self._wire.connection_lost(exc)


class _UdpWire(Wire):
    """A wire over datagrams; each holds a whole frame."""

    datagrams: asyncio.DatagramTransport

    def send(self, frame: bytes) -> None:
        self.datagrams.sendto(frame)

    def drop(self) -> None:
        self.lost = True
        self.datagrams.abort()


Opener = Callable[[Endpoint], Awaitable[Wire]]


def opener() -> Opener:
    """What opens the way to gateways, to those only that may be called as things stand now."""
    return partial(open_wire, listed=gateway_list())


async def open_wire(endpoint: Endpoint, listed: GatewayList | None) -> Wire:
    """Open the way to a gateway.

    Parameters
    ----------
    listed
        Gateways that may be called, as `hydrant.telemetry.allowed.gateway_list` gives them.

    Raises
    ------
    ExchangeError
        It cannot be opened; its ``reason`` says why.
    """
    try:
        async with asyncio.timeout(endpoint.connect_timeout_s):
            address = await address_of(endpoint, listed)
            return await OPENERS[endpoint.scheme](endpoint, address)
    except TimeoutError:
        raise ExchangeError(Reason.CONNECT_TIMEOUT) from None
    except ssl.SSLError:
        raise ExchangeError(Reason.TLS) from None
    except ConnectionRefusedError:
        raise ExchangeError(Reason.CONNECT_REFUSED) from None
    except (socket.gaierror, ValueError):  # also a name that can be none, such as ".example"
        reason = Reason.LINE if endpoint.scheme == "serial" else Reason.NAME_UNKNOWN
        raise ExchangeError(reason) from None
    except _SYSTEM_ERRORS:
        reason = Reason.LINE if endpoint.scheme == "serial" else Reason.UNREACHABLE
        raise ExchangeError(reason) from None


async def _stream(endpoint: Endpoint, address: str) -> Wire:
    loop = asyncio.get_running_loop()
    _, wire = await loop.create_connection(Wire, address, endpoint.port)
    return wire


async def _tls(endpoint: Endpoint, address: str) -> Wire:
    context = ssl.create_default_context(cafile=endpoint.tls.ca)
    if endpoint.tls.cert is not None:
        _own_certificate(context, endpoint.tls)
    loop = asyncio.get_running_loop()
    # the certificate must bear the name that was asked for, whatever address it led to
    _, wire = await loop.create_connection(
        Wire, address, endpoint.port, ssl=context, server_hostname=endpoint.host
    )
    return wire


def _own_certificate(context: ssl.SSLContext, files: TlsFiles) -> None:
    """Load the client's certificate; a locked key never asks at a terminal that nobody sees."""

    def password() -> str:
        found = secrets.secret("tls_key_password")
        if found is None:
            raise ExchangeError(Reason.KEY_LOCKED)
        return found

    context.load_cert_chain(str(files.cert), files.key, password=password)


async def _udp(endpoint: Endpoint, address: str) -> Wire:
    loop = asyncio.get_running_loop()
    wire = _UdpWire()
    wire.datagrams, _ = await loop.create_datagram_endpoint(
        partial(_Datagrams, wire), remote_addr=(address, endpoint.port)
    )
    return wire


async def _serial(endpoint: Endpoint, address: str) -> Wire:
    line = endpoint.line
    _, wire = await create_serial_connection(
        asyncio.get_running_loop(),
        Wire,
        address,
        baudrate=line.baudrate,
        bytesize=line.bytesize,
        parity=line.parity,
        stopbits=line.stopbits,
        timeout=0,
    )
    assert isinstance(wire, Wire)  # noqa: S101  it is what the factory made
    while wire.transport is None:
        await asyncio.sleep(0)  # the transport is handed over in a later turn of the loop
    return wire


async def _held(endpoint: Endpoint, address: str) -> Wire:
    """A dial-in gateway cannot be called, only waited for."""
    del endpoint, address
    raise ExchangeError(Reason.NOT_DIALLED_IN)


OPENERS = {
    "tcp": _stream,
    "rtu+tcp": _stream,
    "ascii+tcp": _stream,
    "tls": _tls,
    "udp": _udp,
    "serial": _serial,
    "dialin": _held,
    "push": _held,
}
