"""The bare name of the program, or of a group, shows the page that --help gives."""

from __future__ import annotations

import os
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
    assert (bare.out, bare.err) == ("", page.out)
    assert len(page.out.splitlines()) > 10
    assert "\ufffd" not in bare.err


@pytest.mark.parametrize("group", GROUPS)
def test_options_behind_the_group_change_nothing(bare_program: Program, group: str) -> None:
    words = [group] if group else []
    page = bare_program(*words, "--help", db=False)
    assert bare_program(*words, "--db", "no.gpkg", db=False).err == page.out


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
    assert bare.stderr == page.stdout
    assert page.stdout.startswith("Usage" if how == "nothing" else "用法")


def test_an_unknown_command_stays_one_line(bare_program: Program) -> None:
    for words in (["nix"], ["asset", "nix"], ["asset", "list", "--nix"]):
        ran = bare_program(*words, db=False)
        assert ran.code == EXIT_USAGE
        assert len(ran.err.strip().splitlines()) == 1
