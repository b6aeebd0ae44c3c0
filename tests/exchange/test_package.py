"""A county's facts arrive above whole, once, and overwrite nothing; broken packages do not."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from sqlmodel import SQLModel

from hydrant.cli.main import run
from hydrant.exchange import package_taking
from hydrant.exchange.package_file import digest_of
from hydrant.exchange.package_shapes import MEMBERS
from hydrant.ids import new_uid
from hydrant.integrity.policy_reader import load_policy
from hydrant.resources import resource
from hydrant.store.evidence.evidence import Cut
from hydrant.store.evidence.sensor_facts import sensor_facts
from hydrant.store.file.migrate import create
from hydrant.store.ground.location import readings_path
from hydrant.store.ground.place import Place, Server
from hydrant.store.opened import raw_rows
from hydrant.store.opened.registry import open_registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.readings.readings_file import open_readings
from hydrant.store.sides.package_state import Taken
from tests.conftest import SETTINGS, TEMPLATE, TWO_TOWNSHIPS, Program

Make = Callable[[str], Program]


@pytest.fixture
def level(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], store: str, request: pytest.FixtureRequest
) -> Iterator[Make]:
    made: list[str] = []
    server = request.getfixturevalue("postgres") if store == "server" else None

    def make(name: str) -> Program:
        if server is not None:
            made.append(f"{name}_{new_uid()[-12:]}".lower())
            place = Server(server.database(made[-1], template=TEMPLATE))
            # the template's key is everybody's
            with (
                open_registry(place, write=True) as opened,
                transaction(opened, actor="t", origin="t"),
            ):
                opened.connection.execute(
                    "UPDATE setting SET value = ? WHERE key = 'writer'", (new_uid(),)
                )
            return Program(place, capsys)
        path = tmp_path / f"{name}.gpkg"
        create(path, settings=SETTINGS)
        return Program(path, capsys)

    yield make
    if server is not None:
        for name in made:
            server.drop(name)


def held(place: Place) -> object:
    """All that a registry holds: a file's bytes, or the rows of a server's tables."""
    if isinstance(place, Path):
        return place.read_bytes()
    with open_registry(place) as opened:
        return {
            name: list(raw_rows.fetch_all(opened, name, {})) for name in SQLModel.metadata.tables
        }


def county(made: Program, folder: Path, code: str = "330199", east: float = 120.1) -> Program:
    regions = folder / f"{code}.csv"
    regions.write_text(TWO_TOWNSHIPS.replace("330199", code), "utf-8")
    made.data("region", "import", regions)
    for n in range(4):
        made.data("asset", "add", f"H{n}", "--kind", "hydrant.pillar", "--lon", east + n / 100,
                  "--lat", 30.2, "--crs", "cgcs2000", "--region", f"{code}00{1 + n % 2}",
                  "--built", "2020-01-01")  # fmt: skip
    made.data("survey", "record", "H0", "--outcome", "works", "--static-kpa", 300)
    made.data("survey", "record", "H1", "--outcome", "works", "--static-kpa", 100)
    made.data("defect", "open", "H2", "no_water")
    made.data("asset", "edit", "H3", "--owner", "水务公司")
    made.data("require", "set", f"{code}001", "hydrant", 3, "--from", "2021-01-01")
    made.data("require", "set", f"{code}002", "hydrant", 2, "--from", "2021-01-01")
    return made


@pytest.fixture
def below(level: Make, tmp_path: Path) -> Program:
    return county(level("county"), tmp_path)


def packed(made: Program, file: Path) -> Path:
    made.data("package", "make", file)
    return file


def figures(made: Program, *flags: str) -> Any:
    found = made.data("integrity", "330199", *flags)
    return found["total"], found["groups"]


def rows(made: Program) -> dict[str, list[tuple[Any, ...]]]:
    tables = ("asset", "asset_version", "lifecycle", "inspection", "defect", "requirement")
    with open_registry(made.db) as opened:
        return {
            table: opened.connection.execute(
                f"SELECT {', '.join(raw_rows.columns(table))} FROM {table} ORDER BY uid"
            ).fetchall()
            for table in tables
        }


def test_everything_arrives_and_figures_are_equal(
    below: Program, level: Make, tmp_path: Path
) -> None:
    above = level("city")
    file = packed(below, tmp_path / "a.hydrant.zip")
    taken = above.data("package", "take", file)
    assert taken["figures_differ"] == []
    assert rows(above) == rows(below)
    for day in ("2020-06-01", "2023-01-01", "2030-01-01"):
        assert figures(above, "--as-of", day) == figures(below, "--as-of", day)
    assert above.data("db", "check")["faults"] == []
    before = held(above.db)
    again = above.data("package", "take", file)
    assert (again["new"], again["updated"], again["written"]) == (0, 0, False)
    assert held(above.db) == before


def test_equal_content_gives_equal_bytes_that_fit_the_schema(
    below: Program, tmp_path: Path
) -> None:
    one, two = (packed(below, tmp_path / f"{n}.hydrant.zip") for n in "ab")
    assert one.read_bytes() == two.read_bytes()
    schema = json.loads(resource("schemas", "package.schema.json").read_text("utf-8"))
    with zipfile.ZipFile(one) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        shape = schema | {"$ref": "#/$defs/Manifest"}
        for unwanted in ("properties", "required", "type", "additionalProperties"):
            shape.pop(unwanted, None)
        jsonschema.validate(manifest, shape)
        for table in MEMBERS:
            name = "SensorEvidence" if table == "sensor_evidence" else f"{table}_row"
            for line in archive.read(f"{table}.jsonl").splitlines():
                jsonschema.validate(json.loads(line), shape | {"$ref": f"#/$defs/{name}"})


def test_a_later_package_updates_and_an_older_one_is_refused(
    below: Program, level: Make, tmp_path: Path
) -> None:
    above = level("city")
    old = packed(below, tmp_path / "old.hydrant.zip")
    above.data("package", "take", old)
    below.data("defect", "clear", "H2", "no_water")
    below.data("asset", "edit", "H0", "--owner", "街道办")
    below.data("survey", "record", "H3", "--outcome", "fails")
    new = packed(below, tmp_path / "new.hydrant.zip")
    taken = above.data("package", "take", new)
    assert (taken["new"], taken["updated"], taken["conflict"]) == (2, 2, 0)
    assert rows(above) == rows(below)
    ran = above("package", "take", old, "--json")
    assert (ran.code, ran.json["messages"][0]["key"]) == (3, "exchange.package_older")


def test_an_older_one_is_refused_that_was_looked_at_before_the_later_came(
    below: Program, level: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    above = level("city")
    old = packed(below, tmp_path / "old.hydrant.zip")
    below.data("asset", "edit", "H0", "--owner", "街道办")
    new = packed(below, tmp_path / "new.hydrant.zip")
    really = package_taking._last_taken

    def looked(*words: Any, **more: Any) -> Taken | None:
        monkeypatch.setattr(package_taking, "_last_taken", really)
        found = really(*words, **more)
        above.data("package", "take", new)
        return found

    monkeypatch.setattr(package_taking, "_last_taken", looked)
    first = above("package", "take", old, "--json")
    assert (first.code, first.json["messages"][0]["key"]) == (3, "exchange.package_older")
    assert rows(above) == rows(below)


def test_two_counties_do_not_collide(level: Make, tmp_path: Path) -> None:
    above = level("city")
    for code, east in (("330199", 120.1), ("330198", 121.1)):
        one = county(level(code), tmp_path, code, east)
        above.data("package", "take", packed(one, tmp_path / f"{code}.hydrant.zip"))
    assert len(above.data("asset", "list")["assets"]) == 8  # the same plates in both
    assert figures(above)[0]["working_order"]["existing"] == 4


def test_a_county_cannot_change_what_another_handed_up(
    below: Program, level: Make, tmp_path: Path
) -> None:
    above, rival = level("city"), level("rival")
    file = packed(below, tmp_path / "a.hydrant.zip")
    above.data("package", "take", file)
    # the rival holds a copy of the county's facts, and changes one
    rival.data("package", "take", file)
    rival.data("asset", "edit", "H0", "--owner", "别人")
    rival.data("asset", "add", "R1", "--kind", "hydrant.wall", "--lon", 120.5, "--lat", 30.2,
               "--crs", "cgcs2000", "--region", "330199001")  # fmt: skip
    before = rows(above)
    ran = above("package", "take", packed(rival, tmp_path / "r.hydrant.zip"), "--json")
    assert (ran.code, ran.json["messages"][0]["key"]) == (3, "exchange.package_two_senders")
    assert rows(above) == before


def test_what_both_changed_is_listed_and_decided_once(
    below: Program, level: Make, tmp_path: Path
) -> None:
    above = level("city")
    above.data("package", "take", packed(below, tmp_path / "a.hydrant.zip"))
    above.data("asset", "edit", "H0", "--owner", "市里")
    below.data("asset", "edit", "H0", "--owner", "县里", "--set", "address=新路1号")
    file = packed(below, tmp_path / "b.hydrant.zip")
    taken = above.data("package", "take", file)
    assert taken["conflict"] == 1
    shown = above.data("asset", "show", "H0")["asset"]
    assert (shown["owner"], shown["address"]) == ("市里", "新路1号")
    (conflict,) = above.data("survey", "conflicts")["conflicts"]
    (side,) = [word for word in conflict["sides"] if word.startswith("package:")]
    assert conflict["sides"][side] == "县里"
    above.data("survey", "conflicts", "resolve", conflict["id"], "--take", side)
    assert above.data("asset", "show", "H0")["asset"]["owner"] == "县里"
    below.data("asset", "edit", "H1", "--owner", "x")
    later = above.data("package", "take", packed(below, tmp_path / "c.hydrant.zip"))
    assert (later["conflict"], later["updated"]) == (0, 1)


def test_a_merge_below_is_followed_and_a_loss_must_be_accepted(
    below: Program, level: Make, tmp_path: Path
) -> None:
    above = level("city")
    above.data("package", "take", packed(below, tmp_path / "a.hydrant.zip"))
    above.data("survey", "record", "H1", "--outcome", "works")  # the city's own visit
    below.data("duplicates", "merge", "H0", "H1")
    taken = above.data("package", "take", packed(below, tmp_path / "b.hydrant.zip"))
    assert taken["withdrawn"] == 1
    assert len(above.data("asset", "list")["assets"]) == 3
    history = above.data("asset", "history", "H0")["history"]
    assert sum(fact["fact"] == "inspection" for fact in history) == 3
    with (  # a fact lost without a trace
        open_registry(below.db, write=True) as opened,
        transaction(opened, actor="nobody", origin="test"),
    ):
        opened.connection.execute("DELETE FROM defect")
    below.data("asset", "edit", "H2", "--owner", "x")
    file = packed(below, tmp_path / "c.hydrant.zip")
    ran = above("package", "take", file, "--json")
    assert (ran.code, ran.json["messages"][0]["key"]) == (3, "exchange.package_withdraws")
    assert above.data("asset", "show", "H2")["asset"]["owner"] is None
    dry = above.data("package", "take", file, "--dry-run")
    assert (dry["withdrawn"], dry["written"]) == (1, False)
    assert above.data("package", "take", file, "--accept-withdrawals")["withdrawn"] == 1


def test_a_merge_that_was_taken_back_below_is_taken_back_above(
    below: Program, level: Make, tmp_path: Path
) -> None:
    """The county went back to its backup: each asset has its own events and visits again."""
    above = level("city")
    for code in ("H0", "H1"):
        below.data("asset", "edit", code, "--owner", f"{code} & Co", "--from", "2024-01-01")
    early = packed(below, tmp_path / "a.hydrant.zip")
    above.data("package", "take", early)
    above.data("survey", "record", "H1", "--outcome", "fails")  # the city's own visit
    before = rows(above)
    below.data("duplicates", "merge", "H0", "H1")
    above.data("package", "take", packed(below, tmp_path / "b.hydrant.zip"))
    again = ("package", "take", early, "--accept-older", "--accept-withdrawals")
    dry = above.data(*again, "--dry-run")
    assert dry["written"] is False
    above.data(*again)
    assert rows(above) == before
    assert above.data("explain", "H1")["condition"] == "defective"
    assert above.data("db", "check")["faults"] == []
    for day in ("2019-06-30", "2023-01-01"):
        assert figures(above, "--as-of", day) == figures(below, "--as-of", day) or day > "2020"


def test_a_merge_below_of_assets_with_former_rows_is_followed(
    below: Program, level: Make, tmp_path: Path
) -> None:
    """Former rows of the one that is gone are explained by the merge: nothing must be accepted."""
    above = level("city")
    for code in ("H0", "H1"):
        below.data("asset", "edit", code, "--owner", f"{code} & Co", "--from", "2024-01-01")
    above.data("package", "take", packed(below, tmp_path / "a.hydrant.zip"))
    below.data("duplicates", "merge", "H0", "H1")
    above.data("package", "take", packed(below, tmp_path / "b.hydrant.zip"))
    for dates in (("--as-of", "2022-01-01"), ("--as-of", "2024-06-01"), ()):
        assert figures(above, *dates) == figures(below, *dates)
        assert figures(above, *dates)[0]["working_order"]["existing"] == 3


def test_what_is_withdrawn_below_is_withdrawn_above(
    below: Program, level: Make, tmp_path: Path
) -> None:
    above = level("city")
    above.data("package", "take", packed(below, tmp_path / "a.hydrant.zip"))
    below.data("survey", "withdraw", "H0", "--reason", "wrong hydrant")
    below.data("defect", "withdraw", "H2", "no_water", "--reason", "its neighbour")
    below.data("asset", "withdraw", "H3", "--event", "commissioned", "--reason", "wrong day",
               "--since-ever")  # fmt: skip
    below.data("require", "set", "330199001", "hydrant", 30, "--from", "2022-01-01")
    below.data(
        *("require", "withdraw", "330199001", "hydrant", "--from", "2022-01-01"),
        *("--reason", "a zero too many"),
    )
    taken = above.data("package", "take", packed(below, tmp_path / "b.hydrant.zip"))
    assert taken["conflict"] == 0
    assert figures(above) == figures(below)
    assert rows(above)["inspection"] == rows(below)["inspection"]
    assert above.data("defect", "list")["defects"] == []
    history = above.data("asset", "history", "H0")["history"]
    assert [f["values"]["withdrawn_why"] for f in history if "withdrawn_why" in f["values"]] == [
        "wrong hydrant"
    ]


def test_a_requirement_of_this_level_stands(below: Program, level: Make, tmp_path: Path) -> None:
    above = level("city")
    regions = tmp_path / "up.csv"
    regions.write_text(TWO_TOWNSHIPS, "utf-8")
    above.data("region", "import", regions)
    above.data("require", "set", "330199001", "hydrant", 9, "--from", "2021-01-01")
    taken = above.data("package", "take", packed(below, tmp_path / "a.hydrant.zip"))
    assert taken["conflict"] == 1
    assert taken["figures_differ"]
    assert figures(above)[0]["completeness"]["required"] == 11


def test_a_succession_and_outlines_are_handed_up(
    below: Program, level: Make, tmp_path: Path
) -> None:
    outline = tmp_path / "o.csv"
    outline.write_text(
        'code,wkt\n330199002,"POLYGON ((120 30, 121 30, 121 31, 120 31, 120 30))"\n', "utf-8"
    )
    below.data("region", "import", outline, "--crs", "cgcs2000")
    above = level("city")
    above.data("package", "take", packed(below, tmp_path / "a.hydrant.zip"))
    below.data("region", "succeed", "330199001", "330199002", "--at", "2024-01-01")
    taken = above.data("package", "take", packed(below, tmp_path / "b.hydrant.zip"))
    assert not taken["figures_differ"]
    for day in ("2023-12-31", "2024-01-01"):
        assert figures(above, "--as-of", day) == figures(below, "--as-of", day)
    after = figures(above, "--as-of", "2024-01-01")[1]
    assert [(g["key"], g["completeness"]["required"]) for g in after] == [("330199002", 5)]
    regions = {row["code"]: row for row in above.data("region", "list")["regions"]}
    assert regions["330199002"]["outlined"]


def test_numbers_of_a_service_arrive_as_such(below: Program, level: Make, tmp_path: Path) -> None:
    above = level("city")
    below.data("require", "set", "330199002", "tank", 3, "--from", "2021-01-01",
               "--service", "rural")  # fmt: skip
    regions = tmp_path / "up.csv"
    regions.write_text(TWO_TOWNSHIPS, "utf-8")
    above.data("region", "import", regions)
    above.data("require", "set", "330199002", "tank", 1, "--from", "2021-01-01",
               "--service", "municipal")  # fmt: skip
    taken = above.data("package", "take", packed(below, tmp_path / "a.hydrant.zip"))
    assert taken["conflict"] == 0
    listed = above.data("require", "list", "330199002")["requirements"]
    assert [(row["kind"], row["service"], row["count"]) for row in listed] == [
        ("hydrant", None, 2), ("tank", "municipal", 1), ("tank", "rural", 3),
    ]  # fmt: skip


def rewritten(file: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target


def tampered(members: dict[str, bytes]) -> None:
    members["asset.jsonl"] = members["asset.jsonl"].replace(b"H0", b"H9", 1)


def redated(members: dict[str, bytes]) -> None:
    members["manifest.json"] = members["manifest.json"].replace(b'"as_of": "2', b'"as_of": "3', 1)


def foreign_column(members: dict[str, bytes]) -> None:
    members["asset.jsonl"] = members["asset.jsonl"].replace(b"{", b'{"evil":1,', 1)
    resealed(members)


def unknown_kind(members: dict[str, bytes]) -> None:
    members["asset.jsonl"] = members["asset.jsonl"].replace(b"hydrant.pillar", b"hydrant.rocket", 1)
    resealed(members)


def resealed(members: dict[str, bytes]) -> None:
    """As somebody would who knows how digests are made."""
    manifest = json.loads(members["manifest.json"])
    told = hashlib.sha256(members["asset.jsonl"]).hexdigest()
    manifest["members"]["asset.jsonl"]["sha256"] = told
    manifest["digest"] = digest_of(manifest)
    members["manifest.json"] = json.dumps(manifest).encode()


@pytest.mark.parametrize(
    "change",
    [
        tampered,
        redated,
        foreign_column,
        unknown_kind,
        lambda m: m.pop("manifest.json"),
        lambda m: m.pop("defect.jsonl"),
        lambda m: m.update({"../../evil.jsonl": b"{}\n"}),
        lambda m: m.update({"manifest.json": b"[" * 100_000}),
        lambda m: m.update({"asset.jsonl": b" " * 40_000_000}),
        lambda m: m.update({"inspection.jsonl": b"\xff\xfe\n"}),
    ],
)
def test_broken_packages_are_refused_in_one_line_and_nothing_is_written(
    below: Program,
    level: Make,
    tmp_path: Path,
    change: Callable[[dict[str, bytes]], None],
) -> None:
    above = level("city")
    good = packed(below, tmp_path / "a.hydrant.zip")
    bad = rewritten(good, tmp_path / "bad.hydrant.zip", change)
    before = held(above.db)
    for lang in ("en", "zh"):
        ran = above("package", "take", bad, lang=lang)
        assert ran.code == 3, ran
        assert len(ran.err.strip().splitlines()) == 1, ran.err
        assert ran.out == ""
    assert held(above.db) == before
    assert list(tmp_path.parent.glob("evil*")) == []


def test_a_package_cut_short_at_any_place_is_refused(
    below: Program, level: Make, tmp_path: Path
) -> None:
    above = level("city")
    whole = packed(below, tmp_path / "a.hydrant.zip").read_bytes()
    before = held(above.db)
    short = tmp_path / "short.hydrant.zip"
    for part in range(0, len(whole), max(1, len(whole) // 40)):
        short.write_bytes(whole[:part])
        assert run(["--db", str(above.db), "package", "take", str(short)]) == 3
    for place in range(0, len(whole), max(1, len(whole) // 60)):
        content = bytearray(whole)
        content[place] ^= 0x40
        short.write_bytes(bytes(content))
        # a flipped bit is refused, unless it lies in what the archive says nobody reads
        assert run(["--db", str(above.db), "package", "check", str(short)]) in (0, 3)
    assert held(above.db) == before


def test_secrets_of_sensors_stay_below(below: Program, level: Make, tmp_path: Path) -> None:
    below.data("sensor", "add", "H0", "--profile", "keller-33x", "--url",
               "tcp://10.9.8.7:502", "--unit", 3)  # fmt: skip
    file = packed(below, tmp_path / "a.hydrant.zip")
    with zipfile.ZipFile(file) as archive:
        assert all(b"10.9.8.7" not in archive.read(name) for name in archive.namelist())
    above = level("city")
    above.data("package", "take", file)
    assert figures(above)[0]["sensors"]["equipped"] == 1
    assert above.data("poll", "--all")["sensors"] == 0  # nobody calls them from here


def test_names_and_itself(below: Program, tmp_path: Path) -> None:
    assert below("package", "make", tmp_path / "a.zip").code == 3
    file = packed(below, tmp_path / "a.hydrant.zip")
    assert below("package", "take", file).code == 3
    assert below("package", "check", tmp_path / "none.hydrant.zip").code == 3
    assert below.data("package", "check", file)["counts"]["asset"] == 4


def test_what_is_taken_back_below_is_taken_back_above(
    below: Program, level: Make, tmp_path: Path
) -> None:
    below.data("sensor", "add", "H0", "--profile", "pushed", "--url", "push://D", "--unit", 1,
               "--from", "2026-05-01")  # fmt: skip
    above = level("city")

    def sent(*values: tuple[str, float], more: tuple[str, ...] = ()) -> None:
        file = tmp_path / "r.csv"
        lines = [f"D,2026-05-05T08:{minute}:00,{value}\n" for minute, value in values]
        file.write_text("device,at,value\n" + "".join(lines), "utf-8")
        below.data("ingest", file, *more)

    def seen(number: int) -> list[tuple[str, bool]]:
        file = packed(below, tmp_path / f"{number}.hydrant.zip")
        assert above("package", "take", file).code == 0
        with open_registry(above.db) as opened:
            cut = Cut(dt.date(2026, 5, 20), opened.zone, None)
            found = sensor_facts(opened, cut, load_policy(opened.policy)).pressures
        return sorted((fact.at[11:16], fact.low) for fact in found)

    sent(("00", 60), ("20", 60))
    assert seen(1) == [("00:20", True)]
    sent(("10", 300))  # so they were not two in a row
    assert seen(2) == [("00:10", False)]
    sent(("10", 60), more=("--correct",))
    assert seen(3) == [("00:20", True)]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_above_alarms_are_told_and_evidence_from_below_is_not_missed(
    below: Program, level: Make, tmp_path: Path, lang: str
) -> None:
    """An alarm that was handed up has no limit, and no value where none was kept."""
    for code in ("H0", "H1", "H3"):
        below.data("sensor", "add", code, "--profile", "pushed", "--url", f"push://{code}",
                   "--unit", 1, "--from", "2026-04-01")  # fmt: skip
    sent = tmp_path / "s.jsonl"
    low = [("H0", at, 80) for at in ("2026-11-03T10:00", "2026-11-03T10:15")]
    over = [("H1", at, 80) for at in ("2026-11-03T10:00", "2026-11-03T10:15")]
    over += [("H1", at, 300) for at in ("2026-11-03T10:30", "2026-11-03T10:45")]
    lines = [
        json.dumps({"device": code, "at": at, "value": value})
        for code, at, value in (*low, *over, ("H3", "2026-11-03T10:00", 300))
    ]
    sent.write_text("\n".join(lines), "utf-8")
    below.data("ingest", sent)
    above = level("city")
    above.data("package", "take", packed(below, tmp_path / "a.hydrant.zip"))
    for code in ("H0", "H1", "H3"):
        assert above("explain", code, lang=lang).code == 0
        assert above("asset", "history", code, lang=lang).code == 0
        assert above.data("explain", code)["condition"] == below.data("explain", code)["condition"]
    for made in (below, above):
        assert made.data("integrity")["sensors"]["readings"] == "present"


@pytest.mark.parametrize("value", [85, 300])
def test_what_a_sensor_said_before_it_last_taken_off_is_handed_up(
    below: Program, level: Make, tmp_path: Path, value: int
) -> None:
    """It went on sending; what renewed its alarm, low or not, came while it stood there."""
    below.data("sensor", "add", "H3", "--profile", "pushed", "--url", "push://D", "--unit", 1,
               "--from", "2026-04-01")  # fmt: skip
    sent = tmp_path / "s.jsonl"
    said = (("10:00", 80), ("10:15", 82), ("10:30", value), ("11:00", 85))
    lines = [
        json.dumps({"device": "D", "at": f"2026-11-03T{at}", "value": kpa}) for at, kpa in said
    ]
    sent.write_text("\n".join(lines), "utf-8")
    below.data("ingest", sent)
    below.data("survey", "record", "H3", "--outcome", "works", "--at", "2026-11-03T10:20",
               "--static-kpa", 250)  # fmt: skip
    below.data("sensor", "remove", "H3", "--at", "2026-11-03T10:40")
    above = level("city")
    above.data("package", "take", packed(below, tmp_path / "a.hydrant.zip"))
    told = below.data("explain", "H3")["condition"]
    assert (told, above.data("explain", "H3")["condition"]) == ("defective", told)


def test_what_came_from_below_is_summed_up_at_no_time(
    below: Program, level: Make, tmp_path: Path
) -> None:
    """It comes again with every package, and two readings of an hour prove more than one."""
    below.data("sensor", "add", "H0", "--profile", "pushed", "--url", "push://D", "--unit", 1,
               "--from", "2026-04-01")  # fmt: skip
    sent = tmp_path / "s.jsonl"
    sent.write_text(
        "\n".join(
            json.dumps({"device": "D", "at": f"2026-05-03T{at}", "value": value})
            for at, value in (("09:00", 300), ("10:15", 310))
        ),
        "utf-8",
    )
    below.data("ingest", sent)
    above, file = level("city"), packed(below, tmp_path / "a.hydrant.zip")

    def stored() -> list[Any]:
        with open_readings(readings_path(above.db)) as readings:
            ask = readings.connection.execute
            marked = ask("SELECT at, reason FROM reading ORDER BY at").fetchall()
            hours = ask("SELECT hour, attempts, good FROM reading_hour ORDER BY hour").fetchall()
        return [[tuple(row) for row in marked], [tuple(row) for row in hours]]

    above.data("package", "take", file)
    before, told = stored(), above.data("explain", "H0")["condition"]
    assert {reason for _, reason in before[0]} == {"handed_up"}
    for _ in range(2):
        assert above.data("db", "retain", "--days", 1)["dropped"] == 0
        assert stored() == before
        above.data("package", "take", file)
        assert stored() == before
    assert above.data("explain", "H0")["condition"] == told
    assert above.data("integrity")["sensors"]["readings"] == "present"


def test_no_package_is_made_of_a_day_to_come(below: Program, tmp_path: Path) -> None:
    ran = below("package", "make", tmp_path / "p.hydrant.zip", "--as-of", "2099-01-01")
    assert (ran.code, "2099-01-01" in ran.err) == (3, True)
    assert not (tmp_path / "p.hydrant.zip").exists()
    assert "尚未到来" in below("package", "make", tmp_path / "p.hydrant.zip", "--as-of",
                               "2099-01-01", lang="zh").err  # fmt: skip


def test_on_past_days_a_sensor_says_above_what_it_said_below(
    below: Program, level: Make, tmp_path: Path
) -> None:
    """A crew measured well while the alarm was open; the sensor renewed it, and was well later."""
    below.data("sensor", "add", "H0", "--profile", "pushed", "--url", "push://D", "--unit", 1,
               "--from", "2026-04-01")  # fmt: skip
    below.data("survey", "record", "H0", "--outcome", "works", "--at", "2026-05-03T11:00",
               "--static-kpa", 250)  # fmt: skip
    sent = tmp_path / "s.jsonl"
    said = (
        *(("02T10:00", 300), ("03T10:00", 80), ("03T10:15", 80), ("03T23:30", 139)),
        *(("05T09:00", 90), ("06T09:00", 300), ("06T09:15", 300), ("07T09:00", 300)),
    )
    lines = [json.dumps({"device": "D", "at": f"2026-05-{at}", "value": kpa}) for at, kpa in said]
    sent.write_text("\n".join(lines), "utf-8")
    below.data("ingest", sent)
    above = level("city")
    above.data("package", "take", packed(below, tmp_path / "a.hydrant.zip"))
    for policy in ("zhejiang", "gb"):
        days = [[judged(made, policy, day) for day in range(1, 12)] for made in (below, above)]
        assert days[0] == days[1]
    assert days[1][3][0] == "defective"


def judged(made: Program, policy: str, day: int) -> tuple[Any, ...]:
    told = made.data("explain", "H0", "--as-of", f"2026-05-{day:02}", "--policy", policy)
    return told["condition"], told["reason"], told["evidence"]


def test_a_reading_that_was_put_right_below_counts_above_no_longer(
    below: Program, level: Make, tmp_path: Path
) -> None:
    """It was the newest of its day when the first package was made, and none is left of it."""
    below.data("sensor", "add", "H3", "--profile", "pushed", "--url", "push://D", "--unit", 1,
               "--from", "2026-04-01")  # fmt: skip
    above, sent = level("city"), tmp_path / "s.jsonl"

    def readings(number: int) -> list[tuple[str, float | None]]:
        file = packed(below, tmp_path / f"{number}.hydrant.zip")
        above.data("package", "take", file)
        with open_readings(readings_path(above.db)) as store:
            found = store.connection.execute(
                "SELECT at, value FROM reading WHERE quality = 0 ORDER BY at"
            )
            return [(at[11:16], value) for at, value in found]

    sent.write_text(json.dumps({"device": "D", "at": "2026-05-03T10:00", "value": 300}), "utf-8")
    below.data("ingest", sent)
    assert readings(1) == [("02:00", 300)]
    sent.write_text(json.dumps({"device": "D", "at": "2026-05-03T12:00", "value": 310}), "utf-8")
    below.data("ingest", sent)
    assert readings(2) == [("04:00", 310)]


def known_above(made: Program, moment: str) -> Any:
    return made.data("integrity", "330199", "--known-at", moment)["total"]


def test_above_a_fact_is_known_since_its_package_last_taken(
    below: Program, level: Make, tmp_path: Path
) -> None:
    """So a result that was saved comes out again, whatever the next package changes."""
    above = level("city")
    started = dt.datetime.now(dt.UTC).isoformat()
    above.data("package", "take", packed(below, tmp_path / "a.hydrant.zip"))
    first = above.data("integrity", "330199", "--save")["total"]
    moment = dt.datetime.now(dt.UTC).isoformat()
    below.data("defect", "clear", "H2", "no_water")
    below.data("survey", "record", "H2", "--outcome", "works", "--static-kpa", 300)
    below.data("asset", "add", "H9", "--kind", "hydrant.pillar", "--lon", 120.15, "--lat", 30.2,
               "--crs", "cgcs2000", "--region", "330199001", "--built", "2020-01-01")  # fmt: skip
    below.data("require", "set", "330199001", "hydrant", 4, "--from", "2022-01-01")
    changed = dt.datetime.now(dt.UTC).isoformat()
    above.data("package", "take", packed(below, tmp_path / "b.hydrant.zip"))
    later = figures(above)[0]
    assert later != first
    assert later == figures(below)[0]
    for known in (moment, changed):
        assert known_above(above, known) == first
    assert known_above(above, started)["working_order"]["existing"] == 0
    assert [row["state"] for row in above.data("assessment", "verify")["assessments"]] == ["equal"]
    assert above.data("db", "check")["faults"] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_an_earlier_version_took_is_not_guessed(
    below: Program, level: Make, tmp_path: Path, lang: str
) -> None:
    """It did not note what came with a package: a moment before it has no answer."""
    above = level("city")
    above.data("package", "take", packed(below, tmp_path / "a.hydrant.zip"))
    above.data("integrity", "330199", "--save")
    moment = dt.datetime.now(dt.UTC).isoformat()
    below.data("defect", "open", "H1", "no_water")
    above.data("package", "take", packed(below, tmp_path / "b.hydrant.zip"))
    with (
        open_registry(above.db, write=True) as opened,
        transaction(opened, actor="t", origin="t"),
    ):
        opened.connection.execute("UPDATE change SET after = NULL WHERE action = 'import'")
    ran = above("integrity", "330199", "--known-at", moment, lang=lang)
    assert (ran.code, ran.out) == (3, "")
    assert ("earlier version" in ran.err, "旧版本" in ran.err) == (lang == "en", lang == "zh")
    ran = above("assessment", "verify", lang=lang)
    assert ran.code == 1
    assert ("not computed" in ran.out, "未复算" in ran.out) == (lang == "en", lang == "zh")
    assert above("integrity", "330199").code == 0
