"""Nothing stands in the way: closed streams, full disks, homes that are none; no secret is told."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hydrant import config, private
from hydrant.safe_text import without_secrets
from hydrant.store.ground import connection
from hydrant.store.ground.place import Server
from hydrant.workbooks import workbook
from tests.conftest import Program

AT = ("--kind", "hydrant", "--crs", "cgcs2000", "--lat", "30.1")
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="streams and modes are another matter")


@pytest.fixture
def one(program: Program) -> Program:
    program.data("asset", "add", "A", *AT, "--lon", "120.1")
    return program


@POSIX
@pytest.mark.parametrize("closed", [(1,), (2,), (1, 2), (0, 1, 2)])
def test_what_was_stored_ends_with_0_though_nobody_can_read_of_it(
    one: Program, closed: tuple[int, ...]
) -> None:
    words = [sys.executable, "-m", "hydrant", "--db", str(one.db)]

    def close() -> None:
        for number in closed:
            os.close(number)

    for line in (["survey", "record", "A", "--outcome", "works"], ["integrity"]):
        ended = subprocess.run([*words, *line], preexec_fn=close, check=False, cwd=one.db.parent)
        assert ended.returncode == 0, line
    assert one.data("integrity")["total"]["working_order"]["existing"] == 1
    with sqlite3.connect(one.db) as raw:
        assert raw.execute("SELECT count(*) FROM inspection").fetchone() == (1,)
    assert one.data("db", "check")["faults"] == []


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://wen:Plum/Tree9@127.0.0.1:1/x",
        "postgresql:wen:PlumTree9@127.0.0.1",
        "postgres:/wen:PlumTree9@127.0.0.1/x",
        "postgresql://wen:PlumTree9@[bad/x",
        "postgresql://wen:Plum@Tree9@127.0.0.1:1/x",
        "postgres://wen:Plum?Tree9@127.0.0.1:1/x",
        "postgres://wen:Plum#Tree9@127.0.0.1:1/x",
        "postgresql://127.0.0.1:1/x?sslpassword=PlumTree9",
        "postgresql://127.0.0.1:1/x?user=a&password=PlumTree9",
    ],
)
def test_no_slip_in_an_address_shows_its_password(
    url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for said in (without_secrets(f"cannot reach {url}: no"), str(Server(url))):
        assert "Plum" not in said, said
        assert "Tree9" not in said, said
    for words in ((), ("--json",)):
        ran = Program(url, capsys)("db", "check", *words)
        assert ran.code in (2, 3, 4)
        assert "Tree9" not in ran.out + ran.err
        assert "Traceback" not in ran.err


def test_an_address_without_a_password_is_shown() -> None:
    assert str(Server("postgresql://wen:x@db.example:5433/water?sslmode=disable")) == (
        "postgresql://wen@db.example:5433/water"
    )
    assert without_secrets("see https://example.org/a/b") == "see https://example.org/a/b"


@POSIX
def test_what_the_program_keeps_is_its_users_alone_whatever_the_mask(
    one: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "config_path", lambda: tmp_path / "c" / "d" / "config.toml")
    former = os.umask(0)
    try:
        one.data("sensor", "add", "A", "--profile", "pushed", "--url", "push://d", "--unit", 1)
        one.data("poll")
        one.data("config", "set", "lang", "en")
        private.folder(tmp_path / "e" / "f" / "g")
    finally:
        os.umask(former)
    made = [tmp_path / name for name in ("c", "c/d", "c/d/config.toml", "e", "e/f", "e/f/g")]
    made += tmp_path.glob("*.lock")
    assert any(path.suffix == ".lock" for path in made)
    for path in made:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_home_that_is_a_file_has_no_settings(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    assert config.load(tmp_path / "home" / ".config" / "config.toml") == config.Config()


@POSIX
def test_a_workbook_without_room_is_refused_by_the_system_and_not_a_mistake(
    one: Program, tmp_path: Path
) -> None:
    for number in range(200):
        one.data("asset", "add", f"B{number}", *AT, "--lon", f"120.{number + 200}")
    words = [sys.executable, "-m", "hydrant", "--db", str(one.db)]
    shell = shutil.which("sh") or "sh"
    for line in ("export out.xlsx", "survey form form.xlsx", "report out.xlsx"):
        ended = subprocess.run(
            [shell, "-c", f'ulimit -f 4; exec "$@" {line}', "sh", *words],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ended.returncode in (1, 3, 4), (line, ended)
        assert len(ended.stderr.splitlines()) == 1, ended.stderr
    assert not list(tmp_path.glob("*.xlsx")) + list(tmp_path.glob(".*.xlsx"))


def test_a_workbook_for_which_there_is_no_folder_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such"), workbook(tmp_path / "none" / "a.xlsx"):
        pass


def test_no_cell_of_the_list_for_phones_begins_as_a_formula(
    program: Program, tmp_path: Path
) -> None:
    register = tmp_path / "r.csv"
    register.write_text("code,lon,lat,name\n=1+1,120.1,30.1,=2\n@SUM(1),120.2,30.1,\n", "utf-8")
    program.data("import", register, "--kind", "hydrant", "--crs", "cgcs2000")
    program.data("survey", "form", tmp_path / "form.xlsx", "--assets")
    (made,) = tmp_path.glob("*assets*.csv")
    with made.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert "'=1+1" in cells
    assert not [cell for cell in cells if cell[:1] in "=+@\t\r" and cell]


def test_who_maintains_nothing_is_not_told_that_all_is_done(program: Program) -> None:
    one = program
    one.data("asset", "add", "A", *AT, "--lon", "120.1", "--maintainer", "Lakeside Waterworks")
    assert one("todo", "--for", "Lakeside Waterworks").code == 0
    for name in ("Lakeside Watterworks", "%", "Nobody"):
        for lang, word in (("en", "Nobody on record"), ("zh", "登记库中没有")):
            ran = one("todo", "--for", name, lang=lang)
            assert (ran.code, word in ran.err) == (3, True)
    assert "Lakeside Waterworks" in one("todo", "--for", "Lakeside Watterworks").err


@pytest.mark.parametrize("sign", ["\n", "\r", "\x85", "\u2028"])
def test_a_plate_begins_no_line_of_its_own(program: Program, tmp_path: Path, sign: str) -> None:
    register = tmp_path / "r.csv"
    register.write_text(f'code,lon,lat\n"A-1{sign}TOTAL 100",120.1,30.1\nA-2,120.2,30.1\n', "utf-8")
    if program("import", register, "--kind", "hydrant", "--crs", "cgcs2000").code:
        return  # refusing it is as good
    for words in (
        ("integrity", "--explain"), ("integrity", "--list", "unverified"), ("asset", "list"),
        ("near", "120.1", "30.1", "--crs", "cgcs2000"), ("todo", "--list", "unverified"),
    ):  # fmt: skip
        ran = program(*words)
        assert ran.code == 0
        assert not [line for line in ran.out.splitlines() if line.strip().startswith("TOTAL")]


def test_a_log_whose_index_finds_no_room_is_read_by_whoever_holds_the_file_alone(
    one: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one.data("sensor", "add", "A", "--profile", "pushed", "--url", "push://d", "--unit", 1,
             "--from", "2026-01-01")  # fmt: skip
    sent = tmp_path / "r.jsonl"
    rows = [{"device": "d", "at": f"2026-01-10T08:{m}0:00+08:00", "value": 80} for m in (0, 1)]
    sent.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    one.data("ingest", sent)
    before = one.data("integrity", "--as-of", "2026-01-20")["total"]
    real, asked = connection._open, []

    def full(path: Path, mode: str, *, alone: bool = False) -> Any:
        asked.append((path.suffix, mode, alone))
        if path.suffix == ".db" and not alone:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorname, error.sqlite_errorcode = "SQLITE_IOERR_SHMSIZE", 4874
            raise error
        return real(path, mode, alone=alone)

    monkeypatch.setattr(connection, "_open", full)
    assert one.data("integrity", "--as-of", "2026-01-20")["total"] == before
    assert (".db", "rw", True) in asked
    assert one.data("near", "120.1", "30.1", "--crs", "cgcs2000")["sources"][0]["code"] == "A"
