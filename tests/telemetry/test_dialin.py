"""Gateways that dial in: registrations and heartbeats glued to frames, lines cut at random."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant.integrity.policy_reader import load_policy
from hydrant.store.ground.backend import one_row
from hydrant.store.ground.place import Server
from hydrant.store.readings.readings import Readings
from hydrant.store.readings.readings_file import open_readings
from hydrant.telemetry import codec
from hydrant.telemetry.admission import Sparingly, origin_of
from hydrant.telemetry.dialin import HeldLink, Lines, Manners
from hydrant.telemetry.listener import Listener
from hydrant.telemetry.plan import Request
from hydrant.telemetry.poll import poll_held
from hydrant.telemetry.registration import Allowed, alike, spellings
from hydrant.telemetry.result import PollResult
from hydrant.telemetry.unsolicited import KnownQueries
from tests.conftest import Program
from tests.telemetry.lines import crc, rtu
from tests.telemetry.test_poll import sensor

POLICY = load_policy("zhejiang")
ASKED = Request(3, 2, 2, ())
SOAK_S = float(os.environ.get("HYDRANT_SOAK_SECONDS", "6"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Readings]:
    with open_readings(tmp_path / "r.db") as opened:
        yield opened


FOUR_FAITH = b"\x00\x00\x04\xd2" + b"13812345678" + b"\x00" + bytes([10, 0, 0, 7]) + b"\x00"


@pytest.mark.parametrize(
    ("identity", "sent"),
    [
        ("DTU-0012", b"DTU-0012"),
        ("862000001234567", b"862000001234567"),  # IMEI as text
        ("89860012345678901234", b"89860012345678901234"),  # ICCID as text
        ("D8:B0:4C:00:12:FE", bytes.fromhex("D8B04C0012FE")),  # MAC as bytes
        ("D8:B0:4C:00:12:FE", b"D8B04C0012FE"),  # MAC as text without separators
        ("0123456789ABCDEF", bytes.fromhex("0123456789ABCDEF")),  # hex
        ("13812345678", FOUR_FAITH),
    ],
)
def test_registrations(identity: str, sent: bytes) -> None:
    allowed = Allowed([identity, "somebody-else"], heartbeats=["Q"])
    for said in (sent, sent + sent, sent + b"\r\n", sent + b"QQ", sent + rtu(1, 3, 2, 0, 1)):
        assert allowed.identify(said, ended=True) == (identity, len(sent))
    assert allowed.identify(sent + rtu(1, 3, 2, 0, 1)) == (identity, len(sent))
    assert allowed.identify(sent[:-1], ended=True) is None
    assert Allowed(["other"]).identify(sent, ended=True) is None


@pytest.mark.parametrize(
    "said", [b"DTU-17", b"DTU-1Q", b"DTU-1 7", b"DTU-1.2", b"xDTU-1", b"DTU-1DTU-17", b"DTU-1\x017"]
)
def test_an_id_that_begins_like_a_known_one_is_another(said: bytes) -> None:
    assert Allowed(["DTU-1"]).identify(said, ended=True) is None
    assert Allowed(["DTU-1"]).identify(said) is None


def test_a_registration_is_complete_once_nothing_can_follow() -> None:
    allowed = Allowed(["DTU-1", "DTU-17"])
    assert allowed.identify(b"DTU-1") is None
    assert allowed.may_go_on(b"DTU-1")
    assert not allowed.may_go_on(b"DTU-17")
    assert allowed.identify(b"DTU-1", ended=True) == ("DTU-1", 5)
    assert allowed.identify(b"DTU-1\n") == ("DTU-1", 5)
    assert allowed.identify(b"DTU-17", ended=True) == ("DTU-17", 6)


def test_hex_that_spells_text_is_text_only() -> None:
    assert Allowed(["31"]).identify(b"1", ended=True) is None
    assert Allowed(["31"]).identify(b"31", ended=True) == ("31", 2)
    assert alike("D8B04C0012FE", ["other", "d8:b0:4c:00:12:fe"]) == "d8:b0:4c:00:12:fe"
    assert alike("DTU-1", ["DTU-17", "DTU-1"]) is None
    # bytes that two ids are spelled like are neither's
    two = Allowed(["D8B04C0012FE", "d8:b0:4c:00:12:fe"])
    assert two.identify(bytes.fromhex("D8B04C0012FE"), ended=True) is None


def test_a_prefix_before_the_id() -> None:
    allowed = Allowed(["DTU-1"], prefixes=["REG:"])
    assert allowed.identify(b"REG:DTU-1\r\n") == ("DTU-1", 9)
    assert allowed.identify(b"DTU-1", ended=True) == ("DTU-1", 5)
    assert allowed.identify(b"LOG:DTU-1", ended=True) is None


@given(st.binary(max_size=40), st.binary(max_size=40), st.integers(1, 247))
def test_answer_is_found_among_anything(before: bytes, after: bytes, unit: int) -> None:
    frame = rtu(unit, 3, 4, 0, 7, 0, 9)
    buffer = bytearray(before + frame + after)
    message = codec.find_rtu(buffer, ASKED, unit)
    assert message is not None
    assert codec.values(message, ASKED) == (7, 9)


@given(st.binary(max_size=200), st.integers(1, 247))
def test_noise_is_no_answer(noise: bytes, unit: int) -> None:
    found = codec.find_rtu(bytearray(noise), ASKED, unit)
    if found is not None:  # then it truly stood there
        assert bytes([unit]) + found + crc(bytes([unit]) + found) in noise


class Dtu:
    """A gateway with one transmitter: dials, registers, beats, answers, is cut off, redials."""

    def __init__(self, number: int, port: int, chance: random.Random, cut: float) -> None:
        self.identity, self.port, self.chance, self.cut = f"DTU-{number:04d}", port, chance, cut
        self.bar = 2.0 + number / 1000
        self.calls = 0

    async def live(self) -> None:
        while True:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            self.calls += 1
            try:
                await self.talk(reader, writer)
            except (OSError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()
            await asyncio.sleep(self.chance.uniform(0.05, 0.3))

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        registration = self.identity.encode()
        # registration and heartbeat in one segment, or in pieces
        for piece in self.chance.choice(
            [[registration + b"Q"], [registration[:3], registration[3:], b"QQ"], [registration]]
        ):
            writer.write(piece)
            await asyncio.sleep(0.01)
        while True:
            request = await reader.readexactly(8)
            if self.chance.random() < self.cut:
                writer.write(b"\x01\x03\x04")  # half an answer, then gone
                return
            address, count = struct.unpack(">HH", request[2:6])
            body = b"".join(self.register(address + n) for n in range(count))
            frame = request[:2] + bytes([2 * count]) + body
            glue = self.chance.choice([b"", b"Q", registration, b"\x00\xff", b"Q" * 7])
            writer.write(glue + frame + crc(frame) + self.chance.choice([b"", b"Q"]))

    def register(self, address: int) -> bytes:
        packed = struct.pack(">f", self.bar)
        return {2: packed[:2], 3: packed[2:]}.get(address, b"\0\0")


async def hung_up(lines: Lines, *callers: asyncio.Task[None]) -> None:
    """End callers, then what they called, once the last of their calls was accepted.

    Until Python 3.12 a server that is closed while it accepts a call leaves its socket open.
    """
    for caller in callers:
        caller.cancel()
    await asyncio.gather(*callers, return_exceptions=True)
    while lines.held or lines.admission.waiting:
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.05)
    await lines.close()


def test_two_hundred_dtus_every_reading_right(store: Readings) -> None:
    found: Counter[str] = Counter()

    async def soak() -> tuple[int, int]:
        # no gateway here is ever silent, so a timeout would only tell of a busy machine
        rows = [
            replace(sensor(f"s{n}", "", 1), url=f"dialin://DTU-{n:04d}?timeout=10")
            for n in range(200)
        ]
        known = Allowed((f"DTU-{n:04d}" for n in range(200)), heartbeats=["Q"])
        lines = Lines(known, Manners(settle_s=0.05))
        server = await lines.listen("127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        dtus = [Dtu(n, port, random.Random(n), 0.05) for n in range(200)]
        tasks = [asyncio.create_task(dtu.live()) for dtu in dtus]
        loop = asyncio.get_running_loop()
        until, cycles = loop.time() + SOAK_S, 0
        await asyncio.sleep(0.5)
        while loop.time() < until:
            link = partial(HeldLink, lines=lines)
            result = await poll_held(rows, store, policy=POLICY, link=link, recheck_s=0.01)
            found["answered"] += result.run.answered
            found["failed"] += result.run.failed
            cycles += 1
            await asyncio.sleep(0.2)
        await hung_up(lines, *tasks)
        return cycles, sum(dtu.calls for dtu in dtus)

    cycles, calls = asyncio.run(soak())
    wrong = one_row(
        store.connection.execute(
            "SELECT count(*) FROM reading WHERE quality = 0 AND "
            "abs(value - (200 + cast(substr(sensor_uid, 2) AS REAL) / 10)) > 0.01"
        )
    )[0]
    print(f"{SOAK_S:g} s, {cycles} cycles, {calls} calls: {dict(found)}, {wrong} wrong")
    assert wrong == 0
    assert cycles >= 3
    assert calls > 200  # lines were cut and came back
    assert found["answered"] > found["failed"]


def test_newest_connection_wins_and_strangers_are_refused() -> None:
    events: list[tuple[str, str]] = []

    async def go() -> None:
        lines = Lines(
            Allowed(["A"]), Manners(b"OK", b"PONG", 0.3, 5, 0.05), lambda *e: events.append(e)
        )
        server = await lines.listen("127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        first, other = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        first[1].write(b"A")
        assert await first[0].readexactly(2) == b"OK"
        first[1].write(b"ping")
        assert await first[0].readexactly(4) == b"PONG"
        other[1].write(b"A")
        assert await other[0].readexactly(2) == b"OK"
        assert await first[0].read(1) == b""  # the older line was ended
        stranger = await asyncio.open_connection("127.0.0.1", port)
        stranger[1].write(b"WHO-AM-I")
        assert await stranger[0].read(1) == b""
        for _, writer in (first, other, stranger):
            writer.close()
        await lines.close()

    asyncio.run(go())
    assert ("arrived", "A") in events
    assert ("refused", "WHO-AM-I") in events


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("10.1.2.3", "10.1.2.3"), ("::ffff:10.1.2.3", "10.1.2.3"), ("fe80::1%eth0", "fe80::/64"),
        ("2001:db8:0:1::5", "2001:db8:0:1::/64"), ("2001:db8:0:1:9::", "2001:db8:0:1::/64"),
        ("2001:db8:0:2::5", "2001:db8:0:2::/64"), ("", ""),
    ],
)  # fmt: skip
def test_what_counts_as_one_address(address: str, origin: str) -> None:
    assert origin_of(address) == origin


def test_who_trickles_bytes_has_no_longer_to_register() -> None:
    async def go() -> float:
        lines = Lines(Allowed(["A"]), Manners(register_s=0.4, idle_s=60))
        server = await lines.listen("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        begun = asyncio.get_running_loop().time()

        async def trickle() -> None:
            while True:
                writer.write(b"x")
                await asyncio.sleep(0.05)

        trickling = asyncio.create_task(trickle())
        with suppress(OSError):
            assert await reader.read() == b""
        trickling.cancel()
        writer.close()
        await lines.close()
        return asyncio.get_running_loop().time() - begun

    assert asyncio.run(go()) < 5


def test_a_registered_gateway_may_be_silent_longer_than_registering_takes() -> None:
    async def go() -> None:
        lines = Lines(Allowed(["A"]), Manners(b"OK", register_s=0.2, idle_s=60))
        server = await lines.listen("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"A")
        assert await reader.readexactly(2) == b"OK"
        await asyncio.sleep(0.5)
        assert list(lines.held) == ["A"]
        assert lines.admission.waiting == 0
        writer.close()
        await lines.close()

    asyncio.run(go())


def test_the_end_hangs_up_on_all_also_on_who_has_not_registered_or_is_just_calling() -> None:
    async def go() -> list[bytes]:
        lines = Lines(Allowed(["A"]), Manners(b"OK", settle_s=0.01))
        server = await lines.listen("127.0.0.1", 0)
        address = server.sockets[0].getsockname()
        registered, silent = [await asyncio.open_connection(*address) for _ in range(2)]
        registered[1].write(b"A")
        assert await registered[0].readexactly(2) == b"OK"
        calling = socket.create_connection(address)  # accepted no sooner than the loop turns
        await lines.close()
        assert (dict(lines.held), lines.admission.waiting) == ({}, 0)
        late = await asyncio.open_connection(sock=calling)
        heard = [await _until_the_end(reader) for reader, _ in (registered, silent, late)]
        for _, writer in (registered, silent, late):
            writer.close()
        return heard

    assert asyncio.run(go()) == [b"", b"", b""]


async def _until_the_end(reader: asyncio.StreamReader) -> bytes:
    """What still comes before the other side hangs up, which must be soon."""
    async with asyncio.timeout(5):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


async def _flood(port: int, address: str, calls: int) -> None:
    """Open lines from an address and say nothing; those that are turned away call again."""

    async def call() -> None:
        while True:
            with suppress(OSError):
                reader, writer = await asyncio.open_connection(
                    "127.0.0.1", port, local_addr=(address, 0)
                )
                try:
                    await reader.read(1)
                finally:
                    writer.close()
            await asyncio.sleep(0.3)

    await asyncio.gather(*(call() for _ in range(calls)))


@pytest.mark.skipif(sys.platform != "linux", reason="only there all of 127/8 is this machine")
@pytest.mark.parametrize("addresses", [1, 5])
def test_a_flood_of_callers_does_not_touch_registered_gateways(
    store: Readings, addresses: int
) -> None:
    """Three hundred callers, some turned away again and again, beside twenty gateways."""
    told: list[tuple[str, str]] = []
    manners = Manners(settle_s=0.05, waiting=60, waiting_of_one=25)
    rows = [
        replace(sensor(f"s{n}", "", 1), url=f"dialin://DTU-{n:04d}?timeout=10") for n in range(21)
    ]

    async def go() -> tuple[int, int, Counter[int]]:
        known = Allowed((f"DTU-{n:04d}" for n in range(21)), heartbeats=["Q"])
        lines = Lines(known, manners, lambda *event: told.append(event))
        server = await lines.listen("127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        dtus = [Dtu(n, port, random.Random(n), 0.0) for n in range(21)]
        tasks = [asyncio.create_task(dtu.live()) for dtu in dtus[:20]]
        while len(lines.held) < 20:
            await asyncio.sleep(0.02)
        each = 300 // addresses
        tasks += [
            asyncio.create_task(_flood(port, f"127.0.1.{n + 1}", each)) for n in range(addresses)
        ]
        full = 25 if addresses == 1 else 60
        while lines.admission.turned_away < 300 or lines.admission.waiting < full:
            await asyncio.sleep(0.02)
        waiting, answers = 0, Counter[int]()
        for _ in range(3):
            link = partial(HeldLink, lines=lines)
            result = await poll_held(rows[:20], store, policy=POLICY, link=link, recheck_s=0.01)
            answers[result.run.answered] += 1
            waiting = max(waiting, lines.admission.waiting)
        if addresses == 1:  # who comes from elsewhere still gets in
            tasks.append(asyncio.create_task(dtus[20].live()))
            async with asyncio.timeout(20):
                while "DTU-0020" not in lines.held:
                    await asyncio.sleep(0.02)
        calls = sum(dtu.calls for dtu in dtus[:20])
        await hung_up(lines, *tasks)
        return waiting, calls, answers

    waiting, calls, answers = asyncio.run(go())
    assert (calls, answers) == (20, Counter({20: 3}))  # no line was cut, none went unanswered
    assert waiting == (25 if addresses == 1 else 60)
    assert len([event for event, _ in told if event == "crowded"]) == 1
    (more,) = [who for event, who in told if event == "more_crowded"]
    assert int(more) >= 299


def test_a_log_is_not_filled_by_strangers() -> None:
    told: list[tuple[str, str]] = []
    clock = iter([float(n // 100) for n in range(200)] + [100.0, 200.0])
    sparing = Sparingly(lambda *event: told.append(event), lambda: next(clock))
    for number in range(201):
        sparing.say("refused", str(number))
    assert [who for event, who in told if event == "refused"] == [*map(str, range(10)), "200"]
    assert ("more_refused", "190") in told
    sparing.say("refused", "later")
    assert told[-1] == ("refused", "later")


def test_unasked_answer_is_taken_only_where_the_operator_says_whose_it_is() -> None:
    told = sensor("s", "dialin://A", 1)
    one = replace(told, url="dialin://A?timeout=1&unasked=p1")
    frame = rtu(1, 3, 4, *struct.pack(">f", 3.0))
    # nobody said that this gateway polls by itself: it may be the answer to another master
    assert list(KnownQueries([told]).take("A", bytearray(frame))) == []
    queries = KnownQueries([one])
    ((row, measured, _),) = queries.take("A", bytearray(b"Q" + frame))
    assert row.uid == "s"
    assert measured.value == pytest.approx(300.0)
    assert list(queries.take("A", bytearray(rtu(2, 3, 4, 0, 1, 0, 2)))) == []
    # it is said of p1, which is not what this sensor reads
    other = replace(one, uid="t", quantity="temperature")
    assert list(KnownQueries([other]).take("A", bytearray(frame))) == []
    # a question of ours went unanswered: this may be its late answer
    assert list(queries.take("A", bytearray(frame), lambda unit: unit == 1)) == []


def test_an_answer_that_nobody_asked_for_is_named(store: Readings) -> None:
    told: list[tuple[str, str]] = []

    async def go() -> None:
        lines = Lines(Allowed(["A"]), Manners(settle_s=0.05), lambda *event: told.append(event))
        row = sensor("s", "dialin://A", 1)
        Listener(lines, [row], store, POLICY, lambda _: None, lambda _: None)
        server = await lines.listen("127.0.0.1", 0)
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"A")
        async with asyncio.timeout(5):
            while "A" not in lines.held:
                await asyncio.sleep(0.02)
            writer.write(b"heartbeat")
            await asyncio.sleep(0.1)
            assert ("unasked", "A") not in told
            writer.write(rtu(1, 3, 4, *struct.pack(">f", 3.0)))
            while ("unasked", "A") not in told:
                await asyncio.sleep(0.02)
        writer.close()
        await lines.close()

    asyncio.run(go())
    assert store.connection.execute("SELECT count(*) FROM reading").fetchone() == (0,)


def test_two_gateways_that_fight_for_an_id_are_named_and_not_read(store: Readings) -> None:
    told: list[tuple[str, str]] = []
    row = replace(sensor("s", "", 1), url="dialin://DTU-0001?timeout=1")

    async def go() -> list[str]:
        lines = Lines(Allowed(["DTU-0001"], heartbeats=["Q"]), Manners(settle_s=0.02),
                      lambda *event: told.append(event))  # fmt: skip
        server = await lines.listen("127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        first = asyncio.create_task(Dtu(1, port, random.Random(1), 0.0).live())
        link = partial(HeldLink, lines=lines)
        async with asyncio.timeout(10):
            while not lines.held:
                await asyncio.sleep(0.02)
            alone = await poll_held([row], store, policy=POLICY, link=link)
            # redialling by itself is no fight
            second = asyncio.create_task(Dtu(1, port, random.Random(2), 0.0).live())
            while ("contested", "DTU-0001") not in told or not lines.held:
                await asyncio.sleep(0.02)
        fought = await poll_held([row], store, policy=POLICY, link=link)
        await hung_up(lines, first, second)
        return [str(f.reason) for found in (alone, fought) for f in found.failures]

    assert asyncio.run(go()) == ["contested"]
    assert [event for event, _ in told].count("contested") == 1
    assert [event for event, _ in told].count("displaced") >= 3


def test_spellings_are_distinct() -> None:
    assert len(spellings("ABCD")) == len(set(spellings("ABCD")))


def test_who_never_calls_is_told_after_a_few_intervals(store: Readings) -> None:
    row = replace(sensor("s", "", 1), url="dialin://GONE?timeout=1", interval_s=1)
    told: list[PollResult] = []

    async def go() -> None:
        listener = Listener(Lines(Allowed(["GONE"])), [row], store, POLICY, told.append, print)
        with suppress(TimeoutError):
            async with asyncio.timeout(7.5):
                await listener.serve("127.0.0.1", 0, lambda _: None)

    asyncio.run(go())
    assert {str(failure.reason) for found in told for failure in found.failures} == {
        "not_dialled_in"
    }
    alarms = [(change.kind, change.opened) for found in told for change in found.transitions]
    assert alarms == [("gateway_offline", True)]


def test_listen_as_a_process(program: Program) -> None:
    program.data("asset", "add", "A1", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.2,
                 "--crs", "wgs84")  # fmt: skip
    program.data("sensor", "add", "A1", "--profile", "keller-33x", "--url",
                 "dialin://DTU-0100?timeout=1", "--unit", 1)  # fmt: skip
    with subprocess.Popen(
        [sys.executable, "-m", "hydrant", "listen", "--port", "0", "--host", "127.0.0.1", "--for",
         "7", "--heartbeat", "Q", "--db", str(program.db), "--lang", "en"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        begun = process.stderr.readline()
        port = int(begun.partition("127.0.0.1:")[2].split()[0])
        if not isinstance(program.db, Server):
            assert program("listen", "--port", 0).code == 7  # one at a time

        async def dial() -> None:
            with suppress(TimeoutError):
                async with asyncio.timeout(5):
                    await Dtu(100, port, random.Random(1), 0.0).live()

        asyncio.run(dial())
        out, err = process.communicate()
    assert process.returncode == 0, err
    assert "DTU-0100: dialled in." in err
    assert "1 answered, 0 failed" in out
    (listed,) = program.data("sensor", "list")["sensors"]
    assert listed["latest"]["value"] == pytest.approx(210.0)
    assert program.data("poll", "--all")["sensors"] == 0
