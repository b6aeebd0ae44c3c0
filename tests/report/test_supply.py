"""What counts as water that can be drawn, and what is only said beside the answer."""

from __future__ import annotations

from typing import Any

import pytest

from hydrant.report.season import all_year
from tests.conftest import Program

PLACE = ("supply", 120.0, 30.0, "--crs", "cgcs2000", "--within", 500)


def add(
    program: Program,
    code: str,
    flow: float | None,
    *visit: object,
    kind: str = "hydrant",
    **fields: object,
) -> None:
    """A usable source, each farther than the one before, its flow measured where given."""
    lon = 120.0 + len(program.data("asset", "list")["assets"]) / 5000
    settings = [word for name, value in fields.items() for word in ("--set", f"{name}={value}")]
    program.data("asset", "add", code, "--kind", kind, "--lon", lon, "--lat", 30.0,
                 "--crs", "cgcs2000", *settings)  # fmt: skip
    words = [] if flow is None else ["--flow-l-s", flow]
    if kind.startswith("hydrant") and flow is not None and not visit:
        words += ["--static-kpa", 300, "--residual-kpa", 150]
    program.data("survey", "record", code, "--outcome", "works", *words, *visit)


def asked(program: Program, flow: float, *words: object) -> dict[str, Any]:
    ran = program(*PLACE, "--flow", flow, *words, "--json")
    assert ran.code == (0 if ran.data["enough"] else 1), ran
    told = {message["key"] for message in ran.json["messages"]}
    assert told == {f"cli_supply.{caution['key']}" for caution in ran.data["cautions"]}
    return ran.data


def told(found: dict[str, Any]) -> dict[str, list[str]]:
    """Cautions with the sources each is about."""
    return {caution["key"]: caution["sources"] for caution in found["cautions"]}


def codes(found: dict[str, Any], name: str = "sources") -> list[str]:
    return [source["code"] for source in found[name]]


def why(found: dict[str, Any]) -> dict[str, list[str]]:
    return {source["code"]: source["not_counted"] for source in found["not_counted"]}


def figures(found: dict[str, Any]) -> tuple[object, ...]:
    names = ("largest_single_l_s", "sum_l_s", "with_design_l_s", "joint_test_l_s")
    return tuple(found[name] for name in names)


def test_supply_counts_only_known_flows_of_usable_sources(program: Program) -> None:
    flows: dict[str, float | None] = {"A": 15.0, "B": 20.0, "C": None, "D": 30.0}
    for number, (code, flow) in enumerate(flows.items()):
        program.data("asset", "add", code, "--kind", "hydrant", "--lon", 120.0 + number / 1000,
                     "--lat", 30.0, "--crs", "cgcs2000", "--set", "mains_type=ring")  # fmt: skip
        words = [] if flow is None else ["--flow-l-s", flow, "--residual-kpa", 120]
        outcome = "fails" if code == "D" else "works"
        program.data("survey", "record", code, "--outcome", outcome, *words)
    found = asked(program, 30)
    assert (found["enough"], found["drawn_l_s"]) == (True, 35.0)
    assert codes(found) == ["A", "B"]
    assert codes(found, "unknown_flow") == ["C"]
    assert told(found) == {"no_joint_test": ["A", "B"], "unknown": ["C"]}
    short = program(*PLACE, "--station", "class2")
    assert short.code == 1
    assert "160 L/s are not reached" in short.out
    assert "不足 160 L/s" in program(*PLACE, "--station", "class2", lang="zh").out
    assert program(*PLACE, "--station", "class9").code == 2
    assert program(*PLACE).code == 2


@pytest.mark.parametrize("amount", [0, -1, "nan", "inf"])
def test_an_amount_that_says_nothing_is_refused(program: Program, amount: object) -> None:
    assert program(*PLACE, "--flow", amount).code == 2
    assert program(*PLACE, "--flow", 10, "--engine-flow", amount).code == 2


def test_one_tested_hydrant_is_enough_without_a_word(program: Program) -> None:
    add(program, "A", 20.0, mains_type="ring")
    found = asked(program, 15)
    assert (found["verdict"], found["cautions"]) == ("enough", [])
    source = found["sources"][0]
    assert (source["flow_source"], source["residual_kpa"], source["static_kpa"]) == (
        *("measured", 150.0, 300.0),
    )
    assert source["counted_l_s"] == 20.0
    assert source["flow_at"] in program(*PLACE, "--flow", 15).out


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"mains_type": "branch", "mains_dn_mm": 100}, {"mains_type": "branch"}),
        ({"mains_type": "branch"}, {}),
        ({}, {}),
        ({"mains_dn_mm": 100}, {"mains_dn_mm": 200}),
    ],
)
@pytest.mark.parametrize("kind", ["hydrant.pillar", "crane"])
def test_what_may_hang_on_one_branch_main_counts_once(
    program: Program, kind: str, first: dict[str, object], second: dict[str, object]
) -> None:
    add(program, "A", 18.0, "--residual-kpa", 150, kind=kind, **first)
    add(program, "B", 20.0, "--residual-kpa", 150, kind=kind, **second)
    found = asked(program, 35)
    assert (found["enough"], found["drawn_l_s"]) == (False, 20.0)
    assert (codes(found), why(found)) == (["B"], {"A": ["one_main"]})
    assert told(found)["no_joint_test"] == ["B", "A"]
    kinds = {
        "branch" if fields.get("mains_type") else "mains_unknown" for fields in (first, second)
    }
    assert kinds <= set(told(found))
    # of branch mains even the upper bound adds nothing
    both = first.get("mains_type") == second.get("mains_type") == "branch"
    assert figures(found) == (20.0, 20.0 if both else 38.0, 20.0 if both else 38.0, None)
    assert found["verdict"] == ("short" if both else "not_proven")
    # the nearer one alone is enough for less, and no other is mixed in
    assert codes(asked(program, 16)) == ["A"]


def test_two_on_ring_mains_are_added_as_single_tests(program: Program) -> None:
    add(program, "A", 20.0, mains_type="ring")
    add(program, "B", 20.0, mains_type="ring")
    found = asked(program, 35)
    assert (found["enough"], found["drawn_l_s"]) == (True, 40.0)
    assert found["verdict"] == "enough_by_sum"
    assert figures(found) == (20.0, 40.0, 40.0, None)
    assert told(found) == {"no_joint_test": ["A", "B"]}
    shown = program(*PLACE, "--flow", 35)
    assert "if the mains bring it to all of them at once" in shown.out
    assert "joint test not recorded" in shown.out
    assert "联合试验无记录" in program(*PLACE, "--flow", 35, lang="zh").out


def test_a_ring_main_and_one_branch_main_are_added(program: Program) -> None:
    add(program, "R", 20.0, mains_type="ring")
    add(program, "B", 16.0, mains_type="branch")
    add(program, "C", 18.0, mains_type="branch")
    found = asked(program, 38)
    assert (codes(found), found["drawn_l_s"]) == (["R", "C"], 38.0)
    assert codes(asked(program, 36)) == ["R", "B"]
    assert found["verdict"] == "enough_by_sum"


def test_a_design_figure_is_never_believed(program: Program) -> None:
    add(program, "A", None, mains_type="ring", design_flow_l_s=30)
    found = asked(program, 20)
    assert (found["enough"], found["drawn_l_s"], found["verdict"]) == (False, 0.0, "not_proven")
    assert figures(found) == (None, 0.0, 30.0, None)
    assert why(found) == {"A": ["design"]}
    assert told(found) == {"design": ["A"]}
    near = program.data("near", 120.0, 30.0, "--crs", "cgcs2000")["sources"][0]
    assert (near["flow_l_s"], near["flow_source"], near["flow_at"]) == (30.0, "design", None)
    near_line = ("near", 120.0, 30.0, "--crs", "cgcs2000")
    assert "design 30 L/s" in program(*near_line).out
    assert "设计 30 L/s" in program(*near_line, lang="zh").out
    assert "未经实测" in program(*PLACE, "--flow", 20, lang="zh").out
    # once measured, the measurement is believed instead
    program.data("survey", "record", "A", "--outcome", "works", "--flow-l-s", 22,
                 "--residual-kpa", 120, "--at", "2026-01-02T07:30+08:00")  # fmt: skip
    near = program.data(*near_line)["sources"][0]
    assert (near["flow_l_s"], near["flow_source"], near["flow_at"]) == (
        *(22.0, "measured", "2026-01-02"),
    )
    assert "design" not in program(*near_line).out


@pytest.mark.parametrize(
    ("season", "reason"),
    [("4-10月", "season"), ("枯水期 11 月至次年 2 月", "season"), ("无", "season"),
     (None, "season_unknown"), ("全年", None), ("All year.", None)],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["intake.river", "well"])
def test_a_natural_source_counts_where_its_dry_season_is_known(
    program: Program, kind: str, season: str | None, reason: str | None
) -> None:
    fields = {} if season is None else {"season": season}
    add(program, "R", 30.0, kind=kind, **fields)
    found = asked(program, 20)
    assert found["enough"] is (reason is None)
    assert why(found) == ({} if reason is None else {"R": [reason]})
    assert (reason or "places_unknown") in told(found)
    if reason == "season":
        assert str(season) in program(*PLACE, "--flow", 20).out


def test_a_lift_at_drought_level_tells_of_the_dry_season(program: Program) -> None:
    add(program, "R", 30.0, kind="intake.river", lift_drought_m=4, truck_slots=2)
    found = asked(program, 20)
    assert (found["verdict"], told(found)) == ("enough", {"places": ["R"]})


def test_only_plain_words_mean_all_year() -> None:
    assert all_year(" Year  Round ")
    assert all_year("常年有水。")
    assert not any(map(all_year, ("", "有", "无", "夏季", "all", "1-12", "全年（枯水期除外）")))


def test_places_for_engines_limit_what_is_drawn(program: Program) -> None:
    add(program, "R", 60.0, kind="intake.river", season="全年", truck_slots=2)
    found = asked(program, 50)
    assert (found["enough"], told(found)) == (True, {"places": ["R"]})
    limited = asked(program, 50, "--engine-flow", 15)
    assert (limited["enough"], limited["drawn_l_s"]) == (False, 30.0)
    assert (limited["engine_l_s"], limited["sources"][0]["flow_l_s"]) == (15.0, 60.0)
    assert told(limited) == {"places_few": ["R"]}
    assert told(asked(program, 50, "--engine-flow", 30)) == {}


def test_without_a_place_nothing_is_drawn(program: Program) -> None:
    add(program, "R", 60.0, kind="intake.river", season="全年", truck_slots=0)
    found = asked(program, 50)
    assert (found["enough"], why(found)) == (False, {"R": ["no_place"]})
    assert told(found) == {"no_place": ["R"]}


def test_a_tank_says_how_long_it_lasts(program: Program) -> None:
    add(program, "T", 20.0, kind="tank.cistern", capacity_m3=100, truck_slots=2)
    found = asked(program, 10)
    assert found["sources"][0]["lasts_min"] == 166.6  # never rounded up
    assert told(found) == {"places": ["T"], "lasts": ["T"]}
    assert "166.6 min at 10 L/s" in program(*PLACE, "--flow", 10).out
    more = asked(program, 30)
    assert (more["enough"], more["sources"][0]["lasts_min"]) == (False, 83.3)


def test_a_tank_without_volume_or_water_is_no_plain_yes(program: Program) -> None:
    add(program, "T", 20.0, kind="tank.cistern", capacity_m3=0)
    assert why(asked(program, 10)) == {"T": ["no_water"]}
    program.data("asset", "edit", "T", "--set", "capacity_m3=")
    found = asked(program, 10)
    assert (found["enough"], "volume_unknown" in told(found)) == (True, True)


def test_tanks_and_natural_sources_do_not_share_a_main(program: Program) -> None:
    add(program, "T", 20.0, kind="tank.cistern", capacity_m3=100, mains_type="branch")
    add(program, "R", 20.0, kind="intake.lake", season="全年")
    add(program, "H", 20.0, mains_type="branch")
    found = asked(program, 60)
    assert (found["enough"], found["verdict"], found["sum_l_s"]) == (True, "enough", 60.0)


def test_a_stale_source_is_said_to_be_stale(program: Program) -> None:
    add(program, "A", 20.0, "--at", "2020-05-01", "--residual-kpa", 120, mains_type="ring")
    found = asked(program, 15)
    assert (found["enough"], told(found)) == (True, {"stale": ["A"]})
    assert found["sources"][0]["flow_at"] == "2020-05-01"


@pytest.mark.parametrize(
    ("visit", "key"),
    [
        (("--static-kpa", 300), "residual_unknown"),
        (("--static-kpa", 300, "--residual-kpa", 60), "residual_low"),
        (("--static-kpa", 300, "--residual-kpa", 100), None),
    ],
)
def test_a_flow_at_another_residual_pressure_is_said_with_it(
    program: Program, visit: tuple[object, ...], key: str | None
) -> None:
    add(program, "A", 40.0, *visit, mains_type="ring")
    found = asked(program, 15)
    assert told(found) == ({} if key is None else {key: ["A"]})
    if "--residual-kpa" in visit:
        assert f"{visit[-1]} kPa left" in program(*PLACE, "--flow", 15).out


def test_of_many_sources_the_first_are_named_and_json_names_all(program: Program) -> None:
    for number in range(7):
        add(program, f"N{number}", None)
    found = asked(program, 10)
    assert len(told(found)["unknown"]) == 7
    assert "N4 and 2 more" in program(*PLACE, "--flow", 10).out
    assert "及另外 2 处" in program(*PLACE, "--flow", 10, lang="zh").out


def test_of_many_that_do_not_count_the_nearest_are_listed(program: Program) -> None:
    for number in range(12):
        add(program, f"D{number:02}", None, design_flow_l_s=20)
    shown = program(*PLACE, "--flow", 10).out
    assert "D09" in shown
    assert "D10" not in shown
    assert "2 more, farther away" in shown
    assert "另有 2 处更远" in program(*PLACE, "--flow", 10, lang="zh").out
    assert len(asked(program, 10)["not_counted"]) == 12
