"""Writes the sample county of ``hydrant demo`` into data/sample: invented from first to last.

Run once when the sample is to change: ``python bench/make_sample.py``. The same seed gives the
same county. Dates are kept as days before today, so that the demo never grows old.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path

TARGET = Path(__file__).parent.parent / "data" / "sample"
TOWNS = [
    ("339901001", "云溪街道", "Yunxi", 119.912, 29.902, 90),
    ("339901002", "东塘街道", "Dongtang", 119.965, 29.915, 70),
    ("339901101", "石桥镇", "Shiqiao", 119.862, 29.861, 44),
    ("339901102", "白沙镇", "Baisha", 120.021, 29.872, 40),
    ("339901103", "双湖镇", "Shuanghu", 119.958, 29.829, 36),
    ("339901104", "青港镇", "Qinggang", 120.078, 29.924, 30),
    ("339901201", "竹岭乡", "Zhuling", 119.808, 29.934, 14),
    ("339901202", "松源乡", "Songyuan", 119.871, 29.972, 12),
]
INTAKES = ["river", "canal", "lake", "reservoir", "sea", "pond"]
NOTE = "示例数据，纯属虚构 / sample data, invented"


def write(name: str, heading: list[str], rows: list[list[object]]) -> None:
    with (TARGET / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heading)
        writer.writerows(rows)


def main() -> None:
    chance = random.Random(20251231)
    TARGET.mkdir(parents=True, exist_ok=True)
    regions: list[list[object]] = [
        ["339900", "示例市（虚构）", "Sample City (invented)", "city", ""],
        ["339901", "示例县（虚构）", "Sample County (invented)", "county", "339900"],
    ]
    assets: list[list[object]] = []
    requirements: list[list[object]] = []
    inspections: list[list[object]] = []
    defects: list[list[object]] = []
    for code, zh, en, lon, lat, hydrants in TOWNS:
        regions.append([code, zh, en, "township", "339901"])
        regions.extend(
            [f"{code}{n:03d}", f"{zh[:2]}{n}村", f"{en} village {n}", "village", code]
            for n in range(1, 4)
        )
        town_assets: list[tuple[str, str]] = []
        for index in range(hydrants):
            row, column = divmod(index, 8)
            kind = chance.choices(
                ["hydrant.pillar", "hydrant.underground", "hydrant.wall"], [80, 15, 5]
            )[0]
            asset = f"{en[:3].upper()}-{index + 1:03d}"
            service = "private" if index % 23 == 22 else "municipal"
            assets.append(
                [
                    *(asset, kind, f"{lon + column * 0.00112 + chance.gauss(0, 0.00005):.6f}"),
                    *(f"{lat + row * 0.00098 + chance.gauss(0, 0.00004):.6f}", code, service),
                    *("", f"{chance.randint(1998, 2021)}-0{chance.randint(1, 9)}-15"),
                    *(
                        f"{zh}办" if "街道" in zh else f"{zh}政府",
                        "示例水务公司",
                        "示例县消防救援大队",
                    ),
                    *(chance.choice([100, 150, 200, 300]), "", "", "", NOTE),
                ]
            )
            town_assets.append((asset, "hydrant"))
        for number in range(3):
            kind = INTAKES[(len(regions) + number) % len(INTAKES)]
            asset = f"{en[:3].upper()}-Q{number + 1}"
            lift = chance.choice(["3.5", "4.2", "5.1", "5.8", "6.4", ""])
            lane = chance.choices(["true", "false", ""], [85, 5, 10])[0]
            assets.append(
                [
                    *(asset, f"intake.{kind}", f"{lon + 0.004 + number * 0.003:.6f}"),
                    *(f"{lat - 0.006 - number * 0.002:.6f}", code, "municipal"),
                    *(chance.choice(["platform", "wharf", "pipe"]), "2015-06-15"),
                    *(
                        f"{zh}政府",
                        "示例县水利局",
                        "示例县消防救援大队",
                        "",
                        lift,
                        lane,
                        lane,
                        NOTE,
                    ),
                ]
            )
            town_assets.append((asset, "intake"))
        asset = f"{en[:3].upper()}-S1"
        assets.append(
            [
                *(asset, chance.choice(["tank.cistern", "tank.tower", "tank.pool", "well"])),
                *(f"{lon - 0.004:.6f}", f"{lat - 0.003:.6f}", f"{code}001", "rural"),
                *(
                    "",
                    "2018-04-15",
                    f"{zh}政府",
                    f"{zh}政府",
                    "示例县消防救援大队",
                    "",
                    "",
                    "",
                    "",
                    NOTE,
                ),
            ]
        )
        town_assets.append((asset, "tank"))
        private = sum(1 for i in range(hydrants) if i % 23 == 22)
        short = chance.choice([0, 0, 2, 3, 5])
        requirements.append([code, "hydrant", hydrants - private + short, "2021-03-18", "plan"])
        requirements.append([code, "intake", 3 + chance.choice([0, 0, 1]), "2021-03-18", "plan"])
        for asset, family in town_assets:
            history(chance, asset, family, inspections, defects)
    requirements = [row for row in requirements if row[:2] != ["339901202", "intake"]]
    equipped = [f"YUN-{n:03d}" for n in (2, 9, 17, 25, 33, 41)]
    equipped += [f"DON-{n:03d}" for n in (3, 12, 21, 30, 38, 46)]
    profiles = ["keller-33x", "microsensor-mpm47xx", "generic-rs485-pressure"]
    sensors: list[list[object]] = []
    for index, asset in enumerate(equipped):
        kpa = 95 if index == 5 else chance.randint(210, 380)
        fault = "silent" if index == 9 else ""
        profile = profiles[index % 3]
        device_unit = "kPa" if profile.startswith("microsensor") else ""
        sensors.append([asset, profile, index // 4 + 1, index % 4 + 1, device_unit, kpa, fault])
    write("regions.csv", ["code", "name_zh", "name_en", "level", "parent_code"], regions)
    write(
        "assets.csv",
        [
            *(
                "code",
                "kind",
                "lon",
                "lat",
                "region_code",
                "service",
                "structure",
                "built",
                "owner",
            ),
            *("maintainer", "supervisor", "mains_dn_mm", "lift_drought_m", "access_lane"),
            *("turning_area", "note"),
        ],
        assets,
    )
    write("requirements.csv", ["region", "kind", "count", "from", "origin"], requirements)
    write(
        "inspections.csv",
        ["code", "days_ago", "outcome", "static_kpa", "residual_kpa", "flow_l_s", "lift_m"],
        inspections,
    )
    write("defects.csv", ["code", "defect", "found_days_ago", "cleared_days_ago"], defects)
    write(
        "sensors.csv",
        ["code", "profile", "gateway", "unit", "device_unit", "kpa", "fault"],
        sensors,
    )


def history(
    chance: random.Random,
    asset: str,
    family: str,
    inspections: list[list[object]],
    defects: list[list[object]],
) -> None:
    """Three years of yearly visits, some missed, some with faults."""
    fate = chance.random()
    for year in (3, 2, 1):
        days = year * 365 - chance.randint(20, 340)
        if chance.random() < 0.04 or (fate < 0.03):
            continue
        if year == 1 and fate > 0.93:
            continue
        outcome = "works"
        if year == 1 and 0.03 <= fate < 0.065:
            outcome = chance.choice(["fails", "fails", "not_found"])
        elif chance.random() < 0.02:
            outcome = "not_testable"
        measured: list[object] = ["", "", "", ""]
        if outcome == "works" and family == "hydrant" and chance.random() < 0.7:
            static = chance.randint(160, 400)
            measured = [static, round(static * 0.75), f"{chance.uniform(15.5, 32):.1f}", ""]
        if outcome == "works" and family == "intake":
            measured = ["", "", "", f"{chance.uniform(2.5, 5.5):.1f}"]
        inspections.append([asset, days, outcome, *measured])
        if outcome == "fails":
            code = chance.choice(["no_water", "damaged", "buried", "rusted_shut"])
            defects.append([asset, code, days, ""])
        elif chance.random() < 0.06:
            defects.append(
                [asset, chance.choice(["leak", "paint_poor", "sign_missing"]), days, days - 12]
            )


if __name__ == "__main__":
    main()
