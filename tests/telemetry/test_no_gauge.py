"""Numbers that no gauge gives are no readings: wrong word order, open circuits, sentinels."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant.cli.driver_view import Checked, check_notes
from hydrant.errors import InputRefused, Phrase
from hydrant.telemetry.decode import TYPES, as_held, encode
from hydrant.telemetry.evaluate import PLAUSIBLE, Setup, in_internal, measure
from hydrant.telemetry.profile import Profile
from hydrant.telemetry.profile_reader import load_profile, profile_names, read_profile
from hydrant.telemetry.quality import Reason

HEAD = """name = "own"
version = "1"
title = { en = "Own", zh = "自编" }
maker = "M"
models = ["A"]
confidence = "low"
sources = ["plate"]
base = 0
max_registers = 16
"""


def profile(tmp_path: Path, points: str) -> Profile:
    file = tmp_path / "own.toml"
    file.write_text(HEAD + points, encoding="utf-8")
    return read_profile(file)


def point(kind: str, *lines: str, quantity: str = "pressure", unit: str = "kPa") -> str:
    order = 'order = "ABCD"\n' if kind not in ("int16", "uint16", "float16") else ""
    return (
        f'[points.p]\nquantity = "{quantity}"\nfunction = 3\naddress = 0\ntype = "{kind}"\n'
        f'unit = "{unit}"\n{order}' + "\n".join(lines)
    )


def read(found: Profile, registers: tuple[int, ...]) -> tuple[float | None, Reason | None]:
    measured = measure(found, "p", {"p": registers}, Setup())
    return measured.value, measured.reason


@given(st.floats(0.5, 40.0, width=32), st.sampled_from(["CDAB", "BADC", "DCBA"]))
def test_a_float_read_in_the_wrong_order_is_no_low_pressure(bar: float, order: str) -> None:
    """It is the pressure itself, no value, or so far off that it is plainly another one."""
    keller = load_profile("keller-33x")
    registers = encode(bar, "float32", order)
    measured = measure(keller, "p1", {"p1": registers}, Setup())
    raw = struct.unpack(">f", struct.pack(">2H", *registers))[0]
    if measured.value is not None:
        assert raw == 0 or abs(raw) >= 1e-6
    elif 0 < abs(raw) < 1e-6:
        assert measured.reason is Reason.WORD_ORDER


def test_the_commonest_mistake_of_a_profile_shows_at_once() -> None:
    keller = load_profile("keller-33x")
    for bar in (4.25, 0.25, 16.0, 4.2537):
        registers = encode(bar, "float32", "CDAB")
        assert measure(keller, "p1", {"p1": registers}, Setup()).reason is Reason.WORD_ORDER, bar
    for bar in (0.0, -0.0, 1e-4, -2e-4):  # nothing on the gauge is a reading
        registers = encode(bar, "float32", "ABCD")
        assert measure(keller, "p1", {"p1": registers}, Setup()).value == pytest.approx(bar * 100)


def test_a_number_that_is_sent_is_judged_alike() -> None:
    assert in_internal("pressure", 2.3e-41, "kPa", Setup()).reason is Reason.WORD_ORDER
    assert in_internal("pressure", 0.0, "kPa", Setup()).value == 0.0


@pytest.mark.parametrize(
    ("kind", "raw", "reason"),
    [
        ("uint16", 0xFFFF, Reason.OPEN_CIRCUIT), ("uint16", 0xFFFE, None), ("uint16", 0, None),
        ("int16", 0x7FFF, Reason.OPEN_CIRCUIT), ("int16", 0x8000, Reason.OPEN_CIRCUIT),
        ("int16", 0xFFFF, None),
    ],
)  # fmt: skip
def test_a_register_at_its_limit_is_an_open_circuit(
    tmp_path: Path, kind: str, raw: int, reason: Reason | None
) -> None:
    value, why = read(profile(tmp_path, point(kind, "scale = 0.001")), (raw,))
    assert (value is None, why) == (reason is not None, reason)


@given(st.sampled_from([k for k in TYPES if k != "bit"]), st.data())
def test_a_sentinel_is_known_again_as_the_registers_hold_it(kind: str, data: st.DataObject) -> None:
    if kind.startswith("float"):
        number: float = data.draw(st.floats(-1e4, 1e4))
    else:
        bits = 8 * struct.calcsize(TYPES[kind])
        number = data.draw(st.integers(-(1 << bits - 1), (1 << bits) - 1))
    held = as_held(number, kind)
    assert as_held(held, kind) == held
    assert encode(held, kind, "ABCD") == encode(held, kind, "ABCD")
    if not kind.startswith("float"):
        assert (held - number) % (1 << bits) == 0


@pytest.mark.parametrize(
    ("kind", "written", "registers"),
    [
        ("float32", "999.9", encode(999.9, "float32", "ABCD")),
        ("float32", "-99.99", encode(-99.99, "float32", "ABCD")),
        ("int16", "65534", (0xFFFE,)), ("int16", "-2", (0xFFFE,)), ("uint16", "-2", (0xFFFE,)),
    ],
)  # fmt: skip
def test_sentinels(tmp_path: Path, kind: str, written: str, registers: tuple[int, ...]) -> None:
    found = profile(tmp_path, point(kind, f"sentinels = [{written}]"))
    assert read(found, registers) == (None, Reason.SENTINEL)


@pytest.mark.parametrize(
    "wrong",
    [
        point("uint16", "scale = 0"), point("uint16", "sentinels = [99999]"),
        point("int16", "sentinels = [0.5]"), point("uint16", "sentinels = [nan]"),
        point("float16", "sentinels = [1e9]"), point("int32", "sentinels = [1e12]"),
    ],
)  # fmt: skip
def test_what_can_give_no_value_is_refused(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(InputRefused):
        profile(tmp_path, wrong)


def doubts_of(tmp_path: Path, points: str) -> list[str]:
    found = Checked(tmp_path / "own.toml", profile(tmp_path, points))
    return [
        str(cast("Phrase", note.facts["what"]).key)
        for note in check_notes([found])
        if "what" in note.facts
    ]


OTHER = point("uint16").replace("points.p", "points.q")


@pytest.mark.parametrize(
    ("points", "doubt"),
    [
        (point("uint16").replace("address = 0", "address = 40001"), "doubt_notation"),
        (point("uint16").replace("= 3\naddress = 0", "= 4\naddress = 30007"), "doubt_notation"),
        (point("uint16") + "\n" + OTHER.replace("pressure", "battery").replace("kPa", "V"),
         "doubt_overlap"),
        (point("float32") + "\n" + OTHER.replace("address = 0", "address = 1"), "doubt_overlap"),
        (point("uint16", "range = [0, 1.6]", unit="MPa"), "doubt_range"),
        (point("uint16", "range = [0, 5000]", unit="mm", quantity="level"), "doubt_range"),
    ],
)  # fmt: skip
def test_slips_are_doubted(tmp_path: Path, points: str, doubt: str) -> None:
    assert doubts_of(tmp_path, points) == [f"telemetry.{doubt}"]


@pytest.mark.parametrize(
    "points",
    [
        point("uint16"), point("uint16", "range = [0, 1600]", unit="MPa"),
        point("uint16", "range = [0, 2500]"), point("uint16") + "\n" + OTHER,
        point("uint16").replace("address = 0", "address = 3000"),
    ],
)  # fmt: skip
def test_what_is_well_is_not_doubted(tmp_path: Path, points: str) -> None:
    assert doubts_of(tmp_path, points) == []


def test_no_shipped_profile_is_doubted() -> None:
    found = [Checked(Path(f"{name}.toml"), load_profile(name)) for name in profile_names()]
    assert [note for note in check_notes(found) if note.key == "cli_driver.doubted"] == []


def test_yes_and_no_have_no_unit(tmp_path: Path) -> None:
    found = profile(tmp_path, '[points.wet]\nquantity = "water_presence"\nfunction = 2\n'
                              'address = 0\ntype = "bit"\n')  # fmt: skip
    assert found.points["wet"].unit == "1"
    assert set(PLAUSIBLE) >= {"water_presence"}


def test_a_profile_saved_by_an_editor_that_marks_files(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(HEAD + point("uint16"), encoding="utf-8-sig", newline="\r\n")
    assert read_profile(file).title["zh"] == "自编"
    file.write_text(HEAD + point("uint16"), encoding="gbk")
    with pytest.raises(InputRefused):
        read_profile(file)


def test_a_profile_that_was_edited_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(HEAD + point("uint16", "scale = 0.001"), encoding="utf-8")
    first = load_profile(str(file))
    assert load_profile(str(file)) is first
    file.write_text(HEAD + point("uint16", "scale = 0.00200"), encoding="utf-8")
    assert load_profile(str(file)).points["p"].scale == 0.002
