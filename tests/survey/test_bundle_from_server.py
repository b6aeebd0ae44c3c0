"""A crew's file is cut out of a registry on a server and merged back into it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hydrant.store.place import Server
from tests.conftest import Program


def test_a_days_work_comes_back_to_the_server(
    database: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    office = Program(database, capsys)
    for code in ("A", "B"):
        office.data("asset", "add", code, "--kind", "hydrant.pillar", "--lon", 120.1, "--lat",
                    30.2, "--crs", "cgcs2000", "--set", "access_lane=yes")  # fmt: skip
    bundle = tmp_path / "crew.gpkg"
    assert office.data("survey", "pack", bundle, "--crew", "east")["assets"] == 2
    crew = Program(bundle, capsys)
    crew.data("survey", "record", "A", "--outcome", "fails")
    crew.data("asset", "edit", "B", "--owner", "new", "--set", "access_lane=no")
    office.data("asset", "edit", "B", "--maintainer", "city")
    office.data("survey", "merge", bundle)
    shown = office.data("asset", "show", "B")["asset"]
    assert (shown["owner"], shown["maintainer"], shown["access_lane"]) == ("new", "city", False)
    order = office.data("integrity")["total"]["working_order"]
    assert (order["existing"], order["defective"]) == (2, 1)
    assert office("audit", "verify").code == 0
    assert office("db", "check").code == 0
