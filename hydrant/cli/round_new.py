"""An asset found on the spot: its questions, each answer checked as it is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hydrant.cli.places import in_force, place, settled
from hydrant.cli.round_desk import Back, Desk
from hydrant.cli.round_head import name_of
from hydrant.close_words import close_words, folded
from hydrant.errors import InputRefused
from hydrant.geo.distance import distance_bearing
from hydrant.geo.numbers import plain
from hydrant.geo.pasted import Pasted, pasted
from hydrant.messages import Note, label, meanings
from hydrant.model.inputs import AssetInput, kind_words, validated
from hydrant.model.tables import Asset
from hydrant.store.facts.assets import Placement, add_asset, assets_by_uid
from hydrant.store.facts.naming import assets_called
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.transactions import transaction
from hydrant.store.outside.outside_edits import has_regions
from hydrant.store.regions.regions import find_region
from hydrant.store.views.near import candidates
from hydrant.survey.new_asset import DUPLICATE_M
from hydrant.survey.region_at import region_at, region_nearby
from hydrant.survey.submitted import flag_found
from hydrant.vocabulary import KINDS, USUAL_KIND, Language, family_of

#: Systems that are chosen by number.
_SYSTEMS = ("wgs84", "gcj02", "bd09", "cgcs2000")


@dataclass(slots=True)
class Found:
    """What is known of the new asset so far."""

    code: str | None = None
    kind: str = USUAL_KIND
    pasted: Pasted = field(default_factory=lambda: Pasted(0.0, 0.0))
    placement: Placement | None = None
    region: str | None = None
    notes: list[Note] = field(default_factory=list)
    #: The asset on record that it turned out to be.
    is_known: str | None = None


class NewAsset:
    """The questions about one new asset."""

    def __init__(self, registry: Registry, desk: Desk, *, actor: str, region: str | None) -> None:
        self.registry, self.desk, self.actor = registry, desk, actor
        self.region = region
        self.found = Found()

    def ask(self) -> str:
        """Uid of the asset, added or found to be on record.

        Raises
        ------
        Stop, Skip
            The crew ends, or does not want to add it.
        """
        steps: list[Callable[[], None]] = [
            self._code,
            self._kind,
            self._place,
            self._datum,
            self._region,
        ]
        at = 0
        while at < len(steps) and self.found.is_known is None:
            try:
                steps[at]()
                at += 1
            except Back:
                at = max(0, at - 1)
        return self.found.is_known or self._added()

    def _code(self) -> None:
        def accept(typed: str) -> str | None:
            code = plain(typed) or None
            validated(AssetInput, code=code, kind=USUAL_KIND)
            return code

        self.found.code = self.desk.take(self._t("survey.ask_new_code"), accept)
        if self.found.code is None:
            return
        same = [row for row in assets_called(self.registry, self.found.code)
                if folded(row.code) == folded(self.found.code)]  # fmt: skip
        for row in same:
            known = assets_by_uid(self.registry, [row.uid])[row.uid]
            if self._is_it(known, "survey.same_plate"):
                return

    def _is_it(self, known: Asset, key: str, **facts: object) -> bool:
        """Ask whether an asset on record is the one found; keeps it where it is."""
        question = self._t(
            key,
            code=name_of(known),
            kind=label("kind", known.kind, self._lang),
            address=known.address or "–",
            **facts,
        )
        if self.desk.yes(question):
            self.found.is_known = known.uid
        return self.found.is_known is not None

    def _kind(self) -> None:
        for number, kind in enumerate(KINDS, 1):
            self.desk.screen.text(f"  {number:>2}  {label('kind', kind, self._lang)}  {kind}")
        self.found.kind = self.desk.take(self._t("survey.ask_new_kind"), chosen_kind)

    def _place(self) -> None:
        self.found.pasted = self.desk.take(self._t("survey.ask_new_place"), self._pasted)

    def _pasted(self, typed: str) -> Pasted:
        found = pasted(typed)
        if found is None:
            raise InputRefused("cli_places.no_place", value=typed.strip())
        if found.crs is not None:  # a link that says it itself
            self.found.placement = self._placed_in(found, found.crs)
        return found

    def _datum(self) -> None:
        if self.found.pasted.crs is None:
            self.desk.screen.line("survey.systems")
            self.found.placement = self.desk.take(self._t("survey.ask_new_crs"), self._placed)
        for known, metres in self._around():
            if self._is_it(known, "survey.near_known", metres=f"{metres:.0f}"):
                return

    def _placed(self, typed: str) -> Placement:
        word = folded(typed)
        if word.isascii() and word.isdigit() and 1 <= int(word[:9]) <= len(_SYSTEMS):
            word = _SYSTEMS[int(word) - 1]
        return self._placed_in(self.found.pasted, word or None)

    def _placed_in(self, found: Pasted, crs: str | None) -> Placement:
        pair = found.x, found.y
        placement, notes = place(self.registry, pair, crs=crs, region=self.region)
        self.found.notes = list(notes)
        return placement

    def _around(self) -> list[tuple[Asset, float]]:
        """Assets on record that may be the one found, nearest first."""
        made = self.found.placement
        assert made is not None  # noqa: S101  the place was asked before
        near = {
            uid: distance_bearing(made.lon, made.lat, lon, lat)[0]
            for uid, lon, lat in candidates(self.registry, made.lon, made.lat, DUPLICATE_M)
        }
        assets = assets_by_uid(self.registry, near)
        family = family_of(self.found.kind)
        alike = [uid for uid in assets
                 if near[uid] <= DUPLICATE_M and family_of(assets[uid].kind) == family]  # fmt: skip
        return [(assets[uid], near[uid]) for uid in sorted(alike, key=near.__getitem__)]

    def _region(self) -> None:
        made = self.found.placement
        assert made is not None  # noqa: S101  as above
        self.found.region, notes = settled(self.registry, self.region, made)
        if self.found.region is None:
            self.found.region = region_at(self.registry, made.lon, made.lat)
        else:
            self.found.notes += notes
        if self.found.region is None and has_regions(self.registry):
            guess = region_nearby(self.registry, made.lon, made.lat)
            key = "survey.ask_new_region" if guess is None else "survey.ask_new_region_guess"
            self.found.region = self.desk.take(
                self._t(key, region=guess), lambda typed: self._in_force(plain(typed) or guess)
            )
        elif self.found.region is not None:
            self.found.notes += in_force(self.registry, self.found.region)

    def _in_force(self, word: str | None) -> str | None:
        """Code of a region by code or name; an empty answer is none, which is said."""
        if word is None:
            self.found.notes.append(Note.of("cli_places.no_region"))
            return None
        code = find_region(self.registry, word).code
        self.found.notes += in_force(self.registry, code)
        return code

    def _added(self) -> str:
        found, screen = self.found, self.desk.screen
        assert found.placement is not None  # noqa: S101  as above
        entered = validated(AssetInput, code=found.code, kind=found.kind, region_code=found.region)
        with transaction(self.registry, actor=self.actor, origin="survey") as writer:
            asset = add_asset(writer, entered, found.placement, begun=None)
            writer.flush()
            flag_found(writer, [asset.uid], batch=asset.uid)
        screen.line("cli_asset.added", code=found.code or "–", uid=asset.uid)
        for note in found.notes:
            screen.line(note.key, **note.facts)
        return asset.uid

    @property
    def _lang(self) -> Language:
        return self.desk.screen.lang

    def _t(self, key: str, **facts: object) -> str:
        return self.desk.screen.t(key, **facts)


def chosen_kind(typed: str) -> str:
    """A kind by number, word or name in any language; an empty answer is the usual one.

    Raises
    ------
    InputRefused
        It is none; those that may be meant are named.
    """
    word = folded(typed)
    if not word:
        return USUAL_KIND
    if word.isascii() and word.isdigit() and 1 <= int(word[:9]) <= len(KINDS):
        return KINDS[int(word) - 1]
    meant = meanings(KINDS, "kind")
    if word in meant:
        return meant[word]
    close = tuple(dict.fromkeys(meant[name] for name in close_words(word, meant)))
    if close:
        raise InputRefused("survey.kind_close", value=typed.strip(), close=close)
    raise InputRefused("model.kind", field="kind", value=typed.strip(), allowed=kind_words())
