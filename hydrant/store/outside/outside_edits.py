"""What other programs did to the registry, row by row, and the means to undo it.

Triggers write down each change with the row before it (`hydrant.store.sql.schema.watch_ddl`); what
counts is the net change of a row: what it said before the first of them against what it says
now.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from hydrant.store.chain import blocks, cut_digits
from hydrant.store.chain.hashes import row_hash
from hydrant.store.ground import touched
from hydrant.store.ground.backend import Extent, one_row
from hydrant.store.migrations import FOUND
from hydrant.store.opened import raw_rows
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer
from hydrant.store.outside.outside_tracks import Track, tracks
from hydrant.store.sql.schema import WATCHED

#: Parents before their children.
ENTITIES = ("region", "region_successor", "asset", "requirement", "lifecycle", "inspection",
            "defect", "sensor")  # fmt: skip
assert set(ENTITIES) == set(WATCHED)  # noqa: S101  both name the same tables

#: A number written with fewer signs than this has lost none of its digits.
_WHOLE_DIGITS = 14


@dataclass(frozen=True, slots=True)
class NetChange:
    """What became of one row: added (no before), deleted (no row), or changed.

    Attributes
    ----------
    at
        When the first of the changes was made, as stored text.
    before, row
        Stored values by column, with the file-local number ``fid``.
    """

    entity: str
    at: str
    before: raw_rows.Row | None
    row: raw_rows.Row | None


def newest(registry: Registry) -> int:
    """Number of the latest change written down; 0 when there is none."""
    found: int = one_row(
        registry.connection.execute("SELECT coalesce(max(fid), 0) FROM outside_edit")
    )[0]
    return found


def forget(writer: Writer, last: int) -> None:
    """Drop the changes up to a number: they were taken in."""
    writer.registry.connection.execute("DELETE FROM outside_edit WHERE fid <= ?", (last,))


def net_changes(registry: Registry, entity: str) -> list[NetChange]:
    """What became of the rows of a table; those that are as they were are left out."""
    return [
        change
        for change in _followed(registry, entity)
        if change.before is None or change.row is None or _differs(change.before, change.row)
    ]


def mark_written(writer: Writer, entity: str) -> None:
    """Let the seal of this transaction cover what other programs wrote into a table.

    A row that was already other than its last seal before its change was written down was changed
    past the triggers, too; the seal then says so.
    """
    for fid, old in _covered(writer.registry, entity):
        writer.registry.backend.touched.mark(entity, fid, old)


def waiting_rows(registry: Registry) -> dict[str, dict[int, bytes | None]]:
    """Rows whose changes by other programs were written down and wait to be taken in, by table.

    Of each, by number, the hash of what it said before; None where it is new, `UNKNOWN` where
    that cannot be said exactly. What stands written down and cannot be read covers no row.
    """
    found: dict[str, dict[int, bytes | None]] = {}
    for entity in ENTITIES:
        with suppress(ValueError, LookupError, TypeError, AttributeError, sqlite3.OperationalError):
            # of two tellings of one row the first one says what was sealed
            found[entity] = dict(reversed(list(_covered(registry, entity))))
    return found


def _covered(registry: Registry, entity: str) -> Iterator[tuple[int, bytes | None]]:
    """Number and former hash of each row of a table that was written to, as `mark_written` says."""
    unproven = _only_found(registry)
    followed = _followed(registry, entity)
    for before, row in ((change.before, change.row) for change in followed):
        if before is not None:
            old = touched.UNKNOWN if unproven else _hash_before(registry, entity, before, row)
            yield before["fid"], old
    for before, row in ((change.before, change.row) for change in followed):
        if row is not None and (before is None or before["fid"] != row["fid"]):
            yield row["fid"], touched.UNKNOWN if unproven else None


def _only_found(registry: Registry) -> bool:
    """Whether the one seal is that of the migration: it found these changes already made."""
    kinds = registry.connection.execute("SELECT kind FROM seal ORDER BY number LIMIT 2").fetchall()
    return kinds == [(FOUND,)]


def _hash_before(
    registry: Registry, entity: str, before: raw_rows.Row, row: raw_rows.Row | None
) -> bytes:
    """Hash of a former row, `UNKNOWN` where too many of its digits were cut off to be found."""
    cut = [
        name
        for name, value in before.items()
        if isinstance(value, float)
        and value != (None if row is None else row[name])
        and len(f"{value:.15g}") > _WHOLE_DIGITS
    ]
    held = raw_rows.kinds(entity)
    # a server's JSON writes 200.0 as 200
    values = {
        name: float(before[name])
        if isinstance(before[name], int) and float in held[name]
        else before[name]
        for name in raw_rows.columns(entity)
    }
    told = row_hash(entity, list(values.values()))
    if not cut:
        return told
    sealed = _sealed(registry, entity, before["fid"])
    found = told == sealed or cut_digits.found(entity, values, cut, sealed)
    return touched.UNKNOWN if found is None else sealed if found else told


def _sealed(registry: Registry, entity: str, fid: int) -> bytes:
    number = fid // blocks.ROWS
    held = blocks.fetch(registry.connection, entity, (number,))[number]
    return blocks.unpacked(blocks.entry_in(held, fid)).hash


def _followed(registry: Registry, entity: str) -> list[NetChange]:
    """What became of each row of a table that was written to."""
    told = tracks(registry, entity)
    known: dict[str, Track] = {}
    for track in told:
        if track.before is not None:
            known.setdefault(track.before["uid"], track)
    found, seen = [], set()
    for uid, track in known.items():
        row = _present(registry, entity, track, uid)
        if row is not None:
            seen.add(row["fid"])
        found.append(NetChange(entity, track.at, track.before, row))
    for track in told:
        if track.before is None and track.alive and track.fid not in seen:
            row = by_number(registry, entity, track.fid)
            if row is not None:
                seen.add(track.fid)
                found.append(NetChange(entity, track.at, None, row))
    return found


def _differs(before: raw_rows.Row | None, row: raw_rows.Row) -> bool:
    return before is not None and any(before[name] != row[name] for name in before if name != "fid")


def _present(registry: Registry, entity: str, track: Track, uid: str) -> raw_rows.Row | None:
    """The row as it is now: where it was, else wherever its key is."""
    row = by_number(registry, entity, track.fid) if track.alive else None
    if row is None:
        row = by_key(registry, entity, uid)
    if row is not None and track.before is not None:
        _same_floats(track.before, row)
    return row


def _same_floats(before: raw_rows.Row, row: raw_rows.Row) -> None:
    """Give back the digits that SQLite's JSON cut off (it writes 15 of 17)."""
    for name, value in row.items():
        former = before.get(name)
        if type(former) is float and former == value:
            continue
        if (
            isinstance(value, float)
            and isinstance(former, int | float)
            and f"{value:.15g}" == f"{float(former):.15g}"
        ):
            before[name] = value


def by_number(registry: Registry, entity: str, fid: int) -> raw_rows.Row | None:
    """The row of a file-local number; None when there is none."""
    return _select_one(registry, entity, "fid", fid)


def by_key(registry: Registry, entity: str, uid: str) -> raw_rows.Row | None:
    """The row of a key with its file-local number; None when there is none."""
    return _select_one(registry, entity, "uid", uid)


def _select_one(registry: Registry, entity: str, column: str, value: object) -> raw_rows.Row | None:
    names = ("fid", *raw_rows.columns(entity))
    found = registry.connection.execute(
        f"SELECT {', '.join(names)} FROM {entity} WHERE {column} = ?", (value,)
    ).fetchone()
    return None if found is None else dict(zip(names, found, strict=True))


def hold(writer: Writer) -> None:
    """Let nothing come in between; references are looked at when the transaction ends.

    In a file, parents may be missing on the way. On a server nobody can leave a row without its
    parent, but others write at the same time: what they write now is for the next time. They
    wait before they hold any row, so that nobody waits for who waits for them.
    """
    writer.registry.backend.hold((*ENTITIES, "outside_edit"))


def rewrite(writer: Writer, entity: str, fid: int, values: Mapping[str, object]) -> None:
    """Set columns of a row by its file-local number, without an audit entry."""
    if values:
        setting = ", ".join(f"{name} = ?" for name in values)
        writer.registry.connection.execute(
            f"UPDATE {entity} SET {setting} WHERE fid = ?", [*values.values(), fid]
        )


def bring_back(writer: Writer, entity: str, row: raw_rows.Row) -> None:
    """Write a row again that was deleted, under its number where that is free."""
    names = list(row)
    if by_number(writer.registry, entity, row["fid"]) is not None:
        names.remove("fid")
    writer.registry.connection.execute(
        f"INSERT INTO {entity} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
        [row[name] for name in names],
    )


def take_out(writer: Writer, entity: str, fid: int) -> None:
    """Delete a row by its file-local number, without an audit entry."""
    writer.registry.connection.execute(f"DELETE FROM {entity} WHERE fid = ?", (fid,))


def set_key(writer: Writer, entity: str, wanted: Mapping[int, str]) -> None:
    """Give rows, by their file-local numbers, keys that some of them hold crosswise."""
    for fid in wanted:
        rewrite(writer, entity, fid, {"uid": f"outside:{fid}"})
    for fid, uid in wanted.items():
        rewrite(writer, entity, fid, {"uid": uid})


def mend_index(writer: Writer, fid: int) -> None:
    """Make the map index agree with an asset's position, whoever wrote it last."""
    writer.registry.backend.mend_index(fid)


def regions_below(registry: Registry, parent: str | None) -> list[tuple[str, str, Extent]]:
    """Code, level and box (None where unknown) of the present regions right below another.

    None stands for what lies above the topmost regions on record.
    """
    rows = registry.connection.execute(
        "SELECT code, level, min_lon, min_lat, max_lon, max_lat FROM region "
        "WHERE valid_until IS NULL AND (parent_code = :parent OR :parent IS NULL AND "
        "(parent_code IS NULL OR parent_code NOT IN (SELECT code FROM region))) ORDER BY code",
        {"parent": parent},
    )
    return [
        (code, level, None if None in (west, south, east, north) else (west, south, east, north))
        for code, level, west, south, east, north in rows
    ]


def has_regions(registry: Registry) -> bool:
    """Whether the registry knows any region at all."""
    return registry.connection.execute("SELECT 1 FROM region LIMIT 1").fetchone() is not None
