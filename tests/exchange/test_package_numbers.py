"""Numbers that give way to those of the level below: what is told of it, and what holds again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from hydrant.messages import text
from hydrant.model.tables import Requirement
from hydrant.store.opened.registry import open_registry
from hydrant.store.opened.transactions import transaction
from hydrant.vocabulary import Language
from tests.conftest import Program
from tests.exchange.test_package import level
from tests.exchange.test_package_senders import COUNTY, TOWN, own_regions, senders, take_side

__all__ = ["level", "senders"]

Senders = tuple[Program, dict[str, Path], dict[str, Program]]
DAYS = ("2020-06-01", "2022-01-01", "2024-06-01")


def stated(above: Program) -> list[Any]:
    asked = [above.data("integrity", TOWN, "--as-of", day)["total"] for day in DAYS]
    return [one["completeness"] and one["completeness"]["required"] for one in asked]


def up(made: Program, above: Program, file: Path) -> Any:
    made.data("package", "make", file, "--region", COUNTY)
    return above.data("package", "take", file)


def require(made: Program, count: int, since: str) -> None:
    made.data("require", "set", TOWN, "hydrant", count, "--from", since)


def withdraw(made: Program, since: str) -> None:
    made.data("require", "withdraw", TOWN, "hydrant", "--from", since, "--reason", "wrong plan")


@pytest.mark.parametrize("since", ["2020-01-01", "2021-01-01"])
def test_a_number_that_gave_way_for_a_while_holds_again_without_the_other(
    senders: Senders, tmp_path: Path, since: str
) -> None:
    """Begun before the other, or on the very day of it; the other ends, it does not."""
    above, _, made = senders
    own_regions(above, tmp_path)
    require(above, 9, since)
    require(made["county"], 4, "2023-01-01")  # so its 3 of 2021 end
    up(made["county"], above, tmp_path / "a.hydrant.zip")
    take_side(above, "package")
    first = 9 if since < "2021" else 0
    assert stated(above) == [first, 3, 4]
    withdraw(made["county"], "2021-01-01")
    told = up(made["county"], above, tmp_path / "b.hydrant.zip")
    assert [row["action"] for row in told["rows"]].count("again") == 1
    assert stated(above) == [first, 9, 4]
    withdraw(made["county"], "2023-01-01")
    up(made["county"], above, tmp_path / "c.hydrant.zip")
    assert stated(above) == [first, 9, 9]
    assert above.data("db", "check")["faults"] == []


def longer(senders: Senders, folder: Path) -> Program:
    """A city whose number is to give way, on days on which the county's did not hold so far."""
    above, files, made = senders
    above.data("package", "take", files["county"])
    require(above, 9, "2021-01-01")  # in place of the county's 3, on its very day
    require(made["county"], 4, "2023-01-01")
    up(made["county"], above, folder / "a.hydrant.zip")
    return above


def test_a_decision_on_when_a_number_ends_says_what_it_does(
    senders: Senders, tmp_path: Path
) -> None:
    above = longer(senders, tmp_path)
    (ends,) = (
        one for one in above.data("survey", "conflicts")["conflicts"]
        if one["field"] == "valid_until"
    )  # fmt: skip
    done = above.data("survey", "conflicts", "resolve", ends["id"], "--take", "package")
    assert done["gave_way"] == [f"{TOWN}: 9 hydrant, 2021-01-01 … –"]
    required = {
        one["as_of"]: one["figures"]["completeness.required"] for one in done["figures_changed"]
    }
    assert required["2021-01-01"] == required["2022-12-31"] == {"before": 9, "after": 3}


@pytest.mark.parametrize("lang", Language)
def test_it_is_said_in_words(senders: Senders, tmp_path: Path, lang: Language) -> None:
    above = longer(senders, tmp_path)
    shown = above("survey", "conflicts", "resolve", "--all", "--take", "package", lang=lang).out
    number = f"{TOWN}: 9 hydrant, 2021-01-01 … –"
    assert text("cli_survey_conflicts.gave_way", lang, number=number) in shown
    assert "9 → 3" in shown
    assert "9 → 4" in shown


def test_what_a_sender_has_beside_the_package_is_said_before_it_is_taken(
    senders: Senders, tmp_path: Path
) -> None:
    _, _, made = senders
    file = tmp_path / "part.hydrant.zip"
    told = made["county"].data("package", "make", file, "--region", TOWN)
    assert told["beyond"]
    for lang in Language:
        said = text("cli_package.beyond", lang, count=told["beyond"])
        assert said in made["county"]("package", "check", file, lang=lang).out


@pytest.mark.parametrize(("since", "side"), [("2023-01-01", "package"), ("2021-01-01", "registry")])
def test_another_number_told_after_a_decision_is_a_question_again(
    senders: Senders, tmp_path: Path, since: str, side: str
) -> None:
    """The county states another one, of a later day or of the very same, and withdraws nothing."""
    above, _, made = senders
    own_regions(above, tmp_path)
    require(above, 9, "2020-01-01")
    up(made["county"], above, tmp_path / "a.hydrant.zip")
    take_side(above, "package")
    assert stated(above) == [9, 3, 3]
    require(made["county"], 1, since)
    told = up(made["county"], above, tmp_path / "b.hydrant.zip")
    assert [row["action"] for row in told["rows"]] == ["again", "conflict"]
    first = 3 if since > "2022" else 9
    assert stated(above) == [9, first, 9]
    for lang in Language:
        assert text("integrity.undecided", lang, count=1) in above("integrity", lang=lang).err
    take_side(above, side)
    assert stated(above) == [9, first, 9 if side == "registry" else 1]
    told = up(made["county"], above, tmp_path / "b.hydrant.zip")
    assert (told["conflict"], told["rows"]) == (0, [])  # decided until it says something else
    # the county takes its second number back: nobody decided that the first holds so long
    withdraw(made["county"], since)
    told = up(made["county"], above, tmp_path / "c.hydrant.zip")
    assert told["conflict"] == 1
    assert stated(above) == [9, first, 9]
    take_side(above, "package")
    assert stated(above) == [9, 3, 3]
    assert above.data("db", "check")["faults"] == []


def test_so_it_is_where_this_level_s_was_withdrawn_for_it(senders: Senders, tmp_path: Path) -> None:
    """Both levels' numbers are of one day."""
    above, _, made = senders
    own_regions(above, tmp_path)
    require(above, 9, "2021-01-01")
    up(made["county"], above, tmp_path / "a.hydrant.zip")
    take_side(above, "package")
    assert stated(above) == [0, 3, 3]
    for lang, words in (("en", "it gave way to"), ("zh", "让位于")):
        assert words in above("require", "list", "--all", lang=lang).out
    require(made["county"], 1, "2021-01-01")
    assert up(made["county"], above, tmp_path / "b.hydrant.zip")["conflict"] == 1
    assert stated(above) == [0, 9, 9]


def other_count(made: Program, count: int) -> None:
    """Let another program write another count into the row of a number."""
    with (
        open_registry(made.db, write=True) as registry,
        transaction(registry, actor="t", origin="t") as writer,
    ):
        (row,) = registry.session.exec(select(Requirement).where(Requirement.region_code == TOWN))
        writer.update(row, count=count)


def test_so_it_is_where_the_row_itself_says_otherwise(senders: Senders, tmp_path: Path) -> None:
    above, _, made = senders
    own_regions(above, tmp_path)
    require(above, 9, "2020-01-01")
    up(made["county"], above, tmp_path / "a.hydrant.zip")
    take_side(above, "package")
    other_count(made["county"], 1)
    assert up(made["county"], above, tmp_path / "b.hydrant.zip")["conflict"] == 1
    assert stated(above) == [9, 3, 3]


def test_what_is_told_otherwise_after_a_decision_against_it_is_a_question_again(
    senders: Senders, tmp_path: Path
) -> None:
    above, _, made = senders
    own_regions(above, tmp_path)
    require(above, 9, "2020-01-01")
    file = tmp_path / "a.hydrant.zip"
    up(made["county"], above, file)
    take_side(above, "registry")
    assert up(made["county"], above, file)["conflict"] == 0
    other_count(made["county"], 1)
    assert up(made["county"], above, file)["conflict"] == 1
    assert stated(above) == [9, 9, 9]


@pytest.mark.parametrize("first", ["earlier", "later"])
def test_a_number_that_gave_way_to_two_holds_again_whichever_was_decided_first(
    senders: Senders, tmp_path: Path, first: str
) -> None:
    above, _, made = senders
    own_regions(above, tmp_path)
    require(above, 9, "2021-01-01")  # the very day of the county's 3, which end in 2023
    made["county"].data("require", "end", TOWN, "hydrant", "--from", "2023-01-01")
    made["county"].data(
        "require", "set", TOWN, "hydrant", 2, "--from", "2023-01-01", "--service", "municipal"
    )
    up(made["county"], above, tmp_path / "a.hydrant.zip")
    waiting = above.data("survey", "conflicts")["conflicts"]
    (late,) = (one["id"] for one in waiting if "municipal" in str(one))
    (early,) = (one["id"] for one in waiting if one["id"] != late)
    for one in (early, late) if first == "earlier" else (late, early):
        above.data("survey", "conflicts", "resolve", one, "--take", "package")
    assert stated(above) == [0, 3, 2]
    made["county"].data("require", "withdraw", TOWN, "hydrant", "--from", "2023-01-01",
                        "--service", "municipal", "--reason", "wrong plan")  # fmt: skip
    told = up(made["county"], above, tmp_path / "b.hydrant.zip")
    assert [row["action"] for row in told["rows"]].count("again") == 1
    assert stated(above) == [0, 3, 9]
    assert above.data("db", "check")["faults"] == []


def test_a_number_that_came_back_and_was_ended_then_stays_ended(
    senders: Senders, tmp_path: Path
) -> None:
    above, _, made = senders
    own_regions(above, tmp_path)
    require(above, 9, "2021-01-01")
    up(made["county"], above, tmp_path / "a.hydrant.zip")
    take_side(above, "package")
    made["county"].data("require", "end", TOWN, "hydrant", "--from", "2022-06-01")
    up(made["county"], above, tmp_path / "b.hydrant.zip")
    assert stated(above) == [0, 3, 9]
    above.data("require", "end", TOWN, "hydrant", "--from", "2023-01-01")
    assert stated(above) == [0, 3, 0]
    require(made["county"], 4, "2023-06-01")
    up(made["county"], above, tmp_path / "c.hydrant.zip")
    if above.data("survey", "conflicts")["conflicts"]:
        take_side(above, "package")
    assert stated(above) == [0, 3, 4]
    withdraw(made["county"], "2023-06-01")
    up(made["county"], above, tmp_path / "d.hydrant.zip")
    assert stated(above) == [0, 3, 0]
    assert above.data("db", "check")["faults"] == []


def test_an_end_of_this_level_s_own_is_not_lost_with_a_number_of_the_level_below(
    senders: Senders, tmp_path: Path
) -> None:
    above, _, made = senders
    own_regions(above, tmp_path)
    require(above, 9, "2020-01-01")
    above.data(
        "require", "end", TOWN, "hydrant", "--from", "2021-01-01"
    )  # there the county's 3 begin
    up(made["county"], above, tmp_path / "a.hydrant.zip")
    assert stated(above) == [9, 3, 3]
    withdraw(made["county"], "2021-01-01")
    up(made["county"], above, tmp_path / "b.hydrant.zip")
    assert stated(above) == [9, 0, 0]
