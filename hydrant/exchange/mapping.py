"""Mapping files: how a foreign file becomes assets and their evidence.

These classes describe the file, and ``schemas/mapping.schema.json`` is made of them; worked
examples are in ``data/mappings``.
"""

from collections.abc import Mapping as Dict
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from hydrant import described
from hydrant.described import (
    AS_TEXT,
    MADE,
    ONE,
    Described,
    Mistake,
    Parsed,
    Place,
    Rule,
    Short,
    Texts,
    bounds,
    filled,
    one_of,
    rule,
)
from hydrant.errors import InputRefused
from hydrant.exchange.patterns import Pattern, is_date_form, pattern_of
from hydrant.exchange.placing_rules import ANGLES, AREAS, AXES, LINES, Placing
from hydrant.model.inputs import AssetInput, InspectionInput
from hydrant.shipped import Shipped
from hydrant.vocabulary import RegionLevel

#: Targets of the commissioning: its day, and what else is known of it.
COMMISSIONING_TARGETS = ("project", "consent", "funding", "cost")
#: Targets in ``[fields]``: columns of an asset, and its commissioning.
ASSET_TARGETS = (*AssetInput.model_fields, "built", *COMMISSIONING_TARGETS)
INSPECTION_TARGETS = tuple(
    name for name in InspectionInput.model_fields if not name.startswith("observer")
)
#: Targets in ``[lifecycle]``.
LIFECYCLE_TARGETS = ("event", "at")


class Otherwise(StrEnum):
    """What a column means that says otherwise than a good state, or may."""

    FAILS = "fails"
    NOTHING = "nothing"
    UNDERSTOOD = "understood"
    NO_FAILS = "no_fails"
    YES_FAILS = "yes_fails"


_MAPPINGS = Shipped(
    ("data", "mappings"), "exchange.no_mapping", "exchange.unreadable", "exchange.mapping_syntax"
)
POSITION_KEYS = ("x", "y", "latlon", "lonlat", "wkt", "x_minutes", "x_seconds", "y_minutes",
                 "y_seconds")  # fmt: skip
#: Parts of degrees that mean nothing without another one.
_NEEDED = {"x_minutes": "x", "x_seconds": "x_minutes", "y_minutes": "y", "y_seconds": "y_minutes"}

Word = Annotated[str, AS_TEXT]
Regex = Annotated[Pattern, Parsed(pattern_of)]
Pair = Annotated[tuple[Regex, str], '["…", "…"]']
DateForm = Annotated[
    str, rule(is_date_form, "iso, dm, md, epoch_s, epoch_ms, excel, excel_1904, %Y-%m-%d, …")
]


def _grouped(text: str) -> Pattern:
    made = pattern_of(text)
    if made.groups < 1:
        raise ValueError("(…)")
    return made


Headings = Annotated[Texts, filled('"…", ["…", …]')]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec(Described):
    """How one target is filled: from ``column`` or ``columns``, or by ``constant``.

    A cell is looked for in ``empty``, then cut by ``regex``, then matched with ``patterns`` or
    looked up in ``values``.
    """

    column: Word | None = None
    """Heading of the column that is read."""
    columns: Texts = ()
    """Headings of several columns that are joined."""
    alternatives: Texts = ()
    """Headings of which the first one that the file has is read."""
    optional: bool = False
    """Whether a file may lack the columns; the target is then not known."""
    constant: str | None = None
    """Value for every row instead of columns."""
    values: Dict[str, Word] | None = None
    """Value for each whole cell; a cell that is not in it gives ``other``, or is refused."""
    other: str | None = None
    """Value of cells that neither ``values`` nor ``patterns`` know."""
    patterns: tuple[Pair, ...] = ()
    """Pairs of regular expression and value; the first that matches decides."""
    regex: Annotated[Pattern, Parsed(_grouped)] | None = None
    """Regular expression whose first group is the cell's value; no match means "not known"."""
    unit: str | None = None
    """Unit of a number in the file."""
    date: Annotated[tuple[DateForm, ...], ONE, '["…", …]'] = ()
    """Forms of a date, tried in turn: iso, epoch_s or epoch_ms (since 1970), excel or excel_1904
    (a spreadsheet's number of days), dm or md (as offices write dates, in 03/04/2026 the day or
    the month first), "md 2026" or "dm 2026" (the same, where days without a year are of that one),
    or as strptime takes them; without any as offices write dates, those with two meanings by the
    whole column."""
    decimal: Annotated[str, one_of((".", ","))] | None = None
    """Decimal mark of a number, where the column does not show it."""
    empty: Texts = ()
    """Cells, or values cut from them, that mean "not known"."""
    join: str = " "
    """What stands between the cells of several columns."""

    def __post_init__(self) -> None:
        if self.column is not None:
            object.__setattr__(self, "columns", (self.column, *self.columns))
            object.__setattr__(self, "column", None)
        if self.values is not None:
            stripped = {cell.strip(): value for cell, value in self.values.items()}
            object.__setattr__(self, "values", stripped)

    @property
    def takes_text(self) -> bool:
        """Whether a cell's own text is what is meant, unless it is empty."""
        return self.values is None and not self.patterns and self.regex is None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionSpec(Described):
    """A region that is made when the registry lacks it."""

    code: Annotated[str, filled('"…"')]
    """Its code."""
    level: RegionLevel
    """Its level."""
    name_zh: str | None = None
    """Its Chinese name."""
    name_en: str | None = None
    """Its English name."""
    parent: str | None = None
    """Code of the region it lies in."""


def _one_source(spec: Spec, place: Place) -> None:
    sources = ("columns", "alternatives", "constant")
    stated = [name for name in sources if getattr(spec, name) not in ((), None)]
    if len(stated) != 1:
        raise Mistake(place, stated, "column | columns | alternatives | constant")


#: A column alone, or more about it.
Filling = Annotated[
    Spec,
    Short(lambda heading: {"column": heading}),
    Rule(_one_source, lambda schema: schema),
    '"column", {…}',
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping(Described):
    """How a foreign file becomes assets and their evidence."""

    title: Word | None = None
    """What files it is for."""
    own: bool = False
    """Whether the headings are our own, as in our exports: a uid then means the asset that bears
    it, and a row that contradicts itself is refused."""
    source: str | None = None
    """Name of the register that the facts come from."""
    encoding: str | None = None
    """Encoding of a text file; found out where not stated."""
    header_row: Annotated[int, bounds(1), "1, 2, 3, …"] = 1
    """Row of the headings, from 1."""
    layer: str | None = None
    """Sheet or layer that is read."""
    crs: str | None = None
    """Datum of the positions, as ``--crs`` takes it: a name, EPSG:n, WKT or PROJ text."""
    axes: Annotated[str, one_of(AXES)] | None = None
    """Order of the two coordinates: en (x is east, y is north; so where not stated) or ne."""
    angles: Annotated[str, one_of(ANGLES)] | None = None
    """How degrees are written: decimal, packed (120.0912 is 120°09'12") or minutes (it is
    120°09.12'); where not stated as the headings say."""
    areas: Annotated[str, one_of(AREAS)] | None = None
    """What stands for an area of any extent, as ``--areas`` takes it."""
    lines: Annotated[str, one_of(LINES)] | None = None
    """What stands for a line, as ``--lines`` takes it."""
    decimal: Annotated[str, one_of((".", ","))] | None = None
    """Decimal mark of the file's numbers, where their columns do not show it."""
    zone: str | None = None
    """Time zone of dates without one, as ``Asia/Shanghai``."""
    key: Texts = ()
    """Headings whose cells tell rows apart from one import to the next."""
    placeholder_codes: Texts = ()
    """Codes that mean "no code"."""
    position: Dict[Annotated[str, one_of(POSITION_KEYS)], Headings] = field(default_factory=dict)
    """Headings of the position: x and y, or one cell as latlon, lonlat or wkt; of several the first
    one present. Degrees in parts: x and y hold whole degrees beside x_minutes, x_seconds,
    y_minutes and y_seconds."""
    ignore: Dict[str, Texts] = field(default_factory=dict)
    """Cells, by heading, whose rows are left out."""
    ignore_optional: bool = False
    """Whether a file may lack the headings of ``ignore``; then it leaves out no row for them."""
    keep: Dict[str, Texts] = field(default_factory=dict)
    """Cells, by heading, whose rows are assets although they read as an example or a sum."""
    otherwise: Dict[str, Annotated[str, one_of(tuple(Otherwise))]] = field(default_factory=dict)
    """What a column means, by heading, that says otherwise than a good state, as of a fault or a
    removal: fails (its rows do not work) or nothing (it does not matter); else they are refused.
    Of remarks understood (those in which something bad is understood do not work, others do not
    matter), of answers no_fails or yes_fails (a no, or a yes, means that the row does not work)."""
    fields: Dict[Annotated[str, one_of(ASSET_TARGETS)], Filling] = field(default_factory=dict)
    """How the fields of an asset are filled."""
    inspection: Dict[Annotated[str, one_of(INSPECTION_TARGETS)], Filling] = field(
        default_factory=dict
    )
    """How a visit that the row tells of is filled."""
    lifecycle: Dict[Annotated[str, one_of(LIFECYCLE_TARGETS)], Filling] = field(
        default_factory=dict
    )
    """What a row says of an asset as a whole: event (removed, planned, under_construction,
    commissioned) and at, the day of it; a day alone is that of a removal."""
    regions: tuple[RegionSpec, ...] = ()
    """Regions that the assets lie in."""
    name: str = field(default="", metadata=MADE)
    x: str | None = field(default=None, metadata=MADE)
    y: str | None = field(default=None, metadata=MADE)
    latlon: str | None = field(default=None, metadata=MADE)
    lonlat: str | None = field(default=None, metadata=MADE)
    wkt: str | None = field(default=None, metadata=MADE)
    x_minutes: str | None = field(default=None, metadata=MADE)
    x_seconds: str | None = field(default=None, metadata=MADE)
    y_minutes: str | None = field(default=None, metadata=MADE)
    y_seconds: str | None = field(default=None, metadata=MADE)

    @property
    def bears_uids(self) -> bool:
        """Whether its rows are told by our own keys: `uid`, in any case where headings are ours."""
        return self.key == ("uid",) or (self.own and [*map(str.casefold, self.key)] == ["uid"])

    @property
    def placing(self) -> Placing:
        """What it says of positions beside their headings."""
        return Placing(self.crs, self.axes, self.areas, self.lines)

    @property
    def specs(self) -> tuple[Spec, ...]:
        """How everything but positions and keys is filled."""
        return (*self.fields.values(), *self.inspection.values(), *self.lifecycle.values())

    @property
    def headings(self) -> dict[str, str]:
        """Columns by what they fill, where they are called otherwise."""
        parts = (*self.fields.items(), *self.lifecycle.items(), *self.inspection.items())
        columns = {target: spec.columns or spec.alternatives for target, spec in parts}
        columns |= {"position": self.position_columns, "x": self.x_parts, "y": self.y_parts}
        return {name: ", ".join(found) for name, found in columns.items() if {*found} - {name}}

    @property
    def position_columns(self) -> tuple[str, ...]:
        """Headings of the columns that hold the position."""
        named = (*self.x_parts, *self.y_parts, self.latlon, self.lonlat, self.wkt)
        return tuple(name for name in named if name is not None)

    @property
    def x_parts(self) -> tuple[str, ...]:
        """Headings of x: of the whole, or of its degrees, minutes and seconds."""
        return _stated(self.x, self.x_minutes, self.x_seconds)

    @property
    def y_parts(self) -> tuple[str, ...]:
        """As `x_parts`."""
        return _stated(self.y, self.y_minutes, self.y_seconds)


def _stated(*headings: str | None) -> tuple[str, ...]:
    return tuple(name for name in headings if name is not None)


def mapping_names() -> list[str]:
    """Names of the shipped mappings."""
    return _MAPPINGS.names()


def is_shipped(mapping: "Mapping") -> bool:
    """Whether a mapping is a shipped one, or the copy of one that the dialogue kept for a file."""
    if mapping.name in mapping_names():
        return True
    return mapping.title is not None and mapping.title in _shipped_titles()


@cache
def _shipped_titles() -> frozenset[str | None]:
    return frozenset(load_mapping(name).title for name in mapping_names())


def mapping_text(name: str) -> str:
    """What the file of a shipped mapping says."""
    return _MAPPINGS.shipped(name).read_text(encoding="utf-8").rstrip()


def load_mapping(name: str) -> "Mapping":
    """A shipped mapping by name, or a user's own by the path of its TOML file.

    Raises
    ------
    InputRefused
        There is no such mapping, or its file has a mistake (file, key and what is allowed).
    """
    path = _MAPPINGS.path(name)
    values = _MAPPINGS.content(path)
    return mapping_of(values, path.name)


def mapping_of(values: dict[str, Any], name: str) -> "Mapping":
    """The mapping that a TOML file's content says.

    Parameters
    ----------
    name
        Of the file.

    Raises
    ------
    InputRefused
        The content has a mistake (file, key and what is allowed).
    """
    try:
        file = described.read(Mapping, values)
    except Mistake as wrong:
        raise InputRefused("exchange.mapping_wrong", file=name, **wrong.facts) from None
    first: dict[str, Any] = {key: headings[0] for key, headings in file.position.items()}
    for part, needed in _NEEDED.items():
        if part in first and needed not in first:
            lacking = Mistake(("position", part), first[part], f"position.{needed}")
            raise InputRefused("exchange.mapping_wrong", file=name, **lacking.facts)
    return replace(file, name=Path(name).stem, **first)
