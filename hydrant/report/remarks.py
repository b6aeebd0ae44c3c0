"""What must be said beside figures and lists, worded once for the screen, pages and files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from hydrant.errors import Phrase
from hydrant.integrity.policy import Policy
from hydrant.integrity.rates import PARTIAL
from hydrant.messages import Note, text
from hydrant.report.differing import Differing, figure_phrase
from hydrant.report.integrity import IntegrityReport
from hydrant.store.evidence.sensor_facts import AtHand
from hydrant.store.regions.parted import Fallen
from hydrant.store.regions.region_tree import RegionTree
from hydrant.store.views.handed_up import HandedUp
from hydrant.vocabulary import Language

#: So many units are named; the others are counted.
_NAMED = 5


def missing_readings(found: AtHand, file: object = None) -> Phrase:
    """What is said where readings are missing, or those beside the registry are another's.

    Parameters
    ----------
    file
        Where they would be; None where that helps nobody, as in a file for others.
    """
    place = Phrase("cli_sensed.file_beside") if file is None else file
    if found.foreign:
        return Phrase("cli_sensed.foreign", {"count": found.sensors, "file": place})
    facts = {"sensors": found.sensors, "without": found.without, "file": place}
    return Phrase("cli_sensed.missing", facts)


def own_policy(policy: Policy) -> Note | None:
    """What is said of figures that follow a policy of one's own, whatever it calls itself."""
    if not policy.own:
        return None
    facts = {"name": policy.name, "version": policy.version, "digest": policy.digest[:16]}
    return Note.of("policy.own", **facts)


def cautions(report: IntegrityReport, lang: Language) -> Iterator[str]:
    """What holds of whatever is made of a report.

    A policy of one's own, a day to come, conflicts that nobody has decided, what was not handed
    up, missing readings, numbers that fell with a split.
    """
    if (own := own_policy(report.policy)) is not None:
        yield text(own.key, lang, **own.facts)
    if (changed := report.changed_policy) is not None:
        yield text(changed.key, lang, **changed.facts)
    if report.ahead:
        yield text("integrity.not_come", lang, date=report.as_of.isoformat())
    if report.undecided:
        yield text("integrity.undecided", lang, count=report.undecided)
    for note in handed_up_notes(report.handed_up):
        yield text(note.key, lang, **note.facts)
    if report.at_hand.missing:
        said = missing_readings(report.at_hand)
        yield text(said.key, lang, **said.facts)
    for note in asset_notes(report):
        yield text(note.key, lang, **note.facts)
    yield from fallen_numbers(lang, report)


def asset_notes(report: IntegrityReport) -> Iterator[Note]:
    """What is said of assets behind the figures that may count wrongly.

    Pairs that may be one thing, those that are intact by a visit older than their only
    commissioning, and those that stand in units of which nothing is on record for the day.
    """
    if report.doubled:
        yield Note.of("integrity.doubled", count=report.doubled).warning()
    if early := report.before_built:
        yield Note.of("integrity.before_built", count=len(early), assets=_named(early)).warning()
    if lost := report.unplaced:
        count, units = sum(count for _, count in lost), _named([code for code, _ in lost])
        day = report.as_of.isoformat()
        yield Note.of("integrity.unplaced", count=count, units=units, date=day).warning()


def _named(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")


def handed_up_notes(found: HandedUp) -> Iterator[Note]:
    """What packages from below did not bring."""
    for region, lacking in found.in_part.items():
        key = f"integrity.handed_up_in_part{'_of' if lacking.units else ''}"
        facts = {"count": lacking.more, "units": _named(lacking.units)}
        yield Note.of(key, region=region, **facts).warning()
    for region, lacking in found.left_out.items():
        facts = {"count": lacking.more, "units": _named(lacking.units) or "–"}
        yield Note.of("integrity.left_out", region=region, **facts).warning()
    for region, days in found.better.items():
        yield better_note(region, days)
    for region, assets in found.went.items():
        facts = {"count": len(assets), "assets": _named(assets)}
        yield Note.of("integrity.went", region=region, **facts).warning()
    for region, units in found.other_days.items():
        facts = {"count": len(units), "units": _named(units)}
        yield Note.of("integrity.other_days", region=region, **facts).warning()
    for key, counts in (
        ("integrity.only_moved", found.only_moved),
        ("integrity.parts_only", found.parts_only),
        ("integrity.unstated", found.unstated),
    ):
        for region, count in counts.items():
            yield Note.of(key, region=region, count=count).warning()
    for region, heard in found.unheard.items():
        yield Note.of("integrity.unheard", region=region, **heard._asdict()).warning()
    for region, units in found.absent.items():
        facts = {"count": len(units), "units": _named(units)}
        yield Note.of("integrity.absent", region=region, **facts).warning()


def better_note(region: str, days: Mapping[str, Sequence[Sequence[Any]]]) -> Note:
    """What is said of figures that are better than their sender stated, by day."""
    told = [Differing(str(name), *both) for name, *both in max(days.items())[1]]
    facts = {"day": max(days), "count": len(days), "fields": tuple(map(figure_phrase, told))}
    return Note.of("integrity.better_than_stated", region=region, **facts).warning()


def fallen_numbers(lang: Language, *reports: IntegrityReport) -> Iterator[str]:
    """How much less is required since units were split and all that took over have numbers.

    What holds of several reports (days of a trend, sides of a comparison) is said once.
    """
    told = {fell: report.tree for report in reports for fell in report.fallen}
    for fell, tree in told.items():
        note = fallen_note(fell, tree, lang)
        yield text(note.key, lang, **note.facts)


def fallen_note(fell: Fallen, tree: RegionTree, lang: Language) -> Note:
    """The same as a remark, where numbers are stated and no report is shown."""
    split = "fallen" if fell.gained else "fallen_whole"
    key = {"split": split, "joined": "joined", "part": "in_part"}[fell.cause]
    return Note.of(
        f"integrity.{key}",
        region=tree.name(fell.region, lang),
        kind=Phrase(f"vocabulary.kind.{fell.family}"),
        stated=fell.stated,
        gained=fell.gained,
        fewer=fell.stated - fell.gained,
    ).warning()


def fallen_json(fallen: Iterable[Fallen]) -> dict[str, list[dict[str, object]]]:
    """The same as scripts see it: keys of their own, absent where no number fell."""
    found: dict[str, list[dict[str, object]]] = {}
    for one in fallen:
        row: dict[str, object] = {"region": one.region, "family": one.family}
        if one.cause == "part":
            found.setdefault("numbers_in_part", []).append(row | {"stated": one.stated})
        elif one.cause == "joined":
            told = row | {"apart": one.stated, "together": one.gained}
            found.setdefault("joined_numbers", []).append(told)
        else:
            told = row | {"stated": one.stated, "gained": one.gained}
            found.setdefault("split_numbers", []).append(told)
    return found


def numbers_lacking(report: IntegrityReport) -> int:
    """How many numbers are lacking: what they would ask for is in no list and no sum."""
    found = report.total.completeness
    return 0 if found is None else found.numbers_lacking


def lacking_text(lacking: int, lang: Language) -> str:
    """What the mark means where work to be done is listed or priced."""
    return f"{PARTIAL} {text('cli_todo.lacking', lang, count=lacking)}"


def work_name(work: str, lang: Language, lacking: int) -> str:
    """A kind of work, marked where more of it may be needed than anybody stated."""
    name = text(f"todo.work_{work}", lang)
    return f"{name} {PARTIAL}" if lacking and work == "build" else name
