"""The crew's form: what is looked at, and which defect a "no" amounts to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

from hydrant.errors import InputRefused
from hydrant.resources import resource
from hydrant.vocabulary import Language, family_of


@dataclass(frozen=True, slots=True)
class DefectCode:
    """A known kind of defect; how grave it is says the policy."""

    code: str
    names: dict[str, str]


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One thing to look at; "no" proposes a defect."""

    name: str
    families: tuple[str, ...]
    defect: str
    names: dict[str, str]


@dataclass(frozen=True, slots=True)
class Form:
    """All checks and defect codes of one version."""

    version: str
    checks: tuple[CheckItem, ...]
    defects: dict[str, DefectCode]

    def checks_for(self, kind: str) -> list[CheckItem]:
        """Checks of an asset's kind, in the order of looking."""
        return [item for item in self.checks if family_of(kind) in item.families]

    def checklist(self, kind: str) -> str:
        """Name of an asset's checklist: "all in order" was said of one and holds for no other."""
        return f"{family_of(kind)} {self.version}"

    def defect(self, code: str) -> DefectCode:
        """A defect code; raises `InputRefused` listing the known ones."""
        if code not in self.defects:
            raise InputRefused("survey.defect", code=code, known=", ".join(self.defects))
        return self.defects[code]


@cache
def load_form() -> Form:
    """The shipped form."""
    content = json.loads(resource("data", "codes", "survey.json").read_text(encoding="utf-8"))

    def names(entry: dict[str, str]) -> dict[str, str]:
        return {lang: entry[lang] for lang in Language}

    return Form(
        version=content["form_version"],
        checks=tuple(
            CheckItem(e["name"], tuple(e["families"]), e["defect"], names(e))
            for e in content["checks"]
        ),
        defects={e["code"]: DefectCode(e["code"], names(e)) for e in content["defects"]},
    )
