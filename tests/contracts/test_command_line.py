"""Flags, exit codes, help and start-up as other people's scripts rely on them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hydrant.cli.main import COMMANDS
from hydrant.cli.screen import cell_width
from hydrant.store.opened.registry import open_registry
from tests.conftest import Program

#: Every command with its subcommands.
GROUPS = {
    "asset": ("add", "show", "list", "edit", "retire", "history"),
    "survey": ("round", "plan", "record", "import"),
    "defect": ("open", "clear", "list", "propose", "confirm"),
    "duplicates": ("list", "merge", "keep"),
    "package": ("make", "check", "take"),
    "require": ("set", "list", "import"),
    "sensor": ("add", "list", "test", "suspend", "resume", "remove"),
    "driver": ("list", "show", "check"),
    "alarm": ("list", "ack", "shelve", "expect"),
    "assessment": ("list", "verify"),
    "policy": ("list", "show", "diff", "check"),
    "region": ("list", "import"),
    "audit": ("log", "verify", "accept"),
    "db": ("check", "migrate", "backup"),
    "config": ("show", "set"),
    "worker": ("run", "status", "prepare"),
}
LINES = [(name,) for name in COMMANDS] + [
    (group, command) for group, commands in GROUPS.items() for command in commands
]


@pytest.mark.parametrize("line", LINES, ids=" ".join)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_help_of_every_command(program: Program, line: tuple[str, ...], lang: str) -> None:
    ran = program(*line, "--help", lang=lang, db=False)
    assert ran.code == 0
    assert ran.out.isascii() == (lang == "en") or "…" in ran.out
    assert all(cell_width(row) <= 100 for row in ran.out.splitlines())
    for option in ("--db", "--json", "--lang", "--help"):
        assert option in ran.out
    if line[0] not in GROUPS or len(line) == 2:
        assert ("Example:" if lang == "en" else "示例：") in ran.out


def test_options_before_and_after_the_command(program: Program) -> None:
    for words in (
        ["--db", str(program.db), "--json", "asset", "list"],
        ["asset", "--db", str(program.db), "--json", "list"],
        ["asset", "list", "--db", str(program.db), "--json"],
    ):
        ran = program(*words, db=False)
        assert ran.code == 0
        assert ran.json["command"] == "asset list"


def test_registry_from_the_environment(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYDRANT_DB", str(program.db))
    assert program("db", "check", db=False).code == 0


def test_registry_from_the_configuration(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    assert program("config", "set", "db", program.db, db=False).code == 0
    assert program("db", "check", db=False).code == 0


def test_negative_coordinates_need_no_dashes(program: Program) -> None:
    assert program("near", "-75.7", "45.4").code == 0
    assert program("near", "-75.7", "-45.4", "--json").code == 0
    ran = program("asset", "add", "G", "--kind", "hydrant", "--lon", "-75.7", "--lat", "-45.4",
                  "--crs", "wgs84")  # fmt: skip
    assert ran.code == 0


def test_kinds_take_both_words(program: Program) -> None:
    for number, kind in enumerate(("hydrant", "hydrant.pillar", "intake.river", "crane")):
        program.data("asset", "add", kind, "--kind", kind, "--lon", 120 + number, "--lat", 30,
                     "--crs", "cgcs2000")  # fmt: skip
    assert len(program.data("asset", "list", "--kind", "hydrant")["assets"]) == 2
    assert len(program.data("asset", "list", "--kind", "hydrant.pillar")["assets"]) == 1
    assert program("asset", "list", "--kind", "hidrant").code in (2, 3)


def test_an_as_of_date_means_the_end_of_that_local_day(program: Program) -> None:
    program.data("asset", "add", "A", "--kind", "hydrant", "--lon", 120, "--lat", 30,
                 "--crs", "wgs84", "--built", "2020-01-01")  # fmt: skip
    # 23:30 of the second in Shanghai is 15:30 of the second in UTC
    program.data("survey", "record", "A", "--outcome", "works", "--at", "2025-05-02T23:30")
    for day, intact in (("2025-05-01", 0), ("2025-05-02", 1), ("2026-05-02", 1), ("2026-05-03", 0)):
        found = program.data("integrity", "--as-of", day)["total"]["working_order"]
        assert found["intact"] == intact, day


def test_assets_are_found_by_code_or_uid(program: Program) -> None:
    added = [
        program.data(
            "asset",
            "add",
            "A",
            "--kind",
            "hydrant",
            "--lon",
            120 + n,
            "--lat",
            30,
            "--crs",
            "wgs84",
        )["asset"]["uid"]
        for n in range(2)
    ]
    ran = program("explain", "A")
    assert ran.code == 3
    assert all(uid in ran.err for uid in added)
    assert program("explain", added[0]).code == 0


def test_exit_codes(program: Program, tmp_path: Path) -> None:
    assert program("integrity").code == 0
    assert program("integrity", "--nonsense").code == 2
    assert program("near", "1").code == 2
    assert program("asset", "show", "NOPE").code == 3
    assert program("import", tmp_path / "no.csv").code == 3
    assert program("integrity", "--db", tmp_path / "no.gpkg", db=False).code == 4
    assert program("integrity", "--db", "postgresql://x/y", db=False).code == 4
    assert program("integrity", "--fail-under", 90).code == 6  # unknown is below anything
    # somebody else is writing
    with open_registry(program.db, write=True) as registry:
        registry.connection.execute("BEGIN IMMEDIATE")
        ran = program("asset", "add", "A", "--kind", "hydrant", "--lon", 1, "--lat", 1,
                      "--crs", "wgs84")  # fmt: skip
        registry.connection.execute("ROLLBACK")
    assert ran.code == 4


def test_a_bug_is_one_line_and_a_trace_in_the_log(
    program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("made by the test")

    monkeypatch.setattr("hydrant.cli.db.check_registry", broken)
    ran = program("db", "check")
    assert ran.code == 70
    assert len(ran.err.splitlines()) == 1
    assert "made by the test" in ran.err
    log = next(tmp_path.rglob("hydrant.log"))
    assert "Traceback" in log.read_text(encoding="utf-8")


def test_fail_under_holds_both_rates(program: Program) -> None:
    program.data("asset", "add", "A", "--kind", "hydrant", "--lon", 120, "--lat", 30,
                 "--crs", "wgs84")  # fmt: skip
    program.data("survey", "record", "A", "--outcome", "works")
    # in working order, but how many are required is not known
    assert program("integrity", "--fail-under", 50).code == 6


HEAVY = ("sqlmodel", "sqlalchemy", "pydantic", "pymodbus", "numpy", "pyogrio", "openpyxl", "rich")


@pytest.mark.parametrize(
    ("line", "light"),
    [
        (["--help"], (*HEAVY, "pyproj", "sqlite3")),
        (["--version"], (*HEAVY, "pyproj", "sqlite3")),
        (["near", "120", "30", "--json"], (*HEAVY, "pyproj")),
        (["near", "120", "30", "--crs", "gcj02", "--json"], (*HEAVY, "pyproj")),
        (["poll"], ("sqlmodel", "sqlalchemy", "pydantic", "numpy", "pyogrio", "rich")),
    ],
)
def test_start_up_loads_only_what_it_needs(
    program: Program, line: list[str], light: tuple[str, ...]
) -> None:
    script = (
        "import sys, json\n"
        "from hydrant.cli.main import run\n"
        "code = run(sys.argv[1:])\n"
        "print(json.dumps([code, sorted({name.partition('.')[0] for name in sys.modules})]),"
        " file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "--db", str(program.db), *line],
        capture_output=True,
        text=True,
        check=True,
    )
    code, modules = json.loads(done.stderr.strip().splitlines()[-1])
    assert code == 0
    assert not set(light) & set(modules)


@pytest.mark.parametrize("encoding", ["gbk", "ascii", "utf-8", "cp1252"])
def test_terminals_that_lack_characters(program: Program, encoding: str) -> None:
    for lang in ("zh", "en"):
        done = subprocess.run(
            [sys.executable, "-m", "hydrant", "integrity", "--db", str(program.db), "--lang", lang],
            capture_output=True,
            check=False,
            env={"PYTHONIOENCODING": encoding, "COLUMNS": "60", "PATH": "/usr/bin"},
        )
        assert done.returncode == 0, done.stderr
        assert b"Traceback" not in done.stderr
        assert done.stdout.decode(encoding)
