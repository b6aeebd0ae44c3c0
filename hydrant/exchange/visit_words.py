"""What a visit found, in the words of a crew or an office, in files of visits and on forms."""

from __future__ import annotations

from hydrant.errors import InputRefused
from hydrant.exchange.end_words import state_of_whole
from hydrant.exchange.fault_words import speaks_of_fault
from hydrant.exchange.state_words import meaning
from hydrant.survey.dialogue import OUTCOMES
from hydrant.vocabulary import Outcome

#: Marks of a checklist, which answer nothing else where the outcome is asked for.
_MARKS = {
    **dict.fromkeys("√✓✔☑", Outcome.WORKS),
    **dict.fromkeys("×✗✘", Outcome.FAILS),
}


def outcome_said(cell: str, *, yes: bool = False) -> Outcome:
    """The outcome that a cell states, by number, name or a word for it.

    Parameters
    ----------
    yes
        Whether the heading asks if the asset works, so that yes and no are answers.

    Raises
    ------
    InputRefused
        It states none: it is not understood, names a fault without what came of the visit, or an
        end of the asset.
    """
    text = cell.strip()
    if yes and text in ("n", "N"):  # no, where elsewhere it is short for not found
        return Outcome.FAILS
    found = OUTCOMES.get(text.lower()) or _MARKS.get(text)
    if found is not None:
        return found
    if state_of_whole(text) is not None:
        raise InputRefused("survey.outcome_ended", value=text)
    said = meaning(text, yes=yes)
    if said in set(Outcome):
        return Outcome(said)
    if speaks_of_fault(text):
        raise InputRefused("survey.outcome_fault", value=text)
    raise InputRefused("survey.answer_outcome", value=text)
