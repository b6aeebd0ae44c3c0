"""Rows of an export of ours that go on saying what was changed here since it was made.

Such a file is a copy of what was on record on some day. What somebody changed in it is news; what
the registry itself said before and no longer does is not, and undoes no correction.
"""

from __future__ import annotations

from hydrant.exchange.changes import INSPECTION, LIFECYCLE, POSITION, SAME_DEGREES
from hydrant.exchange.mapping import Mapping
from hydrant.exchange.matching import Matches
from hydrant.exchange.rows import ReadRows
from hydrant.store.facts.former import former_values
from hydrant.store.opened.registry import Registry


def leave_outdated(
    registry: Registry,
    rows: ReadRows,
    mapping: Mapping,
    matches: Matches,
    fields: dict[int, list[str]],
) -> dict[int, list[str]]:
    """Take what is only outdated out of the fields that rows change; those fields, by row."""
    if not mapping.own:
        return {}
    # without keys of ours it may be anybody's register, which changes what it said before
    uids = {matches.assets[row] for row in fields}
    former = former_values(registry, uids, by_hand=not mapping.bears_uids)
    found = {}
    for row, names in list(fields.items()):
        known = former.get(matches.assets[row], {})
        stale = [name for name in names if _was_said(rows, row, name, known)]
        if stale:
            found[row] = stale
            fields[row] = [name for name in names if name not in stale]
            if not fields[row]:
                del fields[row]
    return found


def _was_said(rows: ReadRows, row: int, name: str, known: dict[str, list[object]]) -> bool:
    if name in (INSPECTION, LIFECYCLE):
        return False
    if name == POSITION:
        lon, lat = float(rows.lons[row]), float(rows.lats[row])
        return any(
            isinstance(place, list)
            and abs(place[0] - lon) <= SAME_DEGREES
            and abs(place[1] - lat) <= SAME_DEGREES
            for place in known.get("geom", ())
        )
    value = rows.fields[name][row]
    return value is not None and value in known.get(name, ())
