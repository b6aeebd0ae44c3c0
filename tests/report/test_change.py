"""Figures over time: past reports stand still, changes are named, saved results are repeated."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant import times
from hydrant.errors import CommandLineError
from hydrant.report.change import Step, compare, dates
from hydrant.report.integrity import assess
from hydrant.store.evidence.evidence import Cut
from hydrant.store.opened import versions
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.transactions import transaction
from tests.conftest import Program
from tests.report.test_integrity import DAY, ZHEJIANG, at, hydrants, regions


@given(
    st.dates(dt.date(2000, 1, 1), dt.date(2030, 1, 1)),
    st.integers(0, 300),
    st.sampled_from(Step),
)
def test_dates_ascend_and_end_with_the_last(first: dt.date, span: int, step: Step) -> None:
    last = first + dt.timedelta(days=span)
    found = dates(first, last, step)
    assert found == sorted(set(found))
    assert found[-1] == last
    assert all(first <= day <= last for day in found)


def test_dates_are_ends_of_their_periods() -> None:
    found = dates(dt.date(2025, 1, 15), dt.date(2025, 12, 31), Step.QUARTER)
    assert [day.isoformat() for day in found] == [
        "2025-03-31",
        "2025-06-30",
        "2025-09-30",
        "2025-12-31",
    ]
    with pytest.raises(CommandLineError):
        dates(dt.date(2025, 1, 2), dt.date(2025, 1, 1), Step.DAY)


def test_comparison_names_every_change_and_why(registry: Registry) -> None:
    from hydrant.model.tables import Asset, Inspection, Lifecycle  # noqa: PLC0415

    regions(registry, ("A", "county", None), ("B", "county", None))
    broken, moved, kept = hydrants(registry, "A", 3, "works")
    with transaction(registry, actor="t", origin="t") as writer:
        writer.add(Inspection(asset_uid=broken, outcome="fails", at=at(-10)))
        asset = writer.session.get(Asset, 2)
        assert asset is not None
        moved = asset.uid
        versions.revise(writer, asset, since=at(-5), region_code="B")
        new = Asset(kind="hydrant", geom=(120.0, 30.0), region_code="A")
        writer.add(new)
        writer.flush()
        writer.add(Lifecycle(asset_uid=new.uid, event="commissioned", at=at(-3)))
    later = DAY + dt.timedelta(days=20)
    cuts = Cut(DAY, registry.zone), Cut(later, registry.zone)
    found = compare(registry, cuts, ZHEJIANG, region=None, kind=None)
    told = {changed.known.uid: changed.kinds_of_change for changed in found.changed}
    assert told == {broken: ("condition",), moved: ("region",), new.uid: ("appeared",)}
    assert kept not in told
    within = compare(registry, cuts, ZHEJIANG, region="A", kind=None)
    assert {c.known.uid: c.kinds_of_change for c in within.changed}[moved] == ("gone",)


def test_what_was_recorded_later_was_not_known(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A defect cleared, a value corrected, a requirement ended: all of it is undone."""
    from hydrant.model.tables import Asset, Defect  # noqa: PLC0415

    regions(registry, ("A", "county", None))
    (uid,) = hydrants(registry, "A", 1, "works")
    with transaction(registry, actor="t", origin="t") as writer:
        writer.add(Defect(asset_uid=uid, code="damaged", severity="blocking", found_at=at(5)))
    known = dt.datetime.now(dt.UTC)
    before = assess(registry, Cut(DAY, registry.zone, known), ZHEJIANG)
    # what is recorded next is later by its own stamp, however this machine's clock is set meanwhile
    monkeypatch.setattr(times, "now", lambda: known + dt.timedelta(seconds=1))
    with transaction(registry, actor="t", origin="t") as writer:
        fault = writer.session.get(Defect, 1)
        asset = writer.session.get(Asset, 1)
        assert fault is not None
        assert asset is not None
        # dated back: the report of the past changes, what was known of it does not
        writer.update(fault, cleared_at=at(2))
        versions.revise(writer, asset, since=None, kind="crane")
    now = assess(registry, Cut(DAY, registry.zone), ZHEJIANG, by="kind")
    assert [(g.key, g.working_order.intact) for g in now.groups] == [("crane", 1)]
    after = assess(registry, Cut(DAY, registry.zone, known), ZHEJIANG)
    assert (after.total, after.groups) == (before.total, before.groups)
    assert after.total.working_order.defective == 1
    # and nothing is left behind
    again = assess(registry, Cut(DAY, registry.zone), ZHEJIANG, by="kind")
    assert again.groups == now.groups


@pytest.mark.file_only
def test_saved_results_are_repeated(program: Program) -> None:
    program.data("asset", "add", "A1", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.2,
                 "--crs", "wgs84")  # fmt: skip
    saved = program.data("integrity", "--save", "--by", "kind")["assessment"]
    program.data("survey", "record", "A1", "--outcome", "works")
    (found,) = program.data("assessment", "verify")["assessments"]
    assert (found["uid"], found["state"]) == (saved["uid"], "equal")
    assert len(program.data("assessment", "list")["assessments"]) == 1
    import sqlite3  # noqa: PLC0415

    with sqlite3.connect(program.db) as other:
        other.execute("UPDATE assessment SET figures = replace(figures, '\"existing\":1', "
                      "'\"existing\":2')")  # fmt: skip
    other.close()
    ran = program("assessment", "verify", saved["uid"])
    assert ran.code == 1
    assert "do not fit their digest" in ran.out
    assert program("assessment", "verify", "nowhere").code == 3


def test_trend_and_compare_as_commands(program: Program) -> None:
    program.data("asset", "add", "A1", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.2,
                 "--crs", "wgs84", "--built", "2025-02-10")  # fmt: skip
    program.data("survey", "record", "A1", "--outcome", "works", "--at", "2025-03-10")
    program.data("survey", "record", "A1", "--outcome", "fails", "--at", "2025-05-10")
    span = ("--from", "2025-01-01", "--to", "2025-06-30")
    found = program.data("trend", *span)["dates"]
    assert [row["working_order"]["intact"] for row in found] == [0, 0, 1, 1, 0, 0]
    assert [row["working_order"]["existing"] for row in found] == [0, 1, 1, 1, 1, 1]
    for lang in ("zh", "en"):
        assert "2025-04-30" in program("trend", *span, lang=lang).out
    (changed,) = program.data("compare", "2025-04-30", "2025-05-31")["assets"]
    assert (changed["code"], changed["changes"]) == ("A1", ["condition"])
    assert changed["after"]["reason"] == "fails"
    assert "A1" in program("compare", "2025-04-30", "2025-05-31", lang="zh").out
    assert program("compare", "2025-05-31", "2025-04-30").code == 2
    assert program("trend", "--from", "2025-07-01", "--to", "2025-06-30").code == 2


def test_explanation_adds_up(program: Program) -> None:
    for number, outcome in enumerate(("works", "works", "fails", None)):
        program.data("asset", "add", f"A{number}", "--kind", "hydrant", "--lon", 120.1, "--lat",
                     30.2 + number / 100, "--crs", "wgs84")  # fmt: skip
        if outcome is not None:
            program.data("survey", "record", f"A{number}", "--outcome", outcome)
    order = program.data("integrity", "--explain")["explanation"]["working_order"]
    assert (order["numerator"], order["denominator"]) == (2, 4)
    assert sum(part["count"] for part in order["parts"]) == 4
    assert {a["code"] for part in order["parts"] for a in part["assets"]} == {
        "A0",
        "A1",
        "A2",
        "A3",
    }
    shown = program("integrity", "--explain").out
    assert "Working order = 2 ÷ 4" in shown
    assert "checks.function" in shown


def test_a_clock_set_back_is_told(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the second of two changes was known cannot be said where its stamp is the earlier."""

    def set_clock(hour: int) -> None:
        monkeypatch.setattr(times, "now", lambda: dt.datetime(2026, 5, 1, hour, tzinfo=dt.UTC))

    set_clock(8)
    program.data("asset", "add", "A1", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.2,
                 "--crs", "wgs84")  # fmt: skip
    set_clock(12)
    program.data("asset", "edit", "A1", "--owner", "ahead")
    set_clock(10)
    program.data("asset", "edit", "A1", "--correct", "--builder", "put right")
    asking = ("integrity", "todo", "compare 2026-04-01", "explain A1", "trend --from 2026-04-01")
    for command in asking:
        for known, told in (("07:00", 0), ("09:00", 0), ("11:00", 1), ("13:00", 0)):
            ran = program(*command.split(), "--known-at", f"2026-05-01T{known}Z", "--json")
            notes = [m for m in ran.json["messages"] if m["key"] == "cli_cuts.set_back"]
            assert len(notes) == told, (command, known)
            # the correction changed the row of today and the one before it
            assert all(note["text"].startswith("2 changes") for note in notes)
