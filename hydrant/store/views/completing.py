"""Codes and names that begin as typed, for completing a command line.

Every question is answered from an index within milliseconds, whatever the size of the registry,
and a registry that cannot be read has simply nothing to offer: at a shell's prompt an error is
worse than no answer. The file is opened for reading only and never waited for.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

#: More than this nobody reads; then the common beginnings are offered instead.
MOST = 60
_WAIT_S = 0.1
_LAST = "\U0010ffff"

#: What was found: the word, facts that describe it, and whether it is only a beginning.
Found = tuple[str, tuple[str | None, ...], bool]

_ASSETS = "SELECT code, kind, address FROM asset WHERE code >= ? AND code < ? ORDER BY code LIMIT ?"
_REGIONS = (
    "SELECT code, name_zh, name_en FROM region WHERE code >= ? AND code < ? ORDER BY code LIMIT ?"
)
_REGION_NAMES = (
    "SELECT {name}, code, level FROM region "
    "WHERE {name} >= ? AND {name} < ? ORDER BY {name} LIMIT ?"
)
_SENSORS = (
    # sensors are few beside assets, so they are gone through first
    "SELECT a.code, s.quantity, s.profile FROM sensor s CROSS JOIN asset a ON a.uid = s.asset_uid "
    "WHERE a.code >= ? AND a.code < ? ORDER BY a.code LIMIT ?"
)
_ASSESSMENTS = (
    "SELECT uid, as_of, region_code FROM assessment WHERE uid >= ? AND uid < ? "
    "ORDER BY uid DESC LIMIT ?"
)
_CONFLICTS = (
    "SELECT uid, entity, field FROM merge_conflict WHERE uid >= ? AND uid < ? "
    "AND state = 'open' ORDER BY uid LIMIT ?"
)
_CREWS = (
    "SELECT DISTINCT crew, NULL, NULL FROM bundle WHERE crew >= ? AND crew < ? "
    "ORDER BY crew LIMIT ?"
)


class Words:
    """Words of one registry; made by `words_of`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def assets(self, begun: str) -> list[Found]:
        """Codes of assets with kind and address."""
        return self._ask_or_stems(_ASSETS, "asset", begun)

    def regions(self, begun: str) -> list[Found]:
        """Codes of regions with their names; names with their codes where a name was begun."""
        if not begun or begun[0].isdigit():
            return self._ask_or_stems(_REGIONS, "region", begun)
        named: list[Found] = []
        for column in ("name_zh", "name_en"):
            named += self._ask(_REGION_NAMES.format(name=column), begun) or []
        return named[:MOST]

    def sensors(self, begun: str) -> list[Found]:
        """Codes of assets that bear a sensor, with its quantity and profile."""
        return self._ask_or_stems(_SENSORS, "asset", begun)

    def assessments(self, begun: str) -> list[Found]:
        """Uids of saved assessments with date and region."""
        return self._ask(_ASSESSMENTS, begun) or []

    def conflicts(self, begun: str) -> list[Found]:
        """Uids of conflicts that wait for a decision, with what they are about."""
        return self._ask(_CONFLICTS, begun) or []

    def crews(self, begun: str) -> list[Found]:
        """Names of crews that brought a bundle back."""
        return self._ask(_CREWS, begun) or []

    def _ask(self, sql: str, begun: str) -> list[Found] | None:
        """Each word once; None when there are too many to show."""
        rows = self._connection.execute(sql, (begun, begun + _LAST, MOST + 1)).fetchall()
        if len(rows) > MOST:
            return None
        return [(word, tuple(facts), False) for word, *facts in _first_of_each(rows)]

    def _ask_or_stems(self, sql: str, table: str, begun: str) -> list[Found]:
        found = self._ask(sql, begun)
        return self._stems(table, begun) if found is None else found

    def _stems(self, table: str, begun: str) -> list[Found]:
        """Beginnings that together cover every code: what follows is up to the typist.

        One seek for the first and one for the last code of each group, however many it holds.
        """
        stems = [stem for stem in self._groups(table, begun) if stem]
        while len(stems) == 1 and stems[0] != begun:
            begun = stems[0]
            stems = list(self._groups(table, begun))
        return [(stem, (), not self._is_code(table, stem)) for stem in stems]

    def _groups(self, table: str, begun: str) -> Iterator[str]:
        low, end = begun, begun + _LAST
        while (first := self._edge(table, "min", low, end)) is not None:
            if first == begun:
                yield first
                low = first + "\0"
                continue
            group = first[: len(begun) + 1]
            yield _shared(first, self._edge(table, "max", group, group + _LAST) or first)
            low = group + _LAST

    def _edge(self, table: str, which: str, low: str, end: str) -> str | None:
        sql = f"SELECT {which}(code) FROM {table} WHERE code >= ? AND code < ?"
        found: str | None = self._connection.execute(sql, (low, end)).fetchone()[0]
        return found

    def _is_code(self, table: str, word: str) -> bool:
        """Whether a beginning is the only thing that begins so, hence whole."""
        return self._edge(table, "max", word, word + _LAST) == word


def _first_of_each(rows: Sequence[Sequence[str]]) -> Iterator[Sequence[str]]:
    seen: set[str] = set()
    for row in rows:
        if row[0] not in seen:
            seen.add(row[0])
            yield row


def _shared(one: str, other: str) -> str:
    """What two words begin with alike."""
    for index, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return one[:index]
    return min(one, other, key=len)


def words_of(path: Path, ask: Callable[[Words], list[Found]]) -> list[Found]:
    """What a registry answers to a question about its words; nothing if it cannot be read."""
    address = f"file:{quote(path.resolve().as_posix())}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=_WAIT_S)) as connection:
            return ask(Words(connection))
    except sqlite3.Error:
        return []
