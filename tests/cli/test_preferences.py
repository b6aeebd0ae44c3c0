"""Colour and configuration: which wish wins, and that every one can be seen and taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from hydrant.config import KEYS
from tests.conftest import Program

ESC = "\x1b["


@pytest.fixture(autouse=True)
def _no_wishes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("flag", "configured", "env", "coloured"),
    [
        ((), None, {}, False),
        (("--color", "always"), None, {"NO_COLOR": "1"}, True),
        (("--color=never",), "always", {"FORCE_COLOR": "1"}, False),
        ((), "always", {"NO_COLOR": "1"}, True),
        ((), "never", {"CLICOLOR_FORCE": "1"}, False),
        ((), "auto", {"CLICOLOR_FORCE": "1"}, True),
        ((), None, {"FORCE_COLOR": "1", "TERM": "dumb"}, True),
        ((), None, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ((), None, {"FORCE_COLOR": "0"}, False),
        ((), None, {"FORCE_COLOR": "1", "NO_COLOR": ""}, True),
    ],
)
def test_who_decides_on_colour(
    program: Program,
    monkeypatch: pytest.MonkeyPatch,
    flag: tuple[str, ...],
    configured: str | None,
    env: dict[str, str],
    coloured: bool,
) -> None:
    if configured:
        assert program("config", "set", "color", configured).code == 0
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    before, after = program(*flag, "integrity"), program("integrity", *flag)
    assert (ESC in before.out) == (ESC in after.out) == coloured
    assert ESC not in program("integrity", "--json", *flag).out


def test_each_setting_tells_where_it_comes_from(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def origins() -> dict[str, str]:
        found = program("config", "show", "--json", db=False).data["effective"]
        return {key: entry["origin"] for key, entry in found.items()}

    assert origins() == dict.fromkeys(KEYS, "default")
    program("config", "set", "pager", "never", db=False)
    program("config", "set", "gateways", "10.0.0.0/8", db=False)
    assert (origins()["pager"], origins()["gateways"]) == ("file", "file")
    monkeypatch.setenv("HYDRANT_GATEWAYS", "")
    assert origins()["gateways"] == "environment HYDRANT_GATEWAYS"  # an empty list is one
    program("config", "set", "db", program.db, db=False)
    program("config", "set", "by", '王 "伟" \\', db=False)
    assert (origins()["db"], origins()["by"]) == ("file", "file")
    shown = program("config", "show", "--json", db=False).data
    assert shown["effective"]["by"]["value"] == '王 "伟" \\'
    monkeypatch.setenv("HYDRANT_DB", str(program.db))
    assert origins()["db"] == "environment HYDRANT_DB"
    assert program("config", "show", "--json").data["effective"]["db"]["origin"] == "flag"
    assert program("config", "unset", "by", db=False).code == 0
    assert origins()["by"] == "default"
    assert shown["file"] in program("config", "show", db=False, lang="zh").out


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (("set", "colour", "auto"), "color"),
        (("unset", "zone"), "color"),
        (("set", "color", "red"), "auto, always, never"),
        (("set", "lang", "fr"), "zh, en"),
        (("set", "by", "a\nb"), "control"),
    ],
)
def test_wrong_settings_are_refused_with_what_is_right(
    program: Program, line: tuple[str, ...], says: str
) -> None:
    ran = program("config", *line)
    assert (ran.code, len(ran.err.splitlines())) == (3, 1)
    assert says in ran.err


def test_a_broken_file_is_one_line(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "config" / "hydrant" / "config.toml"
    path.parent.mkdir(parents=True)
    for content, says in (("lang = [", "TOML"), ("color = 'red'", "auto"), ("x = 1", "known")):
        path.write_text(content)
        ran = program("integrity")
        assert (ran.code, len(ran.err.splitlines())) == (3, 1)
        assert says in ran.err
        assert str(path) in ran.err


@pytest.mark.parametrize("raised", [KeyError("uid"), OSError("no user"), ImportError("pwd")])
def test_nobody_is_no_name(
    program: Program, monkeypatch: pytest.MonkeyPatch, raised: Exception
) -> None:
    """A container runs programs under numbers that no user has; someone must still be named."""

    def nameless() -> str:
        raise raised

    monkeypatch.setattr("getpass.getuser", nameless)
    added = ("asset", "add", "N1", "--kind", "hydrant", "--lon", "119.04", "--lat", "29.61")
    refused = program(*added, "--crs", "cgcs2000", "--lang", "en")
    assert refused.code == 2
    assert "--by NAME" in refused.err
    assert len(refused.err.strip().splitlines()) == 1
    assert program("asset", "show", "N1").code != 0
    assert program("config", "set", "by", "Crew 1", db=False).code == 0
    assert program(*added, "--crs", "cgcs2000").code == 0
    assert program.data("audit", "log", "N1")["changes"][0]["actor"] == "Crew 1"
