"""``hydrant survey plan``: what is due, in a short order of visit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from hydrant import times
from hydrant.cli.frame import Note, Result, Settings, command, helper
from hydrant.cli.overruled import overruled_notes
from hydrant.cli.screen import Screen
from hydrant.cli.sensed import remark_at_hand
from hydrant.cli.spot import Spot
from hydrant.cli.survey_area import (
    AreaCrsOption,
    AreaOption,
    KindOption,
    ListOption,
    MaintainerOption,
    RegionOption,
    picked,
)
from hydrant.cli.whole_file import not_the_registry, written_whole
from hydrant.errors import CommandLineError, InputRefused
from hydrant.exchange.asked import Asked
from hydrant.geo.answered import crs_name, place_in
from hydrant.geo.datum import Crs, parse_crs
from hydrant.messages import text
from hydrant.survey.due import DueAsset, find_due
from hydrant.survey.form import defect_names
from hydrant.survey.planning import Pace, Plan, Wish, nearest_due, plan_rounds

h = helper("survey_plan")

_COLUMNS = ("crew", "order", "code", "kind", "address", "position", "last", "outcome",
            "defects", "leg_m")  # fmt: skip


def plan(
    settings: Settings,
    *,
    region: RegionOption = None,
    kind: KindOption = None,
    maintainer: MaintainerOption = None,
    area: AreaOption = None,
    area_crs: AreaCrsOption = None,
    listed: ListOption = None,
    near: Annotated[str | None, typer.Option("--near", metavar="LON,LAT", help=h("near"))] = None,
    crs: Annotated[str | None, typer.Option("--crs", metavar="CODE", help=h("crs"))] = None,
    back: Annotated[bool, typer.Option("--return", help=h("return"))] = False,
    crews: Annotated[int, typer.Option("--crews", help=h("crews"))] = 1,
    streets: Annotated[
        Path | None, typer.Option("--streets", metavar="FILE", help=h("streets"))
    ] = None,
    streets_crs: Annotated[
        str | None, typer.Option("--streets-crs", metavar="CODE", help=h("streets_crs"))
    ] = None,
    limit: Annotated[int, typer.Option("-n", "--limit", help=h("limit"))] = 100,
    minutes: Annotated[float, typer.Option("--minutes-per-stop", help=h("minutes"))] = 10.0,
    km_h: Annotated[float, typer.Option("--km-h", help=h("km_h"))] = 20.0,
    sheet: Annotated[Path | None, typer.Option("--sheet", metavar="FILE", help=h("sheet"))] = None,
    gpx: Annotated[Path | None, typer.Option("--gpx", metavar="FILE", help=h("gpx"))] = None,
    fonts: Annotated[Path | None, typer.Option("--fonts", metavar="DIR", help=h("fonts"))] = None,
) -> Result:
    """Put what is due into rounds."""
    _check_numbers({"--crews": crews, "--limit": limit, "--km-h": km_h}, minutes)
    _check_form(sheet, ".pdf")
    _check_form(gpx, ".gpx")
    not_the_registry(settings.path, streets, area, listed, sheet, gpx)
    start = None if near is None else start_of(near, crs, settings.notes)
    filters = {"region": region, "kind": kind, "maintainer": maintainer}
    with settings.registry() as registry:
        asked = any(value is not None for value in (*filters.values(), area, listed))
        uids = None
        if asked:
            uids = picked(registry, **filters, area=area, area_crs=area_crs, listed=listed)
        remark_at_hand(settings, registry)
        due = find_due(registry, uids)
        zone = registry.zone
    along = (None, 0, (), []) if streets is None else _lines(streets, streets_crs)
    lines, left_out, classes, overruled = along
    settings.notes.extend(overruled_notes(overruled))
    if classes:
        settings.notes.append(Note.of("cli_survey_plan.classes", classes=classes))
    chosen = nearest_due(due, start, limit)
    wish = Wish(start, back, crews, Pace(minutes, km_h), lines, tracks=gpx is not None)
    with settings.progress("cli_survey_plan.ordering", len(chosen)) as advance:
        found = plan_rounds(chosen, wish, advance=advance)
    shown = parse_crs(crs or "cgcs2000")
    _write(settings, found, zone, shown, sheet=sheet, gpx=gpx, fonts=fonts)
    data = _json(found, shown) | {"due_total": len(due), "along_streets": streets is not None}
    data |= {"sheet": sheet and str(sheet), "gpx": gpx and str(gpx)}

    def show(screen: Screen) -> None:
        _show(screen, found, data, zone, crs_name(shown.stored))

    return Result(data, show, tuple(_notes(found, len(due), crews, streets, left_out)))


def start_of(value: str, crs: str | None, notes: list[Note]) -> tuple[float, float]:
    """Start that a crew typed, lon and lat of the registry.

    Parameters
    ----------
    crs
        System in which it is stated; None takes it for WGS 84, which is added to `notes`.

    Raises
    ------
    CommandLineError
        It is no position, or a link in another system than `crs`.
    InputRefused
        The system is not known, or has no such place.
    """
    spot = Spot.typed(value, None, crs)
    notes.extend(spot.doubts)
    return spot.lon, spot.lat


def _check_numbers(positive: dict[str, float], minutes: float) -> None:
    wrong = [name for name, value in positive.items() if not 0 < value < float("inf")]
    if not 0 <= minutes < float("inf"):
        wrong.append("--minutes-per-stop")
    if wrong:
        raise CommandLineError("cli_survey_plan.too_small", option=wrong[0])


def _check_form(file: Path | None, form: str) -> None:
    if file is not None and file.suffix.lower() != form:
        raise InputRefused("document.form", file=file, known=form)


def _lines(
    file: Path, crs: str | None
) -> tuple[Any, int, tuple[str, ...], list[tuple[str, str, str]]]:
    """Streets to drive on, how many rows were left out, classes that are none, overruled files."""
    from hydrant.exchange.ground import read_ground  # noqa: PLC0415  brings GDAL

    ground, left_out = read_ground(
        Asked(roads=file, roads_crs=crs, roads_option="--streets-crs", skip_bad=True)
    )
    count = sum(left_out.rows.values())
    return ground.roads, count, tuple(left_out.classes), left_out.overruled


def _write(
    settings: Settings,
    found: Plan,
    zone: ZoneInfo,
    crs: Crs,
    *,
    sheet: Path | None,
    gpx: Path | None,
    fonts: Path | None,
) -> None:
    if (sheet is not None or gpx is not None) and not found.rounds:
        raise InputRefused("survey.nothing_due")
    if sheet is not None:
        from hydrant.report.round_sheet import write_sheet  # noqa: PLC0415  loads typst

        written_whole(
            sheet,
            lambda path: write_sheet(
                path, found.rounds, lang=settings.lang, zone=zone, crs=crs, fonts=fonts
            ),
        )
    if gpx is not None:
        from hydrant.exchange.route_file import write_route  # noqa: PLC0415  rarely needed

        count = len(found.rounds)
        names = [
            text("round_sheet.crew", settings.lang, crew=crew, count=count)
            for crew in range(1, count + 1)
        ]
        written_whole(gpx, lambda path: write_route(path, found.rounds, names, settings.lang))


def _json(found: Plan, crs: Crs) -> dict[str, Any]:
    visits = [
        _row(visit.asset, crs)
        | {
            "order": order,
            "crew": crew,
            "leg_m": _metres(visit.leg_m),
            "towards": visit.towards,
        }
        for crew, each in enumerate(found.rounds, 1)
        for order, visit in enumerate(each.visits, 1)
    ]
    nowhere = [
        _row(asset, crs) | {"order": None, "crew": None, "leg_m": None, "towards": None}
        for asset in found.without_position
    ]
    crews = [
        {
            "crew": crew,
            "stops": len(each.visits),
            "length_m": _metres(each.length_m),
            "back_m": _metres(each.back_m),
            "minutes": round(each.minutes, 1),
        }
        for crew, each in enumerate(found.rounds, 1)
    ]
    return {
        "due": visits + nowhere,
        "crews": crews,
        "without_position": len(nowhere),
        "nearest_neighbour_m": _metres(found.nearest_neighbour_m),
        "off_streets": found.off_streets,
    }


def _metres(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _row(asset: DueAsset, crs: Crs) -> dict[str, Any]:
    return {
        "code": asset.code,
        "uid": asset.uid,
        "kind": asset.kind,
        "region": asset.region,
        "address": asset.address,
        "last": asset.last,
        "outcome": asset.outcome,
        "open_defects": asset.open_defects,
        "defects": list(asset.defects),
        **place_in(crs, asset.position),
    }


def _show(screen: Screen, found: Plan, data: dict[str, Any], zone: ZoneInfo, crs: str) -> None:
    several = len(found.rounds) > 1
    names = _COLUMNS if several else _COLUMNS[1:]
    rows = [[_cell(screen, row, name, zone) for name in names] for row in data["due"]]
    if rows:
        screen.table(
            [screen.t(f"cli_survey_plan.column_{name}", crs=crs) for name in names],
            rows,
            numeric=tuple(n for n, name in enumerate(names) if name == "leg_m"),
            whole=tuple(n for n, name in enumerate(names) if name in ("crew", "order", "code")),
        )
    for crew in data["crews"]:
        screen.line(
            "cli_survey_plan.total",
            crew=crew["crew"],
            stops=crew["stops"],
            km=f"{crew['length_m'] / 1000:.1f}",
            minutes=f"{crew['minutes']:.0f}",
        )
    screen.line("cli_survey_plan.due", count=data["due_total"])
    for name in ("sheet", "gpx"):
        if data[name]:
            screen.line("cli_report.written", file=Path(data[name]))


def _cell(screen: Screen, row: dict[str, Any], name: str, zone: ZoneInfo) -> object:
    value = row[name]
    if name == "code":
        return value or row["uid"]
    if value is None:
        return None
    if name in ("kind", "outcome"):
        return screen.label(name, value)
    if name == "last":
        return times.local_day(times.from_text(value), zone).isoformat()
    if name == "leg_m":
        way = row["towards"]
        return f"{screen.t(f'cli_near.towards_{way}')} {value:,.0f}" if way else f"{value:,.0f}"
    if name == "defects":
        return screen.t("cli_survey.named", names=defect_names(value, screen.lang)) or None
    return value


def _notes(found: Plan, due: int, crews: int, streets: Path | None, left_out: int) -> list[Note]:
    shown = sum(len(each.visits) for each in found.rounds) + len(found.without_position)
    told = {
        "left": due - shown,
        "nowhere": len(found.without_position),
        "off_streets": found.off_streets,
        "apart": found.apart,
        "left_out": left_out,
        "fewer": crews - len(found.rounds) if found.rounds else 0,
    }
    return [
        Note.of(f"cli_survey_plan.{name}", count=count, file=streets)
        for name, count in told.items()
        if count
    ]


def add_to(app: typer.Typer) -> None:
    """Make the command part of ``hydrant survey``."""
    command(app, "plan")(plan)
