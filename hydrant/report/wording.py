"""Words a report in one language: figures and assets become a document."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from hydrant import times
from hydrant.integrity.rates import Completeness
from hydrant.messages import label, text
from hydrant.report.asset_findings import Finding
from hydrant.report.asset_tables import asset_table, class_table
from hydrant.report.document import (
    Cell,
    Column,
    Document,
    Form,
    Mark,
    Partial,
    Rate,
    Table,
    percent,
)
from hydrant.report.grouping import Group
from hydrant.report.integrity import IntegrityReport
from hydrant.report.integrity_json import group_name, targets_json
from hydrant.report.listing import LISTS, JudgedAsset, shortfalls
from hydrant.report.remarks import cautions
from hydrant.report.required_name import NAMED, named, required_name, unit_names
from hydrant.report.rule_words import rule_text, source_text
from hydrant.vocabulary import Condition, Language

#: Words that layouts use.
_WORDS = (
    *("total", "page", "none", "proven", "unverified", "missing", "gaps", "list", "more", "map"),
    *("filled_by", "checked_by", "head", "seal_here", "on", "map_hint"),
)


def printed_head(number: int, digest: str) -> str:
    """Number of a seal and half of its hash, in groups that can be read out."""
    half = digest[: len(digest) // 2]
    return f"{number} · {' '.join(half[i : i + 4] for i in range(0, len(half), 4))}"


def document(
    report: IntegrityReport,
    assets: Sequence[JudgedAsset],
    lang: Language,
    *,
    made_at: str,
    digest: str,
    head: tuple[int, str] | None = None,
    findings: Mapping[str, Finding] | None = None,
) -> Document:
    """The report in one language.

    Parameters
    ----------
    assets
        Those behind the figures, as `hydrant.report.listing.counted` gives them.
    made_at
        When it was made, for people.
    digest
        SHA-256 of the figures, so that paper and file can be told to belong together.
    head
        Number and hash of the registry's last seal: on paper they prove its state.
    findings
        What was last found at the assets, by uid.
    """
    known = findings or {}
    wording = _Wording(report, lang)
    everything = asset_table(report, assets, known, lang)
    marks = tuple(
        Mark(*asset.position, str(asset.verdict.condition), row)
        for asset, row in zip(assets, everything.rows, strict=True)
        if asset.position is not None
    )
    lists = (
        class_table(
            name, report, [a for a in assets if a.verdict.condition in conditions], known, lang
        )
        for name, conditions in LISTS.items()
    )
    where = wording.t("everywhere") if report.region is None else wording.region(report.region)
    policy = report.policy
    return Document(
        lang=lang,
        title=wording.t("title", where=where),
        about=(
            (wording.t("as_of"), report.as_of.isoformat()),
            *((wording.t("known_at"), known) for known in wording.known()),
            (wording.t("policy"), f"{policy.title[lang]} ({policy.name} {policy.version})"),
            (wording.t("made_at"), made_at),
            (wording.t("digest"), digest[:16]),
            *(() if head is None else ((wording.t("seal"), printed_head(*head)),)),
        ),
        rates=tuple(wording.rates()),
        remarks=tuple(wording.remarks()),
        tables=(
            wording.groups(),
            wording.targets(),
            wording.shortfall(),
            *lists,
            everything,
            wording.rules(),
        ),
        marks=marks,
        words={name: wording.t(f"word_{name}") for name in _WORDS}
        | {str(found): label("condition", found, lang) for found in Condition},
    )


class _Wording:
    """Words a report's parts in one language."""

    def __init__(self, report: IntegrityReport, lang: Language) -> None:
        self._report, self._lang = report, lang

    def t(self, name: str, /, **facts: object) -> str:
        """A text of the report."""
        return text(f"document.{name}", self._lang, **facts)

    def known(self) -> Iterable[str]:
        """The moment by which what counts was recorded, by the registry's clock, if any."""
        if self._report.known_at is not None:
            yield times.local_moment(self._report.known_at, self._report.zone)

    def region(self, code: str | None) -> str | None:
        """Name of a region."""
        return None if code is None else self._report.tree.name(code, self._lang)

    def _columns(self, *names: tuple[str, Form] | str, summed: Iterable[str] = ()) -> Any:
        pairs = [(name, Form.TEXT) if isinstance(name, str) else name for name in names]
        return tuple(Column(self.t(f"column_{name}"), form, name in summed) for name, form in pairs)

    def rates(self) -> Iterable[Rate]:
        """The two rates; a missing requirement is said, never counted as met."""
        total = self._report.total
        found = total.completeness
        if found is not None:
            counts = self.t(
                "completeness_counts",
                required=found.required,
                built=found.built,
                shortfall=found.shortfall,
            )
            lines = (counts, *self._units(found))
            rate = marked(found)
            told = self._percent(rate, nothing=found.requires_nothing)
            yield Rate(self.t("completeness"), rate, told, found.met, 0, found.required, lines)
        order = total.working_order
        yield Rate(
            self.t("working_order"),
            order.percent,
            self._percent(order.percent, nothing=False),
            order.intact,
            order.stale + order.untested,
            order.existing,
            (
                self.t(
                    "order_counts",
                    existing=order.existing,
                    intact=order.intact,
                    stale=order.stale,
                    untested=order.untested,
                    defective=order.defective,
                ),
                self.t("range", low=_percent(order.low), high=_percent(order.high)),
            ),
        )

    def _percent(self, rate: float | None, *, nothing: bool) -> str:
        """A rate as it is printed; one that nobody knows is called so, a dash says none is due."""
        return self.t("unknown") if rate is None and not nothing else percent(rate)

    def _units(self, found: Completeness) -> tuple[str, ...]:
        count = found.units_without_requirement
        lines = [self.t("units_without", count=count)] if count else []
        names = unit_names(found.units[:NAMED], self._report.tree, self._lang)
        if names:
            more = len(found.units) - len(names)
            lines.append(named(names, more, self._lang))
        return tuple(lines)

    def remarks(self) -> Iterable[str]:
        """What the rates leave out."""
        yield from cautions(self._report, self._lang)
        shown = (group.completeness for group in (self._report.total, *self._report.groups))
        if any(found is not None and found.is_partial for found in shown):
            yield self.t("partial")
        found = self._report.villages
        if found is not None and found.all:
            yield text("integrity.villages", self._lang, all=found.all, **asdict(found))
        private, sensors = self._report.private, self._report.total.sensors
        if (rural := self._report.rural).existing:
            rate = percent(rural.percent)
            yield self.t("rural", existing=rural.existing, intact=rural.intact, percent=rate)
        if count := self._report.not_built:
            yield self.t("not_built", count=count)
        if private.existing:
            apart = self._report.policy.private_apart
            key = "private" if apart else "private_included"
            yield self.t(key, existing=private.existing, intact=private.intact)
        if sensors.equipped:
            yield self.t("sensors", equipped=sensors.equipped, online=sensors.online)
        order = self._report.total.working_order
        if order.unmeasured:
            yield self.t("unmeasured", count=order.unmeasured)
        for code, count in self._report.split:
            yield self.t("split", region=self.region(code), code=code, count=count)

    def groups(self) -> Table:
        """The figures of every group."""
        count, percent = Form.COUNT, Form.PERCENT
        counts = ("required", "built", "shortfall", "existing", "intact", "unverified")
        columns = self._columns(
            "group",
            *(("required", count), ("built", count), ("shortfall", count)),
            ("completeness", percent),
            *(("existing", count), ("intact", count), ("unverified", count)),
            ("defective", count),
            *(("working_order", percent), ("at_best", percent)),
            *(("equipped", count), ("online", count)),
            summed=(*counts, "defective", "equipped", "online"),
        )
        rows = tuple(
            self._group(group, group_name(self._report, group, self._lang) or self.t("word_none"))
            for group in self._report.groups
        )
        whole = self._group(self._report.total, self.t("word_total"))
        return Table("groups", self.t("table_groups"), columns, rows, whole)

    def _group(self, group: Group, name: str) -> tuple[Cell, ...]:
        order, found = group.working_order, group.completeness
        stated = found is not None and found.required > 0
        return (
            name,
            found.required if found is not None and stated else None,
            found.built if found is not None and stated else None,
            found.shortfall if found is not None and stated else None,
            None if found is None else marked(found),
            order.existing,
            order.intact,
            order.stale + order.untested,
            order.defective,
            order.percent,
            order.high,
            group.sensors.equipped,
            group.sensors.online,
        )

    def targets(self) -> Table:
        """What was to be reached by when, and whether it is."""
        percent_, date = Form.PERCENT, Form.DATE
        columns = self._columns(
            ("date", date),
            *(("goal_completeness", percent_), ("has_completeness", percent_)),
            "completeness_met",
            *(("goal_working_order", percent_), ("has_working_order", percent_)),
            "working_order_met", "source",
        )  # fmt: skip
        total = self._report.total
        built = None if total.completeness is None else marked(total.completeness)
        rows = tuple(
            (
                dt.date.fromisoformat(goal["date"]),
                goal["completeness"],
                built,
                self._met(goal["completeness_met"]),
                goal["working_order"],
                total.working_order.percent,
                self._met(goal["working_order_met"]),
                source_text(goal["source"], self._lang),
            )
            for goal in targets_json(self._report)
        )
        return Table("targets", self.t("table_targets"), columns, rows)

    def _met(self, met: bool | None) -> str:
        return self.t({True: "met", False: "missed", None: "unknown"}[met])

    def shortfall(self) -> Table:
        """Requirements that are not met."""
        columns = self._columns(
            "region",
            "kind",
            *(("required", Form.COUNT), ("built", Form.COUNT), ("shortfall", Form.COUNT)),
            summed=("shortfall",),
        )
        rows = tuple(
            (
                self.region(row["region"]),
                required_name(row, self._lang),
                row["required"],
                row["built"],
                row["shortfall"],
            )
            for row in shortfalls(self._report)
        )
        return Table("shortfall", self.t("table_shortfall"), columns, rows)

    def rules(self) -> Table:
        """The numbers of the policy that decide, with their sources."""
        columns = self._columns("rule", "value", "source", "confidence")
        rows = tuple(
            (
                place,
                rule_text(rule, self._lang),
                source_text(str(rule["source"]), self._lang),
                self.t(str(rule["confidence"])),
            )
            for place, rule in self._report.policy.rules.items()
            if place.split(".")[0] in ("switches", "checks", "limits")
        )
        return Table("rules", self.t("table_rules"), columns, rows)


def marked(found: Completeness) -> float | None:
    """The rate, as one that is marked where numbers are lacking."""
    if found.percent is None or not found.is_partial:
        return found.percent
    return Partial(found.percent)


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f} %"
