"""An answer by which nobody knows is never good, and never bad in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from hydrant.exchange.answers import not_known
from tests.conftest import Program
from tests.exchange.test_otherwise import HEAD, PLACES, RULES, intact, town
from tests.exchange.test_stranger import Answer, answer, table

__all__ = ["answer"]

#: Questions of yes and no beside a state, and the answer that goes with a good one.
QUESTIONS = [
    ("能否出水", "是"),
    ("是否启用", "是"),
    ("是否损坏", "否"),
    ("存在问题", "无"),
    ("是否拆除", "否"),
    ("OK?", "Y"),
    ("Operable", "yes"),
    ("OOS", "N"),
    ("defects", "none"),
    ("disused", "no"),
]
ANSWERS = ["?", "未试", "待查", "not tried", "unknown", "Y?", "nicht geprüft"]
PLACE = 'x = "经度"\ny = "纬度"'


@pytest.mark.parametrize(
    "cell",
    ["？", "??", "未测", "尚未检查", "无法检测", "不详", "完好？", "是?", "untested",
     "not yet checked", "could not test", "hasn't been tested", "TBD", "unk.", "(unknown)",
     "ungeprüft", "à vérifier", "sin probar", "не проверялся", "未確認", "미확인",
     "nie sprawdzono"],
)  # fmt: skip
def test_answers_by_which_nobody_knows(cell: str) -> None:
    assert not_known(cell)


@pytest.mark.parametrize(
    "cell",
    ["", "-", "无", "n/a", "是", "否", "未修", "未发现问题", "未检出", "未启用", "未通水",
     "无法使用", "漏水？", "待维修", "not working", "not in use",
     "no leaks", "needs repair", "undamaged", "y"],
)  # fmt: skip
def test_other_answers_and_silence_are_none(cell: str) -> None:
    assert not not_known(cell)


@pytest.mark.parametrize("cell", ANSWERS)
@pytest.mark.parametrize(("heading", "good"), QUESTIONS)
def test_a_good_state_beside_it_is_not_taken(
    program: Program, tmp_path: Path, heading: str, good: str, cell: str
) -> None:
    file = town(tmp_path / "r.csv", heading, cell, good)
    mapping = tmp_path / "m.toml"
    mapping.write_text(RULES.format("", PLACE), "utf-8")
    ran = program("import", file, "--mapping", mapping, "--json")
    assert ran.code == 0, ran
    assert [row["code"] for row in ran.data["named"]["answers_not_known"]] == ["A1"]
    assert "visits_untold" not in ran.data["named"]
    said = next(m for m in ran.json["messages"] if m["key"].endswith("answers_not_known"))
    assert all(word in said["text"] for word in (heading, cell))
    assert intact(program) == {"A1": "untested", "A2": "intact"}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("heading", "good"), [QUESTIONS[0], QUESTIONS[7]])
def test_it_is_told_before_the_import_and_not_asked(
    program: Program, answer: Answer, tmp_path: Path, heading: str, good: str, lang: str
) -> None:
    file = town(tmp_path / "r.csv", heading, "未试", good)
    ran = answer(file, "wgs84", "y", lang=lang)
    assert ran.code == 0, ran
    before = ran.out[: ran.out.rindex("\n")]
    assert "未试 (1)" in before
    assert intact(program) == {"A1": "untested", "A2": "intact"}


@pytest.mark.parametrize("heading", ["是否完好", "working y/n", "OK?", "状态"])
def test_a_column_of_states_leaves_it_open_and_counts_it(
    program: Program, answer: Answer, tmp_path: Path, heading: str
) -> None:
    good, bad = ("完好", "损坏") if heading == "状态" else ("y", "n")
    cells = (good, bad, "?", "?", "未测")
    file = table(
        tmp_path / "r.csv", (*HEAD[:4], heading, HEAD[5]),
        *((f"A{n}", "地上式消火栓", f"120.1{n}1", "30.25", cell, "2026-11-01")
          for n, cell in enumerate(cells)),
    )  # fmt: skip
    ran = answer(file, "wgs84", "y", lang="en")
    assert ran.code == 0, ran
    assert f'"{heading}" = "?" (2 rows)' in ran.out
    assert f'"{heading}" = "未测" (1 row)' in ran.out
    found = intact(program)
    assert [found[f"A{n}"] for n in range(5)] == ["intact", "defective", *["untested"] * 3]


@pytest.mark.parametrize("heading", ["working", "停用", "是否正常"])
def test_of_two_columns_the_one_that_does_not_know_counts(
    program: Program, answer: Answer, tmp_path: Path, heading: str
) -> None:
    file = town(tmp_path / "r.csv", heading, "unknown", "否" if heading == "停用" else "是")
    ran = answer(file, "wgs84", "y", lang="en")
    assert ran.code == 0, ran
    assert intact(program) == {"A1": "untested", "A2": "intact"}


@pytest.mark.parametrize(
    ("heading", "means", "expected"),
    [
        ("检后确认", "no_fails", "untested"),
        ("检后确认", "nothing", "intact"),
        ("能否出水", "fails", "untested"),
        ("能否出水", "nothing", "intact"),
    ],
)
def test_what_a_mapping_states_of_the_column_makes_it_no_answer(
    program: Program, tmp_path: Path, heading: str, means: str, expected: str
) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text(RULES.format(f'otherwise."{heading}" = "{means}"', PLACE), "utf-8")
    ran = program("import", town(tmp_path / "r.csv", heading, "未试", "是"), "--mapping", mapping)
    assert ran.code == 0, ran
    assert intact(program) == {"A1": expected, "A2": "intact"}


def test_an_answer_that_changes_alone_takes_the_good_state_back_and_gives_it_again(
    program: Program, tmp_path: Path
) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text(RULES.format("", PLACE), "utf-8")
    for cell, expected in (("是", "intact"), ("未试", "untested"), ("是", "intact")):
        file = town(tmp_path / "r.csv", "能否出水", cell, "是")
        ran = program("import", file, "--mapping", mapping, "--json")
        assert ran.code == 0, ran
        assert intact(program) == {"A1": expected, "A2": "intact"}
    again = program("import", file, "--mapping", mapping, "--json")
    assert again.data["unchanged"] == 2


def test_what_was_measured_is_kept(program: Program, tmp_path: Path) -> None:
    file = table(
        tmp_path / "r.csv",
        ("code", "kind", "lon", "lat", "crs", "outcome", "at", "static_kpa", "OK?"),
        ("A1", "hydrant.pillar", *PLACES[0][2:], "wgs84", "works", "2026-11-01", "320", "未试"),
    )
    ran = program("import", file, "--json")
    assert ran.code == 0, ran
    assert [row["code"] for row in ran.data["named"]["answers_not_known"]] == ["A1"]
    assert intact(program) == {"A1": "untested"}
    assert ran.data["visits"]["without_outcome"] == 1


def test_a_yes_that_ends_an_asset_leaves_the_unknown_ones_open(
    program: Program, answer: Answer, tmp_path: Path
) -> None:
    rows = [
        (*place, "完好", "2026-11-01", cell)
        for place, cell in zip(
            [*PLACES, ("A3", "地上式消火栓", "120.171", "30.25")], ("是", "未知", "否"), strict=True
        )
    ]
    file = table(tmp_path / "r.csv", (*HEAD, "是否拆除"), *rows)
    ran = answer(file, "wgs84", "y", lang="en")
    assert ran.code == 0, ran
    assert intact(program) == {"A2": "untested", "A3": "intact"}
