"""Bad input ends with one clear line and the right code; nothing is half written."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest

from tests.conftest import Program, Ran, missing
from tests.parts import lacking

GOOD = "code,kind,lon,lat\nA,hydrant,120.1,30.2\n"


def refused(ran: Ran, *said: str, code: int = 3) -> None:
    assert ran.code == code, ran
    assert "Traceback" not in ran.err + ran.out
    lines = ran.err.strip().splitlines()
    assert len(lines) == 1, ran.err
    for words in said:
        assert words in lines[0]


def take(program: Program, tmp_path: Path, content: bytes | str, *flags: str, name: str = "f.csv",
         lang: str = "en") -> Ran:  # fmt: skip
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return program("import", file, "--crs", "wgs84", *flags, lang=lang)


def test_missing_and_empty_files(program: Program, tmp_path: Path) -> None:
    refused(program("import", tmp_path / "no.csv"), "no.csv")
    refused(program("import", tmp_path), str(tmp_path))
    refused(take(program, tmp_path, ""), "f.csv", "empty")
    refused(take(program, tmp_path, "code,kind,lon,lat\n"), "no rows")
    refused(take(program, tmp_path, "\ufeff"), "f.csv")


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("[position]\nx = []\ny = 'lat'", "position.x"),
        ("[fields]\nbuilt = { column = 'code', date = ['%d %c'] }", "fields.built.date"),
        ("[fields]\nbuilt = { column = 'code', date = ['%Q'] }", "fields.built.date"),
        ("[fields]\nbuilt = { column = 'code', date = ['%Y-%'] }", "fields.built.date"),
        ("[fields]\nbuilt = { column = 'code', date = ['yyyy'] }", "fields.built.date"),
    ],
)
def test_a_mapping_is_refused_where_it_is_wrong_and_not_at_the_first_cell(
    program: Program, tmp_path: Path, line: str, place: str
) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text(f"source = 's'\n{line}\n", "utf-8")
    refused(take(program, tmp_path, GOOD, "--mapping", str(mapping)), "m.toml", place)


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (b"PK\x03\x04rest", "ZIP"),
        (b"SQLite format 3\x00....", "SQLite"),
        (b"\x89PNG\r\n\x1a\n....", "PNG"),
        (b"%PDF-1.7 ....", "PDF"),
        (b"a\x00b\x00c", "f.csv"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "f.csv"),
    ],
)
def test_binary_called_csv(program: Program, tmp_path: Path, content: bytes, form: str) -> None:
    refused(take(program, tmp_path, content), "f.csv", form)


def test_files_that_are_not_what_they_are_called(program: Program, tmp_path: Path) -> None:
    for name in ("f.xlsx", "f.geojson", "f.gpkg", "f.json", "f.shp", "f"):
        refused(take(program, tmp_path, "hello", name=name), name)
    refused(take(program, tmp_path, '{"type": "Point"}', name="f.geojson"), "FeatureCollection")
    with zipfile.ZipFile(tmp_path / "z.xlsx", "w") as archive:
        archive.writestr("a.txt", "x")
    refused(program("import", tmp_path / "z.xlsx", "--crs", "wgs84"), "z.xlsx")


def test_unknown_column_in_the_mapping(program: Program, tmp_path: Path) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text('crs="wgs84"\n[position]\nx="lon"\ny="latt"\n[fields]\nkind="kind"\n')
    refused(take(program, tmp_path, GOOD, "--mapping", str(mapping)), "latt", "lat")
    mapping.write_text('[fields]\nkindd = "kind"\n')
    refused(take(program, tmp_path, GOOD, "--mapping", str(mapping)), "m.toml", "kindd")
    mapping.write_text("[fields\n")
    refused(take(program, tmp_path, GOOD, "--mapping", str(mapping)), "m.toml")
    refused(take(program, tmp_path, GOOD, "--mapping", "belaruss"), "belarus")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("A,hydrant,abc,30.2", '"abc"'),
        ("A,hydrant,30.2,120.1", "swapped"),
        ("A,hydrant,0,0", "0,0"),
        ("A,hydrant,500000,3340000", "degrees"),
        ("A,hidrant,120.1,30.2", "hidrant"),
        ("A,hydrant,nan,30.2", "nan"),
    ],
)
def test_wrong_cells_are_refused_row_by_row(
    program: Program, tmp_path: Path, row: str, said: str
) -> None:
    ran = take(program, tmp_path, GOOD + row + "\n")
    assert ran.code == 3
    assert "line 3" in ran.out
    assert said in ran.out.splitlines()[0]
    assert program.data("integrity")["total"]["working_order"]["existing"] == 0


def test_too_many_cells_and_unclosed_quotes(program: Program, tmp_path: Path) -> None:
    refused(take(program, tmp_path, GOOD + "B,hydrant,120,30,x,y\n"), "line 3")
    ran = take(program, tmp_path, GOOD + 'B,"hydrant,120,30\n')
    assert ran.code == 3


def test_datum_must_be_stated_in_china(program: Program, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(GOOD)
    ran = program("import", tmp_path / "f.csv")
    refused(ran, "gcj02", "wgs84", "bd09", "cgcs2000")
    assert "高德" in program("import", tmp_path / "f.csv", lang="zh").err


def test_a_library_that_prints_does_not_print_into_json(program: Program, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["code", "kind", "lon", "lat"])
    book.active.append(["A", "hydrant", 120.1, 30.2])
    book.save(tmp_path / "plain.xlsx")
    with (
        zipfile.ZipFile(tmp_path / "plain.xlsx") as plain,
        zipfile.ZipFile(tmp_path / "f.xlsx", "w") as damaged,
    ):
        for name in plain.namelist():
            content = plain.read(name)
            if name == "xl/styles.xml":  # a style that names one that is not there
                assert b'xfId="0"' in content
                content = content.replace(b'xfId="0"', b'xfId="7"')
            damaged.writestr(name, content)
    ran = program("import", tmp_path / "f.xlsx", "--crs", "wgs84", "--json")
    assert json.loads(ran.out)["command"] == "import", ran
    assert "range" not in ran.err


def test_wrong_zone_is_named(program: Program, tmp_path: Path) -> None:
    text = "code,kind,x,y\nA,hydrant,40500000,3340000\n"
    (tmp_path / "f.csv").write_text(text)
    ran = program("import", tmp_path / "f.csv", "--crs", "EPSG:4549")
    assert ran.code == 3
    assert "EPSG:4528" in ran.out


def test_constant_offset_names_the_datum(program: Program, tmp_path: Path) -> None:
    rows = [f"H{n},hydrant,{120 + n / 300:.5f},30.2" for n in range(30)]
    heads = "code,kind,lon,lat\n"
    assert take(program, tmp_path, heads + "\n".join(rows) + "\n").code == 0
    shifted = [f"H{n},hydrant,{120 + n / 300 + 0.00475:.5f},30.19757" for n in range(30)]
    ran = take(program, tmp_path, heads + "\n".join(shifted) + "\n", name="g.csv")
    refused(ran, "gcj02", "30")


def test_registry_missing_foreign_newer(bare_program: Program, tmp_path: Path) -> None:
    refused(bare_program("integrity"), "hydrant init", code=4)
    bare_program.db.write_bytes(b"not a database at all" * 100)
    refused(bare_program("integrity"), str(bare_program.db), code=4)
    bare_program.db.unlink()
    sqlite3.connect(bare_program.db).execute("CREATE TABLE t (a)").connection.close()
    refused(bare_program("integrity"), str(bare_program.db), code=4)


@pytest.mark.file_only
def test_newer_registry_is_refused_and_left_alone(program: Program) -> None:
    connection = sqlite3.connect(program.db)
    connection.execute("INSERT INTO migration (version, name, applied_at) VALUES (99, 'x', 'y')")
    connection.commit()
    connection.close()
    before = program.db.read_bytes()
    for command in (["integrity"], ["db", "migrate"], ["asset", "list"]):
        refused(program(*command), "99", code=4)
    assert program.db.read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX folders")
@pytest.mark.file_only
def test_read_only_place(program: Program, tmp_path: Path) -> None:
    folder = program.db.parent
    (tmp_path / "f.csv").write_text(GOOD)
    # root may write anywhere unless it gives that right up
    drop = ["setpriv", "--bounding-set=-dac_override"] if os.getuid() == 0 else []
    if drop and (why := lacking("setpriv")):
        missing(why)
    program.db.chmod(0o444)
    folder.chmod(0o555)
    try:
        done = subprocess.run(
            [*drop, sys.executable, "-m", "hydrant", "import", str(tmp_path / "f.csv"), "--crs",
             "wgs84", "--db", str(program.db), "--lang", "en"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    finally:
        folder.chmod(0o755)
    refused(Ran(done.returncode, done.stdout, done.stderr), str(program.db), code=4)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.file_only
def test_interrupt_in_the_middle_leaves_nothing(program: Program, tmp_path: Path) -> None:
    rows = (f"H{n},hydrant,{120 + n / 1e5:.5f},{29 + n % 997 / 1000}" for n in range(60_000))
    (tmp_path / "big.csv").write_text("code,kind,lon,lat\n" + "\n".join(rows) + "\n")
    journal = program.db.with_name(program.db.name + "-journal")
    for wait_s in (0.0, 0.1, 0.3):
        with subprocess.Popen(
            [sys.executable, "-m", "hydrant", "import", str(tmp_path / "big.csv"), "--crs",
             "wgs84", "--db", str(program.db), "--lang", "en"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            while not journal.exists() and process.poll() is None:
                time.sleep(0.01)
            time.sleep(wait_s)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate()
        existing = program.data("integrity")["total"]["working_order"]["existing"]
        if "60000 new" in out:  # it was faster than the interrupt
            assert existing == 60_000
            break
        refused(Ran(process.returncode, out, err), code=130)
        assert existing == 0
        assert program.data("db", "check")["faults"] == []
    else:
        return
    assert wait_s > 0, "the first interrupt came too late"


def test_failure_lines_in_chinese(program: Program, tmp_path: Path) -> None:
    refused(take(program, tmp_path, "", lang="zh"), "文件为空")
    refused(program("import", tmp_path / "no.csv", lang="zh"), "不存在")
    refused(program("asset", "show", "NOPE", lang="zh"), "NOPE")


@pytest.mark.parametrize("form", ["xlsx", "zip"])
def test_a_flipped_bit_anywhere_in_a_packed_file_is_no_bug(
    program: Program, tmp_path: Path, form: str
) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["code", "kind", "lon", "lat"])
    for n in range(300):
        book.active.append([f"H{n}", "hydrant.pillar", 120.1 + n / 1000, 30.2])
    file = tmp_path / "whole.xlsx"
    book.save(file)
    if form == "zip":
        file = tmp_path / "whole.zip"
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(tmp_path / "whole.xlsx", "whole.xlsx")
    whole = file.read_bytes()
    broken = tmp_path / f"broken.{form}"
    for place in range(0, len(whole), max(1, len(whole) // 60)):
        content = bytearray(whole)
        content[place] ^= 0x21
        broken.write_bytes(bytes(content))
        assert program("import", broken, "--crs", "wgs84", "--dry-run").code in (0, 3)
