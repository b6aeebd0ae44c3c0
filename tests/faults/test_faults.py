"""Kills, full disks and the rest at small counts; ``nox -s faults`` runs them in any number."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.faults import page
from tests.faults.writes import compiler
from tests.parts import lacking

COUNT = os.environ.get("HYDRANT_FAULTS", "4")
SECONDS = os.environ.get("HYDRANT_FAULTS_SECONDS", "8")
GROUPS = {
    "kills": ["--only", "kill"],
    "disks": ["--only", "full", "--only", "broken import", "--only", "small import", "--not",
              "full outside", "--not", "full merge"],
    "others": ["--not", "kill", "--not", "full", "--not", "broken", "--not", "small",
               "--not", "restarts", "--not", "power"],
    "power": ["--only", "power"],
    "server": ["--only", "restarts"],
}  # fmt: skip


@pytest.mark.parametrize("group", GROUPS)
def test_nothing_is_lost_or_half(group: str) -> None:
    if compiler() is None:
        missing(lacking("gcc") or "this is for Linux only")
    words = [sys.executable, "-m", "tests.faults.run", COUNT, "--seconds", SECONDS, *GROUPS[group]]
    root = Path(__file__).parents[2]
    ran = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    if "not possible here" in ran.stdout and group == "server":
        missing(next(line for line in ran.stdout.splitlines() if "apt-get install" in line))


def test_the_page_keeps_what_stands_around_the_tables(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("# Head\n\nwords\n", "utf-8")
    rows = [page.Row("import", 10, "", 0, (1, 2, 3, 4, 5, 0, 0)), page.Row("x", 5, "good", 0)]
    page.put(path, rows)
    once = path.read_text("utf-8")
    assert once.startswith("# Head\n\nwords\n")
    assert "| import | 10 | 1 | 2 | 3 | 4 | 5 | 0 | 0 |" in once
    page.put(path, rows)
    assert path.read_text("utf-8") == once
