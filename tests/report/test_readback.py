"""What is recorded can be read back: every column of every fact, and every day as it was stated."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pyogrio
import pytest

from hydrant import times
from hydrant.cli.history_view import TIMES
from hydrant.messages import text
from hydrant.model.rows import Fact
from hydrant.model.tables import (
    Asset,
    AssetVersion,
    Defect,
    Inspection,
    Lifecycle,
    Region,
    Requirement,
    Sensor,
)
from hydrant.report.timeline import LEFT_OUT, columns_of
from hydrant.store.file.migrate import create
from hydrant.store.ground.place import Server
from hydrant.store.opened.registry import open_registry
from hydrant.store.opened.transactions import transaction
from hydrant.vocabulary import Language
from tests.conftest import Program

#: Fact as the history tells it, its table.
FACTS: dict[str, type[Fact]] = {
    "version": AssetVersion,
    "event": Lifecycle,
    "inspection": Inspection,
    "defect": Defect,
    "cleared": Defect,
    "sensor": Sensor,
    "sensor_ended": Sensor,
}
MORNING = dt.datetime(2024, 3, 1, 2, 30, tzinfo=dt.UTC)
#: Values of columns that take no free text.
WORDS: dict[str, Any] = {
    "kind": "hydrant.pillar", "structure": "platform", "service": "rural", "mains_type": "ring",
    "event": "commissioned", "outcome": "works", "severity": "anomaly", "state": "confirmed",
    "quantity": "flow", "region_code": "330199", "orig_crs": "gcj02",
    "checks": '{"sign": true, "tight": false}', "photos": '["aabbccddeeff0011"]',
    "parameters": '{"offset": "5"}', "lon": 120.25, "lat": 30.25,
}  # fmt: skip


def filled(table: type[Fact], **given: Any) -> dict[str, Any]:
    """A value for every column of a table, all different where the column takes any."""
    values: dict[str, Any] = {}
    for number, (name, field) in enumerate(table.model_fields.items(), 11):
        told = str(field.annotation)
        if name in WORDS:
            values[name] = WORDS[name]
        elif name in LEFT_OUT and name not in given:
            continue
        elif "datetime" in told:
            values[name] = MORNING + dt.timedelta(days=number)
        elif "float" in told:
            values[name] = number + 1234.25
        elif "bool" in told:
            values[name] = True
        elif "int" in told:
            values[name] = number
        else:
            values[name] = f"<{name} {number}>"
    return values | given


def one_of_all(program: Program) -> dict[str, dict[str, Any]]:
    """An asset with a fact of each kind, all columns filled; the stored values by fact."""
    with (
        open_registry(program.db, write=True) as registry,
        transaction(registry, actor="clerk", origin="t") as writer,
    ):
        begun = MORNING + dt.timedelta(days=60)  # after its former row
        asset = Asset(code="A", kind="hydrant", geom=(120.5, 30.5), valid_from=begun)
        writer.add(asset)
        writer.flush()
        stored: dict[str, dict[str, Any]] = {}
        for name, table in FACTS.items():
            if name in ("cleared", "sensor_ended"):
                stored[name] = stored[{"cleared": "defect", "sensor_ended": "sensor"}[name]]
                continue
            own = {"code": "leak"} if table is Defect else {}
            stored[name] = filled(table, asset_uid=asset.uid, **own)
            writer.add(table(**stored[name]))
    return stored


@pytest.mark.parametrize("command", [("asset", "history", "A"), ("explain", "A")])
def test_no_column_of_a_fact_is_forgotten(program: Program, command: tuple[str, ...]) -> None:
    stored = one_of_all(program)
    data = program.data(*command)
    facts = data["history"] if "history" in data else data["facts"]
    told = {fact["fact"]: fact for fact in facts}
    assert set(told) == {*FACTS, "added"}
    shown = {lang: program(*command, lang=lang) for lang in Language}
    assert all(ran.code == 0 for ran in shown.values()), shown
    for fact, table in FACTS.items():
        beside = {"at": None, "found_at": None, "cleared_at": None}
        for name, value in stored[fact].items():
            if name in LEFT_OUT or name in beside or name not in columns_of(fact):
                continue
            found = told[fact]["values"][name]
            if isinstance(value, dt.datetime):
                assert times.parse_moment(found, times.zone()) == value, (fact, name)
            elif isinstance(value, str) and value.startswith(("{", "[")):
                assert found == json.loads(value), (fact, name)
            else:
                assert found == value, (fact, name)
            if isinstance(value, str) and value.startswith("<"):
                assert all(value in ran.out for ran in shown.values()), (fact, name)
        # what stands in the table and not among the columns is told of another fact, or beside
        split = set(columns_of("defect")) | set(columns_of("cleared"))
        split |= set(columns_of("sensor")) | set(columns_of("sensor_ended"))
        assert set(table.model_fields) - LEFT_OUT.keys() - set(beside) <= (
            set(columns_of(fact)) | split
        ), fact


def test_what_is_left_out_is_a_column() -> None:
    tables: tuple[type[Fact], ...] = (Asset, *FACTS.values())
    columns = {name for table in tables for name in table.model_fields}
    assert LEFT_OUT.keys() <= columns
    assert all(LEFT_OUT.values())


def test_every_column_has_a_word_in_both_languages() -> None:
    for fact in ("added", *FACTS):
        for name in columns_of(fact):
            key = f"cli_asset.when_{name}" if name in TIMES else f"fields.{name}"
            for lang in Language:
                said = text(key, lang)
                assert said != key, key
                assert "UTC" not in said, key


def test_money_and_words_on_the_screen(program: Program) -> None:
    program.data("asset", "add", "A", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.1,
                 "--crs", "cgcs2000")  # fmt: skip
    program.data("asset", "event", "A", "commissioned", "--at", "2022-05-01", "--project", "R-7",
                 "--consent", "YS-114", "--funding", "Kasse", "--cost", 1234567.5)  # fmt: skip
    program.data("defect", "open", "A", "leak", "--at", "2023-01-01")
    program.data("defect", "clear", "A", "leak", "--at", "2023-02-01", "--cost", 0)
    program.data("asset", "edit", "A", "--owner", "West", "--from", "2024-01-01")
    for lang, words in (
        ("en", ("project R-7", "consent YS-114", "funding Kasse", "owner not known → West")),
        ("zh", ("项目 R-7", "批准文件 YS-114", "资金来源 Kasse", "权属单位 不详 → West")),
    ):
        for command in (("asset", "history", "A"), ("explain", "A")):
            out = program(*command, lang=lang).out
            assert all(word in out for word in (*words, "1,234,567.50")), out
            assert re.search(r"(cost|费用) 0\b", out), out  # that it cost nothing is known
    (version,) = [f for f in program.data("asset", "history", "A")["history"]
                  if f["fact"] == "version"]  # fmt: skip
    assert (version["at"], version["values"]["valid_until"]) == ("2024-01-01", "2024-01-01")
    assert version["changed"] == {"owner": "West"}


ZONES = ("Asia/Shanghai", "America/New_York", "Pacific/Auckland")
#: Days at a year's end and beginning, and one on which summer time begins in New York.
DAYS = ("2024-12-31", "2025-01-01", "2025-03-09")


@pytest.fixture(params=ZONES)
def zoned(
    request: pytest.FixtureRequest, registry_path: Any, tmp_path: Path, store: str,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[tuple[Program, str]]:  # fmt: skip
    """The program on an empty registry of a zone."""
    settings = {"policy": "zhejiang", "zone": request.param}
    if store == "file":
        place: Any = tmp_path / "zone.gpkg"
        create(place, settings=settings)
        yield Program(place, capsys), request.param
        return
    postgres = request.getfixturevalue("postgres")
    name = f"zone_{registry_path.url.rpartition('_')[2]}"
    place = Server(postgres.database(name))
    create(place, settings=settings)
    yield Program(place, capsys), request.param
    postgres.drop(name)


def last_second(day: str, zone: str) -> dt.datetime:
    """The last second of a local day: elsewhere it is another day already, or still."""
    return times.end_of_day(dt.date.fromisoformat(day), times.zone(zone)) - dt.timedelta(seconds=1)


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("late", [False, True], ids=["day", "last second"])
def test_every_door_tells_the_local_day(
    zoned: tuple[Program, str], tmp_path: Path, day: str, late: bool
) -> None:
    program, zone = zoned
    moment = last_second(day, zone) if late else times.start_of_day(
        dt.date.fromisoformat(day), times.zone(zone)
    )  # fmt: skip
    record(program, moment)
    told = {**of_json(program), **of_files(program, tmp_path)}
    wrong = {door: found for door, found in told.items() if found[:10] != day}
    assert not wrong
    assert {row["year"] for row in program.data("money")["rows"]} == {int(day[:4])}


def record(program: Program, moment: dt.datetime) -> None:
    """Facts of every kind at one moment."""
    with (
        open_registry(program.db, write=True) as registry,
        transaction(registry, actor="clerk", origin="t") as writer,
    ):
        writer.add(Region(code="330199", name_en="County", level="county", valid_until=moment))
        writer.add(Region(code="330198", name_en="Other", level="county"))
        writer.add(Requirement(region_code="330198", kind="hydrant", count=2, valid_from=moment))
        for code in ("A", "P"):
            asset = Asset(code=code, kind="hydrant.pillar", region_code="330198",
                          geom=(120.5, 30.5))  # fmt: skip
            writer.add(asset)
            writer.flush()
            event = {"A": "commissioned", "P": "planned"}[code]
            writer.add(Lifecycle(asset_uid=asset.uid, event=event, at=moment, project="R",
                                 cost=5.0))  # fmt: skip
            if code == "P":
                continue
            writer.add(Inspection(asset_uid=asset.uid, outcome="works", at=moment))
            writer.add(Defect(asset_uid=asset.uid, code="leak", severity="anomaly",
                              found_at=moment, due=moment))  # fmt: skip
            writer.add(Defect(asset_uid=asset.uid, code="debris", severity="remark",
                              found_at=moment, cleared_at=moment, cost=1.0))  # fmt: skip


def of_json(program: Program) -> dict[str, str]:
    """Every day that a command tells, by the door."""
    told: dict[str, str] = {}
    for name, rows in (
        ("history", program.data("asset", "history", "A")["history"]),
        ("explain", program.data("explain", "A")["facts"]),
    ):
        told |= {f"{name} {f['fact']}": f["at"] for f in rows if f["fact"] != "added"}
        told |= {f"{name} due": f["values"]["due"] for f in rows if "due" in f["values"]}
    for row in program.data("defect", "list", "--all")["defects"]:
        told |= {f"defect {row['code']} {n}": row[n] for n in ("found", "due", "cleared") if row[n]}
    told["require"] = program.data("require", "list")["requirements"][0]["from"]
    regions = program.data("region", "list")["regions"]
    told["region"] = next(r["valid_until"] for r in regions if r["code"] == "330199")
    todo = {
        name: program.data("todo", "--list", name, "--finished", "R")["list"]
        for name in ("defects", "overdue", "planned")
    }
    told["todo due"] = todo["defects"][0]["due"]
    told["todo last"] = todo["overdue"][0]["last"]
    told["todo since"] = todo["planned"][0]["since"]
    return told


def of_files(program: Program, folder: Path) -> dict[str, str]:
    """Every day that a file tells, by its form."""
    told: dict[str, str] = {}
    for form in ("csv", "xlsx", "geojson", "gpkg", "kml", "gpx", "osm"):
        file = folder / f"out.{form}"
        program.data("export", file)
        told |= {f"{form} {name}": found for name, found in days_in(file).items()}
    if not isinstance(program.db, Server):  # a server's view tells moments with their zone
        program.data("db", "publish", folder / "web")
        table = pyogrio.read_arrow(folder / "web" / "public.gpkg", columns=["last_outcome_at"])[1]
        told["publish"] = next(at for at in table["last_outcome_at"].to_pylist() if at)
    for number, name in enumerate(program.data("todo", "--out", folder / "todo", "--csv")["files"]):
        with Path(name).open(encoding="utf-8-sig", newline="") as file_of_holder:
            for row in csv.DictReader(file_of_holder):
                told |= {f"todo file {number} {n}": row[n] for n in ("due", "last worked", "since")
                         if row.get(n)}  # fmt: skip
    return told


def days_in(file: Path) -> dict[str, str]:
    """Day of commissioning and of the visit in an export."""
    row: dict[str, Any] = {}
    if file.suffix == ".csv":
        with file.open(encoding="utf-8-sig", newline="") as opened:
            row = next(csv.DictReader(opened))
    elif file.suffix == ".xlsx":
        head, first, *_ = openpyxl.load_workbook(file).active.iter_rows(values_only=True)
        row = dict(zip(head, first, strict=True))
    elif file.suffix == ".geojson":
        row = json.loads(file.read_text("utf-8"))["features"][0]["properties"]
        assert row["cost"] == 5.0
    elif file.suffix == ".gpkg":
        table = pyogrio.read_arrow(file)[1]
        assert str(table["cost"].type) == "double"
        assert len(str(table["built"].to_pylist()[0])) > 10 or "date" in str(table["built"].type)
        row = {name: str(table[name].to_pylist()[0]) for name in ("built", "inspection_at")}
    else:
        plain = re.sub(r"\s+", "", file.read_text("utf-8"))
        found = dict(re.findall(r'"(built|inspection_at)":"([^"]+)"', plain))
        found |= dict(re.findall(r'name="(built|inspection_at)"><value>([^<]+)', plain))
        tagged = re.findall(r'k="survey:date"v="([^"]+)"', plain)
        return found | dict.fromkeys(["inspection_at"] if tagged else [], "".join(tagged[:1]))
    return {name: row[name] for name in ("built", "inspection_at")}


@pytest.mark.parametrize("zone", [*ZONES, "America/Sao_Paulo", "UTC"])
def test_a_day_is_told_as_a_day_and_a_moment_with_its_offset(zone: str) -> None:
    local = times.zone(zone)
    day = dt.date(1985, 1, 1)
    while day < dt.date(2030, 1, 1):  # over every change of summer time
        for moment in (times.start_of_day(day, local), last_second(day.isoformat(), zone)):
            told = times.local_text(moment, local)
            assert told[:10] == day.isoformat()
            assert times.parse_moment(told, local) == moment
        assert len(times.local_text(times.start_of_day(day, local), local)) == len("2024-12-31")
        day += dt.timedelta(days=5)


def test_an_answer_names_the_local_day(program: Program, tmp_path: Path) -> None:
    regions = tmp_path / "r.csv"
    regions.write_text(
        "code,name_zh,name_en,level,parent_code\n330199,县,County,county,\n", "utf-8"
    )
    program.data("region", "import", regions)
    program.data("require", "set", "330199", "hydrant", 3, "--from", "2025-01-01")
    ran = program("require", "set", "330199", "hydrant", 2, "--from", "2024-01-01")
    assert (ran.code, "2025-01-01" in ran.out) == (0, True)
    program.data("asset", "add", "A", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.1,
                 "--crs", "cgcs2000")  # fmt: skip
    program.data("defect", "open", "A", "leak", "--at", "2025-01-01")
    ran = program("defect", "clear", "A", "leak", "--at", "2024-12-31")
    assert ran.code == 3
    assert "2025-01-01" in ran.err
    shown = program("integrity", "--known-at", "2025-01-01").out
    assert "2025-01-01" in shown
    assert "2024-12-31" not in shown


def test_a_day_on_which_a_value_was_stated_again_stands_in_the_history(program: Program) -> None:
    """What held already begins no row, and holds against an earlier day entered later."""
    program.data("asset", "add", "R", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.2,
                 "--crs", "wgs84")  # fmt: skip
    for value, day in (("150", "2026-03-01"), ("150", "2026-06-01")):
        program.data("asset", "edit", "R", "--set", f"mains_dn_mm={value}", "--from", day)
    told = program.data("asset", "history", "R")["history"]
    again = [(one["at"], one["values"]) for one in told if one["fact"] == "stated"]
    assert again == [("2026-06-01", {"mains_dn_mm": 150})]
    assert "stated as it was" in program("asset", "history", "R").out
    assert "确认自该日起" in program("asset", "history", "R", lang="zh").out
    program.data("asset", "edit", "R", "--set", "mains_dn_mm=100", "--from", "2026-04-01")
    told = program.data("asset", "history", "R")["history"]
    # a row begins on that day now, and says it
    assert not [one for one in told if one["fact"] == "stated"]
    assert [one["at"] for one in told if one["fact"] == "version"] == [
        "2026-03-01", "2026-04-01", "2026-06-01"
    ]  # fmt: skip
