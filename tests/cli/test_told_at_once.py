"""A command that changes what counts says at once what counts now, and why something does not."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from hydrant import times
from hydrant.messages import text
from hydrant.vocabulary import Language
from tests.conftest import TWO_TOWNSHIPS, Program

NOW = dt.datetime(2026, 6, 1, 4, tzinfo=dt.UTC)


@pytest.fixture
def entered(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A township, a hydrant in service, and one that is planned from 2025."""
    monkeypatch.setattr(times, "now", lambda: NOW)
    path = tmp_path / "regions.csv"
    path.write_text(TWO_TOWNSHIPS, "utf-8")
    program.data("region", "import", path)
    for code, more in (("H", ()), ("P", ("--planned", "2025-01-01"))):
        program.data("asset", "add", code, "--kind", "hydrant", "--lon", 120.1, "--lat", 30.2,
                     "--crs", "wgs84", "--region", "330199001", *more)  # fmt: skip
    return program


@pytest.mark.parametrize("lang", Language)
def test_an_event_before_a_later_one_says_that_it_still_does_not_exist(
    entered: Program, lang: Language
) -> None:
    line = ("asset", "event", "P", "commissioned", "--at", "2024-01-01")
    assert text("integrity.reason_not_existing", lang) in entered(*line, lang=lang).out
    now = entered.data(*line)["now"]
    assert now == {"condition": None, "reason": "not_existing", "remarks": []}
    now = entered.data("asset", "event", "P", "commissioned", "--at", "2026-01-01")["now"]
    assert now == {"condition": "untested", "reason": "never_tested", "remarks": []}
    assert entered.data("asset", "retire", "P", "--at", "2026-02-01")["now"]["condition"] is None


@pytest.mark.parametrize("lang", Language)
def test_a_visit_says_what_its_asset_counts_as(entered: Program, lang: Language) -> None:
    line = ("survey", "record", "H", "--outcome", "works", "--at")
    assert entered.data(*line, "2024-01-01")["now"] == {
        "condition": "stale",
        "reason": "too_old",
        "remarks": [],
    }
    assert text("integrity.reason_works", lang) in entered(*line, "2026-05-01", lang=lang).out
    now = entered.data("survey", "record", "P", "--outcome", "works")["now"]
    assert now == {"condition": None, "reason": "not_existing", "remarks": []}


def test_a_repair_on_the_day_of_the_finding_needs_a_time(entered: Program) -> None:
    entered.data("defect", "open", "H", "no_water", "--at", "2026-05-10T15:00:30")
    ran = entered("defect", "clear", "H", "no_water", "--at", "2026-05-10")
    assert ran.code == 3
    assert "2026-05-10 15:00" in ran.err
    stated = ran.err.partition("--at ")[2].strip().rstrip(".")
    assert stated == "2026-05-10T15:01"
    assert (
        "00:00" in entered("defect", "clear", "H", "no_water", "--at", "2026-05-10", lang="zh").err
    )
    # another day, or a time, is no matter of a time that lacks
    for early in ("2026-05-09", "2026-05-10T14:00"):
        assert (
            "cannot have been cleared"
            in entered("defect", "clear", "H", "no_water", "--at", early).err
        )
    assert entered.data("defect", "clear", "H", "no_water", "--at", stated)["still_open"] == []


def test_numbers_that_hold_no_more_are_told_apart(entered: Program) -> None:
    for count in (3, 4):
        entered.data("require", "set", "330199001", "hydrant", count, "--from", "2026-01-01")
    entered.data("require", "set", "330199001", "tank", 1, "--from", "2026-01-01")
    entered.data("require", "withdraw", "330199001", "tank", "--from", "2026-01-01",
                 "--reason", "typed twice")  # fmt: skip
    rows = entered.data("require", "list", "--all")["requirements"]
    assert sorted((row["kind"], row["count"], row["state"]) for row in rows) == [
        ("hydrant", 3, "replaced"),
        ("hydrant", 4, "stated"),
        ("tank", 1, "withdrawn"),
    ]
    assert [row["count"] for row in entered.data("require", "list")["requirements"]] == [4]
    for lang, words in (
        ("en", ("replaced the same day", "withdrawn", "stated")),
        ("zh", ("同日已改设", "已撤回", "已设定")),
    ):
        lines = entered("require", "list", "--all", lang=lang).out.splitlines()
        for word in words:
            assert sum(line.rstrip().endswith(word) for line in lines) == 1, word
        assert words[0] not in entered("require", "list", lang=lang).out
