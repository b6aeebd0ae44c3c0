"""Every option that takes a date reads it as people write it; a new one has to join the list."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

import pytest

from hydrant.cli.main import COMMANDS, build
from tests.conftest import Program

_ADD = "asset add N --kind hydrant --lon 119.05 --lat 29.6 --crs cgcs2000"
#: A command line for each argument or option that takes a date, the date at {}.
LINES = {
    "asset add --built": f"{_ADD} --built {{}}",
    "asset add --planned": f"{_ADD} --planned {{}}",
    "asset edit --from": "asset edit H --set outlets=2 --from {}",
    "asset retire --at": "asset retire H --at {}",
    "asset event --at": "asset event H suspended --at {}",
    "asset withdraw --at": "asset withdraw H --event suspended --reason slip --at {}",
    "survey record --at": "survey record H --outcome works --at {}",
    "survey withdraw --at": "survey withdraw H --reason slip --at {}",
    "defect open --at": "defect open H leak --at {}",
    "defect open --due": "defect open H leak --due {}",
    "defect clear --at": "defect clear H damaged --at {}",
    "defect edit --found": "defect edit H damaged --found {}",
    "defect edit --due": "defect edit H damaged --due {}",
    "defect reopen --at": "defect reopen H buried --reason slip --at {}",
    "package make --as-of": "package make p.hydrant.zip --as-of {}",
    "require set --from": "require set 330199 hydrant 3 --from {}",
    "require withdraw --from": "require withdraw 330199 intake --reason slip --from {}",
    "require end --from": "require end 330199 tank --from {}",
    "require set --until": "require set 330199 hydrant 3 --from 2020-01-01 --until {}",
    "integrity --as-of": "integrity --as-of {}",
    "integrity --known-at": "integrity --known-at {}",
    "todo --as-of": "todo --as-of {}",
    "todo --known-at": "todo --known-at {}",
    "money --from": "money --from {}",
    "money --until": "money --until {}",
    "money --as-of": "money --as-of {}",
    "money --known-at": "money --known-at {}",
    "report --as-of": "report r.geojson --as-of {}",
    "report --known-at": "report r.geojson --known-at {}",
    "trend --from": "trend --every year --from {}",
    "trend --to": "trend --every year --from 2025-01-01 --to {}",
    "trend --known-at": "trend --every year --from 2025-01-01 --known-at {}",
    "compare FIRST": "compare {}",
    "compare SECOND": "compare 2025-01-01 {}",
    "compare --known-at": "compare 2025-01-01 --known-at {}",
    "explain --as-of": "explain H --as-of {}",
    "explain --known-at": "explain H --known-at {}",
    "coverage --as-of": "coverage --roads roads.csv --roads-crs cgcs2000 --as-of {}",
    "sensor add --from": "sensor add H --profile pushed --url push://one --unit 1 --from {}",
    "sensor remove --at": "sensor remove H --at {}",
    "sensor export --from": "sensor export s.gpkg --from {}",
    "sensor export --to": "sensor export s.gpkg --to {}",
    "region succeed --at": "region succeed 330199001 330199002 --at {}",
}


def taking_dates(path: str, command: Any) -> Iterator[str]:
    inner = getattr(command, "commands", {})
    for word, found in inner.items():
        yield from taking_dates(f"{path} {word}", found)
    for parameter in [] if inner else command.params:
        if parameter.metavar in ("DATE", "TIME", "DAY"):
            name = parameter.opts[0]
            yield f"{path} {name if name.startswith('-') else name.upper()}"


def test_the_list_names_all() -> None:
    root = build()
    found = {
        line
        for name in COMMANDS
        for line in taking_dates(name, root.get_command(None, name))  # type: ignore[arg-type]
    }
    assert found == set(LINES)


@pytest.fixture
def county(program: Program, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "regions.csv").write_text(
        "code,name_zh,name_en,level,parent_code\n330199,县,County,county,\n"
        "330199001,甲镇,A,township,330199\n330199002,乙镇,B,township,330199\n",
        encoding="utf-8",
    )
    (tmp_path / "roads.csv").write_text(
        'wkt\n"LINESTRING (119.05 29.6, 119.06 29.6)"\n', encoding="utf-8"
    )
    for line in (
        "region import regions.csv",
        "asset add H --kind hydrant --lon 119.05 --lat 29.6 --crs cgcs2000 --region 330199001"
        " --built 2020-01-01",
        "require set 330199 intake 2 --from 2025-06-01",
        "require set 330199 tank 2 --from 2025-01-01",
        "survey record H --outcome works --at 2025-06-01",
        "defect open H damaged --at 2025-05-01",
        "defect open H buried --at 2025-05-01",
        "defect clear H buried --at 2025-06-01",
        "asset event H suspended --at 2025-06-01",
        "asset event H resumed --at 2025-06-02",
        "sensor add H --profile pushed --url push://dev --unit 1 --from 2025-01-01",
    ):
        program.data(*shlex.split(line))
    return program


@pytest.mark.parametrize("name", LINES)
def test_it_reads_a_chinese_date_and_refuses_one_with_two_meanings(
    county: Program, name: str
) -> None:
    def words(day: str) -> list[str]:
        return [word.replace("{}", day) for word in shlex.split(LINES[name])]

    ran = county(*words("03/04/2025"), "--json")
    assert ran.code == 3
    (message,) = ran.json["messages"]
    assert message["key"] == "times.two_dates"
    assert "2025-04-03" in message["text"]
    assert "2025-03-04" in message["text"]
    ran = county(*words("2025年6月1日"), "--json")
    told = [message["key"] for message in ran.json["messages"]]
    # there is no reading to export, and nothing of this registry was known then
    assert ran.code == 0 or told == ["exchange.no_readings"] or name.endswith("--known-at"), ran
    assert not [key for key in told if key.startswith("times.")]
    assert "年" not in str(ran.json["data"])


def test_a_visit_of_yesterday_is_found_by_the_same_word(county: Program) -> None:
    county.data("survey", "record", "H", "--outcome", "fails", "--at", "昨天")
    taken = county.data("survey", "withdraw", "H", "--at", "yesterday", "--reason", "slip")
    assert taken["visit"]["outcome"] == "fails"
