"""The configuration of what is published: whole, quoted, and without anything secret."""

from __future__ import annotations

from pathlib import Path

import pyogrio
import pytest
import yaml

from hydrant.exchange.publishing import configuration, from_server
from hydrant.store.ground.place import Server
from tests.conftest import Program

HOSTILE = 'A: "b" #c\n- d $port {x}'


def test_names_are_quoted_and_passwords_stay_out() -> None:
    place = Server("postgresql://boss:geheim@db.example:5433/pro%20vince?sslmode=verify-full")
    text = configuration(from_server(place.url, "w:eb"), url="http://x.example", port=80,
                         publisher=HOSTILE, box=(1.0, 2.0, 3.0, 4.0))  # fmt: skip
    assert "geheim" not in text
    assert "boss" not in text
    read = yaml.safe_load(text)
    assert read["metadata"]["provider"]["name"] == HOSTILE
    (provider,) = read["resources"]["water_sources"]["providers"]
    assert provider["data"] == {
        "host": "db.example", "port": 5433, "dbname": "pro vince", "user": "w:eb",
        "search_path": ["hydrant_public", "public"],
    }  # fmt: skip
    assert provider["options"] == {"sslmode": "verify-full"}


def test_a_renewed_copy_replaces_the_old_one(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "web"
    assert program("db", "publish", folder).code == 3
    assert not folder.exists()
    for number in (1, 2):
        program.data("asset", "add", f"A{number}", "--kind", "hydrant", "--lon", 120, "--lat", 30,
                     "--crs", "cgcs2000")  # fmt: skip
        told = program.data("db", "publish", folder)
        assert told["assets"] == number
        assert pyogrio.read_info(folder / "public.gpkg", layer="water_source")["features"] == number
    assert sorted(path.name for path in folder.iterdir()) == ["public.gpkg", "pygeoapi.yml"]
    program.data("asset", "event", "A1", "planned", "--at", "2999-01-01")
    program.data("asset", "event", "A2", "under_construction", "--at", "2020-01-01")
    program.data("db", "publish", folder)
    table = pyogrio.read_arrow(folder / "public.gpkg", columns=["code", "state"])[1]
    found = dict(zip(table["code"].to_pylist(), table["state"].to_pylist(), strict=True))
    assert found == {"A1": "planned", "A2": "under_construction"}


@pytest.mark.parametrize("url", ["ftp://x", "nonsense", "http://:5", "http://x:999999"])
def test_an_address_that_is_none_is_refused(program: Program, tmp_path: Path, url: str) -> None:
    assert program("db", "publish", tmp_path / "web", "--url", url).code == 2
