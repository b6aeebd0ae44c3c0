"""Proposes a mapping for a file: from its headings, its values and the schemas that are known."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from hydrant.errors import Phrase
from hydrant.exchange.fitting import fitted
from hydrant.exchange.mapping import Mapping, load_mapping, mapping_names
from hydrant.exchange.measured import MEASURED
from hydrant.exchange.suggested_values import (
    date_format,
    guessed_unit,
    kind_values,
    odd_cells,
    outcome_values,
    usual,
)
from hydrant.exchange.table import Table
from hydrant.exchange.toml_text import as_read, quoted
from hydrant.geo import datum
from hydrant.geo.text_forms import parse_number, parse_pair, parse_wkt
from hydrant.resources import resource

#: Most different words that a column of kinds or states may hold.
MOST_WORDS = 60
#: Share of the rows that must look like what a column is taken for.
_ENOUGH = 0.9
#: Characters of a heading that are looked at.
_LONGEST_HEADING = 200
_DEGREES = {"x": 180.0, "y": 90.0}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a proposed mapping and why it is proposed.

    Attributes
    ----------
    part
        Table of the mapping file it belongs to; empty for the top.
    toml
        The line itself; None for a remark on something that was not mapped.
    """

    part: str
    toml: str | None
    why: Phrase


@dataclass(slots=True)
class Suggestion:
    """What is proposed for a file.

    Attributes
    ----------
    known
        Shipped mapping that fits; then there are no lines.
    told
        What that mapping says, with the row of headings and the encoding of this file.
    lines
        In the order of the file.
    used
        Headings that are taken.
    changed
        Whether the file must be read otherwise than the shipped mapping says.
    """

    known: str | None = None
    told: str = ""
    lines: list[Line] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    changed: bool = False

    def add(self, part: str, toml: str | None, key: str, /, **facts: object) -> None:
        """Add a line with its reason."""
        self.lines.append(Line(part, toml, Phrase(f"exchange.suggest_{key}", dict(facts))))


@cache
def words() -> dict[str, Any]:
    """Known headings and values in several languages."""
    found: dict[str, Any] = json.loads(
        resource("data", "codes", "headings.json").read_text(encoding="utf-8")
    )
    return found


def suggest(
    table: Table, *, header_row: int, encoding: str | None = None, layer: str | None = None
) -> Suggestion:
    """A mapping for a table, as lines with their reasons.

    Parameters
    ----------
    header_row
        Row in which the headings were found, counted from 1.
    encoding, layer
        With which the file was read, where they were stated.
    """
    for name in mapping_names():
        rules = load_mapping(name)
        if fits(fitted(rules, table.columns), table):
            told, changed = as_read(name, rules, header_row=header_row, encoding=encoding)
            return Suggestion(name, told, changed=changed)
    made = Suggestion()
    made.add("", f"source = {quoted(_stem(table.file))}", "source")
    if header_row > 1:
        made.add("", f"header_row = {header_row}", "header_row")
    for name, value in (("encoding", encoding), ("layer", layer)):
        if value is not None:
            made.add("", f"{name} = {quoted(value)}", "as_stated", value=value)
    _position(made, table)
    _kind(made, table)
    _outcome(made, table)
    for target, headings in words()["targets"].items():
        _plain(made, table, target, headings)
    for name in table.columns:
        if name not in made.used:
            made.add("", None, "unused", column=name, cells=_examples(table.columns[name]))
    return made


def fits(mapping: Mapping, table: Table) -> bool:
    """Whether a table has every heading that a mapping cannot do without."""
    present = table.columns
    spec = mapping.fields.get("kind")
    needed = [s for s in mapping.fields.values() if s.constant is None and not s.optional]
    choices = [s.alternatives or s.columns for s in needed]
    several = all(
        any(name in present for name in names) if spec.alternatives else set(names) <= set(present)
        for spec, names in zip(needed, choices, strict=True)
    )
    positions = all(any(n in present for n in names) for names in mapping.position.values())
    keys = all(name in present for name in mapping.key)
    told = (
        spec is None
        or spec.constant is not None
        or any(name in present for name in (*spec.columns, *spec.alternatives))
    )
    return several and positions and keys and told


def _stem(file: str) -> str:
    return re.sub(r"\W+", "-", file.partition(".")[0].lower()).strip("-") or "register"


def folded(heading: str) -> str:
    """A heading without case, width, unit and punctuation."""
    # brackets that never close are looked for anew from each of them
    plain = unicodedata.normalize("NFKC", heading[:_LONGEST_HEADING]).lower()
    plain = re.sub(r"[(\[（].*?[)\]）]", " ", plain)
    return re.sub(r"[\s_\-.:/№]+", " ", plain).strip()


def _matching(table: Table, headings: Sequence[str], used: set[str]) -> Iterator[str]:
    """Headings of the table that mean one of the known ones, the best known first."""
    at_hand = {name: folded(name) for name in table.columns if name not in used}
    for known in headings:
        for name, plain in at_hand.items():
            if plain.replace(" ", "") == known.replace(" ", ""):
                yield name


def _share(cells: Sequence[str], good: Any) -> float:
    told = [cell for cell in cells if cell.strip()]
    return sum(1 for cell in told if good(cell)) / len(told) if told else 0.0


def _position(made: Suggestion, table: Table) -> None:
    if table.points is not None:
        crs = table.crs or "wgs84"
        made.add("", f"crs = {quoted(crs)}", "geometry", crs=crs)
        return
    pair = _two_columns(made, table) or _one_column(made, table)
    if pair is None:
        made.add("position", None, "no_position")
        return
    _crs(made, *pair)


def _two_columns(made: Suggestion, table: Table) -> tuple[float, float] | None:
    found = {}
    for axis, headings in words()["position"].items():
        for name in _matching(table, headings, made.used):
            if _share(table.columns[name], lambda c: parse_number(c) is not None) >= _ENOUGH:
                found[axis] = name
                break
    if len(found) < 2:
        return None
    for axis, name in found.items():
        made.add("position", f"{axis} = {quoted(name)}", "axis", column=name)
        made.used.add(name)
    x, y = (usual(table.columns[found[axis]]) for axis in ("x", "y"))
    return None if x is None or y is None else (x, y)


def _one_column(made: Suggestion, table: Table) -> tuple[float, float] | None:
    for name, cells in table.columns.items():
        if _share(cells, lambda c: parse_wkt(c) is not None) >= _ENOUGH:
            made.add("position", f"wkt = {quoted(name)}", "wkt", column=name)
            made.used.add(name)
            return next(pair for cell in cells if (pair := parse_wkt(cell)) is not None)
        if _share(cells, lambda c: parse_pair(c) is not None) >= _ENOUGH:
            pairs = [pair for cell in cells if (pair := parse_pair(cell)) is not None]
            return _paired(made, name, pairs)
    return None


def _paired(
    made: Suggestion, name: str, pairs: Sequence[tuple[float, float]]
) -> tuple[float, float]:
    """One column with both numbers: which comes first is told by size, else by the heading."""
    first = max(abs(pair[0]) for pair in pairs)
    second = max(abs(pair[1]) for pair in pairs)
    plain = folded(name)
    latitude_first = second > 90.0 or (
        first <= 90.0 and not re.match(r"(lon|lng|经|долг|経|x)", plain)
    )
    order = "latlon" if latitude_first else "lonlat"
    made.add("position", f"{order} = {quoted(name)}", order, column=name, cell=f"{pairs[0]}")
    made.used.add(name)
    x, y = pairs[0]
    return (y, x) if latitude_first else (x, y)


def _crs(made: Suggestion, x: float, y: float) -> None:
    if abs(x) > _DEGREES["x"] or abs(y) > _DEGREES["y"]:
        zone = datum.ZONES.get(int(x // 1_000_000))
        if zone is None:
            made.add("", None, "projected", x=f"{x:.0f}", y=f"{y:.0f}")
        else:
            made.add("", f'crs = "EPSG:{zone[0]}"', "zone", x=f"{x:.0f}")
    elif datum.in_china(x, y):
        made.add("", None, "datum")
    else:
        made.add("", 'crs = "wgs84"', "wgs84")


def _kind(made: Suggestion, table: Table) -> None:
    best: tuple[float, str, dict[str, str]] | None = None
    for name, cells in table.columns.items():
        distinct = Counter(cell.strip() for cell in cells)
        if name in made.used or len(distinct) > MOST_WORDS:
            continue
        values, share = kind_values(distinct, words()["kinds"])
        if share >= 0.6 and (best is None or share > best[0]):
            best = (share, name, values)
    if best is not None:
        share, name, values = best
        table_text = ", ".join(f"{quoted(k)} = {quoted(v)}" for k, v in values.items())
        toml = f"kind = {{ column = {quoted(name)}, values = {{ {table_text} }} }}"
        made.add("fields", toml, "kind", column=name, share=f"{share:.0%}")
        made.used.add(name)
        for value in (v for v, kind in values.items() if not kind):
            made.add("fields", None, "kind_unknown", column=name, value=value)
        return
    about = f"{table.file} {' '.join(table.columns)}".lower()
    word = next((w for w in words()["about_hydrants"] if w in about), None)
    if word is None:
        made.add("fields", None, "no_kind")
    else:
        made.add("fields", 'kind = { constant = "hydrant" }', "kind_constant", word=word)


def _outcome(made: Suggestion, table: Table) -> None:
    known = words()
    for name in _matching(table, known["inspection"]["outcome"], made.used):
        distinct = Counter(cell.strip() for cell in table.columns[name])
        if len(distinct) > MOST_WORDS:
            continue
        values = outcome_values(distinct, known["works"], known["fails"], known["nothing"])
        if not {"works", "fails"} & set(values.values()):
            continue
        text = ", ".join(f"{quoted(k)} = {quoted(v)}" for k, v in values.items())
        toml = f"outcome = {{ column = {quoted(name)}, values = {{ {text} }} }}"
        made.add("inspection", toml, "outcome", column=name)
        made.used.add(name)
        for target, headings in known["inspection"].items():
            if target != "outcome":
                _plain(made, table, target, headings, part="inspection")
        return
    _measured(made, table)


def _measured(made: Suggestion, table: Table) -> None:
    """What was measured is a visit too, though nobody says whether the asset works."""
    known = words()["inspection"]
    before = len(made.lines)
    for target in MEASURED:
        _plain(made, table, target, known.get(target, ()), part="inspection")
    if any(line.toml is not None for line in made.lines[before:]):
        for target in ("at", "inspector"):
            _plain(made, table, target, known.get(target, ()), part="inspection")


def _plain(
    made: Suggestion, table: Table, target: str, headings: Sequence[str], *, part: str = "fields"
) -> None:
    """One column for one target, by its heading, with what its values ask for."""
    name = next(_matching(table, headings, made.used), None)
    if name is None or not any(cell.strip() for cell in table.columns[name]):
        return
    cells = table.columns[name]
    if target == "code" and _repeats(cells):
        made.add(part, None, "code_repeats", column=name, cells=_examples(cells))
        made.used.add(name)
        return
    toml = f"{target} = {quoted(name)}"
    key, facts = "heading", {"column": name}
    if target in ("at", "built"):
        form = date_format(cells, words()["nothing"])
        if form is None:
            made.add(part, None, "date", column=name, cells=_examples(cells))
            return
        empty = odd_cells(cells, words()["nothing"])
        toml = f"{target} = {{ column = {quoted(name)}, date = [{quoted(form)}]{_empty(empty)} }}"
        key, facts = "dated", {"column": name, "form": form}
    elif target.endswith(("_kpa", "_l_s", "_mm", "_m3")):
        empty = sorted({c.strip() for c in cells if c.strip() and parse_number(c) is None})
        if len(empty) > MOST_WORDS:
            return
        unit, stated = guessed_unit(name, target, cells)
        toml = f"{target} = {{ column = {quoted(name)}, unit = {quoted(unit)}{_empty(empty)} }}"
        key = "unit_stated" if stated else "unit_guessed"
        facts = {"column": name, "unit": unit}
    made.add(part, toml, key, **facts)
    made.used.add(name)


def _repeats(cells: Sequence[str]) -> bool:
    """Whether a column says the same again and again, as no column of numbers does."""
    told = [cell for cell in cells if cell.strip()]
    return len(told) > 10 and len(set(told)) < len(told) / 2


def _empty(cells: Sequence[str]) -> str:
    return f", empty = [{', '.join(map(quoted, cells))}]" if cells else ""


def _examples(cells: Sequence[str]) -> str:
    return " | ".join(list(dict.fromkeys(cell.strip() for cell in cells if cell.strip()))[:3])
