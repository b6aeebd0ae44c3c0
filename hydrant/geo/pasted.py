"""A place as it is pasted: ``119.042,29.608``, a ``geo:`` link, degrees with their hemispheres."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hydrant.errors import InputRefused
from hydrant.geo.datum import impossible_degrees
from hydrant.geo.systems import parse_crs
from hydrant.geo.text_forms import parse_pair
from hydrant.plain_text import plain

#: More of a text is no place.
_LONGEST = 200
#: Source: RFC 5870, section 3.3; `?` and what follows is what Android adds.
_LINK = re.compile(
    r"geo:(?P<lat>-?[0-9]+(?:\.[0-9]+)?),(?P<lon>-?[0-9]+(?:\.[0-9]+)?)(?:,-?[0-9.]+)?"
    r"(?P<rest>(?:;[^;?]*)*)(?:\?(?P<query>.*))?",
    re.IGNORECASE,
)
_CRS = re.compile(r";crs=([^;]*)", re.IGNORECASE)
#: The place behind a link of Android that shows a marker: ``geo:0,0?q=LAT,LON(Name)``.
_MARKED = re.compile(r"(?:.*&)?q=(-?[0-9]+(?:\.[0-9]+)?),(-?[0-9]+(?:\.[0-9]+)?)(?:\(.*)?")

#: Which axis a word is for, and the sign that it gives.
_AXIS = {
    **dict.fromkeys(("longitude", "lon", "lng", "经度", "东经", "e"), ("x", 1)),
    **dict.fromkeys(("latitude", "lat", "纬度", "北纬", "n"), ("y", 1)),
    **dict.fromkeys(("西经", "w"), ("x", -1)),
    **dict.fromkeys(("南纬", "s"), ("y", -1)),
}
_LABEL = rf"(?:{'|'.join(_AXIS)})"
_DEGREES = (
    r"[-+]?[0-9]+(?:\.[0-9]+)?(?:\s*[°度]"
    r"(?:\s*[0-9]+(?:\.[0-9]+)?\s*['′’分](?:\s*[0-9]+(?:\.[0-9]+)?\s*(?:[\"″”秒]|''))?)?)?"
)
_BETWEEN = r"\s*[,;、\s]?\s*"
#: Words for north and east before both numbers, or behind both; or degrees with neither.
_FORMS = tuple(
    re.compile(rf"{one.format('a')}{_BETWEEN}{one.format('b')}", re.IGNORECASE)
    for one in (
        rf"(?P<{{0}}l>{_LABEL})\s*[:=]?\s*(?P<{{0}}n>{_DEGREES})",
        rf"(?P<{{0}}n>{_DEGREES})\s*(?P<{{0}}l>{_LABEL})",
        rf"(?P<{{0}}n>(?=[^,\s]*[°度]){_DEGREES})(?P<{{0}}l>)",
    )
)
_PARTS = re.compile(r"[0-9]+(?:\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Pasted:
    """Two numbers, x and y, and the system that the text itself states, if any."""

    x: float
    y: float
    crs: str | None = None


def pasted(text: str) -> Pasted | None:
    """The place that a text means; None where it is none.

    Without words for north and east x (or the longitude) comes first; in a link the latitude does.
    A link that states no system is no proof of one: map services in China write others into it.

    Raises
    ------
    InputRefused
        A link names a system that is not known, or degrees are the wrong way round.
    """
    cell = plain(text).replace("、", ",")
    if len(cell) > _LONGEST:
        return None
    link = _LINK.fullmatch(cell)
    found = _of_link(link) if link is not None else _of_text(cell.strip("()[]（）【】 "))
    if found is not None and impossible_degrees(found.x, found.y) == "geo.swapped_range":
        raise InputRefused("geo.swapped_pair", x=found.x, y=found.y)
    return found


@dataclass(frozen=True, slots=True)
class Written:
    """The two numbers of a cell.

    Attributes
    ----------
    labelled
        Whether words for north and east say which is which; then the first is x.
    signed
        Whether they are degrees by signs of their own.
    """

    first: float
    second: float
    labelled: bool = False
    signed: bool = False

    def in_order(self, *, latitude_first: bool) -> tuple[float, float]:
        """The two as x and y."""
        if latitude_first and not self.labelled:
            return self.second, self.first
        return self.first, self.second


def pair_in_cell(text: str) -> Written | None:
    """The two numbers of a cell in a file; None where there are not just two.

    Raises
    ------
    InputRefused
        Words for north and east contradict the numbers.
    """
    cell = plain(text).replace("、", ",").strip("()[]（）【】 ")
    pair = parse_pair(cell) if len(cell) <= _LONGEST else None
    if pair is not None:
        return Written(*pair)
    match = _match(cell) if len(cell) <= _LONGEST else None
    if match is None:
        return None
    labelled = bool(match["al"] and match["bl"])
    found = pasted(cell)
    return None if found is None else Written(found.x, found.y, labelled, signed=True)


def _match(cell: str) -> re.Match[str] | None:
    return next((found for form in _FORMS if (found := form.fullmatch(cell))), None)


def _of_link(link: re.Match[str]) -> Pasted:
    lat, lon = float(link["lat"]), float(link["lon"])
    marked = _MARKED.fullmatch(link["query"] or "")
    if marked is not None:
        lat, lon = float(marked[1]), float(marked[2])
    stated = _CRS.search(link["rest"])
    return Pasted(lon, lat, None if stated is None else parse_crs(stated[1]).stored)


def _of_text(cell: str) -> Pasted | None:
    match = _match(cell)
    if match is None:
        pair = parse_pair(cell)
        return None if pair is None else Pasted(*pair)
    first, second = (_degrees(match[f"{name}n"]) for name in "ab")
    if first is None or second is None:
        return None
    labels = [match[f"{name}l"].casefold() for name in "ab"]
    if any(labels) and min(first, second) < 0:  # a sign and a hemisphere may contradict
        return None
    if labels == ["", ""]:
        return Pasted(first, second)
    told = {_AXIS[label][0]: number * _AXIS[label][1]
            for label, number in zip(labels, (first, second), strict=True)}  # fmt: skip
    return Pasted(told["x"], told["y"]) if len(told) == 2 else None


def _degrees(text: str) -> float | None:
    """Degrees, perhaps with minutes and seconds; None where there are sixty of those or more."""
    parts = [float(part) for part in _PARTS.findall(text)]
    if any(part >= 60 for part in parts[1:]):
        return None
    number = sum(part / whole for part, whole in zip(parts, (1.0, 60.0, 3600.0), strict=False))
    return -number if text.startswith("-") else number
