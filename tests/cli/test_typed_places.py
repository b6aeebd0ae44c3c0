"""A place is taken as it is pasted wherever one is given, and named where it is the wrong way."""

from __future__ import annotations

import io
import sys

import pytest

from tests.conftest import Program

pytestmark = pytest.mark.file_only
#: Every way to the same place, and whether it states its datum itself.
SAME = (
    *("119.04,29.6", "119.04，29.6", "geo:29.6,119.04", "29.6N 119.04E"),
    *("北纬29.6 东经119.04", "geo:29.6,119.04;crs=wgs84"),
)
#: Commands that take a place, with what answers to it.
ASKING = {
    "near": ("near", "{}"),
    "supply": ("supply", "{}", "--flow", "5"),
    "plan": ("survey", "plan", "--near", "{}"),
}


@pytest.fixture
def county(program: Program) -> Program:
    program.data("asset", "add", "H", "--kind", "hydrant", "--crs", "wgs84", "--place", SAME[0])
    program.data(
        "asset", "add", "FAR", "--kind", "hydrant", "--crs", "wgs84", "--place", "120.0,30.0"
    )
    program.data("survey", "record", "H", "--outcome", "works", "--flow-l-s", 20,
                 "--static-kpa", 400, "--residual-kpa", 250)  # fmt: skip
    return program


def words(name: str, place: str) -> list[str]:
    return [word.replace("{}", place) for word in ASKING[name]]


@pytest.mark.parametrize("name", ASKING)
def test_every_spelling_is_answered_alike(county: Program, name: str) -> None:
    answers = [county(*words(name, place), "--crs", "wgs84", "--json") for place in SAME]
    assert {ran.code for ran in answers} <= {0, 1}  # too little water is an answer
    assert all(ran.data == answers[0].data for ran in answers)
    assert "'H'" in str(answers[0].data) or "'FAR'" in str(answers[0].data)  # it is due


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", ASKING)
def test_the_wrong_way_round_is_named_and_nothing_answered(
    county: Program, name: str, lang: str
) -> None:
    for place in ("29.6,119.04", "geo:119.04,29.6"):
        ran = county(*words(name, place), lang=lang)
        assert (ran.code, ran.out) == (3, "")
        assert "119.04,29.6" in ran.err


@pytest.mark.parametrize("name", ASKING)
def test_what_is_no_place_or_states_two_datums_is_a_wrong_command_line(
    county: Program, name: str
) -> None:
    assert county(*words(name, "119.04")).code == 2
    assert county(*words(name, "the bridge")).code == 2
    ran = county(*words(name, "geo:29.6,119.04;crs=wgs84"), "--crs", "gcj02")
    assert ran.code == 2
    assert "gcj02" in ran.err


@pytest.mark.parametrize("name", ASKING)
def test_a_link_without_a_datum_is_doubted_in_china_as_any_pair(county: Program, name: str) -> None:
    said = {}
    for place in SAME:
        messages = county(*words(name, place), "--json").json["messages"]
        said[place] = "cli_near.assumed_china" in {message["key"] for message in messages}
    assert [place for place, doubted in said.items() if not doubted] == [SAME[-1]]


def test_two_words_as_a_shell_splits_them(county: Program) -> None:
    one = county.data("near", "119.04,29.6", "--crs", "gcj02")
    for pair in (
        ("119.04", "29.6"),
        ("119.04,", "29.6"),
        ("119.04，", "29.6"),
        ("１１９．０４", "29.6"),
    ):
        assert county.data("near", *pair, "--crs", "gcj02") == one


def test_an_order_that_may_be_wrong_is_doubted(county: Program) -> None:
    told = county("near", 43.8, 87.6, "--crs", "wgs84", "--json").json["messages"]
    assert [message["key"] for message in told] == ["cli_places.turned"]
    assert not county("near", 87.6, 43.8, "--crs", "wgs84", "--json").json["messages"]


def test_an_asset_is_placed_and_moved_by_what_was_pasted(county: Program) -> None:
    for number, place in enumerate(SAME):
        added = county.data("asset", "add", f"N{number}", "--kind", "well", "--place", place,
                            "--crs", "wgs84")["asset"]  # fmt: skip
        assert (added["lon"], added["lat"]) == (119.04, 29.6)
    edited = county.data("asset", "edit", "FAR", "--place", SAME[-1])["asset"]
    assert (edited["lon"], edited["lat"]) == (119.04, 29.6)
    # a pair inside China needs its datum, a link that says none too
    for place in SAME[:-1]:
        ran = county("asset", "add", "X", "--kind", "well", "--place", place, "--json")
        assert (ran.code, ran.json["messages"][0]["key"]) == (3, "geo.no_datum")
    twice = county(
        "asset", "add", "X", "--kind", "well", "--place", SAME[0], "--lon", 1, "--lat", 2
    )
    assert twice.code == 2


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_round_takes_it_for_a_new_asset(
    county: Program, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    lines = ["+", "N-1", "well", "29.7,119.05", "geo:29.7,119.05;crs=nowhere",
             "geo:29.7,119.05;crs=wgs84", "1", "", "", "q"]  # fmt: skip
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
    county("survey", "round", "--by", "一班", lang=lang)
    added = county.data("asset", "show", "N-1")["asset"]
    assert (added["lon"], added["lat"], added["orig_crs"]) == (119.05, 29.7, "wgs84")
