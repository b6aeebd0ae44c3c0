"""Whoever reads only the first lines of an answer is told what limits its figures all the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Program

pytestmark = [
    pytest.mark.file_only,
    pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX"),
]


def test_remarks_on_figures_reach_whoever_reads_their_first_line(
    program: Program, tmp_path: Path
) -> None:
    units = [f"T{number:04},village {number},township,Y" for number in range(2000)]
    table = "\n".join(["code,name_en,level,parent_code", "Y,County,county,", *units])
    (tmp_path / "units.csv").write_text(table, encoding="utf-8")
    program.data("region", "import", tmp_path / "units.csv")
    words = [sys.executable, "-m", "hydrant", "integrity", "Y", "--by", "township", "--as-of",
             "2099-01-01", "--lang", "en", "--db", program.db]  # fmt: skip
    env = {**os.environ, "PYTHONPATH": str(Path.cwd()), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, bufsize=0
    ) as ran:
        assert ran.stdout is not None
        assert ran.stderr is not None
        ran.stdout.read(1)
        ran.stdout.close()
        told = ran.stderr.read().decode()
    assert ran.returncode == 0, told
    assert "2099-01-01 has not come" in told
    assert "Traceback" not in told
