"""A word of form makes a hydrant only of what is called one, or of nothing else."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from pathlib import Path

import pytest
import regex

from hydrant.exchange.kind_words import kind_patterns
from hydrant.exchange.suggested_values import kind_values
from tests.conftest import Program
from tests.exchange.test_stated_kind import kml, placemark
from tests.exchange.test_stranger import table

#: What no hydrant is, and the kind of ours that it may be; none where it is left open.
OTHER = [
    ("地下式消防水池", "tank"), ("地上式消防水池", "tank"), ("地下式水池", "tank"),
    ("地下水池", "tank.cistern"), ("水池（地下式）", "tank"), ("化工厂地下式消防水池", "tank"),
    ("地上式取水口", "intake"), ("地上式水鹤", "crane"), ("地下式水井", "well"),
    ("地下式水泵接合器", ""), ("地上式消防水泵接合器", ""), ("墙壁式水泵接合器", ""),
    ("地下式阀门井", ""), ("地下式泵房", ""), ("地下式车库", ""), ("地下式井", ""),
    ("消火栓水池", ""), ("地下式消火栓水池", ""), ("消火栓、水池", ""), ("消火栓阀门", ""),
    ("Underground water tank", "tank"), ("Underground storage tank", "tank"),
    ("water tank, underground", "tank"), ("underground_tank", "tank"), ("Pillar tank", "tank"),
    ("Underground cistern", "tank.cistern"), ("Underground well", "well"),
    ("Underground reservoir", ""), ("Underground valve", ""), ("Underground parking", ""),
    ("Underground pump adapter", ""), ("Pillar box", ""), ("hydrant valve", ""),
    ("Underground tank hydrant", ""), ("Hydrant / cistern", ""),
    ("Unterflurtank", "tank"), ("Unterflurbehälter", "tank"), ("Überflurbehälter", "tank"),
    ("Unterflurzisterne", "tank.cistern"), ("Unterflurschieber", ""), ("Unterflurgarage", ""),
    ("阀门井", ""), ("水表井", ""), ("雨水井", ""), ("电缆井", ""), ("污水池", ""), ("油罐", ""),
    ("water meter pit", ""), ("dry well", ""), ("valve box", ""), ("hydrant pit", ""),
    ("Öltank", ""), ("Zierbrunnen", ""), ("bouche à clé", ""), ("bouche de lavage", ""),
    ("天井路地上式消火栓", "hydrant.pillar"), ("suction hydrant", "intake"),
    ("旱式消火栓", "intake"),
    ("bouche d'égout", ""), ("poteau électrique", ""), ("지하저수조", "tank.cistern"),
    ("подземный резервуар", "tank"), ("подземный переход", ""),
]  # fmt: skip
#: What is denied, or was changed into something else.
DENIED = ["非地上式", "不是地下式", "非消火栓", "地上式(已改地下)", "地上式改为地下式",
          "地上式消火栓改为水池", "not underground", "kein Hydrant", "nicht Unterflur",
          "Underground, not a hydrant", "pillar, replaced by tank",
          "地下式/地上式"]  # fmt: skip
HYDRANTS = [
    ("地上式", "pillar"), ("地上式消火栓", "pillar"), ("SS100地上式", "pillar"),
    ("SS100/65-1.0地上式", "pillar"), ("地上栓", "pillar"), ("室外地上式消火栓", "pillar"),
    ("地上式减压稳压消火栓", "pillar"), ("龙井路12号地上式消火栓", "pillar"),
    ("水池路地上式", "pillar"), ("地上式（水池旁）", "pillar"), ("停用地上式", "pillar"),
    ("地下式", "underground"), ("地下", "underground"), ("K-2地下式消火栓", "underground"),
    ("地下式単口消火栓", "underground"), ("消火栓（地下式）", "underground"),
    ("墙壁式消火栓", "wall"), ("wall hydrant", "wall"), ("Wandhydrant trocken", "wall"),
    ("underground", "underground"), ("Underground hydrant", "underground"),
    ("Underground DN100", "underground"), ("Hydrant, underground", "underground"),
    ("Underground hydrant near water tank", "underground"), ("underground_hydrant", "underground"),
    ("pillar hydrant", "pillar"), ("Fire hydrant (pillar)", "pillar"), ("dry barrel", "pillar"),
    ("Unterflur", "underground"), ("Unterflurhydrant", "underground"), ("UH", "underground"),
    ("Unterflur DN 80", "underground"), ("Überflurhydrant", "pillar"), ("Oberflur", "pillar"),
    ("poteau d'incendie", "pillar"), ("bouche incendie", "underground"),
    ("지하식 소화전", "underground"), ("지상식", "pillar"),
    ("подземный пожарный гидрант", "underground"), ("гидрант надземный", "pillar"),
]  # fmt: skip
MADE_OF = [*OTHER, *((word, "") for word in DENIED),
           *((word, f"hydrant.{form}") for word, form in HYDRANTS)]  # fmt: skip


@pytest.mark.parametrize("called_so", [True, False])
@pytest.mark.parametrize(("word", "kind"), MADE_OF)
def test_what_a_word_is_taken_for(word: str, kind: str, *, called_so: bool) -> None:
    patterns = kind_patterns(called_so=called_so)
    for cased in {word, word.lower()}:
        assert kind_values(Counter([cased]), patterns)[0] == {cased: kind}
    # a mapping has the same patterns, and looks with another library
    fitting = (meant for one, meant in patterns if regex.search(f"(?i){one}", word))
    assert next(fitting, "") == kind


@pytest.mark.parametrize(
    "place", ["水池路", "龙井街", "池塘旁", "城东路口", "非机动车道旁", "平原"]
)
def test_a_place_is_no_other_thing(place: str) -> None:
    words = [f"{place}地上式消火栓", f"{place}地上式"]
    found, _ = kind_values(Counter(words), kind_patterns(called_so=False))
    assert set(found.values()) == {"hydrant.pillar"}


def register(path: Path, kinds: list[str]) -> Path:
    rows = [(f"A{n}", one, f"16.{n + 100}", "47.1") for n, one in enumerate(kinds, start=1)]
    return table(path, ("Nummer", "Bauart", "longitude", "latitude"), *rows)


@pytest.mark.parametrize(("word", "kind"), [*OTHER[:10], *OTHER[20:40], *((w, "") for w in DENIED)])
def test_no_register_makes_a_hydrant_of_it(
    program: Program, tmp_path: Path, word: str, kind: str
) -> None:
    file = register(tmp_path / "r.csv", ["地上式消火栓", "Unterflurhydrant", "pillar", word])
    ran = program("import", file, "--crs", "wgs84", "--json")
    rules = tomllib.loads(Path(ran.data["mapping_file"]).read_text("utf-8"))
    assert rules["fields"]["kind"]["values"][word] == kind
    asked = [one for one in ran.data["questions"] if word in json.dumps(one, ensure_ascii=False)]
    assert bool(asked) is not bool(kind)


def test_a_later_delivery_is_held_to_the_same_patterns(program: Program, tmp_path: Path) -> None:
    names = [f"解放路{n}号{form}消火栓" for n in range(9) for form in ("地上式", "地下式")]
    first = program("import", register(tmp_path / "a.csv", names), "--crs", "wgs84", "--suggest")
    mapping = tmp_path / "rules.toml"
    mapping.write_text(first.out, "utf-8")
    assert "patterns" in tomllib.loads(mapping.read_text("utf-8"))["fields"]["kind"]
    more = ["化工厂地下式消防水池", "学校地下式水泵接合器", "村口地上式(已改地下)", "桥头非地上式"]
    later = register(tmp_path / "b.csv", [*names, *more])
    ran = program("import", later, "--mapping", mapping, "--skip-bad", "--json")
    assert (ran.data["new"], ran.data["refused"]) == (len(names) + 1, len(more) - 1)
    kinds = Counter(one["kind"] for one in program.data("asset", "list")["assets"])
    assert kinds == {"hydrant.pillar": 9, "hydrant.underground": 9, "tank": 1}


def test_placemarks_are_no_hydrants_by_a_word_of_form(program: Program, tmp_path: Path) -> None:
    names = ["解放路1号地上式消火栓", "解放路2号地下式消火栓", "桥头地上式", "化工厂地下式消防水池"]
    marks = "".join(placemark(one, n) for n, one in enumerate(names))
    made = program("import", kml(tmp_path / "t.kml", marks), "--crs", "wgs84", "--json")
    kind = tomllib.loads(Path(made.data["mapping_file"]).read_text("utf-8"))["fields"]["kind"]
    told = kind.get("patterns") or [(f"^{word}$", meant) for word, meant in kind["values"].items()]
    found = [next((m for p, m in told if regex.search(p, name)), "") for name in names]
    assert found == ["hydrant.pillar", "hydrant.underground", "hydrant.pillar", "tank"]
