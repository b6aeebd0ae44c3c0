"""What a text of readings says: each row as it is meant, or refused by its line."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant.errors import InputRefused
from hydrant.exchange.reading_file import sent_readings
from hydrant.exchange.sent_time import parse_sent

ZONE = ZoneInfo("Asia/Shanghai")
NOON = dt.datetime(2026, 6, 1, 4, 0, tzinfo=dt.UTC)


def read(text: str) -> tuple[list[float | None], list[tuple[int, str]]]:
    """Values that were taken; line and message key of each row that was not."""
    found = list(sent_readings(text, ZONE))
    refused = [(one[0], one[1].key.partition(".")[2]) for one in found if isinstance(one, tuple)]
    return [one.value for one in found if not isinstance(one, tuple)], refused


def row(value: object, **more: object) -> str:
    return json.dumps({"device": "D", "at": "2026-06-01T12:00:00", "value": value, **more})


HEAD = "device,at,value\n"
CELLS = "D,2026-06-01T12:00:00,"


@pytest.mark.parametrize(
    ("text", "values", "refused"),
    [
        (f"[{row(1)}, {row(2)}]", [1, 2], []),
        (f"[\n  {row(1)},\n  {row(2)}\n]\n", [1, 2], []),
        (f"[{row(1)}]\n{row(2)}\n", [1, 2], []),
        (f"{row(1)}\n[{row(2)},{row(3)}]\n", [1, 2, 3], []),
        ("[]", [], []),
        ("", [], []),
        ("[1, 2]", [], [(1, "reading_form"), (1, "reading_form")]),
        (f"[{row(1)},\n{row(2)[:-4]}", [1], [(2, "reading_cut")]),
        (f"[{row(1)},\n{row(2)}", [1, 2], [(2, "reading_cut")]),
        (f"[{row(1)},\n{{broken,\n{row(3)}]", [1, 3], [(2, "reading_form")]),
        (f'{row(1)}\n{row(2)[:-1]}, "value": 3}}\n', [1], [(2, "reading_twice")]),
        (f"{row(1)}\n{row(2)[:-2]}", [1], [(2, "reading_form")]),
        (row(1)[:-12] + "}", [], [(1, "reading_form")]),
        (f"{HEAD}{CELLS}1\n{CELLS}2,5\n{CELLS}3\n", [1, 3], [(3, "reading_cells")]),
        (f"{HEAD}{CELLS}1\nD,2026-06-01T12:00:00\n", [1], [(3, "reading_cells")]),
        (f'{HEAD}{CELLS}"4,25"\n', [4.25], []),
        (f'{HEAD}{CELLS}"1,200"\n', [], [(2, "reading_comma")]),
        (f'{HEAD}"D,2026-06-01T12:00:00,1\n{CELLS}2\n', [2], [(2, "reading_form")]),
        (f"{HEAD}{CELLS}430\n{CELLS}4", [430], [(3, "reading_cut")]),
        (f"device,at,value,\n{CELLS}1,\n{CELLS}2,x\n", [1], [(3, "reading_cells")]),
        (f"{CELLS}1\n{CELLS}2\n", [], [(1, "reading_heading")]),
        (f"device,at,value,value\n{CELLS}1,2\n", [], [(1, "reading_heading_twice")]),
        (f"device,at,reading\n{CELLS}1\n", [], [(1, "reading_heading")]),
        (f"{HEAD}{CELLS}\n", [None], []),
        (f"\ufeff{HEAD.strip()}\r\n{CELLS}1\r\n", [1], []),
    ],
)  # fmt: skip
def test_rows_are_read_or_refused_by_line(
    text: str, values: list[float | None], refused: list[tuple[int, str]]
) -> None:
    assert read(text) == (values, refused)


def test_lines_that_are_left_unread_are_counted() -> None:
    (found,) = sent_readings(f"{CELLS}1\n{CELLS}2\n\n{CELLS}3\n", ZONE)
    assert isinstance(found, tuple)
    assert found[1].facts["count"] == 2


@given(st.integers(0, 200), st.booleans())
def test_a_text_cut_off_anywhere_never_gives_a_value_that_was_not_sent(
    where: int, as_array: bool
) -> None:
    values = [425.0, 431.5, 12.25]
    lines = [row(value) for value in values]
    text = "[" + ",".join(lines) + "]" if as_array else "\n".join(lines) + "\n"
    assert set(read(text[:where])[0]) <= set(values)
    cells = HEAD + "".join(f"{CELLS}{value}\n" for value in values)
    assert set(read(cells[:where])[0]) <= set(values)


@pytest.mark.parametrize(
    "stamp",
    [
        "2026-06-01T12:00:00",
        "2026-06-01 12:00",
        "2026-06-01T04:00:00Z",
        "2026-06-01T06:00:00+02:00",
        "20260601120000",
        20260601120000,
        str(int(NOON.timestamp())),
        int(NOON.timestamp()),
        NOON.timestamp(),
        int(NOON.timestamp()) * 1000,
        f"{int(NOON.timestamp())}000",
        int(NOON.timestamp()) * 1_000_000_000,
    ],
)
def test_a_time_stamp_is_the_moment_that_is_meant(stamp: Any) -> None:
    assert parse_sent(stamp, ZONE) == NOON


@pytest.mark.parametrize(
    "stamp", ["soon", "", "01/06/2026 12:00", "260601120000", 1748750, -5, True, None, [], 1e300,
              "20261301120000", "20260601120000.5", "999999999999999999999"]
)  # fmt: skip
def test_what_is_no_time_stamp_is_refused(stamp: Any) -> None:
    with pytest.raises(InputRefused):
        parse_sent(stamp, ZONE)


@pytest.mark.parametrize("stamp", ["2026-10-25T02:30:00", "20261025023000", "2026-03-29T02:30"])
def test_a_local_time_that_was_twice_or_never_is_refused(stamp: str) -> None:
    with pytest.raises(InputRefused) as refused:
        parse_sent(stamp, ZoneInfo("Europe/Berlin"))
    assert refused.value.key == "times.clocks"
    assert parse_sent("2026-10-25T02:30:00+02:00", ZoneInfo("Europe/Berlin"))
