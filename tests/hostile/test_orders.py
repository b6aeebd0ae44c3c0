"""Data that orders about: a terminal, a spreadsheet, a browser, a layout, a database, a log."""

from __future__ import annotations

import asyncio
import csv
import json
import re
import ssl
import stat
import sys
import zipfile
from pathlib import Path
from xml.etree.ElementTree import parse

import openpyxl
import pytest
from sqlmodel import select
from xlsxwriter.worksheet import Worksheet

from hydrant import secrets
from hydrant.cli.main import run
from hydrant.cli.screen import Screen
from hydrant.errors import InputRefused
from hydrant.model.tables import Asset
from hydrant.resources import resource
from hydrant.safe_text import control_in, printable
from hydrant.store.opened.registry import open_registry
from hydrant.store.opened.transactions import transaction
from hydrant.telemetry import wire
from hydrant.telemetry.allowed import address_of, gateway_list, parse_list
from hydrant.telemetry.endpoint import parse as parse_url
from hydrant.telemetry.quality import ExchangeError, Reason
from hydrant.vocabulary import Language
from tests.conftest import Program, Ran, missing
from tests.parts import FONT, advice

EVIL = ("\x1b[2J\x1b]0;owned\x07", "\x9b31m", "a\rb", "a\nFAKE LINE 100 %", "\u202egpj.exe",
        "\u2066x", "\u2028y", "e" + "\u0301" * 500, "\x00", "\x7f")  # fmt: skip
SQL = ("'; DROP TABLE asset;--", '" OR 1=1 --', "x') ; DELETE FROM change; --", "%' OR '1'='1")
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x",
            "=cmd|' /C calc'!A0", '=HYPERLINK("http://x","y")')  # fmt: skip
TEXTS = ("name", "address", "owner", "builder", "maintainer", "supervisor", "note")


#: What a file says once exported does not depend on the store, and a bug's trace neither.
ANY_STORE = pytest.mark.file_only


def add(program: Program, code: str, text: str) -> None:
    ran = written(program, code, text)
    assert ran.code == 0, ran


def name_as_nobody_may(program: Program, text: str) -> None:
    """Name the asset past what looks at words that are entered."""
    with (
        open_registry(program.db, write=True) as registry,
        transaction(registry, actor="t", origin="t") as writer,
    ):
        asset = registry.session.exec(select(Asset)).one()
        writer.update(asset, **{name: text for name in TEXTS if name != "note"})


def written(program: Program, code: str, text: str) -> Ran:
    heads = ["code", "kind", "lon", "lat", *TEXTS]
    features = [{"type": "Feature", "geometry": {"type": "Point", "coordinates": [120.1, 30.2]},
                 "properties": dict(zip(heads, [code, "hydrant", 120.1, 30.2, *[text] * 7],
                                        strict=True))}]  # fmt: skip
    file = program.db.with_suffix(".geojson")  # beside it, or in our own folder for a server
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return program("import", file, "--crs", "wgs84", "--source", code)


SHOWN = (("asset", "show", "H"), ("asset", "list"), ("asset", "history", "H"), ("explain", "H"),
         ("near", "120.1", "30.2"), ("integrity", "--by", "owner"), ("audit", "log"), ("todo",),
         ("duplicates", "list"), ("survey", "list"))  # fmt: skip


@pytest.mark.parametrize("text", EVIL)
def test_no_command_lets_data_order_the_terminal_about(program: Program, text: str) -> None:
    if control_in(text) is None:
        add(program, "H", f"x{text}y")
    else:  # refused at the door, and all the same on record since before it was
        assert written(program, "H", f"x{text}y").code == 3
        add(program, "H", "x")
        name_as_nobody_may(program, f"x{text}y".replace("\x00", ""))
    for command in SHOWN:
        for form in ([], ["--json"]):
            ran = program(*command, *form)
            shown = ran.out + ran.err
            assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028]",
                                 shown), (command, form)  # fmt: skip
            assert "\nFAKE" not in shown, (command, form)
            assert "\u0301" * 20 not in shown or form, (command, form)
    assert program.data("asset", "show", "H")["asset"]["name"] == f"x{text}y".replace("\x00", "")


@ANY_STORE
@pytest.mark.parametrize("text", EVIL)
def test_nor_does_an_error_line(program: Program, tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(f'"{text}",b\n1,2\n', newline="")
    for words in (["asset", "show", text], ["import", tmp_path / "a.csv"], [f"--{text}"],
                  ["integrity", text], ["import", tmp_path / f"x{text}.csv".replace("\0", "")]):  # fmt: skip
        ran = program(*words)
        assert len(ran.err.strip("\n").split("\n")) == 1, ran.err
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", ran.err), ran.err


def test_halves_of_characters_are_shown_and_logged(program: Program) -> None:
    ran = program("asset", "show", "\udcff", "--json")
    assert ran.code == 2
    ran.out.encode("utf-8")


def test_marks_that_pile_up() -> None:
    assert len(printable("e" + "\u0301" * 500)) < 10
    assert printable("אָ֑") == "אָ֑"


@pytest.mark.parametrize("text", EVIL)
def test_what_fills_a_sentence_stays_within_it(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line break in data must not begin a line of its own, which would look like ours."""
    screen = Screen(Language.EN)
    facts = dict.fromkeys(("applied", "conflicts", "refused"), 1)
    screen.line("cli_survey_bundle.merged", file=f"x{text}y", **facts)
    told = capsys.readouterr().out
    assert told.count("\n") == 1
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028]", told)


@pytest.mark.skipif(sys.platform == "win32", reason="such a name is no name there")
def test_a_file_whose_name_is_two_lines(program: Program, tmp_path: Path) -> None:
    add(program, "H", "x")
    bundle = tmp_path / "crew\nFAKE LINE 100 %.gpkg"
    for words in (["survey", "pack", bundle, "--crew", "a\nFAKE"], ["survey", "merge", bundle]):
        ran = program(*words)
        assert ran.code == 0
        assert "\nFAKE" not in ran.out + ran.err


@pytest.mark.parametrize("text", SQL)
def test_sql_is_text_in_every_field(program: Program, text: str) -> None:
    add(program, "H", text)
    shown = program.data("asset", "show", "H")["asset"]
    assert all(shown[name] == text for name in TEXTS)
    for words in (["asset", "show", text], ["explain", text], ["integrity", text],
                  ["asset", "list", "--kind", text], ["asset", "list", "--region", text],
                  ["integrity", "--by", text], ["defect", "open", text, text]):  # fmt: skip
        assert program(*words).code in (2, 3), words
    program.data("asset", "edit", "H", "--owner", text, "--by", text)
    assert program.data("db", "check")["faults"] == []
    assert len(program.data("asset", "list")["assets"]) == 1


@ANY_STORE
@pytest.mark.parametrize("text", FORMULAS)
def test_no_export_holds_a_formula(program: Program, tmp_path: Path, text: str) -> None:
    add(program, "H", text)
    for name in ("a.csv", "a.xlsx"):
        assert program("export", tmp_path / name).code == 0
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["owner"].startswith("'")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    cells = [cell for line in book.active.iter_rows() for cell in line]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not any(cell.hyperlink for cell in cells)
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def _as_anything(sheet: Worksheet, row: int, column: int, value: object, *form: object) -> int:
    return int(sheet.write(row, column, value, *form))


BOOKS = (("export", "a.xlsx"), ("report", "a.xlsx", "--by", "owner"), ("todo", "--out", "."),
         ("survey", "form", "a.xlsx"))  # fmt: skip


@pytest.mark.parametrize("words", BOOKS)
def test_a_workbook_takes_text_for_text_whichever_way_it_is_written(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """Every cell is written as a text; were one not, the workbook still makes no formula of it."""
    add(program, "H", "=1+1")
    monkeypatch.setattr(Worksheet, "write_string", _as_anything)
    made = [tmp_path / word if word in ("a.xlsx", ".") else word for word in words]
    assert program(*made).code == 0
    book, *_ = tmp_path.glob("*.xlsx")
    with zipfile.ZipFile(book) as archive:
        sheets = [archive.read(n) for n in archive.namelist() if n.startswith("xl/worksheets/")]
    assert sheets
    assert not [sheet for sheet in sheets if b"<f>1+1" in sheet]


@ANY_STORE
def test_the_side_file_holds_no_formula(program: Program, tmp_path: Path) -> None:
    text = "code,kind,lon,lat,=1+1\n=cmd|x,hydrant,here,30,@x\nA,hydrant,120.1,30.2,\n"
    (tmp_path / "a.csv").write_text(text)
    program("import", tmp_path / "a.csv", "--crs", "wgs84", "--skip-bad")
    with (tmp_path / "a.refused.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "@"))]


MARKUP = '</script><script>alert(1)</script><img src=x onerror="alert(1)">&amp;]]>"\''


@ANY_STORE
def test_markup_stays_text_in_every_form(program: Program, tmp_path: Path) -> None:
    add(program, "H", MARKUP)
    for ending in ("kml", "gpx", "osm", "geojson"):
        assert program("export", tmp_path / f"a.{ending}").code == 0
    for ending in ("kml", "gpx", "osm"):
        tree = parse(tmp_path / f"a.{ending}")
        assert not [e for e in tree.iter() if e.tag.endswith(("script", "img"))]
    (feature,) = json.loads((tmp_path / "a.geojson").read_text(encoding="utf-8"))["features"]
    assert feature["properties"]["owner"] == MARKUP
    assert program("report", tmp_path / "a.html", "--by", "owner").code == 0
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "<img" not in page
    ours = resource("data", "templates", "report.html").read_text(encoding="utf-8")
    assert page.count("</script>") == ours.count("</script>")
    assert "Content-Security-Policy" in page


@ANY_STORE
def test_the_pdf_takes_data_for_data(program: Program, tmp_path: Path) -> None:
    add(program, "H", '#read("/etc/passwd") #panic() $x$ *b* "]')
    ran = program("report", tmp_path / "a.pdf", "--by", "owner")
    if ran.code == 4:
        missing(advice(FONT))
    assert ran.code == 0, ran


def test_passwords_in_urls_are_said_nowhere(
    program: Program, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    add(program, "H", "x")
    for url in ("tcp://me:hunter2@10.0.0.1:502", "tcp://10.0.0.1?password=hunter2"):
        ran = program("sensor", "add", "H", "--profile", "keller-33x", "--url", url, "--unit", 1)
        assert ran.code == 3
        assert "hunter2" not in ran.err + ran.out
    for words in (["config", "set", "db", "postgresql://me:hunter2@h/db"],
                  ["--db", "postgresql://me:hunter2@h/db", "integrity"]):  # fmt: skip
        run([*map(str, words), "--lang", "en"])
        told = capsys.readouterr()
        assert "hunter2" not in told.out + told.err
    assert not [p for p in tmp_path.rglob("*") if p.is_file()
                and b"hunter2" in p.read_bytes()]  # fmt: skip


@ANY_STORE
def test_passwords_are_not_in_the_trace_of_a_bug(
    program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_args: object, **_kw: object) -> None:
        raise RuntimeError("tls://me:hunter2@gw:802 \udcff")

    monkeypatch.setattr("hydrant.cli.near.near", fail, raising=False)
    monkeypatch.setattr("hydrant.store.file.file_backend.connect", fail)
    ran = program("integrity")
    assert ran.code == 70
    log = tmp_path / "data" / "hydrant" / "hydrant.log"
    assert "RuntimeError" in log.read_text(encoding="utf-8")
    assert "hunter2" not in ran.err + log.read_text(encoding="utf-8")
    if sys.platform != "win32":
        assert stat.S_IMODE(log.stat().st_mode) == 0o600


@pytest.mark.skipif(sys.platform == "win32", reason="modes are of POSIX")
def test_only_the_user_may_read_what_is_kept(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HYDRANT_DB", str(tmp_path / "own.gpkg"))
    photo = tmp_path / "p.jpg"
    photo.write_bytes(b"\xff\xd8\xff" + b"x" * 100)
    for words in (["init"], ["asset", "add", "H", "--kind", "hydrant", "--crs", "wgs84", "--lon",
                            "120.1", "--lat", "30.2"],
                  ["survey", "record", "H", "--outcome", "works", "--photo", str(photo)],
                  ["survey", "pack", str(tmp_path / "crew.gpkg"), "--crew", "a"],
                  ["db", "backup", str(tmp_path / "copy.gpkg")], ["config", "set", "by", "Li"],
                  ["export", str(tmp_path / "a.csv")]):  # fmt: skip
        assert run(words) == 0, words
    (tmp_path / "r.jsonl").write_text("{}")
    run(["ingest", str(tmp_path / "r.jsonl")])
    kept = [p for p in tmp_path.rglob("*") if p.is_file() and p.name not in
            ("a.csv", "p.jpg", "r.jsonl", "test.gpkg")]  # fmt: skip
    open_to_others = {p.name for p in kept if stat.S_IMODE(p.stat().st_mode) & 0o077}
    assert {p.suffix for p in kept} >= {".gpkg", ".jpg", ".toml", ".db"}
    assert not {n for n in open_to_others if not n.endswith(".lock")}
    assert not stat.S_IMODE((tmp_path / "own.photos").stat().st_mode) & 0o077


def test_secrets_come_from_environment_or_systemd(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    assert secrets.secret("tls_key_password") is None
    (tmp_path / "hydrant.tls_key_password").write_text("from systemd\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert secrets.secret("tls_key_password") == "from systemd"
    monkeypatch.setenv("HYDRANT_TLS_KEY_PASSWORD", "from environment")
    assert secrets.secret("tls_key_password") == "from environment"


async def _opened(url: str) -> wire.Wire:
    return await wire.opener()(parse_url(url))


async def _address(url: str) -> str:
    return await address_of(parse_url(url), gateway_list())


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("tcp://10.8.3.4", True), ("tcp://10.9.3.4", False), ("tcp://127.0.0.1", False),
        ("udp://10.8.0.1", True), ("tls://gw.example", True), ("tls://other.invalid", False),
        ("serial:///dev/ttyUSB0", True), ("serial:///dev/ttyS9", False), ("tcp://[::1]", False),
        ("rtu+tcp://10.8.3.4:1", True), ("tcp://localhost", False),
    ],
)  # fmt: skip
def test_only_listed_gateways_are_called(
    url: str, allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HYDRANT_GATEWAYS", "10.8.0.0/16, GW.example, /dev/ttyUSB0")
    try:
        asyncio.run(_address(url))
        found = True
    except ExchangeError as error:
        assert error.reason is Reason.NOT_ALLOWED
        found = False
    except OSError:
        found = False
    assert found == allowed
    assert parse_list("").names == frozenset()


def test_a_line_is_opened_only_to_whom_the_list_permits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYDRANT_GATEWAYS", "10.8.0.0/16")
    with pytest.raises(ExchangeError) as caught:
        asyncio.run(_opened("tcp://127.0.0.1:1"))
    assert caught.value.reason is Reason.NOT_ALLOWED


def test_certificates_are_verified_unless_nobody_can(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[ssl.SSLContext] = []

    async def stop(
        *_args: object, ssl: ssl.SSLContext, server_hostname: str, **_kw: object
    ) -> None:
        seen.append(ssl)
        assert server_hostname == "gw.example"
        raise ConnectionRefusedError

    monkeypatch.setattr("asyncio.base_events.BaseEventLoop.create_connection",
                        lambda _loop, *a, **kw: stop(*a, **kw))  # fmt: skip
    with pytest.raises(ExchangeError):
        asyncio.run(_opened("tls://gw.example:802"))
    assert seen[0].verify_mode is ssl.CERT_REQUIRED
    assert seen[0].check_hostname
    with pytest.raises(InputRefused):
        parse_url("tls://gw.example:802?verify=no")
