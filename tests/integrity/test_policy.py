from __future__ import annotations

from pathlib import Path

import pytest

from hydrant.errors import InputRefused
from hydrant.integrity.policy_reader import load_policy, policy_names
from hydrant.resources import resource


def test_shipped_policies_load_and_differ() -> None:
    assert {"zhejiang", "gb"} < {*policy_names()}
    assert load_policy("zhejiang").limits["static_kpa"].value == 140.0
    assert load_policy("gb").checks["flow"].demanded
    assert load_policy("gb").digest != load_policy("zhejiang").digest


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("within_days = 365", "within_days = 0", "checks.function.within_days"),
        ("demanded = true", 'demanded = "yes"', "checks.function.demanded"),
        ("value = 140.0", 'value = "140"', "limits.static_kpa.value"),
        ('value = "low"', 'value = "middle"', "switches.headline.value"),
        ('confidence = "unconfirmed"', 'confidence = "sure"', "switches.suspended.confidence"),
        ("date = 2023-12-31", 'date = "2023"', "targets[1].date"),
        ('no_water = "blocking"', 'no_water = "grave"', "severity.codes.no_water"),
        ("[limits.lift_m]", "[limits.lift]", "limits.lift"),
    ],
)
def test_mistake_is_named_with_its_place(tmp_path: Path, old: str, new: str, place: str) -> None:
    text = resource("data", "policies", "zhejiang.toml").read_text(encoding="utf-8")
    assert old in text
    own = tmp_path / "own.toml"
    own.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputRefused) as caught:
        load_policy(str(own))
    assert caught.value.facts["place"] == place


def test_unknown_and_broken_policies(tmp_path: Path) -> None:
    for name in ("nowhere", str(tmp_path / "none.toml")):
        with pytest.raises(InputRefused):
            load_policy(name)
    broken = tmp_path / "broken.toml"
    broken.write_text("name = ", encoding="utf-8")
    with pytest.raises(InputRefused) as caught:
        load_policy(str(broken))
    assert caught.value.key == "policy.unreadable"
