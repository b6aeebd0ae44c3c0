"""Sections of a page as HTML: rates, what is missing, tables, the picture of a year."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape as _escape

from hydrant.messages import text
from hydrant.report import trend_picture
from hydrant.report.document import Cell, Form, Rate, Table, shown
from hydrant.report.page_content import Content, kind_name
from hydrant.safe_text import printable

#: Cells up to so many characters are not broken.
_SHORT = 12
#: Longest table on the page, which a browser shows without delay; a workbook has all rows.
MOST_ROWS = 2000


def escaped(value: object) -> str:
    """Text that is neither markup nor an order to the screen."""
    return _escape(printable(str(value)))


def head(content: Content) -> Iterator[str]:
    """What the figures rest on, as pairs of a list."""
    for name, value in content.found.about:
        yield f"<div><dt>{escaped(name)}</dt><dd>{escaped(value)}</dd></div>"


def dated(content: Content) -> str:
    """The day of the figures, and by what was known or by which rules, to stand above them."""
    return escaped(" · ".join(f"{name} {value}" for name, value in content.found.about[:2]))


def items(lines: Sequence[str]) -> str:
    """Lines as points of a list."""
    return "".join(f"<li>{escaped(line)}</li>" for line in lines)


def rate(found: Rate, proven: str) -> str:
    """One of the two rates, large, with its bar and what stands behind it."""
    whole = found.whole or 1
    reached = 100 * found.reached / whole
    unknown = 100 * found.unknown / whole if found.whole else 100.0
    lines = "".join(f"<p>{escaped(line)}</p>" for line in found.lines)
    told = f"{found.name}: {found.printed}. {' '.join(found.lines)}"
    return (
        f'<article class="rate"><h3>{escaped(found.name)}</h3>'
        f'<p class="big"><strong>{escaped(found.printed)}</strong></p>'
        f'<svg class="bar" role="img" aria-label="{escaped(told)}" viewBox="0 0 100 4" '
        f'preserveAspectRatio="none"><title>{escaped(proven)}</title>'
        f'<rect class="missing" width="100" height="4"/>'
        f'<rect class="unverified" width="{min(100.0, reached + unknown):.3f}" height="4"/>'
        f'<rect class="proven" width="{reached:.3f}" height="4"/></svg>{lines}</article>'
    )


def keys(content: Content) -> str:
    """What the parts of a bar mean."""
    words = content.found.words
    return "".join(
        f'<span class="key"><svg aria-hidden="true" viewBox="0 0 16 10">'
        f'<rect class="{name}" width="16" height="10"/></svg>{escaped(words[name])}</span>'
        for name in ("proven", "unverified", "missing")
    )


def missing(content: Content) -> str:
    """What is missing to 100 %: three numbers, then kinds."""
    lang = content.found.lang
    sums = {
        "build": content.build,
        "repair": sum(row.repair for row in content.missing),
        "verify": sum(row.verify for row in content.missing),
    }
    cards = "".join(_card(content, work, count) for work, count in sums.items())
    rows = "".join(
        f'<tr><th scope="row">{escaped(kind_name(row.kind, lang))}</th>'
        + "".join(
            f'<td class="number">{count:,}</td>' for count in (row.build, row.repair, row.verify)
        )
        + "</tr>"
        for row in content.missing
    )
    if not rows:
        return f'<div class="cards">{cards}</div>'
    heads = "".join(
        f'<th scope="col" class="number">{escaped(text(f"page.{work}", lang))}</th>'
        for work in sums
    )
    kind = escaped(text("page.kind", lang))
    title = escaped(text("page.by_kind", lang))
    return (
        f'<div class="cards">{cards}</div><details><summary>{title}</summary>'
        f'<div class="scroll" tabindex="0" role="group" aria-label="{title}">'
        f'<table><thead><tr><th scope="col">{kind}</th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div></details>"
    )


def _card(content: Content, work: str, count: int | None) -> str:
    lang = content.found.lang
    if count is None:
        number, hint = text("document.unknown", lang), text("page.nothing_stated", lang)
    else:
        number, hint = f"{count:,}", text(f"page.{work}_hint", lang)
    if work == "build" and content.lacking is not None and count is not None:
        number, hint = (
            f"{number} *",
            f"{hint}. {content.lacking}" if lang == "en" else f"{hint}。{content.lacking}",
        )
    button = ""
    if count:
        word = text("page.show_shortfall" if work == "build" else "page.show_these", lang)
        button = f'<button type="button" data-show="{work}">{escaped(word)}</button>'
    return (
        f'<article class="card {work}"><h3>{escaped(text(f"page.{work}", lang))}</h3>'
        f'<p class="big">{escaped(number)}</p><p>{escaped(hint)}</p>{button}</article>'
    )


def trend(content: Content) -> str:
    """The picture, what its lines mean, and its values as a table."""
    lang, found = content.found.lang, content.trend
    title = text("page.trend", lang)
    drawn = trend_picture.picture(found, escaped(title))
    if not drawn:
        return ""
    keys = "".join(
        f'<span class="key"><svg aria-hidden="true" viewBox="0 0 24 10">{mark}</svg>'
        f"{escaped(text(f'page.trend_{name}', lang))}</span>"
        for name, mark in _TREND_MARKS.items()
    )
    rows = "".join(_trend_row(point, text("document.unknown", lang)) for point in found)
    heads = (
        text("page.day", lang), text("document.column_completeness", lang),
        text("page.order_range", lang),
    )  # fmt: skip
    head = "".join(f'<th scope="col">{escaped(word)}</th>' for word in heads)
    return (
        f'<section aria-labelledby="trend"><h2 id="trend">{escaped(title)}</h2>'
        f'<p class="hint">{escaped(text("page.trend_from", lang))}</p><p>{keys}</p>{drawn}'
        f"<details><summary>{escaped(text('page.trend_rows', lang))}</summary>"
        '<div class="scroll" tabindex="0" role="group" aria-labelledby="trend"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        f"</div></details></section>"
    )


_TREND_MARKS = {
    "built": '<path class="line-built" d="M0 5H24"/>'
    '<rect class="dot-built" x="9" y="2" width="6" height="6"/>',
    "order": '<path class="line-order" d="M0 5H24"/>'
    '<circle class="dot-order" cx="12" cy="5" r="3.5"/>',
    "band": '<rect class="band" width="24" height="10"/>',
}


def _trend_row(point: trend_picture.Point, unknown: str) -> str:
    def printed(value: float | None) -> str:
        return unknown if value is None else f"{value:.2f}"

    mark = " *" if point.partial else ""
    cells = (
        f"{printed(point.completeness)}{mark}",
        f"{printed(point.low)} – {printed(point.high)}",
    )
    return (
        f'<tr><th scope="row">{point.day.isoformat()}</th>'
        + "".join(f'<td class="number">{escaped(cell)}</td>' for cell in cells)
        + "</tr>"
    )


def table(
    found: Table, content: Content, groups: Sequence[int] | None = None, *, opens: bool = False
) -> str:
    """A table with its title; nothing where it has no rows.

    Parameters
    ----------
    groups
        Number of the group that each row is of, -1 for none.
    opens
        Whether the first cell opens the page of its group.
    """
    if not found.rows:
        return ""
    lang = content.found.lang
    heads = "".join(
        f'<th scope="col"{_right(column.form)}>{escaped(column.heading)}</th>'
        for column in found.columns
    )
    body = "".join(
        _row(row, found, -1 if groups is None else groups[n], lang if opens else None)
        for n, row in enumerate(found.rows[:MOST_ROWS])
    )
    left_out = len(found.rows) - MOST_ROWS
    more = f"<p>+ {left_out} {escaped(content.found.words['more'])}</p>" if left_out > 0 else ""
    return (
        "<section>"
        f'<h2 id="{found.name}">{escaped(found.title)}</h2>'
        f'<div class="scroll" tabindex="0" role="group" aria-labelledby="{found.name}">'
        f'<table data-name="{found.name}"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{body}</tbody>{_foot(found, content)}</table></div>{more}</section>"
    )


def _foot(found: Table, content: Content) -> str:
    """The row of the whole, where there is one."""
    whole = found.totals(content.found.words["total"])
    if whole is None:
        return ""
    cells = "".join(
        f"<td{_right(column.form)}>{'' if cell is None else escaped(shown(cell, column.form))}</td>"
        for cell, column in zip(whole[1:], found.columns[1:], strict=True)
    )
    return f'<tfoot><tr><th scope="row">{escaped(whole[0])}</th>{cells}</tr></tfoot>'


def _row(row: tuple[Cell, ...], table: Table, group: int, opens: str | None) -> str:
    told = [escaped(shown(cell, c.form)) for cell, c in zip(row, table.columns, strict=True)]
    cells = [
        f"<td{_right(column.form, str(cell))}>{said}</td>"
        for cell, column, said in zip(row, table.columns, told, strict=True)
    ]
    if opens is not None:
        # the name is also what says to a screen reader which unit is opened
        cells[0] = (
            f'<th scope="row"><button type="button" class="link" data-open="{group}">'
            f"{told[0]}</button></th>"
        )
    mark = "" if group < 0 else f' data-group="{group}"'
    return f"<tr{mark}>{''.join(cells)}</tr>"


def _right(form: Form, cell: str = "") -> str:
    if form is not Form.TEXT:
        return ' class="number"'
    return ' class="short"' if 0 < len(cell) <= _SHORT else ""
