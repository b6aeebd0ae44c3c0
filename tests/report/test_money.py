"""Money: sums are exact, what nobody stated is never zero, and the gap stands beside them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hydrant import times
from hydrant.model.tables import Asset, Defect, Lifecycle
from hydrant.report.money import DIMENSIONS, ledger, totals
from hydrant.store.opened.registry import open_registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.views.spending import Spending
from tests.conftest import TWO_TOWNSHIPS, Program
from tests.contracts.test_json import held


def day(text: str | None) -> dt.datetime | None:
    """A local day in Asia/Shanghai; None stays None."""
    return None if text is None else times.start_of_day(dt.date.fromisoformat(text), times.zone())


@pytest.fixture
def county(program: Program, tmp_path: Path) -> Program:
    """Two townships; hydrants paid for by two sources over two years, and two repairs."""
    regions = tmp_path / "regions.csv"
    regions.write_text(TWO_TOWNSHIPS, "utf-8")
    program.data("region", "import", regions)
    with (
        open_registry(program.db, write=True) as registry,
        transaction(registry, actor="t", origin="t") as writer,
    ):
        for number, (region, kind, at, source, project, cost) in enumerate(EVENTS):
            asset = Asset(code=f"H{number}", kind=kind, region_code=region, geom=(120.1, 30.1))
            writer.add(asset)
            writer.flush()
            writer.add(Lifecycle(asset_uid=asset.uid, event="commissioned", at=day(at),
                                 funding=source, project=project, cost=cost))  # fmt: skip
        for cost, cleared, state in (
            (250.0, "2024-12-31", "confirmed"), (None, "2025-01-01", "confirmed"),
            (0.0, "2025-01-02", "confirmed"), (999.0, "2025-01-03", "rejected"),
            (888.0, None, "confirmed"),
        ):  # fmt: skip
            writer.add(Defect(asset_uid=asset.uid, code="leak", severity="anomaly", cost=cost,
                              state=state, cleared_at=day(cleared)))  # fmt: skip
        plan = Asset(code="PLAN", kind="hydrant", region_code="330199001", geom=(120.1, 30.1))
        writer.add(plan)
        writer.flush()
        writer.add(Lifecycle(asset_uid=plan.uid, event="planned", at=day("2025-05-01"), cost=7e4))
        writer.add(Asset(code="BARE", kind="hydrant", region_code="330199002", geom=(120.1, 30.1)))
    return program


EVENTS = (
    ("330199001", "hydrant.pillar", "2024-12-31", "County", "Ring", 0.1),
    ("330199001", "hydrant.pillar", "2025-01-01", "County", "Ring", 0.2),
    ("330199001", "hydrant.pillar", "2025-12-31", "County", "Ring", None),
    ("330199002", "intake.river", "2025-01-01", None, "Ring", 18500.07),
    ("330199002", "hydrant.pillar", None, "State", None, 12.5),
)


def found(program: Program, *words: object) -> dict[str, Any]:
    data = program.data("money", *words)
    held("money", data)
    return data


def test_a_row_for_every_source_project_and_year(county: Program) -> None:
    data = found(county)
    rows = {tuple(row[name] for name in DIMENSIONS): row for row in data["rows"]}
    assert list(rows) == [
        ("County", "Ring", 2024),
        (None, None, 2024),
        ("County", "Ring", 2025),
        (None, "Ring", 2025),
        (None, None, 2025),
        ("State", None, None),
    ]
    ring = rows["County", "Ring", 2025]
    assert (ring["events"], ring["events_cost"], ring["events_unstated"]) == (2, 0.2, 1)
    repairs = rows[None, None, 2025]
    assert (repairs["repairs"], repairs["repairs_cost"], repairs["repairs_unstated"]) == (2, 0.0, 1)
    assert (repairs["planned_cost"], repairs["cost"]) == (70000.0, 0.0)  # a plan is not spent
    total = data["total"]
    assert (total["cost"], total["events_cost"], total["repairs_cost"]) == (
        18762.87, 18512.87, 250.0
    )  # fmt: skip
    assert (total["events_unstated"], total["repairs_unstated"]) == (1, 1)
    assert data["assets_without_event"] == 1


@pytest.mark.parametrize("by", DIMENSIONS)
def test_every_way_of_summing_comes_to_the_same(county: Program, by: str) -> None:
    data = found(county, "--by", by)
    assert len({row[by] for row in data["rows"]}) == len(data["rows"])
    for name, value in data["total"].items():
        parts = [row[name] for row in data["rows"] if row[name] is not None]
        assert sum(map(Decimal, map(repr, parts))) == Decimal(repr(value)), name


def test_spans_regions_kinds_and_dates(county: Program) -> None:
    def events(*words: object) -> int:
        count: int = found(county, *words)["total"]["events"]
        return count

    assert events("--from", "2025-01-01", "--until", "2025-12-30") == 2
    assert events("--from", "2025-12-31", "--until", "2025-12-31") == 1
    assert found(county, "--from", "2000-01-01")["undated_left_out"] == 1
    assert events("330199001") == 3
    assert events("A") == 3
    assert events("--kind", "intake") == 1
    assert events("--as-of", "2024-12-31") == 2  # one of them has no date
    assert events("--known-at", "2000-01-01") == 0
    assert county("money", "--from", "2025-01-02", "--until", "2025-01-01").code == 2
    assert county("money", "--from", "2025-13-01").code == 3


def test_an_asset_counts_where_it_stood_and_a_repair_as_it_was_known(county: Program) -> None:
    before = times.to_text(times.now())
    county.data("asset", "edit", "H0", "--region", "330199002", "--from", "2025-06-01")
    county.data("defect", "clear", "H4", "leak", "--at", "2025-07-01", "--cost", 33)
    assert found(county, "330199001")["total"]["events"] == 2
    assert found(county, "330199001", "--as-of", "2025-05-31")["total"]["events"] == 2
    assert found(county, "330199001", "--as-of", "2024-12-31")["total"]["events"] == 1
    assert found(county, "330199001", "--known-at", before)["total"]["events"] == 3
    assert found(county)["total"]["repairs_cost"] == 283.0
    assert found(county, "--known-at", before)["total"]["repairs_cost"] == 250.0


def test_what_was_withdrawn_costs_nothing(county: Program) -> None:
    with (
        open_registry(county.db, write=True) as registry,
        transaction(registry, actor="t", origin="t") as writer,
    ):
        asset = Asset(code="W", kind="hydrant", geom=(120.1, 30.1))
        writer.add(asset)
        writer.flush()
        mistake: dict[str, Any] = {
            "withdrawn_at": times.now(),
            "withdrawn_by": "t",
            "withdrawn_why": "w",
        }
        writer.add(Lifecycle(asset_uid=asset.uid, event="commissioned", cost=1e6, **mistake))
        writer.add(Defect(asset_uid=asset.uid, code="leak", severity="anomaly", cost=1e6,
                          cleared_at=day("2025-01-01"), **mistake))  # fmt: skip
    assert found(county)["total"]["cost"] == 18762.87
    assert found(county)["assets_without_event"] == 2


def test_the_gap_is_that_of_the_to_do_list(county: Program) -> None:
    county.data("require", "set", "330199001", "hydrant", 5, "--from", "2020-01-01")
    prices = ("--cost", "build:hydrant=0.1", "--cost", "verify:hydrant=2.5")
    steps = county.data("todo", *prices)["distance"]
    gap = {step["work"]: step for step in found(county, *prices)["gap"]}
    for work, told in gap.items():
        mine = [step for step in steps if step["work"] == work]
        assert told["count"] == sum(step["count"] for step in mine)
        assert told["unpriced"] == sum(s["count"] for s in mine if s["unit_cost"] is None)
    assert gap["build"]["cost"] == 0.2
    assert gap["repair"]["cost"] is None
    assert gap["verify"]["unpriced"] == 1  # the intake
    ran = county("money", *prices, "--json")
    assert [m["key"] for m in ran.json["messages"]] == ["cli_money.unpriced"]
    assert county("money", "--cost", "build:hydrant=inf").code == 2


def test_both_languages_say_what_is_not_stated(county: Program) -> None:
    for lang, words in (
        ("en", ("not stated", "without a stated cost: 2", "18,762.87", "without a unit cost")),
        ("zh", ("未登记", "未登记费用的状态变化和维修：2 件", "18,762.87", "无单价")),
    ):
        ran = county("money", lang=lang)
        assert ran.code == 0
        assert all(word in ran.out for word in words), ran.out


def test_nothing_on_record(program: Program) -> None:
    data = found(program)
    assert (data["rows"], data["total"]["cost"]) == ([], None)
    assert program("money").code == 0


def test_one_repair_is_paid_once_and_nothing_is_a_price(program: Program) -> None:
    program.data("asset", "add", "A", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.1,
                 "--crs", "cgcs2000")  # fmt: skip
    with (
        open_registry(program.db, write=True) as registry,
        transaction(registry, actor="t", origin="t") as writer,
    ):
        uid = program.data("asset", "show", "A")["asset"]["uid"]
        for _ in range(2):
            writer.add(Defect(asset_uid=uid, code="leak", severity="anomaly", cost=5.0))
    program.data("defect", "clear", "A", "leak", "--cost", 0)
    costs = sorted(d["cost"] for d in program.data("defect", "list", "--all")["defects"])
    assert costs == [0.0, 5.0]


amounts = st.none() | st.integers(0, 10**9).map(lambda fen: fen / 100)
seconds = st.integers(631_152_000, 2_208_988_800)
entries = st.lists(
    st.builds(
        Spending,
        what=st.sampled_from(["commissioned", "planned", "removed", "repair"]),
        at=st.none() | seconds.map(lambda s: times.to_text(dt.datetime.fromtimestamp(s, dt.UTC))),
        source=st.none() | st.sampled_from(["a", "b"]),
        project=st.none() | st.sampled_from(["p", "q"]),
        cost=amounts,
        region=st.none(),
        kind=st.just("hydrant"),
    ),
    max_size=40,
)  # fmt: skip


@settings(suppress_health_check=list(HealthCheck))
@given(entries)
def test_sums_are_exact(told: list[Spending]) -> None:
    spent = [e.cost for e in told if e.what != "planned" and e.cost is not None]
    exact = sum(round(cost * 100) for cost in spent)
    assert totals(told)["cost"] == (exact / 100 if spent else None)
    for by in (DIMENSIONS, *((name,) for name in DIMENSIONS)):
        rows = ledger(told, times.zone(), by)
        assert sum(round((row["cost"] or 0) * 100) for row in rows) == exact
        assert sum(row["events"] + row["repairs"] + row["planned"] for row in rows) == len(told)
