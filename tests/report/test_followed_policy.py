"""A registry keeps what its policy said; a file changed since, or other shipped rules, are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hydrant.integrity import policy_reader
from hydrant.integrity.policy_reader import load_policy, policy_names
from hydrant.store.opened import kept_policy
from hydrant.store.opened.registry import open_registry
from hydrant.store.opened.transactions import transaction
from tests.conftest import Program
from tests.report.test_own_policy import FIGURES, OWN, content, keys
from tests.report.test_units_placed import units

CHANGED = ("policy.changed", "policy.changed_shipped")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(OWN.format(name="ours"), "utf-8")
    return path


@pytest.fixture
def counted(program: Program, own: Path, tmp_path: Path) -> Program:
    units(program, tmp_path, "code,name_zh,level,parent\nC1,甲县,county,\n")
    program.data("asset", "add", "A", "--kind", "hydrant", "--lon", "120.1", "--lat", "30.1",
                 "--crs", "cgcs2000", "--region", "C1")  # fmt: skip
    program.data("survey", "record", "A", "--outcome", "works", "--at", "2020-01-01")
    program.data("policy", "adopt", own, "--reason", "ours from now on")
    return program


def altered(path: Path) -> None:
    """The same file with milder rules, under a name of its own."""
    text = path.read_text("utf-8").replace("within_days = 4000", "within_days = 9000")
    path.write_text(text.replace('"ours"', '"others"', 1), "utf-8")


def said(program: Program, *words: Any) -> list[str]:
    return [key for key in keys(program, *words) if key in CHANGED]


@pytest.mark.parametrize("words", FIGURES, ids=" ".join)
def test_a_changed_file_is_told_until_it_is_taken_up(
    counted: Program, own: Path, words: tuple[str, ...]
) -> None:
    assert said(counted, *words) == []
    kept, digest = own.read_text("utf-8"), load_policy(str(own)).digest[:16]
    altered(own)
    assert said(counted, *words) == ["policy.changed"]
    for lang, word in (("en", "took it up"), ("zh", "采用时")):
        ran = counted(*words, lang=lang)
        assert word in ran.out + ran.err
        assert digest in ran.out + ran.err
    assert counted.data("policy", "kept")["text"] == kept
    counted.data("policy", "adopt", own, "--reason", "looked at")
    assert said(counted, *words) == []


def test_it_is_told_in_every_file_of_figures(counted: Program, own: Path, tmp_path: Path) -> None:
    digest = load_policy(str(own)).digest[:16]
    for altered_now in (False, True):
        if altered_now:
            altered(own)
        for ending in ("html", "geojson", "xlsx"):
            made = tmp_path / f"r.{ending}"
            assert counted("report", made).code == 0
            assert (digest in content(made)) is (altered_now or "own file" in content(made))
            assert ("took it up" in content(made)) is altered_now, ending


def test_another_policy_asked_for_by_name_is_no_change(counted: Program, own: Path) -> None:
    altered(own)
    assert said(counted, "integrity", "--policy", "gb") == []
    own.unlink()
    assert said(counted, "integrity", "--policy", "gb") == []
    assert counted("integrity", "--policy", own).code != 0


def health_of_policy(program: Program) -> str:
    checks = program("health", "--json").json["data"]["checks"]
    return str({check["name"]: check["state"] for check in checks}["policy"])


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_text("name = ", "utf-8")])
def test_figures_follow_what_is_kept_of_a_file_that_cannot_be_read(
    counted: Program, own: Path, tmp_path: Path, spoil: Any
) -> None:
    place = ("120.1", "30.1", "--crs", "cgcs2000")
    asked = [("integrity",), ("near", *place), ("todo",), ("explain", "A"), ("survey", "plan")]
    before = [counted.data(*words) for words in asked]
    for told in before:
        told.pop("computed_at", None)
    digest = load_policy(str(own)).digest[:16]
    assert health_of_policy(counted) == "ok"
    spoil(own)
    assert health_of_policy(counted) == "warning"
    for words, told in zip(asked, before, strict=True):
        now = counted.data(*words)
        assert {name: now[name] for name in told} == told
    for lang, word in (("en", "took up"), ("zh", "采用时")):
        ran = counted("integrity", lang=lang)
        assert (ran.code, digest in ran.out + ran.err, word in ran.out + ran.err) == (0, True, True)
    assert "policy.gone" in keys(counted, "integrity")
    # facts, too, are recorded by it, and a crew takes it along
    counted.data("survey", "record", "A", "--outcome", "fails", "--defect", "no_water")
    counted.data("survey", "pack", tmp_path / "crew.gpkg", "--crew", "1")
    own.write_text(OWN.format(name="ours"), "utf-8")
    assert "policy.gone" not in keys(counted, "integrity")


def test_nothing_is_followed_that_another_program_wrote_over(counted: Program, own: Path) -> None:
    own.unlink()
    for value in ("{}", "no JSON", '{"name": 1}'):
        with (
            open_registry(counted.db, write=True) as registry,
            transaction(registry, actor="t", origin="t"),
        ):
            registry.connection.execute(
                "UPDATE setting SET value = ? WHERE key LIKE 'policy_content.%'", (value,)
            )
        ran = counted("integrity")
        assert (ran.code, "Traceback" in ran.err) == (3, False)
        assert health_of_policy(counted) == "critical"


def test_other_rules_of_a_later_program_are_told(
    counted: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted.data("policy", "adopt", "zhejiang", "--reason", "back to the plan")
    assert said(counted, "integrity") == []
    shipped = policy_reader._POLICIES.content(policy_reader._POLICIES.shipped("zhejiang"))
    shipped["checks"]["function"]["within_days"] = 700
    later = policy_reader.policy_of(shipped | {"version": "9"}, "zhejiang.toml")
    for module in ("report.followed", "store.opened.kept_policy"):
        monkeypatch.setattr(f"hydrant.{module}.load_policy", lambda name: later)
    assert said(counted, "integrity") == ["policy.changed_shipped"]


def test_what_a_policy_does_to_figures_is_told_as_it_is_taken_up(counted: Program) -> None:
    found = counted.data("policy", "adopt", "zhejiang", "--reason", "the plan's year")
    assert found["former"]["name"] == "ours"
    (unit,) = found["figures_changed"]
    assert unit["region"] == "C1"
    assert unit["figures"]["working_order.percent"] == {"before": 100.0, "after": 0.0}
    ran = counted("policy", "adopt", "zhejiang", "--reason", " ", lang="zh")
    assert (ran.code, "--reason 为空" in ran.err) == (2, True)


def test_taking_a_policy_up_is_in_the_log_and_sealed(counted: Program) -> None:
    log = counted.data("audit", "log")["changes"]
    (kept,) = [one for one in log if one["entity_uid"] == kept_policy.KEPT]
    assert (kept["action"], json.loads(kept["after"])["reason"]) == ("insert", "ours from now on")
    assert counted("audit", "verify").code == 0
    assert counted("db", "check").code == 0


@pytest.mark.parametrize("written", ["{}", "no JSON", "[1]"])
def test_what_another_program_wrote_in_its_place_is_told(counted: Program, written: str) -> None:
    with (
        open_registry(counted.db, write=True) as registry,
        transaction(registry, actor="t", origin="t"),
    ):
        registry.connection.execute(
            "UPDATE setting SET value = ? WHERE key = ?", (written, kept_policy.KEPT)
        )
    assert said(counted, "integrity") == ["policy.changed"]
    assert counted("policy", "kept").code == 0


def test_what_an_earlier_version_made_kept_nothing(program: Program) -> None:
    ran = program("policy", "kept")
    assert ran.code != 0
    assert "policy adopt" in ran.err
    assert said(program, "integrity") == []


@pytest.mark.file_only
def test_a_new_registry_finds_its_policy_from_any_folder(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "new.gpkg"
    made = Program(path, capsys)
    monkeypatch.chdir(tmp_path)
    made.data("init", "--policy", own.name, "--no-regions")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert made.data("policy", "kept")["name"] == "ours"
    assert made.data("integrity")["policy"] == "ours 1"
    with open_registry(path) as registry:
        assert registry.policy == str(own)
    altered(own)
    assert said(made, "integrity") == ["policy.changed"]


@pytest.mark.file_only
def test_the_sample_keeps_its_policy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    demo = Program(tmp_path / "unused.gpkg", capsys).data("demo")
    made = Program(Path(demo["path"]), capsys)
    found = made.data("policy", "kept")
    assert (found["name"], found["text"]) == (found["policy"], None)
    assert found["digest"] == load_policy(found["policy"]).digest


def test_a_saved_figure_comes_out_again_whatever_became_of_its_policy(
    counted: Program, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.toml"
    other.write_text(OWN.format(name="other").replace("4000", "30"), "utf-8")
    for policy in ((), ("--policy", other), ("--policy", other), ("--policy", "gb")):
        counted.data("integrity", "--save", *policy)
    altered(own)
    other.unlink()
    monkeypatch.setattr(policy_reader, "_shipped_digests", dict)
    shipped = {"zhejiang": "gb", "gb": "zhejiang"}  # what it ships now says otherwise
    monkeypatch.setattr(
        "hydrant.report.assessment.load_policy",
        lambda name: load_policy(shipped.get(str(name), str(name))),
    )
    found = counted("assessment", "verify", "--json").json["data"]
    states = [one["state"] for one in found["assessments"]]  # the newest first
    assert states == ["policy_changed", "equal", "equal", "equal"]
    assert counted("audit", "verify").code == 0


def test_a_kept_policy_is_the_policy() -> None:
    for name in policy_names():
        policy = load_policy(name)
        kept = policy_reader.policy_of_content(policy.content)
        assert (kept.digest, kept.rules, kept.title) == (policy.digest, policy.rules, policy.title)
        assert kept.targets == policy.targets
