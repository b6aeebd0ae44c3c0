"""A water company's register that is delivered again and again, as ``hydrant import`` takes it.

What its visits must come to is told once more here, from the page on counting alone: by row and
local day, the last issue that spoke of it.
"""

from __future__ import annotations

import datetime as dt
import gc
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from sqlmodel import select

from hydrant.exchange.importing import import_table
from hydrant.exchange.outcome import Options
from hydrant.exchange.own_mapping import own_mapping
from hydrant.exchange.readers import read_table
from hydrant.model.tables import Inspection
from hydrant.store.facts.withdrawing import withdraw
from hydrant.store.ground.backend import one_row
from hydrant.store.opened.transactions import transaction

if TYPE_CHECKING:
    from tests.report.histories import World

SOURCE = "company"
COLUMNS = "code,kind,lon,lat,region,outcome,at,static_kpa,flow_l_s,residual_kpa"
BAD = ("fails", "not_found")
MEASURED = ("static_kpa", "flow_l_s", "residual_kpa")
#: Static, flow and residual pressure of a row.
VALUES: tuple[tuple[float | None, ...], ...] = (
    (None, None, None),
    (300.0, None, None),
    (90.0, None, None),
    (300.0, 31.0, 150.0),
)
OUTCOMES = ("works", "works", "works", "fails", "not_found", "not_testable", "")
#: Latitudes at which a row may put its asset: two on one spot, one elsewhere.
PLACES = (30.05, 30.0501, 30.06)


def operations(dated: Any) -> tuple[Any, ...]:
    """An issue of the register, or a visit of it withdrawn; `dated` draws moments."""
    row = st.tuples(
        st.integers(0, 2),
        st.sampled_from((0, 0, 0, 1, 2)),
        st.sampled_from(("T1", "V1", "T2")),
        st.sampled_from(OUTCOMES),
        dated,
        st.sampled_from(VALUES),
    )
    rows = st.lists(row, min_size=1, max_size=3, unique_by=lambda one: one[0])
    days = st.sampled_from((10, 10, 100, 100, 30))
    again = st.lists(
        st.tuples(
            st.integers(0, 1), st.just(0), st.just("T1"), st.sampled_from(OUTCOMES),
            st.tuples(days, st.just(0)), st.sampled_from(VALUES),
        ),
        min_size=1, max_size=2, unique_by=lambda one: one[0],
    )  # fmt: skip
    return (
        st.tuples(st.just("deliver"), rows),
        st.tuples(st.just("deliver"), again),
        st.tuples(st.just("deliver"), again),
        st.tuples(st.just("take_back"), st.integers(0, 7)),
    )


@dataclass
class Visit:
    """A visit as the register told of it last."""

    outcome: str
    values: tuple[float | None, ...]
    withdrawn: bool = False

    def same(self, outcome: str, values: tuple[float | None, ...]) -> bool:
        """Whether a row tells of just this."""
        return (self.outcome, self.values) == (outcome, values)


@dataclass
class Register:
    """What a register has told so far: visits by code and local day, and whose assets are whose."""

    visits: dict[tuple[str, dt.date], list[Visit]] = field(default_factory=dict)
    assets: dict[str, str] = field(default_factory=dict)

    def tell(self, code: str, day: dt.date, outcome: str, values: tuple[float | None, ...]) -> None:
        """Take in what a row says of a day."""
        said, silent = outcome or "not_testable", not outcome
        nothing = silent and values == (None,) * len(values)
        visits = self.visits.setdefault((code, day), [])
        live = [visit for visit in visits if not visit.withdrawn]
        if live and not (nothing and live[-1].outcome != "works"):
            # silence takes no failure back
            kept = silent and live[-1].outcome in BAD
            live[-1].outcome = live[-1].outcome if kept else said
            live[-1].values = values
        elif not live and not nothing and not any(visit.same(said, values) for visit in visits):
            visits.append(Visit(said, values))


def deliver(world: World, rows: list[tuple[Any, ...]]) -> None:
    """Import an issue of the register; a row is a code, a place, a region and a visit."""
    now, told, lines = world.clock(), [], [COLUMNS]
    for number, place, region, outcome, dated, values in rows:
        day = world.moment(dated).astimezone(world.registry.zone).date()
        if world.moment(dated) >= now:
            continue
        code, where = f"R{number}", (f"{120.05 + number / 100}", f"{PLACES[place]}")
        cells = ["" if value is None else f"{value}" for value in values]
        lines.append(",".join([code, "hydrant.pillar", *where, region, outcome, f"{day}", *cells]))
        told.append((code, day, outcome, values))
    if not told:
        return
    registry = world.registry
    registry.session.commit()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "register.csv"
        path.write_text("\n".join([*lines, ""]), "utf-8")
        table = read_table(path)
        options = Options(crs="cgcs2000", source=SOURCE)
        mapping = own_mapping(list(table.columns))
        outcome = import_table(registry, path, table, mapping, options, actor="t")
    gc.unfreeze()  # an import may run once in a process, this runs thousands of times
    assert outcome.written, outcome.problems
    registry.session.expire_all()
    for one in told:
        world.register.tell(*one)
    _note_assets(world)


def _note_assets(world: World) -> None:
    for fid, uid, code in world.registry.connection.execute(
        "SELECT fid, uid, code FROM asset WHERE source = ?", (SOURCE,)
    ):
        if code not in world.register.assets:
            world.register.assets[code] = uid
            world.assets.append(fid)


def take_back(world: World, number: int) -> None:
    """Withdraw a visit of the register by hand."""
    registry = world.registry
    query = select(Inspection).where(Inspection.source == SOURCE).order_by("fid")
    rows = [row for row in registry.session.exec(query) if row.withdrawn_at is None]
    if not rows:
        return
    row = rows[number % len(rows)]
    with transaction(registry, actor="t", origin="t") as writer:
        withdraw(writer, row, "t")
    day = row.at.astimezone(registry.zone).date() if row.at else None
    for code, uid in world.register.assets.items():
        if uid == row.asset_uid and day is not None:
            for visit in world.register.visits.get((code, day), []):
                if visit.same(row.outcome, tuple(getattr(row, name) for name in MEASURED)):
                    visit.withdrawn = True


def visits_agree(world: World) -> None:
    """Visits of each row that only the register spoke of are those it told of last."""
    columns = ", ".join(("at", "outcome", "withdrawn_at", *MEASURED))
    for code, uid in world.register.assets.items():
        rows = world.registry.connection.execute(
            f"SELECT source, {columns} FROM inspection WHERE asset_uid = ?", (uid,)
        ).fetchall()
        merged = one_row(
            world.registry.connection.execute(
                "SELECT count(*) FROM asset_alias WHERE asset_uid = ? OR former_uid = ?", (uid, uid)
            )
        )[0]
        if merged or any(source != SOURCE for source, *_ in rows):
            continue
        found = sorted(
            (_day(at, world), outcome, withdrawn is not None, str(values))
            for _, at, outcome, withdrawn, *values in rows
        )
        assert found == sorted(
            (day, visit.outcome, visit.withdrawn, str([*visit.values]))
            for (of, day), visits in world.register.visits.items()
            if of == code
            for visit in visits
        )


def _day(at: Any, world: World) -> dt.date:
    moment = dt.datetime.fromisoformat(at) if isinstance(at, str) else at
    day: dt.date = moment.astimezone(world.registry.zone).date()
    return day


DOORS: dict[str, Any] = {"deliver": deliver, "take_back": take_back}

_NOTHING = (None, None, None)
_LOW = (90.0, None, None)


def _row(outcome: str, values: tuple[float | None, ...], day: int = 10) -> tuple[Any, ...]:
    """What an issue says of the first asset."""
    return (0, 0, "T1", outcome, (day, 0), values)


#: Issues that follow each other a day apart, and what was withdrawn by hand between them.
SEQUELS: tuple[tuple[tuple[Any, ...], ...], ...] = (
    # what was withdrawn stays so, however often the register says it again
    *(
        (
            ("deliver", [_row(outcome, values)]),
            ("take_back", 0),
            ("deliver", [_row(outcome, values)]),
            ("deliver", [_row(outcome, values), (1, 0, "T1", "works", (10, 0), _NOTHING)]),
        )
        for outcome, values in (("works", _NOTHING), ("works", _LOW), ("fails", _NOTHING))
    ),
    # also where it spoke of another day in between, or said otherwise and that was withdrawn, too
    *(
        (
            ("deliver", [_row(outcome, values)]),
            ("take_back", 0),
            ("deliver", [_row(*between)]),
            *after,
            ("deliver", [_row(outcome, values)]),
        )
        for outcome, values in (("works", _NOTHING), ("works", _LOW), ("fails", _NOTHING))
        for between, *after in (
            (("works", _NOTHING, 30),),
            (("", _NOTHING, 30),),
            (("not_found", _LOW), ("take_back", 0)),
        )
    ),
    # but not what it says otherwise
    (
        ("deliver", [_row("works", _LOW)]),
        ("take_back", 0),
        ("deliver", [_row("works", _NOTHING)]),
        ("deliver", [_row("fails", _NOTHING)]),
    ),
    # a cell left empty takes back that it worked; neither a failure nor what was measured with it
    *(
        (("deliver", [_row(outcome, values)]), ("deliver", [_row("", later)]))
        for outcome in ("works", "fails", "not_found", "not_testable")
        for values in (_NOTHING, _LOW)
        for later in (_NOTHING, _LOW, (300.0, None, None))
    ),
    # nor what failed on another day
    (
        ("deliver", [_row("fails", _LOW, 100)]),
        ("deliver", [_row("works", _NOTHING, 30)]),
        ("deliver", [_row("", _NOTHING, 30)]),
        ("deliver", [_row("", _NOTHING, 100)]),
    ),
)
