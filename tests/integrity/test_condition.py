"""The one rule, line by line as the counting rules state it, and its laws."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant.integrity.condition import condition
from hydrant.integrity.evidence import Evidence, LastOutcome, Lifecycle, Measured
from hydrant.integrity.policy_reader import load_policy, policy_names
from hydrant.messages import text
from hydrant.vocabulary import KINDS, Condition, Language

ZHEJIANG, GB = load_policy("zhejiang"), load_policy("gb")
WORKING = Evidence(
    "hydrant",
    Lifecycle.IN_SERVICE,
    blocking=False,
    outcome=LastOutcome.WORKS_FRESH,
    static=Measured.FRESH,
    flow=Measured.FRESH,
    lift=Measured.ABSENT,
    access=Measured.ABSENT,
)
INTAKE = WORKING._replace(
    kind="intake",
    static=Measured.ABSENT,
    flow=Measured.ABSENT,
    lift=Measured.FRESH,
    access=Measured.FRESH,
    level=Measured.FRESH,
)
CRANE, TANK, WELL = (
    INTAKE._replace(kind=kind, access=Measured.ABSENT) for kind in ("crane", "tank.tower", "well")
)
evidences = st.builds(
    Evidence,
    st.sampled_from(KINDS),
    st.sampled_from(Lifecycle),
    st.booleans(),
    st.sampled_from(LastOutcome),
    *[st.sampled_from(Measured)] * 4,
    st.sampled_from([Measured.ABSENT, Measured.FRESH, Measured.OLD]),
    st.booleans(),
)
policies = st.sampled_from([load_policy(name) for name in policy_names()])
#: Conditions from good to bad, as far as a rate is concerned.
WORTH = {Condition.INTACT: 2, Condition.STALE: 1, Condition.UNTESTED: 1, Condition.DEFECTIVE: 0}


@pytest.mark.parametrize(
    ("evidence", "expected", "reason"),
    [
        (WORKING, Condition.INTACT, "works"),
        (WORKING._replace(lifecycle=Lifecycle.NOT_EXISTING), None, "not_existing"),
        (WORKING._replace(lifecycle=Lifecycle.SUSPENDED), Condition.DEFECTIVE, "suspended"),
        (WORKING._replace(blocking=True), Condition.DEFECTIVE, "blocking_defect"),
        (WORKING._replace(outcome=LastOutcome.FAILS), Condition.DEFECTIVE, "fails"),
        (WORKING._replace(outcome=LastOutcome.NOT_FOUND), Condition.DEFECTIVE, "not_found"),
        (WORKING._replace(static=Measured.BELOW), Condition.DEFECTIVE, "static_below"),
        (WORKING._replace(flow=Measured.BELOW), Condition.DEFECTIVE, "flow_below"),
        (WORKING._replace(outcome=LastOutcome.WORKS_OLD), Condition.STALE, "too_old"),
        (WORKING._replace(outcome=LastOutcome.WORKS_UNDATED), Condition.STALE, "undated"),
        (WORKING._replace(outcome=LastOutcome.NONE), Condition.UNTESTED, "never_tested"),
        # absent measurements are not held against the asset, only counted
        (WORKING._replace(static=Measured.ABSENT), Condition.INTACT, "works"),
        # an old measurement that was good does not age the asset either
        (WORKING._replace(flow=Measured.OLD), Condition.INTACT, "works"),
        (INTAKE, Condition.INTACT, "works"),
        (INTAKE._replace(lift=Measured.BELOW), Condition.DEFECTIVE, "lift_below"),
        (INTAKE._replace(access=Measured.BELOW), Condition.DEFECTIVE, "access_below"),
        # the limits of hydrants say nothing of intakes, nor the other way round
        (INTAKE._replace(static=Measured.BELOW), Condition.INTACT, "works"),
        (WORKING._replace(lift=Measured.BELOW), Condition.INTACT, "works"),
    ],
)
def test_zhejiang(evidence: Evidence, expected: Condition | None, reason: str) -> None:
    verdict = condition(evidence, ZHEJIANG)
    assert (verdict.condition, verdict.reason) == (expected, reason)


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (WORKING, Condition.INTACT),
        (WORKING._replace(static=Measured.ABSENT), Condition.UNTESTED),
        (WORKING._replace(flow=Measured.ABSENT), Condition.UNTESTED),
        (WORKING._replace(static=Measured.OLD), Condition.STALE),
        (INTAKE, Condition.INTACT),
        (INTAKE._replace(level=Measured.OLD), Condition.STALE),
        (WELL._replace(level=Measured.ABSENT), Condition.UNTESTED),
        (TANK, Condition.INTACT),
        (TANK._replace(lift=Measured.BELOW), Condition.DEFECTIVE),
        (WELL._replace(lift=Measured.BELOW), Condition.DEFECTIVE),
        (CRANE._replace(flow=Measured.BELOW), Condition.DEFECTIVE),
        (CRANE._replace(flow=Measured.ABSENT), Condition.UNTESTED),
        # no limit of static pressure is stated for cranes, no flow for tanks
        (CRANE._replace(flow=Measured.FRESH, static=Measured.BELOW), Condition.INTACT),
        (TANK._replace(flow=Measured.BELOW), Condition.INTACT),
    ],
)
def test_gb_demands_measurements(evidence: Evidence, expected: Condition) -> None:
    assert condition(evidence, GB).condition is expected


def test_unmeasured_is_counted() -> None:
    assert condition(WORKING._replace(flow=Measured.ABSENT), ZHEJIANG).unmeasured
    assert not condition(WORKING, ZHEJIANG).unmeasured
    assert condition(INTAKE._replace(access=Measured.ABSENT), ZHEJIANG).unmeasured


@given(evidences, policies)
def test_worse_evidence_never_helps(evidence: Evidence, policy: object) -> None:
    assert isinstance(policy, type(ZHEJIANG))
    here = condition(evidence, policy).condition
    worse = [
        evidence._replace(blocking=True),
        *(evidence._replace(outcome=o) for o in (LastOutcome.FAILS, LastOutcome.NOT_FOUND)),
        evidence._replace(static=Measured.BELOW),
        evidence._replace(flow=Measured.BELOW),
        evidence._replace(lift=Measured.BELOW),
        evidence._replace(access=Measured.BELOW),
    ]
    for other in worse:
        there = condition(other, policy).condition
        assert (here is None) == (there is None)
        if here is not None and there is not None:
            assert WORTH[there] <= WORTH[here]


@given(evidences)
def test_only_a_fresh_dated_visit_makes_intact(evidence: Evidence) -> None:
    for policy in (ZHEJIANG, GB):
        if condition(evidence, policy).condition is Condition.INTACT:
            assert evidence.outcome is LastOutcome.WORKS_FRESH
            assert not evidence.blocking


def test_a_bare_bank_exists_and_is_not_built() -> None:
    bare = INTAKE._replace(bare=True)
    assert condition(bare, ZHEJIANG) == replace(condition(INTAKE, ZHEJIANG), built=False)
    built = replace(ZHEJIANG.switches["no_structure"], value="built")
    counted = replace(ZHEJIANG, switches={**ZHEJIANG.switches, "no_structure": built})
    assert condition(bare, counted).built


def test_every_reason_is_worded() -> None:
    kinds = ("hydrant", "crane", "intake", "well", "tank")
    for values in itertools.product(kinds, Lifecycle, (False, True), LastOutcome, Measured):
        kind, lifecycle, blocking, outcome, one = values
        for policy, other in itertools.product((ZHEJIANG, GB), Measured):
            level = Measured.OLD if other is Measured.BELOW else other
            evidence = Evidence(kind, lifecycle, blocking, outcome, one, other, one, other, level)
            reason = condition(evidence, policy).reason
            assert all(text(f"integrity.reason_{reason}", lang) for lang in Language)
