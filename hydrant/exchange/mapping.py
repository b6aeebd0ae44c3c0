"""Mapping files: how a foreign file becomes assets and their evidence.

The form is described in ``schemas/mapping.schema.json``; worked examples are in
``data/mappings``.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hydrant import guarded
from hydrant.errors import InputRefused
from hydrant.exchange.patterns import Pattern, is_date_form, pattern_of
from hydrant.model.inputs import AssetInput, InspectionInput
from hydrant.resources import resource
from hydrant.vocabulary import RegionLevel

#: Targets of the commissioning: its day, and what else is known of it.
COMMISSIONING_TARGETS = ("project", "consent", "funding", "cost")
#: Targets in ``[fields]``: columns of an asset, and its commissioning.
ASSET_TARGETS = (*AssetInput.model_fields, "built", *COMMISSIONING_TARGETS)
INSPECTION_TARGETS = tuple(
    name for name in InspectionInput.model_fields if not name.startswith("observer")
)
_TOP = (
    *("source", "encoding", "header_row", "layer", "crs", "key", "zone", "placeholder_codes"),
    *("position", "ignore", "fields", "inspection", "regions", "title"),
)
_SPEC_KEYS = {
    *("column", "columns", "alternatives", "optional", "constant", "values", "other"),
    *("patterns", "regex", "unit", "date", "empty", "join"),
}
_POSITION = ("x", "y", "latlon", "lonlat", "wkt")


@dataclass(frozen=True, slots=True)
class Spec:
    """How one target is filled.

    Attributes
    ----------
    columns
        Headings whose cells are read, joined by `join` when several.
    alternatives
        Headings of which the first one that the file has is read.
    optional
        Whether a file may lack the columns; the target is then not known.
    constant
        Value for every row instead of columns.
    values
        Table from cell to value; a cell that is not in it gives `other`, or is refused.
    patterns
        Regular expressions and values; the first that matches decides.
    regex
        Expression whose first group is the cell's value; no match means "not known".
    unit
        Unit of a number.
    dates
        Formats of a date, tried in turn.
    empty
        Cells that mean "not known".
    """

    columns: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    optional: bool = False
    constant: str | None = None
    values: Dict[str, str] | None = None
    other: str | None = None
    patterns: tuple[tuple[Pattern, str], ...] = ()
    regex: Pattern | None = None
    unit: str | None = None
    dates: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    join: str = " "

    @property
    def takes_text(self) -> bool:
        """Whether a cell's own text is what is meant, unless it is empty."""
        return self.values is None and not self.patterns and self.regex is None

    def fitted(self, present: Collection[str]) -> Spec | None:
        """The spec with the headings that a file has; None where it may do without them."""
        columns = self.columns
        if self.alternatives:
            columns = _first_present(self.alternatives, present)
        if not self.optional:
            return replace(self, columns=columns)
        columns = tuple(name for name in columns if name in present)
        return replace(self, columns=columns) if columns else None


@dataclass(frozen=True, slots=True)
class RegionSpec:
    """A region that the mapping names and that is made when it is not there."""

    code: str
    level: str
    name_zh: str | None
    name_en: str | None
    parent: str | None


@dataclass(frozen=True, slots=True)
class Mapping:
    """A whole mapping file; see the module's schema for the meaning of each part."""

    name: str
    source: str | None = None
    encoding: str | None = None
    header_row: int = 1
    layer: str | None = None
    crs: str | None = None
    zone: str | None = None
    key: tuple[str, ...] = ()
    placeholder_codes: tuple[str, ...] = ()
    x: str | None = None
    y: str | None = None
    latlon: str | None = None
    lonlat: str | None = None
    wkt: str | None = None
    ignore: Dict[str, tuple[str, ...]] = field(default_factory=dict)
    fields: Dict[str, Spec] = field(default_factory=dict)
    inspection: Dict[str, Spec] = field(default_factory=dict)
    regions: tuple[RegionSpec, ...] = ()
    positions: Dict[str, tuple[str, ...]] = field(default_factory=dict)

    def fitted(self, present: Collection[str]) -> Mapping:
        """The mapping for a file with these headings: of alternatives the one that is there."""
        made: dict[str, Any] = {
            name: _first_present(choices, present)[0] for name, choices in self.positions.items()
        }
        for x, y in (("geometry.x", "geometry.y"), ("x", "y")):
            # the side file of a file that has geometry of its own
            if not self.position_columns and not made and {x, y} <= set(present):
                made = {"x": x, "y": y}

        def specs(table: Dict[str, Spec]) -> dict[str, Spec]:
            fitting = {name: spec.fitted(present) for name, spec in table.items()}
            return {name: spec for name, spec in fitting.items() if spec is not None}

        return replace(self, **made, fields=specs(self.fields), inspection=specs(self.inspection))

    @property
    def position_columns(self) -> tuple[str, ...]:
        """Headings of the columns that hold the position."""
        named = (self.x, self.y, self.latlon, self.lonlat, self.wkt)
        return tuple(name for name in named if name is not None)


def _first_present(choices: tuple[str, ...], present: Collection[str]) -> tuple[str, ...]:
    """The first heading that is there, else the first one, to be named as missing."""
    return (next((name for name in choices if name in present), choices[0]),)


def mapping_names() -> list[str]:
    """Names of the shipped mappings."""
    return sorted(path.stem for path in resource("data", "mappings").glob("*.toml"))


def mapping_text(name: str) -> str:
    """What the file of a shipped mapping says."""
    path = resource("data", "mappings", f"{name}.toml")
    return path.read_text(encoding="utf-8").rstrip()


def load_mapping(name: str) -> Mapping:
    """A shipped mapping by name, or a user's own by the path of its TOML file.

    Raises
    ------
    InputRefused
        There is no such mapping, or its file has a mistake (file, key and what is allowed).
    """
    path = Path(name)
    if path.suffix != ".toml":
        if name not in mapping_names():
            raise InputRefused("exchange.no_mapping", name=name, known=", ".join(mapping_names()))
        path = resource("data", "mappings", f"{name}.toml")
    try:
        values = guarded.toml(path)
    except OSError as error:
        raise InputRefused("exchange.unreadable", file=path, why=error.strerror) from None
    except ValueError as error:
        raise InputRefused("exchange.mapping_syntax", file=path, why=error) from None
    return _Reader(path.name).mapping(path.stem, values)


class _Reader:
    """Turns parsed TOML into a mapping, naming file and key of what is wrong."""

    def __init__(self, file: str) -> None:
        self.file = file

    def mapping(self, name: str, values: Dict[str, Any]) -> Mapping:
        self._known(values, _TOP, "")
        position = self._table(values, "position")
        self._known(position, _POSITION, "position.")
        choices = {name: self._texts(position, name) for name in _POSITION if name in position}
        empty = next((name for name, headings in choices.items() if not headings), None)
        if empty is not None:
            raise self._wrong(f"position.{empty}", "[]", '"…", ["…", …]')
        return Mapping(
            name=name,
            source=self._text(values, "source"),
            encoding=self._text(values, "encoding"),
            header_row=self._whole(values, "header_row", 1),
            layer=self._text(values, "layer"),
            crs=self._text(values, "crs"),
            zone=self._text(values, "zone"),
            key=self._texts(values, "key"),
            placeholder_codes=self._texts(values, "placeholder_codes"),
            ignore={
                column: self._texts(self._table(values, "ignore"), column)
                for column in self._table(values, "ignore")
            },
            fields=self._specs(values, "fields", ASSET_TARGETS),
            inspection=self._specs(values, "inspection", INSPECTION_TARGETS),
            regions=tuple(self._region(entry) for entry in self._tables(values, "regions")),
            positions=choices,
            **{name: headings[0] for name, headings in choices.items()},
        )

    def _specs(
        self, values: Dict[str, Any], part: str, targets: tuple[str, ...]
    ) -> dict[str, Spec]:
        table = self._table(values, part)
        self._known(table, targets, f"{part}.")
        return {name: self._spec(value, f"{part}.{name}") for name, value in table.items()}

    def _spec(self, value: Any, place: str) -> Spec:
        if isinstance(value, str):
            return Spec(columns=(value,))
        if not isinstance(value, dict):
            raise self._wrong(place, value, '"column", {…}')
        self._known(value, tuple(_SPEC_KEYS), f"{place}.")
        columns = self._texts(value, "columns")
        if "column" in value:
            columns = (str(value["column"]), *columns)
        alternatives = self._texts(value, "alternatives")
        if (bool(columns), bool(alternatives), "constant" in value).count(True) != 1:
            raise self._wrong(place, sorted(value), "column | columns | alternatives | constant")
        regex = self._text(value, "regex")
        return Spec(
            columns=columns,
            alternatives=alternatives,
            optional=value.get("optional", False) is True,
            constant=self._text(value, "constant"),
            values=self._value_table(value, place),
            other=self._text(value, "other"),
            patterns=tuple(
                (self._compile(pattern, place), result)
                for pattern, result in self._pairs(value, place)
            ),
            regex=None if regex is None else self._grouped(regex, place),
            unit=self._text(value, "unit"),
            dates=self._dates(value, place),
            empty=self._texts(value, "empty"),
            join=self._text(value, "join") or (" " if "join" not in value else ""),
        )

    def _dates(self, value: Dict[str, Any], place: str) -> tuple[str, ...]:
        forms = self._texts(value, "date")
        wrong = next((form for form in forms if not is_date_form(form)), None)
        if wrong is not None:
            raise self._wrong(f"{place}.date", wrong, "iso, %Y-%m-%d, %d.%m.%Y %H:%M, …")
        return forms

    def _value_table(self, value: Dict[str, Any], place: str) -> dict[str, str] | None:
        table = value.get("values")
        if table is None:
            return None
        if not isinstance(table, dict):
            raise self._wrong(f"{place}.values", table, "{…}")
        return {str(cell).strip(): str(result) for cell, result in table.items()}

    def _pairs(self, value: Dict[str, Any], place: str) -> list[tuple[str, str]]:
        found = value.get("patterns", [])
        if not isinstance(found, list) or not all(map(_is_pair, found)):
            raise self._wrong(f"{place}.patterns", found, '[["…", "…"], …]')
        return [(pattern, result) for pattern, result in found]

    def _grouped(self, pattern: str, place: str) -> Pattern:
        made = self._compile(pattern, place)
        if made.groups < 1:
            raise self._wrong(place, pattern, "(…)")
        return made

    def _compile(self, pattern: str, place: str) -> Pattern:
        try:
            return pattern_of(pattern)
        except ValueError as error:
            raise self._wrong(place, pattern, str(error)) from None

    def _region(self, entry: Dict[str, Any]) -> RegionSpec:
        self._known(entry, ("code", "level", "name_zh", "name_en", "parent"), "regions.")
        level = entry.get("level")
        if level not in tuple(RegionLevel) or not entry.get("code"):
            raise self._wrong("regions.level", level, ", ".join(RegionLevel))
        return RegionSpec(
            str(self._text(entry, "code")),
            str(level),
            self._text(entry, "name_zh"),
            self._text(entry, "name_en"),
            self._text(entry, "parent"),
        )

    def _table(self, values: Dict[str, Any], key: str) -> Dict[str, Any]:
        found = values.get(key, {})
        if not isinstance(found, dict):
            raise self._wrong(key, found, "[…]")
        return found

    def _tables(self, values: Dict[str, Any], key: str) -> list[Dict[str, Any]]:
        found = values.get(key, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise self._wrong(key, found, f"[[{key}]]")
        return found

    def _text(self, values: Dict[str, Any], key: str) -> str | None:
        found = values.get(key)
        if found is not None and not isinstance(found, str):
            raise self._wrong(key, found, '"…"')
        return found

    def _texts(self, values: Dict[str, Any], key: str) -> tuple[str, ...]:
        found = values.get(key, [])
        if isinstance(found, str):
            found = [found]
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            raise self._wrong(key, found, '["…", …]')
        return tuple(found)

    def _whole(self, values: Dict[str, Any], key: str, absent: int) -> int:
        found = values.get(key, absent)
        if not isinstance(found, int) or found < 1:
            raise self._wrong(key, found, "1, 2, 3, …")
        return found

    def _known(self, values: Dict[str, Any], known: tuple[str, ...], prefix: str) -> None:
        for key in values:
            if key not in known:
                raise self._wrong(prefix + key, "?", ", ".join(sorted(known)))

    def _wrong(self, place: str, value: object, allowed: str) -> InputRefused:
        return InputRefused(
            "exchange.mapping_wrong", file=self.file, place=place, value=value, allowed=allowed
        )


def _is_pair(found: object) -> bool:
    pair = found if isinstance(found, list) else []
    return len(pair) == 2 and all(isinstance(word, str) for word in pair)
