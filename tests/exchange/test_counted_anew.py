"""A key that a program counts means another thing once a row is taken out or the file is sorted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Program

RULES = """source = "works"
crs = "cgcs2000"
key = ["fid"]
[position]
x = "lon"
y = "lat"
[fields]
kind = { constant = "hydrant.pillar" }
[inspection]
outcome = { column = "state", values = { "good" = "works", "bad" = "fails" } }
at = { column = "day", date = ["iso"] }
"""


def delivery(folder: Path, things: list[int]) -> Path:
    """The hydrants of those numbers, the third of them broken, under keys counted anew."""
    rows = [
        f"{fid},{120 + thing / 100},30.2,{'bad' if thing == 3 else 'good'},2026-06-01"
        for fid, thing in enumerate(things, 1)
    ]
    file = folder / "d.csv"
    file.write_text("\n".join(["fid,lon,lat,state,day", *rows, ""]), "utf-8")
    return file


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    file = tmp_path / "works.toml"
    file.write_text(RULES, "utf-8")
    return file


@pytest.mark.parametrize(
    "things",
    [[2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1], [7, 1, 2, 3, 4, 5, 6]],
    ids=["taken out", "sorted", "put in"],
)
@pytest.mark.parametrize(("lang", "word"), [("en", "keys anew"), ("zh", "重新编号")])
def test_keys_counted_anew_are_refused(
    program: Program, tmp_path: Path, rules: Path, things: list[int], lang: str, word: str
) -> None:
    program.data("import", delivery(tmp_path, [1, 2, 3, 4, 5, 6]), "--mapping", rules)
    before = program.data("integrity")["total"]
    ran = program("import", delivery(tmp_path, things), "--mapping", rules, lang=lang)
    assert ran.code == 3
    assert word in ran.err
    assert program.data("integrity")["total"] == before
    program.data("import", delivery(tmp_path, things), "--mapping", rules, "--accept-offset")


def test_a_register_may_be_sorted_and_shortened_while_its_keys_stay(
    program: Program, tmp_path: Path, rules: Path
) -> None:
    """Two things that change places are a correction, and so is what moves to free places."""
    program.data("import", delivery(tmp_path, [1, 2, 3, 4, 5, 6]), "--mapping", rules)
    told = program.data("import", delivery(tmp_path, [1, 2, 3, 5, 4]), "--mapping", rules)
    assert (told["moved"], told["missing"]) == (2, 1)
    file = tmp_path / "d.csv"
    rows = [f"{n},{120 + n / 100 + n * n / 5000},30.3,good,2026-06-01" for n in range(1, 7)]
    file.write_text("\n".join(["fid,lon,lat,state,day", *rows, ""]), "utf-8")
    assert program.data("import", file, "--mapping", rules)["moved"] == 6
