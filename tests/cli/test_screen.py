"""Tables in any window: nothing is cut off, nothing runs over the edge."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hydrant.cli.screen import Screen, cell_width, pad, wrap
from hydrant.vocabulary import Language

words = st.text(st.sampled_from("ab1 水源压-"), max_size=30)


def solid(text: str) -> str:
    return re.sub(r"[\s─–·]", "", text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.integers(40, 120),
    st.lists(st.tuples(words, words, words, words), min_size=1, max_size=4),
    st.sets(st.integers(0, 3), max_size=2),
)
def test_table_shows_everything_within_the_window(
    capsys: pytest.CaptureFixture[str],
    width: int,
    rows: list[tuple[str, ...]],
    whole: set[int],
) -> None:
    screen = Screen(Language.ZH)
    screen.terminal, screen.width, screen.colour = True, width, False
    screen.table(["编号", "b", "状态", "d"], rows, whole=sorted(whole))
    out = capsys.readouterr().out
    shown = sorted(solid(out))
    wanted = sorted(solid("编号b状态d") + solid("".join(map("".join, rows))))
    assert shown == wanted
    keys = [sum(cell_width(row[n]) + 3 for n in whole) for row in rows]
    if max(keys) < width - 45:
        assert all(cell_width(line.rstrip()) <= width for line in out.splitlines())


@given(words, st.integers(2, 40))
def test_wrap_keeps_everything_within_the_columns(text: str, columns: int) -> None:
    lines = wrap(text, columns)
    assert solid("".join(lines)) == solid(text)


@given(words, st.integers(0, 60))
def test_pad_counts_double_width(text: str, columns: int) -> None:
    assert cell_width(pad(text, columns)) == max(columns, cell_width(text))


def test_what_is_piped_has_no_blanks_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen(Language.EN)
    screen.table(["a", "状态"], [("x", "y"), ("xxxxxx", "完好"), ("z", None)])
    screen.text("said  ")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert not [line for line in lines if line != line.rstrip()]


@given(st.text(st.sampled_from("水源压“”（）、，。a1"), max_size=60), st.integers(16, 40))
def test_no_line_begins_with_a_mark_that_closes(text: str, columns: int) -> None:
    lines = wrap(text, columns)
    assert solid("".join(lines)) == solid(text)
    for one, other in itertools.pairwise(lines):
        runs = re.fullmatch(r".*[，。、）”“（]{4,}.*", one + other)
        assert runs or (other[0] not in "，。、）”" and one[-1] not in "（“")


def test_a_list_of_latin_words_between_chinese_marks_is_broken() -> None:
    lines = wrap("分组：" + "、".join(["province", "county", "township", "village"] * 3), 40)
    assert max(map(cell_width, lines)) <= 40
    assert wrap("don’t", 4) == ["don’t"]
