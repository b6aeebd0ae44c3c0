"""Looks a registry over: the file, the GeoPackage, the index, the references, the words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hydrant.errors import Phrase
from hydrant.store.care.mending import disorders
from hydrant.store.file import check_shapes
from hydrant.store.file.check_file import DAMAGE
from hydrant.store.ground.backend import Connection
from hydrant.store.opened.registry import Registry
from hydrant.store.proofs.audit import verify
from hydrant.store.regions.claims import sender_name, two_senders
from hydrant.store.regions.overlapping import overlapping
from hydrant.vocabulary import KINDS, LifecycleEvent, Outcome, Service, Severity

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing found wrong: a message key and its facts."""

    key: str
    facts: Mapping[str, object]


def damaged(faults: Iterable[Fault]) -> bool:
    """Whether the file itself is hit, so that looking further is idle."""
    return any(fault.key in DAMAGE for fault in faults)


def check(registry: Registry) -> list[Fault]:
    """Everything found wrong with a registry; an empty list is a clean bill."""
    connection = registry.connection
    faults = [Fault(*found) for found in registry.backend.faults()]
    if damaged(faults):
        return faults  # what follows would only repeat the damage in other words
    return [
        *faults,
        *_word_faults(connection),
        *(Fault(*found) for found in check_shapes.computed_findings(connection)),
        *_version_faults(registry),
        *_number_faults(registry),
        *_sender_faults(registry),
        *(Fault(*found) for found in registry.backend.reading_faults()),
        *(Fault("check.audit", {"entry": broken}) for broken in verify(registry)[:_SHOWN]),
    ]


def _version_faults(registry: Registry) -> list[Fault]:
    return [
        Fault(
            "check.versions",
            {"asset": one.code or one.uid, "what": Phrase(f"store.rows_{one.what}")},
        )
        for one in disorders(registry)
    ]


def _number_faults(registry: Registry) -> list[Fault]:
    return [
        Fault(
            "check.required_twice",
            {"region": one.region_code, "one": one.name, "other": other.name},
        )
        for one, other in overlapping(registry)
    ]


def _sender_faults(registry: Registry) -> list[Fault]:
    return [
        Fault(
            "check.two_senders",
            {"region": code, "owner": sender_name(speaks), "other": sender_name(other)},
        )
        for code, speaks, other in two_senders(registry)
    ]


_WORDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("asset", "kind", KINDS),
    ("asset", "service", tuple(Service)),
    ("inspection", "outcome", tuple(Outcome)),
    ("defect", "severity", tuple(Severity)),
    ("lifecycle", "event", tuple(LifecycleEvent)),
)


def _word_faults(connection: Connection) -> list[Fault]:
    faults: list[Fault] = []
    for table, column, words in _WORDS:
        marks = ", ".join("?" * len(words))
        rows = connection.execute(
            f"SELECT {column}, count(*) FROM {table} WHERE {column} NOT IN ({marks}) "
            f"GROUP BY {column}",
            words,
        )
        faults.extend(
            Fault("check.word", {"table": table, "column": column, "value": value, "count": count})
            for value, count in rows
        )
    return faults
