"""``hydrant demo``: an invented county, its devices and its two rates."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from hydrant import times
from hydrant.cli.frame import Result, Settings, command, helper, say, single
from hydrant.cli.integrity_view import show_report
from hydrant.cli.poll_view import notes_of, show_poll
from hydrant.cli.screen import Screen
from hydrant.errors import StoreError
from hydrant.exchange.sample import SAMPLE_REGION, load_sample, sample_sensors
from hydrant.exchange.sample_devices import gateways, register
from hydrant.messages import text
from hydrant.report.followed import to_follow
from hydrant.report.integrity import IntegrityReport, assess
from hydrant.report.integrity_json import report_json
from hydrant.store.evidence.evidence import Cut
from hydrant.store.evidence.sensor_facts import sensor_facts
from hydrant.store.facts.sensors import list_sensors
from hydrant.store.file.migrate import create
from hydrant.store.ground.location import readings_path
from hydrant.store.opened.kept_policy import policy_of, properties
from hydrant.store.opened.registry import open_registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.readings.readings_file import open_readings
from hydrant.telemetry.poll import poll
from hydrant.telemetry.result import PollResult, poll_data
from hydrant.telemetry.run_lock import only_one
from hydrant.telemetry.simulator import serve

h = helper("demo")
app = single("demo")

_POLICY = "zhejiang"


@command(app, "demo")
def demo(
    settings: Settings,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help=h("dir"))] = Path("hydrant-demo"),
) -> Result:
    """Build the sample county, poll its simulated devices, show the two rates."""
    path = directory / "county.gpkg"
    with _whole_or_nothing(path):
        _announce(settings, path)
        assets = _build(path)
        polled, registered = _poll(settings, path)
        report, data = _assess(settings, path)
    facts: dict[str, Any] = {"path": str(path), "assets": assets}

    def show(screen: Screen) -> None:
        screen.line("cli_demo.polled", registered=registered)
        show_poll(screen, polled, registered=registered)
        for note in notes_of(polled):
            screen.text("  " + screen.t(note.key, **note.facts))
        screen.text()
        show_report(screen, report)
        screen.text()
        screen.line("cli_demo.next", program=_program(), path=path, region=SAMPLE_REGION)

    return Result(facts | {"poll": poll_data(polled), "integrity": data}, show, long=False)


def _program() -> str:
    """What to type to run this program again from the same place."""
    if shutil.which("hydrant") is not None:
        return "hydrant"
    started = Path(sys.argv[0])
    return str(started) if started.stem == "hydrant" else "python -m hydrant"


@contextmanager
def _whole_or_nothing(path: Path) -> Iterator[None]:
    """A block that makes a registry; when it fails, no part of that registry stays behind."""
    if path.exists():
        raise StoreError("cli_demo.exists", file=path)
    try:
        yield
    except BaseException:
        readings = readings_path(path)
        assert isinstance(readings, Path)  # noqa: S101  beside a file is a file
        for left in (path, readings, *readings.parent.glob(f"{readings.name}-*")):
            left.unlink(missing_ok=True)
        raise


def _announce(settings: Settings, path: Path) -> None:
    if not settings.json:
        say(text("cli_demo.begin", settings.lang, path=path))


def _build(path: Path) -> int:
    create(path, settings={**properties(*to_follow(_POLICY)), "zone": times.DEFAULT_ZONE})
    with open_registry(path, write=True) as registry:
        return load_sample(registry)


def _poll(settings: Settings, path: Path) -> tuple[PollResult, int]:
    """Register the sample's sensors at simulated gateways and read them over real Modbus/TCP."""
    sensors = sample_sensors()
    with ExitStack() as stack:
        urls = stack.enter_context(serve(gateways(sensors)))
        with (
            open_registry(path, write=True) as registry,
            transaction(registry, actor="demo", origin="demo") as writer,
        ):
            register(writer, sensors, urls)
        with open_registry(path) as registry:
            rows = list_sensors(registry)
            policy = policy_of(registry)
        stack.enter_context(only_one(path))
        store = stack.enter_context(open_readings(readings_path(path)))
        advance = stack.enter_context(settings.progress("cli_poll.progress", len(rows)))
        return poll(rows, store, policy=policy, advance=advance), len(rows)


def _assess(settings: Settings, path: Path) -> tuple[IntegrityReport, dict[str, Any]]:
    with open_registry(path) as registry:
        cut = Cut(times.local_day(times.now(), registry.zone), registry.zone, None)
        facts = sensor_facts(registry, cut, policy_of(registry))
        report = assess(
            registry,
            cut,
            policy_of(registry),
            region=SAMPLE_REGION,
            by="township",
            kind=None,
            facts=facts,
        )
        return report, report_json(report, settings.lang)
