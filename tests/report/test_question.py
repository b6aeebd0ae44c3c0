"""Every command that shows figures asks the same question: same words, same remarks."""

from __future__ import annotations

from pathlib import Path

import pytest

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
    ("option", "code"), [(("--policy", "none-such"), 3), (("--known-at", "yesterday"), 3)]
)
def test_words_that_mean_nothing_are_refused_alike(
    program: Program, ended: str, line: tuple[str, ...], option: tuple[str, str], code: int
) -> None:
    ran = program(*(word.format(ended) for word in line), *option, "--json")
    (message,) = ran.json["messages"]
    assert ran.code == code
    assert option[1] in message["text"]
