"""Takes in what other programs changed in the registry: each change stands or waits.

Nothing is lost and nothing stands unseen: every row's net change is written into the audit log
with what it said before and after; what may stand, stands; the rest is put back and listed for
somebody to decide (`hydrant.survey.outside_review`). All of it is one transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hydrant import times
from hydrant.errors import Phrase
from hydrant.ids import new_uid
from hydrant.model.geopoint import decode_point
from hydrant.model.rows import OUTSIDE
from hydrant.model.tables import AssetColumns
from hydrant.store.facts.assets import POSITION
from hydrant.store.facts.merging import present_key
from hydrant.store.opened import raw_rows
from hydrant.store.opened.bulk import refresh_extent
from hydrant.store.opened.outside import reviews_wait
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.opened.writer import OUTSIDE_ORIGIN, Entry, Writer
from hydrant.store.outside import outside_edits as edits
from hydrant.store.outside import reviews
from hydrant.store.outside.outside_edits import NetChange
from hydrant.store.outside.proposals import WHOLE
from hydrant.survey import outside_rules as rules
from hydrant.survey.new_asset import complete_asset, flag_neighbours
from hydrant.survey.outside_keys import right_keys
from hydrant.survey.settling import cell_values, cells, propose_removal, row_json


@dataclass(frozen=True, slots=True)
class Taken:
    """How many rows other programs had changed, and how many decisions somebody has to make."""

    rows: int
    waiting: int


def take_in(registry: Registry) -> Taken:
    """Take in every change by other programs; a second time there is nothing left to do.

    Raises
    ------
    StoreError
        Another program is writing, or the file cannot be written; nothing was changed.
    """
    rows = 0
    with transaction(registry, actor=OUTSIDE, origin=OUTSIDE_ORIGIN) as writer:
        edits.hold(writer)
        last = edits.newest(registry)
        for entity in edits.ENTITIES:
            edits.mark_written(writer, entity)
        renamed: dict[str, str] = {}
        for entity in edits.ENTITIES:
            for change in right_keys(writer, entity, renamed):
                _Row(writer, change, renamed).settle()
                rows += 1
        edits.forget(writer, last)
        if rows:
            refresh_extent(registry)
    return Taken(rows, reviews_wait(registry))


def shown(row: raw_rows.Row) -> raw_rows.Row:
    """A row as the audit log tells it; a position as lon and lat."""
    told = raw_rows.logged({name: value for name, value in row.items() if name != "fid"})
    if isinstance(row.get("geom"), bytes):
        told["geom"] = decode_point(row["geom"]) or told["geom"]
    return told


class _Row:
    """One row's net change on its way in."""

    def __init__(self, writer: Writer, change: NetChange, renamed: dict[str, str]) -> None:
        self.writer, self.registry = writer, writer.registry
        self.entity, self.at = change.entity, change.at
        self.before, self.row = change.before, change.row
        self.renamed = renamed

    def settle(self) -> None:
        """Let the change stand, or put it back and list it."""
        if self.row is None:
            self._deleted(self.before or {})
        elif self.before is None:
            self._added(self.row)
        else:
            self._changed(rules.normal(self.entity, self.before), self.row)

    def _log(self, action: str, uid: str, **facts: Any) -> None:
        self.writer.log(Entry(action, self.entity, uid, **facts))

    def _wait(self, uid: str, field: str, base: str | None, value: str | None) -> None:
        reviews.put_up(self.writer, self.entity, uid, field, base=base, value=value, at=self.at)

    def _deleted(self, row: raw_rows.Row) -> None:
        edits.bring_back(self.writer, self.entity, row)
        self._log("delete", row["uid"], before=shown(row))
        self._log("put_back", row["uid"], after=shown(row))
        if self.entity == "asset":
            propose_removal(self.writer, row["uid"])
        self._wait(row["uid"], WHOLE, row_json(_without_number(row)), None)

    def _added(self, raw: raw_rows.Row) -> None:
        row = rules.normal(self.entity, raw)
        if "asset_uid" in row:
            row["asset_uid"] = self._parent(row["asset_uid"])
        row |= {"recorded_at": self.at, "recorded_by": OUTSIDE}
        if self.entity == "asset":
            row["valid_from"] = None
        reason = rules.unacceptable(self.registry, self.entity, row)
        reason = reason or rules.row_doubt(self.entity, row)
        self._log("insert", row["uid"], after=shown(row))
        if reason is not None:
            edits.take_out(self.writer, self.entity, row["fid"])
            self._log("put_back", row["uid"], before=shown(row))
            self._wait(row["uid"], WHOLE, None, row_json(_without_number(row)))
            return
        edits.rewrite(self.writer, self.entity, row["fid"], _without_number(row))
        if self.entity == "asset":
            complete_asset(self.writer, row, at=self.at)

    def _parent(self, uid: Any) -> Any:
        """The asset a row is meant to belong to, whose key may have been changed or united."""
        uid = self.renamed.get(uid, uid)
        return present_key(self.registry, uid) if isinstance(uid, str) else uid

    def _changed(self, before: raw_rows.Row, raw: raw_rows.Row) -> None:
        row, uid = rules.normal(self.entity, raw), before["uid"]
        wanted = _wanted(self.entity, before, row)
        standing, waiting = self._judged(before, wanted)
        after = before | standing
        if self.entity == "asset" and standing:
            after |= self._new_version(before, standing)
        edits.rewrite(
            self.writer, self.entity, row["fid"],
            {name: value for name, value in after.items() if name != "fid" and raw[name] != value},
        )  # fmt: skip
        self._tell(before, wanted, waiting)
        if self.entity == "asset":
            edits.mend_index(self.writer, row["fid"])
            if "geom" in standing:
                flag_neighbours(self.writer, after)
        for name in waiting:
            self._wait(uid, name, *(_cell(self.entity, r, name) for r in (before, row)))

    def _judged(
        self, before: raw_rows.Row, wanted: dict[str, raw_rows.Row]
    ) -> tuple[raw_rows.Row, dict[str, Phrase]]:
        """Columns that may stand, and the cells that must wait."""
        waiting: dict[str, Phrase] = {}
        standing: raw_rows.Row = {}
        for name, values in wanted.items():
            doubt = rules.cell_doubt(self.registry, self.entity, name, before, before | values)
            if doubt is None:
                standing |= values
            else:
                waiting[name] = doubt
        if rules.unacceptable(self.registry, self.entity, before | standing) is None:
            return _as_placed(before, standing), waiting
        standing = {}
        for name in [name for name in wanted if name not in waiting]:
            candidate = before | standing | wanted[name]
            problem = rules.unacceptable(self.registry, self.entity, candidate)
            if problem is None:
                standing |= wanted[name]
            else:
                waiting[name] = problem
        return _as_placed(before, standing), waiting

    def _new_version(self, before: raw_rows.Row, standing: raw_rows.Row) -> raw_rows.Row:
        """Keep the former row for cuts "as of" earlier dates; from when the new one holds."""
        moment = self.writer.moment
        since = rules.since(self.at, before, moment)
        if before["valid_from"] != since:
            keep_version(self.writer, before, until=since)
        carry_forward(self.writer, before, standing, since=since)
        return {"valid_from": since}

    def _tell(
        self, before: raw_rows.Row, wanted: dict[str, raw_rows.Row], waiting: dict[str, Phrase]
    ) -> None:
        """Write into the audit log what was changed outside, and what of it was put back."""
        changed = {name for values in wanted.values() for name in values}
        undone = {name for cell in waiting for name in wanted[cell]}
        after = before | {n: v for values in wanted.values() for n, v in values.items()}
        if changed:
            self._log("update", before["uid"], before=_part(before, changed),
                      after=_part(after, changed))  # fmt: skip
        if undone:
            self._log("put_back", before["uid"], before=_part(after, undone),
                      after=_part(before, undone))  # fmt: skip


def keep_version(writer: Writer, former: raw_rows.Row, *, until: str) -> None:
    """Keep a former row of an asset, as `versions.revise` does."""
    lon, lat = decode_point(former["geom"]) or (None, None)
    kept = {name: former[name] for name in AssetColumns.model_fields}
    kept |= {name: former[name] for name in ("source", "external_key")}
    kept |= {name: former[name] for name in ("recorded_at", "recorded_by")}
    kept |= {"uid": new_uid(), "asset_uid": former["uid"], "lon": lon, "lat": lat}
    kept |= {"valid_until": until, "replaced_at": times.to_text(writer.moment)}
    raw_rows.insert(writer, "asset_version", kept)


def carry_forward(
    writer: Writer, former: raw_rows.Row, changes: raw_rows.Row, *, since: str
) -> None:
    """Let rows announced for later say what changes now, where they said what held before."""
    was, now = _as_version(former), _as_version(changes)
    where = {"asset_uid": former["uid"]}
    ahead = [v for v in raw_rows.fetch_all(writer.registry, "asset_version", where)
             if v["valid_from"] is not None and v["valid_from"] > since]  # fmt: skip
    live = set(now)
    for version in sorted(ahead, key=lambda v: v["valid_from"]):
        live = {name for name in live if _same(version[name], was[name])}
        if live.intersection(_PLACED) and not live.issuperset(_PLACED.intersection(now)):
            live -= _PLACED
        raw_rows.update(writer, "asset_version", version, {name: now[name] for name in live})


#: Columns of a version that say one thing together.
_PLACED = frozenset(("lon", "lat", "orig_x", "orig_y", "orig_crs", "accuracy_m"))


def _as_version(row: raw_rows.Row) -> raw_rows.Row:
    """Columns of an asset as its versions have them."""
    found = {n: v for n, v in row.items() if n in AssetColumns.model_fields and n != "valid_from"}
    if "geom" in row:
        found["lon"], found["lat"] = decode_point(row["geom"]) or (None, None)
    return found


def _without_number(row: raw_rows.Row) -> raw_rows.Row:
    return {name: value for name, value in row.items() if name != "fid"}


def _wanted(entity: str, before: raw_rows.Row, row: raw_rows.Row) -> dict[str, raw_rows.Row]:
    """Changed cells with their columns; the program's own columns are cells as well."""
    changed = {n for n in row if n != "fid" and not _same(before[n], row[n])}
    if changed.intersection(POSITION):
        changed.update(POSITION)
    was, now = (cells(entity, {n: r[n] for n in r if n in changed}) for r in (before, row))
    found = {name: cell_values(name, now[name]) for name in now if now[name] != was[name]}
    own = [name for name in rules.OWN if name in row and row[name] != before[name]]
    return found | {name: {name: row[name]} for name in own}


def _same(one: Any, other: Any) -> bool:
    return one is other or (type(one) is type(other) and bool(one == other))


def _cell(entity: str, row: raw_rows.Row, name: str) -> str:
    if name in rules.OWN:
        return row_json({name: row[name]})
    return cells(entity, _without_number(row))[name]


def _as_placed(before: raw_rows.Row, standing: raw_rows.Row) -> raw_rows.Row:
    if "geom" not in standing:
        return standing
    return standing | rules.placed(before | standing)


def _part(row: raw_rows.Row, names: set[str]) -> raw_rows.Row:
    """Some columns of a row for the audit log, empty ones too."""
    told = shown({name: row[name] for name in names})
    return {name: told.get(name) for name in sorted(names)}
