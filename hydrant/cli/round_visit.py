"""One visit of the round: which question comes, what was typed, and what it was taken for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hydrant import times
from hydrant.cli.round_desk import BACK, HELP, SKIP, Back, Desk, Skip
from hydrant.cli.round_head import name_of
from hydrant.cli.screen import cell_width, pad
from hydrant.close_words import folded
from hydrant.errors import InputRefused
from hydrant.exchange.visit_notes import beside_visit
from hydrant.model.tables import Asset
from hydrant.store.opened.registry import Registry
from hydrant.survey.amounts import UNITS, DoubtfulPressure
from hydrant.survey.dialogue import (
    UNSAID,
    Answers,
    Question,
    accept,
    next_question,
    observation,
    outcome_of,
    previous_question,
    understood,
    unsaid,
)
from hydrant.survey.draft import Draft, draft_of, draft_path, drop_draft, save_draft, set_aside
from hydrant.survey.form import load_form
from hydrant.survey.opening import DONE, opening, spread
from hydrant.vocabulary import Outcome

#: Topics at which the list of defects helps.
_ABOUT_DEFECTS = frozenset({"all_ok", "note"})


@dataclass(slots=True)
class Visit:
    """A visit while it is answered.

    Attributes
    ----------
    begun
        When it began, stored text.
    corrects
        Uid of the inspection that it is to replace; its answers are `former`.
    """

    asset: Asset
    begun: str
    answers: Answers = field(default_factory=dict)
    photos: tuple[str, ...] = ()
    corrects: str | None = None
    former: Answers = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Kind of the asset."""
        return self.asset.kind


class Questions:
    """Asks the questions of a visit, and keeps its draft after every answer."""

    def __init__(self, registry: Registry, desk: Desk, *, actor: str) -> None:
        self.registry, self.desk, self.actor = registry, desk, actor
        #: Unit of the crew's gauge, once they have said it.
        self.gauge: str | None = None

    def begin(self, asset: Asset) -> Visit:
        """The visit of an asset: the one that this person left half-answered, else a new one."""
        now = times.to_text(times.now())
        try:
            draft = draft_of(self.registry.path, asset.uid, self.actor)
        except InputRefused as refused:
            self.desk.refuse(refused)
            draft = None
        if draft is None:
            return Visit(asset, now)
        screen = self.desk.screen
        screen.line("cli_survey.resume", code=name_of(asset))
        begun = draft.begun
        if times.from_text(begun) > times.now():  # this computer's clock was set back meanwhile
            screen.line("cli_survey.begun_ahead")
            begun = now
        same = draft.checklist == load_form().checklist(asset.kind)
        answers = understood(asset.kind, draft.answers, same_checklist=same)
        visit = Visit(asset, begun, answers, draft.photos)
        doubted = len(draft.answers) - len(answers)
        if doubted:
            path = draft_path(self.registry.path, asset.uid, self.actor)
            kept = set_aside(path)
            screen.line("survey.draft_doubted", file=path.name, kept=kept, count=doubted)
            self.keep(visit)
        return visit

    def keep(self, visit: Visit) -> None:
        """Write the draft, as long as there is an answer to keep.

        A correction has none: broken off, the visit that it was to replace stands as it is.
        """
        uid, answers = visit.asset.uid, visit.answers
        if visit.corrects is not None:
            return
        if not answers and not visit.photos:
            drop_draft(self.registry.path, uid, self.actor)
            return
        checklist = load_form().checklist(visit.kind)
        draft = Draft(uid, self.actor, visit.begun, answers, checklist, visit.photos)
        save_draft(self.registry.path, draft)

    def answer(self, visit: Visit, question: Question) -> None:
        """Ask a question that is no opening, and keep what was typed where it is an answer."""
        typed = self.desk.read(self._prompt(visit, question))
        if not self._is_word(visit, question, typed):
            self.take(visit, question, self._meant(visit, question, typed))

    def _is_word(self, visit: Visit, question: Question, typed: str) -> bool:
        word = folded(typed)
        if word in SKIP:
            raise Skip
        if word in BACK:
            self.go_back(visit)
        elif word in HELP:
            self.help(visit, question)
        elif typed.strip() in DONE:
            visit.answers = unsaid(visit.kind, visit.answers)
        else:
            return False
        return True

    def _meant(self, visit: Visit, question: Question, typed: str) -> str:
        """What was typed; in a correction, Enter stands for what was said before."""
        if typed.strip() or question.name not in visit.former:
            return typed
        return visit.former[question.name]

    def go_back(self, visit: Visit) -> None:
        """Take back the last answer."""
        before = previous_question(visit.kind, visit.answers)
        if before is not None:
            del visit.answers[before.name]

    def open(self, visit: Visit, typed: str) -> bool:
        """Take the first line of a visit; False where it is no answer.

        Raises
        ------
        InputRefused
            What stands behind the outcome cannot be.
        """
        found = self._with_gauge(lambda: opening(visit.kind, typed, self.gauge))
        if found is None:
            return False
        visit.answers |= self._by_code(visit, found)
        self._say(visit, found)
        return True

    def take(self, visit: Visit, question: Question, typed: str) -> None:
        """Keep an answer; one that is refused is told, and asked again."""
        try:
            given = self._with_gauge(lambda: self._given(visit, question, typed))
        except InputRefused as refused:
            self.desk.refuse(refused)
            if question.topic == "residual_kpa":
                self.desk.screen.line("cli_survey.way_back")
            return
        if given is None:
            return
        if not self._insists(visit, question, typed):
            del visit.answers["outcome"]
            return
        visit.answers |= given
        self._say(visit, given)
        # what was answered before and contradicts this is asked again: a residual above it
        for name in visit.answers.keys() - understood(visit.kind, visit.answers).keys():
            del visit.answers[name]

    def _insists(self, visit: Visit, question: Question, typed: str) -> bool:
        """Whether a remark may stand beside the outcome; where it says otherwise, it is asked."""
        if question.topic != "note" or outcome_of(visit.answers) is not Outcome.WORKS:
            return True
        answers = visit.answers | {"note": typed}
        seen = observation(visit.kind, answers, at=times.now(), inspector=self.actor)
        if not seen.note or not beside_visit(seen.note, described=bool(seen.defects)).problems:
            return True
        try:
            return self.desk.yes(self.desk.screen.t("cli_survey.ask_note", note=seen.note))
        except Back:
            return False

    def _given(self, visit: Visit, question: Question, typed: str) -> Answers:
        if question.topic not in UNITS or typed.strip() in ("", UNSAID):
            accept(question, typed, visit.answers)
            return self._by_code(visit, {question.name: typed})
        given = spread(visit.kind, question.name, typed, self.gauge)
        for name, text in given.items():
            accept(Question(name, name), text, visit.answers | given)
        return given

    def _by_code(self, visit: Visit, given: Answers) -> Answers:
        """Answers with defects by their codes: numbers may mean others in the next form."""
        outcome = {name: typed for name, typed in given.items() if name == "outcome"}
        kept = {}
        for name, typed in given.items():
            topic = name if name in ("outcome", "all_ok", "note", *UNITS) else "check"
            value = accept(Question(name, topic), typed, visit.answers | outcome)
            kept[name] = " ".join(value) if isinstance(value, tuple) else typed
        return kept

    def _with_gauge(self, understand: Callable[[], Answers | None]) -> Answers | None:
        """What is understood, once the unit of the gauge is known where that is needed."""
        try:
            return understand()
        except DoubtfulPressure as doubt:
            if not self._ask_gauge(doubt):
                raise
        return understand()

    def _ask_gauge(self, doubt: DoubtfulPressure) -> bool:
        """Ask which unit a number was read in; kept for the rest of the round."""
        screen, choices = self.desk.screen, doubt.units
        unit, kpa = choices[0]
        try:
            if len(choices) == 1:
                facts = {"value": f"{doubt.value:g}", "unit": unit, "kpa": f"{kpa:g}"}
                chosen = 0 if self.desk.yes(screen.t("survey.ask_gauge", **facts)) else None
            else:
                told = [f"{doubt.value:g} {unit} = {kpa:g} kPa" for unit, kpa in choices]
                chosen = self.desk.choose("survey.which_gauge", told)
        except Back:
            chosen = None
        if chosen is None:
            return False
        self.gauge = choices[chosen][0]
        screen.line("survey.gauge_kept", unit=self.gauge)
        return True

    def _say(self, visit: Visit, given: Answers) -> None:
        """Say back what was understood: values in their unit, defects by name."""
        screen, told = self.desk.screen, []
        for name, typed in given.items():
            if name not in UNITS and name not in _ABOUT_DEFECTS:
                continue
            value = accept(Question(name, name), typed, visit.answers)
            if isinstance(value, float):
                told.append(f"{screen.t(f'survey.name_{name}')} {value:g} {UNITS[name]}")
            elif isinstance(value, tuple):
                told += [load_form().defects[code].names[screen.lang] for code in value]
        if told:
            screen.line("cli_survey.understood", values=tuple(told))

    def _prompt(self, visit: Visit, question: Question) -> str:
        screen = self.desk.screen
        if question.check is not None:
            prompt = screen.t("survey.ask_check", check=question.check.names[screen.lang])
        elif question.topic == "all_ok" and outcome_of(visit.answers) is Outcome.FAILS:
            self.list_defects(visit.kind)
            prompt = screen.t("survey.ask_wrong")
        elif question.topic == "note" and outcome_of(visit.answers) is Outcome.NOT_TESTABLE:
            prompt = screen.t("survey.ask_why")
        else:
            prompt = screen.t(f"survey.ask_{question.topic}")
        former = visit.former.get(question.name)
        return prompt if former is None else screen.t("survey.former", asked=prompt, former=former)

    def help(self, visit: Visit, question: Question) -> None:
        """Say what can be typed at a question."""
        if question.topic in _ABOUT_DEFECTS:
            self.list_defects(visit.kind)
        self.desk.screen.line("survey.help_answer")

    def list_defects(self, kind: str) -> None:
        """Defects of a kind with their numbers, in as many columns as the window holds."""
        form, screen = load_form(), self.desk.screen
        cells = [f"{form.number_of(known.code):>2} {known.names[screen.lang]}"
                 for known in form.defects_for(kind)]  # fmt: skip
        for line in in_columns(cells, screen.columns()):
            screen.text(line)


def in_columns(cells: list[str], columns: int) -> list[str]:
    """Cells read downwards in as many equal columns as fit."""
    width = max(map(cell_width, cells)) + 2
    across = max(1, (columns - 2) // width)
    down = -(-len(cells) // across)
    rows = [cells[row::down] for row in range(down)]
    return ["  " + "".join(pad(cell, width) for cell in row).rstrip() for row in rows]


def finished(visit: Visit) -> bool:
    """Whether every question of a visit is answered."""
    return next_question(visit.kind, visit.answers) is None
