"""How two dates are shown beside each other: both rates, assets, required numbers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from hydrant.cli.rate_view import (
    completeness_text,
    day_text,
    percent_text,
    show_fallen,
    show_mark,
)
from hydrant.cli.screen import Screen
from hydrant.geo.datum import Crs
from hydrant.report.change import ChangedAsset, Comparison, RestatedNumber
from hydrant.report.changed_units import ChangedUnit
from hydrant.report.integrity_json import dated_json
from hydrant.report.listing import JudgedAsset
from hydrant.report.required_name import kind_name
from hydrant.store.regions.region_tree import RegionTree


def comparison_json(found: Comparison, crs: Crs) -> dict[str, Any]:
    """Both sides, and what counts otherwise, as scripts see it."""
    return {
        "before": dated_json(found.before),
        "after": dated_json(found.after),
        "assets": [_changed(changed, crs) for changed in found.changed],
        "numbers": [_number(number) for number in found.restated],
        "units": [_unit(unit) for unit in found.units],
    }


def _changed(changed: ChangedAsset, crs: Crs) -> dict[str, Any]:
    return {
        "uid": changed.known.uid,
        "code": changed.known.code,
        "changes": list(changed.kinds_of_change),
        "why": list(changed.why),
        "before": None if changed.before is None else changed.before.json(crs),
        "after": None if changed.after is None else changed.after.json(crs),
        "outside": None if changed.outside is None else changed.outside.json(crs),
    }


def _number(number: RestatedNumber) -> dict[str, Any]:
    return {
        "region": number.region,
        "kind": number.kind,
        "service": number.service,
        "change": number.change,
        "before": number.before,
        "after": number.after,
    }


def _unit(unit: ChangedUnit) -> dict[str, object]:
    return {
        "region": unit.region,
        "change": unit.change,
        "before": unit.parents[0],
        "after": unit.parents[1],
        "successors": list(unit.heirs),
        "assets": unit.assets,
    }


def show_comparison(screen: Screen, found: Comparison) -> None:
    """Both sides, then every asset and number that counts otherwise, and units that moved."""
    for report in (found.before, found.after):
        order = report.total.working_order
        screen.line(
            "cli_compare.side",
            as_of=day_text(screen, report),
            completeness=completeness_text(screen, report.total.completeness),
            order=percent_text(screen, order.percent),
            intact=order.intact,
            existing=order.existing,
        )
    show_mark(screen, found.before.total.completeness, found.after.total.completeness)
    show_fallen(screen, found.before, found.after)
    screen.text()
    screen.line("cli_compare.changed", count=len(found.changed))
    if found.changed:
        _assets(screen, found)
    screen.line("cli_compare.restated", count=len(found.restated))
    if found.restated:
        _numbers(screen, found)
    if found.units:
        screen.line("cli_compare.units", count=len(found.units))
        _units(screen, found)


def _assets(screen: Screen, found: Comparison) -> None:
    names = ("code", "kind", "change", "before", "after", "reason")
    screen.table(
        [screen.t(f"cli_compare.column_{name}") for name in names],
        [
            (
                changed.known.code or changed.known.uid,
                screen.label("kind", changed.known.kind),
                ", ".join(
                    screen.t(f"cli_compare.change_{kind}") for kind in changed.kinds_of_change
                ),
                _condition(screen, changed.before),
                _condition(screen, changed.after),
                screen.t("cli_compare.between").join(_reasons(screen, found, changed)),
            )
            for changed in found.changed
        ],
    )


def _condition(screen: Screen, asset: JudgedAsset | None) -> str | None:
    return None if asset is None else screen.label("condition", str(asset.verdict.condition))


def _reasons(screen: Screen, found: Comparison, changed: ChangedAsset) -> Iterator[str]:
    """What of an asset changed, with what it was and is; of one that counts now also its state."""
    for why in changed.why:
        yield from _reason(screen, found, changed, why)
    if changed.after is not None and "condition" not in changed.why:
        yield screen.t(f"integrity.reason_{changed.after.verdict.reason}")


def _reason(screen: Screen, found: Comparison, changed: ChangedAsset, why: str) -> Iterator[str]:
    one, other = changed.sides
    if one is None or other is None:  # nothing is on record of one side
        yield screen.t("cli_compare.no_record" if one is None else "cli_compare.record_gone")
    elif why == "condition":
        yield screen.t(f"integrity.reason_{other.verdict.reason}")
    elif why == "existence":
        gone = changed.after is None
        reason = screen.t(f"integrity.reason_{(other if gone else one).verdict.reason}")
        yield reason if gone else screen.t("cli_compare.existed_not", reason=reason)
    elif why == "built":
        yield screen.t("cli_compare.built" if other.verdict.built else "cli_compare.not_built")
    elif why == "duty":
        for name, value in one.fields.items():
            if value != other.fields[name]:
                yield _from_to(screen, screen.t(f"fields.{name}"), value, other.fields[name])
    else:
        before, after = (_worded(screen, found, changed, why, side) for side in (0, 1))
        yield _from_to(screen, screen.t(f"cli_compare.change_{why}"), before, after)


def _worded(
    screen: Screen, found: Comparison, changed: ChangedAsset, why: str, side: int
) -> str | None:
    """Region, kind or service on one of the sides."""
    asset = changed.sides[side]
    if why == "region":
        trees = found.before.tree, found.after.tree
        return _places(screen, trees, changed.regions)[side]
    return None if asset is None else screen.label(why, getattr(asset, why))


def _places(
    screen: Screen, trees: tuple[RegionTree, RegionTree], codes: tuple[str | None, str | None]
) -> tuple[str | None, ...]:
    """Names of two units; where one would read as the other, what it lay in, or its code, too."""
    names = [
        None if code is None else tree.name(code, screen.lang)
        for tree, code in zip(trees, codes, strict=True)
    ]
    if names[0] != names[1] or None in codes:
        return tuple(names)
    if codes[0] != codes[1]:
        return tuple(f"{name} ({code})" for name, code in zip(names, codes, strict=True))
    return tuple(_where_moved(screen, trees, str(codes[0])))


def _where_moved(
    screen: Screen, trees: tuple[RegionTree, RegionTree], code: str
) -> Iterator[str | None]:
    """On each side, the unit at or above another that was moved, and what it lay in."""
    paths = [tree.codes(code) for tree in trees]
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(*paths, strict=False))
    common = [one for one, _ in pairs]
    for tree, path in zip(trees, paths, strict=True):
        name, above = tree.name(common[-1], screen.lang), path[len(common) :]
        if not above:
            yield name
            continue
        facts = {"unit": name, "above": f"{tree.name(above[0], screen.lang)} ({above[0]})"}
        yield screen.t("cli_compare.in_unit", **facts)


def _from_to(screen: Screen, what: str, before: str | None, after: str | None) -> str:
    none = screen.t("cli_integrity.nowhere")
    return screen.t("cli_compare.from_to", what=what, before=before or none, after=after or none)


def _units(screen: Screen, found: Comparison) -> None:
    """Units that lie elsewhere: in what before, in what (or into what they went) now."""
    names = ("region", "change", "unit_before", "unit_after", "unit_assets")
    trees = found.before.tree, found.after.tree
    rows = []
    for unit in found.units:
        name = trees[0 if unit.ended else 1].name(unit.region, screen.lang)
        into = unit.heirs if unit.ended else [one for one in unit.parents[1:] if one]
        before = [one for one in unit.parents[:1] if one]
        rows.append(
            (
                f"{name} ({unit.region})",
                screen.t(f"cli_compare.unit_{unit.change}"),
                *(
                    ", ".join(f"{tree.name(code, screen.lang)} ({code})" for code in codes) or None
                    for tree, codes in zip(trees, (before, into), strict=True)
                ),
                unit.assets,
            )
        )
    screen.table([screen.t(f"cli_compare.column_{name}") for name in names], rows, numeric=(4,))


def _numbers(screen: Screen, found: Comparison) -> None:
    names = ("region", "kind", "change", "required_before", "required_after")
    screen.table(
        [screen.t(f"cli_compare.column_{name}") for name in names],
        [
            (
                (found.after if number.after is not None else found.before).tree.name(
                    number.region, screen.lang
                ),
                kind_name(number.kind, number.service, screen.lang),
                screen.t(f"cli_compare.number_{number.change}"),
                number.before,
                number.after,
            )
            for number in found.restated
        ],
        numeric=(3, 4),
    )
