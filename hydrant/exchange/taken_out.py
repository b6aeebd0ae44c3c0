"""What XML of maps names and does not hold: deleted objects of OpenStreetMap, links of KML."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from xml.parsers import expat

#: How editors mark what they delete, and the server what was deleted.
#: Source: OpenStreetMap wiki, pages JOSM file format and API v0.6 (`visible`).
_MARK = re.compile(rb"""action\s*=\s*["']delete["']|visible\s*=\s*["']false["']""")
_CHUNK, _OVERLAP = 1 << 20, 64
_OBJECTS = ("node", "way", "relation")
#: An element of KML that only says where more stands.
_LINK = "NetworkLink"


def deleted_objects(path: Path) -> frozenset[str]:
    """Keys of the objects that an OSM file says are deleted; the library reads them like others."""
    if path.suffix.lower() != ".osm" or not _marked(path):
        return frozenset()
    found: set[str] = set()

    def begins(name: str, attributes: dict[str, str]) -> None:
        gone = attributes.get("action") == "delete" or attributes.get("visible") == "false"
        if gone and name in _OBJECTS:
            found.add(f"{name}/{attributes.get('id', '')}")

    parser = expat.ParserCreate()
    parser.StartElementHandler = begins
    with path.open("rb") as file, suppress(expat.ExpatError):  # the library says what is wrong
        parser.ParseFile(file)
    return frozenset(found)


def _marked(path: Path) -> bool:
    """Whether any object may be deleted, found without taking the file apart."""
    with path.open("rb") as file:
        before = b""
        while chunk := file.read(_CHUNK):
            if _MARK.search(before + chunk):
                return True
            before = chunk[-_OVERLAP:]
    return False


def links(path: Path) -> tuple[str, ...]:
    """What a KML file only links to, as the heading under which it is told as unread."""
    return (_LINK,) if f"<{_LINK}".encode() in path.read_bytes() else ()
