"""Regions that end, names that several bear, outlines and what they decide."""

from __future__ import annotations

import datetime as dt
import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Program, Ran

#: Two counties; a township name that both bear.
TWICE = (
    "code,name_zh,name_en,level,parent_code\nD1,东县,East,county,\nD2,西县,West,county,\n"
    "D1A,城关镇,Chengguan,township,D1\nD2A,城关镇,Chengguan,township,D2\nD2B,下镇,Xia,township,D2\n"
)
#: A county with three townships, each a strip of a tenth of a degree.
THREE = (
    "code,name_zh,name_en,level,parent_code\nC,县,County,county,\nA,甲镇,Jia,township,C\n"
    "B,乙镇,Yi,township,C\nD,丁镇,Ding,township,C\nA1,甲一村,Jiayi,village,A\n"
)


def strip(west: float, east: float, south: float = 30.0, north: float = 30.1) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def outlines(path: Path, *regions: tuple[dict[str, Any], dict[str, Any]], **top: Any) -> Path:
    features = [
        {"type": "Feature", "properties": said, "geometry": shape} for said, shape in regions
    ]
    content = {"type": "FeatureCollection", "features": features} | top
    path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    return path


def write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
def twice(program: Program, tmp_path: Path) -> Program:
    program.data("region", "import", write(tmp_path / "twice.csv", TWICE))
    return program


@pytest.fixture
def three(program: Program, tmp_path: Path) -> Program:
    program.data("region", "import", write(tmp_path / "three.csv", THREE))
    return program


def add(program: Program, code: str, lon: float, *more: object, lat: float = 30.05) -> Any:
    return program.data(
        "asset", "add", code, "--kind", "hydrant", "--lon", lon, "--lat", lat, "--crs", "cgcs2000",
        *more,
    )  # fmt: skip


def existing(program: Program, day: str, *more: object) -> dict[str, int]:
    found = program.data("integrity", "--by", "township", "--as-of", day, *more)
    counts = {g["key"]: g["working_order"]["existing"] for g in found["groups"]}
    return {key: count for key, count in counts.items() if count}


def completeness(program: Program, day: str) -> dict[str, Any]:
    found: dict[str, Any] = program.data("integrity", "--as-of", day)["total"]["completeness"]
    return found


# names


@pytest.mark.parametrize("name", ["城关镇", "Chengguan"])
@pytest.mark.parametrize(
    "line",
    [
        ("require", "set", "NAME", "hydrant", 3, "--from", "2021-01-01"),
        ("require", "list", "NAME"),
        ("integrity", "NAME"),
        ("todo", "NAME"),
        ("trend", "NAME", "--from", "2024-01-01"),
        ("asset", "list", "--region", "NAME"),
        ("asset", "add", "X", "--kind", "hydrant", "--lon", 120, "--lat", 30, "--crs", "wgs84",
         "--region", "NAME"),
        ("duplicates", "list", "--region", "NAME"),
        ("defect", "list", "--region", "NAME"),
        ("region", "list", "NAME"),
        ("region", "succeed", "NAME", "D2B", "--at", "2024-01-01"),
        ("region", "succeed", "D2B", "NAME", "--at", "2024-01-01"),
    ],
    ids=lambda line: " ".join(map(str, line[:2])),
)  # fmt: skip
def test_a_name_of_two_regions_is_refused_with_both(
    twice: Program, line: tuple[object, ...], name: str
) -> None:
    for lang in ("en", "zh"):
        ran = twice(*[name if word == "NAME" else word for word in line], lang=lang)
        assert ran.code == 3, ran
        assert "D1A (D1 东县)" in ran.err
        assert "D2A (D2 西县)" in ran.err


def test_code_uid_and_a_name_of_one_region_are_understood(twice: Program) -> None:
    twice.data("require", "set", "D1A", "hydrant", 1, "--from", "2021-01-01")
    twice.data("require", "set", "下镇", "hydrant", 2, "--from", "2021-01-01")
    rows = twice.data("require", "list")["requirements"]
    assert [(row["region"], row["count"]) for row in rows] == [("D1A", 1), ("D2B", 2)]


def test_a_name_that_only_a_former_region_shares_means_the_present_one(twice: Program) -> None:
    twice.data("region", "succeed", "D2A", "D2B", "--at", "2024-01-01")
    assert twice.data("require", "set", "城关镇", "hydrant", 1, "--from", "2025-01-01") == {
        "region": "D1A", "kind": "hydrant", "service": None, "count": 1, "from": "2025-01-01",
        "until": None, "action": "new",
    }  # fmt: skip


def test_names_in_a_table_of_numbers(twice: Program, tmp_path: Path) -> None:
    good = write(tmp_path / "good.csv", "region,kind,count,from\n下镇,hydrant,2,2021-01-01\n")
    twice.data("require", "import", good)
    assert twice.data("require", "list")["requirements"][0]["region"] == "D2B"
    bad = write(tmp_path / "bad.csv", "region,kind,count,from\n城关镇,hydrant,2,2021-01-01\n")
    ran = twice("require", "import", bad)
    assert (ran.code, "line 2" in ran.err, "D1A" in ran.err, "D2A" in ran.err) == (3, *[True] * 3)


def test_names_in_a_register(twice: Program, tmp_path: Path) -> None:
    head = "code,kind,lon,lat,region\n"
    file = write(tmp_path / "r.csv", f"{head}H1,hydrant,120.1,30.1,下镇\n")
    twice.data("import", file, "--crs", "cgcs2000")
    assert twice.data("asset", "show", "H1")["asset"]["region_code"] == "D2B"
    assert twice.data("import", file, "--crs", "cgcs2000")["unchanged"] == 1
    file = write(tmp_path / "s.csv", f"{head}H2,hydrant,120.1,30.1,城关镇\n")
    ran = twice("import", file, "--crs", "cgcs2000", "--json")
    assert ran.code == 3
    assert "D1A" in ran.data["rows"][0]["reason"]
    assert "D2A" in ran.data["rows"][0]["reason"]


# one heir


def test_one_heir_takes_over_assets_and_numbers_from_the_day(three: Program) -> None:
    add(three, "H1", 120.05, "--region", "A", "--built", "2015-01-01")
    add(three, "V1", 120.06, "--region", "A1", "--built", "2015-01-01")
    add(three, "H2", 120.15, "--region", "B", "--built", "2015-01-01")
    three.data("require", "set", "A", "hydrant", 3, "--from", "2020-01-01")
    three.data("require", "set", "B", "hydrant", 2, "--from", "2020-01-01")
    done = three.data("region", "succeed", "甲镇", "B", "--at", "2024-01-01")
    assert (done["action"], done["successors"], done["left"]) == ("new", ["B"], [])
    assert done["passed"] == [{"kind": "hydrant", "service": None, "count": 3}]
    assert existing(three, "2023-12-31") == {"A": 2, "B": 1}
    assert existing(three, "2024-01-01") == {"B": 3}
    assert completeness(three, "2023-12-31")["met"] == 3
    after = completeness(three, "2024-01-01")
    # three stand for five: neither number is met by what was built for the other
    assert (after["required"], after["met"], after["shortfall"]) == (5, 3, 2)
    codes = {row["code"] for row in three.data("asset", "list", "--region", "B")["assets"]}
    assert codes == {"H1", "V1", "H2"}
    again = three.data("region", "succeed", "A", "B", "--at", "2024-01-01")
    assert again["action"] == "unchanged"
    assert "2024-01-01" in three("integrity", "A").err
    assert three("integrity", "A", "--as-of", "2023-12-31").err == ""


def test_a_number_stated_anew_for_the_heir_is_the_whole(three: Program) -> None:
    three.data("require", "set", "A", "hydrant", 3, "--from", "2020-01-01")
    three.data("require", "set", "B", "hydrant", 2, "--from", "2020-01-01")
    three.data("region", "succeed", "A", "B", "--at", "2024-01-01")
    three.data("require", "set", "B", "hydrant", 4, "--from", "2024-06-01")
    assert completeness(three, "2023-06-01")["required"] == 5
    assert completeness(three, "2024-03-01")["required"] == 5
    assert completeness(three, "2024-07-01")["required"] == 4


def test_a_kind_that_meets_its_family_is_counted_once(three: Program) -> None:
    add(three, "H1", 120.05, "--region", "A", "--built", "2015-01-01")
    three.data("require", "set", "A", "hydrant.pillar", 1, "--from", "2020-01-01")
    three.data("require", "set", "B", "hydrant", 1, "--from", "2020-01-01")
    three.data("region", "succeed", "A", "B", "--at", "2024-01-01")
    after = completeness(three, "2024-01-01")
    assert (after["required"], after["met"]) == (2, 1)


def test_numbers_travel_through_two_successions(three: Program) -> None:
    three.data("require", "set", "A", "hydrant", 3, "--from", "2020-01-01")
    three.data("require", "set", "D", "hydrant", 7, "--from", "2022-06-01")
    three.data("region", "succeed", "A", "B", "--at", "2022-01-01")
    three.data("region", "succeed", "B", "D", "--at", "2024-01-01")
    assert completeness(three, "2021-06-01")["required"] == 3
    # D's number of 2022 knew nothing of what came to it in 2024
    assert completeness(three, "2024-06-01")["required"] == 10


def test_what_was_known_before_a_succession_is_told_without_it(three: Program) -> None:
    add(three, "H1", 120.05, "--region", "A", "--built", "2015-01-01")
    from hydrant import times  # noqa: PLC0415

    moment = times.to_text(times.now())
    three.data("region", "succeed", "A", "B", "--at", "2024-01-01")
    assert existing(three, "2024-06-01") == {"B": 1}
    assert existing(three, "2024-06-01", "--known-at", moment) == {"A": 1}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (("A", "A", "--at", "2024-01-01"), "own successor"),
        (("A", "Z", "--at", "2024-01-01"), "no region"),
        (("A", "B", "--at", "2024-13-01"), "2024-13-01"),
        (("D", "B", "--at", "2024-01-01"), "2020-01-01"),
        (("B", "D", "--at", "2024-01-01"), "not in force"),
        (("A", "B", "--at", "2024-01-01", "--list", "x.csv"), "--list"),
    ],
)
def test_successions_that_cannot_be_are_refused(
    three: Program, line: tuple[str, ...], why: str
) -> None:
    three.data("region", "succeed", "D", "A", "--at", "2020-01-01")
    ran = three("region", "succeed", *line)
    assert ran.code in (2, 3)
    assert why in ran.err
    assert three("region", "succeed", *line, lang="zh").code == ran.code


def test_no_number_is_stated_for_a_region_that_ended(three: Program, tmp_path: Path) -> None:
    three.data("region", "succeed", "A", "B", "--at", "2024-01-01")
    three.data("require", "set", "A", "hydrant", 1, "--from", "2023-01-01")
    ran = three("require", "set", "A", "hydrant", 2, "--from", "2024-01-01")
    assert (ran.code, "2024-01-01" in ran.err, " B" in ran.err) == (3, True, True)
    file = write(tmp_path / "n.csv", "region,kind,count,from\nA,hydrant,2,2024-05-01\n")
    assert three("require", "import", file).code == 3


# columns of an import


def test_ends_and_successors_of_a_table(three: Program, tmp_path: Path) -> None:
    add(three, "H1", 120.05, "--region", "A", "--built", "2015-01-01")
    file = write(
        tmp_path / "new.csv",
        "code,name_zh,level,parent_code,valid_from,valid_until,successors,area_km2\n"
        "A,甲镇,township,C,,2024-01-01,E,12\nE,戊镇,township,C,2024-01-01,,,30\n",
    )
    done = three.data("region", "import", file)
    assert (done["new"], done["updated"], done["unread"]) == (1, 1, ["area_km2"])
    assert existing(three, "2023-06-01") == {"A": 1}
    assert existing(three, "2024-06-01") == {"E": 1}
    again = three.data("region", "import", file)
    assert (again["new"], again["updated"], again["unchanged"]) == (0, 0, 2)
    row = next(r for r in three.data("region", "list")["regions"] if r["code"] == "A")
    assert (row["valid_until"], row["successors"]) == ("2024-01-01", ["E"])
    assert "area_km2" in three("region", "import", file, lang="zh").err


def test_a_table_corrects_a_succession(three: Program, tmp_path: Path) -> None:
    add(three, "H1", 120.05, "--region", "A", "--built", "2015-01-01")
    three.data("region", "succeed", "A", "B", "--at", "2024-01-01")
    refused = three("region", "succeed", "A", "D", "--at", "2024-02-01")
    assert (refused.code, "region import" in refused.err) == (3, True)
    head = "code,level,parent_code,valid_until,successors\n"
    file = write(tmp_path / "c.csv", f"{head}A,township,C,2024-02-01,D\n")
    three.data("region", "import", file)
    assert existing(three, "2024-01-15") == {"A": 1}
    assert existing(three, "2024-06-01") == {"D": 1}


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (",,B", "valid_until"),
        (",2024-01-01,Z", "Z"),
        (",2024-13-01,B", "2024-13-01"),
        ("2024-05-01,2024-01-01,B", "begins"),
        (",2024-01-01,A", "own successor"),
    ],
)
def test_ends_that_cannot_be_are_refused(
    three: Program, tmp_path: Path, cells: str, why: str
) -> None:
    head = "code,level,parent_code,valid_from,valid_until,successors\n"
    ran = three("region", "import", write(tmp_path / "n.csv", f"{head}A,township,C,{cells}\n"))
    assert (ran.code, why in ran.err) == (3, True), ran.err
    rows = three.data("region", "list")["regions"]
    assert all(row["valid_until"] is None for row in rows)


# splits


def split_county(program: Program, tmp_path: Path) -> Path:
    for code, lon in (("H1", 120.02), ("H2", 120.07), ("H3", 120.3)):
        add(program, code, lon, "--region", "A", "--built", "2015-01-01")
    program.data("require", "set", "A", "hydrant", 6, "--from", "2020-01-01")
    return outlines(
        tmp_path / "heirs.geojson",
        ({"code": "B"}, strip(120.0, 120.05)),
        ({"code": "D"}, strip(120.05, 120.1)),
    )


def test_a_split_by_outline_leaves_what_none_holds(three: Program, tmp_path: Path) -> None:
    file = split_county(three, tmp_path)
    three.data("region", "import", file, "--crs", "cgcs2000")
    done = three.data("region", "succeed", "A", "B", "D", "--at", "2024-01-01")
    assert done["moved"] == {"B": 1, "D": 1}
    assert (done["by_outline"], [a["code"] for a in done["left"]]) == (2, ["H3"])
    assert (done["restate"], done["below"]) == (
        [{"kind": "hydrant", "service": None, "count": 6}],
        ["A1"],
    )
    assert existing(three, "2023-12-31") == {"A": 3}
    assert existing(three, "2024-01-01") == {"A": 1, "B": 1, "D": 1}
    again = three.data("region", "succeed", "A", "B", "D", "--at", "2024-01-01")
    assert (again["action"], again["moved"]) == ("unchanged", {})
    told = three("region", "succeed", "A", "B", "D", "--at", "2024-01-01", lang="zh").out
    assert "H3" in told
    assert "应建数" in told


def test_a_list_outranks_outlines(three: Program, tmp_path: Path) -> None:
    three.data("region", "import", split_county(three, tmp_path), "--crs", "cgcs2000")
    listed = write(tmp_path / "list.csv", "asset,region\nH1,丁镇\nH3,B\n")
    done = three.data("region", "succeed", "A", "B", "D", "--at", "2024-01-01", "--list", listed)
    assert (done["moved"], done["by_list"], done["left"]) == ({"B": 1, "D": 2}, 2, [])
    assert existing(three, "2024-01-01") == {"B": 1, "D": 2}
    again = three.data("region", "succeed", "A", "B", "D", "--at", "2024-01-01", "--list", listed)
    assert (again["action"], again["moved"]) == ("unchanged", {})


@pytest.mark.parametrize(
    ("rows", "why"),
    [("H9,B", "H9"), ("H1,C", "successors"), ("H1,B\nH1,D", "earlier"), ("H1,甲一村", "A1")],
)
def test_lists_that_do_not_fit_are_refused(
    three: Program, tmp_path: Path, rows: str, why: str
) -> None:
    split_county(three, tmp_path)
    listed = write(tmp_path / "list.csv", f"asset,region\n{rows}\n")
    ran = three("region", "succeed", "A", "B", "D", "--at", "2024-01-01", "--list", listed)
    assert (ran.code, why in ran.err, "line" in ran.err) == (3, True, True), ran.err
    assert existing(three, "2024-06-01") == {"A": 3}


def test_the_number_of_a_split_unit_stands_until_it_is_stated_anew(
    three: Program, tmp_path: Path
) -> None:
    three.data("region", "import", split_county(three, tmp_path), "--crs", "cgcs2000")
    three.data("region", "succeed", "A", "B", "D", "--at", "2024-01-01")
    assert completeness(three, "2024-01-01")["required"] == 6
    three.data("require", "set", "B", "hydrant", 4, "--from", "2024-03-01")
    assert completeness(three, "2024-03-01")["required"] == 6
    three.data("require", "set", "D", "hydrant", 1, "--from", "2024-05-01")
    assert completeness(three, "2024-04-01")["required"] == 6
    assert completeness(three, "2024-05-01")["required"] == 5
    assert completeness(three, "2023-12-31")["required"] == 6


def test_a_table_splits_by_outline_too(three: Program, tmp_path: Path) -> None:
    three.data("region", "import", split_county(three, tmp_path), "--crs", "cgcs2000")
    head = "code,level,parent_code,valid_until,successors\n"
    file = write(tmp_path / "n.csv", f"{head}A,township,C,2024-01-01,B；D\n")
    done = three.data("region", "import", file)
    assert done["split"][0]["moved"] == {"B": 1, "D": 1}
    assert existing(three, "2024-01-01") == {"A": 1, "B": 1, "D": 1}
    again = three.data("region", "import", file)
    assert (again["unchanged"], again["split"][0]["moved"]) == (1, {})


def test_what_a_unit_had_taken_over_is_split_with_it(three: Program, tmp_path: Path) -> None:
    three.data("region", "import", split_county(three, tmp_path), "--crs", "cgcs2000")
    head = "code,name_zh,level,parent_code\n"
    three.data("region", "import", write(tmp_path / "e.csv", f"{head}E,戊镇,township,C\n"))
    three.data("region", "succeed", "A", "E", "--at", "2022-01-01")
    listed = write(tmp_path / "list.csv", "asset,region\nH3,D\n")
    done = three.data("region", "succeed", "E", "B", "D", "--at", "2024-01-01", "--list", listed)
    assert (done["moved"], done["left"]) == ({"B": 1, "D": 2}, [])
    assert existing(three, "2021-06-01") == {"A": 3}
    assert existing(three, "2023-06-01") == {"E": 3}
    assert existing(three, "2024-06-01") == {"B": 1, "D": 2}


def test_a_village_comes_below_another_township_from_a_day(three: Program, tmp_path: Path) -> None:
    add(three, "V1", 120.05, "--region", "A1", "--built", "2015-01-01")
    head = "code,name_zh,level,parent_code,valid_from\n"
    file = write(tmp_path / "v.csv", f"{head}A1,甲一村,village,B,2024-01-01\n")
    assert three.data("region", "import", file)["updated"] == 1
    assert existing(three, "2023-12-31") == {"A": 1}
    assert existing(three, "2024-01-01") == {"B": 1}
    assert three.data("region", "import", file)["unchanged"] == 1
    assert [a["code"] for a in three.data("asset", "list", "--region", "B")["assets"]] == ["V1"]
    assert three("db", "check").code == 0


# outlines


def test_outlines_meet_regions_by_code_or_name(three: Program, tmp_path: Path) -> None:
    file = outlines(
        tmp_path / "o.geojson",
        ({"code": "A", "name": "甲镇", "pop": 3}, strip(120.0, 120.05)),
        ({"name": "乙镇"}, strip(120.05, 120.1)),
        ({"code": "N", "name": "新镇", "level": "township", "parent_code": "C"}, strip(121, 121.1)),
    )
    done = three.data("region", "import", file, "--crs", "cgcs2000")
    assert (done["new"], done["updated"], done["unread"]) == (1, 2, ["pop"])
    rows = {row["code"]: row for row in three.data("region", "list", "C")["regions"]}
    assert {code for code, row in rows.items() if row["outlined"]} == {"A", "B", "N"}
    again = three.data("region", "import", file, "--crs", "cgcs2000")
    assert (again["new"], again["updated"], again["unchanged"]) == (0, 0, 3)
    assert three("db", "check").code == 0


def test_outlines_of_an_unknown_datum_are_refused_inside_china(
    three: Program, tmp_path: Path
) -> None:
    shape = ({"code": "A"}, strip(120.0, 120.05))
    plain = outlines(tmp_path / "plain.geojson", shape)
    for lang, word in (("en", "--crs"), ("zh", "--crs")):
        ran = three("region", "import", plain, lang=lang)
        assert (ran.code, word in ran.err) == (3, True)
    named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    three.data("region", "import", outlines(tmp_path / "named.geojson", shape, crs=named))
    abroad = outlines(tmp_path / "abroad.geojson", ({"code": "B"}, strip(-75.8, -75.7, 45, 46)))
    three.data("region", "import", abroad)


def test_outlines_in_another_datum_are_turned(three: Program, tmp_path: Path) -> None:
    file = outlines(tmp_path / "o.geojson", ({"code": "A"}, strip(120.0, 120.05)))
    three.data("region", "import", file, "--crs", "gcj02")
    # GCJ-02 lies half a kilometre east of the truth here
    ran = three("asset", "add", "E", "--kind", "hydrant", "--lon", 120.0495, "--lat", 30.05,
                "--crs", "cgcs2000", "--region", "A", "--json")  # fmt: skip
    assert ran.code == 3
    add(three, "W", 119.9965, "--region", "A")


def test_several_parts_holes_and_crossing_rings(three: Program, tmp_path: Path) -> None:
    hole = strip(120.02, 120.03, 30.04, 30.06)["coordinates"][0]
    holed = {"type": "Polygon", "coordinates": [strip(120.0, 120.05)["coordinates"][0], hole]}
    bow = [[121.0, 30.0], [121.1, 30.1], [121.1, 30.0], [121.0, 30.1], [121.0, 30.0]]
    file = outlines(
        tmp_path / "o.geojson",
        ({"code": "A"}, holed),
        ({"code": "A"}, strip(120.2, 120.25)),
        ({"code": "B", "name": "乙镇"}, {"type": "Polygon", "coordinates": [bow]}),
    )
    done = three.data("region", "import", file, "--crs", "cgcs2000")
    assert done["mended"] == ["B 乙镇"]
    placed = {
        lon: add(three, f"H{lon}", lon)["asset"]["region_code"]
        for lon in (120.01, 120.025, 120.22, 121.01, 121.09)
    }
    assert placed == {120.01: "A", 120.025: None, 120.22: "A", 121.01: "B", 121.09: "B"}


@pytest.mark.parametrize(
    ("said", "shape", "why"),
    [
        ({"pop": 1}, strip(120, 120.1), "code"),
        ({"code": "A"}, {"type": "Point", "coordinates": [120, 30]}, "A"),
        (
            {"code": "A"},
            {"type": "Polygon", "coordinates": [[[120, 30], [120.1, 30], [120, 30], [120, 30]]]},
            "A",
        ),
        ({"name": "无此镇"}, strip(120, 120.1), "无此镇"),
        ({"code": "Q", "name": "新"}, strip(120, 120.1), "level"),
        ({"code": "A"}, strip(500000, 500100), "degrees of"),
    ],
)
def test_outlines_that_mean_nothing_are_refused_by_name(
    three: Program, tmp_path: Path, said: dict[str, Any], shape: dict[str, Any], why: str
) -> None:
    file = outlines(tmp_path / "o.geojson", ({"code": "B"}, strip(120, 120.1)), (said, shape))
    ran = three("region", "import", file, "--crs", "cgcs2000")
    assert ran.code == 3, ran
    assert why in ran.err
    assert not any(row["outlined"] for row in three.data("region", "list")["regions"])


def test_columns_of_outlines_may_be_named(three: Program, tmp_path: Path) -> None:
    file = outlines(
        tmp_path / "o.geojson",
        ({"PAC": "A", "XZQ": "甲镇"}, strip(120.0, 120.05)),
        ({"PAC": None, "XZQ": "乙镇"}, strip(120.05, 120.1)),
    )
    assert three("region", "import", file, "--crs", "cgcs2000").code == 3
    named = ("--crs", "cgcs2000", "--code-column", "PAC", "--name-column", "XZQ")
    done = three.data("region", "import", file, *named)
    assert (done["updated"], done["unread"]) == (2, [])
    ran = three("region", "import", file, *named[:-1], "ZZ")
    assert (ran.code, "PAC" in ran.err) == (3, True)


def test_two_outlines_of_one_region_are_refused(three: Program, tmp_path: Path) -> None:
    file = outlines(
        tmp_path / "o.geojson",
        ({"CODE": "A"}, strip(120.0, 120.05)),
        ({"CODE": None, "NAME": "甲镇"}, strip(120.05, 120.1)),
    )
    ran = three("region", "import", file, "--crs", "cgcs2000")
    assert (ran.code, "row" in ran.err) == (3, True)


def test_outlines_by_a_name_of_two_are_refused(twice: Program, tmp_path: Path) -> None:
    file = outlines(tmp_path / "o.geojson", ({"name": "城关镇"}, strip(120, 120.1)))
    ran = twice("region", "import", file, "--crs", "cgcs2000")
    assert (ran.code, "D1A" in ran.err, "D2A" in ran.err) == (3, True, True)


def test_outlines_from_a_geopackage_a_shapefile_and_a_table(three: Program, tmp_path: Path) -> None:
    import numpy as np  # noqa: PLC0415
    import pyogrio.raw  # noqa: PLC0415
    import shapely  # noqa: PLC0415

    shape = shapely.box(120.0, 30.0, 120.05, 30.1)
    for name, crs in (("o.gpkg", "EPSG:4490"), ("o.shp", "EPSG:4490")):
        pyogrio.raw.write(
            tmp_path / name, np.array([shapely.to_wkb(shape)], object),
            [np.array(["甲镇"], object)], ["name"], geometry_type="Polygon", crs=crs,
            encoding="UTF-8",
        )  # fmt: skip
    assert three.data("region", "import", tmp_path / "o.gpkg")["updated"] == 1
    assert three.data("region", "import", tmp_path / "o.shp")["unchanged"] == 1
    table = write(tmp_path / "o.csv", f'code,wkt\nA,"{shape.wkt}"\n')
    assert three("region", "import", table).code == 3
    assert three.data("region", "import", table, "--crs", "cgcs2000")["unchanged"] == 1


# what outlines decide


@pytest.fixture
def drawn(three: Program, tmp_path: Path) -> Program:
    file = outlines(
        tmp_path / "drawn.geojson",
        ({"code": "C"}, strip(120.0, 120.2)),
        ({"code": "A"}, strip(120.0, 120.1)),
        ({"code": "B"}, strip(120.1, 120.2)),
    )
    three.data("region", "import", file, "--crs", "cgcs2000")
    return three


def test_an_asset_without_a_region_gets_the_finest(drawn: Program) -> None:
    ran = drawn("asset", "add", "H1", "--kind", "hydrant", "--lon", 120.05, "--lat", 30.05,
                "--crs", "cgcs2000", "--json")  # fmt: skip
    assert ran.data["asset"]["region_code"] == "A"
    assert "A 甲镇" in ran.json["messages"][0]["text"]
    assert add(drawn, "H2", 121.0)["asset"]["region_code"] is None


def test_a_stated_region_is_judged_and_stays(drawn: Program) -> None:
    line = ("--kind", "hydrant", "--lat", 30.05, "--crs", "cgcs2000", "--region", "C", "--json")
    assert drawn("asset", "add", "H0", "--lon", 120.15, *line).json["messages"] == []
    # the box of A ends at 120.1; far beyond it is refused, near it is not even named
    ran = drawn("asset", "add", "H1", "--lon", 120.15, *line[:-3], "--region", "A", "--json")
    assert ran.code == 3
    ran = drawn("asset", "add", "H2", "--lon", 120.1015, *line[:-3], "--region", "A", "--json")
    assert (ran.code, ran.json["messages"]) == (0, [])
    assert ran.data["asset"]["region_code"] == "A"


def test_a_position_within_the_box_but_outside_the_outline_is_named(
    three: Program, tmp_path: Path
) -> None:
    corner = [[120.0, 30.0], [120.1, 30.0], [120.0, 30.1], [120.0, 30.0]]
    rest = [[120.1, 30.0], [120.1, 30.1], [120.0, 30.1], [120.1, 30.0]]
    file = outlines(
        tmp_path / "o.geojson",
        ({"code": "A"}, {"type": "Polygon", "coordinates": [corner]}),
        ({"code": "B"}, {"type": "Polygon", "coordinates": [rest]}),
    )
    three.data("region", "import", file, "--crs", "cgcs2000")
    for lang, word in (("en", "lies in B 乙镇"), ("zh", "位置在 B 乙镇")):
        ran = three("asset", "add", f"H{lang}", "--kind", "hydrant", "--lon", 120.09, "--lat",
                    30.09, "--crs", "cgcs2000", "--region", "A", lang=lang)  # fmt: skip
        assert (ran.code, word in ran.err) == (0, True), ran.err
    register = write(
        tmp_path / "r.csv",
        "code,kind,lon,lat,region\nR1,hydrant,120.08,30.08,A\nR2,hydrant,120.02,30.02,A\n"
        "R3,hydrant,120.0505,30.05,A\nR4,hydrant,120.07,30.08,\n",
    )
    done = three.data("import", register, "--crs", "cgcs2000")
    assert (done["new"], done["placed"], done["misplaced"]) == (4, 1, 1)
    assert [(row["code"], "B 乙镇" in row["reason"]) for row in done["rows"]] == [("R1", True)]
    regions = {c: three.data("asset", "show", c)["asset"]["region_code"] for c in ("R1", "R4")}
    assert regions == {"R1": "A", "R4": "B"}
    again = three.data("import", register, "--crs", "cgcs2000")
    assert (again["unchanged"], "placed" in again, again["rows"]) == (4, False, [])
    # another register that states no region means the asset that was placed
    other = three.data("import", register, "--crs", "cgcs2000", "--source", "x")
    assert (other["new"], other["unchanged"]) == (0, 4)
    far = write(tmp_path / "far.csv", "code,kind,lon,lat,region\nR9,hydrant,120.09,30.08,A\n")
    assert "R9" in three("import", far, "--crs", "cgcs2000", lang="zh").out


def test_assets_on_record_are_judged_when_outlines_come(three: Program, tmp_path: Path) -> None:
    add(three, "H1", 120.15, "--region", "A")
    add(three, "H2", 120.05, "--region", "A1")
    add(three, "H3", 120.05)
    file = outlines(
        tmp_path / "o.geojson",
        ({"code": "A"}, strip(120.0, 120.1)),
        ({"code": "B"}, strip(120.1, 120.2)),
    )
    done = three.data("region", "import", file, "--crs", "cgcs2000")
    (astray,) = done["doubtful"]
    assert (astray["code"], astray["stated"], astray["lies_in"]) == ("H1", "A", "B")
    assert done["without_region"] == 1
    ran = three("region", "import", file, "--crs", "cgcs2000", lang="zh")
    assert "H1" in ran.out
    assert three.data("asset", "show", "H1")["asset"]["region_code"] == "A"


def test_moving_an_asset_judges_its_region(drawn: Program) -> None:
    add(drawn, "H1", 120.05, "--region", "C")
    ran = drawn("asset", "edit", "H1", "--lon", 120.05, "--lat", 30.06, "--crs", "cgcs2000")
    assert ran.code == 0
    assert "Check the region" not in ran.err


def test_a_region_that_ended_places_nothing(drawn: Program) -> None:
    drawn.data("region", "succeed", "A", "B", "--at", "2024-01-01")
    assert add(drawn, "H1", 120.05)["asset"]["region_code"] == "C"


@pytest.mark.file_only
def test_nothing_geometric_is_loaded_where_no_outline_is_known(three: Program) -> None:
    import subprocess  # noqa: PLC0415
    import sys  # noqa: PLC0415

    code = (
        "import sys; from hydrant.cli.main import run; "
        f"run(['--db', {str(three.db)!r}, 'asset', 'add', 'H', '--kind', 'hydrant', '--lon', "
        "'120', '--lat', '30', '--crs', 'cgcs2000']); sys.exit('shapely' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def counties(program: Program, tmp_path: Path, *rows: str) -> Ran:
    file = tmp_path / "counties.csv"
    file.write_text("\n".join(["code,name_zh,level,parent_code,valid_from", *rows, ""]), "utf-8")
    return program("region", "import", file, "--json")


def standing_in(program: Program, *codes: str) -> None:
    for number, code in enumerate(codes):
        program.data("asset", "add", f"H{code}", "--kind", "hydrant", "--lon", 120.01 + number / 50,
                     "--lat", 30, "--crs", "cgcs2000", "--region", code, "--built",
                     "2015-01-01")  # fmt: skip
        program.data("survey", "record", f"H{code}", "--outcome", "works")


def silent(program: Program) -> list[str]:
    units = program.data("integrity")["total"]["completeness"]["units"]
    return [unit["region"] for unit in units if unit["kind"] is None]


def test_a_region_without_its_parent_is_named_and_looked_at(
    program: Program, tmp_path: Path
) -> None:
    taken = counties(program, tmp_path, "Y,丙县,county,,", "Y1,丁镇,township,Y,",
                     "Y2,戊镇,township,YY,")  # fmt: skip
    (said,) = taken.json["messages"]
    assert (said["key"], "Y2" in said["text"]) == ("cli_region.no_parent", True)
    standing_in(program, "Y1", "Y2")
    program.data("require", "set", "Y1", "hydrant", 1, "--from", "2020-01-01")
    assert silent(program) == ["Y2"]
    assert program("integrity", "--fail-under", 100).code == 6
    assert counties(program, tmp_path, "Y2,戊镇,township,Y,").json["messages"] == []


def test_units_below_a_county_that_was_split_are_looked_at(
    program: Program, tmp_path: Path
) -> None:
    counties(program, tmp_path, "C,老县,county,,", "C1,东镇,township,C,", "C2,西镇,township,C,",
             "N1,东新县,county,,", "N2,西新县,county,,")  # fmt: skip
    standing_in(program, "C1", "C2")
    program.data("require", "set", "C1", "hydrant", 1, "--from", "2020-01-01")
    program.data("region", "succeed", "C", "N1", "N2", "--at", "2024-01-01")
    for code in ("N1", "N2"):
        program.data("require", "set", code, "hydrant", 0, "--from", "2024-01-01")
    assert silent(program) == ["C2"]
    assert program("integrity", "--fail-under", 100).code == 6


def test_regions_below_themselves_are_refused(program: Program, tmp_path: Path) -> None:
    for rows in (("Q,甲县,county,Q,",), ("Q,甲县,county,R,", "R,乙镇,township,Q,")):
        assert counties(program, tmp_path, *rows).code == 3
    assert program.data("region", "list")["regions"] == []


MOVES = ("A1,东镇,township,B,2025-01-01", "A1,东镇,township,CC,2023-01-01")


@pytest.mark.parametrize("order", [MOVES, MOVES[::-1], (MOVES[0], *MOVES, *MOVES)])
def test_moves_in_any_order_hold_from_their_days(
    program: Program, tmp_path: Path, order: tuple[str, ...]
) -> None:
    counties(program, tmp_path, "A,甲县,county,,", "B,乙县,county,,", "CC,丙县,county,,",
             "A1,东镇,township,A,")  # fmt: skip
    standing_in(program, "A1")
    for row in order:
        assert counties(program, tmp_path, row).code == 0
    assert counties(program, tmp_path, *MOVES).data["unchanged"] == 2
    for day, home in (("2022-12-31", "A"), ("2023-01-01", "CC"), ("2024-12-31", "CC"),
                      ("2025-01-01", "B")):  # fmt: skip
        found = program.data("integrity", "--by", "county", "--as-of", day)["groups"]
        assert [g["key"] for g in found if g["working_order"]["existing"]] == [home], day


def test_a_move_is_undone_by_what_was_known(program: Program, tmp_path: Path) -> None:
    counties(program, tmp_path, "A,甲县,county,,", "B,乙县,county,,", "A1,东镇,township,A,")
    standing_in(program, "A1")
    program.data("integrity", "B", "--as-of", "2025-06-30", "--save")
    time.sleep(0.01)
    known = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    time.sleep(0.01)
    counties(program, tmp_path, MOVES[0])

    def existing(*more: str) -> int:
        data = program.data("integrity", "B", "--as-of", "2025-06-30", *more)
        return int(data["total"]["working_order"]["existing"])

    assert (existing(), existing("--known-at", known)) == (1, 0)
    assert program("assessment", "verify").code == 0


@pytest.mark.parametrize("way", ["set", "import"])
def test_a_number_that_drops_what_was_taken_over_says_so(
    three: Program, tmp_path: Path, way: str
) -> None:
    """The whole is stated anew: whoever meant only the unit's own number must hear of it."""
    three.data("require", "set", "A", "hydrant", 5, "--from", "2020-01-01")
    three.data("require", "set", "B", "hydrant", 1, "--from", "2020-01-01")
    three.data("region", "succeed", "A", "B", "--at", "2024-01-01")

    def state(count: int, day: str) -> Any:
        if way == "set":
            return three("require", "set", "B", "hydrant", count, "--from", day, "--json")
        file = write(tmp_path / "n.csv", f"region,kind,count,from\nB,hydrant,{count},{day}\n")
        return three("require", "import", file, "--json")

    fell = state(2, "2024-03-01").json["messages"]
    assert [(m["key"], m["level"]) for m in fell] == [("cli_require.fell", "warning")]
    assert "2, before 6" in fell[0]["text"]
    assert state(7, "2024-04-01").json["messages"] == []
    # a unit that took nothing over may need less than before
    three.data("require", "set", "D", "hydrant", 5, "--from", "2020-01-01")
    less = three("require", "set", "D", "hydrant", 4, "--from", "2021-01-01", "--json")
    assert less.json["messages"] == []


def required(program: Program, day: str) -> int:
    found: int = completeness(program, day)["required"]
    return found


@pytest.mark.parametrize("door", ["set", "import"])
def test_the_same_number_stated_anew_is_the_new_whole(
    three: Program, tmp_path: Path, door: str
) -> None:
    for code, count in (("A", 3), ("B", 2)):
        three.data("require", "set", code, "hydrant", count, "--from", "2020-01-01")
    three.data("region", "succeed", "A", "B", "--at", "2024-01-01")
    assert required(three, "2024-06-01") == 5

    def state(day: str) -> str:
        if door == "set":
            done = three.data("require", "set", "B", "hydrant", 2, "--from", day)["action"]
            return str(done)
        head = "region,kind,count,from\n"
        file = write(tmp_path / "n.csv", f"{head}B,hydrant,2,{day}\n")
        done = three.data("require", "import", file)
        return next(name for name in ("new", "updated", "unchanged") if done[name])

    assert state("2020-01-01") == "unchanged"  # of a day before: nothing is said of today
    assert required(three, "2024-06-01") == 5
    assert state("2024-01-01") == "updated"
    assert state("2024-01-01") == "unchanged"
    assert state("2025-01-01") == "updated"  # it holds from that day whatever becomes of 2024's
    assert state("2025-01-01") == "unchanged"
    assert (required(three, "2023-12-31"), required(three, "2024-06-01")) == (5, 2)
    assert required(three, "2025-06-01") == 2


def test_the_same_numbers_stated_anew_after_a_split(three: Program) -> None:
    for code, count in (("A", 5), ("B", 2), ("D", 1)):
        three.data("require", "set", code, "hydrant", count, "--from", "2020-01-01")
    three.data("region", "succeed", "A", "B", "D", "--at", "2025-01-01")
    assert required(three, "2025-06-01") == 8
    for code, count in (("B", 2), ("D", 1)):
        done = three.data("require", "set", code, "hydrant", count, "--from", "2025-01-01")
        assert done["action"] == "updated"
    assert (required(three, "2024-12-31"), required(three, "2025-06-01")) == (8, 3)


@pytest.mark.parametrize("door", ["succeed", "import"])
def test_numbers_that_a_succession_drops_are_told(
    three: Program, tmp_path: Path, door: str
) -> None:
    three.data("require", "set", "A", "hydrant", 4, "--from", "2020-01-01")
    three.data("require", "set", "B", "hydrant", 3, "--from", "2024-03-01")
    assert required(three, "2024-07-01") == 7
    if door == "succeed":
        ran = three("region", "succeed", "A", "B", "--at", "2024-02-01")
    else:
        head = "code,level,parent_code,valid_until,successors\n"
        file = write(tmp_path / "c.csv", f"{head}A,township,C,2024-02-01,B\n")
        ran = three("region", "import", file)
    assert (ran.code, "3 are required now, 7 before" in ran.err) == (0, True), ran.err
    assert required(three, "2024-07-01") == 3


def test_a_succession_that_drops_nothing_is_not(three: Program) -> None:
    three.data("require", "set", "A", "hydrant", 4, "--from", "2020-01-01")
    three.data("require", "set", "B", "hydrant", 3, "--from", "2020-03-01")
    assert three("region", "succeed", "A", "B", "--at", "2024-02-01").err == ""
    assert required(three, "2024-07-01") == 7


def test_what_hangs_below_a_split_unit_is_named_beside_the_figures_of_its_successors(
    program: Program, tmp_path: Path
) -> None:
    """Also what came below it by a merger, and beside each unit to which it may belong."""
    before = tmp_path / "before.csv"
    before.write_text(
        "code,name_zh,name_en,level,parent_code\nC9,县,Nine,county,\nC8,邻县,Eight,county,\n"
        "T1,东镇,East,township,C9\nT2,西镇,West,township,C9\nT3,南镇,South,township,C9\n"
        "V1,一村,One,village,T1\nV3,三村,Three,village,T2\n", "utf-8"
    )  # fmt: skip
    after = tmp_path / "after.csv"
    after.write_text(
        "code,name_zh,level,parent_code,valid_from\nT4,北镇,township,C9,2024-10-01\n"
        "T5,中镇,township,C9,2024-10-01\n", "utf-8"
    )  # fmt: skip
    moved = tmp_path / "list.csv"
    moved.write_text("asset,region\nH1,T4\n", "utf-8")
    program.data("region", "import", before)
    for code, region in (("H0", "V3"), ("H2", "V1"), ("H1", "T2")):
        program.data("asset", "add", code, "--kind", "hydrant", "--lon", 120.0 + int(code[1]) / 9,
                     "--lat", 30.1, "--crs", "cgcs2000", "--region", region,
                     "--built", "2020-01-01")  # fmt: skip
    program.data("region", "succeed", "T1", "T2", "--at", "2024-07-01")
    program.data("region", "import", after)
    for _ in range(2):
        done = program.data("region", "succeed", "T2", "T4", "T5", "--at", "2024-10-01",
                            "--list", moved)  # fmt: skip
        assert done["below"] == ["V1", "V3"]

    def still(*words: object) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = program.data("integrity", *words)["split_regions"]
        return found

    two = [{"code": "T2", "assets": 2}]
    assert [still(unit) for unit in ("T2", "T4", "T5", "C9")] == [two] * 4
    assert [still("T3"), still("C8"), still("--as-of", "2024-09-30")] == [[], [], []]
    for lang, words in (("en", "2 assets of it"), ("zh", "仍有 2 处设施")):
        for unit in ("T4", "C9"):
            assert words in program("integrity", unit, lang=lang).out
    placed = tmp_path / "placed.csv"
    placed.write_text(
        "code,name_zh,level,parent_code,valid_from\nV1,一村,village,T4,2024-10-01\n"
        "V3,三村,village,T5,2024-10-01\n", "utf-8"
    )  # fmt: skip
    program.data("region", "import", placed)
    assert [still(unit) for unit in ("T4", "T5", "C9")] == [[]] * 3
