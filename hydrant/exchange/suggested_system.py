"""What the numbers of a position refer to: stated, told by their digits, or a question."""

from __future__ import annotations

from collections.abc import Sequence

from hydrant.errors import Phrase
from hydrant.exchange.packed_degrees import may_be_packed
from hydrant.exchange.place_headings import angles_in
from hydrant.exchange.placing_rules import ANGLES
from hydrant.exchange.suggestion import Choice, Question, Suggestion, line
from hydrant.exchange.toml_text import quoted
from hydrant.geo import datum
from hydrant.geo.system_names import crs_of, label_of
from hydrant.geo.zones import codes_of_zone

#: Datums of degrees inside China, in the order in which they are offered.
DATUMS = ("wgs84", "gcj02", "bd09", "cgcs2000")
_DEGREES = {"x": 180.0, "y": 90.0}
#: Metres north of the equator of places that have an easting of six digits beside.
_NORTHINGS = (1_000_000.0, 10_000_000.0)
#: Share of the rows that must lie the other way round for their columns to be so.
_MOST = 0.9
_FAMILIES = ("cgcs2000", "xian80", "beijing54")


def refer(
    made: Suggestion, x: float, y: float, *, crs: str | None, named: tuple[str, str] | None
) -> None:
    """Propose the system of a position, or ask.

    Parameters
    ----------
    x, y
        Usual numbers of the file.
    crs
        The system, where somebody stated it.
    named
        That which a heading names, and the heading.
    """
    degrees = abs(x) <= _DEGREES["x"] and abs(y) <= _DEGREES["x"]
    own = None if named is None else crs_of(named[0], degrees=degrees)
    if crs is not None:
        stated = datum.parse_crs(crs).name
        made.add("", f"crs = {quoted(stated)}", "by_option", value=stated)
        _order(made, x, y)
    elif own is not None:
        made.add("", f"crs = {quoted(own)}", "datum_named", crs=label_of(own))
        _order(made, x, y)
    else:
        _system(made, x, y, named)


def ask_turned(made: Suggestion, xs: Sequence[float], ys: Sequence[float]) -> bool:
    """Ask whether latitude stands under the heading of longitude, where the numbers say so."""
    if any((one.toml or "").startswith("axes = ") for one in made.lines):
        return False
    pairs = [(x, y) for x, y in zip(xs, ys, strict=True) if max(abs(x), abs(y)) <= _DEGREES["x"]]
    as_headed = sum(datum.in_china(x, y) for x, y in pairs)
    turned = sum(datum.in_china(y, x) or abs(y) > _DEGREES["y"] >= abs(x) for x, y in pairs)
    if as_headed or not pairs or turned < _MOST * len(pairs):
        return False
    facts = {"x": f"{pairs[0][0]:g}", "y": f"{pairs[0][1]:g}"}
    made.add("", None, "turned", **facts)
    made.ask(
        "turned",
        [_turned("y", "ne"), _turned("n", "en")],
        **facts,
    )
    return True


def _turned(word: str, axes: str) -> Choice:
    stated = line("", f"axes = {quoted(axes)}", "answered", value=axes)
    return Choice(word, Phrase(f"exchange.turned_{word}"), (stated,))


def angles(
    made: Suggestion, headings: Sequence[str], xs: Sequence[float], ys: Sequence[float]
) -> None:
    """Propose how degrees are written as the headings say; ask where they may bear minutes.

    Every one of them may bear minutes and seconds behind the point, or the headings disagree.
    """
    told = {angles_in(name) for name in headings}
    if len(told) == 1 and (word := next(iter(told))) is not None:
        names = tuple(headings)
        made.add("", f"angles = {quoted(word)}", "angles_named", value=word, columns=names)
        return
    unclear = len(told) > 1
    if not unclear and not may_be_packed(xs, ys):
        return
    facts = {"x": f"{xs[0]:g}", "y": f"{ys[0]:g}"} if xs and ys else {"x": "–", "y": "–"}
    made.add("", None, "packed", **facts)
    choices = [
        Choice(word, Phrase(f"exchange.angles_{word}", dict(facts)),
               (line("", f"angles = {quoted(word)}", "answered", value=word),))
        for word in ANGLES
        if unclear or word != "minutes"
    ]  # fmt: skip
    made.ask("packed", choices, **facts)


def _system(made: Suggestion, x: float, y: float, named: tuple[str, str] | None) -> None:
    if abs(x) > _DEGREES["x"] or abs(y) > _DEGREES["x"]:
        _projected(made, x, y, named)
    elif datum.in_china(x, y):
        made.add("", None, "datum")
        made.ask("datum", [_crs_choice(name) for name in DATUMS], x=f"{x:g}", y=f"{y:g}")
    else:
        made.add("", 'crs = "wgs84"', "wgs84")


def _crs_choice(name: str) -> Choice:
    stated = line("", f"crs = {quoted(name)}", "answered", value=name)
    return Choice(name, Phrase(f"exchange.datum_{name}"), (stated,))


def _order(made: Suggestion, x: float, y: float) -> float:
    """The easting of a pair of metres; north first is stated where the digits leave no doubt."""
    if any((one.toml or "").startswith("axes = ") for one in made.lines):
        return y if _is_northing(x) else x
    if _is_northing(x) and y // datum.ZONE_UNIT in datum.ZONES:
        made.add("", 'axes = "ne"', "north_first", x=f"{x:.0f}", y=f"{y:.0f}")
        return y
    return x


def _is_northing(value: float) -> bool:
    return _NORTHINGS[0] <= value < _NORTHINGS[1]


def _projected(made: Suggestion, x: float, y: float, named: tuple[str, str] | None) -> None:
    easting = _order(made, x, y)
    number = int(easting // datum.ZONE_UNIT)
    system = None if named is None else named[0]
    if number not in datum.ZONES or system not in (None, *_FAMILIES):
        told = {"x": f"{x:.0f}", "y": f"{y:.0f}"}
        made.add("", None, "projected", **told)
        made.questions.append(Question("system", dict(told), named=named))
        return
    codes = dict(zip(_FAMILIES, codes_of_zone(number), strict=True))
    if system is not None:
        named_line = f'crs = "EPSG:{codes[system]}"'
        made.add("", named_line, "zone_named", x=f"{easting:.0f}", crs=label_of(system))
        return
    told_line = f'crs = "EPSG:{codes[_FAMILIES[0]]}"'
    made.add("", told_line, "zone", x=f"{easting:.0f}")
    choices = []
    for name, code in codes.items():
        stated = line("", f'crs = "EPSG:{code}"', "answered", value=f"EPSG:{code}")
        choices.append(
            Choice(f"EPSG:{code}", Phrase(f"exchange.zone_{name}"), (stated,), (told_line,))
        )
    # x and y as they stand, for whoever answers with another system
    north = x if easting == y else y
    made.ask("zone", choices, x=f"{easting:.0f}", y=f"{north:.0f}", number=number)
