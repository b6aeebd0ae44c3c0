"""Photos are shown with the asset: whose day, which file, and which did not come along."""

from __future__ import annotations

from pathlib import Path

import pytest

from hydrant.survey.photos import photo_folder
from tests.conftest import Program

pytestmark = pytest.mark.file_only


def picture(path: Path, number: int) -> Path:
    path.write_bytes(b"\xff\xd8\xff\xe0" + bytes([number]) * 40)
    return path


@pytest.fixture
def pictured(program: Program, tmp_path: Path) -> Program:
    program.data(
        "asset", "add", "H", "--kind", "hydrant", "--crs", "wgs84", "--place", "119.04 29.6"
    )
    for number, day in enumerate(("2026-01-05", "2026-03-05", "2026-02-05"), 1):
        program.data("survey", "record", "H", "--outcome", "works", "--at", day,
                     "--photo", picture(tmp_path / f"{number}.jpg", number))  # fmt: skip
    return program


def test_the_latest_visit_comes_first_and_each_file_is_the_photo(
    pictured: Program, tmp_path: Path
) -> None:
    photos = pictured.data("asset", "show", "H")["photos"]
    assert [photo["at"] for photo in photos] == ["2026-03-05", "2026-02-05", "2026-01-05"]
    for photo, number in zip(photos, (2, 3, 1), strict=True):
        assert Path(photo["file"]).read_bytes() == (tmp_path / f"{number}.jpg").read_bytes()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_people_see_the_files_and_what_is_not_at_hand(pictured: Program, lang: str) -> None:
    photos = pictured.data("asset", "show", "H")["photos"]
    shown = pictured("asset", "show", "H", lang=lang).out
    assert all(f"{photo['at']}  {photo['file']}" in shown for photo in photos)
    Path(photos[0]["file"]).unlink()
    told = pictured.data("asset", "show", "H")["photos"]
    assert [photo["file"] is None for photo in told] == [True, False, False]
    shown = pictured("asset", "show", "H", lang=lang).out
    assert photos[0]["sha256"][:12] in shown
    assert str(photos[0]["file"]) not in shown


def test_a_withdrawn_visits_photo_is_shown_no_more(pictured: Program) -> None:
    pictured.data("survey", "withdraw", "H", "--at", "2026-02-05", "--reason", "slip")
    photos = pictured.data("asset", "show", "H")["photos"]
    assert [photo["at"] for photo in photos] == ["2026-03-05", "2026-01-05"]
    assert len(list(photo_folder(pictured.db).rglob("*.jpg"))) == 3
