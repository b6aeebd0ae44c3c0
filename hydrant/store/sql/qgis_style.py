"""How QGIS and QField show and edit the registry's tables: QML, made from the vocabulary.

Symbols tell the family by shape and colour and say nothing of condition: that depends on a
date and a policy, which a layer style does not know. Technical columns are hidden, words of
the vocabulary are chosen by their names, and times are shown with their zone.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from functools import cache
from xml.etree import ElementTree as ET

from sqlmodel import SQLModel

from hydrant.messages import label, text
from hydrant.resources import resource
from hydrant.store.ground.raw_columns import columns
from hydrant.vocabulary import (
    FAMILIES,
    KINDS,
    Language,
    LifecycleEvent,
    MainsType,
    Outcome,
    PressureReference,
    PublicService,
    Quantity,
    RequirementOrigin,
    Service,
    Severity,
    Structure,
    ValveSide,
)

#: Tables that people see, the map layer first.
SHOWN = ("asset", "inspection", "defect", "lifecycle", "sensor", "requirement")
#: Marker and colour of a family; shapes differ, so that nobody depends on colours.
SYMBOLS = {
    "hydrant": ("circle", "31,90,166"),
    "crane": ("triangle", "124,63,160"),
    "intake": ("diamond", "10,127,140"),
    "well": ("pentagon", "138,90,43"),
    "tank": ("square", "74,85,104"),
}
#: Marker size in mm: a county stays readable as dots, a street shows shapes.
_SIZE = (
    "CASE WHEN @map_scale > 250000 THEN 1.4 WHEN @map_scale > 50000 THEN 2.0 "
    "WHEN @map_scale > 10000 THEN 2.8 ELSE 4.0 END"
)
#: Codes are written from this scale on.
_LABELS_FROM = "25000"
_HIDDEN = {
    "fid", "uid", "recorded_at", "recorded_by", "source", "external_key", "orig_x", "orig_y",
    "orig_crs", "accuracy_m", "valid_from", "effective_at", "checks", "photos", "observer_lon",
    "observer_lat", "form_version", "parameters", "profile_version",
}  # fmt: skip
#: Words of a column: the group of their names and the words.
_WORDS: Mapping[tuple[str, str], tuple[str, tuple[str, ...]]] = {
    ("asset", "kind"): ("kind", KINDS),
    ("asset", "structure"): ("structure", tuple(Structure)),
    ("asset", "service"): ("service", tuple(Service)),
    ("asset", "mains_type"): ("mains_type", tuple(MainsType)),
    ("inspection", "outcome"): ("outcome", tuple(Outcome)),
    ("defect", "severity"): ("severity", tuple(Severity)),
    ("defect", "state"): ("state", ("confirmed", "proposed", "rejected")),
    ("lifecycle", "event"): ("event", tuple(LifecycleEvent)),
    ("requirement", "kind"): ("kind", KINDS),
    ("requirement", "service"): ("service", tuple(PublicService)),
    ("requirement", "origin"): ("origin", tuple(RequirementOrigin)),
    ("sensor", "quantity"): ("quantity", tuple(Quantity)),
    ("sensor", "reference"): ("reference", tuple(PressureReference)),
    ("sensor", "side"): ("side", tuple(ValveSide)),
}
_DEFECT_CODES = ("defect", "code")


@cache
def qml(table: str, lang: Language, *, text_times: bool = False) -> str:
    """Style of a table in one language, as QGIS keeps it.

    Parameters
    ----------
    text_times
        Whether moments are stored as text, as on a server.
    """
    root = ET.Element("qgis", {"version": "3.22.0", "styleCategories": "AllStyleCategories",
                               "labelsEnabled": str(int(table == "asset"))})  # fmt: skip
    # a list: given a generator, `extend` hides what went wrong in it
    root.extend([*style_parts(table, lang, text_times=text_times)])
    ET.indent(root, " ")
    head = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
    return head + ET.tostring(root, encoding="unicode")


def style_parts(table: str, lang: Language, *, text_times: bool = False) -> Iterator[ET.Element]:
    """What stands in a style, and in a layer of a project."""
    if table == "asset":
        yield _renderer(lang)
        yield _labeling()
    names = ["fid", *columns(table)]
    fields, aliases = ET.Element("fieldConfiguration"), ET.Element("aliases")
    for index, name in enumerate(names):
        if name == "geom":
            continue
        field = ET.SubElement(fields, "field", {"name": name, "configurationFlags": "None"})
        field.append(_widget(table, name, lang, text_times))
        shown = field_name(name, lang)
        ET.SubElement(aliases, "alias", {"field": name, "index": str(index), "name": shown})
    yield fields
    yield aliases
    yield _text("editorlayout", "generatedlayout")
    yield _text("previewExpression", _PREVIEW.get(table, ""))
    yield _text("layerGeometryType", "0" if table == "asset" else "4")


#: A cross before what was withdrawn: it is kept, and counts no more.
_WITHDRAWN = "if(\"withdrawn_at\" IS NULL, '', '✗ ') || "
_PREVIEW = {
    "asset": 'coalesce("code", "address", "uid")',
    "inspection": f"{_WITHDRAWN}coalesce(\"at\", '') || ' ' || \"outcome\"",
    "defect": f'{_WITHDRAWN}"code"',
    "lifecycle": f'{_WITHDRAWN}"event"',
}


def field_name(name: str, lang: Language) -> str:
    """Heading of a column; its own name where it is hidden."""
    return name if name in _HIDDEN else text(f"fields.{name}", lang)


def table_name(table: str, lang: Language) -> str:
    """Name of a layer for people."""
    return text(f"qgis.table_{table}", lang)


def _text(tag: str, content: str) -> ET.Element:
    element = ET.Element(tag)
    element.text = content
    return element


def _widget(table: str, name: str, lang: Language, text_times: bool) -> ET.Element:
    kind, config = _editor(table, name, lang)
    if text_times and kind == "DateTime":
        config = _map(_DATETIME | _AS_TEXT, booleans=(*_TIME_FLAGS, "field_format_overwrite"))
    widget = ET.Element("editWidget", {"type": kind})
    ET.SubElement(widget, "config").append(config)
    return widget


def _editor(table: str, name: str, lang: Language) -> tuple[str, ET.Element]:
    """Editor of a column and its settings."""
    if name in _HIDDEN:
        return "Hidden", _map({})
    if (table, name) in _WORDS or (table, name) == _DEFECT_CODES:
        return "ValueMap", _value_map(_names_of(table, name, lang), optional=_optional(table, name))
    if name == "asset_uid":
        relation = {"Relation": f"{table}_asset", "AllowNULL": "false", "ShowForm": "false"}
        return "RelationReference", _map(relation)
    kind = str(SQLModel.metadata.tables[table].columns[name].type)
    if kind == "DATETIME":
        return "DateTime", _map(_DATETIME, booleans=_TIME_FLAGS)
    if kind == "BOOLEAN":
        words = [(text("qgis.yes", lang), "true"), (text("qgis.no", lang), "false")]
        return "ValueMap", _value_map(words, optional=_optional(table, name))
    multiline = "true" if name == "note" else "false"
    return "TextEdit", _map({"IsMultiline": multiline}, booleans=("IsMultiline",))


_DATETIME = {
    "allow_null": "true",
    "calendar_popup": "true",
    "display_format": "yyyy-MM-dd HH:mm",
    "field_format": "yyyy-MM-dd HH:mm:ss",
    "field_format_overwrite": "false",
    "field_iso_format": "false",
}
_TIME_FLAGS = ("allow_null", "calendar_popup")
#: A moment as the store writes it, read and written as it stands.
_AS_TEXT = {
    "field_format": "yyyy-MM-dd'T'HH:mm:ss.zzz'Z'",
    "field_format_overwrite": "true",
}


def _names_of(table: str, name: str, lang: Language) -> list[tuple[str, str]]:
    """Names and words of a column's vocabulary."""
    if (table, name) == _DEFECT_CODES:
        path = resource("data", "codes", "survey.json")
        codes = json.loads(path.read_text(encoding="utf-8"))["defects"]
        return [(entry[lang], entry["code"]) for entry in codes]
    group, words = _WORDS[table, name]
    ours = {"state", "reference", "side"}
    return [
        (text(f"qgis.{group}_{word}", lang) if group in ours else label(group, word, lang), word)
        for word in words
    ]


def _optional(table: str, name: str) -> bool:
    return bool(SQLModel.metadata.tables[table].columns[name].nullable)


#: What QGIS writes where nothing is chosen.
_NULL = "{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}"


def _value_map(names: list[tuple[str, str]], *, optional: bool) -> ET.Element:
    config = ET.Element("Option", {"type": "Map"})
    entries = ET.SubElement(config, "Option", {"name": "map", "type": "List"})
    for shown, value in [*([("–", _NULL)] if optional else []), *names]:
        entry = ET.SubElement(entries, "Option", {"type": "Map"})
        ET.SubElement(entry, "Option", {"name": shown, "value": value, "type": "QString"})
    return config


def _map(values: Mapping[str, str], booleans: tuple[str, ...] = ()) -> ET.Element:
    config = ET.Element("Option", {"type": "Map"})
    for name, value in values.items():
        kind = "bool" if name in booleans else "QString"
        ET.SubElement(config, "Option", {"name": name, "value": value, "type": kind})
    return config


def _renderer(lang: Language) -> ET.Element:
    renderer = ET.Element(
        "renderer-v2",
        {"type": "categorizedSymbol", "attr": _FAMILY, "symbollevels": "0", "forceraster": "0"},
    )
    categories = ET.SubElement(renderer, "categories")
    symbols = ET.SubElement(renderer, "symbols")
    for index, family in enumerate(FAMILIES):
        name = label("kind", family, lang)
        ET.SubElement(
            categories,
            "category",
            {"value": family, "symbol": str(index), "label": name, "render": "true"},
        )
        symbols.append(_symbol(str(index), *SYMBOLS[family]))
    return renderer


_FAMILY = "regexp_replace(\"kind\", '[.].*$', '')"


def _symbol(name: str, shape: str, colour: str) -> ET.Element:
    symbol = ET.Element("symbol", {"name": name, "type": "marker", "alpha": "1",
                                   "clip_to_extent": "1", "force_rhr": "0"})  # fmt: skip
    layer = ET.SubElement(symbol, "layer", {"class": "SimpleMarker", "enabled": "1", "pass": "0",
                                            "locked": "0"})  # fmt: skip
    look = {
        "name": shape, "color": f"{colour},255", "outline_color": "255,255,255,255",
        "outline_style": "solid", "outline_width": "0.3", "outline_width_unit": "MM",
        "size": "2.8", "size_unit": "MM", "scale_method": "diameter", "angle": "0",
    }  # fmt: skip
    layer.append(_map(look))
    for key, value in look.items():
        ET.SubElement(layer, "prop", {"k": key, "v": value})
    defined = ET.SubElement(layer, "data_defined_properties")
    held = ET.SubElement(defined, "Option", {"type": "Map"})
    ET.SubElement(held, "Option", {"name": "name", "value": "", "type": "QString"})
    properties = ET.SubElement(held, "Option", {"name": "properties", "type": "Map"})
    size = ET.SubElement(properties, "Option", {"name": "size", "type": "Map"})
    for key, value, kind in (("active", "true", "bool"), ("expression", _SIZE, "QString"),
                             ("type", "3", "int")):  # fmt: skip
        ET.SubElement(size, "Option", {"name": key, "value": value, "type": kind})
    ET.SubElement(held, "Option", {"name": "type", "value": "collection", "type": "QString"})
    return symbol


def _labeling() -> ET.Element:
    labeling = ET.Element("labeling", {"type": "simple"})
    settings = ET.SubElement(labeling, "settings", {"calloutType": "simple"})
    style = ET.SubElement(
        settings, "text-style",
        {"fieldName": "code", "isExpression": "0", "fontSize": "9", "fontWeight": "50",
         "fontSizeUnit": "Point",
         "fontFamily": "Sans Serif", "textColor": "32,32,32,255", "textOpacity": "1"},
    )  # fmt: skip
    ET.SubElement(
        style, "text-buffer",
        {"bufferDraw": "1", "bufferSize": "0.8", "bufferSizeUnits": "MM", "bufferOpacity": "1",
         "bufferColor": "255,255,255,255", "bufferJoinStyle": "128"},
    )  # fmt: skip
    ET.SubElement(
        settings, "placement",
        {"placement": "6", "dist": "0.5", "distUnits": "MM", "offsetType": "1",
         "predefinedPositionOrder": "TR,TL,BR,BL,R,L,TSR,BSR", "priority": "5"},
    )  # fmt: skip
    ET.SubElement(
        settings, "rendering",
        {"drawLabels": "1", "scaleVisibility": "1", "scaleMin": "0", "scaleMax": _LABELS_FROM,
         "displayAll": "0", "obstacle": "1", "obstacleFactor": "1", "fontMinPixelSize": "3",
         "fontMaxPixelSize": "10000"},
    )  # fmt: skip
    return labeling


STYLE_NAMES = {Language.ZH: "中文", Language.EN: "English"}
_INSERT = (
    "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, "
    "styleName, styleQML, styleSLD, useAsDefault, description, owner) "
    "VALUES ('', '', ?, ?, ?, ?, '', ?, ?, 'hydrant')"
)


def put_styles(connection: sqlite3.Connection, lang: Language) -> None:
    """Write the styles of all shown tables in both languages; `lang` opens by default.

    Styles that people keep beside ours stay; theirs are no longer the default.
    """
    connection.execute("DELETE FROM layer_styles WHERE owner = 'hydrant'")
    connection.execute("UPDATE layer_styles SET useAsDefault = 0")
    connection.executemany(
        _INSERT,
        [
            (table, "geom" if table == "asset" else "", STYLE_NAMES[one], qml(table, one),
             int(one == lang), table_name(table, one))
            for table in SHOWN
            for one in Language
        ],
    )  # fmt: skip
