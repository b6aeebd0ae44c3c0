"""Facts recorded by mistake are withdrawn: seen for ever, counted no more, never two at a press."""

from __future__ import annotations

import datetime as dt
import itertools
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hydrant import times
from tests.conftest import Program, renew

TODAY = dt.datetime.now(times.zone()).date()


def day(ago: int) -> str:
    return (TODAY - dt.timedelta(days=ago)).isoformat()


def moment() -> str:
    """A moment between two changes."""
    time.sleep(0.01)
    now = times.to_text(times.now())
    time.sleep(0.01)
    return now


@pytest.fixture
def hydrant(program: Program) -> Program:
    program.data("asset", "add", "H1", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.1,
                 "--crs", "cgcs2000", "--built", "2020-01-01")  # fmt: skip
    return program


def visit(program: Program, outcome: str, ago: int, *more: object) -> str:
    told = program.data(
        "survey", "record", "H1", "--outcome", outcome, "--at", day(ago), "--by", "crew", *more
    )
    return str(told["inspection"])


def counted(program: Program, *more: object) -> str | None:
    condition: str | None = program.data("explain", "H1", *more)["condition"]
    return condition


def history(program: Program, fact: str) -> list[dict[str, Any]]:
    return [
        line for line in program.data("asset", "history", "H1")["history"] if line["fact"] == fact
    ]


def test_a_withdrawn_visit_counts_no_more_and_is_seen_with_its_reason(hydrant: Program) -> None:
    uid = visit(hydrant, "works", 5)
    before = moment()
    told = hydrant.data("survey", "withdraw", "H1", "--reason", "wrong hydrant", "--by", "Li")
    assert (told["action"], told["visit"]["uid"]) == ("withdrawn", uid)
    assert told["now"]["condition"] == "untested"
    assert counted(hydrant) == "untested"
    assert counted(hydrant, "--known-at", before) == "intact"
    (line,) = history(hydrant, "inspection")
    assert (line["values"]["withdrawn_by"], line["values"]["withdrawn_why"]) == (
        "Li",
        "wrong hydrant",
    )
    assert hydrant.data("asset", "show", "H1")["inspections"] == 0
    hydrant.data("audit", "verify")


def test_a_reason_is_required(hydrant: Program) -> None:
    visit(hydrant, "works", 5)
    assert hydrant("survey", "withdraw", "H1").code == 2
    assert hydrant("survey", "withdraw", "H1", "--reason", " ").code == 3
    assert counted(hydrant) == "intact"


def test_a_second_press_takes_no_second_visit(hydrant: Program) -> None:
    first, last = visit(hydrant, "fails", 50), visit(hydrant, "works", 5)
    hydrant.data("survey", "withdraw", "H1", "--reason", "slip")
    again = hydrant.data("survey", "withdraw", "H1", "--reason", "slip")
    assert (again["action"], again["visit"]["uid"], again["last"]["uid"]) == (
        "unchanged", last, first,
    )  # fmt: skip
    assert counted(hydrant) == "defective"
    assert first in hydrant("survey", "withdraw", "H1", "--reason", "slip").out
    named = hydrant.data("survey", "withdraw", "H1", "--visit", first, "--reason", "slip")
    assert (named["action"], named["last"], named["now"]["condition"]) == (
        "withdrawn", None, "untested",
    )  # fmt: skip


def test_a_visit_recorded_since_a_withdrawal_is_the_last(hydrant: Program) -> None:
    visit(hydrant, "works", 5)
    hydrant.data("survey", "withdraw", "H1", "--reason", "slip")
    time.sleep(0.01)
    later = visit(hydrant, "works", 9)
    told = hydrant.data("survey", "withdraw", "H1", "--reason", "slip too")
    assert (told["action"], told["visit"]["uid"]) == ("withdrawn", later)


def test_which_visit_is_meant_is_not_guessed(hydrant: Program) -> None:
    latest, backdated = visit(hydrant, "works", 5), visit(hydrant, "works", 90)
    ran = hydrant("survey", "withdraw", "H1", "--reason", "slip")
    assert ran.code == 3
    assert latest in ran.err
    assert backdated in ran.err
    told = hydrant.data("survey", "withdraw", "H1", "--at", day(90), "--reason", "slip")
    assert told["visit"]["uid"] == backdated
    assert hydrant("survey", "withdraw", "H1", "--at", day(7), "--reason", "slip").code == 3
    assert hydrant("survey", "withdraw", "H1", "--visit", "x", "--reason", "slip").code == 3


def test_defects_of_the_visit_are_told_or_go_with_it(hydrant: Program) -> None:
    visit(hydrant, "fails", 5, "--defect", "no_water")
    told = hydrant.data("survey", "withdraw", "H1", "--reason", "slip")
    assert [(one["code"], one["withdrawn"]) for one in told["defects"]] == [("no_water", False)]
    assert told["now"]["condition"] == "defective"
    told = hydrant.data("survey", "withdraw", "H1", "--reason", "slip", "--with-defects")
    assert (told["action"], told["defects"][0]["withdrawn"]) == ("unchanged", True)
    assert told["now"]["condition"] == "untested"
    assert hydrant.data("defect", "list")["defects"] == []
    (kept,) = hydrant.data("defect", "list", "--all")["defects"]
    assert kept["withdrawn_why"] == "slip"


def test_the_same_visit_can_be_recorded_again(hydrant: Program) -> None:
    at = f"{day(5)}T10:00"
    words = ("survey", "record", "H1", "--outcome", "works", "--by", "crew", "--at", at)
    hydrant.data(*words)
    hydrant.data("survey", "withdraw", "H1", "--reason", "slip")
    assert hydrant.data(*words)["action"] == "new"
    assert hydrant.data(*words)["action"] == "unchanged"
    assert counted(hydrant) == "intact"


def test_a_withdrawn_finding_counts_no_more(hydrant: Program) -> None:
    visit(hydrant, "works", 20)
    hydrant.data("defect", "open", "H1", "no_water", "--at", day(9))
    assert counted(hydrant) == "defective"
    told = hydrant.data("defect", "withdraw", "H1", "no_water", "--reason", "its neighbour")
    assert (told["action"], told["now"]["condition"]) == ("withdrawn", "intact")
    again = hydrant.data("defect", "withdraw", "H1", "no_water", "--reason", "its neighbour")
    assert again["action"] == "unchanged"
    assert hydrant("defect", "clear", "H1", "no_water").code == 3
    assert hydrant("defect", "edit", "H1", "no_water", "--note", "x").code == 3
    assert history(hydrant, "defect")[0]["values"]["withdrawn_why"] == "its neighbour"


def test_an_earlier_repair_is_not_taken_for_the_withdrawn_finding(hydrant: Program) -> None:
    hydrant.data("defect", "open", "H1", "leak", "--at", day(90))
    hydrant.data("defect", "clear", "H1", "leak", "--at", day(80))
    hydrant.data("defect", "open", "H1", "leak", "--at", day(5))
    for action in ("withdrawn", "unchanged"):
        told = hydrant.data("defect", "withdraw", "H1", "leak", "--reason", "slip")
        assert (told["action"], told["finding"]["found"]) == (action, day(5))


def test_a_withdrawn_removal_never_was(hydrant: Program) -> None:
    visit(hydrant, "works", 20)
    hydrant.data("asset", "retire", "H1", "--at", day(9))
    before = moment()
    assert counted(hydrant) is None
    told = hydrant.data("asset", "withdraw", "H1", "--event", "removed", "--reason", "other side")
    assert told["now"]["condition"] == "intact"
    assert hydrant.data("asset", "show", "H1")["lifecycle"] == "commissioned"
    assert counted(hydrant, "--known-at", before) is None
    again = hydrant.data("asset", "withdraw", "H1", "--event", "removed", "--reason", "other side")
    assert again["action"] == "unchanged"
    assert hydrant("asset", "withdraw", "H1", "--event", "suspended", "--reason", "x").code == 3


def test_an_event_that_happened_twice_is_named_by_its_day(hydrant: Program) -> None:
    for ago, event in ((90, "suspended"), (80, "resumed"), (20, "suspended"), (10, "resumed")):
        hydrant.data("asset", "event", "H1", event, "--at", day(ago))
    words = ("asset", "withdraw", "H1", "--event", "resumed", "--reason", "slip")
    assert hydrant(*words).code == 3
    told = hydrant.data(*words, "--at", day(10))
    assert told["now"]["condition"] == "defective"
    assert hydrant.data(*words, "--at", day(10))["action"] == "unchanged"


def test_the_number_before_a_withdrawn_one_holds_on(program: Program, tmp_path: Any) -> None:
    regions = tmp_path / "regions.csv"
    regions.write_text("code,name_en,level,parent_code\n339901,A,county,\n", "utf-8")
    program.data("region", "import", regions)
    for count, since in ((5, "2020-01-01"), (50, "2022-01-01"), (7, "2024-01-01")):
        program.data("require", "set", "339901", "hydrant", count, "--from", since)

    def required(as_of: str, *more: object) -> int:
        total = program.data("integrity", "--as-of", as_of, *more)["total"]
        return int(total["completeness"]["required"])

    before = moment()
    words = ("require", "withdraw", "339901", "hydrant", "--reason", "slip", "--from")
    assert program.data(*words, "2022-01-01")["now"] == 7
    assert [required(f"{year}-06-01") for year in (2021, 2023, 2025)] == [5, 5, 7]
    assert required("2023-06-01", "--known-at", before) == 50
    assert program.data(*words, "2022-01-01")["action"] == "unchanged"
    assert program.data(*words, "2024-01-01")["now"] == 5
    assert required("2025-06-01") == 5
    listed = program.data("require", "list")["requirements"]
    assert [(row["count"], row["until"]) for row in listed] == [(5, None)]
    everything = program.data("require", "list", "--all")["requirements"]
    assert sorted(row["count"] for row in everything if row["withdrawn_why"] == "slip") == [7, 50]
    assert "slip" in program("require", "list", "--all").out
    assert program(*words, "2019-01-01").code == 3


@pytest.mark.file_only
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(["works", "fails", "not_testable"]), st.integers(0, 2), st.booleans())
def test_withdrawing_and_recording_again_changes_no_figure(
    program: Program, outcomes: list[str], which: int, together: bool
) -> None:
    """What is withdrawn and recorded again counts as if nothing had happened, at any date."""
    renew(program.db)
    program.data("asset", "add", "H1", "--kind", "hydrant", "--lon", 120.1, "--lat", 30.1,
                 "--crs", "cgcs2000")  # fmt: skip
    ago = [400, 60, 60] if together else [400, 60, 5]
    uids = [visit(program, word, n) for word, n in zip(outcomes, ago, strict=True)]
    dates = [day(n) for n in (500, 399, 59, 0)]
    before = [counted(program, "--as-of", date) for date in dates]
    program.data("survey", "withdraw", "H1", "--visit", uids[which], "--reason", "slip")
    visit(program, outcomes[which], ago[which])
    assert [counted(program, "--as-of", date) for date in dates] == before


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_answer_says_what_it_counts_as(hydrant: Program, lang: str) -> None:
    visit(hydrant, "works", 5)
    out = hydrant("survey", "withdraw", "H1", "--reason", "误登", lang=lang).out
    assert "误登" in out
    assert {"zh": "未检测", "en": "untested"}[lang] in out
    assert "误登" in hydrant("asset", "history", "H1", lang=lang).out


#: Numbers of one kind by the day from which each holds, and when each of them ends.
NUMBERS = {"2020-01-01": (5, "2022-01-01"), "2022-01-01": (50, "2024-01-01"),
           "2024-01-01": (7, None)}  # fmt: skip


@pytest.mark.parametrize("order", list(itertools.permutations(NUMBERS)))
def test_numbers_may_be_stated_in_any_order_of_date(
    program: Program, tmp_path: Path, order: tuple[str, ...]
) -> None:
    regions = tmp_path / "regions.csv"
    regions.write_text("code,name_en,level,parent_code\n339901,A,county,\n", "utf-8")
    program.data("region", "import", regions)
    dates = ("2021-06-01", "2023-06-01", "2025-06-01")

    def required(*more: object) -> list[int]:
        totals = [program.data("integrity", "--as-of", day, *more)["total"] for day in dates]
        return [total["completeness"]["required"] for total in totals]

    said = []
    for since in order:
        said.append((moment(), required()))
        told = program.data("require", "set", "339901", "hydrant", NUMBERS[since][0],
                            "--from", since)  # fmt: skip
        known = [day for day in order[: order.index(since)] if day > since]
        assert told["until"] == min(known, default=None)
    assert required() == [5, 50, 7]
    listed = program.data("require", "list")["requirements"]
    assert {row["from"]: (row["count"], row["until"]) for row in listed} == NUMBERS
    for known_at, figures in said:
        assert required("--known-at", known_at) == figures
    for since in order:  # stated again each is what it was
        again = program.data("require", "set", "339901", "hydrant", NUMBERS[since][0],
                             "--from", since)  # fmt: skip
        assert again["action"] == "unchanged"
    program.data("require", "withdraw", "339901", "hydrant", "--from", "2022-01-01",
                 "--reason", "slip")  # fmt: skip
    assert required() == [5, 5, 7]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_earlier_number_says_when_it_ends(program: Program, tmp_path: Path, lang: str) -> None:
    regions = tmp_path / "regions.csv"
    regions.write_text("code,name_en,level,parent_code\n339901,A,county,\n", "utf-8")
    program.data("region", "import", regions)
    program.data("require", "set", "339901", "hydrant", 7, "--from", "2024-01-01")
    line = ("require", "set", "339901", "hydrant.pillar", 2, "--from", "2023-01-01")
    assert program(*line).code == 3  # both would hold from 2024 on
    ran = program("require", "set", "339901", "hydrant", 5, "--from", "2022-01-01", lang=lang)
    assert (ran.code, "2024-01-01" in ran.out) == (0, True)


def test_a_number_stated_again_for_one_day_is_not_lost(program: Program, tmp_path: Path) -> None:
    regions = tmp_path / "r.csv"
    regions.write_text("code,name_zh,name_en,level,parent_code\nC,县,C,county,\n", "utf-8")
    program.data("region", "import", regions)

    def required() -> int:
        return int(program.data("integrity")["total"]["completeness"]["required"])

    program.data("require", "set", "C", "hydrant", 10, "--from", "2021-01-01", "--document", "1/21")
    for count in (2, 3):
        ran = program("require", "set", "C", "hydrant", count, "--from", "2021-01-01")
        assert "replaces" in ran.out
        assert required() == count
    (one,) = program.data("require", "list")["requirements"]
    assert (one["count"], one["document"]) == (3, "1/21")
    assert len(program.data("require", "list", "--all")["requirements"]) == 3
    for left in (2, 10):
        program.data("require", "withdraw", "C", "hydrant", "--from", "2021-01-01",
                     "--reason", "meant another")  # fmt: skip
        assert required() == left
    again = program("require", "set", "C", "hydrant", 10, "--from", "2021-01-01", "--json")
    assert again.data["action"] == "unchanged"


def test_a_file_that_contradicts_itself_is_refused(program: Program, tmp_path: Path) -> None:
    regions, numbers = tmp_path / "r.csv", tmp_path / "n.csv"
    regions.write_text("code,name_zh,name_en,level,parent_code\nC,县,C,county,\n", "utf-8")
    program.data("region", "import", regions)
    head = "region,kind,count,from\n"
    numbers.write_text(
        f"{head}C,hydrant,7,2021-01-01\nC,tank,1,2021-01-01\nC,hydrant,1,2021-01-01\n"
    )
    for lang in ("en", "zh"):
        ran = program("require", "import", numbers, lang=lang)
        assert ran.code == 3
        assert "2" in ran.err
        assert "4" in ran.err
    assert program.data("require", "list")["requirements"] == []
    numbers.write_text(f"{head}C,hydrant,7,2021-01-01\nC,hydrant,7,2021-01-01\n", "utf-8")
    assert program.data("require", "import", numbers)["new"] == 1


# a repair taken back


def test_a_repair_of_the_wrong_hydrant_is_taken_back(hydrant: Program) -> None:
    visit(hydrant, "works", 40)
    hydrant.data("defect", "open", "H1", "no_water", "--severity", "blocking", "--at", day(30))
    hydrant.data("defect", "clear", "H1", "no_water", "--at", day(20), "--cost", 800, "--by", "Li")
    known = moment()
    told = hydrant.data("defect", "reopen", "H1", "no_water", "--reason", "the one beside it",
                        "--by", "Wang")  # fmt: skip
    assert (told["action"], told["now"]["condition"]) == ("reopened", "defective")
    assert [(one["cleared"], one["cost"]) for one in told["reopened"]] == [(day(20), 800.0)]
    # it was never repaired, at any date; what was known before counts the repair
    assert counted(hydrant, "--as-of", day(10)) == "defective"
    assert counted(hydrant) == "defective"
    figures = [
        hydrant.data("integrity", "--as-of", day(10), *more)["total"]["working_order"]["defective"]
        for more in ((), ("--known-at", known))
    ]
    assert figures == [1, 0]
    (line,) = history(hydrant, "reopened")
    assert line["by"] == "Wang"
    assert line["values"]["withdrawn_why"] == "the one beside it"
    assert (line["values"]["cleared_by"], line["values"]["cost"]) == ("Li", 800.0)
    assert history(hydrant, "cleared") == []
    (row,) = hydrant.data("defect", "list")["defects"]
    assert (row["cleared"], row["cost"]) == (None, None)
    assert hydrant("audit", "verify").code == 0
    for lang, words in (("zh", "撤回维修"), ("en", "repair taken back")):
        shown = hydrant("asset", "history", "H1", lang=lang).out
        assert words in shown
        assert "the one beside it" in shown


def test_one_repair_of_several_findings_is_taken_back_whole(hydrant: Program) -> None:
    for severity, ago in (("anomaly", 30), ("blocking", 25)):
        hydrant.data("defect", "open", "H1", "leak", "--severity", severity, "--at", day(ago))
    hydrant.data("defect", "clear", "H1", "leak", "--at", day(20))
    told = hydrant.data("defect", "reopen", "H1", "leak", "--reason", "x")
    assert len(told["reopened"]) == 2
    assert len(hydrant.data("defect", "list")["defects"]) == 2


def test_which_repair_is_meant_is_never_guessed(hydrant: Program) -> None:
    for found, cleared in ((40, 35), (30, 25)):
        hydrant.data("defect", "open", "H1", "leak", "--severity", "blocking", "--at", day(found))
        hydrant.data("defect", "clear", "H1", "leak", "--at", day(cleared))
    ran = hydrant("defect", "reopen", "H1", "leak", "--reason", "x")
    assert (ran.code, day(35) in ran.err, day(25) in ran.err) == (3, True, True)
    told = hydrant.data("defect", "reopen", "H1", "leak", "--reason", "x", "--at", day(35))
    assert [one["cleared"] for one in told["reopened"]] == [day(35)]
    told = hydrant.data("defect", "reopen", "H1", "leak", "--reason", "x")
    assert [one["cleared"] for one in told["reopened"]] == [day(25)]
    told = hydrant.data("defect", "reopen", "H1", "leak", "--reason", "x")
    assert (told["action"], told["reopened"]) == ("unchanged", [])


def test_a_cost_stated_before_the_repair_stays(hydrant: Program) -> None:
    hydrant.data("defect", "open", "H1", "leak", "--at", day(30))
    hydrant.data("defect", "edit", "H1", "leak", "--cost", 500)
    hydrant.data("defect", "clear", "H1", "leak", "--at", day(20), "--cost", 800)
    hydrant.data("defect", "reopen", "H1", "leak", "--reason", "x")
    (row,) = hydrant.data("defect", "list")["defects"]
    assert row["cost"] == 500.0


@pytest.mark.parametrize(
    "words",
    [("leak", "--reason", " "), ("nozzle", "--reason", "x"), ("leak", "--reason", "x", "--at",
     "2001-01-01")],
)  # fmt: skip
def test_what_cannot_be_reopened_is_refused(hydrant: Program, words: tuple[str, ...]) -> None:
    hydrant.data("defect", "open", "H1", "leak", "--at", day(30))
    hydrant.data("defect", "clear", "H1", "leak", "--at", day(20))
    ran = hydrant("defect", "reopen", "H1", *words)
    assert (ran.code, ran.err.count("\n")) == (3, 1)
    assert history(hydrant, "reopened") == []


# what is left when an event goes


def begun(program: Program, *words: object) -> None:
    program.data("asset", "add", "P1", "--kind", "hydrant", "--lon", 120.2, "--lat", 30.1, "--crs",
                 "cgcs2000", *words)  # fmt: skip


def existing(program: Program, on: str) -> int:
    found = program.data("integrity", "--as-of", on)
    return int(found["total"]["working_order"]["existing"])


@pytest.mark.parametrize(
    ("words", "event"), [(("--planned", day(300)), "planned"), (("--built", day(300)),
                         "commissioned")],
)  # fmt: skip
def test_the_only_thing_that_tells_of_a_beginning_does_not_go_without_a_word(
    program: Program, words: tuple[str, ...], event: str
) -> None:
    """An asset without any event exists since ever: a correction would have built it."""
    begun(program, *words)
    take = ("asset", "withdraw", "P1", "--event", event, "--reason", "another one")
    counts = [existing(program, on) for on in (day(400), day(0))]
    for lang in ("zh", "en"):
        ran = program(*take, lang=lang)
        assert (ran.code, ran.err.count("\n")) == (3, 1)
        assert "--since-ever" in ran.err
        assert day(300) in ran.err
    assert [existing(program, on) for on in (day(400), day(0))] == counts
    ran = program(*take, "--since-ever", "--json")
    assert (ran.code, ran.data["since_ever"]) == (0, True)
    assert "cli_asset_withdraw.ever" in [m["key"] for m in ran.json["messages"]]
    assert [existing(program, on) for on in (day(400), day(0))] == [1, 1]


@pytest.mark.parametrize("pressed_twice", [False, True])
def test_an_event_that_leaves_another_beginning_goes(program: Program, pressed_twice: bool) -> None:
    begun(program, "--planned", day(300))
    program.data("asset", "event", "P1", "commissioned", "--at", day(100))
    take = ("asset", "withdraw", "P1", "--event", "planned", "--reason", "x")
    told = program.data(*take)
    assert told["since_ever"] is False
    assert [existing(program, on) for on in (day(200), day(50))] == [0, 1]
    ran = program("asset", "withdraw", "P1", "--event", "commissioned", "--reason", "x")
    assert ran.code == 3
    if pressed_twice:  # then it says what was done, and does nothing
        assert program.data(*take)["action"] == "unchanged"


def test_events_that_tell_of_no_beginning_go(hydrant: Program) -> None:
    for event in ("suspended", "removed"):
        hydrant.data("asset", "event", "H1", event, "--at", day(10))
        told = hydrant.data("asset", "withdraw", "H1", "--event", event, "--reason", "x")
        assert told["since_ever"] is False
