"""What the store needs of where a registry is: a file and a server each have it in their own way.

An open registry holds one `Backend`: `hydrant.store.file.file_backend` or
`hydrant.store.server_tables.backend`. Whoever reads or writes asks it, and never which of the
two it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from hydrant.errors import HydrantError
from hydrant.model.values import Bound, Columns, Numbers, Row
from hydrant.store.ground.server_state import ServerState
from hydrant.store.ground.touched import LEAST, Touched
from hydrant.vocabulary import Language

if TYPE_CHECKING:
    from sqlmodel import Session

#: A message key and its facts.
Finding: TypeAlias = tuple[str, Mapping[str, object]]
#: West, south, east and north, degrees; None where there is nothing.
Extent: TypeAlias = tuple[float, float, float, float] | None


class Cursor(Protocol):
    """Rows that a statement gives; values are as SQLite has them."""

    @property
    def rowcount(self) -> int:
        """How many rows were written."""

    @property
    def description(self) -> Sequence[Sequence[object]] | None:
        """Of each column a tuple that begins with its name."""

    def fetchone(self) -> Row | None:
        """The next row; None after the last."""

    def fetchall(self) -> list[Row]:
        """All that are left."""

    def __iter__(self) -> Iterator[Row]:
        """One after the other."""


def one_row(cursor: Cursor) -> Row:
    """The row of a statement that always gives one."""
    found = cursor.fetchone()
    if found is None:
        raise LookupError("a statement that always gives a row gave none")
    return found


def column_names(cursor: Cursor) -> list[str]:
    """Names of the columns that a statement gives."""
    return [str(column[0]) for column in cursor.description or ()]


class Counted(Protocol):
    """What is known of a statement that was run for many rows."""

    @property
    def rowcount(self) -> int:
        """How many rows were written."""


class Connection(Protocol):
    """What the connections of both stores have in common; statements are in SQLite's words."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""

    def execute(self, sql: str, values: Bound = ..., /) -> Cursor:
        """Run a statement."""

    def executemany(self, sql: str, rows: Iterable[Sequence[object]], /) -> Counted:
        """Run a statement for each row."""

    def close(self) -> None:
        """Close it."""


class TouchedRows(Protocol):
    """Which rows a transaction writes, and what they said before; see `hydrant.store.chain`."""

    def begin(self) -> None:
        """Forget what was written down, and see to it that what comes is."""

    def in_bulk(
        self, table: str, count: int, *, least: int = LEAST
    ) -> AbstractContextManager[None]:
        """A block that only inserts rows into a table, at its end; few one by one."""

    def left_out(self, table: str) -> AbstractContextManager[None]:
        """A block that only drops rows of a table, which are not written down."""

    def mark(self, table: str, fid: int, old: bytes | None) -> None:
        """Write down a row that another program wrote.

        Parameters
        ----------
        old
            Hash of what it said before; None where it was inserted, `UNKNOWN` where that cannot
            be said exactly.
        """

    def written(self, known: AbstractSet[tuple[str, int, int]] = frozenset()) -> dict[str, Touched]:
        """What was written since the transaction began, by table.

        Parameters
        ----------
        known
            Tables with the first and last number of rows that were inserted in bulk, and are left
            out unless they were written again.
        """


class Reads(Protocol):
    """How a registry is read."""

    @property
    def connection(self) -> Connection:
        """In autocommit mode."""

    def at_one_moment(self) -> AbstractContextManager[None]:
        """A block in which everything is read as it was at its beginning."""

    def numbered(self, table: str) -> bool:
        """Whether the store itself sees to it that each row has one number of its own."""

    def as_left(self, sql: str, values: Sequence[object]) -> list[Row]:
        """Rows as another program may have left them, also with text that is none."""

    def in_box(self, west: float, south: float, east: float, north: float) -> Cursor:
        """Uid and position (blob) of the assets in a box of degrees."""

    def state(self) -> object:
        """Something that is another once others have written."""

    def session(self) -> Session:
        """A session of the models on the same connection; it never commits by itself."""


class Writes(Protocol):
    """How a registry is written to.

    Attributes
    ----------
    shared
        Whether others may write to other rows at the same time.
    """

    shared: bool

    @property
    def touched(self) -> TouchedRows:
        """What the open transaction writes."""

    def login(self) -> str | None:
        """Whom the server let in; None for a file, which lets nobody in by name."""

    def as_ours(self, actor: str) -> AbstractContextManager[None]:
        """A block within a transaction whose changes are not taken for another program's."""

    def refuse_altered(self) -> None:
        """Raise `StoreError` where a foreign trigger or definition changes what is written."""

    def altered(self) -> list[str]:
        """Names of our tables that are defined otherwise than this program does it."""

    def writable(self, places: Mapping[str, str | None]) -> Mapping[str, str | None]:
        """Of assets with the region they come to, those that this login may change."""

    def hold(self, tables: Sequence[str]) -> None:
        """Let nothing come in between; references are looked at when the transaction ends."""


class Loads(Protocol):
    """How many rows are written at once."""

    def loading(self, table: str, count: int) -> AbstractContextManager[bool]:
        """A block that inserts rows; yields whether the map's index is off meanwhile."""

    def insert_columns(
        self, table: str, columns: Columns, advance: Callable[[int], None] = ...
    ) -> None:
        """Insert rows that are given as columns of one length, arrays or sequences.

        It must be within a transaction that is rolled back after an error: some rows are there
        then.

        Parameters
        ----------
        advance
            Called with the number of rows just written.
        """

    def repack(self, first: int, lons: Numbers, lats: Numbers) -> None:
        """Build the map's index anew, with assets that begin at a number."""


class Published(NamedTuple):
    """How many assets a server publishes, their box, and where it is."""

    assets: int
    box: Extent
    url: str


class Maps(Protocol):
    """What GIS programs look at.

    Attributes
    ----------
    provider
        QGIS's word for where layers come from.
    """

    provider: str

    def layer(self, table: str) -> str:
        """How QGIS names a table as a layer, from a project that stands beside the registry."""

    def refresh_extent(self) -> None:
        """Bring the layer's extent up to date, for GIS programs that trust it."""

    def mend_index(self, fid: int) -> None:
        """Make the map index agree with an asset's position, whoever wrote it last."""

    def extent(self) -> Extent:
        """Box of the assets."""

    def published(self, login: str) -> Published | None:
        """What anybody may read here; None for a file, of which a copy is published.

        Parameters
        ----------
        login
            Whom the error names, as the one that will read.

        Raises
        ------
        StoreError
            A server publishes nothing, or not to this login.
        """

    def put_styles(self, lang: Language) -> None:
        """Write the styles where QGIS looks for them, in the caller's transaction."""


class Care(Protocol):
    """What keeps a registry whole."""

    def faults(self) -> list[Finding]:
        """What is wrong with what the store itself must have."""

    def damaged(self) -> list[Finding] | None:
        """Where an index or storage contradicts rows; None where a server cannot be asked."""

    def reading_faults(self) -> list[Finding]:
        """What is wrong with the readings, where `faults` did not look at them."""

    def copied_whole(self, target: Path) -> bool:
        """Whether the registry could be copied to a file page by page; it then was."""

    def finish_copy(self) -> None:
        """Declare a copy that was proven equal a registry."""

    def server_state(self) -> ServerState | None:
        """What a server shows of itself; None for a file."""


class Closes(Protocol):
    """What becomes of errors and of the connection."""

    def errors(self) -> AbstractContextManager[None]:
        """A block whose errors of the database become ours and say what to do."""

    def cause_of(self, error: BaseException) -> HydrantError | None:
        """The error to show for one of the database, also behind one of SQLAlchemy."""

    def leaving(self) -> AbstractContextManager[None]:
        """A block that takes leave of the database, which may be gone."""


class Backend(Reads, Writes, Loads, Maps, Care, Closes, Protocol):
    """All that an open registry needs."""


class Moments(NamedTuple):
    """Expressions for texts of a reading's times: its hour, the one before, itself, its arrival."""

    hour: str
    hour_before: str
    at: str
    arrived: str


class Shelf(Protocol):
    """What the readings store needs of where it is.

    Attributes
    ----------
    words
        Expressions for the text of an hour, of the moment and of the arrival of a reading.
    numbers_given
        Whether the store counts by itself, whatever numbers are there.
    """

    words: Moments
    numbers_given: bool

    @property
    def connection(self) -> Connection:
        """In autocommit mode."""

    @property
    def touched(self) -> TouchedRows:
        """What the open transaction writes."""

    def hold_chain(self) -> None:
        """Let nobody else append a seal until the transaction ends."""

    def has_table(self, name: str) -> bool:
        """Whether there is such a table."""

    @property
    def reads(self) -> Reads:
        """How the store is held against its seals."""

    def altered(self) -> list[str]:
        """Names of what another program defined on our tables."""

    def refuse_altered(self) -> None:
        """Raise `StoreError` where a definition of another program changes what is written."""

    def make_room(self, moments: Sequence[str]) -> None:
        """See to it that readings of these moments (stored text) can be written."""

    def refuse_moved(self) -> None:
        """Raise `StoreError` where nobody would ever read what is written here."""

    def days_before(self, day: dt.date) -> list[str] | None:
        """Tables that hold one UTC day each, of all before one; None where one table holds all."""

    def errors(self) -> AbstractContextManager[None]:
        """A block whose errors of the database become ours and say what to do."""
