"""Whether an asset exists at a moment, and what of its beginning is on record."""

from __future__ import annotations

import datetime as dt

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.model.tables import Asset, Lifecycle
from hydrant.store.facts.withdrawing import withdraw
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer
from hydrant.store.sql.state_sql import ALWAYS, EXISTS

_EXISTS = f"SELECT {EXISTS} FROM asset a WHERE a.uid = :uid"
#: Earlier than every stored moment.
_EVER = ""


def exists(registry: Registry, uid: str, moment: dt.datetime | None = None) -> bool:
    """Whether an asset exists just before a moment; without one, since ever.

    An asset of whose beginning nothing is on record exists since ever.
    """
    end = _EVER if moment is None else times.to_text(moment)
    bound = {"uid": uid, "end": end, "known": ALWAYS}
    row = registry.connection.execute(_EXISTS, bound).fetchone()
    return row is not None and bool(row[0])


def withdraw_event(
    writer: Writer, asset: Asset, event: Lifecycle, why: str, *, since_ever: bool
) -> bool:
    """Withdraw an event; whether the asset exists since ever for want of it.

    Parameters
    ----------
    since_ever
        Whether somebody said that it may: what is not known to have begun is not shown as there.

    Raises
    ------
    InputRefused
        The reason is empty; or nothing else tells of the asset's beginning, and nobody said so.
    """
    registry = writer.registry
    before = exists(registry, asset.uid)
    withdraw(writer, event, why)
    writer.flush()
    follows = exists(registry, asset.uid) and not before
    if follows and not since_ever:
        day = None if event.at is None else times.local_day(event.at, registry.zone).isoformat()
        raise InputRefused(
            "store.only_beginning", code=asset.code or asset.uid, event=event.event, date=day or "–"
        )
    return follows
