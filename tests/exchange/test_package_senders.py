"""One registry speaks for a region; what two levels state otherwise is decided by somebody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hydrant.ids import new_uid
from hydrant.model.books import ImportBatch
from hydrant.store.opened.registry import open_registry
from hydrant.store.opened.transactions import transaction
from tests.conftest import TWO_TOWNSHIPS, Program
from tests.exchange.test_package import Make, county, figures, level

__all__ = ["level"]

TOWN, COUNTY = "330199001", "330199"


def township(made: Program, folder: Path) -> Program:
    """A registry of its own for one township, of hydrants that the county registered too."""
    regions = folder / "t.csv"
    regions.write_text(TWO_TOWNSHIPS, "utf-8")
    made.data("region", "import", regions)
    for n, east in ((0, 120.1), (1, 120.12), (2, 120.14)):
        made.data("asset", "add", f"T{n}", "--kind", "hydrant.pillar", "--lon", east, "--lat",
                  30.2, "--crs", "cgcs2000", "--region", TOWN, "--built", "2020-01-01")  # fmt: skip
    made.data("survey", "record", "T0", "--outcome", "works")
    made.data("defect", "open", "T1", "no_water")
    made.data("require", "set", TOWN, "hydrant", 9, "--from", "2021-01-01")
    return made


@pytest.fixture
def senders(level: Make, tmp_path: Path) -> tuple[Program, dict[str, Path], dict[str, Program]]:
    """A city; the packages of a county and of a township within it, each of its own registry."""
    made = {"county": county(level("k"), tmp_path), "town": township(level("t"), tmp_path)}
    files = {name: tmp_path / f"{name}.hydrant.zip" for name in made}
    for name, region in (("county", COUNTY), ("town", TOWN)):
        made[name].data("package", "make", files[name], "--region", region)
    return level("city"), files, made


def plates(above: Program, *flags: str) -> list[str]:
    return sorted(one["code"] for one in above.data("asset", "list", *flags)["assets"])


def required(above: Program) -> Any:
    return above.data("integrity", TOWN)["total"]["completeness"]["required"]


def test_a_part_that_another_registry_hands_up_is_refused_until_somebody_decides(
    senders: tuple[Program, dict[str, Path], dict[str, Program]], tmp_path: Path
) -> None:
    above, files, made = senders
    above.data("package", "take", files["county"])
    before = figures(above)
    for lang, word in (("en", "another registry"), ("zh", "另一登记库")):
        ran = above("package", "take", files["town"], lang=lang)
        assert (ran.code, ran.err.count("\n")) == (3, 1)
        assert word in ran.err
        assert "--replace-sender" in ran.err
    assert figures(above) == before
    dry = above.data("package", "take", files["town"], "--replace-sender", "--dry-run")
    assert (dry["written"], figures(above)) == (False, before)
    above.data("package", "take", files["town"], "--replace-sender")
    assert (plates(above, "--region", TOWN), required(above)) == (["T0", "T1", "T2"], 9)
    assert plates(above) == ["H1", "H3", "T0", "T1", "T2"]
    assert above.data("db", "check")["faults"] == []
    # from now on the township speaks for itself, also when the county hands up again
    assert above.data("package", "take", files["town"])["written"] is False
    made["county"].data("defect", "open", "H1", "leak")
    later = tmp_path / "later.hydrant.zip"
    made["county"].data("package", "make", later, "--region", COUNTY)
    assert above.data("package", "take", later)["refused"] > 0
    assert (plates(above, "--region", TOWN), required(above)) == (["T0", "T1", "T2"], 9)
    for lang, word in (("en", "refused"), ("zh", "拒收")):
        assert word in above("integrity", TOWN, lang=lang).err
        assert word in above("integrity", COUNTY, lang=lang).err


def test_a_number_of_whom_another_replaces_is_no_matter_to_decide_any_more(
    senders: tuple[Program, dict[str, Path], dict[str, Program]], tmp_path: Path
) -> None:
    above, files, _ = senders
    own_regions(above, tmp_path)
    above.data("require", "set", TOWN, "hydrant", 5, "--from", "2020-01-01")
    above.data("package", "take", files["county"])
    above.data("package", "take", files["town"], "--replace-sender")
    (conflict,) = above.data("survey", "conflicts")["conflicts"]
    assert any(side.startswith(f"package:{TOWN}:") for side in conflict["sides"])
    take_side(above, "package")
    assert required(above) == 9
    assert above.data("db", "check")["faults"] == []


def test_a_whole_does_not_speak_for_a_part_that_another_handed_up(
    senders: tuple[Program, dict[str, Path], dict[str, Program]], tmp_path: Path
) -> None:
    above, files, made = senders
    above.data("package", "take", files["town"])
    assert above("integrity", TOWN).err == ""
    taken = above.data("package", "take", files["county"])
    assert taken["refused"] > 0
    assert plates(above) == ["H1", "H3", "T0", "T1", "T2"]
    assert required(above) == 9
    assert "refused" in above("integrity", TOWN).err
    page = tmp_path / "page.html"
    above.data("report", page, "--region", COUNTY)
    assert "refused" in page.read_text("utf-8")
    # the county is to speak for all of it again
    above.data("package", "take", files["county"], "--replace-sender")
    assert figures(above) == figures(made["county"])
    assert plates(above) == ["H0", "H1", "H2", "H3"]
    assert "refused" not in above("integrity", TOWN).err
    assert above("package", "take", files["town"]).code == 3


def test_whichever_comes_first_the_figures_are_those_of_who_speaks(
    senders: tuple[Program, dict[str, Path], dict[str, Program]], level: Make
) -> None:
    above, files, _ = senders
    other = level("city2")
    above.data("package", "take", files["county"])
    above.data("package", "take", files["town"], "--replace-sender")
    other.data("package", "take", files["town"])
    other.data("package", "take", files["county"])
    assert figures(above) == figures(other)
    for day in ("2020-06-01", "2023-01-01"):
        assert figures(above, "--as-of", day) == figures(other, "--as-of", day)


def test_a_registry_that_was_set_up_anew_does_not_count_its_assets_twice(
    senders: tuple[Program, dict[str, Path], dict[str, Program]], level: Make, tmp_path: Path
) -> None:
    above, files, _ = senders
    above.data("package", "take", files["county"])
    anew = county(level("anew"), tmp_path)
    file = tmp_path / "anew.hydrant.zip"
    anew.data("package", "make", file, "--region", COUNTY)
    assert above("package", "take", file).code == 3
    above.data("survey", "record", "H1", "--outcome", "works")  # the city's own visit
    taken = above.data("package", "take", file, "--replace-sender")
    assert taken["kept"] == 1  # what the city built on is not thrown away
    assert len(plates(above)) == 5
    assert above("package", "take", files["county"]).code == 3


def own_regions(above: Program, folder: Path, *, name: str = "") -> None:
    regions = folder / "up.csv"
    text = TWO_TOWNSHIPS
    if name:
        line = next(line for line in text.splitlines() if line.startswith(f"{TOWN},"))
        text = text.replace(line, line.replace(line.split(",")[1], name))
    regions.write_text(text, "utf-8")
    above.data("region", "import", regions)


def take_side(above: Program, word: str) -> Any:
    return above.data("survey", "conflicts", "resolve", "--all", "--take", word)["resolved"]


@pytest.mark.parametrize("side", ["package", "registry"])
def test_a_number_that_both_levels_state_is_listed_and_decided(
    senders: tuple[Program, dict[str, Path], dict[str, Program]], tmp_path: Path, side: str
) -> None:
    above, files, made = senders
    own_regions(above, tmp_path)
    above.data("require", "set", TOWN, "hydrant", 5, "--from", "2020-01-01")
    above.data("require", "set", TOWN, "hydrant", 6, "--from", "2024-01-01")
    assert above.data("package", "take", files["county"])["conflict"] == 1
    (conflict,) = above.data("survey", "conflicts")["conflicts"]
    assert (conflict["entity"], conflict["asset"]) == ("requirement", TOWN)
    shown = {word.split(":")[0]: text for word, text in conflict["sides"].items()}
    assert "5 hydrant" in shown["registry"]
    assert "6 hydrant" in shown["registry"]
    assert "3 hydrant, 2021-01-01" in shown["package"]
    for lang, word in (("en", "undecided"), ("zh", "尚未裁定")):
        assert word in above("integrity", TOWN, lang=lang).err
        assert above("survey", "conflicts", lang=lang).code == 0
    assert required(above) == 6
    assert len(take_side(above, side)) == 1
    assert required(above) == {"package": 3, "registry": 6}[side]
    assert above("integrity", TOWN).err == ""
    assert above.data("db", "check")["faults"] == []
    # it stays decided until the level below says something else
    made["county"].data("defect", "open", "H1", "leak")
    again = tmp_path / "again.hydrant.zip"
    made["county"].data("package", "make", again, "--region", COUNTY)
    assert above.data("package", "take", again)["conflict"] == 0
    made["county"].data("require", "withdraw", TOWN, "hydrant", "--from", "2021-01-01",
                        "--reason", "x")  # fmt: skip
    made["county"].data("require", "set", TOWN, "hydrant", 4, "--from", "2021-01-01")
    later = tmp_path / "later.hydrant.zip"
    made["county"].data("package", "make", later, "--region", COUNTY)
    taken = above.data("package", "take", later)
    # nobody decided for 4, whichever side was taken before
    assert (taken["conflict"], required(above)) == (1, 6)


def test_a_number_taken_from_below_leaves_this_level_s_the_other_days(
    senders: tuple[Program, dict[str, Path], dict[str, Program]], tmp_path: Path
) -> None:
    """The county's number of 2021 was replaced in 2023 by another: two spans, decided apart."""
    above, _, made = senders
    made["county"].data("require", "set", TOWN, "hydrant", 4, "--from", "2023-01-01")
    file = tmp_path / "two.hydrant.zip"
    made["county"].data("package", "make", file, "--region", COUNTY)
    own_regions(above, tmp_path)
    above.data("require", "set", TOWN, "hydrant", 9, "--from", "2020-01-01")
    assert above.data("package", "take", file)["conflict"] == 2
    for found in above.data("survey", "conflicts")["conflicts"]:
        early = any("3 hydrant" in str(text) for text in found["sides"].values())
        side = "package" if early else "base"
        above.data("survey", "conflicts", "resolve", found["id"], "--take", side)
    for day, number in (("2020-06-01", 9), ("2022-01-01", 3), ("2024-01-01", 9)):
        asked = above.data("integrity", TOWN, "--as-of", day)["total"]["completeness"]
        assert asked["required"] == number, day
    assert above.data("db", "check")["faults"] == []
    refused = above("survey", "conflicts", "resolve", "--all", "--take", "base")
    assert refused.code == 0  # nothing is left


def test_a_number_that_is_withdrawn_below_is_no_matter_to_decide_any_more(
    senders: tuple[Program, dict[str, Path], dict[str, Program]], tmp_path: Path
) -> None:
    above, files, made = senders
    own_regions(above, tmp_path)
    above.data("require", "set", TOWN, "hydrant", 5, "--from", "2020-01-01")
    above.data("package", "take", files["county"])
    made["county"].data("require", "withdraw", TOWN, "hydrant", "--from", "2021-01-01",
                        "--reason", "x")  # fmt: skip
    later = tmp_path / "later.hydrant.zip"
    made["county"].data("package", "make", later, "--region", COUNTY)
    assert above.data("package", "take", later)["conflict"] == 0
    assert above.data("survey", "conflicts")["conflicts"] == []
    assert required(above) == 5


@pytest.mark.parametrize("side", ["package", "base"])
def test_what_both_levels_say_of_a_region_is_listed_and_decided(
    senders: tuple[Program, dict[str, Path], dict[str, Program]], tmp_path: Path, side: str
) -> None:
    above, files, made = senders
    own_regions(above, tmp_path, name="别名镇")
    assert above.data("package", "take", files["county"])["conflict"] == 1
    (conflict,) = above.data("survey", "conflicts")["conflicts"]
    assert (conflict["entity"], conflict["asset"], conflict["field"]) == (
        "region", TOWN, "name_zh",
    )  # fmt: skip
    assert len(take_side(above, side)) == 1
    shown = {one["code"]: one["name_zh"] for one in above.data("region", "list")["regions"]}
    below = {
        one["code"]: one["name_zh"] for one in made["county"].data("region", "list")["regions"]
    }
    assert shown[TOWN] == {"package": below[TOWN], "base": "别名镇"}[side]
    made["county"].data("defect", "open", "H1", "leak")
    again = tmp_path / "again.hydrant.zip"
    made["county"].data("package", "make", again, "--region", COUNTY)
    assert above.data("package", "take", again)["conflict"] == 0


def test_what_both_changed_alike_in_the_end_is_no_matter_to_decide_any_more(
    senders: tuple[Program, dict[str, Path], dict[str, Program]], tmp_path: Path
) -> None:
    above, files, made = senders
    above.data("package", "take", files["county"])
    above.data("asset", "edit", "H1", "--owner", "市里")
    made["county"].data("asset", "edit", "H1", "--owner", "县里")
    for name, conflicts in (("b", 1), ("c", 0)):
        file = tmp_path / f"{name}.hydrant.zip"
        made["county"].data("package", "make", file, "--region", COUNTY)
        assert above.data("package", "take", file)["conflict"] == conflicts
        made["county"].data("asset", "edit", "H1", "--owner", "市里")
    assert above.data("survey", "conflicts")["conflicts"] == []


def test_rows_of_two_senders_that_an_earlier_version_took_are_found(
    senders: tuple[Program, dict[str, Path], dict[str, Program]],
) -> None:
    """As it stood then: both were taken, the county's rows stayed."""
    above, files, _ = senders
    above.data("package", "take", files["county"])
    with (
        open_registry(above.db, write=True) as opened,
        transaction(opened, actor="t", origin="t") as writer,
    ):
        told = json.dumps({"sequence": 5, "as_of": "2026-01-01", "log_head": "", "refused": 0})
        writer.add(
            ImportBatch(uid=new_uid(), source=f"package:{TOWN}:earlier-registry", file_name="x",
                        file_digest="0", mapping="package 2", columns="", counts=told)
        )  # fmt: skip
    found = above("db", "check", "--json").json["data"]["faults"]
    assert [fault["key"] for fault in found] == ["check.two_senders"]
    above.data("package", "take", files["town"], "--replace-sender")
    assert above.data("db", "check")["faults"] == []


def test_what_gave_way_to_a_number_of_the_level_below_holds_again_without_it(
    senders: tuple[Program, dict[str, Path], dict[str, Program]], tmp_path: Path
) -> None:
    """Numbers that ended where it began, and those that held only while it did."""
    above, files, made = senders
    own_regions(above, tmp_path)
    for count, since in ((5, "2020-01-01"), (6, "2024-01-01"), (7, "2025-01-01")):
        above.data("require", "set", TOWN, "hydrant", count, "--from", since)
    above.data("package", "take", files["county"])
    take_side(above, "package")
    days = ("2020-06-01", "2022-01-01", "2024-06-01", "2026-01-01")

    def stated() -> list[int]:
        asked = [above.data("integrity", TOWN, "--as-of", day)["total"] for day in days]
        return [one["completeness"]["required"] for one in asked]

    assert stated() == [5, 3, 3, 3]
    made["county"].data("require", "withdraw", TOWN, "hydrant", "--from", "2021-01-01",
                        "--reason", "x")  # fmt: skip
    file = tmp_path / "later.hydrant.zip"
    made["county"].data("package", "make", file, "--region", COUNTY)
    above.data("package", "take", file)
    assert stated() == [5, 5, 6, 7]
    assert above.data("db", "check")["faults"] == []
    above.data("package", "take", file)
    assert stated() == [5, 5, 6, 7]


def test_a_longer_number_that_is_taken_from_below_takes_the_place_of_this_level_s(
    senders: tuple[Program, dict[str, Path], dict[str, Program]], tmp_path: Path
) -> None:
    above, files, made = senders
    above.data("package", "take", files["county"])
    above.data("require", "set", TOWN, "hydrant", 9, "--from", "2021-01-01")  # in place of its 3
    made["county"].data("require", "set", TOWN, "hydrant", 4, "--from", "2023-01-01")
    file = tmp_path / "later.hydrant.zip"
    made["county"].data("package", "make", file, "--region", COUNTY)
    above.data("package", "take", file)
    shown = above("survey", "conflicts", lang="en").out
    assert "3 hydrant, 2021-01-01 … 2021-01-01" in shown
    assert "base: 2021-01-01" in shown
    assert "2023-01-01" in shown
    take_side(above, "package")
    asked = [above.data("integrity", TOWN, "--as-of", day)["total"]["completeness"]["required"]
             for day in ("2022-01-01", "2026-01-01")]  # fmt: skip
    assert asked == [3, 4]
    assert above.data("db", "check")["faults"] == []
