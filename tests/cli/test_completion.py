"""Completion as a person at a shell has it: Tab pressed in real bash, zsh and fish."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hydrant.cli import complete
from hydrant.cli.completion_table import commands_table
from hydrant.cli.main import build
from hydrant.store.views.completing import MOST, Words, words_of
from tests.conftest import Program

ROOT = Path(__file__).parents[2]


#: Words of the registry are offered from a file only: a prompt does not wait for a network, see
#: `test_a_server_is_not_asked`.
OF_A_FILE = pytest.mark.file_only


@pytest.fixture
def county(program: Program) -> Program:
    program.data("region", "import", _regions(program.db.parent))
    for number, code in enumerate(("XF-0012", "XF-0013", "消-1", "G 7", "A:1", "A:2", "Z'9")):
        program.data("asset", "add", code, "--kind", "hydrant.pillar", "--lon", 120 + number,
                     "--lat", 30, "--crs", "wgs84", "--set", "address=文昌路 1 号")  # fmt: skip
    return program


def _regions(folder: Path) -> Path:
    path = folder / "regions.csv"
    path.write_text(
        "code,name_zh,name_en,level,parent_code\n330127,淳安县,Chun'an,county,\n"
        "330127101,千岛湖镇,Qiandaohu,township,330127\n",
        encoding="utf-8",
    )
    return path


def words(before: str, word: str, db: Path | None = None) -> list[str]:
    given = [*(["--db", str(db)] if db else []), *before.split()]
    return [one.word for one in complete.candidates(given, word) if not one.file]


def test_the_table_says_what_the_commands_take() -> None:
    """Renew it with ``nox -s docs -- --write``."""
    made = json.loads(json.dumps(commands_table(build())))
    assert complete.table() == made


@pytest.mark.parametrize(
    ("before", "word", "some"),
    [
        ("", "int", ["integrity"]),
        ("asset", "", ["add", "show"]),
        ("asset list", "--ki", ["--kind"]),
        ("asset list --kind", "intake.", ["intake.river", "intake.sea"]),
        ("survey", "--ne", ["--near"]),
        ("survey record XF --outcome", "", ["works", "not_testable"]),
        ("survey record XF --defect", "no_", ["no_water"]),
        ("defect open XF", "no_", ["no_water"]),
        ("driver show", "kel", ["keller-33x"]),
        ("sensor add XF --profile", "kel", ["keller-33x"]),
        ("integrity --policy", "", ["zhejiang", "gb"]),
        ("integrity", "--policy=zh", ["--policy=zhejiang"]),
        ("integrity --by", "town", ["township"]),
        ("import f.csv --mapping", "bel", ["belarus"]),
        ("require set 330127", "", ["hydrant", "intake.river"]),
        ("--lang zh config set", "", ["db", "lang"]),
        ("near -75.7 45.4 --cr", "", []),
        ("near -75.7 -45.4", "--cr", ["--crs"]),
        ("completion", "", ["bash", "powershell"]),
    ],
)
def test_words_without_a_registry(before: str, word: str, some: list[str]) -> None:
    assert set(some) <= set(words(before, word))


@OF_A_FILE
def test_words_of_the_registry(county: Program) -> None:
    assert words("explain", "XF", county.db) == ["XF-0012", "XF-0013"]
    assert words("asset show", "消", county.db) == ["消-1"]
    assert words("asset add", "XF", county.db) == []  # a new code is nobody's yet
    assert words("defect open", "XF-0", county.db) == ["XF-0012", "XF-0013"]
    assert words("integrity", "33012", county.db) == ["330127", "330127101"]
    assert words("integrity", "千岛", county.db) == ["千岛湖镇"]
    assert words("export x.csv --region", "Chun", county.db) == ["Chun'an"]


@OF_A_FILE
def test_a_word_is_explained_in_the_language_of_the_line(county: Program) -> None:
    given = ["--lang", "zh", "explain", "--db", str(county.db), "--word=XF-0012"]
    assert complete.lines("zsh", given) == ["=XF-0012\t地上式消火栓 文昌路 1 号"]


@OF_A_FILE
def test_more_codes_than_anybody_reads_are_offered_by_their_beginnings(program: Program) -> None:
    file = program.db.parent / "many.csv"
    rows = [f"{letter}-{n:04},hydrant,{120 + n / 100},30" for letter in "AB" for n in range(500)]
    file.write_text("code,kind,lon,lat\n" + "\n".join(rows) + "\n", encoding="utf-8")
    program.data("import", file, "--crs", "wgs84")
    found = words_of(program.db, lambda stored: stored.assets(""))
    assert found == [("A-0", (), True), ("B-0", (), True)]
    assert len(words_of(program.db, lambda stored: stored.assets("A-0"))) == 5
    whole = words_of(program.db, lambda stored: stored.assets("A-012"))
    assert [word for word, _, _ in whole] == [f"A-012{n}" for n in range(10)]
    # whatever is typed along the offered way, every code stays within reach
    reached, ways = set(), [""]
    while ways:
        begun = ways.pop()
        for word, _, is_stem in words_of(program.db, lambda s, w=begun: s.assets(w)):  # type: ignore[misc]
            ways.append(word) if is_stem else reached.add(word)
    assert reached == {row.partition(",")[0] for row in rows}
    assert MOST < 500


def test_troubles_are_silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "text.gpkg").write_text("no database")
    config = tmp_path / "config" / "hydrant"
    config.mkdir(parents=True)
    for db in ("none.gpkg", "text.gpkg", "x.txt", "postgresql://a/b", ""):
        assert _asked(["explain", "--db", str(tmp_path / db), "--word=X"]) == ("", "", 0)
    (config / "config.toml").write_text("this is [no TOML")
    assert _asked(["explain", "--word=X"]) == ("", "", 0)
    assert _asked(["no", "such", "--command", "--word=X"]) == ("", "", 0)


def test_a_server_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody answers there; what needs no registry is offered all the same, and at once."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://wang:geheim@127.0.0.1:{silent.getsockname()[1]}/county"
        monkeypatch.setenv("HYDRANT_DB", url)
        begun = time.monotonic()
        assert _asked(["explain", "--word=X"]) == ("", "", 0)
        assert "=works" in _asked(["survey", "record", "X", "--outcome", "--word=w"])[0]
        assert time.monotonic() - begun < 10
        silent.settimeout(0.0)
        with pytest.raises(BlockingIOError):
            silent.accept()


def _asked(given: list[str]) -> tuple[str, str, int]:
    done = subprocess.run(
        [sys.executable, "-m", "hydrant", "__complete", "zsh", *given],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout, done.stderr, done.returncode


@OF_A_FILE
def test_the_registry_of_environment_and_configuration(
    county: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    county("config", "set", "db", county.db, db=False)
    assert words("explain", "XF-0012") == ["XF-0012"]
    monkeypatch.setenv("HYDRANT_DB", "/nowhere.gpkg")
    assert words("explain", "XF-0012") == []
    monkeypatch.setenv("HYDRANT_DB", str(county.db))
    assert words("explain", "XF-0012") == ["XF-0012"]


@OF_A_FILE
def test_a_tab_loads_little(county: Program) -> None:
    script = (
        "import sys, json\nfrom hydrant.cli.complete import main\nmain(sys.argv[1:])\n"
        "print(json.dumps(sorted({n.partition('.')[0] for n in sys.modules})), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "zsh", "explain", "--db", str(county.db), "--word=X"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "XF-0012" in done.stdout
    heavy = {"sqlmodel", "sqlalchemy", "pydantic", "numpy", "rich", "typer", "pyproj"}
    assert not heavy & set(json.loads(done.stderr))


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("hydrant a", ["hydrant", "a"]),
        ("hydrant a ", ["hydrant", "a", ""]),
        ("hydrant 'G 7' \"b", ["hydrant", "G 7", "b"]),
        ("hydrant G\\ 7 x", ["hydrant", "G 7", "x"]),
        ("hydrant --db=a:b", ["hydrant", "--db=a:b"]),
    ],
)
def test_split(typed: str, taken: list[str]) -> None:
    assert complete.split(typed) == taken


PROMPT = "ready> "


class Shell:
    """A shell in which hydrant is completed."""

    def __init__(self, name: str, path: str, folder: Path, db: Path) -> None:
        from tests.terminal import Terminal  # noqa: PLC0415  POSIX only

        script = folder / f"hydrant.{name}"
        script.write_bytes((ROOT / "data" / "completion" / f"hydrant.{name}").read_bytes())
        bin_ = folder / "bin"
        bin_.mkdir()
        wrapper = bin_ / "hydrant"
        wrapper.write_text(f'#!/bin/sh\nexec {sys.executable} -m hydrant "$@"\n')
        wrapper.chmod(0o755)
        env = {**os.environ, "PATH": f"{bin_}:{os.environ['PATH']}", "HYDRANT_DB": str(db),
               "PYTHONPATH": str(ROOT), "HOME": str(folder), "LC_ALL": "C.UTF-8",
               "PS1": PROMPT, "HYDRANT_LANG": "en"}  # fmt: skip
        start = {
            "bash": [path, "--norc", "--noprofile", "-i"],
            "zsh": [path, "-f", "-i"],
            "fish": [path, "--no-config", "-i"],
        }[name]
        self.terminal = Terminal(start, env=env, columns=100)
        set_up = {
            "bash": f"bind 'set bell-style none'; source {script}",
            "zsh": f"autoload -U compinit; compinit -u -D; source {script}",
            "fish": f"function fish_prompt; echo -n '{PROMPT}'; end; source {script}",
        }[name]
        prompt = "#" if os.geteuid() == 0 else ">"
        self.terminal.until(prompt if name == "fish" else PROMPT.rstrip())
        self.terminal.type(f"{set_up}; cd {folder}; echo be''gun\r")
        self.terminal.until("begun")
        time.sleep(0.3 if name == "fish" else 0.05)

    def tab(self, line: str, wanted: str, *, times: int = 1) -> str:
        self.terminal.type("\x15" + line + "\t" * times)
        return self.terminal.until(wanted)


@OF_A_FILE
@pytest.mark.peer
@pytest.mark.skipif(sys.platform == "win32", reason="shells of POSIX")
@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_tab(name: str, tmp_path: Path, county: Program, peer: Callable[[str], str]) -> None:
    (tmp_path / "register.csv").write_text("x")
    shell = Shell(name, peer(name), tmp_path, county.db)
    with shell.terminal:
        shell.tab("hydrant integ", "hydrant integrity")
        shell.tab("hydrant explain X", "hydrant explain XF-001")
        shell.tab("hydrant explain 消", "hydrant explain 消-1")
        shell.tab("hydrant export x.csv --region 330127", "330127101", times=2)
        shell.tab("hydrant survey record XF-0012 --outcome not_t", "not_testable")
        shell.tab("hydrant integrity --policy=zhe", "--policy=zhejiang")
        shell.tab("hydrant import registe", "register.csv")
        shell.tab("hydrant asset show G", "G\\ 7")
        shell.tab("hydrant explain A:", "2", times=2)
        shell.tab("hydrant explain --db /nope.gpkg X", "hydrant explain --db /nope.gpkg X")
        time.sleep(0.3)
        shell.terminal.read()
        assert "Traceback" not in shell.terminal.text
        assert "cannot" not in shell.terminal.text


@OF_A_FILE
def test_stored_words_are_answered_from_an_index(registry_path: Path) -> None:
    """No full walk through the assets, whatever is typed."""

    def plans(stored: Words) -> list[tuple[str, tuple[str | None, ...], bool]]:
        seen: list[str] = []
        stored._connection.set_trace_callback(seen.append)
        stored.assets("X")
        stored._stems("asset", "X")
        stored._connection.set_trace_callback(None)
        for sql in seen:
            for row in stored._connection.execute(f"EXPLAIN QUERY PLAN {sql}"):
                assert not str(row[3]).startswith("SCAN asset"), sql
        return []

    words_of(registry_path, plans)
