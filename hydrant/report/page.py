"""The report as one HTML file that works offline: the rates, what is missing, a map, lists."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from string import Template

from hydrant.messages import text
from hydrant.report import page_sections as sections
from hydrant.report.page_assets import STATES
from hydrant.report.page_content import Content
from hydrant.report.page_sections import MOST_ROWS, escaped
from hydrant.resources import resource
from hydrant.vocabulary import Language

#: Libraries that travel with the page, by folder: files of script, of style, and licences. Versions
#: and digests stand in data/page/libraries.json.
LIBRARIES = {
    "leaflet": (("leaflet.js",), ("leaflet.css",), ("LICENSE",)),
    "supercluster": (("supercluster.min.js",), (), ("LICENSE", "LICENSE.kdbush")),
}
_OWN_SCRIPTS = ("start.js", "map.js", "list.js", "filters.js")
#: Rules of a style sheet that fetch pictures; what they are for is not used.
_FETCHING = re.compile(r"[^{}]*\{[^{}]*url\([^{}]*\}")
#: Where the source map of a script would be fetched from.
_SOURCE_MAP = re.compile(r"\n?//# sourceMappingURL=\S*\s*$")


def write_page(path: Path, content: Content) -> int:
    """Write the page; its size in bytes.

    Raises
    ------
    OSError
        It cannot be written.
    """
    made = _page(content).encode("utf-8")
    path.write_bytes(made)
    return len(made)


def _page(content: Content) -> str:
    found = content.found
    tables = {table.name: table for table in found.tables}
    units = tables["groups"]
    words = _page_words(found.lang)
    data = dict(content.data) | {"words": words | _states(content), "most": MOST_ROWS}
    raw = _json(data)
    size = text(
        "page.size", found.lang,
        assets=content.carried, megabytes=f"{len(raw) / 1e6 + 0.25:.1f}",
    )  # fmt: skip
    template = Template(resource("data", "templates", "report.html").read_text(encoding="utf-8"))
    return template.substitute(
        lang=found.lang.value,
        # a page made without photos may fetch nothing at all
        images="" if content.data["photoFolder"] is None else " img-src 'self' file:;",
        title=escaped(found.title),
        style=_style(),
        dated=sections.dated(content),
        head="".join(sections.head(content)),
        rates="".join(sections.rate(rate, found.words["proven"]) for rate in found.rates),
        keys=sections.keys(content),
        remarks=sections.items((*found.remarks, *content.remarks)),
        missing=sections.missing(content),
        units=sections.table(units, content, range(len(units.rows)), opens=True),
        shortfall=sections.table(tables["shortfall"], content, content.need_groups),
        targets=sections.table(tables["targets"], content),
        trend=sections.trend(content),
        rules=sections.table(tables["rules"], content),
        foot=f"<p>{escaped(size)}</p><p>{escaped(_libraries(found.lang))}</p>",
        data=raw,
        script=_script(),
        **{f"word_{name}": escaped(word) for name, word in words.items()},
    )


def _page_words(lang: Language) -> dict[str, str]:
    """Words of pages by name, in one language; the script fills in their facts itself."""
    known = json.loads(resource("data", "messages", "page.json").read_text(encoding="utf-8"))
    return {name: words[lang] for name, words in known.items()}


def _states(content: Content) -> dict[str, str]:
    """Words of states, and of the columns of the list."""
    lang = content.found.lang
    columns = (
        *("code", "kind", "region", "address", "condition", "reason", "faults", "since"),
        *("visited", "outcome", "static", "flow", "photos"),
        *("owner", "maintainer", "supervisor"),
    )
    return {
        **{state: content.found.words[state] for state in STATES},
        **{f"column_{name}": text(f"document.column_{name}", lang) for name in columns},
        **{
            f"heading_{name}": text(f"document.{name}", lang)
            for name in ("completeness", "working_order")
        },
    }


def _libraries(lang: Language) -> str:
    return text("page.libraries", lang, **_versions())


def _versions() -> dict[str, str]:
    known = json.loads(_read("libraries.json"))
    return {name: known[name]["version"] for name in LIBRARIES}


def _json(data: Mapping[str, object]) -> str:
    """Data as JSON that cannot end the script it stands in."""
    made = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return made.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _style() -> str:
    sheets = [
        _FETCHING.sub("", _read(name, sheet))
        for name, (_, styles, _) in LIBRARIES.items()
        for sheet in styles
    ]
    return "\n".join([*sheets, _read("style.css")])


def _script() -> str:
    """Scripts of the libraries, each after its licence, and our own."""
    parts, versions = [], _versions()
    for name, (scripts, _, licences) in LIBRARIES.items():
        terms = "\n".join(_read(name, licence) for licence in licences)
        parts.append(f"/*! {name} {versions[name]}\n{terms}*/")
        parts += [_SOURCE_MAP.sub("", _read(name, script)) for script in scripts]
    own = "\n".join(_read(script) for script in _OWN_SCRIPTS)
    return "\n".join([*parts, own])


def _read(*parts: str) -> str:
    return resource("data", "page", *parts).read_text(encoding="utf-8")
