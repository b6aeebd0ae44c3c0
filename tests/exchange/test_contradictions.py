"""Columns that contradict each other: the worse counts, or somebody is asked; never in silence."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from hydrant.exchange.plain_words import plain_word
from hydrant.exchange.state_words import BAD, meaning
from hydrant.exchange.suggestion import words
from tests.conftest import Program
from tests.exchange.test_stranger import Answer, answer

__all__ = ["answer"]

HEAD = ("Nummer", "Bauart", "longitude", "latitude")
PLACES = [("A1", "Unterflur", "16.11", "47.1"), ("A2", "Oberflur", "16.12", "47.1")]
OURS = ("code", "kind", "lon", "lat")
OUR_PLACES = [("A1", "hydrant", "16.11", "47.1"), ("A2", "hydrant", "16.12", "47.1")]

DAY = "2026-11-01"


def write(
    path: Path,
    head: Sequence[str],
    *added: Sequence[str],
    first: Sequence[str] = HEAD,
    places: Sequence[Sequence[str]] = PLACES,
) -> Path:
    """A register of two hydrants: headings after the first ones, and their cells row by row."""
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerow([*first, *head])
        csv.writer(out).writerows(
            [*place, *cells] for place, cells in zip(places, added, strict=True)
        )
    return path


@pytest.mark.parametrize(
    ("head", "first", "second"),
    [
        (("status", "Zustand"), ("in_service", "n.i.O."), ("in_service", "i.O.")),
        (("Zustand", "status"), ("i. O.", "out of order"), ("i.O.", "in service")),
        (("status", "状态"), ("operational", "停用"), ("operational", "正常")),
        (("status", "Stillgelegt am"), ("ok", "01.02.2024"), ("ok", "")),
        (("status", "Defekt"), ("ok", "ja"), ("ok", "nein")),
        (("État", "HS"), ("bon état", "oui"), ("bon état", "non")),
        (("Состояние", "Дата вывода"), ("исправен", "2024-03-01"), ("исправен", "")),
        (("是否完好", "停用日期"), ("是", "2023年5月1日"), ("是", "")),
    ],
)
def test_of_several_states_the_worse_counts_and_the_rows_are_named(
    program: Program, answer: Answer, tmp_path: Path, head: Sequence[str],
    first: Sequence[str], second: Sequence[str],
) -> None:  # fmt: skip
    file = write(tmp_path / "r.csv", head, first, second)
    ran = answer(file, "y")
    assert ran.code == 0, ran
    assert all(name in ran.out for name in head)
    found = {code: conditions(program, code) for code in ("A1", "A2")}
    assert found == {"A1": "defective", "A2": "stale"}  # nobody says when they were seen
    # the mapping that was kept says the same of the next delivery, in which they are mended
    mended = write(file, head, second, second)
    again = program.data("import", mended, "--mapping", file.with_suffix(".toml"))
    assert (again["updated"], again["refused"]) == (1, 0)


def conditions(program: Program, code: str) -> str:
    return str(program.data("explain", code)["condition"])


def test_a_state_that_is_not_understood_is_not_outweighed_by_a_good_one(
    program: Program, answer: Answer, tmp_path: Path
) -> None:
    file = write(tmp_path / "r.csv", ("status", "Zustand"), ("ok", "wackelt"), ("ok", "i.O."))
    assert answer(file, "y").code == 0
    assert (conditions(program, "A1"), conditions(program, "A2")) == ("untested", "stale")


@pytest.mark.parametrize(
    ("head", "cells"),
    [
        (("outcome", "Zustand"), ("works", "defekt")),
        (("outcome", "outcome"), ("works", "fails")),
        (("outcome", "inspection_outcome"), ("fails", "works")),
        (("outcome", "at", "at"), ("works", "2026-05-01", "2020-01-01")),
        (("outcome", "at", "检查日期"), ("works", "2026-05-01", "2020-01-01")),
        (("outcome", "static_kpa", "静压(MPa)"), ("works", "320", "0.05")),
        (("outcome", "flow_l_s", "flow_l_s"), ("works", "30", "3")),
        (("built", "建成时间"), ("2001-05-01", "2011-05-01")),
        (("built", "Year Installed"), ("2001-05-01", "2011")),
        (("mains_dn_mm", "管径"), ("150", "DN100")),
        (("mains_dn_mm", "Diameter (in)"), ("150", "4")),
    ],
)
def test_a_row_of_our_own_headings_that_contradicts_itself_is_refused(
    program: Program, tmp_path: Path, head: Sequence[str], cells: Sequence[str]
) -> None:
    silent = (*cells[:-1], "")
    file = write(tmp_path / "o.csv", head, cells, silent, first=OURS, places=OUR_PLACES)
    ran = program("import", file, "--crs", "wgs84", "--json")
    assert ran.code == 3
    (row,) = ran.json["data"]["rows"]
    assert (row["line"], row["action"]) == (2, "refused")
    assert cells[-1] in row["reason"] or cells[0] in row["reason"]
    assert program.data("asset", "list")["assets"] == []


def test_our_own_export_does_not_contradict_itself(program: Program, tmp_path: Path) -> None:
    file = write(tmp_path / "o.csv", ("outcome", "at"), ("works", "2026-05-01"),
                 ("fails", "2026-05-01"), first=OURS, places=OUR_PLACES)  # fmt: skip
    program.data("import", file, "--crs", "wgs84")
    program.data("survey", "record", "A1", "--outcome", "works", "--note", "损坏",
                 "--defect", "other")  # fmt: skip
    program.data("export", tmp_path / "out.csv")
    assert program.data("import", tmp_path / "out.csv")["unchanged"] == 2


def test_a_mapping_decides_what_a_column_that_contradicts_means(
    program: Program, tmp_path: Path
) -> None:
    file = write(
        tmp_path / "r.csv", ("Zustand", "Tag", "Befund"), ("i.O.", DAY, "defekt"), ("i.O.", DAY, "")
    )
    mapping = tmp_path / "r.toml"
    rules = (
        'crs = "wgs84"\nposition = {{ x = "longitude", y = "latitude" }}\n{}'
        '[fields]\ncode = "Nummer"\nkind = {{ constant = "hydrant" }}\n'
        '[inspection]\nat = "Tag"\n'
        'outcome = {{ column = "Zustand", values = {{ "i.O." = "works" }} }}\n'
    )
    mapping.write_text(rules.format(""), "utf-8")
    ran = program("import", file, "--mapping", mapping, "--json")
    assert (ran.code, ran.data["refused"]) == (3, 1)
    assert "Befund" in ran.data["rows"][0]["reason"]
    mapping.write_text(rules.format('otherwise = { "Befund" = "fails" }\n'), "utf-8")
    ran = program("import", file, "--mapping", mapping, "--json")
    assert [row["code"] for row in ran.data["named"]["visits_contradicted"]] == ["A1"]
    assert any("Befund" in m["text"] and m["level"] == "warning" for m in ran.json["messages"])
    assert ran.data["unread"] == ["Bauart"]
    assert (conditions(program, "A1"), conditions(program, "A2")) == ("defective", "intact")
    mapping.write_text(rules.format('otherwise."BEFUND" = "nothing"\n'), "utf-8")
    write(file, ("Zustand", "Tag", "Befund"), ("i.O.", DAY, "kaputt"), ("i.O.", DAY, "defekt"))
    data = program.data("import", file, "--mapping", mapping)
    assert (data["refused"], data["unread"]) == (0, ["Bauart"])
    assert (conditions(program, "A1"), conditions(program, "A2")) == ("intact", "intact")


RIVALS = [
    (("Zustand", "Prüfdatum", "Letzte Prüfung"), ("i.O.", "2026-05-01", "2019-01-01")),
    (("Zustand", "Ruhedruck (bar)", "Statischer Druck (bar)"), ("i.O.", "5.4", "0.4")),
    (("Zustand", "Durchfluss (L/s)", "Flow (L/s)"), ("i.O.", "20", "2")),
    (("状态", "检查日期", "最近检查时间"), ("完好", "2026-05-01", "2019-01-01")),
]
#: The same of what is known of the asset itself; the first heading is of no matter.
FIELD_RIVALS = [
    (("Eigentümer", "Baujahr", "Einbaudatum"), ("Stadt", "1998", "2011-05-01")),
    (("Eigentümer", "管径", "管网管径(mm)"), ("Stadt", "DN150", "100")),
    (("Eigentümer", "Rohrdurchmesser mm", "Diameter"), ("Stadt", "150", "100")),
]


@pytest.mark.parametrize(("head", "cells"), RIVALS)
@pytest.mark.parametrize("place", [1, 2, None])
def test_which_of_two_columns_holds_is_asked(
    program: Program, answer: Answer, tmp_path: Path, head: Sequence[str], cells: Sequence[str],
    place: int | None,
) -> None:  # fmt: skip
    file = write(tmp_path / "r.csv", head, cells, (cells[0], cells[1], cells[1]))
    ran = answer(file, "-" if place is None else head[place].upper(), "y")
    assert ran.code == 0, ran
    mapping = tomllib.loads(file.with_suffix(".toml").read_text("utf-8"))
    taken = [spec["column"] for name, spec in mapping["inspection"].items() if name != "outcome"]
    assert taken == ([] if place is None else [head[place]])


@pytest.mark.parametrize(("head", "cells"), FIELD_RIVALS)
@pytest.mark.parametrize("place", [1, 2, None])
def test_which_year_and_which_main_holds_is_asked_too(
    program: Program, answer: Answer, tmp_path: Path, head: Sequence[str], cells: Sequence[str],
    place: int | None,
) -> None:  # fmt: skip
    file = write(tmp_path / "r.csv", head, cells, (cells[0], cells[1], cells[1]))
    ran = answer(file, "-" if place is None else head[place].upper(), "y")
    assert ran.code == 0, ran
    mapping = tomllib.loads(file.with_suffix(".toml").read_text("utf-8"))
    taken = [
        mapping["fields"][n]["column"] for n in ("built", "mains_dn_mm") if n in mapping["fields"]
    ]
    assert taken == ([] if place is None else [head[place]])


@pytest.mark.parametrize(("head", "cells"), RIVALS)
def test_without_an_answer_none_of_two_columns_is_taken(
    program: Program, tmp_path: Path, head: Sequence[str], cells: Sequence[str]
) -> None:
    file = write(tmp_path / "r.csv", head, cells, (cells[0], cells[1], cells[1]))
    ran = program("import", file, "--json")
    assert ran.code == 3
    (question,) = [q for q in ran.json["data"]["questions"] if q["topic"] == "rival"]
    assert sorted(question["choices"]) == sorted(["-", *head[1:]])
    kept = tomllib.loads(file.with_suffix(".toml").read_text("utf-8"))
    assert set(kept["inspection"]) == {"outcome"}
    told = program("import", file, "--suggest", "--json").json["data"]["mapping"]
    assert set(tomllib.loads(told)["inspection"]) == {"outcome"}


def test_columns_that_say_the_same_are_no_question(
    program: Program, answer: Answer, tmp_path: Path
) -> None:
    head = ("Zustand", "Prüfdatum", "Letzte Prüfung", "Ruhedruck (bar)", "Static pressure (kPa)")
    file = write(tmp_path / "r.csv", head, ("i.O.", "01.05.2026", "2026-05-01", "5.4", "540"),
                 ("i.O.", "02.05.2026", "", "", "530"))  # fmt: skip
    assert answer(file, "y").code == 0


def test_no_word_is_both_good_and_bad() -> None:
    known = {
        part: {plain_word(word) for word in words()[part]}
        for part in ("works", "fails", "not_found", "nothing")
    }
    parts = list(known)
    for place, one in enumerate(parts):
        for other in parts[place + 1 :]:
            assert not known[one] & known[other], (one, other)


@pytest.mark.parametrize(
    "word",
    ["n.i.O.", "N. i. O.", "损毁", "停用", "HS", "hors service", "Hors-Service", "не исправен",
     "неисправен", "OUT OF ORDER", "out_of_service", "FAILS", "Not found", "nie działa",
     "fuera de servicio", "非正常"],
)  # fmt: skip
def test_words_for_a_bad_state(word: str) -> None:
    assert meaning(word) in BAD


@pytest.mark.parametrize("word", ["1", "yes", "是", "x", "?", "maybe", "teilweise"])
def test_no_state_is_read_out_of_what_states_none(word: str) -> None:
    assert meaning(word) in ("", "?")


@pytest.mark.parametrize(
    ("heading", "good", "bad"),
    [("QC", "OK", "NG"), ("Avail", "1", "0"), ("合格", "1", "0"), ("Pass", "Y", "N"),
     ("P/F", "P", "F"), ("验收结果", "是", "否"), ("Test", "OK", "NOK")],
)  # fmt: skip
def test_a_short_question_whether_it_passed_counts(
    program: Program, tmp_path: Path, heading: str, good: str, bad: str
) -> None:
    """QC, Pass, 合格: a no there stands against the state beside it, a yes does not."""
    head = ("outcome", "inspected_at", heading)
    cells = [("works", DAY, bad), ("works", DAY, good)]
    file = write(tmp_path / "r.csv", head, *cells, first=OURS, places=OUR_PLACES)
    refused = program("import", file, "--crs", "cgcs2000")
    assert refused.code == 3
    assert "line 2 (A1)" in refused.out + refused.err
    assert "line 3" not in refused.out + refused.err
