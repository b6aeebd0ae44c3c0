"""Lists, gaps and rounds tell places in the datum that was asked, and the way to each stop."""

from __future__ import annotations

from pathlib import Path

import pytest

from hydrant.geo.answered import crs_name
from hydrant.geo.distance import compass, distance_bearing
from tests.conftest import Program

pytestmark = pytest.mark.file_only
SYSTEMS = ("cgcs2000", "wgs84", "gcj02", "bd09")
#: Four stops around a start, by the direction in which they lie.
AROUND = {"n": (119.04, 29.61), "e": (119.055, 29.6), "s": (119.04, 29.59), "w": (119.02, 29.6)}
START = (119.04, 29.6)


@pytest.fixture
def county(program: Program) -> Program:
    for name, (lon, lat) in AROUND.items():
        program.data("asset", "add", name, "--kind", "hydrant", "--crs", "cgcs2000",
                     "--lon", lon, "--lat", lat)  # fmt: skip
    return program


@pytest.mark.parametrize("crs", SYSTEMS)
def test_a_listed_place_typed_back_is_the_asset(county: Program, crs: str) -> None:
    for row in county.data("asset", "list", "--crs", crs)["assets"]:
        assert row["crs"] == crs
        shown = county.data("asset", "show", row["code"], "--crs", crs)["asset"]
        assert (shown["lon"], shown["lat"]) == (row["lon"], row["lat"])
        near = county.data("near", row["lon"], row["lat"], "--crs", crs)["sources"][0]
        assert near["code"] == row["code"]
        assert near["distance_m"] < 1
    for lang in ("en", "zh"):
        assert crs_name(crs) in county("asset", "list", "--crs", crs, lang=lang).out
        assert crs_name(crs) in county("asset", "show", "n", "--crs", crs, lang=lang).out


#: Lists of assets: the words, and where its rows stand in the data.
LISTS = (
    *(
        ("todo", "--list", name)
        for name in ("defects", "overdue", "unverified", "duties", "records")
    ),
    *(("integrity", "--list", name) for name in ("defective", "unverified")),
)


@pytest.mark.parametrize("crs", [*SYSTEMS, "EPSG:4549"])
@pytest.mark.parametrize("words", LISTS, ids=" ".join)
def test_every_list_of_assets_says_where_they_are(
    county: Program, words: tuple[str, ...], crs: str, tmp_path: Path
) -> None:
    county.data("survey", "record", "n", "--outcome", "fails", "--defect", "no_water")
    county.data("survey", "record", "e", "--outcome", "works", "--at", "2020-05-01")
    rows = county.data(*words, "--crs", crs)["list"]
    assert rows
    for row in rows:
        shown = county.data("asset", "show", row["code"], "--crs", crs)["asset"]
        assert [row[name] for name in ("lon", "lat", "crs")] == [
            shown[name] for name in ("lon", "lat", "crs")
        ]
        assert (row["position"] == f"{row['lon']:.6f} {row['lat']:.6f}") == (crs in SYSTEMS)
    for lang in ("en", "zh"):
        out = county(*words, "--crs", crs, lang=lang).out
        assert all(row["position"] in out for row in rows)
        assert crs_name(crs) in out
    if words[0] == "todo":
        county.data("todo", "--out", tmp_path, "--csv", "--crs", crs)
        files = "".join(file.read_text("utf-8-sig") for file in tmp_path.glob("*.csv"))
        assert all(row["position"] in files for row in rows)
        assert crs_name(crs) in files


@pytest.mark.parametrize("crs", SYSTEMS)
def test_gaps_and_sites_are_told_in_it(county: Program, tmp_path: Path, crs: str) -> None:
    roads = tmp_path / "roads.csv"
    roads.write_text('wkt\n"LINESTRING (119.2 29.6, 119.21 29.6)"\n', encoding="utf-8")
    words = ("coverage", "--roads", roads, "--roads-crs", "cgcs2000", "--propose")
    plain, told = county.data(*words), county.data(*words, "--crs", crs)
    assert (plain["crs"], told["crs"]) == ("cgcs2000", crs)
    (gap,), (other,) = plain["roads"]["gaps"], told["roads"]["gaps"]
    for end in ("from", "to", "middle"):
        apart, _ = distance_bearing(*gap[end], *other[end])
        assert (apart > 300) == (crs in ("gcj02", "bd09"))
    sites = told["proposed"]["sites"]
    assert {site["crs"] for site in sites} == {crs}
    place = f"{sites[0]['lon']:.6f} {sites[0]['lat']:.6f}"
    for lang in ("en", "zh"):
        shown = county(*words, "--crs", crs, lang=lang).out
        assert place in shown
        assert shown.count(crs_name(crs)) == 2


def test_a_plan_tells_the_way_to_each_stop(county: Program) -> None:
    found = county.data("survey", "plan", "--near", "{},{}".format(*START), "--crs", "cgcs2000")
    before = START
    for stop in found["due"]:
        here = AROUND[stop["code"]]
        assert stop["towards"] == compass(*distance_bearing(*before, *here))
        before = here
    assert found["due"][0]["towards"] == found["due"][0]["code"]
    words = ("survey", "plan", "--near", "{},{}".format(*START), "--crs", "cgcs2000")
    first = {"n": ("N", "北"), "e": ("E", "东"), "s": ("S", "南"), "w": ("W", "西")}
    for lang, word in zip(("en", "zh"), first[found["due"][0]["code"]], strict=True):
        row = county(*words, lang=lang).out.splitlines()[2]
        assert row.split()[-2:] == [word, f"{found['due'][0]['leg_m']:,.0f}"]


def test_without_a_start_the_first_stop_has_no_way(county: Program) -> None:
    due = county.data("survey", "plan")["due"]
    assert due[0]["towards"] is None
    assert all(stop["towards"] for stop in due[1:])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_direction_is_made_up_where_one_stands(county: Program, lang: str) -> None:
    row = county("near", *AROUND["n"], "--crs", "cgcs2000", lang=lang).out.splitlines()[2]
    assert row.split()[:3] == ["0", "m", "–"]


def test_eight_directions() -> None:
    words = [compass(10, bearing) for bearing in (0, 45, 90, 135, 180, 225, 270, 315, 359.9)]
    assert words == ["n", "ne", "e", "se", "s", "sw", "w", "nw", "n"]
    assert compass(0.0, 0.0) is None
