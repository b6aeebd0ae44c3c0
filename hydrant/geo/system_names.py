"""Names that people give coordinate systems, in headings and in answers."""

from __future__ import annotations

import re
import unicodedata

from hydrant.errors import InputRefused

#: Every name of a system, looked for in a text without signs and spaces between its parts.
_NAMES = {
    "wgs84": r"wgs(?:19)?84|世界大地坐标|gps",
    "cgcs2000": r"cgcs(?:2000)?|国家2000|大地2000|2000(?:国家)?(?:大地)?坐标系?|天地图|tianditu",
    "gcj02": r"gcj(?:02)?|火星|国测局|高德|amap|autonavi|gaode|腾讯|tencent|微信|wechat",
    "bd09": r"bd09(?:ll)?|百度|baidu",
    "beijing54": r"(?:北京|beijing|bj)(?:19)?54|54北京",
    "xian80": r"(?:西安|xi'?an)(?:19)?80|80西安|国家80",
}
_PATTERNS = {system: re.compile(pattern) for system, pattern in _NAMES.items()}
#: What may stand behind a name in an answer.
_BEHIND = r"(?:国家)?(?:大地)?(?:坐标系?|经纬度|地图|maps?|coordinates)?"
_WHOLE = {system: re.compile(rf"(?:{pattern}){_BEHIND}") for system, pattern in _NAMES.items()}
#: Short names, which mean a system only as a word of their own, or before the name of an axis.
_SHORT = {"wgs": "wgs84", "bd": "bd09", "gd": "gcj02", "tx": "gcj02", "qq": "gcj02"}
_SHORT_AXIS = re.compile(r"(bd|gd|tx|qq|wgs)(?=(?:lon|lng|lat|long|x|y)(?:gitude|itude)?$)")
_EPSG = re.compile(r"epsg\D{0,2}(\d{4,5})(?!\d)")
_PARTED = re.compile(r"[\s_\-‐‑‒–—−.:/()\[\]【】·]+")
#: Chinese systems of older surveys: their degrees, the first zone with and without its number.
_SURVEYS = {"beijing54": ("EPSG:4214", "EPSG:2401", "EPSG:2422"),
            "xian80": ("EPSG:4610", "EPSG:2349", "EPSG:2370")}  # fmt: skip


def systems_in(heading: str) -> list[str]:
    """Systems that a heading names, as `crs_of` takes them; more than one is unclear."""
    text = unicodedata.normalize("NFKC", heading).lower()
    words = [word for word in _PARTED.split(text) if word]
    joined = "".join(words)
    found = {system for system, pattern in _PATTERNS.items() if pattern.search(joined)}
    found |= {f"EPSG:{code}" for code in _EPSG.findall(joined)}
    if not found:
        found |= {_SHORT[word] for word in words if word in _SHORT}
        found |= {_SHORT[m[1]] for word in words if (m := _SHORT_AXIS.match(word))}
    return sorted(found)


def without_systems(heading: str) -> str:
    """A heading in small letters, its words joined, without the names of systems."""
    words = [word for word in _PARTED.split(heading.lower()) if word]
    joined = whole = "".join(words)
    for pattern in (*_PATTERNS.values(), _EPSG):
        joined = pattern.sub("", joined)
    if joined == whole:
        joined = "".join(_SHORT_AXIS.sub("", word) for word in words if word not in _SHORT)
    return joined


def named(text: str) -> str | None:
    """The one of the four systems of degrees that a whole answer names; None where none is.

    Raises
    ------
    InputRefused
        It names one whose degrees and zones have codes of their own.
    """
    joined = "".join(_PARTED.split(unicodedata.normalize("NFKC", text).lower()))
    for system, pattern in _WHOLE.items():
        if pattern.fullmatch(joined):
            if system in _SURVEYS:
                degrees, first, other = _SURVEYS[system]
                facts = {"degrees": degrees, "first": first, "other": other}
                raise InputRefused("geo.crs_of_survey", crs=text.strip(), **facts)
            return system
    return _SHORT.get(joined)


def crs_of(system: str, *, degrees: bool) -> str | None:
    """What ``--crs`` takes for a named system; None where its metres may be of any zone."""
    if system in _SURVEYS:
        return _SURVEYS[system][0] if degrees else None
    return system if degrees or system.startswith("EPSG:") else None


def label_of(system: str) -> str:
    """A named system, as messages show it."""
    shown = {"beijing54": "Beijing 1954 (北京54)", "xian80": "Xi'an 1980 (西安80)"}
    return shown.get(system, system)
