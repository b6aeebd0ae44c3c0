"""The crew's form: what is looked at, and which defect a "no" amounts to."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from hydrant.close_words import close_words, folded
from hydrant.errors import InputRefused, Phrase
from hydrant.resources import resource
from hydrant.vocabulary import Language, family_of

#: No number of a defect has as many digits.
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class DefectCode:
    """A known kind of defect; how grave it is says the policy."""

    code: str
    names: dict[str, str]

    @property
    def words(self) -> tuple[str, ...]:
        """All that it is called: its code, and its name in every language."""
        return (self.code, *self.names.values())


def defect_names(codes: Iterable[str], lang: Language) -> tuple[str, ...]:
    """Names of defects in a language, each once; one of another form's goes by its code."""
    known = load_form().defects
    names = [known[code].names[lang] if code in known else code for code in codes]
    return tuple(dict.fromkeys(names))


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

    def defect(self, word: str) -> DefectCode:
        """The defect of a code, or of a name in any language.

        Raises
        ------
        InputRefused
            There is none; those that may be meant are named, else all.
        """
        meant = {folded(said): known for known in self.defects.values() for said in known.words}
        found = meant.get(folded(word))
        if found is not None:
            return found
        close = close_words(word, meant)
        if close:
            codes = tuple(dict.fromkeys(meant[said].code for said in close))
            told = tuple(self._named(code) for code in codes)
            raise InputRefused("survey.defect_close", code=word, close=told)
        raise InputRefused(
            "survey.defect",
            code=word,
            known=tuple(
                Phrase("survey.defect_listed", {"code": code, "zh": known.names["zh"]})
                for code, known in self.defects.items()
            ),
        )

    def _named(self, code: str) -> Phrase:
        """A defect by its code and name."""
        names = self.defects[code].names
        return Phrase("survey.defect_named", {"code": code, "en": names["en"], "zh": names["zh"]})

    def number_of(self, code: str) -> int:
        """Number by which a crew chooses a defect: the same for every kind of asset."""
        return list(self.defects).index(code) + 1

    def chosen(self, word: str) -> DefectCode:
        """The defect of a number, code or name, as a crew chooses it; raises as `defect`."""
        number = int(word) if word.isascii() and word.isdigit() and len(word) < _DIGITS else 0
        if 1 <= number <= len(self.defects):
            return list(self.defects.values())[number - 1]
        return self.defect(word)

    def defects_for(self, kind: str) -> list[DefectCode]:
        """Defects that a kind of asset can have: all but those only others are checked for."""
        asked = {item.defect for item in self.checks}
        own = {item.defect for item in self.checks_for(kind)}
        possible = own | (self.defects.keys() - asked)
        return [known for known in self.defects.values() if known.code in possible]


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
