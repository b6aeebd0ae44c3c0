"""Real QGIS edits the live file while polls run: no edit is lost, all are audited."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hydrant.telemetry.profile_reader import load_profile
from hydrant.telemetry.simulator import SimulatedGateway, SimulatedUnit, serve
from tests.conftest import Program, missing
from tests.parts import advice
from tests.store.outside import other_program

pytestmark = pytest.mark.peer

PYTHON = "/usr/bin/python3"
EDITS = Path(__file__).with_name("qgis_edits.py")
ROUNDS = int(os.environ.get("HYDRANT_QGIS_ROUNDS", "3"))
ENVIRONMENT = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}


@pytest.fixture
def prepared(program: Program, tmp_path: Path) -> Program:
    """A registry with a hydrant to move, to change and to delete for each round."""
    try:
        subprocess.run(
            [PYTHON, "-c", "import qgis.core"], capture_output=True, check=True, env=ENVIRONMENT
        )
    except (OSError, subprocess.CalledProcessError):
        missing(advice("qgis"))
    rows = [
        f"{word}{n},hydrant.pillar,{118 + place + n / 1000:.4f},30.2"
        for n in range(ROUNDS)
        for place, word in enumerate("MCD")
    ]
    file = tmp_path / "f.csv"
    file.write_text("code,kind,lon,lat\n" + "\n".join(rows) + "\n", "utf-8")
    program.data("import", file, "--crs", "cgcs2000")
    return program


@contextmanager
def polling(program: Program) -> Iterator[list[int]]:
    """Polls in processes of their own, one after the other; the exit code of each."""
    codes: list[int] = []
    done = threading.Event()

    def run() -> None:
        while not done.is_set():
            words = ["-m", "hydrant", "--db", str(program.db), "poll", "--all"]
            ran = subprocess.run([sys.executable, *words], capture_output=True, check=False)
            codes.append(ran.returncode)

    thread = threading.Thread(target=run)
    device = SimulatedUnit(load_profile("keller-33x"), lambda: {"p1": 95.0})
    with serve([SimulatedGateway({1: device})]) as (url,):
        program.data("sensor", "add", "M0", "--profile", "keller-33x", "--url", url, "--unit", 1)
        thread.start()
        try:
            yield codes
        finally:
            done.set()
            thread.join()


@pytest.mark.parametrize("writing", [False, True], ids=["polls", "polls-and-writes"])
def test_no_edit_of_qgis_is_lost(prepared: Program, writing: bool) -> None:
    ours = 0
    with polling(prepared) as codes:
        editor = subprocess.Popen(
            [PYTHON, str(EDITS), str(prepared.db), str(ROUNDS)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT,
        )
        while writing and editor.poll() is None:
            ran = prepared("asset", "edit", "M0", "--owner", f"n{ours}")
            assert ran.code in (0, 4), ran.err
            ours += ran.code == 0
            time.sleep(0.05)
        out, err = editor.communicate(timeout=60 + 20 * ROUNDS)
        while len(codes) < 2:
            time.sleep(0.1)
    assert editor.returncode == 0, err
    said = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    committed = {entry["round"] for entry in said if entry["committed"]}
    refused = [entry for entry in said if not entry["committed"]]
    assert all("locked" in " ".join(entry["errors"]) for entry in refused), refused
    assert set(codes) == {0}
    assert committed == set(range(ROUNDS))
    accounted(prepared, committed)
    print(
        f"{len(committed)} rounds of 4 edits committed, {len(refused)} refused as locked, "
        f"{len(codes)} polls, {ours} writes of ours"
    )


def accounted(program: Program, rounds: set[int]) -> None:
    """Every edit is in force or listed, and in the audit log, by its own asset."""
    listed = {
        change["asset"]
        for change in program.data("audit", "outside")["changes"]
        if change["action"] == "delete" and change["entity"] == "asset"
    }
    assets = {a["code"]: a for a in program.data("asset", "list")["assets"]}
    for n in rounds:
        assert abs(assets[f"M{n}"]["lon"] - (118 + n / 1000 + 0.0001)) < 1e-9
        assert assets[f"C{n}"]["owner"] == f"owner {n}"
        assert f"D{n}" in listed
        for code, action in ((f"Q{n}", "insert"), (f"M{n}", "update"), (f"C{n}", "update"),
                             (f"D{n}", "delete")):  # fmt: skip
            log = program.data("audit", "log", code, "-n", 1000)["changes"]
            assert action in {e["action"] for e in log if e["origin"] == "outside edit"}, code
    assert program.data("db", "check")["faults"] == []
    assert program.data("audit", "verify")["broken"] == []
    with other_program(program.db) as connection:
        assert connection.execute("SELECT count(*) FROM outside_edit").fetchone() == (0,)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    program.data("asset", "edit", "M0", "--owner", "last")
    with other_program(program.db) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
