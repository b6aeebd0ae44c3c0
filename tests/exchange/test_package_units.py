"""Units that were handed over are compared row by row, taken with their past, never just lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Program
from tests.exchange.test_package import Make, level  # noqa: F401  fixture

LEFT, JOINED, UNIT, ABOVE = "330127", "330122", "330127002", "330100"
BEFORE, AFTER, DAY = "2026-09-30", "2026-10-01", "2026-10-01"
UNITS = f"""code,name_zh,level,parent_code
330000,省,province,
{ABOVE},市,city,330000
{LEFT},甲县,county,{ABOVE}
{JOINED},乙县,county,{ABOVE}
330182,丙县,county,{ABOVE}
{LEFT}001,东镇,township,{LEFT}
{UNIT},西镇,township,{LEFT}
{JOINED}001,南镇,township,{JOINED}
"""
MOVED = f"code,name_zh,level,parent_code,valid_from\n{UNIT},西镇,township,{JOINED},{DAY}\n"
LANGS = (("en", "refused"), ("zh", "拒收"))


def regions(made: Program, folder: Path, *texts: str) -> None:
    for text in texts:
        file = folder / "units.csv"
        file.write_text(text, "utf-8")
        made.data("region", "import", file)


@pytest.fixture
def joined(level: Make, tmp_path: Path) -> Program:  # noqa: F811
    """The county that a township joined; what stands there is defective."""
    made = level("joined")
    regions(made, tmp_path, UNITS)
    for code, region, lon in (("S1", f"{JOINED}001", 119.6), ("X3", UNIT, 119.042)):
        made.data("asset", "add", code, "--kind", "hydrant", "--lon", lon, "--lat", 29.7,
                  "--crs", "cgcs2000", "--region", region, "--built", "2017-01-01")  # fmt: skip
    made.data("survey", "record", "S1", "--outcome", "works", "--at", "2026-05-01")
    made.data("survey", "record", "X3", "--outcome", "fails", "--at", "2026-05-01")
    made.data("require", "set", JOINED, "hydrant", 2, "--from", "2021-01-01")
    regions(made, tmp_path, MOVED)
    return made


def up(made: Program, above: Program, file: Path, region: str, *flags: str) -> Any:
    made.data("package", "make", file, "--region", region)
    return above.data("package", "take", file, *flags)


def rates(made: Program, region: str, day: str) -> Any:
    total = made.data("integrity", region, "--as-of", day)["total"]
    stated = total["completeness"]
    return total["working_order"], stated["required"], stated["built"]


def alike(joined: Program, above: Program, *asked: str) -> None:
    for region in asked or (LEFT, JOINED, UNIT, ABOVE):
        for day in (BEFORE, AFTER):
            assert rates(above, region, day) == rates(joined, region, day), (region, day)


@pytest.mark.parametrize("root", [JOINED, UNIT])
def test_rows_of_one_unit_are_held_against_each_other_on_the_days_they_share(
    joined: Program,
    level: Make,  # noqa: F811
    tmp_path: Path,
    root: str,
) -> None:
    """Both levels say that it moved, and when: there is nothing to decide."""
    above = level("city")
    regions(above, tmp_path, UNITS, MOVED)
    told = up(joined, above, tmp_path / "a.hydrant.zip", root)
    assert (told["conflict"], told["refused"]) == (0, 0)
    if root == JOINED:
        alike(joined, above)
    assert len(above.data("region", "list", UNIT)["regions"]) == 2


@pytest.mark.parametrize("side", ["package", "base"])
def test_a_decision_holds_on_the_days_that_were_disputed(
    joined: Program,
    level: Make,  # noqa: F811
    tmp_path: Path,
    side: str,
) -> None:
    """Above nobody has heard of the move; below it is of a day."""
    above = level("city")
    regions(above, tmp_path, UNITS)
    file = tmp_path / "a.hydrant.zip"
    told = up(joined, above, file, UNIT)
    assert told["conflict"] == 1
    assert DAY in told["rows"][0]["reason"]
    (conflict,) = above.data("survey", "conflicts")["conflicts"]
    assert conflict["field"] == "parent_code"
    assert any(DAY in str(said) for said in conflict["sides"].values())
    before = rates(above, LEFT, BEFORE), rates(above, JOINED, BEFORE), rates(above, LEFT, AFTER)
    done = above.data("survey", "conflicts", "resolve", conflict["id"], "--take", side)
    after = rates(above, LEFT, BEFORE), rates(above, JOINED, BEFORE), rates(above, LEFT, AFTER)
    assert after[:2] == before[:2]
    assert (after[2] != before[2]) == (side == "package")
    assert {one["region"] for one in done["figures_changed"]} == (
        {LEFT, JOINED} if side == "package" else set()
    )
    assert all(one["as_of"] >= DAY for one in done["figures_changed"])
    joined.data("survey", "record", "X3", "--outcome", "works", "--at", "2026-11-01")
    assert up(joined, above, file, UNIT)["conflict"] == 0
    assert above.data("db", "check")["faults"] == []


def test_a_name_decided_for_one_time_leaves_the_other(
    joined: Program,
    level: Make,  # noqa: F811
    tmp_path: Path,
) -> None:
    """Rows on both sides of the move: a name of the later one is no word on the former."""
    above = level("city")
    regions(above, tmp_path, UNITS, MOVED)
    regions(joined, tmp_path, MOVED.replace("西镇", "新西镇"))
    assert up(joined, above, tmp_path / "a.hydrant.zip", JOINED)["conflict"] == 1
    (conflict,) = above.data("survey", "conflicts")["conflicts"]
    above.data("survey", "conflicts", "resolve", conflict["id"], "--take", "package")
    rows = above.data("region", "list", UNIT)["regions"]
    assert {row["valid_from"]: row["name_zh"] for row in rows} == {None: "西镇", DAY: "新西镇"}
    alike(joined, above)


def test_a_unit_comes_with_its_past_where_nobody_else_says_anything_of_it(
    joined: Program,
    level: Make,  # noqa: F811
    tmp_path: Path,
) -> None:
    """On former days what stands there counts in the county that it left."""
    above = level("city")
    assert up(joined, above, tmp_path / "a.hydrant.zip", JOINED)["refused"] == 0
    alike(joined, above)
    again = level("again")
    regions(again, tmp_path, MOVED)  # the past of the unit stands nowhere here
    told = up(joined, again, tmp_path / "b.hydrant.zip", JOINED)
    assert (told["conflict"], told["refused"]) == (0, 0)
    alike(joined, again)
    assert again.data("db", "check")["faults"] == []


@pytest.mark.parametrize(("lang", "word"), LANGS)
def test_a_refused_row_of_a_region_stands_beside_the_figures_of_all_it_concerns(
    joined: Program,
    level: Make,  # noqa: F811
    tmp_path: Path,
    lang: str,
    word: str,
) -> None:
    """The unit, what it would lie in and what lies above both; nothing else."""
    above = level("city")
    regions(above, tmp_path, UNITS)
    joined.data("asset", "edit", "X3", "--region", f"{JOINED}001", "--correct")
    told = up(joined, above, tmp_path / "a.hydrant.zip", JOINED)
    assert {row["table"] for row in told["rows"] if row["action"] == "refused"} == {"region"}
    for region in (UNIT, LEFT, JOINED, ABOVE):
        assert word in above("integrity", region, "--as-of", BEFORE, lang=lang).err, region
    for region in (f"{LEFT}001", "330182"):
        assert word not in above("integrity", region, lang=lang).err, region
    regions(above, tmp_path, MOVED)
    above.data("package", "take", tmp_path / "a.hydrant.zip")
    assert word not in above("integrity", ABOVE, "--as-of", BEFORE, lang=lang).err


@pytest.mark.parametrize(("lang", "word"), [("en", "not handed up"), ("zh", "未上报")])
def test_a_unit_that_left_is_missed_on_the_days_on_which_it_lay_there(
    level: Make,  # noqa: F811
    tmp_path: Path,
    lang: str,
    word: str,
) -> None:
    """The county that it left does not hand it up any more; nobody else does yet."""
    left, above = level("left"), level("city")
    regions(left, tmp_path, UNITS)
    for code, region, lon in (("X1", f"{LEFT}001", 119.05), ("X3", UNIT, 119.042)):
        left.data("asset", "add", code, "--kind", "hydrant", "--lon", lon, "--lat", 29.7,
                  "--crs", "cgcs2000", "--region", region, "--built", "2017-01-01")  # fmt: skip
    file = tmp_path / "a.hydrant.zip"
    up(left, above, file, LEFT)
    assert word not in above("integrity", LEFT, lang=lang).err
    regions(left, tmp_path, MOVED)
    up(left, above, file, LEFT, "--accept-withdrawals")
    assert rates(left, LEFT, BEFORE) != rates(above, LEFT, BEFORE)
    assert word in above("integrity", LEFT, "--as-of", BEFORE, lang=lang).err


def test_figures_are_compared_on_the_days_on_which_something_began(
    joined: Program,
    level: Make,  # noqa: F811
    tmp_path: Path,
) -> None:
    """Today's come out; those of the time before a number was raised do not."""
    above = level("city")
    file = tmp_path / "a.hydrant.zip"
    joined.data("require", "set", JOINED, "hydrant", 3, "--from", "2026-06-01")
    assert up(joined, above, file, JOINED)["figures_differ_on"] == {}
    above.data("require", "withdraw", JOINED, "hydrant", "--from", "2021-01-01", "--reason", "x")
    joined.data("survey", "record", "S1", "--outcome", "works", "--at", "2026-11-01")
    told = up(joined, above, file, JOINED)
    assert told["figures_differ"] == []
    assert "2026-05-31" in told["figures_differ_on"]
    for lang in ("en", "zh"):
        assert "2026-05-31" in above("package", "take", file, lang=lang).err


@pytest.mark.parametrize(("lang", "word"), [("en", "nothing is on record"), ("zh", "归属不明")])
def test_what_stands_in_a_unit_without_a_past_is_named(
    joined: Program,
    level: Make,  # noqa: F811
    tmp_path: Path,
    lang: str,
    word: str,
) -> None:
    """The unit is on record since its move only: before, its assets are in no unit's figure."""
    above = level("city")
    regions(above, tmp_path, UNITS.replace(f"{UNIT},西镇,township,{LEFT}\n", ""), MOVED)
    above.data("asset", "add", "X3", "--kind", "hydrant", "--lon", 119.042, "--lat", 29.7,
               "--crs", "cgcs2000", "--region", UNIT, "--built", "2017-01-01")  # fmt: skip
    for day, said in ((BEFORE, True), (AFTER, False)):
        for region in (UNIT, JOINED, ABOVE):
            told = above("integrity", region, "--as-of", day, lang=lang)
            assert (word in told.err) == said, (region, day)


@pytest.fixture
def handing_over(level: Make, tmp_path: Path) -> tuple[Program, Program, Program]:  # noqa: F811
    """The county that a township left, with what stands there; the other one; the city.

    The city has the package that the other county made before it heard of the township.
    """
    left, other, above = level("left"), level("other"), level("city")
    for made in (left, other, above):
        regions(made, tmp_path, UNITS)
    for made, code, region, outcome in (
        (left, "X1", f"{LEFT}001", "works"),
        (left, "X3", UNIT, "fails"),
        (other, "S1", f"{JOINED}001", "works"),
    ):
        lon = 119.04 + len(code) + int(region[-1]) / 100
        made.data("asset", "add", code, "--kind", "hydrant", "--lon", lon, "--lat", 29.7,
                  "--crs", "cgcs2000", "--region", region, "--built", "2017-01-01")  # fmt: skip
        made.data("survey", "record", code, "--outcome", outcome, "--at", "2026-05-01")
        made.data("require", "set", region, "hydrant", 1, "--from", "2021-01-01")
    up(other, above, tmp_path / "b.hydrant.zip", JOINED)
    return left, other, above


NOT_HERE = [("en", "more"), ("zh", "比本库多")]


def lacking(above: Program, *asked: str) -> set[str]:
    """Regions whose figures say, in both languages and on both days, that something lacks."""
    found = set[str]()
    for region in asked or (LEFT, JOINED, UNIT, ABOVE, f"{LEFT}001", f"{JOINED}001", "330182"):
        told = [
            word in above("integrity", region, "--as-of", day, lang=lang).err
            for lang, word in NOT_HERE
            for day in (BEFORE, AFTER)
        ]
        assert len(set(told)) == 1, (region, told)
        found |= {region} if told[0] else set()
    return found


@pytest.mark.parametrize("side", ["package", "base"])
def test_what_a_unit_holds_that_nobody_hands_up_is_missed_wherever_it_lies_here(
    handing_over: tuple[Program, Program, Program], tmp_path: Path, side: str
) -> None:
    """A package made before the unit came tells nothing of it, nor does that of who lost it."""
    left, other, above = handing_over
    regions(left, tmp_path, MOVED)
    assert up(left, above, tmp_path / "a.hydrant.zip", LEFT)["conflict"] == 1
    (conflict,) = above.data("survey", "conflicts")["conflicts"]
    above.data("survey", "conflicts", "resolve", conflict["id"], "--take", side)
    missed = {LEFT, UNIT, ABOVE} | ({JOINED} if side == "package" else set())
    assert lacking(above) == missed
    if side == "package":
        regions(other, tmp_path, MOVED)
        up(other, above, tmp_path / "b.hydrant.zip", JOINED)
        assert lacking(above) == missed  # it knows the unit, and nothing that stands there
        other.data("asset", "add", "X3", "--kind", "hydrant", "--lon", 119.042, "--lat", 29.7,
                   "--crs", "cgcs2000", "--region", UNIT, "--built", "2017-01-01")  # fmt: skip
        other.data("require", "set", UNIT, "hydrant", 2, "--from", "2022-01-01")
        up(other, above, tmp_path / "b.hydrant.zip", JOINED)
        assert lacking(above) == set()


def test_what_leaves_with_a_unit_is_missed(
    handing_over: tuple[Program, Program, Program], tmp_path: Path
) -> None:
    """The move has no day, and what came of the unit before is taken out as is asked for."""
    left, _, above = handing_over
    file = tmp_path / "a.hydrant.zip"
    up(left, above, file, LEFT)
    assert lacking(above) == set()
    regions(left, tmp_path, f"code,parent_code\n{UNIT},{JOINED}\n")
    left.data("package", "make", file, "--region", LEFT)
    assert above("package", "take", file).code == 3
    above.data("package", "take", file, "--accept-withdrawals")
    assert lacking(above) >= {UNIT, ABOVE}


OTHERWISE = (("en", "says otherwise than this one"), ("zh", "登记不一致"))
#: The move without a day; with another one; as a succession.
UNDATED = f"code,parent_code\n{UNIT},{JOINED}\n"
EARLIER = MOVED.replace(DAY, "2025-10-01")


def move(made: Program, folder: Path, how: str) -> None:
    if how:
        regions(made, folder, how)
    else:
        made.data("region", "succeed", UNIT, f"{JOINED}001", "--at", DAY)


def told_otherwise(above: Program) -> set[str]:
    """Regions whose figures say, in both languages, that two levels differ on a unit's days."""
    found = set[str]()
    for region in (LEFT, JOINED, UNIT, ABOVE, f"{LEFT}001", f"{JOINED}001", "330182"):
        told = {word in above("integrity", region, lang=lang).err for lang, word in OTHERWISE}
        assert len(told) == 1, (region, told)
        found |= {region} if told.pop() else set()
    return found


@pytest.mark.parametrize(
    ("below", "here"),
    [
        (UNDATED, MOVED),
        (MOVED, UNDATED),
        (MOVED, EARLIER),
        (UNDATED, EARLIER),
        ("", UNDATED),
        (EARLIER, MOVED),
    ],
)
def test_two_levels_that_tell_a_move_of_other_days_say_so_beside_the_figures(
    handing_over: tuple[Program, Program, Program], tmp_path: Path, below: str, here: str
) -> None:
    """With a day and without one, of another day, as a succession and as another parent."""
    left, _, above = handing_over
    file = tmp_path / "a.hydrant.zip"
    up(left, above, file, LEFT)
    assert told_otherwise(above) == set()
    move(above, tmp_path, here)
    move(left, tmp_path, below)
    up(left, above, file, LEFT, "--accept-withdrawals")
    assert told_otherwise(above) == {LEFT, JOINED, UNIT, ABOVE}
    data = above("integrity", LEFT, "--json").json
    assert "integrity.other_days" in {one["key"] for one in data["messages"]}
    if below == UNDATED:  # the county states the day, too
        regions(left, tmp_path, f"code,parent_code\n{UNIT},{LEFT}\n", here)
        up(left, above, file, LEFT, "--accept-withdrawals")
        assert told_otherwise(above) == set()


def test_a_move_that_both_tell_alike_is_no_matter(
    handing_over: tuple[Program, Program, Program], tmp_path: Path
) -> None:
    """It is said until this level has heard of it, and not where nothing stands in the unit."""
    left, other, above = handing_over
    file = tmp_path / "a.hydrant.zip"
    up(left, above, file, LEFT)
    for made in (left, above, other):
        move(made, tmp_path, MOVED)
    up(left, above, file, LEFT, "--accept-withdrawals")
    up(other, above, tmp_path / "b.hydrant.zip", JOINED)
    assert told_otherwise(above) == set()
    move(above, tmp_path, f"code,name_zh,level,parent_code,valid_from\n330182001,新,township,330182"
                          f",\n330182001,新,township,{LEFT},{DAY}\n")  # fmt: skip
    up(left, above, file, LEFT, "--accept-withdrawals")
    assert told_otherwise(above) == set()


def test_a_succession_within_the_region_is_no_matter(
    handing_over: tuple[Program, Program, Program], tmp_path: Path
) -> None:
    """Of whatever day: what was one unit's is another's of the same county."""
    left, _, above = handing_over
    file = tmp_path / "a.hydrant.zip"
    up(left, above, file, LEFT)
    for made, day in ((above, "2025-01-01"), (left, "2024-01-01")):
        made.data("region", "succeed", UNIT, f"{LEFT}001", "--at", day)
    up(left, above, file, LEFT)
    assert told_otherwise(above) == set()


def test_days_of_a_unit_in_which_nothing_stands_are_no_matter(
    handing_over: tuple[Program, Program, Program], tmp_path: Path
) -> None:
    """It left the county on another day by each of both levels, and no figure follows from it."""
    left, _, above = handing_over
    file = tmp_path / "a.hydrant.zip"
    for made in (left, above):
        regions(
            made, tmp_path, UNITS.split("\n", maxsplit=1)[0] + f"\n{LEFT}003,空镇,township,{LEFT}\n"
        )
    up(left, above, file, LEFT)
    for made, moved in ((above, EARLIER), (left, MOVED)):
        regions(made, tmp_path, moved.replace(UNIT, f"{LEFT}003").replace("西镇", "空镇"))
    up(left, above, file, LEFT)
    assert told_otherwise(above) == set()


def test_days_on_which_a_unit_ends_are_local_days_on_both_sides(
    joined: Program,
    level: Make,  # noqa: F811
    tmp_path: Path,
) -> None:
    above = level("city")
    regions(above, tmp_path, UNITS, MOVED)
    for made, day in ((joined, "2026-11-01"), (above, "2026-10-15")):
        made.data("region", "succeed", UNIT, f"{JOINED}001", "--at", day)
    file = tmp_path / "a.hydrant.zip"
    told = up(joined, above, file, JOINED)
    reasons = [row["reason"] for row in told["rows"] if row["action"] == "conflict"]
    assert any("2026-10-15" in reason and "2026-11-01" in reason for reason in reasons)
    assert not any("T16:00" in reason for reason in reasons)
    # a conflict that was decided names the way to put it right
    (one, *_) = above.data("survey", "conflicts")["conflicts"]
    above.data("survey", "conflicts", "resolve", "--all", "--take", "package")
    for lang, words in (("en", "region import"), ("zh", "region import")):
        ran = above("survey", "conflicts", "resolve", one["id"], "--take", "base", lang=lang)
        assert (ran.code, words in ran.err) == (3, True)
