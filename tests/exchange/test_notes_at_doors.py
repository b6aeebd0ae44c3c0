"""One rule for what stands beside a good visit, at every door: files, forms, keyboard, exports."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from hydrant.exchange.visit_notes import Beside
from tests.conftest import Program
from tests.exchange.test_stranger import table
from tests.survey.test_phone import VISIT, write_export

BAD = ("无水", "打不开，井盖被车压住", "已拆除", "no water", "hit by a truck, does not open")
HARMLESS = ("检查正常，出水正常", "无漏水", "近人民路", "repaired since")
HEAD = ("code", "kind", "lon", "lat", "crs", "outcome", "at", "note")


@pytest.fixture
def street(program: Program) -> Program:
    """Three hydrants of which nothing is known yet."""
    for number in range(3):
        program.data("asset", "add", f"H{number}", "--kind", "hydrant.pillar", "--crs", "wgs84",
                     "--lon", 120.1 + number / 100, "--lat", 30.2)  # fmt: skip
    return program


def visits(path: Path, *rows: tuple[str, ...], head: tuple[str, ...] = ()) -> Path:
    return table(path, ("code", "at", "outcome", *(head or ("note",))), *rows)


def condition(program: Program, code: str = "H0") -> Any:
    return program.data("explain", code)["condition"]


@pytest.mark.parametrize("note", BAD)
def test_a_file_of_visits_is_refused_where_its_note_says_otherwise(
    street: Program, tmp_path: Path, note: str
) -> None:
    file = visits(tmp_path / "v.csv", ("H0", "2026-06-11", "works", note))
    ran = street("survey", "import", file, "--json")
    assert (ran.code, ran.data["new"], ran.data["refused"]) == (3, 0, 1)
    assert note in ran.data["rows"][0]["reason"]
    assert condition(street) == "untested"
    zh = street("survey", "import", file, lang="zh")
    assert "矛盾" in zh.out


@pytest.mark.parametrize("note", HARMLESS)
def test_harmless_notes_say_nothing(street: Program, tmp_path: Path, note: str) -> None:
    file = visits(tmp_path / "v.csv", ("H0", "2026-06-11", "works", note))
    data = street.data("survey", "import", file)
    assert (data["new"], data["named"]) == (1, {})


def test_what_is_not_understood_stays_a_note_and_is_said(street: Program, tmp_path: Path) -> None:
    file = visits(tmp_path / "v.csv", ("H0", "2026-06-11", "works", "贵宾专用"))
    data = street.data("survey", "import", file)
    assert data["new"] == 1
    assert [row["value"] for row in data["named"]["remarks_unclear"]] == ["贵宾专用"]


@pytest.mark.parametrize(
    ("heading", "cell", "good"),
    [
        ("是否完好", "否", "是"),
        ("备注", "无水", "正常"),
        ("flow", "0", ""),
        ("存在问题", "漏水", "无"),
        ("是否可用", "未试", "是"),
    ],
)
def test_columns_beside_the_outcome_are_weighed(
    street: Program, tmp_path: Path, heading: str, cell: str, good: str
) -> None:
    rows = (("H0", "2026-06-11", "works", cell), ("H1", "2026-06-11", "works", good))
    ran = street("survey", "import", visits(tmp_path / "v.csv", *rows, head=(heading,)), "--json")
    assert (ran.code, ran.data["new"]) == (3, 0)
    assert [row["line"] for row in ran.data["rows"]] == [2]


def test_a_defect_beside_it_decides_and_is_told(street: Program, tmp_path: Path) -> None:
    rows = (("H0", "2026-06-11", "works", "无水", "other"),)
    file = visits(tmp_path / "v.csv", *rows, head=("note", "defects"))
    data = street.data("survey", "import", file)
    assert data["new"] == 1
    assert [row["value"] for row in data["named"]["remarks_against"]] == ["无水"]


def test_a_visit_that_is_on_record_is_no_news(street: Program, tmp_path: Path) -> None:
    street.data("survey", "record", "H0", "--outcome", "works", "--at", "2026-06-11", "--by", "A")
    noted = visits(tmp_path / "v.csv", ("H0", "2026-06-11", "works", "", "A"),
                   head=("note", "inspector"))  # fmt: skip
    assert street.data("survey", "import", noted)["unchanged"] == 1


@pytest.mark.parametrize("note", BAD)
def test_a_recorded_note_is_refused_with_what_to_do(street: Program, note: str) -> None:
    ran = street("survey", "record", "H0", "--outcome", "works", "--note", note)
    assert ran.code == 3
    assert "--outcome fails" in ran.err
    assert condition(street) == "untested"
    kept = street("survey", "record", "H0", "--outcome", "fails", "--note", note)
    assert kept.code == 0


def test_a_recorded_note_with_a_defect_says_what_it_counts_as(street: Program) -> None:
    ran = street("survey", "record", "H0", "--outcome", "works", "--defect", "other",
                 "--note", "打不开")  # fmt: skip
    assert ran.code == 0
    assert "now counts as" in ran.out
    assert "打不开" in ran.err
    told = street("survey", "record", "H1", "--outcome", "works", "--note", "贵宾专用", lang="zh")
    assert (told.code, "贵宾专用" in told.err) == (0, True)


@pytest.mark.parametrize("note", BAD[:3])
def test_submissions_are_held_against_their_notes(
    street: Program, tmp_path: Path, note: str
) -> None:
    visit = VISIT | {"note": note, "any_defects": "no", "defects": [], "photos": []}
    folder = write_export(tmp_path / "out", [visit], lambda name: name, photos=False)
    ran = street("survey", "import", folder, "--json")
    assert (ran.code, ran.data["refused"]) == (3, 1)
    assert note in ran.data["rows"][0]["reason"]


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({"all_ok": "no"}, "all_ok"),
        ({"all_ok": "yes", "check_sign": "no"}, "sign"),
        ({"是否完好": "否"}, "是否完好"),
    ],
)
def test_submissions_that_contradict_themselves_are_refused(
    street: Program, tmp_path: Path, answers: dict[str, str], why: str
) -> None:
    visit = VISIT | {"any_defects": "no", "defects": [], "photos": []} | answers
    folder = write_export(tmp_path / "out", [visit], lambda name: name, photos=False)
    ran = street("survey", "import", folder, "--json")
    assert (ran.code, ran.data["refused"]) == (3, 1)
    assert why in ran.data["rows"][0]["reason"]


def test_submissions_that_were_taken_in_before_are_no_news(
    street: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = VISIT | {"note": "无水", "any_defects": "no", "defects": [], "photos": []}
    folder = write_export(tmp_path / "out", [visit], lambda name: name, photos=False)
    with monkeypatch.context() as before:  # as an earlier version took it in
        before.setattr("hydrant.exchange.submission_notes.beside_visits", lambda *_, **__: Beside())
        assert street.data("survey", "import", folder)["new"] == 1
    assert street.data("survey", "import", folder)["unchanged"] == 1


@pytest.fixture
def export(program: Program, tmp_path: Path) -> Path:
    """The export of two hydrants that work."""
    rows = [(f"A-{n}", "hydrant.pillar", f"120.{n}1", "30.2", "cgcs2000", "works", "2026-06-11", "")
            for n in (1, 2)]  # fmt: skip
    program.data("import", table(tmp_path / "before.csv", HEAD, *rows))
    file = tmp_path / "export.csv"
    program.data("export", file)
    return file


def edited(file: Path, **change: str) -> Path:
    """The export with some cells of its first row changed."""
    with file.open(encoding="utf-8-sig", newline="") as read:
        rows = list(csv.DictReader(read))
    rows[0] |= change
    made = file.with_name("edited.csv")
    return table(made, [*rows[0]], *([*row.values()] for row in rows))


@pytest.mark.parametrize("column", ["note", "inspection_note"])
@pytest.mark.parametrize("note", BAD)
def test_a_note_written_into_our_export_is_refused(
    program: Program, export: Path, column: str, note: str
) -> None:
    ran = program("import", edited(export, **{column: note}), "--json")
    assert (ran.code, ran.data["refused"], ran.data["unchanged"]) == (3, 1, 1)
    assert note in ran.data["rows"][0]["reason"]
    later = {column: note, "inspection_at": "2026-07-01"}
    assert program("import", edited(export, **later)).code == 3


def test_another_note_of_a_visit_is_taken_over_and_said(program: Program, export: Path) -> None:
    data = program.data("import", edited(export, inspection_note="贵宾专用"))
    assert (data["updated"], data["unchanged"]) == (1, 1)
    assert "remarks_unclear" in data["named"]
    old = program.data("import", export)
    assert (old["updated"], [*old["named"]]) == (0, [])
    fresh = export.with_name("fresh.csv")
    program.data("export", fresh)
    assert "贵宾专用" in fresh.read_text("utf-8-sig")
    assert program.data("import", fresh)["unchanged"] == 2


def test_an_export_of_before_undoes_no_later_note(program: Program, export: Path) -> None:
    first = edited(export, inspection_note="检查正常")
    program.data("import", first)
    kept = first.rename(export.with_name("first.csv"))
    program.data("import", edited(export, inspection_note="近人民路"))
    data = program.data("import", kept)
    assert data["updated"] == 0
    assert len(data["named"]["notes_left"]) == 1


def test_notes_on_record_read_back_unchanged(program: Program, export: Path) -> None:
    program.data("survey", "record", "A-1", "--outcome", "works", "--defect", "other",
                 "--note", "no water")  # fmt: skip
    program.data("export", export)
    data = program.data("import", export)
    assert (data["unchanged"], data["refused"]) == (2, 0)
    worse = edited(export, note="does not open, hit by a truck")
    assert program("import", worse).code == 3


def test_notes_recorded_elsewhere_are_taken_and_named(program: Program, export: Path) -> None:
    other = export.with_name("other.gpkg")
    program.data("init", "--no-regions", "--db", other)
    file = edited(export, inspection_note="no water")
    data = program("import", file, "--json", "--db", other).data
    assert (data["new"], len(data["named"]["remarks_against"])) == (2, 1)


def test_a_note_of_another_register_on_a_known_visit_is_said(
    street: Program, tmp_path: Path
) -> None:
    row = ("H0", "hydrant.pillar", "120.1", "30.2", "cgcs2000", "works", "2026-06-11")
    street.data("survey", "record", "H0", "--outcome", "works", "--at", "2026-06-11")
    data = street.data("import", table(tmp_path / "office.csv", HEAD, (*row, "近人民路")))
    assert (data["unchanged"], len(data["named"]["notes_left"])) == (1, 1)
