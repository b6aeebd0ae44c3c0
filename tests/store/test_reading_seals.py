"""What sensors said is sealed: whoever changes it past the program is named, on both stores."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hydrant import signing
from hydrant.store.chain.ledger import READINGS
from hydrant.store.ground.location import readings_path
from hydrant.store.readings.readings_file import open_readings, view_readings
from hydrant.store.sql import readings_schema
from tests.conftest import Program
from tests.older import turn_readings_back

AT = ("--kind", "hydrant", "--crs", "cgcs2000", "--lon", "120.1", "--lat", "30.1")
LOW = (("10T08:00", 80.0), ("10T08:10", 81.0))
#: Hours before the alarm: those since then stay in full.
GOOD = tuple((f"03T{h:02}:{m:02}", 300.0) for h in range(8, 12) for m in range(60))


@pytest.fixture
def sensed(program: Program, tmp_path: Path) -> Program:
    """An asset whose sensor opened an alarm."""
    program.data("asset", "add", "A", *AT)
    program.data("survey", "record", "A", "--outcome", "works", "--at", "2026-01-05T09:00")
    program.data("sensor", "add", "A", "--profile", "pushed", "--url", "push://d", "--unit", 1,
                 "--from", "2026-01-01")  # fmt: skip
    send(program, tmp_path, *LOW)
    return program


def send(program: Program, folder: Path, *values: tuple[str, float], correct: bool = False) -> None:
    file = folder / "r.jsonl"
    rows = [{"device": "d", "at": f"2026-01-{at}:00+08:00", "value": v} for at, v in values]
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    program.data("ingest", file, *(("--correct", "--by", "Wang") if correct else ()))


def edit(program: Program, *statements: str) -> None:
    """What another program does: no transaction of ours is open."""
    with open_readings(readings_path(program.db)) as store:
        for statement in statements:
            store.connection.execute(statement)


def named(program: Program) -> list[tuple[str, str, str | None]]:
    """Kind, table and asset of what ``audit verify`` finds; it fails where that is anything."""
    ran = program("audit", "verify", "--json")
    found = [(one["kind"], one["table"], one["asset"]) for one in ran.data["findings"]]
    assert ran.code == (1 if found or ran.data["problems"] else 0)
    return found


EDITS = {
    "deleted": ("DELETE FROM alarm", ("removed", "alarm", "A")),
    "cleared": ("UPDATE alarm SET cleared_at = confirmed_at", ("changed", "alarm", "A")),
    "postdated": (
        "UPDATE alarm SET confirmed_at = '2027-01-10T00:00:00.000Z'",
        ("changed", "alarm", "A"),
    ),
    "withdrawn": (
        "UPDATE alarm SET withdrawn_at = '2026-01-11T00:00:00.000Z'",
        ("changed", "alarm", "A"),
    ),
    "another's": ("UPDATE alarm SET sensor_uid = 'x'", ("changed", "alarm", "A")),
    "rewritten": ("UPDATE reading SET value = 300 WHERE value = 80", ("changed", "reading", "A")),
    "good": ("UPDATE reading SET quality = 1 WHERE value = 81", ("changed", "reading", "A")),
    "lost": ("DELETE FROM reading WHERE value = 81", ("removed", "reading", "A")),
    "late": (
        "UPDATE reading SET arrived_at = '2026-06-01T00:00:00.000Z' WHERE value = 81",
        ("changed", "reading", "A"),
    ),
    "rested": (
        "INSERT INTO out_of_service (sensor_uid, since, by) "
        "SELECT sensor_uid, confirmed_at, 'x' FROM alarm",
        ("added", "out_of_service", "A"),
    ),
    "born": ("UPDATE birth SET born_at = '2020-01-01T00:00:00.000Z'", ("changed", "birth", None)),
}


@pytest.mark.parametrize("what", [what for what in EDITS if what != "born"])
def test_an_edit_past_the_program_is_named(sensed: Program, what: str) -> None:
    is_named_whole(sensed, what)


@pytest.mark.file_only
def test_an_edit_of_the_store_s_birth_is_named(sensed: Program) -> None:
    """The tests empty its table on a server."""
    is_named_whole(sensed, "born")


def is_named_whole(sensed: Program, what: str) -> None:
    statement, told = EDITS[what]
    assert named(sensed) == []
    edit(sensed, statement)
    assert named(sensed) == [told]
    faults = [(f["key"], f.get("table")) for f in sensed("db", "check", "--json").data["faults"]]
    assert (f"check.row_{told[0]}", told[1]) in faults
    for lang, word in (("en", "was"), ("zh", "行")):
        ran = sensed("audit", "verify", lang=lang)
        assert ran.code == 1
        assert told[1] in ran.out
        assert word in ran.out


def test_what_is_written_over_an_edit_does_not_hide_it(sensed: Program, tmp_path: Path) -> None:
    edit(sensed, "UPDATE alarm SET value = 200")
    sensed.data("alarm", "ack", "A", "--by", "Li")
    assert named(sensed) == [("noticed", "alarm", "A")]
    edit(sensed, "UPDATE reading SET value = 300 WHERE value = 80")
    send(sensed, tmp_path, ("10T08:00", 82.0), correct=True)
    assert ("noticed", "reading", "A") in named(sensed)


def test_what_was_edited_before_it_was_summed_up_is_named(sensed: Program, tmp_path: Path) -> None:
    send(sensed, tmp_path, *GOOD)
    edit(sensed, "UPDATE reading SET value = 400 WHERE at = '2026-01-03T00:05:00.000Z'")
    assert sensed.data("db", "retain", "--days", 1)["dropped"] == len(GOOD)
    assert named(sensed) == [("noticed", "reading", "A")]


def test_hours_that_were_summed_up_keep_the_chain(sensed: Program, tmp_path: Path) -> None:
    send(sensed, tmp_path, *GOOD)
    assert sensed.data("db", "retain", "--days", 1)["dropped"] == len(GOOD)
    assert named(sensed) == []
    send(sensed, tmp_path, ("15T08:00", 300.0))
    assert named(sensed) == []
    with view_readings(readings_path(sensed.db)) as store:
        assert store is not None
        (blocks,) = store.connection.execute(
            "SELECT count(*) FROM reading_block WHERE entity = 'reading'"
        ).fetchone() or (None,)
    assert blocks < 4  # of what is gone nothing is kept
    edit(sensed, "UPDATE reading_hour SET lowest = 500")
    assert {table for _, table, _ in named(sensed)} == {"reading_hour"}


def test_what_commands_write_is_sealed(sensed: Program, tmp_path: Path) -> None:
    for words in (
        ("alarm", "ack", "A"),
        ("alarm", "shelve", "A", "--hours", "1"),
        ("alarm", "expect", "A", "--hours", "1"),
        ("sensor", "suspend", "A", "--why", "valve"),
        ("sensor", "resume", "A"),
    ):
        sensed.data(*words)
    send(sensed, tmp_path, ("10T08:00", 83.0), correct=True)
    send(sensed, tmp_path, ("09T08:00", 79.0), ("12T08:00", 300.0), ("12T08:10", 300.0))
    sensed.data("sensor", "remove", "A")
    assert named(sensed) == []


def test_copies_keep_the_chain(
    sensed: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for verb in ("copy", "backup"):
        target = tmp_path / f"{verb}.gpkg"
        words = (sensed.db, target) if verb == "copy" else (target,)
        sensed.data("db", verb, *words)
        other = Program(target, capsys)
        assert named(other) == []
        edit(other, "DELETE FROM alarm")
        assert named(other) == [("removed", "alarm", "A")]


CHAINS = {
    "a seal is gone": (f"DELETE FROM {READINGS.seal} WHERE number = 1", "order"),
    "a seal says otherwise": (f"UPDATE {READINGS.seal} SET rows = 9 WHERE number = 2", "seal"),
    "a block is gone": (f"DELETE FROM {READINGS.block} WHERE entity = 'alarm'", "added"),
}


@pytest.mark.parametrize("what", CHAINS)
def test_the_chain_itself_is_held(sensed: Program, what: str) -> None:
    statement, kind = CHAINS[what]
    edit(sensed, statement)
    assert kind in {found for found, *_ in named(sensed)}
    assert sensed("audit", "verify", lang="zh").code == 1


DEFINED = {
    "a trigger that clears": (
        "CREATE TRIGGER t AFTER INSERT ON alarm BEGIN "
        "UPDATE alarm SET cleared_at = confirmed_at WHERE uid = NEW.uid; END"
    ),
    "a trigger that drops": (
        "CREATE TRIGGER t BEFORE INSERT ON reading BEGIN SELECT RAISE(IGNORE); END"
    ),
    "a key that leaves out": "CREATE UNIQUE INDEX t ON reading (sensor_uid, quality, reason, fid)",
}


@pytest.mark.file_only
@pytest.mark.parametrize("what", DEFINED)
def test_what_another_program_defined_there_is_named_and_nothing_is_stored(
    sensed: Program, tmp_path: Path, what: str
) -> None:
    edit(sensed, DEFINED[what])
    ran = sensed("audit", "verify", "--json")
    assert (ran.code, ran.data["problems"]) == (1, [{"key": "check.altered", "table": "t"}])
    assert "check.altered" in {f["key"] for f in sensed("db", "check", "--json").data["faults"]}
    file = tmp_path / "r.jsonl"
    file.write_text('{"device": "d", "at": "2026-01-16T08:00:00+08:00", "value": 1}', "utf-8")
    refused = sensed("ingest", file)
    assert (refused.code, len(refused.err.splitlines())) == (4, 1)
    edit(sensed, f"DROP {'INDEX' if 'INDEX' in DEFINED[what] else 'TRIGGER'} t")
    assert named(sensed) == []
    assert sensed("ingest", file).code == 0


@pytest.mark.file_only
def test_a_plain_index_of_another_program_is_let_be(sensed: Program) -> None:
    edit(sensed, "CREATE INDEX t ON reading (asset_uid)")
    assert named(sensed) == []


def test_a_chain_that_was_taken_away_is_told(sensed: Program) -> None:
    edit(sensed, f"DELETE FROM {READINGS.seal}", f"DELETE FROM {READINGS.block}")
    ran = sensed("audit", "verify", "--json")
    assert ran.code == 1
    assert "cli_audit.no_reading_seal" in {one["key"] for one in ran.data["problems"]}


def test_somebody_who_looked_accepts(sensed: Program) -> None:
    edit(sensed, "UPDATE alarm SET value = 79")
    assert sensed.data("audit", "accept", "--reason", "as on the sheet")["accepted"] == 1
    assert named(sensed) == []
    entry = sensed.data("audit", "log", "-n", 1)["changes"][0]
    assert "as on the sheet" in json.dumps(entry, ensure_ascii=False)
    # a past that was accepted stays accepted
    edit(sensed, "UPDATE alarm SET value = 78")
    sensed.data("alarm", "ack", "A")
    assert sensed.data("audit", "accept", "--reason", "again")["accepted"] == 1
    assert named(sensed) == []


@pytest.mark.file_only  # a server is brought up to date by db migrate
@pytest.mark.parametrize("version", [4, readings_schema.READABLE])
def test_what_an_older_version_wrote_is_taken_as_found(
    sensed: Program, tmp_path: Path, version: int
) -> None:
    path = readings_path(sensed.db)
    assert isinstance(path, Path)
    turn_readings_back(path, version)
    before = path.read_bytes()
    assert sensed.data("explain", "A", "--as-of", "2026-01-20")["condition"] == "defective"
    if version == readings_schema.READABLE:
        assert path.read_bytes() == before
        ran = sensed("audit", "verify")
        assert (ran.code, "no seals yet" in ran.out) == (0, True)
        assert sensed.data("audit", "verify")["readings"]["sealed"] is False
    send(sensed, tmp_path, ("11T08:00", 82.0))
    told: dict[str, Any] = sensed.data("audit", "verify")["readings"]
    assert told["taken_as_found_at"] is not None
    assert "taken as it was found" in sensed("audit", "verify").out
    edit(sensed, "DELETE FROM alarm")
    assert named(sensed) == [("removed", "alarm", "A")]


@pytest.mark.file_only  # a server counts by itself
def test_a_reading_at_the_end_of_the_numbers_is_refused(sensed: Program, tmp_path: Path) -> None:
    edit(
        sensed,
        "INSERT INTO reading (fid, sensor_uid, asset_uid, at, quality) "
        f"VALUES ({2**63 - 1}, 'x', 'y', '2026-01-01T00:00:00.000Z', 1)",
    )
    file = tmp_path / "r.jsonl"
    file.write_text('{"device": "d", "at": "2026-01-16T08:00:00+08:00", "value": 1}', "utf-8")
    refused = sensed("ingest", file)
    assert (refused.code, len(refused.err.splitlines())) == (4, 1)
    assert str(2**63 - 1) in refused.err
    assert named(sensed) == [("added", "reading", None)]


@pytest.mark.file_only  # on a server the tests find that chain without a key
def test_a_key_signs_the_chain_of_a_store_that_it_saw_from_the_first(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HYDRANT_AUDIT_KEY", "11" * 32)
    program.data("asset", "add", "A", *AT)
    program.data("sensor", "add", "A", "--profile", "pushed", "--url", "push://d", "--unit", 1,
                 "--from", "2026-01-01")  # fmt: skip
    send(program, tmp_path, *LOW)
    public = signing.public_key()
    told = program("audit", "verify", "--key", public, "--json").data["readings"]
    assert told["signed_number"] == told["head"]["number"]
    monkeypatch.delenv("HYDRANT_AUDIT_KEY")
    send(program, tmp_path, ("11T08:00", 300.0))
    ran = program("audit", "verify", "--key", public, "--json")
    assert ran.code == 1
    assert "cli_audit.readings_unsigned_since" in {one["key"] for one in ran.data["problems"]}
