"""Values that devices send by themselves: the same checks as for those that are asked; pure."""

from __future__ import annotations

from math import isfinite

from hydrant import units
from hydrant.errors import InputRefused
from hydrant.store.sensors import SensorRow
from hydrant.telemetry.evaluate import PLAUSIBLE
from hydrant.telemetry.physics import at_outlet
from hydrant.telemetry.quality import Measured, Reason
from hydrant.telemetry.setup import mounting_of
from hydrant.vocabulary import Quantity


def evaluate(sensor: SensorRow, value: float | None, unit: str | None) -> Measured:
    """A value that was sent, in the internal unit; a pressure is brought to the outlet.

    Parameters
    ----------
    value
        As sent; None when the device says that it has none.
    unit
        Its unit; None means the internal one of the sensor's quantity.

    Raises
    ------
    InputRefused
        The unit is not one of this quantity.
    """
    internal = units.QUANTITY_UNIT[sensor.quantity]
    known = units.known_units(internal)
    if unit is not None and unit not in known:
        raise InputRefused("units.unknown", unit=unit, known=", ".join(known))
    if value is None:
        return Measured.missing(Reason.SENTINEL)
    if not isfinite(value):
        return Measured.missing(Reason.NOT_A_NUMBER)
    felt = value * units.factor_to(internal, unit or internal)
    low, high = PLAUSIBLE[sensor.quantity]
    if not low <= felt <= high:
        return Measured.missing(Reason.OUT_OF_RANGE)
    if sensor.quantity == Quantity.PRESSURE:
        return at_outlet(felt, mounting_of(sensor))
    return Measured.good(felt)
