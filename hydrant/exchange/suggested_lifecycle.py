"""What columns say of assets as a whole: which were removed, and when, and which are not built."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hydrant.exchange.state_words import States, state_columns, state_of_whole
from hydrant.exchange.suggested_columns import plain
from hydrant.exchange.suggestion import Suggestion, words
from hydrant.exchange.table import Table
from hydrant.exchange.toml_text import quoted

#: What stands between the words of several columns.
_JOIN = " | "


def lifecycle(made: Suggestion, table: Table) -> None:
    """Propose what was removed or is not there yet, by the words of states and by days."""
    plain(made, table, "at", words()["removed_on"], part="lifecycle")
    columns = [one for one in state_columns(table, made.used) if _called(one)]
    if not columns:
        return
    names = tuple(one.column for one in columns)
    called = {word: event for one in columns for word, event in _called(one).items()}
    count = sum(
        any(cell.strip() in called for cell in row)
        for row in zip(*(table.columns[name] for name in names), strict=True)
    )
    told = " | ".join(sorted(called))
    made.add("lifecycle", f"event = {{ {_toml(columns)} }}", "lifecycle",
             columns=names, count=count, words=told)  # fmt: skip


def _called(one: States) -> dict[str, str]:
    """Words of a column that say that an asset is gone or not there yet."""
    found = {word: state_of_whole(word) for word in one.values}
    return {word: event.value for word, event in found.items() if event is not None}


def _toml(columns: Sequence[States]) -> str:
    """How the event is read; a removal goes before a plan."""
    if len(columns) == 1:
        called = _called(columns[0])
        values = ", ".join(f"{quoted(word)} = {quoted(event)}" for word, event in called.items())
        return f'column = {quoted(columns[0].column)}, values = {{ {values} }}, other = ""'
    told: dict[str, list[str]] = {}
    for one in columns:
        for word, event in _called(one).items():
            told.setdefault(event, []).append(word)
    patterns = ", ".join(
        f"[{quoted(_one_of(told[event]))}, {quoted(event)}]" for event in sorted(told, reverse=True)
    )
    names = ", ".join(quoted(one.column) for one in columns)
    return f'columns = [{names}], join = {quoted(_JOIN)}, patterns = [{patterns}], other = ""'


def _one_of(called: Sequence[str]) -> str:
    whole = "|".join(re.escape(word) for word in dict.fromkeys(called))
    return rf"(?:^| \| )(?:{whole})(?: \| |$)"
