"""The evidence of sensors that a package brings: checked with its facts, kept beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.exchange.package_file import PackageFile
from hydrant.store.facts.merging import present_key
from hydrant.store.opened.registry import Registry
from hydrant.store.readings.kept_evidence import keep_evidence
from hydrant.store.readings.sensor_evidence import TABLE as EVIDENCE


def check_evidence(package: PackageFile) -> None:
    """Refuse evidence that could not be kept, before the facts are stored.

    Raises
    ------
    InputRefused
        It is damaged, its day is none, its time zone unknown, or rows of one sensor lie apart.
    """
    _complete_until(package)
    before, told = None, set()
    for row in package.rows(EVIDENCE):
        sensor = row["sensor_uid"]
        if sensor != before and sensor in told:
            raise InputRefused("exchange.package_damaged", file=package.path, member=EVIDENCE)
        before = sensor
        told.add(sensor)


def keep_evidence_of(registry: Registry, package: PackageFile, refused: set[str]) -> None:
    """Keep the evidence of sensors whose assets were taken; again is nothing new.

    Parameters
    ----------
    refused
        Uids of assets that were not taken.
    """
    keep_evidence(registry, _present(registry, package, refused), until=_complete_until(package))


def _complete_until(package: PackageFile) -> str | None:
    """Before which moment it tells all evidence of its sensors; of the first version none did."""
    told = package.manifest
    end = times.end_of_day(times.parse_date(told.as_of), times.zone(told.zone))
    return None if told.version == 1 else times.to_text(end)


def _present(
    registry: Registry, package: PackageFile, refused: set[str]
) -> Iterator[dict[str, Any]]:
    """Evidence of sensors whose assets were taken, under the keys they have here."""
    here: dict[str, str] = {}
    for row in package.rows(EVIDENCE):
        asset = row["asset_uid"]
        if asset in refused:
            continue
        if asset not in here:
            here[asset] = present_key(registry, asset)
        yield row | {"asset_uid": here[asset]}
