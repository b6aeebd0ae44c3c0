"""120.0912 may be 120°09'12": where a whole column may be, nobody guesses."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path

import pytest

from hydrant.exchange.packed_degrees import may_be_packed, unpacked
from tests.conftest import Program
from tests.exchange.test_stranger import Answer, answer, table

__all__ = ["answer"]

HEAD = ("Nummer", "Bauart", "longitude", "latitude")
OURS = ("code", "kind", "lon", "lat")


def packed(degrees: int, count: int, *, seed: int = 1) -> list[str]:
    chance = random.Random(seed)
    return [
        f"{degrees}.{chance.randrange(60):02}{chance.randrange(60):02}{chance.randrange(100):02}"
        for _ in range(count)
    ]


def decimals(degrees: int, count: int, *, seed: int = 1) -> list[str]:
    chance = random.Random(seed)
    return [f"{degrees + chance.random():.6f}" for _ in range(count)]


def register(path: Path, head: tuple[str, ...], xs: list[str], ys: list[str]) -> Path:
    kind = "hydrant" if head == OURS else "Unterflur"
    rows = [(f"A{n}", kind, x, y) for n, (x, y) in enumerate(zip(xs, ys, strict=True))]
    return table(path, head, *rows)


@pytest.mark.parametrize(
    ("word", "lon"), [("packed", 16 + 9 / 60 + 12 / 3600), ("decimal", 16.0912)]
)
def test_what_degrees_are_is_asked_and_the_answer_holds_from_then_on(
    program: Program, answer: Answer, tmp_path: Path, word: str, lon: float
) -> None:
    xs, ys = ["16.0912", *packed(16, 9)], packed(47, 10, seed=2)
    file = register(tmp_path / "r.csv", HEAD, xs, ys)
    ran = answer(file, word, "y")
    assert ran.code == 0, ran
    assert tomllib.loads(file.with_suffix(".toml").read_text("utf-8"))["angles"] == word
    found = {a["code"]: a["lon"] for a in program.data("asset", "list")["assets"]}
    assert found["A0"] == pytest.approx(lon)
    again = program.data("import", file, "--mapping", file.with_suffix(".toml"))
    assert again["unchanged"] == 10


def test_many_that_look_so_are_refused_until_somebody_says(
    program: Program, tmp_path: Path
) -> None:
    file = register(tmp_path / "r.csv", OURS, packed(120, 80), packed(30, 80, seed=2))
    ran = program("import", file, "--crs", "cgcs2000", "--json")
    assert ran.code == 3
    assert "angles" in ran.json["messages"][0]["text"]
    mapping = tmp_path / "m.toml"
    for word in ("packed", "decimal"):
        mapping.write_text(
            f'angles = "{word}"\ncrs = "cgcs2000"\nsource = "{word}"\n'
            'position = {x="lon", y="lat"}\nfields = {code="code", kind="kind"}\n', "utf-8"
        )  # fmt: skip
        told = program.data("import", file, "--mapping", mapping, "--dry-run")
        assert told["new"] == 80


def test_decimal_degrees_are_no_question(program: Program, answer: Answer, tmp_path: Path) -> None:
    file = register(tmp_path / "r.csv", HEAD, decimals(16, 30), decimals(47, 30, seed=2))
    assert answer(file, "y").code == 0
    even = [f"{16 + n / 1000:.6f}" for n in range(200)]
    assert not may_be_packed([float(x) for x in even], [47.1] * 200)


@pytest.mark.parametrize(
    ("number", "degrees"),
    [(120.0912, 120 + 9 / 60 + 12 / 3600), (-75.5959, -(75 + 59 / 60 + 59 / 3600)), (30.0, 30.0),
     (8.30451234, 8 + 30 / 60 + 45.1234 / 3600), (0.0001, 1 / 3600)],
)  # fmt: skip
def test_an_angle_is_unpacked_to_its_last_digit(number: float, degrees: float) -> None:
    found, wrong = unpacked([number])
    assert found == pytest.approx([degrees], abs=1e-10)
    assert not wrong


@pytest.mark.parametrize("number", [120.60, 120.0060, 120.0999])
def test_what_is_no_angle_is_refused_by_row(
    program: Program, tmp_path: Path, number: float
) -> None:
    assert unpacked([1.0, number])[1] == [1]
    file = register(tmp_path / "r.csv", OURS, ["120.1", str(number)], ["30.1", "30.1"])
    mapping = tmp_path / "m.toml"
    mapping.write_text('angles = "packed"\ncrs = "cgcs2000"\nposition = {x="lon", y="lat"}\n'
                       'fields = {code="code", kind="kind"}\n', "utf-8")  # fmt: skip
    ran = program("import", file, "--mapping", mapping, "--json")
    assert [row["line"] for row in ran.data["rows"]] == [3]
