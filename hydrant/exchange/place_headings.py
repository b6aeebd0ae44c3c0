"""What the headings of coordinates state: their datum, and how their degrees are written."""

from __future__ import annotations

import re
import statistics
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.cells import Problem
from hydrant.exchange.placing_rules import MINUTES, PACKED, Placing
from hydrant.exchange.table import Table
from hydrant.geo import datum
from hydrant.geo.system_agreement import alike, at_odds
from hydrant.geo.system_names import crs_of, label_of, systems_in, without_systems
from hydrant.geo.text_forms import parse_number, parse_pair

#: How degrees are written, by what headings say without spaces and brackets.
_ANGLES = (
    (PACKED, re.compile(r"度[.°]?分[.′']?秒|d{1,3}[.°]?m{1,2}[.′']?s|d\.?ms|度°分′秒″")),
    (MINUTES, re.compile(r"度[.°]?分(?!秒)|d{1,3}[.°]?m{2,}(?!s)|d\.m(?!s)")),
    ("decimal", re.compile(r"十进制|小数|decimal|d{2,3}\.d+|(?<![a-z])d{2,3}$|dd$")),
)
_BRACKETS = re.compile(r"[(\[【〔{].*?[)\]】〕}]")
_BETWEEN = re.compile(r"[\s_\-‐‑‒–—−:/()\[\]【】〔〕{}·、,]+")
#: Signs of a heading that are looked at.
_LONGEST = 200
#: Cells by which is judged whether a column holds degrees.
_LOOKED_AT, _MOST_DEGREES = 200, 180.0


@lru_cache(maxsize=4096)
def angles_in(heading: str) -> str | None:
    """How degrees under a heading are written, where it says so: a word of `ANGLES`."""
    plain = unicodedata.normalize("NFC", heading[:_LONGEST]).lower()
    text = _BETWEEN.sub("", plain.replace("．", ".").replace("（", "(").replace("）", ")"))
    text = re.sub(r"^(?:.*?)(?:longitude|latitude|long|lng|lon|lat|经度|纬度|經度|緯度)", "", text)
    return next((word for word, pattern in _ANGLES if pattern.search(text)), None)


@lru_cache(maxsize=4096)
def system_in(heading: str) -> str | None:
    """The one system that a heading names; None where it names none, or several."""
    found = systems_in(heading[:_LONGEST])
    return found[0] if len(found) == 1 else None


def joined(heading: str) -> str:
    """A heading in small letters without what stands between its words, and without brackets."""
    plain = unicodedata.normalize("NFKC", heading[:_LONGEST]).lower()
    return _BETWEEN.sub("", plain).strip(".")


@lru_cache(maxsize=4096)
def bare(heading: str) -> str:
    """A heading of coordinates without datum, brackets and how its degrees are written."""
    plain = unicodedata.normalize("NFKC", heading[:_LONGEST]).lower()
    text = _BETWEEN.sub("", without_systems(_BRACKETS.sub(" ", plain))).strip(".")
    for _, pattern in _ANGLES:
        shorter = pattern.sub("", text)
        text = shorter or text
    return text


_BESIDE = re.compile(r"坐标系?|地图|定位|位置|坐標系?|(?:°|deg(?:rees?)?)$")


def axis_rank(heading: str, known: Sequence[str]) -> int | None:
    """Place of a heading among the known ones of an axis; None where it is none of them."""
    plain = bare(heading)
    return next((ranks[text] for text in (plain, _BESIDE.sub("", plain))
                 if text in (ranks := _ranks(tuple(known)))), None)  # fmt: skip


@lru_cache(maxsize=8)
def _ranks(known: tuple[str, ...]) -> dict[str, int]:
    found: dict[str, int] = {}
    for number, word in enumerate(known):
        found.setdefault(_BETWEEN.sub("", word.lower()).strip("."), number)
    return found


def stated_system(file: str, headings: Sequence[str]) -> tuple[str, str] | None:
    """The system that the headings of one position name, and the heading; None where none does.

    Raises
    ------
    InputRefused
        Two headings name two systems.
    """
    said = [(name, found) for name in headings if (found := system_in(name)) is not None]
    if len({found for _, found in said}) > 1:
        (one, first), (other, second) = said[0], next(s for s in said if s[1] != said[0][1])
        facts = {"one": one, "first": label_of(first), "other": other, "second": label_of(second)}
        raise InputRefused("exchange.headings_two_systems", file=file, **facts)
    return (said[0][1], said[0][0]) if said else None


#: Headings of a column that names the system of each row's coordinates.
_OF_SYSTEMS = ("crs", "datum", "srs", "坐标系", "坐标系统", "坐标系类型", "坐标类型", "大地基准",
               "coordinatesystem", "coordsystem", "spatialreference")  # fmt: skip


def system_column(table: Table) -> tuple[str, str] | None:
    """The system that a column names for all rows, and its heading; None where none does.

    Raises
    ------
    InputRefused
        It names several.
    """
    for name, cells in table.columns.items():
        if joined(name) not in _OF_SYSTEMS:
            continue
        told = {cell.strip() for cell in {*cells} if cell.strip()}
        found = {system for cell in told if (system := system_in(cell)) is not None}
        if len({system if system != "EPSG:4490" else "cgcs2000" for system in found}) > 1:
            shown = ", ".join(sorted(told))
            raise InputRefused("exchange.column_systems", file=table.file, column=name, known=shown)
        if found and all(system_in(cell) is not None for cell in told):
            return found.pop(), name
    return None


def stated_in(table: Table, headings: Sequence[str]) -> tuple[str, str] | None:
    """The system that a table names for a position, by headings or a column, and where.

    Raises
    ------
    InputRefused
        They name two.
    """
    found, beside = stated_system(table.file, headings), system_column(table)
    if found is None and beside is None:
        return _in_titles(table)
    if found is None or beside is None:
        return found or beside
    own = crs_of(beside[0], degrees=True)
    if own is not None and at_odds(found[0], own):
        facts = {"one": found[1], "first": label_of(found[0]),
                 "other": beside[1], "second": label_of(beside[0])}  # fmt: skip
        raise InputRefused("exchange.headings_two_systems", file=table.file, **facts)
    return found


_OF_COORDINATES = re.compile(r"坐标|投影|datum|crs|coordinate|projection", re.IGNORECASE)


def _in_titles(table: Table) -> tuple[str, str] | None:
    """The one system that a title above the headings names for the coordinates, and the title."""
    said = {system_in(title): title for title in table.above if _OF_COORDINATES.search(title)}
    said.pop(None, None)
    if len(said) != 1:
        return None
    system, title = next(iter(said.items()))
    return None if system is None else (system, title)


def with_stated(
    table: Table,
    headings: Sequence[str],
    placing: Placing,
    problems: dict[int, Problem] | None = None,
) -> Placing:
    """How positions are read, with the system that their headings name.

    Parameters
    ----------
    problems
        Rows that state no system in a column of such are added; None where the column decides.

    Raises
    ------
    InputRefused
        Somebody states another one, or two headings name two.
    """
    found = stated_in(table, headings)
    if found is None:
        return placing
    system, _ = found
    if placing.crs is not None:
        refuse_other_system(table.file, found, placing.crs)
        return placing
    if problems is not None and (name := found[1]) in table.columns and name not in headings:
        for row, cell in enumerate(table.columns[name]):
            if not cell.strip():
                why = Phrase("exchange.why_no_system", {"column": name})
                problems.setdefault(row, Problem("crs", "", why))
    crs = crs_of(system, degrees=in_degrees(table, headings))
    return placing if crs is None else replace(placing, crs=crs)


def refuse_other_system(file: str, found: tuple[str, str], crs: str) -> None:
    """Refuse a stated system that is not the one that a heading names."""
    system, heading = found
    if at_odds(system, crs):
        stated = datum.parse_crs(crs).stored
        facts = {"heading": heading, "own": label_of(system), "crs": stated}
        raise InputRefused("exchange.headings_at_odds", file=file, **facts)


def otherwise_named(table: Table, headings: Sequence[str], crs: str) -> str | None:
    """The system that headings name, where the stated one means the same under another name."""
    found = stated_in(table, headings)
    return found[0] if found is not None and alike(found[0], crs) else None


def in_degrees(table: Table, headings: Sequence[str]) -> bool:
    """Whether the numbers under headings are degrees by their size."""
    numbers: list[float] = []
    for name in headings:
        for cell in table.columns.get(name, [])[:_LOOKED_AT]:
            number = parse_number(cell)
            pair = (number,) if number is not None else parse_pair(cell) or ()
            numbers += map(abs, pair)
    return not numbers or statistics.median(numbers) <= _MOST_DEGREES


def stated_angles(file: str, headings: Sequence[str], said: str | None) -> str | None:
    """How the degrees of a position are written, by its headings and what a mapping says.

    Raises
    ------
    InputRefused
        The mapping says otherwise, or the headings say two things or only one of them any.
    """
    told = {name: angles_in(name) for name in headings}
    words = {*told.values()}
    if words <= {None}:
        return said
    shown = ", ".join(told)
    if said is not None:
        wrong = next((name for name, word in told.items() if word not in (None, said)), None)
        if wrong is not None:
            facts = {"heading": wrong, "own": str(told[wrong]), "said": said}
            raise InputRefused("exchange.headings_angles", file=file, **facts)
        return said
    if len(words) > 1:
        if words == {None, "decimal"}:
            return "decimal"
        raise InputRefused("exchange.headings_angles_half", file=file, headings=shown)
    return words.pop()
