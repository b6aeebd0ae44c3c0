"""Names of a placemark's data as they stand there.

The library makes underscores of all letters but ASCII ones, so that 编号 and 名称 are one column,
and takes data that are called name, description or id for the placemark's own.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from zipfile import ZipFile

_ENDINGS = (".kml", ".kmz")
#: A name of data; what is no markup, or commented out, is passed over.
_NAME = re.compile(
    r"<!\[CDATA\[.*?\]\]>|<!--.*?-->"
    r"|(?P<head><(?:\w+:)?Data\b[^<>]*?\bname\s*=\s*)(?:\"(?P<a>[^\"]*)\"|'(?P<b>[^']*)')",
    re.DOTALL,
)
_PLACED = "hydrant_data_{}"


@contextmanager
def with_plain_names(path: Path, own: Collection[str]) -> Iterator[tuple[Path, Mapping[str, str]]]:
    """The file, or a copy whose data have names that the library keeps, and what those stand for.

    Parameters
    ----------
    own
        Columns that the library makes of a placemark itself, in small letters.
    """
    suffix = path.suffix.lower()
    texts = _texts(path) if suffix in _ENDINGS else {}
    found = {n: None for text in texts.values() for n in map(_name, _NAME.finditer(text)) if n}
    odd = _odd(found, own)
    if not odd:
        yield path, {}
        return
    placed = {name: _PLACED.format(number) for number, name in enumerate(odd)}
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        made = {member: _renamed(text, placed) for member, text in texts.items()}
        if suffix == ".kml":
            copy.write_text(made[path.name], encoding="utf-8", newline="")
        else:
            _packed(path, copy, made)
        yield copy, {short: name for name, short in placed.items()}


def _texts(path: Path) -> dict[str, str]:
    """The KML of a file by its members; of one that is no UTF-8 the library says what is wrong."""
    if path.suffix.lower() == ".kml":
        found = {path.name: path.read_bytes()}
    else:
        with ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.lower().endswith(".kml")]
            found = {name: archive.read(name) for name in names}
    try:
        return {name: content.decode("utf-8") for name, content in found.items()}
    except UnicodeDecodeError:
        return {}


def _name(match: re.Match[str]) -> str:
    return unescape(match["a"] if match["a"] is not None else match["b"] or "")


def _odd(names: Collection[str], own: Collection[str]) -> list[str]:
    """Names that the library changes into others, or that are not told from its own."""
    made: dict[str, list[str]] = {}
    for name in names:
        made.setdefault(re.sub(r"\W", "_", name, flags=re.ASCII).lower(), []).append(name)
    return [
        name
        for plain, same in made.items()
        for name in same
        if len(same) > 1 or plain in own or not name.isascii()
    ]


def _renamed(text: str, placed: Mapping[str, str]) -> str:
    def named(match: re.Match[str]) -> str:
        short = placed.get(_name(match)) if match["head"] else None
        return match[0] if short is None else f'{match["head"]}"{short}"'

    return _NAME.sub(named, text)


def _packed(path: Path, copy: Path, made: Mapping[str, str]) -> None:
    with ZipFile(path) as archive, ZipFile(copy, "w") as out:
        for name in archive.namelist():
            out.writestr(name, made[name] if name in made else archive.read(name))
