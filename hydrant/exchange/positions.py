"""Where the rows of a table lie, how accurately that is known, and why some lie nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.cells import Problem
from hydrant.exchange.placing_rules import Placing
from hydrant.exchange.table import Drawn, Table
from hydrant.geo import datum
from hydrant.geo.distance import metres_apart
from hydrant.geo.systems import contradict

Numbers = npt.NDArray[np.float64]
#: An area or line whose corners are nearer to its place than this stands for a point, m.
NO_EXTENT_M = 100.0
#: Words of headings that name an axis, in small letters.
_NORTH = {"n", "north", "northing", "nord", "nordwert", "hochwert", "lat", "latitude", "breite",
          "北", "北坐标", "纵坐标", "纬度", "緯度"}  # fmt: skip
_EAST = {"e", "east", "easting", "ost", "ostwert", "rechtswert", "lon", "lng", "long", "longitude",
         "länge", "东", "东坐标", "横坐标", "经度", "經度"}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Positions:
    """Positions of rows in EPSG:4490.

    Attributes
    ----------
    lons, lats
        Degrees, shape (n,); NaN where there is none.
    xs, ys
        Coordinates as stated, x east.
    assumed
        Whether nobody said what the degrees refer to.
    accuracy_m
        Metres, shape (n,); NaN where it is not known.
    overruled
        System that the file states, where somebody states another one, which counts.
    operations
        Operations between datums that were used: for how many rows, and accurate to how many m.
    """

    lons: Any
    lats: Any
    xs: Any
    ys: Any
    crs: datum.Crs
    assumed: bool
    accuracy_m: Any
    overruled: str | None = None
    operations: dict[str, tuple[int, float | None]] = field(default_factory=dict)


def placed(
    table: Table,
    stated: tuple[Any, Any],
    placing: Placing,
    drawn: Mapping[int, Drawn],
    problems: dict[int, Problem],
    kept: list[int],
) -> Positions:
    """Positions of rows; why a row has none is added to its problems.

    Parameters
    ----------
    stated
        x and y of each row as the file has them; NaN where it has none.
    drawn
        What stands there instead of points.

    Raises
    ------
    InputRefused
        Nobody says what degrees inside China refer to, or no row can be placed for want of an
        operation between datums.
    """
    x, y = (np.array(axis, float) for axis in stated)
    if placing.axes == "ne":
        x, y = y, x
    word = placing.crs or table.crs
    if word is None:
        _require_datum(x, y, kept)
    system = datum.stated_by(word) if word else datum.parse_crs("wgs84")
    _check_stated(x, y, system, problems)
    if system.degrees and placing.axes is None:
        _refuse_turned(x, y, problems)
    for row, shape in drawn.items():
        if not shape.box:
            why = Phrase(f"exchange.why_drawn_{shape.word}")
            problems.setdefault(row, Problem("position", "", why))
    for row in np.flatnonzero(~(np.isfinite(x) & np.isfinite(y))).tolist():
        # a file's own geometry may say "NaN", which no comparison with a limit refuses
        stands = f"{x[row]:g} {y[row]:g}"
        why = Phrase("exchange.why_not_finite", {"value": stands})
        problems.setdefault(row, Problem("position", stands, why))
    assumed = word is None and table.prescribed is None
    lons, lats, accuracy_m = (np.full(len(x), np.nan) for _ in range(3))
    found = Positions(
        lons=lons, lats=lats, xs=x, ys=y, crs=system, assumed=assumed, accuracy_m=accuracy_m
    )
    if placing.crs and table.crs and contradict(placing.crs, table.crs):
        found.overruled = datum.stated_by(table.crs).stored
    good = np.array([row not in problems for row in range(len(x))], bool)
    _place(found, np.flatnonzero(good), problems)
    _extents(found, placing, drawn, problems)
    return found


def _place(found: Positions, rows: Any, problems: dict[int, Problem]) -> None:
    """Place rows that nothing speaks against so far."""
    if not len(rows):
        return
    x, y, system = found.xs[rows], found.ys[rows], found.crs
    made = datum.placed(x, y, system)
    found.lons[rows], found.lats[rows] = made.lons, made.lats
    found.accuracy_m[rows] = made.accuracy_m
    found.operations = made.operations
    misfits = datum.misfits(x, y, system, made)
    for place, key in misfits.items():
        _problem(found, problems, int(rows[place]), key)
    nowhere = np.flatnonzero(np.isnan(made.lons))
    if len(nowhere) == len(rows) and len(misfits) < len(rows):
        raise datum.refusal_here(float(x[nowhere[0]]), float(y[nowhere[0]]), system)
    for place in nowhere.tolist():
        error = datum.refusal_here(float(x[place]), float(y[place]), system)
        why = Phrase(error.key, error.facts)
        problems.setdefault(int(rows[place]), Problem("position", "", why))
    lost = ~((np.abs(found.lons) <= 180) & (np.abs(found.lats) <= 90))
    for row in rows[lost[rows]].tolist():
        _problem(found, problems, row, "geo.not_degrees")


def _extents(
    found: Positions,
    placing: Placing,
    drawn: Mapping[int, Drawn],
    problems: dict[int, Problem],
) -> None:
    """Refuse what is drawn as no point and no rule allows; else its extent is its accuracy."""
    for row, shape in drawn.items():
        if row in problems:
            continue
        reach_m = _reach_m(found, row, shape, turned=placing.axes == "ne")
        allowed = {"area": placing.areas, "line": placing.lines}.get(shape.word)
        small = shape.word == "area" and reach_m <= NO_EXTENT_M
        if not (allowed or small):
            why = Phrase(f"exchange.why_drawn_{shape.word}", {"metres": round(reach_m)})
            problems.setdefault(row, Problem("position", "", why))
        found.accuracy_m[row] = np.nan_to_num(found.accuracy_m[row]) + reach_m


def _reach_m(found: Positions, row: int, shape: Drawn, *, turned: bool) -> float:
    """Metres from a row's place to the farthest corner of what is drawn there."""
    x, y = np.array(shape.box, float).T
    corners = datum.placed(*((y, x) if turned else (x, y)), found.crs)
    away = metres_apart(found.lons[row], found.lats[row], corners.lons, corners.lats)
    return float(np.nan_to_num(away, nan=np.inf).max())


def require_order(table: Table, x: str, y: str, placing: Placing) -> None:
    """Refuse columns whose headings say that x is north and y is east, unless it is stated.

    Raises
    ------
    InputRefused
        See above.
    """
    if placing.axes is None and _says(x, _NORTH) and _says(y, _EAST):
        raise InputRefused("geo.axes_named", file=table.file, x=x, y=y)


def _says(heading: str, words: Iterable[str]) -> bool:
    plain = heading.strip().lower()
    return any(part in words for part in (plain, *plain.replace("(", " ").split()[:1]))


def _require_datum(x: Any, y: Any, kept: list[int]) -> None:
    rows = np.array(kept, int)
    box = datum.CHINA
    inside = (x[rows] >= box[0]) & (x[rows] <= box[2]) & (y[rows] >= box[1]) & (y[rows] <= box[3])
    if inside.any():
        row = int(rows[np.flatnonzero(inside)[0]])
        raise InputRefused("geo.no_datum", x=float(x[row]), y=float(y[row]))


def _check_stated(x: Any, y: Any, system: datum.Crs, problems: dict[int, Problem]) -> None:
    """Find numbers that their own system excludes."""
    zero = (x == 0) & (y == 0)
    for row in np.flatnonzero(zero).tolist():
        facts = {"x": float(x[row]), "y": float(y[row]), "crs": system.name}
        problems.setdefault(row, Problem("position", "", Phrase("geo.zero", facts)))
    if system.degrees:
        outside = ~((np.abs(x) <= 180) & (np.abs(y) <= 90)) & ~np.isnan(x)
        for row in np.flatnonzero(outside).tolist():
            key = datum.impossible_degrees(float(x[row]), float(y[row])) or "geo.not_degrees"
            facts = {"x": float(x[row]), "y": float(y[row]), "crs": system.name}
            problems.setdefault(row, Problem("position", "", Phrase(key, facts)))
        return
    for number in np.unique(x[np.isfinite(x) & ~zero] // datum.ZONE_UNIT):
        easting = float((number + 0.5) * datum.ZONE_UNIT)
        better = datum.other_form(easting, system.epsg)
        if better is not None:
            for row in np.flatnonzero(x // datum.ZONE_UNIT == number).tolist():
                facts = {"x": float(x[row]), "crs": system.name, "better": f"EPSG:{better}"}
                why = Phrase("geo.zone_form", facts)
                problems.setdefault(row, Problem("x", str(x[row]), why))


def _refuse_turned(x: Numbers, y: Numbers, problems: dict[int, Problem]) -> None:
    """Refuse degrees that lie in the Arctic Ocean, and the other way round in China."""
    west, south, east, north = datum.CHINA
    turned = (y >= west) & (y <= east) & (x >= south) & (x <= north)
    for row in np.flatnonzero(turned).tolist():
        facts = {"x": float(x[row]), "y": float(y[row])}
        problems.setdefault(row, Problem("position", "", Phrase("geo.swapped_china", facts)))


def _problem(found: Positions, problems: dict[int, Problem], row: int, key: str) -> None:
    facts = {"x": float(found.xs[row]), "y": float(found.ys[row]), "crs": found.crs.name}
    problems.setdefault(row, Problem("position", "", Phrase(key, facts)))
