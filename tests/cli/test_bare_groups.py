"""The bare name of the program, or of a group, shows the page that --help gives."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from hydrant.cli.help import HydrantGroup
from hydrant.cli.main import COMMANDS, EXIT_USAGE, build
from tests.conftest import Program


def _groups() -> list[str]:
    """The program itself, as "", and every group that does nothing without a command."""
    root = build()
    context = typer.Context(root)
    found = {name: root.get_command(context, name) for name in COMMANDS}
    return ["", *(n for n, c in found.items() if isinstance(c, HydrantGroup) and c.no_args_is_help)]


GROUPS = _groups()


def test_groups_are_found() -> None:
    assert {"", "asset", "db", "defect", "config", "alarm", "policy"} <= set(GROUPS)
    assert "survey" not in GROUPS  # it begins a round


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("before", [(), ("--db", "no.gpkg"), ("--color", "never")])
def test_bare_group_shows_its_page(
    bare_program: Program, group: str, lang: str, before: tuple[str, ...]
) -> None:
    words = [group] if group else []
    page = bare_program(*words, "--help", lang=lang, db=False)
    bare = bare_program(*before, *words, lang=lang, db=False)
    assert bare.code == EXIT_USAGE
    assert bare.out == ""
    assert bare.err.startswith(page.out)
    assert bool(bare.err.removeprefix(page.out)) == (group == "")  # what to do without a registry
    assert len(page.out.splitlines()) > 10
    assert "\ufffd" not in bare.err


@pytest.mark.parametrize("group", GROUPS)
def test_options_behind_the_group_change_nothing(bare_program: Program, group: str) -> None:
    words = [group] if group else []
    page = bare_program(*words, "--help", db=False)
    assert bare_program(*words, "--db", "no.gpkg", db=False).err.startswith(page.out)


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_script_gets_one_object(bare_program: Program, group: str, lang: str) -> None:
    for words in (["--json", group], [group, "--json"]):
        ran = bare_program(*filter(None, words), lang=lang, db=False)
        assert (ran.code, ran.err) == (EXIT_USAGE, "")
        assert (ran.json["command"], ran.json["exit_code"]) == (group, EXIT_USAGE)
        (message,) = ran.json["messages"]
        assert message["key"] == "cli_common.usage"
        assert "\n" not in message["text"]
        assert "--help" in message["text"]
        assert message["text"].isascii() == (lang == "en")


@pytest.mark.parametrize("how", ["nothing", "environment", "configuration", "locale"])
@pytest.mark.parametrize("words", [[], ["asset"], ["db"]])
def test_the_language_of_the_surroundings(tmp_path: Path, how: str, words: list[str]) -> None:
    """As anybody's first command is: the bare name, no option at all, a process of its own."""
    surroundings = {**os.environ, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"}
    if how == "environment":
        surroundings["HYDRANT_LANG"] = "zh"
    if how == "configuration":
        folder = tmp_path / "config" / "hydrant"
        folder.mkdir(parents=True)
        (folder / "config.toml").write_text('lang = "zh"\n', "utf-8")
    if how == "locale":
        surroundings["LC_ALL"] = "zh_CN.UTF-8"

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "hydrant", *words, *more],
            env=surroundings, capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip

    page, bare = run("--help"), run()
    assert (page.returncode, bare.returncode) == (0, EXIT_USAGE)
    assert bare.stderr.startswith(page.stdout)
    assert page.stdout.startswith("Usage" if how == "nothing" else "用法")


def test_an_unknown_command_stays_one_line(bare_program: Program) -> None:
    for words in (["nix"], ["asset", "nix"], ["asset", "list", "--nix"]):
        ran = bare_program(*words, db=False)
        assert ran.code == EXIT_USAGE
        assert len(ran.err.strip().splitlines()) == 1


def typed(line: str) -> list[str]:
    """Words of a command that stands before two blanks and an explanation."""
    return shlex.split(re.split(r"\s{3,}|\s\s", line.strip())[0])


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("flag", [None, "my own.gpkg", "other.gpkg"])
def test_the_first_steps_can_be_taken_as_they_stand(
    bare_program: Program, lang: str, flag: str | None,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Where no registry is, the bare name says what to do; where one is, nothing."""
    monkeypatch.chdir(tmp_path)
    words = [] if flag is None else ["--db", flag]
    page = bare_program("--help", lang=lang, db=False).out
    steps = bare_program(*words, lang=lang, db=False).err.removeprefix(page).splitlines()
    place = str(tmp_path / "data" / "hydrant" / "registry.gpkg") if flag is None else flag
    assert place in "".join(steps)
    (init,) = [typed(line)[1:] for line in steps if line.strip().startswith("hydrant init")]
    refused = bare_program(*words, "asset", "list", lang=lang, db=False)
    assert refused.code == 4
    assert place in refused.err
    assert shlex.join(["hydrant", *init]) in refused.err
    assert "hydrant demo" in refused.err
    assert bare_program(*init, lang=lang, db=False).code == 0
    assert bare_program(*words, lang=lang, db=False).err == page
    assert bare_program(*words, "asset", "list", lang=lang, db=False).code == 0


def test_a_server_is_not_asked_for_a_page(bare_program: Program) -> None:
    page = bare_program("--help", db=False).out
    assert bare_program("--db", "postgresql://no.example/x", db=False).err == page
