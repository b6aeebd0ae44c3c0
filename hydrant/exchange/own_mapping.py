"""The mapping of files that use this program's own field names as headings."""

from __future__ import annotations

from collections.abc import Collection

from hydrant.exchange.fitting import renamed
from hydrant.exchange.mapping import ASSET_TARGETS, INSPECTION_TARGETS, Mapping, Otherwise, Spec
from hydrant.exchange.measured import MEASURED
from hydrant.exchange.same_heading import finder
from hydrant.store.views.export_rows import COUNTS_AS

#: Name of the mapping, and the key that rows of our own export bear.
OWN, OWN_KEY = "own", ("uid",)
#: Headings of our own for what became of an asset as a whole, by the mapping's targets.
OWN_LIFECYCLE = {"event": "lifecycle", "at": "lifecycle_at"}
#: Columns that the form KML has of its own.
_OF_KML = {"Name", "description"}
#: Columns of our export that nobody writes by hand.
_EXPORTED = ("region_code", "screen_gap_mm", "inspection_form_version", "lifecycle_at")
_PAIRS = (("geometry.x", "geometry.y"), ("lon", "lat"), ("x", "y"), ("X", "Y"))


def own_mapping(columns: list[str]) -> Mapping:
    """The mapping of files that use this program's own field names as headings, in any case."""
    find = finder(columns, cut=False)
    names = [*ASSET_TARGETS, *INSPECTION_TARGETS, *(f"inspection_{n}" for n in INSPECTION_TARGETS)]
    names += [
        *OWN_LIFECYCLE.values(),
        "region",
        "asset_name",
        "wkt",
        "uid",
        COUNTS_AS,
        *(name for pair in _PAIRS for name in pair),
    ]
    meant = {name: find(name) for name in dict.fromkeys(names)}
    if set(columns) >= _OF_KML:  # every placemark has a name, which here is the code
        meant["name"] = "name"
    plain = [name for name, heading in meant.items() if heading in columns]
    return renamed(_own_mapping(plain), meant)


def _own_mapping(columns: list[str]) -> Mapping:
    fields = {name: Spec(columns=(name,)) for name in ASSET_TARGETS if name in columns}
    if "region" in columns:
        fields.setdefault("region_code", Spec(columns=("region",)))
    if "asset_name" in columns:
        fields["name"] = Spec(columns=("asset_name",))
    inspection = _own_inspection(columns, fields)
    pair = next(((x, y) for x, y in _PAIRS if x in columns), (None, None))
    return Mapping(
        name=OWN,
        own=True,
        x=pair[0],
        y=pair[1],
        wkt="wkt" if "wkt" in columns and pair[0] is None else None,
        crs=None,
        fields=fields,
        inspection=inspection,
        lifecycle={
            target: Spec(columns=(name,))
            for target, name in OWN_LIFECYCLE.items()
            if name in columns
        },
        key=OWN_KEY if "uid" in columns else (),
        otherwise={COUNTS_AS: Otherwise.NOTHING} if COUNTS_AS in columns else {},
    )


def lost_uids(columns: Collection[str]) -> bool:
    """Whether headings are those of our own export, but for its key that somebody took out."""
    return {*_EXPORTED} <= {*map(str.casefold, columns)}


def _own_inspection(columns: list[str], fields: dict[str, Spec]) -> dict[str, Spec]:
    """The visit in a row: columns named as `hydrant export` does, or plainly."""
    prefixed = {
        name: Spec(columns=(f"inspection_{name}",))
        for name in INSPECTION_TARGETS
        if f"inspection_{name}" in columns
    }
    if "outcome" in prefixed or set(MEASURED) & set(prefixed):
        return prefixed
    plain = {name: Spec(columns=(name,)) for name in INSPECTION_TARGETS if name in columns}
    if "outcome" not in plain:
        # without an outcome only what was measured tells of a visit, and when and by whom
        told = {*MEASURED, "at", "inspector"} if set(MEASURED) & set(plain) else set()
        return {name: spec for name, spec in plain.items() if name in told}
    # a column serves one purpose; beside an outcome it tells of the visit
    for name in plain:
        fields.pop(name, None)
    return plain
