"""Whether a region is in force at a moment, and what becomes of what is recorded in it if not.

What is recorded in a region that has not begun counts nowhere before it does: it is refused. What
is recorded in one that ended counts in its successor where it has one; else nobody can say where.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from sqlmodel import col, select

from hydrant import times
from hydrant.errors import InputRefused, Phrase
from hydrant.model.tables import Region
from hydrant.store.opened.registry import Registry
from hydrant.store.regions.region_tree import RegionTree, load_tree
from hydrant.store.regions.succession import heirs_of


class OutOfForce(NamedTuple):
    """Why a region is not in force, in words.

    Attributes
    ----------
    begun
        False where it begins later only.
    heir
        The region that answers for it, where there is one.
    """

    why: Phrase
    begun: bool
    heir: str | None

    def refused(self) -> InputRefused:
        """The error that says so."""
        return InputRefused(self.why.key, **self.why.facts)


def out_of_force(
    registry: Registry, code: str, moment: dt.datetime, tree: RegionTree | None = None
) -> OutOfForce | None:
    """Why a region is not in force at a moment; None where it is, or is not on record.

    Parameters
    ----------
    tree
        The tree at the moment, where it was read already.
    """
    query = select(Region).where(Region.code == code).order_by(col(Region.valid_from))
    rows = list(registry.session.exec(query))
    if not rows or any(region.in_force(moment) for region in rows):
        return None
    ended = [row.valid_until for row in rows if row.valid_until and row.valid_until <= moment]
    if not ended:
        begins = min(row.valid_from for row in rows if row.valid_from is not None)
        return OutOfForce(_phrase("region_not_begun", registry, code, begins), False, None)
    heirs = heirs_of(registry, code)
    if len(heirs) == 1:
        tree = tree or load_tree(registry, times.to_text(moment))
        heir = tree.resolve(code) or heirs[0]
        return OutOfForce(
            _phrase("region_taken_over", registry, code, max(ended), heir=heir), True, heir
        )
    named = ", ".join(heirs) or "–"
    return OutOfForce(_phrase("region_gone", registry, code, max(ended), heirs=named), True, None)


def _phrase(
    key: str, registry: Registry, code: str, moment: dt.datetime, **facts: object
) -> Phrase:
    day = times.local_day(moment, registry.zone).isoformat()
    return Phrase(f"store.{key}", {"code": code, "date": day, **facts})


def home_of_assets(registry: Registry, code: str, moment: dt.datetime) -> Phrase | None:
    """What is to be said of a region in which an asset is recorded from a moment on.

    Raises
    ------
    InputRefused
        It has not begun then, or has ended without a single successor.
    """
    found = out_of_force(registry, code, moment)
    if found is None:
        return None
    if found.heir is None:
        raise (
            found.refused()
            if found.begun
            else InputRefused("store.asset_before_region", **found.why.facts)
        )
    return found.why


def refuse_not_begun(registry: Registry, code: str, moment: dt.datetime) -> None:
    """Refuse what is stated for a region from a moment at which it has not begun.

    Raises
    ------
    InputRefused
        It has not.
    """
    found = out_of_force(registry, code, moment)
    if found is not None and not found.begun:
        raise found.refused()
