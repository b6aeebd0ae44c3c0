"""What a county said of itself holds above: where it comes out better, every figure says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Program
from tests.exchange.test_package import Make, level  # noqa: F401  fixture
from tests.exchange.test_package_units import (
    ABOVE,
    AFTER,
    BEFORE,
    DAY,
    JOINED,
    LEFT,
    MOVED,
    UNIT,
    handing_over,  # noqa: F401  fixture
    rates,
    regions,
    up,
)

Levels = tuple[Program, Program, Program]
BETTER = (("en", "a better rate than"), ("zh", "优于其上报单位"))
REFUSED = (("en", "refused"), ("zh", "拒收"))


def says(above: Program, words: tuple[tuple[str, str], ...], region: str, *more: str) -> bool:
    """Whether a region's figures say something, in both languages alike."""
    told = {word in above("integrity", region, *more, lang=lang).err for lang, word in words}
    assert len(told) == 1, (region, told)
    return told.pop()


def test_a_former_day_that_comes_out_better_is_told(
    handing_over: Levels,  # noqa: F811
    tmp_path: Path,
) -> None:
    """Both counties tell the move; who took over enters what stands there as of that day only."""
    left, other, above = handing_over
    file = tmp_path / "a.hydrant.zip"
    up(left, above, file, LEFT)
    for made in (left, other):
        regions(made, tmp_path, MOVED)
    up(left, above, file, LEFT, "--accept-withdrawals")
    above.data("survey", "conflicts", "resolve", "--all", "--take", "package")
    other.data("asset", "add", "X3", "--kind", "hydrant", "--lon", 119.042, "--lat", 29.7,
               "--crs", "cgcs2000", "--region", UNIT, "--built", DAY)  # fmt: skip
    other.data("require", "set", UNIT, "hydrant", 1, "--from", DAY)
    up(other, above, tmp_path / "b.hydrant.zip", JOINED)
    assert rates(above, LEFT, BEFORE) != rates(left, LEFT, BEFORE)
    for region, told in ((LEFT, True), (ABOVE, True), ("330182", False)):
        assert says(above, BETTER, region, "--as-of", BEFORE) == told, region
    # once the other county tells the past, too, nothing is better
    other.data("survey", "record", "X3", "--outcome", "fails", "--at", "2026-05-01")
    other.data("asset", "withdraw", "X3", "--event", "commissioned", "--reason", "stood before",
               "--since-ever")  # fmt: skip
    other.data("require", "set", UNIT, "hydrant", 1, "--from", "2021-01-01")
    up(other, above, tmp_path / "b.hydrant.zip", JOINED)
    assert not says(above, BETTER, LEFT, "--as-of", BEFORE)


def test_what_the_level_below_found_and_this_one_undid_is_told(
    handing_over: Levels,  # noqa: F811
    tmp_path: Path,
) -> None:
    left, _, above = handing_over
    file = tmp_path / "a.hydrant.zip"
    up(left, above, file, LEFT)
    assert not says(above, BETTER, LEFT)
    above.data("survey", "record", "X3", "--outcome", "works", "--at", "2026-06-01")
    up(left, above, file, LEFT)  # the same again: held against it anew
    assert says(above, BETTER, LEFT)
    left.data("survey", "record", "X3", "--outcome", "works", "--at", "2026-06-02")
    up(left, above, file, LEFT)
    assert not says(above, BETTER, LEFT)


def test_a_unit_that_another_registry_speaks_for_is_not_moved_in_silence(
    handing_over: Levels,  # noqa: F811
    tmp_path: Path,
) -> None:
    """Who received it tells first: its row is refused by name, beside all that it concerns."""
    left, other, above = handing_over
    up(left, above, tmp_path / "a.hydrant.zip", LEFT)
    regions(other, tmp_path, MOVED)
    told = up(other, above, tmp_path / "b.hydrant.zip", JOINED)
    (row,) = (row for row in told["rows"] if row["action"] == "refused")
    assert (row["table"], row["name"]) == ("region", UNIT)
    for region in (LEFT, JOINED, UNIT, ABOVE):
        assert says(above, REFUSED, region), region
    assert not says(above, REFUSED, "330182")
    regions(above, tmp_path, MOVED)
    told = up(other, above, tmp_path / "b.hydrant.zip", JOINED)
    assert told["refused"] == 0
    assert not says(above, REFUSED, JOINED)


def test_who_received_a_unit_and_holds_nothing_of_it_may_go_on(
    handing_over: Levels,  # noqa: F811
    tmp_path: Path,
) -> None:
    """This level recorded the move first; the rows of who had it stay until others come."""
    left, other, above = handing_over
    up(left, above, tmp_path / "a.hydrant.zip", LEFT)
    regions(above, tmp_path, MOVED)
    other.data("survey", "record", "S1", "--outcome", "fails", "--at", "2026-06-01")
    file = tmp_path / "b.hydrant.zip"
    assert up(other, above, file, JOINED)["written"]
    assert above.data("explain", "S1")["condition"] == "defective"
    assert above.data("explain", "X3")["condition"] == "defective"
    regions(other, tmp_path, MOVED)
    other.data("asset", "add", "X9", "--kind", "hydrant", "--lon", 119.042, "--lat", 29.7,
               "--crs", "cgcs2000", "--region", UNIT, "--built", DAY)  # fmt: skip
    other.data("package", "make", file, "--region", JOINED)
    assert above("package", "take", file).code == 3  # it would count twice
    above.data("package", "take", file, "--replace-sender")
    assert says(above, BETTER, LEFT, "--as-of", BEFORE)


def test_a_succession_that_this_level_states_otherwise_is_refused(
    handing_over: Levels,  # noqa: F811
    tmp_path: Path,
) -> None:
    left, _, above = handing_over
    file, east = tmp_path / "a.hydrant.zip", f"{LEFT}001"
    up(left, above, file, LEFT)
    new = f"code,name_zh,level,parent_code,valid_from\n{LEFT}009,新镇,township,{LEFT},2025-01-01\n"
    regions(above, tmp_path, new)
    above.data("region", "succeed", east, f"{LEFT}009", "--at", "2025-01-01")
    left.data("region", "succeed", east, UNIT, "--at", "2025-01-01")
    told = up(left, above, file, LEFT)
    assert {row["table"] for row in told["rows"] if row["action"] == "refused"} == {
        "region_successor"
    }
    into = above.data("region", "list", east)["regions"][0]
    assert str(into).count(f"{LEFT}009") >= 1
    assert UNIT not in str(into.get("successors", ""))
    for region in (UNIT, LEFT, ABOVE):
        assert says(above, REFUSED, region), region


def test_figures_are_alike_where_everything_came(
    handing_over: Levels,  # noqa: F811
    tmp_path: Path,
) -> None:
    left, _, above = handing_over
    up(left, above, tmp_path / "a.hydrant.zip", LEFT)
    told: Any = above.data("package", "take", tmp_path / "a.hydrant.zip")
    assert (told["figures_differ"], told["figures_differ_on"]) == ([], {})
    assert not says(above, BETTER, ABOVE)


@pytest.mark.parametrize("later", ["2026-11-01", ""])
def test_a_move_that_both_levels_tell_of_on_other_days_is_not_passed_over(
    handing_over: Levels,  # noqa: F811
    tmp_path: Path,
    later: str,
) -> None:
    """On the days between, the unit lies elsewhere by what each of them says."""
    left, _, above = handing_over
    file = tmp_path / "a.hydrant.zip"
    up(left, above, file, LEFT)
    regions(left, tmp_path, MOVED)
    regions(above, tmp_path, MOVED.replace(DAY, later or "2026-08-01"))
    told = up(left, above, file, LEFT, "--accept-withdrawals")
    assert {row["name"] for row in told["rows"] if row["action"] == "refused"} >= {UNIT}
    for region in (UNIT, ABOVE):
        assert says(above, REFUSED, region), region
    regions(above, tmp_path, MOVED)
    up(left, above, file, LEFT, "--accept-withdrawals")
    assert not says(above, REFUSED, UNIT)


def test_a_number_that_nobody_decided_for_does_not_take_the_place_of_one(
    handing_over: Levels,  # noqa: F811
    tmp_path: Path,
) -> None:
    """The county's number is decided for, withdrawn, and another one stated, in one package."""
    left, _, above = handing_over
    file, east = tmp_path / "a.hydrant.zip", f"{LEFT}001"
    above.data("require", "set", east, "hydrant", 6, "--from", "2019-01-01")
    assert up(left, above, file, LEFT)["conflict"] == 1
    above.data("survey", "conflicts", "resolve", "--all", "--take", "package")
    left.data("require", "withdraw", east, "hydrant", "--from", "2021-01-01", "--reason", "x")
    left.data("require", "set", east, "hydrant", 1, "--from", "2022-01-01")
    assert up(left, above, file, LEFT)["conflict"] == 1
    assert rates(above, east, AFTER)[1] == 6


def warned(data: dict[str, Any]) -> bool:
    """Whether a command itself said that a figure is better than was stated."""
    return any(one["key"] == "integrity.better_than_stated" for one in data["messages"])


def done(above: Program, *args: object) -> bool:
    """Do something; whether it said that a figure is better than was stated."""
    return warned(above(*args, "--json").json)


def test_a_decision_for_a_lower_number_is_told_beside_the_figures(
    handing_over: Levels,  # noqa: F811
    tmp_path: Path,
) -> None:
    """The county states that 5 are missing; somebody keeps this level's number, then another."""
    left, _, above = handing_over
    file, east = tmp_path / "a.hydrant.zip", f"{LEFT}001"
    left.data("require", "set", east, "tank", 5, "--from", "2022-01-01")
    above.data("require", "set", east, "tank", 2, "--from", "2019-01-01")
    assert up(left, above, file, LEFT)["conflict"] == 1
    (conflict,) = above.data("survey", "conflicts")["conflicts"]
    assert says(above, BETTER, LEFT)
    assert not done(above, "survey", "conflicts", "resolve", conflict["id"], "--take", "registry")
    assert says(above, BETTER, LEFT)  # as was said when the package came
    above.data("require", "set", east, "tank", 6, "--from", "2019-01-01")
    assert not says(above, BETTER, LEFT)
    above.data("require", "withdraw", east, "tank", "--from", "2019-01-01", "--reason", "x")
    assert says(above, BETTER, LEFT)
    up(left, above, file, LEFT)
    assert says(above, BETTER, LEFT)


def test_what_this_level_enters_itself_is_no_better_figure(
    handing_over: Levels,  # noqa: F811
    tmp_path: Path,
) -> None:
    """A higher duty, a number of another kind that is met, assets of its own, private or not."""
    left, _, above = handing_over
    file, east = tmp_path / "a.hydrant.zip", f"{LEFT}001"
    left.data("require", "set", east, "tank", 2, "--from", "2022-01-01")
    up(left, above, file, LEFT)
    for code, kind, service in (
        ("O1", "hydrant", "municipal"), ("O2", "crane", "municipal"), ("O3", "hydrant", "private")
    ):  # fmt: skip
        above.data("asset", "add", code, "--kind", kind, "--lon", 119.2, "--lat", 29.5, "--crs",
                   "cgcs2000", "--region", east, "--built", "2017-01-01",
                   "--service", service)  # fmt: skip
        above.data("survey", "record", code, "--outcome", "works", "--at", "2026-06-01")
    assert not done(above, "require", "set", east, "crane", 1, "--from", "2020-01-01")
    assert not done(above, "require", "set", ABOVE, "hydrant", 9, "--from", "2020-01-01")
    assert not done(above, "require", "set", UNIT, "hydrant", 4, "--from", "2021-01-01")
    up(left, above, file, LEFT)
    assert not says(above, BETTER, LEFT)
    # what they do not explain is told all the same
    above.data("survey", "record", "X3", "--outcome", "works", "--at", "2026-06-01")
    assert done(above, "require", "set", UNIT, "hydrant", 5, "--from", "2021-01-01")
    assert says(above, BETTER, LEFT)


@pytest.mark.parametrize("how", ["import", "succeed"])
def test_a_unit_that_this_level_moves_away_is_held_against_what_was_stated(
    handing_over: Levels,  # noqa: F811
    tmp_path: Path,
    how: str,
) -> None:
    """What is defective there counts elsewhere: the county's rate is better than it stated."""
    left, _, above = handing_over
    up(left, above, tmp_path / "a.hydrant.zip", LEFT)
    assert not says(above, BETTER, ABOVE)
    if how == "import":
        table = tmp_path / "units.csv"
        table.write_text(f"code,parent_code\n{UNIT},{JOINED}\n", "utf-8")
        assert done(above, "region", "import", table)
    else:
        assert done(above, "region", "succeed", UNIT, f"{JOINED}001", "--at", "2024-01-01")
    for region, told in ((LEFT, True), (ABOVE, True), ("330182", False)):
        assert says(above, BETTER, region) == told, region


def test_numbers_of_a_unit_that_another_county_took_over_are_followed(
    handing_over: Levels,  # noqa: F811
    tmp_path: Path,
) -> None:
    """They count in the county that took over, which stated how many are missing."""
    _, other, above = handing_over
    for made in (other, above):
        made.data("region", "succeed", UNIT, f"{JOINED}001", "--at", "2024-01-01")
    other.data("require", "set", UNIT, "tank", 3, "--from", "2020-01-01")
    up(other, above, tmp_path / "b.hydrant.zip", JOINED)
    assert not says(above, BETTER, JOINED)
    assert done(above, "require", "set", UNIT, "tank", 1, "--from", "2020-01-01")
    for region in (JOINED, UNIT, ABOVE):
        assert says(above, BETTER, region), region


def test_a_decision_for_the_number_of_a_sender_ends_the_remark(
    handing_over: Levels,  # noqa: F811
    tmp_path: Path,
) -> None:
    """The county states that 5 are missing, this level 2: until somebody decides for the 5."""
    left, _, above = handing_over
    file, east = tmp_path / "a.hydrant.zip", f"{LEFT}001"
    left.data("require", "set", east, "tank", 5, "--from", "2022-01-01")
    above.data("require", "set", east, "tank", 2, "--from", "2022-01-01")
    assert up(left, above, file, LEFT)["conflict"] == 1
    assert says(above, BETTER, LEFT)
    above.data("survey", "conflicts", "resolve", "--all", "--take", "package")
    assert not says(above, BETTER, LEFT)


def test_numbers_of_a_file_are_held_against_what_was_stated(
    handing_over: Levels,  # noqa: F811
    tmp_path: Path,
) -> None:
    left, _, above = handing_over
    table = tmp_path / "numbers.csv"
    left.data("require", "set", f"{LEFT}001", "tank", 5, "--from", "2022-01-01")
    up(left, above, tmp_path / "a.hydrant.zip", LEFT)
    for count in (6, 2):
        table.write_text(f"region,kind,count,from\n{LEFT}001,tank,{count},2022-01-01\n", "utf-8")
        assert done(above, "require", "import", table) == (count < 5)
        assert says(above, BETTER, LEFT) == (count < 5)


def test_what_this_level_built_may_make_less_missing(
    handing_over: Levels,  # noqa: F811
    tmp_path: Path,
) -> None:
    """A tank of its own against two that the county lacks, and no more than it built."""
    left, _, above = handing_over
    file, east = tmp_path / "a.hydrant.zip", f"{LEFT}001"
    left.data("require", "set", east, "tank", 3, "--from", "2022-01-01")
    up(left, above, file, LEFT)
    above.data("asset", "add", "O4", "--kind", "tank", "--lon", 119.2, "--lat", 29.5, "--crs",
               "cgcs2000", "--region", east, "--built", "2017-01-01")  # fmt: skip
    up(left, above, file, LEFT)
    assert not says(above, BETTER, LEFT)
    assert done(above, "require", "set", east, "tank", 2, "--from", "2022-01-01")
