"""Numbers that this level and the one below state for the same assets: somebody decides which."""

from __future__ import annotations

from collections.abc import Collection

from hydrant import times
from hydrant.errors import InputRefused
from hydrant.ids import new_uid
from hydrant.integrity.required import overlap
from hydrant.store.facts.withdrawing import ended_for_itself
from hydrant.store.opened import raw_rows
from hydrant.store.opened.registry import Registry
from hydrant.store.opened.writer import Writer
from hydrant.store.regions.claims import PREFIX, key_of, load_claims, sender_name
from hydrant.store.regions.overlapping import at_one_time, overlapping
from hydrant.store.sides import package_state
from hydrant.store.sql.state_sql import ALWAYS
from hydrant.survey.unit_days import Days, days_of, shared

#: First moment of a time, and first moment after it; stored text, None for no bound.
_Span = tuple[str | None, str | None]


def stated_against(
    registry: Registry, row: raw_rows.Row, own: Collection[str] = ()
) -> list[raw_rows.Row]:
    """Numbers that stand here and take in the same asset as another one at one time.

    Parameters
    ----------
    row
        The other one: a row of a package.
    own
        Keys of numbers that its sender tells apart from it itself.
    """
    return [
        here
        for here in package_state.requirements_of(registry, row["region_code"])
        if here["uid"] not in own
        and overlap((here["kind"], here["service"]), (row["kind"], row.get("service")))
        and at_one_time(*((one["valid_from"], one["valid_until"]) for one in (here, row)))
    ]


def take_number(writer: Writer, source: str, text: str) -> list[raw_rows.Row]:
    """Let a number of the level below stand in place of those that were stated here.

    Returns
    -------
    list
        Those as they were.

    Raises
    ------
    InputRefused
        Its sender does not speak for the region any more.
    """
    row = package_state.row_of(text)
    batch = package_state.batch_of(writer.registry, source)
    speaks = load_claims(writer.registry).speaker(row["region_code"])
    if batch is None or (speaks is not None and key_of(speaks) != key_of(source)):
        raise InputRefused("survey.row_gone", entity="package", uid=source)
    against = stated_against(writer.registry, row)
    for here in against:
        _give_way(writer, here, row, sender_name(source))
    package_state.insert_many(writer, "requirement", [row], batch)
    package_state.remember(writer, source, batch, [("requirement", row["uid"], row["uid"], text)])
    return against


def _give_way(writer: Writer, here: raw_rows.Row, row: raw_rows.Row, why: str) -> None:
    """Let a number of this level hold only while another does not."""
    begins, ends = here["valid_from"], here["valid_until"]
    after, before = row["valid_until"], row["valid_from"]
    later = after is not None and (ends is None or after < ends)
    if later:
        rest = here | {"uid": new_uid(), "valid_from": after}
        rest |= {"recorded_at": times.to_text(writer.moment), "recorded_by": writer.actor}
        raw_rows.insert(writer, "requirement", rest)
    if before is not None and (begins is None or begins < before):
        raw_rows.update(writer, "requirement", here, {"valid_until": before})
        return
    moment = times.to_text(writer.moment)
    withdrawn = {"withdrawn_at": moment, "withdrawn_by": writer.actor, "withdrawn_why": why}
    raw_rows.update(writer, "requirement", here, withdrawn)


def let_stand(writer: Writer, row: raw_rows.Row, side: str) -> list[raw_rows.Row]:
    """Let this level's numbers give way to one that holds longer by a decision; as they were.

    Parameters
    ----------
    side
        Whose word was taken: only a package's makes others give way.

    Raises
    ------
    InputRefused
        A number would stand twice.
    """
    against: list[raw_rows.Row] = []
    if side.startswith(PREFIX) and row["withdrawn_at"] is None:
        theirs = package_state.said(writer.registry, side, "requirement")
        against = stated_against(writer.registry, row, theirs)
        for here in against:
            _give_way(writer, here, row, sender_name(side))
    refuse_twice(writer.registry, row["region_code"])
    return against


def gave_way(registry: Registry, row: raw_rows.Row, source: str) -> list[raw_rows.Row]:
    """Numbers of this level that gave way to one of a sender, withdrawn or ended for it."""
    theirs = package_state.said(registry, source, "requirement")
    where = {"region_code": row["region_code"]}
    return [
        here
        for here in raw_rows.fetch_all(registry, "requirement", where)
        if here["uid"] not in theirs
        and overlap((here["kind"], here["service"]), (row["kind"], row["service"]))
        and (_withdrawn_for(here, row, source) or _ended_for(registry, here, row, source))
    ]


def _withdrawn_for(here: raw_rows.Row, row: raw_rows.Row, source: str) -> bool:
    mine = here["withdrawn_why"] == sender_name(source)
    return mine and shared(days_of(here), days_of(row)) is not None


def _ended_for(registry: Registry, here: raw_rows.Row, row: raw_rows.Row, source: str) -> bool:
    """Whether a number ends as one of the sender begins; what was left of it may be gone too.

    Of two decisions on one number the later days may come first: it ends for the one, and is
    withdrawn for the other.
    """
    left = here["withdrawn_at"] is None or here["withdrawn_why"] == sender_name(source)
    meets = here["valid_until"] == row["valid_from"] is not None
    return bool(left and meets and not ended_for_itself(registry, here["uid"]))


def hold_again(
    writer: Writer, row: raw_rows.Row, source: str, freed: Days | None = None
) -> list[raw_rows.Row]:
    """Let what gave way to a number of the level below hold again, once that stands no more.

    As where a number of this level is withdrawn: what it had replaced holds on, at times of
    which nothing else is stated.

    Parameters
    ----------
    row
        The number as it stood; by now it is withdrawn or gone, or holds for a shorter time.
    freed
        The time for which it stands no more; None for all of it.

    Returns
    -------
    list
        The numbers of this level that hold again, each with the time for which it does.
    """
    registry, freed = writer.registry, freed or days_of(row)
    waiting = gave_way(registry, row, source)
    again: list[raw_rows.Row] = []
    for here in waiting:
        both = shared(days_of(here), freed)
        if here["withdrawn_at"] is not None and both is not None:
            meant = here | {"valid_from": both.begins, "valid_until": both.ends}
            again += [_state_anew(writer, here, span) for span in _free(registry, meant)]
    for here in waiting:
        if _ended_for(registry, here, row, source):
            rest = here | {"valid_from": freed.begins, "valid_until": freed.ends}
            for begins, ends in _free(registry, rest):
                if begins == here["valid_until"] and here["withdrawn_at"] is None:
                    raw_rows.update(writer, "requirement", here, {"valid_until": ends})
                    again.append(here | {"valid_from": begins, "valid_until": ends})
                else:
                    again.append(_state_anew(writer, here, (begins, ends)))
    return again


def _state_anew(writer: Writer, here: raw_rows.Row, span: _Span) -> raw_rows.Row:
    """State a number once more, for a time."""
    anew = here | dict.fromkeys(("withdrawn_at", "withdrawn_by", "withdrawn_why"))
    anew |= {"uid": new_uid(), "valid_from": span[0], "valid_until": span[1]}
    anew |= {"recorded_at": times.to_text(writer.moment), "recorded_by": writer.actor}
    raw_rows.insert(writer, "requirement", anew)
    return anew


def _free(registry: Registry, row: raw_rows.Row) -> list[_Span]:
    """The parts of a number's time at which no other stands for the same assets."""
    begins, free = row["valid_from"], list[_Span]()
    beside = stated_against(registry, row, {row["uid"]})
    for other in sorted(beside, key=lambda one: one["valid_from"] or ""):
        if (other["valid_from"] or "") > (begins or ""):
            free.append((begins, other["valid_from"]))
        if other["valid_until"] is None:
            return free
        begins = max(begins or "", other["valid_until"])
    if (begins or "") < (row["valid_until"] or ALWAYS):
        free.append((begins, row["valid_until"]))
    return free


def refuse_twice(registry: Registry, region: str) -> None:
    """Refuse a decision after which a region requires one asset twice."""
    for one, other in overlapping(registry, region):
        raise InputRefused("survey.required_twice", region=region, one=one.name, other=other.name)
