from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant.integrity.condition import Verdict
from hydrant.integrity.rates import Completeness, Need, WorkingOrder, floor_percent, tally
from hydrant.vocabulary import Condition

counts = st.integers(0, 10**7)


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [
        (328, 667, 49.17),  # Maoming 2014, printed "50.82 %" missing
        (328 - 109, 328, 66.76),
        (1751 - 518, 1751, 70.41),  # Wenzhou Lucheng
        (99_999, 100_000, 99.99),
        (10**9 - 1, 10**9, 99.99),
        (5, 5, 100.0),
        (0, 5, 0.0),
        (0, 0, None),
    ],
)
def test_floor(part: int, whole: int, percent: float | None) -> None:
    assert floor_percent(part, whole) == percent


@given(counts, st.integers(1, 10**7))
def test_floor_is_decimal_arithmetics(part: int, whole: int) -> None:
    part = min(part, whole)
    found = floor_percent(part, whole)
    exact = (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.01"), ROUND_FLOOR)
    assert found == float(exact) or abs(Decimal(str(found)) - exact) == 0
    assert (found == 100.0) == (part == whole)


@given(counts, counts, counts, counts)
def test_working_order_is_ordered(intact: int, stale: int, defective: int, untested: int) -> None:
    order = WorkingOrder(intact, stale, defective, untested)
    if order.existing == 0:
        assert order.low is order.high is order.percent is None
        return
    assert order.low is not None
    assert order.high is not None
    assert order.percent is not None
    assert 0 <= order.low == order.percent <= order.high <= 100


def test_tally_leaves_out_what_does_not_exist() -> None:
    verdicts = [
        (Verdict(None, "not_existing", unmeasured=True), 5),
        (Verdict(Condition.INTACT, "works", unmeasured=True), 2),
        (Verdict(Condition.STALE, "too_old"), 3),
    ]
    order = tally(verdicts, headline="low")
    assert (order.existing, order.unmeasured, order.stale) == (5, 2, 3)


def test_surplus_covers_nothing_else() -> None:
    found = Completeness((Need("a", "hydrant", 10, 15), Need("b", "hydrant", 10, 5)), 0)
    assert found.raw_percent == 100.0
    assert found.percent == 75.0
    assert found.shortfall == 5
    assert not found.is_complete


def test_unstated_units_are_never_complete() -> None:
    assert Completeness((Need("a", "hydrant", 3, 3),), 0).is_complete
    assert not Completeness((Need("a", "hydrant", 3, 3),), 1).is_complete
    assert not Completeness((), 0).is_complete


needs = st.lists(
    st.builds(Need, st.just("r"), st.just("hydrant"), st.integers(0, 50), st.integers(0, 60)),
    max_size=6,
)


@given(needs)
def test_completeness_bounds(rows: list[Need]) -> None:
    found = Completeness(tuple(rows), 0)
    assert found.met + found.shortfall == found.required
    if found.percent is not None and found.raw_percent is not None:
        assert 0 <= found.percent <= 100
        assert found.percent <= found.raw_percent


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_splitting_a_region_never_raises_its_parent(a: int, b: int, x: int, y: int) -> None:
    whole = Completeness((Need("p", "hydrant", a + b, x + y),), 0)
    split = Completeness((Need("c", "hydrant", a, x), Need("d", "hydrant", b, y)), 0)
    assert split.met <= whole.met
