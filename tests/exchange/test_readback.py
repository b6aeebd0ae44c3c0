"""An export that goes into an empty registry gives the same facts: every field, in every form."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hydrant.cli.main import run
from hydrant.model.inputs import AssetInput, InspectionInput, LifecycleInput, below_zero
from hydrant.model.tables import Asset, Inspection, Lifecycle
from hydrant.store.file.migrate import create
from hydrant.store.opened.registry import open_registry
from hydrant.store.opened.transactions import transaction
from hydrant.vocabulary import KINDS, Outcome

FORMS = ("csv", "xlsx", "geojson", "gpkg")
#: Texts that some program on the way takes for something else.
LOOKS = ("007", "1e5", "12.0", "true", "NULL", "nan", "=1+1", "'quoted", "-", "a,b;c", '3"',
         "第一行\n第二行", "2026-05-01", "03/04/2026", "１２", "_x0041_", "Ω≈ç√", "是")  # fmt: skip
texts = st.sampled_from(LOOKS) | st.text("甲乙AB01-. '\"", min_size=1).map(str.strip).filter(bool)
moments = st.sampled_from(
    [
        dt.datetime(2023, 12, 31, 16, tzinfo=dt.UTC),
        dt.datetime(2024, 5, 1, 1, 30, tzinfo=dt.UTC),
        dt.datetime(1990, 7, 1, 15, tzinfo=dt.UTC),
    ]
)
#: Fields that are filled otherwise, or belong to a phone.
APART = {"code", "kind", "region_code", "service", "outcome", "event"}
REGION = "330199"


#: None that may be in another unit, kPa.
pressures = st.floats(10, 900).map(lambda number: round(number, 6))


def values_of(model: Any) -> dict[str, st.SearchStrategy[Any]]:
    """What each field of an input may hold."""
    return {
        name: st.none() | _named(name, info)
        for name, info in model.model_fields.items()
        if name not in APART and not name.startswith("observer")
    }


def _named(name: str, info: Any) -> st.SearchStrategy[Any]:
    if name == "outlets":
        return texts.filter(lambda text: not below_zero(text))
    return pressures if name.endswith("_kpa") else _value(info)


def _value(info: Any) -> st.SearchStrategy[Any]:
    kinds = [
        get_args(kind)[0] if get_origin(kind) is Annotated else kind
        for kind in (get_args(info.annotation) or (info.annotation,))
        if kind
    ]
    word = next((k for k in kinds if isinstance(k, type) and issubclass(k, Enum)), None)
    if word is not None:
        return st.sampled_from([one.value for one in word])
    if dt.datetime in kinds:
        return moments
    if bool in kinds:
        return st.booleans()
    if int in kinds:
        return st.integers(0, 90)
    if float in kinds:
        # a workbook keeps fifteen digits of a number, as spreadsheets do
        return st.floats(0.001, 90).map(lambda number: round(number, 6)) | st.just(1e-7)
    return texts


described = st.lists(
    st.fixed_dictionaries(
        {
            "asset": st.fixed_dictionaries(values_of(AssetInput)),
            "kind": st.sampled_from(KINDS),
            "service": st.sampled_from(["municipal", "rural", "private"]),
            "region": st.sampled_from([None, REGION]),
            "begun": st.none() | st.fixed_dictionaries(
                {k: v for k, v in values_of(LifecycleInput).items() if k != "note"}),
            "visit": st.none() | st.fixed_dictionaries(values_of(InspectionInput)),
            "outcome": st.sampled_from([o.value for o in Outcome if o is not Outcome.NOT_TESTABLE]),
        }
    ),
    min_size=1,
    max_size=3,
)  # fmt: skip


def make(path: Path, entries: list[dict[str, Any]]) -> None:
    """A registry of what is described."""
    with (
        open_registry(path, write=True) as registry,
        transaction(registry, actor="t", origin="t") as writer,
    ):
        for number, one in enumerate(entries):
            asset = Asset(
                code=f"H{number}", kind=one["kind"], service=one["service"],
                region_code=one["region"], geom=(round(119.9 + number / 50, 4), 30.2),
                **one["asset"],
            )  # fmt: skip
            writer.add(asset)
            writer.flush()
            begun = {k: v for k, v in (one["begun"] or {}).items() if v is not None}
            if begun:
                writer.add(Lifecycle(asset_uid=asset.uid, event="commissioned", **begun))
            if one["visit"] is not None:
                writer.add(Inspection(asset_uid=asset.uid, outcome=one["outcome"], **one["visit"]))


def facts(path: Path) -> list[tuple[Any, ...]]:
    """Every field of every asset, commissioning and visit, by the asset's number."""
    tables = {
        "asset": ["geom", *AssetInput.model_fields],
        "lifecycle": ["event", "at", "project", "consent", "funding", "cost"],
        "inspection": [n for n in InspectionInput.model_fields if not n.startswith("observer")],
    }
    found: list[tuple[Any, ...]] = []
    with open_registry(path) as registry:
        ask = registry.connection.execute
        for table, columns in tables.items():
            on = "uid" if table == "asset" else "asset_uid"
            named = ", ".join(f"t.{name}" for name in columns)
            found += [
                (table, *row)
                for row in ask(
                    f"SELECT a.code, {named} FROM {table} t JOIN asset a ON a.uid = t.{on}"
                ).fetchall()
            ]
    return sorted(found, key=repr)


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=6, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(entries=described)
def test_every_field_comes_back(
    tmp_path_factory: pytest.TempPathFactory, form: str, entries: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("readback")
    regions = folder / "regions.csv"
    regions.write_text(f"code,name,level\n{REGION},县,county\n", encoding="utf-8")
    first, second, file = folder / "a.gpkg", folder / "b.gpkg", folder / f"out.{form}"
    for path in (first, second):
        create(path, settings={"policy": "zhejiang", "zone": "Asia/Shanghai"})
        assert run(["region", "import", str(regions), "--db", str(path), "--json"]) == 0
    make(first, entries)
    assert run(["export", str(file), "--db", str(first), "--json"]) == 0
    assert run(["import", str(file), "--crs", "cgcs2000", "--db", str(second), "--json"]) == 0
    before, after = facts(first), facts(second)
    assert [one for one in after if one not in before] == []
    assert [one for one in before if one not in after] == []
