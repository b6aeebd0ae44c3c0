"""The one rule: what an asset counts as, given its evidence and a policy."""

from __future__ import annotations

from dataclasses import dataclass

from hydrant.integrity.evidence import Evidence, LastOutcome, Lifecycle, Measured
from hydrant.integrity.policy import CHECKS, Policy
from hydrant.vocabulary import Condition


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an asset counts as and which line of the rule said so.

    Attributes
    ----------
    condition
        None when the asset does not exist at the date.
    reason
        Name of the deciding line; worded as ``integrity.reason_<name>``.
    unmeasured
        Whether a measurement that the policy knows a limit for was never made.
    built
        Whether it counts against what is required.
    """

    condition: Condition | None
    reason: str
    unmeasured: bool = False
    built: bool = True


def condition(evidence: Evidence, policy: Policy) -> Verdict:
    """Verdict on an asset, in the order of evidence laid down in the counting rules.

    Parameters
    ----------
    evidence
        What is known at the date.
    policy
        Which checks are demanded and to which families the limits apply.
    """
    gone = _gone(evidence, policy)
    if gone is not None:
        return Verdict(None, gone)
    built = not (evidence.bare and policy.switches["no_structure"].value == "not_built")
    measures = applicable(evidence, policy)
    unmeasured = Measured.ABSENT in measures.values()
    broken = _broken(evidence, measures, policy)
    if broken is not None:
        return Verdict(Condition.DEFECTIVE, broken, unmeasured, built)
    found, reason = _unbroken(evidence, measures, policy)
    return Verdict(found, reason, unmeasured, built)


def _gone(evidence: Evidence, policy: Policy) -> str | None:
    """Why the asset does not exist, for this policy."""
    if evidence.lifecycle is Lifecycle.NOT_EXISTING:
        return "not_existing"
    switches = policy.switches
    if evidence.lifecycle is Lifecycle.SUSPENDED and switches["suspended"].value == "not_existing":
        return "suspended"
    if evidence.outcome is LastOutcome.NOT_FOUND and switches["not_found"].value == "not_existing":
        return "not_found"
    return None


def applicable(evidence: Evidence, policy: Policy) -> dict[str, Measured]:
    """Measurements that the policy holds against a limit for this kind."""
    stated = {
        "static": ("static_kpa", evidence.static),
        "flow": ("flow_l_s", evidence.flow),
        "lift": ("lift_m", evidence.lift),
        "access": ("access", evidence.access),
    }
    return {
        name: measured
        for name, (limit, measured) in stated.items()
        if policy.limit_for(limit, evidence.kind) is not None
    }


def _demanded(
    evidence: Evidence, measures: dict[str, Measured], policy: Policy
) -> list[tuple[str, Measured]]:
    """Measurements without which the policy lets nothing count as in working order."""
    stated = {**measures, "level": evidence.level}
    checks = {name: policy.check_for(name, evidence.kind) for name in stated if name in CHECKS}
    return [(name, stated[name]) for name, check in checks.items() if check and check.demanded]


def _broken(evidence: Evidence, measures: dict[str, Measured], policy: Policy) -> str | None:
    """Why the asset is defective; nothing of this grows stale."""
    suspended = evidence.lifecycle is Lifecycle.SUSPENDED
    if suspended and policy.switches["suspended"].value == "defective":
        return "suspended"
    if evidence.blocking:
        return "blocking_defect"
    if evidence.outcome in (LastOutcome.FAILS, LastOutcome.NOT_FOUND):
        return evidence.outcome.value
    for name, measured in measures.items():
        if measured is Measured.BELOW:
            return f"{name}_below"
    return None


def _unbroken(
    evidence: Evidence, measures: dict[str, Measured], policy: Policy
) -> tuple[Condition, str]:
    if evidence.outcome is LastOutcome.NONE:
        return Condition.UNTESTED, "never_tested"
    demanded = _demanded(evidence, measures, policy)
    for name, measured in demanded:
        if measured is Measured.ABSENT:
            return Condition.UNTESTED, f"{name}_absent"
    if evidence.outcome is LastOutcome.WORKS_UNDATED:
        return Condition.STALE, "undated"
    if evidence.outcome is LastOutcome.WORKS_OLD:
        return Condition.STALE, "too_old"
    for name, measured in demanded:
        if measured is Measured.OLD:
            return Condition.STALE, f"{name}_old"
    return Condition.INTACT, "works"
