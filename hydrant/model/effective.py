"""When a visit takes effect; apart from the tables, because not every reader loads SQLModel."""

from __future__ import annotations

#: When an inspection takes effect. An undated failure counts from the day it was recorded;
#: an undated success is older than everything dated (what is not known is not good).
EFFECTIVE_AT = (
    "coalesce(at, CASE WHEN outcome IN ('fails', 'not_found') THEN recorded_at ELSE '' END)"
)
