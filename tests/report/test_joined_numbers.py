"""A merger of units takes no required number away in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant.integrity.required import Numbers
from hydrant.store.regions.answering import Dated
from hydrant.store.regions.inherited import PassedOn, passed_on
from hydrant.store.regions.region_tree import RegionNode, RegionTree
from tests.conftest import Program
from tests.report.test_units_placed import units

#: Two townships with a village each; the second goes into the first.
COUNTY = (
    "code,name_zh,level,parent_code\nK,青溪县,county,\nT1,东镇,township,K\nT3,南乡,township,K\n"
    "V1,上村,village,T1\nV3,下村,village,T3\n"
)
MERGED = "2026-06-01"
BEFORE, AFTER = "2026-05-31", MERGED
#: What a merger may take in: the village's other service, and a village that asks for more.
CASES = {
    "service": (("T1", 5, "municipal"), ("V1", 3, "rural"), ("T3", 2, None)),
    "more_below": (("T1", 5, None), ("T3", 2, None), ("V3", 4, None)),
}


def state(program: Program, *numbers: tuple[str, int, str | None]) -> None:
    for region, count, service in numbers:
        more = () if service is None else ("--service", service)
        program.data("require", "set", region, "hydrant", count, "--from", "2021-01-01", *more)


def required(program: Program, day: str) -> int:
    found: int = program.data("integrity", "--as-of", day)["total"]["completeness"]["required"]
    return found


def joined(program: Program, *words: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = program.data(*words).get("joined_numbers", [])
    return found


@pytest.mark.parametrize("numbers", CASES.values(), ids=CASES)
@pytest.mark.parametrize("numbers_first", [True, False], ids=("numbers first", "merger first"))
def test_fewer_numbers_than_apart_stand_beside_every_figure(
    program: Program,
    tmp_path: Path,
    numbers: tuple[tuple[str, int, str | None], ...],
    numbers_first: bool,
) -> None:
    units(program, tmp_path, COUNTY)
    merger = ("region", "succeed", "T3", "T1", "--at", MERGED)
    if numbers_first:
        state(program, *numbers)
        assert len(joined(program, *merger)) == 1
    else:
        program.data(*merger)
        state(program, *numbers[:-1])
        region, count, service = numbers[-1]
        path = tmp_path / "numbers.csv"
        head = "region,kind,count,from,service\n"
        path.write_text(f"{head}{region},hydrant,{count},2021-01-01,{service or ''}\n", "utf-8")
        ran = program("require", "import", path, lang="en")
        assert (ran.code, "took over from another region" in ran.out + ran.err) == (0, True)
    before, after = required(program, BEFORE), required(program, AFTER)
    (told,) = joined(program, "integrity", "--as-of", AFTER)
    assert (told["region"], told["family"]) == ("T1", "hydrant")
    assert (told["apart"], told["together"]) == (before, after)
    assert joined(program, "integrity", "--as-of", BEFORE) == []
    assert joined(program, "integrity", "--as-of", AFTER, "T1") == [told]
    assert joined(program, "require", "list") == [told]
    for lang, words in (("zh", f"少 {before - after} 处"), ("en", f"{before - after} fewer")):
        assert words in program("integrity", "--as-of", AFTER, lang=lang).out
    # who states the number that is meant has said all
    whole, words_of_service = (7, ("--service", "municipal")) if numbers[0][2] else (before, ())
    program.data("require", "set", "T1", "hydrant", whole, "--from", MERGED, *words_of_service)
    assert joined(program, "integrity", "--as-of", AFTER) == []
    assert required(program, AFTER) == before


_cell = st.tuples(
    st.sampled_from(("hydrant", "hydrant.pillar")), st.sampled_from((None, "municipal", "rural"))
)
_numbers = st.dictionaries(
    st.tuples(st.sampled_from(("T1", "T3", "V1", "V3")), _cell), st.integers(0, 9), max_size=7
)


def tree(*, merged: bool) -> RegionTree:
    ended = "2026" if merged else None
    above = {"K": None, "T1": "K", "T3": "K", "V1": "T1", "V3": "T1" if merged else "T3"}
    nodes = {
        code: RegionNode(code, code, code, "township", parent, code == "T3" and merged,
                         ended if code == "T3" else None)
        for code, parent in above.items()
    }  # fmt: skip
    children: dict[str, list[str]] = {}
    for code, parent in above.items():
        if parent is not None:
            children.setdefault(parent, []).append(code)
    return RegionTree(nodes, children, {"T3": ["T1"]} if merged else {})


def passed(rows: list[Dated], now: RegionTree) -> PassedOn:
    ever = {"V3": {"V3", "T3", "K"}, "V1": {"V1", "T1", "K"}, "T1": {"T1", "K"}, "T3": {"T3", "K"}}
    then = tree(merged=False)
    return passed_on(rows, [], now, lambda _: [], lambda _: then, lambda code: ever[code])


def total(found: PassedOn, now: RegionTree) -> int:
    return sum(line.required for line in Numbers(found.stated, now.codes).lines.values())


@given(_numbers)
def test_what_a_merger_takes_in_is_told_whole(
    numbers: dict[tuple[str, tuple[str, str | None]], int],
) -> None:
    """Law: required before is required after, with what is told to be missing."""
    rows = [
        Dated(region, kind, count, service, "2021")
        for (region, (kind, service)), count in numbers.items()
    ]
    apart, merged = tree(merged=False), tree(merged=True)
    after = passed(rows, merged)
    missing = sum(one.stated - one.gained for one in after.fallen)
    assert total(passed(rows, apart), apart) <= total(after, merged) + missing
    assert all(one.cause == "joined" and one.gained < one.stated for one in after.fallen)


@pytest.mark.parametrize("without", ["", "V1", "V3"])
def test_numbers_that_fit_are_added_up_without_a_word(without: str) -> None:
    stated = {"T1": 5, "T3": 4, "V1": 3, "V3": 2}
    rows = [
        Dated(code, "hydrant", count, None, "2021")
        for code, count in stated.items()
        if code != without
    ]
    assert passed(rows, tree(merged=True)).fallen == []


def test_a_village_that_comes_under_a_number_alone_is_told() -> None:
    """Its township had no number: beside the village's own, it is part of none that was stated."""
    village = Dated("V3", "hydrant", 2, None, "2021")
    for since, told in (("2021", True), ("2027", False)):
        rows = [Dated("T1", "hydrant", 5, None, since), village]
        assert bool(passed(rows, tree(merged=True)).fallen) is told


#: Numbers of a unit that a surplus of one must not make up for the other.
PARTS = {
    "services": (("hydrant", 3, "municipal"), ("hydrant", 2, "rural")),
    "kinds": (("hydrant.pillar", 3, None), ("hydrant.underground", 2, None)),
}


@pytest.mark.parametrize("parts", PARTS.values(), ids=PARTS)
def test_a_unit_of_which_nothing_is_required_makes_no_number_wider(
    program: Program, tmp_path: Path, parts: tuple[tuple[str, int, str | None], ...]
) -> None:
    units(program, tmp_path, COUNTY)
    for kind, count, service in parts:
        more = () if service is None else ("--service", service)
        program.data("require", "set", "T1", kind, count, "--from", "2021-01-01", *more)
    program.data("require", "set", "T3", "hydrant", 0, "--from", "2021-01-01")
    for number in range(5):
        program.data(
            "asset", "add", f"A{number}", "--kind", "hydrant.pillar", "--lon", 119.1, "--lat",
            f"29.1{number}", "--crs", "cgcs2000", "--region", "T1", "--service", "municipal",
            "--built", "2020-01-01",
        )  # fmt: skip
    merged = program.data("region", "succeed", "T3", "T1", "--at", MERGED)
    rates = {
        day: program.data("integrity", "K", "--as-of", day)["total"]["completeness"]["percent"]
        for day in (BEFORE, AFTER)
    }
    assert rates == {BEFORE: 60.0, AFTER: 60.0}
    assert merged["figures_changed"] == []


def test_a_number_of_nothing_counts_where_no_other_does() -> None:
    now = tree(merged=True)
    rows = [Dated("T3", "hydrant", 0, None, None), Dated("T1", "hydrant", 0, "rural", None)]
    (found,) = passed(rows, now).stated
    assert (found.kind, found.number, found.service) == ("hydrant", 0, None)


def test_figures_that_change_are_told_as_a_unit_goes_and_as_a_number_is_withdrawn(
    program: Program, tmp_path: Path
) -> None:
    units(program, tmp_path, COUNTY)
    state(program, ("T1", 5, "municipal"), ("T3", 2, "rural"))
    merged = program.data("region", "succeed", "T3", "T1", "--at", MERGED)
    told = {(one["region"], one["as_of"]): one["figures"] for one in merged["figures_changed"]}
    assert told["T1", MERGED]["completeness.required"] == {"before": 5, "after": 7}
    gone = program.data("require", "withdraw", "T1", "hydrant", "--from", "2021-01-01",
                        "--reason", "wrong plan")  # fmt: skip
    less = [one["figures"].get("completeness.required") for one in gone["figures_changed"]]
    assert {"before": 7, "after": 2} in less
    for lang, word in (("en", "municipal"), ("zh", "市政")):
        again = program("require", "withdraw", "T1", "hydrant", "--from", "2021-01-01",
                        "--reason", "wrong plan", lang=lang)  # fmt: skip
        assert word in again.out
