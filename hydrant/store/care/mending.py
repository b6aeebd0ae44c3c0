"""Finds assets whose rows do not follow each other over time, and puts them right from the log.

Earlier versions of the program wrote such rows where changes were entered out of order of date,
or ahead; several crews' bundles could bring them too.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from sqlmodel import select

from hydrant import times
from hydrant.model.spans import COLUMNS, END_OF_TIME, Span, corrected, edited
from hydrant.model.tables import Asset
from hydrant.model.values import Record, Row
from hydrant.store.opened import versions
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.opened.writer import Writer
from hydrant.store.sql.state_sql import ALWAYS

_VERSIONS = """
SELECT v.asset_uid, v.valid_from, v.valid_until, v.lon IS NULL AND a.geom IS NOT NULL, a.valid_from,
  a.code
FROM asset_version v JOIN asset a ON a.uid = v.asset_uid ORDER BY v.asset_uid
"""
_LOG = """
SELECT fid, at, entity, action, before, after FROM change
WHERE (entity = 'asset' AND entity_uid = ?1 AND action = 'update')
  OR (entity = 'asset_version' AND action = 'insert' AND instr(after, ?1) > 0)
ORDER BY fid
"""


class Disorder(NamedTuple):
    """What is wrong with the rows of an asset: ``overlap``, ``backwards``, ``gap``, ``place``."""

    uid: str
    code: str | None
    what: str


def disorders(registry: Registry) -> list[Disorder]:
    """Assets whose rows overlap, leave gaps, end before they begin or lack a position."""
    rows: dict[str, list[tuple[str, str, bool]]] = defaultdict(list)
    present: dict[str, tuple[str, str | None]] = {}
    for uid, start, until, placeless, begun, code in registry.connection.execute(_VERSIONS):
        rows[uid].append((start or "", until, bool(placeless)))
        present[uid] = begun or "", code
    found = []
    for uid, spans in rows.items():
        begun, code = present[uid]
        what = _wrong(spans, begun)
        if what is not None:
            found.append(Disorder(uid, code, what))
    return found


def _wrong(spans: Sequence[tuple[str, str, bool]], begun: str) -> str | None:
    if any(until <= start for start, until, _ in spans):
        return "backwards"
    ahead = [start for start, _, _ in spans if start > begun]
    line = sorted([*((start, until) for start, until, _ in spans),
                   (begun, min(ahead, default=ALWAYS))])  # fmt: skip
    for (_, until), (start, _) in pairwise(line):
        if until != start:
            return "overlap" if until > start else "gap"
    if line[-1][1] != ALWAYS or begun > times.to_text(times.now()):
        return "gap"
    return "place" if any(placeless for _, _, placeless in spans) else None


def put_all_in_order(writer: Writer) -> None:
    """Let the rows of every asset follow each other, whatever came from elsewhere."""
    writer.flush()
    for found in disorders(writer.registry):
        versions.put_in_order(writer, found.uid)


@dataclass(frozen=True, slots=True)
class Mended:
    """An asset whose rows were put right, and whether that followed from the log."""

    uid: str
    code: str | None
    what: str
    from_log: bool


def mend(registry: Registry, *, actor: str) -> list[Mended]:
    """Put right what `disorders` names, in one transaction; nothing where nothing is wrong."""
    if not disorders(registry):
        return []
    with transaction(registry, actor=actor, origin="db migrate") as writer:
        return [_mend(writer, found) for found in disorders(registry)]


def _mend(writer: Writer, found: Disorder) -> Mended:
    asset = writer.session.exec(
        select(Asset).where(Asset.uid == found.uid).execution_options(populate_existing=True)
    ).one()
    spans = _replayed(writer, asset)
    if spans is None:
        versions.put_in_order(writer, asset.uid)
    else:
        for version in versions.versions_of(writer.registry, asset):
            writer.delete(version)
        versions.store(writer, asset, spans, now=writer.moment)
    writer.flush()
    return Mended(found.uid, found.code, found.what, spans is not None)


def _replayed(writer: Writer, asset: Asset) -> list[Span] | None:
    """Rows that follow from all changes in the order in which they were entered.

    None where the log does not hold all of them: rows of another registry, older positions.
    """
    registry = writer.registry
    entries = registry.connection.execute(_LOG, (asset.uid,)).fetchall()
    inserted = sum(entry[2] == "asset_version" for entry in entries)
    present = len(versions.versions_of(registry, asset))
    if inserted != present or not all(_is_whole(entry[4:]) for entry in entries):
        return None
    first = _undone(asset, entries)
    spans = [Span(first, None, END_OF_TIME)]
    for since, changes in _changes(entries):
        moment, made = since or writer.moment, _typed(changes)
        spans = corrected(spans, moment, made) if since is None else edited(spans, since, made)
    return spans


def _is_whole(entry: tuple[str | None, str | None]) -> bool:
    """Whether an entry tells positions and not only their digests."""
    return all(not isinstance(json.loads(t).get("geom", []), str) for t in entry if t is not None)


def _undone(asset: Asset, entries: Sequence[Row]) -> Record:
    lon, lat = asset.geom or (None, None)
    values = {name: getattr(asset, name) for name in COLUMNS} | {"lon": lon, "lat": lat}
    for _, _, entity, _, before, _ in reversed(entries):
        if entity == "asset":
            values |= _typed(json.loads(before))
    return values


def _changes(entries: Sequence[Row]) -> Iterator[tuple[dt.datetime | None, Record]]:
    """Each change with the moment from which it holds; None where it corrected a mistake."""
    kept = False
    for _, _, entity, _, _, after in entries:
        if entity == "asset_version":
            kept = True
            continue
        values = json.loads(after)
        since = values.pop("valid_from", None)
        yield (times.from_text(since) if kept and since else None), values
        kept = False


def _typed(logged: Record) -> Record:
    """Values of the log as the columns of an asset hold them, without what is none of a version."""
    values = {name: value for name, value in logged.items() if name in COLUMNS}
    if "geom" in logged:
        values["lon"], values["lat"] = logged["geom"] or (None, None)
    return values
