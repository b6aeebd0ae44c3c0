"""Numbers at the ends of 64 bits are named and refused; no command ends as if it were broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel

from hydrant.store.chain.hashes import chain_hash, sealed_tables
from hydrant.store.ground.backend import one_row
from hydrant.store.ground.place import Place
from hydrant.store.opened.registry import open_registry
from tests.conftest import Program
from tests.store.tampering import fill, other_program

ENDS = (2**63 - 1, 2**63 - 2, 2**63 - 64, -(2**63), -(2**63) + 1)
NUMBERED = sorted(
    name for name, table in SQLModel.metadata.tables.items() if "fid" in table.columns
)


def looked_at(program: Program) -> tuple[int, int, Any]:
    """Codes of `audit verify` and `db check`, and the findings."""
    ran = program("audit", "verify", "--json")
    assert ran.code in (0, 1), ran.err
    check = program("db", "check").code
    assert check in (0, 1, 4)
    return ran.code, check, ran.data["findings"]


def writes(program: Program, lang: str = "en") -> tuple[int, str]:
    ran = program("asset", "add", "N1", "--kind", "hydrant", "--lon", 120, "--lat", 30, "--crs",
                  "cgcs2000", lang=lang)  # fmt: skip
    return ran.code, ran.err


def filled(program: Program) -> dict[str, int]:
    """How many rows of each table there are."""
    with open_registry(program.db, write=True) as registry:
        fill(registry, 3)
        ask = registry.connection.execute
        return {name: one_row(ask(f"SELECT count(*) FROM {name}"))[0] for name in NUMBERED}


def altered(place: Place, *statements: str) -> None:
    with other_program(place, "without triggers") as connection:
        for statement in statements:
            connection.execute(statement)


def moved(table: str, to: int) -> str:
    return f"UPDATE {table} SET fid = {to} WHERE fid = (SELECT max(fid) FROM {table})"


def test_rows_at_the_ends_are_named_and_nothing_is_written_beside_them(program: Program) -> None:
    counts = filled(program)
    before = looked_at(program)
    tried = [name for name in NUMBERED if counts[name]]
    assert len(tried) > 8
    for number, table in enumerate(tried):
        end = ENDS[number % len(ENDS)]
        with other_program(program.db, "without triggers") as connection:
            last = one_row(connection.execute(f"SELECT max(fid) FROM {table}"))[0]
        altered(program.db, moved(table, end))
        code, check, found = looked_at(program)
        if table in sealed_tables():
            assert code == 1
            assert check in (1, 4)
            assert (table, end) in {(one["table"], one["row"]) for one in found}
        for lang in ("en", "zh"):
            refused, said = writes(program, lang)
            assert refused == 4, table
            assert (said.count("\n"), str(end) in said, table in said) == (1, True, True)
        assert program("integrity").code == 0
        assert program("audit", "accept", "--reason", "x").code in (0, 4)
        altered(program.db, f"UPDATE {table} SET fid = {last} WHERE fid = {end}")
    assert looked_at(program) == before
    assert before[2] == []
    assert writes(program)[0] == 0


@pytest.mark.parametrize("number", [2**32 - 1, 2**32, 2**63 - 1, -(2**63)])
def test_after_a_seal_at_the_end_nothing_is_sealed(program: Program, number: int) -> None:
    filled(program)
    altered(program.db, f"UPDATE seal SET number = {number} "
            "WHERE number = (SELECT max(number) FROM seal)")  # fmt: skip
    code, check, found = looked_at(program)
    assert code == 1
    assert check == 1
    assert {one["table"] for one in found} & {"seal", *sealed_tables()}
    refused, said = writes(program)
    assert refused == (0 if number < 0 else 4)
    assert refused == 0 or str(number) in said
    assert looked_at(program)[0] == 1


@pytest.mark.parametrize("block", [2**57, 2**63 - 1, -(2**57) - 1, -(2**63)])
def test_a_block_of_rows_that_cannot_be_is_named(program: Program, block: int) -> None:
    filled(program)
    altered(program.db, f"UPDATE seal_block SET block = {block} "
            "WHERE entity = 'requirement'")  # fmt: skip
    code, check, found = looked_at(program)
    assert (code, check) == (1, 1)
    assert "requirement" in {one["table"] for one in found}


@pytest.mark.parametrize(
    ("blocks", "findings"),
    [
        (f"asset {2**57} {'0' * 64}", None),
        (f"asset {-(10**30)} {'0' * 64}", None),
        ("", [["changed", "asset", 2**63, None]]),
        ("", [["changed", "asset", -(10**30), None]]),
        ("", [["changed", "asset; --", 1, None]]),
        ("", [["changed", "asset", "1", None]]),
    ],
)
def test_a_seal_that_tells_of_rows_that_cannot_be_is_named(
    program: Program, blocks: str, findings: list[Any] | None
) -> None:
    """Its hash is right: whoever has the file can compute it."""
    filled(program)
    text = None if findings is None else json.dumps(findings)
    with open_registry(program.db, write=True) as registry:
        number, previous = one_row(
            registry.connection.execute(
                "SELECT number, hash FROM seal ORDER BY number DESC LIMIT 1"
            )
        )
        at = "2026-01-01T00:00:00.000Z"
        fields = (number + 1, at, "x", "x", "written", "x", 0, 0, blocks, text)
        registry.connection.execute(
            "INSERT INTO seal (number, at, actor, origin, kind, writer, rows, removed, blocks, "
            "findings, previous_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*fields, previous, chain_hash(previous, fields)),
        )
    code, check, found = looked_at(program)
    assert (code, check) == (1, 1)
    assert ("seal", number + 1) in {(one["table"], one["row"]) for one in found}


@pytest.mark.parametrize(
    "words",
    [
        ("audit", "log", "-n"),
        ("audit", "log", "--seals", "-n"),
        ("audit", "outside", "accept"),
        ("asset", "list", "-n"),
        ("near", "120", "30", "--crs", "cgcs2000", "-n"),
        ("survey", "plan", "-n"),
        ("db", "retain", "--days"),
        ("require", "set", "330199", "hydrant", "--from", "2021-01-01"),
    ],
)
def test_numbers_on_the_command_line_have_an_end(program: Program, words: tuple[str, ...]) -> None:
    for number in (2**53, 2**63 - 1, 2**63, 10**40):
        for lang in ("en", "zh"):
            ran = program(*words, number, lang=lang)
            assert (ran.code, ran.err.count("\n")) == (2, 1), (words, number, ran.err)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("table", ["inspection", "asset", "change", "setting", "seal"])
def test_a_crew_file_with_rows_at_the_ends_is_merged_or_refused(
    program: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str], table: str, end: int
) -> None:
    for code in ("A1", "A2"):
        program.data("asset", "add", code, "--kind", "hydrant", "--lon", 120, "--lat", 30,
                     "--crs", "cgcs2000")  # fmt: skip
    crew = Program(tmp_path / "crew.gpkg", capsys)
    program.data("survey", "pack", crew.db, "--crew", "East")
    crew.data("survey", "record", "A1", "--outcome", "works")
    crew.data("survey", "record", "A2", "--outcome", "works")
    altered(crew.db, moved(table, end))
    ran = program("survey", "merge", crew.db)
    assert ran.code in (0, 1, 3, 4), ran.err
    if ran.code in (0, 1):
        assert program.data("explain", "A1")["condition"] == "intact"
    assert program("db", "check").code == 0
    assert looked_at(program)[2] == []
