"""What a county hands up is judged above as it was below: on any day, and by what was known here.

Histories are those of the figures (`tests.report.histories`); packages are taken on the way.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.exchange.package_file import open_package, write_package
from hydrant.exchange.package_rules import Allowed
from hydrant.exchange.package_shapes import Figures, PastFigures
from hydrant.exchange.package_taking import take_package
from hydrant.ids import new_uid
from hydrant.report.assessment import figures_of
from hydrant.report.handed_figures import held_against
from hydrant.report.integrity import assess
from hydrant.report.totals import totals
from hydrant.store.evidence.evidence import Cut
from hydrant.store.evidence.sensor_facts import sensor_facts
from hydrant.store.file.migrate import create
from hydrant.store.ground.location import readings_path
from hydrant.store.ground.place import Place
from hydrant.store.opened.outside import conflicts_wait
from hydrant.store.opened.registry import Registry, open_registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.readings.readings_file import view_readings
from hydrant.store.regions.claims import sender
from hydrant.store.regions.regions import subtree
from hydrant.store.sides.package_rows import last_days
from hydrant.store.sides.stated_figures import last_stated
from hydrant.store.views.handed_up import handed_up
from tests.conftest import SETTINGS, renew
from tests.report import histories, sensor_steps
from tests.report.histories import ZONE, Blank, History

#: Each is handed up several times and judged twice; one for 25 of those of the figures.
EXAMPLES = max(20, int(os.environ.get("HYDRANT_EXAMPLES", "400")) // 25)
#: What may be handed up by itself.
PARTS = ("T1", "T2")
POLICIES = histories.policies()[:2]
#: Of so many former days a package states figures here.
PAST = 2
_RATES = ("completeness", "working_order")
#: How long after the last step the last package is made: nothing lies ahead any more.
SETTLED = dt.timedelta(days=480)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Registry, Blank]]:
    """An open registry with the county's regions alone, and what puts it back to that."""
    folder = tmp_path_factory.mktemp("county")
    blank, live = folder / "blank.gpkg", folder / "live.gpkg"
    create(blank, settings=SETTINGS)
    with open_registry(blank, write=True) as registry:
        histories.found_county(registry)
    live.write_bytes(blank.read_bytes())
    kept = Blank(blank, live)
    with open_registry(live, write=True) as registry:
        registry.connection.execute("PRAGMA synchronous = OFF")
        yield registry, kept
    kept.close()


class Levels:
    """A county and its city; moments at which packages were made below and taken above."""

    def __init__(self, below: Registry, above: Registry, folder: Path) -> None:
        self.below, self.above, self._folder = below, above, folder
        self.known: list[tuple[dt.datetime, dt.datetime]] = []
        self.lost = 0
        self._made: list[tuple[dt.datetime, Path]] = []
        self._whole: list[tuple[str, str, dict[str, Any]]] = []

    def make(self, moment: dt.datetime, region: str | None = None) -> None:
        """Make a package of a region below; None is all of it."""
        file = self._folder / f"{len(self.known)}-{len(self._made)}.hydrant.zip"
        with histories.clock(moment) as clock:
            made = clock()
            day = made.astimezone(ZONE).date().isoformat()
            now, *past = self._stated(day, region)
            write_package(
                file, self.below, region=region, as_of=day,
                figures=Figures(**now[1]), past=[_past(*one) for one in past],
            )  # fmt: skip
        if region is None:
            days = {day: {part: told[part] for part in _RATES} for day, told in (now, *past)}
            whole = sender(self.below.settings["writer"], None)
            self._whole.append((whole, "C", {**now[1], "days": days}))
        self._made.append((made, file))

    def _stated(self, day: str, region: str | None) -> list[tuple[str, dict[str, Any]]]:
        """Figures that the county states, of the day and of former ones."""
        codes = None if region is None else subtree(self.below, region)
        as_of = dt.date.fromisoformat(day)
        days = [as_of, *last_days(self.below, codes, as_of, most=PAST)]
        return [
            (
                one.isoformat(),
                totals(assess(self.below, Cut(one, ZONE), POLICIES[0], region=region or "C")),
            )
            for one in days
        ]

    def nothing_is_better(self) -> None:
        """No figure here is better than its sender stated: nothing is wrong."""
        told = [(s.source, s.region, s.figures) for s in last_stated(self.above, ["C", *PARTS])]
        for one in [*told, *self._whole[-1:]]:
            held = held_against(self.above, *one)
            assert held is not None
            assert held.better == {}, (one[1], held.better)
        if not conflicts_wait(self.above):  # days that nobody has decided on differ indeed
            assert handed_up(self.above, None).other_days == {}

    def take(self, moment: dt.datetime) -> bool:
        """Take above what was made; False where rows from ahead of their time forbid it."""
        taken = True
        with histories.clock(moment) as clock:
            for made, file in self._made:
                try:
                    with open_package(file) as package:
                        told = take_package(
                            self.above, package, actor="t", allowed=Allowed(withdrawals=True)
                        )
                        self.lost += told.evidence_lost
                except InputRefused:
                    taken = False
                else:
                    self.known.append((made, clock()))
        self._made.clear()
        return taken

    def agree(
        self, day: dt.date, known: tuple[dt.datetime, dt.datetime] | None, region: str = "C"
    ) -> None:
        """Figures of a region are equal in both."""
        moments = (None, None) if known is None else known
        for policy in POLICIES:
            told = [
                figures_of(
                    assess(registry, Cut(day, ZONE, moment), policy, region=region, by="township")
                )
                for registry, moment in zip((self.below, self.above), moments, strict=True)
            ]
            assert told[0] == told[1], (region, day, known)

    def agree_or_say_so(self, day: dt.date, part: str) -> None:
        """Figures of a part are equal in both, or conflicts that nobody decided stand beside them.

        A village handed over and back is told by one part before the other follows: the level
        above cannot know which of them is right.
        """
        if conflicts_wait(self.above):
            event("undecided conflicts stand beside the figures")
            report = assess(self.above, Cut(day, ZONE, None), POLICIES[0], region=part)
            assert report.undecided
        else:
            self.agree(day, None, part)

    def sensors_agree(self) -> None:
        """What sensors say of each asset is equal on each day of a reading, and the next."""
        with view_readings(readings_path(self.below.path)) as readings:
            assert readings is not None
            ask = readings.connection.execute
            moments = {at for (at,) in ask("SELECT at FROM reading")}
            moments |= {at for (at,) in ask("SELECT last_good FROM reading_hour") if at}
        days = {times.local_day(times.from_text(at), ZONE) for at in moments}
        for day in sorted(days | {day + dt.timedelta(days=1) for day in days}):
            for policy in POLICIES:
                told = [
                    _newest(sensor_facts(registry, Cut(day, ZONE), policy).pressures)
                    for registry in (self.below, self.above)
                ]
                assert told[0] == told[1], day


def _past(day: str, told: dict[str, Any]) -> PastFigures:
    return PastFigures(as_of=day, **{part: told[part] for part in _RATES})


def _newest(pressures: Any) -> dict[tuple[str, bool], str]:
    found: dict[tuple[str, bool], str] = {}
    for fact in sorted(pressures, key=lambda fact: fact.at):
        found[fact.asset_uid, fact.low] = fact.at
    return found


#: Sensors and crews close together, a few days long, so that alarms are open at midnight.
_near = st.tuples(st.none(), st.sampled_from((-3, -2, -1, 0)), st.sampled_from((0, 6, 12)))
_sensed = st.one_of(
    st.tuples(st.just("scene"), histories.which, _near, st.sampled_from(sensor_steps.SCENES)),
    st.tuples(st.just("push"), histories.which, _near, sensor_steps.said),
    st.tuples(st.just("poll"), histories.which, sensor_steps.said),
    st.tuples(st.just("fit"), histories.which, st.none()),
    st.tuples(st.just("unfit"), histories.which, st.none() | _near),
    st.tuples(st.just("sum_up"), _near),
)
_pillar: st.SearchStrategy[histories.Op] = st.just(
    ("asset", "hydrant.pillar", "municipal", "T1", {})
)
sensed = st.builds(
    History,
    st.lists(_pillar, min_size=1, max_size=2),
    st.lists(
        st.tuples(st.sampled_from((1, 1, 2)), st.lists(_sensed, min_size=1, max_size=4)),
        min_size=2, max_size=6,
    ),
    st.lists(histories.question, min_size=2, max_size=2),
    st.none(),
)  # fmt: skip


#: Villages that go from one township to the other and back, among what else happens there.
_handed_over = st.tuples(
    *(st.just("hand_over"), st.sampled_from(("V1", "V2")), st.sampled_from(PARTS)),
    st.tuples(st.none(), st.sampled_from((-300, -60, -1, 0, 0)), st.just(0)),
)
_in_villages = st.one_of(
    st.tuples(
        *(st.just("asset"), st.sampled_from(("hydrant.pillar", "tank")), st.just("municipal")),
        *(st.sampled_from(("V1", "V2", "T2")), st.just({})),
    ),
    histories.visit,
    histories.requirement,
)
handed_over = st.builds(
    History,
    st.lists(
        st.tuples(
            *(st.just("asset"), st.just("hydrant.pillar"), st.just("municipal")),
            *(st.sampled_from(("V1", "V2", "T2")), st.just({})),
        ),
        min_size=1, max_size=3,
    ),
    st.lists(
        st.tuples(
            st.sampled_from((1, 10, 60)),
            st.lists(st.one_of(_handed_over, _in_villages), min_size=1, max_size=4),
        ),
        min_size=2, max_size=4,
    ),
    st.lists(histories.question, min_size=4, max_size=4),
    st.none(),
)  # fmt: skip


def play(levels: Levels, drawn: History) -> None:
    """Write a history below, hand it up on the way and at the end, and compare.

    A package is taken after the step that follows it, when the county knows more already.
    """
    with histories.clock(histories.BEGUN_AT) as now:
        world = histories.World(levels.below, now)
        histories._step(world, drawn.assets)
        for days, operations in drawn.steps:
            levels.make(world.known[-1] + dt.timedelta(seconds=1))
            now.moment += dt.timedelta(days=days)
            histories._step(world, operations)
            levels.take(world.known[-1] + dt.timedelta(seconds=1))
    event(f"taken on the way: {min(len(levels.known), 3)}")
    end = world.known[-1] + SETTLED
    levels.make(end)
    held = levels.take(end + dt.timedelta(seconds=1))
    assert levels.lost == 0  # nothing was: what follows from later facts is no loss
    if not held:
        event("refused at the end")
        return
    with histories.clock(end + dt.timedelta(seconds=2)):
        for day, _, _ in drawn.questions:
            asked = min(world.day(*day), end.astimezone(ZONE).date())
            for known in (None, *levels.known):
                levels.agree(asked, known)
        levels.sensors_agree()
        levels.nothing_is_better()


def play_in_parts(levels: Levels, drawn: History) -> None:
    """Hand up the townships one by one, in turns, and compare each of them.

    An asset may move between them, and out of both.
    """
    with histories.clock(histories.BEGUN_AT) as now:
        world = histories.World(levels.below, now)
        histories._step(world, drawn.assets)
        for number, (days, operations) in enumerate(drawn.steps):
            now.moment += dt.timedelta(days=days)
            histories._step(world, operations)
            levels.make(world.known[-1] + dt.timedelta(seconds=1), PARTS[number % 2])
            levels.take(world.known[-1] + dt.timedelta(seconds=2))
    end = world.known[-1] + SETTLED
    taken = []
    for part in PARTS[:: 1 if len(drawn.steps) % 2 else -1]:
        levels.make(end, part)
        taken.append(levels.take(end + dt.timedelta(seconds=1)))
    if not all(taken):
        event("refused at the end")
        return
    with histories.clock(end + dt.timedelta(seconds=2)):
        for day, _, _ in drawn.questions:
            asked = min(world.day(*day), end.astimezone(ZONE).date())
            for part in PARTS:
                levels.agree_or_say_so(asked, part)
        levels.nothing_is_better()


def play_with_a_loss(levels: Levels, drawn: History) -> None:
    """Hand a history up, lose the readings below, and hand it up again."""
    play(levels, drawn)
    end = levels.known[-1][0] + dt.timedelta(days=1)
    kept = evidence_kept(levels.above)
    place = readings_path(levels.below.path)
    assert isinstance(place, Path)
    aside = [file.rename(f"{file}.aside") for file in place.parent.glob(f"{place.name}*")]
    levels.make(end)
    with histories.clock(end + dt.timedelta(seconds=1)):
        ((_, file),) = levels._made
        older = Allowed(older=True)
        with open_package(file) as package:
            if kept:
                with pytest.raises(InputRefused):
                    take_package(levels.above, package, actor="t", allowed=older)
                assert evidence_kept(levels.above) == kept
            accepted = Allowed(older=True, withdrawals=True)
            assert take_package(levels.above, package, actor="t", allowed=accepted).written
        day = end.astimezone(ZONE).date()
        levels.agree(day, None)
        words = [
            assess(registry, Cut(day, ZONE), POLICIES[0]).readings
            for registry in (levels.below, levels.above)
        ]
        event(f"below {words[0]}")
        assert words[0] == words[1]
    for file in aside:  # the next history goes on with it
        file.rename(file.with_suffix(""))


def evidence_kept(registry: Registry) -> int:
    """How much that sensors said and that would be told of every day stands above."""
    with view_readings(readings_path(registry.path)) as readings:
        if readings is None:
            return 0
        kept = readings.connection.execute(
            "SELECT sensor_uid FROM reading WHERE reason = 'handed_up' AND quality = 0 UNION ALL "
            "SELECT uid FROM alarm WHERE withdrawn_at IS NULL AND limit_value IS NULL"
        )
        return len(kept.fetchall())


as_many = settings(
    max_examples=EXAMPLES,
    derandomize=EXAMPLES <= 1000,
    report_multiple_bugs=False,
    database=None,
    suppress_health_check=list(HealthCheck),
    deadline=None,
)
Play = Callable[[Levels, History], None]


def to_a_city(
    county: tuple[Registry, Blank], folders: pytest.TempPathFactory, drawn: History, how: Play
) -> None:
    """Hand a history of the county up to a new city."""
    below, blank = county
    blank.put_back(below)
    folder = folders.mktemp("city")
    create(folder / "city.gpkg", settings=SETTINGS)
    with open_registry(folder / "city.gpkg", write=True) as above:
        above.connection.execute("PRAGMA synchronous = OFF")
        how(Levels(below, above, folder), drawn)
    for file in folder.iterdir():
        file.unlink()


@as_many
@given(histories.history)
def test_so_do_its_parts_handed_up_one_by_one(
    county: tuple[Registry, Blank], tmp_path_factory: pytest.TempPathFactory, drawn: History
) -> None:
    to_a_city(county, tmp_path_factory, drawn, play_in_parts)


@as_many
@given(handed_over)
def test_so_do_parts_between_which_villages_are_handed_over(
    county: tuple[Registry, Blank], tmp_path_factory: pytest.TempPathFactory, drawn: History
) -> None:
    to_a_city(county, tmp_path_factory, drawn, play_in_parts)


@as_many
@given(sensed)
def test_lost_readings_are_named_and_stand_beside_the_figures(
    county: tuple[Registry, Blank], tmp_path_factory: pytest.TempPathFactory, drawn: History
) -> None:
    to_a_city(county, tmp_path_factory, drawn, play_with_a_loss)


@as_many
@given(histories.history | sensed | handed_over)
def test_the_level_above_judges_as_the_one_below(
    county: tuple[Registry, Blank], tmp_path_factory: pytest.TempPathFactory, drawn: History
) -> None:
    to_a_city(county, tmp_path_factory, drawn, play)


@settings(max_examples=3, suppress_health_check=list(HealthCheck), database=None, deadline=None)
@given(histories.history | sensed | handed_over)
def test_so_does_each_store(
    county: tuple[Registry, Blank],
    registry_path: Place,
    tmp_path_factory: pytest.TempPathFactory,
    drawn: History,
) -> None:
    below, blank = county
    blank.put_back(below)
    renew(registry_path)
    with open_registry(registry_path, write=True) as above:
        with transaction(above, actor="t", origin="t"):
            above.connection.execute(
                "UPDATE setting SET value = ? WHERE key = 'writer'", (new_uid(),)
            )
        play(Levels(below, above, tmp_path_factory.mktemp("city")), drawn)
