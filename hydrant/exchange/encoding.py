"""Decides how a text file is encoded, without guessing when it matters."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from hydrant import bounded
from hydrant.errors import InputRefused

#: Encodings offered when a file is not UTF-8; GB18030 covers GBK and GB2312, CP949 covers EUC-KR,
#: CP1252 ISO 8859-1.
CANDIDATES = ("gb18030", "big5", "cp949", "cp932", "cp1252", "cp1250", "cp1251")
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
#: Signs of a sample line, and of the longest line that one is cut from.
_SAMPLE, _LONGEST_LINE = 30, 10_000
#: Kinds of characters that no register holds: controls, private and unassigned ones.
_NO_TEXT = ("Cn", "Co", "Cs")


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
    wide = (stated or "").lower().replace("_", "-").startswith(("utf-16", "utf-32"))
    if bom != "utf-16" and not wide and b"\x00" in content:
        raise InputRefused("exchange.binary", file=path, form="NUL")
    if bom is not None:
        return _strict(path, content, bom)
    if stated is not None:
        return _strict(path, content, _ALIASES.get(stated.lower(), stated))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputRefused(
            "exchange.encoding",
            file=path,
            byte=error.start,
            candidates=readings(content, error.start),
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


def readings(content: bytes, byte: int) -> str:
    """How the line of a byte reads in each encoding that fits all bytes, for a person to choose.

    Parameters
    ----------
    byte
        Place of the first byte that is no UTF-8.
    """
    begin = max(content.rfind(end, 0, byte) for end in (b"\n", b"\r")) + 1
    lines = content[:begin].count(b"\n")
    found = []
    for name in CANDIDATES:
        try:
            text = content.decode(name)
        except UnicodeDecodeError:
            continue
        line = _line(text, lines) if b"\n" in content else text[:_LONGEST_LINE]
        if not any(unicodedata.category(sign) in _NO_TEXT for sign in line):
            found.append(f"{name}: {_around_first_sign(line)}")
    return " | ".join(found) or "–"


def _line(text: str, number: int) -> str:
    begin = 0
    for _ in range(number):
        begin = text.index("\n", begin) + 1
    return text[begin : begin + _LONGEST_LINE].split("\n", 1)[0].rstrip("\r")


def _around_first_sign(line: str) -> str:
    """The part of a line that differs between encodings."""
    first = next((place for place, sign in enumerate(line) if not sign.isascii()), 0)
    begin = max(first - _SAMPLE // 2, 0)
    return line[begin : begin + _SAMPLE].replace("\t", " ")
