"""A day's work with single assets, as typed."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from hydrant.integrity.policy_reader import policy_names
from tests.conftest import Program


def add(program: Program, code: str, *more: object, kind: str = "hydrant.pillar") -> str:
    data = program.data("asset", "add", code, "--kind", kind, "--lon", 120.1, "--lat", 30.2,
                        "--crs", "cgcs2000", *more)  # fmt: skip
    uid: str = data["asset"]["uid"]
    return uid


def order(program: Program, *flags: object) -> dict[str, Any]:
    found: dict[str, Any] = program.data("integrity", *flags)["total"]["working_order"]
    return found


def test_add_show_edit_history(program: Program) -> None:
    add(program, "A", "--owner", "甲", "--set", "mains_dn_mm=150", "--structure", "none")
    program.data("asset", "edit", "A", "--owner", "乙", "--from", "2026-01-01")
    shown = program.data("asset", "show", "A")["asset"]
    assert (shown["owner"], shown["mains_dn_mm"]) == ("乙", 150)
    former, added = program.data("asset", "history", "A")["history"]
    assert (former["fact"], former["values"]["owner"]) == ("version", "甲")
    assert (former["at"], former["changed"]) == ("2026-01-01", {"owner": "乙"})
    assert (added["fact"], added["values"]["owner"]) == ("added", "甲")
    by_owner = {
        group["key"]: group["working_order"]["existing"]
        for group in program.data("integrity", "--by", "owner", "--as-of", "2025-06-01")["groups"]
    }
    assert by_owner == {"甲": 1}
    for lang, word in (("zh", "权属单位"), ("en", "owner")):
        assert word in program("asset", "show", "A", lang=lang).out


def test_correction_keeps_no_former_row(program: Program) -> None:
    add(program, "A", "--owner", "甲")
    program.data("asset", "edit", "A", "--owner", "乙", "--correct")
    facts = program.data("asset", "history", "A")["history"]
    assert [fact["fact"] for fact in facts] == ["added"]
    assert len(program.data("audit", "log")["changes"]) >= 2


def test_duties_are_four(program: Program) -> None:
    add(program, "A", "--owner", "o", "--builder", "b", "--maintainer", "m", "--supervisor", "s")
    shown = program.data("asset", "show", "A")["asset"]
    assert [shown[name] for name in ("owner", "builder", "maintainer", "supervisor")] == list(
        "obms"
    )


@pytest.mark.parametrize("action", ["retire", "edit"])
def test_what_is_done_today_does_not_change_the_past(program: Program, action: str) -> None:
    add(program, "A")
    program.data("survey", "record", "A", "--outcome", "works", "--at", "2025-05-01")
    before = program.data("integrity", "--as-of", "2025-06-01")["total"]
    if action == "retire":
        program.data("asset", "retire", "A")
        assert order(program)["existing"] == 0
    else:
        program.data("asset", "edit", "A", "--lon", 120.2, "--lat", 30.2, "--crs", "cgcs2000")
    assert program.data("integrity", "--as-of", "2025-06-01")["total"] == before


def test_blocking_defect_until_cleared(program: Program) -> None:
    add(program, "A")
    program.data("survey", "record", "A", "--outcome", "works", "--at", "2026-06-01")
    program.data("defect", "open", "A", "leak", "--at", "2026-06-02")
    assert order(program, "--as-of", "2026-06-10")["intact"] == 1
    program.data("defect", "open", "A", "no_water", "--at", "2026-06-03")
    assert order(program, "--as-of", "2026-06-10")["defective"] == 1
    program.data("defect", "clear", "A", "no_water", "--at", "2026-06-20")
    assert order(program, "--as-of", "2026-06-10")["defective"] == 1
    assert order(program, "--as-of", "2026-06-20")["intact"] == 1
    assert program("defect", "open", "A", "gremlins").code == 3
    assert program("defect", "clear", "A", "buried").code == 3


def test_requirements(program: Program, tmp_path: Path) -> None:
    regions = tmp_path / "r.csv"
    regions.write_text("code,name_zh,name_en,level,parent_code\n"
                       "99,县,County,county,\n9901,镇,Town,township,99\n", "utf-8")  # fmt: skip
    program.data("region", "import", regions)
    program.data("require", "set", "9901", "hydrant", 5, "--from", "2021-01-01", "--origin", "plan")
    program.data("require", "set", "9901", "hydrant", 7, "--from", "2024-01-01")
    for day, needed in (("2022-01-01", 5), ("2024-06-01", 7)):
        found = program.data("integrity", "99", "--as-of", day)["total"]["completeness"]
        assert found["required"] == needed
    # a kind within a family that is required already would count twice
    ran = program("require", "set", "9901", "hydrant.pillar", 2, "--from", "2024-01-01")
    assert ran.code == 3
    assert "hydrant" in ran.err
    assert program("require", "set", "77", "hydrant", 5, "--from", "2021-01-01").code == 3
    assert program("require", "set", "9901", "hydrant", "-5", "--from", "2021-01-01").code in (2, 3)
    assert program("require", "set", "9901", "hydrant", 5, "--from", "03.04.2021").code in (2, 3)
    file = tmp_path / "need.csv"
    file.write_text("region,kind,count,from,origin\n9901,intake,2,2021-01-01,plan\n", "utf-8")
    program.data("require", "import", file)
    assert len(program.data("require", "list")["requirements"]) == 3


def test_shipped_regions_and_their_history(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "zj.gpkg"
    assert program("init", "--db", path, db=False).code == 0
    found = program("region", "list", "--db", path, "--json", db=False).data["regions"]
    codes = {region["code"] for region in found}
    assert {"330000", "330100", "330106", "330127"} <= codes
    # 330103 (Xiacheng) ended in 2021; its area went to Gongshu
    ran = program("asset", "add", "A", "--kind", "hydrant", "--lon", 120.17, "--lat", 30.29,
                  "--crs", "cgcs2000", "--region", "330106", "--db", path, db=False)  # fmt: skip
    assert ran.code in (0, 3)


def test_position_outside_its_region_is_refused_with_a_reason(
    program: Program, tmp_path: Path
) -> None:
    path = tmp_path / "zj.gpkg"
    program("init", "--db", path, db=False)
    for lon, lat, said in ((30.3, 120.2, "swapped"), (-120.2, 30.3, "sign"), (113.3, 23.1, "")):
        ran = program("asset", "add", "A", "--kind", "hydrant", "--lon", lon, "--lat", lat,
                      "--crs", "cgcs2000", "--region", "330100", "--db", path,
                      db=False)  # fmt: skip
        assert ran.code == 3, ran
        assert said in ran.err
        assert len(ran.err.strip().splitlines()) == 1


def test_projected_coordinates_and_their_record(program: Program) -> None:
    # EPSG:4549 is CGCS2000 / 3-degree Gauss-Krueger CM 120E
    program.data("asset", "add", "A", "--kind", "hydrant", "--x", 509600.0, "--y", 3342000.0,
                 "--crs", "EPSG:4549")  # fmt: skip
    shown = program.data("asset", "show", "A")["asset"]
    assert shown["lon"] == pytest.approx(120.1, abs=0.01)
    assert (shown["orig_x"], shown["orig_y"], shown["orig_crs"]) == (509600, 3342000, "EPSG:4549")
    program.data("asset", "add", "B", "--kind", "hydrant", "--lon", 120.155, "--lat", 30.2735,
                 "--crs", "gcj02")  # fmt: skip
    shown = program.data("asset", "show", "B")["asset"]
    assert shown["orig_crs"] == "gcj02"
    assert shown["lon"] != 120.155


def test_explain_shows_rule_and_facts(program: Program) -> None:
    add(program, "A")
    program.data("survey", "record", "A", "--outcome", "works", "--static-kpa", 100)
    data = program.data("explain", "A")
    assert (data["condition"], data["reason"]) == ("defective", "static_below")
    assert data["rule"]["value"] == 140
    assert "GB 50974" in data["rule"]["source"]
    assert data["facts"][-1]["values"]["static_kpa"] == 100
    for lang, words in (("zh", ("损坏", "静压 100 kPa")), ("en", ("defective", "static 100 kPa"))):
        out = program("explain", "A", lang=lang).out
        assert all(word in out for word in words)


@pytest.mark.file_only
def test_audit_log_names_what_was_changed_behind_its_back(program: Program) -> None:
    add(program, "A")
    assert program("audit", "verify").code == 0
    connection = sqlite3.connect(program.db)
    connection.execute("UPDATE change SET actor = 'somebody else' WHERE fid = 1")
    connection.commit()
    connection.close()
    ran = program("audit", "verify")
    assert ran.code == 1


@pytest.mark.file_only
def test_backup_is_a_registry_and_is_never_overwritten(program: Program, tmp_path: Path) -> None:
    add(program, "A")
    copy = tmp_path / "copy.gpkg"
    program.data("db", "backup", copy)
    assert program("db", "check", "--db", copy, db=False).code == 0
    assert program("asset", "show", "A", "--db", copy, db=False).code == 0
    assert program("db", "backup", copy).code == 4
    assert program("init", "--db", copy, db=False).code == 4


@pytest.mark.file_only
def test_check_finds_damage(program: Program) -> None:
    add(program, "A")
    connection = sqlite3.connect(program.db)
    connection.execute("DELETE FROM rtree_asset_geom")
    connection.execute("DROP TRIGGER stamp_asset")
    connection.commit()
    connection.close()
    ran = program("db", "check", "--json")
    assert ran.code == 1
    assert {fault["key"] for fault in ran.data["faults"]} == {"check.index", "check.trigger"}


def test_policies(program: Program) -> None:
    names = [policy["name"] for policy in program.data("policy", "list")["policies"]]
    assert names == policy_names()
    for lang in ("zh", "en"):
        assert "140" in program("policy", "show", "zhejiang", lang=lang).out
    differing = program.data("policy", "diff", "zhejiang", "example-county")["differing"]
    assert [row["name"] for row in differing] == [
        "checks.function",
        "limits.static_kpa",
        "coverage.radius_m",
    ]
    assert "183" in program("policy", "diff", "zhejiang", "example-county").out
    assert "say the same" in program("policy", "diff", "gb", "gb").out
    add(program, "A")
    program.data("survey", "record", "A", "--outcome", "works")
    assert order(program)["intact"] == 1
    assert order(program, "--policy", "gb")["untested"] == 1


def test_county_policy_of_its_own(program: Program, tmp_path: Path) -> None:
    from hydrant.resources import resource  # noqa: PLC0415

    text = resource("data", "policies", "zhejiang.toml").read_text(encoding="utf-8")
    mine = tmp_path / "mine.toml"
    mine.write_text(text.replace("value = 140.0", "value = 200.0"), "utf-8")
    add(program, "A")
    program.data("survey", "record", "A", "--outcome", "works", "--static-kpa", 150)
    assert order(program)["intact"] == 1
    assert order(program, "--policy", mine)["defective"] == 1
    for old, new in (
        ("value = 140.0", 'value = "x"'),
        ("at_kpa", "at_kpaa"),
        ("[limits.", "[lim."),
    ):
        mine.write_text(text.replace(old, new), "utf-8")
        ran = program("policy", "check", mine)
        assert ran.code == 3, new
        assert "mine.toml" in ran.err


def test_lists_name_what_lacks(program: Program) -> None:
    add(program, "A")
    add(program, "B")
    program.data("survey", "record", "B", "--outcome", "not_found")
    assert [a["code"] for a in program.data("integrity", "--list", "defective")["list"]] == ["B"]
    assert [a["code"] for a in program.data("integrity", "--list", "unverified")["list"]] == ["A"]


def test_suspended_and_resumed(program: Program) -> None:
    add(program, "A", "--built", "2020-01-01")
    program.data("survey", "record", "A", "--outcome", "works", "--at", "2025-05-01")
    program.data("asset", "event", "A", "suspended", "--at", "2025-06-01")
    program.data("asset", "event", "A", "resumed", "--at", "2025-07-01")
    days = {"2025-05-15": "intact", "2025-06-15": "defective", "2025-07-15": "intact"}
    for day, name in days.items():
        assert order(program, "--as-of", day)[name] == 1, day
    assert order(program, "--as-of", "2019-12-31")["existing"] == 0


def test_demo_twice(bare_program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    ran = bare_program("demo", folder, db=False, lang="zh")
    assert ran.code == 0, ran.err
    assert "虚构" in ran.out + ran.err
    assert "建有率" in ran.out
    again = bare_program("demo", folder, db=False)
    assert again.code == 4
    assert len(again.err.strip().splitlines()) == 1
    checked = bare_program("db", "check", "--db", folder / "county.gpkg", db=False)
    assert checked.code == 0


def test_any_field_can_be_set_at_once(program: Program) -> None:
    position = ("--lon", 120.1, "--lat", 30.2, "--crs", "cgcs2000")
    added = program.data("asset", "add", "S1", "--kind", "intake", *position, "--set",
                         "service=private", "--set", "structure=pipe")  # fmt: skip
    assert (added["asset"]["service"], added["asset"]["structure"]) == ("private", "pipe")
