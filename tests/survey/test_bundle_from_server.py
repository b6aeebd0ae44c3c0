"""A crew's file is cut out of a registry on a server and merged back into it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hydrant.store.care import copying
from hydrant.store.ground.place import Server
from hydrant.store.opened import raw_rows
from hydrant.store.opened.registry import Registry, open_registry
from hydrant.store.sides import cutting
from hydrant.store.sides.bundle_file import CARRIED
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


def test_only_what_the_crew_gets_leaves_the_server(
    database: Server,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    office = Program(database, capsys)
    for code in ("A", "B", "C"):
        office.data("asset", "add", code, "--kind", "hydrant.pillar", "--lon", 120.1, "--lat",
                    30.2, "--crs", "cgcs2000")  # fmt: skip
        office.data("survey", "record", code, "--outcome", "works", "--defect", "paint_poor")
    listed = tmp_path / "list.csv"
    listed.write_text("code\nA\nC\n")
    monkeypatch.setattr(cutting, "_BATCH", 1)
    bundle = tmp_path / "crew.gpkg"
    assert office.data("survey", "pack", bundle, "--crew", "e", "--list", listed)["assets"] == 2
    with open_registry(bundle) as part, open_registry(database) as whole:
        wanted = [asset["uid"] for code in "AC"
                  for asset in raw_rows.fetch_all(whole, "asset", {"code": code})]  # fmt: skip
        for table in CARRIED:
            column = "uid" if table == "asset" else "asset_uid"
            rows = [
                row for uid in wanted for row in raw_rows.fetch_all(whole, table, {column: uid})
            ]
            assert list(raw_rows.fetch_all(part, table, {})) == rows, table
        assert [*raw_rows.fetch_all(part, "region", {})] == [
            *raw_rows.fetch_all(whole, "region", {})
        ]
    crew = Program(bundle, capsys)
    assert crew.data("db", "check")["faults"] == []
    assert crew("audit", "verify").code == 0


def test_what_was_not_written_as_it_was_read_is_no_bundle(
    database: Server,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    office = Program(database, capsys)
    office.data("asset", "add", "A", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.2,
                "--crs", "cgcs2000")  # fmt: skip
    put = copying.put_rows

    def loses(copy: Registry, table: str, rows: list[tuple[Any, ...]]) -> None:
        put(copy, table, rows[1:] if table == "asset" else rows)

    monkeypatch.setattr(copying, "put_rows", loses)
    ran = office("survey", "pack", tmp_path / "crew.gpkg", "--crew", "east")
    assert (ran.code, len(ran.err.splitlines())) == (4, 1)
    assert not (tmp_path / "crew.gpkg").exists()
    assert office.data("survey", "bundles")["bundles"] == []
