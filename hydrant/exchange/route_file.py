"""Rounds as GPX 1.1: a waypoint for every stop, a route for every crew, its track along streets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from hydrant.messages import label
from hydrant.survey.form import defect_names
from hydrant.survey.planning import CrewRound, Place, Visit
from hydrant.vocabulary import Language


def write_route(
    path: Path, rounds: Sequence[CrewRound], names: Sequence[str], lang: Language
) -> None:
    """Write the file.

    Parameters
    ----------
    names
        Name of each round.
    lang
        Language of what a stop says of itself.

    Raises
    ------
    OSError
        It cannot be written.
    """
    root = Element(
        "gpx", xmlns="http://www.topografix.com/GPX/1/1", version="1.1", creator="hydrant"
    )
    # the schema wants all waypoints first, then routes, then tracks
    for each, name in zip(rounds, names, strict=True):
        for number, visit in enumerate(each.visits, 1):
            _stop(root, "wpt", number, visit, name, lang)
    for each, name in zip(rounds, names, strict=True):
        route = SubElement(root, "rte")
        SubElement(route, "name").text = _clean(name)
        for number, visit in enumerate(each.visits, 1):
            _stop(route, "rtept", number, visit, name, lang)
    for each, name in zip(rounds, names, strict=True):
        if each.path:
            track = SubElement(root, "trk")
            SubElement(track, "name").text = _clean(name)
            segment = SubElement(track, "trkseg")
            for place in each.path:
                _point(segment, "trkpt", place)
    indent(root, " ")
    ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _point(parent: Element, tag: str, place: Place) -> Element:
    return SubElement(parent, tag, lat=f"{place[1]:.7f}", lon=f"{place[0]:.7f}")


def _stop(parent: Element, tag: str, number: int, visit: Visit, name: str, lang: Language) -> None:
    asset = visit.asset
    if asset.position is None:
        return
    point = _point(parent, tag, asset.position)
    SubElement(point, "name").text = _clean(f"{number} {asset.code or asset.uid}")
    SubElement(point, "cmt").text = _clean(name)
    kind = label("kind", asset.kind, lang)
    faults = defect_names(asset.defects, lang)
    SubElement(point, "desc").text = _clean(
        " · ".join(filter(None, (kind, asset.address, *faults)))
    )
    SubElement(point, "type").text = kind


def _clean(value: str) -> str:
    """Text without what XML 1.0 cannot hold."""
    return (
        "".join(c for c in value if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff"))
        .encode("utf-8", "replace")
        .decode("utf-8")
    )
