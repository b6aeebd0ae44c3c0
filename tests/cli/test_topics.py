"""``hydrant help TOPIC``: each topic says what the program does, in both languages, told once."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import hydrant
from hydrant import config, errors, topics, units
from hydrant.cli import main
from hydrant.cli.screen import cell_width
from hydrant.errors import HydrantError
from hydrant.survey.amounts import quantity
from hydrant.times import zone as zone_of
from hydrant.topics import TOPICS, topic
from hydrant.vocabulary import Language
from hydrant.written_dates import moment_typed, span_typed
from tests.conftest import Program

PACKAGE = Path(hydrant.__file__).parent
BOTH = pytest.mark.parametrize("lang", list(Language))


def rows(name: str, lang: Language) -> list[tuple[str, ...]]:
    """All rows below the headings of a topic's tables."""
    return [row for block in topic(name, lang).blocks for row in block.rows[1:]]


def words(cell: str) -> list[str]:
    return [word for word in re.split("[,、] ?", re.sub(r"（.*）| \(.*\)", "", cell)) if word]


@pytest.mark.parametrize("name", TOPICS)
@BOTH
def test_every_topic_is_shown_within_the_window(
    bare_program: Program, name: str, lang: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    ran = bare_program("help", name, lang=lang.value, db=False)
    assert (ran.code, ran.err) == (0, "")
    assert all(cell_width(line) <= 60 for line in ran.out.splitlines())
    assert not set("`|") & set(ran.out)
    title = topic(name, lang).title
    assert bare_program("help", title, lang=lang.value, db=False).out == ran.out
    assert f"{name} " in bare_program("help", lang=lang.value, db=False).out


@BOTH
def test_units_are_those_that_are_understood_and_no_other(lang: Language) -> None:
    told: dict[str, float] = {}
    for written, worth in rows("units", lang):
        number, internal = worth.split(" ")
        over, _, under = number.partition("/")
        factor = float(over) / float(under or 1)
        for word in words(written):
            name = units.unit_named(word, internal)
            assert units.factor_to(internal, name) == pytest.approx(factor, rel=1e-5), word
            told[f"{internal} {name}"] = factor
    known = {f"{inside} {u}" for inside in ("kPa", "L/s", "m") for u in units.known_units(inside)}
    assert set(told) == known | {"mm in"}


@pytest.mark.parametrize("typed", ["0.32 MPa", "0.32兆帕", "3.2公斤"])
def test_what_the_units_page_promises_of_the_round(typed: str) -> None:
    assert quantity(typed, "static_kpa") == pytest.approx(320, rel=0.03)
    assert all(typed in topics.source("units", lang) for lang in Language)


@BOTH
def test_dates_that_are_shown_are_read(lang: Language) -> None:
    zone = zone_of("Asia/Shanghai")
    days = set()
    for written, _ in rows("dates", lang):
        for word in words(written):
            start, end = span_typed(word, zone)
            assert start < end
            if "11" in word and ":" not in word and "点" not in word:
                days.add(moment_typed(word, zone))
    assert len(days) == 1
    with pytest.raises(HydrantError) as two:
        moment_typed("03/04/2026", zone)
    assert two.value.key == "times.two_dates"


@BOTH
def test_every_way_to_end_is_told(lang: Language) -> None:
    told = {int(code) for code, _ in rows("exit-codes", lang)}
    classes = {kind.exit_code for kind in vars(errors).values()
               if isinstance(kind, type) and issubclass(kind, HydrantError)}  # fmt: skip
    own = {main.EXIT_FAILED, main.EXIT_USAGE, main.EXIT_BUG, main.EXIT_INTERRUPTED}
    assert told == {0, 6} | classes | own


def variables() -> set[str]:
    """Variables of the environment that the program asks for by name."""
    asked = re.compile(
        r"HYDRANT_[A-Z_]+[A-Z]|PG(?:HOST|PASSWORD|SERVICE|SSL[A-Z]+)|(?:NO|CLI|FORCE)_?[A-Z_]+|PAGER|LESS|TERM"
    )
    found = set()
    for path in PACKAGE.rglob("*.py"):
        source = path.read_text("utf-8")
        if "environ" not in source and "HYDRANT_" not in source:
            continue
        found |= {node.value for node in ast.walk(ast.parse(source))
                  if isinstance(node, ast.Constant) and isinstance(node.value, str)
                  and asked.fullmatch(node.value)}  # fmt: skip
    return found


@BOTH
def test_every_setting_and_variable_is_told(lang: Language) -> None:
    table = [words(row[0]) for row in rows("environment", lang)]
    told = {word for row in table for word in row}
    assert set(config.KEYS) <= told
    assert {"HYDRANT_DB", "PAGER", "NO_COLOR", "PGSERVICE"} <= variables()
    assert variables() <= told
    assert all(choice in topics.source("environment", lang)
               for choices in config.CHOICES.values() for choice in choices)  # fmt: skip


def test_the_page_of_a_command_is_that_of_help(bare_program: Program) -> None:
    for named in (["survey", "record"], ["asset"], ["near"]):
        page = bare_program(*named, "--help", db=False)
        assert bare_program("help", *named, db=False).out == page.out


def test_a_slip_is_answered_with_what_may_be_meant(bare_program: Program) -> None:
    for typed, meant in ((["unit"], "units"), (["asset", "shwo"], "show"), (["init", "x"], "init")):
        ran = bare_program("help", *typed, db=False)
        assert ran.code == 2
        assert meant in ran.err
        assert len(ran.err.splitlines()) == 1


def test_a_script_gets_the_text_whatever_the_window(
    bare_program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = set()
    for columns in ("50", "100"):
        monkeypatch.setenv("COLUMNS", columns)
        ran = bare_program("help", "dates", "--json", db=False)
        assert ran.json["data"]["topic"] == "dates"
        texts.add(ran.json["data"]["text"])
    assert texts == {topics.source("dates", Language.EN)}
