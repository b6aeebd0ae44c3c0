"""XML of a GIS file in the encoding that it states, of which the libraries know only a few.

GDAL refuses GBK as unreadable, ends a damaged GML as one without rows, and of two data of one name
in a placemark keeps the last.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.parsers import expat

from hydrant.errors import InputRefused
from hydrant.exchange.encoding import decode, read_bytes

ENDINGS = (".kml", ".gml", ".gpx")
_DECLARED = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z][\w.:-]*)[\"']"
)
_HEAD = re.compile(r"^\s*<\?xml[^>]*\?>")
_PLAIN = ("utf-8", "utf8", "us-ascii", "ascii")


@contextmanager
def in_utf8(path: Path, encoding: str | None) -> Iterator[Path]:
    """The file itself where it is UTF-8, any other that is no XML, else a copy that is.

    Parameters
    ----------
    encoding
        Stated by somebody; it outranks what the file states.

    Raises
    ------
    InputRefused
        It is not in the encoding that it states, or a placemark has two data of one name.
    """
    if path.suffix.lower() not in ENDINGS or not path.is_file():
        yield path
        return
    content = read_bytes(path)
    declared = _DECLARED.match(content[:1000])
    word = encoding or (None if declared is None else declared[1].decode())
    if word is not None and word.lower() in _PLAIN:
        word = None
    text = decode(path, content, word)
    if path.suffix.lower() == ".kml":
        _refuse_twice(path, text)
    if word is None and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        body = _HEAD.sub("", text.lstrip("\ufeff")).lstrip()
        copy.write_text(f'<?xml version="1.0" encoding="UTF-8"?>{body}', encoding="utf-8")
        beside = path.with_suffix(".xsd")
        if beside.is_file():  # what types the elements of a GML file are of
            shutil.copyfile(beside, copy.with_suffix(".xsd"))
        yield copy


def _refuse_twice(path: Path, text: str) -> None:
    """Refuse a placemark that gives two values for one name."""
    seen: set[str] = set()
    parser = expat.ParserCreate("utf-8")

    def begins(name: str, attributes: dict[str, str]) -> None:
        word = name.rpartition(":")[2]
        if word in ("Placemark", "SchemaData"):
            seen.clear()
        elif word in ("Data", "SimpleData") and "name" in attributes:
            told = attributes["name"]
            if told in seen:
                line = parser.CurrentLineNumber
                raise InputRefused("exchange.member_twice", file=path, line=line, name=told)
            seen.add(told)

    parser.StartElementHandler = begins
    try:
        parser.Parse(text.encode("utf-8"), True)
    except expat.ExpatError:
        return  # the library says what is wrong, and where
