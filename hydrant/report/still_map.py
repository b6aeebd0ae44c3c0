"""A still map of a report as SVG: outlines of units, assets by shape and colour of their state."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape

from hydrant.report.document import Mark
from hydrant.report.page_shapes import Drawn
from hydrant.safe_text import printable
from hydrant.vocabulary import Condition

#: Size of the picture in its own units.
WIDTH, HEIGHT = 900.0, 560.0
_EDGE = 24.0
#: Marks that fall into one cell of this size are one mark, of the worst of them.
_CELL = 7.0
_RANK = {
    state: rank
    for rank, state in enumerate(
        (Condition.INTACT, Condition.STALE, Condition.UNTESTED, Condition.DEFECTIVE)
    )
}
_FILL = {
    Condition.INTACT: "#2e7d32",
    Condition.STALE: "#f2b705",
    Condition.UNTESTED: "#ffffff",
    Condition.DEFECTIVE: "#b3261e",
}
#: Metres of a degree of latitude, to the precision of a scale bar.
_METRES = 111_000.0
_STEPS = (1, 2, 5)


def still_map(marks: Sequence[Mark], lines: Drawn, families: Sequence[str]) -> str | None:
    """The map as SVG; None where nothing has a place.

    Parameters
    ----------
    lines
        Outlines of units, as `hydrant.report.page_shapes.drawn` gives them.
    families
        Fonts for the names, the better ones first.
    """
    rings = [(shape, _degrees(part)) for shape in lines.shapes for part in shape["parts"]]
    places = [(mark.lon, mark.lat) for mark in marks]
    places += [place for _, ring in rings for place in ring]
    if not places:
        return None
    frame = _Frame(places)
    parts = [
        *(_ring(frame, ring) for _, ring in rings),
        *_marks(frame, marks),
        *_names(frame, lines),
        _scale(frame),
    ]
    fonts = escape(", ".join(families))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" '
        f'font-family="{fonts}">'
        f'<rect width="{WIDTH:.0f}" height="{HEIGHT:.0f}" fill="#f7f8f6" stroke="#6c7886"/>'
        f"{''.join(parts)}</svg>"
    )


class _Frame:
    """Where degrees lie in the picture: one scale both ways, true at the middle."""

    def __init__(self, places: Sequence[tuple[float, float]]) -> None:
        west, east = min(p[0] for p in places), max(p[0] for p in places)
        south, north = min(p[1] for p in places), max(p[1] for p in places)
        self._narrow = math.cos(math.radians((south + north) / 2))
        self._lon, self._lat = (west + east) / 2, (south + north) / 2
        wide, tall = max((east - west) * self._narrow, 1e-3), max(north - south, 1e-3)
        self.scale = min((WIDTH - 2 * _EDGE) / wide, (HEIGHT - 2 * _EDGE) / tall)

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Right of the left edge, and below the upper one."""
        x = WIDTH / 2 + (lon - self._lon) * self._narrow * self.scale
        return x, HEIGHT / 2 - (lat - self._lat) * self.scale


def _degrees(part: Sequence[int]) -> list[tuple[float, float]]:
    found, lon, lat = [], 0, 0
    for step in range(0, len(part), 2):
        lon, lat = lon + part[step], lat + part[step + 1]
        found.append((lon / 1e6, lat / 1e6))
    return found


def _ring(frame: _Frame, ring: Sequence[tuple[float, float]]) -> str:
    corners = "L".join(f"{x:.1f} {y:.1f}" for x, y in (frame.at(*place) for place in ring))
    return (
        f'<path d="M{corners}" fill="none" stroke="#6c7886" stroke-width="1" '
        f'stroke-dasharray="6 3"/>'
    )


def _marks(frame: _Frame, marks: Sequence[Mark]) -> Iterator[str]:
    """One mark for each cell, the worst of what lies in it; the worst are drawn last."""
    worst: dict[tuple[int, int], tuple[int, float, float, Condition]] = {}
    for mark in marks:
        state = Condition(mark.condition)
        x, y = frame.at(mark.lon, mark.lat)
        cell = int(x // _CELL), int(y // _CELL)
        if cell not in worst or worst[cell][0] < _RANK[state]:
            worst[cell] = _RANK[state], x, y, state
    for _, x, y, state in sorted(worst.values(), key=lambda one: one[0]):
        yield sign(state, x, y, 4.0)


def sign(state: Condition, x: float, y: float, r: float) -> str:
    """The sign of a state: its shape tells as much as its colour."""
    if state is Condition.INTACT:
        drawn = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}"'
    else:
        corners = {
            Condition.STALE: ((0, -1.15), (1.15, 1), (-1.15, 1)),
            Condition.UNTESTED: ((0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)),
            Condition.DEFECTIVE: ((-1, -1), (1, -1), (1, 1), (-1, 1)),
        }[state]
        points = " ".join(f"{x + dx * r:.1f},{y + dy * r:.1f}" for dx, dy in corners)
        drawn = f'<polygon points="{points}"'
    return f'{drawn} fill="{_FILL[state]}" stroke="#16202b" stroke-width="0.8"/>'


def _names(frame: _Frame, lines: Drawn) -> Iterator[str]:
    for shape in lines.shapes:
        if "label" in shape and shape.get("name"):
            x, y = frame.at(*shape["label"])
            name = escape(printable(shape["name"]))
            at = f'x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-size="13"'
            yield f'<text {at} stroke="#ffffff" stroke-width="3" fill="#ffffff">{name}</text>'
            yield f'<text {at} fill="#16202b">{name}</text>'


def _scale(frame: _Frame) -> str:
    """A bar of a round length, about a sixth of the picture."""
    metres = WIDTH / 6 / frame.scale * _METRES
    power = 10 ** math.floor(math.log10(metres))
    length = max(step * power for step in _STEPS if step * power <= metres)
    wide = length / _METRES * frame.scale
    told = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    y = HEIGHT - 16
    return (
        f'<path d="M20 {y - 6}V{y}H{20 + wide:.1f}V{y - 6}" fill="none" stroke="#16202b"/>'
        f'<text x="{24}" y="{y - 4}" font-size="12" fill="#16202b">{told}</text>'
    )
