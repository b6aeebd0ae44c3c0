"""Which heir each asset of a split unit fell to, from a table."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from hydrant.errors import AmbiguousCode, InputRefused, Phrase
from hydrant.exchange.office_words import SPLIT_HEADINGS, code_written, with_our_headings
from hydrant.exchange.readers import read_table
from hydrant.model.tables import Asset
from hydrant.store.opened.registry import Registry
from hydrant.store.regions.regions import find_region
from hydrant.store.regions.succession import assets_of, taken_over


def read_split(
    registry: Registry, path: Path, code: str, heirs: list[str], at: dt.datetime
) -> dict[str, str]:
    """Heir by uid of the assets that a file names in its columns ``asset`` and ``region``.

    Parameters
    ----------
    code, heirs, at
        The unit that was split, the units that took over, and from when on. An asset that stands
        with an heir already may be named again.

    Raises
    ------
    InputRefused
        A row names an asset that is not one of the unit's, or a region that is not an heir, or
        contradicts an earlier row.
    """
    table = with_our_headings(read_table(path), SPLIT_HEADINGS, SPLIT_HEADINGS)
    assets, regions = table.column("asset"), table.column("region")
    bearers: dict[str, list[Asset]] = {}
    for asset in assets_of(registry, [*taken_over(registry, code, at), *heirs]):
        for name in {asset.uid, asset.code} - {None}:
            bearers.setdefault(name or "", []).append(asset)
    found: dict[str, str] = {}
    for word, name, line in zip(assets, regions, table.lines, strict=True):
        try:
            asset = _asset(bearers.get(word.strip(), []), word, code)
            heir = _heir(registry, code_written(name), code, heirs)
            _refuse_other(word, found.setdefault(asset.uid, heir), heir)
        except InputRefused as error:
            why = Phrase(error.key, error.facts)
            raise InputRefused("exchange.row", file=path.name, line=line, why=why) from None
    return found


def _asset(bearers: list[Asset], word: str, code: str) -> Asset:
    if not bearers:
        raise InputRefused("exchange.split_other", asset=word, code=code)
    if len(bearers) > 1:
        candidates = ", ".join(f"{asset.uid} ({asset.region_code})" for asset in bearers)
        raise AmbiguousCode("store.ambiguous", code=word, count=len(bearers), candidates=candidates)
    return bearers[0]


def _heir(registry: Registry, name: str, code: str, heirs: list[str]) -> str:
    heir = find_region(registry, name).code
    if heir not in heirs:
        raise InputRefused("store.no_heir", region=heir, code=code, heirs=", ".join(heirs))
    return heir


def _refuse_other(word: str, before: str, heir: str) -> None:
    if before != heir:
        raise InputRefused("exchange.split_twice", asset=word)
