"""Tables of units and numbers that say a thing twice: agreeing it is taken, else refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_ended_numbers import required, spans, stated
from tests.conftest import Program

__all__ = ["stated"]

HEADS = "region,kind,count,from"
#: Columns that mean what another one does, and what a cell says that differs.
NUMBERS = [
    (f"{HEADS},count", "A,hydrant,1,2024-01-01", "30"),
    (f"{HEADS},应建数量（处）", "A,hydrant,1,2024-01-01", "30"),
    (f"{HEADS},有效期起", "A,hydrant,1,2024-01-01", "2021-01-01"),
    (f"{HEADS},until,失效日期", "A,hydrant,1,2024-01-01,2025-01-01", "2026-01-01"),
    (f"{HEADS},service,服务对象", "A,hydrant,1,2024-01-01,municipal", "rural"),
    (f"{HEADS},类别", "A,hydrant,1,2024-01-01", "crane"),
    (f"{HEADS},区划名称", "A,hydrant,1,2024-01-01", "乙镇"),
    (f"{HEADS},行政区划", "甲镇,hydrant,1,2024-01-01", "B"),
]


@pytest.mark.parametrize(("head", "row", "other"), NUMBERS)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_two_columns_of_a_number_that_differ_are_refused_with_the_line(
    stated: Program, tmp_path: Path, head: str, row: str, other: str, lang: str
) -> None:
    file = tmp_path / "n.csv"
    file.write_text(f"{head}\nB,hydrant,2,2022-01-01{',' * (head.count(',') - 3)}\n", "utf-8")
    assert stated("require", "import", file).code == 0
    file.write_text(f"{head}\n{row},{other}\n", "utf-8")
    refused = stated("require", "import", file, lang=lang)
    assert refused.code == 3
    assert {"en": "n.csv, line 2", "zh": "第 2 行"}[lang] in refused.err
    assert other in refused.err
    assert required(stated, "2024-06-01") == 10


def test_a_blank_cell_is_filled_from_the_other_column_of_the_same(
    stated: Program, tmp_path: Path
) -> None:
    (tmp_path / "n.csv").write_text(
        f"区划代码,区划,{HEADS.partition(',')[2]},until,失效日期,单位\n"
        "A,甲镇,hydrant,4,2024-01-01,,2025-01-01,处\nA,Jia,取水口,2,2024-01-01,,,处\n",
        "utf-8",
    )
    stated.data("require", "import", tmp_path / "n.csv")
    assert ("hydrant", None, 4, "2024-01-01", "2025-01-01") in spans(stated)
    assert ("intake", None, 2, "2024-01-01", None) in spans(stated)


@pytest.mark.parametrize(
    ("word", "kind"),
    [("消火栓（地上式）", "hydrant.pillar"), ("取水口", "intake"), ("河流取水口", "intake.river"),
     ("消防栓", "hydrant"), ("Pillar hydrant", "hydrant.pillar")],
)  # fmt: skip
def test_kinds_are_named_as_offices_write_them(
    stated: Program, tmp_path: Path, word: str, kind: str
) -> None:
    file = tmp_path / "n.csv"
    file.write_text(f"{HEADS}\nB,{word},2,2024-01-01\n", "utf-8")
    stated.data("require", "import", file)
    assert kind in [row["kind"] for row in stated.data("require", "list", "B")["requirements"]]
    file.write_text(f"{HEADS}\nB,{word}（其他）,2,2025-01-01\n", "utf-8")
    assert stated("require", "import", file).code == 3


def test_tables_of_offices_have_titles_and_headings_on_each_page(
    stated: Program, tmp_path: Path
) -> None:
    """And the name alone where a unit's code is not filled in."""
    head = "区划代码,区划名称,类别,应建数量,有效期起"
    (tmp_path / "n.csv").write_text(
        f"全县消火栓建设任务表,,,,\n{head}\nA,甲镇,消火栓,4,2024-01-01\n{head}\n"
        ",乙镇,消火栓,5,2024-01-01\n",
        "utf-8",
    )
    stated.data("require", "import", tmp_path / "n.csv")
    rows = stated.data("require", "list", "B")["requirements"]
    assert [(row["region"], row["count"]) for row in rows] == [("B", 5)]
    (tmp_path / "t.csv").write_text(
        "全县区划,,,\n代码,名称,级别,上级\nD,丁镇,乡镇,县\n代码,名称,级别,上级\nE,戊镇,乡镇,C\n",
        "utf-8",
    )
    assert stated.data("region", "import", tmp_path / "t.csv")["new"] == 2


TWICE = [
    "A,甲镇,township,C,,\nA,甲镇,township,D,,",
    "A,甲镇,township,C,,\nA,丙镇,township,C,,",
    "A,甲镇,township,C,2025-01-01,B\nA,甲镇,township,C,2024-01-01,B",
    "A,甲镇,township,C,2025-01-01,B\nA,甲镇,township,C,2025-01-01,C",
]


@pytest.mark.parametrize("rows", TWICE)
def test_a_unit_that_a_file_states_twice_otherwise_is_refused(
    stated: Program, tmp_path: Path, rows: str
) -> None:
    file = tmp_path / "t.csv"
    head = "code,name_zh,level,parent_code,valid_until,successors\nD,丁县,county,,,\n"
    file.write_text(f"{head}{rows}\n", "utf-8")
    for lang, words in (("en", "t.csv, line 4: line 3"), ("zh", "第 4 行：第 3 行")):
        refused = stated("region", "import", file, lang=lang)
        assert (refused.code, words in refused.err) == (3, True)
    assert "D" not in stated("region", "list").out
    first, _ = rows.split("\n")
    file.write_text(f"{head}{first}\n{first}\n", "utf-8")
    assert stated("region", "import", file).code == 0
    assert stated.data("db", "check")["faults"] == []


def test_a_unit_may_be_stated_from_two_days(stated: Program, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "code,name_zh,level,parent_code,valid_from\nD,丁县,county,,\nA,甲镇,township,C,\n"
        "A,甲镇,township,D,2025-01-01\n",
        "utf-8",
    )
    stated.data("region", "import", tmp_path / "t.csv")
    for day, above in (("2024-12-31", "C"), ("2025-01-01", "D")):
        total = stated.data("integrity", above, "--as-of", day)["total"]["completeness"]
        assert total["required"] == 10


@pytest.mark.parametrize("parent", ["丁县", "County", "C"])
def test_parents_and_successors_are_named_as_people_name_them(
    stated: Program, tmp_path: Path, parent: str
) -> None:
    """Of the file or on record; whose name nobody bears is refused, not kept as a code."""
    (tmp_path / "t.csv").write_text(
        "代码,名称,级别,上级,失效日期,承接单位\nD,丁县,county,,,\n"
        f"E,戊镇,township,{parent},,\nA,甲镇,township,County,2025-01-01,戊镇;Yi\n",
        "utf-8",
    )
    stated.data("region", "import", tmp_path / "t.csv")
    above = "D" if parent == "丁县" else "C"
    stated.data("require", "set", "E", "hydrant", 3, "--from", "2020-01-01")
    total = stated.data("integrity", above, "--as-of", "2024-06-01")["total"]["completeness"]
    assert total["required"] == (3 if above == "D" else 13)
    assert stated.data("db", "check")["faults"] == []
    again = stated.data("region", "import", tmp_path / "t.csv")
    assert (again["new"], again["updated"]) == (0, 0)


@pytest.mark.parametrize(("word", "said"), [("无名县", "无名县"), ("双镇", "K1, K2")])
@pytest.mark.parametrize("column", ["parent_code", "successors"])
def test_a_name_that_nothing_or_more_than_one_bears_is_refused(
    stated: Program, tmp_path: Path, column: str, word: str, said: str
) -> None:
    ends = "2025-01-01" if column == "successors" else ""
    above = word if column == "parent_code" else "C"
    heir = word if column == "successors" else ""
    (tmp_path / "t.csv").write_text(
        "code,name_zh,level,parent_code,valid_until,successors\n"
        "K1,双镇,township,C,,\nK2,双镇,township,C,,\n"
        f"V,小村,village,{above},{ends},{heir}\n",
        "utf-8",
    )
    refused = stated("region", "import", tmp_path / "t.csv")
    assert (refused.code, said in refused.err) == (3, True)
    assert "K1" not in stated("region", "list").out


@pytest.mark.parametrize(
    ("word", "kind", "service"),
    [("市政消火栓", "hydrant", "municipal"), ("农村取水口", "intake", "rural"),
     ("municipal hydrant", "hydrant", "municipal"), ("乡村消防水池", "tank", "rural")],
)  # fmt: skip
def test_the_service_may_stand_before_the_kind(
    stated: Program, tmp_path: Path, word: str, kind: str, service: str
) -> None:
    file = tmp_path / "n.csv"
    file.write_text(f"{HEADS},service\nB,{word},2,2024-01-01,\n", "utf-8")
    stated.data("require", "import", file)
    rows = stated.data("require", "list", "B")["requirements"]
    assert (kind, service, 2) in [(row["kind"], row["service"], row["count"]) for row in rows]
    other = {"municipal": "rural", "rural": "municipal"}[service]
    file.write_text(f"{HEADS},service\nB,{word},3,2025-01-01,{other}\n", "utf-8")
    assert stated("require", "import", file).code == 3


@pytest.mark.parametrize("word", ["室外消火栓", "市政设备", "市政", "单位自有消火栓", "消火拴"])
def test_kinds_that_are_not_known_are_refused_with_their_names(
    stated: Program, tmp_path: Path, word: str
) -> None:
    file = tmp_path / "n.csv"
    file.write_text(f"{HEADS}\nB,{word},2,2024-01-01\n", "utf-8")
    assert "hydrant.pillar (pillar hydrant)" in stated("require", "import", file).err
    refused = stated("require", "import", file, lang="zh")
    assert refused.code == 3
    assert "hydrant.pillar（地上式消火栓）" in refused.err


@pytest.mark.parametrize(("lang", "said"), [("en", "in one row, with ;"), ("zh", "用“；”分隔")])
def test_a_split_in_several_rows_is_refused_with_how_to_write_it(
    program: Program, tmp_path: Path, lang: str, said: str
) -> None:
    file = tmp_path / "r.csv"
    head = "code,name_zh,level,parent_code,valid_until,successors\n"
    old = "A,甲镇,township,C,2026-01-01"
    units = "B,乙镇,township,C,,\nD,丁镇,township,C,,\n"
    file.write_text(f"{head}C,某县,county,,,\n{units}{old},B\n{old},D\n", "utf-8")
    refused = program("region", "import", file, lang=lang)
    assert refused.code == 3
    assert said in refused.err
    file.write_text(f"{head}C,某县,county,,,\n{units}{old},B；D\n", "utf-8")
    assert program("region", "import", file).code == 0


@pytest.mark.parametrize(("cell", "count"), [("30处", 30), ("1,200", 1200), ("１２ 座", 12)])
def test_numbers_as_offices_write_them(
    stated: Program, tmp_path: Path, cell: str, count: int
) -> None:
    file = tmp_path / "n.csv"
    file.write_text(f'区划代码,类别,应建数量,有效期起\nB,水鹤,"{cell}",2024-01-01\n', "utf-8")
    stated.data("require", "import", file)
    rows = stated.data("require", "list", "B")["requirements"]
    assert count in [row["count"] for row in rows if row["kind"] == "crane"]


@pytest.mark.parametrize("cell", ["约30", "3.5", "1,20", "-3", "三十", "30（含水鹤2）", ""])
def test_what_is_no_number_is_refused_under_the_heading_of_the_file(
    stated: Program, tmp_path: Path, cell: str
) -> None:
    file = tmp_path / "n.csv"
    file.write_text(f'区划代码,类别,应建数量,有效期起\nB,水鹤,"{cell}",2024-01-01\n', "utf-8")
    refused = stated("require", "import", file, lang="zh")
    assert refused.code == 3
    assert "第 2 行：应建数量" in refused.err
    assert "count" not in refused.err


@pytest.mark.parametrize("word", ["合计", "总计：", "Total"])
def test_rows_that_sum_numbers_up_are_left_out_and_named(
    stated: Program, tmp_path: Path, word: str
) -> None:
    file = tmp_path / "n.csv"
    file.write_text(
        f"乡镇,类别,应建数量,有效期起\n甲镇,水鹤,3,2024-01-01\n乙镇,水鹤,4,2024-01-01\n{word},,7,\n",
        "utf-8",
    )
    ran = stated("require", "import", file)
    assert ran.code == 0
    assert "line 4" in ran.err
    rows = stated.data("require", "list")["requirements"]
    assert sorted(row["count"] for row in rows if row["kind"] == "crane") == [3, 4]
