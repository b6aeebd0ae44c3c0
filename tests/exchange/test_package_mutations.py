"""Rules of packages and of what stands beside figures, broken on purpose: a scene notices each.

As in ``tests/report/test_mutations.py``, for what is told rather than counted. A breakage is a
line below: the text of a function is replaced while the scene runs, in this process. All of them by
``nox -s mutations``; a few stand in every run.
"""

from __future__ import annotations

import functools
import inspect
import textwrap
from collections.abc import Callable
from importlib import import_module
from types import CodeType
from typing import Any, NamedTuple

import pytest

from tests.exchange import test_package_numbers as numbers
from tests.exchange import test_package_stated as stated
from tests.exchange import test_package_units as units
from tests.exchange import test_package_went as went
from tests.exchange.test_package import level
from tests.exchange.test_package_senders import senders
from tests.exchange.test_package_units import handing_over
from tests.report import test_followed_policy as followed
from tests.report.test_followed_policy import counted, own

__all__ = ["counted", "handing_over", "level", "own", "senders"]

DAYS, WENT = "hydrant.store.evidence.unit_days", "hydrant.store.views.went_over"
APART, NUMBERS = "hydrant.exchange.package_went", "hydrant.exchange.package_numbers"
DISPUTES, SURVEY = "hydrant.exchange.package_stated", "hydrant.survey.numbers"
FIGURES, FOLLOWED = "hydrant.report.handed_figures", "hydrant.report.followed"
HELD, NOTHING = "held_anew(writer, ", "(lambda _: ())("


class Breakage(NamedTuple):
    """A function, what it says, what it says instead, which rule that breaks, and a scene."""

    module: str
    function: str
    old: str
    new: str
    why: str
    scene: Callable[..., None]
    asked: dict[str, Any] = {}  # noqa: RUF012  nobody changes it


MOVES = units.test_two_levels_that_tell_a_move_of_other_days_say_so_beside_the_figures
ALIKE = units.test_a_move_that_both_tell_alike_is_no_matter
GIVEN = went.test_what_one_county_gave_and_the_other_has_is_no_matter_any_more
ANOTHER = went.test_another_thing_is_not_taken_for_it
AGAIN = numbers.test_another_number_told_after_a_decision_is_a_question_again
WHILE = numbers.test_a_number_that_gave_way_for_a_while_holds_again_without_the_other
AWAY = stated.test_a_unit_that_this_level_moves_away_is_held_against_what_was_stated
ITSELF = stated.test_what_this_level_enters_itself_is_no_better_figure
LOWER = stated.test_a_decision_for_a_lower_number_is_told_beside_the_figures
NAMED = followed.test_another_policy_asked_for_by_name_is_no_change

BREAKAGES = (
    Breakage(DAYS, "_meet", " < min(", " <= min(", "days that only touch", ALIKE),
    Breakage(DAYS, "otherwise", "if ever.below((code,)) & held:", "if True:",
             "units that hold something",
             units.test_days_of_a_unit_in_which_nothing_stands_are_no_matter),
    Breakage(DAYS, "_differ", "_meet(here.within, outside) or ", "", "longer here", MOVES,
             {"below": units.EARLIER, "here": units.MOVED}),
    Breakage(DAYS, "_differ", " or _meet(here.outside, within)", "", "longer below", MOVES,
             {"below": units.MOVED, "here": units.EARLIER}),
    Breakage(DAYS, "_differ", "return any(ends", "return False and any(ends", "never told below",
             MOVES, {"below": units.UNDATED, "here": units.MOVED}),
    Breakage(DAYS, "Units.lay", "stays = len(heirs) == 1 and self._holds(root, *heirs)",
             "stays = False", "taken over within the region",
             units.test_a_succession_within_the_region_is_no_matter),
    Breakage(WENT, "_is_one", "return near and", "return", "far away", ANOTHER,
             {"how": {"lon": 121.2}}),
    Breakage(WENT, "_is_one", "near and family_of(kind) == went.family", "near", "another family",
             ANOTHER, {"how": {"kind": "crane"}}),
    Breakage(APART, "went_over", "in whose:\n                rows", "in ():\n                rows",
             "rows of what went are told once", GIVEN, {"first": "other"}),
    Breakage(NUMBERS, "Numbers.undecided", "found = other if other and gave_way(registry, here, "
             "self._source) else []", "found = []", "another number of the same row",
             numbers.test_so_it_is_where_the_row_itself_says_otherwise),
    Breakage(NUMBERS, "Numbers.undecided", "if (until or ALWAYS) >", "if not",
             "longer than was decided", AGAIN, {"since": "2023-01-01", "side": "package"}),
    Breakage(NUMBERS, "Numbers.again", "rows = hold_again(self._writer, here, self._source, "
             "freed)", "rows = []", "what gave way holds again", WHILE, {"since": "2020-01-01"}),
    Breakage(SURVEY, "gave_way", "_withdrawn_for(here, row, source) or ", "", "withdrawn for it",
             numbers.test_so_it_is_where_this_level_s_was_withdrawn_for_it),
    Breakage(SURVEY, "gave_way", " or _ended_for(registry, here, row, source)", "", "ended for it",
             AGAIN, {"since": "2021-01-01", "side": "registry"}),
    Breakage(SURVEY, "_ended_for", 'or here["withdrawn_why"] == sender_name(source)', "",
             "the later days decided first",
             numbers.test_a_number_that_gave_way_to_two_holds_again_whichever_was_decided_first,
             {"first": "later"}),
    Breakage(DISPUTES, "Disputes._settled", " and said == theirs", "",
             "decided for what was told then",
             numbers.test_what_is_told_otherwise_after_a_decision_against_it_is_a_question_again),
    Breakage("hydrant.cli.require", "set_", HELD, NOTHING, "held anew: a number", ITSELF),
    Breakage("hydrant.cli.require", "_taken_in", HELD, NOTHING, "held anew: numbers of a file",
             stated.test_numbers_of_a_file_are_held_against_what_was_stated),
    Breakage("hydrant.cli.require_withdraw", "withdraw", HELD, NOTHING,
             "held anew: one withdrawn", LOWER),
    Breakage("hydrant.cli.region", "_import_table", HELD, NOTHING, "held anew: a unit's place",
             AWAY, {"how": "import"}),
    Breakage("hydrant.cli.region", "succeed_", HELD, NOTHING, "held anew: a succession", AWAY,
             {"how": "succeed"}),
    Breakage("hydrant.cli.survey_conflicts", "_decided", HELD, NOTHING, "held anew: a decision",
             stated.test_a_decision_for_the_number_of_a_sender_ends_the_remark),
    Breakage("hydrant.cli.package", "_held_against", "better_anew(registry, ",
             "(lambda *_: [])(",
             "held anew: another's package",
             stated.test_a_former_day_that_comes_out_better_is_told),
    Breakage(FIGURES, "_better", "missing + others.built < ", "missing < ", "what is built beside",
             stated.test_what_this_level_built_may_make_less_missing),
    Breakage(FOLLOWED, "changed_policy", "or kept.digest == policy.digest or",
             "or kept.version == policy.version or", "other rules under one version",
             followed.test_a_changed_file_is_told_until_it_is_taken_up,
             {"words": ("integrity",)}),
    Breakage(FOLLOWED, "changed_policy", " or not _follows(registry, policy)", "",
             "another policy by name", NAMED),
)  # fmt: skip
#: What is tried in every run.
QUICK = ("units that hold something", "far away", "ended for it", "another policy by name")


def function_of(one: Breakage) -> Any:
    """The function that a breakage is in, without what is wrapped around it."""
    names = one.function.split(".")
    found = functools.reduce(getattr, names, import_module(one.module))
    if found.__code__.co_name != names[-1]:  # a command
        held = [cell.cell_contents for cell in found.__closure__]
        (found,) = (one for one in held if getattr(one, "__name__", "") == names[-1])
    return found


def broken(one: Breakage) -> CodeType:
    """What a function does once its text is another."""
    function = function_of(one)
    text = textwrap.dedent(inspect.getsource(function))
    assert text.count(one.old) == 1, f"{one.module} no longer says: {one.old}"
    made = compile(
        text.replace(one.old, one.new), function.__code__.co_filename, "exec",
        flags=annotations.compiler_flag, dont_inherit=True,
    )  # fmt: skip
    (code,) = (part for part in made.co_consts if getattr(part, "co_name", "") == function.__name__)
    assert isinstance(code, CodeType)
    return code


def notice(one: Breakage, request: pytest.FixtureRequest) -> None:
    """Run a scene with the breakage, all else as in its own test: it must fail."""
    names = inspect.signature(one.scene).parameters.keys() - one.asked.keys()
    given = {name: request.getfixturevalue(name) for name in sorted(names)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(function_of(one), "__code__", broken(one))
        with pytest.raises(AssertionError):
            one.scene(**given, **one.asked)


def test_every_rule_that_is_broken_is_there() -> None:
    for one in BREAKAGES:
        assert broken(one) != function_of(one).__code__


@pytest.mark.slow
@pytest.mark.parametrize("one", BREAKAGES, ids=lambda one: one.why.replace(" ", "_"))
def test_a_broken_rule_is_noticed(one: Breakage, request: pytest.FixtureRequest) -> None:
    notice(one, request)


@pytest.mark.parametrize("why", QUICK)
def test_a_few_broken_rules_are_noticed(why: str, request: pytest.FixtureRequest) -> None:
    (one,) = (one for one in BREAKAGES if one.why == why)
    notice(one, request)
