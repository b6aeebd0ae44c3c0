"""Whatever a crew answers, and whatever lies there as a draft: the next round always begins."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hydrant.survey.dialogue import Answers, accept, next_question, questions, understood
from hydrant.survey.draft import draft_folder, draft_path
from hydrant.survey.form import load_form
from tests.conftest import Program, Ran

KINDS = ("hydrant", "hydrant.pillar", "crane", "tank", "well", "intake.river")
#: What each kind of question takes, and what it must refuse where it is asked.
RIGHT = {"outcome": "1", "all_ok": "y", "static_kpa": "300", "residual_kpa": "200",
         "flow_l_s": "23.5", "level_m": "2.5", "lift_m": "4", "note": "seen"}  # fmt: skip
WRONG = {
    "outcome": ("9", "maybe", "works!", "\x00"),
    "all_ok": ("maybe", "99", "ja", "leak, gremlins", "leek"),
    "check": ("perhaps", "-1"),
    "static_kpa": ("-1", "99999", "3 MPa", "300 furlongs", "NaN", "9" * 400, "1e999"),
    "residual_kpa": ("-1", "99999", "301", "0.31 MPa"),
    "flow_l_s": ("-5", "99999", "3600000 m3/h", "abc"),
    "level_m": ("9001", "-501", "9001 m", "deep"),
    "lift_m": ("101", "-51", "x"),
    "note": ("x" * 4001,),
}


class Keys(io.StringIO):
    """What a crew types; counts how often it was asked."""

    asked = 0

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
        self.asked += 1
        return super().readline(size)


def walk(program: Program, *lines: str, lang: str = "en") -> tuple[Ran, int]:
    keys = Keys("".join(f"{line}\n" for line in lines))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", keys)
        ran = program("survey", "round", "--by", "一班", "--limit", "1", lang=lang)
    return ran, keys.asked


def drafts(program: Program) -> list[Path]:
    return sorted(draft_folder(program.db).glob("*.json"))


def add(program: Program, code: str, kind: str) -> None:
    program.data("asset", "add", code, "--kind", kind, "--crs", "wgs84",
                 "--lon", 120.1, "--lat", 30.2)  # fmt: skip


def visits(program: Program, code: str) -> list[dict[str, Any]]:
    history = program.data("asset", "history", code)["history"]
    return [fact["values"] for fact in history if fact["fact"] == "inspection"]


def asked_in(kind: str) -> list[tuple[str, str]]:
    """Name and topic of every question of a visit whose checklist is gone through."""
    return [(q.name, q.topic) for q in questions(kind, {"outcome": "1", "all_ok": "n"})]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_each_refused_answer_is_asked_again_and_no_other(
    program: Program, kind: str, lang: str
) -> None:
    add(program, "A-1", kind)
    lines: list[str] = []
    prompts = asked_in(kind)
    for name, topic in prompts:
        lines += WRONG[topic]
        lines.append("n" if name == "all_ok" else RIGHT.get(topic, "y"))
    ran, asked = walk(program, *lines, lang=lang)
    assert ran.code == 0, ran
    assert asked == len(lines) + 1  # and what comes when nothing is due
    (visit,) = visits(program, "A-1")
    measured = [name for name, _ in prompts if name.endswith(("_kpa", "_l_s", "_m"))]
    assert {name: visit[name] for name in measured} == {
        name: float(RIGHT[name]) for name in measured
    }
    assert visit["note"] == "seen"
    assert not drafts(program)


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_that_is_refused_is_never_kept(kind: str) -> None:
    """Stopped after any refusal, the draft holds answers that are taken as they stand."""
    answers: Answers = {"outcome": "1", "all_ok": "n"}
    while (question := next_question(kind, answers)) is not None:
        for wrong in WRONG[question.topic]:
            with pytest.raises(Exception, match=r"^[a-z_.]+"):
                accept(question, wrong, answers)
        answers[question.name] = RIGHT.get(question.topic, "y")
    assert understood(kind, answers) == answers


def test_a_new_static_pressure_asks_for_the_residual_that_contradicts_it(program: Program) -> None:
    add(program, "A-1", "hydrant")
    # 30 instead of 300: the residual is refused until the crew goes back
    ran, _ = walk(program, "1", "y", "30", "200", "b", "300", "200", "", "", "")
    assert ran.code == 0
    assert "b goes back" in ran.out
    (visit,) = visits(program, "A-1")
    assert (visit["static_kpa"], visit["residual_kpa"]) == (300.0, 200.0)


ODD = st.sampled_from(
    [*(wrong for many in WRONG.values() for wrong in many), *RIGHT.values(), "", "y", "n", "2",
     "3", "4", "b", "B", "s", "q", "+", "120.1, 30.2", "wgs84", "١٢", "\t", "\x1b[2J", "\udcff",
     "否", "0,32 MPa", "-", ".", ",", "leak,leak"]
)  # fmt: skip


@pytest.mark.file_only
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.sampled_from(KINDS), st.lists(ODD, max_size=30), st.data())
def test_any_answers_then_the_next_round(
    program: Program, kind: str, lines: list[str], data: st.DataObject
) -> None:
    add(program, "A-1", kind)
    for typed in (lines, data.draw(st.lists(ODD, max_size=10)), []):
        ran, asked = walk(program, *typed)
        assert ran.code == 0, ran
        assert asked <= len(typed) + 1
        assert "\ufffd" not in ran.err
    # whatever is half-answered is completed: Enter is an answer to all but the first question
    ran, _ = walk(program, *[""] * 40)
    assert ran.code == 0, ran
    assert not drafts(program)


def draft_of(program: Program, **changes: object) -> Path:
    """A draft as a crew leaves it behind, changed by another hand."""
    walk(program, "1", "leak", *("300", "200", "23.5"))
    (path,) = drafts(program)
    found = json.loads(path.read_text("utf-8"))
    found["answers"] |= changes.pop("answers", {})
    path.write_text(json.dumps({**found, **changes}), "utf-8")
    return path


def aside(path: Path) -> list[Path]:
    return sorted(path.parent.glob("*.unread"))


@pytest.mark.parametrize(
    ("answers", "typed"),
    [
        ({"flow_l_s": "99999"}, ["23.5"]),
        ({"static_kpa": "-3"}, ["300"]),
        ({"residual_kpa": "301"}, ["200"]),
        ({"outcome": "well"}, ["1"]),
        ({"all_ok": "who knows"}, ["y"]),
        ({"all_ok": "gremlins"}, ["leak"]),
        ({"defects": "leak"}, []),
        ({"flow_l_s": "\ud800"}, ["23.5"]),
        ({"outcome": "0", "flow_l_s": "x"}, ["1", "23.5"]),
        ({"level_m": "2"}, []),
    ],
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_draft_with_a_bad_answer_asks_that_one_again(
    program: Program, answers: dict[str, str], typed: list[str], lang: str
) -> None:
    add(program, "A-1", "hydrant")
    path = draft_of(program, answers=answers)
    changed = path.read_bytes()
    ran, asked = walk(program, *typed, "seen", lang=lang)
    assert ran.code == 0, ran
    assert asked == len(typed) + 2  # the remark, and what comes when nothing is due
    (visit,) = visits(program, "A-1")
    wanted = {"static_kpa": 300.0, "residual_kpa": 200.0, "flow_l_s": 23.5, "note": "seen"}
    assert {name: visit[name] for name in wanted} == wanted
    (kept,) = aside(path)
    assert kept.read_bytes() == changed
    assert sum(kept.name in line for line in ran.out.splitlines()) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"asset_uid": "01900000-0000-7000-8000-000000000000"},
        {"begun": "0001-01-01T00:00:00.000Z"},
        {"begun": "9999-12-31T23:59:59.000Z"},
        {"begun": 5},
        {"checklist": 5},
        {"more": 1},
        {"answers": {"note": 3}},
    ],
)
def test_a_draft_of_nothing_is_put_aside(program: Program, changes: dict[str, object]) -> None:
    add(program, "A-1", "hydrant")
    path = draft_of(program, **changes)
    changed = path.read_bytes()
    ran, _ = walk(program, "4", "", "")
    assert ran.code == 0, ran
    (kept,) = aside(path)
    assert kept.read_bytes() == changed
    assert kept.name in ran.out
    assert len(visits(program, "A-1")) == 1
    assert walk(program)[0].code == 0


@pytest.mark.parametrize("change", [{"checklist": None}, {"checklist": "hydrant 0"}])
def test_in_order_is_said_of_one_checklist_only(
    program: Program, change: dict[str, object]
) -> None:
    """A checklist of another version, or of none that is told, is gone through again."""
    add(program, "A-1", "hydrant")
    path = draft_of(program, **change, answers={"all_ok": "y"})
    ran, asked = walk(program, "y", "seen")
    assert (ran.code, asked) == (0, 3)
    assert "In order" in ran.out
    assert len(aside(path)) == 1


def test_a_tank_is_not_in_order_by_the_list_of_a_hydrant(program: Program) -> None:
    add(program, "A-1", "hydrant")
    add(program, "B-2", "tank")
    tank = program.data("asset", "show", "B-2")["asset"]["uid"]
    path = draft_of(program, asset_uid=tank)
    path = path.rename(draft_path(program.db, tank, "一班"))
    ran, asked = walk(program, "2.5", "seen")
    assert (ran.code, asked) == (0, 3)  # and then the hydrant, which is due still
    (visit,) = visits(program, "B-2")
    assert (visit["level_m"], visit.get("static_kpa")) == (2.5, None)
    assert len(aside(path)) == 1
    defects = program.data("defect", "list")["defects"]
    assert [defect["code"] for defect in defects] == ["leak"]


def test_going_back_past_the_first_answer_keeps_none(program: Program) -> None:
    add(program, "A-1", "hydrant")
    walk(program, "1", "b", "q")
    assert not drafts(program)


def test_a_name_that_cannot_be_recorded_is_told_before_the_round(program: Program) -> None:
    add(program, "A-1", "hydrant")
    ran = program("survey", "round", "--by", "x" * 4001, "--json")
    assert ran.code == 3
    assert not drafts(program)


def test_the_checklist_has_a_name_for_each_family() -> None:
    names = {load_form().checklist(kind) for kind in ("hydrant", "tank", "well", "intake", "crane")}
    assert len(names) == 5
    assert load_form().checklist("hydrant.pillar") == load_form().checklist("hydrant")
