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
from sqlalchemy import event
from sqlalchemy.engine import Engine

from hydrant.messages import label
from hydrant.survey.draft import draft_folder, draft_path, former_draft
from hydrant.vocabulary import Language
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


WORKS = ("1", "y", "0.32 MPa", "", "18", "")


def drafts(program: Program) -> list[Path]:
    return sorted(draft_folder(program.db).glob("*.json"))


def visits(program: Program, code: str) -> list[dict[str, Any]]:
    """Visits of an asset that count."""
    history = program.data("asset", "history", code)["history"]
    found = [fact for fact in history if fact["fact"] == "inspection"]
    return [fact["values"] for fact in found if not fact["values"].get("withdrawn_at")]


def order(program: Program) -> dict[str, Any]:
    found: dict[str, Any] = program.data("integrity")["total"]["working_order"]
    return found


def test_round_through_all(crew: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = typed(crew, monkeypatch, *WORKS, "2", "no_water", "", "", "", "栓内没有水", *WORKS)
    assert ran.code == 0, ran
    assert (order(crew)["intact"], order(crew)["defective"]) == (2, 1)
    assert "320" in ran.out  # what was understood is said back
    defects = crew.data("defect", "list")["defects"]
    assert [defect["code"] for defect in defects] == ["no_water"]


@pytest.mark.parametrize(
    ("lang", "said"), [("en", ("NOT recorded", "intact")), ("zh", ("尚未记录", "完好"))]
)
def test_who_leaves_half_way_is_told_what_the_asset_still_counts_as(
    crew: Program, monkeypatch: pytest.MonkeyPatch, lang: str, said: tuple[str, ...]
) -> None:
    crew.data("survey", "record", "H1", "--outcome", "works")
    ran = typed(crew, monkeypatch, "g H1", "2", "no_water", "q", lang=lang)
    assert drafts(crew)
    (line,) = (line for line in ran.out.splitlines() if said[0] in line)
    assert "H1" in line
    assert said[1] in ran.out.partition(line)[2]


def test_wrong_answers_are_asked_again(crew: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = typed(crew, monkeypatch, "9", "1", "maybe", "zzz", "y", "abc", "320", "", "", "", "q")
    assert ran.code == 0
    assert order(crew)["intact"] == 1
    assert "zzz" in ran.out


def test_stop_and_resume(crew: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = typed(crew, monkeypatch, *WORKS, "1", "y", "310", "q")
    assert ran.code == 0
    assert order(crew)["intact"] == 1
    assert drafts(crew)
    ran = typed(crew, monkeypatch, "", "20", "", "q")
    assert order(crew)["intact"] == 2
    assert not drafts(crew)
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
    draft_folder(crew.db).mkdir()
    uid = crew.data("asset", "show", "H0")["asset"]["uid"]
    path = draft_path(crew.db, uid, "一班")
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
    (path,) = drafts(crew)
    path.write_text(path.read_text("utf-8").replace('"310"', '"310 cubits"'), "utf-8")
    ran = typed(crew, monkeypatch, "320", *WORKS[3:], "q")
    assert ran.code == 0, ran
    assert order(crew)["intact"] == 1
    assert "Static" in ran.out


def test_a_draft_begun_before_the_clock_was_set_back(
    crew: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(crew, monkeypatch, *WORKS[:-1], "q")
    (path,) = drafts(crew)
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
    typed(crew, monkeypatch, "+", "NEW-1", "intake.river", "120.2, 30.21", "1",
          "", "1", "y", "", "4.2", "", "q")  # fmt: skip
    shown = crew.data("asset", "show", "NEW-1")
    assert shown["asset"]["kind"] == "intake.river"
    assert order(crew)["existing"] == 4


def test_chinese_round(crew: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = typed(crew, monkeypatch, "可用", "是", "0.3 MPa", "", "", "正常", "退出", lang="zh")
    assert ran.code == 0
    assert order(crew)["intact"] == 1


def test_residual_above_static_is_asked_again(
    crew: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(crew, monkeypatch, "1", "y", "200", "300", "", "", "", "q")
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
    assert "333" in drafts(crew)[0].read_text(encoding="utf-8")
    assert order(crew)["intact"] == 0
    assert crew.data("db", "check")["faults"] == []


def _until(terminal: int, mark: bytes) -> None:
    while mark not in os.read(terminal, 4096):
        pass


def _until_draft(db: Path, word: str) -> None:
    while not any(word in path.read_text("utf-8") for path in draft_folder(db).glob("*.json")):
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


def test_one_line_is_a_whole_visit(crew: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = typed(crew, monkeypatch, "320", "2 渗漏", "320 200 18", "")
    assert ran.code == 0, ran
    assert (order(crew)["intact"], order(crew)["defective"]) == (2, 1)
    assert visits(crew, "H2")[0]["flow_l_s"] == 18
    assert "counts as" in ran.out


@pytest.mark.parametrize(
    ("bare", "answers", "kpa"), [("0.32", ["", "9", "y"], 320), ("3.2", ["9", "2"], 313.8128)]
)
def test_a_gauge_in_another_unit_is_asked_once(
    crew: Program, monkeypatch: pytest.MonkeyPatch, bare: str, answers: list[str], kpa: float
) -> None:
    typed(crew, monkeypatch, bare, *answers, bare, "300", "")
    got = [visits(crew, f"H{number}")[0]["static_kpa"] for number in range(3)]
    assert got == [pytest.approx(kpa), pytest.approx(kpa), 300]


def test_a_gauge_that_was_not_meant_is_asked_again(
    crew: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(crew, monkeypatch, "0.32", "n", "3.2 bar", "q")
    assert visits(crew, "H0")[0]["static_kpa"] == 320


def test_the_last_visit_is_taken_back_and_asked_anew(
    crew: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = typed(crew, monkeypatch, "2 渗漏", "u", "320", "q")
    assert ran.code == 0, ran
    (visit,) = visits(crew, "H0")
    assert (visit["outcome"], order(crew)["defective"]) == ("works", 0)
    assert crew.data("defect", "list")["defects"] == []
    assert crew("audit", "verify").code == 0


def test_a_visit_is_corrected_and_never_doubled(
    crew: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(crew, monkeypatch, "320 200 18", "c", "", "", "310", "", "", "", "q")
    (visit,) = visits(crew, "H0")
    assert (visit["static_kpa"], visit["residual_kpa"], visit["flow_l_s"]) == (310, 200, 18)
    assert crew("audit", "verify").code == 0


def test_a_correction_broken_off_leaves_the_visit_as_it_was(
    crew: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(crew, monkeypatch, "320", "c", "2", "q")
    typed(crew, monkeypatch, "q")
    (visit,) = visits(crew, "H0")
    assert (visit["outcome"], drafts(crew)) == ("works", [])


@pytest.mark.parametrize("word", ["H2", "h2", "g 2", "g h2", "Ｈ２", "H-2"])
def test_any_asset_by_its_code_or_a_part_of_it(
    crew: Program, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    typed(crew, monkeypatch, word, "320", "q")
    assert len(visits(crew, "H2")) == 1
    assert order(crew)["intact"] == 1


def test_a_part_of_several_codes_is_chosen_by_number(
    crew: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = typed(crew, monkeypatch, "g h", "9", "3", "320", "q")
    assert len(visits(crew, "H2")) == 1
    assert "1 to 3" in ran.out


def test_a_plate_of_digits_is_not_taken_for_a_pressure(
    crew: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    crew.data("asset", "add", "320", "--kind", "hydrant", "--crs", "wgs84",
              "--lon", 120.5, "--lat", 30.2)  # fmt: skip
    ran = typed(crew, monkeypatch, "320", "g 320", "310", "q")
    assert "320 kPa" in ran.out
    assert visits(crew, "320")[0]["static_kpa"] == 310
    assert order(crew)["intact"] == 1


def test_a_plate_on_record_is_visited_or_another_asset(
    crew: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(crew, monkeypatch, "+", "h0", "perhaps", "y", "320", "q")
    assert (order(crew)["existing"], len(visits(crew, "H0"))) == (3, 1)
    typed(crew, monkeypatch, "+", "H0", "n", "1", "121 31", "1", "", "320", "q")
    assert order(crew)["existing"] == 4


def test_a_new_asset_where_one_stands_is_asked_about(
    crew: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = typed(crew, monkeypatch, "+", "", "hydrent", "1", "120.1 30.2", "1", "y", "320", "q")
    assert "H0 is on record 0 m from here" in ran.out
    assert "did you mean hydrant" in ran.out
    assert (order(crew)["existing"], len(visits(crew, "H0"))) == (3, 1)


def test_what_is_typed_wrong_for_a_new_asset_is_asked_again_and_no_other(
    crew: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(crew, monkeypatch, "+", "N-1", "5", "here", "b", "99", "取水",
          label("kind", "intake", Language.ZH), "120.3 30.21",
          "atlantis", "2", "narnia", "", "q")  # fmt: skip
    assert crew.data("asset", "show", "N-1")["asset"]["kind"] == "intake"


@pytest.mark.parametrize("at", range(4))
def test_stopping_within_a_new_asset_adds_none(
    crew: Program, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    answers = ["N-1", "1", "120.3 30.21", "1"][:at]
    typed(crew, monkeypatch, "+", *answers, "q", "q")
    assert order(crew)["existing"] == 3
    typed(crew, monkeypatch, "+", *answers, "s", "320", "q")
    assert (order(crew)["existing"], len(visits(crew, "H0"))) == (3, 1)


def test_half_a_visit_stays_its_beginners(crew: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(crew, monkeypatch, "1", "y", "310", "q")
    monkeypatch.setattr(sys, "stdin", io.StringIO("2\n" + "\n" * 9))
    crew("survey", "round", "--by", "二班", "--limit", "1")
    (visit,) = visits(crew, "H0")
    assert (visit["outcome"], visit["inspector"]) == ("fails", "二班")
    typed(crew, monkeypatch, *[""] * 3, "q")
    assert {visit["inspector"] for visit in visits(crew, "H0")} == {"一班", "二班"}


def test_a_draft_that_does_not_tell_whose_it_is_is_nobodys(
    crew: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = crew.data("asset", "show", "H0")["asset"]["uid"]
    begun = {"asset_uid": uid, "begun": "2026-01-01T00:00:00.000Z", "answers": {"outcome": "1"}}
    former_draft(crew.db).write_text(json.dumps(begun), "utf-8")
    ran = typed(crew, monkeypatch, *[""] * 9)
    assert ran.code == 0, ran
    assert order(crew)["untested"] == 3
    (kept,) = former_draft(crew.db).parent.glob("*.unread")
    assert kept.name in ran.out


def test_a_photo_is_taken_along(
    crew: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    photo = tmp_path / "a photo.jpg"
    photo.write_bytes(b"\xff\xd8\xff\xe0" + b"\0" * 40)
    typed(crew, monkeypatch, "p none.jpg", f'p "{photo}"', "q")
    assert len(drafts(crew)) == 1
    typed(crew, monkeypatch, "320", "q")
    assert len(visits(crew, "H0")[0]["photos"]) >= 1


def test_questions_leave_standard_output_to_the_one_object(
    crew: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("4\n\n"))
    ran = crew("survey", "round", "--limit", "1", "--json")
    assert len(ran.data["recorded"]) == 1
    assert "Outcome" in ran.err


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_asset_is_shown_with_all_that_finds_it(
    crew: Program, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    crew.data("survey", "record", "H1", "--outcome", "works", "--defect", "leak",
              "--at", "2020-05-06")  # fmt: skip
    ran = typed(crew, monkeypatch, "320", "s", "q", lang=lang)
    shown = ran.out.replace("\n", " ")
    leak = {"en": "leak", "zh": "渗漏"}[lang]
    for word in ("120.100000 30.200000", "CGCS2000", "2020-05-06", leak, "193"):
        assert word in shown


def test_positions_in_the_datum_that_was_asked_in(
    crew: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("q\n"))
    ran = crew("survey", "round", "--crs", "gcj02", "--near", "120.1,30.2")
    assert "GCJ-02" in ran.out
    assert "120.100000 30.200000" not in ran.out


@pytest.mark.parametrize(("lang", "word"), [("en", "NOT recorded"), ("zh", "尚未记录")])
def test_a_statement_that_ctrl_c_breaks_off_ends_the_round_as_a_question_does(
    crew: Program, monkeypatch: pytest.MonkeyPatch, lang: str, word: str
) -> None:
    """SQLAlchemy gives up the session of a statement that is broken off."""
    typed(crew, monkeypatch, "2", "no_water")  # half answered
    assert len(drafts(crew)) == 1
    waiting: list[str] = []

    def interrupted(*_: object) -> None:
        if waiting:
            waiting.clear()
            raise KeyboardInterrupt

    class Lines(io.StringIO):
        def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
            waiting.append("the next statement")
            return "1\n"

    event.listen(Engine, "do_execute", interrupted)
    try:
        monkeypatch.setattr(sys, "stdin", Lines())
        ran = crew("survey", "round", "--by", "一班", lang=lang)
    finally:
        event.remove(Engine, "do_execute", interrupted)
    assert ran.code == 130, ran
    assert word in ran.out
    assert len(drafts(crew)) == 1
