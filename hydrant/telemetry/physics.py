"""From what a transmitter feels to kPa gauge at the hydrant's outlet; pure."""

from __future__ import annotations

from dataclasses import dataclass

from hydrant.telemetry.quality import Measured, Reason
from hydrant.units import KPA_PER_METRE_OF_WATER, STANDARD_ATMOSPHERE_KPA
from hydrant.vocabulary import PressureReference, Quality, ValveSide

#: Below this a dry barrel holds no pressure worth the name: two metres of standing water,
#: more than any barrel is deep. Source: ours, from the 1-1.5 m cover of hydrants in frost areas.
DRY_REST_KPA = 2 * KPA_PER_METRE_OF_WATER


@dataclass(frozen=True, slots=True)
class Mounting:
    """How a pressure transmitter sits.

    Attributes
    ----------
    reference
        What it calls zero; gauge when nothing is stated.
    side
        Side of the main valve; wet (always under mains pressure) when nothing is stated.
    height_m
        Height of the sensor above the outlet, m; negative when it sits below.
    atmosphere_kpa
        Air pressure to take from absolute readings, kPa.
    """

    reference: PressureReference = PressureReference.GAUGE
    side: ValveSide = ValveSide.WET
    height_m: float = 0.0
    atmosphere_kpa: float = STANDARD_ATMOSPHERE_KPA


def at_outlet(felt_kpa: float, mounting: Mounting) -> Measured:
    """Pressure in kPa gauge at the outlet.

    A dry-side transmitter sees the barrel only: without pressure there it says nothing of the
    mains, so its value is kept, but neither good evidence nor low pressure.
    """
    gauge_kpa = felt_kpa
    if mounting.reference is PressureReference.ABSOLUTE:
        gauge_kpa -= mounting.atmosphere_kpa
    if mounting.side is ValveSide.DRY and gauge_kpa < DRY_REST_KPA:
        # an empty barrel holds no column of water, so the height does not count either
        return Measured(gauge_kpa, Quality.UNCERTAIN, Reason.DRY_AT_REST)
    return Measured.good(gauge_kpa + mounting.height_m * KPA_PER_METRE_OF_WATER)
