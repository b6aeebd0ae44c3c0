"""Raw servers on loopback that answer what a test tells them, byte by byte."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

#: Given a request's bytes, the pieces to send back with the pause before each, or None to hang up.
Script = Callable[[bytes], list[tuple[float, bytes]] | None]


@dataclass
class Line:
    """A listening port and what went over it."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0


@contextmanager
def listening(script: Script) -> Iterator[Line]:
    """A gateway that follows a script while the block runs."""
    server = socket.create_server(("127.0.0.1", 0))
    line = Line(server.getsockname()[1])
    stop = threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection:
            while not stop.is_set():
                try:
                    request = connection.recv(4096)
                    if not request:
                        return
                    line.requests.append(request)
                    answer = script(request)
                    if answer is None:
                        return
                    for pause, piece in answer:
                        time.sleep(pause)
                        connection.sendall(piece)
                except OSError:
                    return

    def accept() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            line.connections += 1
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield line
    finally:
        stop.set()
        server.close()


def crc(body: bytes) -> bytes:
    """RTU checksum, computed bit by bit as the serial line guide describes it."""
    value = 0xFFFF
    for byte in body:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return value.to_bytes(2, "little")


def rtu(*body: int) -> bytes:
    """An RTU frame of unit, function and data."""
    return bytes(body) + crc(bytes(body))


def tcp(request: bytes, *message: int, transaction: int = 0, unit: int | None = None) -> bytes:
    """A Modbus/TCP answer to a request; `transaction` is added to the request's own."""
    number = (int.from_bytes(request[:2], "big") + transaction) % 65536
    asked = request[6] if unit is None else unit
    length = (len(message) + 1).to_bytes(2, "big")
    return number.to_bytes(2, "big") + b"\0\0" + length + bytes([asked, *message])
