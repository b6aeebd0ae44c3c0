"""A QGIS project beside a registry: all layers with their styles, relations and extent.

It refers to the GeoPackage by name only, so that the two files can be carried anywhere
together; QGIS and QField open it with a double click. That of a server names its database and
nobody's login.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from hydrant import durable, private
from hydrant.geo import datum
from hydrant.ids import new_uid
from hydrant.messages import text
from hydrant.model.geopoint import REGISTRY_SRS
from hydrant.store.ground.place import Place
from hydrant.store.opened.registry import open_registry
from hydrant.store.sql.qgis_style import SHOWN, style_parts, table_name
from hydrant.vocabulary import Language

#: What is shown where there is no asset yet: eastern Zhejiang.
_NOWHERE = (119.5, 29.5, 121.5, 30.8)
_MARGIN = 0.08
_LEAST_DEG = 0.01
#: Before a table's name in a layer's key: QGIS ignores keys of ten characters or less.
_LAYER = "hydrant_layer_"
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a project's layers come from.

    Attributes
    ----------
    provider
        QGIS's word for it: ``ogr`` or ``postgres``.
    source
        Names a table's layer.
    """

    provider: str
    source: Callable[[str], str]


def project_path(registry: Place) -> Path:
    """Where the project of a registry or bundle lies."""
    return registry.with_suffix(".qgz")


def write_project(registry: Place, lang: Language) -> Path:
    """Write the project of a registry or bundle beside it; its path.

    Raises
    ------
    StoreError
        The registry cannot be read.
    OSError
        The project cannot be written.
    """
    with open_registry(registry) as opened:
        origin = Origin(opened.backend.provider, opened.backend.layer)
        drawn = project_xml(origin, opened.backend.extent() or _NOWHERE, lang)
    target = project_path(registry)
    aside = target.with_name(f".{target.name}.{new_uid()}.part")
    try:
        private.new_file(aside)
        with zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{target.stem}.qgs", drawn)
        durable.put(aside, target)
    finally:
        private.discard(aside)
    return target


def map_epsg(box: Box) -> int:
    """Projected system for a map: the 3° zone of CGCS2000 (EPSG 4534-4554), else Mercator."""
    lon, lat = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    if box[2] - box[0] > 6 or not datum.in_china(lon, lat):
        return 3857
    return 4534 + round(lon / 3) - 25


def project_xml(origin: Origin, box: Box, lang: Language) -> str:
    """The project of a registry that shows `box` (degrees)."""
    epsg = map_epsg(box)
    root = ET.Element("qgis", {"version": "3.22.0", "projectname": text("qgis.title", lang)})
    _leaf(root, "title", text("qgis.title", lang))
    crs = ET.SubElement(root, "projectCrs")
    _srs(crs, epsg)
    tree = ET.SubElement(root, "layer-tree-group")
    layers = ET.Element("projectlayers")
    for table in SHOWN:
        _tree_entry(tree, origin, table, lang)
        layers.append(_layer(origin, table, lang))
    _canvas(root, box, epsg)
    root.append(layers)
    relations = ET.SubElement(root, "relations")
    for table in SHOWN:
        if table not in ("asset", "requirement"):
            relations.append(_relation(table, lang))
    properties = ET.SubElement(root, "properties")
    paths = ET.SubElement(properties, "Paths")
    _leaf(paths, "Absolute", "false", {"type": "bool"})
    system = ET.SubElement(properties, "SpatialRefSys")
    _leaf(system, "ProjectionsEnabled", "1", {"type": "int"})
    ET.indent(root, " ")
    head = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
    return head + ET.tostring(root, encoding="unicode")


def _leaf(
    parent: ET.Element, tag: str, content: str, attributes: dict[str, str] | None = None
) -> None:
    ET.SubElement(parent, tag, attributes or {}).text = content


def _srs(parent: ET.Element, epsg: int) -> None:
    system = ET.SubElement(parent, "spatialrefsys", {"nativeFormat": "Wkt"})
    _leaf(system, "wkt", datum.wkt_of(epsg))
    _leaf(system, "srid", str(epsg))
    _leaf(system, "authid", f"EPSG:{epsg}")


def _tree_entry(tree: ET.Element, origin: Origin, table: str, lang: Language) -> None:
    ET.SubElement(
        tree, "layer-tree-layer",
        {"id": f"{_LAYER}{table}", "name": table_name(table, lang), "providerKey": origin.provider,
         "source": origin.source(table), "checked": "Qt::Checked", "expanded": "0"},
    )  # fmt: skip


def _layer(origin: Origin, table: str, lang: Language) -> ET.Element:
    spatial = table == "asset"
    layer = ET.Element(
        "maplayer",
        {"type": "vector", "geometry": "Point" if spatial else "No geometry",
         "labelsEnabled": str(int(spatial)), "readOnly": "0"},
    )  # fmt: skip
    _leaf(layer, "id", f"{_LAYER}{table}")
    _leaf(layer, "datasource", origin.source(table))
    _leaf(layer, "layername", table_name(table, lang))
    if spatial:
        _srs(ET.SubElement(layer, "srs"), REGISTRY_SRS)
    _leaf(layer, "provider", origin.provider, {"encoding": "UTF-8"})
    layer.extend([*style_parts(table, lang, text_times=origin.provider == "postgres")])
    return layer


def _relation(table: str, lang: Language) -> ET.Element:
    relation = ET.Element(
        "relation",
        {"id": f"{table}_asset", "name": table_name(table, lang),
         "referencingLayer": f"{_LAYER}{table}", "referencedLayer": f"{_LAYER}asset",
         "strength": "Association"},
    )  # fmt: skip
    pair = {"referencingField": "asset_uid", "referencedField": "uid"}
    ET.SubElement(relation, "fieldRef", pair)
    return relation


def _canvas(root: ET.Element, box: Box, epsg: int) -> None:
    """What the map shows when it opens, with a margin around the assets."""
    system = datum.parse_crs(f"EPSG:{epsg}")
    dx = max((box[2] - box[0]) * _MARGIN, _LEAST_DEG)
    dy = max((box[3] - box[1]) * _MARGIN, _LEAST_DEG)
    corners = [(x, y) for x in (box[0] - dx, box[2] + dx) for y in (box[1] - dy, box[3] + dy)]
    projected = [datum.from_registry(x, y, system) for x, y in corners]
    xs, ys = [float(p[0]) for p in projected], [float(p[1]) for p in projected]
    canvas = ET.SubElement(root, "mapcanvas", {"name": "theMapCanvas"})
    _leaf(canvas, "units", "meters")
    extent = ET.SubElement(canvas, "extent")
    for tag, value in (("xmin", min(xs)), ("ymin", min(ys)), ("xmax", max(xs)), ("ymax", max(ys))):
        _leaf(extent, tag, f"{value:.3f}")
    _srs(ET.SubElement(canvas, "destinationsrs"), epsg)
