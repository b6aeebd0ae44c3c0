"""The printed sheet of a round: a QR code for every plate, and room for the pen."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import segno

from hydrant import times
from hydrant.geo.answered import bare_pair_in, crs_name
from hydrant.geo.datum import Crs
from hydrant.messages import label, text
from hydrant.report.paper import is_chinese, typeset
from hydrant.survey.form import defect_names
from hydrant.survey.planning import CrewRound, Visit
from hydrant.vocabulary import Language, Outcome

_HEADINGS = ("number", "code", "kind", "address", "last", "defects", "found", "kpa", "flow", "note")


def write_sheet(
    path: Path,
    rounds: Sequence[CrewRound],
    *,
    lang: Language,
    zone: ZoneInfo,
    crs: Crs,
    fonts: Path | None = None,
) -> None:
    """Write the sheets of all crews as one PDF, each crew beginning a page.

    Parameters
    ----------
    crs
        System in which positions are printed, with its name.

    Raises
    ------
    StoreError
        No font with Chinese glyphs is there, and one is needed.
    OSError
        It cannot be written.
    """

    def t(name: str, /, **facts: object) -> str:
        return text(f"round_sheet.{name}", lang, **facts)

    day = times.local_day(times.now(), zone).isoformat()
    data = {
        "lang": lang.value,
        "title": t("title"),
        "headings": [t(f"column_{name}", crs=crs_name(crs.stored)) for name in _HEADINGS],
        "outcomes": [label("outcome", outcome.value, lang) for outcome in Outcome],
        "signed": t("signed"),
        "rounds": [
            {
                "title": t("crew", crew=number, count=len(rounds)),
                "about": t(
                    "about",
                    day=day,
                    stops=len(each.visits),
                    km=f"{each.length_m / 1000:.1f}",
                    minutes=f"{each.minutes:.0f}",
                ),
                "stops": [
                    _stop(n, visit, lang, zone, crs, t) for n, visit in enumerate(each.visits, 1)
                ],
            }
            for number, each in enumerate(rounds, 1)
        ],
    }
    chinese = lang is Language.ZH or any(
        is_chinese(f"{visit.asset.code} {visit.asset.address}")
        for each in rounds
        for visit in each.visits
    )
    path.write_bytes(typeset("round.typ", "round", data, fonts=fonts, chinese=chinese))


def _stop(
    number: int,
    visit: Visit,
    lang: Language,
    zone: ZoneInfo,
    crs: Crs,
    t: Callable[..., str],
) -> dict[str, Any]:
    asset = visit.asset
    name = asset.code or asset.uid
    last = t("never") if asset.last is None else _day(asset.last, zone)
    outcome = "" if asset.outcome is None else label("outcome", asset.outcome, lang)
    return {
        "number": str(number),
        "qr": qr_svg(name),
        "code": name,
        "kind": label("kind", asset.kind, lang),
        "address": " ".join(filter(None, (asset.address, _way(visit, lang, crs)))) or "–",
        "last": f"{last} {outcome}".strip(),
        "defects": text("document.between", lang).join(defect_names(asset.defects, lang)) or "–",
    }


def _way(visit: Visit, lang: Language, crs: Crs) -> str:
    """Where a stop is, and the way from the one before: not every one has an address."""
    if visit.asset.position is None:
        return ""
    place = bare_pair_in(crs, visit.asset.position)
    if visit.leg_m is None:
        return place
    towards = f"{text(f'cli_near.towards_{visit.towards}', lang)} " if visit.towards else ""
    return f"{place} → {towards}{visit.leg_m:.0f} m"


def _day(moment: str, zone: ZoneInfo) -> str:
    return times.local_day(times.from_text(moment), zone).isoformat()


def qr_svg(content: str) -> str:
    """A QR code as SVG; UTF-8 where the text is not plain ASCII, as telephones expect."""
    # left alone, Chinese would be written in Shift JIS, which few readers guess
    encoding = None if content.isascii() else "utf-8"
    code = segno.make_qr(content, error="m", encoding=encoding)
    drawn = io.BytesIO()
    code.save(drawn, kind="svg", xmldecl=False, nl=False, omitsize=True, border=2)
    return drawn.getvalue().decode("utf-8")
