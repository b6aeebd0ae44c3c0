"""A registry that is a GeoPackage file; see `hydrant.store.ground.backend`.

What the models bring is imported only where it is used: `near` must start without them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hydrant import private, times
from hydrant.errors import HydrantError
from hydrant.model.values import Columns, Numbers, Row
from hydrant.store.file import definitions
from hydrant.store.ground.backend import Extent, Finding
from hydrant.store.ground.connection import connect, sqlite_errors, store_error
from hydrant.store.ground.gpkg import RTREE, has_numbers
from hydrant.store.ground.server_state import ServerState
from hydrant.vocabulary import Language

if TYPE_CHECKING:
    from sqlmodel import Session

    from hydrant.store.file.touched_file import FileTouched

_IN_BOX = (
    f"SELECT a.uid, a.geom FROM {RTREE} r JOIN asset a ON a.fid = r.id "
    "WHERE r.minx <= ? AND r.maxx >= ? AND r.miny <= ? AND r.maxy >= ?"
)


class FileBackend:
    """An open file."""

    shared = False
    provider = "ogr"

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection

    @cached_property
    def touched(self) -> FileTouched:
        """What the open transaction writes."""
        from hydrant.store.file.touched_file import FileTouched  # noqa: PLC0415  see above

        return FileTouched(self.connection)

    @contextmanager
    def at_one_moment(self) -> Iterator[None]:
        """A block in which everything is read as it was at its beginning."""
        self.connection.execute("BEGIN")
        try:
            yield
        finally:
            self.connection.execute("ROLLBACK")

    def numbered(self, table: str) -> bool:
        """Whether SQLite knows the rows of a table by their number (`gpkg.has_numbers`)."""
        return has_numbers(self.connection, table)

    def as_left(self, sql: str, values: Sequence[object]) -> list[Row]:
        """Rows as another program may have left them, bytes that are no text kept apart."""
        try:
            return self.connection.execute(sql, values).fetchall()
        except (sqlite3.OperationalError, UnicodeDecodeError):
            pass  # read once more, byte for byte
        former = self.connection.text_factory
        self.connection.text_factory = _lenient
        try:
            return self.connection.execute(sql, values).fetchall()
        finally:
            self.connection.text_factory = former

    def in_box(self, west: float, south: float, east: float, north: float) -> sqlite3.Cursor:
        """Uid and position (blob) of the assets in a box of degrees."""
        return self.connection.execute(_IN_BOX, (east, west, north, south))

    def state(self) -> object:
        """Something that is another once others have written."""
        return self.connection.execute("PRAGMA data_version").fetchone()

    def session(self) -> Session:
        """A session of the models on the same connection."""
        from hydrant.store.ground.orm import session_on  # noqa: PLC0415  see above

        return session_on("sqlite://", lambda: self.connection)

    def login(self) -> str | None:
        """None: a file lets nobody in by name."""
        return None

    @contextmanager
    def as_ours(self, actor: str) -> Iterator[None]:
        """A block whose changes are not taken for another program's.

        While this row is there a change is ours; other programs never see it
        (`hydrant.store.sql.schema.watch_ddl`). Its number is none that a property ever had, else
        it would be sealed where another program took the last one out.
        """
        self.connection.execute(
            "INSERT INTO setting (fid, key, value) VALUES (-1, 'writing', ?)", (actor,)
        )
        yield
        self.connection.execute("DELETE FROM setting WHERE key = 'writing'")

    def refuse_altered(self) -> None:
        """Raise `StoreError` where a foreign trigger or definition changes what is written."""
        from hydrant.store.file.foreign_triggers import refuse_foreign_triggers  # noqa: PLC0415  see above

        refuse_foreign_triggers(self.connection, self.path)
        definitions.refuse_altered(self.connection, self.path)

    def altered(self) -> list[str]:
        """Names of our tables that are defined otherwise than this program does it."""
        return definitions.altered(self.connection)

    def writable(self, places: Mapping[str, str | None]) -> Mapping[str, str | None]:
        """All of them: a file has no rights within it."""
        return places

    def hold(self, tables: Sequence[str]) -> None:  # noqa: ARG002  nobody else writes meanwhile
        """Let references be looked at as the transaction ends: parents may be missing till then."""
        self.connection.execute("PRAGMA defer_foreign_keys = ON")

    def loading(self, table: str, count: int) -> AbstractContextManager[bool]:
        """A block that inserts rows; yields whether triggers are off meanwhile."""
        from hydrant.store.file.bulk_load import loading  # noqa: PLC0415  see above

        return loading(self.connection, self.touched, table, count)

    def insert_columns(
        self,
        table: str,
        columns: Columns,
        advance: Callable[[int], None] = lambda _rows: None,
    ) -> None:
        """Insert rows that are given as columns, many to a statement."""
        from hydrant.store.ground.bulk_columns import insert_columns  # noqa: PLC0415  see above

        insert_columns(self.connection, table, columns, advance)

    def repack(self, first: int, lons: Numbers, lats: Numbers) -> None:
        """Build the map's index anew, with assets that begin at a number."""
        from hydrant.store.sql.rtree_pack import repack  # noqa: PLC0415  brings numpy

        repack(self.connection, first, lons, lats)

    def layer(self, table: str) -> str:
        """How QGIS names a table of the file: by the file's name, so that both can be moved."""
        return f"./{self.path.name}|layername={table}"

    def refresh_extent(self) -> None:
        """Bring the layer's extent up to date, for GIS programs that trust it."""
        self.connection.execute(
            "UPDATE gpkg_contents SET (min_x, max_x, min_y, max_y) = "
            f"(SELECT min(minx), max(maxx), min(miny), max(maxy) FROM {RTREE}), "
            "last_change = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE table_name = 'asset'"
        )

    def mend_index(self, fid: int) -> None:
        """Make the map index agree with an asset's position, whoever wrote it last."""
        self.connection.execute(f"DELETE FROM {RTREE} WHERE id = ?", (fid,))
        self.connection.execute(
            f"INSERT INTO {RTREE} SELECT fid, ST_MinX(geom), ST_MaxX(geom), ST_MinY(geom), "
            "ST_MaxY(geom) FROM asset WHERE fid = ? AND geom NOT NULL AND NOT ST_IsEmpty(geom)",
            (fid,),
        )

    def extent(self) -> Extent:
        """Box of the assets, as the map's index has it."""
        found = self.connection.execute(
            f"SELECT min(minx), min(miny), max(maxx), max(maxy) FROM {RTREE}"
        ).fetchone()
        return None if found[0] is None else found

    def published(self, login: str) -> None:
        """None: what is published of a file is a copy."""

    def put_styles(self, lang: Language) -> None:
        """Write the styles into the file, in the caller's transaction."""
        from hydrant.store.sql.qgis_style import put_styles  # noqa: PLC0415  see above

        put_styles(self.connection, lang)

    def faults(self) -> list[Finding]:
        """What is wrong with the file, its shapes, the map's index and the references."""
        from hydrant.store.file.check_file import findings  # noqa: PLC0415  see above

        return findings(self.connection)

    def damaged(self) -> list[Finding]:
        """Where a page or an index of the file, or of the readings, does not say what rows say."""
        from hydrant.store.file.check_file import file_faults  # noqa: PLC0415  see above
        from hydrant.store.sql.check_readings import damaged  # noqa: PLC0415  see above

        return [*file_faults(self.connection), *damaged(self.path)]

    def reading_faults(self) -> list[Finding]:
        """What is wrong with the readings in the file beside it."""
        from hydrant.store.sql.check_readings import findings  # noqa: PLC0415  see above

        return findings(self.path)

    def copied_whole(self, target: Path) -> bool:
        """Copy the file page by page."""
        private.new_file(target)
        with sqlite_errors(target), closing(sqlite3.connect(target)) as copy:
            self.connection.backup(copy)
        return True

    def finish_copy(self) -> None:
        """Nothing: a file has another name until it is proven."""

    def server_state(self) -> ServerState | None:
        """None: there is no server."""
        return None

    def errors(self) -> AbstractContextManager[None]:
        """A block whose errors of SQLite become ours and say what to do."""
        return sqlite_errors(self.path)

    def cause_of(self, error: BaseException) -> HydrantError | None:
        """The error to show for one of SQLite, also behind one of SQLAlchemy (``orig``)."""
        cause = getattr(error, "orig", error)
        return store_error(cause, self.path) if isinstance(cause, sqlite3.Error) else None

    def leaving(self) -> AbstractContextManager[None]:
        """A block that closes the file."""
        return nullcontext()


@contextmanager
def opened(path: Path, *, write: bool) -> Iterator[FileBackend]:
    """Open the file of a registry.

    Raises
    ------
    StoreError
        The file is missing, foreign, locked, newer or in need of migration.
    """
    backend = FileBackend(path, connect(path, write=write))
    backend.connection.create_function(
        "hydrant_latest", 1, _latest(backend.connection), deterministic=True
    )
    try:
        with backend.errors():
            yield backend
    except BaseException as error:
        cause = backend.cause_of(error)
        if cause is not None:
            raise cause from error
        raise
    finally:
        backend.connection.close()


#: How many moments are kept with what is the latest that they can mean.
_MOMENTS = 65_536


def _latest(connection: sqlite3.Connection) -> Callable[[str | None], str | None]:
    """`hydrant.times.latest` of stored text, by the zone of the registry, for SQL."""

    @cache
    def local() -> ZoneInfo:
        found = connection.execute("SELECT value FROM setting WHERE key = 'zone'").fetchone()
        return times.zone(found[0] if found else times.DEFAULT_ZONE)

    @lru_cache(maxsize=_MOMENTS)  # many visits of a register are of few days
    def latest(stored: str | None) -> str | None:
        if stored is None:
            return None
        return times.to_text(times.latest(times.from_text(stored), local()))

    return latest


def _lenient(text: bytes) -> str:
    """Text as another program may have left it, each byte that is none kept apart."""
    return text.decode("utf-8", "surrogateescape")
