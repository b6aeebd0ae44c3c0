"""What people mark in a workbook beside what its cells hold: comments, struck text, colours."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Protocol, cast
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from hydrant.exchange.workbook_sheet import portions

#: Whites, by their value or as the first colour of a theme.
_WHITE = ("FFFFFFFF", "00FFFFFF")
#: Rows of one colour that are still told; more of them are no exceptions.
_MOST_COLOURED = 20_000
#: Where a cell begins, before the number of its style.
_BEGIN = re.compile(rb"<(?:\w+:)?c [^<>]*$")
_PLACE = re.compile(rb' r="([A-Z]{1,3})([0-9]{1,7})"')
_REFERENCE = re.compile("([A-Z]{1,3})([0-9]{1,7})")
#: Signs of a cell's beginning, and of a comment that is kept.
_NEAR, _LONGEST = 80, 4000


@dataclass(slots=True)
class CellMarks:
    """Marks by row of the sheet, counted from 1.

    Attributes
    ----------
    comments
        Text of the comments on cells of a row.
    struck
        Columns, counted from 0, whose cells are struck through.
    colours
        Colours of cells that set few rows apart.
    """

    comments: dict[int, str] = field(default_factory=dict)
    struck: dict[int, set[int]] = field(default_factory=dict)
    colours: dict[int, str] = field(default_factory=dict)


def cell_marks(
    archive: ZipFile,
    part: str,
    styles: tuple[Collection[int], Mapping[int, str]],
    rows: Sequence[tuple[object, ...]],
    first: int,
    *,
    rich: bool,
) -> CellMarks:
    """Marks of a sheet.

    Parameters
    ----------
    part
        Name of the sheet's XML.
    styles
        Of the workbook, as `marking_styles` gives them.
    rows
        What it holds, from its first row.
    first
        Row of the headings, counted from 1: what lies below is looked at.
    rich
        Whether texts of several styles were read as such.
    """
    made = CellMarks(comments=_comments(archive, part))
    struck, filled = styles
    if struck or filled:
        with archive.open(part) as content:
            _styled(made, content, rows, first, struck, filled)
    for number, row in enumerate(rows if rich else (), start=1):
        found = {place for place, value in enumerate(row) if _struck_in(value)}
        if found and number > first:
            made.struck.setdefault(number, set()).update(found)
    return made


def _struck_in(value: object) -> bool:
    """Whether a part of a text is struck through."""
    if type(value).__name__ != "CellRichText":
        return False
    return any(
        getattr(getattr(run, "font", None), "strike", False) for run in cast("list[object]", value)
    )


class Style(Protocol):
    """What openpyxl keeps of a style: the numbers of its font and of its fill."""

    fontId: int  # noqa: N815  its name there
    fillId: int  # noqa: N815  as above


class Struck(Protocol):
    """A font that may strike through."""

    strike: bool | None


def marking_styles(
    styles: Iterable[Style], fonts: Sequence[Struck], fills: Sequence[object]
) -> tuple[set[int], dict[int, str]]:
    """Numbers of the styles that strike through, and of those that fill, with their colour."""
    struck, filled = set(), {}
    for number, style in enumerate(styles):
        if fonts[style.fontId].strike:
            struck.add(number)
        colour = _colour(fills[style.fillId])
        if colour is not None:
            filled[number] = colour
    return struck, filled


def _colour(fill: object) -> str | None:
    """How a colour is called: its value, or its number of a palette or theme."""
    if getattr(fill, "fill_type", None) != "solid":
        return None
    colour = getattr(fill, "fgColor", None)
    if colour is None:
        return None
    if colour.type == "rgb":
        return None if colour.rgb in _WHITE else f"#{str(colour.rgb)[-6:]}"
    if colour.type == "theme":
        return None if colour.theme == 0 and not colour.tint else f"theme {colour.theme}"
    return None if colour.indexed in (9, 64, 65) else f"indexed {colour.indexed}"


def _styled(
    made: CellMarks,
    content: IO[bytes],
    rows: Sequence[tuple[object, ...]],
    first: int,
    struck: Collection[int],
    filled: Mapping[int, str],
) -> None:
    """Find the cells of some styles."""
    most = min((len(rows) - first) / 2, _MOST_COLOURED)
    coloured: dict[str, set[int]] = {colour: set() for colour in filled.values()}
    wanted = _pattern({*struck, *filled})
    for text in portions(content):
        for found in wanted.finditer(text):
            style, place = int(found[1]), _place_of(text, found.start(), found.end())
            if place is None or not first < place[0] <= len(rows):
                continue
            row, column = place
            held = rows[row - 1]
            if style in struck and column < len(held) and held[column] is not None:
                made.struck.setdefault(row, set()).add(column)
            if style in filled and any(value is not None for value in held):
                coloured[filled[style]].add(row)
        plenty = {colour for colour, there in coloured.items() if len(there) > most}
        if plenty:
            rest = {n for n, colour in filled.items() if colour not in plenty}
            wanted = _pattern({*struck, *rest})
    for colour, there in coloured.items():
        if len(there) <= most:
            made.colours |= dict.fromkeys(there, colour)


def _pattern(styles: set[int]) -> re.Pattern[bytes]:
    told = b"|".join(str(number).encode() for number in sorted(styles)) or rb"\b\B"
    return re.compile(rb' s="(' + told + rb')"')


def _place_of(text: bytes, start: int, end: int) -> tuple[int, int] | None:
    """Row from 1 and column from 0 of the cell whose style was found."""
    before = _BEGIN.search(text, max(0, start - _NEAR), start)
    if before is None:
        return None
    stop = text.find(b">", end)
    place = _PLACE.search(text, before.start(), stop if stop >= 0 else len(text))
    return None if place is None else (int(place[2]), _number(place[1].decode()) - 1)


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _comments(archive: ZipFile, part: str) -> dict[int, str]:
    """Texts of comments by row; of those with answers what was said in them."""
    texts: dict[str, list[str]] = {}
    threads: dict[str, list[str]] = {}
    for kind, name in _related(archive, part):
        if kind == "comments":
            for place, text in _read(archive.read(name), "comment", "t"):
                texts.setdefault(place, []).append(text)
        elif kind == "threadedComment":
            for place, text in _read(archive.read(name), "threadedComment", "text"):
                threads.setdefault(place, []).append(text)
    by_row: dict[int, list[str]] = {}
    for place, said in (texts | threads).items():
        match = _REFERENCE.match(place)
        if match is not None:
            by_row.setdefault(int(match[2]), []).extend(filter(None, said))
    return {row: "; ".join(said)[:_LONGEST] for row, said in sorted(by_row.items()) if said}


def _related(archive: ZipFile, part: str) -> Iterator[tuple[str, str]]:
    """Kinds and names of what a sheet refers to and the workbook holds."""
    folder, name = posixpath.split(part.lstrip("/"))
    there = {*archive.namelist()}
    rels = f"{folder}/_rels/{name}.rels"
    if rels not in there:
        return
    for one in _elements(archive.read(rels)):
        kind = one.get("Type", "").rpartition("/")[2]
        target = posixpath.normpath(posixpath.join("/", folder, one.get("Target", ""))).lstrip("/")
        if target in there:
            yield kind, target


def _elements(content: bytes) -> Iterator[Element]:
    from openpyxl.xml.functions import fromstring  # noqa: PLC0415  only workbooks need it

    yield from fromstring(content).iter()


def _word(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _read(content: bytes, word: str, text: str) -> Iterator[tuple[str, str]]:
    """Places and texts of comments; the name of who wrote one is no part of it."""
    authors: set[str] = set()
    for one in _elements(content):
        if _word(one) == "author":
            authors.add((one.text or "").strip())
        elif _word(one) == word:
            said = "".join(part.text or "" for part in one.iter() if _word(part) == text)
            yield one.get("ref", ""), _without_author(said, authors)


def _without_author(said: str, authors: set[str]) -> str:
    first, sign, rest = said.strip().partition("\n")
    name = first.rstrip(":： ")
    return " ".join((rest if sign and name in authors else said).split())
