"""Second deliveries of a register: what a careful clerk would make of them.

The world is made here, thing by thing, so that it is known which row means what; the registry
has only the files.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hydrant import times
from hydrant.store.opened.registry import open_registry
from tests.conftest import Program, renew

TODAY = dt.datetime.now(times.zone()).date()
HEADS = ("code", "kind", "lon", "lat", "name", "outcome", "at")
MAPPING = """crs = "wgs84"
key = ["nr"]
[position]
x = ["x"]
y = ["y"]
[fields]
kind = "what"
name = "label"
[inspection]
outcome = "state"
at = { column = "seen", date = ["iso"] }
"""
MAPPED = ("nr", "what", "x", "y", "label", "state", "seen")
#: 0.01 degrees of longitude at 47 N are 760 m; a step within a place is 15 m.
SLOT, STEP = 0.01, 0.0002


def ago(days: int) -> str:
    return (TODAY - dt.timedelta(days=days)).isoformat()


@dataclass(frozen=True)
class Thing:
    """A hydrant of the world: number on its plate, place, name, and the visits on record."""

    code: str
    slot: int
    name: str
    step: int = 0
    visits: dict[str, str] = field(default_factory=dict)
    shown: str | None = None
    moved: bool = False

    @property
    def lon(self) -> float:
        return round(16 + self.slot * SLOT + self.step * STEP, 6)

    @property
    def cells(self) -> tuple[str, ...]:
        outcome = self.visits[self.shown] if self.shown else ""
        place = (f"{self.lon:.6f}", "47.1", self.name)
        return (self.code, "hydrant", *place, outcome, self.shown or "")

    @property
    def counts(self) -> str:
        """Condition: what was seen before a move proves nothing, but a failure told with it."""
        if not self.visits:
            return "untested"
        if self.moved and self.visits[max(self.visits)] == "works":
            return "untested"
        return {"works": "intact", "fails": "defective"}[self.visits[max(self.visits)]]


class Office:
    """Keeps a register of the world and hands it over again and again."""

    def __init__(self, program: Program, folder: Path, draw: Random, *, mapped: bool) -> None:
        self.program, self.folder, self.draw, self.mapped = program, folder, draw, mapped
        self.things: dict[int, Thing] = {}
        self.steady: set[int] = set()
        self.listed: list[int] = []
        self.uids: dict[int, str] = {}
        self.slots = iter(range(10_000))
        self.labels = (f"N{n}" for n in range(10_000))
        self.file = "register_2020"

    def add(self) -> int:
        # one number alone, on another thing elsewhere, is taken for the thing that was moved
        unclear = {t.code for one, t in self.things.items() if one not in self.steady}
        code = self.draw.choice(["", *sorted({"1", "2", "3", "4"} - unclear)])
        one = len(self.things)
        self.steady.add(one)
        self.things[one] = self.visited(Thing(code, next(self.slots), next(self.labels)))
        return one

    def visited(self, thing: Thing) -> Thing:
        """A visit of the next day, or the last one corrected, or none."""
        days = sorted(thing.visits)
        choice = self.draw.choice(["none", "later", "corrected"])
        outcome = self.draw.choice(["works", "fails"])
        if choice == "later":
            day = ago(200 - 3 * len(days))
            return replace(thing, visits=thing.visits | {day: outcome}, shown=day)
        if choice == "corrected" and thing.shown:
            return replace(thing, visits=thing.visits | {thing.shown: outcome})
        return thing

    def change(self, one: int) -> None:
        thing, kinds = self.things[one], ["same", "step", "visit"]
        kinds += ["name"] if thing.code or not self.mapped else []
        kinds += ["far"] if thing.code else []
        chosen = self.draw.choice(kinds)
        if chosen == "name":
            thing = replace(thing, name=next(self.labels))
        elif chosen == "step":
            thing = replace(thing, step=1 - thing.step)
        elif chosen == "visit" and not thing.moved:
            thing = self.visited(thing)
        elif chosen == "far":
            # it keeps its name, by which one of several of its number is known
            thing = replace(thing, slot=next(self.slots), step=0, moved=True)
        self.things[one] = thing

    def deliver(self) -> None:
        before = dict(self.things)
        known = set(self.uids)
        dropped = self.draw.sample(self.listed, min(len(self.listed) // 3, 2))
        for one in self.listed:
            if one not in dropped:
                self.change(one)
        rest = [one for one in self.things if one not in self.listed]
        back = self.draw.sample(rest, min(len(rest), self.draw.randrange(2)))
        self.steady = {one for one in self.listed if one not in dropped
                       and abs(self.things[one].lon - before[one].lon) < SLOT / 2}  # fmt: skip
        fresh = [self.add() for _ in range(self.draw.randrange(3))]
        self.listed = [one for one in self.listed if one not in dropped] + back + fresh
        told = self.hand_over()
        new = set(self.listed) - known
        placed = {o for o in self.listed if o in new or before[o].lon != self.things[o].lon}
        bearers = Counter(t.code for t in self.things.values() if t.code and not self.mapped)
        assert told["new"] == len(new)
        assert told["missing"] == len(known - set(self.listed))
        assert told["duplicates"] == sum(bearers[self.things[one].code] > 1 for one in placed)
        self.check()

    def hand_over(self) -> dict[str, Any]:
        rows = [self.things[one].cells for one in self.listed]
        self.draw.shuffle(rows)
        path = self.folder / f"{self.file}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([MAPPED if self.mapped else HEADS, *rows])
        rules = self.folder / "rules.toml"
        rules.write_text(MAPPING, "utf-8")
        flags = ("--mapping", rules) if self.mapped else ("--crs", "wgs84")
        told = self.program.data("import", path, *flags)
        parts = ("new", "updated", "unchanged", "refused", "ignored")
        assert told["read"] == len(rows) == sum(told[name] for name in parts)
        return told

    def again(self) -> None:
        """Sorted otherwise, under the next year's name, nothing changed."""
        self.file = f"register_{2021 + self.draw.randrange(70)}"
        told = self.hand_over()
        assert (told["unchanged"], told["new"], told["updated"]) == (len(self.listed), 0, 0)
        self.check()

    def exported(self) -> None:
        """Our own export comes back, in another order and shortened."""
        out = self.folder / "out.csv"
        self.program.data("export", out)
        head, *rows = out.read_text("utf-8-sig").splitlines()
        self.draw.shuffle(rows)
        kept = rows[: max(1, len(rows) - self.draw.randrange(3))]
        out.write_text("\n".join([head, *kept, ""]), "utf-8")
        told = self.program.data("import", out, "--crs", "cgcs2000")
        assert (told["new"], told["updated"], told["unchanged"]) == (0, 0, len(kept)), told
        self.check()

    def check(self) -> None:
        """Every thing stands once, is the asset that it was, and has each visit once."""
        with open_registry(self.program.db) as registry:
            visits: dict[str, list[tuple[str, str]]] = {}
            for uid, at, outcome in registry.connection.execute(
                "SELECT asset_uid, at, outcome FROM inspection"
            ):
                day = times.local_day(times.from_text(at), registry.zone).isoformat()
                visits.setdefault(uid, []).append((day, outcome))
        found = {round(a["lon"], 6): a for a in self.program.data("asset", "list")["assets"]}
        assert len(found) == len(self.things)
        for one, thing in self.things.items():
            asset = found[thing.lon]
            assert self.uids.setdefault(one, asset["uid"]) == asset["uid"]
            assert asset["name"] == thing.name
            assert sorted(visits.get(asset["uid"], [])) == sorted(thing.visits.items())
        order = self.program.data("integrity")["total"]["working_order"]
        expected = Counter(thing.counts for thing in self.things.values())
        told = {name: order[name] for name in ("intact", "defective", "untested")}
        assert told == {name: expected[name] for name in told}
        assert order["existing"] == len(self.things)


STEPS = st.sampled_from(["deliver", "deliver", "again", "exported"])


@pytest.mark.file_only
@pytest.mark.parametrize("mapped", [False, True])
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 100_000), steps=st.lists(STEPS, min_size=1, max_size=4))
def test_whatever_a_register_hands_over_next(
    program: Program, tmp_path: Path, mapped: bool, seed: int, steps: list[str]
) -> None:
    renew(program.db)
    draw = Random(seed)
    office = Office(program, tmp_path, draw, mapped=mapped)
    office.listed = [office.add() for _ in range(draw.randrange(1, 7))]
    office.hand_over()
    office.check()
    for step in steps:
        getattr(office, step)()


def register(folder: Path, name: str, *rows: str) -> Path:
    file = folder / f"{name}.csv"
    file.write_text("\n".join(["code,kind,lon,lat", *rows, ""]), "utf-8")
    return file


def take(program: Program, file: Path, *flags: object) -> dict[str, Any]:
    return program.data("import", file, "--crs", "wgs84", *flags)


def test_a_registry_whose_twins_were_numbered_by_their_order_is_understood(
    program: Program, tmp_path: Path
) -> None:
    rows = ["7,hydrant,16.1,47.1", "7,hydrant,16.2,47.2", "7,hydrant,16.3,47.3"]
    take(program, register(tmp_path, "r", *rows))
    with open_registry(program.db) as registry:
        ask = registry.connection.execute
        keys = {key for (key,) in ask("SELECT external_key FROM source_record").fetchall()}
    assert keys == {"7", "7#2", "7#3"}  # as they were always stored
    told = take(program, register(tmp_path, "r", *reversed(rows)))
    assert (told["unchanged"], told["missing"]) == (3, 0)
    told = take(program, register(tmp_path, "r", rows[2]))
    assert (told["unchanged"], told["missing"]) == (1, 2)


def test_a_number_that_looks_like_a_twin_is_one_of_its_own(
    program: Program, tmp_path: Path
) -> None:
    rows = ["7,hydrant,16.1,47.1", "7#2,hydrant,16.2,47.2", "7,hydrant,16.3,47.3"]
    assert take(program, register(tmp_path, "r", *rows))["new"] == 3
    told = take(program, register(tmp_path, "r", *reversed(rows)))
    assert (told["unchanged"], told["missing"]) == (3, 0)


@pytest.mark.parametrize(
    ("other", "flagged", "far"),
    [
        ("1,hydrant.wall,16.1005,47.1", 0, None),  # 38 m, one family: the same thing
        ("1,tank.cistern,16.1005,47.1", 1, "38 m"),
        ("1,hydrant.pillar,16.1015,47.1", 1, "114 m"),
        ("1,hydrant.pillar,16.6,47.1", 1, "38 km"),
    ],
)
def test_one_number_in_two_registers(
    program: Program, tmp_path: Path, other: str, flagged: int, far: str | None
) -> None:
    take(program, register(tmp_path, "a", "1,hydrant.pillar,16.1,47.1"))
    told = take(program, register(tmp_path, "b", other))
    assert (told["new"], told["duplicates"]) == (flagged, flagged)
    assert len(program.data("asset", "list")["assets"]) == 1 + flagged
    if far is not None:
        assert far in told["rows"][0]["reason"]
        near = program.data("duplicates", "list")
        assert near["same_code_apart"] + len(near["duplicates"]) == 1
        everything = program.data("duplicates", "list", "--same-code")["duplicates"]
        assert len(everything) == 1
        assert "same_code" in everything[0]["reasons"]
        shown = program("duplicates", "list", "--same-code").out
        for side in ("asset", "other"):
            assert everything[0][side]["uid"] in shown


def test_what_is_named_no_more_is_told_in_words_until_it_is_retired(
    program: Program, tmp_path: Path
) -> None:
    take(program, register(tmp_path, "r", "M1,hydrant,16.1,47.1", "M2,hydrant,16.2,47.1"))
    rest = register(tmp_path, "r", "M1,hydrant,16.1,47.1")
    for lang in ("zh", "en"):
        assert "M2" in program("import", rest, "--crs", "wgs84", lang=lang).err
    told = take(program, rest)
    assert [asset["code"] for asset in told["missing_assets"]] == ["M2"]
    assert len(program.data("asset", "list")["assets"]) == 2
    program.data("asset", "retire", "M2", "--at", ago(1))
    assert take(program, rest)["missing"] == 0


def test_districts_of_one_register_do_not_miss_each_other(program: Program, tmp_path: Path) -> None:
    for name, code in (("north", "N1"), ("south", "S1"), ("north", "N1")):
        file = register(tmp_path, name, f"{code},hydrant,16.{ord(code[0])},47.1")
        assert take(program, file, "--source", "town")["missing"] == 0


def test_a_new_name_is_said_and_another_register_can_be_told_apart(
    program: Program, tmp_path: Path
) -> None:
    row = "A1,hydrant,16.1,47.1"
    take(program, register(tmp_path, "old", row))
    ran = program("import", register(tmp_path, "new", row), "--crs", "wgs84", lang="en")
    assert "old" in ran.err
    told = take(program, register(tmp_path, "new", "A1,hydrant,16.2,47.2"))
    assert (told["source"], told["updated"]) == ("old", 1)
    told = take(program, register(tmp_path, "third", row), "--source", "third")
    assert told["source"] == "third"


OSM = """<?xml version='1.0' encoding='UTF-8'?><osm version='0.6'>{}</osm>"""


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"emergency": "fire_hydrant", "fire_hydrant:type": "pipe", "water_source": "river"},
         "intake.river"),
        ({"emergency": "fire_hydrant", "water_source": "pond"}, "intake.pond"),
        ({"emergency": "fire_hydrant", "fire_hydrant:type": "pillar",
          "fire_hydrant:pressure": "suction"}, "intake"),
        ({"emergency": "fire_hydrant", "fire_hydrant:type": "pillar", "water_source": "main"},
         "hydrant.pillar"),
        ({"emergency": "fire_hydrant", "abandoned": "yes"}, None),
        ({"abandoned:emergency": "fire_hydrant", "fire_hydrant:type": "wall"}, None),
        ({"emergency": "suction_point", "disused:emergency": "fire_hydrant"}, "intake"),
    ],
)  # fmt: skip
def test_what_a_mapper_means_is_what_counts(
    program: Program, tmp_path: Path, tags: dict[str, str], kind: str | None
) -> None:
    def node(number: int, tags: dict[str, str]) -> str:
        told = "".join(f"<tag k='{k}' v='{v}'/>" for k, v in tags.items())
        return f"<node id='{number}' version='1' lat='47.1' lon='16.{number}'>{told}</node>"

    file = tmp_path / "o.osm"
    live = {"emergency": "fire_hydrant", "ref": "live"}
    file.write_text(OSM.format(node(1, tags | {"ref": "X"}) + node(2, live)), "utf-8")
    program.data("import", file, "--mapping", "osm")
    found = {a["code"]: a["kind"] for a in program.data("asset", "list")["assets"]}
    assert found == {"live": "hydrant"} | ({} if kind is None else {"X": kind})


@pytest.mark.parametrize(
    ("said", "mm"),
    [("100", 100), ("150 mm", 150), ("DN80", 80), ('12"', None), ("10 in", None), ("8", None)],
)
def test_a_diameter_without_a_unit_is_in_millimetres(
    program: Program, tmp_path: Path, said: str, mm: float | None
) -> None:
    file = tmp_path / "o.osm"
    tags = f"<tag k='emergency' v='fire_hydrant'/><tag k='fire_hydrant:diameter' v='{said}'/>"
    file.write_text(
        OSM.format(f"<node id='1' version='1' lat='47.1' lon='16.1'>{tags}</node>"), "utf-8"
    )
    program.data("import", file, "--mapping", "osm")
    assert program.data("asset", "list")["assets"][0]["mains_dn_mm"] == mm
