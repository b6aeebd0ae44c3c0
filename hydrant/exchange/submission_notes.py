"""What submissions say beside a good outcome: remarks, and columns that our form does not have."""

from __future__ import annotations

from dataclasses import replace

from hydrant.exchange.submission_tables import FLAT_DEFECTS, FLAT_PHOTOS, Submissions, plain_name
from hydrant.exchange.submissions import CONTENT, Judged
from hydrant.exchange.visit_notes import Beside, beside_visits
from hydrant.store.opened import bulk
from hydrant.store.opened.registry import Registry
from hydrant.survey.submitted import SOURCE, UNCHANGED, compare
from hydrant.vocabulary import Outcome

#: What servers and phones add; none of it says anything of an asset.
_ADDED = {
    *("KEY", "PARENT_KEY", "instanceID", "instanceName", "rootUuid", "SubmissionDate", "Status"),
    *("SubmitterID", "SubmitterName", "AttachmentsPresent", "AttachmentsExpected", "ReviewState"),
    *("DeviceID", "Edits", "FormVersion", "form_version", "formdef_version", "start", "end"),
    *("today", "deviceid", "username", "phonenumber", "simserial", "subscriberid", "uuid"),
    *("photo", "photos", "defects", "defect", "any_defects", "kind", "position.accuracy"),
    *(FLAT_DEFECTS, FLAT_PHOTOS),
}


def weigh_submissions(registry: Registry, found: Submissions, judged: Judged) -> Beside:
    """Refuse good submissions of which something beside says otherwise; what else is to be told.

    What was taken in before and says the same is no news.
    """
    plain = {plain_name(heading) or heading: cells for heading, cells in
             reversed(found.table.columns.items())}  # fmt: skip
    table = replace(found.table, columns=plain)
    outcomes: list[Outcome | None] = [None] * len(table)
    for one in judged.good:
        outcomes[one.row] = one.seen.outcome
    beside = beside_visits(
        table,
        {name: name for name in ("outcome", "note") if name in plain},
        {"outcome": outcomes},
        asked=[name for name in plain if is_known(name)],
        described=[one.row for one in judged.good if one.seen.defects],
    )
    states = bulk.source_states(registry, SOURCE)
    known = {one.row for one in judged.good if compare(states, one)[0] == UNCHANGED}
    for row in beside.problems.keys() - known:
        judged.problems[row] = beside.problems[row]
    judged.good[:] = [one for one in judged.good if one.row not in judged.problems]
    for told in (beside.against, beside.unclear):
        for row in known & told.keys():
            del told[row]
    return beside


def is_known(name: str) -> bool:
    """Whether a column is one of our form, or of what servers add to every form."""
    return name in CONTENT or name in _ADDED or name.startswith("_")


def unread_columns(found: Submissions) -> list[str]:
    """Headings of filled columns that neither our form nor a server has."""
    asked = [name for name in found.table.columns if is_known(plain_name(name) or name)]
    return found.table.unread([*asked, *(n for n in found.table.columns if not plain_name(n))])
