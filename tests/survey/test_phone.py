"""Forms for phones, and what form servers export of them, written here as servers write it."""

from __future__ import annotations

import csv
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from openpyxl import Workbook
from pyxform.xls2xform import convert

from hydrant.exchange.submission_tables import plain_name
from hydrant.store.opened import raw_rows
from hydrant.store.opened.registry import open_registry
from hydrant.survey.photos import photo_folder
from tests.conftest import Program

XF = "{http://www.w3.org/2002/xforms}"
Answers = dict[str, Any]


def picture(shade: int) -> bytes:
    """A PNG of one pixel."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(bytes([0, shade])))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body + chunk(b"IEND", b"")


@pytest.fixture
def crew(program: Program) -> Program:
    for number in range(3):
        program.data("asset", "add", f"H{number}", "--kind", "hydrant.pillar", "--crs", "wgs84",
                     "--lon", 120.1 + number / 1000, "--lat", 30.2)  # fmt: skip
    return program


@pytest.fixture
def names(crew: Program, tmp_path: Path) -> dict[str, list[str]]:
    """Paths of the form's questions by name, from the model that pyxform makes of it."""
    crew.data("survey", "form", tmp_path / "f.xlsx", "--assets")
    xform = convert(tmp_path / "f.xlsx", validate=False).xform
    (root,) = ET.fromstring(xform).iter(f"{XF}instance").__next__()
    found: dict[str, list[str]] = {}

    def walk(node: ET.Element, way: list[str]) -> None:
        for child in node:
            name = child.tag.rpartition("}")[2]
            found[name] = [*way, name]
            walk(child, [*way, name])

    walk(root, [])
    return found


VISIT: Answers = {
    "KEY": "uuid:AAAA-1", "at": "2026-05-01T09:00:00.000+08:00", "inspector": "一班",
    "found_by": "typed", "code": "H0", "kind_seen": "hydrant.pillar", "outcome": "works",
    "all_ok": "yes", "static_kpa": "320", "any_defects": "yes",
    "position": (30.2, 120.1), "form_version": "hydrant_visit 1-abc",
    "defects": [{"defect_code": "leak", "defect_severity": "remark", "defect_note": "滴水"}],
    "photos": ["a.png", "b.png"],
}  # fmt: skip
LOST: Answers = {
    "KEY": "uuid:BBBB-2", "at": "2026-05-01T02:00:00Z", "found_by": "typed", "code": "H1",
    "outcome": "not_found", "any_defects": "no", "defects": [], "photos": [],
}  # fmt: skip
FOUND: Answers = {
    "KEY": "uuid:CCCC-3", "at": "2026-05-01T10:00:00+08:00", "found_by": "new",
    "kind_seen": "intake.river", "service": "rural", "structure": "platform",
    "outcome": "works", "all_ok": "no", "check_lane": "no", "check_sign": "yes", "level_m": "4.2",
    "any_defects": "no", "position": (30.25, 120.15), "defects": [], "photos": [],
}  # fmt: skip

Heading = Callable[[str], str]


def central(names: dict[str, list[str]], separator: str = "-") -> Heading:
    return lambda name: separator.join(names.get(name, [name]))


def write_csv(path: Path, rows: list[dict[str, str]]) -> None:
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, headings)
        writer.writeheader()
        writer.writerows(rows)


def write_export(
    folder: Path, visits: list[Answers], head: Heading, *, point: str = "-", photos: bool = True
) -> Path:
    """A folder as ODK Central and Aggregate write it."""
    folder.mkdir(exist_ok=True)
    main, defects, pictures = [], [], []
    for visit in visits:
        row = {head(k): v for k, v in visit.items() if k not in ("defects", "photos", "position")}
        if "position" in visit:
            for axis, value in zip(("Latitude", "Longitude"), visit["position"], strict=True):
                row[f"{head('position')}{point}{axis}"] = str(value)
        main.append(row | {"FormVersion": "1-abc"})
        for number, defect in enumerate(visit["defects"], 1):
            defects.append(defect | {"PARENT_KEY": visit["KEY"],
                                     "KEY": f"{visit['KEY']}/defects[{number}]"})  # fmt: skip
        pictures += [{"photo": name, "PARENT_KEY": visit["KEY"]} for name in visit["photos"]]
    write_csv(folder / "hydrant_visit.csv", main)
    write_csv(folder / "hydrant_visit-defects.csv", defects)
    write_csv(folder / "hydrant_visit-photos.csv", pictures)
    (folder / "media").mkdir(exist_ok=True)
    if photos:
        for shade, name in enumerate(("a.png", "b.png")):
            (folder / "media" / name).write_bytes(picture(shade))
    return folder


def zipped(folder: Path) -> Path:
    target = folder.with_suffix(".zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in folder.rglob("*"):
            archive.write(path, path.relative_to(folder))
    return target


def of(program: Program, code: str, table: str) -> list[dict[str, Any]]:
    """Stored rows of an asset."""
    uid = program.data("asset", "show", code)["asset"]["uid"]
    with open_registry(program.db) as registry:
        return list(raw_rows.fetch_all(registry, table, {"asset_uid": uid}))


@pytest.mark.parametrize("assets", [(), ("--assets",)])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pyxform_accepts_the_form(
    crew: Program, tmp_path: Path, assets: tuple[str, ...], lang: str
) -> None:
    path = tmp_path / "f.xlsx"
    assert crew("survey", "form", path, *assets, lang=lang).code == 0
    made = convert(path, validate=False)
    assert made.warnings == []
    assert made.xform.count("<translation ") == 2
    assert (tmp_path / "hydrant_assets.csv").exists() == bool(assets)


def test_version_follows_from_what_the_form_says(crew: Program, tmp_path: Path) -> None:
    def version(*flags: object) -> str:
        return str(crew.data("survey", "form", tmp_path / "f.xlsx", *flags)["version"])

    assert version() == version()
    assert version("--assets") == version("--assets")
    assert len({version(), version("--assets"), version("--id", "other")}) == 3
    crew.data("asset", "edit", "H0", "--kind", "hydrant.wall")
    before = version()
    assert before == version()
    assert version("--assets") != before


def test_every_answer_that_is_read_is_a_question(names: dict[str, list[str]]) -> None:
    asked = {*VISIT, *LOST, *FOUND, *VISIT["defects"][0]} - {"KEY"}
    assert asked <= set(names)


@pytest.mark.parametrize("shape", ["groups", "plain", "colons", "zip", "csv"])
def test_export_of_odk(
    crew: Program, names: dict[str, list[str]], tmp_path: Path, shape: str
) -> None:
    separators = {"plain": None, "colons": ":"}
    separator = separators.get(shape, "-")
    head: Heading = (lambda name: name) if separator is None else central(names, separator)
    folder = write_export(tmp_path / "out", [VISIT, LOST, FOUND], head, point=separator or "-")
    taken: Path = {"zip": zipped(folder), "csv": folder / "hydrant_visit.csv"}.get(shape, folder)
    done = crew.data("survey", "import", taken)
    assert (done["new"], done["assets_new"], done["photos_missing"]) == (3, 1, 0)
    (visit,) = of(crew, "H0", "inspection")
    assert (visit["static_kpa"], visit["inspector"]) == (320, "一班")
    assert visit["at"].startswith("2026-05-01T01:00")
    assert (visit["observer_lon"], visit["form_version"]) == (120.1, "hydrant_visit 1-abc")
    (leak,) = of(crew, "H0", "defect")
    assert (leak["severity"], leak["note"]) == ("remark", "滴水")
    kept = [p.read_bytes() for p in photo_folder(crew.db).rglob("*.png")]
    assert sorted(kept) == sorted([picture(0), picture(1)])
    found = crew.data("near", 120.15, 30.25, "--crs", "wgs84", "--within", 5)["sources"]
    assert [source["kind"] for source in found] == ["intake.river"]
    assert [d["code"] for d in of(crew, found[0]["uid"], "defect")] == ["lane_missing"]

    again = crew.data("survey", "import", taken)
    assert (again["new"], again["unchanged"], again["changed"]) == (0, 3, 0)
    assert len(of(crew, "H0", "inspection")) == 1
    assert crew.data("db", "check")["faults"] == []


@pytest.mark.parametrize("stated", [None, "D"])
def test_what_a_phone_found_is_placed_and_judged_by_outlines(
    crew: Program, names: dict[str, list[str]], tmp_path: Path, stated: str | None
) -> None:
    regions = tmp_path / "r.csv"
    below = "POLYGON ((120.1 30.2, 120.2 30.2, 120.2 30.3, 120.1 30.2))"
    above = "POLYGON ((120.1 30.2, 120.2 30.3, 120.1 30.3, 120.1 30.2))"
    regions.write_text(
        f'code,name,level,wkt\nC,丙镇,township,"{below}"\nD,丁镇,township,"{above}"\n', "utf-8"
    )
    crew.data("region", "import", regions, "--crs", "cgcs2000")
    lost = FOUND | {"position": (30.22, 120.17)}
    folder = write_export(tmp_path / "out", [lost], central(names))
    more = () if stated is None else ("--region", "丁镇")
    ran = crew("survey", "import", folder, *more, "--json")
    (source,) = crew.data("near", 120.17, 30.22, "--crs", "wgs84", "--within", 5)["sources"]
    assert crew.data("asset", "show", source["uid"])["asset"]["region_code"] == (stated or "C")
    assert ("lies in C" in ran.out) is (stated is not None)


def test_kobo_workbook(crew: Program, tmp_path: Path) -> None:
    book = Workbook()
    main = book.active
    main.title = "visit"
    rows = [
        ["at", "found_by", "which/code", "outcome", "all_ok", "any_defects", "_position_latitude",
         "_position_longitude", "_uuid", "_index"],
        ["2026-05-01T09:00:00.000+08:00", "typed", "H0", "works", "yes", "yes", 30.2, 120.1,
         "dddd-4", 1],
        ["2026-05-01T09:30:00.000+08:00", "typed", "H1", "works", "yes", "no", 30.2, 120.101,
         "eeee-5", 2],
    ]  # fmt: skip
    for row in rows:
        main.append(row)
    repeat = book.create_sheet("defects")
    repeat.append(["defect_code", "_parent_index", "_parent_table_name"])
    repeat.append(["no_water", 1, "visit"])
    book.save(tmp_path / "kobo.xlsx")
    done = crew.data("survey", "import", tmp_path / "kobo.xlsx")
    assert (done["new"], done["orphans"], done["refused"]) == (2, 0, 0)
    assert [d["code"] for d in of(crew, "H0", "defect")] == ["no_water"]
    assert of(crew, "H1", "defect") == []


def test_corrected_submission_is_told_and_taken_over_on_request(
    crew: Program, tmp_path: Path
) -> None:
    folder = write_export(tmp_path / "out", [VISIT], lambda name: name)
    crew.data("survey", "import", folder)
    corrected = VISIT | {"static_kpa": "230", "defects": [{"defect_code": "no_water"}]}
    write_export(folder, [corrected], lambda name: name)
    told = crew.data("survey", "import", folder)
    assert (told["changed"], told["corrected"]) == (1, 0)
    assert told["rows"][0]["fields"] == ["defects", "static_kpa"]
    assert of(crew, "H0", "inspection")[0]["static_kpa"] == 320
    done = crew.data("survey", "import", folder, "--corrections")
    assert (done["changed"], done["corrected"]) == (0, 1)
    (visit,) = of(crew, "H0", "inspection")
    assert visit["static_kpa"] == 230
    states = {d["code"]: d["state"] for d in of(crew, "H0", "defect")}
    assert states == {"leak": "rejected", "no_water": "confirmed"}
    assert crew.data("survey", "import", folder)["unchanged"] == 1
    # what the office changes afterwards is no correction of the crew's
    crew.data("defect", "clear", "H0", "no_water")
    assert crew.data("survey", "import", folder, "--corrections")["unchanged"] == 1


def test_what_was_withdrawn_of_a_submission_is_not_recorded_again(
    crew: Program, tmp_path: Path
) -> None:
    folder = write_export(tmp_path / "out", [VISIT], lambda name: name)
    crew.data("survey", "import", folder)
    crew.data("survey", "withdraw", "H0", "--reason", "practice", "--with-defects")
    assert crew.data("survey", "import", folder, "--corrections")["unchanged"] == 1
    assert len(of(crew, "H0", "inspection")) == 1
    write_export(folder, [VISIT | {"static_kpa": "230"}], lambda name: name)
    assert crew.data("survey", "import", folder, "--corrections")["corrected"] == 1
    withdrawn, standing = of(crew, "H0", "inspection")
    assert (withdrawn["static_kpa"], standing["static_kpa"]) == (320, 230)
    lines = crew.data("asset", "history", "H0")["history"]
    gone = [line["fact"] for line in lines if "withdrawn_why" in line["values"]]
    assert sorted(gone) == ["defect", "inspection"]
    assert len(of(crew, "H0", "defect")) == 1  # nothing else was said of the leak


def test_photos_that_come_later_are_added(crew: Program, tmp_path: Path) -> None:
    folder = write_export(tmp_path / "out", [VISIT], lambda name: name, photos=False)
    assert crew.data("survey", "import", folder)["photos_missing"] == 2
    write_export(folder, [VISIT], lambda name: name)
    done = crew.data("survey", "import", folder)
    assert (done["unchanged"], done["photos_missing"]) == (1, 0)
    assert len(list(photo_folder(crew.db).rglob("*.png"))) == 2


def test_names_of_photos_are_no_paths(crew: Program, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(picture(9))
    evil = VISIT | {"photos": ["../../secret.png", str(tmp_path / "secret.png")]}
    folder = write_export(tmp_path / "out", [evil], lambda name: name)
    assert crew.data("survey", "import", folder)["photos_missing"] == 2
    assert not photo_folder(crew.db).exists()


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_refused_submissions_are_corrected_and_imported_as_they_are(
    crew: Program, tmp_path: Path, form: str
) -> None:
    wrong = VISIT | {"KEY": "uuid:FFFF-6", "code": "H9"}
    folder = write_export(tmp_path / "out", [VISIT, wrong], lambda name: name)
    taken = folder if form == "folder" else zipped(folder)
    ran = crew("survey", "import", taken, "--json")
    assert (ran.code, ran.data["refused"], ran.data["new"]) == (3, 1, 1)
    assert of(crew, "H0", "inspection") == []
    done = crew.data("survey", "import", taken, "--skip-bad")
    side = Path(done["refused_file"])
    side.write_text(side.read_text("utf-8-sig").replace("H9", "H2"), "utf-8")
    again = crew.data("survey", "import", side)
    assert (again["new"], again["refused"], again["photos_missing"]) == (1, 0, 0)
    (leak,) = of(crew, "H2", "defect")
    assert (leak["code"], leak["severity"], leak["note"]) == ("leak", "remark", "滴水")
    assert crew.data("survey", "import", taken, "--skip-bad")["unchanged"] == 1


def test_what_does_not_fit_is_told(crew: Program, tmp_path: Path) -> None:
    far = VISIT | {"position": (30.21, 120.1), "kind_seen": "tank"}
    known = FOUND | {"kind_seen": "hydrant", "code": "H1", "position": (30.2, 120.1010001)}
    folder = write_export(tmp_path / "out", [far, known], lambda name: name)
    done = crew.data("survey", "import", folder)
    assert done["assets_new"] == 0
    assert [len(row["remarks"]) for row in done["rows"]] == [2, 1]
    assert len(of(crew, "H1", "inspection")) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"KEY": ""},
        {"outcome": "fine"},
        {"at": "2099-01-01T00:00:00Z"},
        {"at": "yesterday"},
        {"static_kpa": "99999"},
        {"defects": []},
        {"defects": [{"defect_code": "gremlins"}]},
        {"defects": [{"defect_code": "leak", "defect_severity": "dire"}]},
        {"position": ("north", "east")},
        {"code": ""},
        {"found_by": "new", "kind_seen": "volcano"},
        {"found_by": "new", "position": (0, 0)},
    ],
)
def test_refused(crew: Program, tmp_path: Path, change: Answers) -> None:
    folder = write_export(tmp_path / "out", [VISIT | change], lambda name: name)
    ran = crew("survey", "import", folder, "--json")
    assert (ran.code, ran.data["refused"]) == (3, 1), ran
    assert ran.data["rows"][0]["reason"]


def test_folder_without_submissions_and_damaged_archive(crew: Program, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 nothing")
    whole = zipped(write_export(tmp_path / "whole", [VISIT], lambda name: name)).read_bytes()
    start = whole.index(b"hydrant_visit.csv") + 40  # inside the packed bytes of the first table
    (tmp_path / "bits.zip").write_bytes(whole[:start] + bytes(40) + whole[start + 40 :])
    with zipfile.ZipFile(tmp_path / "nameless.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("x"), b"a,b\n")
    nameless = (tmp_path / "nameless.zip").read_bytes().replace(b"x", b"\0")
    (tmp_path / "nameless.zip").write_bytes(nameless)
    for taken in ("empty", "nameless.zip", "broken.zip", "bits.zip", "none.zip", "none.csv"):
        ran = crew("survey", "import", tmp_path / taken)
        assert ran.code == 3
        assert len(ran.err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("which-code", "code"), ("which/code", "code"), ("which:code", "code"), ("code", "code"),
        ("meta-instanceID", "instanceID"), ("KEY", "KEY"), ("_uuid", "_uuid"),
        ("position-Latitude", "position.lat"), ("position:Longitude", "position.lon"),
        ("which/position-Accuracy", "position.accuracy"),
        ("_position_precision", "position.accuracy"),
        ("SET-OF-defects", ""),
    ],
)  # fmt: skip
def test_headings(heading: str, name: str) -> None:
    assert plain_name(heading) == name
