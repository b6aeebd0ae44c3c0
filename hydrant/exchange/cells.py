"""Cells of a column into values of a target; each distinct cell is looked at once."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, get_args
from zoneinfo import ZoneInfo

from hydrant.close_words import folded
from hydrant.errors import HydrantError, InputRefused, Phrase
from hydrant.exchange.destroyed import refuse_destroyed, surely_whole
from hydrant.exchange.mapping import Spec
from hydrant.exchange.moments import moment_reader
from hydrant.exchange.patterns import SLOW
from hydrant.exchange.quantities import quantity_of
from hydrant.exchange.state_words import whole_word
from hydrant.exchange.table import Table
from hydrant.geo.numbers import Marks, marks_of
from hydrant.messages import meanings
from hydrant.model.inputs import (
    AssetInput,
    InspectionInput,
    LifecycleInput,
    below_zero,
    unread_gauge,
)
from hydrant.units import on_no_gauge
from hydrant.vocabulary import KINDS, Outcome

#: Internal unit of a target by how its name ends.
_UNITS = {"_kpa": "kPa", "_l_s": "L/s", "_mm": "mm", "_m3": "m3", "_m": "m"}
_TRUE = {"1", "true", "yes", "y", "是", "有"}
_FALSE = {"0", "false", "no", "n", "否", "无"}
#: Signs of the longest text that a field takes.
_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a cell cannot become a value."""

    field: str
    cell: str
    why: Phrase


@dataclass(slots=True)
class Column:
    """Values of one target, and the rows whose cell was refused."""

    values: list[Any]
    problems: dict[int, Problem]


def make_column(
    table: Table,
    target: str,
    spec: Spec,
    *,
    zone: ZoneInfo,
    inspection: bool = False,
    decimal: str | None = None,
) -> Column:
    """Values of a target for every row of a table.

    Parameters
    ----------
    target
        Field of an asset, or of an inspection when `inspection` is set.
    zone
        Zone of dates without one.
    decimal
        Decimal mark that the mapping states for the whole file.
    """
    if spec.constant is not None:
        convert = _converter(target, spec, zone, Marks, (), inspection=inspection)
        return Column([convert(spec.constant)] * len(table), {})
    cells = raw_cells(table, spec)
    distinct = set(cells)
    texts = _texts_read(distinct, spec)
    stated = spec.decimal or decimal

    def marks() -> Marks:
        return Marks(stated, stated=True) if stated else marks_of(texts, dot=table.dot)

    convert = _converter(target, spec, zone, marks, texts, inspection=inspection)
    destroyed = _destroyed(target, distinct)
    if convert is _text and spec.takes_text and not destroyed:
        plain = _plain_texts(cells, spec)
        if plain is not None:
            return Column(plain, {})
    known: dict[str, Any] = dict.fromkeys(destroyed)
    refused = destroyed
    for cell in distinct - destroyed.keys():
        try:
            known[cell] = _value(cell, spec, convert)
        except HydrantError as error:
            if error.key == SLOW:
                raise  # it is the pattern, not the cell; the next one would take as long
            known[cell] = None
            refused[cell] = Problem(target, cell, Phrase(error.key, error.facts))
    values = [known[cell] for cell in cells]
    problems = (
        {row: refused[cell] for row, cell in enumerate(cells) if cell in refused} if refused else {}
    )
    return Column(values, problems)


def _texts_read(cells: Collection[str], spec: Spec) -> Collection[str]:
    """Texts of a column that its values are made of, which show how it is written."""
    if spec.values is not None or spec.patterns:
        return ()
    if spec.regex is None:
        return cells
    found = (spec.regex.search(cell) for cell in cells)
    return {(match.group(1) or "").strip() for match in found if match is not None}


def _destroyed(target: str, cells: Collection[str]) -> dict[str, Problem]:
    """Cells of which a program left nothing that could be read."""
    found: dict[str, Problem] = {}
    if surely_whole(cells, code=target == "code"):
        return found
    for cell in cells:
        try:
            refuse_destroyed(cell, code=target == "code")
        except InputRefused as error:
            found[cell] = Problem(target, cell, Phrase(error.key, error.facts))
    return found


def _plain_texts(cells: list[str], spec: Spec) -> list[str | None] | None:
    """Cells whose text is the value; None where one needs a closer look."""
    if max(map(len, cells), default=0) > _LONGEST:
        return None
    values: list[str | None] = [cell.strip() or None for cell in cells]
    if not spec.empty:
        return values
    empty = set(spec.empty)
    return [None if value in empty else value for value in values]


def raw_cells(table: Table, spec: Spec) -> list[str]:
    """Cells that feed a target; several columns are joined, empty ones left out."""
    columns = [table.column(name) for name in spec.columns]
    if len(columns) == 1:
        return columns[0]
    return [
        spec.join.join(part.strip() for part in parts if part.strip())
        for parts in zip(*columns, strict=True)
    ]


def _value(cell: str, spec: Spec, convert: Callable[[str], Any]) -> Any:
    text = cell.strip()
    if not text:
        return _of_nothing(spec, convert)
    if text in spec.empty:
        return None
    if spec.regex is not None:
        match = spec.regex.search(text)
        if match is None:
            return None
        text = (match.group(1) or "").strip()
        if text in spec.empty:
            return None
    if spec.patterns:
        matched, text = _matched(text, spec)
        if matched:
            return convert(text) if text else None
    if spec.values is not None:
        text = _looked_up(text, spec)
    return convert(text) if text else None


def _matched(text: str, spec: Spec) -> tuple[bool, str]:
    """Whether the patterns settle what a cell means, and that; else its text."""
    for pattern, result in spec.patterns:
        if pattern.search(text):
            return True, result
    if spec.values is not None:
        return False, text
    if spec.other is None:
        raise InputRefused("exchange.no_pattern", value=text)
    return True, spec.other


def _of_nothing(spec: Spec, convert: Callable[[str], Any]) -> Any:
    """Value of an empty cell: "not known", unless the mapping says what none means."""
    if spec.values is not None and "" in spec.values:
        meant = spec.values[""]
    else:
        # a pattern for whatever a cell may say does not speak of cells that say nothing
        meant = next((v for p, v in spec.patterns if p.search("") and not p.search("x")), "")
    return convert(meant) if meant else None


def _looked_up(text: str, spec: Spec) -> str:
    values = spec.values or {}
    if text in values:
        return values[text]
    if spec.other is None:
        raise InputRefused("exchange.unknown_value", value=text, known=", ".join(values))
    return spec.other


def _converter(
    target: str,
    spec: Spec,
    zone: ZoneInfo,
    marks: Callable[[], Marks],
    texts: Collection[str],
    *,
    inspection: bool,
) -> Callable[[str], Any]:
    if target in ("built", "at"):
        return moment_reader(spec.date, texts, zone)
    if target == "kind":
        return _kind
    if target == "region_code":
        return str
    info = _field_of(target, inspection=inspection)
    kinds = [kind for kind in (get_args(info.annotation) or (info.annotation,)) if kind]
    if any(isinstance(kind, type) and issubclass(kind, Enum) for kind in kinds):
        words = next(k for k in kinds if isinstance(k, type) and issubclass(k, Enum))
        return lambda text: _word(text, words)
    if bool in kinds:
        return _truth
    if int in kinds or float in kinds:
        return _number_converter(target, spec, marks(), info.metadata, whole=int in kinds)
    return _outlets if target == "outlets" else _text


def _field_of(target: str, *, inspection: bool) -> Any:
    """Field of the input that a target becomes: of a visit, an asset or its commissioning."""
    if inspection:
        return InspectionInput.model_fields[target]
    return AssetInput.model_fields.get(target) or LifecycleInput.model_fields[target]


def _text(text: str) -> str:
    if len(text) > _LONGEST:
        raise InputRefused("exchange.long_cell", count=len(text))
    return text


def _outlets(text: str) -> str:
    if below_zero(text):
        raise InputRefused("exchange.out_of_range", value=text, bound=0)
    return _text(text)


def _kind(text: str) -> str:
    word = _kinds().get(folded(text))
    if word is None:
        raise InputRefused("exchange.unknown_value", value=text, known=", ".join(KINDS))
    return word


@cache
def _kinds() -> dict[str, str]:
    """Kinds by their words and by what we call them in either language."""
    return meanings(KINDS, "kind")


def _word(text: str, words: type[Enum]) -> str:
    try:
        return str(words(text.lower().replace(" ", "_")).value)
    except ValueError:
        # what a state is called is the same in a plain column as in one of states
        found = whole_word(text) if words is Outcome else None
        if found is not None:
            return found
        known = ", ".join(str(word.value) for word in words)
        raise InputRefused("exchange.unknown_value", value=text, known=known) from None


def _truth(text: str) -> bool:
    lowered = text.lower()
    if lowered not in _TRUE | _FALSE:
        known = ", ".join(sorted(_TRUE | _FALSE))
        raise InputRefused("exchange.unknown_value", value=text, known=known)
    return lowered in _TRUE


def _number_converter(
    target: str, spec: Spec, marks: Marks, metadata: list[Any], *, whole: bool
) -> Callable[[str], Any]:
    internal = next((unit for end, unit in _UNITS.items() if target.endswith(end)), None)
    bounds = [
        (name, getattr(item, name))
        for item in metadata
        for name in ("ge", "gt", "le", "lt")
        if getattr(item, name, None) is not None
    ]

    def convert(text: str) -> Any:
        value = quantity_of(text, marks, internal, spec.unit)
        for name, bound in bounds:
            if not _holds(name, value, bound):
                raise InputRefused("exchange.out_of_range", value=text, bound=bound)
        if internal == "kPa" and on_no_gauge(value):
            raise unread_gauge(target, value)
        if whole and not value.is_integer():
            raise InputRefused("exchange.not_whole", value=text)
        return int(value) if whole else value

    return convert


def _holds(name: str, value: float, bound: float) -> bool:
    return {
        "ge": value >= bound,
        "gt": value > bound,
        "le": value <= bound,
        "lt": value < bound,
    }[name]
