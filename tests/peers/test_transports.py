"""Every transport against servers of other makers."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pymodbus import FramerType
from pymodbus.server import ModbusTcpServer, ModbusTlsServer, ModbusUdpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from hydrant.telemetry.endpoint import parse
from hydrant.telemetry.link import Link
from hydrant.telemetry.plan import Request
from hydrant.telemetry.quality import ExchangeError, Reason
from tests.conftest import missing
from tests.parts import lacking

pytestmark = pytest.mark.peer

ASKED = Request(3, 2, 2, ())
VALUES = [0, 0, 311, 65000, 0, 0]


def read(url: str) -> tuple[int, ...] | Reason:
    async def go() -> tuple[int, ...] | Reason:
        link = Link(parse(url))
        try:
            return await link.read(ASKED, 1)
        except ExchangeError as error:
            return error.reason
        finally:
            link.close()

    return asyncio.run(go())


@contextmanager
def served(make: Callable[[SimDevice], object]) -> Iterator[int]:
    """A pymodbus server in a thread; yields its port."""
    device = SimDevice(1, simdata=[SimData(0, values=VALUES, datatype=DataType.UINT16)])
    ready, stop = threading.Event(), threading.Event()
    ports: list[int] = []

    async def serve() -> None:
        server = make(device)
        await server.serve_forever(background=True)  # type: ignore[attr-defined]
        ports.append(_port(server))
        ready.set()
        while not stop.is_set():
            await asyncio.sleep(0.02)
        await server.shutdown()  # type: ignore[attr-defined]

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(10)
    try:
        yield ports[0]
    finally:
        stop.set()
        thread.join()


def _port(server: object) -> int:
    transport = server.transport  # type: ignore[attr-defined]
    if hasattr(transport, "sockets"):
        port: int = transport.sockets[0].getsockname()[1]
        return port
    return int(transport.get_extra_info("sockname")[1])


HERE = ("127.0.0.1", 0)


def test_ascii_over_tcp() -> None:
    with served(lambda d: ModbusTcpServer(d, address=HERE, framer=FramerType.ASCII)) as port:
        assert read(f"ascii+tcp://127.0.0.1:{port}") == (311, 65000)


def test_udp() -> None:
    with served(lambda d: ModbusUdpServer(d, address=HERE)) as port:
        assert read(f"udp://127.0.0.1:{port}") == (311, 65000)
    # a system that says that nobody listens there, or does not
    nobody = (Reason.TIMEOUT, Reason.CLOSED, Reason.CONNECT_REFUSED)
    assert read(f"udp://127.0.0.1:{port}?timeout=0.3") in nobody


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, a gateway's certificate and a client's, made for this run."""
    folder, lacks = tmp_path_factory.mktemp("tls"), lacking("openssl")
    if lacks is not None:
        missing(lacks)

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=ca",
            "-keyout", "ca.key", "-out", "ca.pem")  # fmt: skip
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n", encoding="ascii")
    for name in ("gateway", "client"):
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout",
                f"{name}.key", "-out", f"{name}.csr")  # fmt: skip
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-CAcreateserial", "-days", "2", "-extfile", "names", "-out",
                f"{name}.pem")  # fmt: skip
    return folder


def test_tls_with_client_certificates(certificates: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "gateway.pem", certificates / "gateway.key")
    context.load_verify_locations(certificates / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED

    def make(device: SimDevice) -> object:
        return ModbusTlsServer(device, address=HERE, framer=FramerType.SOCKET, sslctx=context)

    ca = f"ca={certificates / 'ca.pem'}"
    own = f"cert={certificates / 'client.pem'}&key={certificates / 'client.key'}"
    with served(make) as port:
        assert read(f"tls://127.0.0.1:{port}?{ca}&{own}") == (311, 65000)
        # an authority that is not trusted, a name that is not the gateway's, no own certificate
        assert read(f"tls://127.0.0.1:{port}?{own}") is Reason.TLS
        assert read(f"tls://localhost:{port}?{ca}&{own}") is Reason.TLS
        assert isinstance(read(f"tls://127.0.0.1:{port}?{ca}&timeout=1"), Reason)


RTU_SERVER_C = r"""
#include <modbus.h>
#include <stdio.h>
int main(int argc, char **argv) {
  modbus_t *context = modbus_new_rtu(argv[1], 9600, 'N', 8, 1);
  modbus_set_slave(context, 1);
  modbus_mapping_t *map = modbus_mapping_new(0, 0, 32, 0);
  map->tab_registers[2] = 311;
  map->tab_registers[3] = 65000;
  if (modbus_connect(context) == -1) return 1;
  puts("ready"); fflush(stdout);
  uint8_t query[MODBUS_RTU_MAX_ADU_LENGTH];
  for (;;) {
    int got = modbus_receive(context, query);
    if (got > 0) modbus_reply(context, query, got, map);
  }
}
"""


def test_serial_line(
    peer: Callable[[str], str], with_libmodbus: Callable[[Path, Path], None], tmp_path: Path
) -> None:
    source, program = tmp_path / "rtu.c", tmp_path / "rtu"
    source.write_text(RTU_SERVER_C, encoding="utf-8")
    with_libmodbus(source, program)
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ends = [f"pty,raw,echo=0,link={end}" for end in (ours, theirs)]
    with subprocess.Popen([peer("socat"), *ends]) as line:
        try:
            while not (ours.exists() and theirs.exists()):
                time.sleep(0.01)
            with subprocess.Popen([program, theirs], stdout=subprocess.PIPE) as server:
                assert server.stdout is not None
                assert server.stdout.readline() == b"ready\n"
                try:
                    assert read(f"serial://{ours}?baudrate=9600&parity=N") == (311, 65000)
                finally:
                    server.kill()
            assert read(f"serial://{ours}?timeout=0.2") is Reason.TIMEOUT
        finally:
            line.kill()
    assert read("serial:///dev/no-such-line") is Reason.LINE
