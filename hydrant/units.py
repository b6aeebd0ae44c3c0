"""Conversion to and from the one internal unit system: kPa gauge, L/s, m, mm, degrees C.

Called only at the edges: decoding devices, forms, files and rendering.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from hydrant.errors import InputRefused

#: One unit of each name in kPa. Source: SI Brochure 9th ed.; psi, kgf/cm2 and atm by
#: NIST SP 811 appendix B.8; columns of water and mercury as there (conventional: mH2O is
#: 9.80665 kPa, ftH2O 0.3048 of that, inHg 3.386389 kPa).
PRESSURE_KPA: dict[str, float] = {
    "Pa": 0.001,
    "hPa": 0.1,
    "kPa": 1.0,
    "MPa": 1000.0,
    "bar": 100.0,
    "mbar": 0.1,
    "kgf/cm2": 98.0665,
    "psi": 6.894757293168361,
    "mH2O": 9.80665,
    "cmH2O": 0.0980665,
    "mmH2O": 0.00980665,
    "ftH2O": 9.80665 * 0.3048,
    "inH2O": 9.80665 * 0.0254,
    "atm": 101.325,
    "mmHg": 0.1333224,
    "inHg": 3.386389,
}

#: One unit of each name in L/s. Source: NIST SP 811 appendix B.8 (US gallon 3.785411784 L,
#: imperial gallon 4.54609 L, foot 0.3048 m). A tonne of water is taken for a cubic metre, as
#: waterworks do; water of 30 °C has 0.4 % more room than that, so the flow is never overstated.
FLOW_L_S: dict[str, float] = {
    "L/s": 1.0,
    "L/min": 1.0 / 60.0,
    "L/h": 1.0 / 3600.0,
    "m3/h": 1.0 / 3.6,
    "m3/min": 1000.0 / 60.0,
    "m3/s": 1000.0,
    "m3/d": 1000.0 / 86400.0,
    "t/h": 1.0 / 3.6,
    "gpm": 3.785411784 / 60.0,
    "imp gpm": 4.54609 / 60.0,
    "cfs": 28.316846592,
    "cfm": 28.316846592 / 60.0,
}

#: One unit of each name in metres (international foot, exact).
LENGTH_M: dict[str, float] = {"m": 1.0, "cm": 0.01, "mm": 0.001, "km": 1000.0, "ft": 0.3048}

#: How people write units beside the name that is known for them here. 公斤 on a gauge is kgf/cm2.
_WRITTEN = {
    "m3": ("m³", "㎥", "立方米", "立方", "м3", "м³", "куб.м", "cbm"),
    "L": ("l", "升", "л", "litre", "litres", "liter", "liters"),
    "mm": ("㎜", "毫米", "мм", "公厘"),
    "cm": ("㎝", "厘米", "公分", "см"),
    "m": ("米", "公尺", "м"),
    "in": ('"', "″", "inch", "inches", "zoll", "英寸", "吋"),
    "ft": ("'", "feet", "foot", "英尺"),
    "kPa": ("千帕", "кпа", "㎪"),
    "MPa": ("兆帕", "мпа", "㎫"),
    "Pa": ("帕", "па"),
    "hPa": ("百帕", "гпа"),
    "bar": ("бар", "巴", "bars", "barg", "bar g", "bar(g)"),
    "mbar": ("毫巴", "мбар"),
    "kgf/cm2": (
        *("kgf/cm²", "kg/cm2", "kg/cm²", "кгс/см2", "кгс/см²", "kgf", "kg", "kgs/cm2", "kp/cm2"),
        *("公斤", "公斤力", "千克", "公斤/平方厘米", "公斤力/平方厘米", "千克力/平方厘米"),
        *("公斤/cm2", "公斤力/cm2", "千克力", "kgf/c㎡", "kg/c㎡", "at", "atü"),
    ),
    "psi": (
        "磅",
        "lb/in2",
        "lbs/in2",
        "lbf/in2",
        "psig",
        "psi g",
        "p.s.i",
        "lb",
        "lbs",
        "磅/平方英寸",
    ),
    "mH2O": (
        *("米水柱", "米水头", "mh₂o", "m h2o", "mwc", "m wc", "mws", "m ws", "mce", "m ce", "mca"),
        *("m ca", "m水柱", "м вод. ст", "м вод.ст", "м в.ст", "мвс", "mhd", "m head"),
        *("metres head", "meters head", "metres of water", "meters of water", "mh20", "m h20"),
        *("metres of head", "meters of head", "m of head", "m of water", "mètres d'eau"),
        *("meter wassersäule", "m wassersäule", "mslw", "m sł.w", "m sl.w", "水柱米", "mhw"),
    ),
    "cmH2O": ("厘米水柱", "cmws", "cmce", "cmwc"),
    "mmH2O": ("毫米水柱", "mmws", "mmce", "mmwc", "mm h2o", "mmaq"),
    "ftH2O": (
        *("ft h2o", "fth2o", "ftwc", "ft wc", "ft head", "ft of head", "feet of head", "feet head"),
        *("ft of water", "feet of water", "ft hd", "ft. head", "ft. of head", "ft water"),
    ),
    "inH2O": ("in h2o", "inwc", "in wc", "inches of water", "in of water"),
    "atm": ("atmosphere", "atmospheres", "标准大气压", "атм"),
    "mmHg": ("毫米汞柱", "mm hg", "torr", "мм рт. ст", "мм рт.ст"),
    "inHg": ("in hg", "inches of mercury", "英寸汞柱", "in. hg"),
    "L/s": (
        *("lps", "升/秒", "л/с", "l/sec", "l/sek", "ltr/s", "lit/s", "litres/s", "liters/s"),
        *(
            "litre/s",
            "liter/s",
            "dm3/s",
            "dm³/s",
            "l s-1",
            "l.s-1",
            "升每秒",
            "l/秒",
            "リットル/秒",
        ),
    ),
    "L/min": (
        *("lpm", "升/分", "升/分钟", "л/мин", "l/mn", "l/分", "l/minute", "ltr/min", "lit/min"),
        *("litres/min", "liters/min", "litre/min", "liter/min", "dm3/min", "dm³/min"),
        *("升每分钟", "升每分", "リットル/分"),
    ),
    "L/h": ("升/小时", "升/时", "л/ч", "l/hr", "lph", "升每小时"),
    "m3/h": (
        *("m³/h", "㎥/h", "立方米/小时", "立方米/时", "м3/ч", "м³/ч", "m3/hr", "m³/hr", "cmh"),
        *(
            "m3/hour",
            "m3/std",
            "cbm/h",
            "m3/godz",
            "m3/u",
            "立方/小时",
            "立方/时",
            "方/小时",
            "方/时",
        ),
        *("立方米每小时", "куб.м/ч", "m3/时", "m3/小时"),
    ),
    "m3/min": ("㎥/min", "m³/min", "立方米/分", "立方米/分钟", "m3/分", "м3/мин"),
    "m3/s": ("㎥/s", "m³/s", "立方米/秒", "m3/sec", "m3/秒", "м3/с", "cms", "cumec", "cumecs"),
    "m3/d": ("㎥/d", "m³/d", "立方米/日", "立方米/天", "m3/day", "m3/日", "m3/天", "м3/сут"),
    "t/h": ("吨/小时", "吨/时", "t/hr", "吨每小时", "т/ч", "吨/h"),
    "gpm": (
        *("us gpm", "usgpm", "gpm us", "gpm (us)", "gal/min", "us gal/min", "g.p.m", "gals/min"),
        *("usg/min", "gallons per minute", "gallon/min", "gallons/min", "加仑/分", "加仑/分钟"),
    ),
    "imp gpm": (
        *("igpm", "gpm imp", "gpm (imp)", "gpm (imperial)", "imperial gpm", "uk gpm", "gpm uk"),
        *("imp gal/min", "imp. gpm", "imp. gal/min", "gpm imperial", "impgpm", "ig/min"),
        *("imperial gal/min", "imperial gallons per minute", "英制加仑/分钟", "英加仑/分"),
    ),
    "cfs": ("ft3/s", "ft³/s", "cu ft/s", "cuft/s", "cusec", "cusecs", "ft3/sec", "立方英尺/秒"),
    "cfm": ("ft3/min", "ft³/min", "cu ft/min", "cuft/min"),
}
#: What lengths mean in the heading of a pressure: columns of water.
_COLUMNS_OF_WATER = {"m": "mH2O", "cm": "cmH2O", "mm": "mmH2O", "ft": "ftH2O", "in": "inH2O"}

#: A pressure above nothing and below this, kPa, is on no gauge: it was read in another unit.
LEAST_GAUGE_KPA = 10.0
#: Units that the gauges of crews show besides kPa, and the pressures that mains have, kPa.
_ON_GAUGES = ("MPa", "bar", "kgf/cm2")
_IN_MAINS_KPA = (100.0, 2500.0)

_FACTORS: dict[str, dict[str, float]] = {
    "kPa": PRESSURE_KPA,
    "L/s": FLOW_L_S,
    "m": LENGTH_M,
    "mm": {name: factor * 1000.0 for name, factor in LENGTH_M.items()} | {"in": 25.4},
    "m3": {"m3": 1.0, "L": 0.001},
    "degC": {"degC": 1.0},
    "V": {"V": 1.0, "mV": 0.001},
    "deg": {"deg": 1.0},
    "1": {"1": 1.0},
    "mA": {"mA": 1.0, "uA": 0.001},
}

#: Internal unit of each measured quantity (`hydrant.vocabulary.Quantity`).
QUANTITY_UNIT: dict[str, str] = {
    "pressure": "kPa",
    "flow": "L/s",
    "level": "m",
    "temperature": "degC",
    "battery": "V",
    "tilt": "deg",
    "water_presence": "1",
}

#: Mean sea-level pressure, to turn absolute readings into gauge ones where no local
#: value is given. Source: ISO 2533:1975, table 1.
STANDARD_ATMOSPHERE_KPA = 101.325

#: Pressure of one metre of water column. Source: conventional, see PRESSURE_KPA.
KPA_PER_METRE_OF_WATER = 9.80665


def known_units(internal: str) -> tuple[str, ...]:
    """Names of the units that turn into an internal unit."""
    return tuple(_FACTORS[internal])


def turns_into(internal: str, unit: str) -> bool:
    """Whether a unit is one that turns into an internal unit."""
    return unit in _FACTORS[internal]


def factor_to(internal: str, unit: str) -> float:
    """Factor that turns a value in `unit` into the `internal` unit.

    Parameters
    ----------
    internal
        One of ``kPa``, ``L/s``, ``m``, ``mm``, ``m3``, ``degC``, ``V``, ``deg``, ``mA``, ``1``.
    unit
        A unit name known for it.

    Raises
    ------
    InputRefused
        The unit is not known for that quantity; the known ones are listed.
    """
    table = _FACTORS[internal]
    if unit not in table:
        raise InputRefused("units.unknown", unit=unit, known=", ".join(table))
    return table[unit]


def unit_named(written: str, internal: str) -> str:
    """Name of a unit as somebody wrote it, whatever the case of its letters."""
    return spellings(internal).get(spelled(written), written.strip().rstrip("."))


def spelled(written: str) -> str:
    """A unit without what differs from writer to writer: case, width, blanks, final stops."""
    plain = unicodedata.normalize("NFKC", written).casefold()
    return re.sub(r"\s+", " ", plain).strip().rstrip(".")


@cache
def spellings(internal: str) -> dict[str, str]:
    """How people write the units of a quantity, as `spelled`, each with the unit's name."""
    known = known_units(internal)
    every = ((name, written) for name in known for written in (name, *_WRITTEN.get(name, ())))
    return {spelled(written): name for name, written in every}


@cache
def heading_spellings(internal: str) -> dict[str, str]:
    """The same for headings, in which a pressure in metres is one of a column of water."""
    if internal != "kPa":
        return spellings(internal)
    columns = {s: _COLUMNS_OF_WATER.get(length) for s, length in spellings("mm").items()}
    return spellings(internal) | {s: name for s, name in columns.items() if name is not None}


def on_no_gauge(kpa: float) -> bool:
    """Whether a pressure in kPa is one that nobody can have read: hardly more than none."""
    return 0 < kpa < LEAST_GAUGE_KPA


def gauge_units(value: float) -> list[tuple[str, float]]:
    """Units in which a gauge may have shown a number, each with the kPa that it then means."""
    low, high = _IN_MAINS_KPA
    meant = [(unit, value * PRESSURE_KPA[unit]) for unit in _ON_GAUGES]
    return [(unit, kpa) for unit, kpa in meant if low <= kpa <= high] or meant[:1]
