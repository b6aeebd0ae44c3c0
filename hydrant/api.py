"""What `import hydrant` offers to programs; ``docs/how-to/python.md`` tells how it is used.

Results are what the command of the same name gives as ``data`` of its JSON. What that command says
beside its result is a Python warning here (`ResultWarning`), so that it is not lost. Nothing else
of the package is promised.
"""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from hydrant import config, times
from hydrant.messages import Note, text
from hydrant.report import doubted_order
from hydrant.report.question import Basis, Question, ask
from hydrant.store.ground.location import locate, readings_path
from hydrant.store.opened import registry as store
from hydrant.vocabulary import Language, Outcome

if TYPE_CHECKING:
    from hydrant.exchange.imported import Imported
    from hydrant.shapes import IntegrityData, PollData
    from hydrant.source_shapes import NearSource
    from hydrant.store.opened.order_in_doubt import InDoubt

#: Which command the audit log names for what is recorded here.
_ORIGIN = "python"


class ResultWarning(UserWarning):
    """What is to be said beside a result: missing readings, a region that had ended, a datum.

    Attributes
    ----------
    key
        Which remark it is; does not depend on the language.
    """

    def __init__(self, key: str, text: str) -> None:
        super().__init__(text)
        self.key = key


# a program that runs for days is told each time, unless it says otherwise
warnings.simplefilter("always", ResultWarning, append=True)


class Registry:
    """An open registry; made by `open_registry`."""

    def __init__(self, opened: store.Registry, *, write: bool, by: str | None) -> None:
        self._opened = opened
        self._write = write
        self._by = by

    def figures(
        self,
        region: str | None = None,
        *,
        by: str | None = None,
        kind: str | None = None,
        as_of: dt.date | str | None = None,
        known_at: dt.datetime | str | None = None,
        policy: str | None = None,
    ) -> IntegrityData:
        """The two rates, as ``hydrant integrity --json`` gives them.

        Parameters
        ----------
        region
            Code or name; None is the whole registry.
        by
            What groups are made of: a level, ``kind``, ``family``, ``service``, a duty.
        as_of
            The end of this day counts; None is today.
        known_at
            Only what was recorded by then counts; None counts everything.
        policy
            Name or file; None is the registry's own.

        Raises
        ------
        HydrantError
            A region, policy or date is none.
        """
        from hydrant.report.integrity_json import report_json  # noqa: PLC0415  only for figures

        basis = self._basis(Question(region, kind, _text(as_of), _text(known_at), policy))
        report = basis.report(by=by or basis.usual_groups)
        return cast("IntegrityData", report_json(report, Language.EN))

    def explain(
        self,
        code: str,
        *,
        as_of: dt.date | str | None = None,
        known_at: dt.datetime | str | None = None,
        policy: str | None = None,
    ) -> dict[str, Any]:
        """Why an asset counts as it does, as ``hydrant explain --json`` gives it.

        Raises
        ------
        HydrantError
            No asset bears the code, or several do.
        """
        from hydrant.report.explain import explain  # noqa: PLC0415  brings SQLModel
        from hydrant.store.facts.assets import find_asset  # noqa: PLC0415  as above

        question = Question(as_of=_text(as_of), known_at=_text(known_at), policy=policy)
        basis = self._basis(question)
        asset = find_asset(self._opened, code)
        pressures = basis.sensors.pressures
        return explain(self._opened, asset, basis.cut, basis.policy, pressures=pressures)

    def near(
        self,
        lon: float,
        lat: float,
        *,
        crs: str,
        count: int | None = 5,
        within_m: float | None = None,
        flow_l_s: float | None = None,
        working: bool = False,
        kind: str | None = None,
    ) -> list[NearSource]:
        """The nearest sources, nearest first, as ``data.sources`` of ``hydrant near --json``.

        Parameters
        ----------
        lon, lat
            Degrees, in the datum `crs`, as the answers are.
        crs
            ``cgcs2000``, ``wgs84``, ``gcj02``, ``bd09`` or ``EPSG:n``.
        count
            Most sources to give; None gives all within `within_m`.
        within_m
            Largest distance, metres; None looks as far as 50 km.
        flow_l_s
            Least known flow, L/s.
        working
            Keep only intact and stale ones.
        """
        from hydrant.geo import datum  # noqa: PLC0415  figures need no places
        from hydrant.geo.answered import position_in  # noqa: PLC0415  as above
        from hydrant.report.near import Wish, nearest_to  # noqa: PLC0415  as above

        stated = datum.parse_crs(crs)
        place = datum.to_registry_point(lon, lat, stated)
        wish = Wish(count, within_m, flow_l_s, working, kind)
        found = nearest_to(self._basis(Question()), place.lon, place.lat, wish)
        return [
            cast("NearSource", source.json() | position_in(stated, source.asset.position))
            for source in found
        ]

    def import_file(
        self,
        file: str | Path,
        *,
        mapping: str | None = None,
        crs: str | None = None,
        kind: str | None = None,
        region: str | None = None,
        layer: str | None = None,
        encoding: str | None = None,
        skip_bad: bool = False,
        dry_run: bool = False,
    ) -> Imported:
        """Take in assets from a table or a GIS file, as ``hydrant import`` does.

        Nothing is written where a row is refused, unless `skip_bad` leaves such rows out; they are
        in `rows` either way.

        Raises
        ------
        HydrantError
            The file as a whole cannot be taken.
        """
        from hydrant.exchange.imported import imported  # noqa: PLC0415  brings pyogrio
        from hydrant.exchange.importing import import_table  # noqa: PLC0415  as above
        from hydrant.exchange.outcome import Options  # noqa: PLC0415  as above
        from hydrant.exchange.register_file import read_register  # noqa: PLC0415  as above
        from hydrant.store.regions.regions import find_region  # noqa: PLC0415  as above

        if not dry_run:
            self._to_write()
        path = Path(file)
        table, rules = read_register(path, mapping, layer=layer, encoding=encoding)
        code = None if region is None else find_region(self._opened, region).code
        options = Options(crs=crs, kind=kind, region=code, skip_bad=skip_bad, dry_run=dry_run)
        actor = config.actor(self._by)
        with self._doubting():
            outcome = import_table(self._opened, path, table, rules, options, actor=actor)
        if outcome.assumed_datum:
            _remark(Note.of("cli_places.assumed"))
        return imported(outcome)

    def record(
        self,
        code: str,
        outcome: str,
        *,
        at: dt.datetime | str | None = None,
        static_kpa: float | None = None,
        residual_kpa: float | None = None,
        flow_l_s: float | None = None,
        level_m: float | None = None,
        lift_m: float | None = None,
        defects: Sequence[str] = (),
        photos: Sequence[str | Path] = (),
        note: str | None = None,
    ) -> bool:
        """Record what was seen at an asset, as ``hydrant survey record`` does.

        Parameters
        ----------
        outcome
            ``works``, ``fails``, ``not_found`` or ``not_testable``.
        at
            When; None is now, a time without zone is the registry's.
        defects
            Codes of defects that were found.

        Returns
        -------
        bool
            Whether it is new; the same observation is recorded once.

        Raises
        ------
        HydrantError
            No asset bears the code, or a value is impossible; nothing was written.
        ValueError
            `outcome` is no outcome, or the registry is open for reading only.
        """
        from hydrant.store.facts.assets import find_asset  # noqa: PLC0415  brings SQLModel
        from hydrant.store.opened.transactions import transaction  # noqa: PLC0415  as above
        from hydrant.survey.photos import keep_photo  # noqa: PLC0415  as above
        from hydrant.survey.record import (  # noqa: PLC0415  as above
            Observation,
            check_observation,
            record,
        )

        self._to_write()
        asset = find_asset(self._opened, code)
        told, actor = _text(at), config.actor(self._by)
        seen = Observation(
            outcome=Outcome(outcome),
            at=times.now() if told is None else times.parse_moment(told, self._opened.zone),
            inspector=actor,
            static_kpa=static_kpa,
            residual_kpa=residual_kpa,
            flow_l_s=flow_l_s,
            level_m=level_m,
            lift_m=lift_m,
            note=note,
            defects=tuple(defects),
            photos=tuple(keep_photo(Path(photo), self._opened.path) for photo in photos),
        )
        check_observation(seen, self._opened.zone)
        with self._doubting(), transaction(self._opened, actor=actor, origin=_ORIGIN) as writer:
            return record(writer, asset, seen).new

    def poll(self, *, everything: bool = False, within_s: float | None = None) -> PollData:
        """Read the sensors that are due, once, as ``hydrant poll --json`` does.

        Parameters
        ----------
        everything
            Read all that are not out of service, due or not.
        within_s
            Longest time, seconds; None is the shortest interval of those that are read.

        Raises
        ------
        AlreadyRunning
            Another process polls this registry.
        """
        from hydrant.store.readings.readings_file import open_readings  # noqa: PLC0415  figures poll nobody
        from hydrant.telemetry.cycle import read, registered, to_read  # noqa: PLC0415  as above
        from hydrant.telemetry.result import poll_data  # noqa: PLC0415  as above
        from hydrant.telemetry.run_lock import only_one  # noqa: PLC0415  as above

        place, found = self._opened.path, registered(self._opened)
        with only_one(place), open_readings(readings_path(place)) as readings:
            chosen = to_read(found, readings, everything=everything)
            result = read(chosen, found, readings, within_s=within_s)
        return cast("PollData", poll_data(result))

    @property
    def in_doubt(self) -> tuple[InDoubt, ...]:
        """Visits and moves of one day, written here, whose order nothing tells; each warns, too."""
        return tuple(self._opened.in_doubt)

    @contextmanager
    def _doubting(self) -> Iterator[None]:
        """A block that writes; what it leaves in doubt is warned of behind it."""
        told = len(self._opened.in_doubt)
        yield
        for note in doubted_order.in_doubt(self._opened, after=told):
            _remark(note)

    def _basis(self, question: Question) -> Basis:
        return ask(self._opened, question, _remark)

    def _to_write(self) -> None:
        if not self._write:
            raise ValueError("open_registry(…, write=True) is needed to record anything")


@contextmanager
def open_registry(
    place: str | Path | None = None, *, write: bool = False, by: str | None = None
) -> Iterator[Registry]:
    """Open a registry for a block.

    Parameters
    ----------
    place
        A ``.gpkg`` file or a ``postgresql://`` URL; None finds it as the program does.
    write
        Whether anything is to be recorded.
    by
        Who records; None is the configured name, else the system's user.

    Raises
    ------
    StoreError
        It is missing, foreign, locked, newer or in need of migration.
    """
    from hydrant.survey.outside_check import take_outside_edits  # noqa: PLC0415  brings SQLModel

    located = locate(None if place is None else str(place))
    with store.open_registry(located, write=write) as opened:
        notes: list[Note] = []
        take_outside_edits(opened, notes, write=write, hurry=False)
        for note in (*notes, *doubted_order.in_doubt(opened)):
            _remark(note)
        yield Registry(opened, write=write, by=by)


def _remark(note: Note) -> None:
    told = text(note.key, Language.EN, **note.facts)
    warnings.warn(ResultWarning(note.key, told), stacklevel=2)


def _text(moment: dt.date | dt.datetime | str | None) -> str | None:
    return moment.isoformat() if isinstance(moment, dt.date) else moment
