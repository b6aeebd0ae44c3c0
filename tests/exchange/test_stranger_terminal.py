"""A stranger's file on a real terminal, in both languages and a narrow window."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from hydrant.cli.screen import cell_width
from tests.conftest import Program

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal of POSIX")

TEXT = (
    "水源编号,类型,经度,纬度,状态\n"
    "H-1,地上式消火栓,120.151,30.251,完好\nH-2,地下式消火栓,120.161,30.251,损坏\n"
)


@pytest.mark.parametrize(
    ("lang", "datum", "yes"), [("zh", "高德", "是"), ("en", "gcj02", "y"), ("zh", "2", "1")]
)
@pytest.mark.parametrize("columns", [60, 100])
def test_from_the_file_to_the_registry(
    program: Program, tmp_path: Path, lang: str, datum: str, yes: str, columns: int
) -> None:
    from tests.terminal import Terminal  # noqa: PLC0415  POSIX only

    file = tmp_path / "t.csv"
    file.write_text(TEXT, "utf-8")
    line = [sys.executable, "-m", "hydrant", "import", str(file), "--db", str(program.db)]
    env = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(Path.cwd())}
    env.pop("COLUMNS")
    with Terminal([*line, "--lang", lang], env=env, columns=columns) as shown:
        for question, typed in (("bd09", datum), ("H-2", yes)):
            shown.until(question)
            shown.until("\n>")
            assert max(map(cell_width, shown.lines)) <= columns
            shown.screen.history.top.clear()
            shown.screen.reset()
            shown.type("?\r")
            shown.until("q")
            shown.until("\n>")
            shown.type(typed + "\r")
        assert shown.ended() == 0
    found = program.data("asset", "list")["assets"]
    assert {(asset["code"], asset["orig_crs"]) for asset in found} == {
        ("H-1", "gcj02"), ("H-2", "gcj02"),
    }  # fmt: skip
    assert (tmp_path / "t.toml").exists()


def test_ctrl_c_leaves_nothing_behind(program: Program, tmp_path: Path) -> None:
    from tests.terminal import Terminal  # noqa: PLC0415  POSIX only

    file = tmp_path / "t.csv"
    file.write_text(TEXT, "utf-8")
    line = [sys.executable, "-m", "hydrant", "import", str(file), "--db", str(program.db)]
    env = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(Path.cwd())}
    with Terminal(line, env=env) as shown:
        shown.until("bd09")
        shown.until("\n>")
        shown.type("\x03")
        assert shown.ended() == 130
    assert program.data("asset", "list")["assets"] == []
    assert not (tmp_path / "t.toml").exists()
