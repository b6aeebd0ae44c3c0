"""What is changed outside the program is named, row by row; what the program does never is."""

from __future__ import annotations

import os
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant.model.tables import Requirement
from hydrant.store.care.backup import back_up
from hydrant.store.care.copying import copy_registry
from hydrant.store.chain import blocks, sealing
from hydrant.store.chain.hashes import as_stored, column_hashes, row_hash, row_hashes
from hydrant.store.file import migrate
from hydrant.store.ground.backend import one_row
from hydrant.store.ground.place import Place, Server
from hydrant.store.ground.raw_columns import columns
from hydrant.store.ground.touched import LEAST
from hydrant.store.migrations import LATEST
from hydrant.store.opened.following import follow
from hydrant.store.opened.kept_policy import KeptPolicy
from hydrant.store.opened.registry import Registry, open_registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.proofs.accepting import accept
from hydrant.store.proofs.verifying import Finding, head_of, verify
from tests.conftest import Program, renew
from tests.older import turn_back
from tests.store.tampering import TABLES, Tamperer, fill, other_program

TAMPERS = int(os.environ.get("HYDRANT_TAMPERS", "40"))


def findings(registry: Registry) -> list[Finding]:
    """What differs, whether it was written down by the triggers or not."""
    found = verify(registry, advance=lambda _: None)
    return [*found.findings, *found.waiting]


def found_in(place: Place) -> list[Finding]:
    with open_registry(place) as registry:
        return findings(registry)


def run(connection: Any, statement: str) -> None:
    connection.execute(statement)


def test_every_row_changed_by_another_program_is_named(registry_path: Place) -> None:
    with open_registry(registry_path, write=True) as registry:
        fill(registry, 70)
        assert findings(registry) == []
    tamperer, done = Tamperer(registry_path, TAMPERS), 0
    tables: set[str] = set()
    while done < TAMPERS:
        changed = tamperer.tamper(min(1 + done % 4, TAMPERS - done))
        with open_registry(registry_path, write=True) as registry:
            found = findings(registry)
            assert {(f.table, f.fid) for f in found} == changed
            assert len(found) == len(changed)
            with transaction(registry, actor="a", origin="t") as writer:
                accept(writer, found, reason="test")
            assert findings(registry) == []
        done += len(changed)
        tables |= {table for table, _ in changed}
    print(f"{done} changes in {len(tables)} of {len(TABLES)} tables, all named")
    assert TAMPERS < 1000 or tables == set(TABLES)


def test_a_property_taken_out_last_is_taken_over_as_gone(registry_path: Place) -> None:
    with (
        open_registry(registry_path, write=True) as registry,
        transaction(registry, actor="a", origin="t") as writer,
    ):
        follow(writer, "gb", KeptPolicy("gb", "2", "0" * 64), "{}", reason="test")
    with other_program(registry_path, "without triggers") as connection:
        connection.execute("DELETE FROM setting WHERE key LIKE 'policy_content%'")
    with open_registry(registry_path, write=True) as registry:
        (found,) = findings(registry)
        assert (found.table, found.kind) == ("setting", "removed")
        with transaction(registry, actor="a", origin="t") as writer:
            accept(writer, [found], reason="test")
        assert findings(registry) == []


def test_what_was_changed_before_the_program_wrote_a_row_stays_named(program: Program) -> None:
    for code in ("A1", "A2"):
        program.data("asset", "add", code, "--kind", "hydrant", "--lon", 120, "--lat", 30, "--crs",
                     "cgcs2000")  # fmt: skip
    with other_program(program.db, "without triggers") as connection:
        run(connection, "UPDATE asset SET mains_dn_mm = 0.1 WHERE code = 'A1'")
        run(connection, "DELETE FROM asset WHERE code = 'A2'")
    program.data("asset", "edit", "A1", "--owner", "x")
    program.data("asset", "add", "A3", "--kind", "hydrant", "--lon", 121, "--lat", 30, "--crs",
                 "cgcs2000")  # fmt: skip
    told = program("audit", "verify", "--json")
    kinds = {(f["kind"], f["found"], f["asset"]) for f in told.data["findings"]}
    assert told.code == 1
    assert ("noticed", "changed", "A1") in kinds
    assert kinds & {("noticed", "removed", "A3"), ("removed", None, "A2")}
    program.data("audit", "accept", "--reason", "seen")
    assert program.data("audit", "verify")["accepted"] == 2


@pytest.mark.parametrize("count", [1, 300])
def test_a_block_that_begins_as_a_position_by_chance_is_kept(
    registry_path: Place, count: int
) -> None:
    """One hash in 65,536 begins with the letters of a GeoPackage's positions."""
    whole = {
        number: bytearray(b"GP\0\1" + bytes([number % 256]) * (blocks.SIZE - 4))
        for number in range(count)
    }
    with open_registry(registry_path, write=True) as registry:
        connection = registry.connection
        connection.execute("BEGIN IMMEDIATE")
        blocks.store(connection, "asset_version", whole)
        assert blocks.fetch(connection, "asset_version", range(count)) == whole
        connection.execute("ROLLBACK")


def test_an_empty_field_that_was_filled_is_named(program: Program) -> None:
    """Also of an asset, whose position the log tells in its own way."""
    program.data("asset", "add", "A1", "--kind", "hydrant", "--lon", 120, "--lat", 30, "--crs",
                 "cgcs2000")  # fmt: skip
    with other_program(program.db, "without triggers") as connection:
        run(connection, "UPDATE asset SET owner = 'x'")
    (found,) = program("audit", "verify", "--json").data["findings"]
    assert found["fields"] == ["owner"]


def test_the_fields_and_the_asset_are_named(program: Program) -> None:
    program.data("asset", "add", "A1", "--kind", "hydrant", "--lon", 120, "--lat", 30, "--crs",
                 "cgcs2000")  # fmt: skip
    program.data("survey", "record", "A1", "--outcome", "fails", "--static-kpa", "90")
    with other_program(program.db, "without triggers") as connection:
        run(connection, "UPDATE inspection SET outcome = 'works', static_kpa = 210")
    ran = program("audit", "verify", "--json")
    (found,) = ran.data["findings"]
    assert (found["kind"], found["table"], found["asset"]) == ("changed", "inspection", "A1")
    assert found["fields"] == ["outcome", "static_kpa"]
    shown = program("audit", "verify")
    assert shown.code == 1
    assert "(asset A1) was changed; differs: outcome, static_kpa; sealed last" in shown.out
    assert (
        "（设施 A1）被改动；不一致：outcome, static_kpa"
        in program("audit", "verify", lang="zh").out
    )


def chained(registry: Registry) -> None:
    for number in range(4):
        with transaction(registry, actor="a", origin="t") as writer:
            writer.registry.connection.execute(
                "INSERT INTO requirement (uid, recorded_at, recorded_by, region_code, kind, count) "
                "VALUES (?, 't', 'a', 'r', 'hydrant', ?)",
                (f"r{number}", number),
            )


@pytest.mark.parametrize(
    ("statements", "kinds"),
    [
        (["UPDATE seal SET actor = 'b' WHERE number = 3"], {"seal"}),
        (["DELETE FROM seal WHERE number = 3"], {"order", "seals", "changed"}),
        (["UPDATE seal SET blocks = 'nonsense' WHERE number = 3"], {"seal"}),
        (["DELETE FROM seal_block WHERE entity = 'requirement'"], {"added"}),
        (["UPDATE seal_block SET entries = entries || entries"], {"added"}),
    ],
)
def test_changed_seals_are_named(
    registry: Registry, statements: list[str], kinds: set[str]
) -> None:
    chained(registry)
    for statement in statements:
        registry.connection.execute(statement)
    found = {finding.kind for finding in findings(registry)}
    assert found
    assert found <= kinds


@pytest.mark.file_only
def test_a_seal_without_a_number_is_named_and_stops_nobody(program: Program) -> None:
    program.data("asset", "add", "A1", "--kind", "hydrant", "--crs", "cgcs2000", "--lon", 120,
                 "--lat", 30)  # fmt: skip
    with other_program(program.db, "with triggers") as connection:
        names = "at, actor, origin, kind, writer, rows, removed, blocks, previous_hash, hash"
        for number in ("zzz", 1.5):
            connection.execute(
                f"INSERT INTO seal (number, {names}) SELECT ?, {names} FROM seal WHERE number = 1",
                (number,),
            )
    program.data("survey", "record", "A1", "--outcome", "works")
    ran = program("audit", "verify", "--json")
    assert ran.code == 1
    assert {f["kind"] for f in ran.data["findings"]} == {"order"}
    assert len(ran.data["findings"]) == 2


def test_a_row_changed_together_with_its_seal_is_named(registry: Registry) -> None:
    chained(registry)
    connection = registry.connection
    connection.execute("UPDATE requirement SET count = 99 WHERE uid = 'r1'")
    table = "requirement"
    row = one_row(
        connection.execute(f"SELECT {', '.join(columns(table))} FROM requirement WHERE uid = 'r1'")
    )
    (entries,) = one_row(
        connection.execute("SELECT entries FROM seal_block WHERE entity = 'requirement'")
    )
    forged = bytearray(entries)
    forged[80:100] = row_hash(table, row)
    connection.execute("UPDATE seal_block SET entries = ? WHERE entity = 'requirement'",
                       (bytes(forged),))  # fmt: skip
    named = [(f.kind, f.fid) for f in findings(registry) if f.table == table]
    assert ("seals", 2) in named


@pytest.fixture
def key(program: Program) -> str:
    return str(program.data("audit", "key", "new")["public_key"])


def test_a_cut_chain_is_found_by_a_head_that_is_known(
    program: Program, key: str, tmp_path: Path
) -> None:
    with open_registry(program.db, write=True) as registry:
        chained(registry)
    kept = tmp_path / "head.json"
    signed = program.data("audit", "key", "sign", kept)
    printed = signed["hash"][:32]
    assert program.data("audit", "verify", "--key", key, "--head", kept)["problems"] == []
    assert program.data("audit", "verify", "--head", printed)["known_head_number"] == 6
    with open_registry(program.db, write=True) as registry:
        number = one_row(registry.connection.execute("SELECT max(number) FROM seal"))[0]
        registry.connection.execute("DELETE FROM seal WHERE number = ?", (number,))
    assert program.data("audit", "verify")["problems"] == []  # an older state is a good one
    for known in (kept, printed):
        ran = program("audit", "verify", "--head", known, "--json")
        assert ran.code == 1
        assert [p["key"] for p in ran.data["problems"]] == ["cli_audit.head_gone"]


def test_a_chain_written_anew_is_found_by_the_key(
    program: Program, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_registry(program.db, write=True) as registry:
        chained(registry)
    program.data("audit", "key", "sign")
    assert program.data("audit", "verify", "--key", key)["findings"] == []
    monkeypatch.setenv("HYDRANT_AUDIT_KEY", "11" * 32)  # whoever has the file, but not the key
    with other_program(program.db, "without triggers") as other:
        run(other, "UPDATE requirement SET count = 99 WHERE uid = 'r1'")
    with open_registry(program.db, write=True) as registry:
        connection = registry.connection
        for table in ("seal", "seal_block"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute("BEGIN IMMEDIATE")
        sealing.founding(connection, "created", actor="hydrant", origin="init")
        connection.execute("COMMIT")
    assert program("audit", "verify").code == 0
    ran = program("audit", "verify", "--key", key, "--json")
    assert ran.code == 1
    assert [p["key"] for p in ran.data["problems"]] == ["cli_audit.unsigned"]


def test_what_follows_unsigned_is_told(program: Program, key: str) -> None:
    program.data("audit", "key", "sign")
    Path(os.environ["XDG_CONFIG_HOME"], "hydrant", "audit.key").unlink()
    with open_registry(program.db, write=True) as registry:
        chained(registry)
    ran = program("audit", "verify", "--key", key, "--json")
    assert [p["key"] for p in ran.data["problems"]] == ["cli_audit.unsigned_since"]
    assert program("audit", "key", "sign").code == 3


def written(program: Program, code: str) -> None:
    program.data("asset", "add", code, "--kind", "hydrant", "--lon", 120, "--lat", 30, "--crs",
                 "cgcs2000")  # fmt: skip


def problems(program: Program, key: str) -> list[str]:
    ran = program("audit", "verify", "--key", key, "--json")
    assert ran.code == (1 if ran.data["problems"] else 0)
    return [problem["key"] for problem in ran.data["problems"]]


def without_key(program: Program, code: str) -> None:
    """Somebody writes who does not have the key."""
    path = Path(os.environ["XDG_CONFIG_HOME"], "hydrant", "audit.key")
    path.rename(path.with_suffix(".away"))
    written(program, code)
    path.with_suffix(".away").rename(path)


def test_a_key_signs_no_head_that_it_did_not_see_signed(program: Program, key: str) -> None:
    program.data("audit", "key", "sign")
    written(program, "A1")
    assert problems(program, key) == []
    without_key(program, "A2")
    for code in ("A3", "A4"):  # what is written with the key does not sign it either
        written(program, code)
        assert problems(program, key) == ["cli_audit.unsigned_since"]
    seals = program.data("audit", "log", "--seals")["seals"]
    for lang, word in (("en", "adopt"), ("zh", "未签名")):
        ran = program("audit", "key", "sign", lang=lang)
        assert (ran.code, ran.err.count("\n"), word in ran.err) == (3, 1, True)
    assert program("audit", "key", "adopt", "--reason", " ").code == 2
    assert program.data("audit", "log", "--seals")["seals"] == seals
    signed = program.data("audit", "key", "adopt", "--reason", "compared with the list")
    assert problems(program, key) == []
    written(program, "A5")
    told = program.data("audit", "verify", "--key", key)
    assert told["adopted_numbers"] == [signed["number"]]
    by_key = [seal["number"] for seal in reversed(program.data("audit", "log", "--seals")["seals"])
              if seal["signer"] == key]  # fmt: skip
    assert told["signers"] == [
        {"public_key": key, "first": by_key[0], "last": by_key[-1], "seals": len(by_key)}
    ]
    assert told["unsigned_seals"] == told["seals"] - len(by_key) >= 3
    (entry,) = [c for c in program.data("audit", "log")["changes"] if c["action"] == "adopt"]
    assert "compared with the list" in entry["after"]
    for lang in ("en", "zh"):
        shown = program("audit", "verify", "--key", key, lang=lang).out
        assert key in shown
        assert str(told["unsigned_seals"]) in shown
        assert program("audit", "log", lang=lang).code == 0
        assert program("audit", "log", "--seals", lang=lang).code == 0


def test_a_key_signs_nothing_of_its_own_accord_where_it_never_signed(
    program: Program, key: str
) -> None:
    """Another past may be one from before there was the key."""
    written(program, "A1")
    assert problems(program, key) == ["cli_audit.unsigned"]
    program.data("audit", "key", "sign")
    written(program, "A2")
    assert problems(program, key) == []


@pytest.mark.parametrize("signature", ["00" * 64, "zz", None])
def test_a_signature_that_is_none_is_no_head_of_the_key(
    program: Program, key: str, signature: str | None
) -> None:
    program.data("audit", "key", "sign")
    without_key(program, "A1")
    with open_registry(program.db, write=True) as registry:
        registry.connection.execute(
            "UPDATE seal SET signer = ?, signature = ? "
            "WHERE number = (SELECT max(number) FROM seal)",
            (key, signature),
        )
    written(program, "A2")
    assert problems(program, key) == ["cli_audit.unsigned_since"]
    assert program("audit", "key", "sign").code == 3


def test_each_key_signs_for_itself(
    program: Program, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.data("audit", "key", "sign")
    monkeypatch.setenv("HYDRANT_AUDIT_KEY", "11" * 32)
    other = program.data("audit", "key", "sign")["signer"]
    assert problems(program, other) == []
    assert problems(program, key) == ["cli_audit.unsigned_since"]
    told = program("audit", "verify", "--key", key, "--json").data["signers"]
    assert [one["public_key"] for one in told] == [key, other]
    monkeypatch.delenv("HYDRANT_AUDIT_KEY")
    assert program("audit", "key", "sign").code == 3


@pytest.mark.file_only
def test_a_registry_that_was_made_with_the_key_is_signed_from_the_first_seal(
    program: Program, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = Program(tmp_path / "new.gpkg", capsys)
    made.data("init", "--no-regions")
    written(made, "A1")
    assert problems(made, key) == []
    assert made.data("audit", "verify", "--key", key)["unsigned_seals"] == 0


@pytest.mark.file_only
def test_the_private_key_is_nobody_elses_and_in_no_output(program: Program, key: str) -> None:
    path = Path(os.environ["XDG_CONFIG_HOME"], "hydrant", "audit.key")
    assert os.name == "nt" or path.stat().st_mode & 0o777 == 0o600
    again = program("audit", "key", "new")
    assert again.code == 3
    assert "stays as it is" in again.err
    path.write_text("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n", "ascii")
    ran = program("asset", "add", "A1", "--kind", "hydrant", "--lon", 120, "--lat", 30, "--crs",
                  "cgcs2000")  # fmt: skip
    assert ran.code == 3
    assert "c2VjcmV0" not in ran.err + ran.out
    assert program.data("asset", "list")["assets"] == []
    assert key not in ran.err


@pytest.mark.parametrize("words", [("--key", "zz"), ("--head", "12"), ("--head", "/nowhere")])
def test_what_is_no_key_or_head_is_refused(program: Program, words: tuple[str, str]) -> None:
    ran = program("audit", "verify", *words)
    assert ran.code == 3
    assert words[1] in ran.err


def test_facts_and_their_seal_are_written_together(
    registry_path: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with open_registry(registry_path, write=True) as registry:
        chained(registry)
        with monkeypatch.context() as patch:
            patch.setattr(sealing, "_append", fails)
            with pytest.raises(KeyboardInterrupt):
                chained_more(registry)
        before = head_of(registry)
        assert findings(registry) == []
        chained_more(registry)
        after = head_of(registry)
        assert before is not None
        assert after is not None
        assert after.number == before.number + 1


def chained_more(registry: Registry) -> None:
    with transaction(registry, actor="a", origin="t") as writer:
        writer.registry.connection.execute("UPDATE requirement SET count = count + 1")


@pytest.mark.parametrize("version", [2, 3])
def test_an_older_registry_is_taken_as_found(registry_path: Place, version: int) -> None:
    with open_registry(registry_path, write=True) as registry:
        fill(registry, 3)
    with open_registry(registry_path, write=True) as registry:
        turn_back(registry.connection, version)
    assert migrate.migrate(registry_path)[-1] == LATEST
    with open_registry(registry_path) as registry:
        found = verify(registry, advance=lambda _: None)
        assert found.findings == []
        assert found.taken is not None
        assert found.seals == 1
        assert found.rows > 3 * len(TABLES)


@pytest.mark.file_only
def test_copies_and_backups_keep_chain_and_head(
    registry_path: Path, database: Server, postgres: Any, tmp_path: Path
) -> None:
    with open_registry(registry_path, write=True) as registry:
        fill(registry, 70)
        chained(registry)
        head = head_of(registry)
    there = Server(postgres.database(f"{database.url.rpartition('/')[2]}_copy"))
    back, kept = tmp_path / "back.gpkg", tmp_path / "kept.gpkg"
    copy_registry(registry_path, there, advance=lambda _: None)
    copy_registry(there, back, advance=lambda _: None)
    back_up(back, kept)
    for place in (there, back, kept):
        with open_registry(place) as registry:
            assert findings(registry) == []
            assert head_of(registry) == head
    for place in (there, back):
        with open_registry(place, write=True) as registry:
            chained_more(registry)
            with transaction(registry, actor="a", origin="t") as writer:  # its number is free
                writer.add(Requirement(region_code="r", kind="hydrant", count=1))
            assert findings(registry) == []
    postgres.drop(there.url.rpartition("/")[2])


def test_an_import_is_sealed_as_it_is_stored(program: Program, tmp_path: Path) -> None:
    count = 2 * LEAST
    file = tmp_path / "f.csv"
    lines = [
        f"H{n},hydrant,{120 + n / 1e5:.5f},30.2,{n % 300 or ''},{'2020-01-01' if n % 3 else ''}"
        for n in range(count)
    ]
    file.write_text("code,kind,lon,lat,mains_dn_mm,built\n" + "\n".join(lines) + "\n", "utf-8")
    ran = program("import", file, "--crs", "cgcs2000", "--json")
    assert ran.code == 0, ran
    assert program.data("audit", "verify")["findings"] == []
    with open_registry(program.db, write=True) as registry:
        (last,) = one_row(registry.connection.execute("SELECT max(fid) FROM asset"))
        registry.connection.execute("UPDATE asset SET code = 'X' WHERE fid = ?", (last,))
        assert [(f.kind, f.fid) for f in findings(registry)] == [("changed", last)]


@pytest.mark.file_only
def test_whatever_bytes_another_program_leaves_are_named(registry: Registry) -> None:
    chained(registry)
    connection = registry.connection
    connection.execute("UPDATE requirement SET kind = CAST(x'ff00fe' AS TEXT) WHERE uid = 'r1'")
    connection.execute("UPDATE requirement SET note = x'00' WHERE uid = 'r2'")
    connection.execute("UPDATE change SET actor = CAST(x'ff' AS TEXT)")
    connection.execute("INSERT INTO seal_block (entity, block, entries) VALUES ('asset', 'x', '')")
    assert {(f.kind, f.fid) for f in findings(registry) if f.table == "requirement"} == {
        ("changed", 2), ("changed", 3),
    }  # fmt: skip


def test_an_edit_of_another_program_is_sealed_as_such(program: Program) -> None:
    program.data("asset", "add", "A1", "--kind", "hydrant", "--lon", 120, "--lat", 30, "--crs",
                 "cgcs2000")  # fmt: skip
    with other_program(program.db, "with triggers") as connection:
        run(connection, "UPDATE asset SET owner = 'x'")
        run(connection, "UPDATE asset SET fid = 77")
    assert program.data("audit", "verify")["findings"] == []
    seals = program.data("audit", "log", "--seals")["seals"]
    assert [seal["kind"] for seal in seals][:2] == ["external", "written"]


def test_an_edit_cannot_carry_another_one_in(program: Program) -> None:
    program.data("asset", "add", "A1", "--kind", "hydrant", "--lon", 120, "--lat", 30, "--crs",
                 "cgcs2000")  # fmt: skip
    with other_program(program.db, "without triggers") as connection:
        run(connection, "UPDATE asset SET address = 'forged'")
    with other_program(program.db, "with triggers") as connection:
        run(connection, "UPDATE asset SET owner = 'x'")
    (found,) = program("audit", "verify", "--json").data["findings"]
    assert (found["kind"], found["found"], found["asset"]) == ("noticed", "changed", "A1")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_report_prints_the_seal_that_verify_takes(
    program: Program, tmp_path: Path, lang: str
) -> None:
    program.data("asset", "add", "A1", "--kind", "hydrant", "--lon", 120, "--lat", 30, "--crs",
                 "cgcs2000")  # fmt: skip
    page = tmp_path / "r.html"
    assert program("report", page, lang=lang).code == 0
    program.data("asset", "edit", "A1", "--owner", "x")
    printed = re.search(r"2 · ((?:[0-9a-f]{4} ?){8})", page.read_text("utf-8"))
    assert printed is not None
    assert program.data("audit", "verify", "--head", printed[1])["known_head_number"] == 2


def test_a_row_cannot_be_brought_in_by_deleting_it(program: Program) -> None:
    program.data("asset", "add", "A1", "--kind", "hydrant", "--lon", 120, "--lat", 30, "--crs",
                 "cgcs2000")  # fmt: skip
    with other_program(program.db, "without triggers") as connection:
        run(connection, "INSERT INTO inspection (fid, uid, recorded_at, asset_uid, outcome) "
            "SELECT 9, 'forged', recorded_at, uid, 'works' FROM asset")  # fmt: skip
    with other_program(program.db, "with triggers") as connection:
        run(connection, "DELETE FROM inspection WHERE fid = 9")
    (found,) = program("audit", "verify", "--json").data["findings"]
    assert (found["kind"], found["found"], found["table"]) == ("noticed", "added", "inspection")


@pytest.mark.file_only
def test_edits_that_waited_at_the_migration_are_no_tampering(program: Program) -> None:
    for code in ("A1", "A2"):
        program.data("asset", "add", code, "--kind", "hydrant", "--lon", 120, "--lat", 30, "--crs",
                     "cgcs2000")  # fmt: skip
    with other_program(program.db, "with triggers") as connection:
        run(connection, "UPDATE asset SET owner = 'x' WHERE code = 'A1'")
        run(connection, "DELETE FROM asset WHERE code = 'A2'")
        run(connection, "INSERT INTO asset (kind, geom) SELECT kind, geom FROM asset")
        turn_back(connection, 3)
    program.data("db", "migrate")
    assert program.data("audit", "verify")["findings"] == []
    assert program.data("db", "check")["assets"] == 3


cells = st.one_of(
    st.none(), st.text(max_size=5), st.floats(allow_nan=False), st.integers(-9, 9),
    st.binary(max_size=4),
)  # fmt: skip


@given(rows=st.lists(st.tuples(*[cells] * (len(columns("setting")) - 1)), max_size=9))
def test_one_by_one_or_by_columns_hashes_are_the_same(rows: list[tuple[Any, ...]]) -> None:
    whole = [(f"k{n}", *row) for n, row in enumerate(rows)]
    assert row_hashes("setting", whole) == [row_hash("setting", row) for row in whole]
    assert len({*row_hashes("setting", whole)}) == len(whole)


@given(st.lists(st.one_of(st.none(), st.integers(-9, 9), st.floats(allow_nan=False)), min_size=1))
def test_columns_hash_as_the_file_gives_them_back(values: list[Any]) -> None:
    count = len(values)
    given_ = {"uid": [f"u{n}" for n in range(count)], "mains_dn_mm": values,
              "recorded_at": ["t"] * count}  # fmt: skip
    stored = as_stored("asset", given_, count)
    assert stored is not None
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE TABLE t (uid TEXT, x DOUBLE)")
        connection.executemany(
            "INSERT INTO t VALUES (?, ?)", zip(given_["uid"], values, strict=True)
        )
        back = [x for _, x in connection.execute("SELECT * FROM t ORDER BY rowid")]
    read = {**stored, "mains_dn_mm": back}
    assert column_hashes("asset", stored, count) == column_hashes("asset", read, count)


def test_the_form_of_a_hash_is_what_it_was() -> None:
    row = ["key", "值\x00\n"]
    assert row_hash("setting", row).hex() == EXPECTED


#: SHA-256 of 'setting\nkey,value\n"key","值\\u001d\\n"', its first 20 bytes.
EXPECTED = "077347c68bd80ff35cb8d0c8921da599e5904385"


def test_a_registry_made_anew_is_whole(registry_path: Place) -> None:
    renew(registry_path)
    assert found_in(registry_path) == []


def test_the_log_of_an_asset_tells_what_is_recorded_of_it(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "f.csv"
    file.write_text("code,kind,lon,lat\nA1,hydrant,120,30\nA2,hydrant,121,30\n", "utf-8")
    program.data("import", file, "--crs", "cgcs2000")
    program.data("defect", "open", "A1", "leak")
    program.data("survey", "record", "A2", "--outcome", "works")
    program.data("defect", "clear", "A1", "leak")
    program.data("asset", "edit", "A1", "--owner", "水务公司")
    changes = program.data("audit", "log", "A1")["changes"]
    assert [(e["action"], e["entity"], e["rows"]) for e in changes] == [
        ("state", "asset", 1), ("update", "asset", 1), ("update", "defect", 1),
        ("insert", "defect", 1), ("import", "asset", 2),
    ]  # fmt: skip
    shown = program("audit", "log", "A1").out
    assert "owner: – → 水务公司" in shown
    assert "code: leak" in shown
