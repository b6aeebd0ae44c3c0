"""``hydrant import`` of a file with somebody else's headings: a mapping proposed, asked, saved."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

from hydrant.cli.asking import at_terminal
from hydrant.cli.frame import Note, Result
from hydrant.cli.import_dialogue import Dialogue
from hydrant.cli.import_run import Run
from hydrant.cli.import_tried import Tried, facts, show
from hydrant.cli.import_view import EXIT_REFUSED
from hydrant.cli.screen import Screen
from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.fitting import fitted
from hydrant.exchange.mapping import mapping_of
from hydrant.exchange.outcome import IGNORED, REFUSED
from hydrant.exchange.proposal_file import kept, require_free
from hydrant.exchange.proposal_text import open_lines, reasons, toml
from hydrant.exchange.proposing import Proposal, propose, read_for_proposal
from hydrant.exchange.register_file import rules_of_ours
from hydrant.exchange.suggested_key import key_of
from hydrant.exchange.toml_text import one_line
from hydrant.messages import text
from hydrant.safe_text import printable


def suggested(run: Run) -> Result:
    """The mapping proposed for a file, ready to be kept as a .toml file."""
    proposal = propose(run.file, read_for_proposal(run.file, run.stated), run.stated)
    made, lang = proposal.made, run.settings.lang
    told = reasons(made, lang)
    mapping = toml(made, told, without=open_lines(made, ("rival", "order")))
    rules = mapping_of(tomllib.loads(mapping), f"{run.file.stem}.toml")
    recognised = key_of(fitted(rules, proposal.table.columns), proposal.table)
    key = text(recognised.key, lang, **recognised.facts)

    def shown(screen: Screen) -> None:
        if made.known is not None:
            # as a remark, so that what is shown can be saved and used as it is
            follows = "cli_import_.known_changed" if made.changed else "cli_import_.known"
            known = text(follows, lang, file=printable(run.file.name), mapping=made.known)
            screen.text(f"# {known}")
            screen.text(f"# {one_line(text('cli_import_.key', lang, key=key))}")
            screen.text()
        screen.verbatim(mapping)

    known = None if made.changed else made.known
    return Result({"known": known, "mapping": mapping, "reasons": told, "key": key}, shown)


def unmapped(run: Run, named: Path | None) -> Result:
    """A file without a mapping: taken in as it is where its headings are ours, else proposed.

    Parameters
    ----------
    named
        Where the proposed mapping is to be kept; None is beside the file.
    """
    require_free(named)
    asking = at_terminal() and not run.settings.json
    dialogue, stated = Dialogue(Screen(run.settings.lang)), run.stated
    try:
        read = read_for_proposal(run.file, stated)
    except InputRefused as error:
        if error.key != "exchange.encoding" or not asking:
            raise
        try:
            stated = replace(stated, encoding=dialogue.encoding(error, run.file))
        except EOFError:
            return _declined(run)
        read = read_for_proposal(run.file, stated)
    ours = rules_of_ours(read[0], run.file, kind=run.options.kind)
    if ours is not None and not (ours.own and asking):
        return run.taken(read[0], ours)
    offer = Offer(run, propose(run.file, read, stated), named)
    if ours is not None and not offer.proposal.made.questions:
        return run.taken(read[0], ours)
    run.fit_note(offer.proposal)
    if not asking or not offer.proposal.placed:
        return offer.left()
    try:
        return offer.decided(dialogue)
    except EOFError:
        return _declined(run)


def _declined(run: Run) -> Result:
    note = Note.of("cli_import_.declined", file=run.file.name)
    return Result({}, lambda _screen: None, (note,), EXIT_REFUSED)


@dataclass(frozen=True, slots=True)
class Offer:
    """A proposed mapping on its way to a decision.

    Attributes
    ----------
    named
        Where somebody wants it kept; None is beside the file.
    """

    run: Run
    proposal: Proposal
    named: Path | None

    def left(self) -> Result:
        """The mapping kept in its file for somebody to look at; nothing is imported."""
        tried = self._tried()
        place = kept(self.run.file, tried.text, self.named)
        data = facts(self.run, self.proposal, tried) | {"mapping_file": str(place)}
        asked = dict.fromkeys(one.topic for one in self.proposal.made.questions)
        topics = tuple(Phrase(f"cli_import_.open_{topic}") for topic in asked)
        key = "left_unplaced" if not self.proposal.placed else "left_open" if topics else "left"
        command = _command(self.run.file, place)
        note = Note.of(
            f"cli_import_.{key}",
            file=self.run.file.name,
            mapping=str(place),
            command=command,
            topics=topics,
        )
        return Result(data, lambda screen: show(screen, data), (note.warning(),), EXIT_REFUSED)

    def decided(self, dialogue: Dialogue) -> Result:
        """Questions, a sample, and on yes the mapping kept and the file taken in.

        Raises
        ------
        EOFError
            Nobody goes on.
        """
        said = len(self.run.settings.notes)
        dialogue.begin(self.proposal)
        dialogue.questions(self.proposal)
        tried, run = self._tried(), self.run
        if tried.outcome is None:
            raise tried.obstacle or AssertionError("neither an outcome nor why there is none")
        show(dialogue.screen, facts(run, self.proposal, tried))
        refused = tried.outcome.count(REFUSED)
        if refused + tried.outcome.count(IGNORED) == len(tried.outcome.table):
            raise InputRefused("cli_import_.nothing_taken", file=run.file.name)
        answer = dialogue.decision(refused=refused, dry=run.options.dry_run)
        if answer == "n":
            return _declined(run)
        place = kept(run.file, tried.text, self.named)
        if answer == "s":
            command = _command(run.file, place)
            only = Note.of("cli_import_.saved_only", mapping=str(place), command=command)
            return Result({}, lambda _screen: None, (only,), EXIT_REFUSED)
        # the file that was taken in is no next delivery: another one will be given
        new = Path(text("cli_import_.new_file", run.settings.lang)).with_suffix(run.file.suffix)
        command = _command(new, place)
        saved = Note.of("cli_import_.saved", mapping=str(place), command=command, new=new.name)
        del run.settings.notes[said:]  # the import says it again
        options = replace(run.options, skip_bad=run.options.skip_bad or refused > 0)
        done = replace(run, options=options).taken(self.proposal.table, tried.rules)
        return replace(done, notes=(*done.notes, saved))

    def _tried(self) -> Tried:
        """The text of the mapping, and what would become of the file by it."""
        made, lang = self.proposal.made, self.run.settings.lang
        told = reasons(made, lang)
        head = text("cli_import_.mapping_head", lang, file=printable(self.run.file.name))
        body = toml(made, told, without=open_lines(made))
        written = f"# {head}\n\n{body}\n"
        rules = mapping_of(tomllib.loads(written), f"{self.run.file.stem}.toml")
        proposed = made.source_proposed
        options = replace(self.run.options, dry_run=True, source_proposed=proposed)
        try:
            outcome = replace(self.run, options=options).outcome(self.proposal.table, rules)
        except InputRefused as error:
            return Tried(told, written, rules, None, error)
        if proposed and outcome.source != rules.source:
            made.continues(outcome.source)
            return self._tried()
        return Tried(told, written, rules, outcome, None)


def _command(file: Path, mapping: Path) -> str:
    """The command that takes a file in by a mapping, to be copied."""
    words = [f'"{word}"' if " " in word else word for word in (str(file), str(mapping))]
    return f"hydrant import {words[0]} --mapping {words[1]}"
