"""Words of closed sets go by their names in both languages; a region goes either way."""

from __future__ import annotations

from pathlib import Path

import pytest

from hydrant.close_words import folded
from hydrant.messages import label, meanings
from hydrant.vocabulary import KINDS, Language, Outcome, Service, Severity
from tests.conftest import TWO_TOWNSHIPS, Program

pytestmark = pytest.mark.file_only


@pytest.fixture
def county(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "regions.csv").write_text(TWO_TOWNSHIPS, encoding="utf-8")
    program.data("region", "import", "regions.csv")
    for number, region in enumerate(("330199001", "330199002", "330199002")):
        program.data("asset", "add", f"H{number}", "--kind", "hydrant.pillar", "--crs", "wgs84",
                     "--lon", 119 + number / 100, "--lat", 29.6, "--region", region,
                     "--built", "2020-01-01")  # fmt: skip
    return program


def test_every_name_of_a_kind_means_that_kind_alone() -> None:
    meant = meanings(KINDS, "kind")
    for kind in KINDS:
        for lang in Language:
            same = [one for one in KINDS if label("kind", one, lang) == label("kind", kind, lang)]
            assert len(same) > 1 or meant[folded(label("kind", kind, lang))] == kind
        assert meant[kind] == kind


@pytest.mark.parametrize("lang", list(Language))
@pytest.mark.parametrize("kind", ["hydrant", "hydrant.pillar", "intake.river"])
def test_a_kind_by_its_name(county: Program, kind: str, lang: Language) -> None:
    name = label("kind", kind, lang)
    by_word = county.data("asset", "list", "--kind", kind)
    assert county.data("asset", "list", "--kind", name) == by_word
    asked = county.data("require", "set", "330199001", name, 3, "--from", "2025-01-01")
    assert asked["kind"] == kind


@pytest.mark.parametrize("lang", list(Language))
def test_outcomes_severities_and_services_by_their_names(county: Program, lang: Language) -> None:
    for outcome in Outcome:
        county.data("survey", "record", "H0", "--outcome", label("outcome", outcome, lang))
    history = county.data("asset", "history", "H0")["history"]
    seen = [fact["values"]["outcome"] for fact in history if fact["fact"] == "inspection"]
    assert seen == list(Outcome)
    for severity in Severity:
        county.data("defect", "open", "H1", "leak", "--severity", label("severity", severity, lang))
    found = {row["severity"] for row in county.data("defect", "list")["defects"]}
    assert found == set(Severity)
    for number, service in enumerate(Service):
        added = county.data("asset", "add", f"S{lang}{number}", "--kind", "well", "--crs", "wgs84",
                            "--lon", 119.5, "--lat", 29.7, "--service",
                            label("service", service, lang))  # fmt: skip
        assert added["asset"]["service"] == service


#: Commands about one region, without it.
OF_A_REGION = (
    *(("integrity",), ("todo",), ("money",), ("trend", "--from", "2025-01-01", "--every", "year")),
    *(("require", "list"), ("region", "list"), ("asset", "list"), ("defect", "list")),
    *(("survey", "plan"), ("duplicates", "list"), ("export", "out.csv"), ("report", "out.geojson")),
    *(("survey", "form", "form.xlsx"), ("package", "make", "p.hydrant.zip")),
)


@pytest.mark.parametrize("words", OF_A_REGION, ids=" ".join)
def test_a_region_goes_as_an_argument_and_as_an_option(
    county: Program, tmp_path: Path, words: tuple[str, ...]
) -> None:
    def answer(*region: str) -> object:
        for made in tmp_path.glob("[ofp]*.*"):
            made.unlink()
        data = county.data(*words, *region)
        # when it was made, and what follows from that, is another each time
        return {name: value for name, value in data.items() if name not in ("digest", "made_at")}

    whole, one = answer(), answer("330199001")
    assert one == answer("--region", "330199001") == answer("--region=330199001")
    assert one == answer("甲镇") or "package" in words
    assert one != whole or words[0] in (
        "money",
        "duplicates",
        "defect",
        "require",
        "todo",
        "survey",
    )


def test_a_region_as_an_option_stands_anywhere(county: Program) -> None:
    told = county.data("require", "set", "hydrant", 3, "--region", "甲镇", "--from", "2025-01-01")
    assert (told["region"], told["kind"], told["count"]) == ("330199001", "hydrant", 3)


def test_one_word_too_many_is_refused_where_it_is_no_region(county: Program) -> None:
    assert county("report", "a.html", "b.html").code == 2
    assert county("asset", "list", "330199001", "330199002").code == 2
    assert county("asset", "list", "330199001", "--region", "330199002").code == 2
    assert county("asset", "list", "丙镇").code == 3
