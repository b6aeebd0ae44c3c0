"""A file that cannot be written is called by its own name, in every form."""

from __future__ import annotations

from pathlib import Path

import pytest

from hydrant.cli.whole_file import written_whole
from hydrant.errors import InputRefused, StoreError
from tests.conftest import Program


@pytest.mark.parametrize("form", ["csv", "xlsx", "geojson", "gpkg", "kml", "gpx", "osm"])
def test_an_export_into_no_folder(program: Program, tmp_path: Path, form: str) -> None:
    program.data("asset", "add", "H", "--kind", "hydrant", "--lon", 16.1, "--lat", 47.1,
                 "--crs", "wgs84")  # fmt: skip
    file = tmp_path / "none" / f"x.{form}"
    ran = program("export", file)
    assert ran.code not in (0, 70)
    assert f"{file}: " in ran.err
    assert f".x.{form}"[:3] not in ran.err.replace(str(tmp_path), "")


def test_an_error_of_what_writes_names_the_file_too(tmp_path: Path) -> None:
    file = tmp_path / "x.gpkg"

    def fails(aside: Path) -> None:
        raise InputRefused("exchange.vector", file=aside, why=f"no room for {aside}")

    with pytest.raises(InputRefused) as caught:
        written_whole(file, fails)
    assert caught.value.facts == {"file": file, "why": f"no room for {file}"}
    with pytest.raises(StoreError):
        written_whole(tmp_path / "none" / "x.csv", lambda aside: None)
    assert list(tmp_path.iterdir()) == []
