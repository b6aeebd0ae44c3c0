"""From a stranger's file to a mapping: read it, try what is known, propose, and hear answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hydrant.errors import InputRefused
from hydrant.exchange.encoding import CANDIDATES
from hydrant.exchange.mapping import Mapping, load_mapping, mapping_names
from hydrant.exchange.place_headings import refuse_other_system
from hydrant.exchange.proposal_text import rules_of
from hydrant.exchange.readers import read_headed
from hydrant.exchange.register_file import rules_of_ours
from hydrant.exchange.sheets_of_faults import with_bad_sheets
from hydrant.exchange.suggested_own import own_suggestion
from hydrant.exchange.suggested_place import again, referred
from hydrant.exchange.suggesting import suggest
from hydrant.exchange.suggestion import Choice, Question, Suggestion, line
from hydrant.exchange.table import Table
from hydrant.exchange.toml_text import quoted
from hydrant.geo import datum
from hydrant.messages import label
from hydrant.vocabulary import KINDS, Language

#: Most questions that are asked of one file.
MOST_QUESTIONS = 3
#: Remarks that an answer makes out of date.
_SETTLED = {
    "datum": ("datum",),
    "packed": ("packed",),
    "turned": ("turned",),
    "zone": ("zone",),
    "system": ("projected",),
    "kind": ("no_kind",),
    "words": ("kind_unknown",),
    "days": ("date",),
    "year": ("no_year",),
    "key": ("no_key", "key_too_few"),
}
#: How codes of systems are typed.
_EPSG = "epsg:"
#: More answers than these are not told again.
_MOST_NAMED = 8
#: What goes before when there are more; the key comes last, for there is a rule without it.
_WEIGHT = ("turned", "order", "packed", "datum", "zone", "system", "kind", "words", "rival",
           "days", "year", "units", "otherwise", "remarks_and_bad", "remarks", "states", "key",
           "answers")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stated:
    """What the command line says of a file; None where it says nothing."""

    crs: str | None = None
    kind: str | None = None
    source: str | None = None
    layer: str | None = None
    encoding: str | None = None
    axes: str | None = None
    areas: str | None = None
    lines: str | None = None
    region: str | None = None

    @property
    def constants(self) -> dict[str, str]:
        """Fields of every row that it decides."""
        said = {"kind": self.kind, "region_code": self.region}
        return {name: value for name, value in said.items() if value is not None}

    @property
    def top(self) -> dict[str, str]:
        """Keys of the mapping's top that it decides, but for those that are decided with others."""
        said = {"axes": self.axes, "areas": self.areas, "lines": self.lines}
        return {name: value for name, value in said.items() if value is not None}


@dataclass(slots=True)
class Proposal:
    """A file, and the mapping proposed for it."""

    table: Table
    made: Suggestion
    file: Path
    crs: str | None = None

    @property
    def rules(self) -> Mapping:
        """The mapping as it stands."""
        return rules_of(self.made, f"{self.file.stem}.toml")

    @property
    def placed(self) -> bool:
        """Whether it says where the rows lie."""
        return (
            self.made.known is not None
            or self.made.own
            or not any(one.why.key == "exchange.suggest_no_position" for one in self.made.lines)
        )


def read_for_proposal(file: Path, stated: Stated) -> tuple[Table, int, str | None]:
    """The table of a file, the row of its headings, and the encoding it was read with.

    Without a stated encoding that of a known schema is tried whose headings then stand there.

    Raises
    ------
    InputRefused
        The file cannot be read.
    """
    try:
        table, row = read_headed(file, encoding=stated.encoding, layer=stated.layer)
    except InputRefused as error:
        if error.key != "exchange.encoding" or stated.encoding is not None:
            raise
        found = _in_a_known_encoding(file, stated)
        if found is None:
            raise
        return found
    return with_bad_sheets(file, table, stated.layer), row, stated.encoding


def _in_a_known_encoding(file: Path, stated: Stated) -> tuple[Table, int, str] | None:
    """A file that is not UTF-8, in the encoding in which a known schema's headings stand there."""
    rules = [load_mapping(name) for name in mapping_names()]
    tried = dict.fromkeys(one.encoding for one in rules if one.encoding is not None)
    for encoding in tried:
        try:
            table, row = read_headed(file, encoding=encoding, layer=stated.layer)
        except InputRefused:
            continue  # the bytes are of another encoding
        made = suggest(table, header_row=row, encoding=encoding)
        if made.known is not None and load_mapping(made.known).encoding == encoding:
            return table, row, encoding
    return None


def propose(file: Path, read: tuple[Table, int, str | None], stated: Stated) -> Proposal:
    """The mapping proposed for a table that was read of a file."""
    table, row, encoding = read
    ours = rules_of_ours(table, file, kind=stated.kind)
    if ours is not None and ours.own:
        said = {"source": stated.source, "encoding": encoding, "layer": stated.layer}
        top: dict[str, str | int] = {"header_row": row} if row > 1 else {}
        top |= {name: value for name, value in said.items() if value is not None} | stated.top
        if stated.crs is not None:
            top["crs"] = stated.crs
        made = own_suggestion(table, ours, constants=stated.constants, top=top)
        return Proposal(table, made, file, stated.crs)
    made = suggest(
        table,
        header_row=row,
        encoding=encoding,
        layer=stated.layer,
        crs=stated.crs,
        constants=stated.constants,
        source=stated.source,
        top=stated.top,
    )
    made.questions.sort(key=_weight)
    return Proposal(table, made, file, stated.crs)


def _weight(question: Question) -> int:
    """How early a question is asked: where the rows lie comes before what that refers to."""
    return -1 if _is_place(question) else _WEIGHT.index(question.topic)


def _is_place(question: Question) -> bool:
    return question.topic == "turned" or question.facts.get("target") == "position"


def encodings_offered(error: InputRefused) -> list[tuple[str, str]]:
    """Encodings that fit a file's bytes, each with how a line reads in it."""
    told = str(error.facts["candidates"]).split(" | ")
    pairs = [one.partition(": ") for one in told]
    return [(name, reading) for name, _, reading in pairs if name in CANDIDATES]


def answered(proposal: Proposal, question: Question, typed: str) -> None:
    """Let what was typed change the proposal.

    Raises
    ------
    InputRefused
        It is no answer to the question.
    """
    if question.topic == "system":
        _system(proposal, question, typed)
        return
    if question.topic == "zone" and not _is_choice(question, typed) and _EPSG in typed.casefold():
        _instead(proposal, question, typed)
        return
    choice = chosen(question, typed)
    proposal.made.take(choice)
    if choice.lines:
        proposal.made.settle(_SETTLED.get(question.topic, ()))
    if _is_place(question) and choice.word != "-":
        _go_on(proposal, question, question.choices.index(choice))


def _go_on(proposal: Proposal, question: Question, number: int) -> None:
    """What coordinates refer to, once it is said which ones are meant, or in which order."""
    made, rules = proposal.made, proposal.rules
    if question.pairs:
        referred(made, proposal.table, question.pairs[number], crs=proposal.crs)
    else:
        again(made, proposal.table, rules, crs=proposal.crs)
    made.questions.sort(key=_weight)


def chosen(question: Question, typed: str) -> Choice:
    """The choice that is meant by its number, its word, or its name in either language.

    Raises
    ------
    InputRefused
        None is.
    """
    word = typed.strip().casefold()
    if not word and question.choices[-1].word == "-":
        return question.choices[-1]
    for number, choice in enumerate(question.choices, start=1):
        if word in {str(number), choice.word.casefold(), *_names(choice)}:
            return choice
    told = [f"{number} {choice.word}" for number, choice in enumerate(question.choices, start=1)]
    known = ", ".join(told) if len(told) <= _MOST_NAMED else f"{told[0]} … {told[-1]}"
    raise InputRefused("exchange.no_answer", value=typed.strip(), known=known)


def left_open(proposal: Proposal, question: Question) -> None:
    """Do without an answer: what is not known is left out, and says so."""
    without = {"units": "n", "rival": "-"}.get(question.topic)
    if without is not None:
        proposal.made.take(chosen(question, without))


_SAID = {
    "y": ("yes", "是", "对", "好"),
    "n": ("no", "否", "不"),
    "s": ("save", "存", "保存"),
    "fails": ("不可用", "不能用", "损坏"),
    "nothing": ("无关", "不影响"),
    "understood": ("可识别", "按识别"),
    "no_fails": ("否为不可用",),
    "yes_fails": ("是为不可用",),
    "-": ("none", "无", "没有"),
    "wgs84": ("gps",),
    "gcj02": ("gcj-02", "amap", "高德", "微信"),
    "bd09": ("bd-09", "baidu", "百度"),
}


def _names(choice: Choice) -> set[str]:
    if choice.word in KINDS:
        return {label("kind", choice.word, lang).casefold() for lang in Language}
    return {*_SAID.get(choice.word, ())}


def _is_choice(question: Question, typed: str) -> bool:
    try:
        chosen(question, typed)
    except InputRefused:
        return False
    return True


def _instead(proposal: Proposal, question: Question, typed: str) -> None:
    """Another system than those of the zone that the digits seem to name."""
    before = proposal.made.lines
    proposal.made.lines = [one for one in before if not (one.toml or "").startswith("crs = ")]
    try:
        _system(proposal, question, typed)
    except InputRefused:
        proposal.made.lines = before
        raise
    proposal.made.settle(_SETTLED["zone"])


def _system(proposal: Proposal, question: Question, typed: str) -> None:
    """A system by its code or text, under which the file lies where that system is made for."""
    crs = datum.stated_by(typed.strip())
    x, y = (float(str(question.facts[axis])) for axis in ("x", "y"))
    if question.named is not None:
        refuse_other_system(proposal.file.name, question.named, crs.name)
    if crs.degrees:
        raise InputRefused("exchange.no_degrees", crs=crs.name, x=f"{x:.0f}", y=f"{y:.0f}")
    added = [line("", f"crs = {quoted(crs.name)}", "answered", value=crs.name)]
    if not any((one.toml or "").startswith("axes = ") for one in proposal.made.lines):
        if not _lies(x, y, crs) and _lies(y, x, crs):
            told = {"x": f"{x:.0f}", "y": f"{y:.0f}"}
            added.append(line("", 'axes = "ne"', "north_by_system", crs=crs.name, **told))
        else:
            datum.to_registry_point(x, y, crs)  # its refusal says what is wrong with the answer
    proposal.made.lines += added
    proposal.made.settle(_SETTLED["system"])


def _lies(x: float, y: float, crs: datum.Crs) -> bool:
    """Whether a system has a place for a pair."""
    try:
        datum.to_registry_point(x, y, crs)
    except InputRefused:
        return False
    return True
