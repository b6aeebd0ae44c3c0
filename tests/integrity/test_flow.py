"""Flow tests against worked examples; two that shipped products get wrong must not come out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant.errors import InputRefused
from hydrant.integrity.flow import (
    can_project,
    grade_of,
    nozzle_flow_l_s,
    projected_flow_l_s,
)
from hydrant.integrity.policy_reader import load_policy
from tests.conftest import Program

GPM, PSI = 3.785411784 / 60, 6.894757293168361


def project_gpm(flow: float, static: float, residual: float, at: float = 20.0) -> float:
    psi = static * PSI, residual * PSI, at * PSI
    return projected_flow_l_s(flow * GPM, *psi, least_drop=0.1) / GPM


def test_pitot_with_its_constant() -> None:
    gpm = nozzle_flow_l_s(2.5 * 25.4, 25 * PSI, 0.9) / GPM
    assert gpm == pytest.approx(839.25, abs=0.01)
    assert gpm != pytest.approx(28.13, rel=0.1)  # what comes out without 29.84
    # the metric form: Q(L/s) = 0.035143 c d^2(mm) sqrt(p MPa)
    assert nozzle_flow_l_s(65, 170, 0.9) == pytest.approx(
        0.035143 * 0.9 * 65**2 * 0.17**0.5, rel=1e-4
    )


def test_projection_uses_the_static_pressure() -> None:
    assert project_gpm(800, 65, 50) == pytest.approx(1447.9, abs=0.1)  # not 1,424
    assert project_gpm(1500, 80, 60) == pytest.approx(2715, abs=1)  # not 829


def test_chinese_standard_and_nfpa_class_are_two_verdicts() -> None:
    # 15 L/s at 0.10 MPa is 237.75 gpm: enough there, class C here
    assert pytest.approx(237.75, abs=0.01) == 15 / GPM
    grade = grade_of(15.0, load_policy("nfpa").grades)
    assert grade is not None
    assert grade.name == "C"
    assert load_policy("zhejiang").grades == ()


@pytest.mark.parametrize(
    ("gpm", "name"),
    [(1500, "AA"), (1499, "A"), (1000, "A"), (999, "B"), (500, "B"), (499, "C"), (0, "C")],
)
def test_classes(gpm: float, name: str) -> None:
    grade = grade_of(gpm * GPM, load_policy("nfpa").grades)
    assert grade is not None
    assert grade.name == name


@given(st.floats(1, 100), st.floats(150, 900), st.floats(0, 0.85), st.floats(0, 0.9))
def test_laws_of_projection(flow: float, static: float, share: float, at_share: float) -> None:
    residual, at = static * share, static * at_share
    assert can_project(static, residual, at, least_drop=0.1)
    found = projected_flow_l_s(flow, static, residual, at, least_drop=0.1)
    assert projected_flow_l_s(flow, static, residual, residual, least_drop=0.1) == pytest.approx(
        flow
    )
    # less pressure left, more flow
    assert (found >= flow) == (at <= residual) or found == pytest.approx(flow)
    back = flow
    if at < 0.9 * static:
        back = projected_flow_l_s(found, static, at, residual, least_drop=0.1)
    assert back == pytest.approx(flow, rel=1e-6)


@pytest.mark.parametrize(
    ("static", "residual", "at"), [(300, 226, 100), (90, 50, 100), (0, 0, 0), (300, 310, 100)]
)
def test_what_cannot_be_projected_is_refused(static: float, residual: float, at: float) -> None:
    with pytest.raises(InputRefused):
        projected_flow_l_s(10, static, residual, at, least_drop=0.25)


def test_how_far_the_pressure_must_drop_is_the_policys() -> None:
    assert load_policy("zhejiang").least_drop == 0.25
    assert can_project(400, 300, 100, least_drop=0.25)
    assert not can_project(400, 301, 100, least_drop=0.25)
    assert can_project(400, 301, 100, least_drop=0)
    assert not can_project(400, 400, 100, least_drop=0)


def test_flow_command(program: Program) -> None:
    said = ["flow", "--static-kpa", 450, "--residual-kpa", 330]
    data = program.data(*said, "--pitot-kpa", 170, "--nozzle-mm", 65)
    assert [v["policy"] for v in data["verdicts"]] == ["zhejiang", "nfpa"]
    assert data["verdicts"][0]["grade"] is None
    assert program(*said).code == 2
    assert program(*said, "--flow-l-s", -5).code == 2
    assert program(*said, "--flow-l-s", 10, "--pitot-kpa", 1, "--nozzle-mm", 65).code == 2
    ran = program("flow", "--static-kpa", 450, "--residual-kpa", 440, "--flow-l-s", 10)
    assert ran.code == 0
    assert "Too little to project from" in ran.err
