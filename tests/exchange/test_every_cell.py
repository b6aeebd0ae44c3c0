"""Every cell of a file is stored, named as unread, or refused with its row: the three add up."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hydrant import times
from hydrant.exchange.importing import import_table
from hydrant.exchange.outcome import IGNORED, Options, Outcome
from hydrant.exchange.register_file import read_register
from hydrant.store.ground.backend import column_names
from hydrant.store.ground.place import Place
from hydrant.store.opened.registry import open_registry
from tests.conftest import renew
from tests.exchange.forms import WRITERS

TEXTS = (
    *("fields.code", "fields.name", "fields.owner", "fields.builder", "fields.maintainer"),
    *("fields.supervisor", "fields.outlets", "fields.season", "fields.note", "fields.project"),
    *("fields.consent", "fields.funding", "inspection.inspector", "inspection.note"),
    "inspection.form_version",
)
NUMBERS = (
    *("fields.mains_dn_mm", "fields.design_flow_l_s", "fields.lift_normal_m", "fields.cost"),
    *("fields.lift_drought_m", "fields.truck_slots", "fields.screen_gap_mm", "fields.capacity_m3"),
    *("inspection.static_kpa", "inspection.residual_kpa", "inspection.flow_l_s"),
    *("inspection.level_m", "inspection.lift_m"),
)
DAYS = ("fields.built", "inspection.at")
WORDS = {
    "fields.structure": ("platform", "wharf", "pipe"),
    "fields.service": ("municipal", "rural", "private"),
    "fields.mains_type": ("ring", "branch"),
    "fields.access_lane": ("true", "false", "是"),
    "inspection.outcome": ("works", "fails", "not_found", "not_testable"),
}
TARGETS = (*TEXTS, *NUMBERS, *DAYS, *WORDS)


def cells(target: str) -> st.SearchStrategy[str]:
    """What may stand in a column of a target: mostly right, now and then nothing or nonsense."""
    right: st.SearchStrategy[str] = st.text("甲乙丙AB7-·", min_size=1, max_size=4)
    if target in NUMBERS:
        right = st.integers(1, 90).map(str)
    elif target in DAYS:
        right = st.dates(dt.date(2000, 1, 1), dt.date(2025, 12, 31)).map(dt.date.isoformat)
    elif target in WORDS:
        right = st.sampled_from(WORDS[target])
    nonsense = st.sampled_from(["", "", "  ", "#REF!", "约20", "1,200", "?", "3/4/2025", "a\x07b"])
    return right | right | right | nonsense


@st.composite
def registers(draw: st.DrawFn) -> dict[str, Any]:
    """Columns of a register and how a mapping reads them, which leaves some of them out."""
    targets = draw(st.lists(st.sampled_from(TARGETS), min_size=1, max_size=7, unique=True))
    count = draw(st.integers(1, 4))
    columns = {f"c{n}": draw(st.lists(cells(target), min_size=count, max_size=count))
               for n, target in enumerate(targets)}  # fmt: skip
    mapped = {f"c{n}": target for n, target in enumerate(targets) if draw(st.integers(0, 4))}
    keys = draw(st.lists(st.sampled_from(list(columns)), max_size=2, unique=True))
    ignored = draw(st.none() | st.sampled_from(list(columns)))
    return {
        "form": draw(st.sampled_from(["csv", "xlsx", "json", "geojson", "gpkg"])),
        "columns": columns,
        "mapped": mapped,
        "key": keys,
        "ignore": None if ignored is None else (ignored, columns[ignored][0].strip()),
    }


def rules_of(register: dict[str, Any]) -> str:
    """The mapping as its file."""
    parts: dict[str, list[str]] = {"fields": [], "inspection": []}
    for heading, target in register["mapped"].items():
        part, _, name = target.partition(".")
        parts[part].append(f'{name} = "{heading}"')
    lines = ['source = "any"', f"key = {register['key']!r}"]
    if register["form"] in ("csv", "xlsx", "json"):
        lines.append('position = { x = "lon", y = "lat" }')
    if register["ignore"] is not None:
        heading, cell = register["ignore"]
        escaped = cell.replace("\x07", "\\u0007")
        lines += ["[ignore]", f'{heading} = ["{escaped}"]']
    lines += ["[fields]", 'kind = { constant = "hydrant.pillar" }', 'address = "row"']
    lines += [*parts["fields"], "[inspection]", *parts["inspection"]]
    return "\n".join(lines)


def held(place: Place) -> dict[str, list[Any]]:
    """Every value that is stored of an asset and what was seen of it, by its address."""
    with open_registry(place) as registry:
        ask = registry.connection.execute
        found: dict[str, list[Any]] = {}
        by_uid: dict[str, str] = dict(ask("SELECT uid, address FROM asset").fetchall())
        for table, uid in (
            ("asset", "uid"),
            ("inspection", "asset_uid"),
            ("lifecycle", "asset_uid"),
        ):
            told = ask(f"SELECT * FROM {table}")
            place_of = column_names(told).index(uid)
            for row in told.fetchall():
                found.setdefault(by_uid[row[place_of]], []).extend(row)
    return found


def is_held(cell: str, target: str, values: list[Any], zone: Any) -> bool:
    """Whether a cell's meaning is among the stored values of its row."""
    if target in NUMBERS:
        return any(isinstance(v, int | float) and v == float(cell) for v in values)
    if target in DAYS:
        moments = [v for v in values if isinstance(v, str) and v.endswith("Z") and v[4:5] == "-"]
        return any(times.local_day(times.from_text(v), zone).isoformat() == cell for v in moments)
    if target == "fields.access_lane":
        return (cell != "false") in values
    return cell in values


def account(register: dict[str, Any], outcome: Outcome, place: Place) -> dict[tuple[int, str], str]:
    """What became of each cell that holds anything."""
    stored = held(place)
    told: dict[tuple[int, str], str] = {}
    by_row = {cell: n for n, cell in enumerate(outcome.table.columns["row"])}
    with open_registry(place) as registry:
        zone = registry.zone
    for heading, column in register["columns"].items():
        for n, cell in enumerate(column):
            if not cell.strip():
                continue
            row = by_row[f"r{n}"]
            target = register["mapped"].get(heading)
            if row in outcome.problems:
                told[n, heading] = "refused"
            elif outcome.actions[row] == IGNORED:
                told[n, heading] = "left out"  # as the mapping asks, and counted
            elif heading in outcome.unread:
                told[n, heading] = "unread"
            elif target is None:
                told[n, heading] = "key" if heading in register["key"] else "ignored by"
            elif is_held(cell.strip(), target, stored[f"r{n}"], zone):
                told[n, heading] = "stored"
            elif row in outcome.untold and target.startswith("inspection."):
                told[n, heading] = "named"
            else:
                told[n, heading] = f"SILENT {target} {cell!r}"
    return told


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(register=registers())
def test_stored_unread_and_refused_add_up(
    registry_path: Place, tmp_path: Path, register: dict[str, Any]
) -> None:
    renew(registry_path)
    count = len(next(iter(register["columns"].values())))
    points = [(120.1 + n / 50, 30.2) for n in range(count)]
    file = tmp_path / f"any.{register['form']}"
    file.unlink(missing_ok=True)
    rows = {"row": [f"r{n}" for n in range(count)]}
    WRITERS[register["form"]](file, rows | register["columns"], points)
    rules = tmp_path / "any.toml"
    rules.write_text(rules_of(register), encoding="utf-8")
    table, mapping = read_register(file, str(rules))
    options = Options(crs="cgcs2000", skip_bad=True)
    with open_registry(registry_path, write=True) as registry:
        outcome = import_table(registry, file, table, mapping, options, actor="t")
    told = account(register, outcome, registry_path)
    assert not {cell: how for cell, how in told.items() if how.startswith("SILENT")}
    filled = sum(bool(cell.strip()) for column in register["columns"].values() for cell in column)
    assert len(told) == filled
    assert sum(outcome.count(a) for a in ("new", "refused", "ignored")) == count


def test_a_commissioning_told_otherwise_later_is_named(
    registry_path: Place, tmp_path: Path
) -> None:
    file, rules = tmp_path / "any.csv", tmp_path / "any.toml"
    rules.write_text(
        'key = ["row"]\nposition = { x = "lon", y = "lat" }\n[fields]\nbuilt = "day"\n'
        'kind = { constant = "hydrant.pillar" }\nowner = "owner"\nproject = "project"\n',
        encoding="utf-8",
    )

    def taken(days: list[str], owners: list[str]) -> list[int]:
        columns = {"row": ["a", "b"], "day": days, "owner": owners, "project": ["路改", ""]}
        WRITERS["csv"](file, columns, [(120.1, 30.2), (120.2, 30.2)])
        table, mapping = read_register(file, str(rules))
        with open_registry(registry_path, write=True) as registry:
            outcome = import_table(registry, file, table, mapping, Options(crs="wgs84"), actor="t")
        return outcome.begun

    assert taken(["2020-05-01", "2021-05-01"], ["甲", "甲"]) == []
    assert taken(["2020-05-01", "2021-05-01"], ["乙", "甲"]) == []
    assert taken(["2020-05-01", "2022-05-01"], ["乙", "甲"]) == [1]
