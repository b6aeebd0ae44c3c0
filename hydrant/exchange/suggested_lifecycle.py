"""What columns say of assets as a whole: which were removed, and when, and which are not built."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from hydrant.exchange.end_words import spoken_of
from hydrant.exchange.gone_words import means_yes
from hydrant.exchange.osm_tags import STAGE, STAGES, staged_headings
from hydrant.exchange.state_words import state_headed
from hydrant.exchange.suggested_columns import plain
from hydrant.exchange.suggestion import Suggestion, words
from hydrant.exchange.table import Table
from hydrant.exchange.toml_text import quoted
from hydrant.exchange.whole_headings import matching
from hydrant.vocabulary import LifecycleEvent

#: What stands between the words of several columns.
_JOIN = " | "


@dataclass(frozen=True, slots=True)
class _Called:
    """A column, and its words that say that an asset is gone or not there yet."""

    column: str
    called: dict[str, str]


def standing(made: Suggestion, table: Table) -> Table:
    """The rows that a prefix of OpenStreetMap's keys does not call gone or not there yet.

    The others are left out by the mapping, as those of an OpenStreetMap file are.
    """
    if STAGE not in table.columns:
        return table
    gone = [row for row, stage in enumerate(table.columns[STAGE]) if stage]
    words_of = ", ".join(map(quoted, STAGES))
    headings = tuple(staged_headings(table.columns))
    toml = f"ignore.{quoted(STAGE)} = [{words_of}]"
    made.add("", toml, "staged", columns=headings, count=len(gone))
    made.used |= {STAGE, *headings}
    return table.without(gone)


def lifecycle(made: Suggestion, table: Table) -> None:
    """Propose what was removed or is not there yet, by the words of states and by days."""
    plain(made, table, "at", words()["removed_on"], part="lifecycle")
    columns = _asked(made, table)
    for name in state_headed(table, made.used):
        spoken = spoken_of(table.columns[name])
        called = {word: one.event.value for word, one in spoken.items() if one.event is not None}
        if called:
            columns.append(_Called(name, called))
        _unclear(made, table, name, [word for word, one in spoken.items() if one.unclear])
    if not columns:
        return
    names = tuple(one.column for one in columns)
    called = {word: event for one in columns for word, event in one.called.items()}
    count = sum(
        any(cell.strip() in called for cell in row)
        for row in zip(*(table.columns[name] for name in names), strict=True)
    )
    told = " | ".join(sorted(called))
    made.add("lifecycle", f"event = {{ {_toml(columns)} }}", "lifecycle",
             columns=names, count=count, words=told)  # fmt: skip


def _asked(made: Suggestion, table: Table) -> list[_Called]:
    """Columns that ask whether an asset was removed."""
    found = []
    for name in matching(table, words()["yes_means_removed"], made.used):
        yes = dict.fromkeys(cell.strip() for cell in table.columns[name] if means_yes(cell))
        if yes:
            found.append(_Called(name, dict.fromkeys(yes, LifecycleEvent.REMOVED.value)))
            made.used.add(name)
    return found


def _unclear(made: Suggestion, table: Table, name: str, unclear: Sequence[str]) -> None:
    """Tell of words that speak of an end and may mean several things: their rows are refused."""
    counted = Counter(cell.strip() for cell in table.columns[name])
    for word in sorted(unclear):
        made.add("lifecycle", None, "lifecycle_unclear",
                 column=name, value=word, count=counted[word])  # fmt: skip


def _toml(columns: Sequence[_Called]) -> str:
    """How the event is read; a removal goes before a plan."""
    if len(columns) == 1:
        called = columns[0].called
        values = ", ".join(f"{quoted(word)} = {quoted(event)}" for word, event in called.items())
        return f'column = {quoted(columns[0].column)}, values = {{ {values} }}, other = ""'
    told: dict[str, list[str]] = {}
    for one in columns:
        for word, event in one.called.items():
            told.setdefault(event, []).append(word)
    patterns = ", ".join(
        f"[{quoted(_one_of(told[event]))}, {quoted(event)}]" for event in sorted(told, reverse=True)
    )
    names = ", ".join(quoted(one.column) for one in columns)
    return f'columns = [{names}], join = {quoted(_JOIN)}, patterns = [{patterns}], other = ""'


def _one_of(called: Sequence[str]) -> str:
    whole = "|".join(re.escape(word) for word in dict.fromkeys(called))
    return rf"(?:^| \| )(?:{whole})(?: \| |$)"
