"""What a round asks, and what it makes of the answers."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant.errors import InputRefused
from hydrant.survey.dialogue import Answers, accept, next_question, observation, quantity, questions
from hydrant.survey.form import load_form
from hydrant.vocabulary import FAMILIES, Outcome

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
                accept(question, line)
            except InputRefused:
                continue
            answers[question.name] = line
            break
        else:
            answers[question.name] = "4" if question.topic == "outcome" else ""
    return answers


lines = st.lists(
    st.sampled_from(["", "1", "2", "3", "4", "y", "n", "0.32 MPa", "18.5", "leak", "否", "x"]),
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
        ("60 m3/h", "flow_l_s", 16.6667),
        ("1000 L/min", "flow_l_s", 16.6667),
        ("", "static_kpa", None),
    ],
)
def test_measurements_with_their_units(typed: str, name: str, value: float | None) -> None:
    found = quantity(typed, name)
    assert found == (None if value is None else pytest.approx(value, rel=1e-4))


@pytest.mark.parametrize("typed", ["abc", "3 furlongs", "1 2", "--3"])
def test_measurements_that_are_none(typed: str) -> None:
    with pytest.raises(InputRefused):
        quantity(typed, "static_kpa")
