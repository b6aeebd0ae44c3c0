"""The round at a real terminal: whatever is typed, in both languages, in 60 and 80 columns."""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hydrant.cli.screen import cell_width
from tests.conftest import Program

if TYPE_CHECKING:
    from tests.terminal import Terminal

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal of POSIX"),
    pytest.mark.file_only,
]
SIZES = [(lang, columns) for lang in ("en", "zh") for columns in (60, 80)]
ENDED = {"en": r"Recorded: (\d+); still", "zh": r"已登记 (\d+) 处；本轮"}
BEGUN = {"en": " due.", "zh": "到期设施"}
#: Right and wrong answers to every question, and the round's own words.
TYPED = st.sampled_from(
    ["1", "2", "3", "4", "9", "320", "0.32", "3.2", "0.32 MPa", "320 200 18", "300 310", "2 渗漏",
     "1 leek", "1.", ".", "99999", "-1", "1,200", "y", "n", "", "?", "b", "s", "u", "c", "+",
     "g 2", "g h", "H-1", "h9", "渗漏", "8 9", "没有水", "hydrent", "120.1 30.2", "120.2 30.2",
     "wgs84", "p none.jpg", "p", "-", "٣", "ｙ", "x" * 200]
)  # fmt: skip


def add(program: Program, count: int) -> None:
    for number in range(count):
        program.data("asset", "add", f"H-{number}", "--kind", "hydrant.pillar", "--crs", "wgs84",
                     "--lon", 120.1 + number / 1000, "--lat", 30.2)  # fmt: skip


def start(program: Program, lang: str, columns: int) -> Terminal:
    from tests.terminal import Terminal  # noqa: PLC0415  POSIX only

    env = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(Path.cwd())}
    env.pop("COLUMNS", None)
    words = [sys.executable, "-m", "hydrant", "survey", "--by", "一班", "--db", str(program.db)]
    return Terminal([*words, "--lang", lang], env=env, columns=columns)


def counted(program: Program) -> int:
    """Visits that count, of all assets."""
    codes = [asset["code"] for asset in program.data("asset", "list")["assets"] if asset["code"]]
    facts = [fact for code in set(codes)
             for fact in program.data("asset", "history", code)["history"]]  # fmt: skip
    return sum(
        fact["fact"] == "inspection" and not fact["values"].get("withdrawn_at") for fact in facts
    )


@pytest.mark.parametrize(("lang", "columns"), SIZES)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.generate],  # each run starts a program: nobody waits for the smallest one
    max_examples=4,
    deadline=None,
)
@given(lines=st.lists(TYPED, min_size=1, max_size=25), broken_off=st.booleans())
def test_no_visit_is_lost_or_doubled_whatever_is_typed(
    program: Program, lang: str, columns: int, lines: list[str], broken_off: bool
) -> None:
    if not program.data("asset", "list")["assets"]:
        add(program, 3)
    before = counted(program)
    with start(program, lang, columns) as terminal:
        terminal.until(BEGUN[lang])
        for line in lines:
            terminal.type(line + "\r")
            terminal.read(0.01)
        terminal.type("\x03" if broken_off else "q\r")
        code = terminal.ended()
        shown = terminal.raw.decode(errors="replace")
    ended = re.search(ENDED[lang], shown)
    # a round that is over may still be broken off while Python puts itself away
    over = {0, -signal.SIGINT} if broken_off else {0}
    assert code in (over if ended or not broken_off else {130}), shown
    assert "Traceback" not in shown
    if ended is not None:
        assert counted(program) - before == int(ended[1]), shown
    assert program("audit", "verify").code == 0


@pytest.mark.parametrize(("lang", "columns"), SIZES)
def test_what_the_round_prints_fits_the_window(program: Program, lang: str, columns: int) -> None:
    add(program, 1)
    with start(program, lang, columns) as terminal:
        for line in ("?", "2", "?", "leek", "8", "300", "1 2 3 4", "", "", "", "c", "s", "+", "N",
                     "?", "1", "120.1 30.2", "1", "y", "q"):  # fmt: skip
            terminal.type(line + "\r")
            terminal.read(0.05)
        assert terminal.ended() == 0
        printed = terminal.raw.decode()
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", printed).replace("\r", "")
    wide = [line for line in plain.split("\n") if cell_width(line.rstrip()) > columns]
    assert not wide
