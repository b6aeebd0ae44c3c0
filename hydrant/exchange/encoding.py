"""Decides how a text file is encoded, without guessing when it matters."""

from __future__ import annotations

from pathlib import Path

from hydrant import bounded
from hydrant.errors import InputRefused

#: East Asian encodings offered when a file is not UTF-8; GB18030 covers GBK and GB2312,
#: CP949 covers EUC-KR.
CANDIDATES = ("gb18030", "big5", "cp949", "cp932")
_ALIASES = {"gbk": "gb18030", "gb2312": "gb18030", "euc-kr": "cp949", "euc_kr": "cp949"}
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
#: First bytes of files that are no text, whatever their name says.
_BINARY = {
    b"PK\x03\x04": "ZIP/XLSX",
    b"%PDF": "PDF",
    b"SQLite format 3\x00": "SQLite",
    b"\xd0\xcf\x11\xe0": "XLS",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
}


def read_bytes(path: Path) -> bytes:
    """Content of an input file; raises `InputRefused` when missing, unreadable or empty."""
    try:
        content = bounded.content(path)
    except FileNotFoundError:
        raise InputRefused("exchange.missing", file=path) from None
    except OSError as error:
        raise InputRefused("exchange.unreadable", file=path, why=error.strerror) from None
    if not content.strip():
        raise InputRefused("exchange.empty", file=path)
    return content


def decode(path: Path, content: bytes, stated: str | None) -> str:
    """Text of a file in its stated encoding, else by BOM, else as UTF-8.

    Raises
    ------
    InputRefused
        The file is binary, the stated encoding is unknown or does not fit, or none was
        stated and it is not UTF-8; then the encodings that would fit are shown with how
        the first line reads in each.
    """
    for magic, name in _BINARY.items():
        if content.startswith(magic):
            raise InputRefused("exchange.binary", file=path, form=name)
    bom = next((name for mark, name in _BOMS if content.startswith(mark)), None)
    if bom != "utf-16" and b"\x00" in content:
        raise InputRefused("exchange.binary", file=path, form="NUL")
    if bom is not None:
        return _strict(path, content, bom)
    if stated is not None:
        return _strict(path, content, _ALIASES.get(stated.lower(), stated))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputRefused(
            "exchange.encoding", file=path, byte=error.start, candidates=_readings(content)
        ) from None


def _strict(path: Path, content: bytes, encoding: str) -> str:
    try:
        found = content.decode(encoding)
        found.encode("utf-8")  # some codecs let halves of characters through
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputRefused(
            "exchange.wrong_encoding", file=path, encoding=encoding, line=line
        ) from None
    except (LookupError, ValueError):  # a codec that is none for text, or no name at all
        raise InputRefused("exchange.unknown_encoding", file=path, encoding=encoding) from None
    return found


def _readings(content: bytes) -> str:
    found = []
    for name in CANDIDATES:
        try:
            text = content.decode(name)
        except UnicodeDecodeError:
            continue
        found.append(f"{name}: {text.splitlines()[0][:30]}")
    return " | ".join(found) or "–"
