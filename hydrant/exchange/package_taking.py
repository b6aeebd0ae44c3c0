"""Takes a package from the level below into a registry: by key, idempotent, nothing overwritten.

Three texts of a row are compared: what the sender said last time, what it says now, and what
stands here. What only the sender changed is taken; what both changed stays and is listed.
"""

from __future__ import annotations

import json

from hydrant import times
from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.package_evidence import check_evidence, keep_evidence_of
from hydrant.exchange.package_file import PackageFile
from hydrant.exchange.package_own import OwnRegions, foreign_rows
from hydrant.exchange.package_rules import (
    RowNote,
    TakenPackage,
    at_one_time,
    count_of,
    notes_of,
    problem_in,
)
from hydrant.ids import new_uid
from hydrant.integrity.required import overlap
from hydrant.model.books import ImportBatch
from hydrant.store.care.mending import put_all_in_order
from hydrant.store.facts.merging import present_key
from hydrant.store.opened import bulk, raw_rows
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.opened.writer import Writer
from hydrant.store.outside import proposals
from hydrant.store.outside.proposals import Wanted
from hydrant.store.readings.sensor_evidence import TABLE as EVIDENCE
from hydrant.store.sides import package_state
from hydrant.store.sides.package_rows import TABLES, WITHHELD
from hydrant.survey.settling import cell_values, cells

#: What stands in a sensor's place of address here: nobody calls it (`SensorRow.waited_for`).
_SENSOR_HERE = {"url": "push:handed-up", "unit_id": 0, "parameters": None}
#: Of a region above its own a sender says no more than what it is called and belongs to.
_NO_OUTLINE = dict.fromkeys(("min_lon", "min_lat", "max_lon", "max_lat", "boundary"))
#: Columns that follow from a change and are no change of their own.
_FOLLOWING = ("recorded_at", "recorded_by", "valid_from")


class _Dry(Exception):
    """Ends a transaction of which nothing shall stay."""


def _end_dry(*, dry_run: bool) -> None:
    if dry_run:
        raise _Dry


def take_package(
    registry: Registry,
    package: PackageFile,
    *,
    actor: str,
    accept_withdrawals: bool = False,
    accept_older: bool = False,
    dry_run: bool = False,
) -> TakenPackage:
    """Take a package in one transaction; the same package again changes nothing.

    Rows that are not the sender's are refused, each with its reason, before anything is written.
    Once this level knows better whose they are, the same package is gone through again.

    Raises
    ------
    InputRefused
        It is older than one taken before and not `accept_older`, comes from this registry
        itself, is damaged, or withdraws facts without `accept_withdrawals`.
    """
    told = package.manifest
    source = package_state.sender(told.registry, told.region)
    if told.registry == registry.settings["writer"]:
        raise InputRefused("exchange.package_own", file=package.path)
    result = TakenPackage(source)
    last = _last_taken(registry, package, source, accept_older=accept_older)
    if last is not None and last.digest == told.digest:
        package.check()
        foreign = foreign_rows(registry, package, source, OwnRegions(registry, package, source))
        if count_of(foreign) == last.refused:
            result.evidence = keep_evidence_of(registry, package, foreign.get(EVIDENCE, {}))
            result.rows += notes_of(foreign)
            result.unchanged = sum(member.rows for member in told.members.values()) - last.refused
            return result
    try:
        with transaction(registry, actor=actor, origin=f"package take {package.path.name}") as w:
            # a later one, meanwhile
            _last_taken(registry, package, source, accept_older=accept_older)
            taking = _Intake(w, package, result)
            taking.run(accept_withdrawals=accept_withdrawals or dry_run)
            _end_dry(dry_run=dry_run)
    except _Dry:
        return result
    # kept beside the registry; a package taken again after a crash in between adds what is missing
    result.evidence = keep_evidence_of(registry, package, taking.foreign.get(EVIDENCE, {}))
    result.written = True
    return result


def _last_taken(
    registry: Registry, package: PackageFile, source: str, *, accept_older: bool
) -> package_state.Taken | None:
    """The last package of a sender; refuses one that is older, unless it is wanted."""
    last = package_state.last_taken(registry, source)
    told = package.manifest
    if last is not None and last.is_later(told.sequence, told.heard) and not accept_older:
        raise InputRefused("exchange.package_older", file=package.path)
    return last


class _Intake:
    """One package in its transaction."""

    def __init__(self, writer: Writer, package: PackageFile, result: TakenPackage) -> None:
        self.writer, self.package, self.result = writer, package, result
        self.registry = writer.registry
        self.source = result.source
        self.regions = OwnRegions(self.registry, package, self.source)
        self.foreign = foreign_rows(self.registry, package, self.source, self.regions)
        result.rows += notes_of(self.foreign)
        self.batch = self._batch()
        self.merged: dict[str, str] = {}
        self.seen: dict[str, set[str]] = {}
        self.placed: dict[str, str] = {}

    def run(self, *, accept_withdrawals: bool) -> None:
        check_evidence(self.package, self.registry.zone)
        self.merged = {
            row["former_uid"]: row["asset_uid"]
            for row in self.package.rows("asset_alias")
            if row["uid"] not in self.foreign.get("asset_alias", {})
        }
        gone: dict[str, list[str]] = {}
        unexplained: list[tuple[str, str]] = []
        for table in TABLES:
            before = package_state.said(self.registry, self.source, table)
            self._take_table(table, before)
            gone[table] = self._gone(table, before)
            unexplained += [
                (table, uid) for uid in gone[table] if not self._united(table, uid, before[uid])
            ]
        if unexplained and not accept_withdrawals:
            table, uid = unexplained[0]
            raise InputRefused(
                "exchange.package_withdraws", file=self.package.path, count=len(unexplained),
                first=f"{table} {uid}",
            )  # fmt: skip
        for table in reversed(TABLES):
            for uid in gone[table]:
                self._withdraw(table, uid)
        put_all_in_order(self.writer)
        bulk.refresh_extent(self.registry)

    def _gone(self, table: str, before: dict[str, str]) -> list[str]:
        """Rows that an earlier package told and this one, of the same region, does not."""
        if table == "asset":
            self.placed = before
        column = {"region": "code", "region_successor": "code"}.get(table, "region_code")
        found = []
        for uid in sorted(before.keys() - self.seen[table]):
            row = package_state.row_of(before[uid])
            asset = self.placed.get(row.get("asset_uid", ""))
            placed = row if asset is None else package_state.row_of(asset)
            if self.regions.speaks_for(placed.get(column)):
                found.append(uid)
        return found

    def _united(self, table: str, uid: str, before: str) -> bool:
        """Whether a row is gone because its asset became part of another below."""
        if table == "asset_version":  # one thing has one row at any date; the log keeps the other
            uid = package_state.row_of(before)["asset_uid"]
        return uid in self.merged

    def _batch(self) -> str:
        told = self.package.manifest
        counts: dict[str, object] = {
            "sequence": told.sequence,
            "as_of": told.as_of,
            "log_head": told.log_head,
        }
        counts |= {"refused": count_of(self.foreign), "beyond": told.beyond}
        counts["heard"] = told.heard
        batch = ImportBatch(
            uid=new_uid(),
            source=self.source,
            file_name=self.package.path.name,
            file_digest=told.digest,
            mapping=f"package {told.version}",
            columns="",
            counts=json.dumps(counts),
        )
        self.writer.add(batch)
        self.writer.flush()
        return batch.uid

    def _take_table(self, table: str, before: dict[str, str]) -> None:
        foreign = self.foreign.get(table, {})
        fresh: list[raw_rows.Row] = []
        told: list[tuple[str, str, str, str]] = []
        seen = self.seen[table] = set()
        for row in self.package.rows(table):
            uid = row["uid"]
            seen.add(uid)
            text = package_state.row_text(row)
            if before.get(uid) == text:
                self.result.unchanged += 1
                continue
            if uid in foreign:
                continue
            self._refuse_impossible(table, row)
            if self._take_row(table, row, before.get(uid), fresh):
                told.append((table, uid, str(row.get("asset_uid", uid)), text))
        package_state.insert_many(self.writer, table, fresh, self.batch)
        self.result.new += len(fresh)
        package_state.remember(self.writer, self.source, self.batch, told)

    def _refuse_impossible(self, table: str, row: raw_rows.Row) -> None:
        wrong = problem_in(table, row)
        if wrong is not None:
            raise InputRefused(
                "exchange.package_row", file=self.package.path, member=table, row=row["uid"],
                field="–", why=wrong,
            )  # fmt: skip

    def _take_row(
        self, table: str, row: raw_rows.Row, before: str | None, fresh: list[raw_rows.Row]
    ) -> bool:
        """Take one row that is new or says something new; whether to remember it."""
        if table == "region" and self.regions.is_above(row["code"]):
            return self._name_parent(row, fresh)
        here = raw_rows.fetch(self.registry, table, row["uid"])
        parent = row.get("asset_uid")
        now = row | (_SENSOR_HERE if table in WITHHELD and here is None else {})
        if parent is not None:
            now["asset_uid"] = present_key(self.registry, parent)
        if here is None and before is None:
            if self._stands(table, row):
                return False
            fresh.append(now)
        elif here is None:
            why = Phrase("exchange.package_gone_here")
            self.result.rows.append(RowNote(table, row["uid"], "conflict", why))
        else:
            then = package_state.row_of(before) if before is not None else None
            self._compare(table, then, now, here)
        return True

    def _name_parent(self, row: raw_rows.Row, fresh: list[raw_rows.Row]) -> bool:
        """A region above the sender's stands as it is here; one not known here gets its name."""
        if not self._stands("region", row):
            fresh.append(row | _NO_OUTLINE)
        return False

    def _stands(self, table: str, row: raw_rows.Row) -> bool:
        """Whether this level says it itself already; then its own word stands."""
        if table == "region":
            here = package_state.region_known(self.registry, row["code"])
            if here is None:
                return False
            names = ("name_zh", "level", "parent_code", "valid_until")
            if any(row[n] is not None and row[n] != here[n] for n in names):
                self._conflict(table, row, "exchange.package_region", code=row["code"])
            else:
                self.result.unchanged += 1
            return True
        if table == "region_successor":
            stands = package_state.successor_known(self.registry, row)
            self.result.unchanged += stands
            return stands
        if table != "requirement" or row.get("withdrawn_at") is not None:
            return False
        return self._required_already(row)

    def _required_already(self, row: raw_rows.Row) -> bool:
        mine = package_state.said(self.registry, self.source, "requirement")
        for here in package_state.requirements_of(self.registry, row["region_code"]):
            related = overlap((here["kind"], here["service"]), (row["kind"], row.get("service")))
            if here["uid"] in mine or not related or not at_one_time(here, row):
                continue
            if here["uid"] in self.seen["requirement"]:
                continue
            self._conflict(
                *("requirement", row, "exchange.package_required"),
                region=row["region_code"], here=here["count"], there=row["count"],
            )  # fmt: skip
            return True
        return False

    def _conflict(self, table: str, row: raw_rows.Row, key: str, **facts: object) -> None:
        self.result.rows.append(RowNote(table, row["uid"], "conflict", Phrase(key, facts)))

    def _compare(
        self, table: str, then: raw_rows.Row | None, now: raw_rows.Row, here: raw_rows.Row
    ) -> None:
        """Take what only the sender changed; list what this level changed too."""
        withheld = WITHHELD.get(table, ())
        standing = {n: v for n, v in here.items() if n not in withheld}
        now = {n: v for n, v in now.items() if n not in withheld}
        theirs, ours = cells(table, now), cells(table, standing)
        base = None if then is None else cells(table, then)
        disputed: list[str] = []
        taken: raw_rows.Row = {}
        for name, value in theirs.items():
            if value == ours[name] or (base is not None and base.get(name) == value):
                continue
            if base is not None and base.get(name) == ours[name]:
                taken |= cell_values(name, value)
            else:
                disputed.append(name)
        for name in disputed:
            self._dispute(table, now["uid"], name, ours[name], theirs[name])
        if not disputed and then is not None:
            taken |= {name: now[name] for name in _FOLLOWING if name in now}
        if raw_rows.update(self.writer, table, here, taken):
            self.result.updated += 1
        elif not disputed:
            self.result.unchanged += 1

    def _dispute(self, table: str, uid: str, name: str, ours: str, theirs: str) -> None:
        wish = Wanted(self.source, ours, theirs, times.to_text(self.writer.moment))
        proposals.propose(self.writer, table, uid, name, wish)
        proposals.dispute(self.writer, table, uid, name, ours, reason="differ")
        why = Phrase("exchange.package_both", {"field": name})
        self.result.rows.append(RowNote(table, uid, "conflict", why))

    def _withdraw(self, table: str, uid: str) -> None:
        """A row the sender no longer has: followed and told, unless this level built on it."""
        before = package_state.said(self.registry, self.source, table)[uid]
        here = raw_rows.fetch(self.registry, table, uid)
        package_state.forget(self.writer, self.source, table, uid)
        if here is None or (table == "region" and self.regions.is_above(here["code"])):
            return
        if table == "asset" and uid in self.merged:
            package_state.follow_merge(self.writer, uid, self.merged[uid])
            why = Phrase("exchange.package_merged", {"kept": self.merged[uid]})
            self.result.rows.append(RowNote(table, uid, "withdrawn", why))
            return
        edited = cells(table, here) != cells(table, {**here, **package_state.row_of(before)})
        built_on = table == "asset" and package_state.own_children(self.registry, self.source, uid)
        if edited or built_on:
            why = Phrase("exchange.package_kept")
            self.result.rows.append(RowNote(table, uid, "kept", why))
            return
        package_state.drop(self.writer, table, uid)
        why = Phrase("exchange.package_withdrawn")
        self.result.rows.append(RowNote(table, uid, "withdrawn", why))
