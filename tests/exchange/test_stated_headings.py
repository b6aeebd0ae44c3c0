"""What a heading says of its coordinates holds, or is refused by name: never read over."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from hydrant.errors import InputRefused
from hydrant.exchange.angle_columns import of_parts
from hydrant.exchange.cells import Problem
from hydrant.exchange.patterns import is_date_form
from hydrant.exchange.place_headings import (
    angles_in,
    axis_rank,
    refuse_other_system,
    stated_system,
    system_in,
)
from hydrant.exchange.readers import read_table
from hydrant.exchange.suggestion import words
from hydrant.geo import datum
from hydrant.geo.angles import parse_angle
from hydrant.geo.numbers import Marks
from hydrant.geo.pasted import pair_in_cell
from hydrant.geo.systems import parse_crs
from tests.conftest import Program
from tests.exchange.test_stranger import Answer, answer, table

__all__ = ["answer"]

Writer = Callable[[Path, Sequence[str], Sequence[Sequence[str]]], Path]


def as_csv(folder: Path, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    return table(folder / "r.csv", head, *rows)


def as_xlsx(folder: Path, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    path = folder / "r.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([head, *rows]):
            for column, cell in enumerate(row):
                try:
                    sheet.write_number(number, column, float(cell))
                except ValueError:
                    sheet.write_string(number, column, cell)
    return path


def as_json(folder: Path, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    path = folder / "r.json"
    path.write_text(
        json.dumps([dict(zip(head, row, strict=True)) for row in rows], ensure_ascii=False), "utf-8"
    )
    return path


FORMS = pytest.mark.parametrize("write", [as_csv, as_xlsx, as_json])
KIND = ("--kind", "hydrant")


def places(program: Program) -> dict[str, tuple[float, float, str]]:
    found = {a["code"]: program.data("asset", "show", a["code"])["asset"]
             for a in program.data("asset", "list")["assets"]}  # fmt: skip
    return {code: (a["lon"], a["lat"], a["orig_crs"]) for code, a in found.items()}


PACKED = [
    ("经度(度.分秒)", "纬度(度.分秒)"),
    ("经度（度分秒）", "纬度（度分秒）"),
    ("经度(DDD.MMSS)", "纬度(DD.MMSS)"),
    ("经度(D.MS)", "纬度(D.MS)"),
    ("lon_dms", "lat_dms"),
]


@FORMS
@pytest.mark.parametrize("pair", PACKED)
def test_degrees_are_read_as_their_headings_say(
    program: Program, answer: Answer, tmp_path: Path, write: Writer, pair: tuple[str, str]
) -> None:
    file = write(
        tmp_path, ("编号", *pair), [("A1", "120.0912", "30.1530"), ("A2", "120.1", "30.2")]
    )
    ran = answer(file, "y", flags=(*KIND, "--crs", "cgcs2000"))
    assert ran.code == 0, ran
    found = places(program)
    assert found["A1"][:2] == pytest.approx((120 + 9 / 60 + 12 / 3600, 30 + 15 / 60 + 30 / 3600))
    assert found["A2"][:2] == pytest.approx((120 + 10 / 60, 30 + 20 / 60))
    mapping = file.with_suffix(".toml")
    assert tomllib.loads(mapping.read_text("utf-8"))["angles"] == "packed"
    # nor does a mapping that somebody wrote read over them
    text = mapping.read_text("utf-8")
    mapping.write_text(text.replace('angles = "packed"\n', ""), "utf-8")
    assert program.data("import", file, "--mapping", mapping)["unchanged"] == 2
    mapping.write_text(text.replace('"packed"', '"decimal"'), "utf-8")
    ran = program("import", file, "--mapping", mapping, "--json")
    assert ran.code == 3
    assert pair[0] in ran.json["messages"][0]["text"]


@FORMS
def test_decimal_minutes_are_read_as_their_headings_say(
    program: Program, answer: Answer, tmp_path: Path, write: Writer
) -> None:
    file = write(tmp_path, ("编号", "经度(度.分)", "纬度(度.分)"), [("A1", "120.0915", "30.1530")])
    assert answer(file, "y", flags=(*KIND, "--crs", "cgcs2000")).code == 0
    assert places(program)["A1"][:2] == pytest.approx((120 + 9.15 / 60, 30 + 15.3 / 60))


@FORMS
def test_what_does_not_fit_a_heading_is_refused_with_all_beside_it(
    program: Program, answer: Answer, tmp_path: Path, write: Writer
) -> None:
    """Decimal degrees fit by chance in one of three rows."""
    rows = [("A1", "120.0912", "30.1530"), ("A2", "120.7512", "30.2530"), ("A3", "120.1", "30.98")]
    file = write(tmp_path, ("编号", "经度(度.分秒)", "纬度(度.分秒)"), rows)
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        'crs = "cgcs2000"\nposition = {x="经度(度.分秒)", y="纬度(度.分秒)"}\n'
        'fields = {code="编号", kind={constant="hydrant"}}\n', "utf-8"
    )  # fmt: skip
    ran = program("import", file, "--mapping", mapping, "--skip-bad", "--json")
    assert (ran.data["new"], ran.data["refused"]) == (0, 3)
    assert not places(program)


DATUMS = {
    "gcj02": (
        "经度（GCJ-02）",
        "经度(GCJ‐02)",
        "高德经度",
        "火星坐标经度",
        "gd_lng",
        "gcj02_lon",
        "腾讯经度",
    ),
    "bd09": ("百度经度", "BD-09经度", "经度（ＢＤ０９）", "bd_lng", "bdlon"),
    "wgs84": ("WGS84经度", "GPS经度", "lon_wgs_84", "经度【WGS-84】", "wgs84_lng"),
    "cgcs2000": ("CGCS2000经度", "经度(国家2000)", "2000坐标系经度", "cgcs2000_lon"),
    "beijing54": ("北京54经度", "经度(北京1954)"),
    "xian80": ("西安80经度", "经度（西安1980坐标系）"),
}
NAMED = [(system, heading) for system, headings in DATUMS.items() for heading in headings]
DEGREES = [(system, heading) for system, heading in NAMED if system not in ("beijing54", "xian80")]


def latitude(heading: str) -> str:
    for one, other in (("经度", "纬度"), ("lng", "lat"), ("lon", "lat")):
        heading = heading.replace(one, other)
    return heading


@pytest.mark.parametrize(("system", "heading"), NAMED)
def test_names_of_systems_are_known(system: str, heading: str) -> None:
    assert system_in(heading) == system_in(latitude(heading)) == system
    assert axis_rank(heading, words()["position"]["x"]) is not None
    assert axis_rank(latitude(heading), words()["position"]["y"]) is not None


@pytest.mark.parametrize(("system", "heading"), DEGREES)
def test_a_named_datum_is_not_asked_for_and_holds(
    program: Program, answer: Answer, tmp_path: Path, system: str, heading: str
) -> None:
    head = ("编号", heading, latitude(heading))
    file = as_csv(tmp_path, head, [("A1", "120.151", "30.25"), ("A2", "120.161", "30.251")])
    ran = answer(file, "y", flags=KIND)
    assert ran.code == 0, ran
    assert {crs for _, _, crs in places(program).values()} == {system}


@FORMS
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("system", "heading"), [(s, h[0]) for s, h in DATUMS.items()])
def test_another_datum_than_a_heading_names_is_refused_by_name(
    program: Program, tmp_path: Path, write: Writer, system: str, heading: str, lang: str
) -> None:
    head = ("编号", heading, latitude(heading))
    file = write(tmp_path, head, [("A1", "120.151", "30.25")])
    other = "bd09" if system != "bd09" else "gcj02"
    ran = program("import", file, *KIND, "--crs", other, "--json", lang=lang)
    assert ran.code == 3
    said = ran.json["messages"][0]["text"]
    assert heading in said
    assert other in said
    assert not list(tmp_path.glob("*.toml"))
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        f'crs = "{other}"\nposition = {{x="{heading}", y="{latitude(heading)}"}}\n'
        'fields = {code="编号", kind={constant="hydrant"}}\n', "utf-8"
    )  # fmt: skip
    ran = program("import", file, "--mapping", mapping, "--json", lang=lang)
    assert ran.code == 3
    assert heading in ran.json["messages"][0]["text"]
    assert not places(program)


@given(st.sampled_from(NAMED), st.sampled_from(["wgs84", "gcj02", "bd09", "cgcs2000", "EPSG:4549"]))
def test_a_contradiction_is_never_silent(named: tuple[str, str], crs: str) -> None:
    system, heading = named
    found = stated_system("r.csv", [heading, latitude(heading)])
    assert found is not None
    same = {system, crs} <= {"wgs84", "cgcs2000"} or system == crs
    same |= crs == "EPSG:4549" and system in ("cgcs2000", "wgs84")
    if same:
        refuse_other_system("r.csv", found, crs)
    else:
        with pytest.raises(InputRefused) as refused:
            refuse_other_system("r.csv", found, crs)
        assert refused.value.key == "exchange.headings_at_odds"


def test_one_datum_under_the_name_of_another_that_means_the_same_is_told(
    program: Program, tmp_path: Path
) -> None:
    file = as_csv(tmp_path, ("编号", "WGS84经度", "WGS84纬度"), [("A1", "120.151", "30.25")])
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        'crs = "cgcs2000"\nposition = {x="WGS84经度", y="WGS84纬度"}\n'
        'fields = {code="编号", kind={constant="hydrant"}}\n', "utf-8"
    )  # fmt: skip
    ran = program("import", file, "--mapping", mapping, "--json")
    assert ran.code == 0
    assert any("wgs84" in one["text"] for one in ran.json["messages"])


@FORMS
@pytest.mark.parametrize(("place", "crs"), [("1", "gcj02"), ("2", "wgs84")])
def test_which_of_two_pairs_is_meant_comes_before_the_datum(
    program: Program, answer: Answer, tmp_path: Path, write: Writer, place: str, crs: str
) -> None:
    head = ("编号", "高德经度", "高德纬度", "GPS经度", "GPS纬度")
    file = write(tmp_path, head, [("A1", "120.1555", "30.2476", "120.1508", "30.25")])
    ran = answer(file, place, "y", flags=KIND)
    assert ran.code == 0, ran
    assert {one for _, _, one in places(program).values()} == {crs}
    assert tomllib.loads(file.with_suffix(".toml").read_text("utf-8"))["crs"] == crs


def test_a_stated_datum_says_which_of_two_pairs_is_meant(
    program: Program, answer: Answer, tmp_path: Path
) -> None:
    head = ("编号", "高德经度", "高德纬度", "GPS经度", "GPS纬度")
    file = as_csv(tmp_path, head, [("A1", "120.1555", "30.2476", "120.1508", "30.25")])
    assert answer(file, "y", flags=(*KIND, "--crs", "wgs84")).code == 0
    assert places(program)["A1"] == (120.1508, 30.25, "wgs84")


def test_of_two_pairs_one_without_a_datum_is_asked_for_it(
    program: Program, answer: Answer, tmp_path: Path
) -> None:
    head = ("编号", "经度", "纬度", "经度(GCJ-02)", "纬度(GCJ-02)")
    file = as_csv(tmp_path, head, [("A1", "120.1508", "30.25", "120.1555", "30.2476")])
    ran = answer(file, "1", "wgs84", "y", flags=KIND)
    assert ran.code == 0, ran
    assert places(program)["A1"] == (120.1508, 30.25, "wgs84")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("高德", "gcj02"),
        ("百度", "bd09"),
        ("高德地图", "gcj02"),
        ("百度坐标", "bd09"),
        ("GPS", "wgs84"),
        ("火星坐标系", "gcj02"),
        ("国家2000", "cgcs2000"),
        ("WGS-84", "wgs84"),
        ("微信", "gcj02"),
        ("AMap", "gcj02"),
        ("Baidu", "bd09"),
    ],
)
def test_datums_are_known_by_the_names_that_people_use(typed: str, name: str) -> None:
    assert parse_crs(typed).name == datum.stated_by(typed).name == name


@pytest.mark.parametrize("typed", ["北京54", "西安80坐标系", "Beijing 54"])
def test_older_surveys_are_answered_with_the_right_names(typed: str) -> None:
    with pytest.raises(InputRefused) as refused:
        parse_crs(typed)
    assert refused.value.key == "geo.crs_of_survey"


# degrees, minutes and seconds


PARTS = [
    ("经度度", "经度分", "经度秒", "纬度度", "纬度分", "纬度秒"),
    ("东经(度)", "东经(分)", "东经(秒)", "北纬(度)", "北纬(分)", "北纬(秒)"),
    ("lon_deg", "lon_min", "lon_sec", "lat_deg", "lat_min", "lat_sec"),
    ("经度(度)", "经度(分)", "经度(秒)", "纬度(度)", "纬度(分)", "纬度(秒)"),
    ("经度_度", "经度_分", "经度_秒", "纬度_度", "纬度_分", "纬度_秒"),
]


@FORMS
@pytest.mark.parametrize("head", PARTS)
def test_degrees_in_columns_of_their_own(
    program: Program, answer: Answer, tmp_path: Path, write: Writer, head: Sequence[str]
) -> None:
    rows = [("A1", "120", "9", "12.5", "30", "15", "30"), ("A2", "120", "10", "0", "30", "16", "1")]
    file = write(tmp_path, ("编号", *head), rows)
    ran = answer(file, "cgcs2000", "y", flags=KIND)
    assert ran.code == 0, ran
    assert places(program)["A1"][:2] == pytest.approx(
        (120 + 9 / 60 + 12.5 / 3600, 30 + 15 / 60 + 30 / 3600), abs=1e-9
    )
    again = program.data("import", file, "--mapping", file.with_suffix(".toml"))
    assert (again["unchanged"], again["unread"]) == (2, [])


@FORMS
@pytest.mark.parametrize(
    "cells", [("120", "60", "1"), ("120.5", "1", "1"), ("120", "", "1"), ("120", "1", "-1")]
)
def test_parts_that_make_no_angle_are_refused_by_cell(
    program: Program, tmp_path: Path, write: Writer, cells: Sequence[str]
) -> None:
    rows = [("A1", *cells, "30", "15", "30"), ("A2", "120", "10", "0", "30", "16", "1")]
    file = write(tmp_path, ("编号", *PARTS[0]), rows)
    mapping = tmp_path / "m.toml"
    keys = ("x", "x_minutes", "x_seconds", "y", "y_minutes", "y_seconds")
    told = ", ".join(f'{key} = "{name}"' for key, name in zip(keys, PARTS[0], strict=True))
    mapping.write_text(
        f'crs = "cgcs2000"\nposition = {{{told}}}\n'
        'fields = {code="编号", kind={constant="hydrant"}}\n', "utf-8"
    )  # fmt: skip
    ran = program("import", file, "--mapping", mapping, "--json")
    assert ran.code == 3
    assert [row["code"] for row in ran.data["rows"]] == ["A1"]


@pytest.mark.parametrize(("lacking", "key"), [("x_minutes", "x_seconds"), ("y", "y_minutes")])
def test_parts_that_mean_nothing_alone_are_refused(
    program: Program, tmp_path: Path, lacking: str, key: str
) -> None:
    file = as_csv(tmp_path, ("a", "b"), [("1", "2")])
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        f'position = {{x = "a", {key} = "b"}}\nfields = {{kind={{constant="hydrant"}}}}\n'
    )
    ran = program("import", file, "--mapping", mapping, "--json")
    assert ran.code == 3
    assert lacking in ran.json["messages"][0]["text"]


@given(
    st.integers(0, 179),
    st.integers(0, 59),
    st.integers(0, 59_999_999),
    st.booleans(),
    st.integers(0, 6),
)
def test_every_way_of_writing_an_angle_means_the_same(
    degrees: int, minutes: int, micro: int, west: bool, form: int
) -> None:
    seconds = f"{micro / 1e6:.6f}"
    text = [
        f"{degrees}°{minutes}′{seconds}″",
        f"{degrees}度{minutes}分{seconds}秒",
        f"{degrees}:{minutes}:{seconds}",
        f"{degrees} {minutes} {seconds}",
        f"{degrees}°{minutes}'{seconds}\"",
        f"{degrees}-{minutes}-{seconds}",
        f"{degrees}° {minutes}' {seconds}''",
    ][form]
    expected = (degrees + minutes / 60 + float(seconds) / 3600) * (-1 if west else 1)
    assert parse_angle(f"-{text}" if west else text, "x") == pytest.approx(expected, abs=1e-9)
    worded = f"{'西经' if west else '东经'}{text}"
    assert parse_angle(worded, "x") == pytest.approx(expected, abs=1e-9)
    with pytest.raises(InputRefused):
        parse_angle(worded, "y")
    problems: dict[int, Problem] = {}
    columns = [[f"-{degrees}" if west else f"{degrees}"], [f"{minutes}"], [seconds]]
    made = of_parts(columns, "x", problems, Marks())
    assert made.numbers == pytest.approx([expected], abs=1e-9)
    assert not problems


@FORMS
@pytest.mark.parametrize(
    "cells",
    [
        ("120°15′30″", "30°15′30″"),
        ("120°15'30\"E", "30°15'30\"N"),
        ("东经120度15分30秒", "北纬30度15分30秒"),
        ("120:15:30", "30:15:30"),
        ("120 15 30", "30 15 30"),
        ("120.15.30", "30.15.30"),
    ],
)
def test_angles_with_signs_in_two_cells(
    program: Program, answer: Answer, tmp_path: Path, write: Writer, cells: tuple[str, str]
) -> None:
    file = write(tmp_path, ("编号", "经度", "纬度"), [("A1", *cells), ("A2", *cells)])
    ran = answer(file, "cgcs2000", "y", flags=KIND)
    assert ran.code == 0, ran
    expected = (120 + 15 / 60 + 30 / 3600, 30 + 15 / 60 + 30 / 3600)
    assert places(program)["A1"][:2] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    "cell", ["120°75′30″", "120°15′61″", "北纬120°15′30″", "-120°15′E", "120.5°15′"]
)
def test_what_is_no_angle_of_its_axis_is_refused(cell: str) -> None:
    with pytest.raises(InputRefused):
        parse_angle(cell, "x")


@FORMS
@pytest.mark.parametrize(
    "cell",
    [
        "120.25、30.26",
        "１２０．２５，３０．２６",
        "（120.25，30.26）",
        "东经120.25°，北纬30.26°",
        "北纬30.26 东经120.25",
    ],
)
def test_both_in_one_cell(
    program: Program, answer: Answer, tmp_path: Path, write: Writer, cell: str
) -> None:
    file = write(tmp_path, ("编号", "经纬度"), [("A1", cell), ("A2", cell)])
    ran = answer(file, "cgcs2000", "y", flags=KIND)
    assert ran.code == 0, ran
    assert places(program)["A1"][:2] == pytest.approx((120.25, 30.26))


def test_both_in_one_cell_as_the_heading_says(
    program: Program, answer: Answer, tmp_path: Path
) -> None:
    file = as_csv(tmp_path, ("编号", "高德经纬度(度.分秒)"), [("A1", "120.1530，30.1530")])
    assert answer(file, "y", flags=KIND).code == 0
    expected = datum.to_registry_point(
        120 + 15 / 60 + 30 / 3600, 30 + 15 / 60 + 30 / 3600, parse_crs("gcj02")
    )
    assert places(program)["A1"][:2] == pytest.approx((expected.lon, expected.lat))


@given(st.text(max_size=30))
def test_whatever_stands_in_a_cell_or_heading_is_looked_at(text: str) -> None:
    for look in (lambda: parse_angle(text, "x"), lambda: pair_in_cell(text)):
        with suppress(InputRefused):
            look()
    assert angles_in(text) in (None, "decimal", "packed", "minutes")
    assert system_in(text) is None or isinstance(system_in(text), str)


# columns changed over


@FORMS
@pytest.mark.parametrize(("lang", "yes"), [("en", "y"), ("zh", "是")])
def test_columns_that_are_changed_over_are_asked_about(
    program: Program, answer: Answer, tmp_path: Path, write: Writer, lang: str, yes: str
) -> None:
    rows = [("A1", "30.25", "120.151"), ("A2", "30.251", "120.161")]
    file = write(tmp_path, ("编号", "经度", "纬度"), rows)
    left = program("import", file, *KIND, "--json", lang=lang)
    assert [one["topic"] for one in left.data["questions"]] == ["turned"]
    file.with_suffix(".toml").unlink()
    ran = answer(file, yes, "wgs84", "y", flags=KIND, lang=lang)
    assert ran.code == 0, ran
    assert places(program)["A1"] == (120.151, 30.25, "wgs84")
    again = program.data("import", file, "--mapping", file.with_suffix(".toml"))
    assert again["unchanged"] == 2


def test_columns_changed_over_are_asked_about_where_both_could_be_latitudes(
    program: Program, answer: Answer, tmp_path: Path
) -> None:
    file = as_csv(
        tmp_path, ("编号", "经度", "纬度"), [("A1", "43.8", "87.6"), ("A2", "43.9", "87.7")]
    )
    ran = answer(file, "y", "wgs84", "y", flags=KIND)
    assert ran.code == 0, ran
    assert places(program)["A1"][:2] == (87.6, 43.8)


# a column that names the system


@FORMS
@pytest.mark.parametrize("column", ["坐标系", "crs", "Datum"])
@pytest.mark.parametrize(
    ("said", "crs"), [("GCJ-02", "gcj02"), ("高德", "gcj02"), ("EPSG:4326", "wgs84")]
)
def test_a_column_says_what_the_coordinates_are(
    program: Program, answer: Answer, tmp_path: Path, write: Writer, column: str, said: str,
    crs: str,
) -> None:  # fmt: skip
    rows = [("A1", said, "120.151", "30.25"), ("A2", said, "120.152", "30.25")]
    file = write(tmp_path, ("编号", column, "经度", "纬度"), rows)
    ran = answer(file, "y", flags=KIND)
    assert ran.code == 0, ran
    assert places(program)["A1"][2] == crs
    data = program.data("import", file, "--mapping", file.with_suffix(".toml"))
    assert (data["unchanged"], data["unread"]) == (2, [])
    ran = program("import", file, *KIND, "--crs", "bd09", "--json")
    assert ran.code == 3
    assert column in ran.json["messages"][0]["text"]


@FORMS
def test_rows_of_several_systems_are_refused(
    program: Program, tmp_path: Path, write: Writer
) -> None:
    rows = [("A1", "高德", "120.151", "30.25"), ("A2", "GPS", "120.152", "30.25")]
    file = write(tmp_path, ("编号", "坐标系", "经度", "纬度"), rows)
    ran = program("import", file, *KIND, "--json")
    assert ran.code == 3
    assert ran.json["messages"][0]["key"] == "exchange.column_systems"


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_tables_that_go_out_say_what_their_coordinates_are(
    program: Program, tmp_path: Path, ending: str
) -> None:
    program.data(
        "asset", "add", "A1", "--kind", "hydrant", "--place", "120.1,30.2", "--crs", "gcj02"
    )
    file = tmp_path / f"out.{ending}"
    program.data("export", file)
    before = program.data("asset", "show", "A1")["asset"]
    columns = read_table(file).columns
    assert columns["crs"] == ["CGCS2000"]
    assert float(columns["lon"][0]) == pytest.approx(before["lon"])
    # ours again, with no word of a datum; and never as another one
    assert program.data("import", file)["unchanged"] == 1
    ran = program("import", file, "--crs", "gcj02", "--json")
    assert (ran.code, ran.json["messages"][0]["key"]) == (3, "exchange.headings_at_odds")


@FORMS
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("day", ["11月28日", "11-28", "28 Nov"])
def test_a_day_without_its_year_is_refused_as_such(
    program: Program, tmp_path: Path, write: Writer, day: str, lang: str
) -> None:
    rows = [("A1", "hydrant", "16.1", "47.2", day)]
    file = write(tmp_path, ("code", "kind", "lon", "lat", "built"), rows)
    ran = program("import", file, "--json", lang=lang)
    assert ran.code == 3
    assert "2026-11-28" in ran.data["rows"][0]["reason"]


def test_a_form_of_a_date_without_a_year_is_none() -> None:
    assert not is_date_form("%m月%d日")
    assert is_date_form("%Y年%m月%d日")


@FORMS
def test_swapped_rows_are_refused_wherever_they_would_lie_in_the_arctic(
    program: Program, tmp_path: Path, write: Writer
) -> None:
    rows = [("A1", "hydrant", "43.8", "87.6"), ("A2", "hydrant", "30.2", "120.1")]
    file = write(tmp_path, ("code", "kind", "lon", "lat"), rows)
    ran = program("import", file, "--crs", "wgs84", "--json")
    assert (ran.code, ran.data["refused"]) == (3, 2)
    data = program.data("import", file, "--crs", "wgs84", "--axes", "ne")
    assert data["new"] == 2
    assert places(program)["A1"][:2] == (87.6, 43.8)


# digits without their point, titles, headings that say half


@FORMS
@pytest.mark.parametrize(
    ("pair", "cells", "word"),
    [
        (("经度(DDMM.MMMM)", "纬度(DDMM.MMMM)"), ("12009.15", "3015.3"), "minutes"),
        (("经度(度分秒)", "纬度(度分秒)"), ("1200909", "301518"), "packed"),
    ],
)
def test_angles_without_their_point(
    program: Program, answer: Answer, tmp_path: Path, write: Writer, pair: Sequence[str],
    cells: Sequence[str], word: str,
) -> None:  # fmt: skip
    file = write(tmp_path, ("编号", *pair), [("A1", *cells), ("A2", *cells)])
    ran = answer(file, "cgcs2000", "y", flags=KIND)
    assert ran.code == 0, ran
    assert tomllib.loads(file.with_suffix(".toml").read_text("utf-8"))["angles"] == word
    assert places(program)["A1"][:2] == pytest.approx((120 + 9.15 / 60, 30 + 15.3 / 60))


def test_headings_of_which_one_says_how_degrees_are_written_are_asked_about(
    program: Program, answer: Answer, tmp_path: Path
) -> None:
    head = ("编号", "经度(度.分秒)", "纬度")
    file = as_csv(tmp_path, head, [("A1", "120.0912", "30.1530")])
    ran = answer(file, "packed", "cgcs2000", "y", flags=KIND)
    assert ran.code == 0, ran
    assert places(program)["A1"][1] == pytest.approx(30 + 15 / 60 + 30 / 3600)


@pytest.mark.parametrize("write", [as_csv, as_xlsx])
def test_a_title_names_the_datum_of_the_coordinates(
    program: Program, answer: Answer, tmp_path: Path, write: Writer
) -> None:
    title = ("消火栓台账（坐标系：GCJ-02）", "", "")
    rows = [("编号", "经度", "纬度"), ("A1", "120.151", "30.25"), ("A2", "120.152", "30.25")]
    file = write(tmp_path, title, rows)
    ran = program("import", file, *KIND, "--crs", "wgs84", "--json")
    assert (ran.code, ran.json["messages"][0]["key"]) == (3, "exchange.headings_at_odds")
    ran = answer(file, "y", flags=KIND)
    assert ran.code == 0, ran
    assert places(program)["A1"][2] == "gcj02"


def test_a_datum_that_no_pair_is_in_is_refused(program: Program, tmp_path: Path) -> None:
    head = ("编号", "高德经度", "高德纬度", "百度经度", "百度纬度")
    file = as_csv(tmp_path, head, [("A1", "120.1555", "30.2476", "120.162", "30.2538")])
    ran = program("import", file, *KIND, "--crs", "GPS", "--json")
    assert (ran.code, ran.json["messages"][0]["key"]) == (3, "exchange.headings_at_odds")
