"""Stored columns of the sealed tables of the readings store, in the order in which they are hashed.

Where alarms stand, the latest values and the polls follow from these, or decide nothing.
"""

from __future__ import annotations

_TEXT, _NUMBER, _REAL = (str,), (int,), (float, int)
_WHO = {"by": _TEXT, "why": _TEXT}

#: Of each table its columns with the types that they hold, apart from null.
TABLES: dict[str, dict[str, tuple[type, ...]]] = {
    "reading": {
        **dict.fromkeys(("sensor_uid", "asset_uid", "at"), _TEXT),
        "value": _REAL,
        "quality": _NUMBER,
        **dict.fromkeys(("reason", "raw", "run_uid", "arrived_at"), _TEXT),
    },
    "former_reading": {
        **dict.fromkeys(("sensor_uid", "asset_uid", "at"), _TEXT),
        "value": _REAL,
        "quality": _NUMBER,
        **dict.fromkeys(("reason", "arrived_at", "replaced_at", "replaced_by"), _TEXT),
    },
    "reading_hour": {
        **dict.fromkeys(("sensor_uid", "hour"), _TEXT),
        **dict.fromkeys(("attempts", "good"), _NUMBER),
        **dict.fromkeys(("lowest", "highest", "total"), _REAL),
        **dict.fromkeys(("last_good", "arrived_at"), _TEXT),
    },
    "alarm": {
        **dict.fromkeys(("uid", "sensor_uid", "asset_uid", "kind"), _TEXT),
        **dict.fromkeys(("value", "limit_value"), _REAL),
        **dict.fromkeys(
            (
                *("confirmed_at", "cleared_at", "acknowledged_at", "acknowledged_by"),
                *("shelved_until", "shelved_by", "recorded_at", "cleared_recorded_at"),
                "withdrawn_at",
            ),
            _TEXT,
        ),
    },
    "out_of_service": {"sensor_uid": _TEXT, "since": _TEXT, **_WHO},
    "service_pause": {
        **dict.fromkeys(("sensor_uid", "since", "until"), _TEXT),
        **_WHO,
        **dict.fromkeys(("withdrawn_at", "withdrawn_by", "withdrawn_why"), _TEXT),
    },
    "expected_use": {**dict.fromkeys(("uid", "asset_uid", "since", "until"), _TEXT), **_WHO},
    "birth": {"born_at": _TEXT},
}
#: Columns that are moments on a server, and text in a file.
MOMENTS = {"reading": ("at", "arrived_at")}
