"""Visits from registers: corrected, not doubled, kept when only something was measured."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hydrant import times
from tests.conftest import Program, renew

TODAY = dt.datetime.now(times.zone()).date()
HEAD = "code,kind,lon,lat,outcome,at,static_kpa,flow_l_s"


def day(ago: int) -> str:
    return (TODAY - dt.timedelta(days=ago)).isoformat()


class Register:
    """A water company's register, issued again and again."""

    def __init__(self, program: Program, folder: Path) -> None:
        self.program, self.folder = program, folder

    def issue(
        self, *visits: str, head: str = HEAD, name: str = "s", source: str | None = "company"
    ) -> dict[str, Any]:
        """Take in an issue; a visit is what follows the position of A1."""
        file = self.folder / f"{name}.csv"
        rows = [f"A{n},hydrant,16.1,47.{n},{said}" for n, said in enumerate(visits, 1)]
        file.write_text("\n".join([head, *rows, ""]), "utf-8")
        of = () if source is None else ("--source", source)
        return self.program.data("import", file, "--crs", "wgs84", *of)

    def visits(self, code: str = "A1") -> list[dict[str, Any]]:
        lines = self.program.data("asset", "history", code)["history"]
        return [line for line in lines if line["fact"] == "inspection"]

    def counted(self, code: str = "A1", *more: object) -> str:
        return str(self.program.data("explain", code, *more)["condition"])


@pytest.fixture
def register(program: Program, tmp_path: Path) -> Register:
    return Register(program, tmp_path)


def test_a_corrected_outcome_replaces_the_visit(register: Register) -> None:
    register.issue(f"fails,{day(100)},,", f"works,{day(100)},,")
    assert register.counted() == "defective"
    told = register.issue(f"works,{day(100)},300,", f"works,{day(100)},,")
    assert (told["updated"], told["unchanged"], told["visits"]["corrected"]) == (1, 1, 1)
    assert [row["visit"] for row in told["rows"]] == ["corrected"]
    assert register.counted() == "intact"
    (visit,) = register.visits()
    assert visit["values"]["static_kpa"] == 300
    lines = register.program.data("asset", "history", "A1")["history"]
    (line,) = [line for line in lines if line["fact"] == "corrected"]
    assert line["values"]["outcome"] == "fails"
    register.program.data("audit", "verify")


def test_a_corrected_value_that_fails_counts(register: Register) -> None:
    register.issue(f"works,{day(100)},300,")
    register.issue(f"works,{day(100)},90,")
    assert register.counted() == "defective"
    assert len(register.visits()) == 1


def test_good_words_without_a_day_are_named_and_end_nothing(register: Register) -> None:
    told = register.issue(f"fails,{day(9)},,", "works,,,", f"works,{day(9)},,", "fails,,,")
    named = [row["code"] for row in told["named"]["visits_undated"]]
    assert (named, register.counted("A2")) == (["A2"], "stale")
    told = register.issue("works,,,", "works,,,")
    named = [row["code"] for row in told["named"]["visits_undated"]]
    assert (named, register.counted()) == (["A1"], "defective")
    for lang, words in (("en", "ends no defect"), ("zh", "不能据此消除缺陷")):
        file = register.folder / f"{lang}.csv"
        file.write_text(f"{HEAD}\nB{lang},hydrant,16.{len(words)},48.0,works,,,\n", "utf-8")
        ran = register.program("import", file, "--crs", "wgs84", lang=lang)
        assert (ran.code, words in ran.err) == (0, True)


def test_a_later_day_is_a_second_visit(register: Register) -> None:
    for _ in range(2):
        register.issue(f"fails,{day(100)},,")
        register.issue(f"works,{day(10)},,")
    assert len(register.visits()) == 2
    assert register.counted("A1", "--as-of", day(50)) == "defective"
    assert register.counted() == "intact"


def test_the_same_visit_under_another_name_is_one(register: Register) -> None:
    visit = f"fails,{day(100)},300,"
    register.issue(visit, source=None)
    told = register.issue(visit, source=None, name="copy")
    assert (told["unchanged"], len(register.visits())) == (1, 1)
    register.issue(f"works,{day(100)},300,", source=None, name="other")
    assert len(register.visits()) == 2  # another register that says otherwise: the worse counts
    assert register.counted() == "defective"


def test_our_own_export_doubles_no_visit(register: Register, tmp_path: Path) -> None:
    register.issue(f"works,{day(100)},300,", f"fails,{day(90)},,")
    out = tmp_path / "out.csv"
    register.program.data("export", out)
    told = register.program.data("import", out, "--crs", "cgcs2000")
    assert (told["new"], told["updated"]) == (0, 0), told
    assert len(register.visits()) == 1


def test_two_crews_of_one_moment_stay_two(register: Register) -> None:
    register.issue(f"works,{day(100)},,")
    for who, outcome in (("crew1", "fails"), ("crew2", "works")):
        register.program.data(
            "survey", "record", "A1", "--outcome", outcome, "--at", f"{day(5)}T10:00", "--by", who
        )
    register.issue(f"works,{day(100)},200,")
    assert len(register.visits()) == 3
    assert register.counted() == "defective"


@pytest.mark.parametrize(
    ("head", "visit"),
    [
        ("code,kind,lon,lat,at,static_kpa,flow_l_s", f"{day(50)},300,20"),
        (HEAD, f",{day(50)},300,20"),
    ],
)
def test_a_measurement_without_a_state_is_kept(register: Register, head: str, visit: str) -> None:
    told = register.issue(visit, head=head)
    assert told["visits"]["without_outcome"] == 1
    (kept,) = register.visits()
    assert kept["values"]["outcome"] == "not_testable"
    assert (kept["values"]["static_kpa"], kept["values"]["flow_l_s"]) == (300, 20)
    assert register.counted() == "untested"  # it proves nothing as to working
    assert register.issue(visit, head=head)["unchanged"] == 1
    assert len(register.visits()) == 1


def test_a_measurement_below_its_limit_counts_without_a_state(register: Register) -> None:
    register.issue(f"{day(50)},90", head="code,kind,lon,lat,at,static_kpa")
    assert register.counted() == "defective"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_is_said_in_words(register: Register, tmp_path: Path, lang: str) -> None:
    file = tmp_path / "m.csv"
    file.write_text(
        f"code,kind,lon,lat,at,static_kpa\nA1,hydrant,16.1,47.1,{day(9)},300\n", "utf-8"
    )
    ran = register.program("import", file, "--crs", "wgs84", lang=lang)
    assert {"zh": "无结果", "en": "no outcome"}[lang] in ran.err


def test_a_withdrawn_visit_is_not_recorded_again(register: Register) -> None:
    visit = f"works,{day(100)},300,"
    register.issue(visit)
    register.program.data("survey", "withdraw", "A1", "--reason", "wrong hydrant")
    for name in ("s", "copy"):
        told = register.issue(visit, name=name)
        assert told["visits"]["withdrawn"] == 1
        assert told["rows"][0]["visit"] == "withdrawn"
    told = register.issue(visit, name="copy", source="another")
    assert told["visits"]["withdrawn"] == 1
    assert register.counted() == "untested"
    assert len(register.visits()) == 1
    register.issue(f"fails,{day(100)},300,")  # the register says something else of that day now
    assert register.counted() == "defective"
    assert len(register.visits()) == 2


_VISIT = st.tuples(
    st.sampled_from(["works", "fails", "not_found", ""]),
    st.sampled_from([day(100), day(10)]),
    st.sampled_from(["", "90", "300"]),
).map(lambda said: f"{','.join(said)},")


@pytest.mark.file_only
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(_VISIT, _VISIT), min_size=1, max_size=4))
def test_an_issue_taken_in_twice_is_taken_in_once(
    register: Register, issues: list[tuple[str, str]]
) -> None:
    """Whatever a register says and corrects: again changes nothing, and each day has one visit."""
    renew(register.program.db)
    for issue in issues:
        register.issue(*issue)
        before = register.visits("A1"), register.visits("A2")
        told = register.issue(*issue)
        assert (told["unchanged"], told["updated"], told["new"]) == (2, 0, 0)
        assert (register.visits("A1"), register.visits("A2")) == before
    for code in ("A1", "A2"):
        days = [line["at"] for line in register.visits(code)]
        assert len(days) == len(set(days))


def issued(tmp_path: Path, *rows: str) -> Path:
    file = tmp_path / "reg.csv"
    file.write_text("\n".join(["code,kind,lon,lat,outcome,at", *rows, ""]), "utf-8")
    return file


def test_a_register_that_moves_an_asset_ends_what_was_seen_there(
    program: Program, tmp_path: Path
) -> None:
    for lon, counts in (("16.1", "intact"), ("16.1003", "intact"), ("16.15", "untested")):
        rows = issued(tmp_path, f"B1,hydrant,{lon},47.1,works,{days_ago(60)}")
        ran = program("import", rows, "--crs", "wgs84", "--source", "s", "--json")
        assert program.data("explain", "B1")["condition"] == counts
        assert ran.data.get("moved", 0) == (counts == "untested")
    assert [m["level"] for m in ran.json["messages"] if m["key"] == "cli_import_.moved"] == [
        "warning"
    ]
    again = program.data("import", rows, "--crs", "wgs84", "--source", "s")
    assert again["unchanged"] == 1
    assert program.data("explain", "B1")["condition"] == "untested"


@pytest.mark.parametrize("at", [True, False])
def test_an_outcome_taken_back_counts_no_more(program: Program, tmp_path: Path, at: bool) -> None:
    day = days_ago(60)
    program.data("import", issued(tmp_path, f"B1,hydrant,16.1,47.1,works,{day}"),
                 "--crs", "wgs84", "--source", "s")  # fmt: skip
    rows = issued(tmp_path, f"B1,hydrant,16.1,47.1,,{day if at else ''}")
    taken = program.data("import", rows, "--crs", "wgs84", "--source", "s")
    assert (taken["updated"], taken["visits"]["corrected"]) == (1, 1)
    assert program.data("explain", "B1")["condition"] == "untested"
    again = program.data("import", rows, "--crs", "wgs84", "--source", "s")
    assert (again["unchanged"], again["visits"]["corrected"]) == (1, 0)


def test_a_date_that_goes_back_is_told(program: Program, tmp_path: Path) -> None:
    for day, earlier in ((60, 0), (400, 1), (30, 0)):
        rows = issued(tmp_path, f"B1,hydrant,16.1,47.1,works,{days_ago(day)}")
        taken = program.data("import", rows, "--crs", "wgs84", "--source", "s")
        assert taken["visits"]["earlier"] == earlier


def days_ago(count: int) -> str:
    return (dt.datetime.now(dt.UTC) - dt.timedelta(days=count)).date().isoformat()


@pytest.mark.parametrize("last", ["B1,hydrant,16.1,47.1,,", "B1,hydrant,16.1,47.1,,{day}"])
def test_silence_takes_no_failure_back(program: Program, tmp_path: Path, last: str) -> None:
    for ago, outcome in ((90, "works"), (60, "fails")):
        rows = issued(tmp_path, f"B1,hydrant,16.1,47.1,{outcome},{days_ago(ago)}")
        program.data("import", rows, "--crs", "wgs84", "--source", "s")
    rows = issued(tmp_path, last.format(day=days_ago(60)))
    program.data("import", rows, "--crs", "wgs84", "--source", "s")
    assert program.data("explain", "B1")["condition"] == "defective"


def test_a_column_left_out_takes_no_failure_back(program: Program, tmp_path: Path) -> None:
    file, day = tmp_path / "reg.csv", days_ago(60)
    for head, cells in (
        ("outcome,at,static_kpa", f"works,{days_ago(90)},300"),
        ("outcome,at,static_kpa", f"fails,{day},200"),
        ("at,static_kpa", f"{day},310"),
    ):
        file.write_text(f"code,kind,lon,lat,{head}\nB1,hydrant,16.1,47.1,{cells}\n", "utf-8")
        program.data("import", file, "--crs", "wgs84", "--source", "s")
    assert program.data("explain", "B1")["condition"] == "defective"


@pytest.mark.parametrize("repaired", ["works", "not_testable"])
def test_an_undated_repair_brings_nothing_back(
    program: Program, tmp_path: Path, repaired: str
) -> None:
    for outcome, day in (("works", days_ago(90)), ("fails", ""), (repaired, "")):
        rows = issued(tmp_path, f"B1,hydrant,16.1,47.1,{outcome},{day}")
        program.data("import", rows, "--crs", "wgs84", "--source", "s")
    assert program.data("explain", "B1")["condition"] == "defective"


def test_remarks_name_the_assets_they_are_about(register: Register) -> None:
    """ "7 visits corrected" sends nobody anywhere: the first are named, all of them in JSON."""
    register.issue(*[f"works,{day(100)},," for _ in range(7)])
    told = register.issue(*[f"fails,{day(100)},," for _ in range(7)])
    named = told["named"]["visits_corrected"]
    assert [(row["code"], row["line"]) for row in named] == [(f"A{n}", n + 1) for n in range(1, 8)]
    uids = {a["code"]: a["uid"] for a in register.program.data("asset", "list")["assets"]}
    assert all(row["asset"] == uids[row["code"]] for row in named)
    assert "moved" not in told["named"]
    file = register.folder / "s.csv"
    rows = "\n".join(f"A{n},hydrant,16.1,47.{n},works,{day(100)},," for n in range(1, 8))
    file.write_text(f"{HEAD}\n{rows}\n", "utf-8")
    for lang, between in (("zh", "、"), ("en", ", ")):
        ran = register.program("import", file, "--crs", "wgs84", "--source", "company",
                               "--dry-run", lang=lang)  # fmt: skip
        assert between.join(f"A{n}" for n in range(1, 6)) + " …" in ran.err
        assert "A6" not in ran.err


@pytest.mark.parametrize(
    ("said", "about"),
    [
        (",{today},300,", "visits_without_outcome"),
        ("works,{earlier},,", "visits_earlier"),
    ],
)
def test_every_remark_about_visits_names_its_assets(
    register: Register, said: str, about: str
) -> None:
    register.issue(f"works,{day(100)},,", f"works,{day(100)},,")
    told = register.issue(f"works,{day(100)},,", said.format(today=day(0), earlier=day(200)))
    assert [row["code"] for row in told["named"][about]] == ["A2"]
    note = register.program("import", register.folder / "s.csv", "--crs", "wgs84", "--source",
                            "company", "--dry-run", "--json")  # fmt: skip
    texts = [m["text"] for m in note.json["messages"] if m["key"] == f"cli_import_.{about}"]
    assert all("A2" in text for text in texts)


def test_an_asset_without_a_code_is_named_by_its_line(register: Register) -> None:
    head = "id,kind,lon,lat,outcome,at"
    file = register.folder / "s.csv"
    for outcome in ("works", "fails"):
        file.write_text(f"{head}\nk1,hydrant,16.1,47.1,{outcome},{day(9)}\n", "utf-8")
        ran = register.program("import", file, "--crs", "wgs84", "--source", "s", lang="en")
    assert "line 2" in ran.err


# 0.0004 degrees of latitude are 44 m
STEP = 0.0004


@pytest.mark.parametrize(
    ("steps", "moves"),
    [
        ([1, 2, 3, 4, 5, 6], [2, 4, 6]),  # in one direction, always by too little
        ([1, 0, 1, 0], []),  # to and fro is one spot
        ([1, -1], [2]),  # 44 m from where it was first, 88 m from where it was since
        ([3, 4, 5], [1, 3]),  # after a move the new place is what counts
    ],
)
def test_a_drift_is_a_move_however_small_its_steps(
    program: Program, tmp_path: Path, steps: list[int], moves: list[int]
) -> None:
    for number, step in enumerate([0, *steps]):
        rows = issued(tmp_path, f"B1,hydrant,16.1,{47.1 + step * STEP:.4f},works,{days_ago(60)}")
        told = program.data("import", rows, "--crs", "wgs84", "--source", "s")
        assert told.get("moved", 0) == (number in moves), number
        moved = any(move <= number for move in moves)
        assert program.data("explain", "B1")["condition"] == ("untested" if moved else "intact")


def test_a_move_that_was_withdrawn_says_that_both_places_are_one(
    program: Program, tmp_path: Path
) -> None:
    def issue(lat: float) -> dict[str, Any]:
        rows = issued(tmp_path, f"B1,hydrant,16.1,{lat:.4f},works,{days_ago(60)}")
        return program.data("import", rows, "--crs", "wgs84", "--source", "s")

    issue(47.1)
    assert issue(47.101)["moved"] == 1
    program.data("asset", "withdraw", "B1", "--event", "relocated", "--reason", "better survey")
    assert program.data("explain", "B1")["condition"] == "intact"
    assert "moved" not in issue(47.1012)
    assert program.data("explain", "B1")["condition"] == "intact"
    assert issue(47.1016)["moved"] == 1


@pytest.mark.parametrize("known", [(0,), (1,), (0, 2), (1, 2)])
def test_each_row_keeps_its_visit_whichever_rows_are_new(
    program: Program, tmp_path: Path, known: tuple[int, ...]
) -> None:
    """Rows that are new, and known ones visited since, stand in one issue in any order."""
    file, measured = tmp_path / "s.csv", (150, 250, 350)

    def issue(rows: tuple[int, ...], ago: int) -> None:
        lines = [f"A{n},hydrant,16.1,47.{n},works,{day(ago)},{measured[n]}," for n in rows]
        file.write_text("\n".join([HEAD, *lines, ""]), "utf-8")
        program.data("import", file, "--crs", "wgs84", "--source", "company")

    issue(known, 100)
    issue((0, 1, 2), 10)
    for n in range(3):
        lines = program.data("asset", "history", f"A{n}")["history"]
        told = [line["values"]["static_kpa"] for line in lines if line["fact"] == "inspection"]
        assert told == [measured[n]] * (1 + (n in known))
