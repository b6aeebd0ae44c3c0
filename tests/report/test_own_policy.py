"""A policy of one's own is told wherever a figure is, whatever it calls itself."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from hydrant.integrity.policy_reader import load_policy, policy_names
from hydrant.resources import resource
from tests.conftest import Program

OWN = """
name = "{name}"
version = "1"
extends = "zhejiang"
title = {{ zh = "浙江口径", en = "Zhejiang plan" }}
[checks.function]
demanded = true
within_days = 4000
source = "ours"
confidence = "confirmed"
"""


@pytest.fixture(params=["zhejiang", "ours"])
def own(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(OWN.format(name=request.param), "utf-8")
    return path


@pytest.fixture
def counted(program: Program) -> Program:
    program.data("asset", "add", "A", "--kind", "hydrant", "--lon", "120.1", "--lat", "30.1",
                 "--crs", "cgcs2000")  # fmt: skip
    program.data("survey", "record", "A", "--outcome", "works")
    return program


FIGURES = (
    ("integrity",),
    ("integrity", "--explain"),
    ("explain", "A"),
    ("todo",),
    ("trend", "--from", "2026-01-01", "--to", "2026-03-01"),
    ("compare", "2026-01-01", "2026-03-01"),
)


def keys(program: Program, *words: Any) -> list[str]:
    return [one["key"] for one in program(*words, "--json").json["messages"]]


@pytest.mark.parametrize("words", FIGURES, ids=" ".join)
def test_it_is_told_once_beside_figures(
    counted: Program, own: Path, words: tuple[str, ...]
) -> None:
    assert "policy.own" not in keys(counted, *words)
    assert keys(counted, *words, "--policy", own).count("policy.own") == 1
    digest = load_policy(str(own)).digest[:16]
    for lang, word in (("en", "own file"), ("zh", "自有文件")):
        ran = counted(*words, "--policy", own, lang=lang)
        assert ran.code == 0
        assert digest in ran.out + ran.err
        assert word in ran.out + ran.err


def test_it_is_told_in_every_file_of_figures(counted: Program, own: Path, tmp_path: Path) -> None:
    digest = load_policy(str(own)).digest[:16]
    for ending in ("html", "geojson", "xlsx"):
        for policy, tells in (("zhejiang", False), (own, True)):
            made = tmp_path / f"r.{ending}"
            assert counted("report", made, "--policy", policy).code == 0
            assert (digest in content(made)) is tells, ending


def content(path: Path) -> str:
    if path.suffix != ".xlsx":
        return path.read_text("utf-8")
    book = openpyxl.load_workbook(path)
    return "\n".join(
        str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row
    )


@pytest.mark.parametrize("name", policy_names())
def test_a_copy_of_a_shipped_policy_is_the_shipped_one(name: str, tmp_path: Path) -> None:
    copy = tmp_path / "carried.toml"
    shutil.copy(resource("data", "policies", f"{name}.toml"), copy)
    assert not load_policy(name).own
    assert not load_policy(str(copy)).own
    copy.write_text(copy.read_text("utf-8").replace('version = "', 'version = "9', 1), "utf-8")
    assert load_policy(str(copy)).own
