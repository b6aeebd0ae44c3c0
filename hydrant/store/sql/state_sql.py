"""What holds of an asset at a date, told once: its row, whether it exists, its last visit.

Everything that shows the state of an asset is put together from these parts: figures and
explanations, lists, rounds, the nearest sources, exports, what is published. Bound names: ``:end``
first moment after the date, ``:known`` last moment of recording that counts. The asset is ``a``.
"""

from __future__ import annotations

from hydrant import times

#: Later than everything that can have been recorded.
ALWAYS = times.ALWAYS

#: Outcomes that decide, the worst first: of visits at the same moment the worst decides.
DECISIVE = ("fails", "not_found", "works")
_WORST = f"instr('{' '.join(DECISIVE)}', i.outcome)"
_DECIDES = "i.outcome IN ('works', 'fails', 'not_found')"


def counted(alias: str) -> str:
    """Condition that a fact was recorded by then and not withdrawn by then."""
    return (
        f"{alias}.recorded_at <= :known "
        f"AND ({alias}.withdrawn_at IS NULL OR {alias}.withdrawn_at > :known)"
    )


def before(alias: str, column: str = "at") -> str:
    """Condition that something happened before the end of the date, or nobody knows when."""
    return f"({alias}.{column} IS NULL OR {alias}.{column} < :end)"


def assets_at(columns: tuple[str, ...], *, versions: bool) -> str:
    """Rows of assets as they were at the date, one for each asset.

    The present row holds from its ``valid_from`` on; what held before it, and what is announced
    for later, are versions, none of which overlap (`hydrant.store.opened.versions`).

    Parameters
    ----------
    columns
        Columns of the asset table to give; ``geom``, ``lon`` and ``lat`` come after them: the
        present row has the first, a version the other two.
    versions
        Whether there are any.
    """
    shown = ", ".join(columns)
    present = (
        f"SELECT {shown}, geom, NULL AS lon, NULL AS lat FROM asset a WHERE recorded_at <= :known "
        f"AND (valid_from IS NULL OR valid_from < :end)"
    )
    if not versions:
        return present
    of_version = ", ".join("asset_uid AS uid" if name == "uid" else name for name in columns)
    return f"""
{present} AND NOT EXISTS (SELECT 1 FROM asset_version w WHERE w.asset_uid = a.uid
  AND w.replaced_at <= :known AND w.valid_from >= coalesce(a.valid_from, '')
  AND w.valid_from < :end AND w.valid_until >= :end)
UNION ALL
SELECT {of_version}, NULL, lon, lat FROM asset_version v WHERE replaced_at <= :known
  AND (valid_from IS NULL OR valid_from < :end) AND valid_until >= :end
"""


def kind_at(uid: str) -> str:
    """Kind of the asset with a key (an expression) at the date, as `assets_at` gives its row."""
    return f"""
coalesce(
  (SELECT w.kind FROM asset_version w WHERE w.asset_uid = {uid} AND w.replaced_at <= :known
     AND {before("w", "valid_from")} AND w.valid_until >= :end
   ORDER BY w.valid_from DESC LIMIT 1),
  (SELECT p.kind FROM asset p WHERE p.uid = {uid}))
"""


#: The last event before the date decides (a move changes nothing but the place); without one, the
#: first event after it tells what must have been before; without any it is in service.
STATE = f"""
coalesce(
  (SELECT CASE l.event WHEN 'commissioned' THEN 'in_service' WHEN 'resumed' THEN 'in_service'
     ELSE l.event END
   FROM lifecycle l WHERE l.asset_uid = a.uid AND l.confirmed AND l.event <> 'relocated'
     AND {before("l")} AND {counted("l")}
   ORDER BY l.at DESC, l.fid DESC LIMIT 1),
  (SELECT CASE WHEN l.event = 'resumed' THEN 'suspended'
     WHEN l.event IN ('suspended', 'relocated', 'removed') THEN 'in_service' ELSE 'planned' END
   FROM lifecycle l WHERE l.asset_uid = a.uid AND l.confirmed AND l.at >= :end AND {counted("l")}
   ORDER BY l.at, l.fid LIMIT 1),
  'in_service')
"""
#: States in which an asset does not exist.
NOT_EXISTING = ("planned", "under_construction", "removed")
EXISTS = f"{STATE} NOT IN ('planned', 'under_construction', 'removed')"

#: Since when an asset stands where and as it does: only what was found since then says something
#: about it. What was found before it was last gone was found of what stood there then; of a day
#: without a time it was gone until the day's last moment, so that no good finding is its own.
SINCE = f"""
coalesce((SELECT max(CASE WHEN m.event = 'relocated' THEN m.at ELSE hydrant_latest(m.at) END)
  FROM lifecycle m WHERE m.asset_uid = a.uid
  AND m.event IN ('relocated', 'removed', 'planned', 'under_construction')
  AND m.confirmed AND m.at < :end AND {counted("m")}), '')
"""


def took_effect(bad: str) -> str:
    """Moment by which visits ``i`` follow each other; never null.

    A bad finding of which only the day is known is not made older than it can be: it stands at the
    last moment of its day. ``hydrant_latest`` knows the registry's time zone.

    Parameters
    ----------
    bad
        Condition of a finding that lowers what the asset counts as.
    """
    return (
        f"CASE WHEN {bad} THEN coalesce(hydrant_latest(i.at), i.effective_at) "
        "ELSE i.effective_at END"
    )


def visits(what: str, *, where: str, since: str, worst: str, bad: str = "") -> str:
    """The last of an asset's visits that fit: a subquery that gives one value, or none.

    Parameters
    ----------
    what
        Expression over the visit ``i``.
    where
        Which visits are meant.
    since
        First moment that counts: `SINCE`, or ``''`` where nothing was ever moved or gone.
    worst
        What comes first of visits at the same moment.
    bad
        Condition of a finding that stands at the end of its day where only that is known.
    """
    moment = took_effect(bad) if bad else "i.effective_at"
    return (
        f"(SELECT {what} FROM inspection i WHERE i.asset_uid = a.uid AND {where} "
        f"AND i.effective_at < :end AND {moment} >= {since} AND {counted('i')} "
        f"ORDER BY {moment} DESC, {worst} LIMIT 1)"
    )


def last_decisive(what: str, *, since: str = SINCE) -> str:
    """Something of the last decisive visit that counts; see `visits`."""
    worst = f"{_WORST}, i.fid DESC"
    return visits(what, where=_DECIDES, since=since, worst=worst, bad="i.outcome <> 'works'")


def last_flow(what: str, *, since: str = SINCE) -> str:
    """Something of the last visit that counts at which a flow was measured."""
    return visits(what, where="i.flow_l_s IS NOT NULL", since=since, worst="i.flow_l_s, i.fid DESC")


#: A confirmed defect ``d`` that is open at the date.
OPEN_DEFECT = (
    f"d.state = 'confirmed' AND {before('d', 'found_at')} "
    f"AND (d.cleared_at IS NULL OR d.cleared_at >= :end) AND {counted('d')}"
)
#: The first commissioning that is known by the date, the dated ones before the others.
FIRST_COMMISSIONING = f"""
(SELECT l.fid FROM lifecycle l WHERE l.asset_uid = a.uid AND l.event = 'commissioned'
  AND l.confirmed AND {before("l")} AND {counted("l")}
 ORDER BY l.at IS NULL, l.at, l.fid LIMIT 1)
"""
#: States that a file must say, for without a word an asset is in service.
_STAGES = "('planned', 'under_construction', 'suspended')"
#: The state where a file must say it, else null; and the day of the event that decides, if known.
STAGE = f"CASE WHEN {STATE} IN {_STAGES} THEN {STATE} END"
STAGE_SINCE = f"""
CASE WHEN {STATE} IN {_STAGES} THEN
(SELECT l.at FROM lifecycle l WHERE l.asset_uid = a.uid AND l.confirmed
   AND l.event IN {_STAGES} AND {before("l")} AND {counted("l")}
 ORDER BY l.at DESC, l.fid DESC LIMIT 1) END
"""
