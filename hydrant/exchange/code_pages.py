"""The encoding that a Shapefile states for its attribute table, in its .cpg or its language byte.

GDAL falls back to Latin-1 without a word where it does not understand either, so they are read
here. Source of the bytes: the dBASE language driver ids as ArcGIS and GDAL's LDID table have them.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from hydrant import bounded

LANGUAGE_BYTE = 29
#: Code page by language byte. 0x57 ("ANSI") is whatever it was on the machine, so it says nothing.
_PAGES = {
    **dict.fromkeys((0x01, 0x09, 0x0B, 0x0D, 0x0F, 0x11, 0x15, 0x18, 0x19, 0x1B), "cp437"),
    **dict.fromkeys((0x02, 0x0A, 0x0E, 0x10, 0x12, 0x14, 0x16, 0x1A, 0x1D, 0x25, 0x37), "cp850"),
    **dict.fromkeys((0x03, 0x58, 0x59), "cp1252"),
    **dict.fromkeys((0x08, 0x17, 0x66), "cp865"),
    **dict.fromkeys((0x13, 0x7B), "cp932"),
    **dict.fromkeys((0x1F, 0x22, 0x23, 0x40, 0x64, 0x87), "cp852"),
    **dict.fromkeys((0x24, 0x6C), "cp863"),
    **dict.fromkeys((0x26, 0x65), "cp866"),
    **dict.fromkeys((0x4D, 0x7A), "gb18030"),
    **dict.fromkeys((0x4E, 0x79), "cp949"),
    **dict.fromkeys((0x4F, 0x78), "big5"),
    **dict.fromkeys((0x50, 0x7C), "cp874"),
    0x6A: "cp737",
    0x6B: "cp857",
    0x7D: "cp1255",
    0x7E: "cp1256",
    0x86: "cp737",
    0x88: "cp857",
    0xC8: "cp1250",
    0xC9: "cp1251",
    0xCA: "cp1254",
    0xCB: "cp1253",
    0xCC: "cp1257",
}
#: What others write into a .cpg for encodings that Python calls otherwise.
_WORDS = {"936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "54936": "gb18030",
          "65001": "utf-8", "932": "cp932", "949": "cp949", "950": "big5",
          "88591": "iso8859-1"}  # fmt: skip
_NUMBER = re.compile(r"(?:ansi|oem|cp|windows|ldid)?[\s_/-]*(\d{2,5})")
_MOST = 100


def stated_encoding(table: Path, cpg: Path | None) -> str | None:
    """Encoding that a table states for itself; None where what it says means nothing.

    Parameters
    ----------
    table, cpg
        Its .dbf and, where there is one, its .cpg.
    """
    if cpg is not None:
        found = _of_word(bounded.content(cpg)[:_MOST].decode("ascii", "replace"))
        if found is not None:
            return found
    with table.open("rb") as file:
        head = file.read(LANGUAGE_BYTE + 1)
    return _PAGES.get(head[LANGUAGE_BYTE]) if len(head) > LANGUAGE_BYTE else None


def _of_word(word: str) -> str | None:
    """Encoding that the text of a .cpg means; None for "ANSI", "System" and the like."""
    plain = word.strip().strip("\ufeff\x00").lower()
    number = _NUMBER.fullmatch(plain)
    if plain.startswith("ldid") and number is not None:
        return _PAGES.get(int(number[1]))
    digits = number[1] if number is not None else plain
    for name in (_WORDS.get(digits), f"cp{digits}", plain, plain.replace(" ", "")):
        if name and _is_codec(name):
            return name
    return None


def _is_codec(name: str) -> bool:
    try:
        return codecs.lookup(name).name != "" and "".encode(name) is not None
    except (LookupError, ValueError):
        return False
