"""What ``hydrant audit verify`` asks for and how it shows what it found."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hydrant import bounded, signing, times
from hydrant.cli.screen import Screen
from hydrant.errors import InputRefused
from hydrant.store.chain.ledger import READINGS
from hydrant.store.proofs.naming import Named
from hydrant.store.proofs.sensed import Sensed
from hydrant.store.proofs.verifying import Finding, Verified

#: Message key and facts of what fails.
Problem = tuple[str, Mapping[str, object]]
#: Digits of a printed head that are enough to tell it from any other.
LEAST_DIGITS = 16
_MOST_BYTES = 100_000
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Known:
    """A head that is known from elsewhere: from paper, or from a file of ``audit head``."""

    hash: str
    signature: str | None = None


def known_head(given: str) -> Known:
    """The head that a text or the file of that name tells.

    Raises
    ------
    InputRefused
        It is neither a hash nor a file of ``audit head``.
    """
    digits = re.sub(r"[\s…-]", "", given).lower()
    if re.fullmatch(rf"[0-9a-f]{{{LEAST_DIGITS},64}}", digits):
        return Known(digits)
    try:
        told = json.loads(bounded.content(Path(given), most=_MOST_BYTES))
        found = Known(told["hash"], told.get("signature"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InputRefused("cli_audit.no_head", given=given, least=LEAST_DIGITS) from None
    if not isinstance(found.hash, str) or not re.fullmatch(r"[0-9a-f]{64}", found.hash):
        raise InputRefused("cli_audit.no_head", given=given, least=LEAST_DIGITS)
    return found


def public_key(given: str) -> str:
    """A public key as a text, or in the file of that name; raises `InputRefused`."""
    text = given.strip().lower()
    if not signing.is_public(text):
        try:
            text = bounded.content(Path(given), most=_MOST_BYTES).decode("ascii").strip().lower()
        except (OSError, ValueError):
            text = ""
    if not signing.is_public(text):
        raise InputRefused("cli_audit.no_public_key", given=given)
    return text


@dataclass(frozen=True, slots=True)
class Judged:
    """What was verified, and what was asked of it.

    Attributes
    ----------
    sensed
        What was verified of readings; None where there are none.
    broken
        Audit entries that do not follow from the one before.
    altered
        Tables that another program defined otherwise.
    damaged
        Where storage or an index does not say what rows say; None where a server was not asked.
    """

    verified: Verified
    named: list[Named]
    sensed: Sensed | None
    broken: list[str]
    altered: list[str]
    damaged: list[Problem] | None
    key: str | None
    head: Known | None

    @property
    def everything(self) -> list[Named]:
        """What is named of the registry and of its readings."""
        return [*self.named, *(() if self.sensed is None else self.sensed.named)]

    @property
    def said(self) -> list[Finding]:
        """What is found of readings."""
        return [] if self.sensed is None else self.sensed.verified.findings

    def problems(self) -> Iterator[Problem]:
        """Message keys and facts of what fails beside rows and entries."""
        found = self.verified
        for name in self.altered:
            yield "check.altered", {"table": name}
        yield from self.damaged or ()
        if self.sensed is not None:
            yield from _reading_problems(self.sensed, self.key)
        if found.head is None:
            yield "cli_audit.no_seal", {}
            return
        if self.key is not None and found.signed != found.head.number:
            key = "cli_audit.unsigned" if found.signed is None else "cli_audit.unsigned_since"
            yield key, {"signed": found.signed, "number": found.head.number}
        if self.head is None:
            return
        if not found.hashes:
            yield "cli_audit.head_gone", {"hash": self.head.hash[:LEAST_DIGITS]}
        told = self.head.signature
        if self.key and told and not signing.holds(self.head.hash, told, self.key):
            yield "cli_audit.head_of_another_key", {}

    @property
    def failed(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.everything or self.broken or list(self.problems()))

    @property
    def unsigned(self) -> int | None:
        """How many seals the key asked for did not sign; None where none was asked for."""
        if self.key is None:
            return None
        own = self.verified.signers.get(self.key)
        return self.verified.seals - (0 if own is None else own.count)

    def data(self) -> dict[str, Any]:
        """For ``--json``."""
        found = self.verified
        return {
            "broken": self.broken,
            "findings": [_finding(one) for one in self.everything],
            "problems": [{"key": key, **facts} for key, facts in self.problems()],
            "seals": found.seals,
            "rows": found.rows,
            "external": found.external,
            "waiting": len(found.waiting),
            "accepted": len(found.accepted),
            "taken_as_found_at": found.taken,
            "indexes": "not_checked" if self.damaged is None else "checked",
            "head": None if found.head is None else {
                "number": found.head.number, "at": found.head.at, "hash": found.head.hash,
            },
            "signed_number": found.signed,
            "signers": [
                {"public_key": key, "first": one.first, "last": one.last, "seals": one.count}
                for key, one in sorted(found.signers.items(), key=lambda item: item[1].first)
            ],
            "unsigned_seals": self.unsigned,
            "adopted_numbers": found.adopted,
            "known_head_number": next(iter(found.hashes.values()), None),
            "readings": None if self.sensed is None else _readings_data(self.sensed),
        }  # fmt: skip


def _reading_problems(sensed: Sensed, key: str | None) -> Iterator[Problem]:
    head = sensed.verified.head
    for name in sensed.altered:
        yield "check.altered", {"table": name}
    if sensed.sealed and head is None:
        yield "cli_audit.no_reading_seal", {}
    signed = sensed.verified.signed
    if key is not None and head is not None and signed is not None and signed != head.number:
        yield "cli_audit.readings_unsigned_since", {"signed": signed, "number": head.number}


def _readings_data(sensed: Sensed) -> dict[str, Any]:
    found = sensed.verified
    return {
        "sealed": sensed.sealed,
        "seals": found.seals,
        "rows": found.rows,
        "accepted": len(found.accepted),
        "taken_as_found_at": found.taken,
        "head": None if found.head is None else {
            "number": found.head.number, "at": found.head.at, "hash": found.head.hash,
        },
        "signed_number": found.signed,
    }  # fmt: skip


def _finding(one: Named) -> dict[str, Any]:
    found = one.finding
    return {
        "kind": found.kind,
        "table": found.table,
        "row": found.fid,
        "uid": found.uid,
        "asset": one.asset,
        "fields": list(one.fields),
        "sealed_number": found.sealed,
        "sealed_at": one.sealed_at,
        "found": found.found,
        "of": one.of,
    }


def show(screen: Screen, judged: Judged, zone: ZoneInfo) -> None:
    """Say what was found, row by row, then the sum."""
    for entry in judged.broken:
        screen.line("check.audit", entry=entry)
    told = judged.everything
    for one in told[:_SHOWN]:
        screen.text(_line(screen, one, zone))
    if len(told) > _SHOWN:
        screen.line("cli_audit.more", count=len(told) - _SHOWN)
    for key, facts in judged.problems():
        screen.line(key, **facts)
    if judged.damaged is None:
        screen.line("cli_audit.indexes_not_checked")
    _show_sum(screen, judged, zone)


def _line(screen: Screen, one: Named, zone: ZoneInfo) -> str:
    found = one.finding
    row = found.fid if found.uid is None else f"{found.fid} ({found.uid})"
    if found.table == "seal":
        return screen.t(f"cli_audit.found_{found.kind}", number=found.fid)
    if found.table == READINGS.seal:
        return screen.t(f"cli_audit.found_reading_{found.kind}", number=found.fid)
    asset = "" if one.asset is None else screen.t("cli_audit.of_asset", asset=one.asset)
    what = f"{found.kind}_{found.found}" if found.kind == "noticed" else found.kind
    line = screen.t(
        f"cli_audit.found_{what}", table=found.table, row=row, asset=asset, found=found.found or ""
    )
    if one.of is not None:
        line = screen.t("cli_audit.with_moment", what=line, of=local(one.of, zone))
    if one.fields:
        line += screen.t("cli_audit.fields", fields=", ".join(one.fields))
    if one.sealed_at:
        line += screen.t("cli_audit.sealed", at=local(one.sealed_at, zone), number=found.sealed)
    return line


def _show_signers(screen: Screen, judged: Judged) -> None:
    """Which seals are signed and by whom, and how many are not by the key asked for."""
    found = judged.verified
    for key, one in sorted(found.signers.items(), key=lambda item: item[1].first):
        screen.line("cli_audit.signed_by", key=key, **asdict(one))
    for number in found.adopted:
        screen.line("cli_audit.adopted_at", number=number)
    screen.line("cli_audit.not_signed", count=judged.unsigned, seals=found.seals)


def local(at: str, zone: ZoneInfo) -> str:
    """Stored time as people read it; as it stands where another program wrote no time."""
    try:
        return times.from_text(at).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError):
        return at


def _show_sensed(screen: Screen, sensed: Sensed, zone: ZoneInfo) -> None:
    """What was held of readings and alarms."""
    found = sensed.verified
    if not sensed.sealed:
        screen.line("cli_audit.readings_unsealed")
        return
    screen.line("cli_audit.readings_looked_at", rows=f"{found.rows:,}", seals=f"{found.seals:,}")
    if found.taken is not None:
        screen.line("cli_audit.readings_taken", at=local(found.taken, zone))


def _show_sum(screen: Screen, judged: Judged, zone: ZoneInfo) -> None:
    found = judged.verified
    screen.line("cli_audit.looked_at", rows=f"{found.rows:,}", seals=f"{found.seals:,}")
    if judged.sensed is not None:
        _show_sensed(screen, judged.sensed, zone)
    if found.taken is not None:
        screen.line("cli_audit.taken_as_found", at=local(found.taken, zone))
    if judged.key is not None:
        _show_signers(screen, judged)
    if found.external:
        screen.line("cli_audit.external", count=f"{found.external:,}")
    if found.waiting:
        screen.line("cli_db.seals_wait", count=f"{len(found.waiting):,}")
    if found.accepted:
        screen.line("cli_audit.accepted_before", count=f"{len(found.accepted):,}")
    for number in found.hashes.values():
        last = 0 if found.head is None else found.head.number
        screen.line("cli_audit.head_there", number=number, since=last - number)
    if judged.key is not None and found.head is not None and found.signed == found.head.number:
        screen.line("cli_audit.well_signed", number=found.signed)
    key = "cli_audit.broken" if judged.failed else "cli_audit.whole"
    screen.line(
        key, count=len(judged.broken) + len(judged.everything) + len(list(judged.problems()))
    )
    if found.head is not None:
        screen.line(
            "cli_audit.head",
            number=found.head.number, at=local(found.head.at, zone), hash=found.head.hash,
        )  # fmt: skip
