"""Tables of units and numbers as offices write them: their headings, words, digits and dates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Program

UNITS = (
    "区划编号,名称,上级,级别,有效期起,失效日期,承接单位,备注\n"
    "３３０１９９,县,,县,,,,\n330199001,甲镇,３３０１９９,乡镇,２０２０年１月１日,,,东\n"
    "330199002,乙镇,330199,镇,,2024-01-01,３３０１９９００１,\n330199001201,村,330199001,行政村,,,,\n"
)


def saved(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.write_text(content, encoding)
    return path


def units(program: Program) -> dict[str, Any]:
    return {row["code"]: row for row in program.data("region", "list")["regions"]}


@pytest.fixture
def county(program: Program, tmp_path: Path) -> Program:
    program.data("region", "import", saved(tmp_path / "u.csv", UNITS))
    return program


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_units_under_chinese_headings(program: Program, tmp_path: Path, encoding: str) -> None:
    file = saved(tmp_path / "u.csv", UNITS, encoding)
    done = program.data("region", "import", file, "--encoding", encoding)
    assert (done["new"], done["unread"]) == (4, ["备注"])
    found = units(program)
    assert {code: (row["level"], row["parent_code"]) for code, row in found.items()} == {
        "330199": ("county", "330100"), "330199001": ("township", "330199"),
        "330199002": ("township", "330199"), "330199001201": ("village", "330199001"),
    }  # fmt: skip
    assert found["330199001"]["valid_from"] == "2020-01-01"
    assert found["330199002"]["successors"] == ["330199001"]


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("区划编号,类别,需建数量,有效期起", "３３０１９９００１,消火栓,１２,２０２０年１月１日"),
        ("行政区划,设施类别,应建数（处）,生效日期", "甲镇,消防栓,12,2020/1/1"),
        ("Region,KIND,Count,From", "330199001,Hydrant,12,2020-01-01"),
    ],
)
def test_numbers_under_chinese_headings(
    county: Program, tmp_path: Path, head: str, row: str
) -> None:
    county.data("require", "import", saved(tmp_path / "n.csv", f"{head}\n{row}\n"))
    (stated,) = county.data("require", "list")["requirements"]
    assert (stated["region"], stated["kind"], stated["count"], stated["from"]) == (
        "330199001", "hydrant", 12, "2020-01-01"
    )  # fmt: skip


def test_words_of_services_and_origins(county: Program, tmp_path: Path) -> None:
    rows = "甲镇,地上式消火栓,5,2020-01-01,市政,规划,某发〔2020〕1号\n"
    head = "区划名称,类别,数量,起始日期,服务对象,来源,文号\n"
    county.data("require", "import", saved(tmp_path / "n.csv", head + rows))
    (stated,) = county.data("require", "list")["requirements"]
    names = ("kind", "service", "origin", "document")
    assert [stated[name] for name in names] == [
        "hydrant.pillar", "municipal", "plan", "某发〔2020〕1号"
    ]  # fmt: skip


def test_of_two_headings_for_one_the_code_is_meant_and_the_other_told(
    county: Program, tmp_path: Path
) -> None:
    """Where both mean one unit; else nobody knows which of them."""
    rows = "区划名称,区划代码,类别,数量,起始日期\n乙镇,330199001,消火栓,5,2020-01-01\n"
    refused = county("require", "import", saved(tmp_path / "n.csv", rows))
    assert (refused.code, "330199002" in refused.err) == (3, True)
    rows = rows.replace("乙镇", "甲镇")
    done = county.data("require", "import", saved(tmp_path / "n.csv", rows))
    assert done["unread"] == ["区划名称"]
    assert county.data("require", "list")["requirements"][0]["region"] == "330199001"


def test_a_column_that_is_missing_is_named_in_both_tongues(county: Program, tmp_path: Path) -> None:
    file = saved(tmp_path / "n.csv", "区划编号,类别,有效期起\n330199001,消火栓,2020-01-01\n")
    for lang in ("en", "zh"):
        ran = county("require", "import", file, lang=lang)
        assert ran.code == 3
        assert "count (应建数量" in ran.err
        assert "区划编号, 类别, 有效期起" in ran.err


def test_a_split_list_under_chinese_headings(county: Program, tmp_path: Path) -> None:
    rows = "330199003,丙镇,330199,镇,2020-01-01,,\n330199004,丁镇,330199,镇,2020-01-01,,\n"
    county.data("region", "import", saved(tmp_path / "u.csv", UNITS.splitlines()[0] + "\n" + rows))
    county.data("asset", "add", "H1", "--kind", "hydrant", "--lon", 120, "--lat", 30, "--crs",
                "cgcs2000", "--region", "330199001")  # fmt: skip
    file = saved(tmp_path / "s.csv", "设施编号,承接区划\nH1,丁镇\n")
    done = county.data("region", "succeed", "330199001", "330199003", "330199004", "--at",
                       "2025-01-01", "--list", file)  # fmt: skip
    assert done["moved"] == {"330199004": 1}


@pytest.mark.parametrize(
    ("cells", "right"),
    [
        (("03/04/2024",), "2024-04-03"),
        (("45000",), "2023-03-15"),
        (("13/05/2024", "2024-04-03"), "year first"),
    ],
)
def test_no_advice_is_given_that_these_tables_cannot_take(
    county: Program, tmp_path: Path, cells: tuple[str, ...], right: str
) -> None:
    """They have no mapping: what a cell may say instead is told."""
    kinds = ("hydrant", "tank")
    numbers = [f"330199001,{kind},1,{cell}" for kind, cell in zip(kinds, cells, strict=False)]
    rows = [f"N{n},村,village,330199001,{cell}" for n, cell in enumerate(cells)]
    for words, head, lines in (
        (("require", "import"), "region,kind,count,from", numbers),
        (("region", "import"), "code,name,level,parent_code,valid_from", rows),
    ):
        file = saved(tmp_path / "t.csv", "\n".join((head, *lines)) + "\n")
        for lang in ("en", "zh"):
            ran = county(*words, file, lang=lang)
            assert ran.code == 3
            assert "date =" not in ran.err
            assert "mapping" not in ran.err
            assert "映射" not in ran.err
        assert right in county(*words, file).err


def test_observations_have_no_mapping_either(county: Program, tmp_path: Path) -> None:
    county.data("asset", "add", "H1", "--kind", "hydrant", "--lon", 120, "--lat", 30, "--crs",
                "cgcs2000", "--region", "330199001")  # fmt: skip
    file = saved(tmp_path / "o.csv", "code,outcome,at\nH1,works,03/04/2024\n")
    ran = county("survey", "import", file)
    assert ran.code == 3
    assert "date =" not in ran.out + ran.err


@pytest.mark.parametrize("heading", ["有效期止", "有效期至", "Valid to", "end"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_end_of_a_unit_of_which_nobody_knows_whether_it_stands_then(
    program: Program, tmp_path: Path, heading: str, lang: str
) -> None:
    file = tmp_path / "r.csv"
    head = f"code,name_zh,level,parent_code,{heading}"
    file.write_text(f"{head}\nC,某县,county,,\nT,某镇,township,C,2025-12-31\n", "utf-8")
    refused = program("region", "import", file, lang=lang)
    assert refused.code == 3
    assert heading in refused.err
    assert "valid_until" in refused.err
    file.write_text(f"{head}\nC,某县,county,,\nT,某镇,township,C,\n", "utf-8")
    assert program("region", "import", file).code == 0
