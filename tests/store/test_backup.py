"""Backups: proven when made, tried later, restored without losing what was there."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hydrant.errors import StoreError
from hydrant.store.care import backup, rotation
from hydrant.store.ground import proof, sums
from hydrant.store.ground.connection import connect
from hydrant.store.ground.place import Server
from hydrant.store.opened.registry import open_registry
from hydrant.store.readings.readings_file import open_readings
from tests.conftest import Program
from tests.raw import sqlite_of
from tests.store.outside import other_program
from tests.telemetry.lines import listening


def add(program: Program, code: str) -> None:
    program.data("asset", "add", code, "--kind", "hydrant", "--lon", 120.1, "--lat", 30.2,
                 "--crs", "cgcs2000")  # fmt: skip


def content(path: Path) -> proof.Content:
    with closing(connect(path, write=False)) as connection:
        return proof.content_of(connection)


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def polled(program: Program) -> None:
    """Give a registry a sensor that nobody answers for, and a poll."""
    with listening(lambda _: None) as line:
        program.data("sensor", "add", "A", "--profile", "keller-33x", "--unit", 1, "--url",
                     f"tcp://127.0.0.1:{line.port}?timeout=0.2")  # fmt: skip
        assert program("poll", "--all").code == 5


def test_a_backup_holds_registry_and_readings_and_their_sums(
    program: Program, tmp_path: Path
) -> None:
    add(program, "A")
    polled(program)
    made = program.data("db", "backup", tmp_path / "b.gpkg")
    assert made["readings"] == str(tmp_path / "b.readings.db")
    assert content(tmp_path / "b.gpkg") == content(program.db)
    assert made["digest"] == content(program.db).digest
    for name in ("b.gpkg", "b.readings.db"):
        digest = hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()
        assert (tmp_path / f"{name}.sha256").read_text() == f"{digest}  {name}\n"
    found = program.data("db", "verify", tmp_path / "b.gpkg")
    assert (found["assets"], found["readings"], found["sum_kept"]) == (1, 1, True)
    assert not list(tmp_path.glob(".*part*"))


def test_a_copy_that_differs_is_no_backup(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(program, "A")
    real = backup._copied

    def spoiled(original: sqlite3.Connection, source: Path, aside: Path) -> proof.Content:
        real(original, source, aside)
        with closing(sqlite3.connect(aside)) as copy, copy:
            copy.create_function("ST_IsEmpty", 1, lambda _: 1)
            copy.execute("UPDATE asset SET note = 'x'")
            return proof.content_of(copy)

    monkeypatch.setattr(backup, "_copied", spoiled)
    ran = program("db", "backup", tmp_path / "b.gpkg")
    assert ran.code == 4
    assert "differs" in ran.err
    assert not list(tmp_path.glob("b.*"))


def test_somebody_who_writes_meanwhile_is_waited_for_or_waits(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(program, "A")
    real, times = backup._copied, []

    def busy(original: sqlite3.Connection, source: Path, aside: Path) -> proof.Content:
        found = real(original, source, aside)
        times.append(1)
        if len(times) < 3:
            with closing(connect(source, write=True)) as other:
                other.execute("UPDATE asset SET note = ?", (str(len(times)),))
        return found

    monkeypatch.setattr(backup, "_copied", busy)
    program.data("db", "backup", tmp_path / "b.gpkg")
    assert len(times) == 3
    assert content(tmp_path / "b.gpkg") == content(program.db)


def test_a_damaged_registry_is_not_backed_up(program: Program, tmp_path: Path) -> None:
    for n in range(40):
        add(program, f"A{n}")
    with closing(sqlite3.connect(program.db)) as raw:
        root = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_asset_code'")
        page = root.fetchone()[0]
    flip(program.db, (page - 1) * 4096 + 4090)
    ran = program("db", "backup", tmp_path / "b.gpkg")
    assert ran.code == 4
    assert "no backup was made" in ran.err or "damaged" in ran.err
    assert not (tmp_path / "b.gpkg").exists()


def test_a_bit_that_turns_over_in_a_backup_is_told(program: Program, tmp_path: Path) -> None:
    add(program, "A-UNMISTAKABLE")
    file = tmp_path / "b.gpkg"
    program.data("db", "backup", file)
    whole = file.read_bytes()
    flip(file, whole.rindex(b"UNMISTAKABLE"))
    ran = program("db", "verify", file)
    assert ran.code == 1
    assert "SHA-256" in ran.out
    refused = program("db", "restore", file)
    assert (refused.code, "--anyway" in refused.err) == (4, True)
    file.write_bytes(whole)
    (tmp_path / "b.gpkg.sha256").unlink()
    unsummed = program("db", "verify", file)
    assert (unsummed.code, "no SHA-256" in unsummed.out) == (0, True)


def test_a_backup_that_was_forged_is_told_though_its_sum_fits(
    program: Program, tmp_path: Path
) -> None:
    add(program, "A")
    file = tmp_path / "b.gpkg"
    program.data("db", "backup", file)
    with other_program(file) as raw:
        (watch,) = raw.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'watch_asset_update'"
        ).fetchone()
        raw.execute("DROP TRIGGER watch_asset_update")
        raw.execute("UPDATE asset SET owner = 'nobody'")
        raw.execute(watch)
    sums.write(file, sums.sha256(file))
    told = program("db", "verify", file, "--json")
    assert told.code == 1
    assert [fault["key"] for fault in told.data["faults"]] == ["check.row_changed"]
    assert "changed outside the program" in program("db", "verify", file).out
    unlooked = program("db", "verify", file, "--no-seals")
    assert (unlooked.code, "not held against" in unlooked.out) == (0, True)
    # it may be all there is: restored, and said
    restored = program("db", "restore", file, "--json")
    assert restored.code == 0
    assert [m["key"] for m in restored.json["messages"]] == ["cli_db_backup.unsealed_now"]
    assert program("audit", "verify").code == 1


def test_restoring_keeps_what_was_there(program: Program, tmp_path: Path) -> None:
    add(program, "A")
    polled(program)
    program.data("db", "backup", tmp_path / "b.gpkg")
    then = content(program.db)
    add(program, "B")
    later = content(program.db)
    done = program.data("db", "restore", tmp_path / "b.gpkg")
    assert content(program.db) == then
    kept = Path(done["kept"])
    assert content(kept) == later
    assert kept.with_suffix(".readings.db").exists()
    assert program("poll", "--all").code == 5
    with open_readings(program.db.with_suffix(".readings.db")) as readings:
        assert readings.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    back = program.data("db", "restore", kept)
    assert content(program.db) == later
    assert back["kept"] != done["kept"]


def test_restoring_over_a_damaged_registry_and_over_none(program: Program, tmp_path: Path) -> None:
    add(program, "A")
    program.data("db", "backup", tmp_path / "b.gpkg")
    then = content(program.db)
    program.db.write_bytes(b"not a database at all" * 400)
    done = program.data("db", "restore", tmp_path / "b.gpkg")
    assert content(program.db) == then
    assert Path(done["kept"]).read_bytes().startswith(b"not a database")
    program.db.unlink()
    assert program.data("db", "restore", tmp_path / "b.gpkg")["kept"] is None
    assert content(program.db) == then


def test_restoring_waits_for_nobody_who_writes(program: Program, tmp_path: Path) -> None:
    add(program, "A")
    program.data("db", "backup", tmp_path / "b.gpkg")
    with closing(connect(program.db, write=True)) as writing:
        writing.execute("BEGIN IMMEDIATE")
        writing.execute("UPDATE asset SET note = 'mine'")
        ran = program("db", "restore", tmp_path / "b.gpkg")
        writing.execute("COMMIT")
    assert (ran.code, "another program" in ran.err) == (4, True)
    assert not list(tmp_path.glob("*.before-*"))
    assert program("db", "restore", program.db).code == 4


def test_a_journal_left_behind_never_meets_the_restored_file(
    program: Program, tmp_path: Path
) -> None:
    add(program, "A")
    program.data("db", "backup", tmp_path / "b.gpkg")
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    with closing(connect(program.db, write=True)) as writing:
        writing.execute("PRAGMA cache_spill = 1")
        writing.execute("PRAGMA cache_size = 1")
        writing.execute("BEGIN IMMEDIATE")
        writing.executemany("INSERT INTO setting (key, value) VALUES (?, ?)",
                            [(f"k{n}", "v" * 500) for n in range(400)])  # fmt: skip
        for name in ("test.gpkg", "test.gpkg-journal"):
            shutil.copy(tmp_path / name, crashed / name)  # as a kill leaves them
        writing.execute("ROLLBACK")
    (crashed / "test.gpkg").chmod(0o600)
    then = content(program.db)
    ran = Program(crashed / "test.gpkg", program._capsys).data("db", "restore", tmp_path / "b.gpkg")
    assert content(crashed / "test.gpkg") == then
    assert content(Path(ran["kept"])) == then  # rolled back before it was put aside


def test_an_older_registry_can_be_backed_up_before_it_is_migrated(
    program: Program, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(program.db)) as raw, raw:
        raw.execute("DROP TABLE layer_styles")
        raw.execute("DELETE FROM gpkg_contents WHERE table_name = 'layer_styles'")
        raw.execute("DELETE FROM migration WHERE version >= 3")
    assert program("asset", "list").code == 4
    program.data("db", "backup", tmp_path / "b.gpkg")
    assert program.data("db", "verify", tmp_path / "b.gpkg")["schema"] == 2


ZONE = ZoneInfo("Asia/Shanghai")


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)


def test_rotation_keeps_the_newest_of_days_and_weeks_and_nothing_else_is_touched() -> None:
    moments = [at(f"2025-01-{day:02}T{hour:02}:00+08:00") for day in range(1, 31)
               for hour in (1, 23)]  # fmt: skip
    backups = {Path(rotation.name_for("c", moment)): moment for moment in moments}
    dropped = rotation.superseded(backups, days=3, weeks=2, local=ZONE)
    kept = {backups[path].astimezone(ZONE).isoformat()[:13] for path in backups.keys() - dropped}
    # the 30th is a Thursday: its week's newest is itself, the week before ends on the 26th
    assert kept == {"2025-01-30T23", "2025-01-29T23", "2025-01-28T23", "2025-01-26T23"}
    assert rotation.superseded({}, days=1, weeks=1, local=ZONE) == []
    only = dict(list(backups.items())[:1])
    assert rotation.superseded(only, days=0, weeks=0, local=ZONE) == []


def test_a_folder_of_backups_is_rotated_by_name(program: Program, tmp_path: Path) -> None:
    add(program, "A")
    folder = tmp_path / "bk"
    folder.mkdir()
    old = folder / "test-20200101T000000Z.gpkg"
    other = folder / "testament-20200101T000000Z.gpkg"
    for path in (old, old.with_suffix(".readings.db"), other, folder / "test-notes.gpkg"):
        path.write_bytes(b"x")
    made = program.data("db", "backup", folder, "--days", 1, "--weeks", 0)
    assert made["dropped"] == [str(old)]
    assert not old.with_suffix(".readings.db").exists()
    assert other.exists()
    assert (folder / "test-notes.gpkg").exists()
    assert program("db", "backup", tmp_path / "x.gpkg", "--days", 1).code == 2


def test_a_registry_on_a_server_is_backed_up_as_a_file(
    database: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = Program(database.url, capsys)
    add(program, "A")
    ran = program("db", "backup", tmp_path / "b.gpkg")
    assert ran.code == 0, ran
    assert "pg_dump" in ran.err
    assert program.data("db", "verify", tmp_path / "b.gpkg")["assets"] == 1
    assert program("db", "restore", tmp_path / "b.gpkg").code == 4


def test_what_a_killed_program_left_is_undone_for_readers_too(
    program: Program, tmp_path: Path
) -> None:
    add(program, "A")
    then = content(program.db)
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    with closing(connect(program.db, write=True)) as writing:
        writing.execute("PRAGMA cache_size = 1")
        writing.execute("BEGIN IMMEDIATE")
        writing.executemany("INSERT INTO setting (key, value) VALUES (?, ?)",
                            [(f"k{n}", "v" * 500) for n in range(400)])  # fmt: skip
        for name in ("test.gpkg", "test.gpkg-journal"):
            shutil.copy(tmp_path / name, crashed / name)
        writing.execute("ROLLBACK")
    with open_registry(crashed / "test.gpkg") as registry:
        assert proof.content_of(sqlite_of(registry)) == then


def test_a_readings_file_that_was_replaced_is_not_written_to(tmp_path: Path) -> None:
    path = tmp_path / "r.db"
    with open_readings(path) as readings:
        readings.begin_run(1)
        path.rename(tmp_path / "away.db")
        with pytest.raises(StoreError) as caught:
            readings.begin_run(1)
        assert caught.value.key == "store.moved"
        shutil.copy(tmp_path / "away.db", path)
        with pytest.raises(StoreError):
            readings.begin_run(1)


@pytest.mark.parametrize(
    "spoiled",
    [
        "UPDATE latest SET at = '2020-01-01T00:00:00.000Z'",
        "UPDATE latest SET value = 1.0",
        "UPDATE latest SET quality = 0",
        "DELETE FROM latest",
        "INSERT INTO alarm_state VALUES ((SELECT sensor_uid FROM reading), 'battery', 1, 0, NULL)",
        "DROP INDEX ix_reading_good",
    ],
)
def test_what_backup_calls_good_verify_and_restore_take(
    program: Program, tmp_path: Path, spoiled: str
) -> None:
    add(program, "A")
    polled(program)
    readings = program.db.with_suffix(".readings.db")
    with closing(sqlite3.connect(readings)) as opened:
        opened.execute(spoiled)
        opened.commit()
        facts = proof.digest_of(opened, ["reading", "alarm", "poll_run"])
    assert program("db", "check").code == 1
    program.data("db", "backup", tmp_path / "b.gpkg")
    assert program("db", "verify", tmp_path / "b.gpkg").code == 0
    assert program("db", "restore", tmp_path / "b.gpkg").code == 0
    with closing(sqlite3.connect(readings)) as opened:
        assert proof.digest_of(opened, ["reading", "alarm", "poll_run"]) == facts
    assert program.data("db", "check")["faults"] == []
