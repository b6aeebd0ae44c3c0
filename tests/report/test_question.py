"""Every command that shows figures asks the same question: same words, same remarks."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from hydrant import times
from hydrant.messages import text
from hydrant.vocabulary import Language
from tests.conftest import TWO_TOWNSHIPS, Program

#: Lines that ask for figures of a region, with the place for its code.
LINES = [
    ("integrity", "{}"),
    ("todo", "{}"),
    ("money", "{}"),
    ("trend", "{}", "--from", "2026-01-01"),
    ("compare", "2026-01-01", "--region", "{}"),
    ("report", "figures.html", "--region", "{}"),
]


@pytest.fixture
def ended(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A township that another took over."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "regions.csv").write_text(TWO_TOWNSHIPS, "utf-8")
    program.data("region", "import", "regions.csv")
    program.data("region", "succeed", "330199002", "330199001", "--at", "2026-02-01")
    return "330199002"


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[0])
def test_a_region_that_had_ended_is_remarked_on(
    program: Program, ended: str, line: tuple[str, ...]
) -> None:
    ran = program(*(word.format(ended) for word in line), "--json")
    assert ran.code == 0, ran
    found = [m["text"] for m in ran.json["messages"] if m["key"] == "cli_integrity.ended"]
    assert len(found) == 1
    assert "2026-02-01" in found[0]
    assert "330199001" in found[0]
    other = program(*(word.format("330199001") for word in line), "--json")
    assert not [m for m in other.json["messages"] if m["key"] == "cli_integrity.ended"]


def test_before_its_end_a_region_is_as_any_other(program: Program, ended: str) -> None:
    ran = program("integrity", ended, "--as-of", "2026-01-31", "--json")
    assert not [m for m in ran.json["messages"] if m["key"] == "cli_integrity.ended"]


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[0])
@pytest.mark.parametrize(
    ("option", "code"), [(("--policy", "none-such"), 3), (("--known-at", "the other day"), 3)]
)
def test_words_that_mean_nothing_are_refused_alike(
    program: Program, ended: str, line: tuple[str, ...], option: tuple[str, str], code: int
) -> None:
    ran = program(*(word.format(ended) for word in line), *option, "--json")
    (message,) = ran.json["messages"]
    assert ran.code == code
    assert option[1] in message["text"]


#: Lines that ask for figures of a day, with the place for it.
OF_A_DAY = [
    ("integrity", "--as-of", "{}"),
    ("integrity", "--as-of", "{}", "--by", "kind"),
    ("todo", "--as-of", "{}"),
    ("money", "--as-of", "{}"),
    ("explain", "H1", "--as-of", "{}"),
    ("trend", "--from", "2026-01-01", "--every", "year", "--to", "{}"),
    ("compare", "2026-01-01", "{}"),
    ("report", "figures.html", "--as-of", "{}"),
]


@pytest.fixture
def today(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A registry with one hydrant, shortly before midnight of 29 November by its clock."""
    monkeypatch.chdir(tmp_path)
    now = dt.datetime(2026, 11, 29, 15, 30, tzinfo=dt.UTC)
    monkeypatch.setattr(times, "now", lambda: now)
    (tmp_path / "regions.csv").write_text(TWO_TOWNSHIPS, "utf-8")
    program.data("region", "import", "regions.csv")
    program.data("asset", "add", "H1", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.2,
                 "--crs", "wgs84", "--region", "330199001")  # fmt: skip
    program.data("survey", "record", "H1", "--outcome", "works")
    return program


@pytest.mark.parametrize("line", OF_A_DAY, ids=lambda line: line[0])
def test_a_day_that_has_not_come_is_warned_of_once(today: Program, line: tuple[str, ...]) -> None:
    for day, said in (("2026-11-29", 0), ("2026-11-30", 1), ("2027-12-31", 1)):
        ran = today(*(word.format(day) for word in line), "--json")
        assert ran.code == 0, ran
        found = [m for m in ran.json["messages"] if m["key"] == "integrity.not_come"]
        assert [m["level"] for m in found] == ["warning"] * said, day
        assert all(day in m["text"] for m in found)


@pytest.mark.parametrize(("lang", "word"), [("en", "(to come)"), ("zh", "（未到）")])
def test_figures_to_come_are_told_apart_from_those_of_today(
    today: Program, lang: str, word: str
) -> None:
    shown = today("trend", "--from", "2026-10-01", "--to", "2027-01-31", lang=lang).out
    rows = [line for line in shown.splitlines() if line.strip().startswith("202")]
    assert [word in row for row in rows] == [False, True, True, True]
    dates = today.data("trend", "--from", "2026-10-01", "--to", "2027-01-31")["dates"]
    assert [row["ahead"] for row in dates] == [False, True, True, True]
    found = today.data("compare", "2026-11-29", "2026-11-30")
    assert (found["before"]["ahead"], found["after"]["ahead"]) == (False, True)
    assert today("compare", "2026-11-29", "2026-11-30", lang=lang).out.count(word) == 1
    assert word in today("integrity", "--as-of", "2026-11-30", lang=lang).out
    assert today.data("integrity", "--as-of", "2026-11-30")["ahead"] is True
    assert today.data("integrity")["ahead"] is False


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_report_of_a_day_to_come_says_so_itself(today: Program, lang: str) -> None:
    for day, said in (("2026-11-29", False), ("2026-11-30", True)):
        today.data("report", "figures.html", "--as-of", day, "--lang", lang)
        remark = text("integrity.not_come", Language(lang), date=day)
        assert (remark in Path("figures.html").read_text("utf-8")) is said
        today.data("report", "figures.geojson", "--as-of", day)
        assert json.loads(Path("figures.geojson").read_text("utf-8"))["ahead"] is said


def test_the_result_of_a_day_to_come_is_not_saved(today: Program) -> None:
    ran = today("integrity", "--as-of", "2026-11-30", "--save", "--json")
    assert ran.code == 3
    assert "2026-11-30" in ran.json["messages"][-1]["text"]
    assert today.data("assessment", "list")["assessments"] == []
    ran = today("integrity", "--known-at", "2026-11-30", "--save", "--json")
    assert (ran.code, ran.json["messages"][-1]["key"]) == (3, "integrity.not_saved")
    today.data("integrity", "--as-of", "2026-11-29", "--save")
    assert len(today.data("assessment", "list")["assessments"]) == 1


def test_a_moment_of_knowing_is_told_with_its_time(today: Program) -> None:
    for word, told in (
        ("2026-11-29", "2026-11-29T00:00:00+08:00"),
        ("2026-11-29T09:30", "2026-11-29T09:30:00+08:00"),
    ):
        assert told in today("integrity", "--known-at", word).out
        today.data("report", "figures.html", "--known-at", word)
        assert told in Path("figures.html").read_text("utf-8")
    assert "00:00" in today("integrity", "--help").out


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[0])
def test_a_moment_of_knowing_to_come_is_remarked_on(
    program: Program, ended: str, line: tuple[str, ...]
) -> None:
    words = [word.format("330199001") for word in line]
    for moment, told in (("2999-01-01", 1), ("2026-01-01", 0)):
        ran = program(*words, "--known-at", moment, "--json")
        assert sum(m["key"] == "cli_cuts.known_ahead" for m in ran.json["messages"]) == told
