"""The envelope names the command that Click found, however the line is built and ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import TWO_TOWNSHIPS, Program

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


#: A line that writes, and what the audit log names as its origin.
WRITES = [
    ("asset add A2 --kind hydrant --lon 120.2 --lat 30 --crs wgs84", "asset add"),
    ("asset edit A1 --owner City", "asset edit"),
    ("asset event A1 suspended", "asset suspended"),
    ("asset retire A1", "asset removed"),
    ("defect open A1 leak", "defect open"),
    ("survey record A1 --outcome works", "survey record"),
    ("survey import seen.csv", "survey import seen.csv"),
    ("require set 330127 hydrant 3 --from 2021-01-01", "require set"),
    ("require import numbers.csv", "require import numbers.csv"),
    ("region import regions.csv", "region import regions.csv"),
    ("integrity --save", "integrity --save"),
    ("sensor add A1 --profile keller-33x --url tcp://127.0.0.1:9 --unit 1", "sensor add"),
]


@pytest.mark.parametrize(("line", "origin"), WRITES, ids=[origin for _, origin in WRITES])
def test_the_log_names_the_command_that_wrote(
    program: Program, line: str, origin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "seen.csv").write_text("code,outcome,at\nA1,works,2026-05-04\n", "utf-8")
    (tmp_path / "regions.csv").write_text(TWO_TOWNSHIPS, "utf-8")
    (tmp_path / "numbers.csv").write_text("region,kind,count,from\n330127,well,2,2021-01-01\n")
    if "region import" not in line:
        (tmp_path / "own.csv").write_text("code,name_zh,name_en,level\n330127,淳安县,C,county\n")
        program.data("region", "import", "own.csv")
    program.data("asset", "add", "A1", "--kind", "hydrant", "--lon", 120.1, "--lat", 30,
                 "--crs", "wgs84")  # fmt: skip
    ran = program("--db", str(program.db), *line.split(), "--by" if "--save" not in line else
                  "--recorder", "Wang", "--json", db=False)  # fmt: skip
    assert ran.code == 0, ran
    latest = program.data("audit", "log", "-n", 50)["changes"]
    wrote = [change for change in latest if change["actor"] == "Wang"]
    assert wrote
    assert {change["origin"] for change in wrote} == {origin}
