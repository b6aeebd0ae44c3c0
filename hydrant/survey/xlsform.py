"""The crew's form for phones: an XLSForm as rows, made from the checklist and a policy.

Names of questions are those of the registry's columns, so that what comes back explains
itself. Nothing here knows of workbooks; `hydrant.exchange.form_file` writes them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from hydrant.integrity.policy import Policy
from hydrant.messages import label, text
from hydrant.model.inputs import InspectionInput
from hydrant.survey.form import Form
from hydrant.units import LEAST_GAUGE_KPA
from hydrant.vocabulary import (
    FAMILIES,
    KINDS,
    Language,
    Outcome,
    Service,
    Severity,
    Structure,
    families_measured,
)

#: Name and code by which XLSForm tells languages apart.
LANGUAGES = {Language.ZH: "中文 (zh)", Language.EN: "English (en)"}
#: The list of assets that travels with a form; its name stands in the form.
ASSET_LIST = "hydrant_assets"
#: Families that are asked for a measurement.
MEASURED = {
    name: families_measured(name)
    for name in dict.fromkeys(name for known in FAMILIES.values() for name in known.measured)
}
#: Families at which water is taken by a structure.
_STRUCTURED = tuple(family for family, known in FAMILIES.items() if known.structured)
_VISITED = f"${{outcome}} = '{Outcome.WORKS}' or ${{outcome}} = '{Outcome.FAILS}'"

Row = dict[str, str]
_FORM_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")


def form_id_problem(form_id: str) -> bool:
    """Whether a server would refuse this identifier of a form."""
    return _FORM_ID.fullmatch(form_id) is None


@dataclass(frozen=True, slots=True)
class Question:
    """One row of the sheet ``survey``; empty columns are left out.

    Attributes
    ----------
    wording
        Message of the label, without the room; None where nothing is shown.
    """

    type: str
    name: str = ""
    wording: str | None = None
    hint: str | None = None
    wrong: str | None = None
    facts: tuple[tuple[str, dict[Language, str]], ...] = ()
    required: str = ""
    relevant: str = ""
    constraint: str = ""
    calculation: str = ""
    default: str = ""
    appearance: str = ""
    parameters: str = ""


@dataclass(frozen=True, slots=True)
class XlsForm:
    """The three sheets of an XLSForm: rows by heading."""

    form_id: str
    version: str
    survey: list[Row]
    choices: list[Row]
    settings: list[Row]


def phone_form(
    form: Form, policy: Policy, *, form_id: str, lang: Language, assets: str | None
) -> XlsForm:
    """The form of a checklist under a policy.

    Parameters
    ----------
    lang
        Language in which the form opens.
    assets
        Content of the list of assets that goes with it; None where there is none.
    """
    asked = list(_questions(form, policy, listed=assets is not None))
    choices = _choices(form, policy, listed=assets is not None)
    content = json.dumps(
        [form_id, [_row(question) for question in asked], choices, assets], ensure_ascii=False
    )
    version = f"{form.version}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"
    stamp = Question("calculate", "form_version", calculation=f"'{form_id} {version}'")
    settings = {
        "form_title": text("survey_form.title", lang),
        "form_id": form_id,
        "version": version,
        "default_language": LANGUAGES[lang],
        "instance_name": "concat(${label}, ' ', format-date(${at}, '%Y-%m-%d'))",
    }
    return XlsForm(form_id, version, [_row(q) for q in (stamp, *asked)], choices, [settings])


def _questions(form: Form, policy: Policy, *, listed: bool) -> Iterator[Question]:
    yield Question("start", "start")
    yield Question("end", "end")
    yield Question(
        "text", "inspector", "inspector", required="yes", default="${last-saved#inspector}"
    )
    yield Question(
        "dateTime", "at", "at", required="yes", default="now()", constraint=". <= now()", wrong="at"
    )
    yield from _which(listed=listed)
    yield from _new_asset()
    yield Question(
        "geopoint", "position", "position", hint="position", required="${found_by} = 'new'"
    )
    yield Question("select_one outcome", "outcome", "outcome", required="yes")
    yield from _checklist(form)
    yield from _measurements(policy)
    yield from _defects()
    yield Question("begin repeat", "photos", "photos")
    yield Question("image", "photo", "photo", parameters="max-pixels=2048")
    yield Question("end repeat")
    yield Question("text", "note", "note", appearance="multiline")


def _which(*, listed: bool) -> Iterator[Question]:
    """Which asset it is: from the list, by its plate, or one that nobody has on record."""
    known = "${found_by} = 'typed'"
    yield Question("begin group", "which", "which")
    yield Question(
        "select_one found_by",
        "found_by",
        "found_by",
        required="yes",
        default="listed" if listed else "typed",
    )
    chosen = "${kind_seen}"
    name = "if(${scan} != '', ${scan}, ${code})"
    if listed:
        of_list = "${found_by} = 'listed'"
        yield Question(
            f"select_one_from_file {ASSET_LIST}.csv",
            "asset",
            "asset",
            required="yes",
            relevant=of_list,
            appearance="minimal autocomplete",
        )
        item = f"instance('{ASSET_LIST}')/root/item[name = ${{asset}}]"
        chosen = f"if({of_list}, {item}/kind, ${{kind_seen}})"
        name = f"if({of_list}, {item}/code, {name})"
    yield Question("barcode", "scan", "scan", hint="scan", relevant=known)
    yield Question(
        "text",
        "code",
        "code",
        required=known,
        relevant=f"({known} and ${{scan}} = '') or ${{found_by}} = 'new'",
    )
    yield Question(
        "select_one kind",
        "kind_seen",
        "kind_seen",
        required="yes",
        relevant="${found_by} != 'listed'",
        appearance="minimal",
    )
    yield Question("calculate", "kind", calculation=chosen)
    yield Question("calculate", "family", calculation=_family())
    yield Question("calculate", "label", calculation=name)
    yield Question("end group")


def _family() -> str:
    """Family of the kind; ``starts-with`` is understood by every client."""
    found = "''"
    for family in reversed(FAMILIES):
        found = f"if(starts-with(${{kind}}, '{family}'), '{family}', {found})"
    return found


def _new_asset() -> Iterator[Question]:
    yield Question("begin group", "new_asset", "new_asset", relevant="${found_by} = 'new'")
    yield Question(
        "select_one service", "service", "service", required="yes", default=Service.MUNICIPAL
    )
    yield Question(
        "select_one structure", "structure", "structure", relevant=_of_families(_STRUCTURED)
    )
    yield Question("text", "address", "address")
    yield Question("end group")


def _of_families(families: tuple[str, ...]) -> str:
    return " or ".join(f"${{family}} = '{family}'" for family in families)


def _checklist(form: Form) -> Iterator[Question]:
    yield Question("begin group", "checklist", "checklist", relevant=_VISITED)
    yield Question("select_one yes_no", "all_ok", "all_ok", required="yes")
    for item in form.checks:
        yield Question(
            "select_one yes_no",
            f"check_{item.name}",
            "check",
            facts=(("check", {lang: item.names[lang] for lang in Language}),),
            required="yes",
            relevant=f"${{all_ok}} = 'no' and ({_of_families(item.families)})",
        )
    yield Question("end group")


def _measurements(policy: Policy) -> Iterator[Question]:
    yield Question(
        "begin group", "measured", "measured", hint="measured", relevant=_VISITED,
        appearance="field-list",
    )  # fmt: skip
    for name, families in MEASURED.items():
        least, most = _bounds(name)
        limit = policy.limits.get(name)
        said = {lang: "" if limit is None else _limit(name, limit.value, lang) for lang in Language}
        asked = Question(
            "decimal",
            name,
            name,
            hint="limit" if limit is not None else None,
            wrong="pressure" if name.endswith("_kpa") else "range",
            facts=(
                ("limit", said),
                ("least", dict.fromkeys(Language, f"{least:g}")),
                ("most", dict.fromkeys(Language, f"{most:g}")),
            ),
            relevant=_of_families(families),
            constraint=f". >= {least:g} and . <= {most:g}",
        )
        if name.endswith("_kpa"):
            plausible = f"(. = 0 or . >= {LEAST_GAUGE_KPA:g}) and . <= {most:g}"
            asked = replace(asked, constraint=plausible)
        if name == "residual_kpa":
            below = f"{asked.constraint} and (${{static_kpa}} = '' or . <= ${{static_kpa}})"
            asked = replace(asked, constraint=below, wrong="residual")
        yield asked
    yield Question("end group")


def _bounds(name: str) -> tuple[float, float]:
    """What the registry accepts of a measurement."""
    found: dict[str, float] = {}
    for rule in InspectionInput.model_fields[name].metadata:
        for bound in ("ge", "le"):
            if hasattr(rule, bound):
                found[bound] = getattr(rule, bound)
    return found["ge"], found["le"]


def _limit(name: str, value: float, lang: Language) -> str:
    sign = "≤" if name == "lift_m" else "≥"
    return text("survey_form.limit", lang, limit=f"{sign} {value:g}")


def _defects() -> Iterator[Question]:
    yield Question(
        "select_one yes_no", "any_defects", "any_defects", hint="any_defects", required="yes",
        relevant="${outcome} != ''",
    )  # fmt: skip
    yield Question("begin repeat", "defects", "defects", relevant="${any_defects} = 'yes'")
    yield Question(
        "select_one defect", "defect_code", "defect_code", required="yes", appearance="minimal"
    )
    yield Question("select_one severity", "defect_severity", "defect_severity", hint="severity")
    yield Question("text", "defect_note", "defect_note")
    yield Question("end repeat")


def _choices(form: Form, policy: Policy, *, listed: bool) -> list[Row]:
    """Rows of the sheet ``choices``."""
    ways = (("listed",) if listed else ()) + ("typed", "new")
    rows = [_choice("found_by", way, _ours(f"way_{way}")) for way in ways]
    rows += [_choice("yes_no", word, _ours(word)) for word in ("yes", "no")]
    words: dict[str, Any] = {
        "kind": KINDS,
        "structure": Structure,
        "service": Service,
        "outcome": Outcome,
        "severity": Severity,
    }
    for group, known in words.items():
        names = ({lang: label(group, word, lang) for lang in Language} for word in known)
        rows += [_choice(group, word, said) for word, said in zip(known, names, strict=True)]
    for code, defect in form.defects.items():
        grave = policy.severity_of(code)
        said = {
            lang: text(
                "survey_form.graded",
                lang,
                defect=defect.names[lang],
                severity=label("severity", grave, lang),
            )
            for lang in Language
        }
        rows.append(_choice("defect", code, said))
    return rows


def _ours(name: str) -> dict[Language, str]:
    return {lang: text(f"survey_form.choice_{name}", lang) for lang in Language}


def _choice(group: str, name: str, said: dict[Language, str]) -> Row:
    return {"list_name": group, "name": str(name)} | {
        f"label::{LANGUAGES[lang]}": words for lang, words in said.items()
    }


_PLAIN = ("required", "relevant", "constraint", "calculation", "default", "appearance",
          "parameters")  # fmt: skip


def _row(asked: Question) -> Row:
    """A question by heading; wording in both languages."""
    row = {"type": asked.type, "name": asked.name}
    for lang, shown in LANGUAGES.items():
        facts = {name: said[lang] for name, said in asked.facts}
        for heading, kind, key in (
            ("label", "label", asked.wording),
            ("hint", "hint", asked.hint),
            ("constraint_message", "wrong", asked.wrong),
        ):
            if key is not None:
                row[f"{heading}::{shown}"] = text(f"survey_form.{kind}_{key}", lang, **facts)
    return row | {name: str(value) for name in _PLAIN if (value := getattr(asked, name))}
