"""What is said of an import beside its counts: what befell known assets, and which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

from hydrant.cli.frame import Note
from hydrant.errors import Phrase
from hydrant.exchange.changes import POSITION
from hydrant.exchange.left_standing import Standing
from hydrant.exchange.mapping import ASSET_TARGETS, INSPECTION_TARGETS
from hydrant.exchange.outcome import Outcome
from hydrant.exchange.suggested_otherwise import counted
from hydrant.exchange.table import Table
from hydrant.exchange.twins import SAME_PLACE_M, SAME_THING_M
from hydrant.exchange.visits import Visited
from hydrant.messages import text
from hydrant.vocabulary import Language

#: Rows by the remark that is about them.
_Row = dict[str, int | str | list[str] | None]
_Named = dict[str, list[_Row]]
#: So many assets are named in a remark; all of them in JSON.
_NAMED = 5
_NAMED_STANDING = 20
#: Remarks about rows of which something was not taken as the file has it.
_WARNED = ("moved", "moved_bad", "ended", "visits_untold", "visits_undated", "begun",
           "visits_outweighed",
           "look_alike", "visits_contradicted", "remarks_unclear", "answers_not_known", "hidden",
           "visits_kept", "ended_left_out",
           "ended_otherwise", "ended_counted", "ended_mentioned", "summaries", "worse_elsewhere",
           "held_on", "standing", "at_odds", "outdated", "merged_codes", "swapped", "noughts",
           "commented", "struck", "coloured", "remarks_against", "notes_left", "copies",
           "spelled_alike", "partly", "emptied", "of_others")  # fmt: skip
#: Part of a mapping that each target stands in.
_PARTS = {
    **dict.fromkeys(ASSET_TARGETS, "fields"),
    "event": "lifecycle",
    **dict.fromkeys((n for n in INSPECTION_TARGETS if n != "note"), "inspection"),
}
#: So many columns that were not read.
_SHOWN_COLUMNS = 12


def visits(outcome: Outcome) -> dict[str, int]:
    """What is to be said of visits beside the rows: few files have any of these."""
    return {name: len(rows) for name, rows in _visited(outcome).items()}


def named(outcome: Outcome) -> _Named:
    """The rows that each remark is about, with their assets; remarks about nothing are left out."""
    about = {f"visits_{name}": rows for name, rows in _visited(outcome).items()}
    about |= {"visits_untold": outcome.untold, "visits_undated": outcome.undated}
    about |= {"begun": outcome.begun, "visits_outweighed": _outweighed(outcome)}
    about |= {"hidden": outcome.hidden, "commented": outcome.commented}
    about |= {"struck": outcome.struck, "coloured": sorted(outcome.coloured)}
    about |= {"ended_left_out": outcome.ended_left_out, "ended_counted": outcome.ended_counted}
    about["ended_otherwise"] = outcome.ended_otherwise
    about |= {"ended_mentioned": sorted(outcome.ended_mentioned), "summaries": outcome.summaries}
    about["visits_contradicted"] = sorted(outcome.contradicted)
    about["remarks_unclear"] = sorted(outcome.remarks_unclear)
    about["answers_not_known"] = sorted(outcome.not_known)
    about |= {"remarks_against": sorted(outcome.noted), "notes_left": outcome.notes_left}
    about |= {"worse_elsewhere": outcome.worse_elsewhere, "held_on": sorted(outcome.held_on)}
    about |= {"standing": sorted(outcome.standing), "at_odds": [*outcome.at_odds]}
    about |= {"outdated": sorted(outcome.outdated), "merged": outcome.merged}
    about["merged_codes"] = outcome.namesakes
    about |= {"look_alike": outcome.look_alike, "noughts": outcome.noughts}
    about |= {"copies": outcome.copies, "spelled_alike": sorted(outcome.spelled_alike)}
    about |= {"swapped": outcome.swapped, "partly": sorted(outcome.partly)}
    about |= {"emptied": sorted(outcome.emptied), "of_others": sorted(outcome.of_others)}
    about |= {"moved": sorted(outcome.moved), "moved_bad": sorted(outcome.moved_bad)}
    about |= {"ended": sorted(outcome.ended)}
    found = {name: [_row(outcome, row) for row in rows] for name, rows in about.items() if rows}
    for entry, one in zip(found.get("held_on", ()), outcome.held_on.values(), strict=True):
        entry |= {"said": one.said, "last_good": one.since}
    for entry, pair in zip(found.get("at_odds", ()), outcome.at_odds.values(), strict=True):
        entry["columns"] = list(pair)
    for entry, row in zip(found.get("partly", ()), sorted(outcome.partly), strict=True):
        entry["columns"] = list(outcome.partly[row])
    return found


def notes(outcome: Outcome, data: dict[str, Any], lang: Language) -> list[Note]:
    """What is to be said, in the order of its weight for visits, places and the datum."""
    found = [unread(data["unread"], lang)] if data["unread"] else []
    found += [*dittos(outcome.table, lang), *_answers(outcome, lang)]
    found += [
        note.warning() if name in _WARNED else note
        for name, note in _remarks(outcome, data["named"], lang)
    ]
    if data.get("placed"):
        found.append(Note.of("cli_import_.placed", count=data["placed"]))
    if data.get("misplaced"):
        found.append(Note.of("cli_import_.misplaced", count=data["misplaced"]).warning())
    return [*found, Note.of("cli_places.assumed")] if outcome.assumed_datum else found


def beforehand(outcome: Outcome, lang: Language) -> list[Note]:
    """What is to be known before a file is taken in, of what would not be taken as it has it."""
    found = _remarks(outcome, named(outcome), lang)
    told = [note for name, note in found if name in _WARNED]
    return [*told, *_answers(outcome, lang)]


def _remarks(outcome: Outcome, about: _Named, lang: Language) -> Iterator[tuple[str, Note]]:
    for name, rows in about.items():
        facts = {"count": len(rows), "names": _names(rows, lang)} | _facts(outcome, name)
        if name == "held_on":
            facts["names"] = left_standing_names(outcome.held_on.values(), lang)
        key = "visits_unmeant" if name == "visits_untold" and outcome.unmeant else name
        if name == "partly" and not facts["columns"]:
            continue  # what stands there was told with the state
        yield name, Note.of(f"cli_import_.{key}", **facts)


def _facts(outcome: Outcome, name: str) -> dict[str, object]:
    """What a remark says beside its rows: the columns, fields and cells that it is about."""
    by_field = {"outdated": outcome.outdated, "emptied": outcome.emptied,
                "of_others": outcome.of_others}  # fmt: skip
    if (rows := by_field.get(name)) is not None:
        fields = dict.fromkeys(one for row in rows.values() for one in row)
        told = (Phrase(f"fields.{'geom' if one == POSITION else one}") for one in fields)
        return {"fields": tuple(told)}
    if name == "spelled_alike":
        found = outcome.spelled_alike.items()
        pairs = (" – ".join(sorted((str(outcome.codes[row]), other))) for row, other in found)
        return {"pairs": tuple(dict.fromkeys(pairs))[:_NAMED]}
    if name == "partly":
        return _partly(outcome)
    if name == "visits_untold":
        return {"cells": counted([*outcome.unmeant.values()])} if outcome.unmeant else {}
    if name == "at_odds":
        return {"cells": counted([_both(outcome, row) for row in outcome.at_odds])}
    said = {"visits_contradicted": outcome.contradicted, "ended_mentioned": outcome.ended_mentioned,
            "remarks_unclear": outcome.remarks_unclear, "answers_not_known": outcome.not_known,
            "remarks_against": outcome.noted, "standing": outcome.standing,
            "coloured": _counted(outcome.coloured)}.get(name, {})  # fmt: skip
    columns = tuple(dict.fromkeys(said.values()))
    facts: dict[str, object] = {"columns": columns} if columns else {}
    if name in ("remarks_unclear", "remarks_against", "answers_not_known", "standing"):
        cells = outcome.table.columns
        facts["cells"] = counted([cells[of][row].strip() for row, of in said.items()])
    return facts


def _partly(outcome: Outcome) -> dict[str, object]:
    """Columns of cells that say more than is read of them, and such cells."""
    cells = outcome.table.columns
    each = [
        (row, column, said)
        for row, columns in outcome.partly.items()
        for column in columns
        if (said := cells[column][row].strip()) != outcome.unmeant.get(row)
    ]
    return {
        "count": len({row for row, _, _ in each}),
        "columns": tuple(dict.fromkeys(of for _, of, _ in each)),
        "cells": counted([said for _, _, said in each]),
    }


def left_standing_names(assets: Collection[Standing], lang: Language) -> str:
    """Assets that stay good although their rows were refused: what was said, since when."""
    told = [
        text("cli_import_.held_on_one", lang, code=one.code or one.uid, said=one.said or "–",
             day=one.since or "–")
        for one in assets
    ]  # fmt: skip
    return _listed(told, _NAMED_STANDING, lang)


def _both(outcome: Outcome, row: int) -> str:
    """What the two columns of a row say that contradict each other."""
    cells = outcome.table.columns
    return " / ".join(f"{name} = {cells[name][row].strip()}" for name in outcome.at_odds[row])


def _answers(outcome: Outcome, lang: Language) -> list[Note]:
    """What is said of columns that answer yes and no to nobody knows what."""
    if not outcome.answers:
        return []
    return [unread(list(outcome.answers), lang, "cli_import_.answers_unread")]


def _counted(values: dict[int, str]) -> dict[int, str]:
    """Values by row, each with how often there is one."""
    counted = Counter(values.values())
    return {row: f"{value} × {counted[value]}" for row, value in values.items()}


def same_codes(outcome: Outcome, lang: Language) -> dict[int, str]:
    """Why rows were flagged that bear the number of another asset, elsewhere."""
    return {
        row: text("cli_import_.same_code_row", lang, distance=distance(metres))
        if metres > SAME_PLACE_M
        else text("cli_import_.same_code_place", lang)
        for row, metres in outcome.apart.items()
    }


def distance(metres: float) -> str:
    """Metres, or kilometres where that is enough to go by."""
    if metres < 1000:
        return f"{metres:.0f} m"
    return f"{metres / 1000:.1f} km" if metres < 10_000 else f"{metres / 1000:.0f} km"


def of_register(outcome: Outcome, lang: Language, stated: str | None) -> list[Note]:
    """What is said of a register as a whole: what it names no more, numbers of others, its name."""
    found = []
    if outcome.missing:
        names = [code or uid for uid, code in outcome.missing]
        facts = {"source": outcome.source, "names": _listed(names, _NAMED, lang)}
        note = Note.of("cli_import_.missing", count=len(names), **facts)
        found.append(note.warning())
    here = {row: metres for row, metres in outcome.apart.items() if metres <= SAME_THING_M}
    there = {row: metres for row, metres in outcome.apart.items() if row not in here}
    for key, apart in (("same_code_here", here), ("same_code", there)):
        if apart:
            names = [f"{outcome.codes[row]}: {distance(m)}" for row, m in sorted(apart.items())]
            listed = _listed(names, _NAMED, lang)
            found.append(Note.of(f"cli_import_.{key}", count=len(names), names=listed))
    if outcome.continues is not None and stated is None:
        found.append(
            Note.of("cli_import_.continues", source=outcome.source, name=outcome.continues)
        )
    return found


#: What a mapping may state of cells that were refused, by why they were.
_WAYS = {"exchange.unknown_value": "values", "exchange.not_number": "numbers",
         "exchange.not_whole": "numbers", "exchange.not_exact": "numbers",
         "exchange.not_date": "dates"}  # fmt: skip


def ways_on(outcome: Outcome) -> list[Note]:
    """For each such kind of refusal the key of a mapping that settles it, by its first cell."""
    found: dict[str, Note] = {}
    for _, problem in sorted(outcome.problems.items()):
        way, field = _WAYS.get(problem.why.key), problem.field
        value = str(problem.why.facts.get("value", "")).strip()
        if way is not None and value and field in {*_PARTS}:
            facts = {"part": _PARTS[field], "field": field, "value": value}
            found.setdefault(way, Note.of(f"cli_import_.way_{way}", **facts))
    return [*found.values()]


def dittos(table: Table, lang: Language) -> list[Note]:
    """What is said of cells that were filled from those above."""
    if not table.repeated:
        return []
    told = [f"{column} ({count})" for column, count in table.repeated.items()]
    listed = _listed(told, _SHOWN_COLUMNS, lang)
    return [Note.of("cli_import_.dittos", count=sum(table.repeated.values()), columns=listed)]


def unread(columns: list[str], lang: Language, key: str = "cli_import_.unread") -> Note:
    """What of a file was not read, in the words of a command."""
    listed = _listed(columns, _SHOWN_COLUMNS, lang)
    return Note.of(key, count=len(columns), columns=listed).warning()


def _visited(outcome: Outcome) -> dict[str, list[int]]:
    return {
        "corrected": sorted(outcome.visited(Visited.CORRECTED)),
        "withdrawn": sorted(outcome.visited(Visited.WITHDRAWN)),
        "kept": sorted(outcome.visited(Visited.KEPT)),
        "without_outcome": sorted(outcome.unjudged),
        "earlier": sorted(row for row, one in outcome.visits.items() if one.earlier),
    }


def _outweighed(outcome: Outcome) -> list[int]:
    """Rows that say "works" of a day on which something bad was found, which counts."""
    return sorted(row for row, one in outcome.visits.items() if one.outweighed)


def ended_regions(outcome: Outcome) -> list[Note]:
    """What becomes of each region that rows state and that has ended."""
    said = {str(why.facts["code"]): why for why in outcome.ended.values()}
    return [Note.of(said[code].key, **said[code].facts) for code in sorted(said)[:_NAMED]]


def shifts(outcome: Outcome) -> list[Note]:
    """By which operations positions came from another datum, and how accurate that is."""
    if outcome.overruled is not None:
        facts = {"crs": outcome.crs, "own": outcome.overruled}
        overruled = [Note.of("cli_import_.overruled", **facts).warning()]
    else:
        overruled = []
    if outcome.abroad is not None:
        overruled.append(Note.of(outcome.abroad.key, **outcome.abroad.facts).warning())
    return overruled + [
        Note.of(
            "cli_import_.shifted",
            count=count,
            crs=outcome.crs,
            operation=name,
            metres="?" if metres is None else round(metres),
        )
        for name, count, metres in outcome.shifted
    ]


def _row(outcome: Outcome, row: int) -> _Row:
    return {
        "line": outcome.table.lines[row],
        "code": outcome.codes[row],
        "asset": outcome.assets.get(row),
    }


def _names(rows: list[_Row], lang: Language) -> str:
    """The first assets by their codes, one without a code by its line."""
    names = [str(row["code"] or text("cli_import_.line", lang, line=row["line"])) for row in rows]
    return _listed(names, _NAMED, lang)


def _listed(names: list[str], most: int, lang: Language) -> str:
    return ("、" if lang == "zh" else ", ").join(names[:most]) + (" …" if len(names) > most else "")
