"""Fits a mapping to one file: its own headings as the file spells them, of alternatives one."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping as Dict
from dataclasses import replace

from hydrant.exchange.mapping import POSITION_KEYS, Mapping, Spec
from hydrant.exchange.same_heading import finder, found_once
from hydrant.model.values import Record


def fitted(mapping: Mapping, present: Collection[str]) -> Mapping:
    """The mapping for a file with these headings, of alternatives with the one that is there.

    A heading that differs in nothing that a reader sees is the one that is meant.

    Raises
    ------
    InputRefused
        A heading could be several of the file's.
    """
    names = _headings(mapping)
    if names <= set(present):
        return _with_present(mapping, present)
    return _with_present(renamed(mapping, found_once(names, finder(present))), present)


def renamed(mapping: Mapping, heading: Dict[str, str]) -> Mapping:
    """The mapping with other headings for its own."""

    def known(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(heading.get(name, name) for name in names)

    def specs(table: Dict[str, Spec]) -> dict[str, Spec]:
        return {
            name: replace(spec, columns=known(spec.columns), alternatives=known(spec.alternatives))
            for name, spec in table.items()
        }

    places: Record = {
        name: heading[place]
        for name in POSITION_KEYS
        if (place := getattr(mapping, name)) is not None
    }
    return replace(
        mapping,
        **places,
        key=known(mapping.key),
        ignore={heading[name]: cells for name, cells in mapping.ignore.items()},
        keep={heading.get(name, name): cells for name, cells in mapping.keep.items()},
        otherwise={heading.get(name, name): said for name, said in mapping.otherwise.items()},
        position={name: known(choices) for name, choices in mapping.position.items()},
        fields=specs(mapping.fields),
        inspection=specs(mapping.inspection),
        lifecycle=specs(mapping.lifecycle),
    )


def _headings(mapping: Mapping) -> set[str]:
    named = [name for spec in mapping.specs for name in (*spec.columns, *spec.alternatives)]
    placed = [name for choices in mapping.position.values() for name in choices]
    return {
        *named,
        *placed,
        *mapping.key,
        *mapping.ignore,
        *mapping.otherwise,
        *mapping.keep,
        *mapping.position_columns,
    }


def _with_present(mapping: Mapping, present: Collection[str]) -> Mapping:
    """The mapping with of alternatives the heading that is there."""
    made: Record = {
        name: _first_present(choices, present)[0] for name, choices in mapping.position.items()
    }
    for x, y in (("geometry.x", "geometry.y"), ("x", "y")):
        # the side file of a file that has geometry of its own
        if not mapping.position_columns and not made and {x, y} <= set(present):
            made = {"x": x, "y": y}

    def specs(table: Dict[str, Spec]) -> dict[str, Spec]:
        fitting = {name: _spec_for(spec, present) for name, spec in table.items()}
        return {name: spec for name, spec in fitting.items() if spec is not None}

    return replace(
        mapping,
        **made,
        fields=specs(mapping.fields),
        inspection=specs(mapping.inspection),
        lifecycle=specs(mapping.lifecycle),
    )


def _spec_for(spec: Spec, present: Collection[str]) -> Spec | None:
    """The spec with the headings that a file has; None where it may do without them."""
    columns = spec.columns
    if spec.alternatives:
        columns = _first_present(spec.alternatives, present)
    if not spec.optional:
        return replace(spec, columns=columns)
    columns = tuple(name for name in columns if name in present)
    return replace(spec, columns=columns) if columns else None


def _first_present(choices: tuple[str, ...], present: Collection[str]) -> tuple[str, ...]:
    """The first heading that is there, else the first one, to be named as missing."""
    return (next((name for name in choices if name in present), choices[0]),)
