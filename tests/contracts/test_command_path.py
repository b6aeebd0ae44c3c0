"""The envelope names the command that Click found, however the line is built and ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Program

#: A line, the command it is about, and how it ends.
LINES = [
    (("db", "copy", "FROM"), "db copy", 2),
    (("db", "nonsense"), "db", 2),
    (("nonsense",), "", 2),
    (("survey", "--near", "nowhere"), "survey round", 2),
    (("survey", "plan", "--near", "nowhere"), "survey plan", 2),
    (("audit", "outside", "accept"), "audit outside accept", 2),
    (("asset", "show", "NOPE"), "asset show", 3),
    (("asset", "list", "--nope"), "asset list", 2),
    (("near", "x", "y"), "near", 2),
    (("import", "no.csv"), "import", 3),
    (("asset", "list"), "asset list", 0),
    (("audit", "key", "show"), "audit key show", 0),
]


@pytest.mark.parametrize(("line", "wanted", "code"), LINES)
def test_the_path_is_clicks_own(
    program: Program, line: tuple[str, ...], wanted: str, code: int
) -> None:
    for words in (["--db", str(program.db), *line], [*line, "--db", str(program.db)]):
        ran = program(*words, "--json", db=False)
        assert (ran.json["command"], ran.json["exit_code"]) == (wanted, code), words


@pytest.mark.parametrize("name", ["db", "near", "asset", "import"])
def test_a_registry_named_like_a_command_is_no_command(
    program: Program, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for line, wanted in ((("asset", "list"), "asset list"), (("db", "copy"), "db copy")):
        ran = program("--db", name, *line, "--json", db=False)
        assert ran.code in (2, 4)
        assert ran.json["command"] == wanted


def test_a_run_does_not_remember_the_command_before(program: Program) -> None:
    program("asset", "list", "--json")
    assert program("--nope", "--json").json["command"] == ""
