"""Figures here held against those that the levels below stated of their own regions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.integrity.policy_reader import load_policy
from hydrant.model.values import Record
from hydrant.report.differing import Differing
from hydrant.report.integrity import assess
from hydrant.report.totals import differing, totals
from hydrant.store.evidence.evidence import Cut
from hydrant.store.opened.registry import Registry
from hydrant.store.sides.stated_figures import last_stated

#: Figures that are better where they are higher. What is required, and what is kept of what a
#: sender no longer tells, this level decides itself; conflicts tell of it.
_HIGHER = ("working_order.percent", "working_order.high")


def held_against(
    registry: Registry, region: str, stated: Record
) -> dict[str, list[Differing]] | None:
    """Figures of a region that come out differently here, by each day that its sender stated.

    None where they cannot be compared: the sender follows a policy of its own.
    """
    found: dict[str, list[Differing]] = {}
    try:
        policy = load_policy(stated["policy"])
        for day, rates in stated["days"].items():
            cut = Cut(times.parse_date(day), registry.zone)
            ours = totals(assess(registry, cut, policy, region=region))
            differ = differing({**stated, **rates}, ours)
            if differ is None:
                return None  # the policy of that name is another one here
            found[day] = differ
    except InputRefused:
        return None
    return found


def better_here(differ: Mapping[str, list[Differing]]) -> dict[str, list[list[object]]]:
    """Of differing figures those that are better here, by day; days without any are left out."""
    found = {
        day: [list(one) for one in each if one.name in _HIGHER and _is_higher(one)]
        for day, each in differ.items()
    }
    return {day: each for day, each in found.items() if each}


def _is_higher(one: Differing) -> bool:
    return one.ours is not None and one.stated is not None and one.ours > one.stated


def better_anew(
    registry: Registry,
    source: str,
    codes: Iterable[str],
    own: dict[str, list[Differing]] | None,
) -> dict[str, dict[str, list[list[object]]]]:
    """Of every sender whose figures a package may have changed which are better here.

    By the key of the record of the sender's last package; what is noted there already is left
    out.

    Parameters
    ----------
    source
        The package's sender.
    codes
        Units that the package tells of.
    own
        What `held_against` gave of the package itself.
    """
    found = {}
    for stated in last_stated(registry, source, codes):
        mine = stated.source == source
        differ = own if mine else held_against(registry, stated.region, stated.figures)
        if differ is not None and (better := better_here(differ)) != stated.better:
            found[stated.batch] = better
    return found
