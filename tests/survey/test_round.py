"""The crew's round as the crew has it: lines typed into the program."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hydrant.survey.draft import draft_path
from tests.conftest import Program, Ran


@pytest.fixture
def crew(program: Program) -> Program:
    for number in range(3):
        program.data("asset", "add", f"H{number}", "--kind", "hydrant.pillar", "--crs", "wgs84",
                     "--lon", 120.1 + number / 1000, "--lat", 30.2)  # fmt: skip
    return program


def typed(program: Program, monkeypatch: pytest.MonkeyPatch, *lines: str, lang: str = "en") -> Ran:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
    return program("survey", "round", "--by", "一班", lang=lang)


WORKS = ("1", "y", "0.32 MPa", "", "18", "", "")


def order(program: Program) -> dict[str, Any]:
    found: dict[str, Any] = program.data("integrity")["total"]["working_order"]
    return found


def test_round_through_all(crew: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = typed(crew, monkeypatch, *WORKS, "2", "y", "", "", "", "no_water", "栓内无水", *WORKS)
    assert ran.code == 0, ran
    assert (order(crew)["intact"], order(crew)["defective"]) == (2, 1)
    assert "320" in ran.out  # what was understood is said back
    defects = crew.data("defect", "list")["defects"]
    assert [defect["code"] for defect in defects] == ["no_water"]


def test_wrong_answers_are_asked_again(crew: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = typed(crew, monkeypatch, "9", "1", "maybe", "y", "abc", "320", "", "", "zzz", "", "", "q")
    assert ran.code == 0
    assert order(crew)["intact"] == 1
    assert "zzz" in ran.out


def test_stop_and_resume(crew: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = typed(crew, monkeypatch, *WORKS, "1", "y", "310", "q")
    assert ran.code == 0
    assert order(crew)["intact"] == 1
    assert draft_path(crew.db).exists()
    ran = typed(crew, monkeypatch, "", "20", "", "", "q")
    assert order(crew)["intact"] == 2
    assert not draft_path(crew.db).exists()
    shown = crew.data("asset", "history", "H1")["history"]
    assert any(fact["values"].get("static_kpa") == 310 for fact in shown)


@pytest.mark.parametrize(
    "content",
    ["", "{", "[1]", "[" * 100_000, '{"asset_uid": 1, "begun": "", "answers": {}}',
     '{"asset_uid": "x", "begun": "never", "answers": {}}',
     '{"asset_uid": "x", "begun": "2026-01-01", "answers": {"outcome": 1}}'],
)  # fmt: skip
def test_a_draft_that_cannot_be_read_is_put_aside(
    content: str, crew: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = draft_path(crew.db)
    path.write_text(content, encoding="utf-8")
    ran = typed(crew, monkeypatch, *WORKS, "q")
    assert ran.code == 0, ran
    assert order(crew)["intact"] == 1
    (kept,) = path.parent.glob("*.unread")
    assert kept.read_text(encoding="utf-8") == content
    assert kept.name in "".join(ran.out.split())


def test_a_draft_of_another_form_is_asked_from_where_it_is_none(
    crew: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(crew, monkeypatch, "1", "y", "310", "q")
    path = draft_path(crew.db)
    path.write_text(path.read_text("utf-8").replace('"310"', '"310 cubits"'), "utf-8")
    ran = typed(crew, monkeypatch, "320", *WORKS[3:], "q")
    assert ran.code == 0, ran
    assert order(crew)["intact"] == 1
    assert "Static" in ran.out


def test_a_draft_begun_before_the_clock_was_set_back(
    crew: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(crew, monkeypatch, *WORKS[:-1], "q")
    path = draft_path(crew.db)
    draft = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(draft | {"begun": "2999-01-01T00:00:00.000Z"}), "utf-8")
    ran = typed(crew, monkeypatch, WORKS[-1], "q")
    assert ran.code == 0, ran
    assert order(crew)["intact"] == 1
    assert "set back" in ran.out


def test_back_and_skip(crew: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(crew, monkeypatch, "s", "2", "b", *WORKS, "q")
    assert (order(crew)["intact"], order(crew)["untested"]) == (1, 2)


def test_new_asset_on_the_spot(crew: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(crew, monkeypatch, "+", "NEW-1", "intake.river", "120.2, 30.21", "wgs84",
          "1", "y", "", "4.2", "", "", "q")  # fmt: skip
    shown = crew.data("asset", "show", "NEW-1")
    assert shown["asset"]["kind"] == "intake.river"
    assert order(crew)["existing"] == 4


def test_chinese_round(crew: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = typed(crew, monkeypatch, "可用", "是", "0.3 MPa", "", "", "", "正常", "退出", lang="zh")
    assert ran.code == 0
    assert order(crew)["intact"] == 1


def test_residual_above_static_is_asked_again(
    crew: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(crew, monkeypatch, "1", "y", "200", "300", "", "", "", "300", "200", "q")
    assert order(crew)["intact"] == 1


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal of POSIX")
def test_killed_in_the_middle_nothing_is_lost(crew: Program) -> None:
    """On a real terminal, killed without warning after three answers."""
    main, side = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "hydrant", "survey", "--db", str(crew.db), "--by", "c"],
        stdin=side, stdout=side, stderr=side, env={**os.environ, "LC_ALL": "C.UTF-8"},
    ) as process:  # fmt: skip
        for line in (b"1\n", b"y\n", b"333\n"):
            _until(main, b" ")
            os.write(main, line)
        _until_draft(crew.db, "333")
        process.send_signal(signal.SIGKILL)
    os.close(side)
    os.close(main)
    text = draft_path(crew.db).read_text(encoding="utf-8")
    assert "333" in text
    assert order(crew)["intact"] == 0
    assert crew.data("db", "check")["faults"] == []


def _until(terminal: int, mark: bytes) -> None:
    while mark not in os.read(terminal, 4096):
        pass


def _until_draft(db: Path, word: str) -> None:
    path = draft_path(db)
    while not (path.exists() and word in path.read_text(encoding="utf-8")):
        pass


def test_record_by_flags(crew: Program) -> None:
    done = crew.data("survey", "record", "H0", "--outcome", "works", "--static-kpa", 320,
                     "--flow-l-s", 18.5, "--at", "2026-05-01T09:00")  # fmt: skip
    assert done["action"] == "new"
    again = crew.data("survey", "record", "H0", "--outcome", "works", "--static-kpa", 320,
                      "--flow-l-s", 18.5, "--at", "2026-05-01T09:00")  # fmt: skip
    assert (again["action"], again["inspection"]) == ("unchanged", done["inspection"])
    for flags, code in [
        (["--outcome", "broken"], 2),
        (["--outcome", "works", "--at", "2099-01-01"], 3),
        (["--outcome", "works", "--static-kpa", "200", "--residual-kpa", "300"], 3),
        (["--outcome", "works", "--static-kpa", "99999"], 3),
        (["--outcome", "works", "--defect", "gremlins"], 3),
        (["--outcome", "works", "--photo", "no.jpg"], 3),
    ]:
        ran = crew("survey", "record", "H0", *flags)
        assert ran.code == code, ran
        assert len(ran.err.strip().splitlines()) == 1


def test_file_of_observations(crew: Program, tmp_path: Path) -> None:
    file = tmp_path / "visits.csv"
    file.write_text(
        "code,at,outcome,static_kpa,defects,note\n"
        "H0,2026-05-01,works,0.3 MPa,,\n"
        "H1,2026-05-01,不可用,,no_water;leak,栓内无水\n"
        "H9,2026-05-01,works,,,\n",
        "utf-8",
    )
    ran = crew("survey", "import", file, "--json")
    assert ran.code == 3
    assert ran.data["rows"][0]["line"] == 4
    assert order(crew)["untested"] == 3
    assert crew.data("survey", "import", file, "--skip-bad")["new"] == 2
    assert crew.data("survey", "import", file, "--skip-bad")["unchanged"] == 2
    assert (order(crew)["intact"], order(crew)["defective"]) == (1, 1)


def test_plan_lists_what_is_due(crew: Program) -> None:
    crew.data("survey", "record", "H1", "--outcome", "works")
    due = crew.data("survey", "plan")["due"]
    assert [asset["code"] for asset in due] == ["H0", "H2"]
    near = crew.data("survey", "plan", "--near", "120.103,30.2")["due"]
    assert [asset["code"] for asset in near] == ["H2", "H0"]
