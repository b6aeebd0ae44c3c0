"""One hydrant that went from a county to another: both packages tell of it, and it counts once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Program
from tests.exchange.test_package import level  # noqa: F401  fixture
from tests.exchange.test_package_units import (
    ABOVE,
    JOINED,
    LEFT,
    handing_over,  # noqa: F401  fixture
    rates,
    up,
)

Levels = tuple[Program, Program, Program]
WENT = (("en", "does not bring"), ("zh", "原上报单位称"))
REFUSED = (("en", "refused"), ("zh", "拒收"))
TO = f"{JOINED}001"


def missed(above: Program) -> set[str]:
    """Regions whose figures say, in both languages, that an asset is brought by nobody."""
    found = set[str]()
    for region in (LEFT, JOINED, TO, ABOVE, f"{LEFT}001", "330182"):
        told = set[bool]()
        for lang, word in WENT:
            said = above("integrity", region, lang=lang).err
            told.add(word in said)
            assert dict(REFUSED)[lang] not in said, (region, said)
        assert len(told) == 1, (region, told)
        found |= {region} if told.pop() else set()
    return found


def enter(made: Program, code: str = "X3", *, lon: float = 121.06, kind: str = "hydrant") -> None:
    made.data("asset", "add", code, "--kind", kind, "--lon", lon, "--lat", 29.7, "--crs",
              "cgcs2000", "--region", TO, "--built", "2017-01-01")  # fmt: skip


@pytest.mark.parametrize("first", ["left", "other"])
def test_what_one_county_gave_and_the_other_has_is_no_matter_any_more(
    handing_over: Levels,  # noqa: F811
    tmp_path: Path,
    first: str,
) -> None:
    left, other, above = handing_over
    a, b = tmp_path / "a.hydrant.zip", tmp_path / "b.hydrant.zip"
    up(left, above, a, LEFT)
    assert missed(above) == set()
    left.data("asset", "edit", "X3", "--region", TO, "--from", "2026-06-01")
    if first == "other":
        enter(other)
        up(other, above, b, JOINED)
    told = up(left, above, a, LEFT, "--accept-withdrawals")
    assert told["refused"] > 0
    if first == "left":
        assert missed(above) == {LEFT, JOINED, TO, ABOVE}
        data = above("integrity", ABOVE, "--json").json
        (said,) = (one for one in data["messages"] if one["key"] == "integrity.went")
        assert "X3" in said["text"]
        enter(other)
        up(other, above, b, JOINED)
    assert missed(above) == set()
    up(left, above, a, LEFT)
    assert missed(above) == set()
    order, _, built = rates(above, ABOVE, "2026-07-01")
    assert (order["existing"], built) == (3, 3)


@pytest.mark.parametrize("how", [{"code": "Y3"}, {"lon": 121.2}, {"kind": "crane"}])
def test_another_thing_is_not_taken_for_it(
    handing_over: Levels,  # noqa: F811
    tmp_path: Path,
    how: dict[str, object],
) -> None:
    """Another plate, another place, another family; this level may enter it itself."""
    left, other, above = handing_over
    up(left, above, tmp_path / "a.hydrant.zip", LEFT)
    left.data("asset", "edit", "X3", "--region", TO, "--from", "2026-06-01")
    up(left, above, tmp_path / "a.hydrant.zip", LEFT, "--accept-withdrawals")
    enter(other, **how)  # type: ignore[arg-type]
    up(other, above, tmp_path / "b.hydrant.zip", JOINED)
    assert ABOVE in missed(above)
    enter(above)
    assert missed(above) == set()
