"""Rows that sum others up are no assets; of two pairs of coordinates none is picked by guess."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import Program
from tests.exchange.test_ended_rows import OURS
from tests.exchange.test_stranger import Answer, answer, table

__all__ = ["answer"]

ROWS = (("A1", "hydrant", "16.11", "47.1", "100"), ("A2", "hydrant", "16.12", "47.1", "150"))
HEAD = (*OURS, "mains_dn_mm")


@pytest.mark.parametrize(
    "row",
    [
        ("合计", "", "", "", "250"),
        ("合计：2处", "", "", "", ""),
        ("平均值", "", "16.115", "47.1", "125"),
        ("小计", "", "", "", "250 mm"),
        ("Total: 2", "", "", "", ""),
        ("Average", "", "16.115", "47.1", "125.0"),
        ("SUM", "", "32.23", "94.2", "#DIV/0!"),
        ("", "总计 2", "", "", ""),
        ("итого", "", "", "", "250"),
    ],
)
def test_a_row_that_sums_up_is_left_out_and_named(
    program: Program, tmp_path: Path, row: Sequence[str]
) -> None:
    file = table(tmp_path / "r.csv", HEAD, *ROWS, row)
    data = program.data("import", file, "--crs", "wgs84")
    assert (data["read"], data["new"], data["refused"], data["ignored"]) == (3, 2, 0, 1)
    assert [one["line"] for one in data["named"]["summaries"]] == [4]
    assert data["rows"][0]["action"] == "ignored"


@pytest.mark.parametrize(
    "row",
    [
        ("Total 5", "hydrant", "16.13", "47.1", "100"),  # somebody's number
        ("合计路3号", "hydrant", "16.13", "47.1", ""),
        ("Meantown", "hydrant", "16.13", "47.1", "100"),
    ],
)
def test_an_asset_whose_number_looks_like_it_is_taken(
    program: Program, tmp_path: Path, row: Sequence[str]
) -> None:
    file = table(tmp_path / "r.csv", HEAD, *ROWS, row)
    data = program.data("import", file, "--crs", "wgs84")
    assert (data["new"], data["named"]) == (3, {})


TOWN = ("Nummer", "Bauart")
PAIRS = [
    (("longitude", "latitude", "longitude", "latitude"), ("16.2", "47.2", "16.9", "47.2")),
    (("lon", "lat", "经度", "纬度"), ("16.2", "47.2", "16.205", "47.2")),
    (("Länge", "Breite", "lon", "lat"), ("16.2", "47.2", "16.2", "47.3")),
    (("longitude", "latitude", "longitude"), ("16.2", "47.2", "16.9")),
]


@pytest.mark.parametrize(("head", "cells"), PAIRS)
@pytest.mark.parametrize("place", [1, 2, None])
def test_which_pair_of_coordinates_holds_is_asked(
    program: Program, answer: Answer, tmp_path: Path, head: Sequence[str], cells: Sequence[str],
    place: int | None,
) -> None:  # fmt: skip
    same = (*cells[:2], *cells[:2])[: len(cells)]
    file = table(
        tmp_path / "r.csv", (*TOWN, *head), ("A1", "Unterflur", *same), ("A2", "Unterflur", *cells)
    )
    typed = ["-"] if place is None else [str(place), "y"]
    ran = answer(file, *typed)
    if place is None:
        assert ran.code == 3
        assert program.data("asset", "list")["assets"] == []
        return
    assert ran.code == 0, ran
    taken = tomllib.loads(file.with_suffix(".toml").read_text("utf-8"))["position"]
    found = {a["code"]: (a["lon"], a["lat"]) for a in program.data("asset", "list")["assets"]}
    named = list(dict.fromkeys(_unique(head)))
    columns = dict(zip(named, cells, strict=True))
    assert found["A2"] == pytest.approx((float(columns[taken["x"]]), float(columns[taken["y"]])))


def _unique(head: Sequence[str]) -> list[str]:
    made: list[str] = []
    for name in head:
        made.append(f"{name}_" if name in made else name)
    return made


@pytest.mark.parametrize(("head", "cells"), PAIRS)
def test_without_an_answer_no_pair_is_taken(
    program: Program, tmp_path: Path, head: Sequence[str], cells: Sequence[str]
) -> None:
    file = table(tmp_path / "r.csv", (*TOWN, *head), ("A2", "Unterflur", *cells))
    ran = program("import", file, "--json")
    assert ran.code == 3
    assert "rival" in [question["topic"] for question in ran.json["data"]["questions"]]
    assert (
        "position" not in tomllib.loads(file.with_suffix(".toml").read_text("utf-8"))
        or not (tomllib.loads(file.with_suffix(".toml").read_text("utf-8"))["position"])
    )


@pytest.mark.parametrize("more", [("lon", "lat"), ("经度", "纬度"), ("Longitude", "Latitude")])
def test_in_a_file_with_our_own_headings_rows_of_two_places_are_refused(
    program: Program, tmp_path: Path, more: tuple[str, str]
) -> None:
    file = table(
        tmp_path / "r.csv", (*OURS, *more),
        ("A1", "hydrant", "16.1", "47.1", "16.1", "47.1"),
        ("A2", "hydrant", "16.2", "47.2", "16.9", "47.2"),
        ("A3", "hydrant", "16.3", "47.3", "", "0"),
    )  # fmt: skip
    ran = program("import", file, "--crs", "wgs84", "--json")
    assert (ran.code, ran.data["refused"]) == (3, 1)
    assert (ran.data["rows"][0]["line"], "16.9" in ran.data["rows"][0]["reason"]) == (3, True)


def test_a_column_that_only_looks_like_an_axis_is_no_second_pair(
    program: Program, tmp_path: Path
) -> None:
    file = table(
        tmp_path / "r.csv", (*OURS, "N"), ("A1", "hydrant", "16.1", "47.1", "1"),
        ("A2", "hydrant", "16.2", "47.2", "2"),
    )  # fmt: skip
    assert program.data("import", file, "--crs", "wgs84")["new"] == 2


def test_under_a_mapping_rows_of_two_places_are_named(program: Program, tmp_path: Path) -> None:
    file = table(
        tmp_path / "r.csv", (*OURS, "lon", "lat"),
        ("A1", "hydrant", "509600", "3342000", "509600", "3342000"),
        ("A2", "hydrant", "509700", "3342000", "519700", "3342000"),
    )  # fmt: skip
    mapping = tmp_path / "m.toml"
    mapping.write_text('position = {x="lon", y="lat"}\nfields = {code="code", kind="kind"}\n'
                       'crs="EPSG:4549"\n', "utf-8")  # fmt: skip
    data = program.data("import", file, "--mapping", mapping)
    assert (data["new"], data["misplaced"]) == (2, 1)
    assert "10000 m" in data["rows"][0]["reason"]
