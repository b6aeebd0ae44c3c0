"""The questions of a round as a pure function of the answers given so far.

Answers are kept as typed, so that a round can be stopped anywhere, saved, and taken up again
by asking for the next question; nothing of the state is hidden in the program.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from hydrant.errors import InputRefused
from hydrant.geo.text_forms import parse_number
from hydrant.survey.form import CheckItem, load_form
from hydrant.survey.record import Observation
from hydrant.units import FLOW_L_S, LENGTH_M, PRESSURE_KPA
from hydrant.vocabulary import Outcome, family_of

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
    asked = [Question("outcome", "outcome")]
    outcome = _outcome(answers)
    if outcome in (Outcome.WORKS, Outcome.FAILS):
        asked.append(Question("all_ok", "all_ok"))
        if answers.get("all_ok", "").strip().lower() in _NO:
            asked += [
                Question(f"check_{item.name}", "check", item)
                for item in load_form().checks_for(kind)
            ]
        asked += [Question(name, name) for name in _measurements(kind)]
    if outcome is not None:
        asked += [Question("defects", "defects"), Question("note", "note")]
    return asked


def next_question(kind: str, answers: Answers) -> Question | None:
    """The first question without an answer; None when all are answered."""
    return next((q for q in questions(kind, answers) if q.name not in answers), None)


def understood(kind: str, answers: Answers) -> Answers:
    """The answers up to the first that is missing or is none any more; the rest is asked anew.

    A draft may be older than the form it was written for.
    """
    kept: Answers = {}
    while (question := next_question(kind, kept)) is not None and question.name in answers:
        try:
            accept(question, answers[question.name])
        except InputRefused:
            break
        kept[question.name] = answers[question.name]
    return kept


def _measurements(kind: str) -> tuple[str, ...]:
    if family_of(kind) in ("hydrant", "crane"):
        return ("static_kpa", "residual_kpa", "flow_l_s")
    return ("level_m", "lift_m") if family_of(kind) == "intake" else ("level_m",)


def _outcome(answers: Answers) -> Outcome | None:
    return OUTCOMES.get(answers.get("outcome", "").strip().lower())


def accept(question: Question, typed: str) -> Any:
    """Value of a typed answer.

    Raises
    ------
    InputRefused
        The answer cannot be understood; what would be is in the message.
    """
    text = typed.strip()
    if question.topic == "outcome":
        if text.lower() not in OUTCOMES:
            raise InputRefused("survey.answer_outcome", value=text)
        return OUTCOMES[text.lower()]
    if question.topic in ("all_ok", "check"):
        return _yes_or_no(text)
    if question.topic in _UNITS:
        return quantity(text, question.topic)
    if question.topic == "defects":
        codes = tuple(code for code in re.split(r"[\s,;，；、]+", text) if code)
        return tuple(load_form().defect(code).code for code in codes)
    return text or None


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
