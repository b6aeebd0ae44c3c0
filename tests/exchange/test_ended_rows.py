"""Rows of assets that are no more, or not yet, never stand as built or in working order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from hydrant.exchange.end_words import state_of_whole
from hydrant.exchange.state_words import meaning
from hydrant.exchange.suggestion import words
from tests.conftest import Program
from tests.exchange.test_stranger import Answer, answer, table

__all__ = ["answer"]

HEAD = ("Nummer", "Bauart", "longitude", "latitude")
STANDS = ("A1", "Unterflur", "16.11", "47.1")
GONE = ("A2", "Oberflur", "16.12", "47.1")
OURS = ("code", "kind", "lon", "lat")
OUR_STANDS, OUR_GONE = ("A1", "hydrant", "16.11", "47.1"), ("A2", "hydrant", "16.12", "47.1")

#: Heading and word of a register, and the word of a row that stands.
CALLED = [
    ("状态", "拆除", "完好"),
    ("设施状态", "已报废", "正常"),
    ("使用状态", "已于2019年拆除", "完好"),
    ("状态", "规划", "完好"),
    ("使用情况", "在建", "正常"),
    ("状態", "撤去済", "良"),
    ("상태", "철거", "정상"),
    ("status", "Removed (2019)", "in service"),
    ("Status", "ABANDONED", "operational"),
    ("op_status", "proposed", "in service"),
    ("Zustand", "rückgebaut", "i.O."),
    ("état", "déposé", "bon état"),
    ("estado", "dado de baja", "operativo"),
    ("состояние", "демонтирован", "исправен"),
    ("stan", "zlikwidowany", "sprawny"),
]


def standing(program: Program, as_of: str | None = None) -> dict[str, Any]:
    at = () if as_of is None else ("--as-of", as_of)
    total = program.data("integrity", *at)["total"]["working_order"]
    return {name: total[name] for name in ("existing", "intact", "stale", "untested", "defective")}


@pytest.mark.parametrize(("heading", "gone", "good"), CALLED)
def test_a_row_that_its_state_calls_gone_or_planned_is_left_out_and_named(
    program: Program, answer: Answer, tmp_path: Path, heading: str, gone: str, good: str
) -> None:
    file = table(tmp_path / "r.csv", (*HEAD, heading), (*STANDS, good), (*GONE, gone))
    ran = answer(file, "y")
    assert ran.code == 0, ran
    assert gone in ran.out
    assert "A2" in ran.err
    assert standing(program)["existing"] == 1
    again = program.data("import", file, "--mapping", file.with_suffix(".toml"))
    assert (again["unchanged"], again["ignored"]) == (1, 1)
    assert [row["code"] for row in again["named"]["ended_left_out"]] == ["A2"]
    # once it says that it stands, it comes in
    table(file, (*HEAD, heading), (*STANDS, good), (*GONE, good))
    assert program.data("import", file, "--mapping", file.with_suffix(".toml"))["new"] == 1
    assert standing(program)["existing"] == 2


@pytest.mark.parametrize(
    ("heads", "stands", "gone"),
    [
        (("状态", "拆除日期"), ("完好", ""), ("拆除", "2024-05-01")),
        (("状态", "拆除日期"), ("完好", ""), ("", "2024年5月1日")),
        (("status", "date removed"), ("ok", ""), ("removed", "2024-05-01")),
        (("Rückgebaut am",), ("",), ("01.05.2024",)),
        (("fecha de baja",), ("",), ("2024-05-01",)),
    ],
)
def test_a_day_that_is_told_ends_the_asset_on_that_day(
    program: Program, answer: Answer, tmp_path: Path, heads: Sequence[str],
    stands: Sequence[str], gone: Sequence[str],
) -> None:  # fmt: skip
    file = table(tmp_path / "r.csv", (*HEAD, *heads), (*STANDS, *stands), (*GONE, *gone))
    assert answer(file, "y").code == 0
    assert standing(program)["existing"] == 1
    assert standing(program, "2024-04-30")["existing"] == 2
    again = program.data("import", file, "--mapping", file.with_suffix(".toml"))
    assert (again["unchanged"], again["ignored"]) == (2, 0)


@pytest.mark.parametrize("store", ["file", "server"], indirect=True)
class TestOurHeadings:
    """`lifecycle` and `lifecycle_at`, delivery after delivery, on both stores."""

    def deliver(self, program: Program, folder: Path, *cells: str) -> dict[str, Any]:
        head = (*OURS, "outcome", "at", "lifecycle", "lifecycle_at")
        file = table(folder / "r.csv", head, (*OUR_STANDS, *[""] * 4), (*OUR_GONE, *cells))
        ran = program("import", file, "--crs", "wgs84", "--json")
        return ran.data

    def test_a_known_asset_ends_and_what_was_seen_before_stays(
        self, program: Program, tmp_path: Path
    ) -> None:
        self.deliver(program, tmp_path, "works", "2024-01-10", "", "")
        ended = self.deliver(program, tmp_path, "", "", "removed", "2024-05-01")
        assert (ended["updated"], ended["written"]) == (1, True)
        assert standing(program)["existing"] == 1
        assert standing(program, "2024-04-30") == {
            "existing": 2, "intact": 1, "stale": 0, "untested": 1, "defective": 0,
        }  # fmt: skip
        again = self.deliver(program, tmp_path, "", "", "removed", "2024-05-01")
        assert (again["unchanged"], again["named"]) == (2, {})
        events = program.data("asset", "history", "A2")["history"]
        assert len([one for one in events if one["fact"] == "event"]) == 1
        # another day is told and changes nothing; so is a row that says it stands again
        other = self.deliver(program, tmp_path, "", "", "removed", "2024-06-01")
        assert [row["code"] for row in other["named"]["ended_otherwise"]] == ["A2"]
        stands = self.deliver(program, tmp_path, "", "", "", "")
        assert [row["code"] for row in stands["named"]["ended_otherwise"]] == ["A2"]
        assert standing(program, "2024-05-02")["existing"] == 1

    @pytest.mark.parametrize("told", ["removed", "planned", "under_construction"])
    def test_without_a_day_a_known_asset_stays_and_the_row_is_refused(
        self, program: Program, tmp_path: Path, told: str
    ) -> None:
        self.deliver(program, tmp_path, "", "", "", "")
        refused = self.deliver(program, tmp_path, "", "", told, "")
        assert (refused["refused"], refused["written"]) == (1, False)
        assert "lifecycle" in refused["rows"][0]["reason"]
        assert standing(program)["existing"] == 2
        if told == "removed":
            program.data("asset", "retire", "A2", "--at", "2024-05-01")
            taken = self.deliver(program, tmp_path, "", "", told, "")
            assert (taken["refused"], taken["written"]) == (0, True)

    def test_what_somebody_put_back_is_not_ended_again_by_the_same_row(
        self, program: Program, tmp_path: Path
    ) -> None:
        self.deliver(program, tmp_path, "", "", "removed", "2024-05-01")
        program.data("asset", "event", "A2", "commissioned", "--at", "2025-01-01")
        again = self.deliver(program, tmp_path, "", "", "removed", "2024-05-01")
        assert again["unchanged"] == 2
        assert standing(program)["existing"] == 2

    @pytest.mark.parametrize(
        "cells",
        [
            ("works", "2024-01-10", "removed", "2024-05-01"),
            ("", "", "suspended", "2024-05-01"),
            ("", "", "removed", "2999-05-01"),
            ("", "", "verschrottet?", ""),
        ],
    )
    def test_what_contradicts_itself_or_has_not_come_is_refused(
        self, program: Program, tmp_path: Path, cells: Sequence[str]
    ) -> None:
        assert self.deliver(program, tmp_path, *cells)["refused"] == 1
        assert standing(program)["existing"] == 0


@pytest.mark.parametrize(("heading", "gone", "good"), CALLED)
def test_beside_our_own_headings_or_under_a_mapping_that_is_silent_it_is_refused(
    program: Program, tmp_path: Path, heading: str, gone: str, good: str
) -> None:
    file = table(tmp_path / "r.csv", (*OURS, heading), (*OUR_STANDS, good), (*OUR_GONE, gone))
    ran = program("import", file, "--crs", "wgs84", "--json")
    assert (ran.code, ran.data["refused"]) == (3, 1)
    assert gone in ran.data["rows"][0]["reason"]
    mapping = tmp_path / "m.toml"
    fields = 'position = {x="lon", y="lat"}\nfields = {code="code", kind="kind"}\ncrs="wgs84"\n'
    silent = (
        f'inspection = {{outcome={{column="{heading}", values={{"{good}"="works"}}, other=""}}}}'
    )
    mapping.write_text(f"{fields}{silent}\n", "utf-8")
    ran = program("import", file, "--mapping", mapping, "--json")
    assert (ran.code, ran.data["refused"]) == (3, 1)
    # what the mapping decides holds, whichever way
    for word, existing in (("removed", 1), ("", 2)):
        event = (
            f'lifecycle = {{event={{column="{heading}", values={{"{gone}"="{word}"}}, other=""}}}}'
        )
        mapping.write_text(f"{fields}{silent}\n{event}\n", "utf-8")
        program.data("import", file, "--mapping", mapping)
        assert standing(program)["existing"] == existing


def test_a_mapping_that_takes_it_for_defective_is_told_that_it_counts(
    program: Program, tmp_path: Path
) -> None:
    file = table(tmp_path / "r.csv", (*OURS, "状态"), (*OUR_STANDS, "完好"), (*OUR_GONE, "报废"))
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        'position = {x="lon", y="lat"}\nfields = {code="code", kind="kind"}\ncrs="wgs84"\n'
        'inspection = {outcome={column="状态", values={"完好"="works", "报废"="fails"}}}\n', "utf-8"
    )  # fmt: skip
    data = program.data("import", file, "--mapping", mapping)
    assert [row["code"] for row in data["named"]["ended_counted"]] == ["A2"]
    assert standing(program)["defective"] == 1


def test_a_day_of_removal_that_nothing_reads_is_not_passed_over(
    program: Program, tmp_path: Path
) -> None:
    file = table(
        tmp_path / "r.csv", (*OURS, "拆除日期"), (*OUR_STANDS, ""), (*OUR_GONE, "2024-05-01")
    )
    ran = program("import", file, "--crs", "wgs84", "--json")
    assert (ran.code, ran.data["refused"]) == (3, 1)


def test_removed_before_built_is_refused(program: Program, tmp_path: Path) -> None:
    head = (*OURS, "built", "lifecycle_at")
    file = table(tmp_path / "r.csv", head, (*OUR_GONE, "2020-01-01", "2019-01-01"))
    assert program("import", file, "--crs", "wgs84", "--json").data["refused"] == 1


@pytest.mark.parametrize(
    "word", ["未拆除", "待拆除", "拟报废", "cap removed", "not removed", "停用", "disused", "完好"]
)
def test_a_word_that_only_speaks_of_it_is_no_removal(word: str) -> None:
    assert state_of_whole(word) is None


def test_no_word_for_an_end_is_a_word_for_a_state_too() -> None:
    for part in ("removed", "not_yet"):
        for word in words()[part]:
            assert state_of_whole(word) is not None
            assert meaning(word, yes=True) == ""
    for part in ("works", "fails", "not_found", "yes", "no"):
        assert [word for word in words()[part] if state_of_whole(word) is not None] == []


@pytest.mark.parametrize(
    ("told", "told_at", "outcome", "names"),
    [
        ("", "2024-05-01", "works", "lifecycle_at"),
        ("commissioned", "2024-05-01", "works", "built"),
        ("works", "2024-05-01", "", "works"),
        ("removed (road works)", "2024-05-01", "", "removed (road works)"),
    ],
)
def test_a_day_or_word_in_the_wrong_column_is_refused_with_where_it_belongs(
    program: Program, tmp_path: Path, told: str, told_at: str, outcome: str, names: str
) -> None:
    head = (*OURS, "outcome", "lifecycle", "lifecycle_at")
    file = table(tmp_path / "r.csv", head, (*OUR_GONE, outcome, told, told_at))
    ran = program("import", file, "--crs", "wgs84", "--json")
    assert (ran.code, ran.data["refused"]) == (3, 1)
    assert names in ran.data["rows"][0]["reason"]
