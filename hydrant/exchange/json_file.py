"""JSON as a table: GeoJSON, what OpenStreetMap answers, plain objects in an array or on lines."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hydrant.errors import InputRefused
from hydrant.exchange.encoding import decode, read_bytes
from hydrant.exchange.stated_systems import of_geojson
from hydrant.exchange.table import Table, headings, require_bounded, split_points

Text = Callable[[Any], str]


def read_json(path: Path, encoding: str | None, text_of: Text) -> Table:
    """The rows of a JSON file.

    Parameters
    ----------
    text_of
        What makes a cell of a value.

    Raises
    ------
    InputRefused
        It is no JSON, or no table.
    """
    content = _parsed(path, encoding)
    if isinstance(content, dict) and isinstance(content.get("elements"), list):
        return _read_overpass(path, content)
    if isinstance(content, dict) and content.get("type") == "Feature":
        content = [content]
    features = content.get("features") if isinstance(content, dict) else None
    if features is None and isinstance(content, list) and _are_features(content):
        features = content
    if isinstance(features, list) and all(map(_is_feature, features)):
        system = of_geojson(path, content) if isinstance(content, dict) else None
        return _of_features(path, features, text_of, system)
    rows, beside = _objects(content)
    if rows is None:
        raise InputRefused("exchange.not_geojson", file=path)
    columns = _columns(path, rows, text_of)
    return Table(path.name, columns, range(1, len(rows) + 1), above=beside)


def _are_features(content: list[Any]) -> bool:
    return bool(content) and all(
        isinstance(one, dict) and one.get("type") == "Feature" and "geometry" in one
        for one in content
    )


def _objects(content: Any) -> tuple[list[dict[str, Any]] | None, tuple[str, ...]]:
    """Objects of an array, or of the only array of them in an object, and the names beside it."""
    if isinstance(content, dict):
        arrays = [name for name, value in content.items() if _is_rows(value)]
        if len(arrays) != 1 or content.get("type") in _GEOJSON_TYPES:
            return None, ()
        beside = tuple(str(name) for name in content if name != arrays[0])
        return content[arrays[0]], beside
    return (content, ()) if _is_rows(content) else (None, ())


_GEOJSON_TYPES = ("FeatureCollection", "Feature", "GeometryCollection", "Topology")


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _columns(path: Path, rows: list[dict[str, Any]], text_of: Text) -> dict[str, list[str]]:
    try:
        flat = [_flatten(row, text_of) for row in rows]
    except RecursionError as error:
        raise InputRefused("exchange.json", file=path, why=error) from None
    names = list(dict.fromkeys(name for row in flat for name in row))
    require_bounded(path, columns=len(names), rows=len(flat))
    return {name: [row.get(name, "") for row in flat] for name in names}


def _of_features(
    path: Path, features: list[dict[str, Any]], text_of: Text, system: str | None
) -> Table:
    from hydrant.exchange.drawn import places_in_geojson  # noqa: PLC0415  brings GEOS

    for number, one in enumerate(features, 1):
        _refuse_twice(path, number, one)
    columns = _columns(path, [one.get("properties") or {} for one in features], text_of)
    places = places_in_geojson([feature.get("geometry") for feature in features])
    lines = range(1, len(features) + 1)
    axes = (places.xs, places.ys)
    told = list(columns.values())
    beside = tuple(
        name
        for name in {name: None for one in features for name in one if name not in _OF_A_FEATURE}
        # a key that stands among the properties, too
        if [text_of(one.get(name)) for one in features] not in told
    )
    return Table(path.name, columns, lines, axes, system, "wgs84", places.drawn, beside=beside)


#: Members that a feature has by the standard and that say nothing beside what is read.
_OF_A_FEATURE = ("type", "geometry", "properties", "bbox")


def _refuse_twice(path: Path, number: int, feature: dict[str, Any]) -> None:
    """Refuse a feature of which nobody can tell where it is, or what it says."""
    for name in ("geometry", "properties"):
        if f"{name}_" in feature:
            raise InputRefused("exchange.member_twice", file=path, line=number, name=name)
    if "coordinates_" in (feature.get("geometry") or {}):
        raise InputRefused("exchange.member_twice", file=path, line=number, name="coordinates")


def _parsed(path: Path, encoding: str | None) -> Any:
    text = decode(path, read_bytes(path), encoding).removeprefix("\ufeff")
    try:
        content = _loaded(text)
        if "\\ud" in text.lower():
            json.dumps(content, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:  # half of a pair of surrogates is text in no encoding
        raise InputRefused("exchange.half_character", file=path) from None
    except (ValueError, RecursionError) as error:
        raise InputRefused("exchange.json", file=path, why=error) from None
    return content


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; the second of two members of one name is a column of its own, as in a table."""
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    return dict(zip(headings([name for name, _ in pairs]), (one for _, one in pairs), strict=True))


_JSON = json.JSONDecoder(object_pairs_hook=_once)


def _loaded(text: str) -> Any:
    """One value, or objects on lines of their own."""
    try:
        return _JSON.decode(text.strip())
    except json.JSONDecodeError as error:
        lines = [line.strip("\x1e \t\r") for line in text.split("\n")]
        lines = [line for line in lines if line]
        if len(lines) < 2 or not all(line.startswith("{") for line in lines[:2]):
            raise
        try:
            return [_JSON.decode(line) for line in lines]
        except json.JSONDecodeError:
            raise error from None


def _is_feature(found: Any) -> bool:
    return isinstance(found, dict) and isinstance(found.get("properties") or {}, dict)


def _read_overpass(path: Path, content: dict[str, Any]) -> Table:
    from hydrant.exchange.gis import overpass_rows  # noqa: PLC0415  brings GEOS

    rows, points = overpass_rows(content)
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: [row.get(name, "") for row in rows] for name in names}
    return Table(path.name, columns, range(1, len(rows) + 1), split_points(points), "wgs84")


def _flatten(properties: dict[str, Any], text_of: Text, prefix: str = "") -> dict[str, str]:
    """Properties with nested ones under dotted names: ``osm_tags.ref``."""
    flat: dict[str, str] = {}
    for name, value in properties.items():
        if isinstance(value, dict):
            below = _flatten(value, text_of, f"{prefix}{name}.")
        elif isinstance(value, list):
            below = {prefix + name: json.dumps(value, ensure_ascii=False)}
        else:
            below = {prefix + name: text_of(value)}
        for heading, cell in below.items():
            while heading in flat:  # a member "a.b" beside the member b of a
                heading += "_"  # noqa: PLW2901
            flat[heading] = cell
    return flat
