"""What a proposed mapping would make of a file, for people and as JSON."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from hydrant import times
from hydrant.cli.import_notes import beforehand
from hydrant.cli.import_run import Run
from hydrant.cli.import_view import counts_of, reasons_of
from hydrant.cli.screen import Screen
from hydrant.errors import InputRefused
from hydrant.exchange.fitting import fitted
from hydrant.exchange.mapping import Mapping
from hydrant.exchange.outcome import Outcome
from hydrant.exchange.preview import sample
from hydrant.exchange.proposing import Proposal
from hydrant.exchange.rows import unread_columns
from hydrant.exchange.suggested_key import key_of
from hydrant.exchange.suggestion import Line
from hydrant.messages import error_text, text

#: Reasons for refusing that are shown.
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Tried:
    """A mapping as it stands, and what would become of the file by it.

    Attributes
    ----------
    reasons
        Its lines with their reasons.
    outcome
        Of a dry run; None where the file as a whole could not be taken: then `obstacle` says why.
    """

    reasons: list[dict[str, Any]]
    text: str
    rules: Mapping
    outcome: Outcome | None
    obstacle: InputRefused | None


def facts(run: Run, proposal: Proposal, tried: Tried) -> dict[str, Any]:
    """What is told of a proposal, as ``--json`` prints it."""
    lang, made = run.settings.lang, proposal.made
    rules = fitted(tried.rules, proposal.table.columns)
    key = key_of(rules, proposal.table)
    data: dict[str, Any] = {
        "file": run.file.name,
        "read": len(proposal.table),
        "written": False,
        "known": made.known,
        "source": tried.rules.source,
        "mapping": tried.text,
        "reasons": tried.reasons,
        "remarks": [
            text(one.why.key, lang, **one.why.facts)
            for one in made.lines
            if one.toml is None and _worth_telling(one)
        ],
        "key": text(key.key, lang, **key.facts),
        "key_columns": list(rules.key),
        "unused": _unused(tried, proposal, rules),
        "questions": [
            {
                "topic": question.topic,
                "text": text(f"exchange.ask_{question.topic}", lang, **question.facts),
                "choices": [choice.word for choice in question.choices],
            }
            for question in made.questions
        ],
        "sample": [],
    }
    if tried.outcome is None:
        data["obstacle"] = error_text(tried.obstacle, lang) if tried.obstacle else ""
        return data
    data["counts"] = counts_of(tried.outcome) | {"duplicates": len(tried.outcome.duplicates)}
    data["warned"] = [
        text(note.key, lang, **note.facts) for note in beforehand(tried.outcome, lang)
    ]
    data["refusals"] = _refusals(run, tried.outcome)
    data["doubts"] = [
        {
            "line": tried.outcome.table.lines[row],
            "reason": text(doubt.key, lang, **doubt.facts),
        }
        for row, doubt in sorted(tried.outcome.misplaced.items())
    ]
    data["sample"] = _sample(run, tried.outcome, tried.rules)
    return data


def _worth_telling(one: Line) -> bool:
    """Whether a remark says more than the key, or what is said before, or that one is empty."""
    silent = ("unused_empty", "no_key", "partly")
    return one.why.key not in {f"exchange.suggest_{key}" for key in silent}


def show(screen: Screen, data: dict[str, Any]) -> None:
    """Show a proposal: what is taken, what is not and why, the key, and rows as stored."""
    key = "proposed" if data["known"] is None else "proposed_known"
    screen.line(f"cli_import_.{key}", file=data["file"], known=data["known"], count=data["read"])
    for one in data["reasons"]:
        if one["line"] is not None:
            screen.text(f"  {_field(one)}: {one['why']}")
    for why in data["remarks"]:
        screen.text(f"  – {why}")
    if data["known"] is not None and data["unused"]:
        names = tuple(data["unused"])
        screen.text(f"  – {screen.t('cli_import_.unused', known=data['known'], names=names)}")
    screen.line("cli_import_.key", key=data["key"])
    if "obstacle" in data:
        screen.line("cli_import_.no_sample", why=data["obstacle"])
        return
    screen.text()
    if data["sample"]:
        _show_sample(screen, data["sample"])
    screen.line("cli_import_.would", **data["counts"])
    _show_doubts(screen, data)
    for refusal in data["refusals"][:_SHOWN]:
        screen.line("cli_import_.would_refuse", **refusal)


def _show_doubts(screen: Screen, data: dict[str, Any]) -> None:
    """What is left out or doubtful, before anybody says yes."""
    if data["doubts"]:
        screen.line("cli_import_.misplaced", count=len(data["doubts"]))
    for doubt in data["doubts"][:_SHOWN]:
        screen.line("cli_import_.misplaced_row", code="", **doubt)
    for warned in data["warned"]:
        screen.text(f"  – {warned}")


def _show_sample(screen: Screen, rows: list[dict[str, Any]]) -> None:
    screen.line("cli_import_.sample", count=len(rows))
    titles = ("line", "code", "kind", "place", "region", "state", "date")
    screen.table(
        [screen.t(f"cli_import_.column_{title}") for title in titles],
        [_cells(screen, row) for row in rows],
        numeric=(0,),
        whole=(0, 1),
    )
    screen.text()


def _field(one: dict[str, Any]) -> str:
    """What a line fills; a day may be that of a visit or of a removal."""
    name = str(one["line"]).partition(" = ")[0]
    return f"lifecycle.{name}" if one["part"] == "lifecycle" else name


def _cells(screen: Screen, row: dict[str, Any]) -> list[object]:
    region = row["region"]
    return [
        row["line"],
        row["code"],
        screen.label("kind", row["kind"]),
        f"{row['lon']:.5f} {row['lat']:.5f}",
        None if region is None else f"{region} {row['region_name'] or ''}".rstrip(),
        None if row["outcome"] is None else screen.label("outcome", row["outcome"]),
        row["at"],
    ]


def _sample(run: Run, outcome: Outcome, rules: Mapping) -> list[dict[str, Any]]:
    lang = run.settings.lang
    names, zone = run.regions()
    names |= {
        one.code: (one.name_zh if lang == "zh" else one.name_en) or one.code
        for one in rules.regions
    }
    return [
        {
            "line": one.line,
            "code": one.code,
            "kind": one.kind,
            "lon": one.lon,
            "lat": one.lat,
            "region": one.region,
            "region_name": None if one.region is None else names.get(one.region),
            "outcome": one.outcome,
            "at": None if one.at is None else times.local_day(one.at, zone).isoformat(),
        }
        for one in sample(outcome)
    ]


def _refusals(run: Run, outcome: Outcome) -> list[dict[str, Any]]:
    """Reasons for refusing rows, the most frequent first, each in the words of its first row."""
    counted = Counter((one.field, one.why.key) for one in outcome.problems.values())
    first: dict[tuple[str, str], int] = {}
    for row in sorted(outcome.problems):
        problem = outcome.problems[row]
        first.setdefault((problem.field, problem.why.key), row)
    reasons = reasons_of(run.settings, outcome)
    return [
        {"reason": reasons[first[kind]], "count": count, "line": outcome.table.lines[first[kind]]}
        for kind, count in counted.most_common()
    ]


def _unused(tried: Tried, proposal: Proposal, rules: Mapping) -> list[str]:
    """Headings of columns with cells of which nothing is taken."""
    if tried.outcome is not None:
        return tried.outcome.unread
    return unread_columns(proposal.table, rules)
