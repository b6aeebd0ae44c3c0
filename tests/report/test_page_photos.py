"""Photos with a page: copied beside it and shown, missing ones told, names of others harmless."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hydrant.survey.photos import photo_file
from tests.browser import Tab, browser
from tests.conftest import Program
from tests.report.test_page import data_of
from tests.survey.test_phone import picture


@pytest.fixture
def seen(program: Program, tmp_path: Path) -> tuple[Program, list[str]]:
    """A hydrant with two photos, one with one, one without; digests of the first three."""
    assets = tmp_path / "assets.csv"
    with assets.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["code", "kind", "lon", "lat"])
        rows.writerows([f"A{n}", "hydrant", 120.1 + n / 500, 30.2] for n in range(3))
    program.data("import", assets, "--crs", "wgs84")
    taken = [picture(60 * number) for number in range(3)]
    for number, content in enumerate(taken):
        (tmp_path / f"{number}.png").write_bytes(content)
    program.data("survey", "record", "A0", "--outcome", "fails", "--defect", "damaged",
                 "--photo", tmp_path / "0.png", "--photo", tmp_path / "1.png")  # fmt: skip
    program.data("survey", "record", "A1", "--outcome", "works", "--photo", tmp_path / "2.png")
    return program, [hashlib.sha256(content).hexdigest() for content in taken]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_brings_its_photos_and_tells_which_are_missing(
    seen: tuple[Program, list[str]], tmp_path: Path, lang: str
) -> None:
    program, digests = seen
    gone = photo_file(program.db, digests[1])
    assert gone is not None
    gone.write_bytes(b"\x89PNG\r\n\x1a\nanother")  # a picture, and not the one that was taken
    out = tmp_path / "交出"
    out.mkdir()
    page = out / "county.html"
    told = program("report", page, "--photos", "--json", lang=lang).data["photos"]
    assert (told["count"], told["missing"]) == (2, 1)
    assert Path(told["folder"]) == out / "county-photos"
    assert {one.name for one in (out / "county-photos").iterdir()} == {
        f"{digests[0]}.png", f"{digests[2]}.png"
    }  # fmt: skip
    text = page.read_text("utf-8")
    data = data_of(text)
    files = dict(zip(data["columns"]["code"], data["columns"]["photoFiles"], strict=True))
    assert files == {"A0": [f"{digests[0]}.png", None], "A1": [f"{digests[2]}.png"], "A2": []}
    said = "有 1 张不在登记库旁" if lang == "zh" else "1 photo that a visit names is not beside"
    assert said in text
    assert str(tmp_path) not in text  # a page that is sent says nothing of this machine


def test_without_photos_a_page_fetches_nothing_and_writes_nothing_beside(
    seen: tuple[Program, list[str]], tmp_path: Path
) -> None:
    program, _ = seen
    out = tmp_path / "out"
    out.mkdir()
    assert program.data("report", out / "county.html")["photos"] is None
    text = (out / "county.html").read_text("utf-8")
    assert [one.name for one in out.iterdir()] == ["county.html"]
    assert "img-src" not in text
    assert data_of(text)["columns"]["photos"] == [2, 1, 0]


def test_photos_are_for_pages(seen: tuple[Program, list[str]], tmp_path: Path) -> None:
    program, _ = seen
    ran = program("report", tmp_path / "county.xlsx", "--photos", lang="zh")
    assert ran.code == 3
    assert "--photos 只用于网页" in ran.err
    assert not (tmp_path / "county.xlsx").exists()


def test_a_folder_that_cannot_be_made_is_told(
    seen: tuple[Program, list[str]], tmp_path: Path
) -> None:
    program, _ = seen
    (tmp_path / "county-photos").write_text("a file", "utf-8")
    ran = program("report", tmp_path / "county.html", "--photos", lang="en")
    assert ran.code == 4
    assert "county-photos" in ran.err
    assert not (tmp_path / "county.html").exists()


@pytest.fixture
def tab(peer: Callable[[str], str], tmp_path: Path) -> Iterator[Tab]:
    with browser(peer("chromium"), tmp_path / "cr") as opened:
        yield opened


def test_photos_show_beside_the_page_and_say_so_where_they_cannot(
    tab: Tab, seen: tuple[Program, list[str]], tmp_path: Path
) -> None:
    program, digests = seen
    page = tmp_path / "50% # 县 \"'.html"
    program.data("report", page, "--photos")
    gone = tmp_path / "50% # 县 \"'-photos" / f"{digests[1]}.png"
    gone.unlink()
    tab.open(page)
    tab.until("document.documentElement.dataset.ready !== undefined")
    tab.run("""[...document.querySelectorAll('#list tbody tr')]
      .find(row => row.textContent.includes('A0')).querySelector('td.number button').click()""")
    tab.until("document.querySelectorAll('#chosen .photos img').length === 1")
    tab.until("document.querySelector('#chosen .photos img').naturalWidth === 1")
    told = tab.run("document.getElementById('chosen').textContent")
    assert "Photo 2 of 2 · A0: this browser cannot show it, or the folder" in told
    assert all("ERR_FILE_NOT_FOUND" in fault for fault in tab.faults)  # nothing was forbidden
