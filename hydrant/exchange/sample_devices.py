"""The devices of the invented sample county: simulated, and registered like any others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hydrant.exchange.sample import SampleSensor
from hydrant.model.inputs import SensorInput, validated
from hydrant.store.facts.assets import find_asset
from hydrant.store.facts.sensors import add_sensor
from hydrant.store.opened.writer import Writer
from hydrant.telemetry.profile_reader import load_profile
from hydrant.telemetry.setup import check_entered, choose_point, device_setup
from hydrant.telemetry.simulator import SimulatedGateway, SimulatedUnit
from hydrant.vocabulary import Quantity

#: A usual interval, s.
_INTERVAL_S = 900
#: Time a simulated device takes to answer, s: short enough for a demonstration.
_ANSWER_S = 0.05


def gateways(sensors: Sequence[SampleSensor]) -> list[SimulatedGateway]:
    """Simulated gateways with the sample's devices behind them, by number."""
    behind: dict[int, dict[int, SimulatedUnit]] = {}
    for sensor in sensors:
        behind.setdefault(sensor.gateway, {})[sensor.unit] = _device(sensor)
    return [SimulatedGateway(units) for _, units in sorted(behind.items())]


def _device(sensor: SampleSensor) -> SimulatedUnit:
    profile = load_profile(sensor.profile)
    point = choose_point(profile, Quantity.PRESSURE, sensor.parameters).name

    def values() -> Mapping[str, float | None] | None:
        return None if sensor.silent else {point: sensor.kpa}

    return SimulatedUnit(profile, values, device_setup(sensor.parameters), delay_s=_ANSWER_S)


def register(writer: Writer, sensors: Sequence[SampleSensor], urls: Sequence[str]) -> None:
    """Record the sample's sensors.

    Parameters
    ----------
    urls
        Of the gateways, in the order of `gateways`.
    """
    numbers = sorted({sensor.gateway for sensor in sensors})
    places = dict(zip(numbers, urls, strict=True))
    for sensor in sensors:
        entered = validated(
            SensorInput,
            quantity=Quantity.PRESSURE,
            profile=sensor.profile,
            # a device of this machine answers at once or never
            url=f"{places[sensor.gateway]}?timeout=1",
            unit_id=sensor.unit,
            interval_s=_INTERVAL_S,
        )
        version = check_entered(entered, sensor.parameters)
        asset = find_asset(writer.registry, sensor.code)
        add_sensor(writer, asset, entered, profile_version=version, parameters=sensor.parameters)
