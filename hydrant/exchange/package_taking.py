"""Takes a package from the level below into a registry: by key, idempotent, nothing overwritten.

Three texts of a row are compared: what the sender said last time, what it says now, and what
stands here. What only the sender changed is taken; what both changed stays and is listed.
"""

from __future__ import annotations

from collections.abc import Mapping

from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.package_batch import brought, note_batch
from hydrant.exchange.package_evidence import check_evidence, keep_evidence_of, lost_notes
from hydrant.exchange.package_file import PackageFile
from hydrant.exchange.package_leaving import HandedOver, Leaving, gone, kept_assets, parted
from hydrant.exchange.package_numbers import Numbers
from hydrant.exchange.package_own import foreign_rows, names_in
from hydrant.exchange.package_regions import OwnRegions, claims_with
from hydrant.exchange.package_rules import (
    NOTHING,
    Allowed,
    RowNote,
    TakenPackage,
    count_of,
    ends_first,
    notes_of,
    problem_in,
)
from hydrant.exchange.package_stated import Disputes
from hydrant.exchange.package_units import ENDS, OF_UNIT, Units
from hydrant.store.care.mending import put_all_in_order
from hydrant.store.facts.merging import present_key
from hydrant.store.opened import bulk, raw_rows
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.opened.writer import Writer
from hydrant.store.readings.sensor_evidence import TABLE as EVIDENCE
from hydrant.store.regions.claims import sender
from hydrant.store.sides import package_state
from hydrant.store.sides.package_rows import TABLES, WITHHELD
from hydrant.survey.settling import cell_values, cells

#: What stands in a sensor's place of address here: nobody calls it (`SensorRow.waited_for`).
_SENSOR_HERE = {"url": "push:handed-up", "unit_id": 0, "parameters": None}
#: Of a region that is not its own a sender says no more than what it is called and belongs to.
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
    allowed: Allowed = NOTHING,
    dry_run: bool = False,
) -> TakenPackage:
    """Take a package in one transaction; the same package again changes nothing.

    Rows that are not the sender's are refused, each with its reason, before anything is written.
    Once this level knows better whose they are, the same package is gone through again.

    Raises
    ------
    InputRefused
        It is older than one taken before, tells a region that another registry handed up, or
        withdraws facts, and that is not allowed; it comes from this registry itself, or is
        damaged.
    """
    told = package.manifest
    source = sender(told.registry, told.region)
    if told.registry == registry.settings["writer"]:
        raise InputRefused("exchange.package_own", file=package.path)
    result = TakenPackage(source)
    last = _last_taken(registry, package, source, accept_older=allowed.older)
    if last is not None and last.digest == told.digest and not allowed.replacing:
        package.check()
        claims, _ = claims_with(registry, package, source, replacing=False)
        regions = OwnRegions(package, source, claims)
        foreign = foreign_rows(registry, package, source, regions)
        if count_of(foreign) == last.refused:
            refused = foreign.get(EVIDENCE, {})
            result.evidence = keep_evidence_of(registry, package, refused, back=allowed.withdrawals)
            result.rows += notes_of(foreign, names_in(package, foreign))
            result.unchanged = sum(member.rows for member in told.members.values()) - last.refused
            return result
    try:
        with transaction(registry, actor=actor, origin=f"package take {package.path.name}") as w:
            # a later one, meanwhile
            _last_taken(registry, package, source, accept_older=allowed.older)
            taking = _Intake(w, package, result, allowed)
            taking.run(accept_withdrawals=allowed.withdrawals or dry_run)
            _end_dry(dry_run=dry_run)
    except _Dry:
        return result
    # kept beside the registry; a package taken again after a crash in between adds what is missing
    back = allowed.withdrawals or (last is not None and last.is_later(told.sequence, told.heard))
    refused = taking.foreign.get(EVIDENCE, {})
    result.evidence = keep_evidence_of(registry, package, refused, back=back)
    result.written = True
    return result


def _last_taken(
    registry: Registry, package: PackageFile, source: str, *, accept_older: bool
) -> package_state.Taken | None:
    """The last package of a sender; refuses one that is older, unless it is wanted."""
    last = package_state.last_taken(registry, source)
    told = package.manifest
    if last is not None and last.is_later(told.sequence, told.heard) and not accept_older:
        key = "exchange.package_older"
        if last.sequence == told.sequence:  # equal logs: it is older by its readings alone
            key = "exchange.package_older_readings"
        raise InputRefused(key, file=package.path)
    return last


class _Intake:
    """One package in its transaction."""

    def __init__(
        self, writer: Writer, package: PackageFile, result: TakenPackage, allowed: Allowed
    ) -> None:
        self.writer, self.package, self.result = writer, package, result
        self.registry = writer.registry
        self.source = result.source
        claims, owners = claims_with(
            self.registry, package, self.source, replacing=allowed.replacing
        )
        self.regions = OwnRegions(package, self.source, claims)
        self.handed_over = HandedOver(writer, owners, self.regions)
        self.foreign = foreign_rows(self.registry, package, self.source, self.regions)
        result.rows += notes_of(self.foreign, names_in(package, self.foreign))
        counts = brought(package, self.foreign, self.regions)
        counts["replaced"] = allowed.replacing
        self.batch = note_batch(writer, package, self.source, counts)
        self.disputes = Disputes(writer, self.source)
        handed_up = package_state.said(self.registry, self.source, "region")
        self.units = Units(writer, self.disputes, handed_up)
        self.numbers = Numbers(writer, self.disputes, self.source)
        self.merged: dict[str, str] = {}
        self.seen: dict[str, set[str]] = {}
        self.said: dict[str, dict[str, str]] = {}
        self.parted = parted(self.registry, package, self.source)

    def run(self, *, accept_withdrawals: bool) -> None:
        check_evidence(self.package, self.registry.zone)
        self.merged = {
            row["former_uid"]: row["asset_uid"]
            for row in self.package.rows("asset_alias")
            if row["uid"] not in self.foreign.get("asset_alias", {})
        }
        refused = self.foreign.get(EVIDENCE, {})
        self.result.rows += lost_notes(
            self.registry, self.package, refused, accept=accept_withdrawals
        )
        leaving: dict[str, list[str]] = {}
        unexplained: list[tuple[str, str]] = []
        for table in TABLES:
            before = self.said[table] = package_state.said(self.registry, self.source, table)
            self._take_table(table, before)
            lost = set(leaving.get("asset", ())) - self.merged.keys()
            places = self.said.get("asset", {}), lost
            leaving[table] = gone(table, before, self.seen[table], self.regions, places)
            unexplained += [
                (table, uid) for uid in leaving[table] if not self._united(table, uid, before[uid])
            ]
        if unexplained and not accept_withdrawals:
            table, uid = unexplained[0]
            raise InputRefused(
                "exchange.package_withdraws", file=self.package.path, count=len(unexplained),
                first=f"{table} {uid}",
            )  # fmt: skip
        self._take_out(leaving)
        self.disputes.close_others(self.regions)
        put_all_in_order(self.writer)
        bulk.refresh_extent(self.registry)

    def _take_out(self, leaving: dict[str, list[str]]) -> None:
        assets = {uid: self.said["asset"][uid] for uid in leaving["asset"]}
        kept = kept_assets(self.writer, self.source, assets) | self.handed_over.kept
        out = Leaving(self.writer, self.result.rows, self.merged, kept - self.seen["asset"])
        for table in reversed(TABLES):
            moved = self.foreign.get(table, {})
            for uid in leaving[table]:
                if table == "region" and self.regions.is_named(self._code_said(uid)):
                    package_state.forget(self.writer, self.source, table, uid)
                else:
                    out.withdraw(self.source, table, uid, self.said[table][uid], moved.get(uid))
        self.handed_over.leave(out, self.seen)
        for uid in leaving["asset_alias"]:
            alias = package_state.row_of(self.said["asset_alias"][uid])
            former, kept = alias["former_uid"], alias["asset_uid"]
            package_state.follow_parting(self.writer, self.source, former, kept)

    def _code_said(self, uid: str) -> str:
        return str(package_state.row_of(self.said["region"][uid])["code"])

    def _united(self, table: str, uid: str, before: str) -> bool:
        """Whether a row is gone because its asset became part of another below."""
        if table == "asset_version":  # one thing has one row at any date; the log keeps the other
            uid = package_state.row_of(before)["asset_uid"]
        return uid in self.merged

    def _take_table(self, table: str, before: dict[str, str]) -> None:
        foreign = self.foreign.get(table, {})
        fresh: list[raw_rows.Row] = []
        told: list[tuple[str, str, str, str]] = []
        seen = self.seen[table] = set()
        for row in ends_first(table, self.package.rows(table), before):
            uid = row["uid"]
            seen.add(uid)
            text = package_state.row_text(row)
            if before.get(uid) == text:
                self.result.unchanged += 1
                continue
            if uid in foreign:
                if table == "asset":  # it lies where another speaks now: gone from here
                    seen.discard(uid)
                continue
            self._refuse_impossible(table, row)
            if self._take_row(table, row, before.get(uid), fresh):
                told.append((table, uid, str(row.get("asset_uid", uid)), text))
        if table == "region":
            units = self.units.settle(self.result.rows)
            self.result.unchanged += self.units.unchanged
            fresh += units
            told += [
                (table, row["uid"], row["uid"], package_state.row_text(row))
                for row in units
                if row["uid"] in seen
            ]
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
        if table == "region" and self.regions.is_named(row["code"]):
            return self._name_region(row, fresh)
        self.disputes.look_at(table, row["uid"])
        if table == "region":
            self.units.tell(row)
        here = raw_rows.fetch(self.registry, table, row["uid"])
        parent = row.get("asset_uid")
        now = row | (_SENSOR_HERE if table in WITHHELD and here is None else {})
        if parent is not None:
            now["asset_uid"] = self._present(parent)
        if here is None and before is None:
            if self._stands(table, row):
                return False
            if table == "asset" and self._present(row["uid"]) != row["uid"]:
                self.result.unchanged += 1  # it became part of another at this level
                return True
            fresh.append(now)
        elif here is None:
            why = Phrase("exchange.package_gone_here")
            self.result.rows.append(RowNote(table, row["uid"], "conflict", why))
        else:
            then = package_state.row_of(before) if before is not None else None
            self._compare(table, then, now, here)
        return True

    def _present(self, asset: str) -> str:
        """The key under which an asset stands here, once this package is taken."""
        return asset if asset in self.parted else present_key(self.registry, asset)

    def _name_region(self, row: raw_rows.Row, fresh: list[raw_rows.Row]) -> bool:
        """A region that is not the sender's stands as here; one not known here gets its name."""
        if package_state.region_known(self.registry, row["code"]) is None:
            fresh.append(row | _NO_OUTLINE)
        else:
            self.result.unchanged += 1
        return False

    def _stands(self, table: str, row: raw_rows.Row) -> bool:
        """Whether this level says it itself already; then its own word stands."""
        if table == "region":
            self.units.add(row)
            return True
        if table == "region_successor":
            stands = package_state.successor_known(self.registry, row)
            self.result.unchanged += stands
            return stands
        if table != "requirement" or row.get("withdrawn_at") is not None:
            return False
        own = self.said["requirement"].keys() | self.seen["requirement"] | self.handed_over.numbers
        before = len(self.result.rows)
        stands = self.numbers.stands(row, own, self.result.rows)
        self.result.unchanged += stands and len(self.result.rows) == before
        return stands

    def _compare(
        self, table: str, then: raw_rows.Row | None, now: raw_rows.Row, here: raw_rows.Row
    ) -> None:
        """Take what only the sender changed; list what this level changed too."""
        withheld = WITHHELD.get(table, ())
        standing = {n: v for n, v in here.items() if n not in withheld}
        now = {n: v for n, v in now.items() if n not in withheld}
        theirs, ours = cells(table, now), cells(table, standing)
        taken, disputed = _changes(theirs, ours, None if then is None else cells(table, then))
        if table == "requirement":
            disputed += (undecided := self.numbers.undecided(here, taken))
            taken = {name: value for name, value in taken.items() if name not in undecided}
        if table == "region":
            by_days = {name for name in disputed if name in (*OF_UNIT, ENDS)}
            self.units.compare(now, by_days)
            disputed = [name for name in disputed if name not in by_days]
        for name in disputed:
            self._dispute(table, now["uid"], name, ours[name], theirs[name])
        if not disputed and then is not None and not (table == "region" and by_days):
            taken |= {name: now[name] for name in _FOLLOWING if name in now}
        if raw_rows.update(self.writer, table, here, taken):
            self.result.updated += 1
            if table == "requirement":
                self.result.rows += self.numbers.again(here, taken)
        elif not disputed:
            self.result.unchanged += 1

    def _dispute(self, table: str, uid: str, name: str, ours: str, theirs: str) -> None:
        if self.disputes.raise_cell((table, uid, name), ours, theirs):
            why = Phrase("exchange.package_both", {"field": name})
            self.result.rows.append(RowNote(table, uid, "conflict", why))


def _changes(
    theirs: Mapping[str, str], ours: Mapping[str, str], base: Mapping[str, str] | None
) -> tuple[raw_rows.Row, list[str]]:
    """What only the sender changed, by column, and cells that both changed."""
    taken, disputed = raw_rows.Row(), list[str]()
    for name, value in theirs.items():
        if value == ours[name] or (base is not None and base.get(name) == value):
            continue
        if base is not None and base.get(name) == ours[name]:
            taken |= cell_values(name, value)
        else:
            disputed.append(name)
    return taken, disputed
