"""A register from one delivery to the next: which one a file continues, what it names no more."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from hydrant.exchange.matching import Matches
from hydrant.exchange.rows import ReadRows
from hydrant.exchange.twins import SAME_PLACE_M, SAME_THING_M, pairs_near, stem
from hydrant.store.opened import bulk, deliveries
from hydrant.store.opened.registry import Registry

#: Rows this near to the assets of a delivery lie among them; hydrants stand some 120 m apart.
#: Source: GB 50974-2014, 7.2.
_AMONG_M = 150.0


def continued(
    registry: Registry, rows: ReadRows, name: str, known: bulk.Known, *, proposed: bool
) -> str:
    """The register that a file belongs to, where nothing but the file's name tells.

    A file under a new name whose rows are for the most part word for word those of one register
    is that register: offices save it under the next year's name. Where a mapping is proposed, and
    shown, so is one without keys that has the headings of a register and most of whose rows lie
    where its assets lie: whatever it says of them by now, each would come in twice.
    """
    if not rows.kept or deliveries.is_known(registry, name):
        return name
    if before := deliveries.continued_under(registry, name):
        return before
    cells = {rows.cells[row] for row in rows.kept}
    said = deliveries.said_by(registry, rows.columns, cells)
    if said and 2 * said[0][1] > len(rows.kept):
        return said[0][0]
    if not proposed:
        return name  # with a key its rows mean the same assets, and what it says is not another's
    found = {
        source: _at_its_assets(registry, rows, source, known)
        for source in deliveries.headed_alike(registry, rows.columns)
    }
    likely = max(found, key=found.__getitem__, default=name)
    return likely if 2 * found.get(likely, 0) > len(rows.kept) else name


def _at_its_assets(registry: Registry, rows: ReadRows, source: str, known: bulk.Known) -> int:
    """Rows without a key at the very place of an asset that a register named without one."""
    states = bulk.source_states(registry, source)
    index = {uid: place for place, uid in enumerate(known.uids)}
    here = [row for row in rows.kept if row in rows.keyless and row not in rows.problems
            and np.isfinite(rows.lons[row])]  # fmt: skip
    nameless = {state.asset_uid for key, state in states.items() if not stem(key)}
    places = sorted(index[uid] for uid in nameless & index.keys())
    if not here or not places:
        return 0
    numbers = [0] * (len(here) + len(places))
    found = pairs_near(rows, here, known, places, numbers, SAME_PLACE_M)
    return len({one for _, one, _ in found})


def followed(
    registry: Registry,
    rows: ReadRows,
    matches: Matches,
    known: bulk.Known,
    source: str,
    file_name: str,
) -> set[str]:
    """Uids of the deliveries of which a file is the next: of its name, or with rows it names.

    A file of which no row is recognised is the next one, too, where most rows lie among the assets
    of a delivery, or say what it said of them: all of it was put elsewhere, or numbered anew.
    """
    named = {
        matches.states[rows.keys[row]].batch for row in matches.assets
        if rows.keys[row] in matches.states
    }  # fmt: skip
    if not matches.states:
        return named
    told = deliveries.deliveries(registry, source)
    named |= {one.uid for one in told if one.file_name == file_name}
    return named or _put_elsewhere(rows, matches, known)


def _put_elsewhere(rows: ReadRows, matches: Matches, known: bulk.Known) -> set[str]:
    """Deliveries whose assets most rows lie among, or tell of by their content."""
    there = [row for row in rows.kept if np.isfinite(rows.lons[row])]
    index = {uid: place for place, uid in enumerate(known.uids)}
    states = matches.states.values()
    batches = {one.asset_uid: one.batch for one in states if one.asset_uid in index}
    alike = {batches[uid] for uid in matches.alike.values() if uid in batches}
    if 2 * len(matches.alike) > len(rows.kept):
        return alike
    places = sorted(index[uid] for uid in batches)
    found, beside = set[int](), set[int]()
    keyed = [row for row in there if row not in rows.keyless]
    keyless = [row for row in there if row in rows.keyless]
    # with a key of its own a row beside an asset may be another one: only at its place it is not
    for here, reach in ((keyed, SAME_THING_M), (keyless, _AMONG_M)) if places else ():
        pairs = pairs_near(rows, here, known, places, [0] * (len(here) + len(places)), reach)
        found |= {here[one] for _, one, _ in pairs}
        beside |= {other for _, _, other in pairs}
    if 2 * len(found) <= len(rows.kept):
        return set()
    return {batches[known.uids[places[other]]] for other in beside}


def missing(
    registry: Registry, rows: ReadRows, matches: Matches, source: str, follows: set[str]
) -> list[tuple[str, str | None]]:
    """Assets that earlier deliveries named and this one does not: uid and code.

    Files of one register that name nothing in common, one for each district, are no deliveries
    of each other. A row that cannot be taken may mean any record of its key.
    """
    if not matches.states:
        return []
    chain = _chain(deliveries.deliveries(registry, source), follows)
    named = set(matches.assets.values())
    unclear: set[str] = {
        "" if row in rows.keyless else rows.stated[row]
        for row in rows.problems if row not in matches.assets
    }  # fmt: skip
    gone = {
        state.asset_uid
        for key, state in matches.states.items()
        if state.batch in chain
        and state.asset_uid not in named
        and not (unclear and {key, stem(key)} & unclear)
    }
    return deliveries.standing(registry, gone) if gone else []


def _chain(known: Iterable[deliveries.Delivery], follows: set[str]) -> set[str]:
    """Deliveries that hang together with some."""
    links = [{one.uid, *one.follows} for one in known]
    found, grown = set(follows), True
    while grown:
        touched = [link for link in links if link & found and not link <= found]
        found.update(*touched)
        grown = bool(touched)
    return found
