"""Units that lie elsewhere on a later date than on an earlier one: moved, taken over, split."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from hydrant.report.integrity import IntegrityReport
from hydrant.report.listing import JudgedAsset
from hydrant.store.regions.region_tree import RegionNode, RegionTree


@dataclass(frozen=True, slots=True)
class ChangedUnit:
    """A unit whose place in the tree is another on the later date.

    Attributes
    ----------
    parents
        What it lay in on the earlier date, and lies in on the later; None for nothing, and where
        it had not begun or has ended.
    heirs
        Units that answer for it on the later date, where it ended.
    ended, begun
        Whether it ended, or began, between the dates.
    assets
        Assets in it, or below it, that count on one of the dates.
    """

    region: str
    parents: tuple[str | None, str | None]
    heirs: tuple[str, ...]
    ended: bool
    begun: bool
    assets: int

    @property
    def change(self) -> str:
        """``began``, ``ended``, ``went_into`` one other, ``split`` among several, ``moved``."""
        if self.begun:
            return "began"
        if not self.ended:
            return "moved"
        return ("ended", "went_into", "split")[min(len(self.heirs), 2)]


def changed_units(
    reports: tuple[IntegrityReport, IntegrityReport], assets: tuple[Mapping[str, JudgedAsset], ...]
) -> Iterator[ChangedUnit]:
    """Units in what is asked for, and those above it, that lie elsewhere on the later date.

    Parameters
    ----------
    assets
        What counts on each date, by uid.
    """
    before, after = (report.tree for report in reports)
    concerned = _concerned(reports)
    for code in sorted(before.nodes.keys() | after.nodes.keys()):
        if concerned is not None and code not in concerned:
            continue
        was, now = _living(before, code), _living(after, code)
        if (was, now) == (None, None) or (was and now and not _moved(was, now, after)):
            continue
        yield ChangedUnit(
            region=code,
            parents=(was.parent if was else None, now.parent if now else None),
            heirs=() if now else _heirs(after, code),
            ended=now is None,
            begun=was is None,
            assets=len(_standing(code, reports, assets)),
        )


def _concerned(reports: Iterable[IntegrityReport]) -> set[str] | None:
    """Units that what is asked for holds on either date, and what it lies in; None for all."""
    found = set[str]()
    for report in reports:
        if report.region is None or report.scope.regions is None:
            return None
        found |= {*report.scope.regions, *report.tree.codes(report.region)}
    return found


def _living(tree: RegionTree, code: str) -> RegionNode | None:
    node = tree.nodes.get(code)
    return None if node is None or node.retired else node


def _moved(was: RegionNode, now: RegionNode, after: RegionTree) -> bool:
    """Whether a unit lies in another; in what took over from the same one it lies as before."""
    return now.parent not in (was.parent, after.resolve(was.parent))


def _heirs(tree: RegionTree, code: str) -> tuple[str, ...]:
    found = (tree.resolve(heir) or heir for heir in tree.heirs.get(code, ()))
    return tuple(dict.fromkeys(found))


def _standing(
    code: str,
    reports: tuple[IntegrityReport, IntegrityReport],
    assets: tuple[Mapping[str, JudgedAsset], ...],
) -> set[str]:
    found = set[str]()
    for report, counted in zip(reports, assets, strict=True):
        within = report.tree.below(code)
        found |= {u for u, one in counted.items() if report.tree.resolve(one.region) in within}
    return found
