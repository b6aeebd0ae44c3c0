"""Every parser as the program uses it, and what may come of any input: a result or one line."""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pymodbus.framer.rtu import FramerRTU

from hydrant import config
from hydrant.errors import HydrantError, InputRefused
from hydrant.exchange.encoding import decode, read_bytes
from hydrant.exchange.importing import import_table
from hydrant.exchange.mapping import load_mapping
from hydrant.exchange.observation_file import read_observations
from hydrant.exchange.outcome import Options
from hydrant.exchange.own_mapping import own_mapping
from hydrant.exchange.readers import read_headed, read_table
from hydrant.exchange.reading_file import sent_readings
from hydrant.exchange.region_file import read_regions
from hydrant.exchange.requirement_file import read_requirements
from hydrant.exchange.suggesting import suggest
from hydrant.integrity import policy_reader
from hydrant.messages import error_text, text
from hydrant.resources import resource
from hydrant.safe_text import printable
from hydrant.store.facts.assets import find_asset
from hydrant.store.facts.sensors import list_sensors
from hydrant.store.file.migrate import create
from hydrant.store.opened.registry import Registry, open_registry
from hydrant.store.sides.bundle_file import base_path, cut_out
from hydrant.survey.merging import merge
from hydrant.telemetry import codec
from hydrant.telemetry.decode import ORDERS, TYPES, width
from hydrant.telemetry.decode import decode as number_of
from hydrant.telemetry.dialin import HeldWire, Lines
from hydrant.telemetry.endpoint import parse
from hydrant.telemetry.golden import check_golden
from hydrant.telemetry.plan import Request
from hydrant.telemetry.profile_reader import read_profile
from hydrant.telemetry.quality import ExchangeError
from hydrant.telemetry.registration import Allowed
from hydrant.vocabulary import Language
from tests.hostile import cell_files, field_files, seeds
from tests.hostile import mutation as m

ZONE = ZoneInfo("Asia/Shanghai")
SETTINGS = {"policy": "zhejiang", "zone": "Asia/Shanghai"}


class Rig:
    """A folder with a registry of one asset, its bundle, and a place for inputs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "rig.gpkg"
        self.bundle = folder / "crew.gpkg"
        create(self.path, settings=SETTINGS)
        with open_registry(self.path, write=True) as registry:
            csv = folder / "seed.csv"
            csv.write_bytes(seeds.csv_file())
            options = Options(crs="wgs84")
            table = read_table(csv)
            import_table(registry, csv, table, own_mapping(list(table.columns)), options, actor="t")
            uid = find_asset(registry, "H1").uid
            self.asset = uid
            cut_out(registry, self.bundle, [uid], crew="一班", along={})
        self._context = open_registry(self.path)
        self.registry = self._context.__enter__()

    def close(self) -> None:
        self._context.__exit__(None, None, None)


Check = Callable[[Rig, Path], None]


@dataclass(frozen=True, slots=True)
class Parser:
    """A parser: files to start from, how they are made wrong, and how it is called."""

    name: str
    ending: str
    made_from: tuple[Callable[[], bytes], ...]
    mutate: m.Mutate
    check: Check

    def input(self, number: int) -> bytes:
        """The input of a number: always the same."""
        chance = random.Random(f"{self.name} {number}")
        return self.mutate(chance.choice(self.made_from)(), chance)


def tell(error: HydrantError) -> None:
    """Word an error in both languages and look at the line as it is shown."""
    for lang in Language:
        line = printable(error_text(error, lang))
        assert "\n" not in line, line
        assert "\x1b" not in line, line
        line.encode("utf-8", "replace")


def _table(rig: Rig, path: Path) -> None:
    table, header_row = read_headed(path)
    own = load_mapping("osm") if "emergency" in table.columns else own_mapping(list(table.columns))
    options = Options(crs="wgs84", kind="hydrant", dry_run=True)
    outcome = import_table(rig.registry, path, table, own, options, actor="t")
    for problem in outcome.problems.values():
        text(problem.why.key, Language.EN, **problem.why.facts)
    suggest(table, header_row=header_row)


def _mapping(rig: Rig, path: Path) -> None:
    mapping = load_mapping(str(path))
    csv = rig.folder / "seed.csv"
    table = read_table(csv, encoding=mapping.encoding, header_row=mapping.header_row,
                       layer=mapping.layer)  # fmt: skip
    import_table(rig.registry, csv, table, mapping, Options(dry_run=True), actor="t")


def _policy(rig: Rig, path: Path) -> None:
    policy_reader._loaded.cache_clear()
    policy_reader.load_policy(str(path))


def _profile(rig: Rig, path: Path) -> None:
    check_golden(read_profile(path))


def _config(rig: Rig, path: Path) -> None:
    config.load(path)


def _observations(rig: Rig, path: Path) -> None:
    found = read_observations(rig.registry, read_table(path))
    for why in found.problems.values():
        text(why.key, Language.ZH, **why.facts)


def _regions(rig: Rig, path: Path) -> None:
    read_regions(path, encoding=None)


def _requirements(rig: Rig, path: Path) -> None:
    read_requirements(path, encoding=None)


def _sent(rig: Rig, path: Path) -> None:
    for found in sent_readings(decode(path, read_bytes(path), None), ZONE):
        if isinstance(found, tuple):
            text(found[1].key, Language.EN, **found[1].facts)


def _url(rig: Rig, path: Path) -> None:
    parse(path.read_bytes().decode("utf-8", "replace"))


REQUESTS = [Request(f, a, n, ()) for f in (1, 2, 3, 4) for a, n in ((0, 1), (0, 2), (100, 125))]


def _answer(rig: Rig, path: Path) -> None:
    """One answer by every framing, for every request it might answer."""
    data = path.read_bytes()
    for request in REQUESTS:
        for take in (
            lambda: codec.take_tcp(data),
            lambda r=request: codec.take_rtu(data, r, 1),
            lambda r=request: codec.find_ascii(bytearray(data), r, 1),
            lambda r=request: codec.find_rtu(bytearray(data), r, 1),
        ):
            codec.why_not_ascii(data, request, 1)
            codec.why_not_rtu(data, request, 1)
            try:
                frame = take()
                message = frame.message if isinstance(frame, codec.TcpFrame) else frame
                registers = codec.values(message, request) if message else ()
            except ExchangeError:
                continue
            for kind in TYPES:
                if 0 < width(kind) <= len(registers) and request.function > 2:
                    number_of(registers[: width(kind)], kind, ORDERS[len(data) % 4])


def _answers() -> bytes:
    chance = random.Random(len(REQUESTS))
    request = chance.choice(REQUESTS)
    body = bytes([1, request.function, 4, 0, 1, 0, 2])
    return body + FramerRTU.compute_CRC(body).to_bytes(2, "big")


def _tcp_answer() -> bytes:
    return b"\x00\x01\x00\x00\x00\x07\x01\x03\x04\x43\x9b\x00\x00"


def _ascii_answer() -> bytes:
    return b":010304000100 02F5\r\n".replace(b" ", b"")


class _Line(asyncio.Transport):
    """A connection that goes nowhere."""

    def __init__(self) -> None:
        super().__init__()
        self.ended = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return None

    def write(self, data: Any) -> None:
        assert len(data) < 1000

    def abort(self) -> None:
        self.ended = True


def _registration(rig: Rig, path: Path) -> None:
    """Bytes of a caller in pieces of any size; what is held of them stays bounded."""

    async def call() -> None:
        data = path.read_bytes()
        events: list[tuple[str, str]] = []
        allowed = Allowed(["08612345678", "AA:BB:CC:DD"], prefixes=["REG:"])
        lines = Lines(allowed, on_event=lambda what, who: events.append((what, who)))
        wire, line = HeldWire(lines), _Line()
        wire.connection_made(line)
        step = 1 + len(data) % 7
        for at in range(0, min(len(data), 20_000), step * (1 if len(data) < 3000 else 500)):
            if not line.ended:
                wire.data_received(data[at : at + step * (1 if len(data) < 3000 else 500)])
            assert len(wire.buffer) <= 8192
        for _, who in events:
            printable(who)
        wire.connection_lost(None)

    asyncio.run(call())


def _registrations() -> bytes:
    return b"REG:08612345678\x01\x03\x04\x00\x01\x00\x02\x00\x00heart"


def _four_faith() -> bytes:
    return b"\x01\x02\x03\x0408612345678\x00\x0a\x00\x00\x01\x00\xfe"


def _bundle(rig: Rig, path: Path) -> None:
    """Merge a crew's file into a fresh copy of the registry."""
    folder = rig.folder / "merge"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    registry = folder / "rig.gpkg"
    with closing(sqlite3.connect(rig.path)) as source, closing(sqlite3.connect(registry)) as copy:
        source.backup(copy)
    bundles = base_path(rig.path, "x").parent
    shutil.copytree(bundles, folder / "rig.bundles", dirs_exist_ok=True)
    bundle = folder / "crew.gpkg"
    shutil.copy(path, bundle)
    with open_registry(registry, write=True) as opened:
        found = merge(opened, bundle, actor="t")
        for _, why in found.refused:
            text(why.key, Language.EN, **why.facts)


def _database(rig: Rig, path: Path) -> None:
    """Open a file as the registry and read from it what most commands read."""
    target = rig.folder / "db.gpkg"
    shutil.copy(path, target)
    with open_registry(target) as registry:
        _ = registry.zone, registry.policy
        find_asset(registry, "H1")
        list_sensors(registry)


def sqlite_form(path: Callable[[], Path], hostile: tuple[str, ...]) -> m.Mutate:
    """A registry file made wrong: by SQL that only an attacker writes, or by its bytes."""

    def mutate(data: bytes, chance: random.Random) -> bytes:
        if chance.random() < 0.4:
            return m.tail_unpacked(data, chance)
        target = path()
        target.write_bytes(data)
        with closing(sqlite3.connect(target)) as connection:
            connection.isolation_level = None
            for name, count in (("ST_IsEmpty", 1), ("ST_MinX", 1), ("ST_MaxX", 1),
                                ("ST_MinY", 1), ("ST_MaxY", 1)):  # fmt: skip
                connection.create_function(name, count, lambda _blob: 0.0)
            connection.execute("PRAGMA foreign_keys = OFF")
            connection.execute("PRAGMA writable_schema = ON")
            for _ in range(chance.choice((1, 1, 2, 3))):
                statement = chance.choice(hostile)
                try:
                    connection.execute(statement, {"v": _any_value(chance)} if ":v" in statement
                                       else {})  # fmt: skip
                except (sqlite3.Error, OverflowError, UnicodeEncodeError):
                    continue
        return target.read_bytes()

    return mutate


def _any_value(chance: random.Random) -> Any:
    return chance.choice((None, 0, -1, 1 << 62, 1e308, float("inf"), b"\x00", b"GP\x00", "",
                          b"A" * 100_000, m.nasty(chance), m.nasty(chance), m.nasty(chance)))  # fmt: skip


_TABLES = ("asset", "asset_version", "lifecycle", "inspection", "defect", "sensor", "setting",
           "change", "requirement", "region", "migration")  # fmt: skip
_COLUMNS = {
    "asset": ("uid", "code", "kind", "service", "geom", "name", "note", "region_code",
              "recorded_at", "mains_dn_mm", "orig_x", "owner"),
    "inspection": ("uid", "at", "outcome", "photos", "checks", "static_kpa", "asset_uid"),
    "setting": ("key", "value"),
    "change": ("uid", "at", "actor", "hash", "before", "writer"),
    "migration": ("version", "name"),
    "region": ("code", "name_zh", "level"),
}  # fmt: skip
SQL: tuple[str, ...] = (
    *(f"UPDATE {t} SET {c} = :v" for t, names in _COLUMNS.items() for c in names),
    *(f"UPDATE setting SET value = :v WHERE key = '{k}'"
      for k in ("bundle", "crew", "packed_at", "zone", "policy", "writer")),
    *(f"DELETE FROM {t}" for t in _TABLES),
    *(f"DROP TABLE {t}" for t in _TABLES),
    *(f"ALTER TABLE {t} RENAME TO was_{t}" for t in _TABLES),
    "DELETE FROM setting WHERE key = 'crew'",
    "INSERT INTO asset (uid, recorded_at, kind, service, code) VALUES (:v, :v, 'hydrant', "
    "'municipal', :v)",
    "INSERT INTO inspection (uid, recorded_at, asset_uid, outcome, photos) VALUES "
    "(:v, '2024-01-01T00:00:00.000Z', (SELECT uid FROM asset), 'works', :v)",
    "CREATE TRIGGER evil AFTER INSERT ON change BEGIN DELETE FROM asset; END",
    "CREATE TRIGGER evil2 AFTER UPDATE ON setting BEGIN UPDATE asset SET code = 'x'; END",
    "ALTER TABLE asset DROP COLUMN note",
    "ALTER TABLE asset ADD COLUMN extra TEXT",
    "UPDATE sqlite_master SET sql = replace(sql, 'TEXT', 'BLOB')",
    "UPDATE sqlite_master SET sql = 'CREATE TABLE asset (uid TEXT)' WHERE name = 'asset'",
    "PRAGMA user_version = 99999",
    "PRAGMA application_id = 1",
    "PRAGMA encoding = 'UTF-16'",
)  # fmt: skip


@contextmanager
def rigged(folder: Path) -> Iterator[tuple[dict[str, Parser], Rig]]:
    """All parsers by name, with what they need prepared in a folder of their own."""
    rig = Rig(folder)
    try:
        yield {p.name: p for p in parsers(rig)}, rig
    finally:
        rig.close()


def _shipped(folder: str, *parts: str) -> tuple[Callable[[], bytes], ...]:
    paths = sorted(resource(folder, *parts).glob("*.toml"))
    return tuple(path.read_bytes for path in paths)


def parsers(rig: Rig) -> list[Parser]:
    """All parsers; the rig's files are what databases are made from."""
    registry, bundle = rig.path.read_bytes(), rig.bundle.read_bytes()

    def scratch() -> Path:
        return rig.folder / "scratch.db"

    by_name = {".xml": m.xml_form, ".rels": m.xml_form, ".kml": m.xml_form, ".csv": m.csv_form}

    def member(name: str) -> m.Mutate:
        return by_name.get(name[name.rfind(".") :], m.tail_unpacked)

    databases = sqlite_form(scratch, SQL)
    sources: list[tuple[str, str, tuple[Callable[[], bytes], ...], m.Mutate, Check]] = [
        ("csv", ".csv", (seeds.csv_file,), m.csv_form, _table),
        ("xlsx", ".xlsx", (seeds.xlsx_file,), m.packed(member), _table),
        ("geojson", ".geojson", (seeds.geojson_file,), m.json_form, _table),
        ("overpass", ".json", (seeds.overpass_file,), m.json_form, _table),
        ("kml", ".kml", (seeds.kml_file,), m.xml_form, _table),
        ("kmz", ".kmz", (seeds.kmz_file,), m.packed(member), _table),
        ("gpx", ".gpx", (seeds.gpx_file,), m.xml_form, _table),
        ("gml", ".gml", (seeds.gml_file,), m.xml_form, _table),
        ("osm", ".osm", (seeds.osm_file,), m.xml_form, _table),
        ("pbf", ".pbf", (seeds.pbf_file, lambda: seeds.pbf_file(plain=False)), m.by_bytes, _table),
        ("shapefile", ".zip", (seeds.shapefile_zip,), m.packed(member), _table),
        ("geopackage", ".gpkg", (seeds.gpkg_file,), sqlite_form(scratch, FOREIGN_SQL), _table),
        ("mapping", ".toml", (lambda: seeds.MAPPING,), m.toml_form, _mapping),
        ("policy", ".toml", _shipped("data", "policies"), m.toml_form, _policy),
        ("profile", ".toml", _shipped("drivers"), m.toml_form, _profile),
        ("config", ".toml", (lambda: seeds.CONFIG,), m.toml_form, _config),
        ("observations", ".csv", (lambda: seeds.OBSERVATIONS,), m.csv_form, _observations),
        ("regions", ".csv", (lambda: seeds.REGIONS,), m.csv_form, _regions),
        ("requirements", ".csv", (lambda: seeds.REQUIREMENTS,), m.csv_form, _requirements),
        ("ingest", ".jsonl", (lambda: seeds.SENT,), m.jsonl_form, _sent),
        ("ingest_csv", ".csv", (lambda: seeds.SENT_CSV,), m.csv_form, _sent),
        ("gateway_url", ".txt", tuple(partial(str.encode, url) for url in seeds.URLS),
         m.by_words, _url),
        ("modbus", ".bin", (_answers, _tcp_answer, _ascii_answer), m.by_bytes, _answer),
        ("registration", ".bin", (_registrations, _four_faith), m.by_bytes, _registration),
        ("bundle", ".gpkg", (lambda: bundle,), databases, _bundle),
        ("registry", ".gpkg", (lambda: registry,), databases, _database),
    ]  # fmt: skip
    sources += field_files.sources(rig.registry, rig.asset, member)
    sources += cell_files.sources(_table)
    return [Parser(*source) for source in sources]


FOREIGN_SQL: tuple[str, ...] = (
    *("UPDATE a SET code = :v", "UPDATE a SET geom = :v", "UPDATE a SET kind = :v", "DROP TABLE a"),
    *("UPDATE gpkg_geometry_columns SET table_name = :v",
      "UPDATE gpkg_geometry_columns SET column_name = :v",
      "UPDATE gpkg_geometry_columns SET srs_id = :v", "DROP TABLE gpkg_geometry_columns"),
    "DELETE FROM gpkg_geometry_columns",
    "ALTER TABLE a RENAME TO b",
    "ALTER TABLE a RENAME COLUMN code TO \"x'; DROP\"",
    "ALTER TABLE a ADD COLUMN g AS (zeroblob(2000000000))",
    "ALTER TABLE a ADD COLUMN g AS (hex(zeroblob(100000000)))",
    "ALTER TABLE a ADD COLUMN big TEXT DEFAULT 'x'",
    "PRAGMA encoding = 'UTF-16'",
    "UPDATE sqlite_master SET sql = 'CREATE TABLE a (geom)' WHERE name = 'a'",
    "UPDATE sqlite_master SET type = 'view', rootpage = 0, sql = 'CREATE VIEW a AS WITH RECURSIVE "
    "c(geom) AS (SELECT 1 UNION ALL SELECT geom + 1 FROM c) SELECT * FROM c' WHERE name = 'a'",
    "UPDATE sqlite_master SET type = 'view', rootpage = 0, sql = 'CREATE VIEW a AS SELECT "
    "max(n) AS geom FROM (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) "
    "SELECT n FROM c)' WHERE name = 'a'",
)  # fmt: skip


def refused(rig: Rig, parser: Parser, path: Path) -> bool:
    """Give an input to its parser; whether it was refused. Any other error goes through."""
    try:
        parser.check(rig, path)
    except HydrantError as error:
        tell(error)
        return True
    return False


__all__ = ["InputRefused", "Parser", "Registry", "Rig", "refused", "rigged"]
