"""An older export of ours brings nothing back: no merged asset, nothing corrected since."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Program

FORMS = ("csv", "xlsx", "geojson", "gpkg")


def add(program: Program, code: str, lon: float, *words: str) -> str:
    data = program.data("asset", "add", code, "--kind", "hydrant.pillar", "--crs", "cgcs2000",
                        "--lon", lon, "--lat", 30.0, "--built", "2020-01-01", *words)  # fmt: skip
    return str(data["asset"]["uid"])


def counted(program: Program) -> dict[str, Any]:
    total = program.data("integrity")["total"]
    return {name: total["working_order"][name] for name in ("existing", "intact")}


def asset(program: Program, code: str) -> dict[str, Any]:
    found: dict[str, Any] = program.data("asset", "show", code)["asset"]
    return found


@pytest.fixture
def pair(program: Program) -> Program:
    """One hydrant entered twice, 19 m apart, each entry with a visit."""
    for code, lon in (("H-1", 120.05), ("H-2", 120.0502)):
        add(program, code, lon)
        program.data("survey", "record", code, "--outcome", "works", "--at", "2026-05-01")
    return program


@pytest.mark.parametrize("form", FORMS)
def test_a_merged_asset_does_not_come_back(pair: Program, tmp_path: Path, form: str) -> None:
    file = tmp_path / f"older.{form}"
    pair.data("export", file)
    pair.data("duplicates", "merge", "H-1", "H-2")
    before = counted(pair), asset(pair, "H-1")
    for _ in range(2):
        data = pair.data("import", file)
        assert (data["new"], data["updated"]) == (0, 0)
        assert (counted(pair), asset(pair, "H-1")) == before
    assert set(data["unread"]) <= {"fid"}  # a GeoPackage numbers its rows
    assert [row["code"] for row in data["named"]["merged"]] == ["H-2"]


def test_nor_by_its_code_where_the_keys_were_left_out(pair: Program, tmp_path: Path) -> None:
    file, bare = tmp_path / "older.csv", tmp_path / "bare.csv"
    pair.data("export", file)
    lines = [line.partition(",")[2] for line in file.read_text("utf-8-sig").splitlines()]
    bare.write_text("\n".join(lines), encoding="utf-8")
    pair.data("duplicates", "merge", "H-1", "H-2")
    before = counted(pair)
    data = pair.data("import", bare)
    assert data["new"] == 0
    assert counted(pair) == before
    # the same code far from there is another thing
    far = tmp_path / "far.csv"
    far.write_text("code,kind,lon,lat,crs\nH-2,hydrant.pillar,120.3,30.1,cgcs2000\n")
    assert pair.data("import", far)["new"] == 1


def test_a_new_visit_to_a_merged_asset_is_taken(pair: Program, tmp_path: Path) -> None:
    file = tmp_path / "older.csv"
    pair.data("export", file)
    pair.data("duplicates", "merge", "H-1", "H-2")
    lines = file.read_text("utf-8-sig").splitlines()
    told = [line.replace("works,2026-05-01", "fails,2026-06-01").replace("H-2", "H-9")
            if "H-2" in line else line for line in lines]  # fmt: skip
    file.write_text("\n".join(told), encoding="utf-8")
    pair.data("import", file)
    assert counted(pair) == {"existing": 1, "intact": 0}
    assert asset(pair, "H-1")["lon"] == pytest.approx(120.05)


CHANGES = {
    "service": ("--set", "service=private", "--correct"),
    "kind": ("--kind", "well", "--correct"),
    "position": ("--place", "120.0502,30.0", "--crs", "cgcs2000", "--correct"),
    "maintainer": ("--maintainer", "West", "--from", "2026-06-01"),
    "code": ("--code", "H-7"),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", CHANGES)
def test_what_was_changed_since_is_not_undone(
    program: Program, tmp_path: Path, form: str, name: str
) -> None:
    uid = add(program, "H-1", 120.05, "--maintainer", "East")
    file = tmp_path / f"older.{form}"
    program.data("export", file)
    program.data("asset", "edit", "H-1", *CHANGES[name])
    before = asset(program, uid)
    data = program.data("import", file)
    assert asset(program, uid) == before
    assert [row["asset"] for row in data["named"]["outdated"]] == [uid]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=8,
          deadline=None)  # fmt: skip
@given(former=st.sampled_from(["East", "West"]), now=st.sampled_from(["North", "South"]),
       stated=st.sampled_from(["East", "West", "North", "South", "Zone 5"]))  # fmt: skip
def test_only_what_the_registry_itself_said_before_is_outdated(
    program: Program, tmp_path: Path, former: str, now: str, stated: str
) -> None:
    uid = add(program, "X-1", 120.05, "--maintainer", former)
    program.data("asset", "edit", uid, "--maintainer", now)
    file = tmp_path / "edited.csv"
    file.write_text(f"uid,code,kind,lon,lat,crs,maintainer\n{uid},X-1,hydrant.pillar,120.05,30.0,"
                    f"cgcs2000,{stated}\n")  # fmt: skip
    data = program.data("import", file, "--source", uid)
    assert asset(program, uid)["maintainer"] == (now if stated == former else stated)
    assert ("outdated" in data["named"]) == (stated == former)


def test_what_the_merged_one_was_to_become_is_not_lost(program: Program) -> None:
    for code, lon in (("K-1", 120.05), ("K-2", 120.0501)):
        program.data("asset", "add", code, "--kind", "intake.river", "--crs", "cgcs2000",
                     "--lon", lon, "--lat", 30.0, "--built", "2020-01-01")  # fmt: skip
    program.data("survey", "record", "K-1", "--outcome", "works")
    program.data("asset", "edit", "K-2", "--set", "lift_drought_m=9", "--set", "service=private",
                 "--from", "2099-12-15")  # fmt: skip
    ran = program("duplicates", "merge", "K-1", "K-2", "--json").json
    assert ran["data"]["filled"] == ["lift_drought_m"]
    assert [message["key"] for message in ran["messages"]] == ["cli_duplicates.unlike"]
    assert program.data("explain", "K-1", "--as-of", "2099-12-14")["condition"] != "defective"
    assert program.data("explain", "K-1", "--as-of", "2099-12-16")["condition"] == "defective"


def test_values_that_decide_and_differ_are_named_at_a_merge(program: Program) -> None:
    for code, lon, lift in (("K-1", 120.05, 3), ("K-2", 120.0501, 9)):
        program.data("asset", "add", code, "--kind", "intake.river", "--crs", "cgcs2000",
                     "--lon", lon, "--lat", 30.0, "--set", f"lift_drought_m={lift}")  # fmt: skip
    told = program("duplicates", "merge", "K-1", "K-2").err
    assert "lift, drought level" in told


def test_a_row_that_was_copied_with_its_key_is_refused(program: Program, tmp_path: Path) -> None:
    uid = add(program, "H-1", 120.05)
    program.data("survey", "record", "H-1", "--outcome", "works", "--at", "2026-05-01")
    file = tmp_path / "copied.csv"
    program.data("export", file)
    heading, row = file.read_text("utf-8-sig").splitlines()
    copy = row.replace("H-1", "H-2").replace("120.05", "120.09")
    file.write_text(f"{heading}\n{copy}\n{row}", encoding="utf-8")
    ran = program("import", file, "--json")
    assert ran.code == 3
    (refused,) = [one for one in ran.data["rows"] if one["action"] == "refused"]
    assert (refused["line"], uid in refused["reason"]) == (2, True)
    file.write_text(f"{heading}\n{copy.replace(uid, '')}\n{row}", encoding="utf-8")
    assert program.data("import", file)["new"] == 1


def as_written(text: str, heading: str, uid: Callable[[str], str]) -> str:
    """An export as another program wrote it: with other headings and uids written otherwise."""
    first, *rows = text.splitlines()
    made = [uid(row.partition(",")[0]) + "," + row.partition(",")[2] for row in rows]
    return "\n".join([first.replace("uid", heading, 1), *made])


@pytest.mark.parametrize("heading", ["uid", "UID", "Uid"])
@pytest.mark.parametrize(
    "uid", [str, str.upper, "{{{}}}".format, lambda uid: uid.replace("-", "")],
    ids=["plain", "upper", "braces", "bare"],
)  # fmt: skip
def test_keys_are_known_however_they_are_written(
    pair: Program, tmp_path: Path, heading: str, uid: Callable[[str], str]
) -> None:
    file = tmp_path / "older.csv"
    pair.data("export", file)
    file.write_text(as_written(file.read_text("utf-8-sig"), heading, uid), encoding="utf-8")
    pair.data("asset", "edit", "H-1", "--set", "service=private", "--correct")
    # too far off to be known by the code
    pair.data("asset", "edit", "H-1", "--place", "120.09,30.0", "--crs", "cgcs2000", "--correct")
    pair.data("duplicates", "merge", "H-1", "H-2")
    before = counted(pair), asset(pair, "H-1")
    data = pair.data("import", file)
    assert (data["new"], data["updated"]) == (0, 0)
    assert (counted(pair), asset(pair, "H-1")) == before
    assert [row["code"] for row in data["named"]["merged"]] == ["H-2"]
    assert [row["code"] for row in data["named"]["outdated"]] == ["H-1"]


def test_without_keys_corrections_stand_and_codes_of_merged_assets_are_named(
    pair: Program, tmp_path: Path
) -> None:
    file = tmp_path / "older.csv"
    pair.data("export", file)
    lines = [line.partition(",")[2] for line in file.read_text("utf-8-sig").splitlines()]
    file.write_text("\n".join(lines), encoding="utf-8")
    pair.data("asset", "edit", "H-1", "--set", "service=private", "--correct")
    pair.data("duplicates", "merge", "H-1", "H-2")
    # 87 m from where H-1 was said to be, 106 m from where H-2 was
    pair.data("asset", "edit", "H-1", "--place", "120.0491,30.0", "--crs", "cgcs2000", "--correct")
    data = pair.data("import", file, "--source", "bare")
    assert asset(pair, asset_uid(data, "outdated"))["service"] == "private"
    assert [row["code"] for row in data["named"]["merged_codes"]] == ["H-2"]


def asset_uid(data: dict[str, Any], name: str) -> str:
    """The one asset that a remark is about."""
    (row,) = data["named"][name]
    return str(row["asset"])


def test_a_kind_that_is_filled_is_not_said_to_differ(program: Program) -> None:
    for code, lon, kind in (("K-1", 120.05, "hydrant"), ("K-2", 120.0501, "hydrant.pillar")):
        program.data("asset", "add", code, "--kind", kind, "--crs", "cgcs2000",
                     "--lon", lon, "--lat", 30.0)  # fmt: skip
    ran = program("duplicates", "merge", "K-1", "K-2", "--json").json
    assert (ran["data"]["filled"], ran["messages"]) == (["kind"], [])
    assert asset(program, "K-1")["kind"] == "hydrant.pillar"


def test_a_register_with_our_headings_may_say_again_what_it_said_once(
    program: Program, tmp_path: Path
) -> None:
    file = tmp_path / "town.csv"
    for owner in ("East", "West", "East"):
        file.write_text(f"code,kind,lon,lat,owner\nT-1,hydrant,120.05,30.0,{owner}\n", "utf-8")
        data = program.data("import", file, "--crs", "cgcs2000")
        assert data["named"] == {}
        assert asset(program, "T-1")["owner"] == owner
