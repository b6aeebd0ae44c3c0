"""Whether a sender has the readings of its sensors at hand: said in a package, told above."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from hydrant import times
from hydrant.exchange.package_shapes import Sensors
from hydrant.integrity.policy import Policy
from hydrant.store.evidence.evidence import Cut
from hydrant.store.evidence.sensor_facts import sensor_facts
from hydrant.store.opened.registry import Registry
from hydrant.store.views.handed_up import NOT_STATED, handed_up


def sensors_stated(
    registry: Registry, as_of: str, policy: Policy, sensors: AbstractSet[str], region: str | None
) -> Sensors:
    """What a package says of the readings of its sensors.

    What its sender took from a level below without them it lacks itself.

    Parameters
    ----------
    sensors
        Keys of those in the package.
    """
    if not sensors:
        return Sensors(sensors=0, readings=None)
    cut = Cut(times.parse_date(as_of), registry.zone)
    found = sensor_facts(registry, cut, policy).at_hand
    lacking = len(found.lacking & sensors) if found.missing else 0
    below = handed_up(registry, region)
    without = min(len(sensors), max(lacking, sum(one.without for one in below.unheard.values())))
    if without:
        word = "missing" if without == len(sensors) else "in_part"
    else:
        word = NOT_STATED if below.unstated else "complete"
    return Sensors.model_validate({"sensors": len(sensors), "without": without, "readings": word})
