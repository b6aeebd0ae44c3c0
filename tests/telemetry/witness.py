"""Simulated gateways that witness how they are polled.

``python -m tests.telemetry.witness N LEAST MOST`` makes N gateways, each of whose answers takes
between LEAST and MOST seconds. It is a process of its own, so that what happens to the pollers
does not happen to the witness. It prints one line with a port at which anybody who connects gets
the figures, and the ports of the gateways.
"""

from __future__ import annotations

import asyncio
import json
import random
import struct
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from typing import Any


@dataclass
class Gateway:
    """What one gateway saw.

    A poll is a connection on which something is asked. Two overlap when one is asked while an
    answer to the other is under way, or when the earlier one goes on after the later one began.
    """

    number: int
    answer_s: tuple[float, float]
    polls: int = 0
    under_way: list[asyncio.StreamReader] = field(default_factory=list)
    newest: object = None
    overlaps: list[str] = field(default_factory=list)
    last: float = 0.0
    longest_gap_s: float = 0.0
    chance: random.Random = field(default_factory=random.Random)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = False
        try:
            while True:
                head = await reader.readexactly(6)
                request = await reader.readexactly(struct.unpack(">H", head[4:])[0])
                self.judge(goes_on=asked and self.newest is not writer)
                asked, self.newest = True, writer
                self.under_way.append(reader)
                try:
                    await self.answer(head, request, writer)
                finally:
                    self.under_way.remove(reader)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def judge(self, *, goes_on: bool) -> None:
        """Note how what is asked now overlaps with another poll, if it does."""
        if goes_on:
            self.overlaps.append("the earlier goes on after the later began")
        elif self.under_way:
            gone = all(reader.at_eof() for reader in self.under_way)
            self.overlaps.append("the other hung up" if gone else "both are there")

    async def answer(self, head: bytes, request: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(self.chance.uniform(*self.answer_s))
        _, count = struct.unpack(">HH", request[2:6])
        value = struct.pack(">f", 2.0 + self.number / 1000)
        body = bytes([request[0], request[1], 2 * count]) + (value * count)[: 2 * count]
        writer.write(head[:4] + struct.pack(">H", len(body)) + body)
        if request[0] != 1:
            return
        now = time.monotonic()
        if self.last:
            self.longest_gap_s = max(self.longest_gap_s, now - self.last)
        self.last, self.polls = now, self.polls + 1

    def figures(self) -> dict[str, Any]:
        """What it saw so far; the gap that is still open counts too."""
        ago = time.monotonic() - self.last if self.last else 1e9
        return {
            "polls": self.polls,
            "overlaps": self.overlaps,
            "last_s": ago,
            "gap_s": max(self.longest_gap_s, ago),
        }


async def tell(
    gateways: list[Gateway], _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    writer.write(json.dumps([gateway.figures() for gateway in gateways]).encode())
    writer.close()


async def main(count: int, least_s: float, most_s: float) -> None:
    gateways = [Gateway(number, (least_s, most_s)) for number in range(count)]
    servers = [await asyncio.start_server(gateway.serve, "127.0.0.1", 0) for gateway in gateways]
    teller = await asyncio.start_server(partial(tell, gateways), "127.0.0.1", 0)
    ports = [server.sockets[0].getsockname()[1] for server in [teller, *servers]]
    print(json.dumps(ports), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])))
