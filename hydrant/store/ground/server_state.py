"""What a server shows of itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServerState:
    """What a server shows this login of itself; None is what it does not show.

    Attributes
    ----------
    connections, most_connections
        Open ones and the most that may be.
    oldest_s
        Age of the oldest open transaction in this database, s; 0 without any.
    archiving
        Whether WAL is archived.
    archived_s, archive_failing
        Age of the last archived segment, s, and whether the last attempt failed.
    standbys, standby_lag_s
        Standbys that stream, and how far the last of them is behind, s.
    bytes
        Size of the database.
    """

    connections: int | None
    most_connections: int
    oldest_s: float | None
    archiving: bool
    archived_s: float | None
    archive_failing: bool | None
    standbys: int | None
    standby_lag_s: float | None
    bytes: int
