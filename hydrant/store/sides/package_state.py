"""What packages from below said of each row last time, and whose a row is.

It stands among the source records: the source is the sender, the key is ``table/uid``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hydrant.store.facts.merging import (
    CHILDREN,
    move_back,
    move_children,
    present_key,
    settle_flags,
)
from hydrant.store.ground.backend import one_row
from hydrant.store.opened import raw_rows
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Entry, Writer
from hydrant.store.outside.proposals import forget_row
from hydrant.store.regions.claims import key_of
from hydrant.store.sides.bundle_file import from_stored_json, stored_json

#: How many rows one entry of the audit log names.
_NAMED = 1000


@dataclass(frozen=True, slots=True)
class Taken:
    """The last package of a registry, of whichever region."""

    sequence: int
    digest: str
    refused: int = 0
    heard: str | None = None

    def is_later(self, sequence: int, heard: str | None) -> bool:
        """Whether it is later than a package: by the audit log, else by the readings."""
        return (self.sequence, self.heard or "") > (sequence, heard or "")


def last_taken(registry: Registry, source: str) -> Taken | None:
    """The last package that was taken of a sender's registry, of whichever region."""
    row = registry.connection.execute(
        "SELECT counts, file_digest FROM import_batch WHERE source LIKE 'package:%:' || ? "
        "ORDER BY fid DESC LIMIT 1",
        (key_of(source),),
    ).fetchone()
    if row is None:
        return None
    counts = json.loads(row[0])
    refused = int(counts.get("refused", 0))
    return Taken(int(counts["sequence"]), row[1], refused, counts.get("heard"))


def standing(
    registry: Registry, table: str, column: str, uids: Iterable[str]
) -> dict[str, str | None]:
    """What a column says of the rows that stand here, by their keys."""
    return dict(
        registry.connection.execute(
            f"SELECT uid, {column} FROM {table} WHERE uid IN (SELECT value FROM json_each(?))",
            (json.dumps(list(uids)),),
        )
    )


def alias_of(registry: Registry, former: str) -> str | None:
    """Key of the row that says what an asset became part of; None where none stands here."""
    found = next(raw_rows.fetch_all(registry, "asset_alias", {"former_uid": former}), None)
    return None if found is None else found["uid"]


def said(registry: Registry, source: str, table: str) -> dict[str, str]:
    """What a sender's registry said last of the rows of a table, in whichever package, by uid."""
    start = len(table) + 1
    return {
        key[start:]: cells
        for key, cells in registry.connection.execute(
            "SELECT external_key, cells FROM source_record WHERE source LIKE 'package:%:' || ? "
            "AND external_key LIKE ? || '/%'",
            (key_of(source), table),
        )
    }


def owners(registry: Registry, source: str, table: str) -> dict[str, str]:
    """Rows of a table that other senders handed up: uid and sender."""
    key = key_of(source)
    start = len(table) + 1
    return {
        row[start:]: owner
        for row, owner in registry.connection.execute(
            "SELECT external_key, source FROM source_record WHERE source LIKE 'package:%' "
            "AND external_key LIKE ? || '/%' AND source NOT LIKE '%:' || ?",
            (table, key),
        )
    }


def remember(
    writer: Writer, source: str, batch: str, stated: Iterable[tuple[str, str, str, str]]
) -> None:
    """Remember what a sender says: table, uid, asset and the row as JSON text."""
    rows = [(source, f"{table}/{uid}", asset, batch, cells) for table, uid, asset, cells in stated]
    key = key_of(source)
    connection = writer.registry.connection
    # the same registry may hand up another cut of itself; a row belongs to the latest one
    connection.executemany(
        "DELETE FROM source_record WHERE external_key = ? AND source <> ? "
        "AND source LIKE 'package:%:' || ?",
        [(row[1], source, key) for row in rows if _several(writer.registry, source)],
    )
    connection.executemany(
        "INSERT INTO source_record (source, external_key, asset_uid, batch_uid, cells) "
        "VALUES (?, ?, ?, ?, ?) ON CONFLICT (source, external_key) DO UPDATE SET "
        "batch_uid = excluded.batch_uid, cells = excluded.cells",
        rows,
    )


def _several(registry: Registry, source: str) -> bool:
    found = registry.connection.execute(
        "SELECT 1 FROM import_batch WHERE source LIKE 'package:%:' || ? AND source <> ? LIMIT 1",
        (key_of(source), source),
    ).fetchone()
    return found is not None


def forget(writer: Writer, source: str, table: str, uid: str) -> None:
    """A sender no longer speaks of a row."""
    writer.registry.connection.execute(
        "DELETE FROM source_record WHERE source LIKE 'package:%:' || ? AND external_key = ?",
        (key_of(source), f"{table}/{uid}"),
    )


def insert_many(writer: Writer, table: str, rows: list[raw_rows.Row], batch: str) -> None:
    """Write new rows; the audit log names them, so that what was known before can be told.

    A row bears the time at which it was recorded below; here it is known from now on.
    """
    if not rows:
        return
    names = [name for name in raw_rows.columns(table) if name in rows[0]]
    writer.registry.connection.executemany(
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
        [[row[name] for name in names] for row in rows],
    )
    for start in range(0, len(rows), _NAMED):
        uids = [row["uid"] for row in rows[start : start + _NAMED]]
        writer.log(Entry("import", table, batch, after={"uids": uids}, rows=len(uids)))


def batch_of(registry: Registry, source: str) -> str | None:
    """Key of the last package that was taken of a sender; None where none was."""
    found = registry.connection.execute(
        "SELECT uid FROM import_batch WHERE source = ? ORDER BY fid DESC LIMIT 1", (source,)
    ).fetchone()
    return None if found is None else str(found[0])


def region_known(registry: Registry, code: str) -> raw_rows.Row | None:
    """The region of a code that stands here."""
    return next(raw_rows.fetch_all(registry, "region", {"code": code}), None)


def rows_of_region(registry: Registry, code: str) -> list[raw_rows.Row]:
    """The rows of a unit that stand here, the earliest first."""
    rows = raw_rows.fetch_all(registry, "region", {"code": code})
    return sorted(rows, key=lambda row: row["valid_from"] or "")


def successor_known(registry: Registry, row: Mapping[str, object]) -> bool:
    """Whether it stands here already that a code passed to another."""
    where = {"code": row["code"], "successor_code": row["successor_code"]}
    return next(raw_rows.fetch_all(registry, "region_successor", where), None) is not None


def successors_of(registry: Registry, code: str) -> list[raw_rows.Row]:
    """What stands here of the units that took over from a unit."""
    return list(raw_rows.fetch_all(registry, "region_successor", {"code": code}))


def requirements_of(registry: Registry, region: str) -> list[raw_rows.Row]:
    """Requirements that stand here for a region."""
    rows = raw_rows.fetch_all(registry, "requirement", {"region_code": region})
    return [row for row in rows if row["withdrawn_at"] is None]


def own_children(registry: Registry, source: str, asset: str) -> int:
    """How many rows of an asset did not come from this sender."""
    found = 0
    for table in CHILDREN:
        (count,) = one_row(
            registry.connection.execute(
                f"SELECT count(*) FROM {table} c WHERE c.asset_uid = ? AND NOT EXISTS "
                "(SELECT 1 FROM source_record r "
                "WHERE r.source LIKE 'package:%:' || ? AND r.external_key = ? || c.uid)",
                (asset, key_of(source), f"{table}/"),
            )
        )
        found += int(count)
    return found


def follow_merge(writer: Writer, lost: str, kept: str) -> None:
    """Two assets became one below: what stands here of the lost one moves to the kept one."""
    target = present_key(writer.registry, kept)
    move_children(writer, lost, target)
    settle_flags(writer, lost, target)
    drop(writer, "asset", lost)


def follow_parting(writer: Writer, source: str, former: str, kept: str) -> None:
    """Two assets that became one are two again below: what was moved then goes back."""
    stands = raw_rows.fetch(writer.registry, "asset", former)
    if stands is None:
        return
    elsewhere = {
        uid
        for table in CHILDREN
        for uid, text in said(writer.registry, source, table).items()
        if row_of(text).get("asset_uid") != former
    }
    move_back(writer, present_key(writer.registry, kept), former, elsewhere=elsewhere)


def drop(writer: Writer, table: str, uid: str) -> None:
    """Take a row out; the audit entry keeps what it said."""
    if table == "asset":
        for column in ("asset_uid", "other_uid"):
            flags = list(raw_rows.fetch_all(writer.registry, "duplicate_flag", {column: uid}))
            for flag in flags:
                raw_rows.delete(writer, "duplicate_flag", flag)
    row = raw_rows.fetch(writer.registry, table, uid)
    if row is not None:
        forget_row(writer, table, uid)
        raw_rows.delete(writer, table, row)


def row_text(row: raw_rows.Row) -> str:
    """A row as it is remembered."""
    return json.dumps(
        {name: stored_json(value) for name, value in sorted(row.items())}, separators=(",", ":")
    )


def row_of(text: str) -> raw_rows.Row:
    """The row of `row_text`."""
    return {name: from_stored_json(value) for name, value in json.loads(text).items()}
