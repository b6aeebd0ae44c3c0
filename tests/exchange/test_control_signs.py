"""Signs that nobody sees are refused by cell, at every door."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import pytest

from hydrant.errors import InputRefused
from hydrant.model.inputs import AssetInput, InspectionInput, RequirementInput, validated
from hydrant.safe_text import control_in
from hydrant.survey.row_rules import problem_of
from hydrant.times import now
from tests.conftest import TWO_TOWNSHIPS, Program

SIGNS = ("\x00", "\x07", "\x1b", "\x7f", "\x9b", "\u202e", "\u2066")
BELL = "水务\x07公司"


@pytest.mark.parametrize("sign", SIGNS)
def test_what_nobody_sees_is_named(sign: str) -> None:
    assert control_in(f"a{sign}b") == f"U+{ord(sign):04X}"


@pytest.mark.parametrize("text", ["a\tb\nc\r\nd", "a\u3000b", "n\u00e4h", "", "a\u00a0b", "😀"])
def test_what_people_write_is_none(text: str) -> None:
    assert control_in(text) is None


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (AssetInput, {"kind": "hydrant", "owner": BELL}),
        (InspectionInput, {"outcome": "works", "note": BELL}),
        (RequirementInput, {"region_code": "33", "kind": "well", "count": 1, "document": BELL}),
    ],
)  # fmt: skip
def test_no_input_holds_one(model: type, values: dict[str, object]) -> None:
    with pytest.raises(InputRefused) as refused:
        validated(model, **values)
    assert refused.value.key == "model.control"


def test_no_row_of_a_bundle_or_package_holds_one() -> None:
    row = {"kind": "hydrant", "service": "municipal", "owner": BELL}
    problem = problem_of("asset", row, now=now())
    assert problem is not None
    assert problem.key == "survey.refused_control"


def saved(path: Path, *rows: tuple[str, ...]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def test_every_door_names_the_cell(program: Program, tmp_path: Path) -> None:
    program.data("asset", "add", "A", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.2,
                 "--crs", "wgs84")  # fmt: skip
    at = "2026-05-01"
    doors = {
        "import": (
            ("code", "kind", "lon", "lat", "owner"),
            ("B", "hydrant", "120.2", "30.2", BELL),
        ),
        "survey import": (("code", "outcome", "at", "note"), ("A", "works", at, BELL)),
        "region import": (("code", "name", "level"), ("330127", BELL, "county")),
    }
    for door, rows in doors.items():
        file = saved(tmp_path / "door.csv", *rows)
        crs = ["--crs", "wgs84"] if door == "import" else []
        ran = program(*door.split(), file, *crs)
        assert (door, ran.code, "U+0007" in ran.out + ran.err) == (door, 3, True)
    regions = tmp_path / "regions.csv"
    regions.write_text(TWO_TOWNSHIPS, encoding="utf-8")
    program.data("region", "import", regions)
    file = saved(tmp_path / "r.csv", ("region", "kind", "count", "from", "document"),
                 ("330199", "hydrant", "3", at, BELL))  # fmt: skip
    spoken = {
        "asset": ("asset", "add", "C", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.3,
                  "--crs", "wgs84", "--owner", BELL),
        "record": ("survey", "record", "A", "--outcome", "works", "--note", BELL),
        "require import": ("require", "import", file),
        "require": ("require", "set", "330199", "hydrant", 3, "--from", at, "--document", BELL),
    }  # fmt: skip
    for door, words in spoken.items():
        ran = program(*words)
        assert (door, ran.code, "U+0007" in ran.err) == (door, 3, True)


def test_a_form_names_the_cell(program: Program, tmp_path: Path) -> None:
    program.data("asset", "add", "A", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.2,
                 "--crs", "wgs84")  # fmt: skip
    heads = ("KEY", "code", "outcome", "at", "note")
    file = saved(tmp_path / "visits.csv", heads, ("uuid:1", "A", "works", "2026-05-01", BELL))
    with zipfile.ZipFile(tmp_path / "visits.zip", "w") as archive:
        archive.write(file, file.name)
    ran = program("survey", "import", tmp_path / "visits.zip")
    assert (ran.code, "U+0007" in ran.out + ran.err) == (3, True)
