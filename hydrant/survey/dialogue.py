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

from hydrant.close_words import folded
from hydrant.errors import InputRefused
from hydrant.geo.numbers import plain
from hydrant.survey.amounts import UNITS, quantity
from hydrant.survey.form import CheckItem, load_form
from hydrant.survey.record import Observation, check_values
from hydrant.vocabulary import FAMILIES, Outcome, family_of

#: Answers that choose an outcome, in both languages and by number.
OUTCOMES = {
    **dict.fromkeys(("1", "w", "works", "可用"), Outcome.WORKS),
    **dict.fromkeys(("2", "f", "fails", "不可用"), Outcome.FAILS),
    **dict.fromkeys(("3", "n", "not_found", "未找到"), Outcome.NOT_FOUND),
    **dict.fromkeys(("4", "t", "not_testable", "无法检测"), Outcome.NOT_TESTABLE),
}
YES = {"y", "yes", "1", "是", "好"}
NO = {"n", "no", "0", "否", "不"}
#: What says that nothing is said: a checklist that was not gone through, a value not measured.
UNSAID = "-"
#: What parts several defects.
_BETWEEN = re.compile(r"[\s,;、，；]+")

#: Kinds of question that are about the checklist.
_CHECKLIST = frozenset({"all_ok", "check"})

Answers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked next.

    Attributes
    ----------
    name
        Key under which the answer is kept.
    topic
        Kind of question; its wording is ``survey.ask_<topic>``.
    check
        The check that is meant, for questions about one.
    """

    name: str
    topic: str
    check: CheckItem | None = None


def questions(kind: str, answers: Answers) -> list[Question]:
    """All questions that the answers so far lead to, in order; later ones may be added."""
    outcome = outcome_of(answers)
    looked = outcome in (Outcome.WORKS, Outcome.FAILS)
    listed = looked and folded(answers.get("all_ok", "")) in NO
    wanted = {"outcome": True, "check": listed, "note": outcome is not None}
    return [asked for asked in _all_questions(kind) if wanted.get(asked.topic, looked)]


def _all_questions(kind: str) -> list[Question]:
    """Every question that a kind of asset can lead to, in order."""
    return [
        Question("outcome", "outcome"),
        Question("all_ok", "all_ok"),
        *(Question(f"check_{item.name}", "check", item) for item in load_form().checks_for(kind)),
        *(Question(name, name) for name in measurements(kind)),
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


def unsaid(kind: str, answers: Answers) -> Answers:
    """The answers with nothing said of all that was not asked yet."""
    full = dict(answers)
    while (question := next_question(kind, full)) is not None:
        full[question.name] = UNSAID if question.topic in _CHECKLIST else ""
    return full


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
        of_list = question.topic in _CHECKLIST and not _names_only(question, answers)
        if of_list and not same_checklist:
            continue
        with suppress(InputRefused):
            accept(question, answers[question.name], kept)
            kept[question.name] = answers[question.name]
    return kept


def _names_only(question: Question, answers: Answers) -> bool:
    """Whether the answer names defects: they mean the same whatever the list."""
    typed = answers[question.name]
    with suppress(InputRefused):
        return question.topic == "all_ok" and isinstance(accept(question, typed, answers), tuple)
    return False


def measurements(kind: str) -> tuple[str, ...]:
    """What a crew measures at a kind of asset, in the order of asking."""
    return FAMILIES[family_of(kind)].measured


def outcome_of(answers: Answers) -> Outcome | None:
    """The outcome among the answers; None while there is none."""
    return OUTCOMES.get(folded(answers.get("outcome", "")))


def accept(question: Question, typed: str, others: Answers | None = None) -> Any:
    """Value of a typed answer.

    Of the checklist as a whole: True where all is in order, False where each is to be asked,
    None where nothing is said of it, else codes of what is wrong. Of a remark: codes of defects
    where it is nothing else than their names, else the text.

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
        if folded(text) not in OUTCOMES:
            raise InputRefused("survey.answer_opening", value=text)
        return OUTCOMES[folded(text)]
    if question.topic == "all_ok":
        return _in_order(text, others or {})
    if question.topic == "check":
        return None if text == UNSAID else _yes_or_no(text)
    if question.topic in UNITS:
        return _measured(text, question.topic, others or {})
    return _remark(text)


def _in_order(text: str, others: Answers) -> bool | tuple[str, ...] | None:
    word = folded(text)
    if not word:  # what fails is not in order for want of a word
        return True if outcome_of(others) is Outcome.WORKS else None
    if word == UNSAID:
        return None
    if word in YES - {"1"}:
        return True
    if word in NO - {"0"}:
        return False
    return defects_in(text)


def defects_in(text: str) -> tuple[str, ...]:
    """Codes of the defects that a line names by number, code or name; raises `InputRefused`."""
    form = load_form()
    with suppress(InputRefused):
        return (form.chosen(plain(text)).code,)  # names may have blanks and commas in them
    words = [word for word in _BETWEEN.split(plain(text)) if word]
    return tuple(dict.fromkeys(form.chosen(word).code for word in words))


def _remark(text: str) -> str | tuple[str, ...] | None:
    if text:
        with suppress(InputRefused):
            return defects_in(text)
        check_values(note=text)
    return text or None


def _measured(text: str, name: str, others: Answers) -> float | None:
    value = quantity("" if text == UNSAID else text, name)
    beside = {}
    if name == "residual_kpa" and "static_kpa" in others:
        beside["static_kpa"] = _measured(others["static_kpa"].strip(), "static_kpa", {})
    check_values(**beside, **{name: value})
    return value


def _yes_or_no(text: str) -> bool:
    if not text or folded(text) in YES:
        return True
    if folded(text) in NO:
        return False
    raise InputRefused("survey.answer_yes_no", value=text)


def observation(
    kind: str,
    answers: Answers,
    *,
    at: dt.datetime,
    inspector: str | None,
    photos: tuple[str, ...] = (),
) -> Observation:
    """The observation that complete answers amount to."""
    asked = questions(kind, answers)
    values = {q.name: accept(q, answers[q.name], answers) for q in asked}
    named = [*_codes(values.get("all_ok")), *_codes(values["note"])]
    items = {item.name: item for item in load_form().checks_for(kind)}
    checks = {
        q.check.name: values[q.name]
        for q in asked
        if q.check is not None and values[q.name] is not None
    }
    if values.get("all_ok") is True:
        checks = dict.fromkeys(items, True)
    # what is named as wrong is not in order, whatever was said of the list as a whole
    checks |= {name: False for name, item in items.items() if item.defect in named}
    proposed = [items[name].defect for name, fine in checks.items() if not fine]
    return Observation(
        outcome=values["outcome"],
        at=at,
        inspector=inspector,
        note=None if isinstance(values["note"], tuple) else values["note"],
        checks=checks,
        defects=tuple(dict.fromkeys((*named, *proposed))),
        photos=photos,
        static_kpa=values.get("static_kpa"),
        residual_kpa=values.get("residual_kpa"),
        flow_l_s=values.get("flow_l_s"),
        level_m=values.get("level_m"),
        lift_m=values.get("lift_m"),
    )


def _codes(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()
