"""Rows that a package no longer tells, and those of a sender for whose region another speaks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from hydrant import times
from hydrant.errors import Phrase
from hydrant.exchange.package_file import PackageFile
from hydrant.exchange.package_regions import OwnRegions
from hydrant.exchange.package_rules import RowNote, again_notes
from hydrant.store.opened import raw_rows
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer
from hydrant.store.outside import proposals
from hydrant.store.outside.proposals import WHOLE, Wanted
from hydrant.store.regions.claims import sender_name
from hydrant.store.sides import package_state
from hydrant.store.sides.package_rows import TABLES
from hydrant.store.sides.row_names import row_name
from hydrant.survey.numbers import hold_again
from hydrant.survey.settling import cells

#: Stands for a row as a whole where it is disputed.
ROW = '"row"'
#: Regions outlast whoever named them.
_HANDED_OVER = tuple(table for table in TABLES if not table.startswith("region"))


def placed_in(table: str, row: raw_rows.Row, assets: Mapping[str, str]) -> str | None:
    """The region of a row: its own, else that of its asset.

    Parameters
    ----------
    assets
        What the sender said of its assets, by key.
    """
    asset = assets.get(row.get("asset_uid", ""))
    told = row if asset is None else package_state.row_of(asset)
    code = told.get("code" if table.startswith("region") else "region_code")
    return None if code is None else str(code)


def gone(
    table: str,
    before: Mapping[str, str],
    seen: set[str],
    regions: OwnRegions,
    assets: tuple[Mapping[str, str], set[str]],
) -> list[str]:
    """Rows that an earlier package told and this one, of the same region, does not.

    Parameters
    ----------
    assets
        What the sender said of its assets before, and those of them that are gone.
    """
    said, lost = assets
    rows = {uid: package_state.row_of(text) for uid, text in before.items() if uid not in seen}
    found = {uid for uid, row in rows.items() if regions.speaks_for(placed_in(table, row, said))}
    if lost and table not in ("region", "region_successor", "requirement", "asset"):
        found |= {
            uid for uid, text in before.items() if package_state.row_of(text)["asset_uid"] in lost
        }
    return sorted(found)


def parted(registry: Registry, package: PackageFile, source: str) -> set[str]:
    """Assets that a sender had united with others and does no more, by key."""
    said = package_state.said(registry, source, "asset_alias")
    still = {row["uid"] for row in package.rows("asset_alias")}
    rows = (package_state.row_of(text) for uid, text in said.items() if uid not in still)
    return {row["former_uid"] for row in rows}


def is_edited(table: str, here: raw_rows.Row, before: str) -> bool:
    """Whether a row says something else here than its sender said last."""
    return cells(table, here) != cells(table, {**here, **package_state.row_of(before)})


def kept_assets(writer: Writer, source: str, assets: Mapping[str, str]) -> set[str]:
    """Of some assets those that this level changed or built on, by key.

    Parameters
    ----------
    assets
        What the sender said last of each.
    """
    registry = writer.registry
    return {
        uid
        for uid, text in assets.items()
        if (here := raw_rows.fetch(registry, "asset", uid)) is not None
        and (is_edited("asset", here, text) or package_state.own_children(registry, source, uid))
    }


class Leaving:
    """Takes rows out, telling why; what this level changed or built on stays, for a decision.

    An asset stays with everything that its sender said of it: without its events and visits it
    would count as better than it is.

    Parameters
    ----------
    kept
        Keys of assets that stay.
    """

    def __init__(
        self, writer: Writer, notes: list[RowNote], merged: Mapping[str, str], kept: set[str]
    ) -> None:
        self._writer, self._notes, self._merged = writer, notes, merged
        self._kept = kept - merged.keys()

    def withdraw(
        self, source: str, table: str, uid: str, before: str, why: Phrase | None = None
    ) -> None:
        """Take out a row that its sender does not tell any more, as it was told last."""
        registry = self._writer.registry
        here = raw_rows.fetch(registry, table, uid)
        package_state.forget(self._writer, source, table, uid)
        if here is None or here.get("asset_uid") in self._kept:
            return
        name = row_name(registry, table, here)
        if table == "asset" and uid in self._merged:
            package_state.follow_merge(self._writer, uid, self._merged[uid])
            said = Phrase("exchange.package_merged", {"kept": self._merged[uid]})
            self._notes.append(RowNote(table, uid, "withdrawn", said, name))
            return
        if table == "asset" and uid in self._kept:
            self._leave_open(source, uid)
        if uid in self._kept or (table != "asset" and is_edited(table, here, before)):
            self._notes.append(RowNote(table, uid, "kept", Phrase("exchange.package_kept"), name))
            return
        package_state.drop(self._writer, table, uid)
        if table == "requirement" and here["withdrawn_at"] is None:
            self._notes += again_notes(registry.zone, hold_again(self._writer, here, source))
        why = why or Phrase("exchange.package_withdrawn")
        self._notes.append(RowNote(table, uid, "withdrawn", why, name))

    def _leave_open(self, source: str, uid: str) -> None:
        """Whether an asset that nobody hands up any more exists is decided by somebody."""
        wish = Wanted(source, ROW, None, times.to_text(self._writer.moment))
        proposals.propose(self._writer, "asset", uid, WHOLE, wish)
        proposals.dispute(self._writer, "asset", uid, WHOLE, ROW, reason="deleted")


class HandedOver:
    """Rows that other senders told of a package's region, which speaks for it from now on.

    Attributes
    ----------
    numbers
        Keys of numbers among them that this level did not change: they bind nobody any more.
    kept
        Keys of assets among them that this level changed or built on.
    """

    def __init__(self, writer: Writer, owners: Iterable[str], regions: OwnRegions) -> None:
        self._said: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
        self.kept: set[str] = set()
        for owner in sorted(owners):
            assets = package_state.said(writer.registry, owner, "asset")
            self.kept |= kept_assets(writer, owner, _within("asset", assets, regions, assets))
            for table in _HANDED_OVER:
                stated = package_state.said(writer.registry, owner, table)
                for uid, text in _within(table, stated, regions, assets).items():
                    self._said[table][uid] = owner, text
            for table, rows in self._said.items():
                for uid, (source, _) in rows.items():
                    package_state.forget(writer, source, table, uid)
        self.numbers = {
            uid
            for uid, (_, text) in self._said["requirement"].items()
            if (here := raw_rows.fetch(writer.registry, "requirement", uid)) is not None
            and not is_edited("requirement", here, text)
        }

    def leave(self, leaving: Leaving, seen: Mapping[str, set[str]]) -> None:
        """Take out those that the package does not tell itself; children before their assets."""
        for table in reversed(_HANDED_OVER):
            for uid, (owner, text) in sorted(self._said[table].items()):
                if uid not in seen[table]:
                    why = Phrase("exchange.package_handed_over", {"owner": sender_name(owner)})
                    leaving.withdraw(owner, table, uid, text, why)


def _within(
    table: str, stated: Mapping[str, str], regions: OwnRegions, assets: Mapping[str, str]
) -> dict[str, str]:
    """Rows that lie in the package's region."""
    return {
        uid: text
        for uid, text in stated.items()
        if regions.speaks_for(placed_in(table, package_state.row_of(text), assets))
    }
