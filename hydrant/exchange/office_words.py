"""Headings and words of the tables in which offices write units and numbers, as ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache

from hydrant.errors import InputRefused, Phrase
from hydrant.exchange.same_heading import folded
from hydrant.exchange.suggestion import folded as bare_heading
from hydrant.exchange.summaries import headings_again
from hydrant.exchange.table import Table
from hydrant.messages import meanings
from hydrant.plain_text import plain
from hydrant.vocabulary import KINDS, PublicService, RegionLevel, RequirementOrigin

#: A unit of counting behind a heading: 应建数量（处）.
_UNIT = re.compile(r"\([处个座具只台]\)$")
#: What is counted, behind a number: 30处.
_COUNTED = re.compile(r"(?<=[0-9])\s*[处个座具只台口眼]$")
#: A whole number with commas; of a count they are never a decimal mark.
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+")
#: What a word is, and which of its kinds behind it.
_BRACKETED = re.compile(r"(.+?)\s*\(([^()]+)\)")
_REGION_CODE = ("区划代码", "区划编号", "区划编码", "行政区划代码", "行政区划编号", "行政区划编码")
_BEGINS = ("有效期起", "起始日期", "开始日期", "生效日期", "启用日期")

#: What people write over our columns, the likeliest first.
REGION_HEADINGS: Mapping[str, Sequence[str]] = {
    "code": (*_REGION_CODE, "代码", "编号", "编码"),
    "name_zh": ("名称", "区划名称", "行政区划名称", "单位名称", "中文名称"),
    "name_en": ("英文名称", "英文名"),
    "level": ("级别", "层级", "区划级别", "行政级别"),
    "parent_code": (
        *("上级代码", "上级编号", "上级编码", "上级区划代码", "上级区划编号"),
        *("上级", "上级区划", "上级单位"),
    ),
    "valid_from": (*_BEGINS, "设立日期"),
    "valid_until": ("终止日期", "失效日期", "停用日期", "撤销日期"),
    "successors": (
        *("承接区划代码", "承接单位代码", "承接区划", "承接单位", "承接"),
        *("并入区划", "并入单位", "并入"),
    ),
}
REQUIREMENT_HEADINGS: Mapping[str, Sequence[str]] = {
    "region": (
        *(*_REGION_CODE, "行政区划", "区划", "所属区划", "区划名称", "行政区划名称"),
        *("乡镇", "乡镇街道", "单位", "地区"),
    ),
    "kind": ("类别", "种类", "类型", "设施类别", "设施种类", "设施类型"),
    "count": ("应建数量", "需建数量", "应建数", "需建数", "应建", "需建", "数量"),
    "from": _BEGINS,
    "until": ("失效日期", "终止日期"),
    "service": ("服务对象", "服务"),
    "origin": ("来源", "数量来源", "依据"),
    "document": ("文件", "文号", "依据文件", "文件名称"),
}
#: Headings of a day of which nobody says whether a unit or a number still stands on it.
LAST_DAYS = (
    *("有效期止", "有效期至", "有效期截止", "截止日期", "有效至"),
    *("valid until", "valid to", "to", "end"),
)
SPLIT_HEADINGS: Mapping[str, Sequence[str]] = {
    "asset": ("设施编号", "编号", "设施"),
    "region": ("承接区划", "承接单位", "划归", "区划", *_REGION_CODE),
}

#: What several columns may say, each in its way: a code, a name, the number of the row; a title
#: and a number of a document.
_SEVERAL = ("code", "region", "parent_code", "successors", "asset", "origin", "document")

#: What else people call our words.
_MORE: Mapping[str, str] = {
    **dict.fromkeys(("消防栓",), "hydrant"),
    **dict.fromkeys(("地上消火栓",), "hydrant.pillar"),
    **dict.fromkeys(("地下消火栓",), "hydrant.underground"),
    **dict.fromkeys(("水鹤",), "crane"),
    **dict.fromkeys(("取水口", "天然水源取水口", "天然水源取水点"), "intake"),
    **dict.fromkeys(("河流取水口", "河道取水口", "河道取水点"), "intake.river"),
    **dict.fromkeys(("湖泊取水口",), "intake.lake"),
    **dict.fromkeys(("水库取水口",), "intake.reservoir"),
    **dict.fromkeys(("海水取水口",), "intake.sea"),
    **dict.fromkeys(("机井",), "well"),
    **dict.fromkeys(("省级", "自治区", "直辖市"), "province"),
    **dict.fromkeys(("地级市", "设区市", "市级"), "city"),
    **dict.fromkeys(("县", "区", "县级", "区县", "县级市"), "county"),
    **dict.fromkeys(("乡镇", "乡", "镇", "街道", "乡级", "乡镇级", "乡镇街道"), "township"),
    **dict.fromkeys(("村", "社区", "村级", "行政村"), "village"),
    **dict.fromkeys(("乡村",), "rural"),
}
_KNOWN: Mapping[str, Iterable[str]] = {
    "kind": KINDS, "level": RegionLevel, "service": PublicService, "origin": RequirementOrigin,
}  # fmt: skip


def with_our_headings(
    table: Table, headings: Mapping[str, Sequence[str]], needed: Iterable[str]
) -> Table:
    """The table with our names over the columns that are meant; the others stay to be told.

    Raises
    ------
    InputRefused
        A column that is needed is not there under any of its names; or two columns mean the same
        and say otherwise in a row.
    """
    table = _said_once(table.without(headings_again(table)), headings)
    columns = dict(table.columns)
    for ours, theirs in their_headings(table, headings).items():
        if theirs in columns and ours not in columns:
            columns[ours] = columns.pop(theirs)
    for ours in needed:
        if ours not in columns:
            try:
                table.column(ours)
            except InputRefused as error:
                named = f"{ours} ({', '.join(headings[ours][:3])})"
                raise InputRefused(error.key, **(error.facts | {"column": named})) from None
    return replace(table, columns=columns)


def refuse_last_days(table: Table, ours: str) -> None:
    """Refuse ends of which it is not said whether what a row states still holds on that day.

    Parameters
    ----------
    ours
        Our column, of the first day on which it holds no more.
    """
    meant = {bare_heading(name) for name in LAST_DAYS}
    for name, cells in table.columns.items():
        is_last = name != ours and bare_heading(name) in meant
        if is_last and any(map(str.strip, cells)):
            facts = {"file": table.file, "column": name, "ours": ours}
            raise InputRefused("exchange.last_day", **facts)


def their_headings(table: Table, headings: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """What stands in a table over each of our columns that it has."""
    by_fold = {_bare(name): name for name in table.columns}
    found = {}
    for ours, names in headings.items():
        theirs = next((by_fold[folded(n)] for n in (ours, *names) if folded(n) in by_fold), None)
        if theirs is not None:
            found[ours] = theirs
    return found


def count_written(cell: str) -> str:
    """A whole number without the unit behind it and the commas between its thousands: 1,200 处."""
    typed = _COUNTED.sub("", plain(cell).strip())
    return typed.replace(",", "") if _THOUSANDS.fullmatch(typed) else typed


def naming(table: Table, ours: str, headings: Mapping[str, Sequence[str]]) -> list[str]:
    """Columns that may say the same as the one that is read, in another way."""
    meant = {folded(name) for name in headings[ours]}
    return [name for name in table.columns if name != ours and _bare(name) in meant]


def _said_once(table: Table, headings: Mapping[str, Sequence[str]]) -> Table:
    """The table in which one column says each thing, where several mean it and agree.

    A blank cell is filled from the other column.

    Raises
    ------
    InputRefused
        They say otherwise; the first line is named.
    """
    columns = dict(table.columns)
    for ours, names in headings.items():
        meant = [folded(name) for name in (ours, *names)]
        found = [name for name in columns if _bare(name.rstrip("_")) in meant]
        for first, other in _meaning_one(ours, sorted(found, key=lambda n: _rank(n, meant))):
            columns[first] = _agreed(table, first, other, columns[first])
            del columns[other]
    return replace(table, columns=columns)


def _rank(heading: str, meant: Sequence[str]) -> tuple[int, bool]:
    """What columns of one meaning are preferred by: the likeliest, then the first of a name."""
    return meant.index(_bare(heading.rstrip("_"))), heading.endswith("_")


def _meaning_one(ours: str, found: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Pairs of columns that must agree: all of one meaning, or only those of the same heading.

    A code may stand beside the name of the same unit, and beside the number of the row.
    """
    first: dict[str, str] = {}
    for name in found:
        key = _bare(name.rstrip("_")) if ours in _SEVERAL else ours
        if key in first:
            yield first[key], name
        first.setdefault(key, name)


def _agreed(table: Table, first: str, other: str, cells: Sequence[str]) -> list[str]:
    made = []
    for line, one, two in zip(table.lines, cells, table.columns[other], strict=True):
        if one.strip() and two.strip() and folded(one) != folded(two):
            why = Phrase(
                "exchange.two_answers",
                {"first": first, "other": other.rstrip("_"), "one": one, "two": two},
            )
            raise InputRefused("exchange.row", file=table.file, line=line, why=why)
        made.append(one if one.strip() else two)
    return made


def _bare(heading: str) -> str:
    return _UNIT.sub("", folded(heading)).strip()


def code_written(cell: str) -> str:
    """A code with ordinary digits; a name stays as it is written."""
    typed = plain(cell)
    return typed if typed.isascii() else cell.strip()


def word_written(cell: str, group: str) -> str:
    """Our word for what a cell says in either language; the cell where it says none.

    Parameters
    ----------
    group
        ``kind``, ``level``, ``service`` or ``origin``.
    """
    known, said = _words(group), folded(cell)
    behind = _BRACKETED.fullmatch(said)
    other = said if behind is None else f"{behind[2]}{behind[1]}"  # 消火栓(地上式)
    return known.get(said) or known.get(other, cell.strip())


def kind_served(kind: str, service: str) -> tuple[str, str]:
    """Kind and service as our words, where the kind may have that of the service before it.

    市政消火栓 is a hydrant of the municipal service.

    Raises
    ------
    InputRefused
        The service that stands before the kind is not the one that the row names.
    """
    kind, service = word_written(kind, "kind"), word_written(service, "service")
    named = next((name for name in _words("service") if folded(kind).startswith(name)), "")
    own = word_written(folded(kind).removeprefix(named).strip(), "kind")
    if kind in KINDS or not named or own not in KINDS:
        return kind, service
    before = _words("service")[named]
    if service not in ("", before):
        facts = {"first": "kind", "other": "service", "one": kind, "two": service}
        raise InputRefused("exchange.two_answers", **facts)
    return own, before


@cache
def _words(group: str) -> dict[str, str]:
    known = [str(word) for word in _KNOWN[group]]
    return {name: word for name, word in _MORE.items() if word in known} | meanings(known, group)
