from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hydrant.integrity.policy_reader import load_policy
from hydrant.model.inputs import RequirementInput
from hydrant.model.tables import (
    Asset,
    Defect,
    Inspection,
    Lifecycle,
    Region,
    RegionSuccessor,
    Requirement,
)
from hydrant.report.integrity import IntegrityReport, assess
from hydrant.store.evidence.evidence import Cut, SensorPressure
from hydrant.store.evidence.sensor_facts import SensorFacts
from hydrant.store.file.migrate import create
from hydrant.store.ground.backend import one_row
from hydrant.store.opened import versions
from hydrant.store.opened.registry import Registry, open_registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.regions.requirements import set_requirement
from tests.conftest import TWO_TOWNSHIPS, Program
from tests.report.histories import ZONE

ZHEJIANG = load_policy("zhejiang")
DAY = dt.date(2024, 6, 30)


def at(days_before: int, hour: int = 12) -> dt.datetime:
    day = DAY - dt.timedelta(days=days_before)
    return dt.datetime.combine(day, dt.time(hour), ZONE).astimezone(dt.UTC)


def report(registry: Registry, day: dt.date = DAY, **options: Any) -> IntegrityReport:
    return assess(registry, Cut(day, registry.zone), ZHEJIANG, **options)


def regions(registry: Registry, *codes: tuple[str, str, str | None]) -> None:
    with transaction(registry, actor="t", origin="t") as writer:
        for code, level, parent in codes:
            writer.add(Region(code=code, level=level, parent_code=parent, name_en=code))


def hydrants(registry: Registry, region: str, count: int, outcome: str | None = None) -> list[str]:
    made = [
        Asset(kind="hydrant.pillar", geom=(120.0, 30.0), region_code=region) for _ in range(count)
    ]
    with transaction(registry, actor="t", origin="t") as writer:
        for asset in made:
            writer.add(asset)
        writer.flush()
        for asset in made:
            if outcome is not None:
                writer.add(Inspection(asset_uid=asset.uid, outcome=outcome, at=at(10)))
    return [asset.uid for asset in made]


def require(registry: Registry, region: str, count: int, kind: str = "hydrant") -> None:
    with transaction(registry, actor="t", origin="t") as writer:
        entered = RequirementInput(region_code=region, kind=kind, count=count)
        set_requirement(writer, entered, since=at(1000))


def test_maoming(registry: Registry) -> None:
    regions(registry, ("440900", "county", None))
    hydrants(registry, "440900", 328 - 109, "works")
    hydrants(registry, "440900", 109, "fails")
    require(registry, "440900", 667)
    total = report(registry).total
    assert total.completeness is not None
    assert (total.completeness.percent, total.completeness.shortfall) == (49.17, 339)
    assert total.working_order.percent == 66.76


def test_lucheng(registry: Registry) -> None:
    regions(registry, ("330302", "county", None))
    hydrants(registry, "330302", 1751 - 518, "works")
    hydrants(registry, "330302", 518, "not_found")
    assert report(registry).total.working_order.percent == 70.41


def test_xingguo_shape_names_the_seven(registry: Registry) -> None:
    towns = [f"360732{n:03d}" for n in range(1, 11)]
    regions(registry, ("360732", "county", None), *((town, "township", "360732") for town in towns))
    missing = dict(zip(towns, (4, 3, 3, 3, 3, 2, 2), strict=False))
    for town in towns:
        require(registry, town, 20)
        surplus = 20 if town == towns[-1] else 0
        hydrants(registry, town, 20 - missing.get(town, 0) + surplus, "works")
    found = report(registry, by="township")
    assert found.total.completeness is not None
    assert found.total.completeness.raw_percent == 100.0
    assert found.total.completeness.percent == 90.0
    short = [g.key for g in found.groups if g.completeness and g.completeness.shortfall]
    assert short == towns[:7]


def test_requirement_below_outranks_the_one_above(registry: Registry) -> None:
    regions(registry, ("A", "county", None), ("A1", "township", "A"), ("A2", "township", "A"))
    require(registry, "A", 30)
    assert _units(report(registry)) == (30, 0)
    require(registry, "A1", 10)
    found = report(registry)
    # A2 has no number of its own now; what A requires beyond A1 stays required
    assert _units(found) == (30, 1)
    assert found.disagreeing == ()
    require(registry, "A2", 20)
    found = report(registry)
    assert _units(found) == (30, 0)
    assert found.disagreeing == ()


def _units(found: IntegrityReport) -> tuple[int, int]:
    assert found.total.completeness is not None
    return found.total.completeness.required, found.total.completeness.units_without_requirement


def test_duty_cuts_have_no_completeness(registry: Registry) -> None:
    regions(registry, ("A", "county", None))
    hydrants(registry, "A", 2, "works")
    require(registry, "A", 2)
    (group,) = report(registry, by="maintainer").groups
    assert group.completeness is None
    assert group.key is None


def test_past_does_not_change_with_today(registry: Registry) -> None:
    regions(registry, ("A", "county", None), ("B", "county", None))
    (uid,) = hydrants(registry, "A", 1, "works")
    before = report(registry)
    asset = registry.session.get_one(Asset, 1)
    assert asset.uid == uid
    with transaction(registry, actor="t", origin="t") as writer:
        versions.revise(writer, asset, since=at(-40), region_code="B", geom=(121.0, 29.0))
    after = report(registry)
    assert [(g.key, g.working_order) for g in after.groups] == [
        (g.key, g.working_order) for g in before.groups
    ]
    later = report(registry, DAY + dt.timedelta(days=60))
    assert [g.key for g in later.groups] == ["B"]


def test_known_at_repeats_an_old_report(registry: Registry) -> None:
    hydrants(registry, "A", 1, "works")
    registry.connection.execute("UPDATE inspection SET recorded_at = '2024-06-20T00:00:00.000Z'")
    registry.connection.execute("UPDATE asset SET recorded_at = '2024-06-01T00:00:00.000Z'")
    moment = dt.datetime(2024, 6, 10, tzinfo=dt.UTC)
    then = assess(registry, Cut(DAY, registry.zone, moment), ZHEJIANG).total.working_order
    assert (then.untested, then.intact) == (1, 0)
    moment = dt.datetime(2024, 6, 21, tzinfo=dt.UTC)
    then = assess(registry, Cut(DAY, registry.zone, moment), ZHEJIANG).total.working_order
    assert then.intact == 1


def test_freshness_counts_whole_local_days(registry: Registry) -> None:
    uids = hydrants(registry, "A", 2)
    with transaction(registry, actor="t", origin="t") as writer:
        writer.add(Inspection(asset_uid=uids[0], outcome="works", at=at(365, hour=0)))
        writer.add(Inspection(asset_uid=uids[1], outcome="works", at=at(366, hour=23)))
    order = report(registry).total.working_order
    assert (order.intact, order.stale) == (1, 1)


def test_a_pressure_that_nobody_can_date_is_not_this_quarters(registry: Registry) -> None:
    """A failing visit without a date takes effect when it was recorded; its values stay undated."""
    (uid,) = hydrants(registry, "A", 1)
    with transaction(registry, actor="t", origin="t") as writer:
        writer.add(Inspection(asset_uid=uid, outcome="fails", static_kpa=300.0))
        later = writer.moment + dt.timedelta(hours=1)
        works = Inspection(
            asset_uid=uid, outcome="works", at=later, flow_l_s=20.0, residual_kpa=150.0
        )
        writer.add(works)
    day = (later + dt.timedelta(days=1)).astimezone(ZONE).date()
    order = assess(registry, Cut(day, registry.zone), load_policy("gb")).total.working_order
    assert (order.intact, order.stale) == (0, 1)
    low = SensorFacts([SensorPressure("another", "2024-06-29T00:00:00.000Z", low=True)])
    order = report(registry, day, facts=low).total.working_order
    assert order.intact == 1  # the plan's rules demand no pressure


def test_sensor_lowers_but_never_raises(registry: Registry) -> None:
    worked, untested = hydrants(registry, "A", 1, "works") + hydrants(registry, "A", 1)
    low = SensorPressure(worked, "2024-06-29T00:00:00.000Z", low=True)
    good = SensorPressure(untested, "2024-06-29T00:00:00.000Z", low=False)
    order = report(registry, facts=SensorFacts([low, good])).total.working_order
    assert (order.defective, order.untested, order.intact) == (1, 1, 0)


def test_retired_code_with_one_heir_is_resolved(registry: Registry) -> None:
    with transaction(registry, actor="t", origin="t") as writer:
        writer.add(Region(code="old", level="county", valid_until=at(100)))
        writer.add(Region(code="gone", level="county", valid_until=at(100)))
        writer.add(Region(code="new", level="county"))
        writer.add(RegionSuccessor(code="old", successor_code="new", at=at(100)))
        for heir in ("new", "other"):
            writer.add(RegionSuccessor(code="gone", successor_code=heir, at=at(100)))
    hydrants(registry, "old", 2, "works")
    hydrants(registry, "gone", 1, "works")
    found = report(registry)
    assert [(g.key, g.working_order.existing) for g in found.groups] == [("gone", 1), ("new", 2)]
    assert found.split == (("gone", 1),)
    earlier = report(registry, DAY - dt.timedelta(days=200))
    assert [g.key for g in earlier.groups] == ["gone", "old"]


EVENTS = ["planned", "commissioned", "suspended", "resumed", "relocated", "removed"]
OUTCOMES = ["works", "fails", "not_found", "not_testable"]
days = st.integers(-30, 800)
visit = st.fixed_dictionaries(
    {
        "outcome": st.sampled_from(OUTCOMES),
        "days": st.none() | days,
        "static_kpa": st.none() | st.sampled_from([100.0, 139.9, 140.0, 300.0]),
        "flow_l_s": st.none() | st.sampled_from([10.0, 15.0, 20.0]),
        "residual_kpa": st.none() | st.sampled_from([50.0, 100.0, 200.0]),
        "lift_m": st.none() | st.sampled_from([5.0, 6.0, 6.5]),
    }
)
fault = st.fixed_dictionaries(
    {
        "severity": st.sampled_from(["blocking", "anomaly"]),
        "state": st.sampled_from(["confirmed", "proposed"]),
        "found": st.none() | days,
        "lasts": st.none() | st.integers(0, 300),
    }
)
asset = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["hydrant.pillar", "intake.river", "tank", "hydrant"]),
        "service": st.sampled_from(["municipal", "rural", "private"]),
        "region": st.none() | st.sampled_from(["C", "T1", "T2", "V"]),
        "lift": st.none() | st.sampled_from([5.0, 7.0]),
        "lane": st.none() | st.booleans(),
        "visits": st.lists(visit, max_size=4),
        "faults": st.lists(fault, max_size=2),
        "events": st.lists(st.tuples(st.sampled_from(EVENTS), st.none() | days), max_size=3),
        "moved": st.none() | days,
    }
)


#: A county with two townships, of which one has a village.
PARENTS = {"C": None, "T1": "C", "T2": "C", "V": "T1"}
LEVELS = {"C": "county", "T1": "township", "T2": "township", "V": "village"}


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with the regions alone, to be copied."""
    path: Path = tmp_path_factory.mktemp("integrity") / "blank.gpkg"
    create(path, settings={"policy": "zhejiang", "zone": "Asia/Shanghai"})
    with (
        open_registry(path, write=True) as registry,
        transaction(registry, actor="t", origin="t") as writer,
    ):
        for code, parent in PARENTS.items():
            writer.add(Region(code=code, level=LEVELS[code], parent_code=parent))
    return path


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(
    st.lists(asset, min_size=1, max_size=5),
    st.sampled_from(["outcome", "lower", "defect"]),
    st.integers(0, 4),
)
def test_bad_news_never_raises_a_rate(
    blank: Path, described: list[dict[str, Any]], news: str, which: int
) -> None:
    """A worse outcome, a lower measurement or a blocking defect, recorded today."""
    path = blank.with_name("worse.gpkg")
    shutil.copyfile(blank, path)
    with open_registry(path, write=True) as registry:
        with transaction(registry, actor="t", origin="t") as writer:
            for entry in described:
                _write(writer, entry)
        before = report(registry).total.working_order
        uid = one_row(
            registry.connection.execute(
                "SELECT uid FROM asset ORDER BY fid LIMIT 1 OFFSET ?", (which % len(described),)
            )
        )[0]
        worse = {
            "outcome": Inspection(asset_uid=uid, outcome="fails", at=at(0, 20)),
            "lower": Inspection(asset_uid=uid, outcome="not_testable", static_kpa=10.0,
                                at=at(0, 20)),
            "defect": Defect(asset_uid=uid, code="x", severity="blocking", found_at=at(0, 20)),
        }[news]  # fmt: skip
        with transaction(registry, actor="t", origin="t") as writer:
            writer.add(worse)
        after = report(registry).total.working_order
    assert after.existing == before.existing
    assert after.intact <= before.intact
    assert after.defective >= before.defective


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(["T1", "T2"]), max_size=8), st.integers(0, 4), st.integers(0, 4))
def test_splitting_a_requirement_never_raises_completeness(
    blank: Path, places: list[str], first: int, second: int
) -> None:
    rates = []
    for stated in ({"C": first + second}, {"T1": first, "T2": second}):
        path = blank.with_name("split.gpkg")
        shutil.copyfile(blank, path)
        with open_registry(path, write=True) as registry:
            with transaction(registry, actor="t", origin="t") as writer:
                for place in places:
                    writer.add(Asset(kind="hydrant", geom=(120.0, 30.0), region_code=place))
                for region, count in stated.items():
                    writer.add(Requirement(region_code=region, kind="hydrant", count=count))
            found = report(registry).total.completeness
            assert found is not None
            rates.append(found.met)
    assert rates[1] <= rates[0]


def _write(writer: Any, entry: dict[str, Any]) -> None:
    made = Asset(
        kind=entry["kind"],
        service=entry["service"],
        geom=(120.0, 30.0),
        region_code=entry["region"],
        lift_drought_m=entry["lift"],
        access_lane=entry["lane"],
        turning_area=True,
    )
    writer.add(made)
    writer.flush()
    for row in entry["visits"]:
        when = None if row["days"] is None else at(row["days"])
        measured = {k: v for k, v in row.items() if k not in ("days", "outcome")}
        writer.add(Inspection(asset_uid=made.uid, outcome=row["outcome"], at=when, **measured))
    for row in entry["faults"]:
        found = None if row["found"] is None else at(row["found"])
        cleared = None
        if row["lasts"] is not None and row["found"] is not None:
            cleared = at(row["found"] - row["lasts"])
        writer.add(
            Defect(
                asset_uid=made.uid,
                code="x",
                severity=row["severity"],
                state=row["state"],
                found_at=found,
                cleared_at=cleared,
            )
        )
    for event, when in entry["events"]:
        writer.add(
            Lifecycle(asset_uid=made.uid, event=event, at=None if when is None else at(when))
        )
    writer.flush()
    if entry["moved"] is not None:
        versions.revise(
            writer, made, since=at(entry["moved"]), service="municipal", kind="hydrant.wall"
        )
        writer.flush()


def test_a_bare_bank_is_told_and_not_built(program: Program, tmp_path: Path) -> None:
    listed = tmp_path / "regions.csv"
    listed.write_text(TWO_TOWNSHIPS, "utf-8")
    program.data("region", "import", listed)
    program.data("require", "set", "330199001", "intake", 2, "--from", "2020-01-01")
    for code, structure in (("BARE", "none"), ("DECK", "platform")):
        where = ("--lon", 120, "--lat", 30, "--crs", "cgcs2000", "--region", "330199001")
        program.data(
            "asset", "add", code, "--kind", "intake.river", *where, "--structure", structure
        )
        program.data("survey", "record", code, "--outcome", "works")
    data = program.data("integrity", "330199")
    assert data["total"]["working_order"]["intact"] == 2
    assert (data["total"]["completeness"]["met"], data["not_built"]) == (1, 1)
    assert [program.data("explain", code)["built"] for code in ("BARE", "DECK")] == [False, True]
    for lang, word in (("en", "counts as built nowhere"), ("zh", "不计入已建")):
        assert word in program("explain", "BARE", lang=lang).out
        assert word not in program("explain", "DECK", lang=lang).out
        shown = program("integrity", "330199", lang=lang).out
        assert {"en": "Bare banks", "zh": "不计入已建"}[lang] in shown
