"""A register from one delivery to the next: which one a file continues, what it names no more."""

from __future__ import annotations

from collections.abc import Iterable

from hydrant.exchange.matching import Matches
from hydrant.exchange.rows import ReadRows
from hydrant.exchange.twins import stem
from hydrant.store.opened import deliveries
from hydrant.store.opened.registry import Registry


def continued(registry: Registry, rows: ReadRows, name: str) -> str:
    """The register that a file belongs to, where nothing but the file's name tells.

    A file under a new name whose rows are for the most part word for word those of one register
    is that register: offices save it under the next year's name.
    """
    if not rows.kept or deliveries.is_known(registry, name):
        return name
    if before := deliveries.continued_under(registry, name):
        return before
    cells = {rows.cells[row] for row in rows.kept}
    said = deliveries.said_by(registry, rows.columns, cells)
    if said and 2 * said[0][1] > len(rows.kept):
        return said[0][0]
    return name


def followed(
    registry: Registry, rows: ReadRows, matches: Matches, source: str, file_name: str
) -> set[str]:
    """Uids of the deliveries of which a file is the next: of its name, or with rows it names."""
    named = {
        matches.states[rows.keys[row]].batch for row in matches.assets
        if rows.keys[row] in matches.states
    }  # fmt: skip
    if not matches.states:
        return named
    known = deliveries.deliveries(registry, source)
    return named | {one.uid for one in known if one.file_name == file_name}


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
