"""A question to a registry, and the basis on which every figure answers it.

Whatever shows figures asks one, so that a day, a moment of knowing, a policy and a region mean the
same everywhere, and the same remarks are made. Nothing here may load SQLModel unless a region is
asked for: `hydrant near` takes less time than importing it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from hydrant import times
from hydrant.errors import AmbiguousCode
from hydrant.integrity.policy import Policy
from hydrant.integrity.policy_reader import load_policy
from hydrant.messages import Note
from hydrant.report.followed import changed_policy
from hydrant.report.integrity import IntegrityReport, assess
from hydrant.report.listing import JudgedAsset, counted, judged
from hydrant.report.remarks import (
    asset_notes,
    handed_up_notes,
    missing_readings,
    own_policy,
)
from hydrant.store.evidence.evidence import Cut
from hydrant.store.evidence.known import set_back
from hydrant.store.evidence.sensor_facts import AtHand, SensorFacts, sensor_facts
from hydrant.store.ground.location import readings_path
from hydrant.store.ground.place import Place
from hydrant.store.opened.kept_policy import policy_of
from hydrant.store.opened.outside import conflicts_wait
from hydrant.store.opened.registry import Registry
from hydrant.store.views.handed_up import handed_up
from hydrant.written_dates import day_typed, moment_typed

if TYPE_CHECKING:
    from hydrant.model.tables import Region

#: What takes remarks, in the order in which they are made.
Remark = Callable[[Note], None]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, in the words of the one who asks.

    Attributes
    ----------
    region
        Code or name of a region; None asks for the whole registry.
    kind
        Family or kind; None asks for all.
    as_of
        ISO date, its end is meant; None is today in the registry's zone.
    known_at
        ISO date or time; only what was recorded by then counts. None counts everything.
    policy
        Name or file of a policy; None is the registry's own.
    """

    region: str | None = None
    kind: str | None = None
    as_of: str | None = None
    known_at: str | None = None
    policy: str | None = None


class Basis:
    """On what the figures of a question are computed; made by `ask`.

    Attributes
    ----------
    cut
        The day and what was known.
    policy
        The rules.
    region
        Code of the region; None where all are asked for.
    kind
        Family or kind; None where all are asked for.
    """

    def __init__(self, registry: Registry, question: Question, remark: Remark) -> None:
        self.registry = registry
        self._remark = remark
        self._word = question.region
        known = known_moment(registry, question.known_at, remark)
        self.cut = Cut(_day(registry, question.as_of), registry.zone, known)
        if self.cut.ahead:
            remark(Note.of("integrity.not_come", date=self.cut.as_of.isoformat()).warning())
        if count := conflicts_wait(registry):
            remark(Note.of("integrity.undecided", count=count).warning())
        self.policy: Policy = (
            load_policy(question.policy) if question.policy else policy_of(registry)
        )
        if (own := own_policy(self.policy)) is not None:
            remark(own)
        if (changed := changed_policy(registry, self.policy)) is not None:
            remark(changed)
        self.region = None if question.region is None else self._code(question.region)
        self.kind = question.kind
        for note in handed_up_notes(handed_up(registry, self.region)):
            remark(note)

    @cached_property
    def sensors(self) -> SensorFacts:
        """What sensors say by the cut; missing readings are remarked on."""
        facts = sensor_facts(self.registry, self.cut, self.policy)
        remark_missing(self.registry.path, self._remark, facts.at_hand)
        return facts

    @property
    def usual_groups(self) -> str:
        """The level that groups usually are of: counties, or the next finer one within a unit."""
        return "county" if self.region is None else _finer(self.registry, self.region)

    @property
    def rules(self) -> str:
        """Name and version of the policy, as results name it."""
        return f"{self.policy.name} {self.policy.version}"

    def report(self, *, by: str = "county") -> IntegrityReport:
        """The two rates; see `hydrant.report.integrity.assess`."""
        found = assess(
            self.registry,
            self.cut,
            self.policy,
            region=self.region,
            by=by,
            kind=self.kind,
            facts=self.sensors,
        )
        for note in asset_notes(found):
            self._remark(note)
        return found

    def counted(self, report: IntegrityReport) -> list[JudgedAsset]:
        """Assets behind the figures of a report."""
        return counted(self.registry, self.cut, report, pressures=self.sensors.pressures)

    def judged(self, uids: Iterable[str] | None = None) -> list[JudgedAsset]:
        """Existing assets with their verdicts, of all regions and kinds, or some by uid."""
        pressures = self.sensors.pressures
        return judged(self.registry, self.cut, self.policy, uids=uids, pressures=pressures)

    def on_days(self, *days: dt.date) -> list[Cut]:
        """The same question on other days; its region is the same on all of them.

        Raises
        ------
        InputRefused
            There is no such region on one of them.
        AmbiguousCode
            The word means one region on one day and another on another.
        """
        cuts = [replace(self.cut, as_of=day) for day in days]
        if self._word is not None:
            region_on(self.registry, self._word, *cuts, self.cut)
        return cuts

    def remark_missing(self, *reports: IntegrityReport) -> None:
        """One remark where the readings behind any of these reports are missing."""
        remark_missing(self.registry.path, self._remark, *(found.at_hand for found in reports))

    def _code(self, word: str) -> str:
        """The region's code; one that had ended by the day is remarked on: its own is elsewhere."""
        region = region_on(self.registry, word, self.cut)
        if region.valid_until is not None:
            day = times.local_day(region.valid_until, self.registry.zone)
            if day <= self.cut.as_of:
                self._remark(_ended(self.registry, region.code, day))
        return region.code


def ask(registry: Registry, question: Question, remark: Remark) -> Basis:
    """Look up what a question names in a registry.

    Parameters
    ----------
    remark
        Takes what is to be said beside the figures: a policy of one's own, a clock that was set
        back, a day that has not come, conflicts that nobody has decided, a region that had ended,
        readings that are missing.

    Raises
    ------
    InputRefused
        The region is not on record or ambiguous, or the policy cannot be read.
    CommandLineError
        A date or time is none.
    """
    return Basis(registry, question, remark)


def region_on(registry: Registry, word: str, *cuts: Cut) -> Region:
    """The region that a word means on the days that are asked for, not by today's names.

    Raises
    ------
    InputRefused
        There is none.
    AmbiguousCode
        Several bear the name on a day, or one region on one day and another on another.
    """
    from hydrant.store.regions.regions import find_region  # noqa: PLC0415  brings SQLModel

    found = {
        region.code: region
        for cut in cuts
        for region in [find_region(registry, word, at=cut.last_moment)]
    }
    if len(found) > 1:
        raise AmbiguousCode(
            "cli_cuts.renamed", name=word, count=len(found), candidates=", ".join(sorted(found))
        )
    return next(iter(found.values()))


def known_moment(registry: Registry, known_at: str | None, remark: Remark) -> dt.datetime | None:
    """The moment of knowing that a text means.

    One that has not come is remarked on, and a clock that was set back past it.
    """
    if known_at is None:
        return None
    known = moment_typed(known_at, registry.zone)
    if known > times.now():
        moment = times.local_moment(known, registry.zone)
        remark(Note.of("cli_cuts.known_ahead", moment=moment).warning())
    count = set_back(registry, known)
    if count:
        moment = times.local_moment(known, registry.zone)
        remark(Note.of("cli_cuts.set_back", count=count, moment=moment))
    return known


def at_hand(registry: Registry) -> AtHand:
    """Whether the readings of a registry's sensors are there, by its own policy, as of today."""
    cut = Cut(_day(registry, None), registry.zone)
    return sensor_facts(registry, cut, policy_of(registry)).at_hand


def remark_missing(place: Place, remark: Remark, *at_hand: AtHand) -> None:
    """One remark where the readings of sensors are missing, for however many figures."""
    missing = [found for found in at_hand if found.missing]
    if not missing:
        return
    most = max(missing, key=lambda found: found.without)
    file = readings_path(place)
    said = missing_readings(most, file)
    remark(Note.of(said.key, **said.facts).warning())


def _day(registry: Registry, as_of: str | None) -> dt.date:
    if as_of is not None:
        return day_typed(as_of, registry.zone)
    return times.local_day(times.now(), registry.zone)


def _ended(registry: Registry, code: str, day: dt.date) -> Note:
    from hydrant.store.regions.succession import heirs_of  # noqa: PLC0415  brings SQLModel

    heirs = ", ".join(heirs_of(registry, code)) or "–"
    return Note.of("cli_integrity.ended", code=code, date=day.isoformat(), heirs=heirs)


def _finer(registry: Registry, code: str) -> str:
    from hydrant.store.regions.regions import find_region  # noqa: PLC0415  as above

    order = {"province": "city", "city": "county", "county": "township", "township": "village"}
    return order.get(find_region(registry, code).level, "village")
