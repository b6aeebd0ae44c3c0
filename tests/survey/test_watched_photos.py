"""Photos of a round: what arrives while an asset is open is offered, by name, for it alone."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hydrant.errors import InputRefused
from hydrant.survey.watched import Watched
from tests.conftest import Program, Ran
from tests.survey.test_phone import picture


class Steps(io.StringIO):
    """What a crew types, one line at a time; a step may do something before its line is read."""

    def __init__(self, *steps: str | Callable[[], str]) -> None:
        super().__init__()
        self._steps = list(steps)

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
        if not self._steps:
            return ""
        step = self._steps.pop(0)
        return (step if isinstance(step, str) else step()) + "\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "手机 照片"
    made.mkdir()
    (made / "old.jpg").write_bytes(picture(1))
    os.utime(made / "old.jpg", (1_500_000_000, 1_500_000_000))
    return made


@pytest.fixture
def crew(program: Program) -> Program:
    for number in (1, 2):
        program.data("asset", "add", f"H{number}", "--kind", "hydrant", "--crs", "wgs84",
                     "--lon", 120.1 + number / 1000, "--lat", 30.2)  # fmt: skip
    return program


def walked(
    program: Program, *steps: str | Callable[[], str], words: tuple[object, ...] = (),
    lang: str = "en",
) -> Ran:  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", Steps(*steps))
        return program("survey", "round", "--by", "一班", *words, lang=lang)


def arrives(folder: Path, names: dict[str, int], then: str) -> Callable[[], str]:
    """Pictures of a shade come, and then a line is typed."""

    def step() -> str:
        for name, shade in names.items():
            (folder / name).write_bytes(picture(shade))
        return then

    return step


def kept(program: Program, code: str) -> int:
    return len(program.data("asset", "show", code)["photos"])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_arrives_while_an_asset_is_open_is_offered_for_it_alone(
    crew: Program, folder: Path, lang: str
) -> None:
    (folder / "before.jpg").write_bytes(picture(2))
    ran = walked(
        crew,
        arrives(folder, {"IMG_1.JPG": 20, "IMG_2.png": 30, "IMG_3.jpg.part": 40}, "320"),
        "y",  # both are kept
        arrives(folder, {"IMG_4.jpg": 50, "IMG_5.jpg": 60}, "300"),
        "9",  # there is no ninth
        "1",
        words=("--photos", folder),
        lang=lang,
    )
    assert ran.code == 0, ran.err
    assert not any(name in ran.out for name in ("old.jpg", "before.jpg", ".part"))
    assert ran.out.count("IMG_1.JPG") == 1
    assert ran.out.count("IMG_4.jpg") == 1
    assert "IMG_5.jpg  0.0 MB" in ran.out
    assert ("请答 1 到 2" if lang == "zh" else "numbers from 1 to 2") in ran.out
    assert (kept(crew, "H1"), kept(crew, "H2")) == (2, 1)


def test_nothing_is_kept_without_a_word_and_what_is_left_is_not_asked_twice(
    crew: Program, folder: Path
) -> None:
    ran = walked(
        crew,
        arrives(folder, {"a.png": 20}, "p"),
        "",
        "320",  # recorded without another question
        "p",  # nothing came since the second was opened
        "300",
        words=("--photos", folder),
    )
    assert ran.code == 0, ran.err
    assert ran.out.count("a.png") == 1
    assert "No new photo in" in ran.out
    assert (kept(crew, "H1"), kept(crew, "H2")) == (0, 0)


def test_back_at_the_photos_leads_to_the_question_before(crew: Program, folder: Path) -> None:
    ran = walked(crew, arrives(folder, {"a.png": 20}, "1"), "", "320", "", "", "seen", "b",
                 "leak", "1", "q", words=("--photos", folder))  # fmt: skip
    assert ran.code == 0, ran.err
    assert kept(crew, "H1") == 1
    (defect,) = crew.data("defect", "list")["defects"]
    assert defect["code"] == "leak"


def test_a_visit_taken_up_again_is_offered_what_came_meanwhile(crew: Program, folder: Path) -> None:
    assert walked(crew, "1", "", "320", words=("--photos", folder)).code == 0  # input ends here
    (folder / "late.png").write_bytes(picture(20))
    os.utime(folder / "late.png", (time.time() + 5, time.time() + 5))
    ran = walked(crew, ".", "1", words=("--photos", folder))
    assert "late.png" in ran.out
    assert "old.jpg" not in ran.out
    assert kept(crew, "H1") == 1


def test_a_folder_is_named_once_in_the_settings_or_in_the_round(
    crew: Program, folder: Path
) -> None:
    ran = walked(crew, "p", f'p "{folder}"', arrives(folder, {"a.png": 20}, "320"), "1", "q")
    assert ran.code == 0, ran.err
    assert "hydrant config set photos FOLDER" in ran.out
    assert kept(crew, "H1") == 1
    crew.data("config", "set", "photos", folder)
    assert crew.data("config", "show")["effective"]["photos"]["value"] == str(folder)
    assert walked(crew, arrives(folder, {"b.png": 90}, "300"), "1").code == 0
    assert kept(crew, "H2") == 1


def test_a_folder_that_is_not_there_stops_no_round_unless_it_was_typed(
    crew: Program, tmp_path: Path
) -> None:
    refused = walked(crew, "320", words=("--photos", tmp_path / "none"))
    assert refused.code == 3
    assert "photos cannot be looked for there" in refused.err
    crew.data("config", "set", "photos", tmp_path / "none")
    ran = walked(crew, "320", "300")
    assert ran.code == 0, ran.err
    assert "photos cannot be looked for there" in ran.out
    assert crew.data("integrity")["total"]["working_order"]["intact"] == 2


@pytest.mark.parametrize("typed", ["p ~nobody-by-that-name/a.jpg", "p a\0b.jpg", "p notes.txt"])
def test_a_path_that_is_none_is_refused_and_the_visit_goes_on(
    crew: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("no picture", "utf-8")
    ran = walked(crew, typed, "320", "q")
    assert ran.code == 0, ran.err
    assert kept(crew, "H1") == 0
    assert crew.data("integrity")["total"]["working_order"]["intact"] == 1


def test_a_picture_that_is_still_written_is_not_taken(folder: Path) -> None:
    watched = Watched(folder)
    watched.open("a")
    (folder / "new.png").write_bytes(picture(20)[:20])
    (half,) = watched.arrived("a", again=False)
    (folder / "new.png").write_bytes(picture(20))
    with pytest.raises(InputRefused, match="photo_arriving"):
        watched.keep(half)
    (whole,) = watched.arrived("a", again=False)
    assert watched.keep(whole) == folder / "new.png"
    watched.open("b")
    assert watched.arrived("b", again=False) == watched.arrived("a", again=False) == []


def test_a_phone_plugged_in_later_brings_only_what_is_new(tmp_path: Path) -> None:
    place = tmp_path / "DCIM"
    watched = Watched(place)
    watched.open("a")
    place.mkdir()
    (place / "old.png").write_bytes(picture(1))
    os.utime(place / "old.png", (1_500_000_000, 1_500_000_000))
    (place / "new.png").write_bytes(picture(2))
    assert [one.path.name for one in watched.arrived("a", again=False)] == ["new.png"]
