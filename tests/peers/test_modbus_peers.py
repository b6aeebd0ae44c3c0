"""Independent implementations serve a device; their own clients and `hydrant` read it alike."""

from __future__ import annotations

import re
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from modbus_tk import modbus_tcp

from hydrant.telemetry.profile_reader import load_profile
from hydrant.telemetry.simulator import SimulatedGateway, SimulatedUnit, serve
from tests.conftest import Program

pytestmark = pytest.mark.peer

SERVER_C = r"""
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv) {
  modbus_t *context = modbus_new_tcp("127.0.0.1", atoi(argv[1]));
  modbus_mapping_t *map = modbus_mapping_new(0, 0, 32, 0);
  float bar = 3.12f;
  uint32_t bits;
  memcpy(&bits, &bar, 4);
  map->tab_registers[2] = bits >> 16;
  map->tab_registers[3] = bits & 0xFFFF;
  int listener = modbus_tcp_listen(context, 4);
  puts("ready"); fflush(stdout);
  uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
  for (;;) {
    modbus_tcp_accept(context, &listener);
    for (;;) {
      int got = modbus_receive(context, query);
      if (got == -1) break;
      if (got > 0) modbus_reply(context, query, got, map);
    }
    modbus_close(context);
  }
}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@contextmanager
def libmodbus(tmp_path: Path, build: Callable[[Path, Path], None]) -> Iterator[int]:
    source, program, port = tmp_path / "server.c", tmp_path / "server", free_port()
    source.write_text(SERVER_C, encoding="utf-8")
    build(source, program)
    with subprocess.Popen([program, str(port)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        try:
            yield port
        finally:
            process.kill()


def mbpoll_float(program: str, port: int, unit: int, reference: int) -> float:
    """One big-endian float holding register as mbpoll reads it (0-based reference)."""
    done = subprocess.run(
        [program, "-m", "tcp", "-p", str(port), "-a", str(unit), "-t", "4:float", "-B", "-0",
         "-r", str(reference), "-c", "1", "-1", "-o", "1", "127.0.0.1"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    match = re.search(rf"^\[{reference}\]:\s+(\S+)", done.stdout, re.MULTILINE)
    assert match, done.stdout
    return float(match[1])


def register(program: Program, url: str, *flags: object, profile: str = "keller-33x") -> None:
    program.data("asset", "add", "P1", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.2,
                 "--crs", "wgs84")  # fmt: skip
    program.data("sensor", "add", "P1", "--profile", profile, "--url", url, "--unit", 1, *flags)


def polled_kpa(program: Program) -> float:
    assert program.data("poll")["answered"] == 1
    value: float = program.data("sensor", "list")["sensors"][0]["latest"]["value"]
    return value


def test_libmodbus_server_read_alike(
    program: Program,
    peer: Callable[[str], str],
    with_libmodbus: Callable[[Path, Path], None],
    tmp_path: Path,
) -> None:
    client = peer("mbpoll")
    with libmodbus(tmp_path, with_libmodbus) as port:
        bar = mbpoll_float(client, port, 1, 2)
        register(program, f"tcp://127.0.0.1:{port}")
        assert polled_kpa(program) == pytest.approx(bar * 100, rel=1e-5)
        assert bar == pytest.approx(3.12)


def test_modbus_tk_server(program: Program) -> None:
    port = free_port()
    server = modbus_tcp.TcpServer(port=port, address="127.0.0.1")
    server.start()
    try:
        slave = server.add_slave(1)
        slave.add_block("held", 3, 0, 32)  # 3: holding registers
        slave.set_values("held", 2, list(struct.unpack(">2H", struct.pack(">f", 2.5))))
        time.sleep(0.2)
        register(program, f"tcp://127.0.0.1:{port}")
        assert polled_kpa(program) == pytest.approx(250.0)
    finally:
        server.stop()


def test_mbpoll_reads_our_simulator(peer: Callable[[str], str]) -> None:
    client = peer("mbpoll")
    device = SimulatedUnit(load_profile("keller-33x"), lambda: {"p1": 365.0})
    with serve([SimulatedGateway({1: device})]) as (url,):
        port = int(url.rpartition(":")[2])
        assert mbpoll_float(client, port, 1, 2) == pytest.approx(3.65)
