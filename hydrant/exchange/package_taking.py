"""Takes a package from the level below into a registry: by key, idempotent, nothing overwritten.

Three texts of a row are compared: what the sender said last time, what it says now, and what
stands here. What only the sender changed is taken; what both changed stays and is listed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from hydrant import times
from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.package_evidence import check_evidence, keep_evidence_of
from hydrant.exchange.package_file import PackageFile
from hydrant.exchange.package_rules import at_one_time, problem_in
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
from hydrant.store.sides import package_state
from hydrant.store.sides.package_rows import TABLES, WITHHELD
from hydrant.survey.settling import cell_values, cells

#: What stands in a sensor's place of address here: nobody calls it (`SensorRow.waited_for`).
_SENSOR_HERE = {"url": "push:handed-up", "unit_id": 0, "parameters": None}
#: Columns that follow from a change and are no change of their own.
_FOLLOWING = ("recorded_at", "recorded_by", "valid_from")


@dataclass(frozen=True, slots=True)
class RowNote:
    """A row of which something must be said: ``conflict``, ``refused``, ``withdrawn``, ``kept``."""

    table: str
    uid: str
    what: str
    why: Phrase


@dataclass(slots=True)
class TakenPackage:
    """What became of a package's rows."""

    source: str
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    rows: list[RowNote] = field(default_factory=list)
    written: bool = False

    def count(self, what: str) -> int:
        """How many rows something is said of."""
        return sum(row.what == what for row in self.rows)


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
    dry_run: bool = False,
) -> TakenPackage:
    """Take a package in one transaction; the same package again changes nothing.

    Raises
    ------
    InputRefused
        It is older than one taken before, comes from this registry itself, is damaged, or
        withdraws facts without `accept_withdrawals`.
    """
    told = package.manifest
    source = package_state.sender(told.registry, told.region)
    if told.registry == registry.settings["writer"]:
        raise InputRefused("exchange.package_own", file=package.path)
    result = TakenPackage(source)
    if _was_taken(registry, package, source):
        package.check()
        keep_evidence_of(registry, package, set())
        result.unchanged = sum(member.rows for member in told.members.values())
        return result
    try:
        with transaction(registry, actor=actor, origin=f"package take {package.path.name}") as w:
            _was_taken(registry, package, source)  # a later one, meanwhile
            taking = _Intake(w, package, result)
            taking.run(accept_withdrawals=accept_withdrawals or dry_run)
            _end_dry(dry_run=dry_run)
    except _Dry:
        return result
    # kept beside the registry; a package taken again after a crash in between adds what is missing
    keep_evidence_of(registry, package, taking.refused)
    result.written = True
    return result


def _was_taken(registry: Registry, package: PackageFile, source: str) -> bool:
    """Whether the last package of a sender is this very one; refuses an older one."""
    last = package_state.last_taken(registry, source)
    if last is not None and package.manifest.sequence < last.sequence:
        raise InputRefused("exchange.package_older", file=package.path)
    return last is not None and last.digest == package.manifest.digest


class _Intake:
    """One package in its transaction."""

    def __init__(self, writer: Writer, package: PackageFile, result: TakenPackage) -> None:
        self.writer, self.package, self.result = writer, package, result
        self.registry = writer.registry
        self.source = result.source
        self.batch = self._batch()
        self.refused: set[str] = set()
        self.merged: dict[str, str] = {}
        self.seen: dict[str, set[str]] = {}

    def run(self, *, accept_withdrawals: bool) -> None:
        check_evidence(self.package)
        self.merged = {
            row["former_uid"]: row["asset_uid"] for row in self.package.rows("asset_alias")
        }
        gone: dict[str, list[str]] = {}
        unexplained: list[tuple[str, str]] = []
        for table in TABLES:
            before = package_state.said(self.registry, self.source, table)
            self._take_table(table, before)
            gone[table] = sorted(before.keys() - self.seen[table])
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

    def _united(self, table: str, uid: str, before: str) -> bool:
        """Whether a row is gone because its asset became part of another below."""
        if table == "asset_version":  # one thing has one row at any date; the log keeps the other
            uid = package_state.row_of(before)["asset_uid"]
        return uid in self.merged

    def _batch(self) -> str:
        told = self.package.manifest
        counts = {"sequence": told.sequence, "as_of": told.as_of, "log_head": told.log_head}
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
        owners = package_state.owners(self.registry, self.source, table)
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
            if self._refused(table, row, owners):
                continue
            if self._take_row(table, row, before.get(uid), fresh):
                told.append((table, uid, str(row.get("asset_uid", uid)), text))
        package_state.insert_many(self.writer, table, fresh, self.batch)
        self.result.new += len(fresh)
        package_state.remember(self.writer, self.source, self.batch, told)

    def _refused(self, table: str, row: raw_rows.Row, owners: dict[str, str]) -> bool:
        uid = row["uid"]
        if uid in owners:
            self.refused.add(uid)
            why = Phrase("exchange.package_foreign", {"owner": owners[uid]})
            self.result.rows.append(RowNote(table, uid, "refused", why))
            return True
        if row.get("asset_uid") in self.refused:
            self.result.rows.append(RowNote(table, uid, "refused", Phrase("survey.refused_parent")))
            return True
        wrong = problem_in(table, row)
        if wrong is not None:
            raise InputRefused(
                "exchange.package_row", file=self.package.path, member=table, row=uid, field="–",
                why=wrong,
            )  # fmt: skip
        return False

    def _take_row(
        self, table: str, row: raw_rows.Row, before: str | None, fresh: list[raw_rows.Row]
    ) -> bool:
        """Take one row that is new or says something new; whether to remember it."""
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
        if here is None:
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


def package_path(path: Path) -> Path:
    """The file's path; raises `InputRefused` where its name does not end as packages do."""
    if not path.name.lower().endswith(".hydrant.zip"):
        raise InputRefused("exchange.out_form", file=path, known=".hydrant.zip")
    return path
