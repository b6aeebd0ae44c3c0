"""Tries an old backup: its sum, its files, its content, its seals."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from hydrant.errors import HydrantError, Phrase, StoreError
from hydrant.store.care.check import Fault, check, damaged
from hydrant.store.file.file_backend import FileBackend
from hydrant.store.ground import sums
from hydrant.store.ground.connection import connect, damage, open_for_reading, sqlite_errors
from hydrant.store.ground.location import beside
from hydrant.store.ground.proof import content_of
from hydrant.store.migrations import LATEST
from hydrant.store.opened.registry import Registry
from hydrant.store.proofs.check_seals import check_seals
from hydrant.store.proofs.verifying import Advance


@dataclass(frozen=True, slots=True)
class Verified:
    """What trying a backup gave.

    Attributes
    ----------
    summed
        Whether a sum was kept of it, and agrees.
    until
        Time (stored text) of its last change; None for a registry without any.
    version
        Schema it was made with.
    faults
        What is wrong with it; it can be restored when there is none.
    unsealed
        Rows that do not agree with their seals: they were so when it was made, or are since.
    sealed
        How many rows were held against their seals; None where that was not done.
    """

    path: Path
    summed: bool
    assets: int
    rows: int
    until: str | None
    version: int
    readings: int | None
    faults: list[Fault] = field(default_factory=list)
    unsealed: list[Fault] = field(default_factory=list)
    sealed: int | None = None


def verify_backup(path: Path, *, seals: bool = True, advance: Advance = lambda _: None) -> Verified:
    """Look a backup over; it is not changed, and must not be in use.

    Parameters
    ----------
    seals
        Hold its rows against their seals, too; one of an older schema is not.
    advance
        Called with the number of rows held against their seals in each step.

    Raises
    ------
    StoreError
        It is not there, or cannot be read as a registry at all.
    """
    if not path.is_file():
        raise StoreError("store.no_backup", file=path)
    faults = [fault for file in (path, beside(path)) if (fault := _sum_fault(file)) is not None]
    with sqlite_errors(path), closing(connect(path, write=False, older=True)) as connection:
        (version,) = connection.execute("SELECT max(version) FROM migration").fetchone()
        registry = Registry(path, FileBackend(path, connection))
        faults += check(registry) if version == LATEST else _file_faults(connection)
        (until,) = connection.execute("SELECT max(at) FROM change").fetchone()
        (assets,) = connection.execute("SELECT count(*) FROM asset").fetchone()
        rows = content_of(connection).total
        held = None
        if seals and version == LATEST and not damaged(faults):
            held = check_seals(registry, advance=advance)
    readings, told = _readings(beside(path))
    summed = sums.kept(path) is not None
    found = Verified(path, summed, assets, rows, until, version, readings, faults + told)
    if held is None:
        return found
    return replace(found, sealed=held.rows, unsealed=[Fault(*fault) for fault in held.faults])


def _sum_fault(file: Path) -> Fault | None:
    kept = sums.kept(file)
    if kept is None or (file.is_file() and sums.sha256(file) == kept):
        return None
    return Fault("check.sum", {"file": str(file)})


def _file_faults(connection: sqlite3.Connection) -> list[Fault]:
    return [Fault("check.file", {"what": line}) for line in damage(connection)]


def _readings(path: Path) -> tuple[int | None, list[Fault]]:
    """How many readings stand beside it, and what is wrong with their file."""
    if not path.is_file():
        return None, []
    try:
        with sqlite_errors(path), closing(open_for_reading(path)) as opened:
            faults = _file_faults(opened)
            (count,) = opened.execute("SELECT count(*) FROM reading").fetchone()
    except HydrantError as error:
        return None, [Fault("check.readings", {"why": Phrase(error.key, error.facts)})]
    return count, faults
