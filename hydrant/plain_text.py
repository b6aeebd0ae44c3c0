"""What people type, with ordinary digits, spaces and signs."""

from __future__ import annotations

#: Wide forms of ASCII, the spaces that group digits, and signs that look like a minus.
_PLAIN = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {
    **dict.fromkeys((0xA0, 0x2007, 0x2009, 0x202F, 0x3000), " "),
    **dict.fromkeys((0x2212, 0x2012, 0x2013), "-"),
    0x2019: "'",
}


def plain(text: str) -> str:
    """A cell with ordinary digits, spaces and signs."""
    return (text if text.isascii() else text.translate(_PLAIN)).strip()
