"""A registry on a PostgreSQL server; see `hydrant.store.ground.backend`.

What the models bring is imported only where it is used: `near` must start without them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from hydrant import times
from hydrant.errors import HydrantError, StoreError
from hydrant.model.values import Columns, Numbers, Row
from hydrant.store.ground.backend import Cursor, Extent, Finding, Published, one_row
from hydrant.store.ground.server_state import ServerState
from hydrant.store.migrations import CHANGES
from hydrant.store.server import errors, health
from hydrant.store.server.connection import ServerConnection
from hydrant.vocabulary import Language

if TYPE_CHECKING:
    from sqlmodel import Session

    from hydrant.store.server_tables.touched import ServerTouched


IN_BOX = "SELECT uid, geom FROM asset WHERE geom && ST_MakeEnvelope(%s, %s, %s, %s, 4490)"


class ServerBackend:
    """An open session on a server."""

    shared = True
    provider = "postgres"

    def __init__(self, connection: ServerConnection) -> None:
        self.connection = connection

    @cached_property
    def touched(self) -> ServerTouched:
        """What the open transaction writes."""
        from hydrant.store.server_tables.touched import ServerTouched  # noqa: PLC0415  see above

        return ServerTouched(self.connection)

    @contextmanager
    def at_one_moment(self) -> Iterator[None]:
        """A block in which everything is read as it was at its beginning."""
        self.connection.server("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield
        finally:
            self.connection.server("ROLLBACK")

    def numbered(self, table: str) -> bool:
        """Whether the server sees to it that each row of a table has one number of its own."""
        found = self.connection.server(
            "SELECT 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid "
            "AND a.attname = 'fid' WHERE i.indrelid = %s::regclass AND i.indisunique "
            "AND i.indpred IS NULL AND i.indkey::text = a.attnum::text AND a.attnotnull",
            (table,),
        )
        return found.fetchone() is not None

    def as_left(self, sql: str, values: Sequence[object]) -> list[Row]:
        """Rows as they are: a server holds no text that is none."""
        return self.connection.execute(sql, values).fetchall()

    def in_box(self, west: float, south: float, east: float, north: float) -> Cursor:
        """Uid and position (blob) of the assets in a box of degrees."""
        return self.connection.server(IN_BOX, (west, south, east, north))

    def state(self) -> object:
        """The last seal: whoever writes adds one."""
        return self.connection.execute("SELECT max(number) FROM seal").fetchone()

    def session(self) -> Session:
        """A session of the models on the same connection."""
        from hydrant.store.server.models import session_on  # noqa: PLC0415  see above

        return session_on(self.connection)

    def login(self) -> str | None:
        """Whom the server let in."""
        return str(one_row(self.connection.server("SELECT session_user::text"))[0])

    def as_ours(self, actor: str) -> AbstractContextManager[None]:  # noqa: ARG002
        """A block whose changes are ours: the transaction itself is marked as it begins."""
        return nullcontext()

    def refuse_altered(self) -> None:
        """Nothing: who may make triggers on a server may do anything; `faults` names them."""

    def altered(self) -> list[str]:
        """None: definitions on a server are not held against ours."""
        return []

    def writable(self, places: Mapping[str, str | None]) -> Mapping[str, str | None]:
        """Of assets with the region they come to, those that this login may change."""
        from hydrant.store.server_schema.rights import writable  # noqa: PLC0415  see above

        return writable(self.connection, places)

    def hold(self, tables: Sequence[str]) -> None:
        """Let nobody write into tables: what others write now is for the next time.

        They wait before they hold any row, so that nobody waits for who waits for them.
        """
        self.connection.server(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE")

    def loading(self, table: str, count: int) -> AbstractContextManager[bool]:  # noqa: ARG002
        """A block that inserts rows: COPY into live indexes, since there are other readers."""
        return nullcontext(enter_result=False)

    def insert_columns(
        self,
        table: str,
        columns: Columns,
        advance: Callable[[int], None] = lambda _rows: None,
    ) -> None:
        """Insert rows that are given as columns, by COPY."""
        from hydrant.store.ground.bulk_columns import insert_singly  # noqa: PLC0415  see above

        insert_singly(self.connection, table, columns, advance)

    def repack(self, first: int, lons: Numbers, lats: Numbers) -> None:
        """Nothing: the server keeps its index itself."""

    def layer(self, table: str) -> str:
        """How QGIS names a table of the server: its database, and nobody's login."""
        from hydrant.store.server_schema import styles  # noqa: PLC0415  see above

        return styles.source(self.connection.place, table)

    def refresh_extent(self) -> None:
        """Nothing: GIS programs ask the server."""

    def mend_index(self, fid: int) -> None:
        """Nothing: the server keeps its index itself."""

    def extent(self) -> Extent:
        """Box of the assets."""
        west, south, east, north = one_row(
            self.connection.server(
                "SELECT min(ST_X(geom)), min(ST_Y(geom)), max(ST_X(geom)), max(ST_Y(geom)) "
                "FROM asset"
            )
        )
        return None if west is None else (west, south, east, north)

    def published(self, login: str) -> Published:
        """What the public view has; raises `StoreError` where this login may not read it."""
        from hydrant.store.server_schema import public  # noqa: PLC0415  see above

        place = self.connection.place
        if not public.there(self.connection):
            raise StoreError("server.not_public", file=place, login=login)
        return Published(*public.extent(self.connection), place.url)

    def put_styles(self, lang: Language) -> None:
        """Write the styles into QGIS's own table, in the caller's transaction."""
        from hydrant.store.server_schema import styles  # noqa: PLC0415  see above

        styles.put(self.connection, lang)

    def faults(self) -> list[Finding]:
        """What is wrong with programs, rights, references, positions and readings."""
        from hydrant.store.server_tables import check  # noqa: PLC0415  see above

        return check.faults(self.connection)

    def damaged(self) -> list[Finding] | None:
        """Where an index does not say what its rows say; asks PostgreSQL's amcheck."""
        from hydrant.store.server_tables import indexes  # noqa: PLC0415  see above

        return indexes.damaged(self.connection)

    def reading_faults(self) -> list[Finding]:
        """None: `faults` looked at the readings, which are in the same database."""
        return []

    def copied_whole(self, target: Path) -> bool:  # noqa: ARG002
        """Never: what is wanted passes a network, row by row."""
        return False

    def finish_copy(self) -> None:
        """Declare a proven copy a registry."""
        for change in CHANGES:
            self.connection.execute(
                "INSERT INTO migration (version, name, applied_at) VALUES (?, ?, ?)",
                (change.version, change.name, times.to_text(times.now())),
            )
        self.connection.server("ANALYZE")

    def server_state(self) -> ServerState | None:
        """What this login sees of the server."""
        return health.state(self.connection)

    def errors(self) -> AbstractContextManager[None]:
        """A block whose errors of the driver become ours and say what to do."""
        return errors.server_errors(self.connection.place)

    def cause_of(self, error: BaseException) -> HydrantError | None:
        """The error to show for one of the driver, also behind one of SQLAlchemy."""
        found = errors.cause_of(error)
        return None if found is None else errors.store_error(found, self.connection.place)

    def leaving(self) -> AbstractContextManager[None]:
        """A block that takes leave of a server that may be gone."""
        return errors.unless_lost()
