"""Known holes in what the constraints name, found without a network.

``python -m release.advisories DATABASE``: a folder, or the archive ``all.zip`` of the ecosystem
PyPI as osv.dev offers it, with one advisory in OSV's JSON form a file. Fetch it where there is a
network, carry it over, put it beside the constraints. Ends with 1 when a package has a hole, and
when that cannot be told: an advisory that cannot be read or judged, an empty or an old database.
"""

from __future__ import annotations

import argparse
import json
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from release.constraints import FOLDER, read

#: A database whose newest advisory is older than this says nothing of today.
OLD = timedelta(days=30)
_ECOSYSTEM = "PyPI"
_ZERO = "0"


@dataclass(frozen=True, slots=True)
class Finding:
    """One advisory that speaks of a version that is named; `known` False: it cannot be judged."""

    package: str
    version: str
    advisory: str
    summary: str
    fixed: tuple[str, ...]
    known: bool = True

    def __str__(self) -> str:
        what = self.summary if self.known else f"cannot be judged: {self.summary}"
        mended = f"; mended in {', '.join(self.fixed)}" if self.fixed else ""
        return f"{self.package} {self.version}: {self.advisory}: {what}{mended}"


def entries(database: Path) -> Iterator[tuple[str, bytes]]:
    """Name and content of every file of a database that may be an advisory.

    Raises
    ------
    ValueError
        There is no such folder or archive.
    """
    if database.is_dir():
        yield from ((path.name, path.read_bytes()) for path in sorted(database.rglob("*.json")))
        return
    try:
        with zipfile.ZipFile(database) as archive:
            for name in sorted(archive.namelist()):
                if name.endswith(".json"):
                    yield name, archive.read(name)
    except (OSError, zipfile.BadZipFile) as error:
        raise ValueError(f"{database}: {error}") from None


def advisory_of(content: bytes) -> dict[str, Any]:
    """One advisory.

    Raises
    ------
    ValueError
        It is none in OSV's form.
    """
    try:
        found = json.loads(content)
    except ValueError as error:
        raise ValueError(f"is no JSON: {error}") from None
    if not isinstance(found, dict) or "id" not in found:
        raise ValueError("is no advisory in OSV's form")
    return found


def findings(
    advisory: Mapping[str, Any], versions: Mapping[str, frozenset[str]]
) -> Iterator[Finding]:
    """What an advisory says of the versions of each package (by normalised name)."""
    if advisory.get("withdrawn"):
        return
    summary = str(advisory.get("summary") or advisory.get("details", "")).split("\n")[0][:200]
    for affected in advisory.get("affected", ()):
        package = affected.get("package", {})
        if str(package.get("ecosystem", "")).split(":")[0] != _ECOSYSTEM:
            continue
        name = canonicalize_name(str(package.get("name", "")))
        for version in sorted(versions.get(name, ())):
            told = (name, version, str(advisory["id"]))
            try:
                if concerns(affected, version):
                    yield Finding(*told, summary, tuple(_events(affected, "fixed")))
            except InvalidVersion as error:
                yield Finding(*told, str(error), (), known=False)


def concerns(affected: Mapping[str, Any], version: str) -> bool:
    """Whether a version is named, or lies in a range; ranges by commit are told by versions.

    An entry with neither versions nor ranges by version speaks of every version.

    Raises
    ------
    InvalidVersion
        A bound is no version of Python's.
    """
    here = Version(version)
    named = affected.get("versions", ())
    ranges = [one for one in affected.get("ranges", ()) if one.get("type") != "GIT"]
    if not named and not ranges:
        return True
    if version in named or any(here == parsed for parsed in _parsed(named)):
        return True
    return any(_within(one.get("events", ()), here) for one in ranges)


def _parsed(named: list[str]) -> Iterator[Version]:
    """Those that are versions; a name of another form is not ours, which always is one."""
    for name in named:
        try:
            yield Version(name)
        except InvalidVersion:
            continue


def _within(events: list[Mapping[str, str]], here: Version) -> bool:
    """Whether the last event up to `here` opens a range; ``last_affected`` closes after itself."""
    inside = False
    for kind, bound in sorted(_turns(events), key=lambda turn: turn[1]):
        if kind == "introduced" and here >= bound:
            inside = True
        elif (kind == "fixed" and here >= bound) or (kind == "last_affected" and here > bound):
            inside = False
    return inside


def _turns(events: list[Mapping[str, str]]) -> Iterator[tuple[str, Version]]:
    for event in events:
        for kind, bound in event.items():
            if kind in {"introduced", "fixed", "last_affected"}:
                yield kind, Version("0.dev0" if bound == _ZERO else bound)


def _events(affected: Mapping[str, Any], kind: str) -> list[str]:
    found = (event.get(kind) for one in affected.get("ranges", ()) if one.get("type") != "GIT"
             for event in one.get("events", ()))  # fmt: skip
    return sorted({version for version in found if version})


def pinned(folder: Path = FOLDER) -> dict[str, frozenset[str]]:
    """Every version that the constraints name, by package."""
    found: dict[str, set[str]] = {}
    for pins in read(folder).values():
        for pin in pins:
            found.setdefault(pin.name, set()).add(pin.version)
    return {name: frozenset(versions) for name, versions in found.items()}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a database says of all that is named."""

    read: int
    newest: datetime | None
    findings: tuple[Finding, ...]
    unread: tuple[str, ...]

    def doubts(self, now: datetime) -> Iterator[str]:
        """Why a clean outcome would prove nothing."""
        yield from (f"not read: {why}" for why in self.unread)
        if not self.read:
            yield "the database holds no advisory"
        elif self.newest is None:
            yield "no advisory says when it was written; how old the database is, is not known"
        elif now - self.newest > OLD:
            yield f"the newest advisory is of {self.newest:%Y-%m-%d}; fetch a newer database"


def audit(database: Path, versions: Mapping[str, frozenset[str]]) -> Outcome:
    """Hold every advisory of a database against the versions of each package."""
    count, newest = 0, None
    found: list[Finding] = []
    unread: list[str] = []
    for name, content in entries(database):
        try:
            advisory = advisory_of(content)
            found += findings(advisory, versions)
            moment = _modified(advisory)
        except (ValueError, AttributeError, TypeError, KeyError) as error:
            unread.append(f"{name}: {error}")
            continue
        count += 1
        newest = max(filter(None, (newest, moment)), default=None)
    return Outcome(count, newest, tuple(found), tuple(unread))


def _modified(advisory: Mapping[str, Any]) -> datetime | None:
    stated = advisory.get("modified")
    return datetime.fromisoformat(str(stated)).astimezone(UTC) if stated else None


def main() -> None:
    """Say what a database knows of what the constraints name."""
    parser = argparse.ArgumentParser(prog="nox -s audit_offline --", description=__doc__)
    parser.add_argument("database", type=Path, help="folder or all.zip of advisories in OSV's form")
    database = parser.parse_args().database
    versions = pinned()
    try:
        outcome = audit(database, versions)
    except ValueError as error:
        sys.exit(str(error))
    doubts = list(outcome.doubts(datetime.now(UTC)))
    print("\n".join([*map(str, outcome.findings), *doubts]))
    print(f"{outcome.read} advisories, {len(versions)} packages, {len(outcome.findings)} findings")
    sys.exit(bool(outcome.findings or doubts))


if __name__ == "__main__":
    main()
