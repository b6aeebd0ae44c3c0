"""The round on a real terminal, as wide and as narrow as crews have it, in both languages."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hydrant.cli.screen import cell_width
from hydrant.survey.draft import draft_folder
from tests.conftest import Program
from tests.survey.test_phone import picture

if TYPE_CHECKING:
    from tests.terminal import Terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal of POSIX")

#: How the questions of a round begin, in the order they are asked.
ASKED = {
    "en": ("Outcome or", "In order", "Static", "Residual", "Flow", "Remark"),
    "zh": ("结果或", "是否正常", "静压（", "动压（", "流量（", "备注（"),
}
WRONG = {"en": "answer 1 works", "zh": "请答 1 可用"}
STOPPED = {"en": "draft", "zh": "草稿"}
SIZES = [(lang, columns) for lang in ("en", "zh") for columns in (60, 80)]


@pytest.fixture
def crew(program: Program) -> Program:
    for number in range(3):
        program.data("asset", "add", f"CA-XF-00{number}", "--kind", "hydrant.pillar",
                     "--crs", "wgs84", "--lon", 120.1 + number / 1000, "--lat", 30.2,
                     "--set", f"address=千岛湖镇新安江路与环城北路交口{number}号")  # fmt: skip
    return program


def start(crew: Program, lang: str, columns: int, *words: str) -> Terminal:
    from tests.terminal import Terminal  # noqa: PLC0415  POSIX only

    line = [sys.executable, "-m", "hydrant", *(words or ("survey", "--by", "一班"))]
    env = {**os.environ, "LC_ALL": "C.UTF-8", "COLUMNS": "", "PYTHONPATH": str(Path.cwd())}
    env.pop("COLUMNS")
    return Terminal([*line, "--db", str(crew.db), "--lang", lang], env=env, columns=columns)


def answer(terminal: Terminal, question: str, typed: str) -> None:
    terminal.until(question)
    terminal.screen.history.top.clear()
    terminal.screen.reset()
    terminal.type(typed + "\r")


@pytest.mark.parametrize(("lang", "columns"), SIZES)
def test_interrupted_and_resumed(crew: Program, lang: str, columns: int) -> None:
    asked = ASKED[lang]
    with start(crew, lang, columns) as first:
        answer(first, asked[0], "9")
        answer(first, WRONG[lang], "1")
        answer(first, asked[1], "y")
        answer(first, asked[2], "0.32 MPa")
        first.until(asked[3])
        first.type("20\x03")
        assert first.ended() == 130
        assert "Traceback" not in first.text
    (draft,) = draft_folder(crew.db).glob("*.json")
    assert "0.32 MPa" in draft.read_text(encoding="utf-8")
    with start(crew, lang, columns) as second:
        answer(second, asked[3], "")
        second.resize(50 if columns == 60 else 100)
        answer(second, asked[4], "18")
        # a wide character taken back with one press, as input methods do
        answer(second, asked[5], "阀门井盖破\x7f裂")
        second.until("CA-XF-001")
        second.type("\x04")
        assert second.ended() == 0
    history = crew.data("asset", "history", "CA-XF-000")["history"]
    (visit,) = [fact["values"] for fact in history if fact["values"].get("static_kpa")]
    assert visit["static_kpa"] == pytest.approx(320)
    assert visit["flow_l_s"] == 18
    assert "阀门井盖" in visit["note"]
    assert "\x7f" not in visit["note"]
    assert "\ufffd" not in visit["note"]
    assert not list(draft_folder(crew.db).glob("*.json"))


@pytest.mark.parametrize(("lang", "columns"), SIZES)
def test_photos_that_arrive_are_chosen_by_number(
    crew: Program, tmp_path: Path, lang: str, columns: int
) -> None:
    folder = tmp_path / "同步"
    folder.mkdir()
    words = ("survey", "--by", "一班", "--photos", str(folder))
    with start(crew, lang, columns, *words) as terminal:
        terminal.until(ASKED[lang][0])
        for number in range(3):
            (folder / f"IMG_2026113{number}.png").write_bytes(picture(number))
        answer(terminal, ASKED[lang][0], "320")
        terminal.until("IMG_20261130.png")
        answer(terminal, "存哪几张" if lang == "zh" else "Keep which", "1、3")
        terminal.until("CA-XF-001")
        terminal.type("q\r")
        assert terminal.ended() == 0
    assert len(crew.data("asset", "show", "CA-XF-000")["photos"]) == 2


TABLES = (
    "integrity", "near 120.1 30.2 --crs wgs84", "explain CA-XF-000", "survey plan", "alarm list",
    "duplicates list", "audit log", "asset list", "asset show CA-XF-000", "defect list",
    "config show", "policy list",
)  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_runs_over_a_narrow_window(crew: Program, lang: str) -> None:
    """Lines are broken by the program, not by the terminal, and no code is cut."""
    wide = []
    for line in TABLES:
        with start(crew, lang, 60, *line.split()) as terminal:
            terminal.ended()
            printed = terminal.raw.decode()
        plain = [part for part in printed.replace("\r", "").split("\n") if "\x1b" not in part]
        wide += [f"{line}: {part}" for part in plain if cell_width(part.rstrip()) > 60]
        if line == "survey plan":
            assert all(f"CA-XF-00{n}" in printed for n in range(3))
    assert not [part for part in wide if str(Path(crew.db).parent) not in part]


#: Asks a question while the signals of the terminal reach another thread than the one that waits,
#: as when Ctrl-C is pressed just before the wait begins: nothing wakes it.
UNWOKEN = """
import signal, threading
threading.Thread(target=threading.Event().wait, daemon=True).start()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
from hydrant.cli.asking import ask
from hydrant.cli.screen import Screen
try:
    ask(Screen("en"), "Which?")
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.file_only
@pytest.mark.parametrize("editing", [True, False])
def test_ctrl_c_ends_a_question_in_whatever_moment_it_is_pressed(*, editing: bool) -> None:
    from tests.terminal import Terminal  # noqa: PLC0415  POSIX only

    without = "" if editing else "import sys; sys.modules['readline'] = None\n"
    env = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(Path.cwd())}
    with Terminal([sys.executable, "-c", without + UNWOKEN], env=env) as terminal:
        terminal.until("Which?")
        terminal.type("\x03")
        terminal.until("interrupted")
        assert terminal.ended() == 0
