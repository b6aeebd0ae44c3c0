"""The first line of a visit, on which a crew may say all: ``320``, ``1 0.32 MPa``, ``2 leak``."""

from __future__ import annotations

from hydrant.close_words import folded
from hydrant.geo.numbers import plain
from hydrant.survey.amounts import Amount, amounts_in, fits_one, placed
from hydrant.survey.dialogue import (
    OUTCOMES,
    UNSAID,
    Answers,
    Question,
    accept,
    measurements,
    unsaid,
)
from hydrant.vocabulary import Outcome

#: What ends a visit where it stands; 。 is the dot of a Chinese keyboard.
DONE = (".", "。")


def opening(kind: str, typed: str, gauge: str | None) -> Answers | None:
    """The answers that a first line amounts to; None where it is no answer at all.

    An outcome alone leads to its questions. Behind it, or in its stead, may stand what was
    measured; behind ``fails`` what is wrong; behind the other two a remark. Such a line says the
    whole of a visit, and nothing of the checklist.

    Parameters
    ----------
    gauge
        Unit of the crew's gauge, for numbers that are no kPa; None where it is not known.

    Raises
    ------
    InputRefused
        What stands behind the outcome cannot be; see `accept`, and `amounts.placed`.
    """
    line = plain(typed)
    first, _, rest = line.partition(" ")
    ended = line.endswith(DONE) and folded(line[:-1]) in OUTCOMES
    if ended:
        return unsaid(kind, {"outcome": line[:-1]})
    outcome = OUTCOMES.get(folded(first))
    if outcome is not None:
        return _behind(kind, outcome, first, rest.strip(), gauge)
    found = amounts_in(line)
    if found is None or _may_be_a_choice(found):
        return None
    if not all(fits_one(amount, measurements(kind)) for amount in found):
        return None  # 7A is rather a plate
    return _measured_only(kind, "1", found, gauge)


def _behind(kind: str, outcome: Outcome, first: str, rest: str, gauge: str | None) -> Answers:
    answers = {"outcome": first}
    if not rest:
        return answers
    if rest in DONE:
        return unsaid(kind, answers)
    found = amounts_in(rest) if outcome is Outcome.WORKS else None
    if found is not None:
        return _measured_only(kind, first, found, gauge)
    if outcome in (Outcome.WORKS, Outcome.FAILS):
        accept(Question("all_ok", "all_ok"), rest, answers)
        return unsaid(kind, answers | {"all_ok": rest})
    accept(Question("note", "note"), rest, answers)
    return unsaid(kind, answers | {"note": rest})


def _measured_only(kind: str, outcome: str, found: list[Amount], gauge: str | None) -> Answers:
    answers = {"outcome": outcome, "all_ok": UNSAID}
    for name, text in placed(found, measurements(kind), gauge).items():
        accept(Question(name, name), text, answers)
        answers[name] = text
    return unsaid(kind, answers)


def _may_be_a_choice(found: list[Amount]) -> bool:
    """Whether a line may be a number that somebody chose and that there is not."""
    return len(found) == 1 and not found[0].unit and len(found[0].number) == 1


def spread(kind: str, asked: str, typed: str, gauge: str | None) -> Answers:
    """Answers of one line to a measurement and, where it holds several, to those after it.

    Raises
    ------
    InputRefused
        See `amounts.placed`.
    """
    found = amounts_in(typed)
    names = measurements(kind)
    if found is None:
        return {asked: typed}
    return placed(found, names[names.index(asked) :] if len(found) > 1 else (asked,), gauge)
