"""What was sent means the same in every form: CSV, a JSON array, JSON lines."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Program

DAY = "2026-06-01T12:"
#: Value and unit as sent, and what the answer says of the row: None where it was stored as it is.
SENT = (
    ("300", "", None),
    ("0.25", "MPa", None),
    ("0,25", "MPa", None),
    ("3 00", "", "refused"),
    ("1,200", "", "refused"),
    ("", "", "no_value"),
    ("null", "", "no_value"),
    ("NaN", "", "refused"),
    ("inf", "", "refused"),
    ("99999", "MPa", "no_value"),
    ("many", "", "refused"),
)
STAMPS = (
    ("20260601120000", None),
    ("2026060112001234", None),
    ("20260601120020123", None),
    ("20260601", "refused"),
    ("2026/6/1", "refused"),
    ("202606011200", "refused"),
    ("9026060112001234", "refused"),
)
Row = dict[str, Any]


def as_csv(rows: list[Row]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, ["device", "at", "value", "unit"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def as_lines(rows: list[Row]) -> str:
    # the first line is of nobody, so that lines count as they do below a heading
    return "\n" + "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def as_array(rows: list[Row]) -> str:
    return "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n"


FORMS = {"csv": as_csv, "jsonl": as_lines, "json": as_array}


@pytest.fixture
def office(program: Program) -> Program:
    program.data("asset", "add", "A", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.2,
                 "--crs", "wgs84")  # fmt: skip
    program.data("sensor", "add", "A", "--profile", "pushed", "--url", "push://D", "--unit", 0,
                 "--from", "2026-01-01")  # fmt: skip
    return program


def ingested(office: Program, tmp_path: Path, form: str, rows: list[Row]) -> Any:
    file = tmp_path / f"sent.{form}"
    file.write_text(FORMS[form](rows), encoding="utf-8")
    return office("ingest", file, "--json").json


@pytest.mark.parametrize("form", FORMS)
def test_a_value_means_the_same_in_every_form(office: Program, tmp_path: Path, form: str) -> None:
    rows = [{"device": "D", "at": f"{DAY}{n:02}:00", "value": value, "unit": unit}
            for n, (value, unit, _) in enumerate(SENT)]  # fmt: skip
    answer = ingested(office, tmp_path, form, rows)
    told = {row["line"]: row for row in answer["data"]["rows"]}
    found = [told[n]["action"] if n in told else None for n in range(2, len(SENT) + 2)]
    assert found == [action for *_, action in SENT]
    # what cannot be keeps the number that was sent
    (implausible,) = [row for row in told.values() if row.get("value") == "99999 MPa"]
    assert implausible["action"] == "no_value"
    # a decimal comma is read, and said
    (comma,) = [m["text"] for m in answer["messages"] if "decimal comma" in m["text"]]
    assert '"0,25 MPa" was taken for 0.25' in comma


@pytest.mark.parametrize("nothing", [None, "", "  ", "null"])
@pytest.mark.parametrize("form", ["jsonl", "json"])
def test_nothing_is_nothing_in_json(
    office: Program, tmp_path: Path, form: str, nothing: Any
) -> None:
    row = {"device": "D", "at": f"{DAY}00:00", "value": nothing, "unit": nothing}
    if nothing == "null":
        row["unit"] = None
    answer = ingested(office, tmp_path, form, [row])
    assert [one["action"] for one in answer["data"]["rows"]] == ["no_value"]


@pytest.mark.parametrize("form", FORMS)
def test_a_time_stamp_means_the_same_in_every_form(
    office: Program, tmp_path: Path, form: str
) -> None:
    rows = [{"device": "D", "at": stamp, "value": 300, "unit": None} for stamp, _ in STAMPS]
    told = {row["line"]: row for row in ingested(office, tmp_path, form, rows)["data"]["rows"]}
    found = [told[n]["action"] if n in told else None for n in range(2, len(STAMPS) + 2)]
    assert found == [action for _, action in STAMPS]


def test_another_encoding_is_stated_never_guessed(office: Program, tmp_path: Path) -> None:
    file = tmp_path / "gbk.csv"
    file.write_bytes(f"device,at,value\n测压,{DAY}00:00,300\n".encode("gbk"))
    asked = office("ingest", file)
    assert (asked.code, "gb18030: 测压" in asked.err) == (3, True)
    told = office("ingest", file, "--encoding", "gbk", "--json").data["rows"]
    assert "测压" in told[0]["reason"]  # read as what it is; nobody registered such a device


def test_the_unit_of_a_device_makes_no_second_one_of_it(office: Program) -> None:
    again = office("sensor", "add", "A", "--profile", "pushed", "--url", "push://D", "--unit", 0,
                   "--device-unit", "MPa")  # fmt: skip
    assert again.code == 3
    assert len(office.data("sensor", "list")["sensors"]) == 1
