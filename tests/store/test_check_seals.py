"""``db check`` holds rows against their seals: unsealed ones are faults, pending edits are none."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from hydrant.cli.db_faults import explained
from hydrant.store.care.check import Fault
from hydrant.store.ground.place import Place, Server
from hydrant.store.opened.registry import open_registry
from hydrant.store.proofs.check_seals import _KEYS, check_seals
from hydrant.vocabulary import Language
from tests.conftest import Program, Ran
from tests.store.tampering import other_program

AT = ("--kind", "hydrant", "--crs", "cgcs2000", "--lat", "30.2")


@pytest.fixture
def checked(program: Program) -> Program:
    for number, code in enumerate(("A1", "A2", "A3")):
        program.data("asset", "add", code, *AT, "--lon", f"120.{number}")
    for code in ("A1", "A2"):
        program.data("survey", "record", code, "--outcome", "fails")
    return program


def faults(ran: Ran) -> list[tuple[str, str | None]]:
    return [(fault["key"], fault.get("asset")) for fault in ran.data["faults"]]


def test_a_row_that_was_made_good_is_a_fault(checked: Program) -> None:
    assert checked.data("db", "check")["faults"] == []
    with other_program(checked.db, "without triggers") as connection:
        connection.execute("UPDATE inspection SET outcome = 'works'")
        connection.execute(
            "DELETE FROM inspection WHERE asset_uid = (SELECT uid FROM asset WHERE code = 'A2')"
        )
    ran = checked("db", "check", "--json")
    assert (ran.code, ran.json["exit_code"]) == (1, 1)
    assert faults(ran) == [("check.row_changed", "A1"), ("check.row_removed", "A2")]
    (fault, _) = ran.data["faults"]
    assert (fault["table"], fault["fields"]) == ("inspection", "outcome")
    assert all(fault[name] for name in ("text", "means", "do"))
    for lang, said in (("en", "outcome"), ("zh", "封印")):
        told = checked("db", "check", lang=lang)
        assert told.code == 1
        assert said in told.out
    assert checked.data("db", "check", "--no-seals")["faults"] == []
    assert "not held against" in checked("db", "check", "--no-seals").out


def test_an_added_row_and_a_forged_seal_are_faults(checked: Program) -> None:
    with other_program(checked.db, "as if it were us") as connection:
        connection.execute(
            "INSERT INTO requirement (uid, recorded_at, recorded_by, region_code, kind, count) "
            "VALUES ('r', '2024-01-01T00:00:00.000Z', 'x', '330199', 'hydrant', 1)"
        )
        connection.execute("UPDATE seal SET actor = 'nobody' WHERE number = 2")
    assert {key for key, _ in faults(checked("db", "check", "--json"))} == {
        "check.row_added", "check.seal",
    }  # fmt: skip


def test_what_was_accepted_is_no_fault(checked: Program) -> None:
    with other_program(checked.db, "without triggers") as connection:
        connection.execute("UPDATE asset SET owner = 'x' WHERE code = 'A1'")
    assert checked("db", "check").code == 1
    checked.data("audit", "accept", "--reason", "paper of May")
    assert checked.data("db", "check")["faults"] == []


def test_edits_that_wait_are_told_as_such(checked: Program, registry_path: Place) -> None:
    """Of a file that cannot be written, for example, they cannot be taken in."""
    with other_program(checked.db, "with triggers") as connection:
        connection.execute("UPDATE asset SET owner = 'x' WHERE code = 'A1'")
        connection.execute("DELETE FROM inspection WHERE fid = 1")
    with other_program(checked.db, "without triggers") as connection:
        connection.execute("UPDATE asset SET owner = 'y' WHERE code = 'A3'")
    with open_registry(registry_path) as registry:
        found = check_seals(registry, advance=lambda _: None)
    assert found.waiting == 2
    assert [(key, facts["asset"]) for key, facts in found.faults] == [("check.row_changed", "A3")]
    ran = checked("db", "check", "--json")  # takes them in
    assert (ran.data["waiting"], faults(ran)) == (0, [("check.row_changed", "A3")])


def test_an_edit_written_down_excuses_nothing_before_it(
    checked: Program, registry_path: Place
) -> None:
    with other_program(checked.db, "without triggers") as connection:
        connection.execute("UPDATE asset SET owner = 'forged' WHERE code = 'A1'")
    with other_program(checked.db, "with triggers") as connection:
        connection.execute("UPDATE asset SET note = 'x' WHERE code = 'A1'")
    with open_registry(registry_path) as registry:
        found = check_seals(registry, advance=lambda _: None)
    assert (found.waiting, [key for key, _ in found.faults]) == (0, ["check.row_changed"])
    assert faults(checked("db", "check", "--json")) == [("check.row_noticed", "A1")]


def test_an_edit_that_nobody_can_read_excuses_nothing(
    checked: Program, registry_path: Place
) -> None:
    with other_program(checked.db, "with triggers") as connection:
        connection.execute("UPDATE asset SET owner = 'x' WHERE code = 'A1'")
        connection.execute("UPDATE outside_edit SET before = '{}'")
    with open_registry(registry_path) as registry:
        found = check_seals(registry, advance=lambda _: None)
    assert (found.waiting, [key for key, _ in found.faults]) == (0, ["check.row_changed"])


@pytest.mark.file_only
def test_a_file_that_cannot_be_written_says_that_edits_wait(
    checked: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    with other_program(checked.db, "with triggers") as connection:
        connection.execute("UPDATE asset SET owner = 'x' WHERE code = 'A1'")
    holder = sqlite3.connect(checked.db, isolation_level=None)
    monkeypatch.setattr("hydrant.store.ground.connection.BUSY_TIMEOUT_MS", 50)
    holder.execute("BEGIN IMMEDIATE")  # another program is writing
    ran = checked("db", "check", "--json")
    assert (ran.code, ran.data["faults"], ran.data["waiting"]) == (0, [], 1)
    assert any(note["key"] == "cli_db.seals_wait" for note in ran.json["messages"])
    holder.execute("ROLLBACK")
    holder.close()


@pytest.mark.file_only
def test_repair_does_not_call_forged_rows_repaired(checked: Program, tmp_path: Path) -> None:
    with other_program(checked.db, "without triggers") as connection:
        connection.execute("UPDATE asset SET owner = 'x' WHERE code = 'A1'")
    ran = checked("db", "check", "--repair", "--json")
    assert (ran.code, ran.data["repaired"], len(ran.data["left"])) == (1, None, 1)
    assert "no copy" in checked("db", "check", "--repair").out
    with other_program(checked.db, "with triggers") as connection:
        connection.execute("DROP INDEX ix_asset_code")
    ran = checked("db", "check", "--repair", "--json")
    assert (ran.code, len(ran.data["faults"]), len(ran.data["left"])) == (1, 2, 1)
    assert ran.data["left"][0]["key"] == "check.row_changed"


def test_each_kind_says_what_it_means_and_what_to_do() -> None:
    for key in {*_KEYS.values(), "check.no_seal"}:
        for lang in Language:
            assert explained(Fault(key, {"what": "x"}), "means", lang)
            assert explained(Fault(key, {"what": "x"}), "do", lang)


def test_many_are_summed_up(
    checked: Program, monkeypatch: pytest.MonkeyPatch, registry_path: Place
) -> None:
    monkeypatch.setattr("hydrant.store.proofs.check_seals._NAMED", 2)
    with other_program(checked.db, "without triggers") as connection:
        connection.execute("UPDATE asset SET owner = 'x'")
    ran = checked("db", "check", "--json")
    assert [key for key, _ in faults(ran)] == [
        *["check.row_changed"] * 2, "check.more_rows",
    ]  # fmt: skip
    assert not isinstance(registry_path, Server) or ran.code == 1
