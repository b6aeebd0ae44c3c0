"""What this level worked on stays with all that is known of it, until somebody decides."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import TWO_TOWNSHIPS, Program
from tests.exchange.test_package import Make, county, level

__all__ = ["level"]

TOWN, COUNTY = "330199001", "330199"
NOW_HERE = ("--lat", 30.2, "--crs", "cgcs2000", "--region", TOWN)


def begun(made: Program, folder: Path) -> Program:
    regions = folder / "r.csv"
    regions.write_text(TWO_TOWNSHIPS, "utf-8")
    made.data("region", "import", regions)
    made.data("asset", "add", "A1", "--kind", "hydrant", "--lon", 120.1, *NOW_HERE)
    made.data("survey", "record", "A1", "--outcome", "works")
    made.data("require", "set", TOWN, "hydrant", 2, "--from", "2020-01-01")
    return made


def up(made: Program, above: Program, file: Path, *flags: str) -> Any:
    made.data("package", "make", file, "--region", COUNTY)
    return above.data("package", "take", file, *flags)


def totals(made: Program, *flags: str) -> Any:
    return made.data("integrity", TOWN, *flags)["total"]


@pytest.mark.parametrize("way", ["another registry", "back"])
@pytest.mark.parametrize("decision", ["keep", "delete"])
def test_an_asset_that_stays_is_no_better_than_it_was(
    level: Make, tmp_path: Path, way: str, decision: str
) -> None:
    """It was removed, planned, failing; this level had visited or edited it."""
    above, first = level("city"), begun(level("a"), tmp_path)
    early = tmp_path / "early.hydrant.zip"
    first.data("package", "make", early, "--region", COUNTY)
    for code, east in (("R1", 120.2), ("P1", 120.3), ("F1", 120.4)):
        first.data("asset", "add", code, "--kind", "hydrant", "--lon", east, *NOW_HERE,
                   *(("--planned", "2026-01-01") if code == "P1" else ()))  # fmt: skip
    first.data("asset", "retire", "R1", "--at", "2026-05-01")
    first.data("survey", "record", "F1", "--outcome", "fails")
    up(first, above, tmp_path / "full.hydrant.zip")
    for code in ("R1", "P1", "F1"):
        above.data("asset", "edit", code, "--maintainer", "市里")
    above.data("survey", "record", "F1", "--outcome", "works", "--at", "2026-01-05")
    before = totals(above)
    if way == "back":
        flags = ("--accept-older", "--accept-withdrawals")
        taken = above.data("package", "take", early, *flags)
    else:
        anew = begun(level("b"), tmp_path)
        taken = up(anew, above, tmp_path / "anew.hydrant.zip", "--replace-sender")
    assert taken["kept"] == 3
    assert totals(above) == before
    for lang, word in (("en", "undecided"), ("zh", "尚未裁定")):
        assert word in above("integrity", TOWN, lang=lang).err
    above.data("survey", "conflicts", "resolve", "--all", "--take", decision)
    assert above("integrity", TOWN).err == ""
    existing = totals(above)["working_order"]["existing"]
    assert existing == {"keep": 2, "delete": 1}[decision]
    assert above.data("db", "check")["faults"] == []


def test_one_that_is_handed_up_again_is_no_matter_to_decide(level: Make, tmp_path: Path) -> None:
    above, below = level("city"), county(level("a"), tmp_path)
    early = tmp_path / "early.hydrant.zip"
    below.data("package", "make", early, "--region", COUNTY)
    below.data("asset", "add", "N", "--kind", "hydrant", "--lon", 120.3, *NOW_HERE)
    below.data("survey", "record", "N", "--outcome", "fails")
    up(below, above, tmp_path / "full.hydrant.zip")
    above.data("survey", "record", "N", "--outcome", "works", "--at", "2026-01-05")
    above.data("package", "take", early, "--accept-older", "--accept-withdrawals")
    assert len(above.data("survey", "conflicts")["conflicts"]) == 1
    taken = above.data("package", "take", tmp_path / "full.hydrant.zip")
    assert taken["conflict"] == 0
    assert above.data("survey", "conflicts")["conflicts"] == []
    assert above.data("explain", "N")["condition"] == "defective"


def test_a_merge_made_here_holds_when_the_former_sender_is_put_back(
    level: Make, tmp_path: Path
) -> None:
    above, first, anew = level("city"), begun(level("a"), tmp_path), begun(level("b"), tmp_path)
    up(first, above, tmp_path / "first.hydrant.zip")
    (old,) = above.data("asset", "list")["assets"]
    above.data("asset", "edit", "A1", "--maintainer", "市里")
    up(anew, above, tmp_path / "anew.hydrant.zip", "--replace-sender")
    keys = [one["uid"] for one in above.data("asset", "list")["assets"]]
    (new,) = [uid for uid in keys if uid != old["uid"]]
    above.data("duplicates", "merge", new, old["uid"])
    assert totals(above)["completeness"]["built"] == 1
    above.data("package", "take", tmp_path / "first.hydrant.zip", "--replace-sender")
    assert totals(above)["completeness"]["built"] == 1
    above.data("survey", "conflicts", "resolve", "--all", "--take", "keep")
    assert len(above.data("asset", "list")["assets"]) == 1


def heard(made: Program, file: Path, *readings: tuple[str, int], correct: bool = False) -> None:
    lines = (json.dumps({"device": "D", "at": at, "value": value}) for at, value in readings)
    file.write_text("\n".join(lines), "utf-8")
    made.data("ingest", file, *(("--correct",) if correct else ()))


def test_what_sensors_said_goes_back_with_the_package(level: Make, tmp_path: Path) -> None:
    """An alarm was withdrawn below and came back with the backup; a later one was never there."""
    above, below = level("city"), begun(level("a"), tmp_path)
    for code, device, east in (("S1", "D", 120.2), ("S2", "E", 120.3)):
        below.data("asset", "add", code, "--kind", "hydrant", "--lon", east, *NOW_HERE)
        below.data("survey", "record", code, "--outcome", "works")
        below.data("sensor", "add", code, "--profile", "pushed", "--url", f"push://{device}",
                   "--unit", 1, "--from", "2026-04-01")  # fmt: skip
    low = [("2026-05-03T10:00", 80), ("2026-05-03T10:15", 80)]
    heard(below, tmp_path / "s.jsonl", *low)
    first = tmp_path / "p1.hydrant.zip"
    below.data("package", "make", first, "--region", COUNTY)
    heard(below, tmp_path / "s.jsonl", ("2026-05-03T10:15", 300), correct=True)
    text = "\n".join(json.dumps({"device": "E", "at": at, "value": 80}) for at, _ in low)
    (tmp_path / "e.jsonl").write_text(text, "utf-8")
    below.data("ingest", tmp_path / "e.jsonl")
    alone = level("alone")
    alone.data("package", "take", first)
    above.data("package", "take", first)
    up(below, above, tmp_path / "p2.hydrant.zip")
    assert [above.data("explain", code)["condition"] for code in ("S1", "S2")] == [
        below.data("explain", code)["condition"] for code in ("S1", "S2")
    ]
    assert above("package", "take", first, "--accept-older").code == 3  # it lacks later evidence
    above.data("package", "take", first, "--accept-older", "--accept-withdrawals")
    for day in ((), ("--as-of", "2026-05-03"), ("--as-of", "2026-05-04")):
        assert totals(above, *day) == totals(alone, *day), day
    above.data("package", "take", tmp_path / "p2.hydrant.zip")
    assert totals(above) == totals(below)


def test_refused_rows_are_said_where_they_lie(level: Make, tmp_path: Path) -> None:
    """An asset that moved into another county, which that one's own package does not have."""
    above = level("city")
    theirs = county(level("l"), tmp_path, "330198", 121.1)
    mine = county(level("k"), tmp_path)
    theirs.data("package", "make", tmp_path / "l.hydrant.zip", "--region", "330198")
    above.data("package", "take", tmp_path / "l.hydrant.zip")
    up(mine, above, tmp_path / "k.hydrant.zip")
    regions = tmp_path / "l.csv"
    regions.write_text(
        "code,name_zh,level,parent_code\n330198,乙县,county,\n330198001,丙镇,township,330198\n",
        "utf-8",
    )
    mine.data("region", "import", regions)
    mine.data("asset", "edit", "H1", "--region", "330198001")
    up(mine, above, tmp_path / "k2.hydrant.zip", "--accept-withdrawals")
    for region in ("330198", "330198001", COUNTY):
        assert "Gone to 330198001" in above("integrity", region).err, region
    assert "Gone to" not in above("integrity", "330198002").err
