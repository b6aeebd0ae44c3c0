"""What a command answers: the field's words, the clock of the registry, what counts since."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hydrant.cli.main import EXIT_USAGE
from hydrant.errors import Phrase
from hydrant.messages import text
from hydrant.vocabulary import Language
from tests.conftest import Program

TREE = (
    "code,name_zh,name_en,level,parent_code\nC,县,County,county,\nA,甲镇,Jia,township,C\n"
    "B,乙镇,Yi,township,C\nD,丁镇,Ding,township,C\n"
)


@pytest.fixture
def stated(program: Program, tmp_path: Path) -> Program:
    (tmp_path / "tree.csv").write_text(TREE, "utf-8")
    program.data("region", "import", tmp_path / "tree.csv")
    program.data(
        "asset", "add", "H1", "--kind", "hydrant", "--lon", 119.0, "--lat", 30.0,
        "--crs", "cgcs2000", "--region", "A", "--built", "2020-01-01",
    )  # fmt: skip
    program.data("survey", "record", "H1", "--outcome", "works", "--at", "2026-11-01")
    return program


def edit(program: Program, *words: object) -> Any:
    return program.data("asset", "edit", "H1", *words)


def events(program: Program) -> list[str]:
    facts = program.data("asset", "history", "H1")["history"]
    return [one["values"]["event"] for one in facts if one["fact"] == "event"]


def test_a_move_is_answered_with_what_counts_since(stated: Program) -> None:
    moved = edit(
        stated, "--lon", 119.01, "--lat", 30.0, "--crs", "cgcs2000", "--from", "2026-11-05"
    )
    remark = {"remark": "moved", "day": "2026-11-05"}
    now = {"condition": "untested", "reason": "never_tested", "remarks": [remark]}
    assert moved["now"] == now
    assert events(stated) == ["commissioned", "relocated"]


def test_the_place_on_record_is_no_move(stated: Program) -> None:
    same = edit(stated, "--lon", 119.0, "--lat", 30.0, "--crs", "cgcs2000", "--from", "2026-11-05")
    assert (same["changed"], same["now"]) == ([], None)
    assert events(stated) == ["commissioned"]
    assert stated.data("explain", "H1")["condition"] == "intact"


@pytest.mark.parametrize(("lang", "words"), [("en", "position, owner"), ("zh", "位置、权属单位")])
def test_fields_are_named_as_people_name_them(stated: Program, lang: str, words: str) -> None:
    ran = stated(
        "asset", "edit", "H1", "--lon", 119.02, "--lat", 30.0, "--crs", "cgcs2000", "--owner", "W",
        lang=lang,
    )  # fmt: skip
    assert words in ran.out
    assert not {"geom", "orig_x", "owner\n"} & set(ran.out.split())


def test_what_passes_on_is_told_with_what_was_taken_over_and_its_service(stated: Program) -> None:
    stated.data("require", "set", "A", "hydrant", 5, "--from", "2020-01-01")
    stated.data("require", "set", "A", "intake", 2, "--service", "rural", "--from", "2020-01-01")
    stated.data("region", "succeed", "A", "B", "--at", "2024-01-01")
    stated.data("require", "set", "B", "tank", 1, "--from", "2024-06-01")
    ran = stated("region", "succeed", "B", "D", "--at", "2025-01-01", lang="en")
    assert "hydrant 5, intake (rural) 2, tank 1" in ran.out


def test_a_number_that_ended_the_day_before_does_not_pass_on(stated: Program) -> None:
    stated.data("require", "set", "A", "hydrant", 5, "--from", "2020-01-01")
    stated.data("require", "set", "A", "hydrant", 4, "--from", "2024-01-01")
    passed = stated.data("region", "succeed", "A", "B", "--at", "2024-01-01")["passed"]
    assert passed == [{"kind": "hydrant", "service": None, "count": 4}]


#: What is stated for the heir beforehand; whether the number passes on, and when it is replaced.
OF_THE_HEIR: tuple[tuple[tuple[object, ...], bool, str | None], ...] = (
    ((), True, None),
    (("hydrant", 7, "--from", "2023-12-31"), True, None),
    (("tank", 7, "--from", "2024-01-01"), True, None),
    (("hydrant", 7, "--from", "2024-01-01"), False, "2024-01-01"),
    (("hydrant.pillar", 7, "--from", "2024-01-01"), False, "2024-01-01"),
    (("hydrant", 7, "--service", "rural", "--from", "2025-01-01"), True, "2025-01-01"),
)


@pytest.mark.parametrize(("own", "passes", "until"), OF_THE_HEIR)
def test_a_succession_says_whether_the_heir_states_numbers_of_its_own(
    stated: Program, own: tuple[object, ...], until: str | None, *, passes: bool
) -> None:
    stated.data("require", "set", "A", "hydrant", 5, "--from", "2020-01-01")
    if own:
        stated.data("require", "set", "B", *own)
    told = stated.data("region", "succeed", "A", "B", "--at", "2024-01-01")
    number = {"kind": "hydrant", "service": None, "count": 5}
    assert told["passed"] == [number] * passes
    assert told["replaced"] == [number | {"from": until}] * (until is not None)
    total = stated.data("integrity", "B", "--as-of", "2024-01-01")["total"]["completeness"]
    own_then = 7 if own and until is None else 7 * (until == "2024-01-01")
    assert total["required"] == 5 * passes + own_then
    for lang, none_yet in (("en", "none of its own"), ("zh", "没有另设")):
        page = stated("region", "succeed", "A", "B", "--at", "2024-01-01", lang=lang).out
        assert ("unless" in page, none_yet in page) == (False, until is None)
        assert until is None or f"{until}" in page


def test_the_list_of_numbers_says_where_those_of_an_ended_unit_count(stated: Program) -> None:
    stated.data("require", "set", "A", "hydrant", 5, "--from", "2020-01-01")
    stated.data("region", "succeed", "A", "B", "--at", "2024-01-01")
    (row,) = stated.data("require", "list")["requirements"]
    assert (row["region"], row["counts_in"]) == ("A", "B")
    assert "B" in stated("require", "list", lang="zh").out.splitlines()[-1]


def test_a_stated_zero_is_not_shown_as_unknown(stated: Program) -> None:
    stated.data("require", "set", "C", "hydrant", 0, "--from", "2020-01-01")
    for lang, unknown in (("en", "unknown"), ("zh", "未知")):
        page = stated("integrity", "C", "--by", "county", lang=lang).out
        rate = page.split("\n\n")[1].splitlines()[0]
        assert unknown not in rate
        assert rate.endswith("–")
    stated.data("require", "set", "C", "intake", 1, "--from", "2020-01-01")
    assert stated.data("integrity", "C")["total"]["completeness"]["percent"] == 0


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_times_are_told_by_the_clock_of_the_registry(stated: Program, lang: str) -> None:
    ran = stated(
        "survey", "record", "H1", "--outcome", "works", "--at", "2099-12-05 10:00", lang=lang
    )
    assert "2099-12-05 10:00" in ran.err


def test_candidates_are_worded_in_the_language_asked_for(stated: Program) -> None:
    stated.data("survey", "record", "H1", "--outcome", "fails", "--at", "2026-11-01T10:00")
    ran = stated("survey", "withdraw", "H1", "--at", "2026-11-01", "--reason", "x", lang="zh")
    assert "不可用" in ran.err
    assert "fails" not in ran.err


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("words", [("asset", "event", "H1"), ("survey", "record", "H1")])
def test_a_missing_word_names_those_that_are_taken(
    stated: Program, lang: str, words: tuple[str, ...]
) -> None:
    ran = stated(*words, lang=lang)
    assert ran.code == EXIT_USAGE
    assert "\ufffd" not in ran.err
    assert "planned" in ran.err or "not_testable" in ran.err


def test_several_facts_are_a_list_of_the_language() -> None:
    names = (Phrase("vocabulary.outcome.works"), "B")
    facts = {"code": "H", "fields": names}
    assert text("cli_asset.edited", Language.EN, **facts) == "H: changed works, B."
    assert text("cli_asset.edited", Language.ZH, **facts) == "H：已修改 可用、B。"


def test_an_asset_cannot_be_in_a_region_to_come(program: Program, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "code,name_zh,level,parent_code,valid_from\nA,甲,county,,2099-01-01\n", "utf-8"
    )
    program.data("region", "import", tmp_path / "t.csv")
    ran = program(
        "asset", "add", "H9", "--kind", "hydrant", "--lon", 119.0, "--lat", 30.0,
        "--crs", "cgcs2000", "--region", "A",
    )  # fmt: skip
    assert ran.code == 3
    assert "2099-01-01" in ran.err
    assert "--from" not in ran.err  # the command has none


def test_a_union_says_what_the_one_counts_as_and_a_namesake_is_to_be_merged(
    stated: Program,
) -> None:
    ran = stated(
        "asset", "add", "H1", "--kind", "hydrant", "--lon", 119.0, "--lat", 30.0,
        "--crs", "cgcs2000", "--region", "A", "--built", "2020-01-01", "--json",
    )  # fmt: skip
    assert any("duplicates merge" in message["text"] for message in ran.json["messages"])
    rows = stated.data("asset", "list")["assets"]
    second = ran.data["asset"]["uid"]
    (first,) = [row["uid"] for row in rows if row["uid"] != second]
    stated.data("asset", "event", second, "suspended", "--at", "2026-01-01")
    merged = stated.data("duplicates", "merge", first, second)
    assert merged["now"] == {"condition": "defective", "reason": "suspended", "remarks": []}


def test_what_holds_after_a_withdrawal_is_told_with_what_was_taken_over(stated: Program) -> None:
    stated.data("require", "set", "A", "hydrant", 3, "--from", "2020-01-01")
    stated.data("require", "set", "B", "hydrant", 2, "--from", "2020-01-01")
    stated.data("region", "succeed", "A", "B", "--at", "2024-01-01")
    stated.data("require", "set", "B", "hydrant", 4, "--from", "2024-06-01")
    gone = stated.data(
        "require", "withdraw", "B", "hydrant", "--from", "2024-06-01", "--reason", "wrong"
    )
    assert gone["now"] == 5
    assert stated.data("integrity", "C")["total"]["completeness"]["required"] == 5


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_repair_costs_no_less_than_nothing(stated: Program, lang: str) -> None:
    stated.data("defect", "open", "H1", "leak", "--at", "2026-09-01")
    ran = stated("defect", "clear", "H1", "leak", "--at", "2026-09-10", "--cost", "-800", lang=lang)
    assert (ran.code, "-800" in ran.err) == (3, True)
    assert stated.data("defect", "list")["defects"][0]["cleared"] is None
    stated.data("defect", "clear", "H1", "leak", "--at", "2026-09-10", "--cost", "800")


def test_an_export_says_what_it_makes_look_better(stated: Program, tmp_path: Path) -> None:
    assert stated.data("export", tmp_path / "a.csv")["overstated"] == 0
    stated.data("defect", "open", "H1", "no_water", "--at", "2026-11-02")
    for number, words in enumerate((("--built", "2020-01-01"), ("--planned", "2026-01-01"))):
        stated.data(
            "asset", "add", f"P{number}", "--kind", "hydrant", "--lon", 119.1 + number, "--lat",
            30.0, "--crs", "cgcs2000", "--region", "B", *words,
        )  # fmt: skip
    stated.data("asset", "event", "P0", "suspended", "--at", "2026-01-01")
    for name in ("a.csv", "a.geojson"):
        ran = stated("export", tmp_path / name, "--json")
        # the plan and the suspension go with the file, the finding does not
        assert (ran.code, [one["code"] for one in ran.data["better_there"]]) == (0, ["H1"])
        assert any(message["level"] == "warning" for message in ran.json["messages"])
    assert stated.data("export", tmp_path / "b.csv", "--region", "B")["overstated"] == 0


def test_a_union_names_what_it_took_and_nothing_else(stated: Program) -> None:
    for code, words in (("H2", ()), ("H3", ("--owner", "W"))):
        stated.data("asset", "add", code, "--kind", "hydrant", "--lon", 119.3, "--lat", 30.0,
                    "--crs", "cgcs2000", "--region", "A", *words)  # fmt: skip
    assert stated.data("duplicates", "merge", "H1", "H2")["filled"] == []
    ran = stated("duplicates", "merge", "H1", "H3", lang="zh")
    assert "权属单位" in ran.out
    assert "owner" not in ran.out


def test_a_defect_named_twice_in_a_visit_is_found_once(stated: Program) -> None:
    stated.data("survey", "record", "H1", "--outcome", "fails", "--at", "2026-11-10",
                "--defect", "no_water", "--defect", "no_water")  # fmt: skip
    assert len(stated.data("defect", "list")["defects"]) == 1


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_rate_that_tells_of_a_part_only_has_its_mark_explained(
    stated: Program, lang: str
) -> None:
    stated.data("require", "set", "A", "hydrant", 1, "--from", "2020-01-01")
    page = stated("integrity", "C", "--by", "county", lang=lang).out.splitlines()
    assert any("% *" in line for line in page)
    assert page[-1].startswith("* ")
    for unit in ("B", "D"):
        stated.data("require", "set", unit, "hydrant", 1, "--from", "2020-01-01")
    assert "% *" not in stated("integrity", "C", "--by", "county", lang=lang).out


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_negative_number_is_told_as_a_number(stated: Program, lang: str) -> None:
    ran = stated("require", "set", "A", "hydrant", "-3", "--from", "2020-01-01", lang=lang)
    assert ran.code == 3
    assert "-3" in ran.err


DAYS = ["2020-03-01", "2020/3/1", "2020年3月1日", "1.3.2020", "２０２０-03-01"]


@pytest.mark.parametrize("day", DAYS)
def test_days_of_requirements_and_regions_are_read_as_offices_write_them(
    stated: Program, tmp_path: Path, day: str
) -> None:
    (tmp_path / "n.csv").write_text(f"region,kind,count,from\nA,hydrant,3,{day}\n", "utf-8")
    assert stated.data("require", "import", tmp_path / "n.csv")["new"] == 1
    assert stated.data("require", "list")["requirements"][0]["from"] == "2020-03-01"
    (tmp_path / "r.csv").write_text(
        f"code,name_zh,level,parent_code,valid_from\nE,戊镇,township,C,{day}\n", "utf-8"
    )
    stated.data("region", "import", tmp_path / "r.csv")
    ran = stated("require", "set", "E", "hydrant", 1, "--from", "2020-02-29")
    assert (ran.code, "2020-03-01" in ran.err) == (3, True)


@pytest.mark.parametrize("day", ["03/04/2020", "0001-01-01", "2020-02-30", "soon"])
def test_a_day_with_two_meanings_or_none_is_refused_with_its_line(
    stated: Program, tmp_path: Path, day: str
) -> None:
    (tmp_path / "n.csv").write_text(f"region,kind,count,from\nA,hydrant,3,{day}\n", "utf-8")
    ran = stated("require", "import", tmp_path / "n.csv")
    assert (ran.code, "line 2" in ran.err, "Traceback" in ran.err) == (3, True, False)
