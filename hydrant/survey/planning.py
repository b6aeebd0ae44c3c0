"""Rounds: due assets in a short order of visit, for one crew or several; pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from hydrant.geo.distance import compass, distance_bearing
from hydrant.geo.metric import Metric, StraightLines
from hydrant.geo.order import short_way, way_length
from hydrant.geo.split import Costs, split
from hydrant.survey.due import DueAsset

Place = tuple[float, float]
Advance = Callable[[int], None]
#: Nearest stops of the whole plan that are looked through for those of one crew.
_AROUND = 30


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a crew is: minutes at a stop, and km/h between stops."""

    minutes_per_stop: float
    km_h: float

    def minutes(self, metres: float) -> float:
        """Minutes on the way."""
        return metres / 1000.0 / self.km_h * 60.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What a plan is asked for.

    Attributes
    ----------
    start
        Lon and lat in degrees that every crew starts from; None starts anywhere.
    back
        Whether crews return to where they began.
    streets
        LineStrings in degrees to measure along, shape (n,); None measures straight.
    tracks
        Whether the corners of ways along streets are wanted.
    """

    start: Place | None
    back: bool
    crews: int
    pace: Pace
    streets: Any = None
    tracks: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """A stop of a round.

    Attributes
    ----------
    leg_m
        Metres from the stop before or the start; None at a first stop without a start.
    towards
        Direction from there as the crow flies, a word of `compass`; None where there is none.
    """

    asset: DueAsset
    leg_m: float | None
    towards: str | None = None


@dataclass(frozen=True, slots=True)
class CrewRound:
    """What one crew visits, in order.

    Attributes
    ----------
    back_m
        Metres of the way back; 0 where none is asked for.
    path
        Corners of the way along streets, lon and lat; empty for straight ways.
    """

    visits: tuple[Visit, ...]
    length_m: float
    back_m: float
    minutes: float
    path: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Rounds of all crews.

    Attributes
    ----------
    without_position
        Due assets that no order can be given.
    nearest_neighbour_m
        Metres of one crew's way by plain nearest neighbour.
    off_streets, apart
        Stops further than 50 m from every street, and stops on streets that do not join the rest.
    """

    rounds: tuple[CrewRound, ...]
    without_position: tuple[DueAsset, ...]
    nearest_neighbour_m: float
    off_streets: int = 0
    apart: int = 0


def nearest_due(due: Sequence[DueAsset], start: Place | None, limit: int) -> list[DueAsset]:
    """At most `limit` due assets: the nearest to a start, else those first in the list.

    Those without a position come last.
    """
    placed = [asset for asset in due if asset.position is not None]
    if start is None or not placed:
        return list(due[:limit])
    metric = StraightLines(*_columns([start, *_places(placed)]))
    order = sorted(range(len(placed)), key=lambda number: metric.apart(0, number + 1))
    rest = [asset for asset in due if asset.position is None]
    return [*(placed[number] for number in order), *rest][:limit]


def short_round(due: Sequence[DueAsset], start: Place, *, limit: int) -> list[DueAsset]:
    """The due assets nearest to a start in a short order; those without a position last."""
    wish = Wish(start, back=False, crews=1, pace=Pace(0.0, 1.0))
    plan = plan_rounds(nearest_due(due, start, limit), wish)
    visits = [visit.asset for each in plan.rounds for visit in each.visits]
    return [*visits, *plan.without_position]


def plan_rounds(due: Sequence[DueAsset], wish: Wish, *, advance: Advance | None = None) -> Plan:
    """Rounds through all due assets that have a position.

    One short way is laid through all stops, cut into stretches of nearly equal time, and each
    stretch is shortened once more by itself.
    """
    stops = [asset for asset in due if asset.position is not None]
    nowhere = tuple(asset for asset in due if asset.position is None)
    if not stops:
        return Plan((), nowhere, 0.0)
    places = [*([] if wish.start is None else [wish.start]), *_places(stops)]
    base = 0 if wish.start is None else 1
    metric, streets = _metric(places, wish.streets)
    start = None if wish.start is None else 0
    whole = short_way(metric, start=start, back=wish.back, advance=advance)
    order = [number for number in whole.stops if number >= base]
    if start is None and order[0] > order[-1]:
        order.reverse()  # without a start, the more urgent end comes first
    cut = split(_costs(metric, order, wish, base), wish.crews)
    near = metric.nearest(_AROUND) if len(cut) > 1 else ()
    ways = [_own_way(metric, order[begin:end], wish, base, near) for begin, end in cut]
    rounds = tuple(_round(metric, way, stops, wish, base, streets) for way in ways)
    if streets is None:
        return Plan(rounds, nowhere, whole.first_m)
    return Plan(rounds, nowhere, whole.first_m, streets.away, streets.apart_from_most)


def _places(assets: Sequence[DueAsset]) -> list[Place]:
    return [asset.position for asset in assets if asset.position is not None]


def _columns(places: Sequence[Place]) -> tuple[list[float], list[float]]:
    return [lon for lon, _ in places], [lat for _, lat in places]


def _metric(places: Sequence[Place], lines: Any) -> tuple[Metric, Any]:
    if lines is None:
        return StraightLines(*_columns(places)), None
    from hydrant.survey.streets import ways_along  # noqa: PLC0415  brings GEOS and PROJ

    ways = ways_along(lines, *_columns(places))
    return ways, ways


def _costs(metric: Metric, order: list[int], wish: Wish, base: int) -> Costs:
    pace = wish.pace
    legs = [pace.minutes(metric.apart(one, other)) for one, other in pairwise(order)]
    nothing = [0.0] * len(order)
    out = [pace.minutes(metric.apart(0, stop)) for stop in order] if base else nothing
    return Costs(pace.minutes_per_stop, legs, out, out if wish.back else nothing)


class _Part:
    """Some stops of a metric, numbered from 0."""

    def __init__(self, metric: Metric, stops: Sequence[int], near: Sequence[Sequence[int]]) -> None:
        self._metric, self._stops, self._near = metric, stops, near

    @property
    def count(self) -> int:
        return len(self._stops)

    def apart(self, one: int, other: int) -> float:
        return self._metric.apart(self._stops[one], self._stops[other])

    def at_least(self, one: int, other: int) -> float:
        return self._metric.at_least(self._stops[one], self._stops[other])

    def nearest(self, most: int) -> list[list[int]]:
        number = {stop: place for place, stop in enumerate(self._stops)}
        near = self._near
        return [[number[s] for s in near[stop] if s in number][:most] for stop in self._stops]

    def nearest_of(self, here: int, waiting: Any) -> int:
        number: dict[int, int] = {self._stops[place]: place for place in waiting}
        return number[self._metric.nearest_of(self._stops[here], number)]


def _own_way(
    metric: Metric, stops: list[int], wish: Wish, base: int, near: Sequence[Sequence[int]]
) -> list[int]:
    """A stretch, begun at the start, in the shortest order that is known for it."""
    own = [*([0] if base else []), *stops]
    if not near:
        return own  # the whole way, which is short already
    part = _Part(metric, own, near)
    way = short_way(part, start=0 if base else None, back=wish.back)
    found = [own[number] for number in way.stops]
    return found if way.length_m < way_length(metric, own, back=wish.back) else own


def _towards(one: Place | None, other: Place | None) -> str | None:
    return None if one is None or other is None else compass(*distance_bearing(*one, *other))


def _round(
    metric: Metric, way: list[int], stops: list[DueAsset], wish: Wish, base: int, streets: Any
) -> CrewRound:
    legs = [metric.apart(one, other) for one, other in pairwise(way)]
    told: list[float | None] = [*legs] if base else [None, *legs]
    before: list[Place | None] = [wish.start if base else None]
    before += [stops[number - base].position for number in way[base:]]
    visits = tuple(
        Visit(stops[number - base], leg, _towards(place, stops[number - base].position))
        for number, leg, place in zip(way[base:], told, before, strict=False)
    )
    back_m = metric.apart(way[-1], way[0]) if wish.back else 0.0
    length_m = sum(legs) + back_m
    minutes = wish.pace.minutes(length_m) + wish.pace.minutes_per_stop * len(visits)
    wanted = streets is not None and wish.tracks
    path = streets.degrees([*way, way[0]] if wish.back else way) if wanted else ()
    return CrewRound(visits, length_m, back_m, minutes, path)
