"""A part that is missing, half there or too old is a skip that says what to install."""

from __future__ import annotations

import ast
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import parts
from tests.conftest import missing
from tests.server import DEBIAN, ENVIRONMENT, NEW, OWN, PROGRAMS, binaries, nobody_may_start

ROOT = Path(__file__).parents[1]
ON_SERVER = "tests/store/test_writer.py::test_failure_leaves_neither_fact_nor_entry[server]"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="programs here are shell scripts")

#: What the programs of a PostgreSQL do, by what ails it, and what is said of it.
AILING = {
    "half": ({"initdb": "exit 0"}, "has no pg_ctl; apt-get install postgresql"),
    "old": (
        {"initdb": "exit 0", "pg_ctl": "exit 0", "postgres": "echo 'postgres (PostgreSQL) 12.22'"},
        f"postgres (PostgreSQL) 12.22 is too old, 13 or newer is needed; {NEW}",
    ),
    "broken": (
        {"initdb": "exit 0", "pg_ctl": "exit 0", "postgres": "echo no such library >&2; exit 127"},
        "does not run",
    ),
    "without contrib": (
        {"initdb": "echo 'initdb: error: file \"postgres.bki\" does not exist' >&2; exit 1",
         "pg_ctl": "exit 0", "postgres": "echo 'postgres (PostgreSQL) 15.10'"},
        'does not start (initdb: error: file "postgres.bki" does not exist); apt-get install',
    ),
    "not starting": (
        {"initdb": "exit 0", "pg_ctl": "echo 'FATAL: could not create shared memory'; exit 1",
         "postgres": "echo 'postgres (PostgreSQL) 15.10'"},
        "does not start (FATAL: could not create shared memory); apt-get install",
    ),
}  # fmt: skip

#: What is found out only when it is started.
NEED_A_START = ("without contrib", "not starting")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in which another user may run programs, as pytest's own may not be."""
    made = Path(tempfile.mkdtemp(prefix="hydrant-parts-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def script(path: Path, what: str) -> None:
    path.write_text(f"#!/bin/sh\n{what}\n", "utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


def ran(test: str, required: str, **more: str) -> subprocess.CompletedProcess[str]:
    """One test in a process of its own, in surroundings of its own."""
    environment = {k: v for k, v in os.environ.items() if k != ENVIRONMENT}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", test],
        cwd=ROOT, env={**environment, "HYDRANT_REQUIRE_PEERS": required, "COLUMNS": "400", **more},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def must_say(done: subprocess.CompletedProcess[str], words: str, required: str) -> None:
    assert done.returncode == int(required), done.stdout
    assert words in done.stdout
    assert ("SKIPPED" in done.stdout) == (required == "0")
    assert "install" in done.stdout


@pytest.mark.parametrize(("ails", "required"), [*((ails, "0") for ails in AILING), ("old", "1")])
def test_postgres_that_ails(folder: Path, ails: str, required: str) -> None:
    programs, words = AILING[ails]
    if ails in NEED_A_START and (why := nobody_may_start()):
        missing(why)
    for name, what in programs.items():
        script(folder / name, what)
    must_say(ran(ON_SERVER, required, **{PROGRAMS: str(folder)}), words, required)


def test_a_named_server_that_is_not_there() -> None:
    nowhere = {ENVIRONMENT: "postgresql://u:secret@127.0.0.1:1"}
    done = ran(ON_SERVER, "0", **nowhere)
    must_say(done, f"the server in {ENVIRONMENT} cannot be reached", "0")
    assert "secret" not in done.stdout


@pytest.fixture
def plain_postgres(folder: Path) -> Path:
    """Programs of a PostgreSQL as Debian has it, without what PostGIS adds to it."""
    if why := nobody_may_start():
        missing(why)
    found = binaries()
    if found is None or not (found / "postgres").resolve().is_relative_to(DEBIAN):
        missing(f"a PostgreSQL as Debian keeps it is needed; {NEW}")
    own = (found / "postgres").resolve().parents[1]
    made = folder / "lib" / "postgresql" / own.name
    share, extensions = folder / "share" / "postgresql" / own.name, "extension"
    theirs = Path("/usr/share/postgresql", own.name)
    (made / "bin").mkdir(parents=True)
    (share / extensions).mkdir(parents=True)
    for name in ("initdb", "pg_ctl", "postgres"):  # copies: a link would lead them back home
        shutil.copy(own / "bin" / name, made / "bin" / name)
    (made / "lib").symlink_to(own / "lib")
    for file in theirs.iterdir():
        if file.name != extensions:
            (share / file.name).symlink_to(file)
    for file in (theirs / extensions).iterdir():
        if not file.name.startswith("postgis"):
            (share / extensions / file.name).symlink_to(file)
    return made / "bin"


@pytest.mark.parametrize(("half", "required"), [(False, "0"), (False, "1"), (True, "0")])
def test_postgres_without_postgis(plain_postgres: Path, half: bool, required: str) -> None:
    """Not a file of it; or the one that names it, without those that make it."""
    if half:
        share = next((plain_postgres.parents[3] / "share" / "postgresql").iterdir())
        control = "default_version = '3.3.2'\nmodule_pathname = '$libdir/postgis-3'\n"
        (share / "extension" / "postgis.control").write_text(control, "utf-8")
    done = ran(ON_SERVER, required, **{PROGRAMS: str(plain_postgres)})
    must_say(done, "has no PostGIS that works", required)
    assert f"apt-get install postgresql-{plain_postgres.parent.name}-postgis-3" in done.stdout


#: A test that needs each program, and the package that brings it.
NEEDING = {
    "ogr2ogr": ("tests/peers/test_gis.py::test_point_moved_with_ogr2ogr_is_found_at_its_new_place",
                "gdal-bin"),
    "ogrinfo": ("tests/survey/test_plan.py::test_gdal_reads_the_route", "gdal-bin"),
    "chromium": ("tests/report/test_files.py::test_page_in_a_browser", "chromium"),
    "soffice": ("tests/report/test_files.py::test_workbook_recalculated_by_libreoffice",
                "libreoffice-calc"),
    "pdftotext": ("tests/report/test_files.py::test_paper_holds_chinese_text", "poppler-utils"),
    "gcc": ("tests/faults/test_faults.py::test_nothing_is_lost_or_half[power]", "gcc libc6-dev"),
    "mbpoll": ("tests/peers/test_modbus_peers.py::test_mbpoll_reads_our_simulator", "mbpoll"),
    "openssl": ("tests/peers/test_transports.py::test_tls_with_client_certificates", "openssl"),
    "systemd-analyze": ("tests/docs/test_operations.py::test_systemd_accepts_the_units", "systemd"),
}  # fmt: skip


@pytest.mark.parametrize("program", NEEDING)
def test_a_program_that_is_missing(program: str, folder: Path) -> None:
    """On a path that holds nothing but a shell."""
    (folder / "sh").symlink_to("/bin/sh")
    test, package = NEEDING[program]
    done = ran(test, "0", PATH=str(folder))
    assert done.returncode == 0, done.stdout
    assert f"apt-get install {package}" in done.stdout


@pytest.mark.parametrize(
    ("program", "what", "words"),
    [
        ("ogr2ogr", "echo 'GDAL 3.4.1, released 2021/12/27'", "3.4.1 is too old (3.6 or newer"),
        ("ogr2ogr", "exit 127", "does not run"),
        ("ogrinfo", "echo GDAL", "does not run"),
        ("systemd-analyze", "echo 'systemd 247 (247.3-7)'", "247 is too old (250 or newer"),
        ("chromium", "echo 'no usable sandbox' >&2; exit 1", "does not run"),
        ("gcc", "echo 'stdio.h: No such file' >&2; exit 1", "finds no headers of the system"),
    ],
)
def test_a_program_that_is_half_there_or_too_old(
    program: str, what: str, words: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(folder / program, what)
    monkeypatch.setenv("PATH", str(folder))
    said = parts.lacking(program)
    assert said is not None
    assert words in said
    assert f"apt-get install {parts.PACKAGES.get(program, program)}" in said


def test_a_program_that_is_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, what in {
        "ogr2ogr": "echo 'GDAL 3.10.0, released 2024'",
        "mbpoll": "exit 1",
        "chromium": "echo 'Chromium 130.0.6723.116 built on Debian'",
    }.items():
        script(folder / name, what)
    monkeypatch.setenv("PATH", str(folder))
    assert [parts.lacking(name) for name in ("ogr2ogr", "mbpoll", "chromium")] == [None] * 3


def test_an_office_without_its_spreadsheet(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(folder / "soffice", "echo 'LibreOffice 7.4.7.2'")
    (folder / "soffice.bin").touch()
    monkeypatch.setenv("PATH", str(folder))
    assert "libreoffice-calc" in str(parts.lacking("soffice"))
    (folder / "libsclo.so").touch()
    assert parts.lacking("soffice") is None


def test_the_newest_whole_postgres_is_taken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the one whose number comes last as text, nor links to half of one."""
    monkeypatch.delenv(PROGRAMS, raising=False)
    monkeypatch.setattr("tests.server.DEBIAN", folder / "postgresql")
    (folder / "path").mkdir()
    monkeypatch.setenv("PATH", str(folder / "path"))
    assert binaries() is None
    for version in ("9.6", "13", "15", "16"):
        (folder / "postgresql" / version / "bin").mkdir(parents=True)
        names = ("initdb",) if version == "16" else ("initdb", "pg_ctl", "postgres")
        for name in names:
            script(folder / "postgresql" / version / "bin" / name, "exit 0")
    newest = folder / "postgresql" / "15" / "bin"
    assert binaries() == newest
    (folder / "path" / "initdb").symlink_to(newest / "initdb")
    assert binaries() == newest


def _calls(name: str) -> Iterator[tuple[Path, ast.Call]]:
    for path in sorted((ROOT / "tests").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name:
                yield path, node


def test_whoever_misses_a_part_says_what_to_install() -> None:
    for path, call in _calls("missing"):
        (told,) = call.args
        words = [n.value for n in ast.walk(told) if isinstance(n, ast.Constant)]
        sentence = "".join(str(word) for word in words)
        literal = isinstance(told, ast.Constant)
        assert not literal or "install" in sentence, (path.name, sentence)
    assert "install" in OWN
