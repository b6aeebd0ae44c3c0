"""Regions, imports of them and successions on the screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hydrant.cli.screen import Screen
from hydrant.messages import label
from hydrant.report.required_name import kind_name
from hydrant.store.regions.region_outlines import Doubtful
from hydrant.store.regions.succession import Parted

#: Assets that are named one by one on the screen; JSON has all.
_SHOWN = 20


def show_regions(screen: Screen, rows: Sequence[Mapping[str, Any]]) -> None:
    """Regions as a table."""
    screen.table(
        [screen.t(f"cli_region.{name}") for name in ("code", "name", "level_title", "until")],
        [
            (
                row["code"],
                row[f"name_{screen.lang}"] or row["name_zh"] or row["name_en"],
                label("level", row["level"], screen.lang),
                row["valid_until"] or "",
            )
            for row in rows
        ],
    )


def part_data(code: str, parted: Parted) -> dict[str, Any]:
    """Where the assets of a unit that was split went, JSON-able."""
    return {
        "code": code,
        "moved": parted.moved,
        "by_list": sum(map(len, parted.by_list.values())),
        "by_outline": sum(map(len, parted.by_outline.values())),
        "left": [
            {
                "uid": asset.uid,
                "code": asset.code,
                "lon": None if asset.geom is None else asset.geom[0],
                "lat": None if asset.geom is None else asset.geom[1],
            }
            for asset in parted.left
        ],
    }


def show_imported(
    screen: Screen, file: str, counts: Mapping[str, int], split: Sequence[Mapping[str, Any]]
) -> None:
    """What an import of a table did."""
    screen.line("cli_region.imported", file=file, **counts)
    for one in split:
        _show_part(screen, one)


def show_doubtful(screen: Screen, astray: Sequence[Doubtful]) -> None:
    """Assets outside the region that they state."""
    if not astray:
        return
    screen.line("cli_region.doubtful", count=len(astray))
    screen.table(
        [screen.t(f"cli_region.{name}") for name in ("asset", "stated", "lies_in")],
        [(one.code or one.uid, one.stated, one.lies_in) for one in astray[:_SHOWN]],
    )


def show_succession(screen: Screen, data: Mapping[str, Any]) -> None:
    """What was recorded of a succession, and what is left to do."""
    heirs = tuple(data["successors"])
    key = "succeeded" if data["action"] == "new" else "stands"
    screen.line(f"cli_region.{key}", code=data["code"], heirs=heirs, at=data["at"])
    _show_part(screen, data)
    replaced = bool(data["replaced"])
    for name, kept in (
        ("passed" if replaced else "passed_alone", data["passed"]),
        ("replaced", data["replaced"]),
        ("restate", data["restate"]),
    ):
        if kept:
            numbers = tuple(_number(row, screen) for row in kept)
            screen.line(f"cli_region.{name}", code=data["code"], heirs=heirs, numbers=numbers)
    if data["below"]:
        screen.line(
            "cli_region.below", code=data["code"], count=len(data["below"]),
            regions=", ".join(data["below"][:_SHOWN]),
        )  # fmt: skip


def _number(row: Mapping[str, Any], screen: Screen) -> str:
    said = f"{kind_name(row['kind'], row['service'], screen.lang)} {row['count']}"
    if "from" not in row:
        return said
    return screen.t("cli_region.replaced_from", number=said, day=row["from"])


def _show_part(screen: Screen, data: Mapping[str, Any]) -> None:
    if data["moved"]:
        moved = ", ".join(f"{heir} {count}" for heir, count in data["moved"].items())
        screen.line(
            "cli_region.parted", code=data["code"], moved=moved, by_list=data["by_list"],
            by_outline=data["by_outline"],
        )  # fmt: skip
    if data["left"]:
        names = [asset["code"] or asset["uid"] for asset in data["left"]]
        more = " …" if len(names) > _SHOWN else ""
        screen.line(
            "cli_region.left", code=data["code"], count=len(names),
            assets=", ".join(names[:_SHOWN]) + more,
        )  # fmt: skip
