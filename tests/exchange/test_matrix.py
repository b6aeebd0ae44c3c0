"""What becomes of a cell, whatever form of file it stands in: each one right, or refused by name.

``TABLE`` is meant to be read: topic, column, the cells of one column as the other program held them
(a number as a number where the form has numbers), and what each must become. A `Refused` names the
message. Where a form cannot tell what another can, ``but`` says what holds there.
"""

from __future__ import annotations

import datetime as dt
import math
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.exchange.importing import import_table
from hydrant.exchange.outcome import Options, Outcome
from hydrant.exchange.register_file import read_register
from hydrant.model.geopoint import decode_point
from hydrant.store.ground.place import Place
from hydrant.store.opened.registry import open_registry
from tests.exchange.forms import FORMS, WRITERS, Value

CN = dt.timezone(dt.timedelta(hours=8))


@dataclass(frozen=True)
class Refused:
    """The row is refused for this reason."""

    key: str


@dataclass(frozen=True)
class Case:
    """One column of a file and what becomes of its cells."""

    topic: str
    column: str
    cells: Sequence[Value]
    wanted: Sequence[Any]
    but: Mapping[str, Sequence[Any] | None] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What tells it apart."""
        return f"{self.topic}-{self.column}-{'·'.join(map(str, self.cells))}"[:70]


def day(text: str) -> dt.datetime:
    """A moment of the registry's zone."""
    moment = dt.datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=CN)).astimezone(dt.UTC)


NOT_EXACT, NOT_NUMBER = Refused("exchange.not_exact"), Refused("exchange.not_number")
UNIT = Refused("units.unknown")
CUT, CONTROL = Refused("exchange.cut_number"), Refused("exchange.control")
TWO_NUMBERS, TWO_DATES = Refused("exchange.two_numbers"), Refused("exchange.two_dates")
NO_DAY = Refused("exchange.no_day")
NOT_DATE, DAY_NUMBER = Refused("exchange.not_date"), Refused("exchange.day_number")

TABLE = (
    Case("units", "kpa", ["0.32 MPa", "3.2 bar", "320"], [320, 320, 320]),
    Case("units", "kpa", ["0.32MPa", "320千帕", "32 furlong"], [320, 320, UNIT]),
    Case("units", "dn", ["DN150", "15 cm", "6 in", "200毫米"], [150, 150, 152.4, 200]),
    Case("units", "dn", ["约150", "100-150", ">100"], [NOT_EXACT, NOT_EXACT, NOT_EXACT]),
    Case("units", "dn", [150, 200], [150, 200]),
    Case("units", "vol", ["50 m³", "50立方米", "50000 L"], [50, 50, 50]),
    Case("thousands", "vol", ["1,200", "800,5"], [1.2, 800.5]),
    Case("thousands", "vol", ["1,200", "800.5"], [1200, 800.5]),
    Case("thousands", "vol", ["1.200,5", "3.400"], [1200.5, 3400]),
    Case("thousands", "vol", ["1,200", "800"], [TWO_NUMBERS, 800]),
    Case("thousands", "vol", ["1 200", "2\u00a0500,5", "１２００"], [1200, 2500.5, 1200]),
    Case("thousands", "vol", ["1'200", "1,200,300"], [1200, 1200300]),
    Case("thousands", "vol", ["1,20,0", "12..5", "1_200"], [NOT_NUMBER, NOT_EXACT, UNIT]),
    Case("thousands", "vol", [1200.5, 0.125], [1200.5, 0.125]),
    Case("dates", "built", ["2026-05-11", "2026/5/11", "2026年5月11日"], [day("2026-05-11")] * 3),
    Case("dates", "built", ["11.05.2026", "20260511", "11 May 2026"], [day("2026-05-11")] * 3),
    Case("dates", "built", ["03/04/2026", "05/05/2026"], [TWO_DATES, day("2026-05-05")]),
    Case("dates", "built", ["03/04/2026", "25/04/2026"], [day("2026-04-03"), day("2026-04-25")]),
    Case("dates", "built", ["2026-02-30", "2026-5", "不详"], [NOT_DATE, NO_DAY, NOT_DATE]),
    Case("dates", "built", ["46153", "2026-05-11"], [DAY_NUMBER, day("2026-05-11")]),
    Case("dates", "built", [46153, 46154], [DAY_NUMBER] * 2),
    Case("dates", "built", [dt.date(2026, 5, 11)], [day("2026-05-11")]),
    Case("dates", "seen", ["2026-05-11 下午3:05", "2026/5/11 3:05 PM"],
         [day("2026-05-11 15:05")] * 2),
    Case("zones", "seen", ["2026-05-11T23:30:00", "2026-05-11 23:30"],
         [day("2026-05-11T23:30")] * 2),
    Case("zones", "seen", ["2026-05-11T23:30:00Z", "2026-05-11T23:30:00+02:00"],
         [day("2026-05-11T23:30+00:00"), day("2026-05-11T23:30+02:00")]),
    Case("zones", "seen", [dt.datetime(2026, 5, 11, 23, 30)], [day("2026-05-11T23:30")]),  # noqa: DTZ001
    Case("zones", "seen", [dt.datetime(2026, 5, 11, 23, 30, tzinfo=CN)], [day("2026-05-11T23:30")],
         {"xlsx": None}),
    Case("zones", "seen", [dt.datetime(2026, 5, 11, 23, 30, tzinfo=dt.UTC)],
         [day("2026-05-11T23:30+00:00")], {"xlsx": None}),
    Case("zones", "seen", ["1778508000", "1778508000000"], [day("2026-05-11T22:00")] * 2),
    Case("zones", "seen", [1778508000000], [day("2026-05-11T22:00")]),
    Case("codes", "nr", ["007", "0012-A", "12.0"], ["007", "0012-A", "12.0"]),
    Case("codes", "nr", [7, 12], ["7", "12"]),
    Case("codes", "nr", [7.0, 12.0], ["7", "12"], {"csv": ["7.0", "12.0"], "kml": ["7.0", "12.0"]}),
    Case("codes", "nr", ["3.30127E+17", "#REF!", "1月3日"],
         [CUT, Refused("exchange.cell_error"), Refused("exchange.made_a_day")]),
    Case("codes", "nr", ["330127198801011234"], ["330127198801011234"]),
    Case("codes", "nr", [330127198801011234], ["330127198801011234"], {"xlsx": [CUT]}),
    Case("codes", "nr", [3.30127e17, 1234567890123456.0], [CUT, CUT]),
    Case("codes", "nr", ["H\x07-1", "H\x1b[2J"], [CONTROL] * 2, dict.fromkeys(("kml", "gml"))),
    Case("codes", "owner", ["水\u202e务", "水务\x00", "水\n务"], [CONTROL, CONTROL, "水\n务"],
         dict.fromkeys(("csv", "xlsx", "kml", "gml", "shp", "gpkg", "fgb"))),
    Case("codes", "nr", ["HО12", "H1O3", "Ｈ１２"], ["HО12", "H1O3", "Ｈ１２"]),
    Case("empty", "owner", ["", "  ", None, "水务公司"], [None, None, None, "水务公司"]),
    Case("empty", "dn", ["", " ", None, "150"], [None, None, None, 150]),
    Case("empty", "dn", [150.0, None, math.nan], [150, None, None],
         {"csv": [150, None, NOT_NUMBER], "kml": [150, None, NOT_NUMBER], "xlsx": None}),
    Case("empty", "dn", ["N/A", "nan", "inf", "-"], [NOT_NUMBER] * 4),
    Case("empty", "dn", ["#N/A", "NULL"], [Refused("exchange.cell_error"), NOT_NUMBER]),
    Case("empty", "seen", ["", None, "0000-00-00"], [None, None, NOT_DATE]),
    Case("keys", "nr", ["A1", "A1", "A2"], ["A1", "A1", "A2"]),
)  # fmt: skip

MAPPING = """
source = "matrix"
{position}
[fields]
kind = {{ constant = "hydrant.pillar" }}
address = {{ column = "row" }}
code = {{ column = "nr", optional = true }}
owner = {{ column = "owner", optional = true }}
mains_dn_mm = {{ column = "dn", optional = true }}
capacity_m3 = {{ column = "vol", optional = true }}
built = {{ column = "built", optional = true }}

[inspection]
outcome = {{ constant = "works" }}
static_kpa = {{ column = "kpa", optional = true }}
at = {{ column = "seen", optional = true }}
"""
IN_COLUMNS = ("csv", "xlsx", "json")
#: Where a field is stored, in the order of the row that tells of it.
STORED = """
SELECT a.address, a.geom, a.code, a.owner, a.mains_dn_mm, a.capacity_m3, i.static_kpa, i.at, l.at
FROM asset a
LEFT JOIN inspection i ON i.asset_uid = a.uid
LEFT JOIN lifecycle l ON l.asset_uid = a.uid
"""
FIELDS = ("place", "nr", "owner", "dn", "vol", "kpa", "seen", "built")


def taken(place: Place, file: Path, **options: Any) -> Outcome:
    """What becomes of a file's rows; good ones are in the registry afterwards."""
    form = file.suffix[1:]
    position = 'position = { x = "lon", y = "lat" }' if form in IN_COLUMNS else ""
    rules = file.with_name("matrix.toml")
    rules.write_text(MAPPING.format(position=position), encoding="utf-8")
    table, read = read_register(file, str(rules), encoding=options.pop("encoding", None))
    asked = Options(**{"crs": "cgcs2000", "skip_bad": True, **options})
    with open_registry(place, write=True) as registry:
        return import_table(registry, file, table, read, asked, actor="t")


def stored(place: Place) -> dict[str, dict[str, Any]]:
    """What the registry holds, by what stands in the column ``row``."""
    with open_registry(place) as registry:
        rows = registry.connection.execute(STORED).fetchall()
    found = {str(row[0]): dict(zip(FIELDS, row[1:], strict=True)) for row in rows}
    for row in found.values():
        row["place"] = decode_point(row["place"])
        for name in ("seen", "built"):
            row[name] = None if row[name] is None else times.from_text(row[name])
    return found


def written(folder: Path, form: str, columns: Mapping[str, Sequence[Value]], **how: Any) -> Path:
    """A file of some columns, its rows numbered from r0 and 2 km apart."""
    file = folder / f"matrix.{form}"
    count = len(next(iter(columns.values())))
    points = [(120.1 + n / 50, 30.2) for n in range(count)]
    WRITERS[form](file, {"row": [f"r{n}" for n in range(count)], **columns}, points, **how)
    return file


def became(place: Place, outcome: Outcome, name: str) -> list[Any]:
    """The stored value or the refusal of each row, in the order of the numbers of the rows."""
    held = stored(place)
    found: dict[str, Any] = {row: values[name] for row, values in held.items()}
    for row, problem in outcome.problems.items():
        found[outcome.table.columns["row"][row]] = Refused(problem.why.key)
    return [found.get(f"r{n}", "SILENT") for n in range(len(outcome.table))]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.name)
def test_a_cell_is_right_or_refused_in_every_form(
    registry_path: Place, tmp_path: Path, form: str, case: Case
) -> None:
    wanted = case.but.get(form, case.wanted)
    if wanted is None:
        return  # the form cannot hold such a cell
    file = written(tmp_path, form, {case.column: case.cells})
    found = became(registry_path, taken(registry_path, file), case.column)
    assert found == [one if not isinstance(one, float) else pytest.approx(one) for one in wanted]


#: Form, how its text is written, what must be done to it, and what the owner's name becomes.
CHINESE = "水务公司"
ASKED = Refused("exchange.encoding")
ENCODINGS = (
    *((form, "gb18030", {}, ASKED) for form in ("csv", "json", "geojson")),
    *((form, "gb18030", {"encoding": "gbk"}, CHINESE) for form in ("csv", "json", "geojson")),
    *((form, "utf-16", {}, CHINESE) for form in ("csv", "json", "geojson")),
    *((form, "utf-8-sig", {}, CHINESE) for form in ("csv", "json", "geojson")),
    *((form, "gb18030", {"encoding": "ascii"}, Refused("exchange.wrong_encoding"))
      for form in ("csv", "json", "geojson")),
    *((form, "gb18030", {}, ASKED) for form in ("kml", "gml")),
    *((form, "gb18030", {"encoding": "gb2312"}, CHINESE) for form in ("kml", "gml")),
    *((form, "declared gb18030", {}, CHINESE) for form in ("kml", "gml")),
    *((form, "declared utf-16", {}, CHINESE) for form in ("kml", "gml")),
    ("shp", "GB18030", {}, CHINESE),
    ("shp", "GB18030 without .cpg", {}, ASKED),
    ("shp", "GB18030 without .cpg", {"encoding": "gb18030"}, CHINESE),
    ("shp", "GB18030 by its language byte", {}, CHINESE),
    ("gpkg", "bytes of gbk", {}, Refused("exchange.not_gpkg")),
    ("fgb", "bytes of gbk", {}, Refused("exchange.vector")),
    ("xlsx", "utf-8", {}, CHINESE),
)  # fmt: skip


def in_encoding(folder: Path, form: str, how: str) -> Path:
    """A file whose owners are Chinese, in some encoding."""
    columns = {"owner": [CHINESE, CHINESE]}
    if form in ("csv", "json", "geojson"):
        return written(folder, form, columns, encoding=how)
    if form == "shp":
        file = written(folder, form, columns, encoding="GB18030")
        if how != "GB18030":
            file.with_suffix(".cpg").unlink()
        if "byte" in how:
            table = bytearray(file.with_suffix(".dbf").read_bytes())
            table[29] = 0x4D  # dBASE: Chinese GBK
            file.with_suffix(".dbf").write_bytes(table)
        return file
    file = written(folder, form, columns)
    gbk = CHINESE.encode("gbk")
    if form == "gpkg":
        with closing(sqlite3.connect(file)) as base, base:
            for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
                base.execute(f'DROP TRIGGER "{name}"')
            base.execute("UPDATE hydrants SET owner = CAST(? AS TEXT)", (gbk,))
    elif form == "fgb":
        file.write_bytes(file.read_bytes().replace(CHINESE.encode(), gbk + b"    "))
    elif form in ("kml", "gml"):
        text = file.read_text(encoding="utf-8").partition("?>")[2]
        encoding = how.removeprefix("declared ")
        declared = f' encoding="{encoding}"' if encoding != how else ""
        file.write_bytes(f'<?xml version="1.0"{declared}?>{text}'.encode(encoding))
    return file


@pytest.mark.parametrize(("form", "how", "options", "wanted"), ENCODINGS)
def test_text_is_read_in_its_encoding_or_asked_for(
    registry_path: Place, tmp_path: Path, form: str, how: str, options: Any, wanted: Any
) -> None:
    file = in_encoding(tmp_path, form, how)
    if isinstance(wanted, Refused):
        with pytest.raises(InputRefused) as refused:
            taken(registry_path, file, **options)
        assert refused.value.key == wanted.key
    else:
        found = became(registry_path, taken(registry_path, file, **options), "owner")
        assert found == [wanted] * 2


#: Coordinates as a file holds them, what is said of them, and where the assets come to lie.
HERE = (120.1, 30.2)
PROJECTED = (509629.2243, 3342288.4508)
AXES = (
    (HERE, {"crs": "cgcs2000"}, HERE),
    (HERE[::-1], {"crs": "cgcs2000"}, Refused("geo.swapped_range")),
    (HERE[::-1], {"crs": "cgcs2000", "axes": "ne"}, HERE),
    (PROJECTED, {"crs": "EPSG:4549"}, HERE),
    (PROJECTED[::-1], {"crs": "EPSG:4549"}, Refused("geo.axes")),
    (PROJECTED[::-1], {"crs": "EPSG:4549", "axes": "ne"}, HERE),
    ((PROJECTED[0] + 40e6, PROJECTED[1]), {"crs": "EPSG:4549"}, Refused("geo.zone_form")),
    ((0.0, 0.0), {"crs": "cgcs2000"}, Refused("geo.zero")),
)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("stated", "options", "wanted"), AXES)
def test_an_order_of_axes_is_right_or_refused_in_every_form(
    registry_path: Place, tmp_path: Path, form: str, stated: Any, options: Any, wanted: Any
) -> None:
    file = tmp_path / f"matrix.{form}"
    WRITERS[form](file, {"row": ["r0"]}, [stated])
    (found,) = became(registry_path, taken(registry_path, file, **options), "place")
    if isinstance(wanted, Refused):
        assert found == wanted
    else:
        assert found == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize("form", FORMS)
def test_a_key_that_rows_share_keeps_them_apart_at_every_delivery(
    registry_path: Place, tmp_path: Path, form: str
) -> None:
    file = written(tmp_path, form, {"nr": ["A1", "A1", "A2"], "owner": ["甲", "乙", "丙"]})
    assert taken(registry_path, file).count("new") == 3
    assert taken(registry_path, file).count("unchanged") == 3
    shortened = written(tmp_path, form, {"nr": ["A1", "A1"], "owner": ["甲", "丁"]})
    assert taken(registry_path, shortened).count("updated") == 1
    held = {name: row["owner"] for name, row in stored(registry_path).items()}
    assert held == {"r0": "甲", "r1": "丁", "r2": "丙"}


#: A name that stands twice: its second column is told as unread, or the file refused by name.
TWICE = {
    "csv": "row,owner,owner,lon,lat\nr0,甲,乙,120.1,30.2\n",
    "json": '[{"row":"r0","owner":"甲","owner":"乙","lon":120.1,"lat":30.2}]',
    "geojson": '{"type":"FeatureCollection","features":[{"type":"Feature","properties":'
    '{"row":"r0","owner":"甲","owner":"乙"},"geometry":{"type":"Point","coordinates":[120.1,30.2]}}]}',
}
KML = (
    '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><ExtendedData>'
    '<Data name="row"><value>r0</value></Data><Data name="owner"><value>甲</value></Data>'
    '<Data name="owner"><value>乙</value></Data></ExtendedData><Point><coordinates>120.1,30.2'
    "</coordinates></Point></Placemark></Document></kml>"
)


@pytest.mark.parametrize("form", [*TWICE, "xlsx"])
def test_a_second_column_of_one_name_is_told(
    registry_path: Place, tmp_path: Path, form: str
) -> None:
    file = tmp_path / f"matrix.{form}"
    if form == "xlsx":
        with xlsxwriter.Workbook(file) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ["row", "owner", "owner", "lon", "lat"])
            sheet.write_row(1, 0, ["r0", "甲", "乙", 120.1, 30.2])
    else:
        file.write_text(TWICE[form], encoding="utf-8")
    outcome = taken(registry_path, file)
    assert became(registry_path, outcome, "owner") == ["甲"]
    assert outcome.unread == ["owner_"]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("kml", KML),
        ("geojson", TWICE["geojson"].replace('"geometry"', '"geometry":null,"geometry"')),
        ("geojson", TWICE["geojson"].replace('"coordinates"', '"coordinates":[1,2],"coordinates"')),
    ],
)
def test_what_can_only_be_one_and_stands_twice_is_refused(
    registry_path: Place, tmp_path: Path, form: str, text: str
) -> None:
    file = tmp_path / f"matrix.{form}"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputRefused) as refused:
        taken(registry_path, file)
    assert refused.value.key == "exchange.member_twice"
