"""Shipped profiles hold their golden frames; wrong files are refused by table and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from hydrant.errors import InputRefused
from hydrant.resources import resource
from hydrant.telemetry.golden import check_golden
from hydrant.telemetry.plan import plan, single
from hydrant.telemetry.profile_reader import load_profile, profile_names, read_profile
from tests.telemetry.lines import crc

KELLER = resource("drivers") / "keller-33x.toml"


@pytest.mark.parametrize("name", profile_names())
def test_golden_frames_hold(name: str) -> None:
    profile = load_profile(name)
    assert profile.golden
    assert profile.sources
    assert check_golden(profile) == []
    for golden in profile.golden:
        for exchange in golden.exchanges:
            for frame in (exchange.request, exchange.answer):
                assert crc(frame[:-2]) == frame[-2:]


@pytest.mark.parametrize("name", profile_names())
def test_plan_reads_every_point_and_no_forbidden_address(name: str) -> None:
    profile = load_profile(name)
    requests = plan(profile.points.values(), profile)
    assert {p.name for r in requests for p in r.points} == set(profile.points)
    for request in requests:
        for area in profile.forbidden:
            assert not area.touches(request.function, request.address, request.end - 1)
    alone = [single(point) for point in profile.points.values()]
    assert len(requests) <= len(alone)


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = KELLER.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("address = 2", "address = 70000", "70000"),
        ('type = "float32"', 'type = "float31"', "float31"),
        ('order = "ABCD"', 'order = "ACBD"', "ACBD"),
        ("function = 3", "function = 6", "6"),
        ('unit = "bar"', 'unit = "baar"', "baar"),
        ("address = 2", "adress = 2", "adress"),
        ('quantity = "pressure"', 'quantity = "presure"', "presure"),
        ("p1 = 395.0", 'p1 = "395"', "395"),
        ("p1 = 395.0", "p1 = [395.0]", "395"),
        ("[points.p1]", f"[codes.c]\n{'1' * 5000} = 'x'\n[points.p1]", "11111"),
    ],
)
def test_wrong_profiles(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(InputRefused) as caught:
        read_profile(changed(tmp_path, old, new))
    assert said in str(dict(caught.value.facts).values())


def test_golden_frame_that_does_not_hold(tmp_path: Path) -> None:
    path = changed(tmp_path, "p1 = 395.0", "p1 = 396.0")
    (problem,) = check_golden(read_profile(path))
    assert problem.number == 1


def test_plan_respects_gap_and_length(tmp_path: Path) -> None:
    narrow = read_profile(changed(tmp_path, "max_gap = 2", "max_gap = 0"))
    ends = plan([narrow.points["p1"], narrow.points["temperature"]], narrow)
    assert [(r.address, r.count) for r in ends] == [(2, 2), (6, 2)]
    wide = load_profile("keller-33x")
    (one,) = plan([wide.points["p1"], wide.points["temperature"]], wide)
    assert (one.address, one.count) == (2, 6)
    assert one.pick(range(6)) == {"p1": (0, 1), "temperature": (4, 5)}
    short = read_profile(changed(tmp_path, "max_registers = 125", "max_registers = 4"))
    assert all(r.count <= 4 for r in plan(short.points.values(), short))
