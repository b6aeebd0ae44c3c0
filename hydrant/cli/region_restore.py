"""``hydrant region restore``: an end of a region that was recorded by mistake."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

import typer

from hydrant import times
from hydrant.cli.decided import Asked, Changed, Figures, changed_json, on_days, show_changed
from hydrant.cli.frame import Result, Settings, command, helper
from hydrant.cli.screen import Screen
from hydrant.cli.stated_anew import held_anew
from hydrant.store.opened.registry import Registry
from hydrant.store.regions.regions import find_region, present_regions
from hydrant.store.regions.succession import Restored, heirs_of, restore
from hydrant.survey.unit_days import Days

h = helper("region_restore")
#: Assets that are named one by one on the screen; JSON has all.
_SHOWN = 20


def restore_(
    settings: Settings,
    region: Annotated[str, typer.Argument(help=h("region"))],
    *,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=h("reason"))],
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help=h("by"))] = None,
) -> Result:
    """Take back that a region ended; it stands again as if it had not."""
    with settings.registry(write=True) as registry:
        meant = present_regions(registry)[find_region(registry, region).code]
        figures = Figures(registry, _asked(registry, meant.code, meant.valid_until))
        with settings.transaction(registry, by) as writer:
            back = restore(writer, meant, reason)
            changed = figures.changed()
            better = held_anew(writer, {meant.code, *back.heirs})
        data = _data(registry, meant.code, back, reason, changed)

    def show(screen: Screen) -> None:
        _show(screen, data, back)
        show_changed(screen, changed, figures.left_out)

    return Result(data, show, better)


def _asked(registry: Registry, code: str, at: dt.datetime | None) -> Iterator[Asked]:
    """The unit and what took over from it, since it was said to end."""
    if at is not None:
        units = (code, *heirs_of(registry, code))
        yield from on_days(registry, units, [Days(times.to_text(at), None)])


def _data(
    registry: Registry, code: str, back: Restored, reason: str, changed: Iterable[Changed]
) -> dict[str, object]:
    day = None if back.at is None else times.local_day(back.at, registry.zone).isoformat()
    return {
        "code": code,
        "action": "unchanged" if back.at is None else "restored",
        "ended": day,
        "successors": back.heirs,
        "assets": [{"uid": asset.uid, "code": asset.code} for asset in back.assets],
        "reason": None if back.at is None else reason,
        "figures_changed": changed_json(changed),
    }


def _show(screen: Screen, data: Mapping[str, object], back: Restored) -> None:
    heirs = tuple(back.heirs) or ("–",)
    key = f"cli_region_restore.{data['action']}"
    screen.line(key, code=data["code"], ended=data["ended"], heirs=heirs, reason=data["reason"])
    if back.assets:
        names = [asset.code or asset.uid for asset in back.assets]
        assets = ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
        told = {"code": data["code"], "count": len(names), "assets": assets}
        screen.line("cli_region_restore.back", **told)


def add_to(app: typer.Typer) -> None:
    """Make this command part of ``hydrant region``."""
    command(app, "restore")(restore_)
