"""The replay of recorded pressures, on a short series of our own."""

from __future__ import annotations

import csv
import math
import sys
from pathlib import Path

import pytest

from bench import replay


def test_series_come_back_and_alarms_match(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "series.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["time", "a", "b"])
        for hour in range(60):
            swing = 20 + 10 * math.sin(hour / 5)
            writer.writerow([hour, f"{swing:.3f}", f"{swing / 2 - 3:.3f}"])
    monkeypatch.setattr(sys, "argv", ["replay", str(file), "--columns", "a,b"])
    assert replay.main() == 0
    said = capsys.readouterr().out
    assert "0 values differ" in said
    alarms = said.rpartition("alarms: ")[2]
    assert int(alarms.partition(",")[0]) > 1
