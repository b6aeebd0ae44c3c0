"""Required numbers from a CSV file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.moments import day_reader
from hydrant.exchange.office_words import (
    REQUIREMENT_HEADINGS,
    code_written,
    count_written,
    kind_served,
    naming,
    refuse_last_days,
    their_headings,
    with_our_headings,
    word_written,
)
from hydrant.exchange.readers import read_headed
from hydrant.exchange.summaries import summary_rows
from hydrant.model.inputs import RequirementInput, validated


@dataclass(frozen=True, slots=True)
class RequirementRow:
    """A required number, and where it stands in the file.

    Attributes
    ----------
    since, until
        The first day on which it holds, and the first on which it holds no more; None where
        nothing but another number ends it.
    also
        What other columns call the region.
    """

    entered: RequirementInput
    since: dt.date
    until: dt.date | None
    line: int
    also: tuple[str, ...] = ()


#: Headings that are read.
COLUMNS = ("region", "kind", "count", "from", "until", "service", "origin", "document")


@dataclass(frozen=True, slots=True)
class RequirementTable:
    """Required numbers of a table, and what of the file means nothing here.

    Attributes
    ----------
    sums
        Lines of rows that sum others up, which are left out.
    """

    rows: list[RequirementRow]
    unread: list[str]
    sums: tuple[str, ...] = ()


def refuse_twice(file: str, rows: Sequence[RequirementRow]) -> None:
    """Refuse a file that states two numbers for the same region, kind, service and day.

    Raises
    ------
    InputRefused
        It does; both lines are named.
    """
    seen: dict[tuple[object, ...], RequirementRow] = {}
    for row in rows:
        one = row.entered
        former = seen.setdefault((one.region_code, one.kind, one.service, row.since), row)
        if (former.entered, former.until) != (one, row.until):
            why = Phrase("exchange.required_twice", {"first": former.line})
            raise InputRefused("exchange.row", file=file, line=row.line, why=why)


def read_requirements(path: Path, *, encoding: str | None) -> RequirementTable:
    """Numbers of the file; raises `InputRefused` with the line that is wrong."""
    needed = ("region", "kind", "count", "from")
    written, _ = read_headed(path, encoding=encoding)
    table = with_our_headings(written, REQUIREMENT_HEADINGS, needed)
    theirs = their_headings(written, REQUIREMENT_HEADINGS)
    regions, kinds, counts, since = (table.column(name) for name in needed)
    blank = [""] * len(table)
    services, origins, documents, ends = (
        table.columns.get(name) or blank for name in ("service", "origin", "document", "until")
    )
    refuse_last_days(table, "until")
    names = naming(table, "region", REQUIREMENT_HEADINGS)
    other_names = [table.columns[name] for name in names]
    day = day_reader([*since, *filter(str.strip, ends)])
    sums = {*summary_rows(table, ("region", *names), (), {})}
    rows = []
    for index in (index for index in range(len(table)) if index not in sums):
        line = table.lines[index]
        also = tuple(name for cells in other_names if (name := code_written(cells[index])))
        try:
            kind, service = kind_served(kinds[index], services[index])
            entered = validated(
                RequirementInput,
                region_code=code_written(regions[index]) or next(iter(also), ""),
                kind=kind,
                service=service or None,
                count=count_written(counts[index]),
                origin=word_written(origins[index], "origin") or None,
                document=documents[index] or None,
            )
            until = day(ends[index]) if ends[index].strip() else None
            rows.append(RequirementRow(entered, day(since[index]), until, line, also))
        except InputRefused as error:
            why = Phrase(error.key, _headed(error.facts, theirs))
            raise InputRefused("exchange.row", file=table.file, line=line, why=why) from None
    left_out = tuple(str(table.lines[row]) for row in sorted(sums))
    return RequirementTable(rows, table.unread(COLUMNS), left_out)


def _headed(facts: Mapping[str, object], theirs: Mapping[str, str]) -> Mapping[str, object]:
    """What a refusal says, with the file's heading for the field that it is about."""
    field = str(facts.get("field", ""))
    named = theirs.get("region" if field == "region_code" else field)
    return facts if named is None else {**facts, "field": named}
