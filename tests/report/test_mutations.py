"""Each rule of the count, broken on purpose: the histories must notice it.

A breakage is one line below. The package is copied, the text replaced there, and the histories
run against the copy. All of them by ``nox -s mutations``; a few stand in every run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
STATE, SQL, RULE = "store/sql/state_sql.py", "store/sql/evidence_sql.py", "integrity/condition.py"
RATES, STREAM, KNOWN = "integrity/rates.py", "store/evidence/evidence.py", "store/evidence/known.py"
VERSIONS = "model/spans.py"
SENSORS, STANDING, NEWEST = (
    "store/evidence/sensor_facts.py",
    "store/evidence/sensor_spans.py",
    "store/sql/newest_readings.py",
)
GROUPS, UNITS, VILLAGES = "report/grouping.py", "report/units.py", "report/villages.py"
TREE, INHERITED = "store/regions/region_tree.py", "store/regions/inherited.py"
PARTED, ANSWERING = "store/regions/parted.py", "store/regions/answering.py"
VISITS, WRITING = "exchange/visits.py", "exchange/writing.py"
DUE, TODO = "survey/due.py", "report/todo.py"
#: Rules of units that ended one after another, which have drawn chains of their own.
CHAINS = PARTED, ANSWERING, INHERITED
HISTORIES, SPLIT = "tests/report/test_histories.py", "tests/report/test_split_numbers.py"
#: Histories of which one must fail.
EXAMPLES = int(os.environ.get("HYDRANT_MUTATION_EXAMPLES", "800"))


class Breakage(NamedTuple):
    """A text of a file of the package, what stands there instead, and which rule that breaks.

    Attributes
    ----------
    drawn
        Whether whole histories show it, also where it is a rule of units that ended.
    """

    file: str
    old: str
    new: str
    why: str
    drawn: bool = False


BREAKAGES = (
    Breakage(STATE, "{alias}.recorded_at <= :known ", "true ", "recorded later is not known"),
    Breakage(STATE, "OR {alias}.withdrawn_at > :known)", "OR true)", "withdrawn counts no more"),
    Breakage(STATE, "{column} < :end)", "{column} <= :end)", "the end is no part of the day"),
    Breakage(STATE, "AND valid_until >= :end", "AND valid_until > :end", "rows leave no gap"),
    Breakage(STATE, "AND w.valid_from < :end ", "AND false ", "one row at any date"),
    Breakage(STATE, "(valid_from IS NULL OR valid_from < :end) AND", "true AND", "announced rows"),
    Breakage(STATE, "AND l.event <> 'relocated'", "", "a move decides nothing else"),
    Breakage(STATE, "ORDER BY l.at DESC, l.fid DESC", "ORDER BY l.fid DESC", "the latest event"),
    Breakage(STATE, "ORDER BY l.at DESC, l.fid DESC", "ORDER BY l.at DESC, l.fid", "of one moment"),
    Breakage(STATE, "'resumed' THEN 'suspended'", "'resumed' THEN 'planned'", "before resumed"),
    Breakage(STATE, "IN ('suspended', 'relocated', ", "IN ('suspended', ", "before a move"),
    Breakage(STATE, "'in_service' ELSE 'planned'", "'in_service' ELSE 'in_service'", "not built"),
    Breakage(STATE, "AND l.confirmed AND l.event", "AND l.event", "a proposal has no effect"),
    Breakage(STATE, "m.confirmed AND m.at < :end", "m.confirmed", "a move to come"),
    Breakage(STATE, ' AND {counted("m")}), \'\')', "), '')", "a move withdrawn"),
    Breakage(STATE, "{moment} >= {since}", "{moment} > {since}", "visited when moved"),
    Breakage(STATE, "IN ('relocated', 'removed', ", "IN ('relocated', ", "removed and built anew"),
    Breakage(STATE, "'planned', 'under_construction')\n  AND m", "'x')\n  AND m", "built again"),
    Breakage(STATE, "THEN m.at ELSE hydrant_latest(m.at) END", "THEN m.at ELSE m.at END",
             "found on the day on which it went"),
    Breakage(STATE, "{moment} >= {since}", "'' <> {since} || ' '", "found before the move"),
    Breakage(STATE, "coalesce(hydrant_latest(i.at), i.effective_at) ", "i.effective_at ",
             "a bad finding of a day without a time"),
    Breakage(STATE, 'bad="i.outcome <> \'works\'"', "bad=\"i.outcome = 'fails'\"",
             "a day on which it was not found"),
    Breakage(SQL, "worst=value, bad=below)", "worst=value)", "a low value of a day without a time"),
    Breakage(STATE, "i.effective_at < :end", "i.effective_at <= :end", "a visit after the day"),
    Breakage(STATE, '("fails", "not_found", "works")', '("works", "not_found", "fails")', "worst"),
    Breakage(STATE, "d.state = 'confirmed' AND ", "", "a defect that is proposed"),
    Breakage(STATE, "d.cleared_at >= :end)", "d.cleared_at > :end)", "cleared after the day"),
    Breakage(STATE, "OR d.cleared_at >= :end) AND {counted('d')}", "OR d.cleared_at >= :end)",
             "a finding withdrawn"),
    Breakage(SQL, "d.severity = 'blocking'", "d.severity <> 'remark'", "only blocking breaks"),
    Breakage(SQL, "i.effective_at >= {self._value('fresh_function', kind)} THEN",
             "i.effective_at > {self._value('fresh_function', kind)} THEN", "just fresh"),
    Breakage(SQL, "WHEN {at} >= {fresh} THEN", "WHEN {at} > {fresh} THEN", "just measured"),
    Breakage(SQL, '_aged("i.at", "static", kind)\n', '_aged("i.effective_at", "static", kind)\n',
             "an undated pressure is old"),
    Breakage(SQL, 'f"{value} < {limit}"', 'f"{value} <= {limit}"', "at the limit"),
    Breakage(SQL, "residual_kpa IS NULL THEN NULL", "residual_kpa IS NULL THEN i.flow_l_s",
             "a flow without its pressure says nothing"),
    Breakage(SQL, "i.flow_l_s >= {limit} AND i.residual_kpa >= {at} THEN",
             "i.flow_l_s >= {limit} THEN", "enough only at the pressure"),
    Breakage(SQL, "i.flow_l_s < {limit} AND i.residual_kpa <= {at} THEN",
             "i.flow_l_s < {limit} THEN", "too little only at the pressure"),
    Breakage(SQL, "i.flow_l_s IS NOT NULL AND {held} IS NOT NULL", "i.flow_l_s IS NOT NULL",
             "what says nothing is skipped"),
    Breakage(SQL, "worst=value, ", 'worst=f"{value} DESC", ',
             "the lowest of one moment"),
    Breakage(SQL, "at DESC, low DESC", "at DESC, low", "a low alarm at the moment of a good value"),
    Breakage(SQL, "AND s.at < :end AND s.at >= {self.since})", "AND s.at < :end)", "sensor moved"),
    Breakage(SQL, "OR {last} > {limit} THEN", "THEN", "a measured lift"),
    Breakage(SQL, "a.lift_drought_m > {limit}", "a.lift_drought_m >= {limit}", "lift at the limit"),
    Breakage(SQL, 'worst="i.lift_m DESC"', 'worst="i.lift_m"', "the highest lift"),
    Breakage(SQL, " OR NOT a.turning_area", "", "no turning area"),
    Breakage(SQL, " AND ({_STRUCTURED}) THEN 1", " THEN 1",
             "only natural sources are bare"),
    Breakage(SQL, "AND ({_STRUCTURED}) THEN 1", "AND false THEN 1", "bare banks"),
    Breakage(RULE, 'suspended"].value == "defective"', 'suspended"].value == "evidence"', "out"),
    Breakage(RULE, 'suspended"].value == "not_existing"', 'suspended"].value == "x"', "switch"),
    Breakage(RULE, 'not_found"].value == "not_existing"', 'not_found"].value == "x"', "switch"),
    Breakage(RULE, 'Condition.STALE, "undated"', 'Condition.INTACT, "undated"', "undated"),
    Breakage(RULE, 'Condition.STALE, "too_old"', 'Condition.INTACT, "too_old"', "too old"),
    Breakage(RULE, 'UNTESTED, f"{name}_absent"', 'STALE, f"{name}_absent"', "not measured"),
    Breakage(RULE, 'STALE, f"{name}_old"', 'INTACT, f"{name}_old"', "measured long ago"),
    Breakage(RULE, '"level": evidence.level}', "}", "a level that is demanded"),
    Breakage(RULE, "Measured.ABSENT in measures.values()", "False", "unmeasured"),
    Breakage(RATES, "(part * 10_000 // whole) / 100", "round(part * 100 / whole, 2)", "floored"),
    Breakage(RATES, 'self.low if self.headline == "low" else self.high', "self.high", "headline"),
    Breakage(RATES, "self.existing - self.defective, self", "self.intact, self", "at best"),
    Breakage(STREAM, "timedelta(days=days)", "timedelta(days=days + 1)", "a day too many"),
    Breakage(STREAM, "cut.fresh_from(check.kinds[kind].within_days)",
             "cut.fresh_from(check.within_days)", "how long a kind's check stays fresh"),
    Breakage(STREAM, "limit.kinds[kind].value", "limit.value", "a kind's own limit"),
    Breakage(KNOWN, "undone = _later(connection, known)", "undone = []", "changed later, put back"),
    Breakage(KNOWN, "ORDER BY fid DESC", "ORDER BY fid", "put back the latest first"),
    Breakage(VERSIONS, "_carried(spans[place + 1 :], spans[place].values, changes, kept)",
             "spans[place + 1 :]", "until the next change of that value"),
    Breakage(VERSIONS, "live = [cell for cell in live if all(span.values[n] == former[n] for n in "
             "cell)]", "pass", "no further than the next change"),
    Breakage(VERSIONS, "return [*earlier, ", "return [*spans[:place], ", "never held, before"),
    Breakage(VERSIONS, "_changed(spans[place], changes), *later]",
             "_changed(spans[place], changes), *spans[place + 1 :]]", "never held, after"),
    Breakage(NEWEST, "AND r.value >= ?", "AND r.value > ?", "a sensor at the limit"),
    Breakage(NEWEST, "coalesce(r.arrived_at, r.at) <= ?", "r.at <= ?", "known when it arrived"),
    Breakage(SENSORS, "if sensor.stood(at):", "if True:", "low where it stands"),
    Breakage(SENSORS, " and asked[uid].stood(at)}", "}", "good where it stands"),
    Breakage(SENSORS, "bound = min(ended, sensor.until)", "bound = ended", "low until it was off"),
    Breakage(SENSORS, 'at = max(confirmed, self._valid_before(sensor, bound) or "")',
             "at = confirmed", "readings renew an alarm"),
    Breakage(SENSORS, "coalesce(recorded_at, confirmed_at) <= ?", "confirmed_at <= ?",
             "an alarm that was told late"),
    Breakage(SENSORS, "over = cleared is not None and told <= known", "over = cleared is not None",
             "an end that was told late"),
    Breakage(STANDING, '{kind_at("s.asset_uid")}', "a.kind", "what stood there then"),
    Breakage(GROUPS, "coarser[self._above(need.region, level)]", "coarser[None]", "beyond whom"),
    Breakage(GROUPS, "scope is None or need.region in scope]", "True]", "needs of the region"),
    Breakage(UNITS, "any(code not in above for code in whole)", "bool(whole)",
             "covered from above"),
    Breakage(UNITS, "if inner:", "if False:", "looked into"),
    Breakage(UNITS, "return path[0] in whole", "return True", "covered in part"),
    Breakage(UNITS, "in self._partial if unit == code}", "in () if unit == code}",
             "named where only a part is stated"),
    Breakage(UNITS, "if node is not None and not node.retired:", "if node is not None:",
             "sisters that ended"),
    Breakage(VILLAGES, "    if intact:", "    if existing:", "proven water"),
    Breakage(VILLAGES, "and not node.retired", "and True", "villages that ended"),
    Breakage(VILLAGES, "lacking += code not in stated", "lacking += 1", "villages nobody numbered"),
    Breakage(TREE, "parent = tree.resolve(node.parent)\n        if",
             "parent = node.parent\n        if", "below the heir"),
    Breakage(TREE, "or len(heirs) != 1:", "or not heirs:", "split is not passed on"),
    Breakage(INHERITED, "if not any(_newer(", "if not any(False and _newer(", "the new whole"),
    Breakage(INHERITED, "return bool(beside) and not again", "return not again",
             "beside what holds", drawn=True),
    Breakage(INHERITED, "not again and not self._whole(beside, gone.region)", "not again",
             "stated for the whole once one ended", drawn=True),
    Breakage(INHERITED, "and not again and", "and", "stated again for the part", drawn=True),
    Breakage(INHERITED, 'row.region in since and (row.since or "") >= since[row.region] for',
             "row.region in since for", "stated for the whole since", drawn=True),
    Breakage(INHERITED, "*parts.ended(ended), *parts", "*parts", "stated in part", drawn=True),
    Breakage(INHERITED, "*parts.silent(recorded, before, tree_at, above)}", "}",
             "came without a number", drawn=True),
    Breakage(INHERITED, "if not any(one.region in then for one in had)", "if True",
             "came with a number", drawn=True),
    Breakage(INHERITED, " or self._whole(self._holding[unit, family], old)", "",
             "stated for the whole since it came", drawn=True),
    Breakage(ANSWERING, "service = None if both else", "service =", "the wider service"),
    Breakage(ANSWERING, "if row.number or not any(", "if not any(False and ",
             "nothing makes none wider"),
    Breakage(ANSWERING, "left[n] -= done", "left[n] -= 0", "what was part is required once"),
    Breakage(ANSWERING, 'and (rows[n].since or "") < moment', "", "stated when it had gone"),
    Breakage(ANSWERING, "rest = left[part] - sum(taken[part, n] for n in inside)",
             "rest = left[part]", "no more than once"),
    Breakage(PARTED, "added_up(code, self._without_parts(rows, moment))", "added_up(code, rows)",
             "what was part is no gain"),
    Breakage(PARTED, "max(since, ended), heir))", "since, heir))", "in turn from their own day"),
    Breakage(PARTED, "max(ended, pool[heir]), heir", "pool[heir], heir", "joined later"),
    Breakage(PARTED, "if (at, other) < (ended, region)", "if False", "taken off once"),
    Breakage(PARTED, "and other not in pool", "", "what took over in turn is no rival"),
    Breakage(PARTED, "_taken_off(whole, _offset(gains))", "_taken_off(whole, +gains)", "falls"),
    Breakage(PARTED, "self._stated_anew(heir, family, max(since, ended), *seen, unit)", "False",
             "all of its own have numbers"),
    Breakage(PARTED, "for code in pool for number in self.left((code, family))",
             "for code in pool for number in added_up(code, self.holding.get((code, family), []))",
             "what is left of one split in turn"),
    Breakage(VISITS, "if same else Decision(Visited.CORRECTED, own_live[-1])", "if True else None",
             "a register corrects"),
    Breakage(VISITS, "return Decision(Visited.WITHDRAWN)", "return Decision(Visited.NEW)",
             "withdrawn stays so"),
    Breakage(VISITS, 'if visit.values["outcome"] == Outcome.WORKS]', "]",
             "silence takes no failure"),
    Breakage(WRITING, " and list(rows) == list(range(len(values)))", "", "each row its own visit"),
    Breakage(DUE, "sensors=pressures)", "sensors=())", "due by sensors too"),
    Breakage(TODO, "is not Water.WORKING", "is Water.WITHOUT", "unproven water"),
)  # fmt: skip
#: What is tried in every run: found within the first histories.
QUICK = ("withdrawn counts no more", "found before the move", "announced rows")


def caught(folder: Path, breakage: Breakage, examples: int) -> bool:
    """Whether the histories fail with a breakage."""
    for name in ("data", "drivers", "schemas", "tests", "pyproject.toml"):
        (folder / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "hydrant", folder / "hydrant", ignore=shutil.ignore_patterns("*.pyc"))
    file = folder / "hydrant" / breakage.file
    text = file.read_text("utf-8")
    assert text.count(breakage.old) >= 1, f"{breakage.file} no longer says: {breakage.old}"
    file.write_text(text.replace(breakage.old, breakage.new), "utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k",
         "(each_scene or two_computations or chain or stays_part or agrees_on_every_line) "
         "and not server",
         HISTORIES if breakage.drawn or breakage.file not in CHAINS else SPLIT],
        cwd=folder, capture_output=True, text=True, check=False, timeout=1800,
        env={**os.environ, "HYDRANT_EXAMPLES": str(examples), "HYDRANT_SHRINK": "0",
             "PYTHONPATH": str(folder)},
    )  # fmt: skip
    assert "FAILED tests/report" in ran.stdout or ran.returncode == 0, ran.stdout
    return ran.returncode != 0


def test_every_rule_that_is_broken_is_there() -> None:
    for breakage in BREAKAGES:
        text = (ROOT / "hydrant" / breakage.file).read_text("utf-8")
        assert breakage.old in text, f"{breakage.file} no longer says: {breakage.old}"


@pytest.mark.slow
@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda one: one.why.replace(" ", "_"))
def test_a_broken_rule_is_noticed(tmp_path: Path, breakage: Breakage) -> None:
    assert caught(tmp_path, breakage, EXAMPLES), f"nobody noticed: {breakage.why}"


@pytest.mark.parametrize("why", QUICK)
def test_a_few_broken_rules_are_noticed(tmp_path: Path, why: str) -> None:
    (breakage,) = (one for one in BREAKAGES if one.why == why)
    assert caught(tmp_path, breakage, 60)


def test_what_is_not_broken_passes(tmp_path: Path) -> None:
    """Else every breakage would be noticed."""
    assert not caught(tmp_path, Breakage(STATE, "SINCE", "SINCE", "nothing"), 10)
