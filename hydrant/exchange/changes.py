"""For rows that mean a known asset: which of its fields the file changes."""

from __future__ import annotations

from typing import Any

from hydrant.exchange.mapping import Mapping
from hydrant.exchange.matching import Matches
from hydrant.exchange.rows import SEPARATOR, ReadRows
from hydrant.exchange.visits import Decision, Visited, decide_visits, silent
from hydrant.model.inputs import AssetInput
from hydrant.model.tables import Asset
from hydrant.store.facts.assets import assets_by_uid
from hydrant.store.opened import bulk
from hydrant.store.opened.registry import Registry

#: Names of what changes besides the columns of an asset.
POSITION, INSPECTION, LIFECYCLE = "position", "inspection", "lifecycle"
#: Degrees that are one place, a tenth of a millimetre.
SAME_DEGREES = 1e-9


def changed_fields(
    registry: Registry,
    rows: ReadRows,
    mapping: Mapping,
    matches: Matches,
    candidates: list[int],
    *,
    source: str,
) -> tuple[dict[int, list[str]], dict[int, Decision]]:
    """Fields that each row changes, and what becomes of visits; rows that change none are left out.

    A field changes when the cells that feed it differ from what the same source said last
    time and the asset says something else: so a correction by hand outlives a file that goes
    on saying the old thing.

    Parameters
    ----------
    candidates
        Matched rows whose cells are new or differ from last time.
    """
    stored = assets_by_uid(registry, {matches.assets[row] for row in candidates})
    fed = {row: _fed(rows, mapping, row, matches.state(rows, row)) for row in candidates}
    # that an asset was removed since takes nothing back of what was seen before
    visited = [
        row
        for row, names in fed.items()
        if INSPECTION in names and not (row in rows.ended and silent(rows, row))
    ]
    ours = mapping.own and mapping.bears_uids
    visits = decide_visits(registry, rows, matches, source, visited, ours=ours)
    found = {}
    for row in candidates:
        first = matches.state(rows, row) is None
        asset = stored[matches.assets[row]]
        # of what was merged into another asset only its visits are still news
        names = [
            name
            for name in fed[row]
            if (row not in matches.merged or name == INSPECTION)
            and (_visits(visits.get(row)) if name == INSPECTION
                else _differs(rows, asset, name, row, first=first))
        ]  # fmt: skip
        if names:
            found[row] = names
    return found, visits


def _visits(decision: Decision | None) -> bool:
    """Whether a row's visit is to be written."""
    return decision is not None and decision.state in (Visited.NEW, Visited.CORRECTED)


def _fed(rows: ReadRows, mapping: Mapping, row: int, state: bulk.SourceState | None) -> list[str]:
    """Targets whose cells differ from last time; all of them when there was none."""
    now = dict(zip(rows.used, rows.cells[row].split(SEPARATOR), strict=False))
    then: dict[str, str] = {}
    if state is not None:
        then = dict(zip(state.columns, state.cells.split(SEPARATOR), strict=False))
    changed = {name for name, cell in now.items() if then.get(name) != cell}
    fed = [
        name
        for name, spec in mapping.fields.items()
        if changed & set(spec.columns) and name in AssetInput.model_fields
    ]
    if changed & set(mapping.position_columns) or _point_moved(rows, row, state):
        fed.append(POSITION)
    read = {column for spec in mapping.inspection.values() for column in spec.columns}
    if changed & (read | mapping.otherwise.keys() | {*rows.weighed.questions}):
        fed.append(INSPECTION)
    return fed


def _point_moved(rows: ReadRows, row: int, state: bulk.SourceState | None) -> bool:
    """Whether the geometry of a file that carries one differs from last time."""
    if rows.table.points is None:
        return False
    if state is None:
        return True
    return state.cells.split(SEPARATOR)[-2:] != rows.cells[row].split(SEPARATOR)[-2:]


def _differs(rows: ReadRows, asset: Asset, name: str, row: int, *, first: bool) -> bool:
    if name == POSITION:
        lon, lat = float(rows.lons[row]), float(rows.lats[row])
        # a workbook keeps fifteen digits
        return asset.geom is None or not (
            abs(asset.geom[0] - lon) <= SAME_DEGREES and abs(asset.geom[1] - lat) <= SAME_DEGREES
        )
    value: Any = rows.fields[name][row]
    if value is None and first:
        return False  # a second source that says nothing takes nothing away
    return bool(getattr(asset, name) != value)
