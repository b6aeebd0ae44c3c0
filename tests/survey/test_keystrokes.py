"""How many keys five typical visits take: what docs/how-to/round.md says, and what they record."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import pytest

from tests.conftest import Program

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "round.md"
#: Rows of the page's table: the visit, what is typed (⏎ is Enter), how many keys.
ROW = re.compile(r"^\| ([^|]+) \| `([^`]+)` \| (\d+) \|$", re.MULTILINE)
ROWS = ROW.findall(PAGE.read_text(encoding="utf-8"))
WANTED = [
    {"outcome": "works", "static_kpa": 320.0},
    {"outcome": "works", "static_kpa": 320.0, "residual_kpa": 200.0, "flow_l_s": 18.0},
    {"outcome": "works", "static_kpa": 320.0},
    {"outcome": "fails"},
    {"outcome": "not_found"},
]
#: Defects that each of them finds.
FOUND: list[list[str]] = [[], [], ["leak"], ["no_water"], []]


def test_the_page_tells_of_five_visits_and_the_commonest_takes_four_keys() -> None:
    assert len(ROWS) == len(WANTED)
    assert int(ROWS[0][2]) <= 4


@pytest.mark.file_only
@pytest.mark.parametrize(("row", "wanted"), list(zip(ROWS, WANTED, strict=False)))
def test_a_typical_visit_takes_as_many_keys_as_the_page_says(
    program: Program,
    monkeypatch: pytest.MonkeyPatch,
    row: tuple[str, str, str],
    wanted: dict[str, object],
) -> None:
    _, keys, count = row
    assert len(keys) == int(count)
    program.data("asset", "add", "H", "--kind", "hydrant", "--crs", "wgs84",
                 "--lon", 120.1, "--lat", 30.2)  # fmt: skip
    monkeypatch.setattr(sys, "stdin", io.StringIO(keys.replace("⏎", "\n")))
    assert program("survey", "round").code == 0
    history = program.data("asset", "history", "H")["history"]
    (visit,) = [fact["values"] for fact in history if fact["fact"] == "inspection"]
    assert wanted.items() <= visit.items()
    found = [defect["code"] for defect in program.data("defect", "list")["defects"]]
    assert found == FOUND[ROWS.index(row)]
