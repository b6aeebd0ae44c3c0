"""What a visit found, in the words of a crew or an office, in files of visits and on forms."""

from __future__ import annotations

from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.end_words import state_of_whole
from hydrant.exchange.fault_words import speaks_of_fault
from hydrant.exchange.plain_words import plain_word, plain_words, statements
from hydrant.exchange.state_words import meaning
from hydrant.survey.dialogue import OUTCOMES
from hydrant.vocabulary import Outcome

#: Marks of a checklist, which answer nothing else where the outcome is asked for.
_MARKS = {
    **dict.fromkeys("√✓✔☑", Outcome.WORKS),
    **dict.fromkeys("×✗✘", Outcome.FAILS),
}
#: What may be written for each outcome, in the words of a message.
ACCEPTED = Phrase("exchange.visit_outcomes")


def outcome_said(cell: str, *, yes: bool = False) -> Outcome:
    """The outcome that a cell states, by number, name or a word for it.

    Parameters
    ----------
    yes
        Whether the heading asks if the asset works, so that yes and no are answers.

    Raises
    ------
    InputRefused
        It states none: it is empty or not understood, names a fault without what came of the visit,
        or an end of the asset.
    """
    text = cell.strip()
    if not text:
        raise InputRefused("exchange.visit_no_outcome", words=ACCEPTED)
    if yes and text in ("n", "N"):  # no, where elsewhere it is short for not found
        return Outcome.FAILS
    # single letters are keys of the round's prompt: on a sheet W may be 无水 as well as works
    letter = len(text) == 1 and text.isalpha() and text.isascii()
    found = None if letter else OUTCOMES.get(text.lower()) or _MARKS.get(text)
    if found is None and plain_word(text) in plain_words("not_testable"):
        found = Outcome.NOT_TESTABLE
    if found is not None:
        return found
    if state_of_whole(text) is not None:
        raise InputRefused("survey.outcome_ended", value=text)
    said = meaning(text, yes=yes)
    if {meaning(part, yes=yes) for part in statements(text)} == {Outcome.WORKS.value}:
        said = Outcome.WORKS.value  # 正常，出水良好 says so twice
    if said in set(Outcome):
        return Outcome(said)
    if speaks_of_fault(text):
        raise InputRefused("survey.outcome_fault", value=text)
    raise InputRefused("exchange.visit_outcome", value=text, words=ACCEPTED)
