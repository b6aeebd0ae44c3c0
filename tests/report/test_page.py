"""The page as a file: what it says, what it holds, and what it obeys of what others wrote."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from hydrant.report import page_assets
from hydrant.resources import resource
from tests.conftest import TWO_TOWNSHIPS, Program

#: Markup, an end of a script, signs of a template, and a mark that turns the direction.
HOSTILE = "</script><script>x()</script>${title}$word_map\u200f'\"&<b>"
SQUARE = (
    '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"330199001"},'
    '"geometry":{"type":"Polygon","coordinates":[[[120.0,30.0],[120.2,30.0],[120.2,30.4],'
    "[120.0,30.4],[120.0,30.0]]]}}]}"
)


@pytest.fixture
def county(program: Program, tmp_path: Path) -> Program:
    """Two townships, one with an outline; five hydrants, one without a position's like."""
    regions = tmp_path / "regions.csv"
    regions.write_text(TWO_TOWNSHIPS, "utf-8")
    program.data("region", "import", regions)
    outline = tmp_path / "outline.geojson"
    outline.write_text(SQUARE, "utf-8")
    program.data("region", "import", outline, "--crs", "cgcs2000")
    assets = tmp_path / "assets.csv"
    with assets.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["code", "kind", "lon", "lat", "region", "address", "maintainer"])
        for number in range(5):
            town = f"33019900{1 + number % 2}"
            rows.writerow(
                [f"A{number}", "hydrant", 120.1 + number / 500, 30.2, town, f"路{number}号", "水司"]
            )
    program.data("import", assets, "--crs", "wgs84")
    program.data("require", "set", "330199001", "hydrant", 4, "--from", "2020-01-01")
    program.data("survey", "record", "A1", "--outcome", "works", "--static-kpa", 320,
                 "--flow-l-s", 18.5, "--residual-kpa", 210, "--at", "2026-03-01")  # fmt: skip
    program.data("survey", "record", "A2", "--outcome", "fails", "--at", "2026-02-03",
                 "--defect", "no_water", "--defect", "paint_poor")  # fmt: skip
    return program


def made(program: Program, tmp_path: Path, lang: str = "en", *words: str) -> str:
    path = tmp_path / "page.html"
    ran = program("report", path, "--by", "township", *words, lang=lang)
    assert ran.code == 0, ran.err
    return path.read_text("utf-8")


def data_of(text: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(text.partition('id="data">')[2].partition("</script>")[0])
    return loaded


class Outline(HTMLParser):
    """Tags of a page with their attributes, and the text outside scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said = ""
        self._hidden = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._hidden += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.said += data


def test_the_rates_come_first_and_as_integrity_tells_them(county: Program, tmp_path: Path) -> None:
    said = Outline(made(county, tmp_path)).said
    told = county.data("integrity", "--by", "township")["total"]
    whole = f"{told['completeness']['percent']:.2f} % *"  # township B has no number
    order = f"{told['working_order']['percent']:.2f} %"
    assert said.index(whole) < said.index(order) < said.index("What is missing to 100 %")
    assert said.index("does not cover everything") < said.index("What is missing to 100 %")


def test_what_nobody_stated_is_not_missing_nothing(program: Program, tmp_path: Path) -> None:
    program.data("asset", "add", "H-1", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.2,
                 "--crs", "cgcs2000")  # fmt: skip
    path = tmp_path / "page.html"
    assert program("report", path, lang="en").code == 0
    text = path.read_text("utf-8")
    card = text.partition('class="card build"')[2].partition("</article>")[0]
    assert "unknown" in card
    assert "nobody stated how many are required" in card
    assert re.search(r'class="big">unknown<', text)  # the completeness, too


def test_a_shortfall_beside_lacking_numbers_bears_the_mark(county: Program, tmp_path: Path) -> None:
    card = made(county, tmp_path).partition('class="card build"')[2].partition("</article>")[0]
    assert re.search(r'class="big">\d+ \*<', card)
    assert "more may be missing" in card


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_is_fetched_and_only_its_own_script_runs(
    county: Program, tmp_path: Path, lang: str
) -> None:
    text = made(county, tmp_path, lang)
    page = Outline(text)
    names = {name for _, attrs in page.tags for name in attrs}
    assert not names & {
        "src",
        "href",
        "srcset",
        "action",
        "onclick",
        "onload",
        "background",
        "style",
    }
    assert "url(" not in text.partition("<style>")[2].partition("</style>")[0]
    assert "sourceMappingURL" not in text
    policy = next(
        str(attrs["content"])
        for tag, attrs in page.tags
        if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none';")
    assert "http" not in policy


def test_words_of_others_are_neither_markup_nor_orders(program: Program, tmp_path: Path) -> None:
    regions = tmp_path / "regions.csv"
    with regions.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["code", "name_zh", "name_en", "level", "parent_code"])
        rows.writerow(["330199", HOSTILE, "", "county", ""])
    program.data("region", "import", regions)
    program.data("asset", "add", "</script><script>y()", "--kind", "hydrant", "--lon", 120.1,
                 "--lat", 30.2, "--crs", "cgcs2000", "--region", "330199",
                 "--maintainer", "<img src=z>")  # fmt: skip
    path = tmp_path / "page.html"
    assert program("report", path, lang="zh").code == 0
    text = path.read_text("utf-8")
    scripts = re.findall(r"(?s)<script[^>]*>(.*?)</script>", text)
    assert len(scripts) == 3  # the data, the page's own, and the word for old browsers
    assert "<img" not in text
    assert not re.search(
        r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]", text
    )
    data = data_of(text)
    assert data["columns"]["code"] == ["</script><script>y()"]
    assert (
        "${title}$word_map" in data["groups"][0]["name"]
    )  # as it was written, filled in by nobody


def test_lists_say_which_defect_since_when_and_what_was_measured(
    county: Program, tmp_path: Path
) -> None:
    data = data_of(made(county, tmp_path, "en"))
    columns, pools = data["columns"], data["pools"]

    def told(code: str, column: str) -> Any:
        value = columns[column][columns["code"].index(code)]
        return pools[column][value] if column in pools and value >= 0 else value

    assert told("A2", "faults") == (
        "no water (blocking, since 2026-02-03); paint poor (remark, since 2026-02-03)"
    )
    assert told("A2", "since") == "2026-02-03"
    assert told("A2", "faultSet") == ["no water", "paint poor"]
    assert told("A1", "visited") == "2026-03-01"
    assert told("A1", "outcome") == "works"
    assert told("A1", "staticSaid") == "320 (measured 2026-03-01)"
    assert told("A1", "flow") == "18.5 at 210 kPa"
    assert told("A3", "visited") == -1
    assert told("A3", "static") is None


def test_a_defect_repaired_by_the_day_is_in_no_list(county: Program, tmp_path: Path) -> None:
    county.data("defect", "clear", "A2", "paint_poor", "--at", "2026-02-20")
    before = data_of(made(county, tmp_path, "en", "--as-of", "2026-02-10"))
    after = data_of(made(county, tmp_path, "en", "--as-of", "2026-02-25"))
    assert "paint poor" in before["pools"]["faults"][0]
    assert "paint poor" not in after["pools"]["faults"][0]


def test_units_are_outlined_and_named_and_so_is_what_is_given(
    county: Program, tmp_path: Path
) -> None:
    road, water = tmp_path / "road.geojson", tmp_path / "water.geojson"
    line = {"type": "LineString", "coordinates": [[120.1, 30.2], [120.12, 30.2]]}
    lake = {"type": "Polygon", "coordinates": [[[120.1, 30.1], [120.11, 30.1], [120.1, 30.11],
                                                [120.1, 30.1]]]}  # fmt: skip
    road.write_text(json.dumps({"type": "Feature", "geometry": line, "properties": {}}), "utf-8")
    water.write_text(json.dumps({"type": "Feature", "geometry": lake, "properties": {}}), "utf-8")
    stated = ("--roads", str(road), "--roads-crs", "wgs84", "--water", str(water), "--water-crs",
              "wgs84")  # fmt: skip
    shapes = data_of(made(county, tmp_path, "zh", *stated))["shapes"]
    assert [shape["style"] for shape in shapes] == ["unit", "water", "road", "gap"]
    (unit,) = (shape for shape in shapes if shape["style"] == "unit")
    assert (unit["key"], unit["name"]) == ("330199001", "甲镇")
    lon = sum(unit["parts"][0][0::2][:1]) / 1e6
    assert 120.0 <= lon <= 120.2
    assert 120.0 <= unit["label"][0] <= 120.2


def test_positions_are_read_out_in_the_datum_asked(county: Program, tmp_path: Path) -> None:
    plain = data_of(made(county, tmp_path))
    assert (plain["datum"], plain["grid"]) == ("CGCS2000", None)
    shifted = data_of(made(county, tmp_path, "en", "--crs", "gcj02"))
    assert shifted["datum"] == "GCJ-02"
    near = county.data("near", 120.1, 30.2, "-n", 1, "--crs", "wgs84")["sources"][0]
    place = shifted["columns"]["code"].index(near["code"])
    x, y = shifted["columns"]["told"][place]
    asked = county.data("near", x, y, "-n", 1, "--crs", "gcj02")["sources"][0]
    assert asked["code"] == near["code"]
    assert asked["distance_m"] < 0.5
    assert len(shifted["grid"]["x"]) == shifted["grid"]["corners"] ** 2
    metres = data_of(made(county, tmp_path, "en", "--crs", "EPSG:4549"))
    assert metres["grid"]["digits"] == 1


def test_too_many_assets_leave_out_the_best_and_say_so(
    county: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_assets.fitting, "__defaults__", (3,))
    text = made(county, tmp_path, "en")
    data = data_of(text)
    assert "A1" not in data["columns"]["code"]  # the one in working order goes first
    assert "A2" in data["columns"]["code"]
    assert "Not on this page, which would be too large: 2 assets of 5" in Outline(text).said
    total = county.data("integrity", "--by", "township")["total"]["working_order"]
    assert f"{total['percent']:.2f} %" in Outline(text).said


def test_the_trend_tells_every_month_and_its_last_point_is_the_rate(
    county: Program, tmp_path: Path
) -> None:
    text = made(county, tmp_path, "en", "--as-of", "2026-03-15")
    rows = re.findall(r'<tr><th scope="row">(\d{4}-\d\d-\d\d)</th><td class="number">([^<]*)</td>'
                      r'<td class="number">([^<]*)</td>', text)  # fmt: skip
    assert len(rows) == 13
    assert rows[-1][0] == "2026-03-15"
    total = county.data("integrity", "--by", "township", "--as-of", "2026-03-15")["total"]
    assert rows[-1][1] == f"{total['completeness']['percent']:.2f} *"
    assert rows[-1][2] == (
        f"{total['working_order']['low']:.2f} – {total['working_order']['high']:.2f}"
    )
    assert rows[0][2] == "0.00 – 100.00"  # a year before nobody had looked at anything


def test_a_region_that_was_not_there_a_year_ago_still_has_its_page(
    program: Program, tmp_path: Path
) -> None:
    regions = tmp_path / "regions.csv"
    regions.write_text(
        "code,name_zh,name_en,level,parent_code,valid_from\n330199,县,County,county,,2026-01-01\n",
        "utf-8",
    )
    program.data("region", "import", regions)
    path = tmp_path / "page.html"
    ran = program("report", path, "--region", "330199", "--as-of", "2026-03-31", lang="en")
    assert ran.code == 0, ran.err


def test_vendored_libraries_are_what_was_published() -> None:
    root = resource("data", "page")
    for name, library in json.loads((root / "libraries.json").read_text("utf-8")).items():
        there = {path.name for path in (root / name).iterdir()}
        assert there == set(library["files"]), name
        for file, digest in library["files"].items():
            assert hashlib.sha256((root / name / file).read_bytes()).hexdigest() == digest, file
        assert any(file.startswith("LICENSE") for file in there)


def test_licences_of_libraries_travel_in_the_page(county: Program, tmp_path: Path) -> None:
    text = made(county, tmp_path)
    for name in ("leaflet", "supercluster"):
        for licence in resource("data", "page", name).glob("LICENSE*"):
            assert licence.read_text("utf-8").strip() in text
