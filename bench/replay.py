"""Replays recorded pressures through simulated devices and compares what was stored.

``python -m bench.replay FILE.csv --columns P_J280,P_J269 --unit mH2O``: every row is one poll of
every column's sensor over real Modbus/TCP; afterwards the stored series must be those of the
file to the resolution of the registers, and the low-pressure alarms those that the limit and the
two samples make of the file, computed here by a second hand.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
from pathlib import Path

from hydrant.integrity.policy_reader import load_policy
from hydrant.store.facts.sensors import SensorRow
from hydrant.store.readings.readings_file import open_readings
from hydrant.telemetry.poll import poll
from hydrant.telemetry.profile_reader import load_profile
from hydrant.telemetry.simulator import SimulatedGateway, SimulatedUnit, serve
from hydrant.units import PRESSURE_KPA

#: Resolution of the simulated transmitter, kPa: its register holds tenths.
RESOLUTION_KPA = 0.1


def series_of(path: Path, wanted: list[str] | None, unit: str) -> dict[str, list[float]]:
    """Columns of a file in kPa."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    names = wanted or [name for name in rows[0] if name][1:13]
    factor = PRESSURE_KPA[unit]
    return {name: [float(row[name]) * factor for row in rows] for name in names}


def expected_alarms(values: list[float], limit: float, deadband: float) -> int:
    """How often low pressure opens: a low value is read again at once, so one row decides."""
    active, opened = False, 0
    for value in (round(value, 1) for value in values):
        if not active and value < limit:
            active, opened = True, opened + 1
        elif active and value >= limit + deadband:
            active = False
    return opened


def main() -> int:
    """Replay a file; 1 when anything differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--columns", type=lambda text: text.split(","))
    parser.add_argument("--unit", default="mH2O", choices=sorted(PRESSURE_KPA))
    parser.add_argument("--rows", type=int)
    given = parser.parse_args()
    series = series_of(given.file, given.columns, given.unit)
    steps = min(given.rows or sys.maxsize, *(len(values) for values in series.values()))
    series = {name: values[:steps] for name, values in series.items()}
    wrong, opened = replay(series, steps)
    policy = load_policy("zhejiang")
    limit = policy.limits["static_kpa"].value
    deadband = policy.alarms["low_pressure_in_use"].deadband
    wanted = sum(expected_alarms(values, limit, deadband) for values in series.values())
    print(f"{given.file.name}: {len(series)} sensors, {steps} polls, {wrong} values differ by more")
    print(
        f"than {RESOLUTION_KPA} kPa; low-pressure alarms: {opened}, computed from the file: {wanted}"
    )
    return int(bool(wrong) or opened != wanted)


def replay(series: dict[str, list[float]], steps: int) -> tuple[int, int]:
    """Poll every step; how many stored values differ, and how many alarms opened."""
    profile = load_profile("generic-rs485-pressure")
    now = {name: values[0] for name, values in series.items()}

    def unit(name: str) -> SimulatedUnit:
        return SimulatedUnit(profile, lambda: {"pressure": now[name]})

    gateway = SimulatedGateway({n: unit(name) for n, name in enumerate(series, 1)})
    wrong = opened = 0
    with (
        tempfile.TemporaryDirectory() as folder,
        open_readings(Path(folder) / "r.db") as store,
        serve([gateway]) as (url,),
    ):
        rows = [sensor(name, url, number) for number, name in enumerate(series, 1)]
        policy = load_policy("zhejiang")
        for step in range(steps):
            now.update({name: values[step] for name, values in series.items()})
            result = poll(rows, store, policy=policy, recheck_s=0.0)
            opened += sum(c.opened and c.kind == "low_pressure" for c in result.transitions)
            latest = store.latest()
            for name, values in series.items():
                value = latest[name].value
                wrong += value is None or abs(value - values[step]) > RESOLUTION_KPA / 2 + 1e-6
    return wrong, opened


def sensor(name: str, url: str, number: int) -> SensorRow:
    """A pressure sensor for a column."""
    return SensorRow(
        uid=name,
        asset_uid=f"asset {name}",
        asset_code=name,
        asset_kind="hydrant.pillar",
        quantity="pressure",
        reference=None,
        side=None,
        height_m=None,
        profile="generic-rs485-pressure",
        profile_version="1",
        url=url,
        unit_id=number,
        interval_s=60,
        parameters={},
        enabled=True,
    )


if __name__ == "__main__":
    sys.exit(main())
