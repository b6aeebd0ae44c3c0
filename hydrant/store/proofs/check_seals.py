"""Holds the rows of a registry against its seals, for those who look it over."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hydrant.errors import Phrase
from hydrant.store.chain import reading
from hydrant.store.chain.ledger import READINGS
from hydrant.store.opened.registry import Registry
from hydrant.store.proofs import sensed
from hydrant.store.proofs.naming import Named, named
from hydrant.store.proofs.verifying import Advance, Finding, verify

#: Kinds of findings in the order in which they are told, with their messages.
_KEYS = {
    "changed": "check.row_changed",
    "added": "check.row_added",
    "removed": "check.row_removed",
    "moved": "check.row_moved",
    "seals": "check.row_seals",
    "noticed": "check.row_noticed",
    "seal": "check.seal",
    "order": "check.seal",
}
#: Rows that are told one by one; ``audit verify`` tells all.
_NAMED = 1000


@dataclass(frozen=True, slots=True)
class SealCheck:
    """What became of holding a registry against its seals.

    Attributes
    ----------
    rows, seals
        How many were looked at.
    waiting
        Rows that other programs changed, written down and not yet taken in: no fault.
    faults
        Message keys and facts.
    """

    rows: int
    seals: int
    waiting: int
    faults: list[tuple[str, dict[str, object]]]


def total_rows(registry: Registry) -> int:
    """How many rows there are to look at."""
    return reading.total_rows(registry.connection) + sensed.total(registry)


def check_seals(registry: Registry, *, advance: Advance) -> SealCheck:
    """Hold every row and every seal against the chain; it costs as much as ``audit verify``."""
    found = verify(registry, advance=advance)
    own = [one for one in found.findings if not _is_mark(one)]
    told = sorted(own, key=lambda one: list(_KEYS).index(one.kind))
    shown = named(registry, replace(found, findings=told[:_NAMED]))
    faults: list[tuple[str, dict[str, object]]] = []
    if found.head is None:
        faults.append(("check.no_seal", {}))
    faults += (_fault(one) for one in shown)
    rows, seals, left = found.rows, found.seals, len(told) - _NAMED
    if (said := sensed.verify_sensed(registry, advance=advance)) is not None:
        rows, seals = rows + said.verified.rows, seals + said.verified.seals
        left = max(left, 0) + max(len(said.named) - _NAMED, 0)
        faults += (_fault(one) for one in said.named[:_NAMED])
        faults += (("check.altered", {"table": name}) for name in said.altered)
        if said.sealed and said.verified.head is None:
            faults.append(("check.no_seal", {}))
    if left > 0:
        faults.append(("check.more_rows", {"count": left}))
    return SealCheck(rows, seals, len(found.waiting), faults)


def _is_mark(found: Finding) -> bool:
    """Whether it is the mark of a running command that stayed behind: ``check.writing`` says so."""
    return (found.table, found.uid, found.kind) == ("setting", "writing", "added")


def _fault(one: Named) -> tuple[str, dict[str, object]]:
    found = one.finding
    facts: dict[str, object] = {"table": found.table, "row": found.fid, "uid": found.uid}
    facts |= {"asset": one.asset, "fields": ", ".join(one.fields), "sealed_at": one.sealed_at}
    return _KEYS[found.kind], facts | {"what": _what(one)}


def _what(one: Named) -> Phrase:
    """What was found, in the words of ``audit verify``."""
    found = one.finding
    row = found.fid if found.uid is None else f"{found.fid} ({found.uid})"
    if found.table == READINGS.seal:
        return Phrase(f"cli_audit.found_reading_{found.kind}", {"number": found.fid})
    asset = "" if one.asset is None else Phrase("cli_audit.of_asset", {"asset": one.asset})
    kind = f"{found.kind}_{found.found}" if found.kind == "noticed" else found.kind
    facts = {"table": found.table, "row": row, "asset": asset, "found": found.found or ""}
    what = Phrase(f"cli_audit.found_{kind}", facts | {"number": found.fid})
    if one.of is not None:
        what = Phrase("cli_audit.with_moment", {"what": what, "of": one.of})
    if not one.fields:
        return what
    fields = Phrase("cli_audit.fields", {"fields": ", ".join(one.fields)})
    return Phrase("cli_audit.with_fields", {"what": what, "fields": fields})
