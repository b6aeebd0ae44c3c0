"""Rows of one key in one file: copies, several visits, and codes that are written alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Program
from tests.exchange.test_stranger import Answer, answer, table

__all__ = ["answer"]

HEAD = ("code", "kind", "lon", "lat", "crs", "outcome", "at", "address")


def row(code: str, lon: str = "120.11", outcome: str = "works", at: str = "2026-06-11",
        address: str = "") -> tuple[str, ...]:  # fmt: skip
    return code, "hydrant.pillar", lon, "30.2", "cgcs2000", outcome, at, address


ONE = row("B-1", "120.15")


def test_a_row_typed_twice_is_one_asset(program: Program, tmp_path: Path) -> None:
    file = table(tmp_path / "r.csv", HEAD, ONE, row("B-3"), row("B-3"), row(" B-3 "))
    data = program.data("import", file)
    assert (data["read"], data["new"], data["ignored"]) == (4, 2, 2)
    assert [one["line"] for one in data["named"]["copies"]] == [4, 5]
    again = program.data("import", file)
    assert (again["unchanged"], again["ignored"], again["missing"]) == (2, 2, 0)
    bad = row("B-3", outcome="fails", at="2026-07-11")
    later = program.data("import", table(tmp_path / "r.csv", HEAD, ONE, bad, bad))
    assert (later["updated"], later["missing"]) == (1, 0)
    assert program.data("explain", "B-3")["condition"] == "defective"
    assert "逐字" in program("import", file, "--dry-run", lang="zh").err


def test_rows_without_a_key_are_copies_too(program: Program, tmp_path: Path) -> None:
    file = table(tmp_path / "r.csv", HEAD, ONE, row(""), row(""), row("", address="门口"))
    data = program.data("import", file)
    assert (data["new"], data["ignored"]) == (3, 1)


def test_what_a_registry_tells_apart_stays_apart(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = table(tmp_path / "r.csv", HEAD, row("B-3"), row("B-3"), row("B-4"),
                 row("B-4", outcome="fails"))  # fmt: skip
    with monkeypatch.context() as before:  # as an earlier version took it in
        before.setattr("hydrant.exchange.matching.settle_repeated", lambda *_: None)
        assert program.data("import", file)["new"] == 4
    data = program.data("import", file)
    assert (data["unchanged"], data["refused"], data["missing"]) == (4, 0, 0)


def test_of_two_visits_in_one_file_the_later_one_is_the_row(
    program: Program, tmp_path: Path
) -> None:
    file = table(tmp_path / "r.csv", HEAD, ONE, row("B-3"),
                 row("B-3", "120.11", "fails", "2026-07-11"))  # fmt: skip
    ran = program("import", file, "--json")
    assert (ran.code, ran.data["refused"]) == (3, 1)
    assert [one["line"] for one in ran.data["rows"] if one["action"] == "refused"] == [3]
    assert "4" in ran.data["rows"][0]["reason"]
    data = program.data("import", file, "--skip-bad")
    assert program.data("explain", "B-3")["condition"] == "defective"
    side = program.data("import", Path(data["refused_file"]))
    assert (side["new"], side["updated"]) == (0, 1)
    assert program.data("explain", "B-3")["condition"] == "defective"
    assert program.data("import", file)["unchanged"] == 2


def test_two_states_of_one_day_are_refused(program: Program, tmp_path: Path) -> None:
    file = table(tmp_path / "r.csv", HEAD, ONE, row("B-3"), row("B-3", outcome="fails"))
    ran = program("import", file, "--json")
    assert (ran.code, ran.data["refused"]) == (3, 2)
    assert program("import", file, "--skip-bad", lang="zh").code == 0
    side = tmp_path / "r.refused.csv"
    assert program("import", side).code == 3
    assert len(program.data("asset", "list")["assets"]) == 1


@pytest.mark.parametrize(
    "other",
    [
        row("B-3", "120.2", "fails"),
        row("B-3", "120.11", "fails", address="另一处"),
        ("B-3", "tank.cistern", *row("B-3", outcome="fails")[2:]),
    ],
)
def test_what_differs_in_place_or_content_is_told_apart(
    program: Program, tmp_path: Path, other: tuple[str, ...]
) -> None:
    data = program.data("import", table(tmp_path / "r.csv", HEAD, row("B-3"), other))
    assert (data["new"], data["duplicates"]) == (2, 2)


@pytest.mark.parametrize(
    ("one", "other"), [("H-2", "h-2"), ("H-3", "H3"), ("H-4", "Ｈ-4"), ("12号", "12")]
)
def test_other_spellings_nearby_are_named(
    program: Program, tmp_path: Path, one: str, other: str
) -> None:
    file = table(tmp_path / "r.csv", HEAD, ONE, row(one), row(other, "120.1103"))
    data = program.data("import", file, "--dry-run")
    assert {told["code"] for told in data["named"]["spelled_alike"]} == {one, other}
    program.data("import", table(tmp_path / "a.csv", HEAD, row(one)))
    more = table(tmp_path / "b.csv", HEAD, row(other, "120.1103"))
    ran = program("import", more)
    assert f"{min(one, other)} – {max(one, other)}" in ran.err
    far = table(tmp_path / "c.csv", HEAD, row(other, "120.3"))
    assert "spelled_alike" not in program.data("import", far, "--source", "c")["named"]


def test_spellings_are_named_before_the_yes(tmp_path: Path, answer: Answer) -> None:
    head = ("水源编号", "类型", "高德经度", "高德纬度", "状态", "检查日期")
    plates = (("H-3", "120.151"), ("H3", "120.1511"), ("H-9", "120.2"))
    rows = [(one, "地上式消火栓", lon, "30.25", "完好", "2026-05-11") for one, lon in plates]
    ran = answer(table(tmp_path / "台账.csv", head, *rows), "n")
    assert "H-3 – H3" in ran.out + ran.err


def test_the_same_code_at_one_place_is_not_elsewhere(program: Program, tmp_path: Path) -> None:
    other = ("B-3", "tank.cistern", *row("B-3")[2:])
    ran = program("import", table(tmp_path / "r.csv", HEAD, row("B-3"), other))
    assert "elsewhere" not in ran.err
    assert "beside it" in ran.err
    for command in (("asset", "show"), ("explain",)):
        named = program(*command, "B-3")
        assert named.code == 3
        assert "pillar hydrant" in named.err
        assert "120.110000 30.200000" in named.err
    uid = program.data("asset", "list", "--kind", "tank")["assets"][0]["uid"]
    assert uid in named.err
    assert program("explain", uid).code == 0
