"""Limits within the readers, each by itself: every test fails when its limit is taken out.

What stands here is a second line: the attack as a whole is refused earlier, or would need a file
of gigabytes, so the layer is called directly or its limit made small.
"""

from __future__ import annotations

import io
import os
import sqlite3
import stat
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from xlsxwriter.worksheet import Worksheet

from hydrant import bounded, signing
from hydrant.errors import InputRefused
from hydrant.exchange import package_file, unpacked
from hydrant.exchange.export_files import read_export
from hydrant.exchange.form_file import write_form
from hydrant.exchange.vector import read_shapes
from hydrant.store.ground import bounded_sqlite
from hydrant.store.ground.foreign_gpkg import read_features
from hydrant.survey import photos
from hydrant.survey.xlsform import XlsForm
from hydrant.telemetry.wire import MOST_BUFFERED, Wire
from tests.conftest import Program
from tests.hostile import seeds
from tests.hostile.test_attacks import KIND, bomb, refused

JPEG = b"\xff\xd8\xff" + b"x" * 100


# --- files under a false name -------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.fgb", "a.shp"])
def test_first_bytes_are_what_the_name_says(program: Program, tmp_path: Path, name: str) -> None:
    """GDAL would read GeoJSON under any name."""
    for beside in ("a.shx", "a.dbf"):
        (tmp_path / beside).write_bytes(b"\x00" * 40)
    (tmp_path / name).write_bytes(seeds.geojson_file())
    refused(program("import", tmp_path / name, *KIND), "whatever its name says")


def test_roads_are_what_the_name_says(tmp_path: Path) -> None:
    (tmp_path / "roads.gpkg").write_bytes(seeds.geojson_file())
    with pytest.raises(InputRefused) as caught:
        read_shapes(tmp_path / "roads.gpkg", "lines")
    assert caught.value.key == "exchange.not_as_named"


# --- archives -----------------------------------------------------------------------------


def test_an_archive_of_too_many_files(program: Program, tmp_path: Path) -> None:
    members = [(f"{n}.csv", b"a") for n in range(unpacked.MOST_ENTRIES + 1)]
    (tmp_path / "a.zip").write_bytes(seeds.zipped(*members))
    refused(program("import", tmp_path / "a.zip", *KIND), "1001")


def test_an_archive_that_is_large_without_being_dense(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacked, "MOST_BYTES", 1_000_000)
    (tmp_path / "a.zip").write_bytes(seeds.zipped(("a.csv", os.urandom(2_000_000))))
    refused(program("import", tmp_path / "a.zip", *KIND), "2 MB")


def test_what_a_mac_adds_to_an_archive_is_no_second_table(program: Program, tmp_path: Path) -> None:
    members = [("a.csv", seeds.csv_file()), ("__MACOSX/._a.csv", b"\x00\x05\x16\x07")]
    (tmp_path / "a.zip").write_bytes(seeds.zipped(*members))
    assert program("import", tmp_path / "a.zip", *KIND, "--crs", "wgs84", "--dry-run").code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="devices with a name are of POSIX")
def test_a_device_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "a.zip").symlink_to("/dev/zero")
    with pytest.raises(InputRefused) as caught:
        unpacked.require_no_bomb(tmp_path / "a.zip")
    assert "ordinary" in str(caught.value.facts["why"])


def test_an_export_of_phones_that_is_a_bomb(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(bomb("a.csv", 60_000_000))
    with pytest.raises(InputRefused) as caught:
        read_export(tmp_path / "a.zip")
    assert caught.value.key == "exchange.bomb"


def test_photos_of_an_export_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hydrant.exchange.export_files.LARGEST_BYTES", 1000)
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "p.jpg").write_bytes(JPEG * 100)
    (tmp_path / "a.csv").write_bytes(seeds.csv_file())
    (tmp_path / "a.zip").write_bytes(
        seeds.zipped(("a.csv", seeds.csv_file()), ("p.jpg", os.urandom(5000)))
    )
    for file in (tmp_path, tmp_path / "a.csv"):
        medium = read_export(file).medium("p.jpg", key="-")
        assert medium is not None
        assert len(medium.read()) == 1001  # enough to know that it is too large
    packed = read_export(tmp_path / "a.zip").medium("p.jpg", key="-")
    assert packed is not None
    with pytest.raises(InputRefused):
        packed.read()


def test_a_photo_has_a_bound_and_a_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputRefused) as caught:
        photos.keep_picture(b"MZ\x90\x00", tmp_path / "r.gpkg", name="p.jpg")
    assert caught.value.key == "survey.photo_form"
    monkeypatch.setattr(photos, "LARGEST_BYTES", 50)
    with pytest.raises(InputRefused) as caught:
        photos.keep_picture(JPEG, tmp_path / "r.gpkg", name="p.jpg")
    assert caught.value.key == "survey.photo_large"
    assert not list(tmp_path.iterdir())


def test_a_photo_under_anothers_digest_is_missing(tmp_path: Path) -> None:
    bundle, registry = tmp_path / "crew.gpkg", tmp_path / "r.gpkg"
    digest = "ab" * 32
    folder = photos.photo_folder(bundle) / "ab"
    folder.mkdir(parents=True)
    (folder / f"{digest}.jpg").write_bytes(JPEG)
    assert photos.carry_photos(bundle, registry, [digest]) == 1


@pytest.mark.parametrize(
    ("name", "key"),
    [("_LONGEST_LINE", "exchange.package_damaged"), ("_LONGEST_MANIFEST", "exchange.bomb")],
)
def test_parts_of_a_package_are_bounded(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, key: str
) -> None:
    program.data("asset", "add", "A", "--kind", "hydrant", "--lon", 120, "--lat", 30, "--crs",
                 "cgcs2000")  # fmt: skip
    program.data("package", "make", tmp_path / "a.hydrant.zip")
    monkeypatch.setattr(package_file, name, 20)
    with pytest.raises(InputRefused) as caught:
        with package_file.open_package(tmp_path / "a.hydrant.zip") as package:
            package.check()
    assert caught.value.key == key


@pytest.mark.parametrize("form", ["csv", "gpkg", "broken zip"])
def test_what_is_no_package_is_told_so(program: Program, tmp_path: Path, form: str) -> None:
    content = {"csv": seeds.csv_file(), "gpkg": seeds.gpkg_file(), "broken zip": b"PK\x03\x04xx"}
    (tmp_path / "a.zip").write_bytes(content[form])
    for command in ("take", "check"):
        ran = program("package", command, tmp_path / "a.zip")
        refused(ran, "unpacked" if form == "broken zip" else "not a package of hydrant")


# --- databases ----------------------------------------------------------------------------

ENDLESS = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT max(n) FROM c"


def test_a_statement_that_never_ends_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_sqlite, "_LONGEST_S", 0.2)
    with closing(sqlite3.connect(":memory:")) as connection:
        bounded_sqlite.tame(connection)
        with pytest.raises(sqlite3.OperationalError, match="interrupted"):
            connection.execute(ENDLESS).fetchone()
        assert connection.execute("PRAGMA cell_size_check").fetchone() == (1,)


@pytest.mark.parametrize(
    "made",
    ["CREATE VIRTUAL TABLE t USING rtree(id, a, b)", "  create virtual table t using fts5(a)",
     "CREATE VIEW t AS SELECT 1", "CREATE TABLE u (a)"],
)  # fmt: skip
def test_only_tables_are_read(made: str) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(made)
        with pytest.raises(InputRefused) as caught:
            bounded_sqlite.require_tables(connection, ["t"], Path("a.gpkg"))
    assert caught.value.key == "store.no_table"


def test_rows_of_a_database_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.gpkg").write_bytes(seeds.gpkg_file())
    monkeypatch.setattr(bounded_sqlite, "MOST_BYTES", 100)
    with pytest.raises(InputRefused) as caught:
        read_features(tmp_path / "a.gpkg", None)
    assert caught.value.key == "store.too_large"


# --- the rest -----------------------------------------------------------------------------


def test_who_sends_more_than_any_answer_is_cut_off() -> None:
    wire = Wire()
    wire.take(b"x" * MOST_BUFFERED)
    assert not wire.lost
    wire.take(b"x")
    assert wire.lost


def test_a_form_takes_text_for_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Worksheet, "write_string", lambda sheet, *cell: sheet.write(*cell))
    write_form(tmp_path / "f.xlsx", XlsForm("f", "1", [{"name": "=1+1"}], [{"name": "=1+1"}], []))
    with zipfile.ZipFile(io.BytesIO((tmp_path / "f.xlsx").read_bytes())) as archive:
        sheets = [archive.read(n) for n in archive.namelist() if n.startswith("xl/worksheets/")]
    assert len(sheets) == 3
    assert not [sheet for sheet in sheets if b"<f>" in sheet]


@pytest.mark.skipif(sys.platform == "win32", reason="modes are of POSIX")
def test_a_key_is_closed_to_others_and_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tmp_path / "keys" / "audit.key"
    monkeypatch.setenv("HYDRANT_AUDIT_KEY_FILE", str(key))
    former = os.umask(0)
    try:
        signing.make_key(key)
    finally:
        os.umask(former)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
    key.write_bytes(b"x" * 1_000_000)
    with pytest.raises(InputRefused) as caught:
        signing.public_key()
    assert "MB" in str(caught.value.facts["why"])


def test_a_growing_file_is_read_no_further_than_its_bound(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 11)
    with pytest.raises(OSError, match="more than"):
        bounded.content(tmp_path / "a", most=10)
    assert bounded.content(tmp_path / "a", most=11) == b"x" * 11
