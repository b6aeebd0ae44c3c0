"""Regions that have not begun or have ended, at every door; names as they were on the day asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Program

#: A ended and B took over; S was split among B and D; N begins later; X ended without a successor.
#: "Old" was the name of E and is that of F now.
TREE = """code,name_zh,name_en,level,parent_code,valid_from,valid_until,successors
C,县,County,county,,,,
B,乙镇,Yi,township,C,,,
D,丁镇,Ding,township,C,,,
A,甲镇,Jia,township,C,,2024-01-01,B
S,戊镇,Wu,township,C,,2024-01-01,B D
N,新镇,New,township,C,2999-01-01,,
X,废镇,Gone,township,C,,2023-01-01,
E,老城,Old,township,C,,2024-01-01,D
F,老城,Old,township,C,2024-01-01,,
"""


@pytest.fixture
def county(program: Program, tmp_path: Path) -> Program:
    file = tmp_path / "tree.csv"
    file.write_text(TREE, "utf-8")
    program.data("region", "import", file)
    return program


def add(region: str, code: str = "H1") -> list[object]:
    return ["asset", "add", code, "--kind", "hydrant", "--lon", 120.05, "--lat", 30.05, "--crs",
            "cgcs2000", "--region", region]  # fmt: skip


def row(folder: Path, region: str) -> list[object]:
    file = folder / "r.csv"
    file.write_text(f"code,kind,lon,lat,region\nR1,hydrant,120.06,30.06,{region}\n", "utf-8")
    return ["import", file, "--crs", "cgcs2000"]


def number(folder: Path, region: str) -> list[object]:
    file = folder / "n.csv"
    file.write_text(f"region,kind,count,from\n{region},hydrant,2,2025-05-01\n", "utf-8")
    return ["require", "import", file]


@pytest.mark.parametrize("region", ["N", "新镇"])
def test_a_region_that_has_not_begun_takes_nothing_at_any_door(
    county: Program, tmp_path: Path, region: str
) -> None:
    county.data(*add("B"))
    doors: list[list[object]] = [
        add(region, "H2"),
        ["asset", "edit", "H1", "--region", region],
        ["asset", "edit", "H1", "--region", region, "--from", "2998-12-31"],
        ["require", "set", region, "hydrant", 1, "--from", "2025-01-01"],
        number(tmp_path, region),
        row(tmp_path, region),
        [*row(tmp_path, region), "--dry-run"],
    ]
    for words in doors:
        for lang in ("zh", "en"):
            ran = county(*words, lang=lang)
            assert ran.code == 3, words
            assert "2999-01-01" in ran.out + ran.err, words
    (asset,) = county.data("asset", "list")["assets"]
    assert asset["region_code"] == "B"
    assert county.data("require", "list")["requirements"] == []


def test_what_begins_with_the_region_is_taken(county: Program) -> None:
    county.data(*add("B"))
    ran = county("asset", "edit", "H1", "--region", "N", "--from", "2999-01-01", "--json")
    assert ran.code == 0
    assert [message["key"] for message in ran.json["messages"]] == ["cli_asset.not_today"]
    county.data("require", "set", "N", "hydrant", 1, "--from", "2999-01-01")


@pytest.mark.parametrize("door", ["add", "edit", "import"])
def test_an_asset_of_a_region_that_ended_is_said_to_count_in_its_successor(
    county: Program, tmp_path: Path, door: str
) -> None:
    if door == "edit":
        county.data(*add("D"))
    doors: dict[str, list[object]] = {
        "add": add("A"),
        "edit": ["asset", "edit", "H1", "--region", "A"],
        "import": row(tmp_path, "A"),
    }
    words = doors[door]
    ran = county(*words, "--json")
    assert ran.code == 0
    (said,) = [m for m in ran.json["messages"] if m["key"] == "store.region_taken_over"]
    assert said["level"] == "note" if door == "import" else "warning"
    assert "2024-01-01" in said["text"]
    assert " B" in said["text"]
    groups = county.data("integrity", "--by", "township")["groups"]
    counts = {g["key"]: g["working_order"]["existing"] for g in groups}
    assert {key: count for key, count in counts.items() if count} == {"B": 1}
    if door == "import":
        assert [one["code"] for one in ran.data["named"]["ended"]] == ["R1"]
        again = county(*words, "--json")
        assert "ended" not in again.data["named"]  # nothing was placed anew


@pytest.mark.parametrize(("region", "heirs"), [("S", "B, D"), ("X", "–")])
def test_an_asset_of_a_region_without_a_single_successor(
    county: Program, tmp_path: Path, region: str, heirs: str
) -> None:
    """A command is refused; a register, which may be old, is taken and its rows are named."""
    county.data(*add("B"))
    for words in (add(region, "H2"), ["asset", "edit", "H1", "--region", region]):
        ran = county(*words)
        assert (ran.code, ran.err.count("\n")) == (3, 1)
        assert heirs in ran.err
    ran = county("asset", "edit", "H1", "--region", region, "--from", "2020-01-01")
    assert ran.code == 0  # it was in force then
    ran = county(*row(tmp_path, region), "--json")
    assert ran.code == 0
    assert [one["code"] for one in ran.data["named"]["ended"]] == ["R1"]
    assert "store.region_gone" in [m["key"] for m in ran.json["messages"]]


@pytest.mark.parametrize(
    "words",
    [
        ("integrity", "Old"),
        ("todo", "Old"),
        ("money", "Old"),
    ],
)
def test_a_name_is_that_of_the_day_asked_for(county: Program, words: tuple[str, ...]) -> None:
    """What was called so in 2023 is another unit than what is called so today."""
    county.data("require", "set", "E", "hydrant", 1, "--from", "2020-01-01")
    county.data("require", "set", "F", "hydrant", 5, "--from", "2024-01-01")
    if words[0] == "integrity":
        for day, required in (("2023-12-31", 1), ("2024-01-01", 5)):
            found = county.data(*words, "--as-of", day)
            assert found["total"]["completeness"]["required"] == required
    else:
        assert county(*words, "--as-of", "2023-12-31").code == 0
    assert county("integrity", "E", "--as-of", "2023-12-31").code == 0


@pytest.mark.parametrize(
    "words",
    [
        ("compare", "2023-06-01", "2025-01-01", "--region", "Old"),
        ("trend", "老城", "--from", "2023-06-01", "--to", "2025-01-01"),
    ],
)
def test_a_name_that_changed_hands_between_the_days_is_refused_with_both(
    county: Program, words: tuple[str, ...]
) -> None:
    for lang in ("zh", "en"):
        ran = county(*words, lang=lang)
        assert (ran.code, "E, F" in ran.err) == (3, True)
    assert county("compare", "2023-06-01", "2023-12-01", "--region", "Old").code == 0


def test_a_name_of_two_on_a_past_day_is_refused_with_both(county: Program, tmp_path: Path) -> None:
    file = tmp_path / "more.csv"
    file.write_text(
        "code,name_zh,level,parent_code,valid_until\nG,乙镇,township,C,2022-01-01\n", "utf-8"
    )
    county.data("region", "import", file)
    ran = county("integrity", "乙镇", "--as-of", "2021-06-01")
    assert (ran.code, "B (" in ran.err, "G (" in ran.err) == (3, True, True)
    assert county("integrity", "乙镇", "--as-of", "2023-06-01").code == 0
    county.data("require", "set", "Old", "hydrant", 1, "--from", "2020-01-01")
    county.data("require", "set", "Old", "hydrant", 2, "--from", "2025-01-01")
    listed = county.data("require", "list")["requirements"]
    assert [(r["region"], r["count"]) for r in listed] == [("E", 1), ("F", 2)]
