"""The questions of a round as a pure function of the answers given so far.

Answers are kept as typed, so that a round can be stopped anywhere, saved, and taken up again
by asking for the next question; nothing of the state is hidden in the program.
"""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from hydrant.errors import InputRefused
from hydrant.geo.text_forms import parse_number
from hydrant.survey.form import CheckItem, load_form
from hydrant.survey.record import Observation, check_values
from hydrant.units import FLOW_L_S, LENGTH_M, PRESSURE_KPA
from hydrant.vocabulary import FAMILIES, Outcome, family_of

#: Answers that choose an outcome, in both languages and by number.
OUTCOMES = {
    **dict.fromkeys(("1", "w", "works", "可用"), Outcome.WORKS),
    **dict.fromkeys(("2", "f", "fails", "不可用"), Outcome.FAILS),
    **dict.fromkeys(("3", "n", "not_found", "未找到"), Outcome.NOT_FOUND),
    **dict.fromkeys(("4", "t", "not_testable", "无法检测"), Outcome.NOT_TESTABLE),
}
_YES = {"", "y", "yes", "1", "是", "好"}
_NO = {"n", "no", "0", "否", "不"}
_QUANTITY = re.compile(r"\s*([-+]?[\d.,]+)\s*([^\d\s].*)?")

#: Kinds of question that are about the checklist.
_CHECKLIST = frozenset({"all_ok", "check"})

Answers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked next.

    Attributes
    ----------
    name
        Key under which the answer is kept; its wording is ``survey.ask_<topic>``.
    topic
        Kind of question.
    check
        The check that is meant, for questions about one.
    """

    name: str
    topic: str
    check: CheckItem | None = None


def questions(kind: str, answers: Answers) -> list[Question]:
    """All questions that the answers so far lead to, in order; later ones may be added."""
    outcome = _outcome(answers)
    looked = outcome in (Outcome.WORKS, Outcome.FAILS)
    listed = looked and answers.get("all_ok", "").strip().lower() in _NO
    wanted = {
        "outcome": True,
        "all_ok": looked,
        "check": listed,
        "defects": outcome is not None,
        "note": outcome is not None,
    }
    return [asked for asked in _all_questions(kind) if wanted.get(asked.topic, looked)]


def _all_questions(kind: str) -> list[Question]:
    """Every question that a kind of asset can lead to, in order."""
    return [
        Question("outcome", "outcome"),
        Question("all_ok", "all_ok"),
        *(Question(f"check_{item.name}", "check", item) for item in load_form().checks_for(kind)),
        *(Question(name, name) for name in _measurements(kind)),
        Question("defects", "defects"),
        Question("note", "note"),
    ]


def next_question(kind: str, answers: Answers) -> Question | None:
    """The first question without an answer; None when all are answered."""
    return next((q for q in questions(kind, answers) if q.name not in answers), None)


def previous_question(kind: str, answers: Answers) -> Question | None:
    """The answered question before the next one; None at the first."""
    before = None
    for question in questions(kind, answers):
        if question.name not in answers:
            break
        before = question
    return before


def understood(kind: str, answers: Answers, *, same_checklist: bool = True) -> Answers:
    """Those answers that are some: a draft may be older than the form, or of another kind of asset.

    Parameters
    ----------
    same_checklist
        Whether the checklist was that of this kind; answers about another say nothing of it.
    """
    kept: Answers = {}
    for question in _all_questions(kind):
        if question.name not in answers:
            continue
        if question.topic in _CHECKLIST and not same_checklist:
            continue
        with suppress(InputRefused):
            accept(question, answers[question.name], kept)
            kept[question.name] = answers[question.name]
    return kept


def _measurements(kind: str) -> tuple[str, ...]:
    return FAMILIES[family_of(kind)].measured


def _outcome(answers: Answers) -> Outcome | None:
    return OUTCOMES.get(answers.get("outcome", "").strip().lower())


def accept(question: Question, typed: str, others: Answers | None = None) -> Any:
    """Value of a typed answer.

    Parameters
    ----------
    others
        Answers given before, which it must not contradict.

    Raises
    ------
    InputRefused
        The answer cannot be understood, or its value cannot be; what would be is in the message.
    """
    text = typed.strip()
    if question.topic == "outcome":
        if text.lower() not in OUTCOMES:
            raise InputRefused("survey.answer_outcome", value=text)
        return OUTCOMES[text.lower()]
    if question.topic in ("all_ok", "check"):
        return _yes_or_no(text)
    if question.topic in _UNITS:
        return _measured(text, question.topic, others or {})
    if question.topic == "defects":
        codes = tuple(code for code in re.split(r"[\s,;，；、]+", text) if code)
        return tuple(load_form().defect(code).code for code in codes)
    if text:
        check_values(note=text)
    return text or None


def _measured(text: str, name: str, others: Answers) -> float | None:
    value = quantity(text, name)
    beside = {}
    if name == "residual_kpa" and "static_kpa" in others:
        beside["static_kpa"] = quantity(others["static_kpa"].strip(), "static_kpa")
    check_values(**beside, **{name: value})
    return value


def _yes_or_no(text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise InputRefused("survey.answer_yes_no", value=text)


_UNITS: dict[str, tuple[str, dict[str, float]]] = {
    "static_kpa": ("kPa", PRESSURE_KPA),
    "residual_kpa": ("kPa", PRESSURE_KPA),
    "flow_l_s": ("L/s", FLOW_L_S),
    "level_m": ("m", LENGTH_M),
    "lift_m": ("m", LENGTH_M),
}


def quantity(text: str, name: str) -> float | None:
    """A measurement as typed, with or without unit (``0.32 MPa``), in the internal unit."""
    if not text:
        return None
    unit_here, factors = _UNITS[name]
    match = _QUANTITY.fullmatch(text)
    number = None if match is None else parse_number(match.group(1))
    if match is None or number is None:
        raise InputRefused("survey.answer_number", value=text, unit=unit_here)
    unit = (match.group(2) or unit_here).strip()
    known = {name.lower(): factor for name, factor in factors.items()}
    if unit.lower() not in known:
        raise InputRefused("units.unknown", unit=unit, known=", ".join(factors))
    # "m" and "M" differ only for pressure prefixes, where both spellings mean mega here
    return number * known[unit.lower()]


def observation(
    kind: str, answers: Answers, *, at: dt.datetime, inspector: str | None
) -> Observation:
    """The observation that complete answers amount to."""
    values = {q.name: accept(q, answers[q.name]) for q in questions(kind, answers)}
    checks = {q.check.name: values[q.name] for q in questions(kind, answers) if q.check is not None}
    if values.get("all_ok") is True:
        checks = {item.name: True for item in load_form().checks_for(kind)}
    items = {item.name: item for item in load_form().checks_for(kind)}
    proposed = [items[name].defect for name, fine in checks.items() if not fine]
    return Observation(
        outcome=values["outcome"],
        at=at,
        inspector=inspector,
        note=values["note"],
        checks=checks,
        defects=tuple(dict.fromkeys((*values["defects"], *proposed))),
        static_kpa=values.get("static_kpa"),
        residual_kpa=values.get("residual_kpa"),
        flow_l_s=values.get("flow_l_s"),
        level_m=values.get("level_m"),
        lift_m=values.get("lift_m"),
    )
