"""Whatever lowers or raises a rate between two days is named by ``compare``, with the reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hydrant.messages import label, text
from hydrant.vocabulary import Language
from tests.conftest import Program

FIRST, DAY, LAST = "2024-01-01", "2025-06-01", "2025-12-31"
BEFORE = "2025-05-31"
REGIONS = (
    "code,name_zh,name_en,level,parent_code\n"
    "Y,云县,Yun,county,\nY1,东镇,Dong,township,Y\nY2,西镇,Xi,township,Y\n"
    "Z,林县,Lin,county,\n"
)


@pytest.fixture
def county(program: Program, tmp_path: Path) -> Program:
    """Two townships with a number each, and what meets them, since 2024."""
    path = tmp_path / "regions.csv"
    path.write_text(REGIONS, "utf-8")
    program.data("region", "import", path)
    assets = (
        ("H1", "hydrant.pillar", "Y1"), ("H2", "hydrant.pillar", "Y2"), ("I1", "intake.river", "Y1")
    )  # fmt: skip
    for number, (code, kind, region) in enumerate(assets):
        program.data("asset", "add", code, "--kind", kind, "--lon", 120 + number / 100, "--lat", 30,
                     "--crs", "cgcs2000", "--region", region, "--built", FIRST,
                     "--set", "service=municipal")  # fmt: skip
    program.data("asset", "edit", "I1", "--set", "structure=platform", "--correct")
    for region, kind in (("Y1", "hydrant"), ("Y2", "hydrant"), ("Y1", "intake")):
        program.data("require", "set", region, kind, 1, "--from", FIRST, "--service", "municipal")
    return program


def completeness(side: dict[str, Any]) -> float:
    found: float = side["completeness"]["percent"]
    return found


def edit(*words: str) -> Callable[[Program], object]:
    return lambda program: program.data("asset", "edit", *words, "--from", DAY)


#: What happens to an asset on the day; the change and the reason that are told of it.
CHANGES = {
    "another service": (edit("H1", "--set", "service=rural"), "H1", ["service"], ["service"]),
    "no structure": (edit("I1", "--set", "structure=none"), "I1", ["built"], ["built"]),
    "private": (edit("H1", "--set", "service=private"), "H1", ["gone"], ["service"]),
    "another unit": (edit("H1", "--region", "Y2"), "H1", ["region"], ["region"]),
    "out of the county": (edit("H1", "--region", "Z"), "H1", ["gone"], ["region"]),
    "another kind": (edit("H1", "--kind", "tank.tower"), "H1", ["kind"], ["kind"]),
    "both": (
        edit("H1", "--kind", "crane", "--set", "service=rural"), "H1", ["kind", "service"],
        ["kind", "service"],
    ),
    "removed": (
        lambda program: program.data("asset", "retire", "H1", "--at", DAY), "H1", ["gone"],
        ["existence"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_what_lowered_completeness_is_named(county: Program, what: str) -> None:
    happens, code, changes, why = CHANGES[what]
    happens(county)
    found = county.data("compare", BEFORE, LAST, "--region", "Y")
    assert (completeness(found["before"]), completeness(found["after"])) == (100, 66.66)
    (asset,) = found["assets"]
    assert (asset["code"], asset["changes"], asset["why"]) == (code, changes, why)
    assert (asset["after"] is None) is (changes == ["gone"])
    assert found["numbers"] == []
    # the same the other way round: what raised it
    (asset,) = county.data("compare", "2023-06-01", BEFORE, "--region", "Y")["assets"][:1]
    assert (asset["changes"], asset["why"]) == (["appeared"], ["existence"])


@pytest.mark.parametrize("lang", Language)
def test_the_reason_stands_beside_the_asset(county: Program, lang: Language) -> None:
    edit("H1", "--set", "service=private")(county)
    edit("I1", "--set", "structure=none", "--maintainer", "水务")(county)
    shown = " ".join(county("compare", BEFORE, LAST, lang=lang).out.split())
    was, now = (label("service", word, lang) for word in ("municipal", "private"))
    assert f"{was} → {now}" in shown
    assert text("cli_compare.not_built", lang) in shown
    assert "→ 水务" in shown


def test_back_among_the_figures_is_told_alike(county: Program) -> None:
    county.data("asset", "edit", "H1", "--set", "service=private", "--from", "2024-06-01")
    edit("H1", "--set", "service=municipal")(county)
    (asset,) = county.data("compare", BEFORE, LAST)["assets"]
    assert (asset["changes"], asset["why"]) == (["appeared"], ["service"])
    assert (asset["outside"]["service"], asset["after"]["service"]) == ("private", "municipal")


def test_of_another_kind_than_asked_for(county: Program) -> None:
    edit("H1", "--kind", "tank.tower")(county)
    (asset,) = county.data("compare", BEFORE, LAST, "--kind", "hydrant")["assets"]
    assert (asset["changes"], asset["why"]) == (["gone"], ["kind"])
    assert asset["outside"]["kind"] == "tank.tower"
    (asset,) = county.data("compare", BEFORE, LAST, "--kind", "tank")["assets"]
    assert (asset["changes"], asset["why"]) == (["appeared"], ["kind"])


def numbers(program: Program, *words: str) -> list[tuple[Any, ...]]:
    found = program.data("compare", BEFORE, LAST, *words)["numbers"]
    names = ("region", "kind", "service", "change", "before", "after")
    return [tuple(row[name] for name in names) for row in found]


def test_restated_numbers_are_a_list_of_their_own(county: Program) -> None:
    county.data("require", "set", "Y1", "hydrant", 4, "--from", DAY, "--service", "municipal")
    county.data("require", "set", "Z", "tank", 2, "--from", DAY)
    changed = ("Y1", "hydrant", "municipal", "changed", 1, 4)
    added = ("Z", "tank", None, "added", None, 2)
    assert numbers(county) == [changed, added]
    assert numbers(county, "--region", "Y") == [changed]
    assert numbers(county, "--kind", "tank") == [added]
    found = county.data("compare", BEFORE, LAST, "--region", "Y")
    assert completeness(found["after"]) == 50
    assert found["assets"] == []
    for lang, word in (("en", "changed"), ("zh", "调整")):
        assert word in county("compare", BEFORE, LAST, "--region", "Y", lang=lang).out


def test_numbers_and_assets_of_a_unit_that_ended_are_named(county: Program) -> None:
    county.data("region", "succeed", "Y2", "Y1", "--at", DAY)
    assert numbers(county) == [
        ("Y1", "hydrant", "municipal", "changed", 1, 2),
        ("Y2", "hydrant", "municipal", "ended", 1, None),
    ]
    (asset,) = county.data("compare", BEFORE, LAST)["assets"]
    assert (asset["code"], asset["changes"], asset["why"]) == ("H2", ["region"], ["region"])
    assert "Xi → Dong" in county("compare", BEFORE, LAST).out
