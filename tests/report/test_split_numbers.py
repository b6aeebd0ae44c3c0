"""A unit that is split: what must be built does not fall with it unseen."""

from __future__ import annotations

import datetime as dt
import os
import random
from pathlib import Path
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
#: Histories of each reorganisation.
HISTORIES = int(os.environ.get("HYDRANT_SPLIT_HISTORIES", "12"))
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
    assert tuple(fell) == ("O", "hydrant", 10, 7, "split")


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


def test_what_fell_with_a_split_is_told(program: Program, tmp_path: Path) -> None:
    with open_registry(program.db, write=True) as registry:
        found(registry)
        state(registry, ("O", "hydrant", 10, EARLY, None), ("A", "hydrant", 3, AFTER, None),
              ("B", "hydrant", 2, AFTER, None))  # fmt: skip
    told = program.data("integrity", "--as-of", "2024-12-31")["split_numbers"]
    assert told == [{"region": "O", "family": "hydrant", "stated": 10, "gained": 5}]
    for lang, words in (("zh", "少 5 处"), ("en", "5 fewer")):
        assert words in program("integrity", "--as-of", "2024-12-31", lang=lang).out
        page = tmp_path / f"{lang}.html"
        assert program("report", page, "--as-of", "2024-12-31", lang=lang).code == 0
        assert words in page.read_text("utf-8")
    assert "split_numbers" not in program.data("integrity", "--as-of", "2023-12-31")
    # those that took over lack it as well; it may be theirs
    for heir in ("A", "B"):
        assert program.data("integrity", heir, "--as-of", "2024-12-31")["split_numbers"] == told
        assert program.data("require", "list", heir)["split_numbers"] == told


def test_where_nothing_rose_it_is_not_said_to_have_risen(program: Program) -> None:
    with open_registry(program.db, write=True) as registry:
        found(registry)
        state(registry, ("O", "hydrant", 10, EARLY, None), ("A", "hydrant", 0, AFTER, None),
              ("B", "hydrant", 0, AFTER, None))  # fmt: skip
    for lang, said, fewer in (("en", "none of these rose", "10 fewer"),
                              ("zh", "均未增加", "少 10 处")):  # fmt: skip
        shown = program("integrity", "--as-of", "2024-12-31", lang=lang).out
        assert said in shown
        assert fewer in shown
        assert "0 only" not in shown


def test_nobody_has_taken_over_before_the_day(program: Program) -> None:
    """Of a number that ends or falls before the day of the split nothing of the kind is said."""
    with open_registry(program.db, write=True) as registry:
        found(registry)
        state(registry, ("A", "hydrant", 6, EARLY, None))
    for day, told in (("2023-12-31", 0), ("2024-01-01", 1)):
        ran = program("require", "set", "A", "hydrant", 5 - told, "--from", day, "--json")
        keys = [message["key"] for message in ran.json["messages"]]
        assert keys.count("cli_require.fell") == told, day


#: Every command that shows a required number or a completeness, and whose remark is a message.
SHOWING = (
    *(("integrity", "--as-of", "2024-12-31"), ("todo", "--as-of", "2024-12-31")),
    ("trend", "--from", "2024-11-30", "--to", "2024-12-31"),
    ("compare", "2023-12-31", "2024-12-31"),
    *(("money", "--as-of", "2024-12-31"), ("require", "list")),
    ("require", "set", "B", "hydrant", 2, "--from", "2024-03-01"),
    ("require", "set", "V", "hydrant", 1, "--from", "2024-03-01"),
    ("region", "succeed", "O", "A", "B", "--at", "2024-01-01"),
)  # fmt: skip


def fell_by_five(program: Program) -> None:
    with open_registry(program.db, write=True) as registry:
        found(registry)
        state(registry, ("O", "hydrant", 10, EARLY, None), ("A", "hydrant", 3, AFTER, None),
              ("B", "hydrant", 2, AFTER, None))  # fmt: skip


@pytest.mark.parametrize("words", SHOWING, ids=lambda words: " ".join(map(str, words[:3])))
def test_what_fell_is_told_wherever_a_number_is_shown(
    program: Program, words: tuple[Any, ...]
) -> None:
    fell_by_five(program)
    for lang, said in (("zh", "少 5 处"), ("en", "5 fewer")):
        answer = program(*words, lang=lang)
        assert (answer.out + answer.err).count(said) == 1
    data = program.data(*words)
    fell = [{"region": "O", "family": "hydrant", "stated": 10, "gained": 5}]
    if words[0] == "trend":
        assert [day["split_numbers"] for day in data["dates"]] == [fell] * 2
    elif words[0] == "compare":
        assert "split_numbers" not in data["before"]
        assert data["after"]["split_numbers"] == fell
    else:
        assert data["split_numbers"] == fell


def test_the_number_by_which_another_falls_says_so(program: Program, tmp_path: Path) -> None:
    """At once, also where the other successor's number is of a later day; and when it is undone."""
    with open_registry(program.db, write=True) as registry:
        found(registry)
        state(registry, ("O", "hydrant", 10, EARLY, None), ("B", "hydrant", 2, LATER, None))
    require = ("require", "set", "A")
    assert "split_numbers" not in program.data(*require, "tank", 1, "--from", "2024-03-01")
    # 11 in place of the 10: nothing falls
    assert "split_numbers" not in program.data(*require, "hydrant", 9, "--from", "2024-03-01")
    told = program.data(*require, "hydrant", 3, "--from", "2024-06-01")
    assert told["split_numbers"] == [
        {"region": "O", "family": "hydrant", "stated": 10, "gained": 5}
    ]
    gone = program.data("require", "withdraw", "A", "hydrant", "--from", "2024-06-01",
                        "--reason", "wrong plan")  # fmt: skip
    assert "split_numbers" not in gone
    file = tmp_path / "numbers.csv"
    file.write_text("region,kind,count,from\nA,hydrant,4,2024-07-01\n", "utf-8")
    told = program.data("require", "import", file)
    assert told["split_numbers"][0]["gained"] == 6
    program.data(*require, "hydrant", 1, "--from", "2024-08-01")
    gone = program.data("require", "withdraw", "A", "hydrant", "--from", "2024-08-01",
                        "--reason", "wrong plan")  # fmt: skip
    assert gone["split_numbers"][0]["gained"] == 6


Number = tuple[str, str, int, dt.date, str | None]
#: Units, what each is below; successions in order of their days: who ends, when, who takes over.
CHAIN = (
    ("C", None), ("O", "C"), ("X", "C"), ("Z", "C"), ("A", "C"), ("B", "C"), ("D", "C"), ("E", "C"),
    ("VA", "A"), ("VB", "A"), ("VC", "A"), ("VZ", "Z"), ("VE", "E"),
)  # fmt: skip
SUCCESSIONS = (
    (("X", 2, "O"), ("O", 4, "AB")),  # took over, then split
    (("O", 2, "AB"), ("A", 4, "DE")),  # split twice
    (("O", 2, "AB"), ("A", 4, "Z")),  # a successor goes into a third unit
    (("O", 2, "AB"), ("A", 4, "BD"), ("B", 6, "DE")),  # parts go from one successor to another
    (("O", 2, "AZ"), ("Z", 4, "AE"), ("A", 6, "D")),
    (("X", 1, "O"), ("O", 3, "AB"), ("Z", 4, "A"), ("A", 5, "DE"), ("E", 7, "D")),
    (("O", 2, "AB"), ("Z", 3, "AD")),  # one took over from two
    (("O", 3, "AB"), ("Z", 3, "BD"), ("D", 5, "AE")),
    (("VA", 2, ["VZ"]), ("A", 4, "DE"), ("VZ", 5, ["VE"])),
    (("VA", 1, ["VB", "VC"]), ("O", 2, "AB")),  # a village below a successor, before
    (("VA", 3, "B"), ("A", 3, "B")),  # a unit and one below it into the same
    (("VA", 2, "B"), ("A", 4, "B")),
    (("A", 2, "B"), ("VA", 4, "B")),
    (("VB", 2, ["VA"]), ("VA", 3, "D"), ("A", 3, "B"), ("B", 5, "D")),
    (("O", 1, "BD"), ("VA", 2, "B"), ("VB", 3, "B"), ("A", 3, "B")),
)  # fmt: skip


def month(number: int) -> dt.date:
    return dt.date(2024, number, 1)


def reorganised(registry: Registry, successions: Any) -> None:
    """The units of the chain, and what became of them."""
    ended = {code: month(number) for code, number, _ in successions}
    with transaction(registry, actor="t", origin="t") as writer:
        for code, parent in CHAIN:
            level = "county" if parent is None else "township" if parent == "C" else "village"
            until = start(ended[code]) if code in ended else None
            writer.add(Region(code=code, level=level, parent_code=parent, valid_until=until))
        for code, number, heirs in successions:
            for heir in heirs:
                writer.add(RegionSuccessor(code=code, successor_code=heir, at=start(month(number))))


def drawn(chance: random.Random, ended: dict[str, dt.date]) -> list[Number]:
    """Numbers stated at random, none for a unit that has ended."""
    numbers: list[Number] = [
        (
            chance.choice([code for code, _ in CHAIN for _ in range(2)] + ["O", "O", "A", "A"]),
            chance.choice(("hydrant", "hydrant", "hydrant.pillar", "hydrant.wall", "tank")),
            chance.randrange(8),
            dt.date(2023, 12, 1) if chance.random() < 0.4 else month(chance.randrange(1, 9)),
            chance.choice((None, None, "municipal", "rural")),
        )
        for _ in range(chance.randrange(3, 14))
    ]
    still = [n for n in numbers if n[0] not in ended or n[3] < ended[n[0]]]
    return sorted(still, key=lambda number: number[3])


def each_line_agrees(registry: Registry, number: int = 0) -> None:
    """Required numbers on the first of each month, computed twice."""
    facts, rules = recount.Facts.of(registry.connection, ZONE), load_policy("zhejiang").rules
    for day in [month(n) for n in range(1, 9)]:
        lines = recount.completeness(facts, day, rules).lines
        ours = required(registry, day).numbers.lines.values()
        assert sorted((n.region, n.kind, n.service or "", n.required) for n in ours) == (
            sorted((n.region, n.kind, n.service or "", n.required) for n in lines)
        ), (number, day)


@pytest.mark.parametrize("successions", SUCCESSIONS)
def test_the_recomputation_agrees_on_every_line(registry_path: Any, successions: Any) -> None:
    """The page alone gives the same lines, before and after, whatever was stated when."""
    chance = random.Random(7)
    ended = {code: month(number) for code, number, _ in successions}
    for number in range(HISTORIES):
        renew(registry_path)
        with open_registry(registry_path, write=True) as registry:
            reorganised(registry, successions)
            for one in drawn(chance, ended):
                try:
                    state(registry, one)
                except InputRefused:
                    continue  # it overlaps what is stated there
            each_line_agrees(registry, number)


@pytest.mark.parametrize(
    ("successions", "numbers", "expected"),
    [
        # what came together is one number, from which the gain is taken
        ([("X", 1, "O"), ("O", 3, "AB")],
         [("X", 3, 0, "municipal"), ("O", 2, 0, None), ("A", 3, 4, "rural")], 5),
        ([("X", 1, "O"), ("O", 3, "AB")],
         [("X", 3, 0, "municipal"), ("O", 2, 0, "rural"), ("A", 3, 4, "rural")], 6),
        # split twice: what the second successors state is taken off once
        ([("O", 2, "AB"), ("A", 4, "DE")], [("O", 10, 0, None), ("A", 6, 3, None)], 10),
        ([("O", 2, "AB"), ("A", 4, "DE")],
         [("O", 10, 0, None), ("A", 6, 3, None), ("D", 4, 5, None)], 10),
        ([("O", 2, "AB"), ("A", 4, "DE")], [("O", 10, 0, None), ("D", 4, 5, None)], 10),
        ([("O", 2, "AB"), ("A", 4, "DE")],
         [("O", 10, 0, None), ("D", 4, 5, None), ("E", 1, 5, None), ("B", 2, 5, None)], 7),
        # a successor that went into a third unit: only what that one gained since
        ([("O", 2, "AB"), ("A", 4, "Z")],
         [("O", 10, 0, None), ("Z", 3, 0, None), ("Z", 8, 3, None), ("B", 2, 3, None)], 18),
        ([("O", 2, "AB"), ("A", 4, "Z")],
         [("O", 10, 0, None), ("Z", 3, 0, None), ("Z", 9, 5, None), ("B", 2, 5, None)], 11),
        # what one unit gained is taken off once, though it took over from two
        ([("O", 2, "AB"), ("Z", 3, "AD")],
         [("O", 10, 0, None), ("Z", 10, 0, None), ("A", 12, 4, None)], 20),
        ([("O", 2, "AB"), ("Z", 3, "AD")],
         [("O", 4, 0, None), ("Z", 10, 0, None), ("A", 6, 4, None)], 14),
        # what a unit must have more before it goes into a successor is no gain of that one
        ([("O", 2, "AB"), ("Z", 5, "A")],
         [("O", 10, 0, None), ("Z", 3, 0, None), ("Z", 8, 3, None), ("B", 1, 3, None)], 18),
        # a village below a successor was split before: its gains are its own
        ([("VA", 1, ["VB", "VC"]), ("O", 2, "AB")],
         [("O", 10, 0, None), ("VA", 5, 0, None), ("VB", 3, 1, None), ("VC", 4, 3, None)], 15),
        # what one successor must have less and another more is no gain
        ([("O", 2, "AB")], [("O", 10, 0, None), ("A", 6, 0, None), ("B", 1, 0, None),
                            ("A", 4, 3, None), ("B", 3, 3, None)], 7),
    ],
)  # fmt: skip
def test_what_becomes_of_numbers_in_a_chain(
    registry: Registry, successions: Any, numbers: Any, expected: int
) -> None:
    reorganised(registry, successions)
    for code, count, number, service in numbers:
        day = dt.date(2023, 12, 1) if number == 0 else month(number)
        state(registry, (code, "hydrant", count, day, service))
    assert total(registry, month(8)) == expected
    each_line_agrees(registry)


TWICE: list[tuple[str, int, int, str | None]] = [
    ("A", 5, 0, None), ("VA", 3, 0, None), ("B", 4, 0, None)
]  # fmt: skip


@pytest.mark.parametrize(
    ("successions", "numbers", "expected"),
    [
        # a unit and one below it go into the same: what was part stays part, whoever went first
        ([("VA", 3, "B"), ("A", 3, "B")], TWICE, {2: 9, 3: 9, 8: 9}),
        ([("VA", 3, "B"), ("A", 5, "B")], TWICE, {2: 9, 3: 12, 5: 9}),
        ([("A", 3, "B"), ("VA", 5, "B")], TWICE, {2: 9, 3: 9, 5: 9}),
        # what the lower one has beyond the upper counts
        ([("VA", 3, "B"), ("A", 3, "B")], [*TWICE, ("VA", 8, 1, None)], {2: 12, 3: 12}),
        ([("A", 3, "B"), ("VA", 5, "B")], [*TWICE, ("VA", 10, 1, None)], {2: 14, 3: 10, 5: 10}),
        # and what was no part of it: of another service, or stated when the lower one had gone
        ([("VA", 3, "B"), ("A", 3, "B")],
         [("A", 5, 0, "rural"), ("VA", 3, 0, None), ("B", 4, 0, None)], {2: 12, 3: 12}),
        ([("VA", 3, "B"), ("A", 5, "B")], [*TWICE, ("A", 2, 4, None)], {2: 9, 3: 12, 4: 9, 5: 9}),
        # two below one, and what had come to the lower one
        ([("VA", 3, "B"), ("VB", 3, "B"), ("A", 3, "B")], [*TWICE, ("VB", 4, 1, None)],
         {2: 11, 3: 11}),
        ([("VC", 2, ["VA"]), ("VA", 3, "B"), ("A", 3, "B")], [*TWICE, ("VC", 1, 0, None)],
         {1: 9, 2: 9, 3: 9}),
        # by way of a third, and beside a split: nothing of it is a gain
        ([("VA", 3, "D"), ("A", 3, "B"), ("B", 5, "D")], TWICE, {2: 9, 3: 12, 5: 9}),
        ([("O", 2, "BD"), ("VA", 3, "B"), ("A", 3, "B")], [*TWICE, ("O", 7, 0, None)],
         {1: 16, 2: 16, 3: 16}),
        # nor is what one must have more afterwards less of a gain for it
        ([("O", 2, "BD"), ("VA", 3, "B"), ("A", 3, "B")],
         [*TWICE, ("O", 7, 0, None), ("B", 12, 4, None)], {3: 16, 4: 16}),
        ([("VC", 2, ["VA"]), ("O", 2, "BD"), ("VA", 3, "B"), ("A", 3, "B")],
         [*TWICE, ("VC", 1, 0, None), ("O", 7, 0, None), ("B", 11, 4, None)],
         {3: 16, 4: 16}),
    ],
)  # fmt: skip
def test_what_was_part_of_a_number_stays_part_where_both_come(
    registry: Registry, successions: Any, numbers: Any, expected: dict[int, int]
) -> None:
    reorganised(registry, successions)
    for code, count, number, service in numbers:
        day = dt.date(2023, 12, 1) if number == 0 else month(number)
        state(registry, (code, "hydrant", count, day, service))
    assert {number: total(registry, month(number)) for number in expected} == expected
    each_line_agrees(registry)


def test_a_number_withdrawn_after_the_split_is_no_gain(registry: Registry) -> None:
    found(registry)
    state(registry, ("O", "hydrant", 10, EARLY, None), ("A", "hydrant", 9, AFTER, None))
    assert total(registry, END) == 10
    with transaction(registry, actor="t", origin="t") as writer:
        row = registry.session.exec(select(Requirement).where(Requirement.region_code == "A")).one()
        writer.update(row, withdrawn_at=writer.moment)
    assert total(registry, END) == 10
