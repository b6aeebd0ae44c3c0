"""The page in a browser: one filter for map and lists, flying there and back, keys, print, axe."""

from __future__ import annotations

import csv
import importlib.util
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser import Tab, browser
from tests.conftest import TWO_TOWNSHIPS, Program, missing

LANGUAGES = ("zh", "en")
#: Assets of the county; every fifth is defective, every fifth works.
COUNT = 60


@pytest.fixture
def pages(program: Program, tmp_path: Path) -> dict[str, Path]:
    """A county of two townships as a page in both languages."""
    regions = tmp_path / "regions.csv"
    regions.write_text(TWO_TOWNSHIPS, "utf-8")
    program.data("region", "import", regions)
    assets = tmp_path / "assets.csv"
    with assets.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["code", "kind", "lon", "lat", "region", "address", "outcome", "at"])
        for number in range(COUNT):
            town = f"33019900{1 + number % 2}"
            kind = "intake.river" if number % 10 == 9 else "hydrant.pillar"
            place = (120.1 + number % 8 / 60, 30.2 + number // 8 / 60)
            rows.writerow([f"A-{number:02d}", kind, *place, town, f"中山路{number}号", "", ""])
        rows.writerow(["B-1", "hydrant.pillar", 120.1, 30.2, "330199001", "同一地点", "", ""])
    program.data("import", assets, "--crs", "wgs84")
    program.data("require", "set", "330199001", "hydrant", 40, "--from", "2020-01-01")
    for number in range(0, COUNT, 5):
        program.data("survey", "record", f"A-{number:02d}", "--outcome", "fails",
                     "--defect", "no_water" if number % 10 else "damaged")  # fmt: skip
        program.data("survey", "record", f"A-{number + 1:02d}", "--outcome", "works",
                     "--static-kpa", 200 + number)  # fmt: skip
    made = {}
    for lang in LANGUAGES:
        made[lang] = tmp_path / f"{lang}.html"
        ran = program("report", made[lang], "--by", "township", lang=lang)
        assert ran.code == 0, ran.err
    return made


@pytest.fixture
def tab(peer: Callable[[str], str], tmp_path: Path) -> Iterator[Tab]:
    with browser(peer("chromium"), tmp_path / "cr") as opened:
        opened.screen(1280, 900)
        opened.media(prefers_reduced_motion="reduce")
        yield opened


def opened(tab: Tab, path: Path, fragment: str = "") -> Tab:
    tab.open(path, fragment)
    tab.until("document.documentElement.dataset.ready !== undefined")
    return tab


#: How many assets the map shows, clusters taken apart.
ON_MAP = """hydrantPage.map.hits().reduce((sum, hit) =>
  sum + (hit.cluster ? hit.cluster.properties.point_count : 1), 0)"""
IN_LIST = "Number(/[\\d,]+(?=\\D*$)/.exec(document.querySelector('#pager span').textContent)[0])"
CODES = "[...document.querySelectorAll('#list tbody button')].map(one => one.textContent)"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_scripts_fault_and_nothing_is_fetched(
    tab: Tab, pages: dict[str, Path], lang: str
) -> None:
    opened(tab, pages[lang])
    tab.run("document.querySelector('#list button.link').click()")
    tab.run("document.querySelector('[data-open]').click()")
    tab.until("!document.getElementById('unit').hidden")
    assert tab.fetched == []
    assert tab.faults == []
    assert not tab.run("document.getElementById('too-old').offsetHeight")


def test_one_filter_acts_on_the_map_and_on_the_list(tab: Tab, pages: dict[str, Path]) -> None:
    opened(tab, pages["en"])
    assert (tab.run(ON_MAP), tab.run(IN_LIST)) == (COUNT + 1, COUNT + 1)
    tab.run("document.querySelector('[data-show=repair]').click()")
    assert (tab.run(ON_MAP), tab.run(IN_LIST)) == (COUNT // 5, COUNT // 5)
    pressed = tab.run("[...document.querySelectorAll('#by-state [aria-pressed=true]')]"
                      ".map(one => one.dataset.state)")  # fmt: skip
    assert pressed == ["defective"]
    tab.run("document.getElementById('search').focus()")
    tab.type("中山路1")
    tab.until(f"{IN_LIST} === 2")  # 10 and 15 are defective
    assert tab.run(ON_MAP) == 2
    tab.run("document.getElementById('reset').click()")
    assert (tab.run(ON_MAP), tab.run(IN_LIST)) == (COUNT + 1, COUNT + 1)
    tab.run("""(box => { box.value = [...box.options].find(one => one.text === 'no water').value;
      box.dispatchEvent(new Event('change')); })(document.getElementById('by-fault'))""")
    assert (tab.run(ON_MAP), tab.run(IN_LIST)) == (6, 6)


def test_a_search_that_finds_nothing_says_so(tab: Tab, pages: dict[str, Path]) -> None:
    opened(tab, pages["en"])
    tab.run("document.getElementById('search').focus()")
    tab.type("nowhere at all")
    tab.until("document.getElementById('count').textContent.startsWith('Shown: 0 of')")
    assert tab.run(ON_MAP) == 0
    assert "No asset fits" in tab.run("document.querySelector('#list tbody').textContent")


def test_columns_are_sorted_both_ways_and_the_unknown_stands_last(
    tab: Tab, pages: dict[str, Path]
) -> None:
    opened(tab, pages["en"])
    static = "document.querySelector('th[data-column=static] button')"
    tab.run(f"{static}.click()")
    first = tab.run(CODES)
    assert first[:2] == ["A-01", "A-06"]
    assert tab.run("document.querySelector('th[data-column=static]').ariaSort") == "ascending"
    tab.run(f"{static}.click()")
    turned = tab.run(CODES)
    assert turned[:2] == ["A-56", "A-51"]
    assert turned[12:] == first[12:]  # those that nobody measured


def test_by_keys_alone_to_an_asset_and_back(tab: Tab, pages: dict[str, Path]) -> None:
    opened(tab, pages["en"])
    before = tab.run("hydrantPage.map.map.getCenter()")
    tab.run("document.getElementById('sort').focus()")
    tab.key("Tab", 9)
    while not tab.run("document.activeElement.matches('#list tbody button')"):
        tab.key("Tab", 9)
    code = tab.run("document.activeElement.textContent")
    tab.key("Enter", 13, "\r")
    tab.until("hydrantPage.map.map.getZoom() === 17")
    assert code in tab.run("document.getElementById('chosen').textContent")
    assert tab.run("document.querySelector('tr[aria-selected=true] button').textContent") == code
    tab.key("Escape", 27)
    after = tab.run("hydrantPage.map.map.getCenter()")
    assert after["lat"] == pytest.approx(before["lat"], abs=1e-4)
    assert after["lng"] == pytest.approx(before["lng"], abs=1e-4)
    assert tab.run("document.activeElement.textContent") == code
    assert tab.run("document.getElementById('back').hidden")


def test_the_map_obeys_arrows_and_enter(tab: Tab, pages: dict[str, Path]) -> None:
    opened(tab, pages["en"])
    tab.run("document.getElementById('map').focus()")
    before = tab.run("hydrantPage.map.map.getCenter().lng")
    tab.key("ArrowRight", 39)
    tab.until(f"hydrantPage.map.map.getCenter().lng > {before}")
    tab.run("hydrantPage.map.map.setView([30.2, 120.1], 18, {animate: false});0")
    tab.key("Enter", 13, "\r")
    said = tab.run("document.getElementById('chosen').textContent")
    assert "Here: 1 of 2" in said  # B-1 stands where A-00 stands
    assert said.startswith("A-00")  # the defective one lies above
    tab.run("[...document.querySelectorAll('#chosen button')][1].click()")
    assert tab.run("document.getElementById('chosen').textContent").startswith("B-1")


def test_a_click_on_a_cluster_opens_it(tab: Tab, pages: dict[str, Path]) -> None:
    opened(tab, pages["en"])
    tab.run("hydrantPage.map.map.setView([30.25, 120.15], 9, {animate: false});0")
    tab.run("document.getElementById('map').scrollIntoView()")
    spot = tab.run("(() => { const box = document.getElementById('map').getBoundingClientRect();"
                   "const hit = hydrantPage.map.hits().find(one => one.cluster);"
                   "return [box.x + hit.x, box.y + hit.y]; })()")  # fmt: skip
    tab.click(*spot)
    tab.until("hydrantPage.map.map.getZoom() > 9")
    tab.run("document.getElementById('back').click()")
    tab.until("hydrantPage.map.map.getZoom() === 9")


def test_a_cluster_has_the_colour_of_its_worst(tab: Tab, pages: dict[str, Path]) -> None:
    opened(tab, pages["en"])
    tab.run("hydrantPage.map.map.setView([30.25, 120.15], 7, {animate: false});0")
    red = """(() => { const c = document.querySelector('#map canvas');
      const hit = hydrantPage.map.hits()[0];
      const ratio = c.width / c.clientWidth, pen = c.getContext('2d');
      return [...pen.getImageData((hit.x - hit.r * .6) * ratio, (hit.y + hit.r * .5) * ratio, 1, 1)
        .data]; })()"""
    assert tab.run("hydrantPage.map.hits().length") == 1
    r, g, b, _ = tab.run(red)
    assert r > g + 80
    assert r > b + 80
    tab.run("document.querySelector('[data-state=defective]').click()")
    r, g, b, _ = tab.run(red)  # of those left the untested are the worst, a diamond of paper
    assert abs(r - g) < 40


def test_a_unit_has_a_page_of_its_own_with_an_address(tab: Tab, pages: dict[str, Path]) -> None:
    opened(tab, pages["en"])
    tab.run("document.querySelector('[data-open=\"1\"]').click()")
    tab.until("!document.getElementById('unit').hidden")
    assert tab.run("location.hash") == "#unit=1"
    assert (tab.run(ON_MAP), tab.run(IN_LIST)) == (COUNT // 2, COUNT // 2)
    rate = tab.run(
        "document.querySelector('tr[data-group=\"1\"] td:nth-last-child(4)').textContent"
    )
    assert rate in tab.run("document.getElementById('unit').textContent")
    assert tab.run("document.querySelector('table[data-name=shortfall] tbody tr').hidden")
    tab.run("history.back()")
    tab.until("document.getElementById('unit').hidden")
    assert tab.run(IN_LIST) == COUNT + 1
    opened(tab, pages["zh"], "#unit=0")
    assert "甲镇" in tab.run("document.getElementById('unit').textContent")


def test_the_position_is_read_out_in_its_datum(tab: Tab, pages: dict[str, Path]) -> None:
    opened(tab, pages["en"])
    tab.run("hydrantPage.map.map.setView([30.2, 120.1], 15, {animate: false});0")
    said = tab.run("document.getElementById('here').textContent")
    assert said == "Position (middle of the map): lon 120.100000 · lat 30.200000 (CGCS2000)"
    assert tab.run("document.querySelector('.leaflet-control-scale').textContent").endswith(" m")


def test_a_read_out_in_another_system_is_as_exact_as_a_map(
    tab: Tab, program: Program, pages: dict[str, Path], tmp_path: Path
) -> None:
    for crs, name in (("gcj02", "GCJ-02"), ("EPSG:4549", "EPSG:4549")):
        path = tmp_path / "other.html"
        assert program("report", path, "--crs", crs, lang="en").code == 0
        opened(tab, path)
        for number in (0, 30, 59):
            off = tab.run(f"""(() => {{ const {{ cols, data, map }} = hydrantPage;
              map.map.setView([cols.lat[{number}], cols.lon[{number}]], 18, {{animate: false}});
              const said = document.getElementById('here').textContent;
              const [x, y] = said.replace(/.*?:/, '').match(/[\\d.]+/g).map(Number);
              return [said, x - cols.told[{number}][0], y - cols.told[{number}][1]]; }})()""")
            assert name in off[0]
            metre = 1e-5 if crs == "gcj02" else 1.0
            # what is between the corners of the grid is linear, and the map's middle a pixel wide
            assert abs(off[1]) < metre, off
            assert abs(off[2]) < metre, off


@pytest.mark.parametrize("lang", LANGUAGES)
def test_print_shows_the_map_the_list_and_no_tools(
    tab: Tab, pages: dict[str, Path], peer: Callable[[str], str], tmp_path: Path, lang: str
) -> None:
    tab.media(prefers_color_scheme="dark", prefers_reduced_motion="reduce")
    opened(tab, pages[lang])
    wide = tab.run("document.getElementById('map').clientWidth")
    tab.run(f"""addEventListener('beforeprint', () => {{
      const canvas = document.querySelector('#map canvas');
      const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
      window.still = [canvas.width, {ON_MAP}, pixels.some(one => one),
        document.documentElement.dataset.theme];
    }})""")
    paper = tmp_path / "page.pdf"
    paper.write_bytes(tab.printed())
    text = subprocess.run(
        [peer("pdftotext"), "-layout", str(paper), "-"], check=True, capture_output=True
    ).stdout.decode()
    assert {"zh": "完好率", "en": "Working order"}[lang] in text
    assert "A-55" in text  # beyond the first page of the list on the screen
    assert {"zh": "清除筛选", "en": "Clear filters"}[lang] not in text
    # the still map: all assets, twice as fine as a screen, 680 wide without its frame
    assert tab.run("window.still") == [1356, COUNT + 1, True, "light"]
    assert tab.run("document.getElementById('map').clientWidth") == wide
    assert tab.run("document.documentElement.dataset.theme") is None


@pytest.mark.parametrize("width", [390, 1280, 3840])
def test_the_page_is_no_wider_than_the_screen(tab: Tab, pages: dict[str, Path], width: int) -> None:
    tab.screen(width, 900, touch=width < 500)
    for path in pages.values():
        opened(tab, path)
        assert tab.run("document.documentElement.scrollWidth") <= width


def test_a_finger_chooses_an_asset(tab: Tab, pages: dict[str, Path]) -> None:
    tab.screen(390, 844, touch=True)
    opened(tab, pages["zh"])
    tab.run("hydrantPage.map.map.setView([30.2, 120.1], 17, {animate: false});0")
    tab.run("document.getElementById('map').scrollIntoView()")
    x, y = tab.run("(() => { const box = document.getElementById('map').getBoundingClientRect();"
                   "return [box.x + box.width / 2, box.y + box.height / 2]; })()")  # fmt: skip
    tab.tap(x, y)
    tab.until("document.getElementById('chosen').textContent.startsWith('A-00')")


def test_light_and_dark(tab: Tab, pages: dict[str, Path]) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    tab.media(prefers_color_scheme="dark")
    opened(tab, pages["en"])
    dark = tab.run(paper)
    tab.run("document.getElementById('theme').click()")
    light = tab.run(paper)
    assert light == "rgb(255, 255, 255)"
    assert dark != light
    tab.run("document.getElementById('theme').click()")
    assert tab.run(paper) == dark


@pytest.fixture
def axe() -> str:
    """The script of axe-core."""
    found = importlib.util.find_spec("axe_core_python")
    if found is None or found.origin is None:
        missing("axe-core-python is not installed; pip install axe-core-python")
    return (Path(found.origin).parent / "axe.min.js").read_text("utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(
    tab: Tab, pages: dict[str, Path], axe: str, scheme: str, width: int
) -> None:
    tab.screen(width, 900, touch=width < 500)
    tab.media(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
    for path in pages.values():
        opened(tab, path, "#unit=0")
        tab.run("document.querySelector('#list button.link').click()")
        tab.run("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
        tab.run(axe + ";0")
        found = tab.run("axe.run(document, {resultTypes: ['violations']}).then(told =>"
                        "told.violations.map(one => [one.id, one.nodes[0].html]))")  # fmt: skip
        assert found == []


def test_a_state_is_told_by_its_shape_too(tab: Tab, pages: dict[str, Path]) -> None:
    opened(tab, pages["en"])
    shapes = tab.run("[...document.querySelectorAll('#by-state path')].map(one => "
                     "one.getAttribute('d'))")  # fmt: skip
    assert len(set(shapes)) == 4
    words = tab.run("[...document.querySelectorAll('#list td:nth-child(3)')].map(one => "
                    "one.textContent.trim())")  # fmt: skip
    assert all(re.match("(defective|untested|stale|intact)", word) for word in words)
