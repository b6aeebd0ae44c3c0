"""A defect found again before it was repaired: each finding is kept and counts from its day."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from hydrant import times
from hydrant.store.opened.transactions import transaction
from tests.conftest import Program

TODAY = dt.datetime.now(times.zone()).date()


def day(ago: int) -> str:
    return (TODAY - dt.timedelta(days=ago)).isoformat()


@pytest.fixture
def hydrant(program: Program) -> Program:
    program.data("asset", "add", "H1", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.1,
                 "--crs", "cgcs2000", "--built", "2020-01-01")  # fmt: skip
    program.data("survey", "record", "H1", "--outcome", "works", "--at", day(90))
    return program


def found(program: Program, *more: object) -> dict[str, Any]:
    return program.data("defect", "open", "H1", "leak", "--by", "crew", *more)


def counted(program: Program, ago: int = 0) -> str:
    return str(program.data("explain", "H1", "--as-of", day(ago))["condition"])


def listed(program: Program, *more: object) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = program.data("defect", "list", *more)["defects"]
    return rows


def test_a_graver_finding_counts_from_its_day(hydrant: Program) -> None:
    found(hydrant, "--at", day(40))
    told = found(hydrant, "--severity", "blocking", "--at", day(5))
    assert (told["new"], told["found_again"], len(told["findings"])) == (True, True, 2)
    assert [counted(hydrant, ago) for ago in (20, 0)] == ["intact", "defective"]
    assert [(row["severity"], row["finding"], row["findings"]) for row in listed(hydrant)] == [
        ("anomaly", 1, 2), ("blocking", 2, 2),
    ]  # fmt: skip


def test_an_earlier_finding_counts_from_its_day_too(hydrant: Program) -> None:
    found(hydrant, "--severity", "blocking", "--at", day(5))
    found(hydrant, "--severity", "blocking", "--at", day(40))
    assert [counted(hydrant, ago) for ago in (50, 20, 0)] == ["intact", "defective", "defective"]


@pytest.mark.parametrize(
    "more", [("--due", day(-9)), ("--note", "worse"), ("--severity", "remark"), ("--by", "Li")]
)
def test_a_finding_that_says_more_is_kept(hydrant: Program, more: tuple[str, ...]) -> None:
    found(hydrant, "--at", day(5))
    assert hydrant.data("defect", "open", "H1", "leak", "--by", "crew", "--at", day(5), *more)[
        "new"
    ]
    assert len(listed(hydrant)) == 2


def test_the_same_finding_twice_is_one(hydrant: Program) -> None:
    first = found(hydrant, "--at", f"{day(5)}T08:00")
    again = found(hydrant, "--at", f"{day(5)}T09:30")
    assert (again["new"], again["found_again"], again["uid"]) == (False, False, first["uid"])
    assert found(hydrant)["new"]
    assert not found(hydrant)["new"]


def test_a_repair_clears_all_that_was_found_before_it(hydrant: Program) -> None:
    for ago, severity in ((40, "anomaly"), (20, "blocking"), (3, "blocking")):
        found(hydrant, "--at", day(ago), "--severity", severity)
    told = hydrant.data("defect", "clear", "H1", "leak", "--at", day(10), "--cost", 500)
    assert (len(told["cleared"]), len(told["still_open"])) == (2, 1)
    assert [counted(hydrant, ago) for ago in (15, 8, 0)] == ["defective", "intact", "defective"]
    everything = listed(hydrant, "--all")
    assert [row["cost"] for row in everything] == [None, 500, None]  # one repair is paid once
    assert [row["cleared"] for row in everything] == [day(10), day(10), None]
    assert hydrant("defect", "clear", "H1", "leak", "--at", day(10)).code == 3


def test_a_visit_finds_it_again(hydrant: Program) -> None:
    found(hydrant, "--at", day(40))
    hydrant.data("survey", "record", "H1", "--outcome", "works", "--defect", "leak",
                 "--at", day(5))  # fmt: skip
    assert [row["found"] for row in listed(hydrant)] == [day(40), day(5)]


def test_a_persons_finding_stands_beside_a_proposed_one(hydrant: Program) -> None:
    """What nobody confirmed does not swallow what somebody found."""
    from hydrant.model.inputs import DefectInput, validated  # noqa: PLC0415  as a poll does
    from hydrant.store.facts import defects  # noqa: PLC0415
    from hydrant.store.facts.assets import find_asset  # noqa: PLC0415
    from hydrant.store.opened.registry import open_registry  # noqa: PLC0415

    with open_registry(hydrant.db, write=True) as registry:
        asset = find_asset(registry, "H1")
        with transaction(registry, actor="poll", origin="test") as writer:
            entered = validated(DefectInput, code="leak", severity="blocking", found_by="poll")
            defects.propose_defect(writer, asset.uid, entered, source="alarm", key="1")
    assert found(hydrant, "--severity", "blocking")["new"]
    assert counted(hydrant) == "defective"


def test_an_open_finding_is_corrected(hydrant: Program) -> None:
    found(hydrant, "--severity", "blocking", "--at", day(40))
    told = hydrant.data(
        *("defect", "edit", "H1", "leak", "--severity", "remark", "--found", day(30)),
        *("--due", day(-5), "--note", "drips", "--cost", 20, "--by", "Li"),
    )
    assert told["changed"] == ["cost", "due", "found_at", "note", "severity"]
    assert told["now"]["condition"] == "intact"
    (line,) = [
        line
        for line in hydrant.data("asset", "history", "H1")["history"]
        if line["fact"] == "corrected"
    ]
    assert (line["by"], line["values"]["severity"]) == ("Li", "blocking")
    for lang in ("zh", "en"):
        assert day(30) in hydrant("asset", "history", "H1", lang=lang).out
    same = hydrant.data("defect", "edit", "H1", "leak", "--severity", "remark")
    assert same["action"] == "unchanged"
    hydrant.data("audit", "verify")


def test_which_finding_is_meant_is_not_guessed(hydrant: Program) -> None:
    first = found(hydrant, "--at", day(40))["uid"]
    second = found(hydrant, "--at", day(5))["uid"]
    for words in (
        ("edit", "H1", "leak", "--note", "x"),
        ("withdraw", "H1", "leak", "--reason", "x"),
    ):
        ran = hydrant("defect", *words)
        assert ran.code == 3
        assert first in ran.err
        assert second in ran.err
    hydrant.data("defect", "edit", "H1", second, "--severity", "blocking")
    told = hydrant.data("defect", "withdraw", "H1", first, "--reason", "slip")
    assert told["still_open"] == [second]
    assert counted(hydrant) == "defective"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 2),
        (("--severity", "awful"), 2),
        (("--found", "2999-01-01"), 3),
        (("--cost", "-1"), 3),
        (("--due", "soon"), 3),
    ],
)
def test_a_wrong_correction_is_refused(hydrant: Program, words: tuple[str, ...], code: int) -> None:
    found(hydrant)
    assert hydrant("defect", "edit", "H1", "leak", *words).code == code


def test_people_read_that_it_was_found_again(hydrant: Program) -> None:
    found(hydrant, "--at", day(40))
    ran = hydrant("defect", "open", "H1", "leak", "--severity", "blocking", "--at", day(5))
    assert day(5) in ran.out
    assert day(40) in ran.out
    for lang, word in (("en", "finding 2 of 2"), ("zh", "第 2 次发现")):
        assert word in hydrant("defect", "list", lang=lang).out


def test_a_finding_is_not_put_after_its_repair(program: Program) -> None:
    program.data("asset", "add", "R", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.1,
                 "--crs", "cgcs2000", "--built", "2020-01-01")  # fmt: skip
    program.data("survey", "record", "R", "--outcome", "works", "--at", "2025-09-01")
    program.data("defect", "open", "R", "no_water", "--at", "2025-10-10")
    program.data("defect", "clear", "R", "no_water", "--at", "2025-10-20")
    (fault,) = program.data("defect", "list", "--all")["defects"]
    assert program("defect", "edit", "R", fault["uid"], "--found", "2025-10-25").code == 3
    assert program.data("explain", "R", "--as-of", "2025-10-15")["condition"] == "defective"
