"""Flow tests: what a nozzle gives, what would flow at another pressure, and its class; pure.

A verdict by the Chinese standard (15 L/s at 0.10 MPa) and a class of NFPA 291 (at 20 psi) answer
different questions; nothing here turns one into the other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from hydrant.errors import InputRefused
from hydrant.integrity.policy import Grade
from hydrant.units import FLOW_L_S, PRESSURE_KPA

#: Flow of a nozzle in gpm from inches and psi. Source: NFPA 291, Q = 29.84 c d^2 sqrt(p).
_NOZZLE = 29.84
_INCH_MM = 25.4
#: Exponent of the Hazen-Williams projection. Source: NFPA 291, Q ((Ps-Pt)/(Ps-Pr))^0.54.
_EXPONENT = 0.54


def nozzle_flow_l_s(diameter_mm: float, pitot_kpa: float, coefficient: float) -> float:
    """Flow of a nozzle by its pitot pressure.

    Parameters
    ----------
    diameter_mm
        Inside diameter of the nozzle, mm, above 0.
    pitot_kpa
        Velocity pressure in the jet, kPa, not negative.
    coefficient
        Of the nozzle's edge, above 0 and at most 1: 0.9 rounded, 0.8 square, 0.7 projecting.

    Raises
    ------
    InputRefused
        A number is out of its range.
    """
    if not (diameter_mm > 0 and pitot_kpa >= 0 and 0 < coefficient <= 1):
        raise InputRefused(
            "integrity.nozzle", diameter=diameter_mm, pitot=pitot_kpa, coefficient=coefficient
        )
    gpm = _NOZZLE * coefficient * (diameter_mm / _INCH_MM) ** 2
    return gpm * math.sqrt(pitot_kpa / PRESSURE_KPA["psi"]) * FLOW_L_S["gpm"]


def can_project(
    static_kpa: float, residual_kpa: float, at_kpa: float, *, least_drop: float
) -> bool:
    """Whether a flow can be projected: the pressure dropped enough, and at_kpa is below it.

    Parameters
    ----------
    least_drop
        Share of the static pressure by which it must drop, 0 to 1 (`Policy.least_drop`).
    """
    drop_kpa = static_kpa - residual_kpa
    return drop_kpa > 0 and drop_kpa >= least_drop * static_kpa and at_kpa < static_kpa


def projected_flow_l_s(
    flow_l_s: float, static_kpa: float, residual_kpa: float, at_kpa: float, *, least_drop: float
) -> float:
    """Flow that would leave another residual pressure.

    Parameters
    ----------
    flow_l_s
        Flow measured while the residual pressure was `residual_kpa`.
    static_kpa, residual_kpa
        Pressure before and during the flow, kPa gauge.
    at_kpa
        Residual pressure that is asked for, kPa gauge.
    least_drop
        See `can_project`.

    Raises
    ------
    InputRefused
        See `can_project`.
    """
    if not can_project(static_kpa, residual_kpa, at_kpa, least_drop=least_drop):
        raise InputRefused(
            "integrity.projection",
            static=static_kpa,
            residual=residual_kpa,
            at=at_kpa,
            drop=f"{least_drop:.0%}",
        )
    share = (static_kpa - at_kpa) / (static_kpa - residual_kpa)
    return flow_l_s * math.pow(share, _EXPONENT)


def grade_of(flow_l_s: float, grades: Iterable[Grade]) -> Grade | None:
    """The best class that a flow at the class's pressure reaches; None where none fits."""
    return next((grade for grade in grades if flow_l_s >= grade.from_l_s), None)
