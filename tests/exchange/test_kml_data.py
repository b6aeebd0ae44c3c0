"""Data of placemarks keep their names and their cells, whatever letters they are written in."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest

from hydrant.exchange.readers import read_headed

POINT = "<Point><coordinates>120.151,30.25</coordinates></Point>"


def read(path: Path, *marks: str) -> dict[str, list[str]]:
    body = "".join(f"<Placemark>{mark}{POINT}</Placemark>" for mark in marks)
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>'
    )
    if path.suffix == ".kmz":
        with ZipFile(path, "w") as archive:
            archive.writestr("doc.kml", text)
    else:
        path.write_text(text, "utf-8")
    return read_headed(path)[0].columns


def data(**cells: str) -> str:
    return "<ExtendedData>" + "".join(
        f'<Data name="{name}"><value>{cell}</value></Data>' for name, cell in cells.items()
    ) + "</ExtendedData>"  # fmt: skip


@pytest.mark.parametrize("form", ["kml", "kmz"])
def test_headings_of_one_length_stay_apart(tmp_path: Path, form: str) -> None:
    columns = read(tmp_path / f"a.{form}", data(编号="A1", 名称="甲"), data(名称="乙", 状态="完好"))
    assert columns["编号"] == ["A1", ""]
    assert columns["名称"] == ["甲", "乙"]
    assert columns["状态"] == ["", "完好"]


def test_data_do_not_take_the_place_of_what_a_placemark_says_itself(tmp_path: Path) -> None:
    mark = "<name>K-2</name><description>by the gate</description>"
    mark += data(Name="A1", description="cast iron", id="7", visibility="0", état="bon")
    columns = read(tmp_path / "a.kml", mark)
    assert columns["Name"] == ["K-2"]
    assert columns["description"] == ["by the gate"]
    assert columns["Name_"] == ["A1"]
    assert columns["description_"] == ["cast iron"]
    assert (columns["id"], columns["visibility"], columns["état"]) == (["7"], ["0"], ["bon"])


def test_names_that_differ_in_a_sign_stay_apart(tmp_path: Path) -> None:
    mark = data(**{"a b": "1", "a_b": "2", "a&amp;b": "3", "plain": "4"})
    columns = read(tmp_path / "a.kml", mark)
    assert [columns[name] for name in ("a b", "a_b", "a&b", "plain")] == [
        ["1"],
        ["2"],
        ["3"],
        ["4"],
    ]


def test_what_a_description_quotes_is_no_name(tmp_path: Path) -> None:
    quoted = '<![CDATA[<Data name="编号">]]>'
    columns = read(tmp_path / "a.kml", f"<description>{quoted}</description>" + data(编号="A1"))
    assert columns["description"] == ['<Data name="编号">']
    assert columns["编号"] == ["A1"]
