"""The interactive round: from asset to asset, there and back; what to ask is decided elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hydrant import times
from hydrant.cli.round_desk import (
    BACK,
    CORRECT,
    GO,
    HELP,
    NEW,
    PHOTO,
    SKIP,
    UNDO,
    Back,
    Desk,
    Skip,
    Stop,
    argument,
)  # fmt: skip
from hydrant.cli.round_head import Heading, Position, name_of, show_asset
from hydrant.cli.round_new import NewAsset
from hydrant.cli.round_photos import Photos
from hydrant.cli.round_visit import Questions, Visit, finished
from hydrant.cli.screen import Screen
from hydrant.cli.standing_view import show_standing
from hydrant.close_words import folded
from hydrant.errors import InputRefused
from hydrant.geo import datum
from hydrant.geo.numbers import plain
from hydrant.messages import label, text
from hydrant.model.tables import Asset
from hydrant.report.present_verdict import counts_as
from hydrant.store.facts.assets import find_asset
from hydrant.store.facts.naming import MOST, assets_called, has_code
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.regions.regions import find_region
from hydrant.survey.dialogue import Answers, measurements, next_question, observation
from hydrant.survey.draft import Draft, draft_path, drafts_of, drop_draft, set_aside
from hydrant.survey.due import DueAsset
from hydrant.survey.form import load_form
from hydrant.survey.record import Observation, check_values, record
from hydrant.survey.taking_back import take_back
from hydrant.vocabulary import Language


class _Go(Exception):
    """The crew goes to another asset before it goes on."""

    def __init__(self, uid: str, corrects: _Made | None = None) -> None:
        super().__init__(uid)
        self.uid, self.corrects = uid, corrects


@dataclass(frozen=True, slots=True)
class _Made:
    """A visit that was recorded in this round."""

    asset: Asset
    inspection: str
    begun: str
    answers: Answers
    photos: tuple[str, ...]


class Round:
    """One round through due assets.

    Attributes
    ----------
    recorded
        Uids of the inspections written so far; each was committed when it was answered.
    skipped
        How many of the due assets were passed over.
    """

    def __init__(
        self,
        registry: Registry,
        due: list[DueAsset],
        *,
        lang: Language,
        actor: str,
        region: str | None,
        start: Position | None = None,
        crs: datum.Crs | None = None,
        photos: Path | None = None,
    ) -> None:
        self.registry, self.due, self.lang, self.actor = registry, due, lang, actor
        check_values(inspector=actor)
        self.region = None if region is None else find_region(registry, region).code
        self.crs = crs or datum.parse_crs("cgcs2000")
        self.screen = Screen(lang)
        self.desk = Desk(self.screen)
        self.questions = Questions(registry, self.desk, actor=actor)
        self.photos = Photos(self.questions, photos)
        self.skipped = 0
        self._made: list[_Made] = []
        self._dealt: set[str] = set()
        #: Assets that come before the next due one, first one first.
        self._ahead: list[str] = []
        self._correcting: _Made | None = None
        self._stood = start

    @property
    def recorded(self) -> list[str]:
        """Uids of the inspections that were written and not taken back."""
        return [made.inspection for made in self._made]

    @property
    def visited(self) -> int:
        """How many of the due assets were dealt with."""
        return sum(asset.uid in self._dealt for asset in self.due)

    def run(self) -> None:
        """Ask until nothing is due or the crew stops; a stop at any point loses nothing."""
        self.screen.line("cli_survey.begin", count=len(self.due))
        self.photos.greet()
        try:
            self._resume()
            self._walk()
        except (Stop, EOFError):
            self._leave()
        except KeyboardInterrupt:
            self.registry.session.rollback()  # a statement that was broken off asks for it
            self._leave()
            raise

    def _leave(self) -> None:
        self.screen.text()
        kept = list(drafts_of(self.registry.path, self.actor))
        for draft in kept:
            if isinstance(draft, Draft):
                self._not_recorded(draft.asset_uid)
        if kept:
            self.screen.line("cli_survey.draft_kept")

    def _not_recorded(self, uid: str) -> None:
        """Say as what an asset counts whose visit is half answered, whatever was answered."""
        try:
            asset = find_asset(self.registry, uid)
        except InputRefused:  # somebody took it out meanwhile; the next round puts it aside
            return
        self.screen.line("cli_survey.not_recorded", code=name_of(asset))
        show_standing(self.screen, name_of(asset), counts_as(self.registry, asset))

    def _resume(self) -> None:
        """Take up what this person left half-answered, the last one first."""
        for draft in drafts_of(self.registry.path, self.actor):
            if isinstance(draft, InputRefused):
                self.desk.refuse(draft)
                continue
            try:
                find_asset(self.registry, draft.asset_uid)
            except InputRefused:
                path = draft_path(self.registry.path, draft.asset_uid, self.actor)
                kept = set_aside(path)
                self.screen.line(
                    "survey.draft_orphan", file=path.name, kept=kept, asset=draft.asset_uid
                )
                continue
            self._ahead.append(draft.asset_uid)

    def _walk(self) -> None:
        while True:
            waiting = [asset.uid for asset in self.due if asset.uid not in self._dealt]
            try:
                if self._ahead:
                    self._stand_at(self._ahead.pop(0))
                elif waiting:
                    self._stand_at(waiting[0])
                elif not self._goes_on():
                    return
            except _Go as go:
                self._correcting = go.corrects
                self._ahead.insert(0, go.uid)

    def _goes_on(self) -> bool:
        """Ask what comes when nothing is due any more; False where the crew ends."""
        typed = self.desk.read(self.screen.t("survey.ask_end"))
        if not typed.strip() or folded(typed) in SKIP:
            return False
        if not self._is_word(None, typed):
            self._go_to(typed)
        return True

    def _stand_at(self, uid: str) -> None:
        correcting, self._correcting = self._correcting, None
        try:
            asset = find_asset(self.registry, uid)
        except InputRefused as refused:  # somebody else took it out of the registry meanwhile
            self.desk.refuse(refused)
            self._dealt.add(uid)
            return
        self._head(asset)
        visit = self.questions.begin(asset)
        if correcting is not None:
            visit = Visit(asset, correcting.begun, photos=correcting.photos,
                          corrects=correcting.inspection, former=correcting.answers)  # fmt: skip
            self.screen.line("survey.correcting")
        self.photos.open(visit)
        try:
            self._visit(visit)
        except Skip:
            if correcting is None:
                drop_draft(self.registry.path, uid, self.actor)
                self.skipped += any(uid == due.uid for due in self.due) and uid not in self._dealt
                self._dealt.add(uid)
        except _Go:
            if uid not in self._dealt and all(uid != due.uid for due in self.due):
                self._ahead.insert(0, uid)
            raise

    def _head(self, asset: Asset) -> None:
        due = any(asset.uid == one.uid for one in self.due)
        number = self.visited + 1 if due and asset.uid not in self._dealt else None
        show_asset(
            self.screen, self.registry, asset,
            Heading(number, len(self.due), self._stood, self.crs),
        )  # fmt: skip

    def _visit(self, visit: Visit) -> None:
        while not (finished(visit) and self.photos.settled(visit)):
            question = next_question(visit.kind, visit.answers)
            if question is not None and question.topic != "outcome":
                self.questions.answer(visit, question)
            else:
                self._begin(visit)
            self.questions.keep(visit)
        self._write(visit)

    def _begin(self, visit: Visit) -> None:
        """Ask for the outcome: an answer, one of the round's words, or another asset."""
        first = measurements(visit.kind)[0]
        self.screen.line("survey.outcomes")
        self.screen.line(f"survey.outcomes_{first}")
        former = visit.former.get("outcome")
        asked = self.screen.t("survey.ask_outcome")
        if former is not None:
            asked = self.screen.t("survey.former", asked=asked, former=former)
        typed = self.desk.read(asked)
        if former is not None and not typed.strip():
            visit.answers["outcome"] = former
            return
        try:
            if self._is_word(visit, typed):
                return
            self._refuse_plate_and_value(typed)
            if not self.questions.open(visit, typed):
                self._go_to(typed)
        except InputRefused as refused:
            self.desk.refuse(refused)

    def _refuse_plate_and_value(self, typed: str) -> None:
        line = plain(typed)
        if line.isdigit() and len(line) > 1 and has_code(self.registry, line):
            raise InputRefused("survey.plate_or_value", value=line)

    def _is_word(self, visit: Visit | None, typed: str) -> bool:
        """Do what one of the round's own words says; False where the line is none."""
        word = folded(typed)
        if word in SKIP:
            raise Skip
        if word in BACK:
            self.screen.line("survey.nothing_before")
        elif word in HELP:
            self.screen.line("survey.help_round")
        elif word in NEW:
            self._new_asset()
        elif word in UNDO:
            self._undo()
        elif word in CORRECT:
            self._correct()
        elif (code := argument(typed, GO)) is not None:
            self._go_to(code, least=1)
        elif visit is not None and (word in PHOTO or argument(typed, PHOTO) is not None):
            self.photos.typed(visit, argument(typed, PHOTO))
        else:
            return False
        return True

    def _new_asset(self) -> None:
        new = NewAsset(self.registry, self.desk, actor=self.actor, region=self.region)
        try:
            uid = new.ask()
        except Skip:
            return
        raise _Go(uid)

    def _go_to(self, typed: str, *, least: int = 2) -> None:
        """Go to the asset that a code, a part of one or a scan means; where none does, say so."""
        line = plain(typed)
        found = assets_called(self.registry, line) if len(line) >= least else []
        if not found:
            self.desk.refuse(InputRefused("survey.answer_opening", value=typed.strip()))
            return
        if len(found) > MOST:
            self.screen.line("survey.too_many", count=len(found), value=line)
        chosen: int | None = 0
        if len(found) > 1:
            told = [f"{one.code}  {label('kind', one.kind, self.lang)}  {one.address or ''}"
                    for one in found[:MOST]]  # fmt: skip
            try:
                chosen = self.desk.choose("survey.which_asset", told)
            except (Skip, Back):
                return
        if chosen is not None:
            raise _Go(found[chosen].uid)

    def _undo(self) -> None:
        if not self._made:
            self.screen.line("survey.nothing_made")
            return
        last = self._made[-1]
        with transaction(self.registry, actor=self.actor, origin="survey") as writer:
            take_back(writer, last.asset, last.inspection, text("survey.undone_why", self.lang))
        self._made.pop()
        self._dealt.discard(last.asset.uid)
        self.screen.line("survey.undone", code=name_of(last.asset))
        show_standing(self.screen, name_of(last.asset), counts_as(self.registry, last.asset))
        raise _Go(last.asset.uid)

    def _correct(self) -> None:
        if not self._made:
            self.screen.line("survey.nothing_made")
            return
        raise _Go(self._made[-1].asset.uid, self._made[-1])

    def _write(self, visit: Visit) -> None:
        at = min(times.from_text(visit.begun), times.now())
        seen = observation(
            visit.kind, visit.answers, at=at, inspector=self.actor, photos=visit.photos
        )
        with transaction(self.registry, actor=self.actor, origin="survey") as writer:
            if visit.corrects is not None:
                why = text("survey.corrected_why", self.lang)
                take_back(writer, visit.asset, visit.corrects, why)
            written = record(writer, visit.asset, seen)
        drop_draft(self.registry.path, visit.asset.uid, self.actor)
        self._made = [made for made in self._made if made.inspection != visit.corrects]
        self._made.append(
            _Made(visit.asset, written.inspection, visit.begun, visit.answers, visit.photos)
        )
        self._dealt.add(visit.asset.uid)
        self._stood = visit.asset.geom or self._stood
        self._show_recorded(visit.asset, seen)

    def _show_recorded(self, asset: Asset, seen: Observation) -> None:
        """Say what was recorded, and what the asset counts as now and why."""
        screen, known = self.screen, load_form().defects
        outcome = screen.label("outcome", seen.outcome)
        screen.line("cli_survey.recorded", code=name_of(asset), outcome=outcome)
        if seen.defects:
            names = tuple(known[code].names[self.lang] for code in seen.defects)
            screen.line("cli_survey.recorded_defects", names=names)
        show_standing(screen, name_of(asset), counts_as(self.registry, asset))
