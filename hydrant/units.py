"""Conversion to and from the one internal unit system: kPa gauge, L/s, m, mm, degrees C.

Called only at the edges: decoding devices, forms, files and rendering.
"""

from __future__ import annotations

from hydrant.errors import InputRefused

#: One unit of each name in kPa. Source: SI Brochure 9th ed.; psi and kgf/cm2 by
#: NIST SP 811 appendix B.8; mH2O at 4 degrees C (conventional, 9.80665 kPa).
PRESSURE_KPA: dict[str, float] = {
    "Pa": 0.001,
    "kPa": 1.0,
    "MPa": 1000.0,
    "bar": 100.0,
    "mbar": 0.1,
    "kgf/cm2": 98.0665,
    "psi": 6.894757293168361,
    "mH2O": 9.80665,
    "mmH2O": 0.00980665,
}

#: One unit of each name in L/s. Source: NIST SP 811 appendix B.8 (US gallon 3.785411784 L).
FLOW_L_S: dict[str, float] = {
    "L/s": 1.0,
    "L/min": 1.0 / 60.0,
    "m3/h": 1.0 / 3.6,
    "gpm": 3.785411784 / 60.0,
}

#: One unit of each name in metres (international foot, exact).
LENGTH_M: dict[str, float] = {"m": 1.0, "cm": 0.01, "mm": 0.001, "km": 1000.0, "ft": 0.3048}

#: How people write units beside the name that is known for them here. 公斤 on a gauge is kgf/cm2.
_WRITTEN = {
    "m3": ("m³", "㎥", "立方米", "立方", "м3", "м³", "куб.м", "cbm"),
    "L": ("l", "升", "л"),
    "mm": ("㎜", "毫米", "мм", "公厘"),
    "cm": ("㎝", "厘米", "公分", "см"),
    "m": ("米", "公尺", "м"),
    "in": ('"', "″", "inch", "英寸", "吋"),
    "kPa": ("千帕", "кпа", "㎪"),
    "MPa": ("兆帕", "мпа", "㎫"),
    "Pa": ("帕",),
    "bar": ("бар", "巴"),
    "kgf/cm2": (
        *("kgf/cm²", "kg/cm2", "kg/cm²", "кгс/см2", "кгс/см²", "kgf", "kg"),
        *("公斤", "公斤力", "千克", "公斤/平方厘米", "公斤力/平方厘米", "千克力/平方厘米"),
    ),
    "psi": ("磅", "lb/in2"),
    "mH2O": ("米水柱",),
    "L/s": ("lps", "升/秒", "л/с"),
    "L/min": ("lpm", "升/分", "升/分钟", "л/мин"),
    "m3/h": ("m³/h", "㎥/h", "立方米/小时", "立方米/时", "м3/ч", "м³/ч"),
}
_NAMES = {written.lower(): name for name, all_ in _WRITTEN.items() for written in all_}

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
    told = written.strip().rstrip(".")
    known = {name.lower(): name for name in known_units(internal)}
    return _NAMES.get(told.lower()) or known.get(told.lower(), told)


def on_no_gauge(kpa: float) -> bool:
    """Whether a pressure in kPa is one that nobody can have read: hardly more than none."""
    return 0 < kpa < LEAST_GAUGE_KPA


def gauge_units(value: float) -> list[tuple[str, float]]:
    """Units in which a gauge may have shown a number, each with the kPa that it then means."""
    low, high = _IN_MAINS_KPA
    meant = [(unit, value * PRESSURE_KPA[unit]) for unit in _ON_GAUGES]
    return [(unit, kpa) for unit, kpa in meant if low <= kpa <= high] or meant[:1]
