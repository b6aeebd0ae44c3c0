"""What sensors say at a cut, and the one remark for when their readings are not at hand."""

from __future__ import annotations

from hydrant.cli.cuts import cut_of
from hydrant.cli.frame import Note, Settings
from hydrant.errors import InputRefused
from hydrant.integrity.policy import Policy
from hydrant.integrity.policy_reader import load_policy
from hydrant.store.evidence import Cut
from hydrant.store.location import readings_path
from hydrant.store.registry import Registry
from hydrant.store.sensor_facts import AtHand, SensorFacts, sensor_facts


def sensed(settings: Settings, registry: Registry, cut: Cut, policy: Policy) -> SensorFacts:
    """Sensors as evidence at a cut; a remark says so where their readings are missing."""
    facts = sensor_facts(registry, cut, policy)
    remark_missing(settings, facts.at_hand)
    return facts


def at_hand(registry: Registry) -> AtHand:
    """Whether the readings of a registry's sensors are there, by its own policy, as of today."""
    return sensor_facts(registry, cut_of(registry, None), load_policy(registry.policy)).at_hand


def remark_at_hand(settings: Settings, registry: Registry) -> None:
    """Add that remark where no figure is asked for; a policy that cannot be read stops nothing."""
    try:
        found = at_hand(registry)
    except InputRefused as error:
        settings.notes.append(Note.of(error.key, **error.facts).warning())
        return
    remark_missing(settings, found)


def remark_missing(settings: Settings, *at_hand: AtHand) -> None:
    """Add one remark where the readings of sensors are missing, whatever the figure."""
    missing = [found for found in at_hand if found.missing]
    if not missing:
        return
    most = max(missing, key=lambda found: found.without)
    settings.notes.append(
        Note.of(
            "cli_sensed.missing",
            sensors=most.sensors,
            without=most.without,
            file=readings_path(settings.path),
        ).warning()
    )
