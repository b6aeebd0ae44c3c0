"""Numbers of parents and children, of services, units without one, and villages without water."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant.integrity.condition import Verdict
from hydrant.integrity.policy_reader import load_policy
from hydrant.integrity.required import Numbers, Stated
from hydrant.model.tables import Requirement
from hydrant.report.grouping import Builder, Row, Scope
from hydrant.report.units import Units, standing
from hydrant.store.opened.registry import open_registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.regions.region_tree import RegionNode, RegionTree, load_tree
from hydrant.store.regions.required import requirements_at
from hydrant.survey.row_rules import problem_of
from hydrant.vocabulary import Condition
from tests.conftest import Program

REGIONS = (
    "code,name_zh,name_en,level,parent_code\n"
    "C,云水县,Yunshui,county,\n"
    "T1,东镇,Dong,township,C\nT2,西镇,Xi,township,C\nT3,南镇,Nan,township,C\n"
    "V11,甲村,Jia,village,T1\nV12,乙村,Yi,village,T1\nV21,丙村,Bing,village,T2\n"
)


@pytest.fixture
def county(program: Program, tmp_path: Path) -> Program:
    path = tmp_path / "regions.csv"
    path.write_text(REGIONS, "utf-8")
    program.data("region", "import", path)
    return program


def build(program: Program, folder: Path, *assets: str) -> None:
    """Enter assets given as ``region kind service``, each tested yesterday when a star follows."""
    lines = ["code,kind,lon,lat,region,service"]
    for n, text in enumerate(assets):
        region, kind, service, *_ = text.split()
        lines.append(f"{region}-{n},{kind},{120 + n / 100},30.1,{region},{service}")
    path = folder / "assets.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    program.data("import", path, "--crs", "cgcs2000")
    for n, text in enumerate(assets):
        if text.endswith("*"):
            program.data("survey", "record", f"{text.split()[0]}-{n}", "--outcome", "works")


def require(program: Program, *stated: str) -> None:
    """State numbers given as ``region kind n [service]``."""
    for text in stated:
        region, kind, number, *service = text.split()
        extra = ("--service", *service) if service else ()
        program.data("require", "set", region, kind, number, "--from", "2021-01-01", *extra)


def figures(program: Program, *words: object) -> tuple[Any, ...]:
    found = program.data("integrity", *words)["total"]["completeness"]
    return tuple(found[name] for name in ("required", "built", "met", "shortfall"))


def needs(program: Program, *words: object) -> list[tuple[Any, ...]]:
    found = program.data("integrity", "--explain", *words)["explanation"]["completeness"]
    names = ("region", "kind", "service", "required", "built", "beyond")
    return [tuple(need[name] for name in names) for need in found]


def lacking(program: Program, *words: object) -> list[tuple[Any, ...]]:
    found = program.data("integrity", *words)["total"]["completeness"]["units"]
    return [(unit["region"], unit["kind"], unit["service"]) for unit in found]


def test_what_a_county_requires_beyond_its_townships_stays(county: Program, tmp_path: Path) -> None:
    require(county, "C crane 10", "T1 crane 1", "V11 crane 3")
    build(county, tmp_path, *["T1 crane municipal"] * 2, "V11 crane municipal",
          "T2 crane municipal", "C crane municipal")  # fmt: skip
    assert needs(county) == [
        ("C", "crane", None, 7, 2, True),
        ("V11", "crane", None, 3, 1, False),
    ]
    data = county.data("integrity")
    assert [
        (d["region"], d["stated"], d["sum_below"], d["counts"])
        for d in data["requirements_disagreeing"]
    ] == [("T1", 1, 3, "below")]
    assert figures(county) == (10, 3, 3, 7)
    rows = county.data("integrity", "--list", "shortfall")["list"]
    assert [(r["region"], r["beyond"], r["shortfall"]) for r in rows] == [
        ("C", True, 5),
        ("V11", False, 2),
    ]
    todo = county.data("todo", "--list", "shortfall")["list"]
    assert [(r["region"], r["beyond"], r["missing"]) for r in todo] == [
        ("C", True, 5),
        ("V11", False, 2),
    ]
    assert "required 7 of 10" in county("integrity", "--explain").out
    assert "应建 10（未注明依据）中的 7" in county("integrity", "--explain", lang="zh").out
    for lang, words in (("en", "beyond what the units below"), ("zh", "下级应建合计以外")):
        for command in (("integrity", "--list", "shortfall"), ("todo", "--list", "shortfall")):
            assert words in " ".join(county(*command, lang=lang).out.split())


def test_the_remainder_is_a_group_of_its_own(county: Program, tmp_path: Path) -> None:
    require(county, "C hydrant 10", "T1 hydrant 4")
    build(county, tmp_path, *["T1 hydrant municipal"] * 3, *["T2 hydrant municipal"] * 2)
    groups = county.data("integrity", "--by", "township")["groups"]
    assert [
        (g["key"], g["beyond"], g["completeness"]["required"], g["completeness"]["met"])
        for g in groups
    ] == [("T1", False, 4, 3), ("T2", False, 0, 0), ("C", True, 6, 2)]
    assert [u["region"] for u in groups[1]["completeness"]["units"]] == ["T2"]
    assert "Yunshui, outside" in county("integrity", "--by", "township").out
    assert "云水县（未分解" in county("integrity", "--by", "township", lang="zh").out


def test_columns_that_are_not_read_are_named(county: Program, tmp_path: Path) -> None:
    file = tmp_path / "need.csv"
    file.write_text(
        "region,kind,count,from,Servce,备注\nT1,hydrant,2,2021-01-01,municipal,x\n", "utf-8"
    )
    for lang in ("zh", "en"):
        ran = county("require", "import", file, "--json", lang=lang)
        assert ran.data["unread"] == ["Servce", "备注"]
        (said,) = ran.json["messages"]
        assert "Servce, 备注" in said["text"]
    file.write_text("region,kind,count,from,service\nT1,tank,2,2021-01-01,municipal\n", "utf-8")
    ran = county("require", "import", file, "--json")
    assert (ran.data["unread"], ran.json["messages"]) == ([], [])


def test_a_surplus_of_one_service_hides_nothing(county: Program, tmp_path: Path) -> None:
    file = tmp_path / "need.csv"
    file.write_text(
        "region,kind,count,from,service\nT1,hydrant,2,2021-01-01,municipal\n"
        "T1,hydrant,3,2021-01-01,rural\nT2,hydrant,1,2021-01-01,\n",
        "utf-8",
    )
    county.data("require", "import", file)
    assert county.data("require", "import", file)["unchanged"] == 3
    build(county, tmp_path, *["T1 hydrant municipal"] * 5, "T1 hydrant rural", "T2 hydrant rural")
    assert figures(county) == (6, 7, 4, 2)
    listed = county.data("require", "list")["requirements"]
    assert [(r["region"], r["service"], r["count"]) for r in listed] == [
        ("T1", "municipal", 2), ("T1", "rural", 3), ("T2", None, 1),
    ]  # fmt: skip
    (row,) = county.data("todo", "--list", "shortfall")["list"]
    assert (row["service"], row["missing"]) == ("rural", 2)
    groups = county.data("integrity", "--by", "service")["groups"]
    assert [(g["key"], g["completeness"]["required"], g["completeness"]["met"]) for g in groups] \
        == [("municipal", 2, 2), ("rural", 3, 1), (None, 1, 1)]  # fmt: skip
    assert "(rural)" in county("integrity", "--list", "shortfall").out
    assert "（农村）" in county("integrity", "--list", "shortfall", lang="zh").out


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("T1 hydrant 1", "T1 hydrant 1 rural"),
        ("T1 hydrant 1 municipal", "T1 hydrant.pillar 1"),
        ("T1 hydrant.pillar 1 rural", "T1 hydrant 1 rural"),
    ],
)
def test_numbers_that_overlap_in_a_region_are_refused(
    county: Program, first: str, second: str
) -> None:
    require(county, first)
    region, kind, number, *service = second.split()
    extra = ("--service", *service) if service else ()
    for lang in ("en", "zh"):
        ran = county("require", "set", region, kind, number, "--from", "2022-01-01", *extra,
                     lang=lang)  # fmt: skip
        assert ran.code == 3
        assert len(ran.err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("service", "refused"), [("private", True), ("rural", False), (None, False)]
)
def test_other_programs_and_packages_state_public_services_only(
    service: str | None, refused: bool
) -> None:
    row = {"region_code": "T1", "kind": "hydrant", "count": 1, "service": service}
    assert (problem_of("requirement", row, now=dt.datetime.now(dt.UTC)) is not None) == refused


def test_numbers_beside_each_other_and_wrong_services(county: Program, tmp_path: Path) -> None:
    require(county, "T1 hydrant.pillar 1 rural", "T1 hydrant 2 municipal")
    assert county("require", "set", "T1", "well", 1, "--from", "2021-01-01",
                  "--service", "private").code == 2  # fmt: skip
    file = tmp_path / "need.csv"
    file.write_text("region,kind,count,from,service\nT1,well,2,2021-01-01,private\n", "utf-8")
    ran = county("require", "import", file)
    assert ran.code == 3
    assert "need.csv:2" in ran.err or "2" in ran.err
    assert "municipal, rural" in ran.err


def test_a_number_below_for_both_services_is_no_part_of_one(
    county: Program, tmp_path: Path
) -> None:
    """The township's eight may all be municipal; the county's five rural ones are still missing."""
    require(county, "C hydrant 5 rural", "T1 hydrant 8")
    build(county, tmp_path, *["T1 hydrant municipal"] * 8)
    assert figures(county) == (13, 8, 8, 5)
    (told,) = county.data("integrity")["requirements_disagreeing"]
    assert (told["service"], told["stated"], told["sum_below"], told["counts"]) == (
        "rural", 5, 8, "both",
    )  # fmt: skip


def test_numbers_of_one_service_are_part_of_one_for_both(county: Program, tmp_path: Path) -> None:
    require(county, "C hydrant 10", "T1 hydrant 2 municipal", "T2 hydrant.pillar 3 rural")
    build(county, tmp_path, *["T1 hydrant municipal"] * 3, "T1 hydrant rural",
          *["T2 hydrant.wall rural"] * 2)  # fmt: skip
    # the county's five: the rural one of T1 and the walls of T2, which no number there takes in
    assert needs(county) == [
        ("C", "hydrant", None, 5, 3, True),
        ("T1", "hydrant", "municipal", 2, 3, False),
        ("T2", "hydrant.pillar", "rural", 3, 0, False),
    ]


def test_units_without_a_number_are_named(county: Program, tmp_path: Path) -> None:
    require(county, "T1 hydrant 1 municipal", "T2 tank 1")
    build(county, tmp_path, "T1 hydrant municipal", "T1 hydrant rural", "T1 well rural",
          "T3 hydrant municipal")  # fmt: skip
    assert lacking(county) == [
        ("T1", "hydrant", "rural"),
        ("T1", "tank", None),
        ("T1", "well", None),
        ("T2", "hydrant", None),
        ("T3", None, None),
    ]
    found = county.data("integrity")["total"]["completeness"]
    assert found["units_without_requirement"] == 1
    assert lacking(county, "--kind", "tank") == [("T1", "tank", None), ("T3", None, None)]
    assert lacking(county, "T2") == [("T2", "hydrant", None)]
    for lang, name in (("en", "Nan (T3)"), ("zh", "南镇（T3）")):
        for extra in ((), ("--explain",), ("--list", "shortfall")):
            assert name in county("integrity", *extra, lang=lang).out
    assert county("integrity", "T2", "--fail-under", 0).code == 6


def test_a_number_of_the_county_names_what_is_in_it(county: Program, tmp_path: Path) -> None:
    require(county, "C tank 2", "T1 hydrant 1", "T2 hydrant 1", "T3 hydrant 1")
    build(county, tmp_path, "T1 tank rural", "C well rural")
    assert lacking(county) == [("C", "well", None)]
    require(county, "T2 tank 1")
    # the county keeps one beyond T2, and who of the others has to build it is not stated
    assert lacking(county) == [("C", "well", None), ("T1", "tank", None), ("T3", "tank", None)]


def test_nothing_lacks_where_zero_is_stated(county: Program, tmp_path: Path) -> None:
    require(county, *(f"{t} hydrant 1" for t in ("T1", "T2", "T3")), "C tank 0")
    build(county, tmp_path, *(f"{t} hydrant municipal *" for t in ("T1", "T2", "T3")))
    assert lacking(county) == []
    assert county("integrity", "--fail-under", 100).code == 0


def test_many_units_are_named_in_the_list(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "regions.csv"
    towns = "".join(f"T{n:02d},镇{n},Town{n:02d},township,C\n" for n in range(14))
    path.write_text(f"code,name_zh,name_en,level,parent_code\nC,县,C,county,\n{towns}", "utf-8")
    program.data("region", "import", path)
    require(program, "T00 hydrant 1")
    short = " ".join(program("integrity").out.split("unit ")[0].split())
    assert "Town10 (T10) and 3 more" in short
    assert "另有 3 项" in "".join(program("integrity", lang="zh").out.split("单位 ")[0].split("\n"))
    assert "Town13 (T13)" in program("integrity", "--list", "shortfall").out


def test_villages_without_water(county: Program, tmp_path: Path) -> None:
    require(county, "V11 tank 2")
    build(county, tmp_path, "V11 tank.cistern rural", "V12 hydrant municipal *",
          "V12 intake.pond rural", "V21 well private *")  # fmt: skip
    names = ("region", "state", "not_stated", "required", "built", "missing", "intact")
    rows = county.data("todo", "--list", "villages")["list"]
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("V21", "without", True, None, None, None, 0),
        ("V11", "unproven", False, 2, 1, 1, 0),
    ]
    assert [r["region"] for r in county.data("todo", "T1", "--list", "villages")["list"]] == ["V11"]
    data = county.data("integrity", "--by", "village")
    assert [g["key"] for g in data["groups"] if not g["beyond"]] == ["V11", "V12", "V21"]
    assert data["villages"] == {
        "all": 3, "working": 1, "unproven": 1, "without": 1, "not_stated": 2,
    }  # fmt: skip
    for lang, words in (("en", "without any source 1"), ("zh", "无水源 1 个")):
        shown = " ".join(county("integrity", "--by", "village", lang=lang).out.split())
        assert words in shown
        assert county("todo", "--list", "villages", lang=lang).code == 0


def test_a_village_that_is_no_more_is_not_listed(county: Program, tmp_path: Path) -> None:
    with (
        open_registry(county.db, write=True) as registry,
        transaction(registry, actor="t", origin="t"),
    ):
        registry.connection.execute(
            "UPDATE region SET valid_until = '2020-01-01T00:00:00.000Z' WHERE code = 'V21'"
        )
    rows = county.data("todo", "--list", "villages")["list"]
    assert [row["region"] for row in rows] == ["V11", "V12"]


def test_a_withdrawn_number_counts_until_then(county: Program) -> None:
    require(county, "T1 hydrant 3")
    with (
        open_registry(county.db, write=True) as registry,
        transaction(registry, actor="t", origin="t") as writer,
    ):
        row = registry.session.get_one(Requirement, 1)
        recorded = row.recorded_at
        writer.update(row, withdrawn_at=recorded + dt.timedelta(seconds=1))
    assert figures(county)[0] == 0
    assert county.data("require", "list")["requirements"] == []
    with open_registry(county.db) as registry:
        known = (recorded + dt.timedelta(milliseconds=500)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        end = "2030-01-01T00:00:00.000Z"
        tree = load_tree(registry, end)
        assert len(requirements_at(registry, end, f"{known}Z", tree)) == 1
    require(county, "T1 hydrant 2 rural")
    assert figures(county)[0] == 2


LEVELS = ("province", "city", "county", "township", "village", "kind", "family", "service")


def test_groups_add_up_at_every_level(county: Program, tmp_path: Path) -> None:
    require(county, "C hydrant 9", "T1 hydrant 2 rural", "V11 hydrant.wall 1 rural", "V21 tank 1",
            "T3 crane 2 municipal", "T3 crane 1 rural")  # fmt: skip
    build(county, tmp_path, "C hydrant municipal", "T1 hydrant rural", "V12 hydrant.wall rural",
          "T2 hydrant rural", "V21 tank.pool rural", "V21 tank rural",
          "T3 crane rural")  # fmt: skip
    for scope in ((), ("C",), ("T1",), ("T3",), ("V21",)):
        for by in LEVELS:
            data = county.data("integrity", *scope, "--by", by)
            if by == "service" and not any(g["completeness"] for g in data["groups"]):
                continue
            for name in ("required", "built", "met", "shortfall"):
                parts = sum((g["completeness"] or {name: 0})[name] for g in data["groups"])
                assert parts == data["total"]["completeness"][name], (scope, by, name)


# The rule once more, told asset by asset and sharing nothing with the engine.

PARENTS = {"P": None, "C": "P", "D": "P", "T1": "C", "T2": "C", "V": "T1"}
KINDS = ("hydrant", "hydrant.pillar", "hydrant.wall", "tank")
SERVICES = (None, "municipal", "rural")


def path(code: str) -> list[str]:
    found = []
    at: str | None = code
    while at is not None:
        found.append(at)
        at = PARENTS.get(at)
    return found


def within(narrow: tuple[str, str | None], wide: tuple[str, str | None]) -> bool:
    kinds = narrow[0] == wide[0] or narrow[0].split(".")[0] == wide[0]
    return kinds and (wide[1] is None or wide[1] == narrow[1])


def clash(one: tuple[str, str | None], other: tuple[str, str | None]) -> bool:
    kinds = within((one[0], None), (other[0], None)) or within((other[0], None), (one[0], None))
    return kinds and (None in (one[1], other[1]) or one[1] == other[1])


@st.composite
def stated_numbers(draw: st.DrawFn) -> list[Stated]:
    """Numbers as the door lets them in: none of a region overlaps another of it."""
    one = st.tuples(
        st.sampled_from(list(PARENTS)),
        st.sampled_from(KINDS),
        st.integers(0, 6),
        st.sampled_from(SERVICES),
    )
    kept: list[Stated] = []
    for region, kind, number, service in draw(st.lists(one, max_size=8)):
        if not any(k.region == region and clash((k.kind, k.service), (kind, service))
                   for k in kept):  # fmt: skip
            kept.append(Stated(region, kind, number, service))
    return kept


def recounted(stated: list[Stated]) -> dict[tuple[str, str, str | None], int]:
    """What each number comes to: a region before those above it, by the page alone."""
    lines: dict[tuple[str, str, str | None], int] = {}
    for one in sorted(stated, key=lambda s: -len(path(s.region))):
        inside = [
            key
            for key in lines
            if key[0] != one.region
            and one.region in path(key[0])
            and within((key[1], key[2]), (one.kind, one.service))
        ]
        finer = [
            s
            for s in stated
            if s.region != one.region
            and one.region in path(s.region)
            and within((s.kind, s.service), (one.kind, one.service))
        ]
        left = one.number - sum(lines[key] for key in inside)
        if not finer or left > 0:
            lines[one.region, one.kind, one.service] = left
    return lines


places = st.lists(
    st.tuples(
        st.sampled_from(list(PARENTS)), st.sampled_from(KINDS), st.sampled_from(SERVICES[1:])
    ),
    max_size=12,
)


@given(stated_numbers(), places)
def test_numbers_as_recounted(stated: list[Stated], assets: list[tuple[str, str, str]]) -> None:
    numbers = Numbers(stated, path)
    expected = recounted(stated)
    assert {(n.region, n.kind, n.service): n.required for n in numbers.lines.values()} == expected
    built: Counter[Any] = Counter()
    for region, kind, service in assets:
        at = next(
            (
                (code, s.kind, s.service)
                for code in path(region)
                for s in stated
                if s.region == code and within((kind, service), (s.kind, s.service))
            ),
            None,
        )
        key = numbers.stands_for(region, kind, service)
        assert (None if key is None else (key[0], *key[1])) == at
        built[at] += 1
    assert sum(built.values()) == len(assets)


@given(stated_numbers())
def test_no_number_is_lost(stated: list[Stated]) -> None:
    """All that counts within a region is never less than what the region itself states."""
    numbers = Numbers(stated, path)
    for one in stated:
        inside = sum(
            line.required
            for line in numbers.lines.values()
            if one.region in path(line.region)
            and within((line.kind, line.service), (one.kind, one.service))
        )
        assert inside >= one.number
    assert all(line.required >= 0 for line in numbers.lines.values())


@given(stated_numbers())
def test_a_disagreement_is_told(stated: list[Stated]) -> None:
    numbers = Numbers(stated, path)
    told = {(d.region, d.kind, d.service) for d in numbers.disagreeing if not d.beside}
    lines = {(n.region, n.kind, n.service): n for n in numbers.lines.values()}
    for one in stated:
        key = (one.region, one.kind, one.service)
        if key not in lines:
            below = sum(
                n.required
                for n in lines.values()
                if one.region in path(n.region) and n.region != one.region
                and within((n.kind, n.service), (one.kind, one.service))
            )  # fmt: skip
            assert (key in told) == (below > one.number)
        else:
            assert key not in told


OF_LEVEL = {
    "P": "province", "C": "county", "D": "county", "T1": "township", "T2": "township",
    "V": "village",
}  # fmt: skip
NODES = {
    code: RegionNode(code, None, code, level, PARENTS[code], retired=False)
    for code, level in OF_LEVEL.items()
}
TREE = RegionTree(
    NODES,
    {code: [c for c, parent in PARENTS.items() if parent == code] for code in PARENTS},
)


@given(
    stated_numbers(),
    places,
    st.sampled_from(LEVELS),
    st.none() | st.sampled_from(list(PARENTS)),
    st.none() | st.sampled_from(["hydrant", "hydrant.pillar", "tank"]),
)
def test_groups_add_up_to_the_total(
    stated: list[Stated],
    assets: list[tuple[str, str, str]],
    by: str,
    top: str | None,
    kind: str | None,
) -> None:
    scope = None if top is None else TREE.below(top)
    intact = Verdict(Condition.INTACT, "works")
    rows = [
        Row(region, of, service, None, intact, 1)
        for region, of, service in assets
        if Scope(scope, kind, apart=True).holds((region, of, service, None))
    ]
    builder = Builder(load_policy("zhejiang"), TREE, rows, stated, kind=kind)
    total, groups = builder.total(scope), builder.groups(by, scope)
    assert sum(group.working_order.existing for group in groups) == len(rows)
    assert len({group.key for group in groups}) == len(groups)
    assert total.completeness is not None
    parts = [group.completeness for group in groups if group.completeness is not None]
    if by == "service" and not parts:
        assert all(need.service is None for need in total.completeness.needs)
        return
    for name in ("required", "built", "met", "shortfall"):
        assert sum(getattr(p, name) for p in parts) == getattr(total.completeness, name)
    if by == "village":
        assert {"V"} & TREE.below(top or "P") <= {group.key for group in groups}


def units_recounted(
    stated: list[Stated], assets: list[tuple[str, str, str]]
) -> set[tuple[str, str | None, str | None]]:
    """Units that lack a number, each looked at by itself."""

    def within_of(code: str) -> set[str]:
        return {other for other in PARENTS if code in path(other)}

    def states(codes: set[str], family: str | None = None, service: str | None = None) -> bool:
        return any(
            s.region in codes
            and family in (None, s.kind.split(".")[0])
            and (service is None or s.service in (None, service))
            for s in stated
        )

    def units_at(code: str) -> list[tuple[str, str]]:
        children = [child for child, parent in PARENTS.items() if parent == code]
        inner = states(within_of(code) - {code})
        if inner or (not states({code}) and OF_LEVEL[code] == "province"):
            return [(code, "inner"), *(u for child in children for u in units_at(child))]
        return [(code, "stated" if states({code}) else "silent")]

    def covered(code: str, what: str, family: str, service: str) -> bool:
        if what == "inner" or states({code}, family, service):
            return states(set(path(code)), family, service)
        return any(
            states({above}, family, service)
            and not states(within_of(above) - {above}, family, service)
            for above in path(code)[1:]
        )

    found: set[tuple[str, str | None, str | None]] = set()
    for code, what in units_at("P"):
        if what == "silent":
            found.add((code, None, None))
            continue
        if not states(set(path(code)) | within_of(code)):
            continue
        own = {code} if what == "inner" else within_of(code)
        beside = {
            place
            for sister, parent in PARENTS.items()
            if parent == PARENTS[code] and sister != code and what != "inner"
            for place in within_of(sister)
        }
        for family in ("hydrant", "tank"):
            there = {s for region, k, s in assets if region in own and k.split(".")[0] == family}
            named = {
                s.service for s in stated if s.region in beside and s.kind.split(".")[0] == family
            }
            open_ones = [s for s in SERVICES[1:] if not covered(code, what, family, str(s))]
            if len(open_ones) == 2 and (there or named):
                found.add((code, family, None))
            elif len(open_ones) == 1 and open_ones[0] in there | named:
                found.add((code, family, open_ones[0]))
    return found


@given(stated_numbers(), places)
def test_units_as_recounted(stated: list[Stated], assets: list[tuple[str, str, str]]) -> None:
    units = Units(TREE, stated, standing((*asset, 1) for asset in assets))
    assert {tuple(unit) for unit in units.within(None)} == units_recounted(stated, assets)
