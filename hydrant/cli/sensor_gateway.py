"""What is to be said of a gateway beside those that are registered: spelled otherwise, or alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hydrant.cli.frame import Note
from hydrant.errors import InputRefused
from hydrant.store.facts.sensors import SensorRow
from hydrant.telemetry.endpoint import Endpoint, caller_of, parse
from hydrant.telemetry.registration import alike
from hydrant.telemetry.same_line import spelled_otherwise


def gateway_notes(url: str, registered: Iterable[SensorRow]) -> list[Note]:
    """A remark where a registered gateway is the same one under another name."""
    other = spelled_otherwise(parse(url), _endpoints(registered))
    return [] if other is None else [Note.of("cli_sensor.same_line", url=url, other=other)]


def refuse_alike(url: str, registered: Iterable[SensorRow]) -> None:
    """Raise `InputRefused` where a gateway that dials in says what another registered one says."""
    if not url.startswith("dialin:"):
        return
    own = parse(url).host
    callers = {caller_of(row.url) for row in registered if row.url.startswith("dialin:")}
    other = alike(own, sorted(filter(None, callers)))
    if other is not None:
        raise InputRefused("cli_sensor.caller_alike", id=own, other=other)


def _endpoints(registered: Iterable[SensorRow]) -> Iterator[Endpoint]:
    for url in {row.url for row in registered if not row.waited_for}:
        try:
            yield parse(url)
        except InputRefused:
            continue  # told when it is polled
