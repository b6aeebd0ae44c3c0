"""Reports as files, opened by programs that are not ours."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from hydrant.report import paper
from tests.conftest import TWO_TOWNSHIPS, Program, missing
from tests.parts import FONT, advice

EVIL = '=1+1</script><script>alert("x")</script>'
#: Headless, and quiet on a machine without network.
CHROMIUM = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--virtual-time-budget=5000",
)


@pytest.fixture
def county(program: Program, tmp_path: Path) -> Program:
    """Two townships with a requirement and four hydrants, one of them with a hostile address."""
    regions = tmp_path / "regions.csv"
    regions.write_text(TWO_TOWNSHIPS, "utf-8")
    program.data("region", "import", regions)
    assets = tmp_path / "assets.csv"
    with assets.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["code", "kind", "lon", "lat", "region", "address"])
        for number in range(4):
            town = f"33019900{1 + number % 2}"
            address = EVIL if number == 0 else f"路{number}号"
            rows.writerow([f"A{number}", "hydrant", 120.1 + number / 500, 30.2, town, address])
    program.data("import", assets, "--crs", "wgs84")
    program.data("require", "set", "330199001", "hydrant", 3, "--from", "2020-01-01")
    program.data("survey", "record", "A1", "--outcome", "works")
    program.data("survey", "record", "A2", "--outcome", "fails")
    return program


def made(program: Program, path: Path, lang: str, *words: str) -> Path:
    ran = program("report", path, "--by", "township", *words, lang=lang)
    if ran.code == 4 and path.suffix == ".pdf":
        missing(advice(FONT))
    assert ran.code == 0, ran.err
    return path


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_workbook_has_numbers_and_no_formula_from_data(
    county: Program, tmp_path: Path, lang: str
) -> None:
    book = openpyxl.load_workbook(made(county, tmp_path / "r.xlsx", lang))
    name = {"zh": "设施清单", "en": "Assets"}[lang]
    cells = [cell.value for row in book[name].iter_rows() for cell in row]
    assert EVIL in cells
    assert {cell.data_type for row in book[name].iter_rows() for cell in row} <= {"s", "n", "d"}
    sums = [
        cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
    assert sums
    assert all(re.fullmatch(r"=SUM\([A-Z]+\d+:[A-Z]+\d+\)", str(text)) for text in sums)
    assert all(sheet.page_setup.orientation == "landscape" for sheet in book)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_the_rates_leave_out_stands_in_every_file_as_on_the_screen(
    county: Program, tmp_path: Path, lang: str
) -> None:
    """Rural sources, bare banks and private assets have a line each."""
    for number, (kind, said) in enumerate(
        (("well", "service=rural"), ("intake.river", "structure=none"), ("tank", "service=private"))
    ):
        county.data("asset", "add", f"B{number}", "--kind", kind, "--lon", 120.3, "--lat",
                    30.1 + number / 10, "--crs", "wgs84", "--region", "330199001",
                    "--set", said)  # fmt: skip
    shown = county("integrity", lang=lang).out.splitlines()
    words = {"zh": ("农村消防水源", "天然水源"), "en": ("Rural sources", "Bare banks")}[lang]
    lines = [line.strip() for line in shown if any(word in line for word in words)]
    assert len(lines) == 2
    sheet = openpyxl.load_workbook(made(county, tmp_path / "r.xlsx", lang)).worksheets[0]
    cells = [str(row[0]) for row in sheet.iter_rows(max_col=1, values_only=True)]
    page = made(county, tmp_path / "r.html", lang).read_text("utf-8")
    for line in lines:
        assert line in cells
        assert line.replace('"', "&quot;") in page or line in page


def test_workbook_recalculated_by_libreoffice(
    county: Program, tmp_path: Path, peer: Callable[[str], str]
) -> None:
    path = made(county, tmp_path / "r.xlsx", "en")
    cached = openpyxl.load_workbook(path, data_only=True)
    subprocess.run(
        [peer("soffice"), f"-env:UserInstallation=file://{tmp_path}/office", "--headless",
         "--convert-to", "ods", "--outdir", str(tmp_path / "ods"), str(path)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    subprocess.run(
        [peer("soffice"), f"-env:UserInstallation=file://{tmp_path}/office", "--headless",
         "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "back"),
         str(tmp_path / "ods" / "r.ods")],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    again = openpyxl.load_workbook(tmp_path / "back" / "r.xlsx", data_only=True)
    for sheet in cached:
        here = [cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None]
        there = [
            cell.value
            for row in again[sheet.title].iter_rows()
            for cell in row
            if cell.value is not None
        ]
        assert there == here


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_page_in_a_browser(
    county: Program, tmp_path: Path, peer: Callable[[str], str], lang: str
) -> None:
    path = made(county, tmp_path / "r.html", lang)
    assert "</script><script>alert" not in path.read_text("utf-8")
    dom = subprocess.run(
        [peer("chromium"), *CHROMIUM, f"--user-data-dir={tmp_path}/cr", "--dump-dom",
         path.as_uri()],
        check=True, capture_output=True, timeout=120,
    ).stdout.decode()  # fmt: skip
    assert 'data-ready="4"' in dom  # the script ran to its end and drew every asset
    assert len(re.findall(r'<tr id="asset-\d+"', dom)) == 4
    assert f'<html lang="{lang}"' in dom
    assert {"zh": "完好率", "en": "Working order"}[lang] in dom
    assert "=1+1&lt;/script&gt;" in dom
    # nothing is fetched from anywhere
    assert not re.findall(r'(?:src|href)="', re.sub(r"(?s)<script.*?</script>", "", dom))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_paper_holds_chinese_text(
    county: Program, tmp_path: Path, peer: Callable[[str], str], lang: str
) -> None:
    path = made(county, tmp_path / "r.pdf", lang)
    text = subprocess.run(
        [peer("pdftotext"), "-layout", str(path), "-"], check=True, capture_output=True
    ).stdout.decode()
    assert {"zh": "甲镇", "en": "A0"}[lang] in text
    assert {"zh": "完好率", "en": "Working order"}[lang] in text
    assert "25.00 %" in text
    fonts = subprocess.run(
        [peer("pdffonts"), str(path)], check=True, capture_output=True
    ).stdout.decode()
    assert "yes" in fonts  # embedded


def test_without_a_chinese_font_nothing_is_written(
    county: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "CHINESE_FAMILIES", ("No Such Font",))
    path = tmp_path / "r.pdf"
    ran = county("report", path, lang="zh")
    assert ran.code == 4
    assert "--fonts" in ran.err
    assert list(tmp_path.glob("*r*.pdf")) == []


def test_one_command_makes_the_whole_set(county: Program, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    ran = county("report", folder, "--as-of", "2026-06-30", "--region", "330199", "--json")
    if ran.code == 4:
        missing(advice(FONT))
    names = {path.name for path in folder.iterdir()}
    assert names == {f"hydrant-330199-2026-06-30.{form}" for form in ("pdf", "xlsx", "html")}
    assert {Path(file).name for file in ran.data["files"]} == names
    assert ran.data["digest"]


def test_without_a_font_the_set_is_not_begun(
    county: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "CHINESE_FAMILIES", ("No Such Font",))
    folder = tmp_path / "set"
    folder.mkdir()
    assert county("report", folder, lang="zh").code == 4
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_paper_has_a_map_and_a_place_for_names_and_stamp(
    county: Program, tmp_path: Path, peer: Callable[[str], str], lang: str
) -> None:
    path = made(county, tmp_path / "r.pdf", lang)
    text = subprocess.run(
        [peer("pdftotext"), "-layout", str(path), "-"], check=True, capture_output=True
    ).stdout.decode()
    named = {
        "zh": ("填报人", "审核人", "（盖章）", "地图"),
        "en": ("Filled in by", "Checked by", "Stamp of the unit", "Map"),
    }
    assert [words for words in named[lang] if words not in text] == []
    assert re.search(r"\b1 ?/ ?\d", text)  # the number of the page
    assert re.search(r"\d+ m\b", text)  # the bar of the map's scale


def test_days_in_the_workbook_are_days_and_its_whole_is_that_of_integrity(
    county: Program, tmp_path: Path
) -> None:
    book = openpyxl.load_workbook(made(county, tmp_path / "r.xlsx", "en"), data_only=True)
    lists = book["Defective"]
    heads = {cell.value: cell.column for cell in lists[3]}
    assert isinstance(lists.cell(4, heads["last visit"]).value, dt.datetime)
    assert isinstance(book["Targets"].cell(4, 1).value, dt.datetime)
    total = county.data("integrity", "--by", "township")["total"]
    units = book["By unit"]
    heads = {cell.value: cell.column for cell in units[3]}
    last = units.max_row
    assert units.cell(last, heads["working order %"]).value == total["working_order"]["percent"]
    assert units.cell(last, heads["completeness %"]).value == total["completeness"]["percent"]
    assert units.cell(last, heads["existing"]).value == total["working_order"]["existing"]


def test_geojson_says_what_the_figures_say(county: Program, tmp_path: Path) -> None:
    path = made(county, tmp_path / "r.geojson", "en")
    found = json.loads(path.read_text("utf-8"))["features"]
    assert {f["properties"]["code"]: f["properties"]["condition"] for f in found} == {
        "A0": "untested",
        "A1": "intact",
        "A2": "defective",
        "A3": "untested",
    }


def test_gaps_of_roads_on_the_map(county: Program, tmp_path: Path) -> None:
    road = tmp_path / "road.geojson"
    line = {"type": "LineString", "coordinates": [[120.1, 30.2], [120.12, 30.2]]}
    road.write_text(json.dumps({"type": "Feature", "geometry": line, "properties": {}}), "utf-8")
    stated = ("--roads", str(road), "--roads-crs", "wgs84")
    page = made(county, tmp_path / "r.html", "en", *stated).read_text("utf-8")
    data = json.loads(page.partition('id="data">')[2].partition("</script>")[0])
    assert {shape["style"] for shape in data["shapes"]} == {"road", "gap"}


def test_unknown_form_and_unwritable_place(county: Program, tmp_path: Path) -> None:
    assert county("report", tmp_path / "r.doc").code == 3
    ran = county("report", tmp_path / "nowhere" / "r.html")
    assert ran.code == 4
    assert ran.err.count("\n") == 1
