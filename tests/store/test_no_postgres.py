"""Where no PostgreSQL is installed tests say so and name the command; in CI they fail."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server import ENVIRONMENT, PROGRAMS

ROOT = Path(__file__).parents[2]
TEST = "tests/store/test_writer.py::test_failure_leaves_neither_fact_nor_entry[server]"


@pytest.mark.parametrize(("required", "code"), [("0", 0), ("1", 1)])
def test_it_is_said_and_the_command_named(tmp_path: Path, required: str, code: int) -> None:
    environment = {k: v for k, v in os.environ.items() if k != ENVIRONMENT}
    environment |= {PROGRAMS: str(tmp_path), "HYDRANT_REQUIRE_PEERS": required}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", TEST],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stdout
    assert "apt-get install postgresql postgresql-15-postgis-3" in done.stdout
    assert ("SKIPPED [1]" in done.stdout) == (required == "0")
