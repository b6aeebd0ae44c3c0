"""Reviews of form servers: what the office rejected is no evidence, before or after it came."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Program, Ran

#: Column of a server's export and its words: approved, rejected, and what is not decided.
SERVERS = {
    "ReviewState": ("approved", "rejected", ("", "hasIssues", "edited")),
    "_validation_status": (
        "validation_status_approved",
        "Not Approved",
        ("", "On Hold", "{'uid': 'validation_status_on_hold'}"),
    ),
}


@pytest.fixture
def crew(program: Program) -> Program:
    for number in range(3):
        program.data("asset", "add", f"H{number}", "--kind", "hydrant.pillar", "--crs", "wgs84",
                     "--lon", 120.1 + number / 1000, "--lat", 30.2)  # fmt: skip
    return program


def send(program: Program, folder: Path, column: str | None, *rows: Any, more: Any = ()) -> Ran:
    """Import submissions, each (asset, outcome, review, defect or None)."""
    names = ["at", "which-found_by", "which-code", "outcome", "checklist-all_ok", "KEY"]
    file = folder / "visits.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow([*names, *([] if column is None else [column])])
        for code, outcome, review in rows:
            fine = "yes" if outcome == "works" else ""
            told = ["2026-11-01T09:00:00.000+08:00", "typed", code, outcome, fine, f"uuid:{code}"]
            writer.writerow([*told, *([] if column is None else [review])])
    return program("survey", "import", file, "--json", *more)


def condition(program: Program, code: str) -> str:
    return str(program.data("explain", code)["condition"])


@pytest.mark.parametrize("column", SERVERS)
def test_rejected_is_no_evidence_approved_and_undecided_are(
    crew: Program, tmp_path: Path, column: str
) -> None:
    approved, rejected, undecided = SERVERS[column]
    for word in undecided:
        rows = (("H0", "works", approved), ("H1", "works", rejected), ("H2", "works", word))
        ran = send(crew, tmp_path, column, *rows)
        assert ran.code == 0
        counts = ("read", "new", "unchanged", "rejected", "not_reviewed")
        read, new, same, refused, waiting = (ran.data[name] for name in counts)
        assert (read, new + same, refused, waiting) == (3, 2, 1, 1)
    assert [condition(crew, f"H{n}") for n in range(3)] == ["intact", "untested", "intact"]


@pytest.mark.parametrize("column", SERVERS)
def test_only_reviewed_ones_on_request(crew: Program, tmp_path: Path, column: str) -> None:
    approved, _, undecided = SERVERS[column]
    rows = (("H0", "works", approved), ("H1", "works", undecided[1]))
    ran = send(crew, tmp_path, column, *rows, more=["--reviewed"])
    assert (ran.data["new"], ran.data["held_back"]) == (1, 1)
    assert condition(crew, "H1") == "untested"
    later = send(crew, tmp_path, column, *rows)
    assert (later.data["new"], later.data["unchanged"], later.data["not_reviewed"]) == (1, 1, 1)


def test_what_is_rejected_after_it_came_is_withdrawn(crew: Program, tmp_path: Path) -> None:
    send(crew, tmp_path, "ReviewState", ("H0", "works", ""), ("H1", "fails", ""))
    assert [condition(crew, code) for code in ("H0", "H1")] == ["intact", "defective"]
    both = (("H0", "works", "rejected"), ("H1", "fails", "rejected"))
    foreseen = send(crew, tmp_path, "ReviewState", *both, more=["--dry-run"])
    assert (foreseen.data["rejected"], condition(crew, "H0")) == (2, "intact")
    ran = send(crew, tmp_path, "ReviewState", *both)
    assert (ran.data["rejected"], ran.data["withdrawn"]) == (2, 2)
    assert [condition(crew, code) for code in ("H0", "H1")] == ["untested", "untested"]
    again = send(crew, tmp_path, "ReviewState", *both)
    assert (again.data["rejected"], again.data["withdrawn"]) == (2, 0)


def test_a_review_alone_changes_no_answer(crew: Program, tmp_path: Path) -> None:
    send(crew, tmp_path, "ReviewState", ("H0", "works", ""))
    approved = send(crew, tmp_path, "ReviewState", ("H0", "works", "approved"))
    assert (approved.data["unchanged"], approved.data["changed"]) == (1, 0)
    assert send(crew, tmp_path, None, ("H0", "works", None)).data["unchanged"] == 1


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_state_that_nobody_knows_is_refused_by_name(
    crew: Program, tmp_path: Path, lang: str
) -> None:
    ran = send(crew, tmp_path, "ReviewState", ("H0", "works", "perhaps"), more=["--lang", lang])
    assert ran.code == 3
    (row,) = ran.data["rows"]
    assert "perhaps" in row["reason"]
    assert "ReviewState" in row["reason"]


def test_without_a_review_none_can_be_asked_for(crew: Program, tmp_path: Path) -> None:
    ran = send(crew, tmp_path, None, ("H0", "works", None), more=["--reviewed"])
    assert ran.code == 3
    assert "ReviewState" in ran.data["rows"][0]["reason"]
