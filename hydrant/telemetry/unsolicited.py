"""Answers that come without having been asked for: some gateways poll by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from hydrant.errors import InputRefused
from hydrant.store.facts.sensors import SensorRow
from hydrant.telemetry import codec
from hydrant.telemetry.plan import Request, plan_for, raw_text
from hydrant.telemetry.quality import ExchangeError, Measured
from hydrant.telemetry.reader import UnitAnswers
from hydrant.telemetry.setup import ReadySensor, ready

Found = tuple[SensorRow, Measured, str]
_Query = tuple[int, Request, ReadySensor]


class KnownQueries:
    """What could have been asked of the units behind each dial-in gateway.

    An answer does not say which registers it holds. It is accepted only of the point that the
    operator states the gateway to read by itself (``unasked=POINT`` in the sensor's URL), and only
    when just one such query of its gateway has its unit, function and length, and that query brings
    all a sensor needs.
    """

    def __init__(self, sensors: Iterable[SensorRow]) -> None:
        self._queries: dict[str, list[_Query]] = {}
        for row in sensors:
            try:
                sensor = ready(row)
            except InputRefused:
                continue  # told when it is polled
            if sensor.endpoint.unasked != sensor.point.name:
                continue
            requests = plan_for(sensor.profile, (sensor.point.name,))
            if len(requests) == 1:
                query = (row.unit_id, requests[0], sensor)
                self._queries.setdefault(sensor.endpoint.host, []).append(query)

    def take(
        self, gateway: str, buffer: bytearray, in_doubt: Callable[[int], bool] = lambda _: False
    ) -> Iterator[Found]:
        """Values that the bytes of an idle line hold; what was used is taken out of them.

        Parameters
        ----------
        in_doubt
            Whether a unit may be late with an answer to a question of ours.
        """
        for unit, request, sensor in self._queries.get(gateway, ()):
            if in_doubt(unit) or not self._only(gateway, unit, request):
                continue
            message = codec.find_rtu(buffer, request, unit)
            if message is None:
                continue
            try:
                registers = codec.values(message, request)
            except ExchangeError:
                continue
            answers = UnitAnswers(registers=request.pick(registers))
            yield sensor.row, sensor.outcome(answers), raw_text(answers.registers)

    def _only(self, gateway: str, unit: int, request: Request) -> bool:
        alike = {
            (other.function, other.address, other.count)
            for of_unit, other, _ in self._queries[gateway]
            if _shape(of_unit, other) == _shape(unit, request)
        }
        return len(alike) == 1


def _shape(unit: int, request: Request) -> tuple[int, int, int]:
    return unit, request.function, request.count
