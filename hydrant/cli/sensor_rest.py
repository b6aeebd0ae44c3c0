"""Taking back a suspension that was made by mistake."""

from __future__ import annotations

from hydrant.cli.frame import Result, Settings
from hydrant.cli.ingest_view import intake_notes
from hydrant.errors import CommandLineError, InputRefused
from hydrant.store.facts.sensors import list_sensors, sensors_named
from hydrant.store.ground.location import readings_path
from hydrant.store.opened.kept_policy import policy_of
from hydrant.store.readings.readings_file import open_readings
from hydrant.telemetry.intake import withdraw_rest
from hydrant.telemetry.sent import Intake


def withdrawn_rest(settings: Settings, name: str, reason: str | None, by: str) -> Result:
    """Let what sensors said in their last suspension count from now on.

    Raises
    ------
    CommandLineError
        No reason is given.
    InputRefused
        None of the sensors was ever out of service.
    """
    if not (reason or "").strip():
        raise CommandLineError("cli_sensor.reason_needed")
    with settings.registry() as registry:
        rows, sensors = sensors_named(registry, name), list_sensors(registry, disabled=True)
        policy, zone = policy_of(registry), registry.zone
    done: dict[str, Intake] = {}
    with open_readings(readings_path(settings.path)) as store:
        for row in rows:
            found = withdraw_rest(store, row, sensors, policy=policy, by=by, why=reason or "")
            if found is not None:
                done[row.uid] = found
    if not done:
        raise InputRefused("cli_sensor.never_rested", asset=rows[0].name)
    count = sum(len(one.corrected) for one in done.values())
    names = {row.uid: row.name for row in sensors}
    notes = [note for one in done.values() for note in intake_notes(one, names, zone)]
    return Result(
        {"sensors": sorted(done), "readings": count},
        lambda screen: screen.line(
            "cli_sensor.rest_withdrawn", asset=rows[0].name, count=len(done), readings=count
        ),
        tuple(notes),
    )
