"""A file that does not say what its coordinates refer to, held against assets of the same numbers.

What fits is offered with what was measured, and taken only where somebody states it.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from hydrant import times
from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.cells import make_column
from hydrant.exchange.fitting import fitted
from hydrant.exchange.mapping import Mapping
from hydrant.exchange.stated_places import stated_places
from hydrant.exchange.table import Table
from hydrant.geo.fit import LEAST_PAIRS, fitting
from hydrant.store.opened import bulk
from hydrant.store.opened.registry import Registry

#: So many systems are named.
_SHOWN = 4


def fit_known(registry: Registry, table: Table, mapping: Mapping) -> Phrase | None:
    """Systems under which rows lie where assets of their numbers do; None where nothing shows it.

    Raises
    ------
    InputRefused
        The mapping names a column that is not there.
    """
    spec = fitted(mapping, table.columns).fields.get("code")
    if spec is None:
        return None
    codes = make_column(table, "code", spec, zone=times.zone()).values
    xs, ys = (np.array(a, float) for a in stated_places(table, mapping, None, {}, {}))
    known = bulk.known_assets(registry)
    told, borne = Counter(codes), Counter(known.codes)
    index = {code: n for n, code in enumerate(known.codes) if code and borne[code] == 1}
    pairs = [
        (row, index[code])
        for row, code in enumerate(codes)
        if code in index and told[code] == 1 and np.isfinite(xs[row]) and np.isfinite(ys[row])
    ]
    if len(pairs) < LEAST_PAIRS:
        return None
    rows, places = (list(part) for part in zip(*pairs, strict=True))
    found = fitting(xs[rows], ys[rows], known.lons[places], known.lats[places])
    if not found:
        return Phrase("exchange.fits_none", {"count": len(pairs)})
    named = tuple(
        Phrase(f"exchange.fit_{one.axes}", {"crs": one.crs, "metres": f"{one.metres:.1f}"})
        for one in found[:_SHOWN]
    )
    return Phrase("exchange.fits", {"count": len(pairs), "named": named})


def with_fit(
    error: InputRefused, registry: Registry, table: Table, mapping: Mapping
) -> InputRefused:
    """A refusal for want of a datum, with the systems that were found to fit."""
    if error.key != "geo.no_datum":
        return error
    fit = fit_known(registry, table, mapping)
    return error if fit is None else InputRefused("exchange.no_datum_fits", **error.facts, fit=fit)
