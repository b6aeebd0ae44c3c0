"""``hydrant flow``: a flow test worked out."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hydrant.cli.frame import Note, Result, Settings, command, helper, single
from hydrant.cli.screen import Screen
from hydrant.errors import CommandLineError
from hydrant.integrity.flow import can_project, grade_of, nozzle_flow_l_s, projected_flow_l_s
from hydrant.integrity.policy import Policy
from hydrant.integrity.policy_reader import load_policy
from hydrant.units import FLOW_L_S

h = helper("flow")
app = single("flow")

#: Whose verdicts are shown when no policy is named: they answer different questions.
_USUAL = ("zhejiang", "nfpa")


@command(app, "flow")
def flow(
    settings: Settings,
    *,
    static: Annotated[float, typer.Option("--static-kpa", metavar="P", help=h("static"))],
    residual: Annotated[float, typer.Option("--residual-kpa", metavar="P", help=h("residual"))],
    measured: Annotated[
        float | None, typer.Option("--flow-l-s", metavar="Q", help=h("flow"))
    ] = None,
    pitot: Annotated[
        float | None, typer.Option("--pitot-kpa", metavar="P", help=h("pitot"))
    ] = None,
    nozzle: Annotated[
        float | None, typer.Option("--nozzle-mm", metavar="D", help=h("nozzle"))
    ] = None,
    coefficient: Annotated[
        float, typer.Option("--coefficient", metavar="C", help=h("coefficient"))
    ] = 0.9,
    policy: Annotated[str | None, typer.Option("--policy", help=h("policy"))] = None,
) -> Result:
    """Work out a flow test: nozzle flow, projection, verdict or class of each policy."""
    del settings
    if (measured is None) == (pitot is None or nozzle is None):
        raise CommandLineError("cli_flow.which")
    if min(static, residual, measured or 0.0) < 0:
        raise CommandLineError("cli_flow.negative")
    if measured is None:
        measured = _through_nozzle(nozzle, pitot, coefficient)
    policies = [load_policy(name) for name in ([policy] if policy else _USUAL)]
    verdicts = [_verdict(found, measured, static, residual) for found in policies]
    data = {
        "flow_l_s": measured,
        "static_kpa": static,
        "residual_kpa": residual,
        "verdicts": verdicts,
    }
    short = [v for v in verdicts if v["projected_l_s"] is None]
    drop = max((policy.projection["drop"].value for policy in policies), default=0.0)
    notes = (Note.of("cli_flow.no_projection", drop=f"{drop:g}"),) if short else ()
    return Result(data, lambda screen: _show(screen, data), notes)


def _through_nozzle(nozzle: float | None, pitot: float | None, coefficient: float) -> float:
    assert pitot is not None  # noqa: S101  refused before
    assert nozzle is not None  # noqa: S101  as above
    return nozzle_flow_l_s(nozzle, pitot, coefficient)


def _verdict(policy: Policy, flow_l_s: float, static: float, residual: float) -> dict[str, Any]:
    limit = policy.limits["flow_l_s"]
    at_kpa = limit.at_kpa or 0.0
    projected, least_drop = None, policy.least_drop
    if can_project(static, residual, at_kpa, least_drop=least_drop):
        projected = projected_flow_l_s(flow_l_s, static, residual, at_kpa, least_drop=least_drop)
    grade = None if projected is None else grade_of(projected, policy.grades)
    return {
        "policy": policy.name,
        "at_kpa": at_kpa,
        "projected_l_s": projected,
        "limit_l_s": limit.value,
        "sufficient": None if projected is None else projected >= limit.value,
        "grade": None if grade is None else grade.name,
    }


def _show(screen: Screen, data: dict[str, Any]) -> None:
    screen.line("cli_flow.measured", flow=_both(data["flow_l_s"]))
    for verdict in data["verdicts"]:
        if verdict["projected_l_s"] is None:
            continue
        key = "cli_flow.enough" if verdict["sufficient"] else "cli_flow.short"
        screen.line(
            key,
            policy=verdict["policy"],
            flow=_both(verdict["projected_l_s"]),
            at=f"{verdict['at_kpa']:g}",
            limit=f"{verdict['limit_l_s']:g}",
        )
        if verdict["grade"] is not None:
            screen.line("cli_flow.grade", policy=verdict["policy"], grade=verdict["grade"])


def _both(flow_l_s: float) -> str:
    return f"{flow_l_s:.1f} L/s ({flow_l_s / FLOW_L_S['gpm']:.0f} gpm)"
