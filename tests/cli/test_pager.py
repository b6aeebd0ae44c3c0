"""Long output at a terminal: page by page, and never elsewhere; links where they are known."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hydrant.cli import links
from hydrant.cli.screen import Screen
from hydrant.vocabulary import Language
from tests.conftest import Program
from tests.terminal import Terminal

LONG = [sys.executable, "-m", "hydrant", "help", "environment"]
LAST = "Secrets stand in no configuration file"
KEYS = {"en": "q: quit", "zh": "q：退出"}


def surroundings(tmp_path: Path, **more: str) -> dict[str, str]:
    left = {k: v for k, v in os.environ.items() if k not in ("PAGER", "LESS", "COLUMNS", "LINES")}
    return left | {"HYDRANT_LANG": "en", "LC_ALL": "C.UTF-8"} | more


@pytest.mark.peer
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_long_output_waits_and_says_which_keys(tmp_path: Path, lang: str, peer: object) -> None:
    with Terminal([*LONG, "--lang", lang], env=surroundings(tmp_path), rows=20) as terminal:
        seen = terminal.until(KEYS[lang])
        assert "HYDRANT_TLS_KEY_PASSWORD" not in seen
        assert terminal.code() is None
        terminal.type(" ")
        terminal.until("PGPASSWORD")
        terminal.type("q")
        assert terminal.ended() == 0


@pytest.mark.peer
def test_ctrl_c_in_the_pager_is_the_pagers(tmp_path: Path, peer: object) -> None:
    with Terminal(LONG, env=surroundings(tmp_path), rows=20) as terminal:
        terminal.until(KEYS["en"])
        terminal.type("\x03")
        terminal.read(0.3)
        assert terminal.code() is None
        terminal.type("q")
        assert terminal.ended() == 0


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"PAGER": ""}, []),
        ({"PAGER": "cat"}, []),
        ({"PAGER": "no-such-program -x"}, []),
        ({"TERM": "dumb"}, []),
        ({"PATH": "/nowhere"}, []),
        ({}, ["--no-pager"]),
        ({}, ["setting"]),
    ],
)
def test_where_there_are_no_pages_it_runs_on(
    tmp_path: Path, more: dict[str, str], words: list[str], bare_program: Program
) -> None:
    if words == ["setting"]:
        bare_program("config", "set", "pager", "never", db=False)
        words = []
    with Terminal([*LONG, *words], env=surroundings(tmp_path, **more), rows=20) as terminal:
        assert terminal.ended() == 0
        assert LAST in terminal.text


def test_what_fits_the_window_is_not_handed_on(tmp_path: Path) -> None:
    script = tmp_path / "pager.py"
    script.write_text("print('PAGED')")
    pager = f"{sys.executable} {script}"
    for rows, handed in ((90, False), (20, True)):
        with Terminal(LONG, env=surroundings(tmp_path, PAGER=pager), rows=rows) as terminal:
            assert terminal.ended() == 0
            assert ("PAGED" in terminal.text) == handed
            assert (LAST in terminal.text) != handed


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_a_pipe_gets_all_at_once(tmp_path: Path, words: list[str]) -> None:
    done = subprocess.run(
        [*LONG, *words], env=surroundings(tmp_path, PAGER="false", FORCE_HYPERLINK=""),
        capture_output=True, encoding="utf-8", check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0
    assert LAST in done.stdout
    assert "\x1b" not in done.stdout


def test_a_terminal_of_another_encoding_gets_its_own(tmp_path: Path) -> None:
    kept, script = tmp_path / "kept", tmp_path / "pager.py"
    script.write_text(f"import sys\nopen({str(kept)!r}, 'wb').write(sys.stdin.buffer.read())\n")
    pager = f"{sys.executable} {script}"
    env = surroundings(tmp_path, PAGER=pager, PYTHONIOENCODING="gbk", PYTHONUTF8="0")
    with Terminal([*LONG, "--lang", "zh"], env=env, rows=20) as terminal:
        assert terminal.ended() == 0
    assert "环境变量和设置" in kept.read_bytes().decode("gbk")


@pytest.mark.parametrize(
    ("environment", "known"),
    [
        ({"TERM": "xterm"}, False),
        ({"TERM": "xterm-256color", "VTE_VERSION": "6003"}, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "4600"}, False),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "xterm-256color", "WT_SESSION": "x"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "vscode"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"TERM": "screen-256color", "VTE_VERSION": "6003", "TMUX": "x"}, False),
        ({"TERM": "dumb", "WT_SESSION": "x"}, False),
        ({"TERM": "xterm-kitty", "FORCE_HYPERLINK": "0"}, False),
        ({"TERM": "xterm", "FORCE_HYPERLINK": "1"}, True),
        ({}, False),
    ],
)
def test_terminals_that_have_links(environment: dict[str, str], known: bool) -> None:
    class Window:
        def isatty(self) -> bool:
            return True

    assert links.wanted(Window(), environment) is known  # type: ignore[arg-type]


def test_files_and_addresses_are_links_and_nothing_else_is_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "年报 1.html"
    file.touch()
    shown = {}
    for linked in (False, True):
        screen = Screen(Language.ZH)
        screen.links = linked
        screen.line("cli_report.written", file=file)
        screen.line("cli_report.written", file=tmp_path / "gone.html")
        screen.text("见 https://example.org/a?b=1，或 geo:29.6,119.04;crs=gcj02。")
        screen.table(["a", "b"], [("x", "http://example.org/x"), ("y\x1b]8;;evil", "z")])
        shown[linked] = capsys.readouterr().out
    targets = [part.partition("\x1b")[0] for part in shown[True].split("\x1b]8;;")[1:]]
    assert [target for target in targets if target] == [
        file.as_uri(), "https://example.org/a?b=1", "geo:29.6,119.04;crs=gcj02",
        "http://example.org/x",
    ]  # fmt: skip
    assert links.without(shown[True]) == shown[False]
    assert "\x1b" not in shown[False]
