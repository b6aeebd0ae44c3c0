"""Bounds that an option states are held, whatever converts its words."""

from __future__ import annotations

from pathlib import Path

import pytest

from hydrant.cli.main import EXIT_USAGE
from tests.conftest import Program

BEYOND = [
    (("db", "retain", "--days", "0"), "0"),
    (("db", "retain", "--days", "-5"), "-5"),
    (("db", "backup", "b.gpkg", "--days", "0"), "0"),
    (("db", "backup", "b.gpkg", "--weeks", "-1"), "-1"),
    (("integrity", "--fail-under", "101"), "101"),
    (("integrity", "--fail-under", "-1"), "-1"),
]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(("words", "told"), BEYOND)
def test_a_number_beyond_them_is_refused_by_name(
    program: Program, lang: str, words: tuple[str, ...], told: str
) -> None:
    ran = program(*words, lang=lang)
    assert ran.code == EXIT_USAGE
    assert told in ran.err
    assert words[-2] in ran.err


def test_the_bounds_themselves_are_taken(program: Program) -> None:
    assert program("integrity", "--fail-under", "100").code == 6
    assert program("db", "retain", "--days", "1").code == 0


#: What nobody can mean, at each door that takes it: words of the command, or a row of a file.
SLIPS = [
    ("asset", "edit", "H", "--set", "outlets=-2"),
    ("asset", "edit", "H", "--set", "capacity_m3=1e99"),
    ("asset", "event", "H", "suspended", "--at", "1066-10-14"),
    ("asset", "event", "H", "commissioned", "--cost", "1e99"),
    ("survey", "record", "H", "--outcome", "works", "--at", "1066-10-14T09:00"),
    ("defect", "open", "H", "leak", "--at", "1066-10-14"),
    ("integrity", "--as-of", "1066-10-14"),
]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("words", SLIPS)
def test_a_slip_of_the_keyboard_is_refused(
    program: Program, lang: str, words: tuple[str, ...]
) -> None:
    program.data("asset", "add", "H", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.1,
                 "--crs", "cgcs2000")  # fmt: skip
    ran = program(*words, lang=lang)
    assert (ran.code, len(ran.err.splitlines())) == (3, 1), ran
    wrong = words[-1].partition("=")[2] or words[-1]
    assert any(told in ran.err for told in (wrong, wrong.replace("1e99", "1e+99")))


@pytest.mark.parametrize(
    ("field", "wrong", "fine"),
    [
        ("outlets", "-2", "2"),
        ("outlets", "－2", "2×65, 1×100"),
        ("capacity_m3", "1e99", "17800000000"),
        ("built", "1066-10-14", "1878-05-01"),
    ],
)
def test_a_slip_in_a_file_is_refused(
    program: Program, tmp_path: Path, field: str, wrong: str, fine: str
) -> None:
    file = tmp_path / "r.csv"
    for value, code in ((wrong, 3), (fine, 0)):
        file.write_text(f'code,kind,lon,lat,{field}\nA,hydrant,16.1,47.1,"{value}"\n', "utf-8")
        ran = program("import", file, "--crs", "wgs84", "--json")
        assert (ran.code, ran.data["refused"]) == (code, int(code == 3)), ran
