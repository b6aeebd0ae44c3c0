"""What the office decided of a submission on its server, and whether it is evidence."""

from __future__ import annotations

import re
from enum import StrEnum

from hydrant.errors import InputRefused
from hydrant.exchange.submission_tables import Cells

#: Names of the column: ODK Central in tables and in JSON, KoBoToolbox.
_COLUMNS = ("ReviewState", "reviewState", "_validation_status")
_KOBO = re.compile(r"validation_status_(\w+)")


class Review(StrEnum):
    """State of a submission's review; what is not yet decided waits."""

    APPROVED = "approved"
    WAITING = "waiting"
    REJECTED = "rejected"


#: Words of both servers. ODK: docs.getodk.org, "Review states"; KoBo: support.kobotoolbox.org,
#: "Record validation".
_WORDS = {
    "": Review.WAITING,
    "received": Review.WAITING,
    "edited": Review.WAITING,
    "hasissues": Review.WAITING,
    "onhold": Review.WAITING,
    "approved": Review.APPROVED,
    "rejected": Review.REJECTED,
    "notapproved": Review.REJECTED,
}


def review_of(cells: Cells) -> Review | None:
    """State of the review; None where the export tells of none.

    Raises
    ------
    InputRefused
        The state is none that is known, so nobody can say whether it is evidence.
    """
    name = next((name for name in _COLUMNS if name in cells), None)
    if name is None:
        return None
    cell = cells[name]
    kobo = _KOBO.search(cell)
    word = re.sub(r"[\s_-]", "", (kobo[1] if kobo else cell)).lower()
    if word not in _WORDS:
        raise InputRefused("exchange.submission_review", column=name, value=cell)
    return _WORDS[word]
