"""Writes what a run found into docs/reliability.md, between marks."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests import marked

COMMAND = "nox -s faults -- COUNT"

_KILLS = """### kill -9

Half of the kills come at a random moment of the operation, half at a random one of its writes to
the disk (before it, or after half of its bytes). After each the check must find nothing; after one
in four the same command is given again and must complete the work (not for visits and polls, which
would be recorded anew). *In a transaction* left a journal or log to be played back.
*Unacknowledged* were stored although the kill came before the answer.

| operation | kills | in a transaction | not begun | part | whole | unacknowledged | acknowledged, lost | half |
|---|---|---|---|---|---|---|---|---|
"""
_REST = """
### Other faults

| what | trials | result | wrong |
|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the page.

    Attributes
    ----------
    kills
        Figures of a kill row, in the order of the page; empty for other faults.
    wrong
        Trials that ended as none may.
    """

    what: str
    trials: int
    result: str
    wrong: int
    kills: tuple[int, ...] = ()

    def plain(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self)


def written(rows: list[Row]) -> str:
    """The tables."""
    kills = "".join(
        f"| {row.what} | {' | '.join(f'{n:,}' for n in (row.trials, *row.kills))} |\n"
        for row in rows
        if row.kills
    )
    rest = "".join(
        f"| {row.what} | {row.trials:,} | {'' if row.wrong else row.result} | {row.wrong:,} |\n"
        for row in rows
        if not row.kills
    )
    return _KILLS + kills + _REST + rest


def put(page: Path, rows: list[Row]) -> None:
    """Put the tables between the marks of a page, or at its end."""
    marked.put(page, COMMAND, written(rows))
