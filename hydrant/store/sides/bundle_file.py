"""The file a crew takes along: cut out of a registry, and what was changed in it since.

A copy of the bundle as it left is kept in a folder beside the registry; what a crew changed is
the difference between that copy and the file that comes back. SQLite makes both copies, so no
live file is ever opened outside it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from hydrant import durable, private, times
from hydrant.errors import HydrantError, InputRefused, StoreError
from hydrant.ids import is_key, is_uid, new_uid
from hydrant.model.values import Row
from hydrant.store.chain.sealing import founding
from hydrant.store.ground.bounded_sqlite import bounded_rows, require_tables, tame
from hydrant.store.ground.connection import connect, sqlite_errors
from hydrant.store.ground.place import Place
from hydrant.store.opened import raw_rows
from hydrant.store.opened.registry import Registry
from hydrant.store.sides.cutting import cut

#: What crews may change, parents before their children.
CARRIED = ("asset", "asset_version", "lifecycle", "inspection", "defect", "sensor")
#: What is the office's alone; a change of it in a bundle is refused.
GUARDED = ("requirement", "region", "region_successor")
#: Left out of a bundle: the office's own bookkeeping.
_EMPTIED = ("change", "source_record", "import_batch", "assessment", "bundle", "proposal",
            "merge_conflict", "outside_edit", "duplicate_flag", "asset_alias", "seal",
            "seal_block")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Packed:
    """A bundle as it left; times are stored text."""

    uid: str
    crew: str
    packed_at: str
    assets: int


@dataclass(frozen=True, slots=True)
class RowChange:
    """What became of one row: added (no base), deleted (no row), or changed."""

    entity: str
    uid: str
    base: raw_rows.Row | None
    row: raw_rows.Row | None


def bundle_folder(registry: Place) -> Path:
    """Folder beside a registry for bundles as they left and as they came back."""
    return registry.with_suffix(".bundles")


def base_path(registry: Place, uid: str) -> Path:
    """The copy of a bundle as it left."""
    return bundle_folder(registry) / f"{uid}.base.gpkg"


def cut_out(
    registry: Registry,
    target: Path,
    uids: Sequence[str],
    *,
    crew: str,
    along: Mapping[str, str],
) -> Packed:
    """Write a bundle of some assets, and keep a copy of it as the base for merging.

    Parameters
    ----------
    along
        Settings that the crew's file gets besides: its area, the text of its policy.

    Raises
    ------
    StoreError
        Something is there already, or it cannot be written.
    """
    if target.exists():
        raise StoreError("store.exists", file=target)
    packed = Packed(new_uid(), crew, times.to_text(times.now()), len(uids))
    base = base_path(registry.path, packed.uid)
    aside = target.with_name(f".{target.name}.{new_uid()}.part")
    try:
        private.folder(base.parent)
        _copy(registry, aside, uids)
        _trim(aside, uids, packed, along)
        copy_file(aside, base)
        durable.put(aside, target)
    except OSError as error:
        raise StoreError("store.cannot_create", file=target, why=error.strerror) from None
    finally:
        private.discard(aside)
    return packed


def _copy(registry: Registry, aside: Path, uids: Sequence[str]) -> None:
    """The whole of a file, page by page; of a server what is wanted, since it passes a network."""
    if not registry.backend.copied_whole(aside):
        cut(registry.path, aside, uids, carried=CARRIED, left_out=_EMPTIED)


def _trim(path: Path, uids: Sequence[str], packed: Packed, along: Mapping[str, str]) -> None:
    """Leave in a copy what the crew needs, and tell it what it is."""
    connection = connect(path, write=True)
    with closing(connection), sqlite_errors(path):
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO setting (key, value) VALUES ('writing', 'pack')")
        connection.execute("CREATE TEMP TABLE wanted (uid TEXT PRIMARY KEY)")
        connection.executemany("INSERT INTO wanted VALUES (?)", ((uid,) for uid in uids))
        connection.execute("DELETE FROM asset WHERE uid NOT IN (SELECT uid FROM wanted)")
        for table in CARRIED[1:]:
            connection.execute(
                f"DELETE FROM {table} WHERE asset_uid NOT IN (SELECT uid FROM wanted)"
            )
        for table in _EMPTIED:
            connection.execute(f"DELETE FROM {table}")
        told = {
            "writer": new_uid(),
            "bundle": packed.uid,
            "crew": packed.crew,
            "packed_at": packed.packed_at,
            **along,
        }
        connection.executemany(
            "INSERT INTO setting (key, value) VALUES (?, ?) "
            "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            list(told.items()),
        )
        connection.execute("DELETE FROM setting WHERE key = 'writing'")
        founding(connection, "packed", actor=packed.crew, origin="survey pack")
        connection.execute("COMMIT")
        connection.execute("VACUUM")


def copy_file(source: Path, target: Path) -> None:
    """Copy a GeoPackage through SQLite, also one whose last changes lie in a log beside it."""
    aside = target.with_name(f".{target.name}.{new_uid()}.part")
    try:
        private.new_file(aside)
        with (
            sqlite_errors(source),
            closing(connect(source, write=False, older=True)) as original,
            closing(sqlite3.connect(aside)) as copy,
        ):
            original.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        durable.put(aside, target)
    finally:
        private.discard(aside)


#: What is said of a registry, and what instead of a file that a crew brings back.
_OF_BUNDLES = {
    "store.missing": "store.bundle_missing",
    "store.corrupt": "store.bundle_corrupt",
    "store.foreign": "store.bundle_foreign",
}


@contextmanager
def brought_back(bundle: Path) -> Iterator[None]:
    """Say of a crew's file that cannot be read what to do about it, not about a registry."""
    try:
        yield
    except StoreError as error:
        if error.key not in _OF_BUNDLES or error.facts.get("file") != bundle:
            raise
        raise StoreError(_OF_BUNDLES[error.key], **error.facts) from None


def packed_in(path: Path) -> Packed:
    """What a bundle says of itself; raises `InputRefused` where it is none."""
    with sqlite_errors(path), closing(connect(path, write=False, older=True)) as connection:
        require_tables(connection, ("setting",), path)
        told = dict(connection.execute("SELECT key, value FROM setting"))
    uid, crew, packed_at = (told.get(name) for name in ("bundle", "crew", "packed_at"))
    # the key names files beside the registry, so it must be a key and nothing else
    if not is_uid(uid) or not isinstance(crew, str) or not _is_time(packed_at):
        raise InputRefused("store.no_bundle", file=path)
    return Packed(str(uid), crew, str(packed_at), 0)


def _is_time(value: object) -> bool:
    try:
        return isinstance(value, str) and times.from_text(value) is not None
    except (HydrantError, OverflowError):
        return False


def changes_since(base: Path, bundle: Path) -> list[RowChange]:
    """What was changed in a bundle since it left, parents before their children."""
    connection = connect(bundle, write=False)
    with closing(connection), sqlite_errors(bundle):
        connection.execute("ATTACH DATABASE ? AS base", (f"file:{base.as_posix()}?mode=ro",))
        tame(connection)
        require_tables(connection, (*CARRIED, *GUARDED), bundle)
        return [
            change
            for table in (*CARRIED, *GUARDED)
            for change in _table_changes(connection, table, bundle)
        ]


def _table_changes(connection: sqlite3.Connection, table: str, bundle: Path) -> Iterator[RowChange]:
    names = raw_rows.columns(table)
    listed = ", ".join(names)

    def rows(one: str, other: str) -> dict[str, raw_rows.Row]:
        found = connection.execute(
            f"SELECT {listed} FROM {one}.{table} EXCEPT SELECT {listed} FROM {other}.{table}"
        )
        made = (dict(zip(names, values, strict=True)) for values in bounded_rows(found, bundle))
        return {row["uid"]: row for row in made}

    came, left = rows("main", "base"), rows("base", "main")
    if not all(map(is_key, came)):
        raise InputRefused("store.bad_key", file=bundle, table=table)
    for uid in sorted(came.keys() | left.keys()):
        yield RowChange(table, uid, left.get(uid), came.get(uid))


def crew_entries(bundle: Path) -> list[Row]:
    """The crew's own audit entries, in the order they were written."""
    with sqlite_errors(bundle), closing(connect(bundle, write=False)) as connection:
        tame(connection)
        require_tables(connection, ("change",), bundle)
        cursor = connection.execute(f"SELECT {_ENTRY} FROM change ORDER BY fid")
        found = list(bounded_rows(cursor, bundle))
    if not all(is_key(entry[0]) and _is_time(entry[1]) for entry in found):
        raise InputRefused("store.bad_entry", file=bundle)
    return found


_ENTRY = ("uid, at, actor, origin, action, entity, entity_uid, before, after, rows, digest, "
          "writer, previous_hash, hash")  # fmt: skip


def keep_entries(registry: Registry, entries: Sequence[Row]) -> None:
    """Take a crew's audit entries into the registry's log; those there already stay."""
    marks = ", ".join("?" * len(_ENTRY.split(", ")))
    registry.connection.executemany(
        f"INSERT INTO change ({_ENTRY}) VALUES ({marks}) ON CONFLICT (uid) DO NOTHING", entries
    )


def stored_json(value: object) -> str:
    """A stored value as JSON text; blobs as hexadecimal digits behind a mark."""
    if isinstance(value, bytes):
        value = {"hex": value.hex()}
    return _JSON.encode(value)


#: Made once: `json.dumps` would make it anew for each value.
_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True)


def from_stored_json(text: str) -> object:
    """The value of `stored_json`."""
    value = json.loads(text)
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value
