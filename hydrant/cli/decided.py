"""What decisions and what other levels and crews bring do to figures, beyond their rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from hydrant import times
from hydrant.cli.frame import Note
from hydrant.cli.screen import Screen
from hydrant.report.differing import Differing, figure_phrase
from hydrant.report.integrity import assess
from hydrant.report.totals import differing, totals
from hydrant.store.evidence.evidence import Cut
from hydrant.store.opened import raw_rows
from hydrant.store.opened.kept_policy import policy_of
from hydrant.store.opened.registry import Registry
from hydrant.store.outside.proposals import STATED, WHOLE
from hydrant.store.regions.region_tree import load_tree
from hydrant.store.sides.package_state import row_of
from hydrant.store.views.gone_seen import seen_after_removal
from hydrant.survey.settling import cell_values
from hydrant.survey.unit_days import Days, days_of, free_days, said_in

#: So many assets are named; the others are counted.
_NAMED = 5
#: Figures of no more units and days are computed, each before and after; the rest is counted.
_MOST = 24

#: A unit, and a day as of which its figures are computed.
Asked = tuple[str, dt.date]


class Changed(NamedTuple):
    """A unit's figures that came out otherwise, as of a day."""

    region: str
    as_of: dt.date
    figures: list[Differing]


class Figures:
    """The figures of some units on some days, as they are before something is written.

    Attributes
    ----------
    left_out
        How many of those asked for are not computed.
    """

    def __init__(self, registry: Registry, asked: Iterable[Asked]) -> None:
        self._registry = registry
        every = list(dict.fromkeys(asked))
        self.left_out = len(every[_MOST:])
        self._before = self._computed(every[:_MOST])

    def changed(self) -> list[Changed]:
        """Those that come out differently now."""
        found = []
        for (region, day), after in self._computed(self._before).items():
            rules = {"policy_digest": after["policy_digest"]}  # they may be what has changed
            figures = differing({**self._before[region, day], **rules}, after)
            if figures:
                found.append(Changed(region, day, figures))
        return found

    def _computed(self, asked: Iterable[Asked]) -> dict[Asked, Mapping[str, Any]]:
        policy, zone = policy_of(self._registry), self._registry.zone
        return {
            (region, day): totals(assess(self._registry, Cut(day, zone), policy, region=region))
            for region, day in asked
        }


def everything_today(registry: Registry) -> list[Asked]:
    """The units that lie in no other, today."""
    today = times.local_day(times.now(), registry.zone)
    tree = load_tree(registry, Cut(today, registry.zone).end)
    return [(code, today) for code, node in tree.nodes.items() if node.parent is None]


def disputed(registry: Registry, conflicts: Iterable[raw_rows.Row]) -> Iterator[Asked]:
    """Units and days of which figures may change as conflicts are decided, at most a few each."""
    for conflict in conflicts:
        yield from _concerned(registry, conflict)


def _concerned(registry: Registry, conflict: raw_rows.Row) -> Iterator[Asked]:
    row = raw_rows.fetch(registry, conflict["entity"], conflict["entity_uid"])
    wishes = [side.value for side in conflict["sides"] if side.value is not None]
    if conflict["field"] == STATED:
        for stated in map(row_of, wishes):
            yield from on_days(registry, {stated["region_code"]}, [days_of(stated)])
    elif conflict["entity"] == "requirement" and row is not None:
        wished = [row | said for wish in wishes for said in _cells(conflict["field"], wish)]
        units = {one["region_code"] for one in (row, *wished)}
        yield from on_days(registry, units, _held(row, wished))
    elif conflict["entity"] == "region" and row is not None:
        said = [one for wish in wishes for one in said_in(wish)]
        units = {row["code"], row["parent_code"]}
        if conflict["field"] == "parent_code":
            units |= {str(one.value) for one in said}
        yield from on_days(registry, units, [one.days for one in said])


def _cells(field: str, wish: str) -> list[dict[str, object]]:
    """What a side wants of a number: one of its cells; nothing where it is the whole row."""
    return [] if field == WHOLE else [cell_values(field, wish)]


def _held(row: raw_rows.Row, wished: Iterable[raw_rows.Row]) -> list[Days]:
    """Times of which a number says otherwise by what sides want: of a day moved, those between."""
    here = days_of(row)
    found = list[Days]()
    for days in map(days_of, wished):
        found += [here] if days == here else [*free_days(here, [days]), *free_days(days, [here])]
    return found or [here]


def on_days(
    registry: Registry, units: Iterable[str | None], spans: Iterable[Days]
) -> Iterator[Asked]:
    """Some units, each on the first and the last day of some times, up to today."""
    today = times.local_day(times.now(), registry.zone)
    days = {day for span in spans for day in _days(registry, span, today)}
    for unit in sorted({unit for unit in units if unit is not None}):
        for day in sorted(days):
            yield unit, day


def _days(registry: Registry, span: Days, today: dt.date) -> Iterator[dt.date]:
    if span.begins is not None:
        yield min(times.local_day(times.from_text(span.begins), registry.zone), today)
    if span.ends is None:
        yield today
    else:
        last = times.from_text(span.ends) - dt.timedelta(milliseconds=1)
        yield min(times.local_day(last, registry.zone), today)


def changed_json(found: Iterable[Changed]) -> list[dict[str, object]]:
    """The same as scripts see it."""
    return [
        {
            "region": one.region,
            "as_of": one.as_of.isoformat(),
            "figures": {f.name: {"before": f.stated, "after": f.ours} for f in one.figures},
        }
        for one in found
    ]


def show_changed(screen: Screen, found: Iterable[Changed], left_out: int) -> None:
    """The same in words, a line for each unit and day.

    Parameters
    ----------
    left_out
        How many units and days were not looked at.
    """
    for one in found:
        fields = tuple(map(figure_phrase, one.figures))
        as_of = one.as_of.isoformat()
        screen.line("cli_common.figures", region=one.region, as_of=as_of, fields=fields)
    if left_out:
        screen.line("cli_common.figures_left_out", count=left_out)


def then_changed(
    show: Callable[[Screen], None], found: Sequence[Changed], left_out: int
) -> Callable[[Screen], None]:
    """What shows an answer, and below it which figures came out otherwise."""

    def shown(screen: Screen) -> None:
        show(screen)
        show_changed(screen, found, left_out)

    return shown


def gone_notes(registry: Registry, before: Mapping[str, str]) -> Iterator[Note]:
    """What is said of assets that worked after their removal, and had not before.

    Parameters
    ----------
    before
        Those of which that was so already.
    """
    found = seen_after_removal(registry)
    codes = [code for uid, code in found.items() if uid not in before]
    if codes:
        shown = ", ".join(codes[:_NAMED]) + (" …" if len(codes) > _NAMED else "")
        yield Note.of("cli_survey_bundle.seen_after", count=len(codes), assets=shown).warning()
