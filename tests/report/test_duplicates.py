"""One thing entered twice: found with reasons, merged with both histories, or kept apart."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Program

HEADS = ("code", "kind", "lon", "lat", "address", "owner", "mains_dn_mm", "outcome", "at")
Row = dict[str, object]


def row(code: str, east_m: float = 0.0, **more: object) -> Row:
    """A hydrant so many metres east of a place at 30.2 N."""
    lon = 120.1 + east_m / 96_300
    return {"code": code, "kind": "hydrant.pillar", "lon": f"{lon:.7f}", "lat": "30.2", **more}


def save(path: Path, *rows: Row) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def take(program: Program, file: Path) -> tuple[int, ...]:
    found = program.data("import", file, "--crs", "cgcs2000")
    return tuple(found[name] for name in ("new", "updated", "unchanged", "refused"))


def pairs(program: Program, *flags: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = program.data("duplicates", "list", *flags)["duplicates"]
    return found


@pytest.fixture
def two(program: Program, tmp_path: Path) -> tuple[Program, Path, Path]:
    """An agency's register and a map of others, which tell of one hydrant by two numbers."""
    agency = save(
        tmp_path / "agency.csv",
        row("A1", owner="水务公司", outcome="works", at="2026-03-01"),
        row("A2", 500),
    )
    map_ = save(
        tmp_path / "map.csv",
        row("9001", 4, address="人民路1号", mains_dn_mm="150", outcome="works", at="2026-05-01"),
        row("9002", 900),
    )
    assert take(program, agency) == (2, 0, 0, 0)
    assert take(program, map_) == (2, 0, 0, 0)
    return program, agency, map_


def test_found_across_registers_with_reasons(two: tuple[Program, Path, Path]) -> None:
    program, *_ = two
    (pair,) = pairs(program, "--across")
    assert {pair["asset"]["code"], pair["other"]["code"]} == {"A1", "9001"}
    assert pair["distance_m"] == pytest.approx(4, abs=0.1)
    assert {"near", "other_source"} <= set(pair["reasons"])
    assert pair["doubts"] == []  # two registers number alike things each in its own way
    assert pairs(program, "--within", 3) == []
    assert "merge" not in program("duplicates", "list", "--within", 3, lang="en").out
    for lang, word in (("en", "from two registers"), ("zh", "来源不同")):
        assert word in program("duplicates", "list", lang=lang).out


def test_within_one_register_other_codes_and_mains_speak_against_it(
    program: Program, tmp_path: Path
) -> None:
    rows = [
        row("A", 0, mains_dn_mm="100"),
        row("B", 5, mains_dn_mm="150"),
        row("C", 1000),
        row("C", 1150),  # one number twice, 150 m apart
        row("D", 2000) | {"kind": "hydrant"},
        row("E", 2003) | {"kind": "hydrant.wall"},  # the family alone knew less
        row("F", 3000) | {"kind": "hydrant.underground"},
        row("G", 3001),  # another kind at the same place
    ]
    take(program, save(tmp_path / "one.csv", *rows))
    found = {frozenset((p["asset"]["code"], p["other"]["code"])): p for p in pairs(program)}
    assert set(found) == {frozenset("AB"), frozenset("C"), frozenset("DE")}
    assert {"other_code", "other_main"} <= set(found[frozenset("AB")]["doubts"])
    assert "same_code" in found[frozenset("C")]["reasons"]
    likeliest = pairs(program)[0]
    assert likeliest["asset"]["code"] == "C"
    assert pairs(program, "--across") == []


def test_merging_keeps_both_histories(two: tuple[Program, Path, Path]) -> None:
    program, *_ = two
    lost = program.data("asset", "show", "9001")["asset"]["uid"]
    program.data("asset", "edit", "9001", "--set", "note=x")
    program.data("defect", "open", "9001", "no_water")
    merged = program.data("duplicates", "merge", "A1", "9001")
    assert {"address", "mains_dn_mm"} <= set(merged["filled"])
    shown = program.data("asset", "show", "A1")["asset"]
    assert (shown["owner"], shown["address"], shown["mains_dn_mm"]) == (
        "水务公司",
        "人民路1号",
        150,
    )
    facts = [fact["fact"] for fact in program.data("asset", "history", "A1")["history"]]
    assert facts.count("inspection") == 2
    assert "defect" in facts
    assert len(program.data("asset", "list")["assets"]) == 3
    assert program.data("asset", "show", lost)["asset"]["code"] == "A1"  # the former key
    assert pairs(program) == []
    assert program.data("db", "check")["faults"] == []
    assert program("audit", "verify").code == 0


def test_neither_register_undoes_a_merge(two: tuple[Program, Path, Path], tmp_path: Path) -> None:
    program, agency, map_ = two
    program.data("duplicates", "merge", "A1", "9001")
    assert take(program, agency) == (0, 0, 2, 0)
    assert take(program, map_) == (0, 0, 2, 0)
    assert len(program.data("asset", "list")["assets"]) == 3
    # news of the other register reaches the one asset they both mean
    save(map_, row("9001", 4, address="人民路2号", mains_dn_mm="150", outcome="works",
                   at="2026-05-01"), row("9002", 900))  # fmt: skip
    assert take(program, map_) == (0, 1, 1, 0)
    shown = program.data("asset", "show", "A1")["asset"]
    assert (shown["code"], shown["address"]) == ("A1", "人民路2号")
    assert shown["owner"] == "水务公司"
    assert len(program.data("asset", "list")["assets"]) == 3


def test_not_the_same_is_remembered(two: tuple[Program, Path, Path]) -> None:
    program, agency, map_ = two
    assert program.data("duplicates", "keep", "A1", "9001")["action"] == "new"
    assert pairs(program) == []
    assert program.data("duplicates", "keep", "9001", "A1")["action"] == "unchanged"
    for file in (agency, map_):
        take(program, file)
    # moved a little in its register: flagged at import no more either
    save(map_, row("9001", 3), row("9002", 900))
    take(program, map_)
    assert pairs(program) == []
    assert pairs(program, "--within", 50) == []
    assert len(program.data("asset", "list")["assets"]) == 4


def test_a_chain_of_merges_and_what_was_decided_of_the_lost_one(
    program: Program, tmp_path: Path
) -> None:
    rows = [row("A", 0), row("B", 3), row("C", 6)]
    file = save(tmp_path / "one.csv", *rows)
    take(program, file)
    first = {code: program.data("asset", "show", code)["asset"]["uid"] for code in "ABC"}
    program.data("duplicates", "keep", "A", "C")
    program.data("duplicates", "merge", "B", "C")
    # "A is not C" now says that A is not B, which C became
    assert pairs(program) == []
    program.data("duplicates", "merge", "A", "B")
    for uid in first.values():
        assert program.data("asset", "show", uid)["asset"]["code"] == "A"
    assert take(program, file) == (0, 0, 3, 0)


def test_refusals(two: tuple[Program, Path, Path]) -> None:
    program, *_ = two
    assert program("duplicates", "merge", "A1", "A1").code == 3
    assert program("duplicates", "keep", "A1", "A1").code == 3
    assert program("duplicates", "merge", "A1", "nobody").code == 3
    program.data("asset", "retire", "9001", "--at", "2026-06-01")
    assert program("duplicates", "merge", "A1", "9001").code == 3
    assert pairs(program) == []  # what was removed is no twin
