"""Writes and reads packages for the level above; nothing of a foreign one is believed unchecked."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.exchange.package_sensors import sensors_stated
from hydrant.exchange.package_shapes import (
    MANIFEST,
    MEMBERS,
    VERSION,
    Figures,
    Manifest,
    Member,
    PastFigures,
    columns_of,
    row_shape,
)
from hydrant.exchange.unpacked import BROKEN, MOST_BYTES, MOST_RATIO
from hydrant.model.geopoint import decode_point, encode_point
from hydrant.store.chain.hashes import canonical
from hydrant.store.migrations import LATEST
from hydrant.store.opened.kept_policy import policy_of
from hydrant.store.opened.raw_rows import Row
from hydrant.store.opened.registry import Registry
from hydrant.store.readings.sensor_evidence import TABLE as EVIDENCE
from hydrant.store.readings.sensor_evidence import Stood, evidence_of, heard_at
from hydrant.store.regions.regions import subtree
from hydrant.store.sides.package_rows import TABLES, elsewhere, log_state, named_with, rows_of

#: Every package has the same date inside, so that equal content gives equal bytes.
_DATE = (1980, 1, 1, 0, 0, 0)
#: First bytes of a ZIP file. Source: APPNOTE.TXT, section 4.3.
_ARCHIVE = b"PK"
#: How the record begins with which an archive ends, and how long it is without a comment.
_END, _END_BYTES = b"PK\x05\x06", 22
_STOOD = ("uid", "asset_uid", "valid_until", "quantity")
_LONGEST_LINE = 4_000_000
_LONGEST_MANIFEST = 1_000_000


def member_name(table: str) -> str:
    """Name of the file with a table's rows."""
    return f"{table}.jsonl"


def write_package(
    path: Path,
    registry: Registry,
    *,
    region: str | None,
    as_of: str,
    figures: Figures,
    past: Sequence[PastFigures] = (),
) -> Manifest:
    """Write a package; equal content gives equal bytes.

    Parameters
    ----------
    region
        Code of the region whose facts it holds, with all below it; None takes all there are.
    as_of
        The day of its figures and of what sensors said.
    past
        Figures of former days.

    Raises
    ------
    OSError
        It cannot be written.
    """
    codes = None if region is None else subtree(registry, region)
    tree = None if region is None or codes is None else named_with(registry, region, codes)
    members: dict[str, Member] = {}
    sequence, head = log_state(registry)
    outside = elsewhere(registry, codes)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in TABLES:
            lines = (_line(table, row) for row in rows_of(registry, table, codes, tree))
            members[member_name(table)] = _write_member(archive, member_name(table), lines)
        stood = rows_of(registry, "sensor", codes, tree)
        sensors = [Stood(*(row[name] for name in _STOOD)) for row in stood]
        end = times.to_text(times.end_of_day(times.parse_date(as_of), registry.zone))
        policy = policy_of(registry)
        lines = (_line(EVIDENCE, row) for row in evidence_of(registry, sensors, end, policy))
        heard_of = sensors_stated(
            registry, as_of, policy, {sensor.uid for sensor in sensors}, region
        )
        members[member_name(EVIDENCE)] = _write_member(archive, member_name(EVIDENCE), lines)
        told = {
            "format": "hydrant-package",
            "version": VERSION,
            "schema_version": LATEST,
            "registry": registry.settings["writer"],
            "region": region,
            "zone": registry.zone.key,
            "as_of": as_of,
            "sequence": sequence,
            "log_head": head,
            "beyond": sum(map(sum, outside.values())),
            "elsewhere": {
                code: {"assets": assets, "numbers": numbers}
                for code, (assets, numbers) in outside.items()
            },
            "heard": heard_at(registry),
            "sensors": heard_of.model_dump(),
            "figures": figures.model_dump(),
            "past": [one.model_dump() for one in past],
            "members": {name: member.model_dump() for name, member in members.items()},
        }
        manifest = Manifest.model_validate({**told, "digest": digest_of(told)})
        text = json.dumps(manifest.model_dump(), ensure_ascii=False, indent=2, sort_keys=True)
        archive.writestr(_entry(MANIFEST), text + "\n", zipfile.ZIP_DEFLATED)
    return manifest


def digest_of(manifest: Mapping[str, Any]) -> str:
    """SHA-256 that stands for a whole package."""
    plain = {name: value for name, value in manifest.items() if name != "digest"}
    return hashlib.sha256(canonical(plain).encode()).hexdigest()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # the same on every system
    entry.external_attr = 0o644 << 16
    return entry


def _write_member(archive: zipfile.ZipFile, name: str, lines: Iterable[bytes]) -> Member:
    digest, count = hashlib.sha256(), 0
    with archive.open(_entry(name), "w", force_zip64=True) as target:
        for line in lines:
            digest.update(line)
            target.write(line)
            count += 1
    return Member(rows=count, sha256=digest.hexdigest())


def _line(table: str, row: Row) -> bytes:
    plain = {name: _out(table, name, value) for name, value in row.items()}
    told = {name: value for name, value in plain.items() if value is not None}
    return (canonical(told) + "\n").encode()


def _out(table: str, name: str, value: Any) -> Any:
    if name == "geom":
        point = decode_point(value)
        return None if point is None else list(point)
    if isinstance(value, bytes):
        return value.hex()
    if value is not None and name in _truths(table):
        return bool(value)
    return value


@cache
def _truths(table: str) -> set[str]:
    fields = row_shape(table).model_fields
    return {name for name, info in fields.items() if "bool" in str(info.annotation)}


class PackageFile:
    """An open package whose manifest was checked; its rows are checked as they are read."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path, self._archive = path, archive
        self.manifest = self._checked_manifest()

    def count(self, table: str) -> int:
        """How many rows of a table its manifest states."""
        return self.manifest.members[member_name(table)].rows

    def check(self) -> None:
        """Read everything once; raises `InputRefused` for the first thing that is wrong."""
        for table in MEMBERS:
            for _ in self.rows(table):
                pass

    def rows(self, table: str) -> Iterator[Row]:
        """Rows of a table as stored values, each column present.

        Raises
        ------
        InputRefused
            A row is not of its shape, or the file is not what the manifest says.
        """
        shape, names, binary = row_shape(table), columns_of(table), _binary(table)
        truths = _truths(table)
        for number, line in enumerate(self._lines(table), 1):
            try:
                found = shape.model_validate_json(line).model_dump()
            except (ValidationError, ValueError, RecursionError) as error:
                raise self._wrong_row(table, number, error) from None
            yield {name: _in(name, found[name], binary, truths) for name in names}

    def _lines(self, table: str) -> Iterator[bytes]:
        """Lines of a member; its count and digest are held against the manifest at the end."""
        name = member_name(table)
        told, digest, count = self.manifest.members[name], hashlib.sha256(), 0
        try:
            with self._archive.open(name) as source:
                while line := source.readline(_LONGEST_LINE + 1):
                    if len(line) > _LONGEST_LINE:
                        raise InputRefused("exchange.package_damaged", file=self.path, member=name)
                    digest.update(line)
                    count += 1
                    yield line
        except BROKEN:
            raise InputRefused("exchange.package_unreadable", file=self.path) from None
        if (count, digest.hexdigest()) != (told.rows, told.sha256):
            raise InputRefused("exchange.package_damaged", file=self.path, member=name)

    def _wrong_row(self, table: str, number: int, error: Exception) -> InputRefused:
        # damage shows itself as a broken row first; which of both it is, the digest tells
        field, why = "", str(error).splitlines()[0]
        if isinstance(error, ValidationError):
            first = error.errors()[0]
            field, why = ".".join(map(str, first["loc"])), first["msg"]
        return InputRefused(
            *("exchange.package_row",),
            file=self.path, member=member_name(table), row=number, field=field or "–", why=why,
        )  # fmt: skip

    def _checked_manifest(self) -> Manifest:
        entries = self._archive.infolist()
        _refuse_more(self.path, self._archive)
        names = [entry.filename for entry in entries]
        wanted = {MANIFEST, *map(member_name, MEMBERS)}
        if MANIFEST not in names:
            raise InputRefused("exchange.no_package", file=self.path)
        odd = sorted((set(names) ^ wanted) or {n for n in names if names.count(n) > 1})
        if odd:
            raise InputRefused("exchange.package_members", file=self.path, member=odd[0][:80])
        _refuse_bomb(self.path, entries)
        try:
            text = self._archive.read(MANIFEST)
            found = Manifest.model_validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise InputRefused(
                "exchange.package_manifest", file=self.path, field=where or "–", why=first["msg"]
            ) from None
        except BROKEN:
            raise InputRefused("exchange.package_unreadable", file=self.path) from None
        if digest_of(found.model_dump(exclude_unset=True)) != found.digest or set(
            found.members
        ) != wanted - {MANIFEST}:
            raise InputRefused("exchange.package_damaged", file=self.path, member=MANIFEST)
        if found.schema_version > LATEST:
            raise InputRefused(
                "exchange.package_newer", file=self.path, version=found.schema_version,
                latest=LATEST,
            )  # fmt: skip
        return found


def _binary(table: str) -> set[str]:
    return {"boundary"} if table == "region" else set()


def _in(name: str, value: Any, binary: set[str], truths: set[str]) -> Any:
    if value is None:
        return None
    if name == "geom":
        return encode_point(*value)
    if name in binary:
        return bytes.fromhex(value)
    return int(value) if name in truths else value


def _refuse_more(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuse what stands before or behind the archive: no digest is of it."""
    with path.open("rb") as file:
        file.seek(-min(_END_BYTES, path.stat().st_size), os.SEEK_END)
        ends = file.read(len(_END)) == _END
    first = min((entry.header_offset for entry in archive.infolist()), default=0)
    if first or archive.comment or not ends:
        raise InputRefused("exchange.package_unreadable", file=path)


def _refuse_bomb(path: Path, entries: Sequence[zipfile.ZipInfo]) -> None:
    total = sum(entry.file_size for entry in entries)
    dense = any(
        entry.file_size > MOST_RATIO * max(entry.compress_size, 1) + _LONGEST_MANIFEST
        for entry in entries
    )
    manifest = next(entry for entry in entries if entry.filename == MANIFEST)
    if total > MOST_BYTES or dense or manifest.file_size > _LONGEST_MANIFEST:
        raise InputRefused("exchange.bomb", file=path, mb=total // 1_000_000, entries=len(entries))


@contextmanager
def open_package(path: Path) -> Iterator[PackageFile]:
    """Open a package of somebody; its manifest is checked, nothing is unpacked to disk.

    Raises
    ------
    InputRefused
        It is missing, no package, damaged, or made to fill the memory.
    """
    if not path.is_file():
        raise InputRefused("exchange.missing", file=path)
    is_archive = True
    try:
        with path.open("rb") as file:
            is_archive = file.read(2) == _ARCHIVE
        archive = zipfile.ZipFile(path)
    except BROKEN as error:
        key = "exchange.package_unreadable" if is_archive else "exchange.no_package"
        raise InputRefused(key, file=path) from error
    with archive:
        yield PackageFile(path, archive)


def package_path(path: Path) -> Path:
    """The file's path; raises `InputRefused` where its name does not end as packages do."""
    if not path.name.lower().endswith(".hydrant.zip"):
        raise InputRefused("exchange.out_form", file=path, known=".hydrant.zip")
    return path
