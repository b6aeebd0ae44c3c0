"""A readings file is one registry's; laid beside another it is refused and named."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import openpyxl
import pytest

from hydrant.store.file.migrate import create
from tests.conftest import SETTINGS, Program
from tests.older import turn_readings_back

LOW = (("2026-01-10T08:00", 80.0), ("2026-01-10T08:10", 81.0))


class County:
    """A registry with one hydrant whose sensor sends."""

    def __init__(self, folder: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.program = Program(folder / f"{name}.gpkg", capsys)
        create(self.program.db, settings=SETTINGS)
        self.program.data("asset", "add", "A", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.1,
                          "--crs", "cgcs2000")  # fmt: skip
        self.program.data("survey", "record", "A", "--outcome", "works", "--at", "2026-01-05T09:00")
        self.program.data("sensor", "add", "A", "--profile", "pushed", "--url", "push://d",
                          "--unit", 1, "--from", "2026-01-01")  # fmt: skip

    @property
    def readings(self) -> Path:
        path: Path = self.program.db.with_suffix(".readings.db")
        return path

    def send(self, *values: tuple[str, float]) -> int:
        file = self.folder / "sent.jsonl"
        rows = [{"device": "d", "at": at, "value": value} for at, value in values]
        file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
        return self.program("ingest", file).code

    def condition(self) -> str:
        return str(self.program.data("explain", "A", "--as-of", "2026-01-20")["condition"])


@pytest.fixture
def ours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> County:
    return County(tmp_path, "ours", capsys)


@pytest.fixture
def theirs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> County:
    county = County(tmp_path, "theirs", capsys)
    assert county.send(("2026-01-10T08:00", 300.0)) == 0
    return county


def forget_owner(readings: Path) -> None:
    """Make a readings file one of the version before files knew whose they are."""
    turn_readings_back(readings, 4)


WRITING = (
    ("sensor", "suspend", "A"),
    ("sensor", "resume", "A"),
    ("alarm", "expect", "A", "--hours", "1"),
    ("db", "retain", "--days", "1"),
    ("poll",),
    ("sensor", "add", "A", "--profile", "pushed", "--url", "push://e", "--unit", "1"),
)


def said_in(file: Path) -> str:
    """What a report says, of whatever form."""
    if file.suffix != ".xlsx":
        return file.read_text("utf-8")
    cells = openpyxl.load_workbook(file).worksheets[0].iter_rows(values_only=True)
    return "\n".join(str(cell) for row in cells for cell in row)


@pytest.mark.parametrize("older", [False, True])
def test_the_readings_of_another_registry_are_refused_and_named(
    ours: County, theirs: County, older: bool
) -> None:
    assert ours.send(*LOW) == 0
    assert ours.condition() == "defective"
    shutil.copy(theirs.readings, ours.readings)
    if older:
        forget_owner(ours.readings)
    before = ours.readings.read_bytes()
    file = ours.folder / "sent.jsonl"
    for words in (("ingest", str(file)), *WRITING):
        refused = ours.program(*words)
        assert (refused.code, len(refused.err.splitlines())) == (4, 1), refused
        assert str(ours.readings) in refused.err
        assert "another registry" in refused.err
    assert ours.readings.read_bytes() == before
    for words in (("integrity",), ("explain", "A"), ("near", "120.1", "30.1"), ("alarm", "list"),
                  ("db", "check"), ("db", "backup", str(ours.folder / "kept.gpkg"))):  # fmt: skip
        said = ours.program(*words, "--json").json["messages"]
        assert "cli_sensed.foreign" in [m["key"] for m in said], words
    assert ours.program.data("integrity")["sensors"]["readings"] == "missing"
    (told,) = [
        c for c in ours.program("health", "--json").data["checks"] if c["name"] == "readings"
    ]
    assert told["state"] == "warning"
    assert ours.program.data("alarm", "list", "--all")["alarms"] == []
    assert "另一个登记库" in ours.program("integrity", lang="zh").err
    for form in ("html", "geojson", "xlsx"):
        for lang, word in (("en", "of another registry"), ("zh", "另一个登记库")):
            made = ours.folder / f"r.{form}"
            assert ours.program("report", made, lang=lang).code == 0
            assert word in said_in(made), form
    ours.readings.unlink()
    assert ours.send(*LOW) == 0
    assert ours.condition() == "defective"


@pytest.mark.parametrize("older", [False, True])
def test_copies_backups_and_new_names_keep_their_readings(
    ours: County, tmp_path: Path, capsys: pytest.CaptureFixture[str], older: bool
) -> None:
    assert ours.send(*LOW) == 0
    if older:
        forget_owner(ours.readings)
    (tmp_path / "elsewhere").mkdir()
    copied, backed, carried = (tmp_path / "elsewhere" / f"{n}.gpkg" for n in ("c", "b", "d"))
    shutil.copy(ours.program.db, copied)
    shutil.copy(ours.readings, copied.with_suffix(".readings.db"))
    ours.program.data("db", "backup", backed)
    ours.program.data("db", "copy", ours.program.db, carried)
    for file in (copied, backed, carried):
        ours.program = Program(file, capsys)
        assert ours.program.data("integrity")["sensors"]["readings"] == "present"
        assert ours.condition() == "defective"
        assert ours.send(("2026-01-12T08:00", 300.0), ("2026-01-12T08:10", 300.0)) == 0
        assert ours.condition() == "intact"


def test_a_copy_is_no_other_registry(ours: County, tmp_path: Path) -> None:
    """So a registry that is copied for a trial works with readings of either."""
    assert ours.send(*LOW) == 0
    trial = tmp_path / "trial.gpkg"
    shutil.copy(ours.program.db, trial)
    shutil.copy(ours.readings, trial.with_suffix(".readings.db"))
    ours.program.db = trial
    ours.program.data("sensor", "remove", "A", "--at", "2026-01-11")
    shutil.copy(trial.with_suffix(".readings.db"), tmp_path / "ours.readings.db")
    ours.program.db = tmp_path / "ours.gpkg"
    assert ours.condition() == "defective"


def test_a_link_finds_its_own(ours: County, theirs: County, tmp_path: Path) -> None:
    assert ours.send(*LOW) == 0
    (tmp_path / "desk").mkdir()
    link = tmp_path / "desk" / "theirs.gpkg"
    link.symlink_to(ours.program.db)
    shutil.copy(theirs.readings, link.with_suffix(".readings.db"))
    ours.program.db = link
    assert ours.condition() == "defective"
