"""Folders of a KML file: what one is called says something of every placemark in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat
from zipfile import ZipFile

#: Between the names of a folder and of those around it: each is a statement of its own.
_BETWEEN = "; "
#: How the library tells layers of one name apart.
_AGAIN = re.compile(r" \(#[0-9]+\)$")
_FOLDER, _DOCUMENT, _PLACEMARK = "Folder", "Document", "Placemark"


@dataclass(slots=True)
class _Container:
    """A folder or document, the names of the folders around it and its own, and what it holds."""

    word: str
    around: tuple[str, ...]
    name: str = ""
    filled: bool = False

    @property
    def path(self) -> tuple[str, ...]:
        return (*self.around, self.name) if self.word == _FOLDER and self.name else self.around


def folders(path: Path, layers: Sequence[str | None]) -> dict[str | None, str]:
    """By layer the names of the folders that its placemarks lie in; none where there are none.

    The library makes a layer of every folder, and of a document with placemarks of its own, in
    their order.
    """
    found = _containers(_content(path))
    made = [one for one in found if one.word == _FOLDER or one.filled]
    named = [_AGAIN.sub("", layer or "") for layer in layers]
    if len(made) == len(layers) and all(
        not one.name or one.name == name for one, name in zip(made, named, strict=True)
    ):
        told = {layer: one.path for layer, one in zip(layers, made, strict=True)}
    else:
        known = {one.name for one in found if one.word == _FOLDER}
        told = {layer: (n,) for layer, n in zip(layers, named, strict=True) if n in known}
    return {layer: _BETWEEN.join(names) for layer, names in told.items() if names}


def _content(path: Path) -> bytes:
    if path.suffix.lower() == ".kml":
        return path.read_bytes()
    with ZipFile(path) as archive:
        names = [n for n in archive.namelist() if n.lower().endswith(".kml")]
        first = next((name for name in names if name.lower() == "doc.kml"), names[0])
        return archive.read(first)


def _containers(content: bytes) -> list[_Container]:
    """Folders and documents in their order."""
    made: list[_Container] = []
    open_: list[_Container] = []
    stack: list[str] = []
    texts: list[str] = []

    def begins(tag: str, _attributes: dict[str, str]) -> None:
        word = tag.rpartition(":")[2]
        if word == _PLACEMARK and open_:
            open_[-1].filled = True
        if word in (_FOLDER, _DOCUMENT):
            one = _Container(word, open_[-1].path if open_ else ())
            made.append(one)
            open_.append(one)
        stack.append(word)
        texts.clear()

    def ends(tag: str) -> None:
        word = tag.rpartition(":")[2]
        stack.pop()
        if word == "name" and open_ and stack and stack[-1] == open_[-1].word:
            open_[-1].name = " ".join("".join(texts).split())
        elif word in (_FOLDER, _DOCUMENT):
            open_.pop()

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = begins, ends
    parser.CharacterDataHandler = texts.append
    with suppress(expat.ExpatError):  # the library says what is wrong, and where
        parser.Parse(content, True)
    return made
