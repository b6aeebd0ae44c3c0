"""The same work on a file and on a server gives the same exports and the same figures."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hydrant.store.file.migrate import create
from hydrant.store.ground.place import Server
from tests.conftest import SETTINGS, TWO_TOWNSHIPS, Program, renew

CODES = st.sampled_from(["A", "B", "C", "ab", "井-1"])
DAYS = st.sampled_from(["2019-05-01", "2024-02-29", "2025-12-31"])
TOWNS = st.sampled_from(["330199001", "330199002"])
Words = tuple[str, ...]


def words(*parts: Any) -> st.SearchStrategy[Words]:
    drawn = [part if isinstance(part, st.SearchStrategy) else st.just(part) for part in parts]
    return st.tuples(*drawn)


NUMBERS = st.sampled_from(["0", "99.5", "140", "250"])
COMMANDS = st.one_of(
    words("asset", "add", CODES, "--kind", st.sampled_from(["hydrant.pillar", "intake.river"]),
          "--lon", st.sampled_from(["120.1", "120.1000001", "120.2"]), "--lat", "30.2", "--crs",
          "cgcs2000", "--region", TOWNS, "--built", DAYS),
    words("asset", "edit", CODES, "--owner", st.sampled_from(["甲", "b%s?", "'"]), "--from", DAYS),
    words("asset", "edit", CODES, "--set", "access_lane=no", "--correct"),
    words("asset", "event", CODES, st.sampled_from(["suspended", "resumed", "removed"]), "--at",
          DAYS),
    words("survey", "record", CODES, "--outcome",
          st.sampled_from(["works", "fails", "not_found", "not_testable"]), "--static-kpa",
          NUMBERS, "--at", DAYS),
    words("defect", "open", CODES, "leak", "--at", DAYS),
    words("require", "set", TOWNS, st.sampled_from(["hydrant", "hydrant.pillar"]),
          st.sampled_from(["0", "2"]), "--from", DAYS),
)  # fmt: skip


def outcome(program: Program, history: list[Words], folder: Path) -> list[Any]:
    """What a history leaves behind, without the keys that are random."""
    renew(program.db)
    regions = folder / "regions.csv"
    regions.write_text(TWO_TOWNSHIPS, "utf-8")
    program.data("region", "import", regions)
    for code, town in (("A", "330199001"), ("B", "330199002")):
        program.data("asset", "add", code, "--kind", "hydrant", "--lon", 120.1, "--lat", 30.2,
                     "--crs", "cgcs2000", "--region", town)  # fmt: skip
    seen: list[Any] = [program(*command, "--json").code for command in history]
    assert 70 not in seen, history
    for flags in ((), ("--as-of", "2024-06-30"), ("--by", "township"), ("--by", "owner")):
        data = program.data("integrity", *flags)
        seen.append({name: data[name] for name in ("total", "groups") if name in data})
    out = folder / "out.csv"
    out.unlink(missing_ok=True)
    program.data("export", out)
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = [{k: v for k, v in row.items() if k != "uid"} for row in csv.DictReader(file)]
    seen.append(sorted(map(str, rows)))
    assert program.data("audit", "verify")["findings"] == []
    seen.append([c["entity"] for c in program.data("audit", "log", "-n", 99)["changes"]])
    return seen


@settings(
    max_examples=max(4, int(os.environ.get("HYDRANT_EXAMPLES", "0")) // 100),
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
@given(history=st.lists(COMMANDS, min_size=4, max_size=9))
def test_the_same_history_gives_the_same(
    history: list[Words], database: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "same.gpkg"
    if not path.exists():
        create(path, settings=SETTINGS)
    on_file = outcome(Program(path, capsys), history, tmp_path)
    on_server = outcome(Program(database, capsys), history, tmp_path)
    assert on_file == on_server
