"""A package speaks for its own region: rows of others are refused by name, the rest is taken."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hydrant.exchange.package_file import digest_of
from hydrant.ids import new_uid
from tests.conftest import Program
from tests.exchange.test_package import Make, county, figures, held, level, packed

__all__ = ["level"]

Rows = dict[str, list[dict[str, Any]]]
Change = Callable[[Rows, Rows], str]


def read(file: Path) -> Rows:
    with zipfile.ZipFile(file) as archive:
        return {
            name.removesuffix(".jsonl"): list(map(json.loads, archive.read(name).splitlines()))
            for name in archive.namelist()
            if name.endswith(".jsonl")
        }


def written(file: Path, target: Path, rows: Rows, **told: object) -> Path:
    """A package with other rows whose digests are right."""
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for table, lines in rows.items():
            text = "".join(json.dumps(line, sort_keys=True) + "\n" for line in lines).encode()
            archive.writestr(f"{table}.jsonl", text)
            manifest["members"][f"{table}.jsonl"] = {
                "rows": len(lines), "sha256": hashlib.sha256(text).hexdigest(),
            }  # fmt: skip
        manifest |= told
        manifest["digest"] = digest_of(manifest)
        archive.writestr("manifest.json", json.dumps(manifest))
    return target


def added(rows: Rows, table: str, like: dict[str, Any], **other: object) -> str:
    row = like | {"uid": new_uid()} | other
    rows[table].append(row)
    rows[table].sort(key=lambda one: str(one["uid"]))
    return str(row["uid"])


def on_its_asset(table: str, **other: object) -> Change:
    def change(mine: Rows, theirs: Rows) -> str:
        asset = theirs["asset"][2]["uid"]
        base = {"recorded_at": mine["asset"][0]["recorded_at"], "recorded_by": "x"}
        return added(mine, table, base, asset_uid=asset, **other)

    return change


def sensor_on_its_asset(mine: Rows, theirs: Rows) -> str:
    return added(mine, "sensor", mine["sensor"][0], asset_uid=theirs["asset"][2]["uid"])


def former_row_there(mine: Rows, theirs: Rows) -> str:
    return added(mine, "asset_version", mine["asset_version"][0], region_code="330199001")


def asset_there(mine: Rows, theirs: Rows) -> str:
    return added(mine, "asset", mine["asset"][0], region_code="330199001")


def asset_without_region(mine: Rows, theirs: Rows) -> str:
    like = {name: said for name, said in mine["asset"][0].items() if name != "region_code"}
    return added(mine, "asset", like)


def its_asset_as_own(mine: Rows, theirs: Rows) -> str:
    return added(mine, "asset", theirs["asset"][1], uid=theirs["asset"][1]["uid"],
                 region_code="330198001")  # fmt: skip


def requirement_there(mine: Rows, theirs: Rows) -> str:
    return added(mine, "requirement", mine["requirement"][0], region_code="330199001",
                 kind="tank")  # fmt: skip


def region_there(mine: Rows, theirs: Rows) -> str:
    return added(mine, "region", mine["region"][-1], code="330199009", parent_code="330199")


def own_region_under_its(mine: Rows, theirs: Rows) -> str:
    return added(mine, "region", mine["region"][-1], code="330198009", parent_code="330199")


def takes_over(mine: Rows, theirs: Rows) -> str:
    base = {"recorded_at": mine["asset"][0]["recorded_at"], "recorded_by": "x"}
    return added(mine, "region_successor", base, code="330199001", successor_code="330198001",
                 at="2020-01-01T00:00:00.000Z")  # fmt: skip


def alias_of_its_asset(mine: Rows, theirs: Rows) -> str:
    base = {"recorded_at": mine["asset"][0]["recorded_at"], "recorded_by": "x", "reason": "x"}
    return added(mine, "asset_alias", base, former_uid=theirs["asset"][1]["uid"],
                 asset_uid=mine["asset"][0]["uid"])  # fmt: skip


def evidence(sensor: str, asset: str, **other: object) -> dict[str, Any]:
    return {"sensor_uid": sensor, "asset_uid": asset, "word": "good", "uid": None,
            "at": "2026-05-04T10:00:00.000Z", "until": None, "value": 300,
            "series": None} | other  # fmt: skip


def evidence_of_its_sensor(mine: Rows, theirs: Rows) -> str:
    mine["sensor_evidence"] = [
        evidence(theirs["sensor"][0]["uid"], theirs["sensor"][0]["asset_uid"])
    ]
    return str(theirs["sensor"][0]["uid"])


def evidence_of_its_asset(mine: Rows, theirs: Rows) -> str:
    mine["sensor_evidence"] = [evidence(mine["sensor"][0]["uid"], theirs["asset"][2]["uid"])]
    return str(mine["sensor"][0]["uid"])


def clears_its_alarm(mine: Rows, theirs: Rows) -> str:
    (alarm,) = [row for row in theirs["sensor_evidence"] if row["word"] == "low_pressure"]
    mine["sensor_evidence"] = [
        alarm | {"sensor_uid": mine["sensor"][0]["uid"], "asset_uid": mine["asset"][0]["uid"],
                 "until": "2026-05-03T02:15:00.000Z"}
    ]  # fmt: skip
    return str(alarm["uid"])


def equipped(made: Program, folder: Path) -> Program:
    """With a sensor that told a low pressure, and a former owner."""
    made.data("sensor", "add", "H3", "--profile", "pushed", "--url", "push://D", "--unit", 1,
              "--from", "2026-04-01")  # fmt: skip
    made.data("asset", "edit", "H1", "--owner", "新", "--from", "2024-01-01")
    sent = folder / "s.jsonl"
    sent.write_text(
        "\n".join(
            json.dumps({"device": "D", "at": f"2026-05-03T{at}", "value": 80})
            for at in ("10:00", "10:15")
        ),
        "utf-8",
    )
    made.data("ingest", sent)
    return made


@pytest.fixture
def parties(level: Make, tmp_path: Path) -> tuple[Program, Program, Path, Path]:
    """A city that took county A's package; county B, and both packages."""
    above = level("city")
    theirs = equipped(county(level("a"), tmp_path), tmp_path)
    mine = equipped(county(level("b"), tmp_path, "330198", 121.1), tmp_path)
    a, b = (
        packed(made, tmp_path / f"{name}.hydrant.zip")
        for made, name in ((theirs, "a"), (mine, "b"))
    )
    above.data("package", "take", a)
    return above, mine, a, b


CHANGES: list[Change] = [
    on_its_asset("lifecycle", event="removed", at="2024-01-01T00:00:00.000Z", confirmed=True),
    on_its_asset("inspection", outcome="works", at="2026-01-01T00:00:00.000Z"),
    on_its_asset("defect", code="no_water", severity="blocking", state="confirmed"),
    sensor_on_its_asset,
    former_row_there,
    asset_there,
    asset_without_region,
    its_asset_as_own,
    requirement_there,
    region_there,
    own_region_under_its,
    takes_over,
    alias_of_its_asset,
    evidence_of_its_sensor,
    evidence_of_its_asset,
    clears_its_alarm,
]


def test_rows_of_another_county_are_refused_by_name_and_the_rest_is_taken(
    parties: tuple[Program, Program, Path, Path], tmp_path: Path
) -> None:
    above, _, a, b = parties
    theirs, mine, names = read(a), read(b), set()
    before = figures(above), [figures(above, "--as-of", day) for day in ("2023-01-01",)]
    condition = [fact for code in range(4) for fact in [above.data("explain", f"H{code}")]]
    told = {change: _alone(change, theirs, mine) for change in CHANGES}
    for number, (change, (rows, uid)) in enumerate(told.items()):
        file = written(b, tmp_path / f"e{number}.hydrant.zip", rows)
        dry = above.data("package", "take", file, "--dry-run")
        refused = {row["uid"]: row["reason"] for row in dry["rows"] if row["action"] == "refused"}
        assert uid in refused, change
        assert len(refused) == 1, (change, dry["rows"])
        names.add(uid)
    together: Rows = {table: list(rows) for table, rows in mine.items()}
    for rows, _ in told.values():
        for table, lines in rows.items():
            together[table] += [row for row in lines if row not in together[table]]
    for lines in together.values():
        lines.sort(key=lambda row: str(row.get("sensor_uid", "") or row["uid"]))
    file = written(b, tmp_path / "all.hydrant.zip", together)
    taken = above.data("package", "take", file)
    assert names <= {row["uid"] for row in taken["rows"] if row["action"] == "refused"}
    assert above.data("integrity", "330198")["total"]["working_order"]["existing"] == 4
    assert (figures(above), [figures(above, "--as-of", "2023-01-01")]) == before
    for code, fact in enumerate(condition):
        uid = theirs["asset"][code]["uid"]
        now = above.data("explain", uid)
        assert (now["condition"], now["evidence"]) == (fact["condition"], fact["evidence"])
    assert above.data("db", "check")["faults"] == []
    stood = held(above.db)
    again = above.data("package", "take", file)
    assert (again["written"], again["refused"]) == (False, taken["refused"])
    assert held(above.db) == stood
    # the corrected one, of the same length of the log
    good = above.data("package", "take", b, "--accept-withdrawals")
    assert (good["refused"], good["figures_differ"]) == (0, [])


def _alone(change: Change, theirs: Rows, mine: Rows) -> tuple[Rows, str]:
    rows: Rows = {table: [dict(row) for row in lines] for table, lines in mine.items()}
    return rows, change(rows, theirs)


def test_a_unit_that_went_into_the_package_s_region_comes_with_it(
    level: Make, tmp_path: Path
) -> None:
    """Its parent lies above the region; villages of it belong to the unit that took over."""
    above, below = level("city"), level("a")
    regions = tmp_path / "r.csv"
    regions.write_text(
        "code,name_zh,level,parent_code\n330199,县,county,\n330199001,甲镇,township,330199\n"
        "330199002,乙镇,township,330199\n330199002001,某村,village,330199002\n",
        "utf-8",
    )
    below.data("region", "import", regions)
    below.data("region", "succeed", "330199002", "330199001", "--at", "2024-01-01")
    place = ("--lon", 120.1, "--lat", 30.2, "--crs", "cgcs2000", "--region", "330199002001")
    below.data("asset", "add", "H0", "--kind", "hydrant", *place, "--built", "2020-01-01")
    file = tmp_path / "a.hydrant.zip"
    below.data("package", "make", file, "--region", "330199001")
    taken = above.data("package", "take", file)
    assert (taken["refused"], taken["conflict"]) == (0, 0)
    for day in ("2023-01-01", "2025-01-01"):
        asked = ("integrity", "330199001", "--as-of", day)
        assert above.data(*asked)["total"] == below.data(*asked)["total"]


def test_a_region_above_is_named_and_not_changed(
    parties: tuple[Program, Program, Path, Path], tmp_path: Path
) -> None:
    above, _, _, b = parties
    rows = read(b)
    like = next(row for row in rows["region"] if row["code"] == "330198")
    taken = above.data("package", "take", b)
    assert taken["refused"] == 0
    ended = written(
        b, tmp_path / "e.hydrant.zip",
        rows | {"region": [row | ({"parent_code": "330199"} if row is like else {})
                           for row in rows["region"]]},
    )  # fmt: skip
    told = above.data("package", "take", ended)
    assert not any(row["code"] == "330198" and row["parent_code"] == "330199"
                   for row in above.data("region", "list")["regions"])  # fmt: skip
    assert told["refused"] + told["conflict"] == 1


def test_a_package_without_a_region_does_not_speak_for_those_of_others(
    parties: tuple[Program, Program, Path, Path], tmp_path: Path
) -> None:
    above, _, a, b = parties
    rows = read(b)
    foreign = asset_there(rows, read(a))
    file = written(b, tmp_path / "e.hydrant.zip", rows, region=None)
    taken = above.data("package", "take", file)
    assert [row["uid"] for row in taken["rows"] if row["action"] == "refused"] == [foreign]
    assert "330199" in next(row["reason"] for row in taken["rows"])


@pytest.mark.parametrize("number", [2**53, 2**63 - 1, 2**63, 10**40])
def test_numbers_that_no_log_reaches_are_refused(
    parties: tuple[Program, Program, Path, Path], tmp_path: Path, number: int
) -> None:
    above, _, _, b = parties
    for name, rows, told in (
        ("sequence", read(b), {"sequence": number}),
        ("count", read(b), {}),
    ):
        if name == "count":
            rows["requirement"][0]["count"] = number
        file = written(b, tmp_path / f"{name}.hydrant.zip", rows, **told)
        for lang in ("en", "zh"):
            ran = above("package", "take", file, lang=lang)
            assert (ran.code, ran.err.count("\n")) == (3, 1)
            assert name in ran.err
    assert above.data("package", "take", b)["refused"] == 0


def test_a_wrong_length_of_the_log_does_not_shut_the_county_out(
    parties: tuple[Program, Program, Path, Path], tmp_path: Path
) -> None:
    above, _, _, b = parties
    above.data("package", "take", written(b, tmp_path / "e.hydrant.zip", read(b), sequence=10**9))
    ran = above("package", "take", b)
    assert (ran.code, "--accept-older" in ran.err) == (3, True)
    assert above.data("package", "take", b, "--accept-older")["written"]
    assert above.data("package", "take", b)["written"] is False
