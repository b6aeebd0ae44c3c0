"""A unit that is split: what must be built does not fall with it unseen."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest
from sqlmodel import select

from hydrant.errors import InputRefused
from hydrant.integrity.policy_reader import load_policy
from hydrant.model.inputs import RequirementInput
from hydrant.model.tables import Region, RegionSuccessor, Requirement
from hydrant.report.integrity import assess
from hydrant.store.evidence.evidence import Cut
from hydrant.store.opened.registry import Registry, open_registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.regions.requirements import set_requirement
from hydrant.vocabulary import PublicService
from tests.conftest import Program, renew
from tests.report import recount
from tests.report.histories import ZONE

SPLIT = dt.date(2024, 1, 1)
#: Code, level, parent; O is split among A and B, in A lies the village V.
COUNTY = (
    ("C", "county", None), ("O", "township", "C"), ("A", "township", "C"), ("B", "township", "C"),
    ("V", "village", "A"),
)  # fmt: skip


def start(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), ZONE).astimezone(dt.UTC)


def found(registry: Registry) -> None:
    with transaction(registry, actor="t", origin="t") as writer:
        for code, level, parent in COUNTY:
            until = start(SPLIT) if code == "O" else None
            writer.add(Region(code=code, level=level, parent_code=parent, valid_until=until))
        for heir in ("A", "B"):
            writer.add(RegionSuccessor(code="O", successor_code=heir, at=start(SPLIT)))


def state(registry: Registry, *numbers: tuple[str, str, int, dt.date, str | None]) -> None:
    for region, kind, count, since, service in numbers:
        entered = RequirementInput(
            region_code=region,
            kind=kind,
            count=count,
            service=None if service is None else PublicService(service),
        )
        with transaction(registry, actor="t", origin="t") as writer:
            set_requirement(writer, entered, since=start(since))


def required(registry: Registry, day: dt.date) -> Any:
    return assess(registry, Cut(day, ZONE), load_policy("zhejiang"), by="township")


EARLY, AFTER, LATER = dt.date(2023, 1, 1), dt.date(2024, 3, 1), dt.date(2024, 5, 1)
NIGHT_BEFORE, END = dt.date(2023, 12, 31), dt.date(2024, 12, 31)


def total(registry: Registry, day: dt.date) -> int:
    completeness = required(registry, day).total.completeness
    return int(completeness.required)


def test_a_successor_that_states_its_whole_takes_off_what_it_gained(registry: Registry) -> None:
    found(registry)
    state(registry, ("O", "hydrant", 10, EARLY, None), ("A", "hydrant", 6, EARLY, None))
    assert total(registry, NIGHT_BEFORE) == 16
    state(registry, ("A", "hydrant", 9, AFTER, None))
    assert [total(registry, day) for day in (SPLIT, AFTER)] == [16, 16]
    assert required(registry, AFTER).fallen == ()
    state(registry, ("B", "hydrant", 4, LATER, None))
    assert total(registry, LATER) == 13
    (fell,) = required(registry, LATER).fallen
    assert tuple(fell) == ("O", "hydrant", 10, 7)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([("A", None, 6)], [("A", None, 4)], 14),  # less is less of its own, not of O
        ([("A", None, 6)], [("A", None, 6)], 16),  # the same as before says nothing new
        ([("V", None, 3)], [("A", None, 5)], 13),  # 3 of A's 5 were the village's before
        ([("A", None, 6)], [("V", None, 3)], 16),  # part of what A must have anyhow
        ([("A", "municipal", 4)], [("A", "municipal", 6)], 14),
        ([], [("A", "municipal", 6), ("A", "rural", 3)], 10),
        ([], [("A", None, 12)], 12),
    ],
)  # fmt: skip
def test_the_total_never_falls_by_a_number_stated_anew(
    registry: Registry,
    before: list[tuple[str, str | None, int]],
    after: list[tuple[str, str | None, int]],
    expected: int,
) -> None:
    found(registry)
    state(registry, ("O", "hydrant", 10, EARLY, None))
    for day, numbers in ((EARLY, before), (AFTER, after)):
        state(registry, *((code, "hydrant", n, day, service) for code, service, n in numbers))
    assert total(registry, END) == expected


def test_what_fell_with_a_split_is_told(program: Program) -> None:
    with open_registry(program.db, write=True) as registry:
        found(registry)
        state(registry, ("O", "hydrant", 10, EARLY, None), ("A", "hydrant", 3, AFTER, None),
              ("B", "hydrant", 2, AFTER, None))  # fmt: skip
    told = program.data("integrity", "--as-of", "2024-12-31")["split_numbers"]
    assert told == [{"region": "O", "family": "hydrant", "stated": 10, "gained": 5}]
    for lang, words in (("zh", "少 5 处"), ("en", "5 fewer")):
        assert words in program("integrity", "--as-of", "2024-12-31", lang=lang).out
    assert "split_numbers" not in program.data("integrity", "--as-of", "2023-12-31")
    assert "split_numbers" not in program.data("integrity", "B", "--as-of", "2024-12-31")


def drawn(chance: random.Random) -> list[tuple[str, str, int, dt.date, str | None]]:
    days = (EARLY, dt.date(2023, 6, 1), NIGHT_BEFORE, SPLIT, AFTER, LATER)
    numbers = [
        (
            chance.choice(("O", "O", "A", "A", "B", "V", "C")),
            chance.choice(("hydrant", "hydrant", "hydrant.pillar", "hydrant.wall", "tank")),
            chance.randrange(8),
            chance.choice(days),
            chance.choice((None, None, "municipal", "rural")),
        )
        for _ in range(chance.randrange(2, 9))
    ]
    return sorted((n for n in numbers if n[0] != "O" or n[3] < SPLIT), key=lambda number: number[3])


def test_the_recomputation_agrees_on_every_line(registry_path: Any) -> None:
    """The page alone gives the same lines, before and after, whatever was stated when."""
    policy = load_policy("zhejiang")
    chance = random.Random(7)
    for number in range(60):
        renew(registry_path)
        with open_registry(registry_path, write=True) as registry:
            found(registry)
            for one in drawn(chance):
                try:
                    state(registry, one)
                except InputRefused:
                    continue  # it overlaps what is stated there
            facts = recount.Facts.of(registry.connection, ZONE)
            for day in (NIGHT_BEFORE, SPLIT, AFTER, END):
                lines = recount.completeness(facts, day, policy.rules).lines
                ours = required(registry, day).numbers.lines.values()
                assert sorted((n.region, n.kind, n.service or "", n.required) for n in ours) == (
                    sorted((n.region, n.kind, n.service or "", n.required) for n in lines)
                ), (number, day)


def test_a_number_withdrawn_after_the_split_is_no_gain(registry: Registry) -> None:
    found(registry)
    state(registry, ("O", "hydrant", 10, EARLY, None), ("A", "hydrant", 9, AFTER, None))
    assert total(registry, END) == 10
    with transaction(registry, actor="t", origin="t") as writer:
        row = registry.session.exec(select(Requirement).where(Requirement.region_code == "A")).one()
        writer.update(row, withdrawn_at=writer.moment)
    assert total(registry, END) == 10
