"""What becomes of the units of a drawn county: renamed, merged, split, as the command does it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import shapely
from hypothesis import strategies as st

from hydrant.errors import InputRefused
from hydrant.geo.outlines import stored
from hydrant.model.tables import Asset
from hydrant.store.opened.transactions import transaction
from hydrant.store.regions import required
from hydrant.store.regions.region_outlines import put_outline
from hydrant.store.regions.region_rows import RegionRow, put_regions
from hydrant.store.regions.regions import present_regions
from hydrant.store.regions.succession import Parted, part, succeed
from hydrant.vocabulary import RegionLevel

if TYPE_CHECKING:
    from tests.report.histories import World

#: Units that end, what they are below, and which living unit one may go into.
ENDING = (
    ("V0", "T0", "V1"), ("V1", "T1", "V2"), ("V2", "T1", "V1"), ("T2", "C", "T1"),
    ("V0", "T0", "T1"), ("V2", "T1", "T2"),
)  # fmt: skip
HOW = ("rename", "merge", "merge", "split", "split_with_old", "split_by_list", "split_by_outline")
#: Whether numbers of a unit that was split are told by what its successors gained; until then no
#: number is stated at a level at which something was split.
SPLIT_NUMBERS = hasattr(required, "numbers_at")
#: Since before anything that a history tells of.
_EVER = (800, 12)
#: The day of a step, and the day before it.
_NOW, _BEFORE = (None, 0, 0), (None, -1, 0)
#: Holds the place where assets are entered, and none to which they are moved.
AROUND = shapely.box(119.999, 29.999, 120.0005, 30.0005)


def operations(dated: Any) -> tuple[Any, ...]:
    """What may happen to a unit; `dated` draws moments."""
    ended = st.sampled_from(ENDING)
    return (st.tuples(st.just("succeed"), ended, st.sampled_from(HOW), dated),)


def follow(world: World, ending: tuple[str, str, str], how: str, dated: Any) -> None:
    """Let a unit end on a day and others take over, with its assets where it was split."""
    code, parent, other = ending
    day = world.moment(dated).astimezone(world.registry.zone).date()
    moment = dt.datetime.combine(day, dt.time(), world.registry.zone).astimezone(dt.UTC)
    own = [f"{code}{letter}{len(world.known)}" for letter in "ab"]
    heirs = {
        "rename": own[:1], "merge": [other], "split": own, "split_with_old": [own[0], other],
        "split_by_list": own, "split_by_outline": own,
    }[how]  # fmt: skip
    if present_regions(world.registry)[code].valid_until is not None:
        return
    if how.startswith("split") and not may_split(world, code):
        return
    level = RegionLevel.TOWNSHIP if code.startswith("T") else RegionLevel.VILLAGE
    rows = [
        RegionRow(one, None, None, level, parent, valid_from=day) for one in heirs if one in own
    ]
    assets = [a for n in range(len(world.assets)) if (a := world.asset(n)).region_code == code]
    listed: dict[str, str] = {}
    if how == "split_by_list":
        listed = {asset.uid: heirs[number % 2] for number, asset in enumerate(assets)}
    try:
        with transaction(world.registry, actor="t", origin="t") as writer:
            put_regions(writer, rows, source="t")
            writer.flush()
            regions = present_regions(world.registry)
            succeed(writer, regions, code, heirs, moment)
            if how == "split_by_outline":
                put_outline(writer, regions[own[0]], *stored(AROUND))
                writer.flush()
            parted = part(writer, code, listed)
    except InputRefused:
        return
    _hold_parted(parted, assets, listed, how)
    for found in (parted.by_list, parted.by_outline):
        for heir, moved in found.items():
            for asset in moved:
                if (told := world.told.get(asset.uid)) is not None:
                    told["region_code"].change(moment, heir)


def may_split(world: World, code: str) -> bool:
    """Whether a unit may be split: with numbers at its level only by the rule of gains."""
    if not SPLIT_NUMBERS:
        stated = world.registry.connection.execute("SELECT region_code FROM requirement")
        if any(region.startswith(code[0]) for (region,) in stated.fetchall()):
            return False
        world.without_numbers.add(code[0])
    return True


def _hold_parted(parted: Parted, assets: list[Asset], listed: dict[str, str], how: str) -> None:
    """Assets went where the list or the outline puts them, and nowhere else."""
    went = {a.uid: heir for heir, moved in parted.by_list.items() for a in moved}
    assert went == listed
    inside = {a.uid for moved in parted.by_outline.values() for a in moved}
    if how == "split_by_outline":
        assert {a.uid for a in assets if a.geom and a.geom[0] < 120.0005} <= inside
    else:
        assert not inside


def hand_over(world: World, code: str, parent: str, dated: Any) -> None:
    """Let a village lie in another township from a day on; another program's order of days too."""
    day = world.moment(dated).astimezone(world.registry.zone).date()
    with transaction(world.registry, actor="t", origin="t") as writer:
        row = RegionRow(code, None, None, RegionLevel.VILLAGE, parent, valid_from=day)
        put_regions(writer, [row], source="t")


DOORS: dict[str, Any] = {"succeed": follow, "hand_over": hand_over}

#: Numbers, and what then becomes of a unit, each a step.
SCENES: tuple[tuple[tuple[Any, ...], ...], ...] = (
    # what only a sister had to have that was split, none of those that live lacks
    *(
        (
            (("require", "T1", "hydrant", None, 2, _EVER),
             ("require", "T2", "hydrant", None, 2, _EVER), ("require", "T2", "tank", of, 3, _EVER)),
            (("succeed", ("T2", "C", "T1"), how, (None, 0, 0)),),
        )
        for of in (None, "rural")
        for how in ("split", "split_with_old", "split_by_list", "rename", "merge")
    ),
    # nor where it was a village
    *(
        (
            (("require", "V1", "hydrant", None, 1, _EVER), ("require", "V2", "tank", of, 1, _EVER)),
            (("succeed", ("V2", "T1", "V1"), how, (None, 0, 0)),),
        )
        for of in (None, "rural")
        for how in ("split", "split_with_old", "merge")
    ),
    # nor is the whole stated once a number of one of its parts has ended
    *(
        (
            (("require", "V1", "hydrant", None, 2, None),
             ("require", "V2", "hydrant", of, 3, None)),
            (("succeed", ("V2", "T1", "V1"), "merge", _NOW), ("end", which, _NOW), *again),
        )
        for of in (None, "rural")
        for which in (0, 1)
        for again in ((), *((("require", "V1", "hydrant", to, 4, _NOW),) for to in (None, "rural")))
    ),
    # beside another of the part that overlaps it, or where none of the unit does
    *(
        (
            (("require", "V1", "hydrant", of, 2, None),
             ("require", "V2", "hydrant", "rural", 3, None),
             ("require", "V1", "hydrant", other, 1, None)),
            (("succeed", ("V2", "T1", "V1"), "merge", _NOW), ("end", 0, _NOW)),
        )
        for of, other in ((None, "rural"), ("municipal", "rural"))
    ),
    # replaced by a number of the whole, which has ended too
    *(
        (
            (("require", "V1", "hydrant", None, 2, None),
             ("require", "V2", "hydrant", None, 3, None),
             ("require", "C", "hydrant", None, 9, None)),
            (("succeed", ("V2", "T1", "V1"), "merge", _BEFORE),
             ("require", "V1", "hydrant", of, 8, _BEFORE), ("end", 3, _NOW)),
        )
        for of in (None, "rural")
    ),
    # also where nothing of the family stands in it directly, and a part of it has its own
    (
        (("require", "T1", "tank", None, 2, None), ("require", "T2", "tank", None, 3, None),
         ("require", "V1", "tank", None, 1, None)),
        (("succeed", ("T2", "C", "T1"), "merge", _NOW), ("end", 0, _NOW)),
    ),
    # where what had assets and no number went into what has some, stated before or since
    *(
        (
            (("require", "T1", "hydrant", None, 2, None), *more),
            (("succeed", ("T2", "C", "T1"), "merge", _BEFORE), *since),
        )
        for more in ((), (("require", "C", "hydrant", None, 9, None),),
                     (("require", "T2", "tank", None, 1, None),))
        for since in ((), (("require", "T1", "hydrant", None, 4, _BEFORE),))
    ),
    # what is stated above covers a unit only where nothing is below it
    (
        (("require", "C", "hydrant", None, 9, None), ("require", "T1", "hydrant", None, 2, None),
         ("require", "T2", "tank", None, 1, None)),
        (),
    ),
)  # fmt: skip
