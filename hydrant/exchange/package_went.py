"""Refused assets of a package for which another registry speaks: that one's brings them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from hydrant.errors import Phrase
from hydrant.exchange.package_file import PackageFile
from hydrant.model.geopoint import decode_point
from hydrant.store.views.went_over import Went
from hydrant.vocabulary import family_of

#: Reasons for which an asset is refused that another registry speaks for.
_ANOTHERS = tuple(f"exchange.package_{key}" for key in ("region_of", "region_in", "foreign"))

Foreign = Mapping[str, Mapping[str, Phrase]]


def went_over(package: PackageFile, foreign: Foreign) -> tuple[list[Went], Foreign]:
    """Refused assets that another registry speaks for, and the refused rows of all others.

    Parameters
    ----------
    foreign
        Rows that are not the sender's, by table and key.
    """
    whose = {uid for uid, why in foreign.get("asset", {}).items() if why.key in _ANOTHERS}
    if not whose:
        return [], foreign
    rows: Counter[str] = Counter()
    rest: dict[str, dict[str, Phrase]] = defaultdict(dict)
    for table, refused in foreign.items():
        of = {uid: uid for uid in refused} if table == "asset" else _assets(package, table, refused)
        for uid, why in refused.items():
            if (asset := of.get(uid, "")) in whose:
                rows[asset] += 1
            else:
                rest[table][uid] = why
    found = []
    for row in package.rows("asset"):
        if row["uid"] in whose:
            place = decode_point(row["geom"]) or (None, None)
            family = family_of(row["kind"])
            said = (row["uid"], row["code"], family, *place, row["region_code"], rows[row["uid"]])
            found.append(Went(*said))
    return found, rest


def _assets(package: PackageFile, table: str, refused: Mapping[str, object]) -> dict[str, str]:
    """The assets on which refused rows hang, by the key under which they are refused."""
    found: dict[str, str] = {}
    for row in package.rows(table):
        for key in {row.get("uid"), row.get("sensor_uid")} & refused.keys():
            found[str(key)] = str(row.get("asset_uid"))
    return found
