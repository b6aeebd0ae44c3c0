"""What must hold of a registry on a server beside a file: copies, troubles, equal answers."""

from __future__ import annotations

import datetime as dt
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant import times
from hydrant.errors import StoreError
from hydrant.ids import new_uid
from hydrant.model.tables import Asset, Inspection
from hydrant.store.care import copying
from hydrant.store.care.check import check
from hydrant.store.ground.backend import one_row
from hydrant.store.ground.location import readings_path
from hydrant.store.ground.place import Place, Server
from hydrant.store.opened.registry import Registry, open_registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.proofs import audit
from hydrant.store.readings import retention
from hydrant.store.readings.readings import Reading
from hydrant.store.readings.readings_file import open_readings
from hydrant.store.readings.retention import forget_runs, retain
from hydrant.store.server.sql import translate
from hydrant.store.server_tables.backend import IN_BOX
from hydrant.store.views.near import candidates
from hydrant.telemetry.run_lock import only_one
from tests.conftest import Program, missing
from tests.parts import advice
from tests.raw import server_of
from tests.server import Cluster

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def fill(place: Place) -> None:
    """A registry with some of everything that differs between stores."""
    with (
        open_registry(place, write=True) as registry,
        transaction(registry, actor="a", origin="test") as writer,
    ):
        for index in range(12):
            asset = Asset(
                    code=f"A{index}", kind="hydrant.pillar", geom=(120.1 + index / 100, 30.2),
                    access_lane=None if index == 0 else bool(index % 2), mains_dn_mm=150.5,
                    owner="水务公司 'o' %s ?", note=None if index % 3 else "",
                )  # fmt: skip
            writer.add(asset)
            writer.add(Inspection(asset_uid=asset.uid, outcome="works", static_kpa=150.0,
                                      at=None if index == 3 else NOON))  # fmt: skip
        writer.flush()
    with open_readings(readings_path(place)) as store:
        store.save([
            Reading(f"s{n % 3}", "a", NOON + dt.timedelta(hours=7 * n), None if n == 4 else n / 3,
                    2155085824 if n == 4 else 0, None, "0a")
            for n in range(30)
        ])  # fmt: skip


def counted(registry: Registry, table: str) -> int:
    return int(one_row(registry.connection.execute(f"SELECT count(*) FROM {table}"))[0])


def test_there_and_back_is_the_same(database: Server, tmp_path: Path, postgres: Cluster) -> None:
    home, back = tmp_path / "home.gpkg", tmp_path / "back.gpkg"
    from hydrant.store.file.migrate import create  # noqa: PLC0415
    from tests.conftest import SETTINGS  # noqa: PLC0415

    create(home, settings=SETTINGS)
    fill(home)
    name = f"test_{new_uid()[-12:]}"
    there = Server(postgres.database(name))
    out = copying.copy_registry(home, there, advance=lambda _: None)
    with open_registry(there) as registry:
        assert audit.verify(registry) == []
        assert check(registry) == []
    home_again = copying.copy_registry(there, back, advance=lambda _: None)
    assert out == home_again
    assert (out.rows["asset"], out.rows["reading"]) == (12, 30)
    with open_registry(back, write=True) as registry:
        assert check(registry) == []
        assert counted(registry, "outside_edit") == 0
    with pytest.raises(StoreError) as caught:
        copying.copy_registry(home, there, advance=lambda _: None)
    assert caught.value.key == "server.exists"
    postgres.drop(name)


@pytest.mark.parametrize("to_server", [True, False])
def test_a_broken_copy_is_no_registry_and_goes_on(
    database: Server, tmp_path: Path, postgres: Cluster, monkeypatch: pytest.MonkeyPatch, *,
    to_server: bool,
) -> None:  # fmt: skip
    fill(database)
    name = f"test_{new_uid()[-12:]}"
    target: Place = Server(postgres.database(name)) if to_server else tmp_path / "t.gpkg"

    def broken(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(copying, "_PAGE", 5)
    with monkeypatch.context() as patch:
        patch.setattr(copying, "_copy_readings", broken)
        with pytest.raises(KeyboardInterrupt):
            copying.copy_registry(database, target, advance=lambda _: None)
    with pytest.raises(StoreError) as caught, open_registry(target):
        pass
    assert caught.value.key == ("server.unfinished" if to_server else "store.missing")
    seen: list[int] = []
    copied = copying.copy_registry(database, target, advance=seen.append)
    assert copied.rows["asset"] == 12
    assert sum(seen) == 30  # of all rows only the readings were left
    postgres.drop(name)


def test_readings_twice_add_nothing(registry_path: Place) -> None:
    rows = [
        Reading(f"s{n % 20}", "a", NOON + dt.timedelta(minutes=n), 1.5, 0, None, None)
        for n in range(3000)
    ]
    with open_readings(readings_path(registry_path)) as store:
        assert store.save(rows) == 3000
        assert store.save(rows) == 0
        assert store.latest()["s19"].good_at == "2026-03-03T13:59:00.000Z"


def test_near_finds_across_the_box(registry_path: Place) -> None:
    fill(registry_path)
    with open_registry(registry_path) as registry:
        assert len(list(candidates(registry, 120.1, 30.2, 1500))) == 2


def test_looking_writes_nothing(registry_path: Place) -> None:
    with pytest.raises(StoreError) as caught, open_registry(registry_path) as registry:
        registry.connection.execute("DELETE FROM asset")
    assert caught.value.key == "store.readonly"


def test_other_programs_edits_are_written_down(registry: Registry) -> None:
    registry.connection.execute("INSERT INTO asset (code) VALUES ('Q')")
    registry.connection.execute("UPDATE asset SET owner = 'x' WHERE code = 'Q'")
    with transaction(registry, actor="a", origin="t") as writer:
        writer.add(Asset(kind="hydrant", geom=(120.0, 30.0)))
    rows = registry.connection.execute("SELECT DISTINCT entity, action FROM outside_edit")
    assert set(rows.fetchall()) == {("asset", "insert"), ("asset", "update")}


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda url: url.replace("127.0.0.1", "127.0.0.9"), "server.unreachable"),
        (lambda url: url + "_none", "server.no_database"),
        (lambda url: url.rpartition("/")[0] + "/template1", "server.no_registry"),
        (lambda url: url.replace("postgres@", "nobody:geheim@"), "server.login"),
        (lambda url: url.replace("postgres@", "u:geheim@").replace(":54", ":x"), None),
    ],
)
def test_troubles_are_one_line_without_the_password(
    database: Server, bare_program: Program, change: object, key: str | None
) -> None:
    assert callable(change)
    bare_program.db = change(database.url)
    for lang in ("zh", "en"):
        ran = bare_program("asset", "list", lang=lang)
        assert ran.code == 4, ran
        assert len(ran.err.strip().splitlines()) == 1
        assert "geheim" not in ran.err
    told = bare_program("asset", "list", "--json")
    assert "geheim" not in told.out
    if key is not None:
        assert told.json["messages"][0]["key"] == key


def test_second_writer_waits_and_is_told(database: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hydrant.store.server.connection.LOCK_TIMEOUT_MS", 50)
    with (
        open_registry(database, write=True) as one,
        open_registry(database, write=True) as other,
        transaction(one, actor="a", origin="t"),
        pytest.raises(StoreError) as caught,
        transaction(other, actor="b", origin="t"),
    ):
        pass
    assert caught.value.key == "store.locked"


WITHOUT = """
import sys
sys.modules["psycopg"] = sys.modules["procrastinate"] = None
from hydrant.cli.main import run
sys.exit(run(sys.argv[1:]))
"""


@pytest.mark.parametrize("words", [
    ("asset", "list"), ("poll",), ("init",), ("db", "migrate"), ("db", "backup", "b.gpkg"),
    ("db", "roles"), ("db", "retain", "--days", "9"), ("worker", "run", "--once"),
    ("worker", "status"), ("worker", "prepare"), ("listen", "--port", "0"),
])  # fmt: skip
def test_without_the_driver_one_line_says_what_to_install(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT, *words, "--db", "postgresql://x/y", "--lang", "en"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert ran.returncode == 4, ran.stderr
    assert ran.stderr.count("\n") == 1
    assert "pip install hydrant[server]" in ran.stderr


def test_a_file_needs_no_driver(tmp_path: Path) -> None:
    for words in (("init",), ("asset", "list"), ("db", "check"), ("db", "migrate"), ("poll",)):
        ran = subprocess.run(
            [sys.executable, "-c", WITHOUT, *words, "--db", str(tmp_path / "r.gpkg")],
            capture_output=True, text=True, check=False, cwd=tmp_path,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr


def hours(place: Place) -> dict[tuple[str, str], tuple[object, ...]]:
    with open_readings(readings_path(place)) as store:
        rows = store.connection.execute(
            "SELECT sensor_uid, day, attempts, good, lowest, highest, total, last_good "
            "FROM reading_day"
        )
        return {row[:2]: row[2:] for row in rows.fetchall()}


def test_old_readings_are_summed_up_once(registry_path: Place) -> None:
    day = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    rows = [
        Reading("s", "a", day + dt.timedelta(hours=n), None if n == 5 else float(n),
                2155085824 if n == 5 else 0, None, None)
        for n in range(30)
    ]  # fmt: skip
    with open_readings(readings_path(registry_path)) as store:
        store.save(rows)
        assert retain(store, since=dt.date(2026, 3, 2)) == 24
        assert retain(store, since=dt.date(2026, 3, 2)) == 0
        late = Reading("s", "a", day + dt.timedelta(hours=1, minutes=1), 99.0, 0, None, None)
        store.save([late])
        assert retain(store, since=dt.date(2026, 3, 2)) == 1
        (left,) = one_row(store.connection.execute("SELECT count(*) FROM reading"))
    assert left == 6
    assert hours(registry_path) == {
        ("s", "2026-03-01"): (25, 24, 0.0, 99.0, 271.0 + 99.0, "2026-03-01T23:00:00.000Z")
    }


def test_polls_of_which_no_reading_is_left_are_forgotten(
    registry_path: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "LATE", 1)
    day = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
    with open_readings(readings_path(registry_path)) as store:

        def poll(at: dt.datetime, read_at: dt.datetime | None, *, ends: bool = True) -> str:
            uid = store.begin_run(1)
            store.connection.execute(
                "UPDATE poll_run SET started_at = ?, ended_at = ? WHERE uid = ?",
                (times.to_text(at), times.to_text(at) if ends else None, uid),
            )
            if read_at is not None:
                store.save([Reading("s", "a", read_at, 1.0, 0, None, None)], run_uid=uid)
            return uid

        def runs() -> list[str]:
            rows = store.connection.execute("SELECT uid FROM poll_run ORDER BY uid").fetchall()
            return [uid for (uid,) in rows]

        hour = dt.timedelta(hours=1)
        assert forget_runs(store, since=day.date()) == 0
        _old, _broken_off, _silent = (
            poll(day, day), poll(day + hour, day + hour, ends=False), poll(day, None))  # fmt: skip
        over_midnight = poll(day + 11 * hour, day + 13 * hour)
        clock_ahead = poll(day, day + dt.timedelta(days=900))
        newest = poll(day, None)
        since = dt.date(2026, 3, 2)
        assert retain(store, since=since) == 2
        assert forget_runs(store, since=since) == 3
        assert runs() == [over_midnight, clock_ahead, newest]
        assert forget_runs(store, since=since) == 0
        named = store.connection.execute("SELECT run_uid FROM reading").fetchall()
        assert {uid for (uid,) in named} <= set(runs())


def test_partman_makes_days_ahead(database: Server) -> None:
    with open_readings(database) as store:
        server = server_of(store).server
        if server("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_partman'").rowcount == 0:
            missing(advice("postgresql-15-partman"))
        server("CREATE SCHEMA partman")
        server("CREATE EXTENSION pg_partman SCHEMA partman")
        now = dt.datetime.now(dt.UTC)
        store.save([
            Reading("s", "a", now - dt.timedelta(days=n), 1.0, 0, None, None) for n in range(9)
        ])  # fmt: skip
        assert retain(store, since=(now - dt.timedelta(days=3)).date()) == 5
        days = {name for (name,) in server("SELECT relname FROM pg_class WHERE relispartition")}
        assert f"reading_p{now + dt.timedelta(days=3):%Y_%m_%d}" in days
        assert store.save([Reading("s", "a", now - dt.timedelta(days=5), 1.0, 0, None, None)]) == 1
        assert retain(store, since=(now - dt.timedelta(days=3)).date()) == 1


def test_near_asks_the_index_of_a_server(database: Server) -> None:
    with open_registry(database, write=True) as registry:
        server = server_of(registry).server
        server(
            "INSERT INTO asset (code, geom) SELECT n::text, ST_SetSRID(ST_MakePoint("
            "118 + n % 100 / 25.0, 27 + n / 100 / 25.0), 4490) FROM generate_series(1, 5000) n"
        )
        server("ANALYZE asset")
        plan = server(f"EXPLAIN {IN_BOX}", (118.4, 27.4, 118.5, 27.5))
        assert "ix_asset_geom" in str(plan.fetchall())


@given(st.text(alphabet="ab ,()?:%'\"ORDERBYLIMIT", max_size=30))
def test_fixed_text_passes_through_as_it_is(text: str) -> None:
    quoted = "'" + text.replace("'", "''") + "'"
    assert translate(f"SELECT {quoted}").text == f"SELECT {quoted.replace('%', '%%')}"


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT a FROM t ORDER BY a", "ORDER BY a NULLS FIRST"),
        ("SELECT a FROM t ORDER BY a DESC, fid LIMIT ?", "a DESC NULLS LAST, fid LIMIT %s"),
        ("SELECT (SELECT b FROM u ORDER BY f(b, 1) DESC LIMIT 1), x FROM t",
         "f(b, 1) DESC NULLS LAST LIMIT 1), x"),
        ("SELECT a FROM t WHERE b IS ?", "b IS NOT DISTINCT FROM %s"),
        ("SELECT ?2, ?1 FROM temp.x", "SELECT %(p2)s, %(p1)s FROM pg_temp.x"),
        ("INSERT OR IGNORE INTO t (a) VALUES (?)", "VALUES (%s) ON CONFLICT DO NOTHING"),
        ("SELECT '2026'::date, :end", "'2026'::date, %(end)s"),
        ("SELECT a IS NULL, 5 % 2 FROM t", "a IS NULL, 5 %% 2"),
    ],
)  # fmt: skip
def test_statements_in_postgresqls_words(sql: str, words: str) -> None:
    assert words in translate(sql).text


def test_latest_values_are_the_same_however_many_come_at_once(
    database: Server, tmp_path: Path
) -> None:
    chance = random.Random(5)
    rows = []
    for _ in range(400):
        quality = chance.choice([0, 0, 2155085824])
        rows.append(
            Reading(f"s{chance.randrange(7)}", "a", NOON + dt.timedelta(chance.random()),
                    None if quality else float(chance.randrange(3)), quality, None,
                    chance.choice(["aa", "bb", None]), "pressure", quality > 0)
        )  # fmt: skip
    found = []
    for place, portion in ((database, 400), (database, 1), (tmp_path / "r.db", 400)):
        with open_readings(place) as store:
            for table in ("reading", "latest"):
                store.connection.execute(f"DELETE FROM {table}")
            for start in range(0, len(rows), portion):
                store.save(rows[start : start + portion])
            found.append(store.latest())
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 7


def test_two_machines_do_not_poll_at_once(database: Server, bare_program: Program) -> None:
    bare_program.db = database.url
    with only_one(database):
        assert bare_program("poll").code == 7
        with only_one(database, "listen"):
            pass
    assert bare_program("poll").code == 0


def test_a_password_is_neither_kept_nor_shown(bare_program: Program, tmp_path: Path) -> None:
    url = "postgresql://u:geheim@h/d"
    ran = bare_program("config", "set", "db", url, db=False)
    assert ran.code == 3
    assert "geheim" not in ran.out + ran.err
    config = tmp_path / "config" / "hydrant" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'db = "{url}"', "utf-8")
    for flags in ((), ("--json",)):
        shown = bare_program("config", "show", *flags, db=False)
        assert "u@h/d" in shown.out
        assert "geheim" not in shown.out
