"""A required number that ends on a day: what holds before it, after it, and what may follow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Program

TREE = (
    "code,name_zh,name_en,level,parent_code\nC,县,County,county,\nA,甲镇,Jia,township,C\n"
    "B,乙镇,Yi,township,C\n"
)
OLD = ("A", "hydrant", "--from", "2025-01-01")


@pytest.fixture
def stated(program: Program, tmp_path: Path) -> Program:
    (tmp_path / "tree.csv").write_text(TREE, "utf-8")
    program.data("region", "import", tmp_path / "tree.csv")
    program.data("require", "set", "A", "hydrant", 10, "--from", "2020-01-01")
    return program


def required(program: Program, day: str, *words: object) -> int:
    figures = program.data("integrity", "A", "--as-of", day, *words)
    return int(figures["total"]["completeness"]["required"])


def spans(program: Program) -> list[tuple[Any, ...]]:
    rows = program.data("require", "list", "A")["requirements"]
    names = ("kind", "service", "count", "from", "until")
    return [tuple(row[name] for name in names) for row in rows]


def test_a_number_counts_until_the_day_before_and_then_none_is_stated(stated: Program) -> None:
    ended = stated.data("require", "end", *OLD)
    assert (ended["action"], ended["count"], ended["still"]) == ("ended", 10, [])
    assert required(stated, "2024-12-31") == 10
    after = stated.data("integrity", "A", "--as-of", "2025-01-01")["total"]["completeness"]
    assert (after["required"], after["percent"], after["units_without_requirement"]) == (0, None, 1)
    assert {one["as_of"] for one in ended["figures_changed"]} >= {"2025-01-01"}
    again = stated.data("require", "end", *OLD)
    assert (again["action"], again["figures_changed"]) == ("unchanged", [])
    assert stated.data("db", "check")["faults"] == []


@pytest.mark.parametrize(
    "after",
    [
        [("hydrant", "--service", "municipal"), ("hydrant", "--service", "rural")],
        [("hydrant.underground",), ("hydrant.pillar",)],
    ],
)
def test_one_number_is_followed_by_one_for_each_part_of_it(
    stated: Program, after: list[tuple[str, ...]]
) -> None:
    ways = []
    for kind, *service in after:
        words = ("require", "set", "A", kind, 5, "--from", "2025-01-01", *service)
        refused = stated(*words)
        assert refused.code == 3
        ways.append("hydrant require end A hydrant --from 2025-01-01" in refused.err)
    assert ways == [True, True]
    stated.data("require", "end", *OLD)
    for kind, *service in after:
        stated.data("require", "set", "A", kind, 4, "--from", "2025-01-01", *service)
    assert (required(stated, "2024-12-31"), required(stated, "2025-01-01")) == (10, 8)


def test_parts_are_followed_by_one_number(stated: Program) -> None:
    stated.data("require", "end", *OLD)
    for service in ("municipal", "rural"):
        stated.data(
            "require", "set", "A", "hydrant", 4, "--from", "2025-01-01", "--service", service
        )
    whole = ("require", "set", "A", "hydrant", 9, "--from", "2026-01-01")
    first = stated(*whole)
    assert "require end A hydrant --service municipal --from 2026-01-01" in first.err
    which = stated("require", "end", "A", "hydrant", "--from", "2026-01-01")
    assert which.code == 3
    assert "--service municipal" in which.err
    assert "--service rural" in which.err
    for service in ("municipal", "rural"):
        stated.data("require", "end", "A", "hydrant", "--from", "2026-01-01", "--service", service)
    stated.data(*whole)
    assert [required(stated, f"{year}-06-01") for year in (2024, 2025, 2026)] == [10, 8, 9]


def test_a_number_stated_for_earlier_days_ends_where_the_one_it_replaces_did(
    stated: Program,
) -> None:
    stated.data("require", "end", *OLD)
    told = stated.data("require", "set", "A", "hydrant", 12, "--from", "2022-01-01")
    assert told["until"] == "2025-01-01"
    assert required(stated, "2024-12-31") == 12
    assert required(stated, "2025-01-01") == 0
    stated.data("require", "withdraw", "A", "hydrant", "--from", "2022-01-01", "--reason", "slip")
    assert spans(stated) == [("hydrant", None, 10, "2020-01-01", "2025-01-01")]


def test_an_end_is_taken_back_by_the_same_number(stated: Program) -> None:
    before = stated.data("integrity", "A", "--as-of", "2026-01-01")["total"]["completeness"]
    stated.data("require", "end", *OLD)
    stated.data("require", "set", "A", "hydrant", 10, "--from", "2025-01-01")
    after = stated.data("integrity", "A", "--as-of", "2026-01-01")["total"]["completeness"]
    assert after == before


def test_what_was_known_before_an_end_holds_on(stated: Program) -> None:
    saved = stated.data("integrity", "A", "--as-of", "2026-01-01", "--save")
    stated.data("require", "end", *OLD)
    assert required(stated, "2026-01-01") == 0
    (kept,) = stated.data("assessment", "list")["assessments"]
    (verified,) = stated.data("assessment", "verify", kept["uid"])["assessments"]
    assert verified["state"] == "equal"
    assert saved["total"]["completeness"]["required"] == 10


def test_an_announced_end_leaves_what_begins_later(stated: Program) -> None:
    stated.data("require", "set", "A", "hydrant", 20, "--from", "2030-01-01")
    stated.data("require", "end", "A", "hydrant", "--from", "2029-01-01")
    assert spans(stated) == [
        ("hydrant", None, 10, "2020-01-01", "2029-01-01"),
        ("hydrant", None, 20, "2030-01-01", None),
    ]


def test_a_number_for_the_time_before_others_says_when_it_ends(stated: Program) -> None:
    kind = ("require", "set", "A", "hydrant.underground", 3, "--from", "2018-01-01")
    refused = stated(*kind)
    assert refused.code == 3
    assert "--until 2020-01-01" in refused.err
    assert stated.data(*kind, "--until", "2020-01-01")["until"] == "2020-01-01"
    assert (required(stated, "2019-12-31"), required(stated, "2020-01-01")) == (3, 10)
    for last in ("2018-01-01", "2017-06-01"):
        turned = stated(*kind, "--until", last)
        assert turned.code == 3
        assert last in turned.err


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("A", "tank", "--from", "2025-01-01"), ["tank", "2025-01-01", "hydrant"]),
        (("A", "hydrant", "--from", "2020-01-01"), ["2020-01-01", "require withdraw"]),
        (("A", "hydrant", "--from", "2019-01-01"), ["2019-01-01", "require withdraw"]),
        (("A", "hydrant", "--from", "2025-01-01", "--service", "rural"), ["hydrant"]),
        (("B", "hydrant", "--from", "2025-01-01"), ["B", "hydrant"]),
    ],
)
def test_what_does_not_hold_cannot_end(
    stated: Program, lang: str, words: tuple[str, ...], named: list[str]
) -> None:
    refused = stated("require", "end", *words, lang=lang)
    assert refused.code == 3
    assert [name for name in named if name not in refused.err] == []
    assert spans(stated) == [("hydrant", None, 10, "2020-01-01", None)]


def test_what_a_unit_took_over_is_named_where_its_own_number_ends(stated: Program) -> None:
    stated.data("require", "set", "B", "hydrant", 3, "--from", "2020-01-01")
    stated.data("region", "succeed", "A", "B", "--at", "2024-01-01")
    ended = stated.data("require", "end", "B", "hydrant", "--from", "2025-01-01")
    assert ended["still"] == [{"kind": "hydrant", "service": None, "count": 10}]
    ended = stated.data("require", "end", *OLD)
    assert (ended["region"], ended["count"]) == ("A", 10)
    assert stated.data("integrity", "C")["total"]["completeness"]["required"] == 0


def put(program: Program, count: int, since: str, until: str | None = None) -> None:
    words = () if until is None else ("--until", until)
    program.data("require", "set", "A", "hydrant", count, "--from", since, *words)


def back(program: Program, since: str) -> None:
    program.data("require", "withdraw", "A", "hydrant", "--from", since, "--reason", "wrong")


@pytest.mark.parametrize("count", [4, 10])
def test_an_end_stays_where_what_was_stated_from_that_day_is_withdrawn(
    stated: Program, count: int
) -> None:
    stated.data("require", "end", *OLD)
    put(stated, count, "2025-01-01")
    back(stated, "2025-01-01")
    assert spans(stated) == [("hydrant", None, 10, "2020-01-01", "2025-01-01")]
    put(stated, count, "2025-01-01")
    assert required(stated, "2025-06-01") == count


def test_an_end_stays_after_any_number_of_mistakes(stated: Program) -> None:
    put(stated, 4, "2025-01-01")
    back(stated, "2025-01-01")
    assert spans(stated) == [("hydrant", None, 10, "2020-01-01", None)]
    stated.data("require", "end", *OLD)
    put(stated, 5, "2025-01-01")
    put(stated, 6, "2025-01-01")
    back(stated, "2025-01-01")
    assert required(stated, "2025-06-01") == 5
    back(stated, "2025-01-01")
    assert spans(stated) == [("hydrant", None, 10, "2020-01-01", "2025-01-01")]


def test_an_end_that_was_passed_on_stays_too(stated: Program) -> None:
    stated.data("require", "end", *OLD)
    put(stated, 7, "2022-01-01")
    put(stated, 4, "2025-01-01")
    back(stated, "2025-01-01")
    assert [row[2:] for row in spans(stated)] == [
        (10, "2020-01-01", "2022-01-01"),
        (7, "2022-01-01", "2025-01-01"),
    ]


def test_behind_a_number_for_a_time_that_was_a_mistake_all_is_as_before(stated: Program) -> None:
    put(stated, 9, "2021-01-01", "2022-01-01")
    back(stated, "2021-01-01")
    assert spans(stated) == [("hydrant", None, 10, "2020-01-01", None)]
    put(stated, 8, "2024-01-01")
    put(stated, 9, "2021-01-01", "2022-01-01")
    back(stated, "2021-01-01")
    assert [row[2:] for row in spans(stated)] == [
        (10, "2020-01-01", "2024-01-01"),
        (8, "2024-01-01", None),
    ]


def test_a_number_that_states_its_end_takes_over_no_other_one_s(stated: Program) -> None:
    put(stated, 2, "2022-01-01", "2023-01-01")
    put(stated, 3, "2022-06-01", "2025-01-01")
    assert [row[2:] for row in spans(stated)] == [
        (10, "2020-01-01", "2022-01-01"),
        (2, "2022-01-01", "2022-06-01"),
        (3, "2022-06-01", "2025-01-01"),
    ]


@pytest.mark.parametrize(
    ("lang", "nothing", "next_one"),
    [("en", "no number for hydrant is stated", "from then on the number is 10"),
     ("zh", "没有消火栓的应建数量", "该日起应建数为 10")],
)  # fmt: skip
def test_what_follows_a_number_is_said(
    stated: Program, lang: str, nothing: str, next_one: str
) -> None:
    earlier = stated("require", "set", "A", "hydrant", 5, "--from", "2019-01-01", lang=lang)
    assert next_one in earlier.out
    alone = ("require", "set", "A", "hydrant", 9, "--from", "2021-01-01", "--until", "2022-01-01")
    assert nothing in stated(*alone, lang=lang).out


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "until 2023-01-01"), ("zh", "至 2023-01-01 起")]
)
def test_a_later_number_on_record_is_named_where_one_ends(
    stated: Program, lang: str, words: str
) -> None:
    put(stated, 6, "2023-01-01")
    ended = stated("require", "end", "A", "hydrant", "--from", "2022-03-01", lang=lang)
    assert "2023-01-01" in ended.out
    between = ("require", "set", "A", "hydrant", 5, "--from", "2022-04-01", "--until", "2022-05-01")
    assert words in stated(*between, lang=lang).out
    assert required(stated, "2023-06-01") == 6


@pytest.mark.parametrize(("lang", "words"), [("en", "5 × hydrant are required"), ("zh", "5 处")])
def test_what_a_unit_took_over_is_named_where_a_number_for_a_time_ends(
    stated: Program, lang: str, words: str
) -> None:
    stated.data("require", "set", "B", "hydrant", 5, "--from", "2020-01-01")
    stated.data("region", "succeed", "B", "A", "--at", "2024-06-01")
    alone = ("require", "set", "A", "hydrant", 12, "--from", "2024-08-01", "--until", "2024-09-01")
    assert words in stated(*alone, lang=lang).out
    assert required(stated, "2024-10-01") == 5


def test_a_region_that_is_renamed_on_a_day_keeps_its_number_before(
    stated: Program, tmp_path: Path
) -> None:
    (tmp_path / "new.csv").write_text(
        "code,name_zh,level,parent_code,valid_from\nA,新甲镇,township,C,2025-06-01\n", "utf-8"
    )
    stated.data("region", "import", tmp_path / "new.csv")
    assert [required(stated, day) for day in ("2025-05-31", "2025-06-01")] == [10, 10]
    assert "甲镇 (A)" in stated("integrity", "甲镇", "--as-of", "2025-05-31", lang="zh").out
    assert "新甲镇 (A)" in stated("integrity", "A", "--as-of", "2025-06-01", lang="zh").out
    again = stated.data("region", "import", tmp_path / "new.csv")
    assert (again["new"], again["updated"]) == (0, 0)
    assert stated.data("db", "check")["faults"] == []


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (2, 0, 1), (2, 1, 0), (1, 0, 2)])
@pytest.mark.parametrize("door", ["set", "import"])
def test_the_same_number_once_more_is_stated_from_its_day_too(
    stated: Program, tmp_path: Path, order: tuple[int, ...], door: str
) -> None:
    """Whatever is stated of the years between, in whatever order: each holds from its own day."""
    numbers = [(10, "2021-01-01"), (10, "2024-01-01"), (3, "2022-01-01")]
    said = [numbers[n] for n in order]
    if door == "set":
        for count, day in said:
            stated.data("require", "set", "A", "hydrant", count, "--from", day)
    else:
        rows = "".join(f"A,hydrant,{count},{day}\n" for count, day in said)
        (tmp_path / "n.csv").write_text("region,kind,count,from\n" + rows, "utf-8")
        stated.data("require", "import", tmp_path / "n.csv")
        again = stated.data("require", "import", tmp_path / "n.csv")
        assert (again["new"], again["updated"], again["unchanged"]) == (0, 0, 3)
    days = ("2021-06-01", "2023-12-31", "2024-01-01")
    assert [required(stated, day) for day in days] == [10, 3, 10]
    stated.data("require", "withdraw", "A", "hydrant", "--from", "2021-01-01", "--reason", "x")
    assert required(stated, "2024-06-01") == 10


@pytest.mark.parametrize(("lang", "said"), [("en", "is 12, as was stated"), ("zh", "为 12 处")])
def test_a_number_that_ends_where_another_begins_has_one_after_it(
    stated: Program, lang: str, said: str
) -> None:
    stated.data("require", "set", "A", "hydrant", 12, "--from", "2025-01-01")
    told = stated("require", "end", *OLD, lang=lang)
    assert told.code == 0
    assert said in told.out
    assert "hydrant require withdraw" in told.out
    assert len(told.out.splitlines()) == 2
    assert required(stated, "2025-01-01") == 12


@pytest.mark.parametrize("head", ["until", "失效日期"])
def test_a_file_states_ends_as_the_command_does(stated: Program, tmp_path: Path, head: str) -> None:
    file = tmp_path / "n.csv"
    file.write_text(
        f"region,kind,count,from,{head}\nA,hydrant,12,2025-01-01,2026-01-01\n"
        "A,hydrant,15,2027-01-01,\nB,crane,1,2025-01-01,\n",
        "utf-8",
    )
    for actions in ((2, 1, 0), (0, 0, 3)):
        done = stated.data("require", "import", file)
        assert (done["new"], done["updated"], done["unchanged"]) == actions
        assert [span[2:] for span in spans(stated)] == [
            (10, "2020-01-01", "2025-01-01"), (12, "2025-01-01", "2026-01-01"),
            (15, "2027-01-01", None),
        ]  # fmt: skip
    assert [required(stated, day) for day in ("2025-12-31", "2026-01-01", "2027-01-01")] == [
        12, 0, 15,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ("from,until\n5,2025-01-01,2025-01-01\n", "line 2"),
        ("from,until\n5,2025-01-01,2026-01-01\n5,2025-01-01,2027-01-01\n", "line 3"),
        ("from,until\n5,2025-01-01,soon\n", "line 2"),
        ("from,有效期止\n5,2025-01-01,2025-12-31\n", "有效期止"),
    ],
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_end_in_a_file_that_cannot_be_or_is_not_clear_is_refused(
    stated: Program, tmp_path: Path, rows: str, line: str, lang: str
) -> None:
    head, *cells = rows.splitlines()
    text = "\n".join([f"region,kind,count,{head}", *(f"A,hydrant,{row}" for row in cells)])
    (tmp_path / "n.csv").write_text(text + "\n", "utf-8")
    ran = stated("require", "import", tmp_path / "n.csv", lang=lang)
    assert ran.code == 3
    said = line.replace("line ", "第 ") if lang == "zh" else line
    assert said in ran.err
    assert [span[2:] for span in spans(stated)] == [(10, "2020-01-01", None)]
