"""A few hundred generated inputs per parser; `nox -s hostile` gives each a hundred thousand."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hostile.rig import Parser, Rig, refused, rigged

COUNT = int(os.environ.get("HYDRANT_HOSTILE_INPUTS", "60"))
NAMES = ("csv", "xlsx", "geojson", "overpass", "kml", "kmz", "gpx", "gml", "osm", "pbf",
         "shapefile", "geopackage", "mapping", "policy", "profile", "config", "observations",
         "regions", "requirements", "ingest", "ingest_csv", "gateway_url", "modbus",
         "registration", "bundle", "registry", "submissions", "submissions_zip", "package", "area",
         "streets", "draft", "photo", "wkt_table", "wkt", "code_page", "blob", "numbers", "dates")  # fmt: skip
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def all_parsers(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[dict[str, Parser], Rig]]:
    with rigged(tmp_path_factory.mktemp("rig")) as found:
        yield found


def test_every_parser_is_here(all_parsers: tuple[dict[str, Parser], Rig]) -> None:
    assert set(all_parsers[0]) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_valid_is_read(
    name: str, all_parsers: tuple[dict[str, Parser], Rig], tmp_path: Path
) -> None:
    parsers, rig = all_parsers
    for make in parsers[name].made_from:
        path = tmp_path / f"valid{parsers[name].ending}"
        path.write_bytes(make())
        assert not refused(rig, parsers[name], path)


@pytest.mark.parametrize("name", NAMES)
def test_any_input_is_read_or_refused_in_one_line(
    name: str, all_parsers: tuple[dict[str, Parser], Rig], tmp_path: Path
) -> None:
    parsers, rig = all_parsers
    parser, path = parsers[name], tmp_path / f"input{parsers[name].ending}"

    @settings(max_examples=COUNT, suppress_health_check=list(HealthCheck), database=None)
    @given(st.randoms(use_true_random=False), st.integers(0))
    def check(chance: random.Random, pick: int) -> None:
        seed = parser.made_from[pick % len(parser.made_from)]()
        path.write_bytes(parser.mutate(seed, chance))
        begun = time.perf_counter()
        refused(rig, parser, path)
        assert time.perf_counter() - begun < 5

    check()
