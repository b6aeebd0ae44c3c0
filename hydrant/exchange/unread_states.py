"""Columns that are headed as states, that nothing reads, and whose words are not understood.

Beside a good state such a word may be a bad one: a good word never outweighs it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from hydrant.exchange.answers import not_known
from hydrant.exchange.objecting import asks_something
from hydrant.exchange.plain_words import plain_word, plain_words
from hydrant.exchange.remarks import harmless, not_understood
from hydrant.exchange.state_words import UNKNOWN, state_columns, state_headed
from hydrant.exchange.suggestion import MOST_WORDS
from hydrant.exchange.table import Table

#: No longer sign stands for a word that is not written out: 1, B, OK.
_SIGN = 2


def unread_states(
    table: Table,
    working: Sequence[int],
    settled: Collection[str],
    bad: Mapping[str, Collection[str]],
) -> Iterator[tuple[str, set[str]]]:
    """Such columns, and what they hold beside a good state and is not understood.

    Parameters
    ----------
    working
        Rows that are taken for working.
    settled
        Columns that are read, or of which somebody said what they mean.
    bad
        What is understood as bad: where a heading asks, its other answers are the good ones.
    """
    few = {one.column: one.values for one in state_columns(table, settled)}
    for name in state_headed(table, settled):
        if bad.get(name) and asks_something(name):
            continue
        cells = table.columns[name]
        beside = {cells[row].strip() for row in working} - {""}
        if name in few:
            left = {cell for cell in beside if few[name].get(cell) == UNKNOWN and _open(cell)}
        else:
            left = not_understood(beside) if len(beside) > MOST_WORDS else set()
        if left:
            yield name, left


def _open(cell: str) -> bool:
    """Whether a word of a state may be bad: under its heading a sign or a yes says too little."""
    plain = plain_word(cell)
    if plain in plain_words("in_use") | plain_words("settled") or not_known(cell):
        return False  # what is not known has a rule of its own
    answer = plain in plain_words("yes") | plain_words("no")
    return answer or len(plain) <= _SIGN or plain.isdigit() or not harmless(cell)
