"""Systems of five continents against PROJ's own best operation for the place, asked by itself."""

from __future__ import annotations

import warnings

import numpy as np
import pyproj
import pytest
from pyproj.transformer import AreaOfInterest, TransformerGroup

from hydrant.errors import InputRefused
from hydrant.geo import datum, operations, zones
from hydrant.geo.distance import distance_bearing

#: System, and a place in the middle of where it is used: lon and lat.
SYSTEMS = [
    (27700, -1.5, 52.4),  # OSGB36, British National Grid
    (28992, 5.4, 52.1),  # Amersfoort, RD New
    (31370, 4.4, 50.8),  # Belge 1972
    (21781, 8.3, 46.9),  # CH1903
    (31287, 14.5, 47.5),  # MGI, Austria Lambert
    (5514, 15.5, 49.8),  # S-JTSK, Krovak
    (2180, 19.0, 52.0),  # Poland CS92
    (25832, 13.4, 52.5),  # ETRS89, used beyond its zone
    (27572, 2.3, 47.0),  # NTF Paris, Lambert II
    (23030, -3.7, 40.4),  # ED50
    (4284, 30.0, 59.9),  # Pulkovo 1942
    (28404, 24.0, 49.0),  # Pulkovo 1942, zone 4
    (2326, 114.17, 22.3),  # Hong Kong 1980
    (4301, 139.7, 35.7),  # Tokyo
    (2449, 136.9, 35.2),  # JGD2000 plane IX
    (3826, 121.5, 25.0),  # TWD97
    (5179, 127.0, 37.5),  # Korea 2000
    (32650, 117.0, 30.0),  # WGS 84, UTM 50N
    (4214, 109.0, 37.0),  # Beijing 1954 in the Ordos
    (4240, 100.5, 13.7),  # Indian 1975
    (26718, -79.4, 43.7),  # NAD27
    (2277, -97.7, 30.3),  # NAD83, Texas in feet
    (2193, 174.8, -41.3),  # NZGD2000
    (28355, 145.0, -37.8),  # GDA94
    (4148, 28.0, -26.2),  # Hartebeesthoek94
    (21037, 36.8, -1.3),  # Arc 1960, UTM 37S
    (29193, -46.6, -23.5),  # SAD69
    (5641, -38.5, -3.7),  # SIRGAS 2000
]
#: What no public operation leads from.
LOST = [(4610, 116.4, 39.9), (2384, 500_000.0, 4_400_000.0), (3828, 247_342.0, 2_652_336.0),
        (4555, 116.4, 39.9)]  # fmt: skip


def own_best(epsg: int, lon: float, lat: float) -> list[pyproj.Transformer]:
    """PROJ's operations for a place, its best first."""
    near = AreaOfInterest(lon - 0.01, lat - 0.01, lon + 0.01, lat + 0.01)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        group = TransformerGroup(
            epsg, 4326, always_xy=True, area_of_interest=near, allow_ballpark=False
        )
    return list(group.transformers)


@pytest.mark.parametrize(("epsg", "lon", "lat"), SYSTEMS, ids=str)
def test_a_place_lies_where_the_best_operation_puts_it(epsg: int, lon: float, lat: float) -> None:
    best = own_best(epsg, lon, lat)
    assert best, "PROJ knows one"
    x, y = best[0].transform(lon, lat, direction="INVERSE")
    found = datum.to_registry_point(x, y, datum.parse_crs(f"EPSG:{epsg}"))
    there = best[0].transform(x, y)
    away_m = distance_bearing(found.lon, found.lat, *there)[0]
    assert found.accuracy_m is not None
    assert found.accuracy_m >= 1.0
    assert away_m <= found.accuracy_m
    assert found.accuracy_m <= max(best[0].accuracy, 0.0) + 1.0
    back = datum.from_registry(found.lon, found.lat, datum.parse_crs(f"EPSG:{epsg}"))
    again = datum.to_registry_point(float(back[0]), float(back[1]), datum.parse_crs(f"EPSG:{epsg}"))
    assert distance_bearing(found.lon, found.lat, again.lon, again.lat)[0] < 0.01


@pytest.mark.parametrize(("epsg", "x", "y"), LOST)
def test_a_datum_without_a_public_shift_is_refused_and_its_text_works(
    epsg: int, x: float, y: float
) -> None:
    with pytest.raises(InputRefused) as caught:
        datum.parse_crs(f"EPSG:{epsg}")
    assert caught.value.key == "geo.no_operation"
    text = str(caught.value.facts["text"])
    stated = text.replace("DX,DY,DZ,RX,RY,RZ,S", "-100,50,20,0,0,0,0")
    place = datum.to_registry_point(x, y, datum.parse_crs(stated))
    plain = pyproj.Transformer.from_crs(f"{stated} +type=crs", 4326, always_xy=True)
    assert distance_bearing(place.lon, place.lat, *plain.transform(x, y))[0] < 0.01
    assert place.accuracy_m is None, "nobody said how good these parameters are"


def test_an_operation_is_used_where_it_holds_and_nowhere_else() -> None:
    """Beijing 1954 has public shifts for two basins and the sea, none for the capital."""
    crs = datum.parse_crs("EPSG:4214")
    found = datum.placed(np.array([109.0, 116.4]), np.array([37.0, 39.9]), crs)
    assert np.isfinite(found.lons).tolist() == [True, False]
    with pytest.raises(InputRefused) as caught:
        datum.to_registry_point(116.4, 39.9, crs)
    assert caught.value.key == "geo.no_operation_here"


def test_places_of_one_file_take_different_operations() -> None:
    """NAD27 in Ontario and in Texas: each as PROJ alone would place it."""
    places = [(-79.4, 43.7), (-97.7, 30.3)]
    lons, lats = np.array(places).T
    found = datum.placed(lons, lats, datum.parse_crs("EPSG:4267"))
    assert len(found.operations) == 2
    for n, place in enumerate(places):
        there = own_best(4267, *place)[0].transform(*place)
        away_m = distance_bearing(float(found.lons[n]), float(found.lats[n]), *there)[0]
        assert away_m <= found.accuracy_m[n]


@pytest.mark.parametrize("area", [(170.0, -50.0, -170.0, -30.0)])
def test_an_area_across_the_antimeridian(area: tuple[float, float, float, float]) -> None:
    lons, lats = np.array([175.0, -175.0, 0.0]), np.array([-40.0, -40.0, -40.0])
    assert operations._within(area, (lons, lats)).tolist() == [True, True, False]


@pytest.mark.parametrize(
    "text",
    ["urn:ogc:def:crs:OGC:1.3:CRS84", "OGC:CRS84", "urn:ogc:def:crs:EPSG::4326", "EPSG:4326"],
)
def test_other_spellings_of_wgs_84(text: str) -> None:
    assert datum.parse_crs(text).name == "wgs84"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("urn:ogc:def:crs:EPSG:6.9:4549", "EPSG:4549"),
        ("http://www.opengis.net/def/crs/EPSG/0/27700", "EPSG:27700"),
        ("urn:ogc:def:crs:EPSG::4490", "cgcs2000"),
    ],
)
def test_other_spellings_of_codes(text: str, name: str) -> None:
    assert datum.parse_crs(text).name == name


def test_the_shift_that_a_description_states_is_not_lost_for_a_code() -> None:
    bound = "+proj=longlat +ellps=krass +towgs84=-15,150,90 +no_defs"
    assert datum.stated_by(bound).epsg is None
    found = datum.to_registry_point(116.4, 39.9, datum.stated_by(bound))
    assert distance_bearing(found.lon, found.lat, 116.4, 39.9)[0] > 30


@pytest.mark.parametrize("epsg", [4978, 5773])
def test_what_is_no_map_is_no_system(epsg: int) -> None:
    with pytest.raises(InputRefused) as caught:
        datum.parse_crs(f"EPSG:{epsg}")
    assert caught.value.key == "geo.crs"


ZONED = [code for family in (0, 1, 2) for code in (zones._zones(zones._FAMILIES[family])).values()]


@pytest.mark.parametrize("codes", ZONED, ids=lambda codes: str(codes.prefixed))
def test_zones_are_those_of_the_epsg_registry(codes: zones.Codes) -> None:
    """The zone in front of the easting, and without it, are one projection."""
    prefixed, plain = (pyproj.CRS.from_epsg(code) for code in codes)
    easting = _parameter(prefixed, "False easting")
    zone = int(easting // 1_000_000)
    assert easting == zone * 1_000_000 + 500_000
    assert prefixed.geodetic_crs == plain.geodetic_crs
    middle = {_parameter(system, "Longitude of natural origin") for system in (prefixed, plain)}
    assert middle == {zone * 3 if zone >= 25 else zone * 6 - 3}
    assert zones.other_form(zone * 1_000_000 + 400_000, codes.plain) == codes.prefixed
    assert zones.other_form(400_000, codes.prefixed) == codes.plain
    assert zones.other_form(zone * 1_000_000 + 400_000, codes.prefixed) is None
    assert zones.other_form(400_000, codes.plain) is None


def _parameter(system: pyproj.CRS, name: str) -> float:
    assert system.coordinate_operation is not None
    return float({p.name: p.value for p in system.coordinate_operation.params}[name])


@pytest.mark.parametrize(
    ("x", "stated", "named"),
    [
        (38_407_201.2, 4528, 4526),
        (38_407_201.2, 4549, 4526),
        (20_407_201.2, 4528, 4498),
        (38_407_201.2, 2364, 2362),
    ],
)
def test_digits_name_the_zone_of_their_own_datum(x: float, stated: int, named: int) -> None:
    assert zones.other_form(x, stated) == named


@pytest.mark.parametrize(
    ("x", "y", "crs", "key"),
    [
        (3_277_200.5, 407_201.2, "EPSG:4549", "geo.axes"),
        (3_277_200.5, 40_407_201.2, "EPSG:4549", "geo.axes"),
        (3_277_200.5, 40_407_201.2, "EPSG:4528", "geo.axes"),
        (35.66, 139.75, "EPSG:4301", "geo.axes"),
        (5_800_000.0, 390_000.0, "EPSG:25833", "geo.axes"),
        (90_407_201.2, 3_277_200.5, "EPSG:4549", "geo.elsewhere"),
        (407_201.2, 300.0, "EPSG:4549", "geo.elsewhere"),
    ],
)
def test_numbers_far_outside_their_system(x: float, y: float, crs: str, key: str) -> None:
    with pytest.raises(InputRefused) as caught:
        datum.to_registry_point(x, y, datum.parse_crs(crs))
    assert caught.value.key == key
