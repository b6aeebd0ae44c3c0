"""Refused rows: kept aside, corrected by somebody, taken in by the mapping that refused them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Program

RULES = """
header_row = 3
encoding = "gb18030"
source = "town"
key = ["Nr"]
position = { x = "Ost", y = "Nord" }
[fields]
code = "Nr"
capacity_m3 = "Inhalt"
kind = { column = "Typ", values = { UH = "hydrant.underground", OH = "hydrant.pillar" } }
"""


def register(tmp_path: Path, *rows: str) -> tuple[Path, Path]:
    """A register below two title rows, in GBK, with decimal commas."""
    rules = tmp_path / "town.toml"
    rules.write_text(RULES, encoding="utf-8")
    file = tmp_path / "town.csv"
    text = "\n".join(["消火栓台账", "2026;;;;", "Nr;Typ;Ost;Nord;Inhalt", *rows, ""])
    file.write_bytes(text.encode("gb18030"))
    return file, rules


def corrected(side: Path, *changes: tuple[str, str]) -> bytes:
    text = side.read_text(encoding="utf-8-sig")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    side.write_text(text, encoding="utf-8-sig")
    return side.read_bytes()


def test_a_second_run_leaves_what_somebody_corrected(program: Program, tmp_path: Path) -> None:
    file, rules = register(tmp_path, "1;UH;120,1;30,2;5", "2;XX;120,2;30,2;5", "3;YY;120,3;30,2;5")
    flags = ("--mapping", rules, "--crs", "wgs84", "--skip-bad")
    first = program.data("import", file, *flags)
    side = Path(first["refused_file"])
    assert (first["new"], first["refused"], side.name) == (1, 2, "town.refused.csv")
    assert program.data("import", file, *flags)["refused_file"] == str(side)  # nobody touched it
    kept = corrected(side, ("XX", "OH"))
    second = Path(program.data("import", file, *flags)["refused_file"])
    assert (second.name, side.read_bytes()) == ("town.refused-2.csv", kept)
    # the corrected one goes in; what is still wrong in it is kept beside it, under its register
    third = program.data("import", side, *flags)
    assert (third["new"], third["refused"]) == (1, 1)
    assert Path(third["refused_file"]).name == "town.refused-3.csv"
    assert side.read_bytes() == kept
    corrected(Path(third["refused_file"]), ("YY", "UH"))
    assert program.data("import", third["refused_file"], *flags)["new"] == 1
    file, rules = register(tmp_path, "1;UH;120,1;30,2;5", "2;OH;120,2;30,2;5", "3;UH;120,3;30,2;5")
    again = program.data("import", file, *flags)
    assert (again["unchanged"], again["new"], again["missing"]) == (3, 0, 0)


def test_a_refused_number_stays_refused_until_somebody_corrects_it(
    program: Program, tmp_path: Path
) -> None:
    file, rules = register(tmp_path, "1;UH;120,1;30,2;1.200", "2;UH;120,2;30,2;5")
    flags = ("--mapping", rules, "--crs", "wgs84", "--skip-bad")
    data = program.data("import", file, *flags)
    assert (data["new"], data["refused"]) == (1, 1)
    side = Path(data["refused_file"])
    # semicolons said that a dot may part thousands; alone in its file it may still
    assert program.data("import", side, *flags)["refused"] == 1
    corrected(side, ("1.200", "1200"))
    assert program.data("import", side, *flags)["new"] == 1


@pytest.mark.parametrize("door", ["import", "survey"])
def test_a_corrected_file_of_any_door_stays(program: Program, tmp_path: Path, door: str) -> None:
    for code, lon in (("A", 120.1), ("B", 120.2)):
        program.data("asset", "add", code, "--kind", "hydrant", "--lon", lon, "--lat", 30.2,
                     "--crs", "wgs84")  # fmt: skip
    file = tmp_path / "a.csv"
    text = (
        "code,kind,lon,lat,outcome,at\nA,hydrant,120.1,30.2,qrs,2026-05-01\n"
        "B,hydrant,120.2,30.2,works,2026-05-01\n"
    )
    file.write_text(text, encoding="utf-8")
    words = ("import",) if door == "import" else ("survey", "import")
    crs = ("--crs", "wgs84") if door == "import" else ()
    side = Path(program.data(*words, file, *crs, "--skip-bad")["refused_file"])
    kept = corrected(side, (",qrs,", ",works,"))
    assert program.data(*words, file, *crs, "--skip-bad")["refused_file"] != str(side)
    assert side.read_bytes() == kept
    assert program.data(*words, side, *crs)["refused"] == 0
