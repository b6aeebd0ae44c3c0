"""Every word of a vocabulary is known wherever it has to be; each test lists what misses one.

What follows from a word is derived where the word is declared (`hydrant.vocabulary`), so only
choices are left to be made elsewhere: a name, a symbol, a check, a limit. For each addition
docs/explanation/additions.md says where it goes; these tests say what was forgotten.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

import hydrant
from hydrant import vocabulary as words
from hydrant.cli.report import FORMS as REPORT_FORMS
from hydrant.errors import InputRefused
from hydrant.exchange import far_off, reading_export
from hydrant.exchange.exporting import forms
from hydrant.exchange.readers import read_table
from hydrant.integrity.policy import ALARMS, PACED
from hydrant.integrity.policy_reader import policy_names
from hydrant.model.inputs import AssetInput, InspectionInput
from hydrant.model.tables import AssetColumns
from hydrant.resources import resource
from hydrant.store.sql import public_columns, qgis_style
from hydrant.survey.form import load_form
from hydrant.telemetry import alarm, watch, wire
from hydrant.telemetry.endpoint import TRANSPORTS, parse
from hydrant.telemetry.evaluate import PLAUSIBLE
from hydrant.telemetry.profile_reader import profile_names
from hydrant.units import QUANTITY_UNIT, turns_into
from tests.test_messages import KEYS

PACKAGE = Path(hydrant.__file__).parent
DOCS = Path(__file__).parent.parent / "docs"


def lacking(what: str, known: Iterable[str], there: Iterable[str], place: str) -> list[str]:
    """A line for each word that a place does not know."""
    return [f'{what} "{word}" is missing in {place}' for word in sorted({*known} - {*there})]


def strange(what: str, known: Iterable[str], there: Iterable[str], place: str) -> list[str]:
    """A line for each word of a place that the vocabulary does not know."""
    return [f'{place} knows a {what} "{word}" that there is not' for word in {*there} - {*known}]


def told(lines: list[str]) -> None:
    assert not lines, "\n" + "\n".join(lines)


def content(*parts: str) -> Any:
    return json.loads(resource("data", *parts).read_text(encoding="utf-8"))


#: Words with a name in the catalogue, and how its key begins.
NAMED: dict[str, tuple[str, ...]] = {
    "vocabulary.kind.": words.KINDS,
    "vocabulary.structure.": tuple(words.Structure),
    "vocabulary.service.": tuple(words.Service),
    "vocabulary.mains_type.": tuple(words.MainsType),
    "vocabulary.flow_source.": tuple(words.FlowSource),
    "vocabulary.event.": tuple(words.LifecycleEvent),
    "vocabulary.outcome.": tuple(words.Outcome),
    "vocabulary.severity.": tuple(words.Severity),
    "vocabulary.condition.": (*words.Condition, "unverified", "not_existing"),
    "vocabulary.level.": tuple(words.RegionLevel),
    "vocabulary.origin.": tuple(words.RequirementOrigin),
    "vocabulary.quantity.": tuple(words.Quantity),
    "vocabulary.quality.": tuple(word.name.lower() for word in words.Quality),
    "cli_alarm.kind_": tuple(words.AlarmKind),
    "qgis.reference_": tuple(words.PressureReference),
    "qgis.side_": tuple(words.ValveSide),
}


@pytest.mark.parametrize("group", NAMED)
def test_every_word_has_a_name_and_every_name_a_word(group: str) -> None:
    room, _, begin = group.partition(".")
    place = f'data/messages/{room}.json as "{begin}…"'
    named = [key.removeprefix(group) for key in KEYS if key.startswith(group)]
    named = [name for name in named if name != "title"]  # the heading of a column of kinds
    told(lacking("word", NAMED[group], named, place) + strange("word", NAMED[group], named, place))


def test_every_vocabulary_is_named_or_is_shown_to_nobody() -> None:
    held = {word for group in NAMED.values() for word in group}
    unseen = {words.Language, words.PublicService, words.Water}
    enums = [
        found
        for found in vars(words).values()
        if isinstance(found, type)
        and issubclass(found, StrEnum)
        and found is not StrEnum
        and found not in unseen
    ]
    told([f"vocabulary {e.__name__} has no names in test_vocabulary.NAMED" for e in enums
          if not {*e} <= held])  # fmt: skip


def test_every_kind_is_recognised_in_foreign_files() -> None:
    headings = content("codes", "headings.json")
    suggested = [kind for _, kind in headings["kinds"] + headings["kinds_if_called_so"]]
    place = 'data/codes/headings.json, "kinds"'
    told(
        lacking("kind", words.KINDS, suggested, place)
        + strange("kind", words.KINDS, suggested, place)
    )


def test_every_family_has_what_cannot_follow_from_it() -> None:
    checked = [family for check in load_form().checks for family in check.families]
    told(
        lacking("family", words.FAMILIES, qgis_style.SYMBOLS, "store/sql/qgis_style.py, SYMBOLS")
        + strange("family", words.FAMILIES, qgis_style.SYMBOLS, "store/sql/qgis_style.py, SYMBOLS")
        + lacking("family", words.FAMILIES, checked, 'data/codes/survey.json, "checks"')
        + strange("family", words.FAMILIES, checked, 'data/codes/survey.json, "checks"')
    )
    assert len({*qgis_style.SYMBOLS.values()}) == len(qgis_style.SYMBOLS)


def test_families_and_kinds_are_words_that_can_be_told_apart() -> None:
    told(
        [f'kind "{kind}" is not written family.kind in small letters' for kind in words.KINDS
         if not re.fullmatch(r"[a-z]+(\.[a-z]+)?", kind)]
        + [f'a family "{family}" measures "{name}", which is no field of an inspection'
           for family, known in words.FAMILIES.items() for name in known.measured
           if name not in InspectionInput.model_fields]
        + [f'"{kind}" holds a limited volume and is no kind' for kind in words.OF_LIMITED_VOLUME
           if kind not in words.KINDS]
    )  # fmt: skip
    assert words.USUAL_KIND in words.FAMILIES
    assert len(words.KINDS) == len({*words.KINDS})


def code_of(tree: ast.Module) -> Iterator[ast.Constant]:
    """Text constants of a module, docstrings left out."""
    documented = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in documented:
            continue
        if isinstance(node.value, str):
            yield node


#: Families and kinds as they would stand in code. A hydrant is also the program, the schema of a
#: server and the name of the project, so that one counts only beside a column that holds kinds.
_AS_KIND = re.compile(
    r"\b(?:" + "|".join(re.escape(k) for k in words.KINDS if k != "hydrant") + r")\b"
    r"|\bkind\b\W+(?:=|LIKE|IN)\W+hydrant\b"
)


@pytest.mark.parametrize("room", ["store", "geo"])
def test_no_family_is_a_literal_in_sql_or_geometry(room: str) -> None:
    found = []
    for path in sorted((PACKAGE / room).rglob("*")):
        if path.suffix == ".sql" and "migrations" not in path.parts:
            text = re.sub(r"--.*", "", path.read_text(encoding="utf-8"))
            found += [f"{path.name}: {m[0]}" for m in _AS_KIND.finditer(text)]
        if path.suffix == ".py":
            symbols = path.name == "qgis_style.py"  # its table of symbols is guarded above
            for node in code_of(ast.parse(path.read_text(encoding="utf-8"))):
                match = _AS_KIND.search(str(node.value))
                if match and not (symbols and node.value in words.FAMILIES):
                    found.append(f"{path.name}:{node.lineno}: {match[0]}")
    told([f"{line}: derive it from hydrant.vocabulary.FAMILIES" for line in found])


def written(policy: str) -> dict[str, Any]:
    """What the file of a shipped policy says, without being read as a policy."""
    text = resource("data", "policies", f"{policy}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@pytest.mark.parametrize("policy", policy_names())
def test_every_defect_code_has_a_severity_of_its_own(policy: str) -> None:
    known, said = load_form().defects, written(policy)
    if "severity" not in said and "extends" in said:
        return  # it follows the one that it extends, which is held here, too
    graded = said.get("severity", {}).get("codes", {})
    place = f"data/policies/{policy}.toml, [severity.codes]"
    told(
        lacking("defect code", known, graded, f"{place}; without one it would be blocking")
        + strange("defect code", known, graded, place)
    )


def test_every_check_proposes_a_known_defect_of_known_families() -> None:
    form, place = load_form(), 'data/codes/survey.json, "checks"'
    told(
        strange("defect code", form.defects, [check.defect for check in form.checks], place)
        + [
            f'check "{check.name}" looks at no family'
            for check in form.checks
            if not check.families
        ]
    )
    names = [check.name for check in form.checks]
    assert len(names) == len({*names})
    wordings = [(lang, item.names[lang]) for item in form.checks for lang in words.Language]
    assert len(wordings) == len({*wordings})
    assert all(said for _, said in wordings)


def named_in(*modules: Any) -> set[str]:
    """Members of `AlarmKind` that the code of some modules names."""
    return {
        node.attr
        for module in modules
        for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "AlarmKind"
    }


def test_every_alarm_is_raised_by_something_and_speaks_for_a_known_defect() -> None:
    raised = named_in(alarm, watch)
    spoken = [kind.defect for kind in words.AlarmKind if kind.defect]
    told(
        lacking(
            "alarm", words.AlarmKind.__members__, raised, "telemetry/alarm.py: nothing raises it"
        )
        + strange("defect code", load_form().defects, spoken, "vocabulary.AlarmKind")
    )


def test_every_alarm_with_a_limit_has_it_in_the_policy() -> None:
    whole = [policy for policy in policy_names() if "extends" not in written(policy)]
    told(
        [line for policy in whole for line in
         lacking("limit", ALARMS, written(policy).get("alarms", {}),
                 f"data/policies/{policy}.toml as [alarms.…]")]
    )  # fmt: skip


def test_every_policy_is_read_explained_and_has_a_country() -> None:
    guide = (DOCS / "how-to" / "policy.md").read_text(encoding="utf-8")
    told(
        lacking("policy", policy_names(), far_off.COUNTRIES, "exchange/far_off.py, COUNTRIES")
        + strange("policy", policy_names(), far_off.COUNTRIES, "exchange/far_off.py, COUNTRIES")
        + [f'policy "{name}" is missing in docs/how-to/policy.md' for name in policy_names()
           if f"`{name}`" not in guide]
        + [f'policy "{name}" is called "{written(name).get("name")}" in its file'
           for name in policy_names() if written(name).get("name") != name]
        + [f'policy "{name}" has no title in both languages' for name in policy_names()
           if {*written(name).get("title", {})} != {*words.Language}]
    )  # fmt: skip


def test_every_driver_has_frames_and_sources() -> None:
    files = {name: resource("drivers", f"{name}.toml").read_text(encoding="utf-8")
             for name in profile_names()}  # fmt: skip
    profiles = {name: tomllib.loads(text) for name, text in files.items()}
    told(
        [f'driver "{name}" has no {part} in drivers/{name}.toml' for name, said in profiles.items()
         for part in ("golden", "sources", "title", "maker", "models") if not said.get(part)]
        + [f'driver "{name}" is called "{said.get("name")}" in its file'
           for name, said in profiles.items() if said.get("name") != name]
    )  # fmt: skip


def test_every_quantity_has_a_unit_and_a_plausible_range() -> None:
    told(
        lacking("quantity", words.Quantity, QUANTITY_UNIT, "units.QUANTITY_UNIT")
        + lacking("quantity", words.Quantity, PLAUSIBLE, "telemetry/evaluate.py, PLAUSIBLE")
        + strange("quantity", words.Quantity, {*QUANTITY_UNIT, *PLAUSIBLE, *PACED}, "a table")
    )
    assert all(turns_into(unit, unit) for unit in QUANTITY_UNIT.values())


#: Columns of an asset that nobody enters: they tell how its position came to be, and from when.
_TOLD_BY_THE_PROGRAM = {"orig_x", "orig_y", "orig_crs", "accuracy_m", "valid_from"}
#: Columns that are not published: names of people and firms, and free text.
_WITHHELD = {"owner", "builder", "maintainer", "supervisor", "note"}


def test_every_column_of_an_asset_is_entered_named_and_published_or_withheld() -> None:
    columns = set(AssetColumns.model_fields) - _TOLD_BY_THE_PROGRAM
    fields = [key.removeprefix("fields.") for key in KEYS if key.startswith("fields.")]
    told(
        lacking("column", columns, AssetInput.model_fields, "model/inputs.py, AssetInput")
        + strange("column", columns, AssetInput.model_fields, "model/inputs.py, AssetInput")
        + lacking("column", columns, fields, "data/messages/fields.json")
        + lacking("column", columns - _WITHHELD, public_columns.COLUMNS,
                  "store/sql/public_columns.py, or is withheld and missing in _WITHHELD")
        + [f'column "{name}" is withheld and published all the same'
           for name in _WITHHELD & {*public_columns.COLUMNS}]
    )  # fmt: skip


def test_every_export_comes_back_and_stands_in_the_guides() -> None:
    def refused(ending: str) -> bool:
        try:
            read_table(Path("nowhere") / f"x{ending}")
        except InputRefused as error:
            return error.key == "exchange.form"
        return False

    guides = "".join(p.read_text(encoding="utf-8") for p in (DOCS / "how-to").glob("*.md"))
    told(
        [f'"{form}" is written by export and not read by exchange/readers.py' for form in forms()
         if refused(form)]
        + [f'form "{form}" is missing in docs/how-to' for form in
           {*forms(), *REPORT_FORMS, *reading_export.forms()}
           if not re.search(rf"{re.escape(form)}\b|\b{form[1:]}\b", guides, re.IGNORECASE)]
    )  # fmt: skip


def test_every_transport_is_opened_read_and_explained() -> None:
    guides = "".join(p.read_text(encoding="utf-8") for p in (DOCS / "how-to").glob("*.md"))
    told(
        lacking("transport", TRANSPORTS, wire.OPENERS, "telemetry/wire.py, OPENERS")
        + strange("transport", TRANSPORTS, wire.OPENERS, "telemetry/wire.py, OPENERS")
        + [f'transport "{name}" is missing in docs/how-to' for name in TRANSPORTS
           if f"{name}://" not in guides]
    )  # fmt: skip
    for name, way in TRANSPORTS.items():
        # files of certificates would have to be there
        example = way.form.partition("?")[0].replace("PORT", "4001")
        assert parse(example).scheme == name, f"{way.form} is not read"
