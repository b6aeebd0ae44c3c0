"""A registry may hand up several of its regions, one after another; nothing is shown as whole."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.conftest import TWO_TOWNSHIPS, Program, missing
from tests.exchange.test_package import Make, below, figures, level  # noqa: F401  fixtures
from tests.parts import FONT, advice

TOWN, COUNTY = "330199001", "330199"


def up(made: Program, above: Program, folder: Path, region: str, *flags: str) -> Any:
    up.number += 1  # type: ignore[attr-defined]
    file = folder / f"{up.number}.hydrant.zip"  # type: ignore[attr-defined]
    made.data("package", "make", file, "--region", region)
    return above.data("package", "take", file, *flags)


up.number = 0  # type: ignore[attr-defined]


@pytest.mark.parametrize("regions", [(TOWN, COUNTY, TOWN), (COUNTY, TOWN, COUNTY)])
def test_what_only_the_sender_changed_is_taken_whichever_of_its_regions_comes(
    below: Program,  # noqa: F811
    level: Make,  # noqa: F811
    tmp_path: Path,
    regions: tuple[str, ...],
) -> None:
    below.data("defect", "open", "H0", "leak", "--at", "2026-01-01")
    above = level("city")
    first, then, last = regions
    up(below, above, tmp_path, first)
    below.data("survey", "withdraw", "H0", "--reason", "wrong")
    below.data("defect", "edit", "H0", "leak", "--severity", "blocking")
    assert up(below, above, tmp_path, then)["conflict"] == 0
    below.data("defect", "clear", "H0", "leak")
    assert up(below, above, tmp_path, last)["conflict"] == 0
    assert explained(above, "H0") == explained(below, "H0")
    if COUNTY in (then, last):
        up(below, above, tmp_path, COUNTY)
        assert figures(above) == figures(below)


def explained(made: Program, code: str) -> Any:
    told = made.data("explain", code)
    return told["condition"], told["reason"]


@pytest.mark.parametrize("first", [TOWN, "330199002"])
def test_what_moved_between_parts_follows_whichever_comes_first(
    below: Program,  # noqa: F811
    level: Make,  # noqa: F811
    tmp_path: Path,
    first: str,
) -> None:
    """On former days it lay in the part that it left, and lies there above too."""
    above = level("city")
    then = "330199002" if first == TOWN else TOWN
    for region in (first, then):
        up(below, above, tmp_path, region)
    below.data("asset", "edit", "H0", "--region", "330199002", "--from", "2026-02-01")
    below.data("defect", "open", "H0", "no_water")
    for region in (first, then):
        taken = up(below, above, tmp_path, region)
        assert [taken[word] for word in ("conflict", "refused", "withdrawn", "kept")] == [0] * 4
        assert explained(above, "H0") == explained(below, "H0")
    for day in ((), ("--as-of", "2026-01-15"), ("--as-of", "2026-03-01")):
        assert figures(above, *day) == figures(below, *day)
    assert above.data("db", "check")["faults"] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_moved_where_nothing_was_handed_up_is_not_shown_as_all_there_is(
    below: Program,  # noqa: F811
    level: Make,  # noqa: F811
    tmp_path: Path,
    lang: str,
) -> None:
    above = level("city")
    up(below, above, tmp_path, TOWN)
    below.data("asset", "edit", "H0", "--region", "330199002", "--from", "2026-02-01")
    assert up(below, above, tmp_path, TOWN)["refused"] == 0
    assert figures(above, "--as-of", "2026-01-15")[0]["working_order"]["existing"] == 2
    word = {"en": "moved there", "zh": "划入"}[lang]
    for region, lacking in ((COUNTY, True), ("330199002", True), (TOWN, False)):
        assert (word in above("integrity", region, lang=lang).err) == lacking
    up(below, above, tmp_path, "330199002")
    assert word not in above("integrity", COUNTY, lang=lang).err
    assert figures(above) == figures(below)


def test_an_older_package_of_another_region_is_refused_too(
    below: Program,  # noqa: F811
    level: Make,  # noqa: F811
    tmp_path: Path,
) -> None:
    above = level("city")
    old = tmp_path / "old.hydrant.zip"
    below.data("package", "make", old, "--region", TOWN)
    below.data("defect", "open", "H0", "no_water")
    up(below, above, tmp_path, COUNTY)
    assert above("package", "take", old).code == 3
    assert explained(above, "H0") == explained(below, "H0")


FORMS = ("html", "xlsx", "pdf", "geojson")


def report_text(made: Program, file: Path, lang: str, reader: str) -> str:
    """What a report of the county says, as its reader sees it, without blanks."""
    ran = made("report", file, "--region", COUNTY, lang=lang)
    if ran.code == 4 and file.suffix == ".pdf":
        missing(advice(FONT))
    if file.suffix == ".xlsx":
        rows = (row for sheet in openpyxl.load_workbook(file) for row in sheet.iter_rows())
        return "".join("".join(str(cell.value).split()) for row in rows for cell in row)
    if file.suffix == ".pdf":
        shown = subprocess.run([reader, str(file), "-"], check=True, capture_output=True)
        return "".join(shown.stdout.decode().split())
    return "".join(file.read_text("utf-8").split())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_part_is_not_shown_as_the_whole(
    below: Program,  # noqa: F811
    level: Make,  # noqa: F811
    tmp_path: Path,
    peer: Callable[[str], str],
    lang: str,
) -> None:
    """Its own figures are whole; those of what lies above it lack what was not handed up."""
    above = level("city")
    assert up(below, above, tmp_path, TOWN)["beyond"] > 0
    word = {"en": "not handed up", "zh": "未上报"}[lang]
    for region, lacking in ((COUNTY, True), (None, True), (TOWN, False)):
        ran = above("integrity", *([region] if region else []), lang=lang)
        assert (word in ran.err) == lacking, ran
    for form in FORMS:
        shown = report_text(above, tmp_path / f"r.{form}", lang, peer("pdftotext"))
        assert word.replace(" ", "") in shown, form
    up(below, above, tmp_path, COUNTY)
    assert word not in above("integrity", COUNTY, lang=lang).err
    for form in FORMS:
        shown = report_text(above, tmp_path / f"r.{form}", lang, peer("pdftotext"))
        assert word.replace(" ", "") not in shown, form
    up(below, above, tmp_path, TOWN)  # the rest is here already
    assert word not in above("integrity", COUNTY, lang=lang).err


def test_all_parts_are_the_whole(below: Program, level: Make, tmp_path: Path) -> None:  # noqa: F811
    above = level("city")
    for region, lacking in ((TOWN, True), ("330199002", False)):
        up(below, above, tmp_path, region)
        assert ("not handed up" in above("integrity", COUNTY).err) == lacking
    assert figures(above)[1] == figures(below)[1]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_units_of_which_nothing_is_here_are_named(
    below: Program,  # noqa: F811
    level: Make,  # noqa: F811
    tmp_path: Path,
    lang: str,
) -> None:
    """A township that keeps a registry of its own holds nothing more, and is not the county."""
    above, town = level("city"), level("town")
    regions = tmp_path / "t.csv"
    regions.write_text(TWO_TOWNSHIPS.rsplit("330199002", 1)[0], "utf-8")
    town.data("region", "import", regions)
    town.data("asset", "add", "T0", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.2,
              "--crs", "cgcs2000", "--region", TOWN)  # fmt: skip
    assert up(town, above, tmp_path, TOWN)["beyond"] == 0
    word = {"en": "only", "zh": "只反映已上报部分"}[lang]
    for asked, said in ((COUNTY, True), (TOWN, False)):
        assert (word in above("integrity", asked, lang=lang).err) == said
    regions.write_text(TWO_TOWNSHIPS, "utf-8")
    above.data("region", "import", regions)
    named = {"en": "neither been handed up", "zh": "既未上报"}[lang]
    for flags in ((COUNTY,), ()):
        told = above("integrity", *flags, lang=lang).err
        assert named in told
        assert "330199002" in told
    above.data("asset", "add", "C0", "--kind", "hydrant", "--lon", 120.2, "--lat", 30.2,
               "--crs", "cgcs2000", "--region", "330199002")  # fmt: skip
    assert named not in above("integrity", COUNTY, lang=lang).err


def test_undecided_conflicts_stand_beside_the_figures(
    below: Program,  # noqa: F811
    level: Make,  # noqa: F811
    tmp_path: Path,
) -> None:
    above = level("city")
    up(below, above, tmp_path, COUNTY)
    assert above("integrity", COUNTY).err == ""
    below.data("asset", "edit", "H0", "--owner", "A")
    above.data("asset", "edit", "H0", "--owner", "B")
    assert up(below, above, tmp_path, COUNTY)["conflict"] == 1
    for lang, word in (("en", "undecided"), ("zh", "尚未裁定")):
        assert word in above("integrity", COUNTY, lang=lang).err
        assert word in above("trend", COUNTY, "--from", "2026-11-01", lang=lang).err
    side = above.data("survey", "conflicts", "list")["conflicts"][0]["id"]
    above.data("survey", "conflicts", "resolve", side, "--take", "base")
    assert above("integrity", COUNTY).err == ""


def test_no_decision_lets_a_number_stand_twice(
    below: Program,  # noqa: F811
    level: Make,  # noqa: F811
    tmp_path: Path,
) -> None:
    """Below a later number replaced the first and was withdrawn; here another was stated."""
    above = level("city")
    up(below, above, tmp_path, COUNTY)
    below.data("require", "set", TOWN, "hydrant", 4, "--from", "2026-03-01")
    up(below, above, tmp_path, COUNTY)
    below.data("require", "withdraw", TOWN, "hydrant", "--from", "2026-03-01", "--reason", "wrong")
    above.data("require", "set", TOWN, "hydrant", 5, "--from", "2021-01-01")
    assert up(below, above, tmp_path, COUNTY)["conflict"] > 0
    before = above.data("require", "list", TOWN, "--all")
    decided = []
    for found in above.data("survey", "conflicts", "list")["conflicts"]:
        side = next(word for word in found["sides"] if word.startswith("package"))
        decided.append(above("survey", "conflicts", "resolve", found["id"], "--take", side).code)
    assert above.data("db", "check")["faults"] == []
    assert 3 in decided or above.data("require", "list", TOWN, "--all") != before
    holding = above.data("integrity", TOWN, "--as-of", "2026-02-20")["total"]["completeness"]
    assert holding["required"] in (3, 5)
