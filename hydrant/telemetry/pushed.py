"""Values that devices send by themselves: the same checks as for those that are asked; pure."""

from __future__ import annotations

from math import isfinite

from hydrant import units
from hydrant.errors import InputRefused
from hydrant.store.facts.sensors import SensorRow
from hydrant.telemetry.evaluate import Setup, in_internal
from hydrant.telemetry.physics import at_outlet
from hydrant.telemetry.quality import Measured, Reason
from hydrant.telemetry.setup import device_setup, mounting_of
from hydrant.vocabulary import Quantity


def evaluate(sensor: SensorRow, value: float | None, unit: str | None) -> Measured:
    """A value that was sent, in the internal unit; a pressure is brought to the outlet.

    Parameters
    ----------
    value
        As sent; None when the device says that it has none.
    unit
        Its unit; None means what the sensor was registered with: the unit its device was set to,
        else the current of its loop, else the internal unit of its quantity.

    Raises
    ------
    InputRefused
        The unit is not one of this quantity, or a current of a sensor without a loop.
    """
    setup = device_setup(sensor.parameters)
    stated = unit or setup.unit or ("mA" if setup.loop else units.QUANTITY_UNIT[sensor.quantity])
    _check_unit(sensor.quantity, stated, setup)
    if value is None:
        return Measured.missing(Reason.SENTINEL)
    if not isfinite(value):
        return Measured.missing(Reason.NOT_A_NUMBER)
    felt = in_internal(sensor.quantity, value, stated, setup)
    if felt.value is None or sensor.quantity != Quantity.PRESSURE:
        return felt
    return at_outlet(felt.value, mounting_of(sensor))


def _check_unit(quantity: str, unit: str, setup: Setup) -> None:
    known = units.known_units(units.QUANTITY_UNIT[quantity])
    if setup.loop is not None:
        known += units.known_units("mA")
    if unit not in known:
        raise InputRefused("units.unknown", unit=unit, known=", ".join(known))
