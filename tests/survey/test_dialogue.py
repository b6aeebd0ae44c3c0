"""What a round asks, and what it makes of the answers."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant.errors import InputRefused
from hydrant.survey.amounts import quantity
from hydrant.survey.dialogue import (
    Answers,
    accept,
    next_question,
    observation,
    questions,
)
from hydrant.survey.form import load_form
from hydrant.survey.opening import opening
from hydrant.vocabulary import FAMILIES, Language, Outcome

AT = dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC)
KINDS = st.sampled_from([*sorted(FAMILIES), "hydrant.pillar", "intake.river"])


def answer_all(kind: str, typed: list[str]) -> Answers:
    """Answer every question, with the next typed line that it accepts, else with nothing."""
    answers: Answers = {}
    waiting = list(typed)
    while (question := next_question(kind, answers)) is not None:
        while waiting:
            line = waiting.pop(0)
            try:
                accept(question, line, answers)
            except InputRefused:
                continue
            answers[question.name] = line
            break
        else:
            answers[question.name] = "4" if question.topic == "outcome" else ""
    return answers


lines = st.lists(
    st.sampled_from(
        ["", "1", "2", "3", "4", "y", "n", "-", "0.32 MPa", "18.5", "leak", "渗漏 8", "否", "x"]
    ),
    max_size=25,
)


@given(KINDS, lines)
def test_every_round_ends_and_gives_an_observation(kind: str, typed: list[str]) -> None:
    answers = answer_all(kind, typed)
    seen = observation(kind, answers, at=AT, inspector="crew")
    assert seen.outcome in Outcome
    assert set(answers) == {question.name for question in questions(kind, answers)}


@given(KINDS, lines, st.integers(0, 25))
def test_a_round_stopped_anywhere_goes_on_where_it_was(
    kind: str, typed: list[str], kept: int
) -> None:
    whole = answer_all(kind, typed)
    part = dict(list(whole.items())[:kept])
    following = next_question(kind, part)
    rest = [name for name in whole if name not in part]
    assert (None if following is None else following.name) == (rest[0] if rest else None)


def test_a_missing_hydrant_is_not_asked_for_its_pressure() -> None:
    asked = [question.topic for question in questions("hydrant.pillar", {"outcome": "3"})]
    assert "static_kpa" not in asked
    assert "all_ok" not in asked


def test_a_check_that_fails_proposes_its_defect() -> None:
    item = load_form().checks_for("hydrant.pillar")[0]
    answers: Answers = {"outcome": "1", "all_ok": "n"}
    while (question := next_question("hydrant.pillar", answers)) is not None:
        is_it = question.check is not None and question.check.name == item.name
        answers[question.name] = "n" if is_it else ""
    seen = observation("hydrant.pillar", answers, at=AT, inspector=None)
    assert seen.checks[item.name] is False
    assert item.defect in seen.defects


@pytest.mark.parametrize(
    ("typed", "name", "value"),
    [
        ("320", "static_kpa", 320.0),
        ("0.32 MPa", "static_kpa", 320.0),
        ("0,32MPa", "static_kpa", 320.0),
        ("3.2 bar", "static_kpa", 320.0),
        ("０．３２ MPa", "static_kpa", 320.0),
        ("0.32 兆帕", "static_kpa", 320.0),
        ("0。32兆帕", "static_kpa", 320.0),
        ("3.2 公斤", "static_kpa", 313.8128),
        ("3.2 公斤力/平方厘米", "static_kpa", 313.8128),
        ("46.4 psi", "static_kpa", 319.9167),
        ("32 米水柱", "static_kpa", 313.8128),
        ("14", "static_kpa", 14.0),
        ("0", "static_kpa", 0.0),
        ("60 m3/h", "flow_l_s", 16.6667),
        ("60 立方米/时", "flow_l_s", 16.6667),
        ("0.4", "level_m", 0.4),
        ("1000 L/min", "flow_l_s", 16.6667),
        ("", "static_kpa", None),
    ],
)
def test_measurements_with_their_units(typed: str, name: str, value: float | None) -> None:
    found = quantity(typed, name)
    assert found == (None if value is None else pytest.approx(value, rel=1e-4))


@pytest.mark.parametrize(
    "typed", ["abc", "3 furlongs", "1 2", "--3", "1,200", "0.32", "9.9", "320 L/s"]
)
def test_measurements_that_are_none(typed: str) -> None:
    with pytest.raises(InputRefused):
        quantity(typed, "static_kpa")


@pytest.mark.parametrize(
    ("kind", "line", "given"),
    [
        ("hydrant", "320", {"outcome": "1", "static_kpa": "320"}),
        ("hydrant", "1 320", {"outcome": "1", "static_kpa": "320"}),
        ("hydrant", "320 200 18", {"static_kpa": "320", "residual_kpa": "200", "flow_l_s": "18"}),
        ("hydrant", "0.32 MPa 18 L/s", {"static_kpa": "0.32 MPa", "flow_l_s": "18 L/s"}),
        ("hydrant", "可用 3.2公斤", {"static_kpa": "3.2 公斤"}),
        ("hydrant", "2 渗漏", {"outcome": "2", "all_ok": "渗漏"}),
        ("hydrant", "2 1 9", {"outcome": "2", "all_ok": "1 9"}),
        ("hydrant", "1 leak", {"outcome": "1", "all_ok": "leak"}),
        ("hydrant", "3 under asphalt", {"outcome": "3", "note": "under asphalt"}),
        ("hydrant", "1.", {"outcome": "1", "static_kpa": ""}),
        ("tank", "2.5", {"outcome": "1", "level_m": "2.5"}),
    ],
)
def test_a_first_line_says_a_whole_visit(kind: str, line: str, given: Answers) -> None:
    answers = opening(kind, line, None)
    assert answers is not None
    assert given.items() <= answers.items()
    assert next_question(kind, answers) is None
    observation(kind, answers, at=AT, inspector="crew")


@pytest.mark.parametrize("line", ["5", "９", "maybe", "YUN-001", "320 200 18 4 x", ""])
def test_what_is_no_first_line_is_never_taken_for_one(line: str) -> None:
    assert opening("hydrant", line, None) is None


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("0.32", "model.gauge"),
        ("1 0.32", "model.gauge"),
        ("99999", "model.range"),
        ("300 310", "survey.residual"),
        ("1,200", "exchange.two_numbers"),
        ("320 200 18 4", "survey.answer_number"),
        ("2 gremlins", "survey.defect"),
        ("2 leek", "survey.defect_close"),
    ],
)
def test_a_first_line_is_held_against_the_same_bounds(line: str, key: str) -> None:
    with pytest.raises(InputRefused) as refused:
        opening("hydrant", line, None)
    assert refused.value.key == key


def test_a_gauge_that_was_told_of_gives_its_unit_to_pressures_alone() -> None:
    answers = opening("hydrant", ".32 0.2 8", "MPa")
    assert answers is not None
    seen = observation("hydrant", answers, at=AT, inspector=None)
    assert (seen.static_kpa, seen.residual_kpa, seen.flow_l_s) == (320.0, 200.0, 8.0)


@pytest.mark.parametrize("kind", ["hydrant.pillar", "intake.river", "tank", "well", "crane"])
@pytest.mark.parametrize("lang", list(Language))
def test_a_defect_is_chosen_by_number_code_or_name(kind: str, lang: Language) -> None:
    form = load_form()
    question = next(q for q in questions(kind, {"outcome": "2"}) if q.topic == "all_ok")
    for known in form.defects_for(kind):
        for word in (str(form.number_of(known.code)), known.code, known.names[lang].upper()):
            assert accept(question, word, {"outcome": "2"}) == (known.code,)


def test_a_check_names_what_was_asked_about() -> None:
    """Nobody asks about theft, so no answer of the checklist is one."""
    form = load_form()
    assert "parts_stolen" not in {item.defect for item in form.checks}
    for family in FAMILIES:
        asked = [item.defect for item in form.checks_for(family)]
        assert len(asked) == len(set(asked))


def test_what_is_wrong_is_not_in_order() -> None:
    answers = {"outcome": "1", "all_ok": "", "static_kpa": "", "residual_kpa": "",
               "flow_l_s": "", "note": "渗漏"}  # fmt: skip
    seen = observation("hydrant", answers, at=AT, inspector=None)
    assert (seen.checks["tight"], seen.checks["caps"]) == (False, True)
    assert (seen.defects, seen.note) == (("leak",), None)


def test_a_checklist_that_nobody_went_through_says_nothing() -> None:
    for line in ("320", "2 leak", "1."):
        answers = opening("hydrant", line, None)
        assert answers is not None
        assert True not in observation("hydrant", answers, at=AT, inspector=None).checks.values()
