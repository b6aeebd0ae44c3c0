"""A place as people paste it is the same place, whatever they copied it from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant.errors import InputRefused
from hydrant.geo.pasted import Pasted, pasted

#: Longitude before latitude, links and words for the hemispheres in any order.
FORMS = (
    *("{0},{1}", "{0}，{1}", "{0}, {1}", "{0} {1}", "({0}, {1})", "【{0}，{1}】"),
    *("{0};{1}", "{0}、{1}"),
    *("geo:{1},{0}", "GEO:{1},{0},12.5", "geo:{1},{0};u=35", "geo:{1},{0}?z=15"),
    *("geo:0,0?q={1},{0}(水源)", "geo:{1},{0}?z=12&q={1},{0}"),
    *("{0}E {1}N", "{1}°N, {0}°E", "N{1} E{0}"),
    *("东经{0} 北纬{1}", "北纬{1}，东经{0}", "东经{0}北纬{1}"),
    *("经度：{0} 纬度：{1}", "lat={1}, lng={0}", "{0}° {1}°"),
)  # fmt: skip


def degrees(low: float, high: float) -> st.SearchStrategy[float]:
    return st.integers(round(low * 10**6), round(high * 10**6)).map(lambda whole: whole / 10**6)


@given(degrees(73, 135), degrees(1, 54), st.sampled_from(FORMS), st.booleans())
def test_every_form_is_the_same_place(lon: float, lat: float, form: str, wide: bool) -> None:
    text = form.format(f"{lon:.6f}", f"{lat:.6f}")
    if wide:
        text = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" and c != "'" else c for c in text)
    assert pasted(text) == Pasted(lon, lat)


@given(degrees(91, 135), degrees(1, 54))
def test_latitude_first_is_named_with_the_right_order(lon: float, lat: float) -> None:
    for text in (f"{lat},{lon}", f"geo:{lon},{lat}", f"经度{lat} 纬度{lon}"):
        with pytest.raises(InputRefused) as refused:
            pasted(text)
        assert refused.value.key == "geo.swapped_pair"
        assert (refused.value.facts["y"], refused.value.facts["x"]) == (lon, lat)


def test_minutes_and_seconds() -> None:
    for text in ("119°02'31.2\"E 29°36'28.8\"N", "29°36′28.8″N，119°02′31.2″E",
                 "东经119度2分31.2秒 北纬29度36分28.8秒"):  # fmt: skip
        found = pasted(text)
        assert found is not None
        assert (found.x, found.y) == pytest.approx((119.042, 29.608))
    assert pasted("75°42'W 45°30'N") == Pasted(-75.7, 45.5)


def test_a_link_tells_its_own_system_or_none() -> None:
    assert pasted("geo:29.6,119.04;crs=wgs84;u=3") == Pasted(119.04, 29.6, "wgs84")
    assert pasted("geo:29.6,119.04;u=3;crs=GCJ02") == Pasted(119.04, 29.6, "gcj02")
    with pytest.raises(InputRefused) as refused:
        pasted("geo:29.6,119.04;crs=moon")
    assert refused.value.key == "geo.crs"


def test_metres_are_taken_as_written() -> None:
    assert pasted("40513000.5, 3278000.25") == Pasted(40513000.5, 3278000.25)


@pytest.mark.parametrize(
    "text",
    ["", "119.04", "119,04", "E119.04", "119.04E 29.6E", "119.04E 29.6", "-75.7W 45.5N",
     "119°75'E 29°N", "geo:29.6", "geo:29.6;119.04", "1 2 3", "nan nan", "1_0 2_0", "here",
     "119.04 29.6 " * 30],
)  # fmt: skip
def test_what_is_no_place(text: str) -> None:
    assert pasted(text) is None
