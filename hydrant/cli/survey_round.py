"""The interactive round: reads lines, prints questions; what to ask is decided elsewhere."""

from __future__ import annotations

from pathlib import Path

from hydrant import times
from hydrant.cli.asking import ask
from hydrant.cli.places import in_force, place, settled
from hydrant.cli.screen import Screen, printable
from hydrant.errors import HydrantError, InputRefused
from hydrant.geo.text_forms import parse_pair
from hydrant.messages import error_text, text
from hydrant.model.inputs import AssetInput, validated
from hydrant.model.tables import Asset
from hydrant.store.facts.assets import add_asset, find_asset
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.regions.regions import find_region
from hydrant.survey.dialogue import (
    Answers,
    Question,
    accept,
    next_question,
    observation,
    previous_question,
    understood,
)
from hydrant.survey.draft import Draft, draft_path, drop_draft, load_draft, save_draft, set_aside
from hydrant.survey.due import DueAsset
from hydrant.survey.form import load_form
from hydrant.survey.record import check_values, record
from hydrant.vocabulary import USUAL_KIND, Language

_SKIP = {"s", "skip", "跳过"}
_QUIT = {"q", "quit", "退出"}
_BACK = {"b", "back", "返回"}
_NEW = {"+", "new", "新增"}


class _Stop(Exception):
    """The crew ends the round."""


class _Skip(Exception):
    """The crew goes on to the next asset."""


class Round:
    """One round through due assets.

    Attributes
    ----------
    recorded
        Uids of the inspections written so far; each was committed when it was answered.
    visited
        How many of the due assets were dealt with.
    """

    def __init__(
        self,
        registry: Registry,
        due: list[DueAsset],
        *,
        lang: Language,
        actor: str,
        region: str | None,
    ) -> None:
        self.registry, self.due, self.lang, self.actor = registry, due, lang, actor
        check_values(inspector=actor)
        self.region = None if region is None else find_region(registry, region).code
        self.screen = Screen(lang)
        self.recorded: list[str] = []
        self._done: set[str] = set()
        self.skipped = 0
        self.visited = 0

    def run(self) -> None:
        """Ask until nothing is due or the crew stops; a stop at any point loses nothing."""
        self.screen.line("cli_survey.begin", count=len(self.due))
        try:
            self._resume()
            for asset in self.due:
                if asset.uid not in self._done:
                    self._offer(asset)
        except (_Stop, EOFError, KeyboardInterrupt):
            self.screen.text()
            if draft_path(self.registry.path).exists():
                self.screen.line("cli_survey.draft_kept")

    def _ask(self, prompt: str) -> str:
        return ask(self.screen, prompt)

    def _resume(self) -> None:
        try:
            draft = load_draft(self.registry.path)
        except InputRefused as error:
            self.screen.text(printable(error_text(error, self.lang)))
            return
        if draft is None:
            return
        try:
            asset = find_asset(self.registry, draft.asset_uid)
        except InputRefused:
            file, kept = self._set_aside()
            self.screen.line("survey.draft_orphan", file=file, kept=kept, asset=draft.asset_uid)
            return
        self.screen.line("cli_survey.resume", code=asset.code or asset.uid)
        begun = self._no_later_than_now(draft.begun)
        same = draft.checklist == load_form().checklist(asset.kind)
        answers = understood(asset.kind, draft.answers, same_checklist=same)
        doubted = [name for name in draft.answers if name not in answers]
        if doubted:
            file, kept = self._set_aside()
            self.screen.line("survey.draft_doubted", file=file, kept=kept, count=len(doubted))
            self._keep(asset, answers, begun)
        try:
            self._visit(asset, answers, begun)
        except _Skip:
            drop_draft(self.registry.path)

    def _set_aside(self) -> tuple[str, Path]:
        """Put the draft under another name; its name, and where it is now."""
        return draft_path(self.registry.path).name, set_aside(self.registry.path)

    def _no_later_than_now(self, begun: str) -> str:
        """When a visit began; now, where this computer's clock was set back meanwhile."""
        now = times.now()
        if times.from_text(begun) <= now:
            return begun
        self.screen.line("cli_survey.begun_ahead")
        return times.to_text(now)

    def _offer(self, due: DueAsset) -> None:
        self._headline(due)
        try:
            asset = find_asset(self.registry, due.uid)
        except InputRefused as error:  # somebody else took it out of the registry meanwhile
            self.screen.text("  " + printable(error_text(error, self.lang)))
            self.visited += 1
            return
        try:
            self._visit(asset, {}, times.to_text(times.now()))
        except _Skip:
            drop_draft(self.registry.path)
            self.skipped += 1
        self.visited += 1

    def _headline(self, due: DueAsset) -> None:
        screen = self.screen
        screen.text()
        last = screen.t("cli_survey.never")
        if due.last is not None:
            day = times.local_day(times.from_text(due.last), self.registry.zone).isoformat()
            last = f"{day} {screen.label('outcome', due.outcome or 'works')}"
        screen.styled(
            screen.t(
                "cli_survey.asset",
                number=self.visited + 1,
                count=len(self.due),
                code=due.code or due.uid,
                kind=screen.label("kind", due.kind),
                address=due.address or "–",
            ),
            "bold",
        )
        screen.line("cli_survey.last", last=last, defects=due.open_defects)

    def _visit(self, asset: Asset, answers: Answers, begun: str) -> None:
        """Ask an asset's questions, keeping the draft after every answer, then record."""
        while (question := next_question(asset.kind, answers)) is not None:
            try:
                self._answer(asset, question, answers)
            except InputRefused as error:
                self.screen.text("  " + printable(error_text(error, self.lang)))
                if question.topic == "residual_kpa":
                    self.screen.line("cli_survey.way_back")
            self._keep(asset, answers, begun)
        self._write(asset, answers, begun)

    def _keep(self, asset: Asset, answers: Answers, begun: str) -> None:
        """Write the draft, as long as there is an answer to keep."""
        if not answers:
            drop_draft(self.registry.path)
            return
        checklist = load_form().checklist(asset.kind)
        save_draft(self.registry.path, Draft(asset.uid, begun, answers, checklist))

    def _answer(self, asset: Asset, question: Question, answers: Answers) -> None:
        typed = self._ask(self._prompt(question))
        word = typed.strip().lower()
        if word in _QUIT:
            raise _Stop
        if word in _SKIP:
            raise _Skip
        if word in _BACK:
            before = previous_question(asset.kind, answers)
            if before is not None:
                del answers[before.name]
            return
        if word in _NEW and question.topic == "outcome":
            self._new_asset()
            return
        value = accept(question, typed, answers)
        if isinstance(value, float):
            self.screen.line(
                "cli_survey.understood", value=f"{value:g}", unit=_unit(question.topic)
            )
        answers[question.name] = typed
        # what was answered before and contradicts this is asked again: a residual above it
        for name in answers.keys() - understood(asset.kind, answers).keys():
            del answers[name]

    def _prompt(self, question: Question) -> str:
        if question.check is not None:
            return text("survey.ask_check", self.lang, check=question.check.names[self.lang])
        if question.topic == "defects":
            codes = ", ".join(
                f"{code.code} {code.names[self.lang]}" for code in load_form().defects.values()
            )
            self.screen.line("survey.defect_list", codes=codes)
        return text(f"survey.ask_{question.topic}", self.lang)

    def _write(self, asset: Asset, answers: Answers, begun: str) -> None:
        at = times.from_text(self._no_later_than_now(begun))
        seen = observation(asset.kind, answers, at=at, inspector=self.actor)
        with transaction(self.registry, actor=self.actor, origin="survey") as writer:
            written = record(writer, asset, seen)
        drop_draft(self.registry.path)
        self.recorded.append(written.inspection)
        self._done.add(asset.uid)
        outcome = self.screen.label("outcome", seen.outcome)
        self.screen.line("cli_survey.recorded", code=asset.code or asset.uid, outcome=outcome)

    def _new_asset(self) -> None:
        """Take in an asset found on the spot, then ask its questions."""
        try:
            code = self._ask(self.screen.t("survey.ask_new_code")).strip()
            kind = self._ask(self.screen.t("survey.ask_new_kind")).strip() or USUAL_KIND
            pair = parse_pair(self._ask(self.screen.t("survey.ask_new_place")))
            crs = self._ask(self.screen.t("survey.ask_new_crs")).strip() or None
            if pair is None:
                raise InputRefused("exchange.why_no_position")
            entered = validated(AssetInput, code=code or None, kind=kind, region_code=self.region)
            placement, _ = place(self.registry, pair, crs=crs, region=self.region)
            region, remarks = settled(self.registry, self.region, placement)
            remarks = (*in_force(self.registry, region), *remarks)
            entered = entered.model_copy(update={"region_code": region})
        except HydrantError as error:
            self.screen.text("  " + printable(error_text(error, self.lang)))
            return
        with transaction(self.registry, actor=self.actor, origin="survey") as writer:
            asset = add_asset(writer, entered, placement, begun=None)
        self.screen.line("cli_asset.added", code=code or "–", uid=asset.uid)
        for remark in remarks:
            self.screen.line(remark.key, **remark.facts)
        try:
            self._visit(asset, {}, times.to_text(times.now()))
        except _Skip:
            drop_draft(self.registry.path)


def _unit(topic: str) -> str:
    return {"static_kpa": "kPa", "residual_kpa": "kPa", "flow_l_s": "L/s"}.get(topic, "m")
