"""How coverage is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import shapely

from hydrant.cli.rate_view import percent_text
from hydrant.cli.screen import Screen
from hydrant.exchange.asked import Asked
from hydrant.exchange.ground import LeftOut, read_ground
from hydrant.exchange.layers import Layer, write_layers
from hydrant.geo.answered import crs_name, position_in
from hydrant.geo.datum import Crs
from hydrant.integrity.policy import Policy
from hydrant.report.coverage import Coverage, CoverageReport, Gap, cover, share
from hydrant.report.listing import JudgedAsset
from hydrant.store.evidence.evidence import Cut
from hydrant.vocabulary import Service

_LONGEST_SHOWN = 10


def covered(
    asked: Asked,
    assets: Sequence[JudgedAsset],
    policy: Policy,
    *,
    along: bool,
    sites_for: str | None,
) -> tuple[CoverageReport, LeftOut]:
    """Coverage of the files' roads and buildings, and what of the files was left out."""
    ground, left_out = read_ground(asked)
    return cover(ground, assets, policy, along_streets=along, sites_for=sites_for), left_out


def write_gaps(out: Path, report: CoverageReport, count: str) -> None:
    """Gaps and proposed sites as layers of a file."""
    write_layers(out, layers_of(report, count))


def coverage_json(
    report: CoverageReport,
    count: str,
    cut: Cut,
    assets: Sequence[JudgedAsset],
    left_out: LeftOut,
    *,
    along: bool,
    crs: Crs,
) -> dict[str, Any]:
    """What scripts rely on: the chosen count, and the other beside it.

    Parameters
    ----------
    crs
        System in which gaps and sites are told; one without degrees is told in CGCS2000.
    """
    other = "working" if count == "existing" else "existing"
    data = _side(report, count, crs) | {
        "crs": position_in(crs, None)["crs"],
        "count": count,
        "other": {"count": other, **_side(report, other, crs)},
        "policy": f"{report.policy.name} {report.policy.version}",
        "radius_m": report.policy.coverage["radius_m"].value,
        "natural_radius_m": report.policy.coverage["natural_radius_m"].value,
    }
    data["spacing"] = None if report.spacing is None else asdict(report.spacing)
    if report.sites is not None:
        data["proposed"] = {
            "count": len(report.sites),
            "at_least": report.at_least,
            "sites": [
                position_in(crs, (site.lon, site.lat)) | {"closes_m": round(site.closes_m, 1)}
                for site in report.sites
            ],
        }
    data["as_of"] = cut.as_of.isoformat()
    data["along_streets"] = along
    data["private"] = sum(asset.service == Service.PRIVATE for asset in assets)
    data["left_out"] = left_out.rows
    data["classes_left_out"] = left_out.classes
    return data


def _side(report: CoverageReport, count: str, crs: Crs) -> dict[str, Any]:
    found: Coverage = getattr(report, count)
    return {
        "sources": found.sources,
        "roads": {
            "length_m": round(found.length_m, 1),
            "covered_m": round(found.covered_m, 1),
            "percent": share(found.covered_m, found.length_m),
            "required": report.required,
            "required_by_side": report.required_by_side,
            "gaps": [_gap(gap, crs) for gap in found.gaps],
        },
        "buildings": {
            "count": found.buildings,
            "covered": found.buildings_covered,
            "percent": share(found.buildings_covered, found.buildings),
        },
    }


def _gap(gap: Gap, crs: Crs) -> dict[str, Any]:
    first, last = gap.line.coords[0], gap.line.coords[-1]
    middle = gap.line.interpolate(0.5, normalized=True)
    return {
        "length_m": round(gap.length_m, 1),
        "from": _pair(first[0], first[1], crs),
        "to": _pair(last[0], last[1], crs),
        "middle": _pair(middle.x, middle.y, crs),
    }


def _pair(lon: float, lat: float, crs: Crs) -> list[float]:
    told = position_in(crs, (float(lon), float(lat)))
    return [round(float(str(told[name])), 7) for name in ("lon", "lat")]


def layers_of(report: CoverageReport, count: str) -> dict[str, Layer]:
    """Gaps as lines and points, and proposed sites, for a map."""
    gaps = getattr(report, count).gaps
    lengths = [round(gap.length_m, 1) for gap in gaps]
    sites = report.sites or ()
    return {
        "gaps": Layer("LineString", [gap.line for gap in gaps], {"length_m": lengths}),
        "gap_middles": Layer(
            "Point",
            [gap.line.interpolate(0.5, normalized=True) for gap in gaps],
            {"length_m": lengths},
        ),
        "proposed": Layer(
            "Point",
            [shapely.Point(site.lon, site.lat) for site in sites],
            {
                "number": list(range(1, len(sites) + 1)),
                "closes_m": [round(site.closes_m, 1) for site in sites],
            },
        ),
    }


def show_coverage(screen: Screen, report: CoverageReport, data: dict[str, Any]) -> None:
    """Print both counts, the longest gaps, and what the standard asks for by length."""
    screen.styled(screen.t("cli_coverage.title", as_of=data["as_of"]), "bold")
    screen.line(
        "cli_coverage.head",
        policy=data["policy"],
        radius=f"{data['radius_m']:g}",
        natural=f"{data['natural_radius_m']:g}",
        way=screen.t("cli_coverage.streets" if data["along_streets"] else "cli_coverage.straight"),
    )
    screen.text()
    for side in (data, data["other"]):
        _show_side(screen, side)
    if report.spacing is not None:
        screen.line(
            "cli_coverage.spacing",
            median=f"{report.spacing.median_m:.1f}",
            p95=f"{report.spacing.p95_m:.1f}",
            over=report.spacing.over,
            limit=f"{report.policy.coverage['spacing_m'].value:g}",
        )
    if data["roads"]["length_m"]:
        screen.text()
        screen.line(
            "cli_coverage.required",
            required=report.required,
            by_side=report.required_by_side,
            spacing=f"{report.policy.coverage['spacing_m'].value:g}",
            wide=report.wide_roads,
            unknown=report.unknown_widths,
        )
        _show_gaps(screen, data["roads"]["gaps"], crs_name(data["crs"]))
    if report.sites is not None:
        screen.text()
        screen.line("cli_coverage.proposed", count=len(report.sites), at_least=report.at_least)
        _show_sites(screen, data["proposed"]["sites"], crs_name(data["crs"]))
    if "file" in data:
        screen.line("cli_coverage.written", file=Path(data["file"]))


def _show_side(screen: Screen, side: dict[str, Any]) -> None:
    screen.line(f"cli_coverage.count_{side['count']}", count=side["sources"])
    roads, buildings = side["roads"], side["buildings"]
    if roads["length_m"]:
        screen.line(
            "cli_coverage.roads_covered",
            percent=percent_text(screen, roads["percent"]),
            covered=f"{roads['covered_m'] / 1000:.1f}",
            length=f"{roads['length_m'] / 1000:.1f}",
            gaps=len(roads["gaps"]),
        )
    if buildings["count"]:
        screen.line(
            "cli_coverage.buildings_covered",
            percent=percent_text(screen, buildings["percent"]),
            covered=buildings["covered"],
            count=buildings["count"],
        )


def _show_gaps(screen: Screen, gaps: list[dict[str, Any]], crs: str) -> None:
    if not gaps:
        screen.line("cli_coverage.no_gaps")
        return
    screen.line("cli_coverage.longest", count=min(_LONGEST_SHOWN, len(gaps)), all=len(gaps))
    screen.table(
        [screen.t(f"cli_coverage.column_{name}", crs=crs) for name in ("length", "middle")],
        [
            (f"{gap['length_m']:.0f} m", "{:.6f} {:.6f}".format(*gap["middle"]))
            for gap in gaps[:_LONGEST_SHOWN]
        ],
        numeric=(0,),
    )


def _show_sites(screen: Screen, sites: list[dict[str, Any]], crs: str) -> None:
    if sites:
        screen.table(
            [screen.t(f"cli_coverage.column_{name}", crs=crs) for name in ("closes", "place")],
            [
                (f"{site['closes_m']:.0f} m", f"{site['lon']:.6f} {site['lat']:.6f}")
                for site in sites[:_LONGEST_SHOWN]
            ],
            numeric=(0,),
        )
