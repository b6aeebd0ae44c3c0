"""Grammar of the catalogue: what follows a count agrees with it, "1 asset" and "2 assets"."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator

import pytest

from hydrant.errors import Phrase
from hydrant.messages import text
from hydrant.vocabulary import Language
from tests.test_messages import KEYS, trees


def words_of(listed: str) -> frozenset[str]:
    """A list of words written out, as a set."""
    return frozenset(listed.split())


#: Facts that say how many things there are: words after them have a form for one.
COUNTS = words_of(
    """
    alarms all answered applied assets at_least bad below built by_list by_outline by_side cells
    changed
    cleared closed columns complete conflict conflicts corrected count covered days defective
    defects denominator doing entries equipped existing failed findings flagged fresh gaps
    golden good held here hours ignored intact jobs left met missing more most moved never new
    not_stated numerator online opened out over overdue own pairs points read readings recorded
    refused regions registered required rows seals sensors shortfall since size stale stalled
    stops stored there unchanged unknown unproven untested updated waiting wide withdrawn
    without workers working
    """
)
#: Facts that are whole numbers and count nothing: a measure with its unit, a place in a file,
#: a value of whatever kind.
OTHER_NUMBERS = words_of(
    """
    line name number row unit value version
    """
)
#: Where the name of a count stands for something else, or the count cannot be one.
EXCEPTIONS = {
    ("cli_ingest.contradicts", "held"): "a value",
    ("cli_money.span", "since"): "a day",
    ("cli_require.withdrawn", "since"): "a day",
    ("cli_require_withdraw.unchanged", "since"): "a day",
    ("cli_require_withdraw.withdrawn", "since"): "a day",
    ("cli_sensor.rest_was_withdrawn", "since"): "a moment",
    ("exchange.long_cell", "count"): "always more than 4,000",
    ("report.too_many", "most"): "a limit far above one",
    ("store.ambiguous", "count"): "always several",
    ("store.ambiguous_fact", "count"): "always several",
    ("store.ambiguous_region", "count"): "always several",
    ("store.ambiguous_repair", "count"): "always several",
    ("store.several_conflicts", "count"): "several, never one",
    ("telemetry.ambiguous_alarm", "count"): "always several",
    ("telemetry.ambiguous_sensor", "count"): "always several",
}
#: Words that are the same after one and after many.
INVARIANT = words_of(
    """
    already answered applied below changed cleared corrected decided defective due existing
    failed golden good h ignored incomplete intact known left more new open opened planned
    private put recent refused right s saved schema smart stored unchanged updated wide withdrawn
    """
)
#: Words with which something else begins that does not belong to the count.
ENDS = words_of(
    """
    and by counting for in may not of on out since that
    """
)
#: Messages where one of these words agrees with something other than a count.
AGREEING = re.compile(r"\b(are|were|have|do|they|them|their|these|those)\b")
AGREE_OTHERWISE = {
    "check.latest": "the values are",
    "cli_audit.external": "changes were taken in",
    "cli_db.repaired": "the facts are",
    "cli_db.repaired_there": "the facts are",
    "cli_db_backup.bad": "do not rely: said to the reader",
    "cli_db.sound": "storage, index and chain are",
    "cli_db.sound_unsealed": "storage, index and chain are; the rows were",
    "cli_duplicates.listed": "the two of a pair are",
    "cli_import_.more": "them: all refused rows, those shown too",
    "cli_import_.moved": "where assets were",
    "document.rural": "among the existing",
    "cli_integrity.unmeasured": "of the existing",
    "cli_region.mended": "outlines, named by their regions",
    "cli_region.renamed": "the names stay",
    "cli_sensor_export.summed": "readings were summed up",
    "cli_supply.enough_by_sum": "them: the litres",
    "cli_supply.not_proven": "litres per second are",
    "cli_supply.short": "litres per second are",
    "cli_survey_plan.fewer": "there are fewer stops",
    "exchange.no_position": "no count",
    "exchange.too_large": "columns and rows together are",
}
#: Verbs that follow a fact that is one thing: "{region} lies", not "{shards} wait".
OF_ONE = words_of(
    """
    as begins decides does encloses ends follows gives has holds is lacks lies needs refers says
    serves shows stands states takes tells waits was
    """
)
FORMS = re.compile(r"\{(\w+):([^{}]*)\}")
ENGLISH = {key: words["en"] for key, words in KEYS.items()}


def after_counts(wording: str) -> Iterator[tuple[str, list[str]]]:
    """Each count of a wording and the bare words that follow it up to its end or its forms."""
    for name, words in re.findall(r"\{(\w+)\}((?: [a-z]+)*)", wording):
        if name in COUNTS:
            yield name, words.split()


def unformed(words: list[str]) -> str | None:
    """The first word after a count that would need forms."""
    for word in words:
        if word in ENDS:
            return None
        if word not in INVARIANT:
            return word
    return None


def test_words_after_a_count_have_both_forms() -> None:
    wrong = [
        f'{key}: "{word}" follows {{{name}}}; write {{{name}:one|many}}'
        for key, wording in ENGLISH.items()
        for name, words in after_counts(wording)
        if (word := unformed(words)) and (key, name) not in EXCEPTIONS
    ]
    assert not wrong, "\n".join(wrong)


def test_verbs_and_pronouns_agree_with_their_count() -> None:
    wrong = [
        f'{key}: "{word[0]}" is the form for many; write {{count:one|many}}'
        for key, wording in ENGLISH.items()
        if any(re.search(rf"\{{{name}\b", wording) for name in COUNTS)
        and key not in AGREE_OTHERWISE
        and not any(place == key for place, _ in EXCEPTIONS)
        and (word := AGREEING.search(FORMS.sub("", wording)))
    ]
    assert not wrong, "\n".join(wrong)


def test_a_plural_follows_no_fact_that_is_not_declared_a_count() -> None:
    wrong = [
        f'{key}: "{{{name}}} {word}": declare {name} a count, or {word} a verb of one'
        for key, wording in ENGLISH.items()
        for name, word in re.findall(r"\{(\w+)\} ([a-z]+s)\b", wording)
        if name not in COUNTS and word not in OF_ONE
    ]
    assert not wrong, "\n".join(wrong)


def annotated_as() -> dict[str, set[str]]:
    """What the fields and parameters of each name are annotated with, anywhere."""
    found = defaultdict(set)
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found[node.target.id].add(ast.unparse(node.annotation))
            elif isinstance(node, ast.arg) and node.annotation:
                found[node.arg].add(ast.unparse(node.annotation))
    return found


def whole_number(value: ast.expr, annotated: dict[str, set[str]]) -> bool:
    """Whether code certainly gives a whole number: a length, a sum, an ``int`` field."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return value.func.id in ("len", "sum")
    if isinstance(value, ast.JoinedStr):
        return ast.unparse(value).endswith((":,}'", ':,}"'))
    name = value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", None)
    return annotated.get(str(name)) == {"int"}


def test_every_whole_number_given_to_a_message_is_declared() -> None:
    annotated = annotated_as()
    placed = {fact for words in KEYS.values() for fact in re.findall(r"\{(\w+)", words["en"])}
    unknown = {
        f"{path.name}:{node.lineno} gives {fact.arg}, a whole number: a count or another number?"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)
        for fact in node.keywords
        if fact.arg in placed - COUNTS - OTHER_NUMBERS and whole_number(fact.value, annotated)
    }
    assert not unknown, "\n".join(sorted(unknown))


def test_forms_are_two_and_differ_and_stand_in_english_only() -> None:
    for key, words in KEYS.items():
        assert not FORMS.search(words["zh"]), key
        for name, forms in FORMS.findall(words["en"]):
            assert name in COUNTS | {"who"}, key
            one, _, many = forms.partition("|")
            assert one != many, (key, forms)
            assert all((one, many)), (key, forms)
            assert "|" not in many, (key, forms)
        inner = re.sub(r"\{\{|\}\}|\{\w+(:[^{}]*)?\}", "", words["en"])
        assert "{" not in inner, f"{key}: a fact within a form could hold a bar"


def test_every_exception_is_still_needed() -> None:
    assert {key for key in AGREE_OTHERWISE if not AGREEING.search(ENGLISH.get(key, ""))} == set()
    for key, name in EXCEPTIONS:
        assert any(
            found == name and unformed(words) for found, words in after_counts(ENGLISH[key])
        ), (key, name)
    used = {
        word
        for key, wording in ENGLISH.items()
        for _, words in after_counts(wording)
        for word in words
    }
    assert used >= INVARIANT | ENDS


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 assets written to x."),
        (1, "1 asset written to x."),
        (2, "2 assets written to x."),
        (11, "11 assets written to x."),
        ("1", "1 asset written to x."),
        ("1,001", "1,001 assets written to x."),
    ],
)
def test_the_form_follows_the_number(count: object, said: str) -> None:
    assert text("cli_export.written", Language.EN, count=count, file="x") == said


def test_each_count_of_a_message_has_its_own_form() -> None:
    facts = {"sensors": 12, "answered": 11, "failed": 1, "duration": 3}
    said = text("cli_poll.done", Language.EN, stored=1, **facts)
    assert said == "12 sensors: 11 answered, 1 failed; 1 reading stored in 3 s."


def test_a_phrase_within_a_message_has_its_forms() -> None:
    age = Phrase("health.days", {"count": 1})
    assert "1 day old" in text("health.backup", Language.EN, file="x", age=age)
    assert "1 天" in text("health.backup", Language.ZH, file="x", age=age)


def test_a_fact_may_hold_the_marks_of_forms() -> None:
    assert text("cli_export.written", Language.EN, count=1, file="a|{b:c|d}") == (
        "1 asset written to a|{b:c|d}."
    )
